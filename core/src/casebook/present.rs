//! Lays out one incident after the other, judges it, and puts it in words.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use hashbrown::HashMap;

use crate::correlate::SEQUENCE;
use crate::graph::{EntityGraph, GraphBuilder};
use crate::ingest::time;
use crate::judge::{Basis, Explanation, Judgement, Opinion, Outside, RuleFindings, Scene, Told, Weights, judge};
use crate::model::{AlertClassification, AlertDetermination, AlertSeverity, Choice, EvidenceRole, FactId, Verdict};
use crate::resolve::LinkReason;
use crate::resolve::extract::{Extract, flag};
use crate::resolve::store::{NONE, UNDATED};
use crate::rules::verdict::{self, Target};
use crate::rules::{RuleSet, RuleTrace};
use crate::summary::{
    Case, CaseAlert, CaseEntity, CaseLink, CaseNear, IncidentSummary, QueueLine, StageTable, Tally, stages_of,
    summarise,
};

use super::Casebook;
use super::derived::{Derived, Places};
use super::judged::{BookWords, alert_words};

/// The alerts of an incident, and what follows from them alone.
pub(super) struct CaseAlerts<'c> {
    pub(super) alerts: Vec<CaseAlert<'c>>,
    /// How rare each alert's detector is on its asset, and which it is.
    pub(super) rare: Vec<f32>,
    pub(super) detectors: Vec<u32>,
    /// The vendor's own incidents.
    pub(super) vendor: Vec<String>,
    pub(super) tenant: &'c str,
    /// Local id of each alert.
    pub(super) place: HashMap<u32, u32>,
}

/// Times, ascending.
pub(super) type Times = Arc<[DateTime<Utc>]>;

/// Memory that is reused from incident to incident.
pub(crate) struct Presenter<'c> {
    pub(super) book: &'c Casebook,
    pub(super) derived: &'c Derived,
    pub(super) stages: StageTable,
    weights: Weights,
    places: Places,
    pub(super) scene: Scene,
    /// The incident that is laid out.
    at_hand: Option<u32>,
    /// Whether it is judged.
    judged: bool,
    names: OnceLock<Arc<[String]>>,
    pub(super) judgement: Judgement,
    outside: Outside,
    /// Units of work that judging an incident may cost.
    pub(super) work: u64,
    /// Stages per text, for categories and techniques.
    known_stages: [HashMap<u32, u32>; 2],
    /// When evidence of an entity came, with a device or without.
    pub(super) seen: HashMap<(Option<u32>, Option<u32>), Times>,
}

pub(super) fn date(nanos: i64) -> Option<DateTime<Utc>> {
    (nanos != UNDATED).then(|| time::utc(nanos))
}

/// The line of an incident in the queue.
pub(super) fn queue_line(book: &Casebook, derived: &Derived, incident: u32, score: u32) -> QueueLine {
    let mut alerts = derived.correlation.alerts(incident).filter_map(|a| derived.alerts.get(a as usize)).peekable();
    let head = alerts.peek().and_then(|a| book.store.alerts.get(a.head as usize));
    let (id, tenant) = head.map_or(("", ""), |row| (book.store.alert_id(row.key), book.store.text(row.tenant)));
    let (mut count, mut first, mut last) = (0, None, None);
    for alert in alerts {
        count += 1;
        first = first.or(date(alert.first));
        last = last.max(date(alert.last));
    }
    QueueLine {
        id: id.to_owned(),
        tenant_id: tenant.to_owned(),
        score: f64::from(score) / 100.0,
        alerts: count,
        first_activity: first,
        last_activity: last,
    }
}

