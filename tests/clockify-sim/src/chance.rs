//! Seeded choice: every made-up fact is a pure function of the seed and of where the fact stands
//! (which person, which week), so that a company of any size can be asked about in any order and
//! never has to be kept. The generator is SplitMix64, written out because the sequences of library
//! generators may change with their versions, and these must not.

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of choices that belongs to one place in the company.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chance(u64);

fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

impl Chance {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(mixed(seed.wrapping_add(STEP)))
    }

    /// The stream of a place within this one: `chance.at(WEEKS).at(person).at(week)`.
    pub(crate) fn at(self, place: u64) -> Self {
        Self(mixed(
            self.0 ^ mixed(place.wrapping_mul(STEP).wrapping_add(1)),
        ))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// 0 to n − 1; 0 when n is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(1).max(1);
        usize::try_from(self.next() % n).unwrap_or(0)
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_gives_the_same_choices_each_time_and_others_elsewhere() {
        let draw = |place: u64| {
            let mut chance = Chance::seeded(7).at(place);
            [chance.next(), chance.next(), chance.next()]
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn the_sequence_never_changes() {
        assert_eq!(Chance::seeded(1).at(2).next(), 0x0843_E1EF_D2F8_296F);
    }
}
