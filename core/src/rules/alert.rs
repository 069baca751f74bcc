//! A match in, an alert in Graph's form out, with the evidence that the event holds.
//!
//! `fields` reads values, `tables` says which fields mean what, `parts` takes texts apart, `evidence` builds
//! from them and `cloud` adds what clouds nest in their records. Nothing here judges: verdicts are the judge's.

mod cloud;
mod evidence;
mod fields;
mod parts;
mod tables;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::ast::{Body, Document, Level, LogSource, Node, Status};
use super::record::Record;
use crate::attack;
use fields::View;

/// Matched fields that an alert quotes.
const QUOTED_FIELDS: usize = 32;
/// Characters of a quoted value.
const QUOTED_CHARS: usize = 512;
/// Nodes of a rule that are looked at for its fields.
const RULE_NODES: usize = 10_000;

/// What an alert says of its rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleFace<'r> {
    pub(crate) id: Option<&'r str>,
    pub(crate) title: &'r str,
    pub(crate) hash: &'r str,
    pub(crate) level: Option<Level>,
    pub(crate) status: Option<Status>,
    pub(crate) description: Option<&'r str>,
    pub(crate) tags: Vec<&'r str>,
    pub(crate) logsource: Option<&'r LogSource>,
    /// Fields that the rule asks about, each once, in document order.
    pub(crate) fields: Vec<&'r str>,
    /// The extra key `roles`: field of the event and the role of what it names.
    pub(crate) roles: Vec<(&'r str, &'r str)>,
}

impl<'r> RuleFace<'r> {
    pub(crate) fn of(document: &'r Document) -> Self {
        let meta = &document.meta;
        let mut face = RuleFace {
            id: meta.id.as_deref(),
            title: &meta.title,
            hash: &document.hash,
            level: meta.level,
            status: meta.status,
            description: meta.description.as_deref(),
            tags: meta.tags.iter().map(String::as_str).collect(),
            ..RuleFace::default()
        };
        if let Body::Rule(rule) = &document.body {
            face.logsource = Some(&rule.logsource);
            let mut open: Vec<&Node> = rule.selections.iter().rev().map(|s| &s.node).collect();
            for _ in 0..RULE_NODES {
                match open.pop() {
                    None => break,
                    Some(Node::All(nodes) | Node::Any(nodes)) => open.extend(nodes.iter().rev()),
                    Some(Node::Item(item)) => {
                        let field = item.field.as_deref();
                        face.fields.extend(field.filter(|f| !face.fields.iter().any(|k| k.eq_ignore_ascii_case(f))));
                    }
                }
            }
        }
        if let Some(Value::Object(roles)) = meta.extra.get("roles") {
            face.roles = roles.iter().filter_map(|(field, role)| Some((field.as_str(), role.as_str()?))).collect();
            face.roles.sort_unstable();
        }
        face
    }
}

/// The alert of a match, as our own ingest reads it. The same rule and event always give the same alert;
/// `time` is the event's own, and an event without one gives an alert without.
pub(crate) fn alert(rule: &RuleFace<'_>, record: &dyn Record, event_id: &str, time: Option<&str>) -> Value {
    let view = View::new(record, time);
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("@odata.type", "#microsoft.graph.security.alert".into());
    put("id", id(rule, event_id).into());
    put("title", rule.title.into());
    if let Some(description) = rule.description {
        put("description", description.into());
    }
    put("severity", severity(rule.level).into());
    put("status", "new".into());
    // Graph has no service for rules of one's own outside its products.
    put("serviceSource", "unknown".into());
    put("detectionSource", "customDetection".into());
    put("productName", "casegraph".into());
    put("detectorId", rule.id.unwrap_or(rule.hash).into());
    let categories = categories(&rule.tags);
    if let Some(first) = categories.first() {
        put("category", first.clone().into());
        put("categories", categories.into());
    }
    put("mitreTechniques", techniques(&rule.tags).into());
    if let Some(time) = view.time() {
        for key in ["createdDateTime", "firstActivityDateTime", "lastActivityDateTime", "lastUpdateDateTime"] {
            put(key, time.into());
        }
    }
    let (evidence, left_out) = evidence::of(&view, &rule.roles, &rule.fields);
    put("evidence", Value::Array(evidence));
    put("additionalData", additional(rule, &view, event_id, left_out));
    Value::Object(out)
}

fn id(rule: &RuleFace<'_>, event_id: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(rule.id.unwrap_or(rule.hash));
    digest.update(b"\n");
    digest.update(event_id);
    let bytes: [u8; 32] = digest.finalize().into();
    let hex: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("cg-{hex}")
}

