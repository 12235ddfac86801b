//! Results: text becomes JSON that every reader can read.

use serde_json::value::RawValue;

/// A body may be nested as deep as this (PROTOCOL.md, "Subjects and bodies"), and the result is one level down.
const DEPTH: usize = 64 - 1;

/// JSON as it is, anything else as a JSON string.
pub fn json(text: &str) -> Result<Box<RawValue>, String> {
    match serde_json::from_str::<Box<RawValue>>(text.trim()) {
        Ok(json) if depth(json.get()) <= DEPTH => Ok(json),
        // What nobody could read as an object can still be read as a text.
        _ => serde_json::value::to_raw_value(text)
            .map_err(|error| format!("the result makes no JSON: {error}")),
    }
}

/// What a command wrote: nothing, or JSON, or text without the line end after it. The error is a sentence.
pub fn of_output(output: &[u8], limit: usize) -> Result<Option<Box<RawValue>>, String> {
    let text = String::from_utf8_lossy(output);
    let text = text.trim_end_matches(['\n', '\r']);
    if text.trim().is_empty() {
        return Ok(None);
    }
    let json = json(text)?;
    if json.get().len() > limit { Err(too_large(json.get().len(), limit)) } else { Ok(Some(json)) }
}

/// That a result has so many bytes.
pub fn too_large(size: usize, limit: usize) -> String {
    let count = |n: usize| crate::output::count(n as u64);
    format!(
        "the command wrote a result of {} bytes, and the server takes {} (its max_payload); have it write where the \
         result lies instead",
        count(size),
        count(limit)
    )
}

/// How deep the lists and objects of a valid JSON text lie in one another.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut is_escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(output: &str) -> Option<String> {
        of_output(output.as_bytes(), 1_000).unwrap().map(|json| json.get().to_owned())
    }

    #[test]
    fn json_stays_as_it_is_and_text_becomes_a_string() {
        assert_eq!(of(" {\"n\": 1.50}\n").as_deref(), Some("{\"n\": 1.50}"));
        assert_eq!(of("12\n").as_deref(), Some("12"));
        assert_eq!(of("two\nlines\n").as_deref(), Some(r#""two\nlines""#));
        assert_eq!(of("{} {}").as_deref(), Some(r#""{} {}""#));
        assert_eq!((of(""), of("\n \n")), (None, None));
        let garbage = of_output(b"\xff\x1b[2J", 100).unwrap().unwrap();
        assert_eq!(garbage.get(), "\"\u{fffd}\\u001b[2J\"");
    }

    #[test]
    fn what_would_be_unreadable_is_kept_as_a_text() {
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(of(&deep(63)).unwrap(), deep(63));
        assert_eq!(of(&deep(64)).unwrap(), format!("\"{}\"", deep(64)));
        assert_eq!(depth(r#"["[[[", "\"[", {}]"#), 2);
    }

    #[test]
    fn what_is_too_large_is_a_sentence() {
        let error = of_output(&[b'x'; 2_000], 1_000).unwrap_err();
        assert!(error.contains("2,002 bytes") && error.contains("max_payload"), "{error}");
    }
}
