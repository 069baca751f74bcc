//! Asks every verdict rule about every entity, alert and incident of its kind.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::fields::{Datum, Fields};
use super::subject::{Case, End, Node, Subject};
use super::{About, Limits, VerdictRule, VerdictRules, place};
use crate::ingest::canonical;
use crate::judge::{Row, RuleFindings, RuleOpinion, Scene};
use crate::model::{AlertSeverity, EvidenceRole};
use crate::resolve::extract::{Extract, flag};
use crate::rules::ast::{self, Condition, Item};
use crate::rules::literal::{self, RuleTrace};
use crate::rules::record::{Record, Scalar};

/// What rules are run over.
pub(crate) struct Evidence<'e> {
    pub(crate) scene: &'e Scene,
    /// By row of the alert columns ([`Row::source`](crate::judge::Row)): the number of its first
    /// occurrence, and its record, a Graph alert as JSON.
    pub(crate) record: &'e dyn Fn(u32) -> Option<(u32, &'e [u8])>,
    /// By the same row: its detector.
    pub(crate) detector: &'e dyn Fn(u32) -> u32,
    pub(crate) policy: &'e crate::policy::Policy,
}

/// What the rules say of the entities of one incident.
///
/// A rule that denies nothing sees an entity as all alerts together show it. One with a `not`, a null or
/// an absence is asked of each alert's view by itself, so that evidence that comes later takes no
/// finding back (G6); exculpating rules always see everything.
pub(crate) fn run(rules: &VerdictRules, evidence: &Evidence<'_>) -> RuleFindings {
    let mut found = RuleFindings { words: rules.words.clone(), ..RuleFindings::default() };
    let takes = |rule: &VerdictRule| match rule.about {
        About::Entities(kinds) => evidence.scene.kinds.iter().any(|(kind, _)| kinds.has(*kind)),
        About::Alerts | About::Incident => true,
    };
    if !rules.rules.iter().any(takes) {
        return found;
    }
    let limits = Limits::of(evidence.policy);
    let (case, mut reached) = lay_out(evidence, &limits);
    for entity in 0..case.scene.entities.len() as u32 {
        let kind = case.kind(entity);
        for (index, rule) in rules.rules.iter().enumerate().filter(|(_, rule)| rule.about.takes(kind)) {
            let index = index as u32;
            if sees(rule, &case, entity) {
                found.examined.push((entity, index));
            }
            if let Some((alert, matched)) = ask_of_entity(rule, &case, entity) {
                found.opinions.push(opinion(rule, index, entity, alert, &matched));
            }
            reached.extend(case.reached.take().map(|limit| (entity, limit)));
        }
    }
    for (index, rule) in rules.rules.iter().enumerate() {
        match rule.about {
            About::Entities(_) => {}
            About::Alerts => over_alerts(rule, index as u32, &case, &mut found, &mut reached),
            About::Incident => over_incident(rule, index as u32, &case, &mut found, &mut reached),
        }
    }
    // One rule says one thing of one entity; of several alerts the earliest shows it.
    found.opinions.sort_by_key(|o| (o.entity, o.rule, o.alert));
    found.opinions.dedup_by_key(|o| (o.entity, o.rule));
    found.reached = reached.into_iter().collect();
    found
}

/// What a rule is asked about, by its place in the scene.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Entity(u32),
    Alert(u32),
}

