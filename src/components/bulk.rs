//! Many tasks from a text that was pasted, dropped or chosen: what is in it row by row, and how far publishing it is.

use super::fields::field;
use super::{List, Page, button, windowed};
use crate::batch::{Bulk, State, Tally};
use crate::browser::{self, now_ms};
use crate::dom::{El, el};
use crate::format::{count, one_line, percent};
use crate::reactive::{Memo, RwSignal, StoredValue, untrack};
use crate::session;
use crate::state::Ui;
use gloo_timers::future::TimeoutFuture;
use mjwork::NewTask;
use mjwork::publisher::{Intent, faults};
use std::cell::Cell;
use std::fmt::Write as _;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event, File, HtmlInputElement, HtmlTextAreaElement};

/// So many tasks are on their way at once.
const LANES: usize = 64;
/// What is shown of the progress follows it this often, in ms.
const SHOWN_EVERY_MS: i64 = 100;
/// So often, and at most so many times, one looks whether the fold has got to what is stored.
const FOLD_MS: u32 = 100;
const FOLD_TIMES: u32 = 100;

/// A bulk import.
#[derive(Clone, Copy)]
pub(super) struct Import {
    ui: Ui,
    bulk: StoredValue<Bulk>,
    /// Moves with it, but not with every row of it.
    moved: RwSignal<usize>,
    /// What was read, or why it could not be.
    said: RwSignal<String>,
    is_wrong: RwSignal<bool>,
    is_running: RwSignal<bool>,
    /// Whether only what stands in the way or went wrong is listed.
    only_bad: RwSignal<bool>,
}

impl Import {
    pub(super) fn new() -> Self {
        Self {
            ui: Page::here().ui,
            bulk: StoredValue::new(Bulk::default()),
            moved: RwSignal::new(0),
            said: RwSignal::default(),
            is_wrong: RwSignal::new(false),
            is_running: RwSignal::new(false),
            only_bad: RwSignal::new(false),
        }
    }

    /// Whether something was read that is not published.
    pub(super) fn is_unfinished(self) -> bool {
        let Tally { ready, sent, failed, .. } = self.tally();
        ready + sent + failed > 0
    }

    fn tally(self) -> Tally {
        self.moved.track();
        self.bulk.with_value(Bulk::tally)
    }

    fn step(self) {
        // The dialog may be gone.
        let _ = self.moved.try_update(|moved| *moved += 1);
    }

    /// Takes in a text, instead of the one before.
    fn read(self, name: &str, text: &str) {
        if self.is_running.get_untracked() {
            return;
        }
        let (by, subjects) = self.ui.conn_now().signer();
        let live = self.ui.live();
        let check = |tasks: &[NewTask]| {
            let sizes: Vec<usize> =
                tasks.iter().map(|task| task.draft(&subjects, Some(&by), 0).wire_len()).collect();
            faults(live.board(), tasks, &sizes, session::max_payload(), Intent::Publish)
        };
        let read = if text.trim().is_empty() {
            Ok((Bulk::default(), String::new()))
        } else {
            let read = Bulk::read(name, text, live.board(), check);
            read.map(|(bulk, format)| (bulk, format.as_str().to_owned()))
        };
        let (bulk, said, is_wrong) = match read {
            Ok((bulk, said)) => (bulk, said, false),
            Err(why) => (Bulk::default(), format!("This cannot be read: {why}."), true),
        };
        self.bulk.set_value(bulk);
        self.said.set(said);
        self.is_wrong.set(is_wrong);
        self.step();
    }

    fn read_file(self, file: File) {
        browser::spawn(async move {
            let text = browser::file_text(&file).await;
            if self.moved.try_get_untracked().is_none() {
                return;
            }
            if let Some(text) = text {
                self.read(&file.name(), &text);
            } else {
                self.said.set("The file cannot be read.".to_owned());
                self.is_wrong.set(true);
            }
        });
    }

    /// Publishes what is ready, and what failed once more.
    fn start(self) {
        if self.is_running.get_untracked() {
            return;
        }
        self.is_running.set(true);
        self.bulk.update_value(|bulk| bulk.retry(self.ui.live().board()));
        let (by, subjects) = self.ui.conn_now().signer();
        let lanes = Rc::new(Cell::new(LANES));
        let last_shown = Rc::new(Cell::new(now_ms()));
        for _ in 0..LANES {
            let (by, subjects) = (by.clone(), subjects.clone());
            let (lanes, last_shown) = (lanes.clone(), last_shown.clone());
            browser::spawn(async move {
                while let Some((at, task)) = self.next() {
                    let stored = session::deliver(task.draft(&subjects, Some(&by), 0)).await;
                    let _ = self.bulk.try_update_value(|bulk| bulk.sent(at, stored));
                    if now_ms() - last_shown.get() >= SHOWN_EVERY_MS {
                        last_shown.set(now_ms());
                        self.step();
                    }
                }
                lanes.set(lanes.get() - 1);
                if lanes.get() == 0 {
                    self.ended().await;
                }
            });
        }
        self.step();
    }

