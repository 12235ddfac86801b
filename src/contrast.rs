//! The contrast of every pair of colours that stands on the page, by WCAG 2.2, out of the style sheet itself.

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../style/tokens.css");

/// Text needs this much (1.4.3, AA).
const TEXT: f64 = 4.5;
/// What one must see in order to use it, such as the edge of a field or the ring of the focus, needs this much (1.4.11).
const EDGE: f64 = 3.0;

type Rgb = [u8; 3];

/// Each token's colour in light and in dark.
fn colours() -> BTreeMap<String, [Rgb; 2]> {
    let mut found: BTreeMap<String, [Rgb; 2]> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for line in TOKENS.lines() {
        let Some((name, value)) = line.trim().strip_suffix(';').and_then(|line| line.split_once(": ")) else {
            continue;
        };
        if let Some(pair) = value.strip_prefix("light-dark(").and_then(|pair| pair.strip_suffix(')')) {
            if let Some((light, dark)) = pair.split_once(", ")
                && let (Some(light), Some(dark)) = (hex(light), hex(dark))
            {
                found.insert(name.to_owned(), [light, dark]);
            }
        } else if let Some(other) = value.strip_prefix("var(").and_then(|name| name.strip_suffix(')')) {
            names.insert(name.to_owned(), other.to_owned());
        }
    }
    for (name, other) in names {
        if let Some(pair) = found.get(&other) {
            found.insert(name, *pair);
        }
    }
    found
}

fn hex(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

fn luminance(colour: Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

const SURFACES: [&str; 5] = ["--surface-0", "--surface-1", "--surface-2", "--surface-3", "--surface-4"];

#[test]
fn the_measure_is_that_of_the_standard() {
    let (black, white) = ([0; 3], [255; 3]);
    assert!((contrast(black, white) - 21.0).abs() < 0.001 && (contrast(white, white) - 1.0).abs() < 0.001);
    assert!((contrast([0x77; 3], white) - 4.48).abs() < 0.01);
}

#[test]
fn every_text_can_be_read_on_every_surface() {
    let colours = colours();
    let mut faint = Vec::new();
    for text in ["--text", "--text-soft", "--blue", "--green", "--red", "--amber", "--grey", "--accent"] {
        for surface in SURFACES {
            for (at, theme) in ["light", "dark"].iter().enumerate() {
                let found = contrast(colours[text][at], colours[surface][at]);
                if found < TEXT {
                    faint.push(format!("{text} on {surface} in {theme}: {found:.2}"));
                }
            }
        }
    }
    for strong in ["--accent", "--accent-strong"] {
        for (text, surface) in colours["--text-on-strong"].into_iter().zip(colours[strong]) {
            let found = contrast(text, surface);
            if found < TEXT {
                faint.push(format!("--text-on-strong on {strong}: {found:.2}"));
            }
        }
    }
    assert!(faint.is_empty(), "{faint:#?}");
}

#[test]
fn every_edge_and_mark_can_be_seen() {
    let colours = colours();
    let mut faint = Vec::new();
    for edge in ["--hairline-strong", "--accent", "--blue", "--green", "--red", "--amber"] {
        for surface in SURFACES {
            for (at, theme) in ["light", "dark"].iter().enumerate() {
                let found = contrast(colours[edge][at], colours[surface][at]);
                // A field's edge stands on the surfaces that forms have; the last two are for hovering and badges.
                if found < EDGE && !(edge == "--hairline-strong" && surface == "--surface-4") {
                    faint.push(format!("{edge} on {surface} in {theme}: {found:.2}"));
                }
            }
        }
    }
    assert!(faint.is_empty(), "{faint:#?}");
}

#[test]
fn surfaces_are_close_steps_in_one_direction() {
    let colours = colours();
    for pair in SURFACES.windows(2) {
        for (one, next) in colours[pair[0]].into_iter().zip(colours[pair[1]]) {
            let step = contrast(one, next);
            assert!((1.02..1.35).contains(&step), "{pair:?}: {step:.3}");
        }
    }
}
