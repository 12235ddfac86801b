//! What this user may do, by the server's word.

use super::Check;
use crate::connect::Line;
use mjwork::AgentId;
use mjwork::access::Access;
use mjwork::reader::Source;

/// What the subjects are for, by the commands that need them.
const TASK_VERBS: [(&str, &str); 7] = [
    ("available", "publish, requeue"),
    ("claimed", "claim, work"),
    ("progress", "progress, work"),
    ("completed", "complete, work"),
    ("failed", "fail, work"),
    ("cancelled", "cancel"),
    ("carried", "work"),
];

pub async fn check(line: &mut Line, source: &Source) -> Vec<Check> {
    let client = line.client.clone();
    let access = tokio::select! {
        access = Access::read(&client) => access.map_err(|unsaid| unsaid.to_string()),
        _ = line.denied() => Err("the server does not let this user ask what it may do".to_owned()),
    };
    match access {
        Ok(access) => checks(&access, source),
        Err(words) => {
            vec![Check::warn(
                "rights",
                words,
                "allow it to publish $SYS.REQ.USER.INFO, to have them checked here",
            )]
        }
    }
}

fn checks(access: &Access, source: &Source) -> Vec<Check> {
    let who = match (&access.user, &access.account) {
        (Some(user), Some(account)) if !user.is_empty() => format!("user {user} of account {account}"),
        (_, Some(account)) => format!("account {account}"),
        _ => "this user".to_owned(),
    };
    let subjects = &source.subjects;
    let mut lacking: Vec<(String, &str)> = TASK_VERBS
        .iter()
        .map(|(verb, needed)| (subjects.task(verb), *needed))
        .chain([(subjects.coordination(), "say")])
        .collect();
    if let Ok(agent) = AgentId::new("any") {
        lacking.push((subjects.heartbeat(&agent), "heartbeat, work"));
    }
    let all = lacking.len();
    lacking.retain(|(subject, _)| !access.may_publish(subject));
    let mut checks = vec![writing(&who, all, &lacking)];
    let (api, stream) = (&source.api_prefix, &source.stream);
    let asked = [format!("{api}.STREAM.INFO.{stream}"), format!("{api}.DIRECT.GET.{stream}")];
    let unasked: Vec<_> = asked.iter().filter(|subject| !access.may_publish(subject)).cloned().collect();
    let live = format!("{}.tasks.available", source.live_prefix);
    if !unasked.is_empty() {
        let message = format!("{who} may not publish {}, by which the board is read", unasked.join(" and "));
        checks.push(Check::fail(
            "reading",
            message,
            "allow it, or name what the account imports by --api-prefix",
        ));
    }
    if !access.may_subscribe(&live) {
        let message = format!("{who} may not subscribe to {}.>", source.live_prefix);
        checks.push(Check::fail("reading", message, "allow it, or name the right --live-prefix"));
    }
    checks
}

fn writing(who: &str, all: usize, lacking: &[(String, &str)]) -> Check {
    if lacking.is_empty() {
        return Check::ok("rights", format!("{who} may publish all that agents and operators write"));
    }
    if lacking.len() == all {
        let fix = "sign in as another by --user, --creds or a context, to do more";
        return Check::warn("rights", format!("{who} may look, and change nothing"), fix);
    }
    let subjects: Vec<_> = lacking.iter().map(|(subject, _)| subject.as_str()).collect();
    let mut needed: Vec<&str> = lacking.iter().flat_map(|(_, commands)| commands.split(", ")).collect();
    needed.sort_unstable();
    needed.dedup();
    let message = format!("{who} may not publish {}", subjects.join(", "));
    Check::warn("rights", message, format!("without, these do not work: {}", needed.join(", ")))
}
