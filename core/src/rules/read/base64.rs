//! Bytes in, Base64 out, whole or as it looks inside a longer text.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// With padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |i: usize| group.get(i).copied().map_or(0, u32::from);
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit) & 63) as usize;
            let letter = ALPHABET.get(index).copied().unwrap_or(b'=');
            out.push(if digit <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// As it looks when 0, 1 or 2 (modulo 3) bytes stand before it: only the letters that no neighbour
/// changes. Short values leave nothing of some shifts; these are not listed.
pub(super) fn shifted(bytes: &[u8]) -> Vec<String> {
    let shift = |before: usize| {
        let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
        let whole = encode(&padded);
        let first = (before * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        whole.get(first..last).filter(|form| !form.is_empty()).map(str::to_owned)
    };
    (0..3).filter_map(shift).collect()
}
