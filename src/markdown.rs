//! Descriptions in Markdown, as far as people and agents use it in them: headings, paragraphs, lists, quotes, code,
//! emphasis and links. What it does not know stays as it was written, markup of HTML above all.
//!
//! Texts come from anybody, so the work and what comes of it are bounded: by size, by depth, by number.

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

    /// Running text over some lines. Whoever writes a task ends a line where it is to end.
    fn lines(&mut self, lines: &[&str], depth: usize) -> Vec<Inline> {
        let text: Vec<&str> = lines.iter().map(|line| line.trim().trim_end_matches('\\')).collect();
        self.inline(&text.join("\n"), depth)
    }

    fn inline(&mut self, text: &str, depth: usize) -> Vec<Inline> {
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
mod tests {
    use super::*;

    /// A text back from its parts, with a letter for each.
    fn shown(blocks: &[Block]) -> String {
        let one = |block: &Block| match block {
            Block::Heading(level, text) => format!("h{level}({})", line(text)),
            Block::Paragraph(text) => format!("p({})", line(text)),
            Block::Code(code) => format!("code({code})"),
            Block::List(first, items) => {
                let first = first.map(|n| n.to_string()).unwrap_or_default();
                format!("l{first}({})", items.iter().map(|i| shown(i)).collect::<Vec<_>>().join("; "))
            }
            Block::Quote(inner) => format!("q({})", shown(inner)),
            Block::Rule => "rule".into(),
        };
        blocks.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn line(parts: &[Inline]) -> String {
        let one = |part: &Inline| match part {
            Inline::Text(text) => text.clone(),
            Inline::Code(code) => format!("`{code}`"),
            Inline::Emphasis(inner) => format!("*{}*", line(inner)),
            Inline::Strong(inner) => format!("#{}#", line(inner)),
            Inline::Link(to, inner) => format!("[{}]({to})", line(inner)),
            Inline::Break => "/".into(),
        };
        parts.iter().map(one).collect()
    }

    fn of(text: &str) -> String {
        shown(&parse(text))
    }

    #[test]
    fn blocks() {
        for (text, parts) in [
            ("", ""),
            ("one\ntwo\n\nthree", "p(one/two) p(three)"),
            ("# Top #\ntext\n### Third", "h1(Top) p(text) h3(Third)"),
            ("#no heading", "p(#no heading)"),
            ("```rust\nfn *a*() {}\n\n```\nafter", "code(fn *a*() {}\n) p(after)"),
            ("~~~\nopen", "code(open)"),
            ("    let a;\n      b;\n\ntext", "code(let a;\n  b;) p(text)"),
            ("- a\n- b\n  more\n\n- c\nend", "l(p(a); p(b/more); p(c/end))"),
            ("- [ ] a\n- [x] b\n- [y] c", "l(p(☐/a); p(☑/b); p([y] c))"),
            ("3. x\n4. y\n   - z\n   - w", "l3(p(x); p(y) l(p(z); p(w)))"),
            ("* a\n  ```\n  code\n  ```", "l(p(a) code(code))"),
            ("> a\n> > b\n\nc", "q(p(a) q(p(b))) p(c)"),
            ("a\n\n***\n- - -\nb", "p(a) rule rule p(b)"),
            ("text\n- item", "p(text) l(p(item))"),
            ("1986. A year", "l1986(p(A year))"),
        ] {
            assert_eq!(of(text), parts, "{text:?}");
        }
    }

    #[test]
    fn running_text() {
        for (text, parts) in [
            ("*a* _b_ **c** __d__", "*a* *b* #c# #d#"),
            ("***both***", "#*both*#"),
            ("**a *b* c**", "#a *b* c#"),
            ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
            ("*open and `*` closed*", "*open and `*` closed*"),
            ("``a ` b`` `` ` ``", "`a ` b` ```"),
            (r"\*no\* \[x\]", "*no* [x]"),
            ("[a *b*](https://x.y/z \"t\")", "[a b](https://x.y/z)"),
            ("![alt](http://i/x.png)", "[alt](http://i/x.png)"),
            (
                "<mailto:a@b.c> and https://x.y/a_(b).",
                "[mailto:a@b.c](mailto:a@b.c) and [https://x.y/a_(b)](https://x.y/a_(b)).",
            ),
            ("[[1]](http://a)", "[[1]](http://a)"),
        ] {
            let parts = parts.replace("[a b]", "[a *b*]");
            assert_eq!(of(text), format!("p({parts})"), "{text:?}");
        }
    }

    #[test]
    fn nothing_leads_anywhere_but_to_the_web_and_the_post() {
        for text in [
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](\u{1}javascript:alert(1))",
            "[x](data:text/html,<script>)",
            "[x](//evil.example)",
            "[x](?screen=agents)",
            "<javascript:alert(1)>",
            "[x](vbscript:x)",
            "<script>alert(1)</script>",
            "<a href=\"http://x\" onclick=\"y\">",
        ] {
            let blocks = parse(text);
            let [Block::Paragraph(parts)] = &blocks[..] else { panic!("{blocks:?}") };
            let leads = |part: &Inline| matches!(part, Inline::Link(to, _) if to != "http://x");
            assert!(!parts.iter().any(leads), "{parts:?}");
            // What is no link is there as it was written.
            assert_eq!(line(parts).replace("[http://x](http://x)", "http://x"), text);
        }
        assert!(is_safe("HTTPS://x") && !is_safe("http://a b") && !is_safe("https:/x") && !is_safe("http"));
    }

    #[test]
    fn a_hostile_text_stays_shallow() {
        fn depth(blocks: &[Block]) -> usize {
            let one = |block: &Block| match block {
                Block::List(_, items) => items.iter().map(|item| depth(item)).max().unwrap_or(0) + 1,
                Block::Quote(inner) => depth(inner) + 1,
                _ => 1,
            };
            blocks.iter().map(one).max().unwrap_or(0)
        }
        let deep_list: Vec<String> = (0..400).map(|n| "  ".repeat(n) + "- x\n").collect();
        let ticks: Vec<String> = (1..400).map(|n| "`".repeat(n) + "a").collect();
        for text in [
            "> ".repeat(40_000),
            deep_list.concat(),
            "*a ".repeat(30_000),
            "**a* ".repeat(20_000),
            "[".repeat(90_000),
            "[a](".repeat(20_000),
            "`".repeat(90_000),
            ticks.concat(),
            "<".repeat(90_000),
            "*a* ".repeat(20_000),
            "- \n".repeat(30_000),
            "_*".repeat(40_000),
            "ä*ö_ü`".repeat(10_000),
            "http://".repeat(10_000),
            "#".repeat(90_000),
        ] {
            let blocks = parse(&text);
            assert!(depth(&blocks) <= MAX_DEPTH + 2, "{text:.20}");
        }
        assert_eq!(parse(&"x".repeat(MAX_BYTES + 1)).len(), 1);
    }
}
