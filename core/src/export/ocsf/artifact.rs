//! Evidence as an artifact of a finding: the objects of OCSF first, in `data` what they have no member for.

use serde_json::{Map, Value, json};

use super::{Object, is_readable};
use crate::ingest::ocsf::system;
use crate::ingest::ocsf::table::{self, HASHES, How, Row, VERDICTS};
use crate::model::{Evidence, EvidenceKind, EvidenceRole};
use crate::resolve::canon;

/// The artifact, and whether it needs the extension for Windows.
pub(super) fn artifact(evidence: &Evidence) -> (Value, bool) {
    let Ok(Value::Object(mut graph)) = serde_json::to_value(evidence) else { return (Value::Null, false) };
    let mut out = Object::new();
    if let Some(name) = graph.remove("@odata.type") {
        out.insert("name".to_owned(), name);
    }
    if let Some(verdict) = evidence.verdict.as_ref() {
        let known = VERDICTS.iter().find(|(_, _, ours)| *ours == verdict.as_str());
        let (id, caption) = known.map_or((99, verdict.as_str()), |(id, caption, _)| (*id, *caption));
        out.insert("verdict_id".to_owned(), id.into());
        out.insert("verdict".to_owned(), caption.into());
        if known.is_some() {
            graph.remove("verdict");
        }
    }
    let windows = objects(evidence, &mut graph, &mut out);
    prune(&mut graph);
    let named = ["name", "verdict", "verdict_id"];
    let bare = out.keys().all(|name| named.contains(&name.as_str()));
    // The standard wants one object at least; of what it has none for, `data` is it.
    if !graph.is_empty() || bare {
        out.insert("data".to_owned(), Value::Object(graph));
    }
    (Value::Object(out), windows)
}

/// The objects of a kind; what goes into them leaves the Graph form.
fn objects(evidence: &Evidence, graph: &mut Object, out: &mut Object) -> bool {
    let mut windows = false;
    match evidence.kind() {
        EvidenceKind::File => {
            let file = file(graph, "fileDetails");
            add(out, "file", file);
            add(out, "device", sensor(graph));
        }
        EvidenceKind::Process => {
            let process = process(graph);
            add(out, "process", process);
            add(out, "device", sensor(graph));
        }
        EvidenceKind::User => add(out, "user", user(graph)),
        EvidenceKind::Mailbox => {
            let mut user = rows(graph, table::MAILBOX, "");
            needs(&mut user, &[("name", "".into()), ("type_id", 0.into())]);
            add(out, "user", user);
        }
        EvidenceKind::Device => {
            let mut device = rows(graph, table::DEVICE, "");
            let mut os = rows(graph, table::SYSTEM, "");
            let platform = os.get("name").and_then(Value::as_str).map(system);
            needs(&mut os, &[("name", "".into()), ("type_id", platform.unwrap_or(0).into())]);
            add(&mut device, "os", os);
            needs(&mut device, &[("type_id", 0.into())]);
            add(out, "device", device);
        }
        EvidenceKind::Url => add(out, "url", rows(graph, table::URL, "")),
        EvidenceKind::Dns => add(out, "query", rows(graph, table::QUERY, "")),
        EvidenceKind::Ip => {
            let towards = [EvidenceRole::Destination, EvidenceRole::CommandAndControl];
            let to = evidence.roles.iter().any(|role| towards.contains(role));
            add(out, if to { "dst_endpoint" } else { "src_endpoint" }, rows(graph, table::IP, ""));
        }
        EvidenceKind::NetworkConnection => {
            add(out, "src_endpoint", rows(graph, table::FROM, ""));
            add(out, "dst_endpoint", rows(graph, table::TO, ""));
            if let Some(protocol) = graph.remove("protocol").filter(Value::is_string) {
                out.insert("connection_info".to_owned(), json!({"protocol_name": protocol, "direction_id": 0}));
            }
        }
        EvidenceKind::AnalyzedMessage => add(out, "email", message(graph, table::MESSAGE)),
        EvidenceKind::SubmissionMail => add(out, "email", message(graph, table::SUBMISSION)),
        EvidenceKind::RegistryKey | EvidenceKind::RegistryValue => windows = registry(graph, out),
        EvidenceKind::AzureResource => resource(graph, table::AZURE, out),
        EvidenceKind::AmazonResource => resource(graph, table::AMAZON, out),
        EvidenceKind::GoogleCloudResource => resource(graph, table::GOOGLE, out),
        _ => {}
    }
    windows
}

fn add(out: &mut Object, name: &str, object: Object) {
    let known = |(name, value): (&String, &Value)| name != "type_id" && value.as_str() != Some("");
    if object.iter().any(known) {
        out.insert(name.to_owned(), Value::Object(object));
    }
}

/// Members that the standard wants, where they are not known.
fn needs(object: &mut Object, members: &[(&str, Value)]) {
    for (name, value) in members {
        object.entry(*name).or_insert_with(|| value.clone());
    }
}

