//! How much a user needs looking into: what its alerts say in, points with exact shares out.
//!
//! Every alert of the last days gives a user
//!
//! `severity × impact × rarity × criticality`
//!
//! points: the severity's points, then the part that the user has in the alert, how rare the detector is on its asset,
//! and how much the organisation depends on the user, each in per cent. Whole numbers throughout: hundredths of
//! points, so that the sum depends on no order and the shares add up to it. The numbers are in
//! [`policy::InvestigationPriority`]; the days end with the user's latest alert, as casegraph reads no clock.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::{AlertSeverity, EvidenceRole};
use crate::policy::{self, Criticality};

/// Version of the formula; it stands beside every score.
pub const MODEL: &str = "casegraph.userPriority/1";

const DAY: i64 = 86_400_000_000_000;

/// The part that a user has in an alert.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum UserImpact {
    /// It only stands by.
    Contextual,
    /// It takes part, and no role says how.
    #[default]
    Present,
    /// It is attacked, in foreign hands, or attacks.
    Attacked,
}

impl UserImpact {
    /// From the roles of one evidence item, as bits, and whether it is only mentioned in another item.
    pub(crate) fn of(roles: u16, nested: bool) -> UserImpact {
        let bit = |role: &EvidenceRole| role.index().map_or(0u16, |at| 1 << at);
        let attacked = [
            EvidenceRole::Compromised,
            EvidenceRole::Attacked,
            EvidenceRole::Attacker,
            EvidenceRole::Suspicious,
            EvidenceRole::PolicyViolator,
        ];
        if attacked.iter().any(|role| roles & bit(role) != 0) {
            UserImpact::Attacked
        } else if nested || (roles != 0 && roles == bit(&EvidenceRole::Contextual)) {
            UserImpact::Contextual
        } else {
            UserImpact::Present
        }
    }

    const fn words(self) -> &'static str {
        match self {
            UserImpact::Contextual => "stands by",
            UserImpact::Present => "takes part",
            UserImpact::Attacked => "attacked or attacks",
        }
    }
}

/// An alert as it counts for a user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    /// Severity, 0 unknown to 4 high.
    pub(crate) severity: u8,
    pub(crate) impact: UserImpact,
    /// How rare its detector is on its asset, 0 to 1.
    pub(crate) rare: f32,
}

impl Counted {
    /// Rarity in whole per cent.
    pub(crate) fn rarity(&self) -> u64 {
        (f64::from(self.rare).clamp(0.0, 1.0) * 100.0).round() as u64
    }

    /// Hundredths of points.
    pub(crate) fn points(&self, criticality: Criticality, policy: &policy::InvestigationPriority) -> u64 {
        let of = |list: &[u16], at: usize| u64::from(list.get(at).copied().unwrap_or(0));
        let severity = of(&policy.severity, usize::from(self.severity));
        let impact = of(&policy.impact, self.impact as usize);
        // Points × per cent × per cent × per cent, in hundredths of points.
        severity * impact * self.rarity() * of(&policy.criticality, criticality as usize) / 10_000
    }
}

/// Does an alert at `time` lie in the days that end with `latest`? Nanoseconds.
pub(crate) fn counts(time: i64, latest: i64, policy: &policy::InvestigationPriority) -> bool {
    time > latest.saturating_sub(DAY.saturating_mul(i64::from(policy.days)))
}

/// Where a value stands among all of a tenant's, its own among them, sorted: per cent below it, half of its equals
/// counted as below. Rounded down.
pub(crate) fn percentile(sorted: &[u64], value: u64) -> u8 {
    let below = sorted.partition_point(|other| *other < value);
    let equal = sorted.partition_point(|other| *other <= value) - below;
    (100 * (2 * below + equal) / (2 * sorted.len().max(1))) as u8
}

