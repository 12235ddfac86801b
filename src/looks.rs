//! Theme and density. What is chosen is kept on this device; `index.html` applies it before the first paint.

use crate::browser::{Shelf, mark_root};
use crate::components::button;
use crate::dom::El;
use crate::reactive::RwSignal;
use crate::state::Ui;

/// A choice: its name, where it is kept and marked, and what there is: word, glyph.
type Choice = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What the system says, unless another is chosen.
const THEME: Choice = ("Theme", "theme", "data-theme", &[("system", "◐"), ("light", "☀"), ("dark", "☾")]);
/// How close things stand.
const DENSITY: Choice = ("Density", "density", "data-density", &[("comfortable", "☰"), ("compact", "≡")]);

/// Light, dark, or what the system says.
pub(crate) fn theme() -> El {
    control(THEME, |_| {})
}

/// Comfortable or compact.
pub(crate) fn density(ui: Ui) -> El {
    control(DENSITY, move |_| ui.density_moved.update(|revision| *revision += 1))
}

/// A button that goes through the choices. The first of them leaves no mark.
fn control(choice: Choice, changed: impl Fn(usize) + 'static) -> El {
    let (name, key, mark, all) = choice;
    let kept = Shelf::Local.get(key);
    let at = all.iter().position(|(word, _)| kept.as_deref() == Some(word)).unwrap_or(0);
    let at = RwSignal::new(at);
    let next = move || {
        let next = (at.get_untracked() + 1) % all.len();
        let word = Some(all[next].0).filter(|_| next > 0);
        Shelf::Local.set(key, word);
        mark_root(mark, word);
        at.set(next);
        changed(next);
    };
    let says = move || format!("{name}: {}", all[at.get()].0);
    button("icon plain", "", next).bind("title", says).bind("aria-label", says).says(move || all[at.get()].1)
}
