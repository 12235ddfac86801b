//! Running text: emphasis, code, links, and what stays as it was written.

use super::{Inline, MAX_DEPTH, MAX_LINK, MAX_PARTS, Parser, is_safe};

impl Parser {
    /// Running text over some lines. Whoever writes a task ends a line where it is to end.
    pub(super) fn lines(&mut self, lines: &[&str], depth: usize) -> Vec<Inline> {
        let text: Vec<&str> = lines.iter().map(|line| line.trim().trim_end_matches('\\')).collect();
        self.inline(&text.join("\n"), depth)
    }

    pub(super) fn inline(&mut self, text: &str, depth: usize) -> Vec<Inline> {
        let mut out = Out::default();
        let mut closers = Closers::default();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            if self.parts > MAX_PARTS {
                out.text.push_str(rest);
                break;
            }
            let before = text[..at].chars().next_back();
            let next = at + c.len_utf8();
            let found = match c {
                '\n' => Some((Inline::Break, 1)),
                '\\' if text[next..].starts_with(|c: char| c.is_ascii_punctuation()) => {
                    out.text.push_str(&text[next..=next]);
                    at = next + 1;
                    continue;
                }
                '`' => closers.code(rest).map(|(code, length)| (Inline::Code(code.to_owned()), length)),
                '*' | '_' => self.emphasis(rest, before, &mut closers, depth),
                '[' if closers.is_link_ahead(text, at) => self.link(rest, depth),
                '!' if text[next..].starts_with('[') && closers.is_link_ahead(text, next) => {
                    // No image is fetched: who wants to see it follows the link.
                    self.link(&text[next..], depth).map(|(link, length)| (link, length + 1))
                }
                '<' => rest.bytes().take(MAX_LINK).position(|byte| byte == b'>').and_then(|end| {
                    let address = rest.get(1..end).filter(|address| is_safe(address))?;
                    Some((Inline::Link(address.to_owned(), vec![Inline::Text(address.to_owned())]), end + 1))
                }),
                'h' | 'H' if !before.is_some_and(is_of_word) => bare(rest).map(|address| {
                    (Inline::Link(address.to_owned(), vec![Inline::Text(address.to_owned())]), address.len())
                }),
                _ => None,
            };
            match found {
                Some((part, length)) if self.may(depth) => {
                    out.push(part);
                    at += length;
                }
                // A run of marks that marks nothing is text as a whole.
                _ if matches!(c, '*' | '_' | '`') => {
                    let run = rest.len() - rest.trim_start_matches(c).len();
                    out.text.push_str(&rest[..run]);
                    at += run;
                }
                _ => {
                    out.text.push(c);
                    at = next;
                }
            }
        }
        out.done()
    }

    /// `*so*`, `**so**`, and with `_`, of which none counts within a word.
    fn emphasis(
        &mut self,
        rest: &str,
        before: Option<char>,
        closers: &mut Closers,
        depth: usize,
    ) -> Option<(Inline, usize)> {
        let mark = &rest[..1];
        let run = rest.len() - rest.trim_start_matches(mark).len();
        let width = run.min(2);
        let inside = &rest[width..];
        let is_within_word = mark == "_" && before.is_some_and(is_of_word);
        if inside.starts_with(char::is_whitespace) || is_within_word || run > 3 || depth >= MAX_DEPTH {
            return None;
        }
        let end = closers.emphasis(rest, width, run)?;
        let inner = self.inline(&rest[width..end], depth + 1);
        let part = if width == 2 { Inline::Strong(inner) } else { Inline::Emphasis(inner) };
        Some((part, end + width))
    }

    /// `[text](address)`.
    fn link(&mut self, rest: &str, depth: usize) -> Option<(Inline, usize)> {
        let mut open = 0_usize;
        let mut is_escaped = false;
        let end = rest.char_indices().take(MAX_LINK).find_map(|(at, c)| {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '[' => open += 1,
                ']' => open -= 1,
                _ => {}
            }
            (open == 0).then_some(at)
        })?;
        let after = rest[end + 1..].strip_prefix('(')?;
        let mut open = 1_usize;
        let close = after.char_indices().take(MAX_LINK).find_map(|(at, c)| {
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            (open == 0).then_some(at)
        })?;
        // A title may follow; it is not shown.
        let address = after[..close].split_whitespace().next().unwrap_or_default();
        let address = address.trim_start_matches('<').trim_end_matches('>');
        if !is_safe(address) || depth >= MAX_DEPTH {
            return None;
        }
        let text = rest.get(1..end).filter(|text| !text.trim().is_empty()).unwrap_or(address);
        // A link in a link would be none.
        let text = flat(self.inline(text, MAX_DEPTH));
        Some((Inline::Link(address.to_owned(), text), end + 2 + close + 1))
    }
}

