//! What the keys do in a field with a list of choices under it: the pattern of the ARIA Authoring Practices.

/// The list of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Combobox {
    /// Whether it is shown.
    pub is_open: bool,
    /// Which choice Enter takes.
    pub active: Option<usize>,
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// Nothing: the key is the field's own.
    Nothing,
    /// Another choice is active, or the list opened or closed.
    Moved,
    /// This choice was taken.
    Took(usize),
}

impl Combobox {
    /// The text has changed, and with it the choices.
    pub fn typed(&mut self, choices: usize) {
        *self = Self { is_open: choices > 0, active: None };
    }

    /// The list is closed.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    /// Takes in a key, with so many choices in the list.
    pub fn key(&mut self, key: &str, choices: usize) -> Did {
        let last = choices.checked_sub(1);
        match (key, self.is_open, self.active) {
            ("ArrowDown", false, _) if choices > 0 => {
                *self = Self { is_open: true, active: Some(0) };
                Did::Moved
            }
            ("ArrowDown", true, active) => {
                self.active = active
                    .map_or(last.map(|_| 0), |at| if at + 1 < choices { Some(at + 1) } else { Some(0) });
                Did::Moved
            }
            ("ArrowUp", true, active) => {
                self.active = active.map_or(last, |at| at.checked_sub(1).or(last));
                Did::Moved
            }
            ("Enter" | "Tab", true, Some(at)) if at < choices => {
                self.close();
                Did::Took(at)
            }
            ("Escape", true, _) => {
                self.close();
                Did::Moved
            }
            _ => Did::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round_and_enter_takes() {
        let mut list = Combobox::default();
        assert_eq!(list.key("ArrowDown", 0), Did::Nothing);
        list.typed(3);
        assert!(list.is_open && list.active.is_none());
        assert_eq!((list.key("Enter", 3), list.key("Tab", 3)), (Did::Nothing, Did::Nothing));
        let mut seen = Vec::new();
        for key in ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp"] {
            assert_eq!(list.key(key, 3), Did::Moved);
            seen.extend(list.active);
        }
        assert_eq!(seen, [0, 1, 2, 0, 2, 1]);
        assert_eq!((list.key("Enter", 3), list.is_open), (Did::Took(1), false));
        assert_eq!(list.key("ArrowDown", 3), Did::Moved);
        assert_eq!((list.key("Tab", 3), list.key("Tab", 3)), (Did::Took(0), Did::Nothing));
    }

    #[test]
    fn escape_closes_the_list_once() {
        let mut list = Combobox::default();
        list.typed(2);
        assert_eq!((list.key("Escape", 2), list.key("Escape", 2)), (Did::Moved, Did::Nothing));
        list.typed(0);
        assert!(!list.is_open);
        // The choices became fewer than the active one.
        list.typed(2);
        list.key("ArrowUp", 2);
        assert_eq!(list.key("Enter", 1), Did::Nothing);
        assert_eq!(list.key("x", 1), Did::Nothing);
    }
}
