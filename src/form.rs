//! The form of a task: what its fields mean, and what is wrong with them, as one types.

use mjwork::board::{Board, Task};
use mjwork::publisher::{Intent, TaskFault, faults};
use mjwork::{NewTask, TaskId};

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
    /// `Attempts`; empty for as many as usual.
    pub attempts: String,
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
    /// As a text: its sign, then the sentence. Nothing is an empty one.
    #[must_use]
    pub fn written(remark: Option<&Self>) -> String {
        match remark {
            Some(Self::Error(text)) => format!("!{text}"),
            Some(Self::Warning(text)) => format!("?{text}"),
            None => String::new(),
        }
    }

    /// Out of that text.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        let text = written.get(1..)?.to_owned();
        Some(if written.starts_with('!') { Self::Error(text) } else { Self::Warning(text) })
    }

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
    /// About `Description`: what makes the whole too large.
    pub description: Option<Remark>,
    /// About `Blocked by`.
    pub blocked_by: Option<Remark>,
    /// About `Attempts`.
    pub attempts: Option<Remark>,
}

impl Remarks {
    /// All of them, in the order of the fields.
    #[must_use]
    pub fn all(&self) -> [Option<&Remark>; 5] {
        [&self.id, &self.title, &self.description, &self.blocked_by, &self.attempts].map(Option::as_ref)
    }

    /// Whether nothing stands against publishing.
    #[must_use]
    pub fn allow(&self) -> bool {
        !self.all().into_iter().any(|remark| matches!(remark, Some(Remark::Error(_))))
    }
}

/// What the fields are held against.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The board that the task is to come on.
    pub board: &'a Board,
    /// Whether it is to be new, or an edit.
    pub intent: Intent,
    /// How many bytes the server takes of a message.
    pub max_payload: usize,
    /// How many bytes the task has as a message.
    pub size: &'a dyn Fn(&NewTask) -> usize,
}

impl TaskForm {
    /// The form of a task as it is.
    #[must_use]
    pub fn of(task: &Task) -> Self {
        let definition = &task.definition;
        Self {
            id: task.id.as_str().to_owned(),
            title: definition.title.to_string(),
            description: definition.description.as_deref().unwrap_or_default().to_owned(),
            blocked_by: listed(definition.blocked_by.iter().map(TaskId::as_str)),
            priority: definition.priority.as_str().to_owned(),
            tags: listed(definition.tags.iter().map(AsRef::as_ref)),
            attempts: definition.max_attempts.to_string(),
        }
    }

    /// These fields over a task that became `now` after it was `base`: what nobody touched follows.
    #[must_use]
    pub fn over(&self, base: &Self, now: &Self) -> Self {
        let pick = |mine: &String, base: &String, now: &String| if mine == base { now } else { mine }.clone();
        Self {
            id: self.id.clone(),
            title: pick(&self.title, &base.title, &now.title),
            description: pick(&self.description, &base.description, &now.description),
            blocked_by: pick(&self.blocked_by, &base.blocked_by, &now.blocked_by),
            priority: pick(&self.priority, &base.priority, &now.priority),
            tags: pick(&self.tags, &base.tags, &now.tags),
            attempts: pick(&self.attempts, &base.attempts, &now.attempts),
        }
    }

