//! The canonical bytes of a fact: compact JSON, members in the order of the source.

use std::borrow::Cow;

use serde_json::Value;

use crate::error::Problem;

pub(crate) use crate::model::fact_id;

/// Removes white space between tokens.
///
/// Whether there is any is decided by the first member: a writer that puts none there puts none
/// anywhere, and its records, the common case, are taken as they are. (A source that mixes styles
/// inside one record yields a version of its own, which the newer or the greater id supersedes.)
pub(crate) fn compact(json: &[u8]) -> Cow<'_, [u8]> {
    let json = json.trim_ascii();
    if !is_spaced(json) {
        return Cow::Borrowed(json);
    }
    let mut out = Vec::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        if in_string {
            out.push(*byte);
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
        } else if !byte.is_ascii_whitespace() {
            out.push(*byte);
            in_string = *byte == b'"';
        }
    }
    Cow::Owned(out)
}

/// Is there white space around the first member of an object?
fn is_spaced(json: &[u8]) -> bool {
    let Some((_, rest)) = json.split_first() else { return false };
    if rest.first() != Some(&b'"') {
        return true;
    }
    // The name ends at the first quote that no backslash precedes; names with escapes are taken as spaced.
    let Some(end) = rest.iter().skip(1).position(|b| *b == b'"').map(|at| at + 1) else { return true };
    let after = rest.get(end + 1..end + 3).unwrap_or_default();
    let spaced_end = json.iter().rev().nth(1).is_some_and(u8::is_ascii_whitespace);
    rest.get(..end).is_some_and(|name| name.contains(&b'\\'))
        || after.first() != Some(&b':')
        || after.get(1).is_none_or(u8::is_ascii_whitespace)
        || spaced_end
}

/// Compact JSON with sorted members, whatever map type the build uses.
pub(crate) fn write(mut value: Value) -> Vec<u8> {
    value.sort_all_objects();
    value.to_string().into_bytes()
}

/// Does a member say what casegraph judged: an annotation of its namespace, as an exported incident has them?
pub(crate) fn is_judged(member: &str) -> bool {
    member.contains("@casegraph.")
}

/// An alert of an exported incident as it was before: without what casegraph judged. Too deep a record stays as it is.
pub(crate) fn without_judged(json: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|member, _| !is_judged(member));
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let found = memchr::memmem::find(&json, b"@casegraph.").is_some();
    let read = || serde_json::from_slice::<Value>(&json).ok();
    match found.then(read).flatten() {
        Some(mut value) => {
            strip(&mut value);
            Cow::Owned(write(value))
        }
        None => json,
    }
}

/// A record that was read with problems, as the text that the log holds: JSON is UTF-8.
pub(crate) fn text<'j>(json: Cow<'j, [u8]>, problems: &[Problem]) -> Cow<'j, [u8]> {
    if problems.is_empty() || std::str::from_utf8(&json).is_ok() {
        return json;
    }
    Cow::Owned(String::from_utf8_lossy(&json).into_owned().into_bytes())
}

/// JSON that a strict reader accepts, from bytes that only it refuses; `None` when nothing can be mended.
///
/// File names on Windows may hold lone surrogates, and an attacker chooses file names: `"\ud800"` is
/// grammatical JSON that no text can hold. Such an escape becomes U+FFFD, a number that no 64 bits
/// hold becomes a text, bytes that are no UTF-8 become U+FFFD. The log keeps what came.
pub(crate) fn mend(json: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(json);
    let mut out = String::with_capacity(text.len() + 16);
    let mut changed = matches!(text, Cow::Owned(_));
    let mut rest: &str = &text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (before, token) = rest.split_at(at);
        out.push_str(before);
        let end = if token.starts_with('"') { string_end(token) } else { number_end(token) };
        let (token, after) = token.split_at(end);
        if token.starts_with('"') {
            changed |= mend_string(token, &mut out);
        } else if serde_json::from_str::<f64>(token).is_ok_and(f64::is_finite) {
            out.push_str(token);
        } else {
            changed = true;
            out.push_str(&Value::from(token).to_string());
        }
        rest = after;
    }
    out.push_str(rest);
    changed.then(|| out.into_bytes())
}

