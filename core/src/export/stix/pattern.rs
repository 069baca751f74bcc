//! Indicators: what is malicious, as a pattern that finds it elsewhere.
//!
//! A value in a pattern stands between single quotes; quotes and backslashes in it are escaped, so that no name that an
//! attacker chose ends the value.

use std::net::IpAddr;

use serde_json::Value;

use super::facts::Facts;
use super::observable;
use crate::model::Verdict;
use crate::resolve::EntityKind;

/// The pattern of an entity that is malicious and means the same elsewhere; or why there is none.
pub(super) fn pattern(facts: &Facts<'_>) -> Option<Result<String, &'static str>> {
    if facts.line.verdict != Verdict::Malicious {
        return None;
    }
    Some(match facts.line.kind {
        EntityKind::File => {
            let hashes = observable::hashes(facts);
            let strongest = ["SHA-256", "SHA-1", "MD5"].iter().find_map(|name| Some((name, hashes.get(*name)?)));
            let hash = strongest.and_then(|(name, value)| Some(is(&format!("file:hashes.'{name}'"), value.as_str()?)));
            hash.ok_or("a file without a hash")
        }
        EntityKind::Ip => match observable::address(facts) {
            Some(address) if is_local(address) => Err("an address that means another machine in every network"),
            Some(IpAddr::V4(address)) => Ok(is("ipv4-addr:value", &address.to_string())),
            Some(IpAddr::V6(address)) => Ok(is("ipv6-addr:value", &address.to_string())),
            None => Err("an address that is none"),
        },
        EntityKind::Url => Ok(is("url:value", observable::url(facts))),
        EntityKind::Dns => Ok(is("domain-name:value", observable::domain(facts))),
        EntityKind::EmailSender => Ok(is("email-addr:value", facts.named("email").unwrap_or(&facts.line.name))),
        _ => return None,
    })
}

fn is(what: &str, value: &str) -> String {
    format!("[{what} = '{}']", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_unspecified()
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_multicast()
                || v6.is_unspecified()
                || matches!(v6.segments(), [0xfc00..=0xfdff | 0xfe80..=0xfebf, ..])
        }
    }
}

/// Confidence from 0 to 100.
pub(super) fn confidence(score: f64) -> Value {
    // Within bounds by the clamp.
    let whole = (score * 100.0).round().clamp(0.0, 100.0);
    Value::from(whole as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_ends_its_quotes() {
        assert_eq!(is("url:value", r"a'] OR [url:value = 'b\"), r"[url:value = 'a\'] OR [url:value = \'b\\']");
    }
}
