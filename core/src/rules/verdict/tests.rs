//! Rules over small incidents, from JSON to opinion and verdict.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod judged;
mod keys;
mod paths;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Evidence, VerdictRules, run};
use crate::judge::{Arc, Row, RuleFindings, Scene};
use crate::policy::{self, Policy, Rules};
use crate::resolve::extract::{Extract, flag};
use crate::rules::ast::Document;
use crate::rules::problem::{RuleProblem, RuleProblemCode};
use crate::rules::read::{self, Options};

fn documents(text: &str) -> Vec<Document> {
    let (limits, placeholders) = (read::Limits::default(), BTreeMap::new());
    let options = Options { limits: &limits, placeholders: &placeholders };
    let (documents, problems) = read::documents("test.yml", text.as_bytes(), &options);
    assert_eq!(problems, []);
    documents
}

/// A rule about `category` whose detection is `detection`, in flow style, with further keys.
fn rule(title: &str, category: &str, detection: &str, more: &str) -> String {
    let logsource = format!("{{product: casegraph, category: {category}}}");
    format!("title: {title}\nlogsource: {logsource}\ndetection: {{{detection}}}\n{more}\n---\n")
}

fn compile(text: &str) -> (VerdictRules, Vec<RuleProblem>) {
    VerdictRules::new(&documents(text), read::Limits::default().path_steps)
}

fn rules(text: &str) -> VerdictRules {
    let (rules, problems) = compile(text);
    assert_eq!(problems, []);
    rules
}

/// An incident of the given alerts, laid out as the casebook does, entities told apart by their
/// strongest identifier.
struct Incident {
    scene: Scene,
    records: Vec<(u32, Vec<u8>)>,
    /// Kind and strongest identifier of each entity.
    names: Vec<String>,
    policy: Policy,
}

fn incident(alerts: &[Value]) -> Incident {
    let mut made =
        Incident { scene: Scene::default(), records: Vec::new(), names: Vec::new(), policy: Policy::default() };
    let mut occurrences = 0;
    for (number, alert) in alerts.iter().enumerate() {
        let number = number as u32;
        let json = serde_json::to_vec(alert).unwrap();
        let extract = Extract::read_names(&json, &policy::Limits::default());
        assert!(extract.problems.is_empty(), "{:?}", extract.problems);
        let entities: Vec<u32> = extract
            .occurrences
            .iter()
            .map(|o| {
                let name = format!("{}:{}", o.kind.as_str(), extract.str(extract.ids[o.ids.0 as usize].value));
                let common = o.flags & flag::COMMON != 0;
                made.names.iter().position(|known| *known == name).unwrap_or_else(|| {
                    made.names.push(name);
                    made.scene.entities.push(made.scene.entities.len() as u32);
                    made.scene.kinds.push((o.kind, common));
                    made.names.len() - 1
                }) as u32
            })
            .collect();
        for (i, (o, entity)) in extract.occurrences.iter().zip(&entities).enumerate() {
            made.scene.rows.push(Row {
                alert: number,
                entity: *entity,
                occurrence: occurrences + i as u32,
                source: number,
                roles: o.roles,
                verdict: o.verdict,
                status: o.status,
                flags: o.flags,
            });
        }
        for edge in &extract.edges {
            let (from, to) = (entities[edge.from as usize], entities[edge.to as usize]);
            if from != to {
                made.scene.arcs.push(Arc {
                    from,
                    relation: edge.relation,
                    to,
                    alert: number,
                    source: number,
                    occurrence: occurrences + edge.from,
                });
            }
        }
        made.scene.alerts.push(number);
        made.records.push((occurrences, json));
        occurrences += entities.len() as u32;
    }
    made
}

impl Incident {
    /// The detector that the alert names, so that leaving alerts out does not change that of others; without
    /// one, two in turn.
    fn detector(&self, source: u32) -> u32 {
        let json = self.records.get(source as usize).map(|(_, json)| serde_json::from_slice::<Value>(json).unwrap());
        let named = json.as_ref().and_then(|alert| alert["detectorId"].as_str());
        named.map_or(source % 2, |id| id.bytes().fold(2, |sum, byte| sum * 31 % 1_000_003 + u32::from(byte)))
    }

    fn run(&self, rules: &VerdictRules) -> RuleFindings {
        let evidence = Evidence {
            scene: &self.scene,
            record: &|source| self.records.get(source as usize).map(|(first, json)| (*first, json.as_slice())),
            detector: &|source| self.detector(source),
            policy: &self.policy,
        };
        run(rules, &evidence)
    }

    /// `entity: title` of every opinion.
    fn fired(&self, rules: &VerdictRules) -> Vec<String> {
        let found = self.run(rules);
        let title = |rule: u32| found.words(rule).unwrap().title.clone();
        found.opinions.iter().map(|o| format!("{}: {}", self.names[o.entity as usize], title(o.rule))).collect()
    }
}

fn alert(id: &str, evidence: Value) -> Value {
    json!({ "id": id, "title": "Something odd", "severity": "medium", "category": "Execution",
        "createdDateTime": "2026-03-12T08:00:00Z", "evidence": evidence })
}

fn device() -> Value {
    json!({ "@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": "d1", "hostName": "ws-041",
        "riskScore": "high" })
}

/// A process of device `d1` with its image and, when `parent` is one, its parent.
fn process(pid: u32, image: &str, command: &str, parent: Option<(u32, &str)>) -> Value {
    let created = |pid: u32| format!("2026-03-12T07:{:02}:00Z", pid % 60);
    let mut process = json!({ "@odata.type": "#microsoft.graph.security.processEvidence", "mdeDeviceId": "d1",
        "processId": pid, "processCreationDateTime": created(pid), "processCommandLine": command,
        "imageFile": { "fileName": image, "filePath": "C:\\Work" } });
    if let Some((pid, image)) = parent {
        process["parentProcessId"] = json!(pid);
        process["parentProcessCreationDateTime"] = json!(created(pid));
        process["parentProcessImageFile"] = json!({ "fileName": image, "filePath": "C:\\Work" });
    }
    process
}

fn file(name: &str, more: Value) -> Value {
    let mut details = json!({ "fileName": name, "filePath": "C:\\Work" });
    details.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "@odata.type": "#microsoft.graph.security.fileEvidence", "mdeDeviceId": "d1", "fileDetails": details })
}
