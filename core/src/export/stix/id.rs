//! Ids of STIX objects: the same thing has the same id in every export.
//!
//! In: what an object is named after. Out: `<type>--<UUID version 5>`. Observables are named after the properties
//! that the standard says, in its namespace, so that they meet those of other producers; everything else is named
//! after our ids, in a namespace of ours. This file must never look at a clock or a random source.

use serde_json::Value;
use uuid::Uuid;

use super::Object;

/// The namespace that STIX 2.1 (section 2.9) gives to observables.
const OBSERVABLES: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);

/// The namespace of everything else: version 5 of `casegraph` in the namespace of domain names.
const OWN: Uuid = Uuid::from_u128(0xdb4a_a83e_0ae8_5d5c_862f_33cc_bd9f_c48e);

/// The id of an object that is named after ids of ours. No part holds the NUL that stands between them, or else two
/// lists of parts could give one name: ids with one are told apart by their length.
pub(in crate::export) fn own(kind: &str, parts: &[&str]) -> String {
    let mut name = kind.to_owned();
    for part in parts {
        name.push_str(&format!("\0{}\0{part}", part.len()));
    }
    named(kind, &OWN, &name)
}

/// The id of an observable: over the members that name it, in canonical JSON (RFC 8785). These hold texts, whole
/// numbers and lists of them alone, for which sorted compact JSON is the canonical one.
pub(in crate::export) fn observable(kind: &str, object: &Object, named_by: &[&str]) -> Option<String> {
    let mut members = Object::new();
    for name in named_by {
        let Some(value) = object.get(*name) else { continue };
        let value = if *name == "hashes" { one_hash(value)? } else { value.clone() };
        members.insert((*name).to_owned(), value);
    }
    if members.is_empty() {
        return None;
    }
    let mut value = Value::Object(members);
    value.sort_all_objects();
    Some(named(kind, &OBSERVABLES, &value.to_string()))
}

fn named(kind: &str, namespace: &Uuid, name: &str) -> String {
    format!("{kind}--{}", Uuid::new_v5(namespace, name.as_bytes()))
}

/// One hash names a file, whatever others are known: the first of these.
fn one_hash(hashes: &Value) -> Option<Value> {
    ["MD5", "SHA-1", "SHA-256"].iter().find_map(|name| Some(serde_json::json!({ *name: hashes.get(*name)? })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_namespace_is_what_it_says() {
        assert_eq!(OWN, Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"casegraph"));
    }

    #[test]
    fn observables_have_the_ids_that_the_reference_library_gives() {
        let of = |kind: &str, json: Value, by: &[&str]| match json {
            Value::Object(object) => observable(kind, &object, by),
            _ => None,
        };
        let ip = of("ipv4-addr", serde_json::json!({"value": "198.51.100.3"}), &["value"]);
        assert_eq!(ip.as_deref(), Some("ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"));
        let hashes =
            serde_json::json!({"hashes": {"SHA-256": "aa", "MD5": "bb"}, "name": "a\"\\\u{7}\u{e9}.exe", "size": 3});
        assert_eq!(
            of("file", hashes, &["hashes", "name"]).as_deref(),
            Some("file--cae6f0a7-01cd-5404-9958-ef3442a80b72")
        );
        assert_eq!(of("process", serde_json::json!({"pid": 3}), &[]), None);
    }

    #[test]
    fn parts_cannot_be_mistaken_for_others() {
        assert_ne!(own("event", &["a", "b"]), own("event", &["a\0b"]));
        assert_ne!(own("event", &["a", "b"]), own("event", &["a\x001\0b"]));
        assert_ne!(own("event", &["a"]), own("task", &["a"]));
    }
}
