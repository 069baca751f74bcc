//! Tags that follow from what happened, each with its ground in words: the incident in, its system tags out.
//!
//! `RULES` is all there is to know. A tag stands as long as its ground does; people neither give nor take it.

use serde::Serialize;

use crate::attack;
use crate::model::{AlertClassification, AlertDetermination};
use crate::policy::Criticality;

use super::case::{Case, CaseAlert};

/// A tag that follows from what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SystemTag {
    /// The tag.
    pub tag: &'static str,
    /// What it follows from, in words.
    pub because: String,
}

/// What a rule asks for.
#[derive(Debug)]
enum Sign {
    /// An asset of high or very high criticality that the attack hit.
    CriticalAsset,
    /// An alert with this category; case and separators do not matter.
    Category(&'static str),
    /// An alert with this technique, or one below it.
    Technique(&'static str),
    /// An alert of a finding of the vendor's, by its determination.
    Found(AlertDetermination),
}

use Sign::{Category, CriticalAsset, Found, Technique};

/// A tag, and what it takes: one sign of every group. Of several rules for one tag the first that holds tells.
struct Rule {
    tag: &'static str,
    groups: &'static [&'static [Sign]],
}

/// Ways to an account: a stolen session or password, consent given to an application, guesses.
const ACCESS: &[Sign] = &[
    Technique("T1566"), // Phishing
    Technique("T1598"), // Phishing for Information
    Technique("T1078"), // Valid Accounts
    Technique("T1110"), // Brute Force
    Technique("T1528"), // Steal Application Access Token
    Technique("T1539"), // Steal Web Session Cookie
    Technique("T1557"), // Adversary-in-the-Middle
    Technique("T1621"), // Multi-Factor Authentication Request Generation
];

/// Every system tag, in the order in which they are shown.
static RULES: [Rule; 6] = [
    Rule { tag: "Critical asset", groups: &[&[CriticalAsset]] },
    Rule {
        tag: "Ransomware",
        groups: &[&[
            Category("Ransomware"),
            Technique("T1486"), // Data Encrypted for Impact
        ]],
    },
    Rule {
        tag: "Business email compromise (BEC)",
        groups: &[
            ACCESS,
            &[
                Technique("T1114.003"), // Email Forwarding Rule
                Technique("T1564.008"), // Email Hiding Rules
                Technique("T1534"),     // Internal Spearphishing
                Technique("T1657"),     // Financial Theft
            ],
        ],
    },
    // Phishing for Information asks for passwords by its definition; other phishing does when one was caught.
    Rule { tag: "Credential phishing", groups: &[&[Technique("T1598")]] },
    Rule {
        tag: "Credential phishing",
        groups: &[
            &[Technique("T1566"), Found(AlertDetermination::Phishing)],
            &[
                Technique("T1056.003"), // Web Portal Capture
                Technique("T1539"),     // Steal Web Session Cookie
                Technique("T1557"),     // Adversary-in-the-Middle
            ],
        ],
    },
    Rule { tag: "Password spray", groups: &[&[Technique("T1110.003")]] },
];

/// Is there a system tag of this name, whatever the case?
pub(crate) fn names_system_tag(tag: &str) -> bool {
    RULES.iter().any(|rule| rule.tag.eq_ignore_ascii_case(tag.trim()))
}

/// The system tags of an incident. Alerts that the vendor found to be false positives show nothing.
pub(super) fn system_tags(case: &Case<'_>) -> Vec<SystemTag> {
    let alerts: Vec<&CaseAlert<'_>> =
        case.alerts.iter().filter(|alert| alert.classification != AlertClassification::FalsePositive).collect();
    let ground = |signs: &&[Sign]| signs.iter().find_map(|sign| sign.shown(case, &alerts));
    let tag = |rule: &Rule| {
        let grounds = rule.groups.iter().map(ground).collect::<Option<Vec<String>>>()?;
        Some(SystemTag { tag: rule.tag, because: grounds.join(", and ") })
    };
    let mut tags: Vec<SystemTag> = RULES.iter().filter_map(tag).collect();
    tags.dedup_by_key(|tag| tag.tag);
    tags
}

impl Sign {
    /// The first that shows it, in words.
    fn shown(&self, case: &Case<'_>, alerts: &[&CaseAlert<'_>]) -> Option<String> {
        match self {
            CriticalAsset => critical(case),
            Category(name) => {
                let alert = alerts.iter().find(|alert| alert.categories.iter().any(|text| same(text, name)))?;
                Some(format!("`{}` is of the category {name}", alert.title))
            }
            Technique(id) => {
                let alert = alerts.iter().find(|alert| alert.techniques.iter().any(|text| is_under(text, id)))?;
                let name = attack::technique(id).map_or("", attack::Technique::name);
                Some(format!("`{}` shows {id} {name}", alert.title))
            }
            Found(determination) => {
                let alert = alerts.iter().find(|alert| alert.determination == *determination)?;
                Some(format!("`{}` was found to be {determination}", alert.title))
            }
        }
    }
}

/// The most critical asset that was hit, the first of several in order of appearance.
fn critical(case: &Case<'_>) -> Option<String> {
    let judged = case.entities.iter().zip(&case.judgement.entities);
    let hit = || judged.clone().filter(|(entity, judged)| judged.impacted && entity.criticality >= Criticality::High);
    let highest = hit().map(|(entity, _)| entity.criticality).max()?;
    let (entity, _) = hit().find(|(entity, _)| entity.criticality == highest)?;
    let more = match hit().count() {
        0 | 1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    Some(format!("{} `{}` of {} criticality was hit{more}", entity.kind.as_str(), entity.name, highest.words()))
}

fn same(text: &str, name: &str) -> bool {
    let folded = |text: &'_ str| {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    // No name is near this long; a hostile one is not worth folding.
    text.len() <= 96 && folded(text) == folded(name)
}

/// Is this technique the one of `id`, or a sub-technique of it?
fn is_under(text: &str, id: &str) -> bool {
    let text = text.trim();
    let (Some(head), Some(rest)) = (text.get(..id.len()), text.get(id.len()..)) else { return false };
    head.eq_ignore_ascii_case(id) && (rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_technique_of_the_rules_is_one() {
        for rule in &RULES {
            for sign in rule.groups.iter().copied().flatten() {
                if let Technique(id) = sign {
                    let found = attack::technique(id);
                    assert!(found.is_some_and(|t| !t.is_revoked() && !t.is_deprecated()), "{} of {}", id, rule.tag);
                }
            }
        }
    }

    #[test]
    fn techniques_are_compared_by_their_parts() {
        assert!(is_under("T1486", "T1486") && is_under(" t1566.002", "T1566") && is_under("T1110.003", "T1110.003"));
        assert!(!is_under("T1110", "T1110.003") && !is_under("T14861", "T1486") && !is_under("", "T1486"));
        assert!(!is_under("日本語", "T1486"), "and foreign letters do no harm");
        assert!(same("ransom-ware", "Ransomware") && !same("Ransomware activity", "Ransomware"));
    }
}
