//! Signals: one per row that exists, one per column's order, one for the totals, one clock.
//! Written by the flush of a frame and by the tick of the clock; never from an effect.
//!
//! What is shown lies in plain values; most signals only say that it changed. Each type of signal costs the bundle some
//! kilobytes, so there are few.

mod acts;
mod flush;
mod rows;
mod shown;

pub(crate) use acts::Acts;
pub(crate) use flush::Arrived;
pub(crate) use rows::Rows;
pub(crate) use shown::Standing;

use crate::advice::Notice;
use crate::agent::{AgentRow, Orphan};
use crate::browser;
use crate::bulk::Verb;
use crate::card::Card;
use crate::link::{Link, Phase};
use crate::live::{Live, Totals};
use crate::reactive::{ArcRwSignal, RwSignal};
use crate::server::Server;
use crate::settings::{Credentials, Settings};
use mjwork::board::Status;
use mjwork::event::Subjects;
use mjwork::{AgentId, Duration, TaskId, Timestamp};
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::ops::Deref;

/// What one may do here.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Who the server says one is.
    pub(crate) user: Option<String>,
    /// Whether the server has said so yet.
    pub(crate) known: bool,
    /// Publish, edit and requeue tasks.
    pub(crate) publish: bool,
    /// Withdraw tasks.
    pub(crate) cancel: bool,
    /// Accept late results.
    pub(crate) accept: bool,
    /// Make the stream, where there is none.
    pub(crate) create: bool,
    /// In which account.
    pub(crate) account: Option<String>,
    /// What one needs in order to read the board, and may not do.
    pub(crate) missing: Vec<String>,
    /// Say something to all.
    pub(crate) say: bool,
}

impl Rights {
    /// Whether one may do anything to a task.
    pub(crate) fn any(&self) -> bool {
        self.publish || self.cancel || self.accept
    }
}

/// The moment that is looked at instead of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Past {
    /// Which one is wanted.
    pub(crate) at: Timestamp,
    /// Which one is shown; none before the first.
    pub(crate) shown: Option<Timestamp>,
    /// How far the fold is on its way there, in percent, and how many events that took.
    pub(crate) percent: usize,
    pub(crate) read: u64,
    /// Why it goes no further.
    pub(crate) fault: Option<String>,
}

impl Past {
    /// Whether what is shown is what is wanted.
    pub(crate) fn is_there(&self) -> bool {
        self.shown == Some(self.at)
    }
}

/// Where the page is connected to, as whom, and how that stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connected {
    pub(crate) link: Link,
    pub(crate) rights: Rights,
    pub(crate) notice: Option<Notice>,
    pub(crate) settings: Settings,
    /// What `config.json` says, before anybody changed it.
    pub(crate) base: Settings,
    /// What is known of who answers.
    pub(crate) answers: Server,
    /// Who is connected or tries to be; the secret stays in memory.
    pub(crate) credentials: Credentials,
    /// Where the connection goes.
    pub(crate) server: String,
    /// How many messages the stream held when its history began to be read.
    pub(crate) history: u64,
    /// How long the stream keeps messages; zero for ever.
    pub(crate) max_age: Duration,
    /// When the stream was created, in the server's words; empty before it is known.
    pub(crate) created: String,
    /// When the oldest message was stored that the stream still has.
    pub(crate) first_time: Option<Timestamp>,
    /// The moment of the past that is shown instead of now.
    pub(crate) past: Option<Past>,
    /// What is shown is a copy from the device, as of then, and what is new is being read.
    pub(crate) as_of: Option<Timestamp>,
    /// Somebody stopped the reading of the history before its end.
    pub(crate) is_cut: bool,
}

impl Connected {
    /// Who signs what is published, and under which subjects that goes.
    pub(crate) fn signer(&self) -> (String, Subjects) {
        let by = self.rights.user.clone().unwrap_or_else(|| "operator".into());
        (by, Subjects::new(self.settings.subject_prefix.clone()))
    }

    /// Whether a task can be published now.
    pub(crate) fn may_publish_now(&self) -> bool {
        self.rights.publish && self.is_up()
    }

    /// Whether something can be sent now.
    pub(crate) fn is_up(&self) -> bool {
        self.why_not_now().is_none()
    }

