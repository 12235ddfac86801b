//! What may come next while somebody types a search: keys, and the values that stand on the board.

use super::text::{Token, push_value, tokens};
use super::{Key, contains, lowercase};
use mjwork::board::Status;
use std::ops::Range;

/// So many choices are offered at most.
const OFFERED: usize = 8;
/// So many of them for a word that may become a value.
const OFFERED_FOR_A_WORD: usize = 5;
const PRIORITIES: [&str; 4] = ["critical", "high", "normal", "low"];

/// The values that stand on the board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// The agents.
    pub owners: Vec<String>,
    /// The tags, the most frequent first.
    pub tags: Vec<String>,
    /// Priorities other than the usual ones.
    pub priorities: Vec<String>,
}

impl Vocabulary {
    fn of(&self, key: Key) -> Vec<&str> {
        let (usual, found): (&[&str], &[String]) = match key {
            Key::Status => return Status::ALL.map(Status::as_str).to_vec(),
            Key::Blocker => return Vec::new(),
            Key::Owner => (&[], &self.owners),
            Key::Tag => (&[], &self.tags),
            Key::Priority => (&PRIORITIES, &self.priorities),
        };
        usual.iter().copied().chain(found.iter().map(String::as_str)).collect()
    }
}

/// One thing that may come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it is called: `tag:phase-1`, or `tag:` for a key.
    pub label: String,
    /// What it means.
    pub hint: &'static str,
    /// What is put into the text.
    insert: String,
}

/// What may come next at a place in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Which bytes a choice replaces.
    replaced: Range<usize>,
    /// What may come there.
    pub choices: Vec<Choice>,
    /// The text without a value that is still being typed: nobody wants to see what matches half a name.
    pub settled: String,
}

impl Completion {
    /// The text with a choice taken, and where the cursor stands then, in bytes.
    #[must_use]
    pub fn taken(&self, text: &str, choice: &Choice) -> (String, usize) {
        let (before, after) = (&text[..self.replaced.start], &text[self.replaced.end..]);
        // A value is done, and the next term may follow; behind a key the value follows.
        let space =
            if choice.insert.ends_with(':') || after.starts_with(char::is_whitespace) { "" } else { " " };
        let taken = format!("{before}{}{space}", choice.insert);
        let caret = taken.len();
        (taken + after, caret)
    }
}

/// What may come next at `caret`, in bytes, of what is being typed.
#[must_use]
pub fn complete(text: &str, caret: usize, vocabulary: &Vocabulary) -> Completion {
    let caret = if text.is_char_boundary(caret) { caret } else { text.len() };
    let here = tokens(text).into_iter().find(|token| token.span.start < caret && caret <= token.span.end);
    let Some(token) = here else {
        let choices = Key::ALL.into_iter().map(key_choice).collect();
        return Completion { replaced: caret..caret, choices, settled: text.to_owned() };
    };
    match token.key {
        Some(key) => value(text, caret, &token, key, vocabulary),
        None => word(text, &token, vocabulary),
    }
}

fn key_choice(key: Key) -> Choice {
    let hint = match key {
        Key::Status => "where it stands",
        Key::Owner => "who works on it",
        Key::Tag => "a label",
        Key::Priority => "how urgent",
        Key::Blocker => "waits for this task",
    };
    let insert = format!("{}:", key.as_str());
    Choice { label: insert.clone(), hint, insert }
}

/// The names that hold what is typed, those first that begin with it.
fn fitting<'a>(names: Vec<&'a str>, typed: &str) -> Vec<&'a str> {
    let typed = lowercase(typed);
    let (mut first, mut then) = (Vec::new(), Vec::new());
    for name in names {
        if super::begins(name, &typed) {
            first.push(name);
        } else if contains(name, &typed) {
            then.push(name);
        }
    }
    first.append(&mut then);
    first
}

fn value(text: &str, caret: usize, token: &Token, key: Key, vocabulary: &Vocabulary) -> Completion {
    let at = token.values.iter().position(|(span, _)| span.start <= caret && caret <= span.end);
    let (replaced, typed) = match at.and_then(|at| token.values.get(at)) {
        Some((span, typed)) => (span.clone(), typed.as_str()),
        None => (caret..caret, ""),
    };
    let others: Vec<&str> = token
        .values
        .iter()
        .enumerate()
        .filter(|(place, _)| Some(*place) != at)
        .map(|(_, (_, value))| value.as_str())
        .collect();
    let mut names = fitting(vocabulary.of(key), typed);
    names.retain(|name| !others.iter().any(|other| other.eq_ignore_ascii_case(name)));
    let is_whole = |name: &&str| lowercase(name) == lowercase(typed);
    let is_open = !typed.is_empty() && !names.is_empty() && !names.iter().any(is_whole);
    if names.len() == 1 && names.iter().any(is_whole) {
        names.clear();
    }
    names.truncate(OFFERED);
    let choices = names.into_iter().map(|name| value_choice(key, name, false)).collect();
    let settled = if is_open {
        format!("{}{}", &text[..replaced.start], &text[replaced.end..])
    } else {
        text.to_owned()
    };
    Completion { replaced, choices, settled }
}

