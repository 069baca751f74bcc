//! Techniques and sub-techniques.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::tactic::of_bits;
use super::text::{Folded, key, needle};
use super::{Domain, Edition, Tactic, table};

/// The row stands in the data of v18.
pub(super) const IN_V18: u8 = 1;
/// The row stands in the data of v19.
pub(super) const IN_V19: u8 = 2;
/// Another technique took its place.
pub(super) const REVOKED: u8 = 4;
/// Given up without a successor.
pub(super) const DEPRECATED: u8 = 8;

/// Longest chain of successors that is followed; the longest in the data is 2.
const MAX_HOPS: usize = 8;

/// One row of the generated table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: u32,
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) domain: Domain,
    pub(super) v18: u16,
    pub(super) v19: u16,
    pub(super) revoked_by: u32,
    pub(super) flags: u8,
}

/// A technique or sub-technique: a handle into the table, as cheap to copy as a reference.
///
/// Names and lifecycle are those of the newest edition; two handles are equal if the ids are, and
/// are ordered by id.
#[derive(Clone, Copy)]
pub struct Technique(&'static Row);

impl Technique {
    /// The id, such as `T1059.001`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The name, such as `PowerShell`; of a sub-technique without its parent.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The name up to v18, if v19 changed it.
    #[must_use]
    pub fn former_name(self) -> Option<&'static str> {
        let found = table::FORMER_NAMES.binary_search_by_key(&self.0.key, |(key, _)| *key);
        Some(table::FORMER_NAMES.get(found.ok()?)?.1)
    }

    /// The domain.
    #[must_use]
    pub fn domain(self) -> Domain {
        self.0.domain
    }

    /// The tactics it serves, in matrix order.
    ///
    /// Where an edition does not list the technique ([`is_listed`](Technique::is_listed)), they are
    /// carried over. To v18: Defense Evasion stands for its two successors. To v19: the
    /// tactics of its successor, or, without one, its own with both Stealth and Defense Impairment
    /// in the place of Defense Evasion, since either is possible. Empty for a few revoked mobile techniques.
    pub fn tactics(self, edition: Edition) -> impl Iterator<Item = &'static Tactic> + Clone + fmt::Debug {
        let bits = match edition {
            Edition::V18 => self.0.v18,
            Edition::V19 => self.0.v19,
        };
        of_bits(bits, self.0.domain, edition)
    }

    /// Whether the data of this edition has the technique, so that its tactics there are facts and
    /// not carried over. The data of v19 has no retired enterprise technique.
    #[must_use]
    pub fn is_listed(self, edition: Edition) -> bool {
        let flag = match edition {
            Edition::V18 => IN_V18,
            Edition::V19 => IN_V19,
        };
        self.0.flags & flag != 0
    }

    /// Whether it is a sub-technique.
    #[must_use]
    pub fn is_subtechnique(self) -> bool {
        !self.0.key.is_multiple_of(1000)
    }

    /// The technique that this is a sub-technique of.
    #[must_use]
    pub fn parent(self) -> Option<Technique> {
        self.is_subtechnique().then(|| by_key(self.0.key / 1000 * 1000)).flatten()
    }

    /// The technique that took its place, which may be revoked in its turn; see [`current`](Technique::current).
    #[must_use]
    pub fn revoked_by(self) -> Option<Technique> {
        by_key(self.0.revoked_by)
    }

    /// Whether it was given up without a successor.
    #[must_use]
    pub fn is_deprecated(self) -> bool {
        self.0.flags & DEPRECATED != 0
    }

    /// Whether another technique took its place. One mobile technique, T1454, does not say which.
    #[must_use]
    pub fn is_revoked(self) -> bool {
        self.0.flags & REVOKED != 0
    }

    /// The technique that holds today: itself, or the end of its chain of successors, which can be
    /// deprecated. A chain that runs in a circle ends where it is cut.
    #[must_use]
    pub fn current(self) -> Technique {
        let next = |technique: &Technique| technique.revoked_by();
        let chain = std::iter::successors(Some(self), next).take(MAX_HOPS);
        chain.last().unwrap_or(self)
    }
}

impl PartialEq for Technique {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Technique {}

impl Hash for Technique {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl PartialOrd for Technique {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Technique {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.key.cmp(&other.0.key)
    }
}

impl fmt::Debug for Technique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Technique({} {})", self.0.id, self.0.name)
    }
}

impl fmt::Display for Technique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.id)
    }
}

fn by_key(key: u32) -> Option<Technique> {
    let found = table::TECHNIQUES.binary_search_by_key(&key, |row| row.key);
    table::TECHNIQUES.get(found.ok()?).map(Technique)
}

/// The technique of this id: `T1059.001`, in any case, also as the tag `attack.t1059.001` and as
/// `T1059/001`. `None` for an id that the table does not know.
#[must_use]
pub fn technique(id: &str) -> Option<Technique> {
    by_key(key(needle(id)?)?)
}

/// The technique of this name; case and separators do not matter.
///
/// A sub-technique is found by its own name and as `Parent: Sub`; a name that v19 changed, by the
/// old one too. Of several techniques with one name the first in this order is meant: enterprise
/// before mobile before ICS, those in use before retired ones (whose successor
/// [`current`](Technique::current) gives), techniques before sub-techniques, lower ids.
#[must_use]
pub fn technique_by_name(name: &str) -> Option<Technique> {
    let text = needle(name)?;
    let (parent, sub) = match text.split_once(':') {
        Some((parent, sub)) => (Some(Folded::new(parent)?), Folded::new(sub)?),
        None => (None, Folded::new(text)?),
    };
    let sub = sub.as_bytes();
    let start = table::NAMES.partition_point(|(name, _)| name.as_bytes() < sub);
    let mut found = table::NAMES
        .get(start..)?
        .iter()
        .take_while(|(name, _)| name.as_bytes() == sub)
        .filter_map(|(_, key)| by_key(*key));
    match parent {
        None => found.next(),
        Some(name) => found.find(|technique| technique.parent().is_some_and(|p| p.is_called(&name))),
    }
}

impl Technique {
    fn is_called(self, name: &Folded) -> bool {
        name.is(self.0.name) || self.former_name().is_some_and(|former| name.is(former))
    }
}

/// Every technique of a domain, retired ones included, ordered by id.
pub fn techniques(domain: Domain) -> impl Iterator<Item = Technique> + Clone {
    table::TECHNIQUES.iter().filter(move |row| row.domain == domain).map(Technique)
}
