//! The past incidents most like one: an index from what incidents hold to the incidents, and the question to it.

use hashbrown::HashMap;

use crate::error::Result;
use crate::model::{Choice, IncidentStatus};
use crate::resolve::EntityKind;
use crate::resolve::store::{NONE, UNDATED};
use crate::summary::{
    Aspect, Likeness, Resolution, SIMILAR_MODEL, Share, SharedFact, SimilarIncident, SimilarIncidents, weight,
};

use super::Casebook;
use super::derived::Derived;
use super::present::Presenter;

/// Lists of numbers by number, one after the other.
#[derive(Debug, Clone, Default)]
struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// From pairs of key and item, sorted and without repeats.
    fn new(pairs: &[(u32, u32)], keys: usize) -> Lists {
        let mut starts = vec![0u32; keys + 1];
        for (key, _) in pairs {
            if let Some(count) = starts.get_mut(*key as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Lists { starts, items: pairs.iter().map(|(_, item)| *item).collect() }
    }

    fn of(&self, key: u32) -> &[u32] {
        let end = |at: usize| self.starts.get(at).copied().unwrap_or(0) as usize;
        self.items.get(end(key as usize)..end(key as usize + 1)).unwrap_or_default()
    }
}

/// What incidents hold. A feature is an entity or statement by its number, or a term past them.
#[derive(Debug, Clone)]
pub(crate) struct SimilarIndex {
    /// Incidents by time; everywhere else in here an incident is its place in this list.
    by_time: Vec<u32>,
    /// Incidents of each feature, and terms of each incident.
    holders: Lists,
    terms: Lists,
    /// Detectors, titles and techniques by text; features from `first_term` on.
    named: Vec<(Aspect, u32)>,
    first_term: u32,
    /// Weights of all detectors and of all techniques of each incident.
    totals: Vec<[u64; 2]>,
    /// Stages of each incident, as bits.
    stages: Vec<u32>,
}

impl SimilarIndex {
    /// `O(rows)`.
    fn new(book: &Casebook, derived: &Derived) -> SimilarIndex {
        let store = &book.store;
        let mut presenter = Presenter::new(book);
        let first_term = derived.entities.len() as u32;
        let mut number: HashMap<(u32, Aspect, u32), u32> = HashMap::new();
        let mut named: Vec<(Aspect, u32)> = Vec::new();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let mut terms: Vec<(u32, u32)> = Vec::new();
        let by_time = derived.correlation.by_time();
        let mut stages = vec![0u32; by_time.len()];
        let members = by_time.iter().zip(0u32..);
        let members = members.flat_map(|(i, place)| derived.correlation.alerts(*i).map(move |alert| (alert, place)));
        for (alert, incident) in members {
            let telling = derived.entities_of(alert).iter().filter(|entity| aspect_of(derived, **entity).is_some());
            pairs.extend(telling.map(|entity| (*entity, incident)));
            if let Some(slot) = stages.get_mut(incident as usize) {
                *slot |= presenter.alert_stages(alert);
            }
            let mut put = |tenant: u32, aspect: Aspect, text: u32| {
                let next = first_term + named.len() as u32;
                let feature = *number.entry((tenant, aspect, text)).or_insert_with(|| {
                    named.push((aspect, text));
                    next
                });
                pairs.push((feature, incident));
                terms.push((incident, feature));
            };
            for row in derived.rows_of(alert).iter().filter_map(|row| store.alerts.get(*row as usize)) {
                for text in [row.detector, row.title].into_iter().filter(|text| *text != NONE) {
                    put(row.tenant, Aspect::Detectors, text);
                }
                let range = row.techniques.0 as usize..row.techniques.1 as usize;
                for text in store.terms.get(range).unwrap_or_default() {
                    put(row.tenant, Aspect::Techniques, *text);
                }
            }
        }
        for list in [&mut pairs, &mut terms] {
            list.sort_unstable();
            list.dedup();
        }
        let holders = Lists::new(&pairs, first_term as usize + named.len());
        let terms = Lists::new(&terms, stages.len());
        let mut index = SimilarIndex { by_time, holders, terms, named, first_term, totals: Vec::new(), stages };
        index.totals = (0..index.stages.len() as u32).map(|incident| index.total(incident)).collect();
        index
    }

    /// The number of the incident at a place.
    fn incident(&self, place: u32) -> u32 {
        self.by_time.get(place as usize).copied().unwrap_or(0)
    }

    fn term(&self, feature: u32) -> Option<(Aspect, u32)> {
        self.named.get(feature.checked_sub(self.first_term)? as usize).copied()
    }

    fn total(&self, incident: u32) -> [u64; 2] {
        let mut out = [0; 2];
        for feature in self.terms.of(incident) {
            let weight = weight(self.holders.of(*feature).len());
            match self.term(*feature) {
                Some((Aspect::Techniques, _)) => out[1] += weight,
                _ => out[0] += weight,
            }
        }
        out
    }
}

/// Where a shared entity or statement counts, if anywhere.
fn aspect_of(derived: &Derived, entity: u32) -> Option<Aspect> {
    if derived.entities.is_statement(entity) {
        return (derived.entities.kind(entity) == EntityKind::Actor).then_some(Aspect::Threats);
    }
    match derived.entities.kind(entity) {
        _ if derived.is_common(entity) => None,
        EntityKind::Malware => Some(Aspect::Threats),
        _ => Some(Aspect::Entities),
    }
}

/// What one candidate shares.
#[derive(Default)]
struct Candidate {
    likeness: Likeness,
    /// Weight and feature.
    shared: Vec<(u64, u32)>,
}

impl Candidate {
    fn share(&mut self, aspect: Aspect, weight: u64, feature: u32) {
        self.likeness.share(aspect, weight);
        self.shared.push((weight, feature));
    }
}

impl Casebook {
    /// The earlier incidents of the same tenant most like the one of an alert, at most `limit`, with what they
    /// share, what they were found to be and who closed them. Any member's id will do.
    ///
    /// The first question after a change derives an index, `O(rows)`; the question itself costs the incidents that
    /// share something and the summaries that it gives.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`](crate::ErrorCode::NotFound).
    pub fn similar(&self, alert_id: &str, limit: usize) -> Result<SimilarIncidents> {
        let incident = self.incident_of(alert_id)?;
        Ok(Presenter::new(self).similar(incident, limit))
    }
}

impl Presenter<'_> {
    fn similar(&mut self, incident: u32, limit: usize) -> SimilarIncidents {
        let (book, derived) = (self.book, self.derived);
        let index = derived.similar.get_or_init(|| SimilarIndex::new(book, derived));
        let policy = &book.policy.summary.similar;
        self.judge(incident);
        let place = index.by_time.iter().position(|other| *other == incident).unwrap_or(0) as u32;
        let (candidates, too_common) = self.candidates(index, place);
        let mut ranked: Vec<(u32, u32, [u32; Aspect::ALL.len()], Candidate)> = candidates
            .into_iter()
            .map(|(other, candidate)| {
                let points = candidate.likeness.points(policy);
                (points.iter().sum::<u32>(), other, points, candidate)
            })
            .filter(|(score, ..)| *score > 0)
            .collect();
        // Of equally alike ones the more recent tells more. Places are by time.
        ranked.sort_unstable_by_key(|(score, other, ..)| std::cmp::Reverse((*score, *other)));
        let more = ranked.len().saturating_sub(limit);
        ranked.truncate(limit);
        let named = self.names();
        let names: HashMap<u32, &str> =
            self.scene.entities.iter().copied().zip(named.iter().map(String::as_str)).collect();
        let id = self.scene.alerts.first().map(|alert| self.alert_words(*alert).0).unwrap_or_default();
        let mut other_presenter = Presenter::new(book);
        let incidents = ranked.into_iter().map(|(score, other, points, candidate)| {
            let other = index.incident(other);
            let summary = other_presenter.summary(other);
            let (shared, more_shared) = self.shared(index, candidate.shared, &names);
            let counts = candidate.likeness.shared.map(|(_, count)| count);
            let mut shares: Vec<Share> = Aspect::ALL
                .into_iter()
                .zip(points.into_iter().zip(counts))
                .filter(|(_, (points, _))| *points > 0)
                .map(|(aspect, (points, count))| Share { aspect, points: f64::from(points) / 100.0, count })
                .collect();
            shares.sort_by(|a, b| b.points.total_cmp(&a.points).then(a.aspect.cmp(&b.aspect)));
            SimilarIncident {
                alerts: derived.correlation.alerts(other).count(),
                id: summary.id,
                title: summary.title,
                score: f64::from(score) / 100.0,
                shares,
                shared,
                more_shared,
                severity: summary.severity,
                status: summary.status,
                classification: summary.classification,
                determination: summary.determination,
                assigned_to: summary.assigned_to,
                resolution: self.resolution(other),
                first_activity: summary.first_activity,
                last_activity: summary.last_activity,
            }
        });
        let incidents = incidents.collect();
        SimilarIncidents { id, model: SIMILAR_MODEL, incidents, more, too_common }
    }

    /// Earlier incidents that share something with this one.
    fn candidates(&self, index: &SimilarIndex, incident: u32) -> (HashMap<u32, Candidate>, usize) {
        let (derived, policy) = (self.derived, &self.book.policy);
        let mut candidates: HashMap<u32, Candidate> = HashMap::new();
        // Places are by the earliest alert, undated ones last.
        let past = |feature: u32| {
            let all = index.holders.of(feature);
            let before = all.get(..all.partition_point(|other| *other < incident)).unwrap_or_default();
            before.iter().copied().filter(|other| self.is_dated(index.incident(*other)))
        };
        let mut held: Vec<u32> =
            self.scene.alerts.iter().flat_map(|alert| derived.entities_of(*alert)).copied().collect();
        held.sort_unstable();
        held.dedup();
        for entity in held {
            let Some(aspect) = aspect_of(derived, entity) else { continue };
            let holders = index.holders.of(entity).len();
            if holders >= policy.summary.similar.common_entity as usize {
                continue;
            }
            let kind = derived.shown(&self.book.store, entity).0;
            let link = policy.correlate.kinds.get(kind.as_str()).map_or(kind.link_rule().weight, |rule| rule.weight);
            let weight = weight(holders) * (link * 100.0).round() as u64;
            if weight > 0 {
                for other in past(entity) {
                    candidates.entry(other).or_default().share(aspect, weight, entity);
                }
            }
        }
        let terms = index.terms.of(incident);
        let too_common = |feature: &u32| index.holders.of(*feature).len() > policy.summary.similar.common_term as usize;
        let (common, telling): (Vec<u32>, Vec<u32>) = terms.iter().copied().partition(too_common);
        let told = |feature: u32| {
            let weight = weight(index.holders.of(feature).len());
            index.term(feature).map(|(aspect, _)| (aspect, weight))
        };
        for feature in telling {
            let Some((aspect, weight)) = told(feature) else { continue };
            for other in past(feature) {
                candidates.entry(other).or_default().share(aspect, weight, feature);
            }
        }
        let stages = |incident: u32| index.stages.get(incident as usize).copied().unwrap_or(0);
        let totals = |incident: u32| index.totals.get(incident as usize).copied().unwrap_or_default();
        for (other, candidate) in &mut candidates {
            let theirs = index.terms.of(*other);
            for feature in common.iter().filter(|feature| theirs.binary_search(feature).is_ok()) {
                if let Some((aspect, weight)) = told(*feature) {
                    candidate.share(aspect, weight, *feature);
                }
            }
            let likeness = &mut candidate.likeness;
            let both = stages(incident) & stages(*other);
            (0..both.count_ones()).for_each(|_| likeness.share(Aspect::Stages, 1));
            let ([detectors, techniques], [of_other, of_other_techniques]) = (totals(incident), totals(*other));
            likeness.of_either(Aspect::Detectors, detectors + of_other);
            likeness.of_either(Aspect::Techniques, techniques + of_other_techniques);
            likeness
                .of_either(Aspect::Stages, u64::from((stages(incident).count_ones()) + stages(*other).count_ones()));
        }
        (candidates, common.len())
    }

    fn is_dated(&self, incident: u32) -> bool {
        let first = self.derived.correlation.alerts(incident).next();
        first.and_then(|a| self.derived.alerts.get(a as usize)).is_some_and(|alert| alert.first != UNDATED)
    }

    /// The shared facts that tell most.
    fn shared(
        &self,
        index: &SimilarIndex,
        facts: Vec<(u64, u32)>,
        names: &HashMap<u32, &str>,
    ) -> (Vec<SharedFact>, usize) {
        let (derived, store) = (self.derived, &self.book.store);
        let mut shown: Vec<(u64, SharedFact)> = facts
            .into_iter()
            .filter_map(|(weight, feature)| {
                let incidents = index.holders.of(feature).len();
                if let Some((aspect, text)) = index.term(feature) {
                    let text = store.text(text).to_owned();
                    return Some((weight, SharedFact { aspect, kind: None, id: text.clone(), name: text, incidents }));
                }
                let (kind, id) = derived.shown(store, feature);
                let rest = || id.split_once(':').map_or(id.as_str(), |(_, rest)| rest);
                let name = names.get(&feature).copied().unwrap_or_else(rest).to_owned();
                let aspect = aspect_of(derived, feature)?;
                // Weights of terms are of another scale: hundredths make them comparable.
                Some((weight / 100, SharedFact { aspect, kind: Some(kind), id, name, incidents }))
            })
            .collect();
        shown.sort_by(|(a, x), (b, y)| b.cmp(a).then(x.aspect.cmp(&y.aspect)).then_with(|| x.id.cmp(&y.id)));
        let most = self.book.policy.summary.similar.facts as usize;
        let more = shown.len().saturating_sub(most);
        (shown.into_iter().take(most).map(|(_, fact)| fact).collect(), more)
    }

    /// The last decision that closed or classified an incident.
    fn resolution(&self, incident: u32) -> Option<Resolution> {
        let alerts: Vec<u32> = self.derived.correlation.alerts(incident).collect();
        let about = self.derived.decided.about(&alerts);
        let closing = about.into_iter().rev().find(|entry| {
            let resolved = |status: &IncidentStatus| *status == IncidentStatus::Resolved;
            match &entry.decision.what {
                Choice::SetStatus { status } => resolved(status),
                Choice::Classify { .. } => true,
                _ => false,
            }
        })?;
        let decision = &closing.decision;
        Some(Resolution { by: decision.by.clone(), at: decision.at.clone(), reason: decision.reason.clone() })
    }
}