/// Reads a record, [`mend`]ed if only so it can be read.
pub(crate) fn read<T: serde::de::DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json)
        .or_else(|e| mend(json).and_then(|mended| serde_json::from_slice(&mended).ok()).ok_or(e))
}

/// Length of the string that `text` begins with, quotes included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn number_end(text: &str) -> usize {
    let part = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().position(|b| !part(b)).unwrap_or(text.len())
}

/// Copies a string, its lone surrogates replaced. Was there one?
fn mend_string(token: &str, out: &mut String) -> bool {
    let unit =
        |text: &str| text.strip_prefix("\\u").and_then(|t| t.get(..4)).and_then(|t| u16::from_str_radix(t, 16).ok());
    let mut changed = false;
    let mut rest = token;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let next = escape.get(6..).unwrap_or_default();
        let length = match unit(escape) {
            Some(0xd800..=0xdbff) if matches!(unit(next), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                changed = true;
                out.push('\u{fffd}');
                rest = next;
                continue;
            }
            Some(_) => 6,
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(escape);
        rest = after;
    }
    out.push_str(rest);
    changed
}

/// The object with one more text member at its end; `None` when it is no object.
pub(crate) fn with_member(json: &[u8], name: &str, text: &str) -> Option<Vec<u8>> {
    let (last, rest) = json.split_last()?;
    if *last != b'}' || json.first() != Some(&b'{') {
        return None;
    }
    let mut out = rest.to_vec();
    if rest.len() > 1 {
        out.push(b',');
    }
    out.extend_from_slice(format!("{}:{}}}", Value::from(name), Value::from(text)).as_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_and_compact_meet() {
        let compacted = br#"{"a":[1,{"b":"x \" , y"}],"c":null}"#;
        for spaced in [
            &br#"{ "a" : [1, {"b": "x \" , y"}], "c": null }"#[..],
            br#"{"a": [1, {"b": "x \" , y"}], "c": null}"#,
            b"{\n  \"a\":[1,{\"b\":\"x \\\" , y\"}],\n  \"c\":null\n}\n",
            compacted,
        ] {
            assert_eq!(compact(spaced).as_ref(), compacted, "{}", String::from_utf8_lossy(spaced));
        }
    }

    #[test]
    fn compact_input_is_not_copied() {
        assert!(matches!(compact(br#"{"a":" spaced "}"#), Cow::Borrowed(_)));
        assert!(matches!(compact(b"{}"), Cow::Owned(_)));
    }

    #[test]
    fn what_no_text_can_hold_is_mended_and_nothing_else() {
        let mended = |json: &str| mend(json.as_bytes()).map(|b| String::from_utf8_lossy(&b).into_owned());
        assert_eq!(mended(r#"{"a":"x\ud800y","b":1}"#).as_deref(), Some("{\"a\":\"x\u{fffd}y\",\"b\":1}"));
        assert_eq!(mended(r#"{"a":"\udc00\ud83d\ude00"}"#).as_deref(), Some("{\"a\":\"\u{fffd}\\ud83d\\ude00\"}"));
        assert_eq!(mended(r#"{"a":1e400,"b":-2.5e3}"#).as_deref(), Some(r#"{"a":"1e400","b":-2.5e3}"#));
        assert_eq!(mended(r#"{"a":"\\ud800 1e400","b":[1,-2]}"#), None);
        assert_eq!(mend(b"{\"a\":\"\xff\"}").as_deref(), Some("{\"a\":\"\u{fffd}\"}".as_bytes()));
        for odd in ["\"", "\"\\", "\"\\u", "\"\\ud8", "-", "{\"a\":--1}", "\"\\é"] {
            let _ = mend(odd.as_bytes());
        }
    }

    #[test]
    fn a_member_is_added_at_the_end() {
        assert_eq!(with_member(b"{\"a\":1}", "id", "x\"y").as_deref(), Some(&br#"{"a":1,"id":"x\"y"}"#[..]));
        assert_eq!(with_member(b"{}", "id", "x").as_deref(), Some(&br#"{"id":"x"}"#[..]));
        assert_eq!(with_member(b"[]", "id", "x"), None);
    }
}
