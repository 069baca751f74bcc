//! Artifacts of a finding as evidence.
//!
//! An artifact that carries the name of a Graph type (`name`, as the standard suggests) becomes that evidence; any other
//! becomes one evidence for each object that it holds. What no evidence has a place for stays beside it.

use std::net::IpAddr;

use serde_json::Value;

use super::table::{self, HASHES, How, Row, VERDICTS};
use super::{chosen, inside, put, time};
use crate::ingest::convert::Kind::{Id, Int, Text};
use crate::ingest::convert::{self, Object, SOURCE_KEY, Source};
use crate::resolve::canon;

/// Evidence of one artifact.
pub(super) fn artifact(mut source: Source<'_>) -> Vec<Value> {
    let graph = source.get("name").and_then(Value::as_str).filter(|name| name.starts_with('#')).map(str::to_owned);
    match graph {
        Some(name) => vec![exact(source, &name)],
        None => {
            let verdict = chosen(&source, "verdict", &VERDICTS);
            let mut out = parts(&mut source);
            let rest = source.leftover();
            give_verdict(&mut out, verdict);
            match out.first_mut() {
                Some(first) => remember(first, rest),
                None => {
                    let mut evidence = convert::unknown_evidence("artifact");
                    evidence.extend(rest);
                    out.push(Value::Object(evidence));
                }
            }
            out
        }
    }
}

/// What a finding holds outside of its artifacts.
pub(super) fn around(source: &mut Source<'_>) -> Vec<Value> {
    let mut out = parts(source);
    for (path, malware) in source.objects("malware") {
        let mut part = source.part(malware, path);
        let mut evidence = convert::evidence("malware");
        put(&mut evidence, "name", part.read("name", Text));
        out.push(part.into_part(evidence));
    }
    out
}

/// Where nothing else names anything: hosts, addresses, URLs and hashes among the observables.
pub(super) fn observables(source: &Source<'_>, most: usize) -> Vec<Value> {
    let list = source.get("observables").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut out: Vec<Value> = Vec::new();
    for observable in list.iter().take(most) {
        let Some(value) = observable.get("value").and_then(Value::as_str).filter(|value| !value.is_empty()) else {
            continue;
        };
        let hash = HASHES.iter().find(|(_, _, name)| digits(name) == value.len());
        let (kind, place) = match (observable.get("type_id").and_then(Value::as_i64), hash) {
            (Some(1), _) => ("device", "deviceDnsName".to_owned()),
            (Some(2), _) if value.parse::<IpAddr>().is_ok() => ("ip", "ipAddress".to_owned()),
            (Some(6), _) => ("url", "url".to_owned()),
            (Some(8), Some((_, _, name))) => ("file", format!("fileDetails.{name}")),
            _ => continue,
        };
        let mut evidence = convert::evidence(kind);
        convert::put(&mut evidence, &place, value.into());
        let evidence = Value::Object(evidence);
        if !out.contains(&evidence) {
            out.push(evidence);
        }
    }
    out
}

fn digits(hash: &str) -> usize {
    match hash {
        "md5" => 32,
        "sha1" => 40,
        _ => 64,
    }
}

/// An asset has no verdict of its own, unless it is all there is.
fn give_verdict(all: &mut [Value], verdict: Option<Value>) {
    let Some(verdict) = verdict else { return };
    let asset = |item: &Value| {
        let kind = item.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
        ["device", "user", "Resource"].iter().any(|asset| kind.ends_with(&format!("{asset}Evidence")))
            || kind.ends_with(".deviceEvidence")
    };
    let only_assets = all.iter().all(asset);
    for item in all.iter_mut().filter(|item| only_assets || !asset(item)) {
        if let Value::Object(members) = item {
            put(members, "verdict", Some(verdict.clone()));
        }
    }
}

fn remember(evidence: &mut Value, rest: Object) {
    let Value::Object(members) = evidence else { return };
    if !rest.is_empty() {
        let there = members.entry(SOURCE_KEY).or_insert_with(|| Value::Object(Object::new()));
        if let Value::Object(there) = there {
            there.insert("artifact".to_owned(), Value::Object(rest));
        }
    }
}

