//! A map by numbers that are given out ascending: subscriptions, requests, flushes.
//! A sorted queue does what a tree would in a tenth of the code, and what ends first stands first.

use std::collections::VecDeque;

/// Values by ascending numbers.
#[derive(Debug, Clone)]
pub struct Numbered<K, V>(VecDeque<(K, V)>);

impl<K, V> Default for Numbered<K, V> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<K: Ord + Copy, V> Numbered<K, V> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn find(&self, key: K) -> Result<usize, usize> {
        // Nearly always it is the oldest, such as the only one, or the answer to the first question.
        if self.0.front().is_some_and(|(first, _)| *first == key) {
            return Ok(0);
        }
        self.search(key)
    }

    #[inline(never)]
    fn search(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by_key(&key, |(k, _)| *k)
    }

    /// Puts a value in its place; one of the same number is replaced and returned.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(key) {
            Ok(at) => self.0.get_mut(at).map(|entry| std::mem::replace(&mut entry.1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// The value of this number.
    #[must_use]
    pub fn get(&self, key: K) -> Option<&V> {
        self.find(key).ok().and_then(|at| self.0.get(at)).map(|entry| &entry.1)
    }

    /// The value of this number, to be changed.
    #[inline]
    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let at = self.find(key).ok()?;
        self.0.get_mut(at).map(|entry| &mut entry.1)
    }

    /// Takes the value of this number out.
    pub fn remove(&mut self, key: K) -> Option<V> {
        let at = self.find(key).ok()?;
        self.0.remove(at).map(|entry| entry.1)
    }

    /// The first.
    #[must_use]
    pub fn first(&self) -> Option<(K, &V)> {
        self.0.front().map(|(key, value)| (*key, value))
    }

    /// Takes the first out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        self.0.pop_front()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    /// All, ascending, to be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (*key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_number_whatever_the_order() {
        let mut map = Numbered::new();
        for key in [1, 2, 5, 9, 3] {
            assert_eq!(map.insert(key, key * 10), None);
        }
        assert_eq!(map.insert(5, 51), Some(50));
        assert_eq!(
            map.iter().map(|(k, v)| (k, *v)).collect::<Vec<_>>(),
            [(1, 10), (2, 20), (3, 30), (5, 51), (9, 90)]
        );
        assert_eq!((map.get(4), map.get(9)), (None, Some(&90)));
        assert_eq!((map.remove(1), map.remove(1)), (Some(10), None));
        if let Some(value) = map.get_mut(2) {
            *value = 0;
        }
        assert_eq!(map.iter_mut().next().map(|(k, v)| (k, *v)), Some((2, 0)));
    }
}
