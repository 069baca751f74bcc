//! How names and ids are compared: without allocation, whatever the case and the separators.

/// Longer text names nothing in the table; this bounds the work on hostile input.
const MAX_LEN: usize = 160;
/// Longer names are not in the table, once folded.
const MAX_FOLDED: usize = 64;

/// A name without separators, in lower case, with `&` read as `and`.
pub(super) struct Folded {
    bytes: [u8; MAX_FOLDED],
    len: usize,
}

impl Folded {
    /// Folds a name; `None` if it has nothing but separators or is too long for any name.
    pub(super) fn new(text: &str) -> Option<Folded> {
        let mut folded = Folded { bytes: [0; MAX_FOLDED], len: 0 };
        for byte in text.bytes() {
            match byte {
                b'&' => b"and".iter().try_for_each(|byte| folded.push(*byte))?,
                byte if is_separator(byte) => {}
                byte => folded.push(byte.to_ascii_lowercase())?,
            }
        }
        (folded.len > 0).then_some(folded)
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.len)? = byte;
        self.len += 1;
        Some(())
    }

    /// The folded bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Whether this is what another name folds to.
    pub(super) fn is(&self, name: &str) -> bool {
        let mut left = self.as_bytes();
        for byte in name.bytes().filter(|byte| !is_separator(*byte)) {
            let rest = match byte {
                b'&' => left.strip_prefix(b"and"),
                byte => left.strip_prefix(&[byte.to_ascii_lowercase()]),
            };
            match rest {
                Some(rest) => left = rest,
                None => return false,
            }
        }
        left.is_empty()
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'_' | b'/' | b'\t')
}

/// The text to look up: trimmed, without the tag prefix `attack.`; `None` if it is too long.
pub(super) fn needle(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = match text.split_at_checked(7) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("attack.") => rest,
        _ => text,
    };
    (text.len() <= MAX_LEN).then_some(text)
}

/// The number that a technique id stands for: `T1059.001` is 1,059,001. `None` if it is no id.
pub(super) fn key(id: &str) -> Option<u32> {
    let (number, sub) = match id.as_bytes() {
        [b't' | b'T', a, b, c, d] => ([*a, *b, *c, *d], None),
        [b't' | b'T', a, b, c, d, b'.' | b'/', e, f, g] => ([*a, *b, *c, *d], Some([*e, *f, *g])),
        _ => return None,
    };
    let number = decimal(&number)?;
    match sub {
        None => Some(number * 1000),
        Some(sub) => match decimal(&sub)? {
            0 => None,
            sub => Some(number * 1000 + sub),
        },
    }
}

fn decimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
}
