//! The categories that vendors give to alerts, as tactics.

use Component::{Malware, SuspiciousActivity, UnwantedSoftware};
use Meaning::{Part, Stage};

use super::text::{Folded, needle};
use super::{Tactic, tactic};

/// What a vendor's category says about the kill chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// A stage of the kill chain.
    Tactic(&'static Tactic),
    /// A component of an attack, which moves no stage.
    Component(Component),
    /// Text that the table does not know.
    Unknown,
}

/// A category that names a kind of thing and not a step of the attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Component {
    /// Malware of any kind, such as a backdoor or a trojan.
    Malware,
    /// Activity out of the ordinary, without more to say.
    SuspiciousActivity,
    /// Software that is unwanted but not malicious.
    UnwantedSoftware,
}

enum Meaning {
    Stage(&'static str),
    Part(Component),
}

/// Categories whose name is not a tactic's own name.
#[rustfmt::skip]
static CATEGORIES: [(&str, Meaning); 25] = [
    // Names from before categories followed ATT&CK. `Reconnaissance` is not among them: see `category`.
    ("SocialEngineering",        Stage("initial-access")),
    ("WebExploit",               Stage("initial-access")),
    ("DocumentExploit",          Stage("initial-access")),
    ("Delivery",                 Stage("execution")),
    ("MalwareDownload",          Stage("execution")),
    ("Installation",             Stage("persistence")),
    ("CredentialTheft",          Stage("credential-access")),
    ("WebFingerprinting",        Stage("discovery")),
    ("NetworkPropagation",       Stage("lateral-movement")),
    // Components with a stage that fits nearly always: a proposal of this library, not the vendor's word.
    ("Exploit",                  Stage("execution")),
    ("Ransomware",               Stage("impact")),
    // Components.
    ("Malware",                  Part(Malware)),
    ("Backdoor",                 Part(Malware)),
    ("Trojan",                   Part(Malware)),
    ("TrojanDownloader",         Part(Malware)),
    ("CredentialStealing",       Part(Malware)),
    ("Weaponization",            Part(Malware)),
    ("RemoteAccessTool",         Part(Malware)),
    ("SuspiciousActivity",       Part(SuspiciousActivity)),
    ("General",                  Part(SuspiciousActivity)),
    ("None",                     Part(SuspiciousActivity)),
    ("NotApplicable",            Part(SuspiciousActivity)),
    ("EnterprisePolicy",         Part(SuspiciousActivity)),
    ("SuspiciousNetworkTraffic", Part(SuspiciousActivity)),
    ("UnwantedSoftware",         Part(UnwantedSoftware)),
];

/// What a vendor's category means; case and separators do not matter.
///
/// Today's categories are named after tactics, and every spelling that [`tactic`] takes is one;
/// older names go through a table. `Reconnaissance` is the tactic of that name, as vendors use it today,
/// although it once meant what is Discovery now. `Exploit` and `Ransomware` are proposed as
/// Execution and Impact. Text that is neither, such as the title of a detection, is
/// [`Category::Unknown`].
#[must_use]
pub fn category(name: &str) -> Category {
    let Some(folded) = needle(name).and_then(Folded::new) else {
        return Category::Unknown;
    };
    let stage = match CATEGORIES.iter().find(|(name, _)| folded.is(name)) {
        Some((_, Part(component))) => return Category::Component(*component),
        Some((_, Stage(short_name))) => tactic(short_name),
        None => tactic(name),
    };
    stage.map_or(Category::Unknown, Category::Tactic)
}
