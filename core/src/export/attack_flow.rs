//! Attack Flow 2.0.0: what the attacker did, in the order of time, as a STIX 2.1 bundle.
//!
//! In: a [`CaseFile`]. Out: an `attack-flow` with one `attack-action` for each technique that was seen, by the first
//! time that it was, and the assets that it was seen on. The order in time is all that is known: that a step made the
//! next one possible is not claimed. A step that a product stopped ends in an `attack-condition`, and the flow goes on
//! from the step before it. Steps without a time start by themselves.

use chrono::{DateTime, Utc};
use indexmap::{IndexMap, IndexSet};
use serde_json::{Value, json};

use super::Written;
use super::stix::{Bundle, ENTITIES, Known, World, add_entities, attack_pattern, cut, stamp};
use crate::attack::{self, Category, Domain, Edition, Tactic, Technique};
use crate::model::{RemediationStatus, Verdict};
use crate::report::{CaseFile, FiledAlert};
use crate::resolve::EntityKind;
use crate::summary::{AlertLine, EntityLine};

/// Steps that a flow holds at most.
const ACTIONS: usize = 1_000;
/// Titles of alerts that a step names.
const TITLES: usize = 10;

const FLOW: &str = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4";
const MAKER: &str = "identity--d673f8cb-c168-42da-8ed4-0cb26725f86c";

/// One technique, or a tactic where no technique is known, with the alerts that show it.
struct Step<'c> {
    technique: Option<Technique>,
    tactic: Option<&'static Tactic>,
    alerts: Vec<&'c AlertLine>,
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    /// What the alerts hold.
    entities: IndexSet<&'c str>,
    stopped: bool,
}

pub(super) fn write(case: &CaseFile) -> Written {
    let mut bundle = Bundle::new(case.incident.first_activity, case.at);
    let world = World::of(case, ENTITIES);
    let known = add_entities(&mut bundle, &world, &case.incident.tenant_id);
    let mut left_out = Vec::new();
    let mut all = steps(case, &mut left_out);
    cut(&mut left_out, "steps", ACTIONS, all.len());
    all.truncate(ACTIONS);
    let ids: Vec<String> = all.iter().map(|step| own_id("attack-action", case, &step.key())).collect();
    let (starts, effects) = order(&all);
    for (at, step) in all.iter().enumerate() {
        let mut next: Vec<&str> =
            effects.get(at).into_iter().flatten().filter_map(|to| ids.get(*to)).map(String::as_str).collect();
        let condition = step.stopped.then(|| condition(&mut bundle, case, step));
        next.extend(condition.as_deref());
        action(&mut bundle, case, step, &known, &next);
    }
    let start_refs: Vec<&String> = starts.iter().filter_map(|at| ids.get(*at)).collect();
    unsaid(case, &mut left_out);
    let flow = flow(&mut bundle, case, &start_refs, &left_out);
    definition(&mut bundle);
    bundle.keep(vec![flow.unwrap_or_default(), FLOW.to_owned(), MAKER.to_owned()]);
    (bundle.write(&own_id("attack-flow", case, "")), left_out)
}

fn own_id(kind: &str, case: &CaseFile, key: &str) -> String {
    super::stix::own(kind, &[&case.incident.tenant_id, &case.incident.id, key])
}

impl<'c> Step<'c> {
    fn new(technique: Option<Technique>, tactic: Option<&'static Tactic>) -> Step<'c> {
        let (alerts, entities) = (Vec::new(), IndexSet::new());
        Step { technique, tactic, alerts, start: None, end: None, entities, stopped: true }
    }

    /// An alert that shows it, with its repeats.
    fn add(&mut self, line: &'c AlertLine, group: &[&'c FiledAlert]) {
        self.alerts.push(line);
        self.start = self.start.into_iter().chain(line.time).min();
        let last = group.iter().filter_map(|alert| alert.record.last_activity_date_time.as_ref());
        self.end = last.map(|time| time.at()).chain(line.time).chain(self.end).max();
        self.entities.extend(group.iter().flat_map(|alert| alert.items.iter().flatten().map(String::as_str)));
        self.stopped &= !group.is_empty() && group.iter().all(|alert| was_stopped(alert));
    }

    fn key(&self) -> String {
        match (self.technique, self.tactic) {
            (Some(technique), _) => technique.id().to_owned(),
            (None, Some(tactic)) => tactic.id.to_owned(),
            (None, None) => self.alerts.first().map_or_else(String::new, |line| line.id.clone()),
        }
    }
}