    /// The next task to be sent; none when all are, somebody stopped it, the line is down, or the dialog is gone.
    fn next(self) -> Option<(usize, NewTask)> {
        let goes_on = self.is_running.try_get_untracked()? && self.ui.conn_now().is_up();
        if goes_on { self.bulk.try_update_value(Bulk::take)? } else { None }
    }

    /// All that was sent is answered. What the fold says of it comes a moment later.
    async fn ended(self) {
        let _ = self.is_running.try_set(false);
        self.step();
        let Some(last) = self.bulk.try_with_value(Bulk::last_stored) else { return };
        for _ in 0..FOLD_TIMES {
            if self.ui.live().board().last_seq() >= last {
                break;
            }
            TimeoutFuture::new(FOLD_MS).await;
        }
        let judge = |bulk: &mut Bulk| bulk.judge(|seq, id| self.ui.live().verdict(seq, id));
        let _ = self.bulk.try_update_value(judge);
        self.step();
    }

    /// What is read and published here.
    pub(super) fn show(self, leave: Rc<dyn Fn()>) -> El {
        let pasted = move |event: Event| {
            let area: Option<HtmlTextAreaElement> = event.target().and_then(|target| target.dyn_into().ok());
            if let Some(area) = area {
                self.read("", &area.value());
            }
        };
        let chosen = move |event: Event| {
            let input: Option<HtmlInputElement> = event.target().and_then(|target| target.dyn_into().ok());
            if let Some(file) = input.and_then(|input| input.files()?.get(0)) {
                self.read_file(file);
            }
        };
        let is_over = RwSignal::new(false);
        let dropped = move |event: Event| {
            event.prevent_default();
            is_over.set(false);
            let event: DragEvent = event.unchecked_into();
            let Some(data) = event.data_transfer() else { return };
            match data.files().and_then(|files| files.get(0)) {
                Some(file) => self.read_file(file),
                None => self.read("", &data.get_data("text").unwrap_or_default()),
            }
        };
        let area = el("textarea", "mono")
            .attr("spellcheck", "false")
            .attr("placeholder", "task_id,title,blocked_by")
            .on("input", pasted)
            .disabled(move || self.is_running.get());
        let file = el("input", "")
            .attr("type", "file")
            .attr("accept", ".csv,.tsv,.json,.jsonl,.ndjson,.txt")
            .on("change", chosen)
            .disabled(move || self.is_running.get());
        let drop = el("div", "drop")
            .toggle("over", move || is_over.get())
            .on("dragover", move |event| {
                event.prevent_default();
                is_over.set(true);
            })
            .on("dragleave", move |_| is_over.set(false))
            .on("drop", dropped)
            .child(field("import-text", "Tasks as JSON, JSON lines or CSV: paste or drop them", area, None))
            .child(field("import-file", "Or choose a file", file, None));
        let has_rows = Memo::new(move || self.tally().all > 0);
        let preview = move || has_rows.get().then(|| untrack(|| self.preview()));
        el("div", "fields")
            .child(drop)
            .child(
                el("p", "")
                    .attr("role", "status")
                    .toggle("red", move || self.is_wrong.get())
                    .says(move || self.sentence()),
            )
            .slot(preview)
            .child(self.progress())
            .child(self.buttons(leave))
    }

    /// What is in it, in a sentence.
    fn sentence(self) -> String {
        let said = self.said.get();
        let Tally { all, ill, failed, stored, there, .. } = self.tally();
        if all == 0 {
            return if said.is_empty() || self.is_wrong.get() {
                said
            } else {
                format!("{said}: there is no task in it.")
            };
        }
        let mut words = format!("{said}: {} tasks", count(all));
        let mut also = |number: usize, what: &str| {
            if number > 0 {
                let _ = write!(words, ", {} {what}", count(number));
            }
        };
        also(ill, "cannot be published");
        also(failed, "went wrong");
        also(stored, "stored");
        also(there, "there already");
        words.push('.');
        words
    }

