//! Makes the stream as PROTOCOL.md "Stream" wants it, or upgrades the one that is there, in place and without losing
//! a message. Idempotent: what is right is left alone.

use crate::fields::{Field, field, parse};
use crate::reader::{API_ERROR, ApiError, Fault, Source};
use crate::transport::Client;
use serde_json::{Map, Value, json};
use std::fmt;

/// Nanoseconds in a second: the unit of durations in a stream's configuration.
const SECOND: u64 = 1_000_000_000;
/// A week of history.
const MAX_AGE: u64 = 168 * 3_600 * SECOND;
/// So long the server knows a message id.
const DUPLICATE_WINDOW: u64 = 3_600 * SECOND;

/// What `setup` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whether the stream was made, changed or left alone.
    pub done: Done,
    /// What this server does not do, or must not be changed by us: in a sentence each.
    pub warnings: Vec<String>,
}

/// What became of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was not there, and is now.
    Created,
    /// These settings were changed.
    Upgraded(Vec<Setting>),
    /// It is as it should be.
    Unchanged,
}

/// A setting that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the stream's configuration.
    pub name: &'static str,
    /// What it was, as JSON.
    pub from: String,
    /// What it is now, as JSON.
    pub to: String,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.name, self.from, self.to)
    }
}

/// Makes or upgrades the stream of `source`, for `replicas` servers where it must be made.
///
/// # Errors
/// When the server cannot be asked, or refuses.
pub async fn setup(client: &Client, source: &Source, replicas: u8) -> Result<Report, Fault> {
    let wanted = wanted(source);
    let subject = |verb: &str| format!("{}.STREAM.{verb}.{}", source.api_prefix, source.stream);
    let before = match api(client, &subject("INFO"), &Value::Null).await? {
        Ok(answer) => Some(config_of(&answer)?),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error.fault(&source.stream)),
    };
    let (verb, config, done) = match before {
        None => {
            let mut config = wanted.clone();
            config.insert("num_replicas".into(), json!(replicas.max(1)));
            ("CREATE", config, Done::Created)
        }
        Some(mut config) => {
            let changed = differences(&config, &wanted);
            if changed.is_empty() {
                return Ok(Report { done: Done::Unchanged, warnings: warnings(&config, &wanted) });
            }
            for setting in &changed {
                let mut value = wanted[setting.name].clone();
                if setting.name == "subjects" {
                    // What is stored now goes on being stored.
                    value = json!(subjects(&config).into_iter().chain(subjects(&wanted)).collect::<Vec<_>>());
                }
                config.insert(setting.name.into(), value);
            }
            ("UPDATE", config, Done::Upgraded(changed))
        }
    };
    let answer = api(client, &subject(verb), &Value::Object(config)).await?;
    let after = config_of(&answer.map_err(|error| error.fault(&source.stream))?)?;
    Ok(Report { done, warnings: warnings(&after, &wanted) })
}

/// What [`setup`] would do, without doing it.
///
/// # Errors
/// When the server cannot be asked, or refuses.
pub async fn plan(client: &Client, source: &Source) -> Result<Report, Fault> {
    let wanted = wanted(source);
    let subject = format!("{}.STREAM.INFO.{}", source.api_prefix, source.stream);
    let config = match api(client, &subject, &Value::Null).await? {
        Ok(answer) => config_of(&answer)?,
        Err(error) if error.is_not_found() => {
            return Ok(Report { done: Done::Created, warnings: Vec::new() });
        }
        Err(error) => return Err(error.fault(&source.stream)),
    };
    let changes = differences(&config, &wanted);
    let warnings = lasting(&config, &wanted);
    let done = if changes.is_empty() { Done::Unchanged } else { Done::Upgraded(changes) };
    Ok(Report { done, warnings })
}

