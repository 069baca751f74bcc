//! The risk level of an asset over all incidents.

use hashbrown::{HashMap, HashSet};

use crate::error::Result;
use crate::model::{AlertSeverity, AlertStatus, Choice, IncidentStatus};
use crate::resolve::EntityKind;
use crate::summary::{AssetRisk, Open, risk};

use super::Casebook;

impl Casebook {
    /// How much is at stake on an asset of an incident now: the highest severity of its open alerts, in all incidents;
    /// several of medium severity make high ([`Summary::risk_medium_alerts`](crate::policy::Summary)). Alerts of an
    /// incident that a person resolved are resolved. Any identifier will do. `O(the asset's alerts, and the decisions
    /// on their incidents)`.
    ///
    /// # Errors
    /// As [`explain`](Self::explain), and [`ErrorCode::InvalidArgument`](crate::ErrorCode::InvalidArgument) when the
    /// entity is no asset.
    pub fn asset_risk(&self, alert_id: &str, entity_id: &str) -> Result<AssetRisk> {
        let is = |kind: EntityKind| kind.is_asset() || kind == EntityKind::OauthApplication;
        let (asset, name) = self.asset_of(alert_id, entity_id, "an asset", &is)?;
        let derived = self.derived();
        let mut incidents: HashMap<u32, (bool, HashSet<u32>)> = HashMap::new();
        let mut open = Open::default();
        let mut resolved = 0;
        for alert in derived.correlation.holders(asset) {
            let head = derived.alerts.get(alert as usize).and_then(|s| self.store.alerts.get(s.head as usize));
            let Some(row) = head else { continue };
            let incident = derived.correlation.incident_of(alert);
            let (closed, ended) = incidents
                .entry(incident)
                .or_insert_with(|| (self.is_closed(incident), self.resolved_by_investigation(incident)));
            if *closed || self.alert_status(alert, row.status, ended) == AlertStatus::Resolved {
                resolved += 1;
            } else {
                let severity = AlertSeverity::from_index(row.severity).unwrap_or_default();
                open.add(&severity, derived.correlation.repeat_of(alert) != alert);
            }
        }
        let open = open.counts();
        let (risk_level, because) = risk(open, &self.policy.summary);
        let id = derived.entities.public_id(&self.store, asset);
        Ok(AssetRisk { id, name, risk_level, because, open, resolved })
    }

    /// Did a person resolve the incident, and nobody open it again?
    fn is_closed(&self, incident: u32) -> bool {
        let derived = self.derived();
        let members: Vec<u32> = derived.correlation.alerts(incident).collect();
        let last = derived.decided.about(&members).into_iter().rev().find_map(|entry| match &entry.decision.what {
            Choice::SetStatus { status } => Some(*status == IncidentStatus::Resolved),
            _ => None,
        });
        last == Some(true)
    }
}
