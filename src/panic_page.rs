//! What becomes of a panic: its report goes to the page's own script (`index.html`), which shows it and loads the board
//! again once. Nothing of this program can be relied on any more, so nothing of it is called after that.

use crate::browser::window;
use js_sys::{Function, Reflect};
use std::panic::PanicHookInfo;
use wasm_bindgen::{JsCast, JsValue};

/// Makes a panic show itself.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let report = report(info);
        // Should the page be beyond showing anything, the console has it.
        leptos::logging::error!("{report}");
        let window = window();
        let failed = Reflect::get(&window, &"mjworkFailed".into()).ok();
        if let Some(failed) = failed.and_then(|failed| failed.dyn_into::<Function>().ok()) {
            let _ = failed.call1(&JsValue::UNDEFINED, &report.into());
        }
    }));
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let at = String::from(js_sys::Date::new_0().to_iso_string());
    // The query may name a task; the rest of the address says where the board is, which is nobody's business.
    let query = window().location().search().unwrap_or_default();
    format!("mjwork-board {}\n{at}\n{agent}\n{query}\n\n{info}\n", env!("CARGO_PKG_VERSION"))
}