/// The steps, by time, then along the kill chain; what has no time is last.
fn steps<'c>(case: &'c CaseFile, left_out: &mut Vec<String>) -> Vec<Step<'c>> {
    let mut filed: IndexMap<&str, Vec<&FiledAlert>> = IndexMap::new();
    for alert in &case.alerts {
        filed.entry(&alert.repeat_of).or_default().push(alert);
    }
    let mut steps: IndexMap<String, Step<'c>> = IndexMap::new();
    let (mut unknown, mut without) = (0, 0);
    for line in &case.incident.alerts {
        let group = filed.get(line.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let techniques: IndexSet<Technique> =
            line.mitre_techniques.iter().filter_map(|id| attack::technique(id)).collect();
        unknown += line.mitre_techniques.iter().filter(|id| attack::technique(id).is_none()).count();
        let named: Vec<&'static Tactic> = line.categories.iter().filter_map(|text| tactic(text)).collect();
        let alone = techniques.is_empty().then(|| named.first().map(|tactic| (None, Some(*tactic)))).flatten();
        without += usize::from(techniques.is_empty() && alone.is_none());
        let seen = techniques.into_iter().map(|technique| (Some(technique), fitting(technique, &named)));
        for (technique, tactic) in seen.chain(alone) {
            let step = Step::new(technique, tactic);
            steps.entry(step.key()).or_insert(step).add(line, group);
        }
    }
    if steps.is_empty() {
        // A flow has one step at least: then the alerts are the steps.
        for line in &case.incident.alerts {
            let group = filed.get(line.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            steps.entry(line.id.clone()).or_insert_with(|| Step::new(None, None)).add(line, group);
        }
        without = 0;
    }
    for (count, what) in [
        (unknown, "techniques that ATT&CK does not know"),
        (without, "alerts without a technique or a stage of the kill chain"),
    ] {
        if count > 0 {
            left_out.push(format!("{what}: {count}"));
        }
    }
    let mut steps: Vec<Step<'c>> = steps.into_values().collect();
    let rank = |step: &Step<'_>| {
        let chain = attack::tactics(Domain::Enterprise, Edition::V19);
        step.tactic.and_then(|tactic| chain.iter().position(|stage| stage.same_stage(tactic))).unwrap_or(usize::MAX)
    };
    steps.sort_by_cached_key(|step| (step.start.is_none(), step.start, rank(step), step.key()));
    steps
}

fn tactic(category: &str) -> Option<&'static Tactic> {
    match attack::category(category) {
        Category::Tactic(tactic) => Some(tactic),
        _ => None,
    }
}

