//! `doctor`: everything that has to be right, each with what to do where it is not. Writes nothing into the stream.

mod board;
mod clock;
mod live;
mod rights;
mod stream;

use super::setup::ADVISED;
use crate::args::Doctor;
use crate::connect::{Auth, Line, Settings, connect, safe};
use crate::failure::Failure;
use crate::output::{Out, Paint, clip, clip_lines};
use crate::session::Session;
use live::Listening;
use mjwork::transport::Client;
use serde::Serialize;

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and could be better.
    Warn,
    /// It does not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What it is.
    name: &'static str,
    level: Level,
    /// How it stands.
    message: String,
    /// What to do about it.
    fix: Option<String>,
}

impl Check {
    /// It is as it should be.
    pub fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, level: Level::Ok, message: message.into(), fix: None }
    }

    /// It works, and could be better.
    pub fn warn(name: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, level: Level::Warn, message: message.into(), fix: Some(fix.into()) }
    }

    /// It does not work.
    pub fn fail(name: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, level: Level::Fail, message: message.into(), fix: Some(fix.into()) }
    }
}

pub async fn doctor(settings: Settings, words: &Doctor, out: &mut Out) -> Result<(), Failure> {
    let mut report = Report { checks: Vec::new(), out };
    examine(&settings, words, &mut report).await?;
    let Report { checks, out } = report;
    let is_sound = checks.iter().all(|check| check.level < Level::Fail);
    if out.is_json() {
        out.object(&serde_json::json!({"ok": is_sound, "checks": checks}))?;
    } else {
        let count = |level| checks.iter().filter(|check| check.level == level).count();
        let words = match (count(Level::Fail), count(Level::Warn)) {
            (0, 0) => Paint::Green.show("all is well".to_owned()),
            (0, warnings) => Paint::Yellow.show(crate::output::plural(warnings, "warning")),
            (failures, 0) => Paint::Red.show(crate::output::plural(failures, "failure")),
            (failures, warnings) => Paint::Red.show(format!(
                "{}, {}",
                crate::output::plural(failures, "failure"),
                crate::output::plural(warnings, "warning")
            )),
        };
        out.line(format_args!("{words}"))?;
    }
    if is_sound { Ok(()) } else { Err(Failure::Unsound) }
}

/// What was found, told as it is found.
struct Report<'o> {
    checks: Vec<Check>,
    out: &'o mut Out,
}

impl Report<'_> {
    fn add(&mut self, check: Check) -> Result<(), Failure> {
        if !self.out.is_json() {
            let level = match check.level {
                Level::Ok => Paint::Green.show("ok  "),
                Level::Warn => Paint::Yellow.show("warn"),
                Level::Fail => Paint::Red.show("FAIL"),
            };
            let message = clip_lines(&check.message, INDENT);
            self.out.line(format_args!("{level}  {:<12}{message}", check.name))?;
            if let Some(fix) = &check.fix {
                let fix = Paint::Dim.show(clip_lines(fix, INDENT));
                self.out.line(format_args!("{INDENT}{fix}"))?;
            }
        }
        self.checks.push(check);
        Ok(())
    }
}

/// Under the message of a check.
const INDENT: &str = "                  ";

/// Looks at one thing after the other, as far as the ones before allow.
async fn examine(settings: &Settings, words: &Doctor, report: &mut Report<'_>) -> Result<(), Failure> {
    let mut line = match connect(settings).await {
        Ok(line) => line,
        Err(failure) => {
            let fix =
                "start the server, or say where it is by --server, NATS_URL or a context of the nats command";
            return report.add(Check::fail("server", failure.to_string(), fix));
        }
    };
    report.add(server(settings, &line.client).await)?;
    report.add(version(&line.client.server_info().version))?;
    let rights = rights::check(&mut line, &settings.source).await;
    for check in rights {
        report.add(check)?;
    }
    let (checks, found) = stream::check(&mut line, &settings.source).await;
    for check in checks {
        report.add(check)?;
    }
    let Some(clock) = found else { return Ok(()) };
    report.add(clock::check(&clock))?;
    let listening = Listening::start(&mut line, &settings.source).await;
    let read = std::time::Instant::now();
    let session = match opened(&mut line, settings).await {
        Ok(session) => session,
        Err(failure) => {
            let fix = "mend what is said above, and look at the server's log";
            return report.add(Check::fail("history", failure.to_string(), fix));
        }
    };
    report.add(board::history(&session, read.elapsed()))?;
    report.add(listening.end(&mut line, &settings.source, words.listen).await)?;
    for check in board::checks(&session) {
        report.add(check)?;
    }
    Ok(())
}

async fn opened(line: &mut Line, settings: &Settings) -> Result<Session, Failure> {
    let other = line.clone();
    tokio::select! {
        session = Session::open(&other, settings.source.clone()) => session,
        denied = line.denied() => Err(denied),
    }
}

/// Where one is connected to, and how far that is.
async fn server(settings: &Settings, client: &Client) -> Check {
    let info = client.server_info();
    let start = std::time::Instant::now();
    // A flush comes back when the server has read all that was sent.
    let flushed = client.flush().await.is_ok();
    let name = match info.server_name.as_str() {
        "" => String::new(),
        // Who has no name goes by the id.
        name if name == info.server_id => String::new(),
        name => format!(" ({})", clip(name)),
    };
    let who = match &settings.auth {
        Auth::None => "without signing in".to_owned(),
        auth => format!("as {auth}"),
    };
    let trip = if flushed {
        format!(", {:.1} ms away", start.elapsed().as_secs_f64() * 1_000.0)
    } else {
        String::new()
    };
    Check::ok("server", format!("connected to {}{name} {who}{trip}", safe(&settings.server)))
}

/// | version | |
/// | --- | --- |
/// | below 2.11 | no batched direct get, no lifetime of a message: nothing works |
/// | below 2.14.3 | works, and has known holes |
fn version(version: &str) -> Check {
    const HOW: &str = "https://github.com/nats-io/nats-server/releases has newer ones";
    let Some(number) = number(version) else {
        return Check::warn("version", format!("nats-server {version}, of which nothing is known"), HOW);
    };
    if number < (2, 11, 0) {
        return Check::fail(
            "version",
            format!("nats-server {version} is too old; it must be 2.11 or later"),
            HOW,
        );
    }
    if number < ADVISED {
        let message = format!("nats-server {version}; 2.14.3 or later is advised for its security fixes");
        return Check::warn("version", message, HOW);
    }
    Check::ok("version", format!("nats-server {version}"))
}

/// The three numbers of a version, without what follows them: `2.15.0-preview.1`.
fn number(version: &str) -> Option<(i64, i64, i64)> {
    let number = version.trim_start_matches('v').split(['-', '+']).next()?;
    let mut parts = number.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_too_old_or_has_holes_or_will_do() {
        for (words, level) in [
            ("2.9.25", Level::Fail),
            ("2.10.29", Level::Fail),
            ("2.11.0", Level::Warn),
            ("2.14.2", Level::Warn),
            ("2.14.3", Level::Ok),
            ("2.15.1", Level::Ok),
            ("v3.0.0-preview.2", Level::Ok),
            ("development", Level::Warn),
        ] {
            let check = version(words);
            assert!(check.level == level && check.message.contains(words), "{words}: {check:?}");
        }
    }
}
