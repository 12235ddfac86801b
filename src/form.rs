//! The form that publishes a task: what its fields mean, and what is wrong with them, as one types.

use mjwork::event::Available;
use mjwork::{TaskId, Text};

/// A blocker's list may be this long (PROTOCOL.md, "Subjects and bodies").
const MAX_BLOCKERS: usize = 1_000;

/// The fields as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskForm {
    /// `Task id`
    pub id: String,
    /// `Title`
    pub title: String,
    /// `Description`
    pub description: String,
    /// `Blocked by`, commas between.
    pub blocked_by: String,
    /// `Priority`
    pub priority: String,
    /// `Tags`, commas between.
    pub tags: String,
}

/// What is to be said about a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// It cannot be published so.
    Error(String),
    /// It can, but look.
    Warning(String),
}

impl Remark {
    /// The sentence.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Error(text) | Self::Warning(text) => text,
        }
    }
}

/// What is to be said about the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// About `Task id`.
    pub id: Option<Remark>,
    /// About `Title`.
    pub title: Option<Remark>,
    /// About `Blocked by`.
    pub blocked_by: Option<Remark>,
}

impl Remarks {
    /// Whether nothing stands against publishing.
    #[must_use]
    pub fn allow(&self) -> bool {
        ![&self.id, &self.title, &self.blocked_by].into_iter().any(|r| matches!(r, Some(Remark::Error(_))))
    }
}

impl TaskForm {
    /// Looks at the fields; `is_known` says whether there is a task of that id.
    pub fn check(&self, is_known: impl Fn(&str) -> bool) -> Remarks {
        let id = self.id.trim();
        let error = |text: &str| Some(Remark::Error(text.to_owned()));
        let id_remark = if id.is_empty() {
            error("A task needs an id.")
        } else if TaskId::new(id).is_err() {
            Some(Remark::Error(format!(
                "An id has at most 256 characters; this one has {}.",
                id.chars().count()
            )))
        } else if is_known(id) {
            error("There is a task with this id.")
        } else {
            None
        };
        let title = if self.title.trim().is_empty() { error("A task needs a title.") } else { None };
        let blockers = list(&self.blocked_by);
        let unknown: Vec<&str> = blockers.iter().copied().filter(|b| *b != id && !is_known(b)).collect();
        let blocked_by = if blockers.len() > MAX_BLOCKERS {
            Some(Remark::Error(format!("At most {MAX_BLOCKERS} blockers; these are {}.", blockers.len())))
        } else if blockers.iter().any(|b| TaskId::new(b).is_err()) {
            error("An id has at most 256 characters.")
        } else if !id.is_empty() && blockers.contains(&id) {
            error("A task that waits for itself is never done.")
        } else if unknown.is_empty() {
            None
        } else {
            let verb = if unknown.len() == 1 { "is" } else { "are" };
            Some(Remark::Warning(format!("{} {verb} not known yet: the task will wait.", unknown.join(", "))))
        };
        Remarks { id: id_remark, title, blocked_by }
    }

    /// The body that these fields mean, published by `by`.
    #[must_use]
    pub fn body<'a>(&'a self, by: &'a str) -> Available<'a> {
        let optional = |text: &'a str| (!text.trim().is_empty()).then(|| Text::from(text.trim()));
        Available {
            task_id: self.id.trim().into(),
            title: self.title.trim().into(),
            description: optional(&self.description),
            blocked_by: list(&self.blocked_by).into_iter().map(Text::from).collect(),
            priority: optional(&self.priority).filter(|p| *p != "normal"),
            tags: list(&self.tags).into_iter().map(Text::from).collect(),
            by: Some(by.into()),
            ..Available::default()
        }
    }
}

/// What stands between commas, without what is empty or repeated.
fn list(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    for item in text.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty()) {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(id: &str, blocked_by: &str) -> TaskForm {
        TaskForm { id: id.into(), title: "T".into(), blocked_by: blocked_by.into(), ..TaskForm::default() }
    }

    #[test]
    fn each_rule_has_its_sentence() {
        let known = |id: &str| id == "a";
        let long = "ü".repeat(257);
        for (form, field, allowed) in [
            (form("b", "a"), "", true),
            (form(" ", ""), "A task needs an id.", false),
            (form("a", ""), "There is a task with this id.", false),
            (form(&long, ""), "An id has at most 256 characters; this one has 257.", false),
            (form("b", "b"), "A task that waits for itself is never done.", false),
            (form("b", "a, x"), "x is not known yet: the task will wait.", true),
            (form("b", "x,y"), "x, y are not known yet: the task will wait.", true),
        ] {
            let remarks = form.check(known);
            let said: String =
                [&remarks.id, &remarks.blocked_by].into_iter().flatten().map(Remark::text).collect();
            assert_eq!((said.as_str(), remarks.allow()), (field, allowed));
        }
        let untitled = TaskForm { title: " ".into(), ..form("b", "") };
        assert!(!untitled.check(known).allow());
    }

    #[test]
    fn the_body_holds_what_was_typed_and_no_more() {
        let typed = TaskForm {
            id: " t1 ".into(),
            title: "Title".into(),
            description: "  ".into(),
            blocked_by: "a, b,,a\nc".into(),
            priority: "high".into(),
            tags: "x , y".into(),
        };
        let body = serde_json::to_string(&typed.body("operator")).unwrap();
        let expected = concat!(
            r#"{"task_id":"t1","title":"Title","blocked_by":["a","b","c"],"#,
            r#""priority":"high","tags":["x","y"],"by":"operator"}"#
        );
        assert_eq!(body, expected);
    }
}