/// One evidence for each object that is known.
fn parts(source: &mut Source<'_>) -> Vec<Value> {
    let mut out = Vec::new();
    let device = source.object("device").map(|device| {
        let path = source.at("device");
        let mut part = source.part(device, path);
        let mut evidence = convert::evidence("device");
        device_members(&mut part, &mut evidence);
        part.into_part(evidence)
    });
    let sensor = device.as_ref().and_then(|device| device.get("mdeDeviceId")).cloned();
    let mut one = |source: &mut Source<'_>, name: &str, kind: &str, read: &dyn Fn(&mut Source<'_>, &mut Object)| {
        let Some(object) = source.object(name) else { return };
        let path = source.at(name);
        let mut part = source.part(object, path);
        let mut evidence = convert::evidence(kind);
        read(&mut part, &mut evidence);
        if ["file", "process"].contains(&kind) {
            put(&mut evidence, "mdeDeviceId", sensor.clone());
        }
        out.push(part.into_part(evidence));
    };
    one(source, "process", "process", &process_members);
    one(source, "file", "file", &|part, into| file_members(part, into, "fileDetails"));
    one(source, "url", "url", &url_members);
    one(source, "email", "analyzedMessage", &|part, into| rows(part, table::MESSAGE, into, ""));
    one(source, "query", "dns", &|part, into| rows(part, table::QUERY, into, ""));
    one(source, "user", "user", &|part, into| user_members(part, into));
    if let Some(actor) = source.object("actor") {
        let path = source.at("actor");
        let mut part = source.part(actor, path);
        one(&mut part, "process", "process", &process_members);
        one(&mut part, "user", "user", &|part, into| user_members(part, into));
        let rest = part.leftover();
        if !rest.is_empty() {
            source.keep("actor", Value::Object(rest));
        }
    }
    for (name, role) in [("src_endpoint", "source"), ("dst_endpoint", "destination")] {
        let address = source.get(name).and_then(|end| end.get("ip")).is_some();
        one(source, name, if address { "ip" } else { "device" }, &|part, into| {
            if address {
                rows(part, table::IP, into, "");
            } else {
                device_members(part, into);
            }
            put(into, "roles", Some(serde_json::json!([role])));
        });
    }
    out.extend(device);
    out.extend(resources(source));
    out
}

/// Resources in a cloud, by what their ids look like.
fn resources(source: &mut Source<'_>) -> Vec<Value> {
    let mut out = Vec::new();
    for (path, resource) in source.objects("resources") {
        let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        let (uid, kind) = (text("uid"), text("type"));
        let (kind, rows_of) = if uid.starts_with("arn:") || kind.starts_with("Aws") || kind.starts_with("AWS::") {
            ("amazonResource", table::AMAZON)
        } else if uid.starts_with("//") && uid.contains("googleapis.com") {
            ("googleCloudResource", table::GOOGLE)
        } else if uid.to_ascii_lowercase().starts_with("/subscriptions/") {
            ("azureResource", table::AZURE)
        } else {
            let mut evidence = convert::unknown_evidence("resource");
            evidence.extend(source.part(resource, path).leftover());
            out.push(Value::Object(evidence));
            continue;
        };
        let mut part = source.part(resource, path);
        let mut evidence = convert::evidence(kind);
        rows(&mut part, rows_of, &mut evidence, "");
        out.push(part.into_part(evidence));
    }
    out
}