fn severity(level: Option<Level>) -> &'static str {
    match level {
        None => "unknown",
        Some(Level::Informational) => "informational",
        Some(Level::Low) => "low",
        Some(Level::Medium) => "medium",
        Some(Level::High | Level::Critical) => "high",
    }
}

/// Graph writes tactics in one word: `CommandAndControl`.
fn categories(tags: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for tactic in tags.iter().filter_map(|tag| attack::tactic(attack_tag(tag)?)) {
        let name: String = tactic.name.split(' ').map(capital).collect();
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Techniques as tagged, whether the table knows them or not: rules are often newer than it.
fn techniques(tags: &[&str]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for tag in tags.iter().filter_map(|tag| attack_tag(tag)) {
        let (technique, sub) = tag.split_once('.').unwrap_or((tag, "000"));
        let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        let is_technique = technique.strip_prefix(['t', 'T']).is_some_and(|number| digits(number, 4));
        let tag = tag.to_ascii_uppercase();
        if is_technique && digits(sub, 3) && !out.contains(&tag) {
            out.push(tag);
        }
    }
    out
}

fn attack_tag(tag: &str) -> Option<&str> {
    tag.split_at_checked("attack.".len()).filter(|(prefix, _)| prefix.eq_ignore_ascii_case("attack.")).map(|(_, t)| t)
}

fn additional(rule: &RuleFace<'_>, view: &View<'_>, event_id: &str, left_out: u64) -> Value {
    let mut matched = Map::new();
    for field in rule.fields.iter().take(QUOTED_FIELDS) {
        let values = view.quoted(field, QUOTED_CHARS);
        match values.as_slice() {
            [] => {}
            [one] => _ = matched.insert((*field).to_owned(), one.clone().into()),
            several => _ = matched.insert((*field).to_owned(), several.to_vec().into()),
        }
    }
    let mut out = json!({
        "ruleHash": rule.hash,
        "eventId": event_id,
        "tags": rule.tags,
        "matchedFields": matched,
    });
    let optional = [
        ("ruleId", rule.id.map(Into::into)),
        ("ruleLevel", rule.level.and_then(|level| serde_json::to_value(level).ok())),
        ("ruleStatus", rule.status.and_then(|status| serde_json::to_value(status).ok())),
        ("logsource", rule.logsource.map(logsource)),
    ];
    let shortened = view.shortened();
    if let Value::Object(members) = &mut out {
        members.extend(optional.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        if !shortened.is_empty() {
            members.insert("shortenedFields".to_owned(), shortened.into());
        }
        if left_out > 0 {
            members.insert("evidenceLeftOut".to_owned(), left_out.into());
        }
    }
    out
}

fn logsource(logsource: &LogSource) -> Value {
    let parts = [("category", &logsource.category), ("product", &logsource.product), ("service", &logsource.service)];
    Value::Object(parts.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v.clone()?.into()))).collect())
}

/// The device that an event is about, lower case and without its domain.
pub(crate) fn host(record: &dyn Record) -> Option<String> {
    let name = View::new(record, None).first(tables::DEVICE_NAME)?.1;
    let label = name.split('.').next().unwrap_or(&name);
    let label = if name.parse::<std::net::IpAddr>().is_ok() { name.as_str() } else { label };
    Some(label.to_lowercase()).filter(|label| !label.is_empty())
}

/// The processes that an event is about, and their parents, each under every name that it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Processes {
    pub(crate) own: Vec<String>,
    pub(crate) parents: Vec<String>,
}

/// Names of processes, the same in every event of one device. A process has one for its GUID, one for its
/// number and start, and one for the bare number when no start is known: numbers are used again, so the
/// caller has to look at the time too.
pub(crate) fn processes(record: &dyn Record) -> Processes {
    let mut out = Processes::default();
    let Some(host) = host(record) else { return out };
    let view = View::new(record, None);
    for row in tables::PROCESSES {
        names(&view, &host, &row.own, &mut out.own);
        if let Some(parent) = &row.parent {
            names(&view, &host, parent, &mut out.parents);
        }
    }
    out
}

fn names(view: &View<'_>, host: &str, process: &tables::Run, out: &mut Vec<String>) {
    let run = view.run(process);
    let mut put = |key: String| {
        if !out.contains(&key) {
            out.push(key);
        }
    };
    if let Some(guid) = &run.guid {
        put(format!("{host}|{guid}"));
    }
    match (run.pid, run.start.or(run.begun)) {
        (Some(pid), Some(start)) => put(format!("{host}|{pid}@{start}")),
        (Some(pid), None) => put(format!("{host}|{pid}")),
        _ => {}
    }
}
