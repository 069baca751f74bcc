//! Incident surgery: merge, split, move. Each verb looks at the incidents as they stand, refuses what must not
//! be, and records a decision that carries the alerts it was made about.

use hashbrown::HashSet;

use crate::error::{Error, ErrorCode, Result};
use crate::model::{AlertClassification, AlertDetermination, Author, Choice, FactId, IncidentStatus};
use crate::summary::IncidentSummary;

use super::Casebook;
use super::present::Presenter;

fn refused(code: ErrorCode, message: impl Into<String>) -> Error {
    Error::new(code, message)
}

impl Casebook {
    /// Every alert of an incident by time, repeats included: what a [`Decision`](crate::model::Decision) about the
    /// incident names. Any member's id will do.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`].
    pub fn alert_ids(&self, alert_id: &str) -> Result<Vec<String>> {
        let incident = self.incident_of(alert_id)?;
        Ok(self.names(self.derived().correlation.alerts(incident)))
    }

    /// Merges incidents, each given by any of its alerts: from now on all of their alerts are one incident, named
    /// after the earliest, and it grows on by itself. Retracting the fact undoes it.
    ///
    /// # Errors
    /// - [`ErrorCode::NotFound`] for an unknown alert;
    /// - [`ErrorCode::InvalidArgument`] when they are fewer than two incidents, or without a reason (policy
    ///   `manage.reasons`);
    /// - [`ErrorCode::Limit`] for more incidents than `manage.mergedIncidents`, or more alerts than
    ///   `correlate.maxAlertsPerIncident`;
    /// - [`ErrorCode::Conflict`] when they are of different tenants, when one is resolved, when their owners,
    ///   classifications or determinations differ, or with `correlate.scopedDeviceGroups` their device groups:
    ///   all of it is named, and all but the tenant can be decided away first.
    pub fn merge<I, S>(&mut self, alerts: I, author: &Author) -> Result<FactId>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        self.check_reason(author)?;
        let mut incidents = Vec::new();
        for id in alerts {
            incidents.push(self.incident_of(id.as_ref())?);
        }
        self.derived().correlation.sort_incidents(&mut incidents);
        incidents.dedup();
        let count = incidents.len();
        if count < 2 {
            return Err(refused(
                ErrorCode::InvalidArgument,
                "all alerts are in one incident, expected alerts of two or more to merge",
            ));
        }
        let most = self.policy.manage.merged_incidents;
        if count > most as usize {
            let message = format!("{count} incidents at once, `manage.mergedIncidents` allows {most}");
            return Err(refused(ErrorCode::Limit, message));
        }
        let summaries: Vec<IncidentSummary> = {
            let mut presenter = Presenter::new(self);
            incidents.iter().map(|incident| presenter.summary(*incident)).collect()
        };
        self.check_tenants(summaries.iter().map(|incident| incident.tenant_id.as_str()))?;
        let obstacles = self.obstacles(&summaries, &incidents);
        if !obstacles.is_empty() {
            let message = format!("the incidents cannot be merged as they stand: {}", obstacles.join("; "));
            return Err(refused(ErrorCode::Conflict, message));
        }
        let alerts = self.names(incidents.iter().flat_map(|i| self.derived().correlation.alerts(*i)));
        self.check_size(alerts.len())?;
        self.decide(&author.decides(Choice::Join).about(alerts))
    }

    /// Splits alerts of one incident off into an incident of their own. Neither side meets the other again by
    /// itself; both grow on. What was decided about the incident as a whole, its owner, its status, stays with
    /// the rest. The rest is held together by its own links: without what it was held together by, it falls apart.
    /// Retracting the fact undoes it.
    ///
    /// # Errors
    /// - [`ErrorCode::NotFound`] for an unknown alert;
    /// - [`ErrorCode::InvalidArgument`] when the alerts are none, are all of the incident, or are of several
    ///   incidents, or without a reason (policy `manage.reasons`).
    pub fn split<I, S>(&mut self, alerts: I, author: &Author) -> Result<FactId>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let (moved, left, incidents) = self.cut(alerts, author)?;
        if incidents.len() > 1 {
            let message = format!("the alerts are of {} incidents, expected one to split", incidents.len());
            return Err(refused(ErrorCode::InvalidArgument, message));
        }
        if left.is_empty() {
            return Err(refused(
                ErrorCode::InvalidArgument,
                "the alerts are the whole incident, expected some to stay in it",
            ));
        }
        let left = self.names(left.into_iter());
        self.decide(&author.decides(Choice::Part { from: left }).about(self.names(moved.into_iter())))
    }

    /// Moves alerts to the incident of the alert `to`, or without one to a new incident. They leave the incidents
    /// that they are in even if they are linked there, and what was decided about those as a whole stays there.
    /// They may be all alerts of an incident; a later decision about them wins. Retracting the fact undoes it.
    ///
    /// # Errors
    /// - [`ErrorCode::NotFound`] for an unknown alert;
    /// - [`ErrorCode::InvalidArgument`] when the alerts are none or one is in the target already, without a
    ///   target when nothing would stay behind, or without a reason (policy `manage.reasons`);
    /// - [`ErrorCode::Limit`] when the target would exceed `correlate.maxAlertsPerIncident`;
    /// - [`ErrorCode::Conflict`] when the tenants differ, when the target is resolved, or with
    ///   `correlate.scopedDeviceGroups` when their device groups differ.
    pub fn move_alerts<I, S>(&mut self, alerts: I, to: Option<&str>, author: &Author) -> Result<FactId>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let (moved, left, incidents) = self.cut(alerts, author)?;
        let Some(to) = to else {
            if left.is_empty() {
                return Err(refused(
                    ErrorCode::InvalidArgument,
                    "the alerts are whole incidents, expected some to stay behind or an incident to move them to",
                ));
            }
            self.check_tenants(moved.iter().map(|alert| self.tenant(*alert)))?;
            self.check_size(moved.len())?;
            let left = self.names(left.into_iter());
            return self.decide(&author.decides(Choice::Part { from: left }).about(self.names(moved.into_iter())));
        };
        let target = self.incident_of(to)?;
        if incidents.contains(&target) {
            let message = format!("an alert is in the incident of `{}` already", to.escape_debug());
            return Err(refused(ErrorCode::InvalidArgument, message));
        }
        let there: Vec<u32> = self.derived().correlation.alerts(target).collect();
        self.check_tenants(moved.iter().chain(&there).map(|alert| self.tenant(*alert)))?;
        let summary = Presenter::new(self).summary(target);
        if summary.status == IncidentStatus::Resolved {
            let message = format!("the incident of `{}` is resolved, expected it reopened first", to.escape_debug());
            return Err(refused(ErrorCode::Conflict, message));
        }
        if let Some(obstacle) = self.strangers(&[moved.as_slice(), there.as_slice()]) {
            return Err(refused(ErrorCode::Conflict, obstacle));
        }
        self.check_size(moved.len() + there.len())?;
        let (left, there) = (self.names(left.into_iter()), self.names(there.into_iter()));
        let what = Choice::Move { from: left, into: there };
        self.decide(&author.decides(what).about(self.names(moved.into_iter())))
    }

    /// The alerts meant, those that their incidents keep, and the incidents.
    fn cut<I, S>(&self, alerts: I, author: &Author) -> Result<(Vec<u32>, Vec<u32>, Vec<u32>)>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        self.check_reason(author)?;
        let derived = self.derived();
        let mut moved = Vec::new();
        for id in alerts {
            moved.push(self.standing_alert(derived, id.as_ref())?);
        }
        if moved.is_empty() {
            return Err(refused(ErrorCode::InvalidArgument, "no alerts, expected one or more"));
        }
        derived.correlation.sort(&mut moved);
        moved.dedup();
        let mut incidents: Vec<u32> = moved.iter().map(|alert| derived.correlation.incident_of(*alert)).collect();
        derived.correlation.sort_incidents(&mut incidents);
        incidents.dedup();
        let all = incidents.iter().flat_map(|incident| derived.correlation.alerts(*incident));
        let known: HashSet<u32> = moved.iter().copied().collect();
        let left = all.filter(|alert| !known.contains(alert)).collect();
        Ok((moved, left, incidents))
    }

    fn check_reason(&self, author: &Author) -> Result<()> {
        let given = author.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
        if self.policy.manage.reasons && !given {
            let message = "no reason, expected one: `manage.reasons` asks for it";
            return Err(refused(ErrorCode::InvalidArgument, message));
        }
        Ok(())
    }

    fn check_size(&self, alerts: usize) -> Result<()> {
        let most = self.policy.correlate.max_alerts_per_incident;
        if alerts > most as usize {
            let message = format!("an incident of {alerts} alerts, `correlate.maxAlertsPerIncident` allows {most}");
            return Err(refused(ErrorCode::Limit, message));
        }
        Ok(())
    }

    fn check_tenants<'t>(&self, mut tenants: impl Iterator<Item = &'t str>) -> Result<()> {
        let first = tenants.next().unwrap_or_default();
        match tenants.find(|tenant| *tenant != first) {
            Some(other) => {
                let message = format!(
                    "tenants `{}` and `{}` never share an incident",
                    first.escape_debug(),
                    other.escape_debug()
                );
                Err(refused(ErrorCode::Conflict, message))
            }
            None => Ok(()),
        }
    }

    /// What stands between incidents; null is compatible with anything.
    fn obstacles(&self, summaries: &[IncidentSummary], incidents: &[u32]) -> Vec<String> {
        let mut out = Vec::new();
        for incident in summaries.iter().filter(|incident| incident.status == IncidentStatus::Resolved) {
            out.push(format!("`{}` is resolved, reopen it first", incident.id.escape_debug()));
        }
        let mut differ = |what: &str, values: Vec<&str>| {
            let first = values.first().copied().unwrap_or_default();
            if let Some(other) = values.iter().find(|value| !value.eq_ignore_ascii_case(first)) {
                out.push(format!("their {what} are `{}` and `{}`", first.escape_debug(), other.escape_debug()));
            }
        };
        differ("owners", summaries.iter().filter_map(|i| i.assigned_to.as_deref()).collect());
        let findings = summaries.iter().filter(|i| i.classification != AlertClassification::Unknown);
        differ("classifications", findings.map(|i| i.classification.as_str()).collect());
        let findings = summaries.iter().filter(|i| i.determination != AlertDetermination::Unknown);
        differ("determinations", findings.map(|i| i.determination.as_str()).collect());
        let members: Vec<Vec<u32>> =
            incidents.iter().map(|incident| self.derived().correlation.alerts(*incident).collect()).collect();
        let members: Vec<&[u32]> = members.iter().map(Vec::as_slice).collect();
        out.extend(self.strangers(&members));
        out
    }

    /// Device groups that must not share an incident, if the policy says so.
    fn strangers(&self, parts: &[&[u32]]) -> Option<String> {
        let constraints = &self.derived().decided.constraints;
        let sets = |alerts: &[u32]| -> Vec<u32> {
            let all = alerts.iter().map(|alert| constraints.mark(*alert).groups);
            all.filter(|set| constraints.groups.get(*set as usize).is_some()).collect()
        };
        let sets: Vec<Vec<u32>> = parts.iter().map(|alerts| sets(alerts)).collect();
        for (i, a) in sets.iter().enumerate() {
            for b in sets.iter().skip(i + 1) {
                for (x, y) in a.iter().flat_map(|x| b.iter().map(move |y| (x, y))).filter(|(x, y)| x != y) {
                    let [x, y] = [x, y].map(|set| constraints.groups.get(*set as usize).map_or(&[][..], Vec::as_slice));
                    if !x.iter().any(|group| y.contains(group)) {
                        let name = |set: &[u32]| set.first().map_or("", |group| self.store.text(*group)).to_owned();
                        let (x, y) = (name(x), name(y));
                        return Some(format!(
                            "their devices are in the groups `{}` and `{}`, which `correlate.scopedDeviceGroups` keeps apart",
                            x.escape_debug(),
                            y.escape_debug()
                        ));
                    }
                }
            }
        }
        None
    }

    fn tenant(&self, alert: u32) -> &str {
        let row = self.derived().alerts.get(alert as usize).and_then(|a| self.store.alerts.get(a.head as usize));
        row.map_or("", |row| self.store.text(row.tenant))
    }

    fn names(&self, alerts: impl Iterator<Item = u32>) -> Vec<String> {
        let rows = alerts.filter_map(|alert| {
            let standing = self.derived().alerts.get(alert as usize)?;
            self.store.alerts.get(standing.head as usize)
        });
        rows.map(|row| self.store.alert_id(row.key).to_owned()).collect()
    }
}
