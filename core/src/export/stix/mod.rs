//! STIX 2.1: one incident as a bundle, with the Incident Core Extension.
//!
//! In: a [`CaseFile`]. Out: a bundle, and what of the incident it leaves out. Ids are in `id`, what all objects share in
//! `bundle`, what evidence says in `facts`, entities in `observable`, indicators in `pattern`, the incident with its
//! events in `case`, assets and relations in `around`, tasks and notes in `told`. Every id follows from what the object
//! is about, so that the same case file gives the same bytes, and a later one new versions of the same objects.
//!
//! Events and tasks are objects of the extension suite, a draft (20 February 2024) of the OASIS CTI committee; all else
//! is STIX as it is. Nothing of an incident that STIX has no word for is hidden in custom members: it is left out.

mod around;
mod bundle;
mod case;
mod facts;
mod id;
mod observable;
mod pattern;
mod told;

use serde_json::{Map, Value, json};

use super::Written;
use crate::report::CaseFile;

pub(super) use bundle::{Bundle, stamp};
pub(super) use case::attack_pattern;
pub(super) use facts::World;
pub(super) use id::own;
pub(super) use observable::{Known, add as add_entities};

pub(super) type Object = Map<String, Value>;

/// Entities that a bundle holds at most, the worst first.
pub(super) const ENTITIES: usize = 5_000;
/// Alerts, without repeats, the earliest first.
const EVENTS: usize = 2_000;
/// Relations between entities.
const RELATIONS: usize = 10_000;
/// Actions.
const TASKS: usize = 2_000;
/// Comments.
const NOTES: usize = 1_000;

pub(super) fn write(case: &CaseFile) -> Written {
    let mut bundle = Bundle::new(case.incident.first_activity, case.at);
    definitions(&mut bundle);
    let world = World::of(case, ENTITIES);
    let known = add_entities(&mut bundle, &world, &case.incident.tenant_id);
    let mut left_out = Vec::new();
    let incident = case::id(case);
    let events = case::events(&mut bundle, case, &world, &known, &mut left_out);
    let tasks = told::tasks(&mut bundle, case, &known, &mut left_out);
    case::incident(&mut bundle, case, events, tasks);
    around::assets(&mut bundle, case, &known, &incident);
    around::indicators(&mut bundle, case, &world, &known, &mut left_out);
    around::relations(&mut bundle, case, &known, &mut left_out);
    told::comments(&mut bundle, case, &incident, &mut left_out);
    told::verdicts(&mut bundle, case, &known);
    unsaid(case, &known, &mut left_out);
    cut(&mut left_out, "entities", ENTITIES, case.incident.entities.len());
    if bundle.shortened() > 0 {
        left_out.push(format!("texts cut after {} characters: {}", bundle::TEXT, bundle.shortened()));
    }
    told::remark(&mut bundle, &incident, &left_out);
    (bundle.write(&incident), left_out)
}

/// What STIX has no word for.
fn unsaid(case: &CaseFile, known: &observable::Known<'_>, left_out: &mut Vec<String>) {
    let mut say = |count: usize, what: &str| {
        if count > 0 {
            left_out.push(format!("{what}: {count}"));
        }
    };
    for (kind, count) in &known.homeless {
        say(*count, &format!("entities of the kind `{kind}`, which STIX has no object for or too little is known of"));
    }
    say(case.incident.near_misses.len() + case.incident.more_near_misses, "near misses");
    say(case.incident.links.kept, "reasons why alerts are in the incident");
    say(case.proofs.len(), "proofs of verdicts, of which the bundle has the sentence alone");
    say(case.response.investigations.len(), "investigations");
    let events = case.timeline.entries.iter().filter(|entry| entry.severity.is_none()).count();
    say(events + case.timeline.left_out, "raw events of the timeline");
    let done = case.activity.entries.iter().filter(|e| e.kind != crate::summary::ActivityType::Commented).count();
    say(done + case.activity.more_system, "entries of the activity log that are no comments");
    left_out.extend(case.incident.truncated.iter().chain(&case.response.truncated).cloned());
    if !case.incident.alerts.is_empty() {
        left_out.push(
            "roles and remediation states of evidence, and members of evidence that no observable has".to_owned(),
        );
    }
}

/// Says what a limit cut off.
pub(super) fn cut(left_out: &mut Vec<String>, what: &str, most: usize, all: usize) {
    if all > most {
        left_out.push(format!("{what} over the limit of {most}: {} of {all}", all - most));
    }
}

/// Ids, names and versions of the extensions, as their makers published them.
#[rustfmt::skip]
const EXTENSIONS: [(&str, &str, &str, &str, &str, &str); 3] = [
    (INCIDENT_CORE, "Incident Core Extension", "incident-core", "1.1.0", "2022-10-27T15:09:00.000Z", "property-extension"),
    (EVENT, "Event Extension", "incident-core/event", "1.0.0", "2023-05-16T20:47:23.388Z", "new-sdo"),
    (TASK, "Task Extension", "incident-core/task", "1.0.0", "2023-05-16T21:24:16.596Z", "new-sdo"),
];

pub(super) const INCIDENT_CORE: &str = "extension-definition--ef765651-680c-498d-9894-99799f2fa126";
pub(super) const EVENT: &str = "extension-definition--4ca6de00-5b0d-45ef-a1dc-ea7279ea910e";
pub(super) const TASK: &str = "extension-definition--2074a052-8be4-4932-849e-f5e7798e0030";

/// The committee that the extensions are of.
const COMMITTEE: &str = "identity--8ce3f695-d5a4-4dc8-9e93-a65af453a31a";

/// A reader needs the definitions to know the new objects.
fn definitions(bundle: &mut Bundle) {
    const FOLDER: &str =
        "https://github.com/oasis-open/cti-stix-common-objects/tree/main/extension-definition-specifications";
    let mut insert = |kind: &str, id: &str, object: Value| {
        if let Value::Object(object) = object {
            bundle.insert(kind, id, object);
        }
    };
    let began = "2020-10-19T20:51:00.000Z";
    insert(
        "identity",
        COMMITTEE,
        json!({"name": "OASIS Cyber Threat Intelligence Technical Committee",
        "identity_class": "organization", "created": began, "modified": began, "created_by_ref": COMMITTEE}),
    );
    for (id, name, folder, version, modified, kind) in EXTENSIONS {
        let created = if id == INCIDENT_CORE { began } else { modified };
        insert(
            "extension-definition",
            id,
            json!({"name": name, "schema": format!("{FOLDER}/{folder}"),
            "version": version, "extension_types": [kind], "created": created, "modified": modified,
            "created_by_ref": COMMITTEE}),
        );
    }
}