    /// What of this one the next begins with: its priority and its tags.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { priority: self.priority.clone(), tags: self.tags.clone(), ..Self::default() }
    }

    /// Looks at the fields.
    #[must_use]
    pub fn check(&self, ground: &Ground<'_>) -> Remarks {
        let error = |text: &str| Some(Remark::Error(text.to_owned()));
        let id = self.id.trim();
        let mut remarks = Remarks::default();
        if id.is_empty() {
            remarks.id = error("A task needs an id.");
        } else if TaskId::new(id).is_err() {
            let rule = format!("An id has at most 256 characters; this one has {}.", id.chars().count());
            remarks.id = Some(Remark::Error(rule));
        } else if ground.intent == Intent::Publish && ground.board.task(id).is_some() {
            remarks.id = error("There is a task with this id.");
        }
        let blockers = list(&self.blocked_by);
        if blockers.iter().any(|blocker| TaskId::new(blocker).is_err()) {
            remarks.blocked_by = error("An id has at most 256 characters.");
        }
        if !self.attempts.trim().is_empty() && self.attempts.trim().parse::<u32>().is_err() {
            remarks.attempts = error("A whole number, 1 or more.");
        }
        // The rest can be looked at before there is an id.
        let stand_in = if remarks.id.is_some() && ground.intent == Intent::Publish { "\u{0}" } else { id };
        let Some(task) = TaskId::new(stand_in).ok().and_then(|id| self.task_as(id)) else { return remarks };
        let size = (ground.size)(&task);
        let found = faults(ground.board, &[task], &[size], ground.max_payload, ground.intent);
        let mut unknown: Vec<String> = Vec::new();
        for fault in found.into_iter().flat_map(|task| task.faults) {
            match fault {
                TaskFault::EmptyTitle => remarks.title = error("A task needs a title."),
                TaskFault::Unknown => remarks.id = error("The task is gone."),
                TaskFault::UnknownBlocker(id) => unknown.push(id.as_str().to_owned()),
                TaskFault::Itself => {
                    remarks.blocked_by = error("A task that waits for itself is never done.");
                }
                TaskFault::Cycle(_) | TaskFault::TooManyBlockers { .. } => {
                    remarks.blocked_by = Some(Remark::Error(capital(&fault.to_string())));
                }
                TaskFault::TooLarge { .. } => {
                    remarks.description = Some(Remark::Error(capital(&fault.to_string())));
                }
                TaskFault::NoAttempts => remarks.attempts = error("A whole number, 1 or more."),
                other => remarks.id = Some(Remark::Error(capital(&other.to_string()))),
            }
        }
        if !id.is_empty() && blockers.iter().any(|blocker| blocker == id) {
            remarks.blocked_by = error("A task that waits for itself is never done.");
        } else if remarks.blocked_by.is_none() && !unknown.is_empty() {
            let verb = if unknown.len() == 1 { "is" } else { "are" };
            let words = format!("{} {verb} not known yet: the task will wait.", unknown.join(", "));
            remarks.blocked_by = Some(Remark::Warning(words));
        }
        remarks
    }

    /// The task that these fields mean; none where they mean none.
    #[must_use]
    pub fn task(&self) -> Option<NewTask> {
        self.task_as(TaskId::new(self.id.trim()).ok()?)
    }

    fn task_as(&self, id: TaskId) -> Option<NewTask> {
        let optional = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let blocked_by = list(&self.blocked_by).into_iter().map(|id| TaskId::new(id).ok());
        Some(NewTask {
            description: optional(&self.description),
            blocked_by: blocked_by.collect::<Option<Vec<_>>>()?,
            priority: optional(&self.priority).filter(|priority| priority != "normal"),
            tags: list(&self.tags),
            max_attempts: optional(&self.attempts).and_then(|text| text.parse().ok()),
            ..NewTask::new(id, self.title.trim())
        })
    }
}

/// A rule of the crate as a sentence.
fn capital(words: &str) -> String {
    let mut sentence = words.to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence.push('.');
    sentence
}

/// Items with commas between; one that holds a comma or begins with a quote stands in quotes.
fn listed<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let quoted = |item: &str| {
        if item.contains([',', '\n']) || item.starts_with('"') {
            format!("\"{}\"", item.replace('"', "\"\""))
        } else {
            item.to_owned()
        }
    };
    items.map(quoted).collect::<Vec<_>>().join(", ")
}

/// What stands between commas, without what is empty or repeated.
#[must_use]
pub fn list(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.trim_start();
        let mut item = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut chars = quoted.chars();
            while let Some(c) = chars.next() {
                if c != '"' {
                    item.push(c);
                } else if chars.as_str().starts_with('"') {
                    chars.next();
                    item.push(c);
                } else {
                    break;
                }
            }
            rest = chars.as_str();
        }
        let end = rest.find([',', '\n']).unwrap_or(rest.len());
        item.push_str(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
        let item = item.trim();
        if !item.is_empty() && !items.iter().any(|known| known == item) {
            items.push(item.to_owned());
        }
    }
    items
}

/// The last item of a list, which is still being typed, and what stands before it.
#[must_use]
pub fn being_typed(text: &str) -> (&str, &str) {
    let start = text.rfind([',', '\n']).map_or(0, |at| at + 1);
    let (before, item) = text.split_at(start);
    (before, item.trim_start())
}

