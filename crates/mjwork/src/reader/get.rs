//! One message of the stream, for who wants to see it as it is.

use super::stored::Answer;
use super::{Fault, Source, Stored};
use crate::Sequence;
use crate::transport::Client;

/// Reads the message at `seq`; none where the stream no longer has it.
///
/// # Errors
/// When the server did not answer, or nobody may ask.
pub async fn get(client: &Client, source: &Source, seq: Sequence) -> Result<Option<Stored>, Fault> {
    let subject = format!("{}.DIRECT.GET.{}", source.api_prefix, source.stream);
    let answer = client
        .request(subject.clone(), nats_proto::direct_get::by_sequence(seq))
        .await
        .map_err(|error| Fault::of_request(&error, &subject))?;
    match Stored::answer(answer) {
        Ok(Answer::Message(stored, _)) => Ok(Some(stored)),
        Ok(Answer::End(_)) => Ok(None),
        Err(error) => Err(Fault::Refused(error.to_string())),
    }
}
