//! Search as one types: every word must stand in the task's id, title or one of its tags, whatever its case.

use mjwork::board::Task;

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
}

impl Search {
    /// The words of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { words: text.split_whitespace().map(lowercase).collect() }
    }

    /// Whether everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether this task matches.
    #[must_use]
    pub fn matches(&self, task: &Task) -> bool {
        self.words.iter().all(|word| {
            contains(task.id.as_str(), word)
                || contains(&task.definition.title, word)
                || task.definition.tags.iter().any(|tag| contains(tag, word))
        })
    }

    /// Whether each word stands in one of these texts.
    #[must_use]
    pub fn matches_any(&self, texts: &[&str]) -> bool {
        self.words.iter().all(|word| texts.iter().any(|text| contains(text, word)))
    }
}

/// Whether `text` holds `lower`, which is in lower case.
fn contains(text: &str, lower: &str) -> bool {
    if text.is_ascii() {
        // No allocation: this runs over every task while somebody types.
        text.len() >= lower.len()
            && text.as_bytes().windows(lower.len()).any(|w| w.eq_ignore_ascii_case(lower.as_bytes()))
    } else {
        lowercase(text).contains(lower)
    }
}

/// The browser has the tables for this, and they are large.
#[cfg(target_arch = "wasm32")]
fn lowercase(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

#[cfg(not(target_arch = "wasm32"))]
fn lowercase(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_stand_somewhere() {
        let texts = ["parse-7", "Write the PARSER", "Phase-1", "Übung"];
        for good in ["", "parse", "PHASE write", "phase-1 7", "übung", "ÜBUNG"] {
            assert!(Search::new(good).matches_any(&texts), "{good}");
        }
        for bad in ["parse x", "phase-2"] {
            assert!(!Search::new(bad).matches_any(&texts), "{bad}");
        }
        assert!(Search::new("  ").is_empty());
    }
}
