//! What a task waits for and what waits for it, two levels each way, as boxes in rows with lines between them.
//! Each row is a window: what does not fit is counted.

use hashbrown::HashSet;
use mjwork::TaskId;
use mjwork::board::{Board, Status, Task};

/// So many tasks stand in a row.
pub const PER_ROW: usize = 3;
/// So many neighbours are looked at in all.
const LOOKED_AT: usize = 10_000;
/// The size of a box, and the room between boxes and between rows, in the units of the drawing.
const BOX: (usize, usize) = (116, 24);
const GAP: (usize, usize) = (6, 22);
/// The room that the word of what is left out takes at the end of a row.
const MORE: usize = 50;

/// A task in the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The task.
    pub id: TaskId,
    /// What it is called; empty where nobody knows it.
    pub title: String,
    /// Where it stands; none where nobody knows it.
    pub status: Option<Status>,
    /// How far it is from the task in the middle: below 0 for what is waited for.
    pub level: i8,
    /// The left upper corner of its box.
    pub at: (usize, usize),
}

/// The drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// The tasks.
    pub nodes: Vec<Node>,
    /// Which waits for which: places in `nodes`, the one that is waited for first.
    pub edges: Vec<(usize, usize)>,
    /// How many are left out of a row, and where the word for that stands.
    pub more: Vec<(usize, (usize, usize))>,
    /// Width and height.
    pub size: (usize, usize),
}

impl Graph {
    /// The surroundings of a task.
    #[must_use]
    pub fn of(board: &Board, task: &Task) -> Self {
        let mut seen: HashSet<TaskId> = HashSet::from_iter([task.id.clone()]);
        let middle = Row { level: 0, ids: vec![task.id.clone()], more: 0 };
        let up: fn(&Board, &str) -> Vec<TaskId> =
            |board, id| board.task(id).map(|task| task.definition.blocked_by.to_vec()).unwrap_or_default();
        let down: fn(&Board, &str) -> Vec<TaskId> =
            |board, id| board.blocked_by(id).iter().take(LOOKED_AT).cloned().collect();
        let mut rows = vec![middle];
        for (step, near) in [(-1, up), (1, down)] {
            let mut from = rows.iter().position(|row| row.level == 0).map(|at| rows[at].clone());
            for _ in 0..2 {
                let Some(row) = from.take().and_then(|row| row.next(step, board, near, &mut seen)) else {
                    break;
                };
                from = Some(row.clone());
                if step < 0 { rows.insert(0, row) } else { rows.push(row) }
            }
        }
        Self::drawn(board, &rows)
    }

    /// Whether there is nothing around the task.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.nodes.len() < 2
    }

    fn drawn(board: &Board, rows: &[Row]) -> Self {
        let mut graph = Self::default();
        let widest = rows.iter().map(Row::width).max().unwrap_or_default();
        for (place, row) in rows.iter().enumerate() {
            let (mut x, y) = ((widest - row.width()) / 2, place * (BOX.1 + GAP.1) + 1);
            for id in &row.ids {
                let task = board.task(id.as_str());
                graph.nodes.push(Node {
                    id: id.clone(),
                    title: task.map(|task| task.definition.title.to_string()).unwrap_or_default(),
                    status: task.map(|task| task.status),
                    level: row.level,
                    at: (x, y),
                });
                x += BOX.0 + GAP.0;
            }
            if row.more > 0 {
                graph.more.push((row.more, (x, y)));
            }
        }
        graph.size = (widest, (rows.len() * (BOX.1 + GAP.1)).saturating_sub(GAP.1) + 2);
        for (to, node) in graph.nodes.iter().enumerate() {
            let Some(task) = board.task(node.id.as_str()) else { continue };
            let blockers: HashSet<&TaskId> = task.definition.blocked_by.iter().collect();
            let froms =
                graph.nodes.iter().enumerate().filter(|(at, from)| *at != to && blockers.contains(&from.id));
            graph.edges.extend(froms.map(|(from, _)| (from, to)));
        }
        graph
    }

    /// The size of a box.
    #[must_use]
    pub const fn node_size() -> (usize, usize) {
        BOX
    }

    /// The line from one box to another, as a path of SVG: out below, in above; beside the boxes where it leads back.
    #[must_use]
    pub fn path(&self, (from, to): (usize, usize)) -> String {
        let (Some(from), Some(to)) = (self.nodes.get(from), self.nodes.get(to)) else { return String::new() };
        let (x1, y1) = (from.at.0 + BOX.0 / 2, from.at.1 + BOX.1);
        let (x2, y2) = (to.at.0 + BOX.0 / 2, to.at.1);
        let half = GAP.1 / 2;
        format!("M{x1} {y1}C{x1} {} {x2} {} {x2} {y2}", y1 + half, y2.saturating_sub(half))
    }
}

