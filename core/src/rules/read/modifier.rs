//! The key of a detection item in, its field and what its modifiers ask out.

use super::pattern::{Base64, Recode};
use crate::rules::ast::{Anchor, Comparison, TimePart};

/// What the modifiers of one key ask for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chain {
    pub(super) kind: Kind,
    pub(super) anchor: Option<Anchor>,
    pub(super) cased: bool,
    pub(super) windash: bool,
    pub(super) expand: bool,
    pub(super) all: bool,
    pub(super) negated: bool,
    pub(super) recode: Option<Recode>,
    pub(super) base64: Option<Base64>,
}

/// What values are taken for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Text,
    Regex { ignore_case: bool, multi_line: bool, dot_all: bool },
    Cidr,
    Exists,
    Reference,
    Compare(Comparison),
    TimePart(TimePart, Comparison),
}

/// Why a chain of modifiers cannot be.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    Unknown(String),
    Illegal(String),
}

/// Reads `field|modifier|...`; the field is absent for a keyword.
pub(super) fn key(text: &str) -> Result<(Option<&str>, Chain), Refusal> {
    let mut parts = text.split('|');
    let field = parts.next().filter(|field| !field.is_empty());
    let mut chain = Chain {
        kind: Kind::Text,
        anchor: None,
        cased: false,
        windash: false,
        expand: false,
        all: false,
        negated: false,
        recode: None,
        base64: None,
    };
    let mut seen: Vec<&str> = Vec::new();
    for name in parts {
        if seen.contains(&name) {
            return Err(Refusal::Illegal(format!("modifier {} twice, expected it once", super::shown(name))));
        }
        chain.apply(name, &seen)?;
        // Known names only: the list stays short.
        seen.push(name);
    }
    chain.check(&seen, field.is_none())?;
    Ok((field, chain))
}

impl Chain {
    fn apply(&mut self, name: &str, seen: &[&str]) -> Result<(), Refusal> {
        let regex = |change: fn(&mut bool, &mut bool, &mut bool)| match self.kind {
            Kind::Regex { mut ignore_case, mut multi_line, mut dot_all } => {
                change(&mut ignore_case, &mut multi_line, &mut dot_all);
                Ok(Kind::Regex { ignore_case, multi_line, dot_all })
            }
            _ => illegal(format!("modifier `{name}` without `re` before it, expected `re|{name}`")),
        };
        match name {
            "contains" | "startswith" | "endswith" => {
                if self.anchor.is_some() {
                    return together(name, seen, &["contains", "startswith", "endswith"]);
                }
                self.anchor = Some(match name {
                    "contains" => Anchor::Anywhere,
                    "startswith" => Anchor::Start,
                    _ => Anchor::End,
                });
            }
            "all" => self.all = true,
            "cased" => self.cased = true,
            "neq" => self.negated = true,
            "windash" | "expand" => {
                if self.recode.is_some() || self.base64.is_some() {
                    return order(name, seen, RECODING);
                }
                if name == "windash" { self.windash = true } else { self.expand = true }
            }
            "wide" | "utf16le" | "utf16be" | "utf16" => {
                if self.base64.is_some() {
                    return order(name, seen, &["base64", "base64offset"]);
                }
                if self.recode.is_some() {
                    return together(name, seen, &["wide", "utf16le", "utf16be", "utf16"]);
                }
                self.recode = Some(match name {
                    "utf16be" => Recode::Utf16Be,
                    "utf16" => Recode::Utf16,
                    _ => Recode::Utf16Le,
                });
            }
            "base64" | "base64offset" => {
                if self.base64.is_some() {
                    return together(name, seen, &["base64", "base64offset"]);
                }
                if self.anchor.is_some() {
                    return order(name, seen, &["contains", "startswith", "endswith"]);
                }
                self.base64 = Some(if name == "base64" { Base64::Whole } else { Base64::Shifted });
            }
            "i" => self.kind = regex(|i, _, _| *i = true)?,
            "m" => self.kind = regex(|_, m, _| *m = true)?,
            "s" => self.kind = regex(|_, _, s| *s = true)?,
            _ => {
                let Some(kind) = kind(name) else { return Err(Refusal::Unknown(name.to_owned())) };
                self.kind = match (self.kind, kind) {
                    (Kind::Text, kind) => kind,
                    (Kind::TimePart(part, Comparison::Equal), Kind::Compare(comparison)) => {
                        Kind::TimePart(part, comparison)
                    }
                    (Kind::Compare(_), Kind::TimePart(..)) => return order(name, seen, &["gt", "gte", "lt", "lte"]),
                    _ => return together(name, seen, KINDS),
                };
            }
        }
        Ok(())
    }

