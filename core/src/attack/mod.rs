//! MITRE ATT&CK: tactics, techniques and the kill chain, compiled in.
//!
//! In: an id, a name or a vendor's category, as text. Out: tactics in matrix order, techniques with
//! their tactics, parent and successor, all `&'static`; a lookup neither allocates nor fails.
//! The table holds facts only (ids, names, tactics, lifecycle) and comes from `generate.py`;
//! the licence is in `LICENSE-ATTACK.txt`, its notice in [`NOTICE`].
//! This folder must never know alerts, entities, rules or policy: it is the ground they stand on.

mod category;
mod table;
mod tactic;
mod technique;
#[cfg(test)]
mod tests;
mod text;

pub use category::{Category, Component, category};
pub use tactic::{Tactic, tactic, tactic_in, tactics};
pub use technique::{Technique, technique, technique_by_name, techniques};

/// The versions of ATT&CK that the table was made from, per domain.
pub const VERSION: &str = table::VERSION;

/// The version that [`Edition::V18`] and the lifecycle of older techniques were taken from.
pub const VERSION_V18: &str = table::VERSION_V18;

/// MITRE's notice, to be kept in every copy of the table.
pub const NOTICE: &str = table::NOTICE;

/// A part of ATT&CK with a matrix of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Domain {
    /// Windows, Linux, macOS, cloud, network, containers, and what comes before an intrusion.
    Enterprise,
    /// Android and iOS.
    Mobile,
    /// Industrial control systems.
    Ics,
}

impl Domain {
    /// Every domain, in the order in which names are looked up.
    pub const ALL: [Domain; 3] = [Domain::Enterprise, Domain::Mobile, Domain::Ics];

    /// The name in ATT&CK's own data: `enterprise-attack`, `mobile-attack`, `ics-attack`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Domain::Enterprise => "enterprise-attack",
            Domain::Mobile => "mobile-attack",
            Domain::Ics => "ics-attack",
        }
    }
}

/// How tactics are named and listed.
///
/// Only the enterprise domain differs: from v19 on, Defense Evasion is split into Stealth (which
/// took over its id TA0005) and Defense Impairment (TA0112). The mobile and ICS rows are the same
/// in both editions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Edition {
    /// Up to v18: 14 enterprise tactics, with `defense-evasion`.
    V18,
    /// From v19 on: 15 enterprise tactics, with `stealth` and `defense-impairment`.
    V19,
}