    /// The rows, of which only those in sight exist.
    fn preview(self) -> El {
        let bad = Memo::new(move || {
            self.moved.track();
            let only_bad = self.only_bad.get();
            only_bad.then(|| {
                Rc::new(self.bulk.with_value(|bulk| bulk.bad().map(|at| at.to_string()).collect::<Vec<_>>()))
            })
        });
        // A row's key moves with its state, so that it is made anew.
        let key = move |at: usize| {
            let state = self.bulk.with_value(|bulk| bulk.row(at).map(|(_, state)| state.as_str()));
            state.map(|state| format!("{at} {state}"))
        };
        let list = windowed(List {
            total: Box::new(move || bad.get().map_or_else(|| self.tally().all, |bad| bad.len())),
            keys: Rc::new(move |range| {
                self.moved.track();
                match bad.get() {
                    Some(bad) => range.filter_map(|place| key(bad.get(place)?.parse().ok()?)).collect(),
                    None => range.filter_map(key).collect(),
                }
            }),
            place: Box::new(move |key| {
                let at = place_of(key)?;
                match bad.get_untracked() {
                    Some(bad) => bad.iter().position(|other| other.parse() == Ok(at)),
                    None => Some(at),
                }
            }),
            row: Box::new(move |key| self.row(key)),
            step: "--row-step",
            class: "",
            label: Box::new(|| "Tasks of the import".into()),
        });
        let head = el("div", "list-head").attr("aria-hidden", "true").children(
            ["Where", "Task id", "Title", "What is said of it"].map(|name| el("span", "").text(name)),
        );
        let filter = el("label", "check")
            .toggle("gone", move || {
                let tally = self.tally();
                tally.ill + tally.failed == 0
            })
            .child(
                el("input", "")
                    .attr("type", "checkbox")
                    .on("change", move |_| self.only_bad.update(|only| *only = !*only)),
            )
            .text("Only those with errors");
        el("div", "preview").child(filter).child(el("div", "table import").child(head).child(list))
    }

    fn row(self, key: &str) -> El {
        let shown = self.bulk.with_value(|bulk| {
            let (row, state) = bulk.row(place_of(key)?)?;
            let id = row.id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
            let title = row.task.as_ref().map(|task| one_line(&task.title, 120)).unwrap_or_default();
            Some((
                row.place.clone(),
                id,
                title,
                state.sentence(),
                state.is_bad(),
                state.as_str(),
                *state == State::Sent,
            ))
        });
        let Some((place, id, title, said, is_bad, word, is_sent)) = shown else { return el("div", "row") };
        let tone = match word {
            _ if is_bad => "cut red",
            "stored" | "there" => "cut green",
            _ => "cut soft",
        };
        let mark = match word {
            _ if is_bad => "✕ ",
            "stored" | "there" => "✓ ",
            _ if is_sent => "◌ ",
            _ => "",
        };
        el("div", "row")
            .attr("role", "listitem")
            .attr("data-import", word)
            .child(el("span", "soft").text(&place))
            .child(el("span", "cut mono").attr("title", &id).text(&id))
            .child(el("span", "cut").attr("title", &title).text(&title))
            .child(el("span", tone).attr("title", &said).text(&format!("{mark}{said}")))
    }

    /// How far it is, while it runs.
    fn progress(self) -> El {
        let done = move || {
            let tally = self.tally();
            (tally.stored + tally.there + tally.failed, tally.all - tally.ill)
        };
        let share = move || {
            let (done, all) = done();
            format!("{}%", percent(done, all))
        };
        el("div", "line")
            .toggle("gone", move || !self.is_running.get())
            .child(
                el("div", "meter spread")
                    .attr("role", "progressbar")
                    .attr("aria-label", "Published")
                    .attr("aria-valuemin", "0")
                    .bind("aria-valuemax", move || done().1.to_string())
                    .bind("aria-valuenow", move || done().0.to_string())
                    .child(el("span", "").style("width", share)),
            )
            .child(el("span", "").says(move || {
                let (done, all) = done();
                format!("{} of {}", count(done), count(all))
            }))
    }

    fn buttons(self, leave: Rc<dyn Fn()>) -> El {
        let publish = move || {
            let Tally { ready, failed, .. } = self.tally();
            match (ready, failed) {
                (0, 0) => "Publish tasks".to_owned(),
                (0, failed) => format!("Retry {} failed", count(failed)),
                (ready, _) => format!("Publish {} tasks", count(ready)),
            }
        };
        let why_not = move || {
            let Tally { ready, failed, .. } = self.tally();
            let hindrance = self.ui.conn().why_not_now();
            if hindrance.is_some() {
                hindrance
            } else if self.is_running.get() {
                Some("It is running.")
            } else if ready + failed == 0 {
                Some("There is nothing to publish.")
            } else {
                None
            }
        };
        let start = button("primary", "", move || self.start())
            .says(publish)
            .disabled(move || why_not().is_some())
            .bind("title", move || why_not().unwrap_or_default());
        let stop = button("", "Cancel the import", move || self.is_running.set(false))
            .toggle("gone", move || !self.is_running.get());
        el("div", "buttons").child(button("", "Close", move || leave())).child(stop).child(start)
    }
}

/// The place of a row, out of its key.
fn place_of(key: &str) -> Option<usize> {
    key.split(' ').next()?.parse().ok()
}
