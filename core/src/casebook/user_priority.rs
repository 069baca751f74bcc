//! Investigation priority of users: an index of what their alerts give them, and the question to it.

use hashbrown::HashMap;

use crate::error::{Error, ErrorCode, Result};
use crate::ingest::time;
use crate::model::{AlertClassification, AlertSeverity, Choice};
use crate::policy::{self, Criticality};
use crate::resolve::EntityKind;
use crate::resolve::extract::flag;
use crate::resolve::store::{NONE, UNDATED};
use crate::summary::{Counted, USER_PRIORITY_MODEL, UserImpact, UserPriority, UserShare, counts, detail, percentile};

use super::derived::Derived;
use super::judged::{alert_words, name_of};
use super::present::Presenter;
use super::{Casebook, criticality, index, no_entity};

/// An alert of a user.
#[derive(Debug, Clone, Copy)]
struct Row {
    user: u32,
    alert: u32,
    impact: UserImpact,
    /// Hundredths of points; none when it counts nothing.
    points: Option<u64>,
}

/// What the alerts of users give them.
#[derive(Debug, Clone)]
pub(crate) struct UserIndex {
    /// By user, then by time.
    rows: Vec<Row>,
    criticality: HashMap<u32, Criticality>,
    /// Scores of the users of each tenant, sorted.
    scores: HashMap<u32, Vec<u64>>,
}

impl UserIndex {
    /// `O(rows × log rows)`.
    fn new(book: &Casebook, derived: &Derived) -> UserIndex {
        let (mut rows, mut criticality) = gather(book, derived);
        let policy = &book.policy.summary;
        if !policy.criticality.is_empty() {
            let named = derived.critical.get_or_init(|| criticality::named(book, derived));
            for (user, level) in &mut criticality {
                *level = named.get(user).copied().unwrap_or(*level);
            }
        }
        let place = |alert: u32| derived.correlation.place(alert);
        rows.sort_unstable_by_key(|row| (row.user, place(row.alert), std::cmp::Reverse(row.impact)));
        rows.dedup_by_key(|row| (row.user, row.alert));
        let mut false_ones: HashMap<u32, Option<bool>> = HashMap::new();
        let mut scores: HashMap<u32, Vec<u64>> = HashMap::new();
        for alerts in rows.chunk_by_mut(|a, b| a.user == b.user) {
            let Some(user) = alerts.first().map(|row| row.user) else { continue };
            let level = criticality.get(&user).copied().unwrap_or_default();
            let mut score = 0u64;
            let latest = alerts.iter().filter_map(|row| dated(derived, row.alert)).max().unwrap_or(i64::MIN);
            for row in alerts {
                let recent =
                    dated(derived, row.alert).is_some_and(|time| counts(time, latest, &policy.investigation_priority));
                let counts = recent
                    && derived.correlation.repeat_of(row.alert) == row.alert
                    && !is_false(book, derived, row.alert, &mut false_ones);
                row.points = counts.then(|| points(book, derived, row, level, &policy.investigation_priority));
                score = score.saturating_add(row.points.unwrap_or(0));
            }
            let tenant = derived.entities.tenant.get(user as usize).copied().unwrap_or(NONE);
            scores.entry(tenant).or_default().push(score);
        }
        scores.values_mut().for_each(|scores| scores.sort_unstable());
        UserIndex { rows, criticality, scores }
    }

    fn of(&self, user: u32) -> &[Row] {
        let from = self.rows.partition_point(|row| row.user < user);
        let to = self.rows.partition_point(|row| row.user <= user);
        self.rows.get(from..to).unwrap_or_default()
    }
}

/// The alerts of every user that is somebody, and what their evidence says of its worth.
fn gather(book: &Casebook, derived: &Derived) -> (Vec<Row>, HashMap<u32, Criticality>) {
    let (store, policy) = (&book.store, &book.policy.summary);
    let mut rows: Vec<Row> = Vec::new();
    let mut criticality: HashMap<u32, Criticality> = HashMap::new();
    for alert in derived.of_key.iter().copied().filter(|alert| *alert != NONE) {
        for source in derived.rows_of(alert) {
            let Some(row) = store.alerts.get(*source as usize) else { continue };
            for at in row.occurrences.0..row.occurrences.1 {
                let Some(occurrence) = store.occurrences.get(at as usize) else { continue };
                let Some(user) = derived.entities.of_profile.get(occurrence.profile as usize).copied() else {
                    continue;
                };
                if derived.entities.kind(user) != EntityKind::User || derived.is_common(user) {
                    continue;
                }
                let impact = UserImpact::of(occurrence.roles, occurrence.flags & flag::NESTED != 0);
                rows.push(Row { user, alert, impact, points: None });
                let level = criticality.entry(user).or_default();
                *level = (*level).max(criticality::told(store, policy, at, occurrence.flags));
            }
        }
    }
    (rows, criticality)
}

fn dated(derived: &Derived, alert: u32) -> Option<i64> {
    derived.alerts.get(alert as usize).map(|standing| standing.first).filter(|time| *time != UNDATED)
}

fn severity(book: &Casebook, derived: &Derived, alert: u32) -> u8 {
    let head = derived.alerts.get(alert as usize).and_then(|standing| book.store.alerts.get(standing.head as usize));
    head.map_or(0, |row| row.severity)
}

fn points(
    book: &Casebook,
    derived: &Derived,
    row: &Row,
    level: Criticality,
    policy: &policy::InvestigationPriority,
) -> u64 {
    counted(book, derived, row).points(level, policy)
}

fn counted(book: &Casebook, derived: &Derived, row: &Row) -> Counted {
    Counted {
        severity: severity(book, derived, row.alert),
        impact: row.impact,
        rare: derived.correlation.salience(row.alert),
    }
}

