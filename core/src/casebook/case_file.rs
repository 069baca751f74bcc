//! Gathers all that is known of an incident, for pages, pictures and exports.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use hashbrown::HashMap;

use crate::error::Result;
use crate::model::{Alert, Time, Verdict};
use crate::report::{CaseFile, FiledAlert};
use crate::resolve::extract::{Extract, flag};
use crate::summary::ActivityFilter;

use super::Casebook;
use super::present::Presenter;

impl Casebook {
    /// Everything that is known of an incident, any of its alerts given, as of the time `at`; without one as of the
    /// latest that anything happened in it or was said of it. `O(the incident + kept events)`.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`](crate::ErrorCode::NotFound) for an unknown alert.
    pub fn case_file(&self, alert_id: &str, at: Option<&Time>) -> Result<CaseFile> {
        let number = self.incident_of(alert_id)?;
        let mut presenter = Presenter::new(self);
        let incident = presenter.summary(number);
        let activity = self.activity_in(number, &presenter, &incident, &ActivityFilter::default());
        let alerts = presenter.filed_alerts();
        let said = activity.entries.iter().filter_map(|entry| entry.at).max();
        let at = match at {
            Some(at) => at.clone(),
            None => {
                let latest = incident.last_activity.max(said).max(self.last_report(&alerts));
                Time::from(latest.unwrap_or(DateTime::<Utc>::UNIX_EPOCH))
            }
        };
        let devices = incident.scope.devices.iter();
        let device_timelines = devices
            .map(|device| Ok((device.id.clone(), self.timeline(alert_id, Some(&device.id))?)))
            .collect::<Result<_>>()?;
        let bad = incident.entities.iter().filter(|line| line.verdict >= Verdict::Suspicious);
        let proofs = bad
            .take(CaseFile::PROOFS)
            .map(|line| Ok((line.id.clone(), self.explain(alert_id, &line.id)?)))
            .collect::<Result<_>>()?;
        let response = presenter.response(number, (&at).into());
        Ok(CaseFile {
            at: DateTime::<Utc>::from(&at),
            timeline: self.timeline(alert_id, None)?,
            plan: presenter.plan(number, &response),
            response,
            graph: presenter.graph(number),
            incident,
            alerts,
            device_timelines,
            activity,
            proofs,
            index: OnceLock::new(),
        })
    }

    /// When an executor last said anything about these alerts' incident.
    fn last_report(&self, alerts: &[FiledAlert]) -> Option<DateTime<Utc>> {
        let of = |id: &str| alerts.iter().any(|alert| alert.record.id.as_deref() == Some(id));
        self.reports.iter().filter(|(_, report)| of(&report.alert)).map(|(_, report)| DateTime::from(&report.at)).max()
    }
}

impl Presenter<'_> {
    /// The alerts of the incident at hand, by time.
    fn filed_alerts(&self) -> Vec<FiledAlert> {
        let (book, derived) = (self.book, self.derived);
        let mut entities: HashMap<u32, Vec<(u32, u32)>> = HashMap::new();
        for row in self.scene.rows.iter().filter(|row| row.flags & flag::NESTED == 0) {
            entities.entry(row.source).or_default().push((row.occurrence, row.entity));
        }
        let mut out = Vec::with_capacity(self.scene.alerts.len());
        for alert in &self.scene.alerts {
            let Some(head) = derived.alerts.get(*alert as usize).map(|standing| standing.head) else { continue };
            let Some(row) = book.store.alerts.get(head as usize) else { continue };
            let Some((fact, ..)) = book.record(row.fact) else { continue };
            let Some((mut record, mut items)) = self.filed_row(head, &entities) else { continue };
            // What adds to an alert row by row is evidence of its own.
            for part in derived.rows_of(*alert).iter().filter(|part| **part != head) {
                let Some((more, more_items)) = self.filed_row(*part, &entities) else { continue };
                record.evidence.extend(more.evidence);
                items.extend(more_items);
            }
            let repeat_of = self.alert_words(derived.correlation.repeat_of(*alert)).0;
            out.push(FiledAlert { record, fact: fact.to_string(), repeat_of, items });
        }
        out
    }

    /// A record of an alert, and the entity that each of its evidence items is.
    fn filed_row(&self, row: u32, entities: &HashMap<u32, Vec<(u32, u32)>>) -> Option<(Alert, Vec<Option<String>>)> {
        let place = self.book.store.alerts.get(row as usize)?;
        let (_, _, json) = self.book.record(place.fact)?;
        let record = crate::ingest::canonical::read::<Alert>(json).ok()?;
        let extract = Extract::read_names(json, &self.book.policy.limits);
        let item_of: HashMap<u32, u32> = extract.items.iter().copied().collect();
        let mut items = vec![None; record.evidence.len()];
        for (occurrence, entity) in entities.get(&row).into_iter().flatten() {
            let at = occurrence.saturating_sub(place.occurrences.0);
            if let Some(slot) = item_of.get(&at).and_then(|item| items.get_mut(*item as usize)) {
                *slot = Some(self.entity_id(*entity));
            }
        }
        Some((record, items))
    }
}
