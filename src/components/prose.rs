//! Markdown as elements. Each part is an element or a text of its own, so that nothing in it can become markup.

use crate::dom::{El, el};
use crate::markdown::{Block, Inline, parse};

/// Headings of a text stand below those of the page.
const HEADINGS: [&str; 6] = ["h4", "h5", "h6", "h6", "h6", "h6"];

/// A text in Markdown.
pub(super) fn prose(text: &str) -> El {
    blocks(el("div", "prose"), &parse(text))
}

fn blocks(parent: El, blocks: &[Block]) -> El {
    parent.children(blocks.iter().map(block))
}

fn block(block: &Block) -> El {
    match block {
        Block::Heading(level, text) => inline(el(HEADINGS[level - 1], ""), text),
        Block::Paragraph(text) => inline(el("p", ""), text),
        Block::Code(code) => el("pre", "").attr("tabindex", "0").child(el("code", "").text(code)),
        Block::Quote(inner) => blocks(el("blockquote", ""), inner),
        Block::Rule => el("hr", ""),
        Block::List(first, items) => {
            let list = match first {
                Some(first) => el("ol", "").attr("start", &first.to_string()),
                None => el("ul", ""),
            };
            list.children(items.iter().map(|item| match &item[..] {
                // An item of one paragraph is a line.
                [Block::Paragraph(text)] => inline(el("li", ""), text),
                item => blocks(el("li", ""), item),
            }))
        }
    }
}

fn inline(parent: El, parts: &[Inline]) -> El {
    parts.iter().fold(parent, |parent, part| match part {
        Inline::Text(text) => parent.text(text),
        Inline::Code(code) => parent.child(el("code", "").text(code)),
        Inline::Emphasis(inner) => parent.child(inline(el("em", ""), inner)),
        Inline::Strong(inner) => parent.child(inline(el("strong", ""), inner)),
        Inline::Link(to, inner) => {
            let link =
                el("a", "").attr("href", to).attr("rel", "noopener noreferrer").attr("target", "_blank");
            parent.child(inline(link, inner))
        }
        Inline::Break => parent.child(el("br", "")),
    })
}
