//! What a tab takes of memory: its process as the system counts it, and what lies on the heaps of its programs.

use crate::browser::Browser;
use serde_json::{Value, json};
use std::fmt;
use std::fs;

/// Bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tab {
    /// Of the process that renders the page: its own, and its share of what it has in common with others (PSS).
    pub process: f64,
    /// Of that, what no other process has.
    pub private: f64,
    /// In use on JavaScript's heap.
    pub script: f64,
    /// The memory of the page's WebAssembly, where [`NOTE_WASM`] was run.
    pub wasm: f64,
}

impl fmt::Display for Tab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "process {:.0} MB ({:.0} MB private), WebAssembly {:.0} MB, JavaScript {:.0} MB",
            self.process / 1e6,
            self.private / 1e6,
            self.wasm / 1e6,
            self.script / 1e6
        )
    }
}

/// Looks at the tab that the browser shows.
///
/// # Panics
/// When the system does not tell.
pub async fn tab(browser: &Browser) -> Tab {
    let heap = browser.devtools("Runtime.getHeapUsage", json!({})).await;
    let wasm = browser.eval("return window.wasmMemory ? window.wasmMemory.buffer.byteLength : 0").await;
    // A spare renderer is much smaller.
    let process =
        browser.renderers().into_iter().map(|id| rollup(id.as_raw())).max_by(|a, b| a.0.total_cmp(&b.0));
    let (process, private) = process.expect("a tab is rendered by a process");
    Tab {
        process,
        private,
        script: heap["usedSize"].as_f64().unwrap_or(0.0),
        wasm: wasm.as_f64().unwrap_or(0.0),
    }
}

/// What a page holds on to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// Nodes of all its documents, those that nobody sees included.
    pub nodes: f64,
    /// Nodes that are part of the page.
    pub shown: f64,
    /// Listeners of events.
    pub listeners: f64,
    /// Bytes on JavaScript's heap.
    pub script: f64,
    /// Bytes of its WebAssembly, as in [`Tab`].
    pub wasm: f64,
}

/// What the page still holds once everything that it does not is gone.
pub async fn held(browser: &Browser) -> Held {
    // What is only finalized by one collection is gone after the next.
    for _ in 0..2 {
        browser.devtools("HeapProfiler.collectGarbage", json!({})).await;
    }
    let counted = browser.devtools("Memory.getDOMCounters", json!({})).await;
    let heap = browser.devtools("Runtime.getHeapUsage", json!({})).await;
    let wasm = browser.eval("return window.wasmMemory ? window.wasmMemory.buffer.byteLength : 0").await;
    let count =
        "let n = 0; for (const walk = document.createTreeWalker(document); walk.nextNode();) n++; return n";
    let shown = browser.eval(count).await;
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    Held {
        nodes: number(&counted["nodes"]),
        shown: number(&shown),
        listeners: number(&counted["jsEventListeners"]),
        script: number(&heap["usedSize"]),
        wasm: number(&wasm),
    }
}

/// To be run in a page before its own scripts: the memory of a WebAssembly program is nowhere to be seen from outside.
pub const NOTE_WASM: &str = "{
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...given) => {
        const made = await instantiate.apply(WebAssembly, given);
        window.wasmMemory = made.instance.exports.memory;
        return made;
    };
}";

/// PSS, and what is private.
fn rollup(process: i32) -> (f64, f64) {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0
    };
    (of("Pss:"), of("Private_Clean:") + of("Private_Dirty:"))
}
