//! Tactics: the stages of the kill chain.

use super::table;
use super::text::{Folded, needle};
use super::{Domain, Edition};

/// A tactic of one domain and edition: a stage of the kill chain.
///
/// In two editions or domains the same stage can be two tactics; [`same_stage`](Tactic::same_stage)
/// compares stages, `==` compares tactics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tactic {
    /// The id, such as `TA0002`. Enterprise `TA0005` is Defense Evasion up to v18, Stealth from v19 on.
    pub id: &'static str,
    /// The name in tags and data, such as `command-and-control`.
    pub short_name: &'static str,
    /// The name for people, such as `Command and Control`.
    pub name: &'static str,
}

impl Tactic {
    /// Whether two tactics are one stage of the kill chain.
    ///
    /// Tactics of the same short name are, whatever the domain. Defense Evasion stands in the place
    /// of both its successors, so it is the same stage as either; the two are not the same stage as
    /// each other.
    #[must_use]
    pub fn same_stage(&self, other: &Tactic) -> bool {
        self.short_name == other.short_name || self.was_split_into(other) || other.was_split_into(self)
    }

    fn was_split_into(&self, other: &Tactic) -> bool {
        self.short_name == "defense-evasion" && matches!(other.short_name, "stealth" | "defense-impairment")
    }
}

/// The tactics of a domain in matrix order, which is the order of the kill chain.
#[must_use]
pub fn tactics(domain: Domain, edition: Edition) -> &'static [Tactic] {
    match (domain, edition) {
        (Domain::Enterprise, Edition::V18) => &table::ENTERPRISE_V18,
        (Domain::Enterprise, Edition::V19) => &table::ENTERPRISE_V19,
        (Domain::Mobile, _) => &table::MOBILE,
        (Domain::Ics, _) => &table::ICS,
    }
}

/// Tactics that no matrix shows any more, but that old techniques still name.
fn retired(domain: Domain) -> &'static [Tactic] {
    match domain {
        Domain::Enterprise => &table::ENTERPRISE_RETIRED,
        Domain::Mobile => &table::MOBILE_RETIRED,
        Domain::Ics => &table::ICS_RETIRED,
    }
}

/// The tactics that the bits of a row stand for, in matrix order.
pub(super) fn of_bits(
    bits: u16,
    domain: Domain,
    edition: Edition,
) -> impl Iterator<Item = &'static Tactic> + Clone + std::fmt::Debug {
    let all = tactics(domain, edition).iter().chain(retired(domain));
    Bits { bits, all }
}

#[derive(Debug, Clone)]
struct Bits<I> {
    bits: u16,
    all: I,
}

impl<I: Iterator<Item = &'static Tactic>> Iterator for Bits<I> {
    type Item = &'static Tactic;

    fn next(&mut self) -> Option<&'static Tactic> {
        while self.bits != 0 {
            let tactic = self.all.next()?;
            let set = self.bits & 1 != 0;
            self.bits >>= 1;
            if set {
                return Some(tactic);
            }
        }
        None
    }
}

/// The tactic of this name or id, in any domain and edition.
///
/// Case and separators do not matter: `TA0005`, `defense-evasion`, `Defense Evasion`,
/// `DefenseEvasion`, `attack.defense_evasion`, `Command & Control`. A name that several domains
/// have gives the enterprise tactic. `TA0005` gives Defense Evasion, which stands for Stealth too,
/// because the id alone does not say which edition is meant; [`tactic_in`] does.
#[must_use]
pub fn tactic(name_or_id: &str) -> Option<&'static Tactic> {
    let folded = Folded::new(needle(name_or_id)?)?;
    [
        tactics(Domain::Enterprise, Edition::V18),
        tactics(Domain::Enterprise, Edition::V19),
        tactics(Domain::Mobile, Edition::V19),
        tactics(Domain::Ics, Edition::V19),
        retired(Domain::Mobile),
    ]
    .into_iter()
    .flatten()
    .find(|tactic| tactic.is_called(&folded))
}

/// The tactic of this name or id in one domain and edition; spelling as in [`tactic`].
#[must_use]
pub fn tactic_in(domain: Domain, edition: Edition, name_or_id: &str) -> Option<&'static Tactic> {
    let folded = Folded::new(needle(name_or_id)?)?;
    let mut all = tactics(domain, edition).iter().chain(retired(domain));
    all.find(|tactic| tactic.is_called(&folded))
}

impl Tactic {
    fn is_called(&self, name: &Folded) -> bool {
        name.is(self.short_name) || name.is(self.id)
    }
}
