//! The search language: `parser status:failed,blocked owner:Agent-Alpha -tag:docs "two words"`.
//!
//! | term | is met by a task |
//! | --- | --- |
//! | `word`, `"two words"` | whose id, title, tags, owner or description hold it |
//! | `status:failed,blocked` | in one of these states; the beginning of the word is enough |
//! | `owner:NAME`, `tag:NAME`, `priority:NAME` | whose owner, one of whose tags, or whose priority is one of these |
//! | `blocker:ID` | that names this task among its blockers |
//! | `-` before any of them | that does not meet it |
//!
//! A task matches when it meets every term. Case never matters; `NAME*` is any name that begins so. Nothing is an
//! error: what is no known key is a word.

mod complete;
mod text;

pub use complete::{Choice, Completion, Vocabulary, complete};

use mjwork::board::{Status, Task};
use std::fmt;

/// What a term looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Where the task stands.
    Status,
    /// Who works on it, or ended it.
    Owner,
    /// Its labels.
    Tag,
    /// How urgent it is.
    Priority,
    /// What it waits for.
    Blocker,
}

impl Key {
    /// Every key, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Status, Self::Owner, Self::Tag, Self::Priority, Self::Blocker];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Owner => "owner",
            Self::Tag => "tag",
            Self::Priority => "priority",
            Self::Blocker => "blocker",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str().eq_ignore_ascii_case(word))
    }

    /// Whether a task has one value there, so that a second one that is chosen widens the search.
    const fn is_single(self) -> bool {
        matches!(self, Self::Status | Self::Owner | Self::Priority)
    }
}

/// A value of a term, as it was written and as it is compared.
#[derive(Clone, Debug)]
struct Value {
    text: String,
    lower: String,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.lower == other.lower
    }
}

impl Value {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), lower: lowercase(text) }
    }

    /// Whether this name is meant.
    fn is(&self, name: &str) -> bool {
        match self.lower.strip_suffix('*') {
            Some(start) => begins(name, start),
            None => name.len() == self.lower.len() && begins(name, &self.lower),
        }
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    is_negated: bool,
    /// None for words.
    key: Option<Key>,
    /// One of these must hold; a word is alone.
    values: Vec<Value>,
}

/// A search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    terms: Vec<Term>,
}

impl Search {
    /// Reads what somebody typed.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut search = Self::default();
        for token in text::tokens(text) {
            let values: Vec<Value> = token.values.iter().map(|(_, value)| Value::new(value)).collect();
            let term = Term { is_negated: token.is_negated, key: token.key, values };
            if !term.values.is_empty() && !search.terms.contains(&term) {
                search.terms.push(term);
            }
        }
        search
    }

    /// Whether everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Its conditions.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether this task matches.
    #[must_use]
    pub fn matches(&self, task: &Task) -> bool {
        self.terms.iter().all(|term| term.is_met_by(task))
    }

    /// Whether each term stands in one of these texts, its key left aside.
    #[must_use]
    pub fn matches_any(&self, texts: &[&str]) -> bool {
        self.terms.iter().all(|term| {
            let stands = |value: &Value| texts.iter().any(|text| contains(text, &value.lower));
            term.values.iter().any(stands) != term.is_negated
        })
    }

    /// Whether a task of this status can match at all.
    #[must_use]
    pub fn allows(&self, status: Status) -> bool {
        let of_status = |term: &&Term| term.key == Some(Key::Status);
        self.terms.iter().filter(of_status).all(|term| term.is_met_by_status(status))
    }

    /// Whether it asks for this value, and not for its absence.
    #[must_use]
    pub fn asks_for(&self, key: Key, value: &str) -> bool {
        let value = Value::new(value);
        self.terms.iter().any(|term| term.is_for(key) && term.values.contains(&value))
    }

    /// With this value asked for as well; without, when it was.
    #[must_use]
    pub fn toggled(mut self, key: Key, value: &str) -> Self {
        let value = Value::new(value);
        let mut was_there = false;
        self.terms.retain_mut(|term| {
            if term.is_for(key) {
                let before = term.values.len();
                term.values.retain(|other| *other != value);
                was_there |= term.values.len() < before;
            }
            !term.values.is_empty()
        });
        if was_there {
            return self;
        }
        match self.terms.iter_mut().find(|term| key.is_single() && term.is_for(key)) {
            Some(term) => term.values.push(value),
            None => self.terms.push(Term { is_negated: false, key: Some(key), values: vec![value] }),
        }
        self
    }

    /// Without the term that reads so.
    #[must_use]
    pub fn without(mut self, term: &str) -> Self {
        self.terms.retain(|other| other.to_string() != term);
        self
    }
}