    /// Is every modifier one that goes with what values are taken for?
    fn check(&self, seen: &[&str], keyword: bool) -> Result<(), Refusal> {
        let allowed: &[&str] = match self.kind {
            Kind::Text => return Ok(()),
            Kind::Regex { .. } => &["re", "i", "m", "s", "all", "neq"],
            Kind::Cidr => &["cidr", "all", "neq", "expand"],
            Kind::Exists => &["exists"],
            Kind::Reference => &["fieldref", "contains", "startswith", "endswith", "cased", "all", "neq"],
            Kind::Compare(_) => &["gt", "gte", "lt", "lte", "all"],
            Kind::TimePart(..) => {
                &["minute", "hour", "day", "week", "month", "year", "gt", "gte", "lt", "lte", "all", "neq"]
            }
        };
        let main = seen.iter().find(|name| KINDS.contains(name)).copied().unwrap_or_default();
        if let Some(other) = seen.iter().find(|name| !allowed.contains(name)) {
            return illegal(format!("modifier `{other}` with `{main}`, expected only {} with it", listed(allowed)));
        }
        if let (Kind::TimePart(_, comparison), true) = (self.kind, self.negated)
            && comparison != Comparison::Equal
        {
            return illegal(format!("modifier `neq` with `{main}` and a comparison, expected one of the two"));
        }
        if keyword && !matches!(self.kind, Kind::Regex { .. } | Kind::Cidr) {
            return illegal(format!("modifier `{main}` without a field, expected a field before it"));
        }
        Ok(())
    }
}

/// Modifiers of which a key has at most one, but for a comparison after a part of a date.
const KINDS: &[&str] =
    &["re", "cidr", "exists", "fieldref", "minute", "hour", "day", "week", "month", "year", "gt", "gte", "lt", "lte"];

const RECODING: &[&str] = &["wide", "utf16le", "utf16be", "utf16", "base64", "base64offset"];

fn kind(name: &str) -> Option<Kind> {
    let part = |part| Kind::TimePart(part, Comparison::Equal);
    Some(match name {
        "re" => Kind::Regex { ignore_case: false, multi_line: false, dot_all: false },
        "cidr" => Kind::Cidr,
        "exists" => Kind::Exists,
        "fieldref" => Kind::Reference,
        "gt" => Kind::Compare(Comparison::Greater),
        "gte" => Kind::Compare(Comparison::GreaterOrEqual),
        "lt" => Kind::Compare(Comparison::Less),
        "lte" => Kind::Compare(Comparison::LessOrEqual),
        "minute" => part(TimePart::Minute),
        "hour" => part(TimePart::Hour),
        "day" => part(TimePart::Day),
        "week" => part(TimePart::Week),
        "month" => part(TimePart::Month),
        "year" => part(TimePart::Year),
        _ => return None,
    })
}

fn illegal<T>(message: String) -> Result<T, Refusal> {
    Err(Refusal::Illegal(message))
}

fn order<T>(name: &str, seen: &[&str], group: &[&str]) -> Result<T, Refusal> {
    let other = seen.iter().find(|other| group.contains(other)).copied().unwrap_or_default();
    illegal(format!("modifier `{name}` after `{other}`, expected it before"))
}

fn together<T>(name: &str, seen: &[&str], group: &[&str]) -> Result<T, Refusal> {
    let other = seen.iter().find(|other| group.contains(other)).copied().unwrap_or_default();
    illegal(format!("modifier `{name}` with `{other}`, expected one of the two"))
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
