//! The key, and what is drawn from it: hex digits, syllables, other numbers of a range. The same for the same text.

use sha2::{Digest, Sha256};

/// Consonants and vowels of made words: 100 syllables.
const CONSONANTS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
const VOWELS: &[u8; 5] = b"aeiou";
/// Syllables of a made word: 10^12 of them, so that among 100,000 names two meet in one of two hundred books, which is
/// noticed.
const SYLLABLES: u32 = 6;
/// Rounds of the network that orders numbers anew; four are enough against whoever sees chosen pairs.
const ROUNDS: u8 = 6;

/// HMAC-SHA-256 (RFC 2104) with the key taken in.
#[derive(Clone)]
pub(super) struct Secret {
    inner: Sha256,
    outer: Sha256,
}

impl Secret {
    pub(super) fn new(key: &[u8]) -> Secret {
        let mut block = [0u8; 64];
        let digest;
        let key: &[u8] = if key.len() > block.len() {
            digest = Sha256::digest(key);
            &digest
        } else {
            key
        };
        block.iter_mut().zip(key).for_each(|(slot, byte)| *slot = *byte);
        let padded = |pad: u8| Sha256::new_with_prefix(block.map(|byte| byte ^ pad));
        Secret { inner: padded(0x36), outer: padded(0x5c) }
    }

    /// 32 bytes for a text and what they are for.
    fn draw(&self, what: &str, text: &[u8]) -> [u8; 32] {
        let mut inner = self.inner.clone();
        inner.update(what.as_bytes());
        inner.update([0]);
        inner.update(text);
        let mut outer = self.outer.clone();
        outer.update(inner.finalize());
        outer.finalize().into()
    }

    fn draw_u64(&self, what: &str, text: &[u8]) -> u64 {
        self.draw(what, text).iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    pub(super) fn draw_u128(&self, what: &str, text: &[u8]) -> u128 {
        self.draw(what, text).iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte))
    }

    /// Up to 64 hex digits.
    pub(super) fn hex(&self, what: &str, text: &str, length: usize) -> String {
        let mut out: String = self.draw(what, text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        out.truncate(length);
        out
    }

    /// A word that can be read aloud.
    pub(super) fn syllables(&self, what: &str, text: &str) -> String {
        let mut number = self.draw_u64(what, text.as_bytes());
        let mut out = String::with_capacity(12);
        for _ in 0..SYLLABLES {
            let syllable = (number % 100) as usize;
            number /= 100;
            out.extend(CONSONANTS.get(syllable / 5).map(|c| char::from(*c)));
            out.extend(VOWELS.get(syllable % 5).map(|c| char::from(*c)));
        }
        out
    }

    /// Another number of as many digits, none twice; 4 to 18 digits.
    pub(super) fn digits(&self, text: &str) -> String {
        let length = text.len();
        let range = 10u64.pow(length as u32);
        let number = self.other(&format!("digits{length}"), text.parse().unwrap_or(0), range, |_| true);
        format!("{number:0length$}")
    }

    /// Another number below `range` of which `fits` holds as it does of `number`: a permutation of those, by a Feistel
    /// network over the next even number of bits, walked on until it is back in place.
    pub(super) fn other(&self, what: &str, number: u64, range: u64, fits: impl Fn(u64) -> bool) -> u64 {
        let bits = u64::BITS - range.saturating_sub(1).leading_zeros();
        let half = bits.div_ceil(2);
        let mask = (1u64 << half) - 1;
        let mut at = number;
        loop {
            let (mut left, mut right) = (at >> half, at & mask);
            for round in 0..ROUNDS {
                let mut text = [0u8; 9];
                text.iter_mut()
                    .zip(right.to_be_bytes().into_iter().chain([round]))
                    .for_each(|(slot, byte)| *slot = byte);
                (left, right) = (right, (left ^ self.draw_u64(what, &text)) & mask);
            }
            at = left << half | right;
            if at < range && fits(at) {
                return at;
            }
        }
    }
}
