//! How much is at stake on an asset: its open alerts by severity in, the risk level and its reason out.

use serde::Serialize;

use crate::model::{AlertSeverity, DeviceRiskScore};
use crate::policy;

/// Open alerts of an asset by severity.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Open {
    heads: [usize; 5],
    repeats: [bool; 5],
}

impl Open {
    /// One more, which may be a repeat of another: that counts only where no other of its severity does.
    pub(crate) fn add(&mut self, severity: &AlertSeverity, repeat: bool) {
        let at = usize::from(severity.index().unwrap_or(0));
        match (self.heads.get_mut(at), self.repeats.get_mut(at)) {
            (_, Some(repeats)) if repeat => *repeats = true,
            (Some(heads), _) => *heads += 1,
            _ => {}
        }
    }

    pub(crate) fn counts(&self) -> [usize; 5] {
        let mut counts = self.heads;
        for (count, repeated) in counts.iter_mut().zip(self.repeats) {
            *count = (*count).max(usize::from(repeated));
        }
        counts
    }
}

/// How much is at stake on an asset now: the highest severity of its open alerts, in all incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AssetRisk {
    /// Public id of the asset.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The risk level; `none` without alerts, and when all are resolved.
    pub risk_level: DeviceRiskScore,
    /// Why, in words.
    pub because: String,
    /// Open alerts by severity: unknown, informational, low, medium, high. Repeats count with the first of their kind.
    pub open: [usize; 5],
    /// Alerts that are resolved, or in a resolved incident.
    pub resolved: usize,
}

/// The risk level of open alerts, counted by severity, and why it is that.
///
/// The highest severity; as many alerts of medium severity as the policy says make it high.
pub(crate) fn risk(open: [usize; 5], policy: &policy::Summary) -> (DeviceRiskScore, String) {
    let [unknown, informational, low, medium, high] = open;
    let enough = policy.risk_medium_alerts as usize;
    let raised = enough > 0 && medium >= enough;
    let count =
        |n: usize, what: &str| format!("{n} open {} of {what} severity", if n == 1 { "alert" } else { "alerts" });
    match (high, medium, low, informational) {
        (1.., ..) => (DeviceRiskScore::High, count(high, "high")),
        (0, 1.., ..) if raised => {
            (DeviceRiskScore::High, format!("{}, {enough} or more of which make high", count(medium, "medium")))
        }
        (0, 1.., ..) => (DeviceRiskScore::Medium, count(medium, "medium")),
        (0, 0, 1.., _) => (DeviceRiskScore::Low, count(low, "low")),
        (0, 0, 0, 1..) => (DeviceRiskScore::Informational, count(informational, "informational")),
        (0, 0, 0, 0) if unknown > 0 => (DeviceRiskScore::None, count(unknown, "unknown")),
        (0, 0, 0, 0) => (DeviceRiskScore::None, "no open alert".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medium_alerts_make_high() {
        let policy = policy::Summary::default();
        let level = |open| risk(open, &policy).0;
        assert_eq!(level([0, 0, 0, 2, 0]), DeviceRiskScore::Medium);
        assert_eq!(level([0, 0, 0, 3, 0]), DeviceRiskScore::High);
        assert_eq!(level([0, 0, 9, 0, 0]), DeviceRiskScore::Low);
        assert_eq!(level([9, 1, 0, 0, 0]), DeviceRiskScore::Informational);
        assert_eq!(level([9, 0, 0, 0, 0]), DeviceRiskScore::None);
        let never = policy::Summary { risk_medium_alerts: 0, ..policy };
        assert_eq!(risk([0, 0, 0, 99, 0], &never).0, DeviceRiskScore::Medium);
    }

    #[test]
    fn repeats_count_with_the_first_of_their_kind() {
        let mut open = Open::default();
        for (severity, repeat) in [
            (AlertSeverity::Medium, true),
            (AlertSeverity::Medium, false),
            (AlertSeverity::Medium, true),
            (AlertSeverity::Low, true),
            (AlertSeverity::Low, true),
        ] {
            open.add(&severity, repeat);
        }
        assert_eq!(open.counts(), [0, 0, 1, 1, 0]);
    }
}
