//! The stream: whether it is there, and as it should be.

use super::Check;
use super::clock::Reading;
use crate::connect::Line;
use mjwork::reader::{Fault, Source, stream_info};
use mjwork::setup::{Done, Setting, plan};

/// The checks; and what both clocks said, if there is a stream to read.
pub async fn check(line: &mut Line, source: &Source) -> (Vec<Check>, Option<Reading>) {
    let setup = setup(source);
    let client = line.client.clone();
    let asked = async {
        let report = plan(&client, source).await?;
        if report.done == Done::Created {
            return Err(Fault::NoSuchStream { stream: source.stream.clone() });
        }
        let before = Reading::begin();
        let info = stream_info(&client, source).await?;
        Ok((report, before.end(info.now), info))
    };
    let asked = tokio::select! {
        asked = asked => asked.map_err(|fault| refused(&fault, &setup)),
        denied = line.denied() => {
            let fix = "allow it, or name what the account imports by --api-prefix";
            Err(Check::fail("stream", denied.to_string(), fix))
        }
    };
    let (report, clock, info) = match asked {
        Ok(asked) => asked,
        Err(check) => return (vec![check], None),
    };
    let replicas = match info.config.num_replicas {
        0 | 1 => "on one server".to_owned(),
        n => format!("on {n} servers"),
    };
    let age = match info.max_age() {
        age if age.is_zero() => "kept for ever".to_owned(),
        age => format!("kept for {}", crate::output::age(age)),
    };
    let messages =
        crate::output::plural(usize::try_from(info.state.messages).unwrap_or(usize::MAX), "message");
    let mut checks = vec![Check::ok("stream", format!("{}: {messages}, {age}, {replicas}", source.stream))];
    match &report.done {
        Done::Upgraded(settings) => checks.extend(settings.iter().map(|setting| differs(setting, &setup))),
        _ => checks.push(Check::ok("settings", "as they should be")),
    }
    for warning in report.warnings {
        checks.push(Check::warn("settings", warning, "it works so; to change it, make the stream anew"));
    }
    checks.push(if info.config.allow_msg_ttl {
        Check::ok("heartbeats", "expire by themselves")
    } else {
        Check::warn("heartbeats", "stay in the stream as long as everything else", setup.clone())
    });
    // Without direct get there is no history, and nothing below can be looked at.
    (checks, info.config.allow_direct.then_some(clock))
}

/// The command that mends the stream.
fn setup(source: &Source) -> String {
    let default = Source::default();
    let flag = |name: &str, is: &str, usual: &str| {
        if is == usual { String::new() } else { format!(" --{name} {is}") }
    };
    format!(
        "mjwork setup{}{}{}",
        flag("stream", &source.stream, &default.stream),
        flag("prefix", source.subjects.prefix(), default.subjects.prefix()),
        flag("live-prefix", &source.live_prefix, &default.live_prefix)
    )
}

fn refused(fault: &Fault, setup: &str) -> Check {
    let (message, fix) = match fault {
        Fault::NoSuchStream { stream } => {
            (format!("there is no stream {stream} on this server"), format!("make it: {setup}"))
        }
        Fault::NoJetStream => (
            "nobody answers for JetStream".to_owned(),
            "turn it on in the server's configuration and for this account, or name what the account imports by \
             --api-prefix"
                .to_owned(),
        ),
        _ => (fault.to_string().trim_end_matches('.').to_owned(), "look at the server's log".to_owned()),
    };
    Check::fail("stream", message, fix)
}

/// What a setting that is not as it should be costs.
fn differs(setting: &Setting, setup: &str) -> Check {
    let cost = match setting.name {
        "subjects" => "events under the prefix are not stored",
        "allow_direct" => "history cannot be read",
        "republish" => "each live event has to be asked for",
        "allow_msg_ttl" => "heartbeats do not expire by themselves",
        "duplicate_window" => "a repeated publish may be stored twice",
        "deny_delete" => "single events can be deleted from history",
        "allow_rollup_hdrs" => "whoever may publish a heartbeat can wipe the stream",
        _ => "it is not as it should be",
    };
    let message =
        format!("{} is {}, and should be {}: {cost}", setting.name, unset(&setting.from), setting.to);
    let fix = format!("{setup}, by somebody who may; it loses nothing");
    match setting.name {
        "allow_direct" | "subjects" => Check::fail("settings", message, fix),
        _ => Check::warn("settings", message, fix),
    }
}

/// What is not set comes as false.
fn unset(value: &str) -> &str {
    if value == "false" { "off" } else { value }
}