/// Moves the members of a table out of a place of the Graph form.
fn rows(graph: &mut Object, of: &[Row], below: &str) -> Object {
    let mut out = Object::new();
    for (to, from, how) in of {
        let place = if below.is_empty() { (*from).to_owned() } else { format!("{below}.{from}") };
        let Some(slot) = slot(graph, &place) else { continue };
        let fits = match how {
            How::Text | How::Only => slot.as_str().is_some_and(|text| !text.is_empty()),
            How::Int => slot.is_i64() || slot.is_u64(),
            How::Time => slot.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
        };
        if !fits {
            continue;
        }
        let value = slot.take();
        match how {
            How::Only => {
                out.insert((*to).to_owned(), json!([value]));
            }
            How::Time => {
                if let Some(at) = value.as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok()) {
                    out.insert((*to).to_owned(), at.timestamp_millis().into());
                    if is_readable(at.to_utc()) {
                        out.insert(format!("{to}_dt"), value);
                    }
                }
            }
            How::Text | How::Int => {
                out.insert((*to).to_owned(), value);
            }
        }
    }
    out
}

fn slot<'g>(graph: &'g mut Object, place: &str) -> Option<&'g mut Value> {
    match place.split_once('.') {
        None => graph.get_mut(place),
        Some((head, tail)) => match graph.get_mut(head)? {
            Value::Object(inner) => slot(inner, tail),
            _ => None,
        },
    }
}

fn file(graph: &mut Object, below: &str) -> Object {
    let mut out = rows(graph, table::FILE, below);
    let text = |name: &str| out.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let (Some(folder), Some(name)) = (text("parent_folder"), text("name")) {
        let path = canon::joined(folder, name);
        out.insert("path".to_owned(), path.into());
    }
    let mut hashes = Vec::new();
    for (id, caption, ours) in HASHES {
        if let Some(hash) =
            slot(graph, &format!("{below}.{ours}")).filter(|hash| hash.as_str().is_some_and(|h| !h.is_empty()))
        {
            hashes.push(json!({"algorithm_id": id, "algorithm": caption, "value": hash.take()}));
        }
    }
    if !hashes.is_empty() {
        out.insert("hashes".to_owned(), Value::Array(hashes));
    }
    if !out.is_empty() {
        needs(&mut out, &[("name", "".into()), ("type_id", 0.into())]);
    }
    out
}

fn process(graph: &mut Object) -> Object {
    let mut out = rows(graph, table::PROCESS, "");
    let image = file(graph, "imageFile");
    let name = image.get("name").cloned().filter(|name| name.as_str() != Some(""));
    add(&mut out, "file", image);
    out.extend(name.map(|name| ("name".to_owned(), name)));
    add(&mut out, "user", user(graph));
    let mut parent = rows(graph, table::PARENT, "");
    add(&mut parent, "file", file(graph, "parentProcessImageFile"));
    add(&mut out, "parent_process", parent);
    out
}

fn user(graph: &mut Object) -> Object {
    let mut out = rows(graph, table::USER, "userAccount");
    let ids = ["userAccount.userSid", "userAccount.azureAdUserId"];
    let mut places = ["uid", "uid_alt"].into_iter();
    for place in ids {
        let readable = |id: &str| {
            if place.ends_with("Sid") {
                id.starts_with("S-1-")
            } else {
                id.len() == 36 && id.bytes().filter(|b| *b == b'-').count() == 4
            }
        };
        let found = slot(graph, place).filter(|id| id.as_str().is_some_and(readable));
        if let Some((id, name)) = found.and_then(|id| Some((id, places.next()?))) {
            out.insert(name.to_owned(), id.take());
        }
    }
    if !out.is_empty() {
        let name = out.get("email_addr").cloned().unwrap_or_else(|| "".into());
        needs(&mut out, &[("name", name), ("type_id", 0.into())]);
    }
    out
}

fn message(graph: &mut Object, of: &[Row]) -> Object {
    let mut out = rows(graph, of, "");
    needs(&mut out, &[("from", "".into()), ("to", json!([]))]);
    out
}

/// The sensor on whose device a file or process is.
fn sensor(graph: &mut Object) -> Object {
    let mut out = Object::new();
    if let Some(id) = graph.get_mut("mdeDeviceId").filter(|id| id.as_str().is_some_and(|id| !id.is_empty())) {
        out.insert("uid".to_owned(), id.take());
        needs(&mut out, &[("type_id", 0.into())]);
    }
    out
}

/// The whole key for those who know the extension; the parts stay, as the key does not tell them.
fn registry(graph: &Object, out: &mut Object) -> bool {
    let text = |name: &str| graph.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let parts: Vec<&str> = [text("registryHive"), text("registryKey")].into_iter().flatten().collect();
    if parts.is_empty() {
        return false;
    }
    let path = parts.join("\\");
    out.insert("reg_key".to_owned(), json!({"path": path}));
    if let Some(name) = text("registryValueName") {
        let mut value = Map::new();
        value.insert("name".to_owned(), name.into());
        value.insert("path".to_owned(), path.into());
        for (to, from) in [("data", "registryValue"), ("type", "registryValueType")] {
            value.extend(text(from).map(|text| (to.to_owned(), text.into())));
        }
        out.insert("reg_value".to_owned(), Value::Object(value));
    }
    true
}

fn resource(graph: &mut Object, of: &[Row], out: &mut Object) {
    let resource = rows(graph, of, "");
    if !resource.is_empty() {
        out.insert("resources".to_owned(), json!([resource]));
    }
}

/// Takes out what is null, and what that leaves empty.
fn prune(graph: &mut Object) {
    graph.retain(|_, value| {
        if let Value::Object(inner) = value {
            let was_empty = inner.is_empty();
            prune(inner);
            return was_empty || !inner.is_empty();
        }
        !value.is_null()
    });
}