/// The evidence that an artifact says it is, with what OCSF has no member for in `data`.
fn exact(mut source: Source<'_>, name: &str) -> Value {
    let kind = name.rsplit('.').next().unwrap_or(name);
    let kind = kind.strip_suffix("Evidence").unwrap_or(kind).to_owned();
    let mut evidence = Object::new();
    evidence.insert("@odata.type".to_owned(), name.into());
    source.take("name");
    let verdict = chosen(&source, "verdict", &VERDICTS);
    let data = source.object("data").unwrap_or_default();
    inside(&mut source, "device", |part| {
        if ["device", "ioTDevice"].contains(&kind.as_str()) {
            device_members(part, &mut evidence);
        } else {
            put(&mut evidence, "mdeDeviceId", part.read("uid", Id));
            part.take("type_id");
        }
    });
    let mut read = |name: &str, read: &dyn Fn(&mut Source<'_>, &mut Object)| {
        inside(&mut source, name, |part| read(part, &mut evidence));
    };
    match kind.as_str() {
        "file" => read("file", &|part, into| file_members(part, into, "fileDetails")),
        "process" => read("process", &process_members),
        "user" => read("user", &|part, into| user_members(part, into)),
        "mailbox" => read("user", &|part, into| rows(part, table::MAILBOX, into, "")),
        "url" => read("url", &url_members),
        "dns" => read("query", &|part, into| rows(part, table::QUERY, into, "")),
        "analyzedMessage" => read("email", &|part, into| rows(part, table::MESSAGE, into, "")),
        "submissionMail" => read("email", &|part, into| rows(part, table::SUBMISSION, into, "")),
        "ip" => {
            read("src_endpoint", &|part, into| rows(part, table::IP, into, ""));
            read("dst_endpoint", &|part, into| rows(part, table::IP, into, ""));
        }
        "networkConnection" => {
            read("src_endpoint", &|part, into| rows(part, table::FROM, into, ""));
            read("dst_endpoint", &|part, into| rows(part, table::TO, into, ""));
            read("connection_info", &|part, into| {
                put(into, "protocol", part.read("protocol_name", Text));
                part.take("direction_id");
            });
        }
        "azureResource" | "amazonResource" | "googleCloudResource" => {
            let rows_of = match kind.as_str() {
                "azureResource" => table::AZURE,
                "amazonResource" => table::AMAZON,
                _ => table::GOOGLE,
            };
            for (path, resource) in source.objects("resources") {
                let mut part = source.part(resource, path);
                rows(&mut part, rows_of, &mut evidence, "");
                let rest = part.leftover();
                if !rest.is_empty() {
                    source.keep("resources", Value::Object(rest));
                }
            }
        }
        // The whole key stands in `data` in parts.
        "registryKey" | "registryValue" if data.contains_key("registryKey") => {
            source.take("reg_key");
            source.take("reg_value");
        }
        _ => {}
    }
    merge(&mut evidence, data);
    put(&mut evidence, "verdict", verdict);
    source.into_part(evidence)
}

/// Puts in what is not there yet, into objects too.
fn merge(into: &mut Object, more: Object) {
    for (name, value) in more {
        match (into.get_mut(&name), value) {
            (None, value) => {
                into.insert(name, convert::shallow(value));
            }
            (Some(Value::Object(there)), Value::Object(more)) => merge(there, more),
            _ => {}
        }
    }
}

/// Takes the members of a table below a place of the evidence. An empty text says that a member that must be there is
/// not known.
fn rows(part: &mut Source<'_>, of: &[Row], into: &mut Object, below: &str) {
    for (from, to, how) in of {
        let value = match how {
            How::Text => part.read(from, Id),
            How::Int => part.read(from, Int),
            How::Time => time(part, from),
            How::Only => only(part, from),
        };
        let Some(value) = value.filter(|value| value.as_str() != Some("")) else { continue };
        let place = if below.is_empty() { (*to).to_owned() } else { format!("{below}.{to}") };
        if let Some(other) = convert::put(into, &place, value) {
            part.keep(from, other);
        }
    }
}

/// The first of a list of texts; the others are kept.
fn only(part: &mut Source<'_>, name: &str) -> Option<Value> {
    let Some(Value::Array(mut items)) = part.read(name, crate::ingest::convert::Kind::Texts) else { return None };
    if items.len() > 1 {
        part.keep(name, Value::Array(items.split_off(1)));
    }
    items.pop()
}

fn file_members(part: &mut Source<'_>, into: &mut Object, below: &str) {
    rows(part, table::FILE, into, below);
    whole_path(part, into, below);
    part.take_if("type_id", &0.into());
    for (path, hash) in part.objects("hashes") {
        let id = hash.get("algorithm_id").and_then(super::whole);
        let name = hash.get("algorithm").and_then(Value::as_str).unwrap_or_default().to_owned();
        let known = HASHES.iter().find(|(number, caption, _)| {
            i64::try_from(*number).ok() == id || (id.is_none() && caption.eq_ignore_ascii_case(&name))
        });
        let value = hash.get("value").filter(|value| value.is_string()).cloned();
        match (known, value) {
            (Some((_, _, ours)), Some(value))
                if convert::put(into, &format!("{below}.{ours}"), value.clone()).is_none() => {}
            _ => {
                let rest = part.part(hash, path).leftover();
                part.keep("hashes", Value::Array(vec![Value::Object(rest)]));
            }
        }
    }
}