/// Why the rule with this hash fires or does not; of a rule over incidents, on the incident. `None` when the
/// set has no such rule with an opinion.
pub(crate) fn explain(rules: &VerdictRules, evidence: &Evidence<'_>, hash: &str, asked: Target) -> Option<RuleTrace> {
    let at = rules.words.iter().position(|words| words.hash == hash)?;
    let rule = rules.rules.get(at)?;
    let limits = Limits::of(evidence.policy);
    let (case, _) = lay_out(evidence, &limits);
    let trace = |node, view| {
        literal::explain(&rule.rule.selections, &rule.rule.conditions, &Subject { case: &case, node, view })
    };
    // The first view that shows a match, or else the first.
    let viewed = |node, views: &mut dyn Iterator<Item = u32>| {
        let mut traces = views.map(|view| trace(node, Some(view)));
        let first = traces.next().unwrap_or_else(|| trace(node, None));
        if first.matched { first } else { traces.find(|trace| trace.matched).unwrap_or(first) }
    };
    let whole = rule.grows || rule.exculpates;
    Some(match (rule.about, asked) {
        (About::Entities(kinds), Target::Entity(entity)) if kinds.has(case.kind(entity)) => {
            let node = Node::Entity(entity);
            let mut views = case.views_of(entity).iter().map(|(alert, _)| *alert);
            if whole { trace(node, None) } else { viewed(node, &mut views) }
        }
        (About::Alerts, Target::Alert(alert)) => trace(Node::Alert(alert), (!rule.grows).then_some(alert)),
        (About::Incident, _) => {
            let mut views = 0..case.alerts.len().min(limits.views) as u32;
            if rule.grows { trace(Node::Incident, None) } else { viewed(Node::Incident, &mut views) }
        }
        (about, asked) => {
            let node = match asked {
                Target::Entity(entity) => Node::Entity(entity),
                Target::Alert(alert) => Node::Alert(alert),
            };
            let mut trace = trace(node, None);
            let of = match about {
                About::Entities(_) => "entities of other kinds, give one of them",
                About::Alerts | About::Incident => "alerts, give no entity",
            };
            trace.overrule(format!("not asked: the rule is about {of}"));
            trace
        }
    })
}

/// What a rule that fits went by.
#[derive(Debug, Clone)]
struct Matched {
    /// Field and value, in words.
    words: String,
    /// Alerts that it looked at.
    looked: Arc<[u32]>,
}

fn opinion(rule: &VerdictRule, index: u32, entity: u32, alert: u32, matched: &Matched) -> RuleOpinion {
    RuleOpinion {
        entity,
        verdict: rule.verdict.clone(),
        confidence: rule.confidence,
        exculpates: rule.exculpates,
        rule: index,
        alert,
        matched: matched.words.clone(),
        looked: matched.looked.clone(),
        face: rule.face.clone(),
    }
}

/// Does a rule that looks for something bad have the fields it needs?
fn sees(rule: &VerdictRule, case: &Case<'_>, entity: u32) -> bool {
    let subject = Subject { case, node: Node::Entity(entity), view: None };
    let says = |field: &String| {
        let mut says = false;
        subject.values(field, &mut |value| says |= !matches!(value, Scalar::Null | Scalar::Text("")));
        says
    };
    rule.verdict > crate::model::Verdict::Clean && !rule.needs.is_empty() && rule.needs.iter().all(says)
}

fn ask_of_entity(rule: &VerdictRule, case: &Case<'_>, entity: u32) -> Option<(u32, Matched)> {
    let node = Node::Entity(entity);
    if rule.grows || rule.exculpates {
        let matched = ask(rule, &Subject { case, node, view: None })?;
        return Some((case.alerts_of(entity).next()?, matched));
    }
    let mut views = case.views_of(entity).iter().map(|(alert, _)| *alert);
    views.find_map(|alert| Some((alert, ask(rule, &Subject { case, node, view: Some(alert) })?)))
}