impl Term {
    /// Whether it looks for a value of this key, and not for its absence.
    fn is_for(&self, key: Key) -> bool {
        self.key == Some(key) && !self.is_negated
    }

    fn is_met_by(&self, task: &Task) -> bool {
        let definition = &task.definition;
        let owner = || task.owner.as_ref().map(|owner| owner.agent.as_str());
        let is_so = |value: &Value| match self.key {
            Some(Key::Status) => is_status(value, task.status),
            Some(Key::Owner) => owner().is_some_and(|name| value.is(name)),
            Some(Key::Tag) => definition.tags.iter().any(|tag| value.is(tag)),
            Some(Key::Priority) => value.is(definition.priority.as_str()),
            Some(Key::Blocker) => definition.blocked_by.iter().any(|id| value.is(id.as_str())),
            None => {
                let word = &value.lower;
                contains(task.id.as_str(), word)
                    || contains(&definition.title, word)
                    || definition.tags.iter().any(|tag| contains(tag, word))
                    || owner().is_some_and(|name| contains(name, word))
                    || definition.description.as_deref().is_some_and(|text| contains(text, word))
            }
        };
        self.values.iter().any(is_so) != self.is_negated
    }

    fn is_met_by_status(&self, status: Status) -> bool {
        self.values.iter().any(|value| is_status(value, status)) != self.is_negated
    }
}

/// `failed`, `in_progress`, `in-progress`, or the beginning of such a word.
fn is_status(value: &Value, status: Status) -> bool {
    let typed =
        value.lower.trim_end_matches('*').bytes().map(|b| if b == b'-' || b == b' ' { b'_' } else { b });
    let mut word = status.as_str().bytes();
    !value.lower.is_empty() && typed.into_iter().all(|b| word.next() == Some(b))
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::written(self.is_negated, self.key, self.values.iter().map(|value| &*value.text)))
    }
}