/// The full path of a file: its folder, where that is not told by itself, and its name.
fn whole_path(part: &mut Source<'_>, into: &mut Object, below: &str) {
    let Some(path) = part.get("path").and_then(Value::as_str).filter(|path| !path.is_empty()).map(str::to_owned) else {
        return;
    };
    let told = |name: &str| into.get(below)?.get(name)?.as_str();
    let (last_folder, last) = canon::split(&path);
    let (folder, name) = match (told("filePath"), told("fileName")) {
        // Anything but folder and name says something of its own, and is kept as it came.
        (Some(folder), name) if name.is_none_or(|name| canon::joined(folder, name) != path) => return,
        (Some(_), _) => ("", ""),
        // A path that does not end in the file's name is its folder.
        (None, Some(name)) if !name.eq_ignore_ascii_case(last) => (path.as_str(), ""),
        (None, name) => {
            // A root keeps its separator.
            let root = last.len() < path.len() && (last_folder.is_empty() || last_folder.ends_with(':'));
            let folder = path.get(..last_folder.len() + usize::from(root)).unwrap_or(last_folder);
            (folder, if name.is_some() { "" } else { last })
        }
    };
    let mut found = [("filePath", folder), ("fileName", name)].into_iter().filter(|(_, text)| !text.is_empty());
    if found.all(|(member, text)| convert::put(into, &format!("{below}.{member}"), text.into()).is_none()) {
        part.take_if("path", &path.as_str().into());
    }
}

fn process_members(part: &mut Source<'_>, into: &mut Object) {
    rows(part, table::PROCESS, into, "");
    inside(part, "file", |file| file_members(file, into, "imageFile"));
    inside(part, "user", |user| user_members(user, into));
    inside(part, "parent_process", |parent| {
        rows(parent, table::PARENT, into, "");
        inside(parent, "file", |file| file_members(file, into, "parentProcessImageFile"));
    });
    // A process without an image of its own is named by its file name.
    let named = part.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned);
    let image = into.get("imageFile").and_then(|image| image.get("fileName")).and_then(Value::as_str);
    match named {
        Some(name) if image == Some(&name) => {
            part.take("name");
        }
        Some(name) if !into.contains_key("imageFile") => {
            part.take("name");
            convert::put(into, "imageFile.fileName", name.into());
        }
        _ => {}
    }
}

fn user_members(part: &mut Source<'_>, into: &mut Object) {
    let same = part.get("name").is_some() && part.get("name") == part.get("email_addr");
    if same {
        part.take("name");
    }
    rows(part, table::USER, into, "userAccount");
    part.take_if("type_id", &0.into());
    for name in ["uid", "uid_alt"] {
        let Some(id) = part.get(name).and_then(Value::as_str).map(str::to_owned) else { continue };
        let dashes = id.bytes().filter(|b| *b == b'-').count();
        let place = if id.starts_with("S-1-") {
            "userAccount.userSid"
        } else if id.len() == 36 && dashes == 4 {
            "userAccount.azureAdUserId"
        } else {
            continue;
        };
        let value = part.take(name).unwrap_or_default();
        if let Some(other) = convert::put(into, place, value) {
            part.keep(name, other);
        }
    }
    // An account that only a foreign id names is named by it.
    if !into.contains_key("userAccount")
        && let Some(id) = part.get("uid").filter(|id| id.is_string()).cloned()
    {
        part.take("uid");
        convert::put(into, "userAccount.accountName", id);
    }
}

fn device_members(part: &mut Source<'_>, into: &mut Object) {
    rows(part, table::DEVICE, into, "");
    part.take_if("type_id", &0.into());
    inside(part, "os", |os| {
        rows(os, table::SYSTEM, into, "");
        if os.get("type_id").and_then(Value::as_u64) == into.get("osPlatform").and_then(Value::as_str).map(system) {
            os.take("type_id");
        }
    });
}

/// `type_id` of an operating system.
pub(crate) fn system(platform: &str) -> u64 {
    let platform = platform.to_ascii_lowercase();
    let known = [("windows", 100), ("linux", 200), ("android", 201), ("macos", 300), ("ios", 301)];
    known.iter().find(|(name, _)| platform.starts_with(name)).map_or(0, |(_, id)| *id)
}

fn url_members(part: &mut Source<'_>, into: &mut Object) {
    rows(part, table::URL, into, "");
    if !into.contains_key("url") {
        let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (scheme, host, path) = (text("scheme"), text("hostname"), text("path"));
        if !host.is_empty() {
            let scheme = if scheme.is_empty() { "https".to_owned() } else { scheme };
            let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
            into.insert("url".to_owned(), format!("{scheme}://{host}{slash}{path}").into());
        }
    }
}
