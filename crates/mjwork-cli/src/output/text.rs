//! Text out of messages, made fit for a terminal.

/// Whether a terminal takes this character for an order, or shows what follows in another place than it stands.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn shown(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        c if steers(c) => '\u{fffd}',
        c => c,
    }
}

/// Text on one line.
pub fn clip(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// Text on one line of so many characters at the most.
pub fn clip_to(text: &str, width: usize) -> String {
    let mut out: String = text.chars().map(shown).take(width + 1).collect();
    if out.chars().count() > width {
        out.pop();
        out.pop();
        out.push('…');
    }
    out
}

/// Text with its own lines, all but the first of them indented.
pub fn clip_lines(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(|line| clip(&line.replace('\t', "    "))).collect();
    lines.join(&format!("\n{indent}"))
}

/// A count with thousands apart: `112,340`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its thing: `1 task`, `2 tasks`.
pub fn plural(number: usize, thing: &str) -> String {
    let count = count(number as u64);
    if number == 1 { format!("{count} {thing}") } else { format!("{count} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_message_stays_on_its_line() {
        assert_eq!(clip_to("a\u{1b}[2J\nb", 20), "a\u{fffd}[2J b");
        assert_eq!(clip_to("äöüß", 3), "äö…");
        assert_eq!(clip_to("äöü", 3), "äöü");
        assert_eq!(clip("a\u{202e}b\u{9b}c"), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn lines_of_a_text_are_kept_and_nothing_else() {
        assert_eq!(clip_lines("a\n\tb\u{1b}\r\n\n", "  "), "a\n      b\u{fffd}");
    }

    #[test]
    fn counts() {
        assert_eq!([count(0), count(999), count(112_340)], ["0", "999", "112,340"]);
        assert_eq!([plural(1, "task"), plural(2_000, "task")], ["1 task", "2,000 tasks"]);
    }
}
