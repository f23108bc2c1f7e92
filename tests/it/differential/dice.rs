//! Draws for the generator: the same seed gives the same cases, now and with any later version of any library.

use serde_json::Value;

/// A stream of draws (the splitmix64 generator).
pub(super) struct Dice(u64);

impl Dice {
    /// The stream for one case: each case can be had again without those before it.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut dice = Self(seed);
        let mut case = Self(dice.draw() ^ number);
        Self(case.draw())
    }

    /// Any number.
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count.max(1)).expect("a usize fits");
        usize::try_from(self.draw() % count).expect("it is below a usize")
    }

    /// One of `low..=high`.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.draw() % (high - low + 1)
    }

    /// True so many times in a hundred.
    pub(super) fn percent(&mut self, times: usize) -> bool {
        self.below(100) < times
    }

    /// One of them.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of several values written as a JSON list.
    pub(super) fn value(&mut self, from: &Value) -> Value {
        self.pick(from.as_array().expect("a list to draw from")).clone()
    }

    /// Some of them, in any order, none twice.
    pub(super) fn some<'a, T>(&mut self, from: &'a [T]) -> Vec<&'a T> {
        let mut left: Vec<&T> = from.iter().collect();
        (0..self.below(from.len() + 1)).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}