/// Is an alert found to be a false positive: by a person in its incident, or else by its vendor?
fn is_false(book: &Casebook, derived: &Derived, alert: u32, known: &mut HashMap<u32, Option<bool>>) -> bool {
    let incident = derived.correlation.incident_of(alert);
    let decided = *known.entry(incident).or_insert_with(|| {
        let members: Vec<u32> = derived.correlation.alerts(incident).collect();
        derived.decided.about(&members).into_iter().rev().find_map(|entry| match &entry.decision.what {
            Choice::Classify { classification, .. } => Some(*classification == AlertClassification::FalsePositive),
            _ => None,
        })
    });
    decided.unwrap_or_else(|| {
        let head = derived.alerts.get(alert as usize).and_then(|s| book.store.alerts.get(s.head as usize));
        head.and_then(|row| AlertClassification::from_index(row.classification))
            == Some(AlertClassification::FalsePositive)
    })
}

impl Casebook {
    /// How much a user of an incident needs looking into: the sum of what its alerts of the last days give it, in all
    /// incidents, with the shares, and where that stands among the users of the tenant. Any identifier will do. The
    /// formula is in [`InvestigationPriority`](crate::policy::InvestigationPriority); the days end with the user's
    /// latest alert.
    ///
    /// The first question after a change costs `O(rows × log rows)`, the next ones the user's alerts.
    ///
    /// # Errors
    /// As [`explain`](Self::explain), and [`ErrorCode::InvalidArgument`] when the entity is no user, or an account
    /// of the system.
    pub fn user_priority(&self, alert_id: &str, entity_id: &str) -> Result<UserPriority> {
        let (user, name) = self.asset_of(alert_id, entity_id, "a user", &|kind| kind == EntityKind::User)?;
        let derived = self.derived();
        let index = derived.users.get_or_init(|| UserIndex::new(self, derived));
        let level = index.criticality.get(&user).copied().unwrap_or_default();
        let rows = index.of(user);
        let mut given: Vec<(&Row, u64)> = rows.iter().filter_map(|row| Some((row, row.points?))).collect();
        // Of equal shares the earlier alert first: rows stand by time.
        given.sort_by_key(|(_, points)| std::cmp::Reverse(*points));
        let score: u64 = given.iter().map(|(_, points)| points).sum();
        let tenant = derived.entities.tenant.get(user as usize).copied().unwrap_or(NONE);
        let scores = index.scores.get(&tenant).map_or(&[][..], Vec::as_slice);
        let policy = &self.policy.summary.investigation_priority;
        let (listed, rest) = given.split_at(given.len().min(policy.shares as usize));
        let percentile = percentile(scores, score);
        let hundredths = |points: u64| points as f64 / 100.0;
        Ok(UserPriority {
            id: derived.entities.public_id(&self.store, user),
            name,
            tenant_id: self.store.text(tenant).to_owned(),
            model: USER_PRIORITY_MODEL,
            score: hundredths(score),
            percentile,
            users: scores.len(),
            red: score > 0 && percentile >= policy.red,
            criticality: level,
            latest: rows.iter().filter_map(|row| dated(derived, row.alert)).max().map(time::utc),
            shares: listed.iter().map(|(row, points)| self.share(row, hundredths(*points), level)).collect(),
            more: rest.len(),
            more_points: hundredths(rest.iter().map(|(_, points)| points).sum()),
            not_counted: rows.len() - given.len(),
        })
    }

    fn share(&self, row: &Row, points: f64, level: Criticality) -> UserShare {
        let derived = self.derived();
        let (alert, title, _) = alert_words(self, derived, row.alert);
        let first = derived.correlation.alerts(derived.correlation.incident_of(row.alert)).next();
        let counted = counted(self, derived, row);
        let severity = AlertSeverity::from_index(counted.severity).unwrap_or_default();
        UserShare {
            alert,
            title,
            incident: first.map_or_else(String::new, |first| name_of(self, derived, first).0),
            time: dated(derived, row.alert).map(time::utc),
            points,
            impact: row.impact,
            rarity: counted.rarity() as u8,
            detail: detail(&severity, row.impact, counted.rarity(), level),
            severity,
        }
    }

    /// The entity of an incident with this id, if it is what the call is for, and its name.
    pub(super) fn asset_of(
        &self,
        alert_id: &str,
        entity_id: &str,
        what: &str,
        is: &dyn Fn(EntityKind) -> bool,
    ) -> Result<(u32, String)> {
        let incident = self.incident_of(alert_id)?;
        let entities = index::find_entities(&self.store, self.derived(), entity_id)?;
        let mut presenter = Presenter::new(self);
        presenter.lay_out(incident);
        let held = |entity: &u32| entities.contains(entity);
        let local = presenter.scene.entities.iter().position(held).ok_or_else(|| no_entity(alert_id, entity_id))?;
        let found = presenter.scene.entities.get(local).copied().zip(presenter.scene.kinds.get(local).copied());
        match found {
            Some((entity, (kind, false))) if is(kind) => {
                let name = presenter.names_of(&|wanted| wanted as usize == local).into_iter().nth(local);
                Ok((entity, name.unwrap_or_default()))
            }
            Some((_, (_, true))) => {
                let message = format!("`{}` is on every machine or network, expected {what}", entity_id.escape_debug());
                Err(Error::new(ErrorCode::InvalidArgument, message))
            }
            _ => {
                let message = format!("`{}` is not {what}", entity_id.escape_debug());
                Err(Error::new(ErrorCode::InvalidArgument, message))
            }
        }
    }
}
