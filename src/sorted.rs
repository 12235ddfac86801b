//! A sorted list of any length, in chunks: to put something in, or to take it out, moves a chunk and not the list.
//! In one vector of 100,000 entries each change would move megabytes, and there are a thousand a second.

/// A chunk holds at most so many.
const CHUNK: usize = 512;

/// Each once, in ascending order.
#[derive(Clone, Debug)]
pub struct Sorted<T> {
    /// None is empty.
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Ord + Clone> Sorted<T> {
    /// All of these, each of which must be there once.
    #[must_use]
    pub fn of(mut all: Vec<T>) -> Self {
        all.sort_unstable();
        // Room is left, so that the first to come do not split every chunk.
        let chunks: Vec<Vec<T>> = all.chunks(CHUNK * 3 / 4).map(<[T]>::to_vec).collect();
        Self { len: all.len(), chunks }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The chunk that holds this one, or would.
    fn chunk_of(&self, one: &T) -> usize {
        self.chunks.partition_point(|chunk| chunk.last().is_some_and(|last| last < one))
    }

    /// Puts one in; false when it was there.
    pub fn insert(&mut self, one: T) -> bool {
        let at = self.chunk_of(&one);
        let Some(chunk) = self.chunks.get_mut(at) else {
            // Behind all: most that arrives goes there.
            self.len += 1;
            match self.chunks.last_mut().filter(|last| last.len() < CHUNK) {
                Some(last) => last.push(one),
                None => self.chunks.push(vec![one]),
            }
            return true;
        };
        let Err(place) = chunk.binary_search(&one) else { return false };
        chunk.insert(place, one);
        self.len += 1;
        if chunk.len() > CHUNK {
            let rest = chunk.split_off(CHUNK / 2);
            self.chunks.insert(at + 1, rest);
        }
        true
    }

    /// Takes one out; false when it was not there.
    pub fn remove(&mut self, one: &T) -> bool {
        let at = self.chunk_of(one);
        let Some(chunk) = self.chunks.get_mut(at) else { return false };
        let Ok(place) = chunk.binary_search(one) else { return false };
        chunk.remove(place);
        self.len -= 1;
        let left = chunk.len();
        if left == 0 {
            self.chunks.remove(at);
        } else if self.chunks.get(at + 1).is_some_and(|next| left + next.len() <= CHUNK / 2) {
            let next = self.chunks.remove(at + 1);
            self.chunks[at].extend(next);
        }
        true
    }

    /// At which place one stands.
    #[must_use]
    pub fn position(&self, one: &T) -> Option<usize> {
        let at = self.chunk_of(one);
        let place = self.chunks.get(at)?.binary_search(one).ok()?;
        Some(self.chunks[..at].iter().map(Vec::len).sum::<usize>() + place)
    }

    /// All, from this place on.
    pub fn from(&self, place: usize) -> impl Iterator<Item = &T> {
        let (mut at, mut left) = (0, place);
        while let Some(chunk) = self.chunks.get(at).filter(|chunk| chunk.len() <= left) {
            left -= chunk.len();
            at += 1;
        }
        self.chunks[at..].iter().flatten().skip(left)
    }

    /// All that come after this one, whether it is there or not; all when it is none.
    pub fn after(&self, one: Option<&T>) -> impl Iterator<Item = &T> {
        let (mut at, mut skipped) = (0, 0);
        if let Some(one) = one {
            at = self.chunk_of(one);
            skipped = self.chunks.get(at).map_or(0, |chunk| chunk.partition_point(|other| other <= one));
        }
        self.chunks[at..].iter().flatten().skip(skipped)
    }

    /// All that come before this one, last first; all when it is none.
    pub fn before(&self, one: Option<&T>) -> impl Iterator<Item = &T> {
        let (mut end, mut skipped) = (self.chunks.len(), 0);
        if let Some(one) = one {
            let at = self.chunk_of(one);
            if let Some(chunk) = self.chunks.get(at) {
                end = at + 1;
                skipped = chunk.len() - chunk.partition_point(|other| other < one);
            }
        }
        self.chunks[..end].iter().flatten().rev().skip(skipped)
    }

    /// All.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *seed >> 33
    }

    #[test]
    fn it_is_a_sorted_vector_whatever_happens() {
        let mut seed = 7;
        let mut sorted = Sorted::default();
        let mut plain: Vec<u64> = Vec::new();
        for round in 0..30_000_u64 {
            // Grows, shrinks to nearly nothing, and grows again.
            let grows = (round / 10_000).is_multiple_of(2);
            let one = random(&mut seed) % 4_000;
            let at = plain.binary_search(&one);
            if grows ^ random(&mut seed).is_multiple_of(5) {
                assert_eq!(sorted.insert(one), at.is_err());
                if let Err(at) = at {
                    plain.insert(at, one);
                }
            } else {
                assert_eq!(sorted.remove(&one), at.is_ok());
                if let Ok(at) = at {
                    plain.remove(at);
                }
            }
            assert_eq!(sorted.len(), plain.len());
            if round.is_multiple_of(997) {
                let place = usize::try_from(random(&mut seed)).unwrap() % (plain.len() + 2);
                assert!(sorted.iter().eq(&plain));
                assert!(sorted.from(place).eq(plain.iter().skip(place)));
                assert!(sorted.after(Some(&one)).eq(plain.iter().filter(|other| **other > one)));
                assert!(sorted.before(Some(&one)).eq(plain.iter().rev().filter(|other| **other < one)));
                assert!(sorted.after(None).eq(&plain) && sorted.before(None).eq(plain.iter().rev()));
                assert_eq!(sorted.position(&one), plain.binary_search(&one).ok());
                assert!(sorted.chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK));
                assert!(sorted.chunks.len() <= 2 + plain.len() * 5 / CHUNK, "few chunks");
            }
        }
    }

    #[test]
    fn a_list_made_at_once_is_the_same() {
        let sorted = Sorted::of((0..10_000_u32).rev().collect());
        assert!(sorted.iter().copied().eq(0..10_000) && sorted.len() == 10_000 && !sorted.is_empty());
        assert_eq!(sorted.from(9_998).copied().collect::<Vec<_>>(), [9_998, 9_999]);
        assert!(Sorted::<u32>::of(Vec::new()).is_empty());
    }
}