/// Makes the stream of `source`, where there is none; unlike [`setup`] it looks at nothing and upgrades nothing, and so
/// costs a page little.
///
/// # Errors
/// When the server cannot be asked, or refuses.
pub async fn create(client: &Client, source: &Source) -> Result<(), Fault> {
    let subject = format!("{}.STREAM.CREATE.{}", source.api_prefix, source.stream);
    let answer = client
        .request(subject.clone(), settings(source).into())
        .await
        .map_err(|error| Fault::of_request(&error, &subject))?;
    let malformed = |error: &dyn fmt::Display| Fault::Malformed(error.to_string());
    let text = std::str::from_utf8(&answer.payload).map_err(|error| malformed(&error))?;
    let mut found = parse(text, CREATED).map_err(|error| malformed(&error))?;
    found.object("error").map_or(Ok(()), |error| Err(ApiError::of(error).fault(&source.stream)))
}

/// What the server answers, as far as it is wanted.
const CREATED: &[Field] = &[field("error", API_ERROR)];

/// The settings that matter, as the JSON that creates a stream. All others stay as they are.
fn settings(source: &Source) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let name = quoted(&source.stream);
    let all = quoted(&source.subjects.all());
    let dest = quoted(&format!("{}.>", source.live_prefix));
    format!(
        r#"{{"name":{name},"subjects":[{all}],"storage":"file","retention":"limits","max_age":{MAX_AGE},"allow_direct":true,"republish":{{"src":{all},"dest":{dest}}},"allow_msg_ttl":true,"duplicate_window":{DUPLICATE_WINDOW},"deny_delete":true,"allow_rollup_hdrs":false}}"#
    )
}

/// The same, to be compared.
fn wanted(source: &Source) -> Map<String, Value> {
    serde_json::from_str(&settings(source)).unwrap_or_default()
}

/// What an update may change. Storage, retention and the name are for good, and `max_age` is the owner's choice.
const UPGRADED: [&str; 7] = [
    "subjects",
    "allow_direct",
    "republish",
    "allow_msg_ttl",
    "duplicate_window",
    "deny_delete",
    "allow_rollup_hdrs",
];

fn differences(config: &Map<String, Value>, wanted: &Map<String, Value>) -> Vec<Setting> {
    let differs = |name: &&&'static str| match **name {
        // More subjects than ours may be somebody's wish.
        "subjects" => !covers(config, wanted),
        // A window may not be longer than the stream keeps its messages.
        "duplicate_window" => {
            let max_age = config.get("max_age").and_then(Value::as_u64).unwrap_or(0);
            let window = config.get("duplicate_window").and_then(Value::as_u64).unwrap_or(0);
            window < DUPLICATE_WINDOW && (max_age == 0 || max_age >= DUPLICATE_WINDOW)
        }
        name => setting(config, name) != setting(wanted, name),
    };
    UPGRADED
        .iter()
        .filter(differs)
        .map(|name| Setting {
            name,
            from: setting(config, name).to_string(),
            to: setting(wanted, name).to_string(),
        })
        .collect()
}

/// A setting; what is off is not sent.
fn setting(config: &Map<String, Value>, name: &str) -> Value {
    match config.get(name) {
        Some(Value::Bool(false)) | None => Value::Bool(false),
        Some(Value::Object(map)) => {
            let mut map = map.clone();
            map.retain(|_, value| *value != Value::Bool(false));
            Value::Object(map)
        }
        Some(value) => value.clone(),
    }
}

