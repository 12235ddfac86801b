//! What tells one kind of error from another: its first line without what differs from case to case.
//!
//! | in the message | in the fingerprint |
//! | --- | --- |
//! | text in `"`, `'` or `` ` `` | the quotes with `…` in them |
//! | a path or an address | `/…` |
//! | a UUID, six or more hexadecimal digits, `0x…` | `#` |
//! | a number, with its points and commas | `#` |
//! | any white space | one space |

/// So many characters of a message are looked at.
const LOOKED_AT: usize = 300;
/// From so many digits on a word of hexadecimal digits is an id.
const HEX_FROM: usize = 6;

/// The fingerprint of a message.
#[must_use]
pub fn fingerprint(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let end = line.char_indices().nth(LOOKED_AT).map_or(line.len(), |(at, _)| at);
    let mut rest = &line[..end];
    let mut print = String::with_capacity(rest.len());
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            if before != ' ' {
                print.push(' ');
            }
            (before, rest) = (' ', rest.trim_start());
            continue;
        }
        if let Some(quoted) = quoted(rest, before) {
            print.push(c);
            print.push('…');
            print.push(c);
            (before, rest) = (c, &rest[quoted..]);
            continue;
        }
        if is_separator(c) {
            print.push(c);
            (before, rest) = (c, &rest[c.len_utf8()..]);
            continue;
        }
        let length = word_length(rest);
        let (word, behind) = rest.split_at(length);
        push_word(word, &mut print);
        (before, rest) = (word.chars().next_back().unwrap_or(' '), behind);
    }
    print.truncate(print.trim_end().len());
    print
}

/// How long the word is with which a text begins. An address is one word whatever stands in it.
fn word_length(text: &str) -> usize {
    let to = |ends: fn(char) -> bool| text.find(ends).unwrap_or(text.len());
    let word = to(|c| c.is_whitespace() || is_separator(c));
    if text[..word].contains("://") { to(char::is_whitespace) } else { word }
}

/// What stands between words. An apostrophe within a word is part of it.
const fn is_separator(c: char) -> bool {
    matches!(c, '"' | '`' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | ',' | ';' | '=' | '|')
}

/// The length of a quotation with its quotes, if one begins here.
fn quoted(text: &str, before: char) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    if quote == '\'' && before.is_alphanumeric() {
        return None;
    }
    let inside = &text[1..];
    let ends =
        |at: usize| quote != '\'' || !inside[at + 1..].chars().next().is_some_and(char::is_alphanumeric);
    inside.match_indices(quote).map(|(at, _)| at).find(|at| ends(*at)).map(|at| at + 2)
}

fn push_word(word: &str, print: &mut String) {
    let core = word.trim_end_matches(['.', ':', '!', '?', '\'']);
    let end = &word[core.len()..];
    if is_path(core) {
        print.push_str("/…");
    } else if is_id(core) {
        print.push('#');
    } else {
        push_without_numbers(core, print);
    }
    print.push_str(end);
}

fn is_path(word: &str) -> bool {
    let slashes = word.matches(['/', '\\']).count();
    let begins = ["/", "~/", "./", "../", "\\\\"].iter().any(|start| word.starts_with(start));
    let drive = word.as_bytes().get(1) == Some(&b':') && word.as_bytes().get(2) == Some(&b'\\');
    word.len() > 1
        && slashes > 0
        && (begins || drive || slashes > 1 || word.contains(|c: char| c == '.' || c.is_ascii_digit()))
}

fn is_id(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    let hex = digits.chars().filter(char::is_ascii_hexdigit).count();
    let is_hex = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    is_hex && (digits.len() < word.len() || hex >= HEX_FROM && digits.contains(|c: char| c.is_ascii_digit()))
}

fn push_without_numbers(word: &str, print: &mut String) {
    let mut rest = word;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        print.push_str(&rest[..at]);
        print.push('#');
        rest = &rest[at..];
        let mut end = 0;
        for (at, c) in rest.char_indices() {
            match c {
                '0'..='9' => end = at + 1,
                '.' | '_' | ':' if at == end => {}
                _ => break,
            }
        }
        rest = &rest[end..];
    }
    print.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_case_to_case_is_left_out() {
        for (message, print) in [
            ("out of disk space on /tmp", "out of disk space on /…"),
            ("rate limited by the model, waiting 20 s", "rate limited by the model, waiting # s"),
            ("took 1.5s of 3,000ms", "took #s of #,#ms"),
            ("cannot open 'a b.txt': no such file", "cannot open '…': no such file"),
            ("don't retry task-17 again", "don't retry task-# again"),
            ("it's 'quoted' and isn't", "it's '…' and isn't"),
            (r#"key "user 7" missing"#, r#"key "…" missing"#),
            ("unclosed \"quote 7", "unclosed \"quote #"),
            ("panicked at src/main.rs:10:5:", "panicked at /…:"),
            ("see https://a.example/x?id=9.", "see /…."),
            ("either/or and I/O", "either/or and I/O"),
            ("C:\\Users\\me is gone", "/… is gone"),
            ("commit 3f9a2bc not found", "commit # not found"),
            ("id 550e8400-e29b-41d4-a716-446655440000", "id #"),
            ("at 0xdeadbeef", "at #"),
            ("a facade and a decade", "a facade and a decade"),
            ("exit code=137 (killed)", "exit code=# (killed)"),
            ("  spread \t out\nsecond line", "spread out"),
            ("\n\n first line", "first line"),
            ("Größe 12 überschritten", "Größe # überschritten"),
            ("12:30:01 late", "# late"),
            ("", ""),
        ] {
            assert_eq!(fingerprint(message), print, "{message:?}");
        }
    }

    #[test]
    fn errors_of_one_kind_have_one_fingerprint() {
        let one = fingerprint("task 17 failed after 3 tries: connection to 10.0.0.7:4222 refused");
        let other = fingerprint("task 4 failed after 12 tries: connection to 10.0.0.9:4222 refused");
        assert_eq!(one, other);
        assert_ne!(one, fingerprint("task 4 failed after 12 tries: connection to 10.0.0.9:4222 timed out"));
    }

    #[test]
    fn any_text_has_one_of_bounded_length() {
        for hostile in ["'", "\"\"", "''''", "`\u{1f600}`", "\u{0}\u{7f}", "/", "\\", "0x", "-", "…\"…"] {
            let _ = fingerprint(hostile);
        }
        assert!(fingerprint(&"ü".repeat(10_000)).chars().count() <= LOOKED_AT);
        assert!(fingerprint(&"\"".repeat(10_000)).chars().count() <= 2 * LOOKED_AT);
    }
}
