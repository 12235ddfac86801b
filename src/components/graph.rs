//! What a task waits for and what waits for it, as a drawing for the eye and as a list for everybody.

use super::{Page, glyph, tone};
use crate::dom::{El, el, svg};
use crate::format::{count, one_line};
use crate::graph::{Graph, Node};

/// So many characters of an id fit in a box.
const ID_CHARS: usize = 12;

/// The drawing of these surroundings.
pub(super) fn drawing(graph: &Graph) -> El {
    let (width, height) = graph.size;
    let lines = graph.edges.iter().map(|edge| svg("path", "edge").attr("d", &graph.path(*edge)));
    let more = graph.more.iter().map(|(left_out, (x, y))| {
        let (x, y) = (x.to_string(), (y + 16).to_string());
        svg("text", "soft").attr("x", &x).attr("y", &y).text(&format!("+{} more", count(*left_out)))
    });
    // The list below says the same, with the links.
    let drawing = svg("svg", "graph")
        .attr("viewBox", &format!("0 0 {width} {height}"))
        .attr("width", &width.to_string())
        .attr("height", &height.to_string())
        .attr("aria-hidden", "true")
        .children(lines)
        .children(graph.nodes.iter().map(node))
        .children(more);
    let listed = el("ul", "unseen").attr("aria-label", "Dependencies").children(
        graph.edges.iter().filter_map(|edge| {
            let (from, to) = (graph.nodes.get(edge.0)?, graph.nodes.get(edge.1)?);
            Some(el("li", "").text(&format!("{} ({}) blocks {} ({})", from.id, word(from), to.id, word(to))))
        }),
    );
    el("div", "graph-frame").child(drawing).child(listed)
}

fn word(node: &Node) -> String {
    node.status.map_or_else(|| "unknown".to_owned(), |status| status.to_string())
}

fn node(node: &Node) -> El {
    let page = Page::here();
    let (width, height) = Graph::node_size();
    let (x, y) = node.at;
    let id = node.id.as_str();
    let mark = node.status.map_or("?", glyph);
    let frame = svg("rect", "")
        .attr("x", &x.to_string())
        .attr("y", &y.to_string())
        .attr("width", &width.to_string())
        .attr("height", &height.to_string())
        .attr("rx", "4");
    let text = |class: &str, dx: usize, text: &str| {
        svg("text", class).attr("x", &(x + dx).to_string()).attr("y", &(y + 16).to_string()).text(text)
    };
    let name = format!("{id}: {} ({})", one_line(&node.title, 120), word(node));
    let link = svg("a", if node.level == 0 { "node here" } else { "node" }).attr("tabindex", "-1");
    let id_of_link = id.to_owned();
    link.bind("href", move || page.task_href(&id_of_link))
        .child(svg("title", "").text(&name))
        .child(frame)
        .child(text(node.status.map_or("grey", tone), 8, mark))
        .child(text("mono", 22, &one_line(id, ID_CHARS)))
}
