//! Descriptions in Markdown, as far as people and agents use it in them: headings, paragraphs, lists, quotes, code,
//! emphasis and links. What it does not know stays as it was written, markup of HTML above all.
//!
//! Texts come from anybody, so the work and what comes of it are bounded: by size, by depth, by number.

mod inline;

/// A longer text is shown as it was written.
pub const MAX_BYTES: usize = 100_000;
/// Deeper lists and quotes, and emphasis within emphasis, are text.
const MAX_DEPTH: usize = 8;
/// After so many parts the rest is text.
const MAX_PARTS: usize = 5_000;
/// What stands in the brackets of a link, and its address, is no longer than this.
const MAX_LINK: usize = 500;

/// A part of a text that has lines of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading of this level, 1 to 6.
    Heading(usize, Vec<Inline>),
    /// Running text.
    Paragraph(Vec<Inline>),
    /// Code, as it is.
    Code(String),
    /// A list; numbered from there on where it has numbers.
    List(Option<u32>, Vec<Vec<Block>>),
    /// A quotation.
    Quote(Vec<Block>),
    /// A line across.
    Rule,
}

/// A part of running text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Text.
    Text(String),
    /// Code, as it is.
    Code(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// A link to an address that [`is_safe`].
    Link(String, Vec<Inline>),
    /// The end of a line.
    Break,
}

/// Whether a link may lead there: the web, or a letter.
#[must_use]
pub fn is_safe(address: &str) -> bool {
    let has =
        |scheme: &str| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let is_known = ["http://", "https://", "mailto:"].into_iter().any(has);
    is_known && !address.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// The parts of a text.
#[must_use]
pub fn parse(text: &str) -> Vec<Block> {
    if text.len() > MAX_BYTES {
        return vec![Block::Code(text.to_owned())];
    }
    let lines: Vec<&str> = text.lines().collect();
    Parser { parts: 0 }.blocks(&lines, 0)
}

struct Parser {
    /// How many parts there are.
    parts: usize,
}

impl Parser {
    /// Whether there may be one more, at this depth.
    fn may(&mut self, depth: usize) -> bool {
        self.parts += 1;
        self.parts <= MAX_PARTS && depth <= MAX_DEPTH
    }

    fn blocks(&mut self, lines: &[&str], depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let start = at;
            if line.trim().is_empty() {
                at += 1;
                continue;
            }
            if !self.may(depth) {
                blocks.push(Block::Paragraph(vec![Inline::Text(lines[at..].join("\n"))]));
                break;
            }
            at += 1;
            blocks.push(match Kind::of(line) {
                Kind::Fence(fence) => {
                    let is_end = |line: &&str| {
                        line.trim().starts_with(fence)
                            && line.trim().bytes().all(|byte| fence.as_bytes()[0] == byte)
                    };
                    let length = lines[at..].iter().position(is_end).unwrap_or(lines.len() - at);
                    let code = lines[at..at + length].join("\n");
                    at += length + 1;
                    Block::Code(code)
                }
                Kind::Indented => {
                    at = start
                        + lines[start..]
                            .iter()
                            .take_while(|line| is_indented(line) || line.trim().is_empty())
                            .count();
                    let code: Vec<&str> = lines[start..at].iter().map(|line| unindented(line, 4)).collect();
                    Block::Code(code.join("\n").trim_end().to_owned())
                }
                Kind::Heading(level, text) => Block::Heading(level, self.inline(text, depth)),
                Kind::Rule => Block::Rule,
                Kind::Quote => {
                    let is_quoted = |line: &&&str| line.trim_start().starts_with('>');
                    at = start + lines[start..].iter().take_while(is_quoted).count();
                    let inner: Vec<&str> = lines[start..at]
                        .iter()
                        .filter_map(|line| line.trim_start().strip_prefix('>'))
                        .map(|line| line.strip_prefix(' ').unwrap_or(line))
                        .collect();
                    Block::Quote(self.blocks(&inner, depth + 1))
                }
                Kind::Item(first) => {
                    let (items, length) = items(&lines[start..], first);
                    at = start + length;
                    self.parts += items.len();
                    if self.parts > MAX_PARTS {
                        blocks.push(Block::Code(lines[start..at].join("\n")));
                        continue;
                    }
                    Block::List(first.number, items.iter().map(|item| self.blocks(item, depth + 1)).collect())
                }
                Kind::Text => {
                    let goes_on = |line: &&&str| {
                        !line.trim().is_empty() && matches!(Kind::of(line), Kind::Text | Kind::Indented)
                    };
                    at += lines[at..].iter().take_while(goes_on).count();
                    Block::Paragraph(self.lines(&lines[start..at], depth))
                }
            });
        }
        blocks
    }
}

