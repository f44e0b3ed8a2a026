//! What of a long list stands on paper. Nobody prints ten thousand pages
//! visited: what matters stands there with its neighbours, then the beginning
//! and the end, and how much is left out is said where it is.
//!
//! It knows nothing of what the list is about, and leaves a short one whole.

/// A list as it stands on paper.
pub(super) struct Excerpt<'a, T> {
    list: &'a [T],
    shown: Vec<bool>,
}

/// What stands there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a, T> {
    /// One of the list.
    Shown(&'a T),
    /// How many are left out between those above and those below.
    LeftOut(&'a [T]),
}

impl<'a, T> Excerpt<'a, T> {
    /// About `most` of `list`: as many of those that matter as there is room
    /// for, then what stands beside them, then the first and the last.
    pub(super) fn of(list: &'a [T], most: usize, matters: impl Fn(&T) -> bool) -> Excerpt<'a, T> {
        if list.len() <= most {
            return Excerpt { list, shown: vec![true; list.len()] };
        }
        let matter: Vec<bool> = list.iter().map(matters).collect();
        let rank = |at: usize| {
            let beside = at.saturating_sub(1)..(at + 2).min(list.len());
            match (matter[at], matter[beside].contains(&true)) {
                (true, _) => 0,
                (false, true) => 1,
                (false, false) => 2,
            }
        };
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_by_key(|&at| (rank(at), at.min(list.len() - 1 - at), at));
        let mut shown = vec![false; list.len()];
        order[..most].iter().for_each(|&at| shown[at] = true);
        // To say that one is left out takes the room of that one.
        for at in 0..list.len() {
            let before = at == 0 || shown[at - 1];
            let after = shown.get(at + 1).is_none_or(|next| *next);
            shown[at] |= before && after;
        }
        Excerpt { list, shown }
    }

    /// How many are left out.
    pub(super) fn left_out(&self) -> usize {
        self.shown.iter().filter(|shown| !**shown).count()
    }

    /// How many are shown.
    pub(super) fn shown(&self) -> usize {
        self.list.len() - self.left_out()
    }

    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All that is left out.
    pub(super) fn missing(&self) -> impl Iterator<Item = &'a T> + '_ {
        self.list.iter().zip(&self.shown).filter(|(_, shown)| !**shown).map(|(one, _)| one)
    }

    /// The parts, in the order of the list.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'a, T>> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            let from = at;
            if *self.shown.get(from)? {
                at += 1;
                return Some(Part::Shown(&self.list[from]));
            }
            at += self.shown[from..].iter().take_while(|shown| !**shown).count();
            Some(Part::LeftOut(&self.list[from..at]))
        })
    }
}

/// `10,412`, as people write it.
pub(super) fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut words = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// `entry 12`, or `entries 12 to 9,980`.
pub(super) fn entries(mut numbers: impl Iterator<Item = u64>) -> String {
    let first = numbers.next().unwrap_or_default();
    let (low, high) = numbers.fold((first, first), |(low, high), n| (low.min(n), high.max(n)));
    if low == high {
        return format!("entry {}", count(low));
    }
    format!("entries {} to {}", count(low), count(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(length: u32, most: usize, matters: &[u32]) -> Vec<String> {
        let list: Vec<u32> = (0..length).collect();
        let excerpt = Excerpt::of(&list, most, |n| matters.contains(n));
        let parts: Vec<String> = excerpt
            .parts()
            .map(|part| match part {
                Part::Shown(n) => n.to_string(),
                Part::LeftOut(some) => format!("-{}", some.len()),
            })
            .collect();
        let left_out: usize =
            parts.iter().filter_map(|part| part.strip_prefix('-')).map(|n| n.parse::<usize>().unwrap()).sum();
        assert_eq!(left_out, excerpt.left_out());
        assert_eq!(excerpt.shown() + left_out, list.len());
        parts
    }

    #[test]
    fn a_short_list_is_whole() {
        assert_eq!(drawn(0, 4, &[]), Vec::<String>::new());
        assert_eq!(drawn(4, 4, &[]), ["0", "1", "2", "3"]);
    }

    #[test]
    fn a_long_list_has_a_beginning_and_an_end() {
        assert_eq!(drawn(100, 4, &[]), ["0", "1", "-96", "98", "99"]);
    }

    #[test]
    fn what_matters_comes_first_and_with_its_neighbours() {
        assert_eq!(drawn(100, 5, &[50]), ["0", "-48", "49", "50", "51", "-47", "99"]);
        assert_eq!(drawn(100, 2, &[10, 50, 90]), ["-10", "10", "-79", "90", "-9"]);
    }

    #[test]
    fn a_single_one_is_not_left_out() {
        assert_eq!(drawn(9, 4, &[2, 4]), ["0", "1", "2", "3", "4", "-4"]);
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(
            [0, 7, 999, 1_000, 10_412, 1_234_567].map(|n: u64| count(n)),
            ["0", "7", "999", "1,000", "10,412", "1,234,567"]
        );
        assert_eq!(entries([12, 9_980, 40].into_iter()), "entries 12 to 9,980");
        assert_eq!(entries([12, 12].into_iter()), "entry 12");
    }
}