impl<'c> Presenter<'c> {
    pub(super) fn new(book: &'c Casebook) -> Presenter<'c> {
        Presenter {
            book,
            derived: book.derived(),
            stages: StageTable::new(book.policy.summary.attack_edition),
            weights: Weights::new(&book.policy.judge),
            places: Places::default(),
            scene: Scene::default(),
            at_hand: None,
            judged: false,
            names: OnceLock::new(),
            judgement: Judgement::default(),
            outside: Outside::default(),
            work: book.policy.judge.work,
            known_stages: Default::default(),
            seen: HashMap::new(),
        }
    }

    /// Lays out an incident, unless it is the one at hand.
    pub(super) fn lay_out(&mut self, incident: u32) {
        if self.at_hand == Some(incident) {
            return;
        }
        self.derived.scene(&self.book.store, incident, &mut self.places, &mut self.scene);
        self.at_hand = Some(incident);
        self.judged = false;
        self.names = OnceLock::new();
    }

    /// Lays out and judges an incident, once for as long as it is at hand.
    pub(super) fn judge(&mut self, incident: u32) {
        let store = &self.book.store;
        self.lay_out(incident);
        if std::mem::replace(&mut self.judged, true) {
            return;
        }
        self.outside = self.outside();
        self.outside.elsewhere = self.elsewhere(incident);
        self.outside.rules = self.findings(incident);
        let stance = |source: u32| store.stance(source);
        let policy = &self.book.policy.judge;
        judge(&self.scene, &stance, &self.outside, policy, &self.weights, self.work, &mut self.judgement);
    }

    /// What the verdict rules say of the entities of this incident; asked once.
    fn findings(&self, incident: u32) -> RuleFindings {
        let Some(rules) = self.book.rules.as_ref().map(RuleSet::verdicts).filter(|rules| !rules.is_empty()) else {
            return RuleFindings::default();
        };
        let run = || self.with_evidence(|evidence| verdict::run(rules, evidence));
        match self.derived.cache(incident) {
            Some(kept) => kept.findings.get_or_init(run).clone(),
            None => run(),
        }
    }

    /// The first of `entities` in an incident, or without any the alert.
    pub(super) fn asked(&mut self, incident: u32, alert: u32, entities: &[u32]) -> Option<Target> {
        self.judge(incident);
        Some(match entities {
            [] => Target::Alert(self.scene.alerts.iter().position(|a| *a == alert)? as u32),
            _ => Target::Entity(self.scene.entities.iter().position(|e| entities.contains(e))? as u32),
        })
    }

    /// Why a verdict rule fires, or does not, in the incident at hand.
    pub(super) fn rule_trace(&self, hash: &str, asked: Target) -> Option<RuleTrace> {
        let rules = self.book.rules.as_ref()?.verdicts();
        self.with_evidence(|evidence| verdict::explain(rules, evidence, hash, asked))
    }

    /// Shows the incident at hand to verdict rules.
    fn with_evidence<T>(&self, look: impl FnOnce(&verdict::Evidence<'_>) -> T) -> T {
        let store = &self.book.store;
        let record = |source: u32| {
            let row = store.alerts.get(source as usize)?;
            Some((row.occurrences.0, self.book.record(row.fact)?.2))
        };
        let detector = |source: u32| store.alerts.get(source as usize).map_or(0, |row| row.detector);
        look(&verdict::Evidence { scene: &self.scene, record: &record, detector: &detector, policy: &self.book.policy })
    }

    /// What other incidents say of the entities of this one.
    fn elsewhere(&self, incident: u32) -> Vec<Opinion> {
        let (store, policy) = (&self.book.store, &self.book.policy.judge);
        let mut out = Vec::new();
        for (local, entity) in self.scene.entities.iter().enumerate() {
            let opinions = self.derived.shared_opinions(store, policy, *entity).iter();
            let others = opinions.filter(|o| self.derived.correlation.incident_of(o.alert) != incident);
            out.extend(others.map(|o| Opinion { entity: local as u32, ..*o }));
        }
        out
    }

    /// Indicators and decisions on the entities of the scene.
    fn outside(&self) -> Outside {
        let index = &self.derived.outside;
        let mut out = Outside::default();
        if index.indicators.is_empty() && index.verdicts.is_empty() {
            return out;
        }
        for (local, entity) in self.scene.entities.iter().enumerate() {
            let local = local as u32;
            for i in index.indicators.get(entity).into_iter().flatten() {
                let Some((_, indicator)) = self.book.indicators.get(*i as usize) else { continue };
                let until = indicator.valid_until.as_ref().and_then(|t| t.at().timestamp_nanos_opt());
                let seen = self.scene.rows.iter().filter(|r| r.entity == local).filter_map(|r| {
                    let alert = self.scene.alerts.get(r.alert as usize)?;
                    self.derived.alerts.get(*alert as usize).map(|a| a.first)
                });
                if until.is_none_or(|until| seen.into_iter().any(|first| first <= until)) {
                    out.indicators.push((local, indicator.verdict.clone(), indicator.confidence, *i));
                }
            }
            for i in index.verdicts.get(entity).into_iter().flatten() {
                let Some(entry) = self.derived.decided.entries.get(*i as usize) else { continue };
                let here =
                    entry.decision.alerts.is_empty() || entry.alerts.iter().any(|a| self.scene.alerts.contains(a));
                if let (Choice::SetVerdict { verdict, .. }, true) = (&entry.decision.what, here) {
                    out.decisions.push((local, verdict.clone(), *i));
                }
            }
        }
        out
    }

    pub(super) fn alert_stages(&mut self, alert: u32) -> u32 {
        let store = &self.book.store;
        let Presenter { stages, known_stages: [by_category, by_technique], derived, .. } = self;
        let mut mask = 0;
        for source in derived.rows_of(alert) {
            let Some(row) = store.alerts.get(*source as usize) else { continue };
            let terms = |range: (u32, u32)| store.terms.get(range.0 as usize..range.1 as usize).unwrap_or_default();
            let categories = terms(row.categories).iter().fold(0, |mask, text| {
                mask | *by_category.entry(*text).or_insert_with(|| stages.category(store.text(*text)))
            });
            let techniques = terms(row.techniques)
                .iter()
                .map(|text| *by_technique.entry(*text).or_insert_with(|| stages.technique(store.text(*text))));
            mask |= stages_of(categories, techniques);
        }
        mask
    }

    /// Incidents with their scores in hundredths, the most urgent first; ties by the latest activity,
    /// then by the earliest alert. `O(incidents × log incidents)`, and the incidents that were touched since.
    pub(super) fn ranking(&mut self) -> Vec<(u32, u32)> {
        let correlation = &self.derived.correlation;
        let mut tally = Tally::default();
        let mut ranking: Vec<(u32, u32, i64, u64)> = Vec::with_capacity(correlation.len());
        for incident in correlation.incidents() {
            let known = self.derived.cache(incident).and_then(|cache| cache.score.get().copied());
            let (score, last) = known.unwrap_or_else(|| self.score(incident, &mut tally));
            let first = correlation.alerts(incident).next().map_or(0, |alert| correlation.place(alert));
            ranking.push((incident, score, last, first));
        }
        ranking.sort_by(|a, b| b.1.cmp(&a.1).then(b.2.cmp(&a.2)).then(a.3.cmp(&b.3)));
        ranking.into_iter().map(|(incident, score, ..)| (incident, score)).collect()
    }

    /// The score of an incident in hundredths, and its latest activity.
    fn score(&mut self, incident: u32, tally: &mut Tally) -> (u32, i64) {
        let derived = self.derived;
        self.judge(incident);
        self.tally(tally);
        let alerts = derived.correlation.alerts(incident).filter_map(|a| derived.alerts.get(a as usize));
        let last = alerts.map(|standing| standing.last).max().unwrap_or(UNDATED);
        let score = (tally.score(self.stages.len(), &self.book.policy.summary), last);
        if let Some(cache) = derived.cache(incident) {
            // Another thread may have found the same.
            let _ = cache.score.set(score);
        }
        score
    }

    /// Counts what makes the incident at hand urgent.
    pub(super) fn tally(&mut self, tally: &mut Tally) {
        let (derived, policy) = (self.derived, &self.book.policy.summary);
        tally.clear();
        for at in 0..self.scene.alerts.len() {
            let Some(alert) = self.scene.alerts.get(at).copied() else { continue };
            let Some(standing) = derived.alerts.get(alert as usize) else { continue };
            if derived.correlation.repeat_of(alert) == alert {
                let row = self.book.store.alerts.get(standing.head as usize);
                let (severity, detector) = row.map_or((0, 0), |row| (row.severity, row.detector));
                let stages = self.alert_stages(alert);
                tally.alert(severity, detector, derived.correlation.salience(alert), stages);
            }
        }
        for (judged, critical) in self.judgement.entities.iter().zip(self.criticality()) {
            if judged.verdict >= Verdict::Suspicious {
                tally.entity(judged.verdict == Verdict::Malicious, judged.score, policy);
            }
            if judged.impacted {
                tally.asset(critical, policy);
            }
        }
    }

    /// Names of the entities of the scene, as the newest alert that names each spells them.
    pub(super) fn names(&self) -> Arc<[String]> {
        Arc::clone(self.names.get_or_init(|| self.names_of(&|_| true).into()))
    }

    /// The names of those entities that are `wanted`; the others have their strongest identifier for one.
    pub(super) fn names_of(&self, wanted: &dyn Fn(u32) -> bool) -> Vec<String> {
        let mut names: Vec<Option<(bool, String)>> = vec![None; self.scene.entities.len()];
        let mut read: HashMap<u32, HashMap<u32, String>> = HashMap::new();
        for row in self.scene.rows.iter().rev().filter(|row| wanted(row.entity)) {
            let Some(slot) = names.get_mut(row.entity as usize) else { continue };
            let nested = row.flags & flag::NESTED != 0;
            // An item of its own names better than a mention.
            if slot.as_ref().is_some_and(|(from_nested, _)| !from_nested || nested) {
                continue;
            }
            let Some(source) = self.book.store.alerts.get(row.source as usize) else { continue };
            let named = read.entry(row.source).or_insert_with(|| {
                let json = self.book.record(source.fact).map_or(&[][..], |(_, _, json)| json);
                let extract = Extract::read_names(json, &self.book.policy.limits);
                extract.names.iter().map(|(at, span)| (*at, extract.str(*span).to_owned())).collect()
            });
            if let Some(name) = named.get(&(row.occurrence - source.occurrences.0)) {
                *slot = Some((nested, name.clone()));
            }
        }
        let fallback = |local: usize| {
            let entity = self.scene.entities.get(local).copied().unwrap_or(0);
            let name = self.derived.entities.name.get(entity as usize).copied().unwrap_or(0);
            self.book.store.ids.str(name).to_owned()
        };
        names
            .into_iter()
            .enumerate()
            .map(|(local, name)| name.map_or_else(|| fallback(local), |(_, name)| name))
            .collect()
    }

    pub(super) fn entity_id(&self, local: u32) -> String {
        let entity = self.scene.entities.get(local as usize).copied().unwrap_or(0);
        self.derived.entities.public_id(&self.book.store, entity)
    }

    pub(super) fn alert_words(&self, alert: u32) -> (String, String, FactId) {
        alert_words(self.book, self.derived, alert)
    }

    /// Why an entity has its verdict, in one line.
    pub(super) fn because_of(&self, local: u32, names: &[String]) -> String {
        self.explain(local, names).map_or_else(String::new, |why| why.because)
    }

    /// The explanation of an entity, as far as its reason in one line needs it.
    fn explain(&self, local: u32, names: &[String]) -> Option<Explanation> {
        let words = BookWords { book: self.book, derived: self.derived, scene: &self.scene, names, items: None };
        let Presenter { scene, judgement, weights, work, .. } = self;
        Told { scene, judgement, weights, work: *work, words: &words }.explain(local, Basis::default())
    }

    /// The alerts of the scene, as summaries show them.
    pub(super) fn case_alerts(&mut self) -> CaseAlerts<'c> {
        let (book, derived) = (self.book, self.derived);
        let store = &book.store;
        let alerts = self.scene.alerts.clone();
        let stages: Vec<u32> = alerts.iter().map(|a| self.alert_stages(*a)).collect();
        let place: HashMap<u32, u32> = alerts.iter().enumerate().map(|(local, alert)| (*alert, local as u32)).collect();
        let mut case_alerts = Vec::with_capacity(alerts.len());
        let (mut rare, mut detectors) = (Vec::new(), Vec::new());
        let mut vendor: Vec<String> = Vec::new();
        let mut tenant = "";
        let incident = alerts.first().map(|alert| derived.correlation.incident_of(*alert));
        let resolved = incident.map(|incident| book.resolved_by_investigation(incident)).unwrap_or_default();
        for (local, alert) in alerts.iter().enumerate() {
            let Some(standing) = derived.alerts.get(*alert as usize) else { continue };
            let Some(row) = store.alerts.get(standing.head as usize) else { continue };
            tenant = store.text(row.tenant);
            rare.push(derived.correlation.salience(*alert));
            detectors.push(row.detector);
            if row.vendor_incident != NONE {
                vendor.push(store.text(row.vendor_incident).to_owned());
            }
            let rows = derived.rows_of(*alert).iter().filter_map(|r| store.alerts.get(*r as usize));
            let terms = |pick: fn(&crate::resolve::store::AlertRow) -> (u32, u32)| {
                let mut list: Vec<&str> = Vec::new();
                for text in rows.clone().flat_map(|r| store.terms(pick(r))) {
                    if !list.contains(&text) {
                        list.push(text);
                    }
                }
                list
            };
            let head = derived.correlation.repeat_of(*alert);
            case_alerts.push(CaseAlert {
                id: store.alert_id(row.key),
                title: store.text(row.title),
                service: store.text(row.service),
                product: store.text(row.product),
                detector: store.text(row.detector),
                categories: terms(|r| r.categories),
                techniques: terms(|r| r.techniques),
                severity: AlertSeverity::from_index(row.severity).unwrap_or_default(),
                status: book.alert_status(*alert, row.status, &resolved),
                classification: AlertClassification::from_index(row.classification).unwrap_or_default(),
                determination: AlertDetermination::from_index(row.determination).unwrap_or_default(),
                assigned_to: store.text(row.assigned_to),
                first: date(standing.first),
                last: date(standing.last),
                stages: stages.get(local).copied().unwrap_or(0),
                repeat_of: place.get(&head).copied().filter(|_| head != *alert),
                fact: book.record(row.fact).map_or(FactId([0; 32]), |(id, ..)| id),
            });
        }
        vendor.sort_unstable();
        vendor.dedup();
        CaseAlerts { alerts: case_alerts, rare, detectors, vendor, tenant, place }
    }

    /// The summary of an incident.
    pub(super) fn summary(&mut self, incident: u32) -> IncidentSummary {
        self.judge(incident);
        let CaseAlerts { alerts: case_alerts, rare, detectors, vendor, tenant, place } = self.case_alerts();
        let alerts = self.scene.alerts.clone();
        let derived = self.derived;
        let store = &self.book.store;
        let names = self.names();
        let mut tags: Vec<Vec<&str>> = vec![Vec::new(); self.scene.entities.len()];
        for row in self.scene.rows.iter().filter(|r| r.flags & flag::TAGGED != 0) {
            if let Some(list) = tags.get_mut(row.entity as usize) {
                list.extend(store.tags(row.occurrence));
            }
        }
        let remediation = self.remediation();
        let entities: Vec<CaseEntity<'_>> = tags
            .into_iter()
            .zip(&self.scene.kinds)
            .zip(self.criticality())
            .zip(remediation)
            .enumerate()
            .filter_map(|(local, (((mut tags, (kind, _)), criticality), remediation))| {
                tags.sort_unstable();
                tags.dedup();
                Some(CaseEntity {
                    id: self.entity_id(local as u32),
                    name: names.get(local).cloned().unwrap_or_default(),
                    kind: *kind,
                    tags: tags.into_iter().map(Into::into).collect(),
                    criticality,
                    explanation: self.explain(local as u32, &names)?,
                    remediation,
                })
            })
            .collect();
        let (links, redundant, near, near_more) = self.links(incident, &place, &names);
        let case = Case {
            tenant,
            scene: &self.scene,
            judgement: &self.judgement,
            alerts: case_alerts,
            entities,
            links,
            redundant,
            near,
            near_more,
            decisions: derived.decided.about(&alerts).into_iter().map(|e| (&e.decision, e.fact)).collect(),
            vendor: vendor
                .into_iter()
                .map(|id| {
                    let name = derived.decided.vendor.get(&id).and_then(|record| record.name.clone());
                    (id, name)
                })
                .collect(),
            full: derived.correlation.is_full(incident),
            policy: &self.book.policy.summary,
            rare,
            detectors,
        };
        summarise(&case, &self.stages)
    }

    fn links(
        &mut self,
        incident: u32,
        place: &HashMap<u32, u32>,
        names: &[String],
    ) -> (Vec<CaseLink<'c>>, usize, Vec<CaseNear>, usize) {
        let (derived, store) = (self.derived, &self.book.store);
        let constraints = &derived.decided.constraints;
        // Bonds hold alerts of one incident only.
        let bonds: Vec<_> = self.scene.alerts.iter().flat_map(|alert| constraints.bonds(*alert)).copied().collect();
        let order = |a: u32, b: u32| derived.order(store, a, b);
        let found = derived.correlation.links(&derived.columns(), incident, &bonds, order);
        let known: HashMap<u32, usize> = self.scene.entities.iter().enumerate().map(|(local, e)| (*e, local)).collect();
        let show = |entity: u32| {
            let (kind, id) = derived.shown(store, entity);
            let name = known.get(&entity).and_then(|local| names.get(*local)).cloned();
            let name = name.unwrap_or_else(|| id.split_once(':').map_or(id.as_str(), |(_, rest)| rest).to_owned());
            (kind, id, name)
        };
        let local = |alert: u32| place.get(&alert).copied().unwrap_or(0);
        let links = found.tree.iter().map(|link| {
            let shared = (link.entity != NONE && link.entity != SEQUENCE).then(|| show(link.entity));
            let reason = match &shared {
                Some((kind, ..)) => kind.link_reason(),
                None if link.decision.is_some() => LinkReason::Manual,
                None if link.entity == SEQUENCE => LinkReason::TemporalProximity,
                None => LinkReason::RepeatedAlertOccurrence,
            };
            let decision = link.decision.and_then(|i| derived.decided.entries.get(i as usize)).map(|e| &e.decision);
            CaseLink { a: local(link.a), b: local(link.b), reason, shared, strength: link.strength, decision }
        });
        let near = found.near.iter().map(|near| {
            let id = |alert: u32| {
                let row = derived.alerts.get(alert as usize).and_then(|a| store.alerts.get(a.head as usize));
                row.map_or_else(String::new, |row| store.alert_id(row.key).to_owned())
            };
            let outside = derived.correlation.incident_of(near.outside);
            CaseNear {
                inside: local(near.inside),
                outside: id(near.outside),
                outside_incident: derived.correlation.alerts(outside).next().map_or_else(String::new, id),
                shared: show(near.entity),
                held: near.held,
                threshold: self.book.policy.correlate.threshold,
            }
        });
        (links.collect(), found.redundant, near.collect(), found.near_more)
    }

    /// The entity graph of an incident.
    pub(super) fn graph(&mut self, incident: u32) -> EntityGraph {
        self.judge(incident);
        let names = self.names();
        let ids: Vec<String> = (0..self.scene.entities.len() as u32).map(|local| self.entity_id(local)).collect();
        let mut graph = GraphBuilder::new();
        let times: Vec<_> = self
            .scene
            .alerts
            .iter()
            .map(|a| self.derived.alerts.get(*a as usize).and_then(|s| date(s.first)))
            .collect();
        let alerts: Vec<String> = self
            .scene
            .alerts
            .iter()
            .zip(&times)
            .map(|(alert, time)| {
                let (id, title, _) = self.alert_words(*alert);
                graph.alert(&id, &title, *time);
                id
            })
            .collect();
        for ((id, name), (kind, _)) in ids.iter().zip(names.iter()).zip(&self.scene.kinds) {
            graph.entity(id, *kind, name);
        }
        let at = |list: &'_ [String], i: u32| list.get(i as usize).cloned().unwrap_or_default();
        for row in &self.scene.rows {
            let roles = (0..16).filter(|bit| row.roles & (1 << bit) != 0).filter_map(EvidenceRole::from_index);
            let time = times.get(row.alert as usize).copied().flatten();
            graph.occurrence(
                &at(&alerts, row.alert),
                &at(&ids, row.entity),
                roles.map(|r| r.as_str().to_owned()),
                time,
            );
        }
        for arc in &self.scene.arcs {
            let time = times.get(arc.alert as usize).copied().flatten();
            graph.relation(&at(&ids, arc.from), arc.relation, &at(&ids, arc.to), &at(&alerts, arc.alert), time);
        }
        graph.build()
    }
}