/// How much a user needs looking into.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserPriority {
    /// Public id of the user.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Tenant, empty when the alerts name none.
    pub tenant_id: String,
    /// Version of the formula.
    pub model: &'static str,
    /// The sum of the shares; 0 or more, without an upper end.
    pub score: f64,
    /// Per cent of the tenant's users below it, half of those with the same score counted as below.
    pub percentile: u8,
    /// Users of the tenant that have alerts.
    pub users: usize,
    /// Is it at or above the percentile of the policy, 90 by default, and above 0?
    pub red: bool,
    /// How much the organisation depends on the user.
    pub criticality: Criticality,
    /// The latest alert of the user, with which the days end.
    pub latest: Option<DateTime<Utc>>,
    /// The alerts that count, the largest share first.
    pub shares: Vec<UserShare>,
    /// Further alerts of those days, whose points are in the score too: beyond `summary.investigationPriority.shares`.
    pub more: usize,
    /// Their points.
    pub more_points: f64,
    /// Alerts that count nothing: older, undated, repeats of another, or found to be false positives.
    pub not_counted: usize,
}

/// What one alert gives a user.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserShare {
    /// The alert.
    pub alert: String,
    /// Its title.
    pub title: String,
    /// The incident that holds it.
    pub incident: String,
    /// Its first activity.
    pub time: Option<DateTime<Utc>>,
    /// Its points; those of all alerts add up to the score.
    pub points: f64,
    /// Its severity.
    pub severity: AlertSeverity,
    /// The part that the user has in it.
    pub impact: UserImpact,
    /// How rare its detector is on its asset, in per cent.
    pub rarity: u8,
    /// The same in words.
    pub detail: String,
}

pub(crate) fn detail(severity: &AlertSeverity, impact: UserImpact, rarity: u64, criticality: Criticality) -> String {
    let critical = match criticality {
        Criticality::None => String::new(),
        level => format!(", the user is of {} criticality", level.words()),
    };
    format!("severity {severity}, the user {}, the detector is {rarity} % rare{critical}", impact.words())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_ranks() {
        assert_eq!(percentile(&[7], 7), 50, "alone it stands in the middle");
        let ten: Vec<u64> = (1..=10).collect();
        assert_eq!((percentile(&ten, 10), percentile(&ten, 9), percentile(&ten, 1)), (95, 85, 5));
        assert_eq!(percentile(&[0, 0, 0, 5], 0), 37);
        assert_eq!(percentile(&[], 0), 0);
    }

    #[test]
    fn points_are_whole_and_follow_the_policy() {
        let policy = policy::InvestigationPriority::default();
        let counted = |severity, impact, rare| Counted { severity, impact, rare };
        let points = |counted: Counted| counted.points(Criticality::None, &policy);
        assert_eq!(points(counted(4, UserImpact::Attacked, 1.0)), 10_000, "100 points");
        assert_eq!(points(counted(3, UserImpact::Present, 0.5)), 55 * 60 * 50 / 100, "16.5 points");
        assert_eq!(counted(4, UserImpact::Attacked, 1.0).points(Criticality::VeryHigh, &policy), 20_000);
        assert_eq!(points(counted(9, UserImpact::Attacked, f32::NAN)), 0, "nonsense is nothing");
    }

    #[test]
    fn the_gravest_role_of_an_item_counts() {
        let bits =
            |roles: &[EvidenceRole]| roles.iter().filter_map(EvidenceRole::index).fold(0u16, |m, at| m | 1 << at);
        let of = |roles: &[EvidenceRole]| UserImpact::of(bits(roles), false);
        assert_eq!(of(&[EvidenceRole::Contextual, EvidenceRole::Compromised]), UserImpact::Attacked);
        assert_eq!(of(&[EvidenceRole::Contextual]), UserImpact::Contextual);
        assert_eq!(of(&[EvidenceRole::Source]), UserImpact::Present);
        assert_eq!(UserImpact::of(0, true), UserImpact::Contextual);
        assert_eq!(UserImpact::of(0, false), UserImpact::Present);
    }
}