#[derive(Clone)]
struct Row {
    level: i8,
    ids: Vec<TaskId>,
    more: usize,
}

impl Row {
    fn width(&self) -> usize {
        let boxes = self.ids.len() * (BOX.0 + GAP.0) - GAP.0;
        if self.more > 0 { boxes + GAP.0 + MORE } else { boxes }
    }

    /// The row beside this one: the neighbours of its tasks that stand nowhere yet, what is open before what is done.
    fn next(
        &self,
        step: i8,
        board: &Board,
        near: fn(&Board, &str) -> Vec<TaskId>,
        seen: &mut HashSet<TaskId>,
    ) -> Option<Self> {
        let is_done =
            |id: &TaskId| board.task(id.as_str()).is_some_and(|task| task.status == Status::Completed);
        // Who waits for a task is known in no order; what it waits for stands in its own.
        let comes_before = |id: &TaskId, other: &TaskId| match (is_done(id), is_done(other)) {
            (done, others) if done != others => others,
            _ => step > 0 && id < other,
        };
        let (mut found, mut count): (Vec<TaskId>, usize) = (Vec::new(), 0);
        for id in self.ids.iter().flat_map(|id| near(board, id.as_str())) {
            if count < LOOKED_AT && seen.insert(id.clone()) {
                count += 1;
                let place = found.iter().position(|other| comes_before(&id, other)).unwrap_or(found.len());
                found.insert(place, id);
                found.truncate(PER_ROW);
            }
        }
        let more = count - found.len();
        (!found.is_empty()).then_some(Self { level: self.level + step, ids: found, more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    fn board(tasks: &[(&str, &str)]) -> Board {
        let mut script = Script::new();
        for (id, blockers) in tasks {
            let ids: Vec<String> = blockers.split_whitespace().map(|id| format!("{id:?}")).collect();
            script.available(id, &format!(r#","blocked_by":[{}]"#, ids.join(",")));
        }
        script.board
    }

    fn graph(board: &Board, id: &str) -> Graph {
        Graph::of(board, board.task(id).unwrap())
    }

    fn rows(graph: &Graph) -> Vec<String> {
        let row = |level: i8| {
            let ids = graph.nodes.iter().filter(|node| node.level == level).map(|node| node.id.as_str());
            ids.collect::<Vec<_>>().join(" ")
        };
        (-2..=2).map(row).collect()
    }

    #[test]
    fn two_levels_each_way_and_no_more() {
        let board = board(&[
            ("a", ""),
            ("b", "a"),
            ("c", "b x"),
            ("d", "c"),
            ("e", "d b"),
            ("f", "e"),
            ("g", "f"),
            ("alone", ""),
        ]);
        let around = graph(&board, "d");
        assert_eq!(rows(&around), ["b x", "c", "d", "e", "f"]);
        let named = |(from, to): &(usize, usize)| {
            format!("{}{}", around.nodes[*from].id.as_str(), around.nodes[*to].id.as_str())
        };
        let mut edges: Vec<String> = around.edges.iter().map(named).collect();
        edges.sort();
        assert_eq!(edges, ["bc", "be", "cd", "de", "ef", "xc"]);
        assert_eq!(around.nodes[1].status, None, "nobody knows x");
        assert_eq!(around.size.1, 5 * 24 + 4 * 22 + 2);
        assert!(graph(&board, "alone").is_alone() && !around.is_alone());
        assert!(around.path(around.edges[0]).starts_with('M'));
    }

    #[test]
    fn a_row_is_a_window_over_what_is_open() {
        let mut script = Script::new();
        for n in 0..9 {
            script.available(&format!("b{n}"), "");
        }
        script.claim("b0", "a");
        script.complete("b0", "a");
        let ids: Vec<String> = (0..9).map(|n| format!("\"b{n}\"")).collect();
        script.available("t", &format!(r#","blocked_by":[{}]"#, ids.join(",")));
        let around = graph(&script.board, "t");
        assert_eq!(rows(&around)[1], "b1 b2 b3");
        assert_eq!(around.more.iter().map(|(count, _)| *count).collect::<Vec<_>>(), [6]);
        assert!(around.size.0 <= PER_ROW * 122 + 50);
    }

    #[test]
    fn what_waits_for_itself_has_an_end() {
        let board = board(&[("a", "b"), ("b", "a"), ("c", "c")]);
        assert_eq!(rows(&graph(&board, "a")), ["", "b", "a", "", ""]);
        assert_eq!(graph(&board, "a").edges.len(), 2);
        assert!(graph(&board, "c").is_alone());
    }
}
