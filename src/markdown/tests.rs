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