/// Ids that a list may be completed with: they hold what is typed, and the list does not have them. Those that begin
/// with it come first.
#[must_use]
pub fn completions(board: &Board, text: &str, own: &str, limit: usize) -> Vec<TaskId> {
    let (before, typed) = being_typed(text);
    if typed.is_empty() {
        return Vec::new();
    }
    let typed = typed.as_bytes();
    let holds =
        |text: &str| text.as_bytes().windows(typed.len()).any(|part| part.eq_ignore_ascii_case(typed));
    let begins = |id: &TaskId| {
        id.as_str().as_bytes().get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
    };
    let chosen = list(before);
    let mut found: Vec<(bool, &TaskId)> = Vec::new();
    for task in board.tasks() {
        let id = task.id.as_str();
        let is_wanted = id != own.trim() && (holds(id) || holds(&task.definition.title));
        if is_wanted && !chosen.iter().any(|chosen| chosen == id) {
            let found_at = (!begins(&task.id), &task.id);
            let place = found.partition_point(|other| *other < found_at);
            if place < limit {
                found.insert(place, found_at);
                found.truncate(limit);
            }
        }
    }
    found.into_iter().map(|(_, id)| id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;
    use mjwork::event::Subjects;

    fn form(id: &str, blocked_by: &str) -> TaskForm {
        TaskForm { id: id.into(), title: "T".into(), blocked_by: blocked_by.into(), ..TaskForm::default() }
    }

    fn check(form: &TaskForm, intent: Intent) -> Remarks {
        let mut script = Script::new();
        script.available("a", "");
        script.available("back", r#","blocked_by":["b"]"#);
        let size = |task: &NewTask| task.draft(&Subjects::default(), None, 0).wire_len();
        form.check(&Ground { board: &script.board, intent, max_payload: 2_000, size: &size })
    }

    fn said(remarks: &Remarks) -> String {
        for remark in remarks.all() {
            assert_eq!(Remark::read(&Remark::written(remark)).as_ref(), remark);
        }
        remarks.all().into_iter().flatten().map(Remark::text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_rule_has_its_sentence() {
        let long = "ü".repeat(257);
        let large = TaskForm { description: "x".repeat(2_000), ..form("b", "") };
        let attempts = |text: &str| TaskForm { attempts: text.into(), ..form("b", "") };
        for (form, words, allowed) in [
            (form("b", "a"), "", true),
            (form(" ", ""), "A task needs an id.", false),
            (form("", "x"), "A task needs an id. x is not known yet: the task will wait.", false),
            (form("a", ""), "There is a task with this id.", false),
            (form(&long, ""), "An id has at most 256 characters; this one has 257.", false),
            (form("b", &long), "An id has at most 256 characters.", false),
            (form("b", "b"), "A task that waits for itself is never done.", false),
            (form("b", "back"), "It waits for itself, through back.", false),
            (form("b", "a, x"), "x is not known yet: the task will wait.", true),
            (form("b", "x,y"), "x, y are not known yet: the task will wait.", true),
            (attempts("0"), "A whole number, 1 or more.", false),
            (attempts("x"), "A whole number, 1 or more.", false),
            (attempts("5"), "", true),
        ] {
            let remarks = check(&form, Intent::Publish);
            assert_eq!((said(&remarks).as_str(), remarks.allow()), (words, allowed), "{form:?}");
        }
        let remarks = check(&large, Intent::Publish);
        assert!(said(&remarks).contains("bytes, and the server takes 1500 of a task") && !remarks.allow());
        let untitled = TaskForm { title: " ".into(), ..form("b", "") };
        assert!(!check(&untitled, Intent::Publish).allow());
        assert_eq!(said(&check(&form("a", "back"), Intent::Edit)), "");
        assert_eq!(said(&check(&form("b", ""), Intent::Edit)), "The task is gone.");
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
            attempts: String::new(),
        };
        let draft = typed.task().unwrap().draft(&Subjects::default(), Some("operator"), 0);
        let expected = concat!(
            r#"{"task_id":"t1","title":"Title","blocked_by":["a","b","c"],"#,
            r#""priority":"high","tags":["x","y"],"by":"operator","after":0}"#
        );
        assert_eq!(draft.payload, expected);
    }

    #[test]
    fn a_form_over_a_task_means_that_task() {
        let mut script = Script::new();
        let odd = r#","tags":["a, b","\"q\""],"blocked_by":["x,y","z"],"priority":"odd","description":"d","max_attempts":7"#;
        for more in ["", odd] {
            script.available("t", more);
            let task = script.board.task("t").unwrap();
            let form = TaskForm::of(task);
            assert_eq!(form.task().unwrap().definition(), task.definition, "{form:?}");
        }
    }

    #[test]
    fn what_nobody_touched_follows_the_task() {
        let base = TaskForm { title: "old".into(), tags: "x".into(), ..form("t", "a") };
        let mine = TaskForm { title: "mine".into(), ..base.clone() };
        let now = TaskForm { title: "theirs".into(), tags: "x, y".into(), ..base.clone() };
        let both = mine.over(&base, &now);
        assert_eq!(
            (both.title.as_str(), both.tags.as_str(), both.blocked_by.as_str()),
            ("mine", "x, y", "a")
        );
        assert_eq!(both.another(), TaskForm { tags: "x, y".into(), ..TaskForm::default() });
    }

    #[test]
    fn a_list_is_completed_by_what_it_lacks() {
        let mut script = Script::new();
        for id in ["alpha", "alps", "beta-al", "gamma", "own-al"] {
            script.available(id, "");
        }
        let ids = |text: &str| {
            let found = completions(&script.board, text, "own-al", 3);
            found.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ids("al"), "alpha alps beta-al");
        assert_eq!(ids("alpha, AL"), "alps beta-al");
        assert_eq!((ids("alpha, ").as_str(), ids("").as_str(), ids("nothing").as_str()), ("", "", ""));
        assert_eq!(ids("title of g"), "gamma");
        assert_eq!(being_typed("a, b"), ("a,", "b"));
    }
}