fn value_choice(key: Key, name: &str, with_key: bool) -> Choice {
    let mut written = String::new();
    push_value(&mut written, Some(key), name);
    let label = format!("{}:{written}", key.as_str());
    Choice { insert: if with_key { label.clone() } else { written }, label, hint: "" }
}

fn word(text: &str, token: &Token, vocabulary: &Vocabulary) -> Completion {
    let start = token.span.start + usize::from(token.is_negated);
    let mut completion =
        Completion { replaced: start..token.span.end, choices: Vec::new(), settled: text.to_owned() };
    let Some((span, typed)) = token.values.first() else { return completion };
    if text[span.clone()].starts_with('"') {
        return completion;
    }
    let lower = lowercase(typed);
    completion.choices =
        Key::ALL.into_iter().filter(|key| key.as_str().starts_with(&lower)).map(key_choice).collect();
    for key in [Key::Status, Key::Tag, Key::Owner, Key::Priority] {
        let left = OFFERED_FOR_A_WORD.saturating_sub(completion.choices.len());
        let names = fitting(vocabulary.of(key), typed);
        completion.choices.extend(names.into_iter().take(left).map(|name| value_choice(key, name, true)));
    }
    completion
}

#[cfg(test)]
mod tests {
    use super::super::Search;
    use super::*;

    fn vocabulary() -> Vocabulary {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Vocabulary {
            owners: names(&["Agent-Alpha", "Agent-Bravo"]),
            tags: names(&["phase-1", "phase-10", "two words", "bug"]),
            priorities: names(&["urgent"]),
        }
    }

    /// What is offered where `|` stands.
    fn offered(text: &str) -> Vec<String> {
        let caret = text.find('|').expect("a cursor");
        let completion = complete(&text.replace('|', ""), caret, &vocabulary());
        completion.choices.into_iter().map(|choice| choice.label).collect()
    }

    #[test]
    fn keys_come_first_and_then_their_values() {
        for (text, expected) in [
            ("|", &["status:", "owner:", "tag:", "priority:", "blocker:"][..]),
            ("x |", &["status:", "owner:", "tag:", "priority:", "blocker:"]),
            ("st|", &["status:"]),
            ("own|", &["owner:"]),
            ("alp|", &["owner:Agent-Alpha"]),
            ("-pha|", &["tag:phase-1", "tag:phase-10", "owner:Agent-Alpha"]),
            (
                "status:|",
                &[
                    "status:blocked",
                    "status:available",
                    "status:in_progress",
                    "status:failed",
                    "status:completed",
                    "status:cancelled",
                ],
            ),
            ("status:c|", &["status:completed", "status:cancelled"]),
            ("status:failed,b|", &["status:blocked", "status:available"]),
            ("tag:phase-1|", &["tag:phase-1", "tag:phase-10"]),
            ("tag:bug|", &[]),
            ("tag:wo|", &["tag:\"two words\""]),
            (
                "priority:|",
                &["priority:critical", "priority:high", "priority:normal", "priority:low", "priority:urgent"],
            ),
            ("blocker:x|", &[]),
            ("\"st|", &[]),
        ] {
            let offered = offered(text);
            assert!(
                offered.starts_with(&expected.iter().map(ToString::to_string).collect::<Vec<_>>()),
                "{text}: {offered:?}"
            );
            assert_eq!(offered.is_empty(), expected.is_empty(), "{text}: {offered:?}");
        }
    }

    #[test]
    fn a_choice_replaces_what_was_typed_of_it() {
        for (text, taken) in [
            ("|", "status:|"),
            ("ow|", "owner:|"),
            ("-alp|", "-owner:Agent-Alpha |"),
            ("status:fail|", "status:failed |"),
            ("status:failed,bl| x", "status:failed,blocked| x"),
            ("tag:wo|", "tag:\"two words\" |"),
            ("tag:\"two w|", "tag:\"two words\" |"),
            ("owner:|", "owner:Agent-Alpha |"),
        ] {
            let caret = text.find('|').expect("a cursor");
            let typed = text.replace('|', "");
            let completion = complete(&typed, caret, &vocabulary());
            let (mut now, caret) = completion.taken(&typed, &completion.choices[0]);
            now.insert(caret, '|');
            assert_eq!(now, taken, "{text}");
        }
    }

    #[test]
    fn half_a_name_is_not_searched_for() {
        for (text, settled) in [
            ("x tag:pha|", "x"),
            ("tag:bug,pha|", "tag:bug"),
            ("tag:phase-1|", "tag:phase-1"),
            ("tag:other|", "tag:other"),
            ("status:fai| y", "y"),
            ("wor|", "wor"),
            ("owner:|", ""),
        ] {
            let caret = text.find('|').expect("a cursor");
            let completion = complete(&text.replace('|', ""), caret, &vocabulary());
            assert_eq!(Search::new(&completion.settled).to_string(), settled, "{text}");
        }
    }

    #[test]
    fn wherever_the_cursor_stands_there_is_an_answer() {
        let text = "ü -tag:\"two w,\\\" x status:a,,b owner:";
        for caret in 0..=text.len() + 1 {
            let completion = complete(text, caret, &vocabulary());
            for choice in &completion.choices {
                let (taken, caret) = completion.taken(text, choice);
                assert!(taken.is_char_boundary(caret));
            }
        }
    }
}