    /// Why nothing can be done now; none when it can.
    pub(crate) fn why_not_now(&self) -> Option<&'static str> {
        if self.past.is_some() {
            Some("This is the past: return to now to change anything.")
        } else if self.link.phase != Phase::Connected {
            Some("There is no connection.")
        } else if self.is_cut {
            Some("The history has not been read to its end.")
        } else if self.as_of.is_some() {
            Some("What is new is still being read.")
        } else {
            None
        }
    }

    /// Whether what is shown is not how things are.
    pub(crate) fn is_old(&self) -> bool {
        let is_on_the_way = self.past.as_ref().is_some_and(|past| !past.is_there());
        self.link.is_stale() || self.as_of.is_some() || self.is_cut || is_on_the_way
    }

    /// Whether the history is being read, and nothing is to be seen yet.
    pub(crate) fn is_reading(&self) -> bool {
        self.link.is_reading() && self.as_of.is_none() && !self.is_cut
    }
}

/// The one clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    /// The browser's, in ms.
    pub(crate) ms: i64,
    /// The server's.
    pub(crate) server: Timestamp,
}

/// Everything that the page shows and does. There is one page, and it lives as long as the tab.
pub(crate) struct State {
    present: RefCell<Live>,
    past: RefCell<Live>,
    /// Whether the past is shown, and not the present.
    shows_past: Cell<bool>,
    agents: RefCell<Vec<AgentId>>,
    orphans: RefCell<Vec<Orphan>>,
    connected: ArcRwSignal<Connected>,
    totals: ArcRwSignal<Totals>,
    now: ArcRwSignal<Now>,
    /// Moves with the order of a column.
    order_moved: [Moved; 6],
    /// Moves with any task.
    tasks_moved: Moved,
    /// Moves when agents come or go.
    agents_moved: Moved,
    orphans_moved: Moved,
    pub(crate) cards: Rows<TaskId, Card>,
    pub(crate) agent_rows: Rows<AgentId, AgentRow>,
    pub(crate) acts: Acts,
    shown: shown::Shown,
    /// What is asked before it is done to many tasks; none while nothing is asked.
    pub(crate) confirming: RwSignal<Option<Verb>>,
    /// Whether the form to sign in is open.
    pub(crate) signing_in: RwSignal<bool>,
    /// Whether the list of keys is open.
    pub(crate) helping: RwSignal<bool>,
    /// Whether the palette of commands is open.
    pub(crate) commanding: RwSignal<bool>,
    /// Whether the charts are folded out.
    pub(crate) charting: RwSignal<bool>,
    /// Whether the slider over the past is folded out.
    pub(crate) travelling: RwSignal<bool>,
    /// Whether the details of the connection are open.
    pub(crate) inspecting: RwSignal<bool>,
    /// Moves when rows become higher or lower.
    pub(crate) density_moved: RwSignal<u64>,
}

/// The state, as a handle that takes no room in whatever captures it.
#[derive(Clone, Copy)]
pub(crate) struct Ui(());

thread_local! {
    static STATE: Cell<Option<&'static State>> = const { Cell::new(None) };
}

impl Deref for Ui {
    type Target = State;

    #[inline(never)]
    fn deref(&self) -> &State {
        // Whoever has a handle has got it from `State::open`.
        STATE.get().unwrap_or_else(|| panic!("the state is not open"))
    }
}

/// Says only that something changed.
struct Moved(ArcRwSignal<u64>);

impl Moved {
    fn new() -> Self {
        Self(ArcRwSignal::new(0))
    }

    #[inline(never)]
    fn track(&self) {
        self.0.track();
    }

    #[inline(never)]
    fn step(&self) {
        self.0.update(|revision| *revision += 1);
    }
}

