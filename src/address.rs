//! What is looked at, as the address says it: only in the query, so that any static host and any path will do.

use std::fmt::Write as _;

/// A screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Columns by state.
    #[default]
    Board,
    /// Who works.
    Agents,
    /// What went wrong.
    Errors,
    /// The raw log.
    Messages,
}

impl Screen {
    /// Every screen, in the order of the navigation.
    pub const ALL: [Self; 4] = [Self::Board, Self::Agents, Self::Errors, Self::Messages];

    /// Its word in the address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Board => "board",
            Self::Agents => "agents",
            Self::Errors => "errors",
            Self::Messages => "messages",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Board => "Board",
            Self::Agents => "Agents",
            Self::Errors => "Errors",
            Self::Messages => "Messages",
        }
    }
}

/// By what the board is cut into lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// Not at all.
    #[default]
    Whole,
    /// One lane for each agent.
    Agent,
    /// One lane for each tag.
    Tag,
}

impl Group {
    /// Every way, in the order of the choice.
    pub const ALL: [Self; 3] = [Self::Whole, Self::Agent, Self::Tag];

    /// Its word in the address; empty for the whole board, which needs none.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Agent => "agent",
            Self::Tag => "tag",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Whole => "No lanes",
            Self::Agent => "By agent",
            Self::Tag => "By tag",
        }
    }
}

/// What is published in the dialog that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publishing {
    /// One task: `publish=1`.
    One,
    /// Many, from a file or what was pasted: `publish=bulk`.
    Bulk,
}

impl Publishing {
    /// Its word in the address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Bulk => "bulk",
        }
    }
}

/// What a screen keeps in the address for itself. The address only carries it: any text, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// The moment that is looked at instead of now.
    At,
    /// Which of its rows a screen shows.
    Filter,
    /// Which of its rows a screen shows whole.
    Open,
    /// In which order a screen shows its rows.
    Sort,
}

impl Param {
    /// Every one, in the order in which the address names them.
    pub const ALL: [Self; 4] = [Self::At, Self::Filter, Self::Open, Self::Sort];

    /// Its word in the address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Filter => "filter",
            Self::Open => "open",
            Self::Sort => "sort",
        }
    }

    /// Whether it means the same on every screen, and so is kept from one to the next.
    const fn is_everywhere(self) -> bool {
        matches!(self, Self::At)
    }
}

/// What is looked at.
///
/// | in the query | field | kept on another screen |
/// | --- | --- | --- |
/// | `screen=agents` | [`screen`](Self::screen); absent for the board | – |
/// | `task=ID` | [`task`](Self::task) | no |
/// | `q=TEXT` | [`search`](Self::search) | yes |
/// | `group=agent`, `group=tag` | [`group`](Self::group) | yes |
/// | `publish=1`, `publish=bulk` | [`publishing`](Self::publishing) | no |
/// | the words of [`Param`] | [`param`](Self::param) | only what means the same everywhere |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Which screen.
    pub screen: Screen,
    /// The task whose panel is open.
    pub task: Option<String>,
    /// What is searched for; empty for everything.
    pub search: String,
    /// How the board is cut into lanes.
    pub group: Group,
    /// The form that is open.
    pub publishing: Option<Publishing>,
    params: [Option<String>; Param::ALL.len()],
}

