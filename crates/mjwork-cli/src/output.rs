//! What a person, or a script, reads. Nothing that comes out of a message steers the terminal.

mod events;
mod objects;
mod paint;
mod table;
mod text;
mod time;

pub use events::{EventObject, agent_of, event_line};
pub use objects::{AgentObject, Clock, TaskObject, has_gone, has_stopped, raw};
pub use paint::{Paint, of_liveness, of_status};
pub use table::{Cell, Table};
pub use text::{clip, clip_lines, clip_to, count, plural};
pub use time::{age, moment, parse_duration, parse_moment, rfc3339, time_of_day};

use crate::failure::Failure;
use anstream::AutoStream;
use serde::Serialize;
use std::fmt::{Arguments, Write as _};
use std::io::{IsTerminal, Stdout, Write};

/// The standard output: text for people, or JSON for scripts.
pub struct Out {
    json: bool,
    is_terminal: bool,
    stdout: AutoStream<Stdout>,
}

impl Out {
    /// The standard output of this process.
    pub fn new(json: bool) -> Self {
        let stdout = std::io::stdout();
        Self { json, is_terminal: stdout.is_terminal(), stdout: AutoStream::auto(stdout) }
    }

    /// Whether scripts read it.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a terminal shows it.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Writes a line of text; colours go where there are any.
    pub fn line(&mut self, line: Arguments<'_>) -> Result<(), Failure> {
        Ok(writeln!(self.stdout, "{line}")?)
    }

    /// Writes an object, or a list of them, in one line.
    pub fn object(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let json = serde_json::to_string(object)
            .map_err(|error| Failure::CannotRun(format!("the output makes no JSON: {error}")))?;
        Ok(writeln!(self.stdout, "{}", harmless(&json))?)
    }

    /// Writes a table, as wide as the terminal; where there is none, as wide as it is.
    pub fn table(&mut self, table: Table) -> Result<(), Failure> {
        let text = table.render(self.is_terminal);
        Ok(writeln!(self.stdout, "{text}")?)
    }
}

/// JSON in one line in which nothing steers a terminal: what a result brought as blanks between its tokens becomes a
/// blank, and what lies in its texts is escaped.
fn harmless(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // Unescaped, these can only stand between tokens.
            '\n' | '\r' | '\t' => out.push(' '),
            c if text::steers(c) => {
                // Unescaped, these can only stand in texts.
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// Says something to the person at the terminal, apart from the output.
pub fn tell(words: Arguments<'_>) {
    // Where nobody hears it there is nobody to tell that.
    let _ = writeln!(anstream::stderr(), "{words}");
}

/// A warning.
pub fn warn(words: &str) {
    tell(format_args!("mjwork: {}: {}", Paint::Yellow.show("warning"), clip_lines(words, "")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json_and_steers_nothing() {
        let json = "{\"a\": \"\u{9b}2J\u{202e}x\u{7f}\",\n\t\"b\": \"\\n\"}";
        let out = harmless(json);
        assert_eq!(out, r#"{"a": "\u009b2J\u202ex\u007f",  "b": "\n"}"#);
        let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(read(json), read(&out));
    }
}