/// What a line begins.
enum Kind<'a> {
    Fence(&'a str),
    Indented,
    Heading(usize, &'a str),
    Rule,
    Quote,
    Item(Marker),
    Text,
}

/// How an item of a list begins.
#[derive(Clone, Copy)]
struct Marker {
    /// Its number, where it has one.
    number: Option<u32>,
    /// The sign: `-`, `*`, `+`, or what follows a number.
    sign: u8,
    /// How far the text of the item stands in.
    width: usize,
}

impl<'a> Kind<'a> {
    fn of(line: &'a str) -> Self {
        let text = line.trim_start();
        if is_indented(line) {
            return Self::Indented;
        }
        for fence in ["```", "~~~"] {
            // What follows on the line names the language.
            if text.starts_with(fence) {
                let length = text.len() - text.trim_start_matches(&fence[..1]).len();
                let said = &text[length..];
                if !said.contains('`') {
                    return Self::Fence(&text[..length]);
                }
            }
        }
        let level = text.bytes().take_while(|byte| *byte == b'#').count();
        if (1..=6).contains(&level) && (text.len() == level || text[level..].starts_with([' ', '\t'])) {
            return Self::Heading(level, text[level..].trim().trim_end_matches('#').trim_end());
        }
        let mut signs = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
        let sign = signs.next().filter(|sign| b"-*_".contains(sign));
        if sign.is_some() && signs.clone().count() >= 2 && signs.all(|other| Some(other) == sign) {
            return Self::Rule;
        }
        if text.starts_with('>') {
            return Self::Quote;
        }
        Marker::of(line).map_or(Self::Text, Self::Item)
    }
}

impl Marker {
    fn of(line: &str) -> Option<Self> {
        let text = line.trim_start();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let sign = *text.as_bytes().get(digits)?;
        let is_marker =
            if digits == 0 { b"-*+".contains(&sign) } else { digits <= 9 && b".)".contains(&sign) };
        let after = text.get(digits + 1..).filter(|_| is_marker)?;
        if !(after.is_empty() || after.starts_with([' ', '\t'])) {
            return None;
        }
        let spaces = after.len() - after.trim_start().len();
        let width = line.len() - text.len() + digits + 1 + if spaces > 4 { 1 } else { spaces.max(1) };
        Some(Self { number: text[..digits].parse().ok(), sign, width })
    }
}

/// The items of a list, each with its lines, and how many lines that are.
fn items<'a>(lines: &[&'a str], first: Marker) -> (Vec<Vec<&'a str>>, usize) {
    let mut items: Vec<Vec<&str>> = Vec::new();
    let mut width = first.width;
    let mut is_after_blank = false;
    for (at, line) in lines.iter().enumerate() {
        let depth = line.len() - line.trim_start().len();
        if line.trim().is_empty() {
            is_after_blank = true;
            if let Some(item) = items.last_mut() {
                item.push("");
            }
            continue;
        }
        let marker = Marker::of(line).filter(|_| depth < width && !matches!(Kind::of(line), Kind::Rule));
        match (marker, items.last_mut()) {
            (Some(marker), _) if marker.sign == first.sign => {
                width = marker.width;
                let text = line.get(width..).unwrap_or("");
                // A box of a list of things to do is shown as one.
                items.push(match text.get(..4) {
                    Some("[ ] ") => vec!["☐", &text[4..]],
                    Some("[x] " | "[X] ") => vec!["☑", &text[4..]],
                    _ => vec![text],
                });
            }
            (None, Some(item)) if depth >= width.min(2) => item.push(unindented(line, width)),
            // A line that goes on without standing in.
            (None, Some(item)) if !is_after_blank && matches!(Kind::of(line), Kind::Text) => item.push(line),
            _ => return (items, at),
        }
        is_after_blank = false;
    }
    (items, lines.len())
}

fn is_indented(line: &str) -> bool {
    line.starts_with("    ") || line.starts_with('\t')
}

/// A line without up to so many spaces before it.
fn unindented(line: &str, width: usize) -> &str {
    let spaces = line.bytes().take(width).take_while(|byte| *byte == b' ').count();
    let line = &line[spaces..];
    if spaces < width { line.strip_prefix('\t').unwrap_or(line) } else { line }
}

#[cfg(test)]
mod tests;
