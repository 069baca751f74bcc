//! Thousands of literals looked for in one pass over a text: a text in, the literals that it may have out.
//!
//! Of each literal the four bytes in a row that everyday values hold least are kept (two of a shorter one). A pass
//! over a text asks a table of bits of each four bytes whether any literal has them, which depends on nothing before
//! it and so runs at about a byte a cycle; only where the answer is yes, and that is rare, are literals compared. Where
//! all literals are long every second or fourth place is enough. An automaton is several times slower, as it waits for
//! memory at each byte.
//!
//! All literals that a text has are told. So are some that it has not: those that are long and differ
//! before their end, and all of them when literals and text are made to be compared over and over.

use std::sync::LazyLock;

use hashbrown::HashMap;
use memchr::memmem;

/// Bytes of a gram, and of those of shorter literals.
const WIDTH: usize = 4;
const NARROW: usize = 2;
/// Up to so many shorter literals each is looked for by itself.
const FEW: usize = 3;
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
    filters: Vec<Filter>,
    few: Vec<(memmem::Finder<'static>, Anchor, u32)>,
    /// From here on filters are of literals that have bytes beyond ASCII, as most texts have none.
    foreign: usize,
}

/// Literals whose grams have the same length.
#[derive(Debug)]
struct Filter {
    width: usize,
    /// Of so many places in a row one is looked at: of each literal as many grams in a row are kept.
    stride: usize,
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
        let mut kept: [Vec<Entry>; 4] = Default::default();
        for (literal, anchor, number) in literals.filter(|(literal, ..)| !literal.is_empty()) {
            let bytes = compared(literal.as_bytes(), anchor);
            if bytes.len() < NARROW {
                out.few.push((memmem::Finder::new(bytes).into_owned(), anchor, number));
                continue;
            }
            let (start, len) = (out.text.len() as u32, bytes.len() as u32);
            out.text.extend(bytes);
            let entry = Entry { start, len, before: 0, anchor, number };
            let [wide, narrow, foreign, foreign_narrow] = &mut kept;
            let list = match (bytes.is_ascii(), bytes.len() < WIDTH) {
                (true, false) => wide,
                (true, true) => narrow,
                (false, false) => foreign,
                (false, true) => foreign_narrow,
            };
            list.push(entry);
        }
        let [wide, mut narrow, foreign, foreign_narrow] = kept;
        if narrow.len() <= FEW {
            for entry in narrow.drain(..) {
                let finder = memmem::Finder::new(entry.literal(&out.text)).into_owned();
                out.few.push((finder, entry.anchor, entry.number));
            }
        }
        for (at, (width, entries)) in
            [(WIDTH, wide), (NARROW, narrow), (WIDTH, foreign), (NARROW, foreign_narrow)].into_iter().enumerate()
        {
            if !entries.is_empty() {
                out.filters.push(Filter::new(width, &out.text, &entries));
            }
            if at < 2 {
                out.foreign = out.filters.len();
            }
        }
        out
    }

    pub(super) fn is_empty(&self) -> bool {
        self.filters.is_empty() && self.few.is_empty()
    }

    /// Calls `found` with the number of each literal that the text has, some more than once. Linear in the text.
    pub(super) fn scan(&self, text: &str, found: &mut impl FnMut(u32)) {
        let text = text.as_bytes();
        for (finder, anchor, number) in &self.few {
            let needle = finder.needle();
            let has = match anchor {
                Anchor::Anywhere => finder.find(text).is_some(),
                Anchor::Start => text.starts_with(needle),
                Anchor::End => text.ends_with(needle),
            };
            if has {
                found(*number);
            }
        }
        let mut budget = text.len().saturating_mul(BUDGET.0).saturating_add(BUDGET.1);
        let foreign = self.foreign < self.filters.len() && !text.is_ascii();
        let filters = if foreign { self.filters.len() } else { self.foreign };
        for filter in self.filters.iter().take(filters) {
            if !filter.scan(&self.text, text, &mut budget, found) {
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
    fn new(width: usize, text: &[u8], literals: &[Entry]) -> Filter {
        let shortest = literals.iter().map(|entry| entry.len as usize).min().unwrap_or_default();
        let stride = match shortest.saturating_sub(width) {
            _ if width < WIDTH => 1,
            0 => 1,
            1 | 2 => 2,
            _ => 4,
        };
        let mut grams: HashMap<u32, Vec<Entry>> = HashMap::new();
        for literal in literals {
            let bytes = literal.literal(text);
            let weight = |gram: &u32| (everyday(*gram), grams.get(gram).map_or(0, Vec::len));
            let all: Vec<u32> = bytes.windows(width).map(gram).collect();
            let weights: Vec<(usize, usize)> = all.iter().map(weight).collect();
            let places = weights.windows(stride).enumerate().map(|(at, weights)| {
                let total = weights.iter().fold((0, 0), |sum: (usize, usize), w| (sum.0 + w.0, sum.1 + w.1));
                (total, at)
            });
            let Some((_, at)) = places.min() else { continue };
            for (before, gram) in all.iter().enumerate().skip(at).take(stride) {
                grams.entry(*gram).or_default().push(Entry { before: before as u32, ..*literal });
            }
        }
        let mut grams: Vec<(u32, Vec<Entry>)> = grams.into_iter().collect();
        grams.sort_unstable_by_key(|(gram, _)| *gram);
        let bits = (grams.len() * SPARSE).next_power_of_two().clamp(1 << 10, 1 << 18);
        let slots = (grams.len() * 2).next_power_of_two();
        let shift = 32 - bits.trailing_zeros();
        let mut out = Filter {
            width,
            stride,
            shift,
            bits: vec![0; bits / 64],
            slots: vec![(0, 0, 0); slots],
            entries: Vec::new(),
        };
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

    /// `false` when the budget does not last.
    fn scan(&self, literals: &[u8], text: &[u8], budget: &mut usize, found: &mut impl FnMut(u32)) -> bool {
        let narrow = |[a, b]: &[u8; NARROW]| u32::from_le_bytes([*a, *b, 0, 0]);
        let wide = |gram: &[u8; WIDTH]| u32::from_le_bytes(*gram);
        let mut passes = (0..self.width).step_by(self.stride);
        match self.width {
            NARROW => passes.all(|from| self.look(from, narrow, literals, text, budget, found)),
            _ => passes.all(|from| self.look(from, wide, literals, text, budget, found)),
        }
    }

    /// Looks at each `N` bytes of the text, one after the other from a place on.
    #[inline(always)]
    fn look<const N: usize>(
        &self,
        from: usize,
        gram: impl Fn(&[u8; N]) -> u32,
        literals: &[u8],
        text: &[u8],
        budget: &mut usize,
        found: &mut impl FnMut(u32),
    ) -> bool {
        let (bits, shift) = (self.bits.as_slice(), self.shift);
        let (chunks, _) = text.get(from..).unwrap_or_default().as_chunks::<N>();
        for (at, chunk) in chunks.iter().enumerate() {
            let gram = gram(chunk);
            let bit = hash(gram) >> shift;
            let set = bits.get(bit as usize / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1);
            if set {
                let entries = self.entries(gram);
                match budget.checked_sub(entries.len()) {
                    Some(left) => *budget = left,
                    None => return false,
                }
                let at = from + at * N;
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
    fn literal<'t>(&self, literals: &'t [u8]) -> &'t [u8] {
        literals.get(self.start as usize..(self.start + self.len) as usize).unwrap_or_default()
    }

    /// Is the literal in the text, its gram at this place?
    fn is_at(&self, at: usize, literals: &[u8], text: &[u8]) -> bool {
        let Some(from) = at.checked_sub(self.before as usize) else { return false };
        let to = from + self.len as usize;
        let stands = match self.anchor {
            Anchor::Anywhere => true,
            Anchor::Start => from == 0,
            Anchor::End => to == text.len(),
        };
        stands && text.get(from..to) == Some(self.literal(literals))
    }
}

/// Four bytes in a row that everyday values hold, and how many of them do; sorted.
static EVERYDAY: LazyLock<Vec<(u32, usize)>> = LazyLock::new(|| {
    let mut all: Vec<u32> = Vec::new();
    for value in super::trigger::EVERYDAY {
        let mut grams: Vec<u32> = value.as_bytes().windows(WIDTH).map(gram).collect();
        grams.sort_unstable();
        grams.dedup();
        all.extend(grams);
    }
    all.sort_unstable();
    all.chunk_by(|a, b| a == b).filter_map(|run| Some((*run.first()?, run.len()))).collect()
});

fn everyday(gram: u32) -> usize {
    let found = EVERYDAY.binary_search_by_key(&gram, |(known, _)| *known).ok();
    found.and_then(|at| EVERYDAY.get(at)).map_or(0, |(_, values)| *values)
}

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

    /// All texts of three letters, one of two bytes, up to a length.
    fn texts(most: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = 0..1;
        for _ in 0..most {
            let longer: Vec<String> =
                all[last].iter().flat_map(|text| ["a", "b", "ä"].map(|letter| format!("{text}{letter}"))).collect();
            last = all.len()..all.len() + longer.len();
            all.extend(longer);
        }
        all
    }

    #[test]
    fn what_the_library_finds_is_found() {
        let anchors = [Anchor::Anywhere, Anchor::Start, Anchor::End];
        let all = texts(5);
        // With longer literals only, fewer places of a text are looked at.
        for (shortest, ascii) in [(1, false), (4, true), (5, false), (5, true), (7, false), (8, false)] {
            let kept = all.iter().filter(|text| text.len() >= shortest && (!ascii || text.is_ascii()));
            let literals: Vec<(String, Anchor)> =
                kept.flat_map(|text| anchors.map(|anchor| (text.clone(), anchor))).collect();
            assert!(!literals.is_empty());
            for text in &all {
                let stands = |(literal, anchor): &(String, Anchor)| match anchor {
                    Anchor::Anywhere => text.contains(literal.as_str()),
                    Anchor::Start => text.starts_with(literal.as_str()),
                    Anchor::End => text.ends_with(literal.as_str()),
                };
                let expected: Vec<u32> =
                    (0..).zip(&literals).filter(|(_, literal)| stands(literal)).map(|(at, _)| at).collect();
                // What costs more than the budget is told whole; texts this short do not.
                assert_eq!(found(&literals, text), expected, "{text} {shortest}");
            }
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
