//! The activity log of an incident: its decisions and links, gathered for `summary`.

use crate::error::Result;
use crate::model::Decision;
use crate::summary::{ActivityFilter, ActivityLog, IncidentSummary, activity_log};

use super::Casebook;
use super::present::Presenter;

impl Casebook {
    /// What people and the system did to an incident, any of its alerts given: one list, the oldest first, of those
    /// entries that the filter lets through. Decisions that were withdrawn are not among them; the log of
    /// [facts](Self::facts) keeps those too. `O(the incident)`.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`](crate::ErrorCode::NotFound) for an unknown alert.
    pub fn activity(&self, alert_id: &str, filter: &ActivityFilter) -> Result<ActivityLog> {
        let incident = self.incident_of(alert_id)?;
        let mut presenter = Presenter::new(self);
        let summary = presenter.summary(incident);
        Ok(self.activity_in(incident, &presenter, &summary, filter))
    }

    /// The activity log of the incident at hand.
    pub(super) fn activity_in(
        &self,
        incident: u32,
        presenter: &Presenter<'_>,
        summary: &IncidentSummary,
        filter: &ActivityFilter,
    ) -> ActivityLog {
        let derived = self.derived();
        let members: Vec<u32> = derived.correlation.alerts(incident).collect();
        let mut indices = derived.decided.holding(&members);
        // Verdicts on its entities that hold in all incidents name no alert.
        let verdicts = presenter.scene.entities.iter().filter_map(|entity| derived.outside.verdicts.get(entity));
        let everywhere = verdicts.flatten().filter(|at| {
            derived.decided.entries.get(**at as usize).is_some_and(|entry| entry.decision.alerts.is_empty())
        });
        indices.extend(everywhere);
        // Entries stand in the order of their times.
        indices.sort_unstable();
        indices.dedup();
        let entries = indices.iter().filter_map(|at| derived.decided.entries.get(*at as usize));
        let decisions: Vec<(&Decision, String)> =
            entries.map(|entry| (&entry.decision, entry.fact.to_string())).collect();
        let most = self.policy.manage.system_activity as usize;
        activity_log(summary, &decisions, filter, most)
    }
}
