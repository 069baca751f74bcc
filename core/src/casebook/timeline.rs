//! The events of the log that belong to an incident, among its alerts.

use hashbrown::{HashMap, HashSet};

use crate::error::Result;
use crate::ingest::time;
use crate::model::AlertSeverity;
use crate::resolve::EntityKind;
use crate::resolve::store::{NONE, UNDATED};
use crate::summary::{Timeline, TimelineEntry, TimelineKind};

use super::detector::Detector;
use super::events::{EventRow, Kin, window};
use super::made::MADE;
use super::{Casebook, index, no_entity};

impl Casebook {
    /// What happened in an incident, by time: its alerts, the events that rules made alerts of, and the kept
    /// events of the same processes, their parents and their children around those
    /// ([`Rules::around_minutes`](crate::policy::Rules::around_minutes)).
    ///
    /// With `entity_id` only what concerns that entity: the alerts that hold it and their events, and for a
    /// device all kept events of it in the time of the incident. `O(kept events)`.
    ///
    /// # Errors
    /// As [`explain`](Self::explain).
    pub fn timeline(&self, alert_id: &str, entity_id: Option<&str>) -> Result<Timeline> {
        let incident = self.incident_of(alert_id)?;
        let derived = self.derived();
        let mut alerts: Vec<u32> = derived.correlation.alerts(incident).collect();
        let mut hosts: HashSet<u32> = HashSet::new();
        if let Some(id) = entity_id {
            let entities = index::find_entities(&self.store, derived, id)?;
            alerts.retain(|alert| derived.entities_of(*alert).iter().any(|entity| entities.contains(entity)));
            if alerts.is_empty() {
                return Err(no_entity(alert_id, id));
            }
            for entity in entities.iter().filter(|entity| derived.entities.kind(**entity) == EntityKind::Device) {
                let aliases = derived.aliases(&self.store, *entity);
                hosts.extend(aliases.iter().filter_map(|alias| self.events.host(label(alias))));
            }
        }
        let rows = self.events_of(&alerts, &hosts, entity_id.is_some());
        let most = self.policy.rules.timeline_events;
        let mut entries = self.event_entries(rows.get(..most).unwrap_or(&rows))?;
        for alert in &alerts {
            let Some(standing) = derived.alerts.get(*alert as usize) else { continue };
            let Some(row) = self.store.alerts.get(standing.head as usize) else { continue };
            let entry = TimelineEntry {
                time: date(standing.first),
                kind: TimelineKind::Alert,
                id: self.store.alert_id(row.key).to_owned(),
                title: self.store.text(row.title).to_owned(),
                severity: AlertSeverity::from_index(row.severity),
                device: None,
                alerts: Vec::new(),
            };
            entries.push((standing.first, entry));
        }
        let when = |time: i64| if time == UNDATED { i64::MAX } else { time };
        entries.sort_by(|(a, x), (b, y)| when(*a).cmp(&when(*b)).then_with(|| (x.kind, &x.id).cmp(&(y.kind, &y.id))));
        let entries = entries.into_iter().map(|(_, entry)| entry).collect();
        Ok(Timeline { entries, left_out: rows.len().saturating_sub(most) })
    }

    /// Events in words, each with its time.
    fn event_entries(&self, rows: &[EventRow]) -> Result<Vec<(i64, TimelineEntry)>> {
        if rows.is_empty() {
            // Making rules ready costs more than a short timeline.
            return Ok(Vec::new());
        }
        let mut detector = Detector::of(self.rules.as_ref())?;
        let mut sequences: HashMap<u32, Vec<u32>> = HashMap::new();
        for (position, fact) in &self.events.of_sequence {
            sequences.entry(*fact).or_default().push(*position);
        }
        let entry = |row: &EventRow| {
            let in_sequences = sequences.get(&row.fact).map_or(&[][..], Vec::as_slice);
            self.entry(row, in_sequences, &mut detector).map(|entry| (row.time, entry))
        };
        Ok(rows.iter().filter_map(entry).collect())
    }

    /// Events in force that belong to these alerts, or to these hosts in their time; by time, then id.
    fn events_of(&self, alerts: &[u32], hosts: &HashSet<u32>, one_entity: bool) -> Vec<EventRow> {
        let derived = self.derived();
        let (events, window) = (&self.events, window(self.policy.rules.around_minutes));
        let withdrawn = self.withdrawn();
        let mut own: HashSet<u32> = HashSet::new();
        for source in alerts.iter().flat_map(|alert| derived.rows_of(*alert)) {
            let Some(row) = self.store.alerts.get(*source as usize).filter(|row| row.fact >= MADE) else { continue };
            own.extend(events.made.event(row.fact));
            own.extend(events.facts_of_sequence(row.fact));
        }
        let mut kin = Kin::default();
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for row in events.rows.iter().filter(|row| own.contains(&row.fact)) {
            if !one_entity {
                kin.add(events.own(row), events.parents(row), row.time);
            }
            if row.time != UNDATED {
                (first, last) = (first.min(row.time), last.max(row.time));
            }
        }
        for standing in alerts.iter().filter_map(|alert| derived.alerts.get(*alert as usize)) {
            if standing.first != UNDATED {
                (first, last) = (first.min(standing.first), last.max(standing.last));
            }
        }
        let span = first.saturating_sub(window)..=last.saturating_add(window);
        let belongs = |row: &&EventRow| {
            own.contains(&row.fact)
                || kin.near(events.own(row), events.parents(row), row.time, window)
                || (hosts.contains(&row.host) && (row.time == UNDATED || span.contains(&row.time)))
        };
        let in_force = events.rows.iter().filter(|row| !withdrawn.contains(&row.fact));
        let mut rows: Vec<EventRow> = in_force.filter(belongs).copied().collect();
        let when = |row: &EventRow| if row.time == UNDATED { i64::MAX } else { row.time };
        rows.sort_by_cached_key(|row| (when(row), self.log.get(row.fact).map(|(id, ..)| id)));
        rows
    }

    fn entry(&self, row: &EventRow, sequences: &[u32], detector: &mut Detector) -> Option<TimelineEntry> {
        let (id, _, json) = self.log.get(row.fact)?;
        detector.read(json).ok()?;
        let made = (row.alerts.0..row.alerts.1).chain(sequences.iter().copied());
        let made = made.filter_map(|position| self.events.made.json(position));
        let id_of = |json: &[u8]| {
            #[derive(serde::Deserialize)]
            struct Id {
                id: String,
            }
            serde_json::from_slice::<Id>(json).ok().map(|id| id.id)
        };
        let mut alerts: Vec<String> = made.filter_map(id_of).collect();
        alerts.sort_unstable();
        Some(TimelineEntry {
            time: date(row.time),
            kind: TimelineKind::Event,
            id: id.to_string(),
            title: detector.description(),
            severity: None,
            device: (row.host != NONE).then(|| self.events.names.str(row.host).to_owned()),
            alerts,
        })
    }
}

fn date(nanos: i64) -> Option<chrono::DateTime<chrono::Utc>> {
    (nanos != UNDATED).then(|| time::utc(nanos))
}

/// The first label of the host name in a public id, as events name their host.
fn label(alias: &str) -> &str {
    let name = alias.splitn(3, ':').nth(2).unwrap_or_default();
    if name.parse::<std::net::IpAddr>().is_ok() { name } else { name.split('.').next().unwrap_or_default() }
}
