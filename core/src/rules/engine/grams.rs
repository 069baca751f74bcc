//! Thousands of literals looked for in one pass over a text: a text in, the literals that it may have out.
//!
//! Of each literal the four bytes in a row that everyday values hold least are kept (all of a shorter one). A pass
//! over a text asks a table of bits of each four bytes whether any literal has them, which depends on nothing before
//! it and so runs at about a byte a cycle; only where the answer is yes, and that is rare, are literals compared. An
//! automaton is several times slower, as it waits for memory at each byte.
//!
//! All literals that a text has are told. So are some that it has not: those that are long and differ
//! before their end, and all of them when literals and text are made to be compared over and over.

use std::sync::LazyLock;

use hashbrown::HashMap;

/// Bytes of a gram; literals that are shorter are grams of their own.
const WIDTH: usize = 4;
/// Bytes of a literal that are compared.
const COMPARED: usize = 256;
/// Comparisons that a text may cost for each of its bytes, and on top.
const BUDGET: (usize, usize) = (4, 4_096);
/// Bits of the table for each gram, so that few texts ask for a comparison in vain.
const SPARSE: usize = 32;

/// Where in the text a literal has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Anchor {
    Anywhere,
    Start,
    End,
}

/// Literals, each with a number that is told when it is found.
#[derive(Debug, Default)]
pub(super) struct Grams {
    /// All literals, one after the other.
    text: Vec<u8>,
    /// By the length of their grams, longest first.
    filters: Vec<Filter>,
}

/// The literals whose grams have one length.
#[derive(Debug)]
struct Filter {
    width: usize,
    /// Keeps the high bits of a gram's hash that number a bit.
    shift: u32,
    bits: Vec<u64>,
    /// Open addressing by hash, at most half full: gram, range in `entries`.
    slots: Vec<(u32, u32, u32)>,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    len: u32,
    /// Bytes of the literal before its gram.
    before: u32,
    anchor: Anchor,
    number: u32,
}

fn gram(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |gram, byte| gram << 8 | u32::from(*byte))
}

fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1)
}

impl Grams {
    /// Nothing is found of an empty literal.
    pub(super) fn new<'l>(literals: impl Iterator<Item = (&'l str, Anchor, u32)>) -> Grams {
        let mut out = Grams::default();
        let mut by_width: [HashMap<u32, Vec<Entry>>; WIDTH] = Default::default();
        for (literal, anchor, number) in literals {
            let bytes = compared(literal.as_bytes(), anchor);
            let width = bytes.len().min(WIDTH);
            let Some(grams) = width.checked_sub(1).and_then(|at| by_width.get_mut(at)) else { continue };
            let weighed = bytes.windows(width).enumerate().map(|(at, bytes)| {
                let gram = gram(bytes);
                (EVERYDAY.get(&gram).copied().unwrap_or(0), grams.get(&gram).map_or(0, Vec::len), at, gram)
            });
            let Some((_, _, before, gram)) = weighed.min() else { continue };
            let (start, len) = (out.text.len() as u32, bytes.len() as u32);
            out.text.extend(bytes);
            let entry = Entry { start, len, before: before as u32, anchor, number };
            grams.entry(gram).or_default().push(entry);
        }
        let filters = by_width.into_iter().enumerate().rev().filter(|(_, grams)| !grams.is_empty());
        out.filters = filters.map(|(at, grams)| Filter::new(at + 1, grams)).collect();
        out
    }

    pub(super) fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Calls `found` with the number of each literal that the text has, some more than once. Linear in the text.
    pub(super) fn scan(&self, text: &str, found: &mut impl FnMut(u32)) {
        let text = text.as_bytes();
        let mut budget = text.len().saturating_mul(BUDGET.0).saturating_add(BUDGET.1);
        for filter in &self.filters {
            let done = match filter.width {
                1 => filter.scan(|[a]: &[u8; 1]| [*a, 0, 0, 0], &self.text, text, &mut budget, found),
                2 => filter.scan(|[a, b]: &[u8; 2]| [*a, *b, 0, 0], &self.text, text, &mut budget, found),
                3 => filter.scan(|[a, b, c]: &[u8; 3]| [*a, *b, *c, 0], &self.text, text, &mut budget, found),
                _ => filter.scan(|gram: &[u8; WIDTH]| *gram, &self.text, text, &mut budget, found),
            };
            if !done {
                self.filters.iter().flat_map(|filter| &filter.entries).for_each(|entry| found(entry.number));
                return;
            }
        }
    }
}

