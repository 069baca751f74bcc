//! What stands around the incident: what it hit, whom it is attributed to, indicators, relations of entities.

use indexmap::IndexMap;
use serde_json::json;

use super::bundle::{Bundle, stamp};
use super::case::{id, moment, named};
use super::facts::World;
use super::observable::{Known, is_domain_object};
use super::pattern::{confidence, pattern};
use super::{RELATIONS, cut};
use crate::graph::{EdgeKind, NodeKind};
use crate::report::CaseFile;
use crate::resolve::Relation;

/// A relationship between two objects of the bundle.
fn relate(bundle: &mut Bundle, from: &str, kind: &str, to: &str, times: (Option<String>, Option<String>)) {
    let (start, stop) = times;
    // The standard wants an end after the start.
    let stop = stop.filter(|stop| start.as_ref().is_none_or(|start| stop > start));
    let members = json!({"relationship_type": kind, "source_ref": from, "target_ref": to,
        "start_time": start, "stop_time": stop});
    bundle.add("relationship", &[from, kind, to], members);
}

/// What the incident hit, whom it is attributed to, and who answers for it.
pub(super) fn assets(bundle: &mut Bundle, case: &CaseFile, known: &Known<'_>, incident: &str) {
    for line in &case.incident.entities {
        let Some(to) = known.id(&line.id) else { continue };
        if to.starts_with("malware--") {
            relate(bundle, incident, "related-to", to, (None, None));
        } else if is_domain_object(to) {
            relate(bundle, incident, if line.impacted { "impacts" } else { "targets" }, to, (None, None));
        }
    }
    let mut actors: Vec<&str> = case.alerts.iter().filter_map(|a| a.record.actor_display_name.as_deref()).collect();
    actors.retain(|actor| !actor.is_empty());
    actors.sort_unstable();
    actors.dedup();
    for actor in actors {
        let name = bundle.text(actor);
        let of = bundle.add_shared("threat-actor", &[actor], json!({"name": name}));
        relate(bundle, incident, "attributed-to", &of, (None, None));
    }
    if let Some(owner) = case.incident.assigned_to.as_deref().filter(|owner| !owner.is_empty()) {
        let members = json!({"name": bundle.text(owner), "identity_class": "individual"});
        let of = bundle.add_shared("identity", &[&case.incident.tenant_id, "owner", owner], members);
        relate(bundle, &of, "contact-for", incident, (None, None));
    }
}

/// What is malicious and would be so elsewhere.
pub(super) fn indicators(
    bundle: &mut Bundle,
    case: &CaseFile,
    world: &World<'_>,
    known: &Known<'_>,
    left_out: &mut Vec<String>,
) {
    let incident = id(case);
    let mut without: IndexMap<&str, usize> = IndexMap::new();
    for facts in &world.entities {
        let pattern = match pattern(facts) {
            None => continue,
            Some(Ok(pattern)) => pattern,
            Some(Err(why)) => {
                *without.entry(why).or_default() += 1;
                continue;
            }
        };
        let line = facts.line;
        let members = json!({"name": named(bundle, &line.name), "description": bundle.text(&line.because),
            "indicator_types": ["malicious-activity"], "pattern": pattern, "pattern_type": "stix",
            "pattern_version": "2.1", "valid_from": moment(line.first_seen.or(case.incident.first_activity), case),
            "confidence": confidence(line.score)});
        let parts = [case.incident.tenant_id.as_str(), &case.incident.id, &line.id];
        let of = bundle.add("indicator", &parts, members);
        relate(bundle, &of, "detected", &incident, (None, None));
        if let Some(object) = known.observable(&line.id) {
            relate(bundle, &of, "related-to", object, (None, None));
        }
    }
    for (why, count) in without {
        left_out.push(format!("malicious entities without an indicator, as each is {why}: {count}"));
    }
}

/// Relations that no member of an observable says.
pub(super) fn relations(bundle: &mut Bundle, case: &CaseFile, known: &Known<'_>, left_out: &mut Vec<String>) {
    let (mut all, mut homeless) = (0, 0);
    for edge in case.graph.edges() {
        let EdgeKind::Relation(relation) = edge.kind() else { continue };
        if edge.from().kind() == NodeKind::Alert {
            continue;
        }
        let (Some(from), Some(to)) = (known.id(edge.from().id()), known.id(edge.to().id())) else {
            homeless += 1;
            continue;
        };
        if from == to || is_embedded(relation, from, to) {
            continue;
        }
        all += 1;
        if all <= RELATIONS {
            let times = (edge.first().and_then(stamp), edge.last().and_then(stamp));
            relate(bundle, from, &kebab(relation.as_str()), to, times);
        }
    }
    if homeless > 0 {
        left_out.push(format!("relations of entities that have no object: {homeless}"));
    }
    cut(left_out, "relations", RELATIONS, all);
}

/// Does a member of an observable say so already?
fn is_embedded(relation: Relation, from: &str, to: &str) -> bool {
    let between = |a: &str, b: &str| from.starts_with(a) && to.starts_with(b);
    match relation {
        Relation::Sender | Relation::Recipient => between("email-message--", "email-addr--"),
        Relation::Owner => between("email-addr--", "user-account--"),
        Relation::ResolvesTo => from.starts_with("domain-name--"),
        Relation::Address => from.starts_with("network-traffic--"),
        Relation::Instance => between("malware--", "file--"),
        _ => false,
    }
}

/// `runsAs` as `runs-as`: names of relationships have no capitals.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
