//! The difference between what a task is and what it is to become: field by field, and line by line within one.

use mjwork::board::Definition;

/// Longer texts than that, as the product of their lines, are replaced as a whole.
const MAX_CELLS: usize = 250_000;
/// So many lines that stay are shown around those that do not.
const AROUND: usize = 2;

/// What changes in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field's name for people.
    pub field: &'static str,
    /// Its lines, old and new.
    pub lines: Vec<Line>,
}

/// A line of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// It stays.
    Same(String),
    /// It goes.
    Gone(String),
    /// It comes.
    New(String),
    /// So many lines that stay are left out.
    Cut(usize),
}

/// The fields in which two definitions differ.
#[must_use]
pub fn definitions(old: &Definition, new: &Definition) -> Vec<Difference> {
    let fields = [
        ("Title", vec![old.title.to_string()], vec![new.title.to_string()]),
        ("Description", description(old), description(new)),
        ("Blocked by", texts(&old.blocked_by), texts(&new.blocked_by)),
        ("Priority", vec![old.priority.to_string()], vec![new.priority.to_string()]),
        ("Tags", texts(&old.tags), texts(&new.tags)),
        ("Attempts", vec![old.max_attempts.to_string()], vec![new.max_attempts.to_string()]),
    ];
    let differ = fields.into_iter().filter(|(_, old, new)| old != new);
    differ.map(|(field, old, new)| Difference { field, lines: lines(&old, &new) }).collect()
}

fn description(definition: &Definition) -> Vec<String> {
    definition.description.as_deref().unwrap_or_default().lines().map(ToOwned::to_owned).collect()
}

fn texts<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

/// The shortest way from one list of lines to the other (by their longest common subsequence).
fn lines(old: &[String], new: &[String]) -> Vec<Line> {
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let after = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old_rest[..old_rest.len() - after], &new_rest[..new_rest.len() - after]);
    let mut all: Vec<Line> = old[..before].iter().cloned().map(Line::Same).collect();
    if a.len().saturating_mul(b.len()) > MAX_CELLS {
        all.extend(a.iter().cloned().map(Line::Gone));
        all.extend(b.iter().cloned().map(Line::New));
    } else {
        walk(a, b, &mut all);
    }
    all.extend(old_rest[a.len()..].iter().cloned().map(Line::Same));
    cut(all)
}

fn walk(a: &[String], b: &[String], all: &mut Vec<Line>) {
    // How long the common rest is from each pair of places on.
    let width = b.len() + 1;
    let mut common = vec![0_usize; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * width + j] = if a[i] == b[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            all.push(Line::Same(a[i].clone()));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            all.push(Line::Gone(a[i].clone()));
            i += 1;
        } else {
            all.push(Line::New(b[j].clone()));
            j += 1;
        }
    }
}

/// Leaves out what stays far from what does not.
fn cut(all: Vec<Line>) -> Vec<Line> {
    let changes: Vec<usize> =
        all.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(_))).map(|(at, _)| at).collect();
    let is_near = |at: usize| {
        let next = changes.partition_point(|change| *change < at);
        let near = |change: Option<&usize>| change.is_some_and(|change| change.abs_diff(at) <= AROUND);
        near(changes.get(next)) || near(next.checked_sub(1).and_then(|before| changes.get(before)))
    };
    let mut kept: Vec<Line> = Vec::with_capacity(all.len());
    for (at, line) in all.into_iter().enumerate() {
        match kept.last_mut() {
            _ if is_near(at) => kept.push(line),
            Some(Line::Cut(count)) => *count += 1,
            _ => kept.push(Line::Cut(1)),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    fn definition(more: &str) -> Definition {
        let mut script = Script::new();
        script.available("t", more);
        script.board.task("t").unwrap().definition.clone()
    }

    fn shown(difference: &Difference) -> String {
        let one = |line: &Line| match line {
            Line::Same(text) => format!(" {text}"),
            Line::Gone(text) => format!("-{text}"),
            Line::New(text) => format!("+{text}"),
            Line::Cut(count) => format!("…{count}"),
        };
        let lines: Vec<String> = difference.lines.iter().map(one).collect();
        format!("{}: {}", difference.field, lines.join("|"))
    }

    #[test]
    fn only_what_differs_is_shown() {
        let old = definition(r#","description":"a\nb\nc","tags":["x","y"],"priority":"high""#);
        assert!(definitions(&old, &old).is_empty());
        let new =
            definition(r#","description":"a\nB\nc\nd","tags":["y"],"blocked_by":["u"],"max_attempts":5"#);
        let all: Vec<String> = definitions(&old, &new).iter().map(shown).collect();
        let expected = [
            "Description:  a|-b|+B| c|+d",
            "Blocked by: +u",
            "Priority: -high|+normal",
            "Tags: -x| y",
            "Attempts: -3|+5",
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn a_long_text_is_cut_where_nothing_changes() {
        let long = |at_50: &str| -> Vec<String> {
            (0..100).map(|n| if n == 50 { at_50.to_owned() } else { n.to_string() }).collect()
        };
        let lines = lines(&long("old"), &long("new"));
        assert_eq!((lines.len(), &lines[0], &lines[7]), (8, &Line::Cut(48), &Line::Cut(47)));
        let huge = |word: &str| -> Vec<String> { (0..2_000).map(|n| format!("{word}{n}")).collect() };
        assert_eq!(super::lines(&huge("a"), &huge("b")).len(), 4_000);
    }
}
