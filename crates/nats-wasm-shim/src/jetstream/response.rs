//! What the API answers, when it is asked by [`crate::jetstream::Context::request`].

use serde::Deserialize;

use super::errors::Error;

/// What was asked for, or a refusal.
///
/// ```
/// # async fn example(jetstream: nats_wasm_shim::jetstream::Context) -> Result<(), Box<dyn std::error::Error>> {
/// use nats_wasm_shim::jetstream::response::Response;
/// use nats_wasm_shim::jetstream::stream::Info;
///
/// match jetstream.request("STREAM.INFO.events", &()).await? {
///     Response::Ok::<Info>(info) => println!("{} messages", info.state.messages),
///     Response::Err { error } => println!("{error}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Response<T> {
    /// A refusal.
    Err {
        /// What the API says.
        error: Error,
    },
    /// What was asked for.
    Ok(T),
}
