//! `setup`: the stream, made or upgraded in place.

use crate::connect::{Line, Settings};
use crate::failure::Failure;
use crate::output::{Out, warn};
use mjwork::setup::Done;
use serde_json::json;

/// The first server whose known holes are mended.
pub const ADVISED: (i64, i64, i64) = (2, 14, 3);

pub async fn setup(settings: &Settings, line: &Line, replicas: u8, out: &mut Out) -> Result<(), Failure> {
    let stream = &settings.source.stream;
    let mut report = mjwork::setup::setup(&line.client, &settings.source, replicas).await?;
    if !line.client.is_server_compatible(ADVISED.0, ADVISED.1, ADVISED.2) {
        report.warnings.push(format!(
            "this is nats-server {}; 2.14.3 or later is advised for its security fixes",
            line.client.server_info().version
        ));
    }
    if out.is_json() {
        let (done, changes) = match &report.done {
            Done::Created => ("created", Vec::new()),
            Done::Upgraded(changes) => ("upgraded", changes.iter().map(ToString::to_string).collect()),
            Done::Unchanged => ("unchanged", Vec::new()),
        };
        return out.object(
            &json!({"stream": stream, "done": done, "changes": changes, "warnings": report.warnings}),
        );
    }
    match &report.done {
        Done::Created => out.line(format_args!("stream {stream} created"))?,
        Done::Upgraded(changes) => {
            out.line(format_args!("stream {stream} upgraded"))?;
            for setting in changes {
                out.line(format_args!("  {setting}"))?;
            }
        }
        Done::Unchanged => out.line(format_args!("stream {stream} is as it should be"))?,
    }
    for warning in &report.warnings {
        warn(warning);
    }
    Ok(())
}
