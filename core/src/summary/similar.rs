//! How like one incident is to another: 0 to 100, additive, with exact shares, in whole numbers throughout.
//!
//! A fact that n incidents hold weighs w(n) = 20 − ⌊log₂ n⌋, at least 1: the rarer, the more it tells. Entities
//! and threats count by what is shared: with X the sum of w × the link weight of the kind in hundredths, the
//! aspect has X ÷ (X + 4,000) of its share, so that one rare file has a third and three have more than half.
//! Detectors, techniques and stages count by how much of all that either has is shared: Σ w of the shared ÷ Σ w
//! of all. Points are hundredths, rounded down, and sum to the score.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::{AlertClassification, AlertDetermination, AlertSeverity, IncidentStatus};
use crate::policy;
use crate::resolve::EntityKind;

/// Version of the formula; it stands beside every score.
pub const MODEL: &str = "casegraph.similar/1";

/// In what two incidents are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Aspect {
    /// They hold the same devices, users, files, addresses ...
    Entities,
    /// The same detectors raised their alerts, or alerts of the same titles.
    Detectors,
    /// Their alerts name the same techniques.
    Techniques,
    /// Their alerts name the same actor or malware family.
    Threats,
    /// They show the same stages of the kill chain.
    Stages,
}

impl Aspect {
    pub(crate) const ALL: [Aspect; 5] =
        [Aspect::Entities, Aspect::Detectors, Aspect::Techniques, Aspect::Threats, Aspect::Stages];
}

/// Incidents most like one, the most alike first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SimilarIncidents {
    /// Id of the incident that they are like.
    pub id: String,
    /// Version of the formula.
    pub model: &'static str,
    /// The most alike.
    pub incidents: Vec<SimilarIncident>,
    /// Further incidents that share something.
    pub more: usize,
    /// Detectors and techniques of the incident that so many have that no incident was looked for by them
    /// (policy `summary.similar.commonTerm`).
    pub too_common: usize,
}

/// An earlier incident that is like another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SimilarIncident {
    /// Id of its earliest alert.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How like it is, 0 to 100, two decimals.
    pub score: f64,
    /// The shares of the score, the largest first.
    pub shares: Vec<Share>,
    /// What both have, the most telling first.
    pub shared: Vec<SharedFact>,
    /// What both have beyond those listed.
    pub more_shared: usize,
    /// Its severity.
    pub severity: AlertSeverity,
    /// How far the work on it is.
    pub status: IncidentStatus,
    /// What it was found to be.
    pub classification: AlertClassification,
    /// The finer finding.
    pub determination: AlertDetermination,
    /// Who worked on it.
    pub assigned_to: Option<String>,
    /// Who resolved or classified it last, and why.
    pub resolution: Option<Resolution>,
    /// First activity.
    pub first_activity: Option<DateTime<Utc>>,
    /// Last activity.
    pub last_activity: Option<DateTime<Utc>>,
    /// Alerts, repeats included.
    pub alerts: usize,
}

/// Share of one aspect in a likeness.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Share {
    /// The aspect.
    pub aspect: Aspect,
    /// Its points; all points sum to the score.
    pub points: f64,
    /// How many facts of it both have.
    pub count: usize,
}

/// A fact that two incidents share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SharedFact {
    /// In what it makes them alike.
    pub aspect: Aspect,
    /// Kind of the entity, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<EntityKind>,
    /// Public id of the entity; of anything else its name.
    pub id: String,
    /// As people say it.
    pub name: String,
    /// Incidents of the tenant that have it, these two among them.
    pub incidents: usize,
}

/// Who closed an incident, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Resolution {
    /// Who.
    pub by: String,
    /// When, as the caller said.
    pub at: crate::model::Time,
    /// Why.
    pub reason: Option<String>,
}

/// What two incidents have in common and apart, in weights.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Likeness {
    /// Weight and count of what both have, by aspect.
    pub(crate) shared: [(u64, usize); Aspect::ALL.len()],
    /// Weight of what either has, by aspect; of entities and threats it does not matter.
    pub(crate) either: [u64; Aspect::ALL.len()],
}

/// Weight of a fact that so many incidents have.
pub(crate) fn weight(incidents: usize) -> u64 {
    u64::from(20u32.saturating_sub(incidents.max(1).ilog2()).max(1))
}

impl Likeness {
    pub(crate) fn share(&mut self, aspect: Aspect, weight: u64) {
        if let Some((sum, count)) = self.shared.get_mut(aspect as usize) {
            *sum += weight;
            *count += 1;
        }
    }

    /// Says what the two have of an aspect, what both have counted twice.
    pub(crate) fn of_either(&mut self, aspect: Aspect, weights: u64) {
        let shared = self.shared.get(aspect as usize).map_or(0, |(sum, _)| *sum);
        if let Some(sum) = self.either.get_mut(aspect as usize) {
            *sum = weights - shared;
        }
    }

    /// Hundredths of points by aspect.
    pub(crate) fn points(&self, policy: &policy::Similar) -> [u32; Aspect::ALL.len()] {
        let shares = [policy.entities, policy.detectors, policy.techniques, policy.threats, policy.stages];
        let total: u64 = shares.iter().map(|share| u64::from(*share)).sum();
        let mut out = [0; Aspect::ALL.len()];
        for (aspect, slot) in Aspect::ALL.into_iter().zip(&mut out) {
            let at = aspect as usize;
            let of = |list: &[u64]| list.get(at).copied().unwrap_or(0);
            let shared = self.shared.get(at).map_or(0, |(sum, _)| *sum);
            let whole = match aspect {
                Aspect::Entities | Aspect::Threats => shared + 4_000,
                _ => of(&self.either),
            };
            let share = u128::from(shares.get(at).copied().unwrap_or(0));
            let divisor = u128::from(whole) * u128::from(total);
            *slot = (10_000 * share * u128::from(shared)).checked_div(divisor).map_or(0, |points| points as u32);
        }
        out
    }
}