impl State {
    /// The state of a page that has just been opened.
    pub(crate) fn open() -> Ui {
        let ms = browser::now_ms();
        STATE.set(Some(Box::leak(Box::new(Self {
            present: RefCell::default(),
            past: RefCell::default(),
            shows_past: Cell::new(false),
            agents: RefCell::default(),
            orphans: RefCell::default(),
            connected: ArcRwSignal::new(Connected::default()),
            totals: ArcRwSignal::new(Totals::default()),
            now: ArcRwSignal::new(Now { ms, server: Timestamp::from_millis(ms) }),
            order_moved: std::array::from_fn(|_| Moved::new()),
            tasks_moved: Moved::new(),
            agents_moved: Moved::new(),
            orphans_moved: Moved::new(),
            cards: Rows::new(),
            agent_rows: Rows::new(),
            acts: Acts::new(),
            shown: shown::Shown::new(),
            confirming: RwSignal::new(None),
            signing_in: RwSignal::new(false),
            helping: RwSignal::new(false),
            commanding: RwSignal::new(false),
            charting: RwSignal::new(false),
            travelling: RwSignal::new(false),
            inspecting: RwSignal::new(false),
            density_moved: RwSignal::new(0),
        }))));
        Ui(())
    }

    /// What is shown, now or of the past, without being told when it changes.
    #[inline(never)]
    pub(crate) fn live(&self) -> Ref<'_, Live> {
        let shown = if self.shows_past.get() { &self.past } else { &self.present };
        shown.borrow()
    }

    /// What is known now, whatever is shown.
    #[inline(never)]
    pub(crate) fn present(&self) -> Ref<'_, Live> {
        self.present.borrow()
    }

    /// What is known now, to be changed; what follows shows with the next flush.
    #[inline(never)]
    pub(crate) fn live_mut(&self) -> RefMut<'_, Live> {
        self.present.borrow_mut()
    }

    /// The past that is looked at, to be changed; it shows with [`State::turn`].
    #[inline(never)]
    pub(crate) fn past_mut(&self) -> RefMut<'_, Live> {
        self.past.borrow_mut()
    }
}

impl Ui {
    /// Shows this moment of the past; or now.
    pub(crate) fn turn(self, past: Option<Past>) {
        let is_past = past.is_some();
        self.set_conn(|c| c.past = past);
        self.shows_past.set(is_past);
        if is_past {
            self.past_mut().show();
        } else {
            self.live_mut().show();
            self.past_mut().reset();
        }
        self.tick();
        self.flush();
    }
}

impl State {
    /// What is known; asks again whenever the order of this column changes.
    pub(crate) fn live_order(&self, status: Status) -> Ref<'_, Live> {
        self.order_moved[status as usize].track();
        self.live()
    }

    /// What is known; asks again whenever any task changes.
    pub(crate) fn live_tasks(&self) -> Ref<'_, Live> {
        self.tasks_moved.track();
        self.live()
    }

    /// The names of all agents in their order; asks again whenever one comes or goes.
    #[inline(never)]
    pub(crate) fn agents(&self) -> Ref<'_, Vec<AgentId>> {
        self.agents_moved.track();
        self.agents.borrow()
    }

    /// The work whose owner is lost; asks again whenever that changes.
    #[inline(never)]
    pub(crate) fn orphans(&self) -> Ref<'_, Vec<Orphan>> {
        self.orphans_moved.track();
        self.orphans.borrow()
    }

    /// The connection; asks again whenever it changes.
    #[inline(never)]
    pub(crate) fn conn(&self) -> Ref<'_, Connected> {
        self.connected.read()
    }

    /// The connection, without being told when it changes.
    #[inline(never)]
    pub(crate) fn conn_now(&self) -> Ref<'_, Connected> {
        self.connected.read_untracked()
    }

    /// Changes the connection.
    pub(crate) fn set_conn(&self, change: impl FnOnce(&mut Connected)) {
        let mut change = Some(change);
        self.change_conn(&mut |connected| {
            if let Some(change) = change.take() {
                change(connected);
            }
        });
    }

    #[inline(never)]
    fn change_conn(&self, change: &mut dyn FnMut(&mut Connected)) {
        self.connected.update(change);
    }

    /// How many of everything there are; asks again whenever that changes.
    #[inline(never)]
    pub(crate) fn totals(&self) -> Totals {
        self.totals.get()
    }

    /// The clock; asks again every second.
    #[inline(never)]
    pub(crate) fn now(&self) -> Now {
        self.now.get()
    }

    /// The server's time, without being told when it goes on.
    pub(crate) fn server_now(&self) -> Timestamp {
        self.now.get_untracked().server
    }
}
