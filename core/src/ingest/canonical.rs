//! The canonical bytes of a fact: compact JSON, members in the order of the source.

use std::borrow::Cow;

use serde_json::Value;

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
    fn a_member_is_added_at_the_end() {
        assert_eq!(with_member(b"{\"a\":1}", "id", "x\"y").as_deref(), Some(&br#"{"a":1,"id":"x\"y"}"#[..]));
        assert_eq!(with_member(b"{}", "id", "x").as_deref(), Some(&br#"{"id":"x"}"#[..]));
        assert_eq!(with_member(b"[]", "id", "x"), None);
    }
}