/// An alert is bad news about the artifacts that are evidence of it.
fn over_alerts(
    rule: &VerdictRule,
    index: u32,
    case: &Case<'_>,
    found: &mut RuleFindings,
    reached: &mut BTreeSet<(u32, &'static str)>,
) {
    let contextual = EvidenceRole::Contextual.index().filter(|i| *i < 16).map_or(0u16, |i| 1 << i);
    let direct = |row: &Row| row.flags & flag::NESTED == 0 && row.roles & contextual == 0;
    let mut rows = case.scene.rows.as_slice();
    for alert in 0..case.alerts.len() as u32 {
        let end = rows.partition_point(|row| row.alert <= alert);
        let (own, rest) = rows.split_at(end);
        rows = rest;
        let matched = ask(rule, &Subject { case, node: Node::Alert(alert), view: (!rule.grows).then_some(alert) });
        let limit = case.reached.take();
        for row in own.iter().filter(|row| direct(row) && is_artifact(case, row.entity)) {
            if let Some(matched) = &matched {
                found.opinions.push(opinion(rule, index, row.entity, alert, matched));
            }
            reached.extend(limit.map(|limit| (row.entity, limit)));
        }
    }
}

/// What is known of an incident as a whole speaks against what the attacker brought into it.
fn over_incident(
    rule: &VerdictRule,
    index: u32,
    case: &Case<'_>,
    found: &mut RuleFindings,
    reached: &mut BTreeSet<(u32, &'static str)>,
) {
    let ask = |view| ask(rule, &Subject { case, node: Node::Incident, view });
    let matched = if rule.grows {
        ask(None)
    } else {
        (0..case.alerts.len().min(case.limits.views) as u32).find_map(|alert| ask(Some(alert)))
    };
    let bit = |role: EvidenceRole| role.index().filter(|i| *i < 16).map_or(0u16, |i| 1 << i);
    let brought = bit(EvidenceRole::Attacker) | bit(EvidenceRole::CommandAndControl);
    let limit = case.reached.take();
    for row in case.scene.rows.iter().filter(|row| row.roles & brought != 0 && is_artifact(case, row.entity)) {
        if let Some(matched) = &matched {
            found.opinions.push(opinion(rule, index, row.entity, row.alert, matched));
        }
        reached.extend(limit.map(|limit| (row.entity, limit)));
    }
}

fn is_artifact(case: &Case<'_>, entity: u32) -> bool {
    case.scene.kinds.get(entity as usize).is_some_and(|(kind, common)| !kind.is_asset() && !common)
}

/// What a matching rule went by; none when it does not match.
fn ask(rule: &VerdictRule, subject: &Subject<'_>) -> Option<Matched> {
    let matches = || literal::matches(&rule.rule.selections, &rule.rule.conditions, subject);
    let before = subject.case.work.get();
    if !matches() {
        return None;
    }
    // Few rules match: only these are asked again, for what they looked at, at no further cost.
    let after = subject.case.work.replace(before);
    subject.case.looked.replace(Some(BTreeSet::new()));
    matches();
    let looked = subject.case.looked.replace(None).unwrap_or_default();
    subject.case.work.set(after);
    const SHOWN: usize = 2;
    let mut items = Vec::new();
    rule.rule.conditions.iter().for_each(|condition| positive(condition, &rule.rule, true, &mut items));
    let mut shown: Vec<String> = Vec::new();
    for item in items.into_iter().filter(|item| literal::item(item, subject)) {
        let held = held(item, subject).filter(|held| shown.len() < SHOWN && !shown.contains(held));
        shown.extend(held);
    }
    Some(Matched { words: shown.join(", "), looked: looked.into_iter().collect() })
}

fn positive<'r>(condition: &Condition, rule: &'r ast::Rule, yes: bool, out: &mut Vec<&'r Item>) {
    match condition {
        Condition::Selection(index) if yes => {
            if let Some(selection) = rule.selections.get(*index as usize) {
                items(&selection.node, out);
            }
        }
        Condition::Selection(_) => {}
        Condition::Not(inner) => positive(inner, rule, !yes, out),
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| positive(part, rule, yes, out));
        }
    }
}

fn items<'r>(node: &'r ast::Node, out: &mut Vec<&'r Item>) {
    match node {
        ast::Node::All(parts) | ast::Node::Any(parts) => parts.iter().for_each(|part| items(part, out)),
        ast::Node::Item(item) => out.push(item),
    }
}

/// `field` is `value`, for the first value that the item holds of.
fn held(item: &Item, subject: &Subject<'_>) -> Option<String> {
    const SHOWN: usize = 120;
    let field = item.field.as_deref()?;
    let mut found: Option<String> = None;
    let forms = || item.values.iter().flat_map(|value| &value.forms);
    subject.values(field, &mut |value| {
        if found.is_none() && forms().any(|form| literal::test(form, value, subject)) {
            found = Some(match value {
                Scalar::Null => "null".to_owned(),
                Scalar::Bool(b) => b.to_string(),
                Scalar::Int(n) => n.to_string(),
                Scalar::Float(n) => n.to_string(),
                Scalar::Text(text) => plain(text, SHOWN),
            });
        }
    });
    found.map(|value| format!("`{field}` is `{value}`"))
}