/// The one way to write it: reading that gives the same search.
impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, term) in self.terms.iter().enumerate() {
            write!(f, "{}{term}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// Whether `text` begins with `lower`, which is in lower case.
fn begins(text: &str, lower: &str) -> bool {
    match text.as_bytes().get(..lower.len()) {
        Some(start) if start.eq_ignore_ascii_case(lower.as_bytes()) => true,
        // Letters beyond ASCII may have another length in the other case.
        _ => !lower.is_ascii() && lowercase(text).starts_with(lower),
    }
}

/// Whether `text` holds `lower`, which is in lower case.
fn contains(text: &str, lower: &str) -> bool {
    let Some(&first) = lower.as_bytes().first() else { return true };
    if !lower.is_ascii() {
        return !text.is_ascii() && lowercase(text).contains(lower);
    }
    // No allocation, and mostly one comparison a byte: this runs over every task while somebody types.
    let (text, lower, upper) = (text.as_bytes(), lower.as_bytes(), first.to_ascii_uppercase());
    let Some(last) = text.len().checked_sub(lower.len()) else { return false };
    (0..=last).any(|at| {
        (text[at] == first || text[at] == upper) && text[at..at + lower.len()].eq_ignore_ascii_case(lower)
    })
}

/// The browser has the tables for this, and they are large.
#[cfg(target_arch = "wasm32")]
fn lowercase(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    js_sys::JsString::from(text).to_lower_case().into()
}

#[cfg(not(target_arch = "wasm32"))]
fn lowercase(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    fn board() -> Script {
        let mut script = Script::new();
        script.available("p-1", r#","tags":["Phase-1","docs"],"priority":"high","description":"Übung macht"#);
        script.publish(
            "tasks.available",
            r#"{"task_id":"p-2","title":"Write the PARSER","tags":["phase-10"],"blocked_by":["p-1"]}"#,
        );
        script.publish(
            "tasks.available",
            r#"{"task_id":"p-1","title":"Read \"it\" all","tags":["Phase-1","two words"],"priority":"high",
                "description":"Übung macht den Meister"}"#,
        );
        script.available("p-3", "");
        script.claim("p-3", "Agent-Alpha");
        script
    }

    fn found(script: &Script, search: &str) -> String {
        let search = Search::new(search);
        let mut ids: Vec<&str> =
            script.board.tasks().filter(|task| search.matches(task)).map(|task| task.id.as_str()).collect();
        ids.sort_unstable();
        ids.join(" ")
    }

    #[test]
    fn each_term_narrows() {
        let script = board();
        for (search, ids) in [
            ("", "p-1 p-2 p-3"),
            ("parser", "p-2"),
            ("ÜBUNG meister", "p-1"),
            ("p- -parser", "p-1 p-3"),
            ("agent", "p-3"),
            ("\"the parser\"", "p-2"),
            ("\"parser the\"", ""),
            ("status:in_progress", "p-3"),
            ("STATUS:In-Prog,bl", "p-2 p-3"),
            ("-status:available", "p-2 p-3"),
            ("owner:agent-alpha", "p-3"),
            ("owner:agent", ""),
            ("owner:Agent*", "p-3"),
            ("-owner:*", "p-1 p-2"),
            ("tag:phase-1", "p-1"),
            ("tag:phase-1*", "p-1 p-2"),
            ("tag:\"two words\"", "p-1"),
            ("tag:phase-1,phase-10", "p-1 p-2"),
            ("tag:phase-1 tag:phase-10", ""),
            ("priority:high", "p-1"),
            ("priority:normal,high", "p-1 p-2 p-3"),
            ("blocker:P-1", "p-2"),
            ("tag: status:", "p-1 p-2 p-3"),
            ("nokey:x", ""),
        ] {
            assert_eq!(found(&script, search), ids, "{search}");
        }
    }

    #[test]
    fn every_word_must_stand_somewhere() {
        let texts = ["parse-7", "Write the PARSER", "Phase-1", "Übung"];
        for good in ["", "parse", "PHASE write", "phase-1 7", "übung", "ÜBUNG", "-x", "tag:phase"] {
            assert!(Search::new(good).matches_any(&texts), "{good}");
        }
        for bad in ["parse x", "phase-2", "-write"] {
            assert!(!Search::new(bad).matches_any(&texts), "{bad}");
        }
        assert!(Search::new("  ").is_empty());
    }

    #[test]
    fn a_value_is_chosen_and_given_back() {
        let start = Search::new("parser");
        let one = start.clone().toggled(Key::Status, "failed");
        let two = one.clone().toggled(Key::Status, "blocked");
        assert_eq!(two.to_string(), "parser status:failed,blocked");
        assert!(two.asks_for(Key::Status, "Blocked") && !start.asks_for(Key::Status, "blocked"));
        assert_eq!(two.toggled(Key::Status, "blocked"), one);
        assert_eq!(one.toggled(Key::Status, "failed"), start);
        let tags = start.toggled(Key::Tag, "a b").toggled(Key::Tag, "c");
        assert_eq!(tags.to_string(), "parser tag:\"a b\" tag:c", "a task has several tags: each one narrows");
        assert_eq!(tags.without("tag:\"a b\"").to_string(), "parser tag:c");
        let not = Search::new("-tag:docs").toggled(Key::Tag, "docs");
        assert_eq!(not.to_string(), "-tag:docs tag:docs");
    }

    #[test]
    fn columns_that_cannot_match_are_known() {
        let search = Search::new("x status:failed,blocked");
        assert!(search.allows(Status::Failed) && search.allows(Status::Blocked));
        assert!(!search.allows(Status::Completed));
        assert!(!Search::new("-status:failed").allows(Status::Failed));
        assert!(Search::new("x").allows(Status::Failed));
    }
}
