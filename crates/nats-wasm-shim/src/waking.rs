//! When the browser says that the page has slept, or that its network may be another: moments at which a connection
//! may be dead without anybody having been told.

use js_sys::{Function, Object};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

/// A page comes into view or back from the browser's cache, or its network comes. A worker hears of the network only.
const MOMENTS: [&str; 3] = ["visibilitychange", "pageshow", "online"];

#[wasm_bindgen]
extern "C" {
    type Moment;
    type Speaker;

    #[wasm_bindgen(method, getter)]
    fn target(this: &Moment) -> Speaker;

    #[wasm_bindgen(method, getter)]
    fn hidden(this: &Speaker) -> Option<bool>;
}

/// Calls back at each such moment until it is dropped.
pub(crate) struct Waking(Closure<dyn FnMut(Moment)>);

impl Waking {
    pub(crate) fn listen(mut wake: impl FnMut() + 'static) -> Self {
        let closure = Closure::new(move |moment: Moment| {
            // A page that goes out of view tells that by the same event as the opposite. `hidden` is the document's, which
            // is who speaks then.
            if moment.target().hidden() != Some(true) {
                wake();
            }
        });
        if let Some(target) = target() {
            for moment in MOMENTS {
                // It can only fail for arguments, and these are right.
                let _ = target.add_event_listener_with_callback(moment, listener(&closure));
            }
        }
        Self(closure)
    }
}

impl Drop for Waking {
    fn drop(&mut self) {
        if let Some(target) = target() {
            for moment in MOMENTS {
                let _ = target.remove_event_listener_with_callback(moment, listener(&self.0));
            }
        }
    }
}

fn listener(closure: &Closure<dyn FnMut(Moment)>) -> &Function {
    closure.as_ref().unchecked_ref()
}

/// What tells: the page or worker itself. What happens to a document comes up to its page.
fn target() -> Option<EventTarget> {
    let global: Object = js_sys::global();
    JsValue::from(global).dyn_into().ok()
}