/// What of a literal is compared: the end that is anchored.
fn compared(literal: &[u8], anchor: Anchor) -> &[u8] {
    let range = match anchor {
        Anchor::Start => 0..literal.len().min(COMPARED),
        Anchor::Anywhere | Anchor::End => literal.len().saturating_sub(COMPARED)..literal.len(),
    };
    literal.get(range).unwrap_or(literal)
}

impl Filter {
    fn new(width: usize, grams: HashMap<u32, Vec<Entry>>) -> Filter {
        let mut grams: Vec<(u32, Vec<Entry>)> = grams.into_iter().collect();
        grams.sort_unstable_by_key(|(gram, _)| *gram);
        let bits = (grams.len() * SPARSE).next_power_of_two().clamp(1 << 10, 1 << 18);
        let slots = (grams.len() * 2).next_power_of_two();
        let shift = 32 - bits.trailing_zeros();
        let mut out =
            Filter { width, shift, bits: vec![0; bits / 64], slots: vec![(0, 0, 0); slots], entries: Vec::new() };
        for (gram, entries) in grams {
            let bit = hash(gram) >> shift;
            if let Some(word) = out.bits.get_mut(bit as usize / 64) {
                *word |= 1 << (bit % 64);
            }
            let start = out.entries.len() as u32;
            out.entries.extend(entries);
            let slot = (gram, start, out.entries.len() as u32);
            let mut at = out.slot(gram);
            while let Some(taken) = out.slots.get_mut(at) {
                if taken.1 == taken.2 {
                    *taken = slot;
                    break;
                }
                at = (at + 1) & (slots - 1);
            }
        }
        out
    }

    fn slot(&self, gram: u32) -> usize {
        // Other bits of the hash than those that number the table of bits tell slots apart too.
        let hash = hash(gram);
        (hash ^ hash >> 15) as usize & (self.slots.len().wrapping_sub(1))
    }

    /// Looks at each `N` bytes of the text; `false` when the budget does not last.
    fn scan<const N: usize>(
        &self,
        widen: impl Fn(&[u8; N]) -> [u8; WIDTH],
        literals: &[u8],
        text: &[u8],
        budget: &mut usize,
        found: &mut impl FnMut(u32),
    ) -> bool {
        let (bits, shift) = (self.bits.as_slice(), self.shift);
        for (at, window) in text.array_windows::<N>().enumerate() {
            let gram = u32::from_le_bytes(widen(window));
            let bit = hash(gram) >> shift;
            let set = bits.get(bit as usize / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1);
            if set {
                let entries = self.entries(gram);
                match budget.checked_sub(entries.len()) {
                    Some(left) => *budget = left,
                    None => return false,
                }
                entries.iter().filter(|entry| entry.is_at(at, literals, text)).for_each(|entry| found(entry.number));
            }
        }
        true
    }

