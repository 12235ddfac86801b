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

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Which screen.
    pub screen: Screen,
    /// The task whose panel is open.
    pub task: Option<String>,
    /// What is searched for; empty for everything.
    pub search: String,
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
                "task" if !value.is_empty() => address.task = Some(value),
                "q" => address.search = value,
                _ => {}
            }
        }
        address
    }

    /// The link to it, relative to the page: `?screen=agents&task=…`.
    #[must_use]
    pub fn href(&self) -> String {
        let mut href = String::from("?");
        let mut add = |key: &str, value: &str| {
            if href.len() > 1 {
                href.push('&');
            }
            let _ = write!(href, "{key}={}", encode(value));
        };
        if self.screen != Screen::Board {
            add("screen", self.screen.as_str());
        }
        if let Some(task) = &self.task {
            add("task", task);
        }
        if !self.search.is_empty() {
            add("q", &self.search);
        }
        href
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

    /// Another screen, the search kept.
    #[must_use]
    pub fn on(&self, screen: Screen) -> Self {
        Self { screen, task: None, search: self.search.clone() }
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
            Address { screen: Screen::Agents, task: Some("a b&c=ü%".into()), search: "x y+z".into() },
            Address { screen: Screen::Messages, task: None, search: String::new() },
        ] {
            assert_eq!(Address::parse(&address.href()), address, "{}", address.href());
        }
        assert_eq!(Address::default().href(), "?");
    }

    #[test]
    fn what_is_unknown_is_ignored() {
        assert_eq!(Address::parse("?screen=nowhere&x=1&&=&task="), Address::default());
        assert_eq!(Address::parse("q=%zz%4").search, "%zz%4");
        assert_eq!(Address::parse("task=a%20b").task.as_deref(), Some("a b"));
    }

    #[test]
    fn a_panel_opens_and_closes_over_its_screen() {
        let agents = Address::default().on(Screen::Agents);
        assert_eq!(agents.with_task("t").href(), "?screen=agents&task=t");
        assert_eq!(agents.with_task("t").without_task(), agents);
    }
}