/// The beginning of a text, with what would garble a line spelt out.
fn plain(text: &str, most: usize) -> String {
    let garbles = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    let mut shown = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == most {
            shown.push('…');
            break;
        }
        if garbles(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// Members of alerts that the incident has too, as all of their values.
const OF_INCIDENT: [&str; 10] = [
    "actorDisplayName",
    "categories",
    "category",
    "detectionSource",
    "mitreTechniques",
    "productName",
    "serviceSource",
    "systemTags",
    "threatFamilyName",
    "title",
];

fn lay_out<'c>(evidence: &'c Evidence<'_>, limits: &'c Limits) -> (Case<'c>, BTreeSet<(u32, &'static str)>) {
    let scene = evidence.scene;
    let entities = scene.entities.len();
    let mut reached = BTreeSet::new();
    let mut case = Case {
        scene,
        limits,
        views: vec![Vec::new(); entities],
        merged: vec![None; entities],
        alerts: vec![Fields::default(); scene.alerts.len()],
        incident: Fields::default(),
        detectors: vec![None; scene.alerts.len()],
        arcs: ends(scene),
        members: scene.rows.iter().map(|row| (row.alert, row.entity)).collect(),
        holders: scene.rows.iter().map(|row| (row.entity, row.alert)).collect(),
        work: Cell::new(limits.work),
        reached: Cell::new(None),
        looked: RefCell::new(None),
        empty: Fields::default(),
    };
    for list in [&mut case.members, &mut case.holders] {
        list.sort_unstable();
        list.dedup();
    }
    for rows in scene.rows.chunk_by(|a, b| (a.alert, a.source) == (b.alert, b.source)) {
        let Some(first) = rows.first() else { continue };
        let Some((from, json)) = (evidence.record)(first.source) else { continue };
        let Ok(Value::Object(mut record)) = canonical::read::<Value>(json) else { continue };
        let extract = Extract::read_names(json, &evidence.policy.limits);
        let (fields, whole) = place::of_alert(&extract, &record, limits);
        for row in rows {
            if !whole {
                reached.insert((row.entity, "rules.entityFields"));
            }
            if let Some(fields) = row.occurrence.checked_sub(from).and_then(|at| fields.get(at as usize)) {
                add(&mut case, row.entity, row.alert, fields, &mut reached);
            }
        }
        record.remove("evidence");
        if let Some(slot) = case.detectors.get_mut(first.alert as usize) {
            // The newest version of an alert comes first, and says whose it is.
            slot.get_or_insert_with(|| (evidence.detector)(first.source));
        }
        if let Some(slot) = case.alerts.get_mut(first.alert as usize) {
            slot.flatten("", &record, limits);
        }
        of_incident(&record, &mut case.incident, limits);
    }
    (case, reached)
}

fn ends(scene: &Scene) -> Vec<End> {
    let arcs = scene.arcs.iter().enumerate();
    let mut ends: Vec<End> = arcs
        .flat_map(|(arc, a)| {
            [(a.from, true), (a.to, false)].map(|(entity, forward)| End {
                entity,
                alert: a.alert,
                arc: arc as u32,
                forward,
            })
        })
        .collect();
    ends.sort_unstable();
    ends
}

/// Adds what one row says of an entity to its views, and to all that is known of it.
fn add(case: &mut Case<'_>, entity: u32, alert: u32, fields: &Fields, reached: &mut BTreeSet<(u32, &'static str)>) {
    let limits = case.limits;
    let at = entity as usize;
    let (Some(views), Some(merged)) = (case.views.get_mut(at), case.merged.get_mut(at)) else { return };
    let whole = match views.last_mut() {
        Some((last, known)) if *last == alert && merged.is_none() => known.merge(fields, limits),
        None => {
            views.push((alert, fields.clone()));
            true
        }
        Some(_) => {
            let all = merged.get_or_insert_with(|| views.first().map(|(_, known)| known.clone()).unwrap_or_default());
            let whole = all.merge(fields, limits);
            let full = views.len() >= limits.views;
            match views.last_mut() {
                Some((last, known)) if *last == alert => {
                    known.merge(fields, limits);
                }
                _ if full => {
                    reached.insert((entity, "rules.entityViews"));
                }
                _ => views.push((alert, fields.clone())),
            }
            whole
        }
    };
    if !whole {
        reached.insert((entity, "rules.entityFields"));
    }
}

/// Adds what an alert says to what is known of the incident: all values of some members, and the
/// highest severity.
fn of_incident(record: &Map<String, Value>, incident: &mut Fields, limits: &Limits) {
    for name in OF_INCIDENT {
        if let Some(value) = record.get(name) {
            incident.flatten("", &Map::from_iter([(name.to_owned(), value.clone())]), limits);
        }
    }
    let severity = record.get("severity").and_then(Value::as_str).map(AlertSeverity::parse);
    let known = incident.get("severity").and_then(|known| match known {
        [Datum::Text(text)] => Some(AlertSeverity::parse(text)),
        _ => None,
    });
    if let Some(severity) = severity.filter(|new| known.is_none_or(|known| new.index() > known.index())) {
        incident.set("severity", Datum::Text(severity.as_str().into()));
    }
}