    #[inline(never)]
    fn entries(&self, gram: u32) -> &[Entry] {
        let mut at = self.slot(gram);
        while let Some((known, start, end)) = self.slots.get(at).filter(|(_, start, end)| start != end) {
            if *known == gram {
                return self.entries.get(*start as usize..*end as usize).unwrap_or_default();
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        &[]
    }
}

impl Entry {
    /// Is the literal in the text, its gram at this place?
    fn is_at(&self, at: usize, literals: &[u8], text: &[u8]) -> bool {
        let Some(from) = at.checked_sub(self.before as usize) else { return false };
        let to = from + self.len as usize;
        let stands = match self.anchor {
            Anchor::Anywhere => true,
            Anchor::Start => from == 0,
            Anchor::End => to == text.len(),
        };
        stands && text.get(from..to) == literals.get(self.start as usize..(self.start + self.len) as usize)
    }
}

/// How many everyday values hold four bytes in a row.
static EVERYDAY: LazyLock<HashMap<u32, u32>> = LazyLock::new(|| {
    let mut counts = HashMap::new();
    for value in super::trigger::EVERYDAY {
        let mut grams: Vec<u32> = value.as_bytes().windows(WIDTH).map(gram).collect();
        grams.sort_unstable();
        grams.dedup();
        grams.into_iter().for_each(|gram| *counts.entry(gram).or_insert(0) += 1);
    }
    counts
});

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;

    fn found(literals: &[(String, Anchor)], text: &str) -> Vec<u32> {
        let grams =
            Grams::new(literals.iter().enumerate().map(|(at, (text, anchor))| (text.as_str(), *anchor, at as u32)));
        let mut found = Vec::new();
        grams.scan(text, &mut |number| found.push(number));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// All texts of two letters, one of two bytes, up to a length.
    fn texts(most: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = 0..1;
        for _ in 0..most {
            let longer: Vec<String> =
                all[last.clone()].iter().flat_map(|t| ["a", "ä"].map(|c| format!("{t}{c}"))).collect();
            last = all.len()..all.len() + longer.len();
            all.extend(longer);
        }
        all
    }

    #[test]
    fn what_the_library_finds_is_found() {
        let anchors = [Anchor::Anywhere, Anchor::Start, Anchor::End];
        let literals: Vec<(String, Anchor)> =
            texts(5).into_iter().skip(1).flat_map(|text| anchors.map(|anchor| (text.clone(), anchor))).collect();
        for text in texts(8) {
            let stands = |(literal, anchor): &&(String, Anchor)| match anchor {
                Anchor::Anywhere => text.contains(literal.as_str()),
                Anchor::Start => text.starts_with(literal.as_str()),
                Anchor::End => text.ends_with(literal.as_str()),
            };
            let expected: Vec<u32> = (0..).zip(&literals).filter(|(_, l)| stands(l)).map(|(at, _)| at).collect();
            assert_eq!(found(&literals, &text), expected, "{text}");
        }
    }

    #[test]
    fn many_literals_and_none() {
        let literals: Vec<(String, Anchor)> = (0..20_000).map(|n| (format!("{n:x}-tool"), Anchor::Anywhere)).collect();
        assert_eq!(found(&literals, "c:\\4e1f-tool.exe"), [0xf, 0x1f, 0xe1f, 0x4e1f]);
        assert!(found(&literals, "").is_empty());
        assert!(found(&[(String::new(), Anchor::Anywhere)], "text").is_empty());
    }

    #[test]
    fn of_a_long_literal_the_end_is_compared() {
        let long = format!("{}b", "a".repeat(1 << 20));
        let anchored = [Anchor::Anywhere, Anchor::Start, Anchor::End].map(|anchor| (long.clone(), anchor));
        assert_eq!(found(&anchored, &long), [0, 1, 2]);
        assert_eq!(found(&anchored, &format!("x{long}")), [0, 2]);
        assert_eq!(found(&anchored, &format!("{long}x")), [0, 1]);
        assert!(found(&anchored, &"x".repeat(1 << 20)).is_empty());
    }

    #[test]
    fn what_is_made_to_be_compared_over_and_over_is_all_told() {
        let literals: Vec<(String, Anchor)> = (4..4_000).map(|n| ("a".repeat(n), Anchor::Anywhere)).collect();
        let all: Vec<u32> = (0..literals.len() as u32).collect();
        assert_eq!(found(&literals, &"a".repeat(1 << 16)), all);
        assert_eq!(found(&literals, "xaaaax"), [0]);
    }
}