impl Address {
    /// Reads a query, with or without its question mark. What it does not know it ignores.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut address = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value);
            match key {
                "screen" => {
                    address.screen =
                        Screen::ALL.into_iter().find(|s| s.as_str() == value).unwrap_or_default();
                }
                "task" => address.task = Some(value).filter(|id| !id.is_empty()),
                "q" => address.search = value,
                "group" => {
                    address.group = Group::ALL.into_iter().find(|g| g.as_str() == value).unwrap_or_default();
                }
                "publish" => {
                    let all = [Publishing::One, Publishing::Bulk];
                    address.publishing = all.into_iter().find(|p| p.as_str() == value);
                }
                other => {
                    if let Some(param) = Param::ALL.into_iter().find(|p| p.as_str() == other) {
                        address.set(param, value);
                    }
                }
            }
        }
        address
    }

    /// The link to it, relative to the page: `?screen=agents&task=…`.
    #[must_use]
    pub fn href(&self) -> String {
        let mut href = String::from("?");
        let mut add = |key: &str, value: &str| {
            if value.is_empty() {
                return;
            }
            if href.len() > 1 {
                href.push('&');
            }
            let _ = write!(href, "{key}={}", encode(value));
        };
        add("screen", if self.screen == Screen::Board { "" } else { self.screen.as_str() });
        add("task", self.task.as_deref().unwrap_or_default());
        add("q", &self.search);
        add("group", self.group.as_str());
        add("publish", self.publishing.map_or("", Publishing::as_str));
        for param in Param::ALL {
            add(param.as_str(), self.param(param).unwrap_or_default());
        }
        href
    }

    /// What a screen keeps there.
    #[must_use]
    pub fn param(&self, param: Param) -> Option<&str> {
        self.params[param as usize].as_deref()
    }

    /// The same view with another value there; an empty one takes it away.
    #[must_use]
    pub fn with(mut self, param: Param, value: &str) -> Self {
        self.set(param, value.to_owned());
        self
    }

    fn set(&mut self, param: Param, value: String) {
        self.params[param as usize] = Some(value).filter(|value| !value.is_empty());
    }

    /// The same view with this task's panel open.
    #[must_use]
    pub fn with_task(&self, id: &str) -> Self {
        Self { task: Some(id.to_owned()), ..self.clone() }
    }

    /// The same view without a panel.
    #[must_use]
    pub fn without_task(&self) -> Self {
        Self { task: None, ..self.clone() }
    }

    /// The same view with another search.
    #[must_use]
    pub fn searching(&self, text: &str) -> Self {
        Self { search: text.to_owned(), ..self.clone() }
    }

    /// The same view in other lanes.
    #[must_use]
    pub fn grouped(&self, group: Group) -> Self {
        Self { group, ..self.clone() }
    }

    /// The same view with this form open, or none.
    #[must_use]
    pub fn publishing(&self, publishing: Option<Publishing>) -> Self {
        Self { publishing, ..self.clone() }
    }

    /// Another screen.
    #[must_use]
    pub fn on(&self, screen: Screen) -> Self {
        let mut next = Self { screen, task: None, publishing: None, ..self.clone() };
        if screen != self.screen {
            for param in Param::ALL.into_iter().filter(|param| !param.is_everywhere()) {
                next.set(param, String::new());
            }
        }
        next
    }
}

/// A text as a query carries it.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// What a part of a query says.
pub(crate) fn decode(text: &str) -> String {
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = match (bytes[at], hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => Some(high * 16 + low),
            _ => None,
        };
        if let Some(byte) = escape {
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_the_same_view() {
        for address in [
            Address::default(),
            Address::default().on(Screen::Agents).with_task("a b&c=ü%").searching("x y+z"),
            Address::default().on(Screen::Messages),
            Address::default().searching("status:failed,blocked -tag:\"a b\"").grouped(Group::Tag),
            Address::default().grouped(Group::Agent).publishing(Some(Publishing::Bulk)),
            Address::default().publishing(Some(Publishing::One)).with(Param::At, "1700000000000"),
            Address::default()
                .with(Param::Filter, "tasks.>")
                .with(Param::Open, "12&13")
                .with(Param::Sort, "-age"),
        ] {
            assert_eq!(Address::parse(&address.href()), address, "{}", address.href());
        }
        assert_eq!(Address::default().href(), "?");
        assert_eq!(Address::default().grouped(Group::Tag).href(), "?group=tag");
        assert_eq!(Address::default().publishing(Some(Publishing::One)).href(), "?publish=1");
    }

    #[test]
    fn what_is_unknown_is_ignored() {
        let nothing = "?screen=nowhere&x=1&&=&task=&group=colour&publish=2&at=&filter";
        assert_eq!(Address::parse(nothing), Address::default());
        assert_eq!(Address::parse("q=%zz%4").search, "%zz%4");
        assert_eq!(Address::parse("task=a%20b").task.as_deref(), Some("a b"));
    }

    #[test]
    fn what_a_screen_keeps_for_itself_stays_there() {
        let here =
            Address::parse("?screen=messages&q=x&group=tag&open=7&filter=errors&at=5&task=t&publish=1");
        assert_eq!((here.param(Param::Open), here.param(Param::Filter)), (Some("7"), Some("errors")));
        assert_eq!(here.on(Screen::Errors).href(), "?screen=errors&q=x&group=tag&at=5");
        assert_eq!(here.on(Screen::Messages).param(Param::Open), Some("7"));
        assert_eq!(here.with(Param::At, "").param(Param::At), None);
    }

    #[test]
    fn a_panel_opens_and_closes_over_its_screen() {
        let agents = Address::default().on(Screen::Agents);
        assert_eq!(agents.with_task("t").href(), "?screen=agents&task=t");
        assert_eq!(agents.with_task("t").without_task(), agents);
    }
}
