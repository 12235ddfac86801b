//! Whether what was read is kept on this device, so that the board opens at once the next time.

use super::button;
use crate::copies;
use crate::dom::{El, el};
use crate::reactive::RwSignal;

/// The choice, and what it means.
pub(crate) fn copy_choice() -> El {
    let is_kept = RwSignal::new(copies::is_wanted());
    let says = move || {
        if is_kept.get() {
            "What was read is kept on this device, so that the board opens at once. "
        } else {
            "Nothing of the board is kept on this device. "
        }
    };
    let choose = move || {
        let keeps = !is_kept.get_untracked();
        copies::want(keeps);
        is_kept.set(keeps);
    };
    let label = move || {
        if is_kept.get() { "Forget the copy on this device" } else { "Keep a copy on this device" }
    };
    el("p", "soft").says(says).child(button("plain", "", choose).says(label))
}
