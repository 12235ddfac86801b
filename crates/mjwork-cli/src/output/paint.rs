//! Colours: what they mean, not which they are. They fall away where no terminal shows them.

use anstyle::{AnsiColor, Style};
use mjwork::board::{Liveness, Status};
use std::fmt;

/// How a text stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// It does not.
    #[default]
    Plain,
    /// A heading.
    Bold,
    /// An aside.
    Dim,
    /// Good.
    Green,
    /// Bad.
    Red,
    /// To be looked at.
    Yellow,
    /// Under way.
    Cyan,
    /// Waiting for somebody.
    Blue,
}

impl Paint {
    /// The style that a terminal knows.
    pub fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Self::Plain => Style::new(),
            Self::Bold => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Green => colour(AnsiColor::Green),
            Self::Red => colour(AnsiColor::Red),
            Self::Yellow => colour(AnsiColor::Yellow),
            Self::Cyan => colour(AnsiColor::Cyan),
            Self::Blue => colour(AnsiColor::Blue),
        }
    }

    /// The text in this colour.
    pub fn show<T: fmt::Display>(self, text: T) -> Painted<T> {
        Painted { paint: self, text }
    }
}

/// A text in a colour.
pub struct Painted<T> {
    paint: Paint,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.paint.style();
        write!(f, "{style}")?;
        self.text.fmt(f)?;
        write!(f, "{style:#}")
    }
}

/// The colour of a status.
pub fn of_status(status: Status) -> Paint {
    match status {
        Status::Blocked => Paint::Yellow,
        Status::Available => Paint::Blue,
        Status::InProgress => Paint::Cyan,
        Status::Failed => Paint::Red,
        Status::Completed => Paint::Green,
        Status::Cancelled => Paint::Dim,
    }
}

/// The colour of a process' liveness.
pub fn of_liveness(liveness: Liveness) -> Paint {
    match liveness {
        Liveness::Live => Paint::Green,
        Liveness::Late => Paint::Yellow,
        Liveness::Lost => Paint::Red,
        Liveness::Silent => Paint::Dim,
    }
}
