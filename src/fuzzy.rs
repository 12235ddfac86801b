//! Finding by a few letters: those of the pattern must stand in the text in their order, not side by side.

use crate::order::{Key, Orders};
use mjwork::TaskId;
use mjwork::board::{Board, Status};

/// So many tasks are looked at between two looks at the clock.
const TURN: usize = 256;

/// How well a text fits: none when it does not, the more the better. `pattern` is in lower case, without spaces.
///
/// A letter counts more at the beginning of a word and behind the one before it; a short text more than a long one.
#[must_use]
pub fn score(text: &str, pattern: &str) -> Option<i32> {
    let mut wanted = pattern.chars().filter(|c| !c.is_whitespace());
    let mut next = wanted.next();
    let (mut score, mut was_hit, mut was_letter) = (0, false, false);
    for c in text.chars() {
        let Some(letter) = next else { break };
        // Simple folding is enough here: nobody types half a ligature.
        let is_hit = c == letter || c.to_ascii_lowercase() == letter;
        if is_hit {
            score += 1 + if was_hit { 4 } else { 0 } + if was_letter { 0 } else { 3 };
            next = wanted.next();
        }
        (was_hit, was_letter) = (is_hit, c.is_alphanumeric());
    }
    let length = i32::try_from(text.len().min(400)).unwrap_or(400);
    next.is_none().then_some(score * 16 - length)
}

/// The tasks that fit best, found in slices.
#[derive(Debug)]
pub struct Finder {
    pattern: String,
    wanted: usize,
    /// The best first.
    best: Vec<(i32, TaskId)>,
    /// The last task of each column that was looked at.
    looked_at: [Option<(Key, TaskId)>; 6],
    is_whole: bool,
}

impl Finder {
    /// Looks for the `wanted` tasks that fit best by id or title.
    #[must_use]
    pub fn new(pattern: &str, wanted: usize) -> Self {
        let pattern: String =
            pattern.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let is_whole = pattern.is_empty();
        Self { pattern, wanted, best: Vec::new(), looked_at: Default::default(), is_whole }
    }

    /// What fits best of what has been looked at, the best first.
    pub fn best(&self) -> impl Iterator<Item = &TaskId> {
        self.best.iter().map(|(_, id)| id)
    }

    /// Looks at more tasks until `is_due`; whether all have been looked at then.
    pub fn step(&mut self, board: &Board, orders: &Orders, is_due: &mut dyn FnMut() -> bool) -> bool {
        while !self.is_whole {
            let mut has_more = false;
            for status in Status::ALL {
                let last = self.looked_at[status as usize].take();
                let next: Vec<_> =
                    orders.column(status).below(status, last.as_ref()).take(TURN).cloned().collect();
                has_more |= next.len() == TURN;
                for task in next.iter().filter_map(|(_, id)| board.task(id.as_str())) {
                    let by_id = score(task.id.as_str(), &self.pattern).map(|score| score + 8);
                    if let Some(score) = by_id.max(score(&task.definition.title, &self.pattern)) {
                        offer(&mut self.best, self.wanted, score, &task.id);
                    }
                }
                self.looked_at[status as usize] = next.into_iter().next_back().or(last);
            }
            self.is_whole = !has_more;
            if is_due() {
                break;
            }
        }
        self.is_whole
    }
}

fn offer(best: &mut Vec<(i32, TaskId)>, wanted: usize, score: i32, id: &TaskId) {
    let at = best.partition_point(|(other, of)| (*other, id) > (score, of));
    if at < wanted && best.iter().all(|(_, other)| other != id) {
        best.insert(at, (score, id.clone()));
        best.truncate(wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    #[test]
    fn letters_must_stand_in_their_order() {
        for (text, pattern) in
            [("Go to Agents", "gta"), ("parser-errors", "prse"), ("Übung", "bung"), ("x", "")]
        {
            assert!(score(text, pattern).is_some(), "{pattern} in {text}");
        }
        for (text, pattern) in [("agents", "ga"), ("a", "aa"), ("", "x")] {
            assert!(score(text, pattern).is_none(), "{pattern} in {text}");
        }
    }

    #[test]
    fn beginnings_and_neighbours_count_more() {
        for (better, worse, pattern) in [
            ("parse", "p-a-r-s-e of it", "parse"),
            ("fix the parser", "compare servers", "parse"),
            ("go to errors", "change of owners", "gte"),
            ("t-1", "t-1000", "t1"),
        ] {
            assert!(score(better, pattern) > score(worse, pattern), "{better} before {worse}");
        }
    }

    #[test]
    fn the_best_are_found_in_any_slices() {
        let mut script = Script::new();
        for i in 0..900 {
            script.available(&format!("task-{i}"), "");
        }
        script.claim("task-77", "a");
        let orders = Orders::of(&script.board);
        let found = |each: bool| {
            let mut finder = Finder::new("T 77", 5);
            while !finder.step(&script.board, &orders, &mut || each) {}
            finder.best().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(found(true), found(false));
        assert_eq!(found(true)[0], "task-77");
        assert_eq!(found(true).len(), 5);
        assert!(Finder::new(" ", 5).step(&script.board, &orders, &mut || false));
    }
}