fn subjects(config: &Map<String, Value>) -> Vec<String> {
    let list = config.get("subjects").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

fn covers(config: &Map<String, Value>, wanted: &Map<String, Value>) -> bool {
    let subjects = subjects(config);
    let is_stored = |subject: &String| subjects.iter().any(|s| s == subject || s == ">");
    self::subjects(wanted).iter().all(is_stored)
}

/// Older servers ignore what they do not know, so what came back is compared with what was asked.
fn warnings(config: &Map<String, Value>, wanted: &Map<String, Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    for setting in differences(config, wanted) {
        warnings.push(format!(
            "this server does not set {} to {}, it stays {}",
            setting.name, setting.to, setting.from
        ));
    }
    warnings.extend(lasting(config, wanted));
    warnings
}

/// What is not as it should be and cannot be changed in place.
fn lasting(config: &Map<String, Value>, wanted: &Map<String, Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    for name in ["storage", "retention"] {
        let (is, should) = (setting(config, name), setting(wanted, name));
        if is != should {
            warnings.push(format!("{name} is {is} and should be {should}; that cannot be changed in place"));
        }
    }
    let max_age = config.get("max_age").and_then(Value::as_u64).unwrap_or(0);
    if max_age > 0 && max_age < DUPLICATE_WINDOW {
        warnings.push("max_age is below an hour, so the duplicate window stays as it is".into());
    }
    warnings
}

fn config_of(answer: &Value) -> Result<Map<String, Value>, Fault> {
    match answer.get("config") {
        Some(Value::Object(config)) => Ok(config.clone()),
        _ => Err(Fault::Malformed("it has no configuration".into())),
    }
}

async fn api(client: &Client, subject: &str, body: &Value) -> Result<Result<Value, ApiError>, Fault> {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let answer = client
        .request(subject.to_owned(), body.into())
        .await
        .map_err(|error| Fault::of_request(&error, subject))?;
    let answer: Value =
        serde_json::from_slice(&answer.payload).map_err(|error| Fault::Malformed(error.to_string()))?;
    match answer.get("error") {
        Some(error) => Ok(Err(ApiError {
            err_code: error["err_code"].as_u64().unwrap_or(0),
            description: error["description"].as_str().unwrap_or_default().to_owned(),
        })),
        None => Ok(Ok(answer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: Value) -> Map<String, Value> {
        match json {
            Value::Object(map) => map,
            _ => unreachable!(),
        }
    }

    #[test]
    fn what_is_right_is_left_alone() {
        let wanted = wanted(&Source::default());
        let mut seen = wanted.clone();
        // As a server sends it: what is off is left out, and there is more.
        seen.remove("allow_rollup_hdrs");
        seen.insert("max_msgs".into(), json!(-1));
        seen.insert("max_age".into(), json!(SECOND * 3_600 * 24));
        assert_eq!(differences(&seen, &wanted), []);
        assert_eq!(warnings(&seen, &wanted), Vec::<String>::new());
    }

    #[test]
    fn a_plain_stream_is_upgraded() {
        let wanted = wanted(&Source::default());
        let plain = config(json!({
            "name": "MJ_ONLINE_WORK", "subjects": ["mjwork.>"], "retention": "limits", "storage": "file",
            "max_age": MAX_AGE, "duplicate_window": 120 * SECOND, "allow_rollup_hdrs": true,
        }));
        let names: Vec<_> = differences(&plain, &wanted).iter().map(|s| s.name).collect();
        assert_eq!(
            names,
            [
                "allow_direct",
                "republish",
                "allow_msg_ttl",
                "duplicate_window",
                "deny_delete",
                "allow_rollup_hdrs"
            ]
        );
    }

    #[test]
    fn a_stream_of_others_keeps_their_subjects() {
        let wanted = wanted(&Source::default());
        let has = |list: Value| {
            let mut config = wanted.clone();
            config.insert("subjects".into(), list);
            differences(&config, &wanted).iter().any(|s| s.name == "subjects")
        };
        assert!(has(json!(["agents.>"])) && !has(json!(["agents.>", "mjwork.>"])) && !has(json!([">"])));
        let mut mirror = wanted.clone();
        mirror.remove("subjects");
        assert_eq!(differences(&mirror, &wanted).len(), 1);
    }

    #[test]
    fn a_short_lived_stream_keeps_its_window() {
        let wanted = wanted(&Source::default());
        let mut short = wanted.clone();
        short.insert("max_age".into(), json!(20 * SECOND));
        short.insert("duplicate_window".into(), json!(20 * SECOND));
        assert_eq!(differences(&short, &wanted), []);
        assert_eq!(warnings(&short, &wanted).len(), 1);
    }
}
