//! Random numbers, and numbers that belong to a value: integers of fixed width only.

use super::plan::Kind;

/// SplitMix64 (Steele, Lea, Flood 2014): a counter in steps of the golden ratio, through a mixer.
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        scramble(self.0)
    }

    /// Uniform in `0..n` by multiplication; the bias of n/2⁶⁴ does not matter here. 0 for `n` = 0.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// True in `n` of 1000 calls.
    pub(super) fn permille(&mut self, n: u64) -> bool {
        self.below(1000) < n
    }

    /// A value of `0..n` with p(x) ∝ 1/(x + 1), in steps: first the octave, all alike, then a place in it.
    /// No floating point and no rejection: what the last octave has beyond `n` goes evenly to the values before it.
    pub(super) fn heavy(&mut self, n: u64) -> u64 {
        let n = n.max(1);
        let low = 1_u64 << self.below(u64::from(64 - n.leading_zeros()));
        let place = low + self.below(low);
        if place > n { place - n - 1 } else { place - 1 }
    }
}

pub(super) const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The mixer of SplitMix64: a bijection in which each input bit moves half of the output.
pub(super) const fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The `n`th number that belongs to a value; the same wherever the value appears.
pub(super) const fn digest(seed: u64, kind: Kind, key: u64, n: u64) -> u64 {
    let tag = (kind as u64 + 1).wrapping_mul(0x0100_0000_01B3).wrapping_add(n.wrapping_mul(GOLDEN));
    scramble(scramble(seed ^ tag).wrapping_add(key.wrapping_mul(GOLDEN)))
}