/// The tactic that a technique served: one that the alert names, or else its first.
fn fitting(technique: Technique, named: &[&'static Tactic]) -> Option<&'static Tactic> {
    let edition = if technique.is_listed(Edition::V19) { Edition::V19 } else { Edition::V18 };
    let mut own = technique.tactics(edition);
    let first = own.clone().next();
    own.find(|tactic| named.iter().any(|named| named.same_stage(tactic))).or(first)
}

/// Did a product stop all that is bad in the alert?
fn was_stopped(alert: &FiledAlert) -> bool {
    let bad = |verdict: &Verdict| *verdict >= Verdict::Suspicious;
    let mut all = alert.record.evidence.iter().filter(|item| item.verdict.as_ref().is_some_and(bad)).peekable();
    let stopped = [Some(RemediationStatus::Prevented), Some(RemediationStatus::Blocked)];
    all.peek().is_some() && all.all(|item| stopped.contains(&item.remediation_status))
}

/// Where the flow starts, and what follows each step: those that were stopped lead nowhere.
fn order(steps: &[Step<'_>]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let (mut starts, mut effects) = (Vec::new(), vec![Vec::new(); steps.len()]);
    let mut last = None;
    for (at, step) in steps.iter().enumerate() {
        match last.filter(|_| step.start.is_some()).and_then(|last: usize| effects.get_mut(last)) {
            Some(next) => next.push(at),
            None => starts.push(at),
        }
        if !step.stopped && step.start.is_some() {
            last = Some(at);
        }
    }
    (starts, effects)
}

fn extension() -> Value {
    json!({FLOW: {"extension_type": "new-sdo"}})
}

fn action(bundle: &mut Bundle, case: &CaseFile, step: &Step<'_>, known: &Known<'_>, next: &[&str]) {
    let pattern = step.technique.and_then(|technique| attack_pattern(bundle, technique.id()));
    let lines: Vec<&EntityLine> = step.entities.iter().filter_map(|id| case.entity(id)).collect();
    let assets: Vec<String> =
        lines.iter().filter(|line| is_asset(line)).map(|line| asset(bundle, case, line, known)).collect();
    let command = lines
        .iter()
        .filter(|line| line.kind == EntityKind::Process && line.verdict >= Verdict::Suspicious)
        .filter_map(|line| Some((line.score, known.id(&line.id)?)))
        .reduce(|best, other| if other.0 > best.0 { other } else { best });
    let name = step.technique.map(Technique::name).or(step.tactic.map(|tactic| tactic.name));
    let title = step.alerts.first().map(|line| line.title.as_str()).filter(|title| !title.is_empty());
    let name = name.or(title).unwrap_or("(without a title)");
    let mut titles: Vec<&str> = step.alerts.iter().take(TITLES).map(|line| line.title.as_str()).collect();
    let more = format!("and {} more alerts", step.alerts.len().saturating_sub(TITLES));
    if step.alerts.len() > TITLES {
        titles.push(&more);
    }
    let members = json!({"name": bundle.text(name), "tactic_id": step.tactic.map(|tactic| tactic.id),
        "technique_id": step.technique.map(Technique::id), "technique_ref": pattern,
        "description": bundle.text(&titles.join("\n")), "execution_start": step.start.and_then(stamp),
        "execution_end": step.start.and(step.end).and_then(stamp), "command_ref": command.map(|(_, id)| id),
        "asset_refs": assets, "effect_refs": next, "extensions": extension()});
    bundle.add("attack-action", &[&case.incident.tenant_id, &case.incident.id, &step.key()], members);
}

fn is_asset(line: &EntityLine) -> bool {
    matches!(line.kind, EntityKind::Device | EntityKind::User | EntityKind::Mailbox | EntityKind::IotDevice)
        || (line.impacted && line.kind != EntityKind::Process)
}

fn asset(bundle: &mut Bundle, case: &CaseFile, line: &EntityLine, known: &Known<'_>) -> String {
    let impacted = if line.impacted { ", impacted" } else { "" };
    let members = json!({"name": bundle.text(&line.name), "description": format!("{}{impacted}", line.kind.as_str()),
        "object_ref": known.id(&line.id), "extensions": extension()});
    bundle.add("attack-asset", &[&case.incident.tenant_id, &case.incident.id, &line.id], members)
}

fn condition(bundle: &mut Bundle, case: &CaseFile, step: &Step<'_>) -> String {
    let members = json!({"description": "A product blocked or prevented all that was bad in this step.",
        "extensions": extension()});
    bundle.add("attack-condition", &[&case.incident.tenant_id, &case.incident.id, &step.key()], members)
}

fn flow(bundle: &mut Bundle, case: &CaseFile, starts: &[&String], left_out: &[String]) -> Option<String> {
    let description = format!(
        "Techniques in the order in which alerts first showed them. Left out:\n{}",
        left_out.iter().map(|what| format!("- {what}")).collect::<Vec<_>>().join("\n")
    );
    let title = if case.incident.title.is_empty() { "(without a title)" } else { &case.incident.title };
    let members = json!({"name": bundle.text(title), "description": bundle.text(&description), "scope": "incident",
        "start_refs": starts, "external_references": [{"source_name": "casegraph", "external_id": bundle.text(&case.incident.id)}],
        "extensions": extension()});
    (!starts.is_empty()).then(|| bundle.add("attack-flow", &[&case.incident.tenant_id, &case.incident.id, ""], members))
}

fn definition(bundle: &mut Bundle) {
    let made = "2022-08-02T19:34:35.143Z";
    let maker = json!({"name": "MITRE Center for Threat-Informed Defense", "identity_class": "organization",
        "created": made, "modified": made, "created_by_ref": MAKER});
    let definition = json!({"name": "Attack Flow", "description": "Extends STIX 2.1 with features to create Attack Flows.",
        "schema": "https://center-for-threat-informed-defense.github.io/attack-flow/stix/attack-flow-schema-2.0.0.json",
        "version": "2.0.0", "extension_types": ["new-sdo"], "created": made, "modified": made, "created_by_ref": MAKER});
    for (kind, id, object) in [("identity", MAKER, maker), ("extension-definition", FLOW, definition)] {
        if let Value::Object(object) = object {
            bundle.insert(kind, id, object);
        }
    }
}

fn unsaid(case: &CaseFile, left_out: &mut Vec<String>) {
    let it = &case.incident;
    let kept = |line: &&EntityLine| is_asset(line);
    for (count, what) in [
        (
            it.entities.iter().filter(|line| !kept(line)).count(),
            "entities that are no assets, but for the worst process of each step",
        ),
        (case.response.actions.len(), "actions of defenders"),
        (case.activity.entries.len() + case.activity.more_system, "entries of the activity log"),
        (it.near_misses.len() + it.more_near_misses, "near misses"),
        (
            case.timeline.entries.iter().filter(|e| e.severity.is_none()).count() + case.timeline.left_out,
            "raw events of the timeline",
        ),
    ] {
        if count > 0 {
            left_out.push(format!("{what}: {count}"));
        }
    }
    left_out.push("verdicts with their reasons, severities, priority and status".to_owned());
}