/// Whether a mark beside it lies within a word. What is beyond ASCII counts as letters: the table that says it better
/// would cost the page more than it is worth.
const fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

/// The text of a link, with no other link in it.
fn flat(parts: Vec<Inline>) -> Vec<Inline> {
    let alone = |part| match part {
        Inline::Link(_, inner) => inner,
        other => vec![other],
    };
    parts.into_iter().flat_map(alone).collect()
}

/// An address that stands in the text as it is, without the marks that end a sentence.
fn bare(rest: &str) -> Option<&str> {
    let mut ahead = rest.char_indices().take(MAX_LINK);
    let end = ahead.find(|(_, c)| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`')).map(|(at, _)| at);
    if end.is_none() && rest.len() > MAX_LINK {
        return None;
    }
    let mut address = end.map_or(rest, |end| &rest[..end]);
    // A bracket that was opened in the address belongs to it.
    let is_whole = |address: &str| address.matches('(').count() >= address.matches(')').count();
    while let Some(last) = address.chars().next_back()
        && (".,;:!?']*_".contains(last) || (last == ')' && !is_whole(address)))
    {
        address = &address[..address.len() - 1];
    }
    let scheme = address.find("://")? + 3;
    (is_safe(address) && address.len() > scheme).then_some(address)
}

/// What was looked for and is not there again, so that it is looked for once.
#[derive(Default)]
struct Closers {
    /// Marks of emphasis: one and two stars, one and two underlines.
    without: [bool; 4],
    /// Runs of so many backticks.
    without_code: u64,
    /// Where the next `](` stands in the text, as far as it was looked for.
    link: usize,
}

impl Closers {
    /// Whether a bracket at this place may be that of a link.
    fn is_link_ahead(&mut self, text: &str, at: usize) -> bool {
        if self.link <= at {
            self.link = text[at..].find("](").map_or(usize::MAX, |ahead| at + ahead);
        }
        self.link - at <= 4 * MAX_LINK
    }

    /// Where the mark at the beginning of `rest` is closed.
    fn emphasis(&mut self, rest: &str, width: usize, run: usize) -> Option<usize> {
        let mark = rest.as_bytes().first().copied()?;
        let kind = usize::from(mark == b'_') * 2 + width - 1;
        if self.without[kind] {
            return None;
        }
        let bytes = rest.as_bytes();
        let mut at = run;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 2,
                b'`' => at += self.code(&rest[at..]).map_or(1, |(_, length)| length),
                byte if byte == mark => {
                    let run = bytes[at..].iter().take_while(|byte| **byte == mark).count();
                    let is_within_word = mark == b'_' && rest[at + run..].starts_with(is_of_word);
                    let closes = !bytes[at - 1].is_ascii_whitespace() && !is_within_word;
                    // What is longer than needed closes what is within as well.
                    if closes && (run == width || run == 3) {
                        return Some(at + run - width);
                    }
                    at += run;
                }
                _ => at += 1,
            }
        }
        self.without[kind] = true;
        None
    }

    /// The code between runs of as many backticks as there are at the beginning, and the length of it all.
    fn code<'a>(&mut self, rest: &'a str) -> Option<(&'a str, usize)> {
        let run = rest.bytes().take_while(|byte| *byte == b'`').count();
        let seen = 1_u64.checked_shl(u32::try_from(run).ok()?)?;
        if self.without_code & seen != 0 {
            return None;
        }
        let bytes = rest.as_bytes();
        let mut at = run;
        while at < bytes.len() {
            let length = bytes[at..].iter().take_while(|byte| **byte == b'`').count();
            if length == run {
                let code = &rest[run..at];
                let trimmed = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' '));
                return Some((trimmed.filter(|code| !code.trim().is_empty()).unwrap_or(code), at + run));
            }
            at += length.max(1);
        }
        self.without_code |= seen;
        None
    }
}

/// Parts, and the text that comes to the last of them.
#[derive(Default)]
struct Out {
    parts: Vec<Inline>,
    text: String,
}

impl Out {
    fn push(&mut self, part: Inline) {
        if !self.text.is_empty() {
            self.parts.push(Inline::Text(std::mem::take(&mut self.text)));
        }
        self.parts.push(part);
    }

    fn done(mut self) -> Vec<Inline> {
        if !self.text.is_empty() {
            self.parts.push(Inline::Text(self.text));
        }
        self.parts
    }
}
