//! The tree of a document in, the document out: what all kinds have is read here, the rest handed on.

use serde_json::Value as Json;
use sha2::Digest;

use super::scalar::Typed;
use super::tree::{Entry, Kind, Node};
use super::{Code, Reader, clipped, correlation, detection, shown};
use crate::rules::ast::{Body, Document, Filter, Level, LogSource, Meta, Related, Rule, Status};

const LONGEST_TITLE: usize = 256;

/// Notes which rule problems are about from here on.
pub(super) fn identify(reader: &mut Reader<'_>, tree: &Node<'_>) {
    let text = |key: &str| tree.get(key)?.scalar().filter(|s| s.typed != Typed::Null).map(|s| clipped(&s.text));
    reader.rule = text("id").or_else(|| text("title"));
}

/// Reads a document to which collection actions have been applied.
pub(super) fn read(reader: &mut Reader<'_>, tree: &Node<'_>) -> Option<Document> {
    let entries = tree.map()?;
    let mut meta = Meta::default();
    for entry in entries {
        member(reader, &mut meta, entry);
    }
    if meta.title.trim().is_empty() {
        let place = tree.get("title").map_or(tree.place, |title| title.place);
        reader.refuse(place, Code::Invalid, "no `title`, expected a text");
    }
    let kinds = ["detection", "correlation", "filter"];
    let mut bodies = kinds.iter().filter_map(|kind| Some((*kind, tree.get(kind)?)));
    let body = match (bodies.next(), bodies.next()) {
        (None, _) => {
            let message = "neither `detection`, `correlation` nor `filter`, expected one of them";
            reader.refuse(tree.place, Code::Invalid, message);
            None
        }
        (Some((first, _)), Some((second, node))) => {
            let message = format!("`{second}` beside `{first}`, expected one of them");
            reader.refuse(node.place, Code::Invalid, message);
            None
        }
        (Some(("detection", node)), None) => rule(reader, tree, node).map(Body::Rule),
        (Some(("filter", node)), None) => filter(reader, tree, node).map(Body::Filter),
        (Some((_, node)), None) => correlation::read(reader, node).map(Body::Correlation),
    };
    let body = body.filter(|_| !reader.left_out)?;
    let source = reader.source.to_owned();
    Some(Document { meta, source, place: tree.place, hash: hash(tree), body })
}

fn member(reader: &mut Reader<'_>, meta: &mut Meta, entry: &Entry<'_>) {
    let node = &entry.value;
    let key = entry.key.as_ref();
    match key {
        "detection" | "correlation" | "filter" | "logsource" => {}
        "title" => {
            meta.title = text(reader, key, node).unwrap_or_default();
            let length = meta.title.chars().count();
            if length > LONGEST_TITLE {
                let message = format!("a `title` of {length} characters, expected at most {LONGEST_TITLE}");
                reader.note(node.place, Code::Doubtful, message);
            }
        }
        "id" => {
            meta.id = text(reader, key, node);
            if let Some(id) = meta.id.as_deref().filter(|id| !is_uuid(id)) {
                let message = format!("{} as `id`, expected a UUID", shown(id));
                reader.note(node.place, Code::Doubtful, message);
            }
        }
        "name" => meta.name = text(reader, key, node),
        "taxonomy" => meta.taxonomy = text(reader, key, node),
        "description" => meta.description = text(reader, key, node),
        "author" => meta.author = text(reader, key, node),
        "license" => meta.license = text(reader, key, node),
        "date" => meta.date = date(reader, key, node),
        "modified" => meta.modified = date(reader, key, node),
        "references" => meta.references = texts(reader, key, node),
        "fields" => meta.fields = texts(reader, key, node),
        "falsepositives" => meta.false_positives = texts(reader, key, node),
        "tags" => meta.tags = texts(reader, key, node),
        "scope" => meta.scope = texts(reader, key, node),
        "related" => meta.related = related(reader, node),
        "status" => {
            meta.status = choice(
                reader,
                key,
                node,
                &[
                    ("stable", Status::Stable),
                    ("test", Status::Test),
                    ("experimental", Status::Experimental),
                    ("deprecated", Status::Deprecated),
                    ("unsupported", Status::Unsupported),
                ],
            );
        }
        "level" => {
            meta.level = choice(
                reader,
                key,
                node,
                &[
                    ("informational", Level::Informational),
                    ("low", Level::Low),
                    ("medium", Level::Medium),
                    ("high", Level::High),
                    ("critical", Level::Critical),
                ],
            );
        }
        _ => {
            meta.extra.insert(key.to_owned(), json(node));
        }
    }
}

/// A text, or another scalar as written; nothing when the key is there without a value.
pub(super) fn text(reader: &mut Reader<'_>, key: &str, node: &Node<'_>) -> Option<String> {
    match node.scalar() {
        Some(scalar) => (scalar.typed != Typed::Null).then(|| scalar.text.clone().into_owned()),
        None => {
            reader.note(node.place, Code::Invalid, format!("{} as `{key}`, expected a text", node.what()));
            None
        }
    }
}

/// A list of texts; a single one is taken as a list of one.
pub(super) fn texts(reader: &mut Reader<'_>, key: &str, node: &Node<'_>) -> Vec<String> {
    match &node.kind {
        Kind::List(nodes) => nodes.iter().filter_map(|node| text(reader, key, node)).collect(),
        Kind::Scalar(scalar) if scalar.typed == Typed::Null => Vec::new(),
        Kind::Scalar(scalar) => {
            reader.note(node.place, Code::Doubtful, format!("a single value as `{key}`, expected a list"));
            vec![scalar.text.clone().into_owned()]
        }
        Kind::Map(_) => {
            reader.note(node.place, Code::Invalid, format!("a mapping as `{key}`, expected a list of texts"));
            Vec::new()
        }
    }
}

fn date(reader: &mut Reader<'_>, key: &str, node: &Node<'_>) -> Option<String> {
    let date = text(reader, key, node)?;
    let shape = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c });
    if !shape.clone().eq("0000-00-00".chars()) && !shape.eq("0000/00/00".chars()) {
        let message = format!("{} as `{key}`, expected a date such as `2026-01-31`", shown(&date));
        reader.note(node.place, Code::Doubtful, message);
    }
    Some(date)
}

fn choice<T: Copy>(reader: &mut Reader<'_>, key: &str, node: &Node<'_>, choices: &[(&str, T)]) -> Option<T> {
    let found = text(reader, key, node)?;
    let choice = choices.iter().find(|(name, _)| found.eq_ignore_ascii_case(name));
    if choice.is_none() {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!("{} as `{key}`, expected one of {}", shown(&found), names.join(", "));
        reader.note(node.place, Code::Invalid, message);
    }
    choice.map(|(_, value)| *value)
}

fn related(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<Related> {
    let nodes = match &node.kind {
        Kind::List(nodes) => nodes.as_slice(),
        _ if node.is_null() => &[],
        _ => std::slice::from_ref(node),
    };
    let mut out = Vec::with_capacity(nodes.len());
    for node in nodes {
        let id = node.get("id").and_then(|id| text(reader, "related.id", id));
        let kind = node.get("type").and_then(|kind| text(reader, "related.type", kind));
        let (Some(id), Some(kind)) = (id, kind) else {
            let message = format!("{} in `related`, expected a mapping with `id` and `type`", node.what());
            reader.note(node.place, Code::Invalid, message);
            continue;
        };
        if !["derived", "obsolete", "merged", "renamed", "similar"].contains(&kind.as_str()) {
            let expected = "`derived`, `obsolete`, `merged`, `renamed` or `similar`";
            let message = format!("{} as `related.type`, expected {expected}", shown(&kind));
            reader.note(node.place, Code::Doubtful, message);
        }
        out.push(Related { id, kind });
    }
    out
}

fn rule(reader: &mut Reader<'_>, tree: &Node<'_>, node: &Node<'_>) -> Option<Rule> {
    let logsource = logsource(reader, tree);
    if let Some(timeframe) = node.get("timeframe") {
        let message = "`timeframe` has no effect without an aggregation, expected a correlation rule with `timespan`";
        reader.note(timeframe.place, Code::Doubtful, message);
    }
    let (selections, conditions) = detection::read(reader, node, &["timeframe"])?;
    Some(Rule { logsource: logsource?, selections, conditions })
}

fn filter(reader: &mut Reader<'_>, tree: &Node<'_>, node: &Node<'_>) -> Option<Filter> {
    let logsource = logsource(reader, tree);
    let rules = match node.get("rules") {
        Some(rules) if rules.scalar().is_some_and(|s| s.text == "any") => Some(Vec::new()),
        Some(rules) => references(reader, "filter.rules", rules),
        None => {
            let message = "no `rules` in the filter, expected a list of ids or names, or `any`";
            reader.refuse(node.place, Code::Invalid, message);
            None
        }
    };
    let (selections, conditions) = detection::read(reader, node, &["rules"])?;
    Some(Filter { logsource: logsource?, rules: rules?, selections, conditions })
}

/// Ids or names of other rules, one or more.
pub(super) fn references(reader: &mut Reader<'_>, key: &str, node: &Node<'_>) -> Option<Vec<String>> {
    let nodes = match &node.kind {
        Kind::List(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let name = |node: &Node<'_>| node.scalar().map(|s| s.text.trim().to_owned()).filter(|name| !name.is_empty());
    let names: Option<Vec<String>> = nodes.iter().map(name).collect();
    let names = names.filter(|names| !names.is_empty());
    if names.is_none() {
        let message = format!("{} as `{key}`, expected a list of ids or names of rules", node.what());
        reader.refuse(node.place, Code::Invalid, message);
    }
    names
}

fn logsource(reader: &mut Reader<'_>, tree: &Node<'_>) -> Option<LogSource> {
    let Some(node) = tree.get("logsource") else {
        let message = "no `logsource`, expected a mapping with `category`, `product` or `service`";
        reader.refuse(tree.place, Code::Invalid, message);
        return None;
    };
    let part = |reader: &mut Reader<'_>, key: &str| -> Result<Option<String>, ()> {
        let Some(node) = node.get(key).filter(|node| !node.is_null()) else { return Ok(None) };
        match node.scalar() {
            Some(scalar) => Ok(Some(scalar.text.trim().to_lowercase().replace(' ', "_"))),
            None => {
                let message = format!("{} as `logsource.{key}`, expected a text", node.what());
                reader.refuse(node.place, Code::Invalid, message);
                Err(())
            }
        }
    };
    let (category, product, service) = (part(reader, "category"), part(reader, "product"), part(reader, "service"));
    let logsource = LogSource { category: category.ok()?, product: product.ok()?, service: service.ok()? };
    if logsource == LogSource::default() {
        let message = format!("{} as `logsource`, expected `category`, `product` or `service` in it", node.what());
        reader.refuse(node.place, Code::Invalid, message);
        return None;
    }
    Some(logsource)
}

fn is_uuid(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    let fits = |length: &usize| {
        parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    groups.iter().all(fits) && parts.next().is_none()
}

/// The value as JSON, with the types of YAML's core schema.
pub(super) fn json(node: &Node<'_>) -> Json {
    match &node.kind {
        Kind::Scalar(scalar) => match scalar.typed {
            Typed::Null => Json::Null,
            Typed::Bool(is) => Json::from(is),
            Typed::Int(n) => Json::from(n),
            Typed::Float(n) => Json::from(n),
            Typed::Text => Json::from(scalar.text.as_ref()),
        },
        Kind::List(nodes) => nodes.iter().map(json).collect(),
        Kind::Map(entries) => entries.iter().map(|entry| (entry.key.to_string(), json(&entry.value))).collect(),
    }
}

fn hash(tree: &Node<'_>) -> String {
    let mut text = Vec::with_capacity(2_048);
    write(tree, &mut text);
    sha2::Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compact JSON in document order, which a JSON value would not keep.
fn write(node: &Node<'_>, out: &mut Vec<u8>) {
    match &node.kind {
        Kind::Scalar(scalar) if scalar.typed == Typed::Text => quoted(&scalar.text, out),
        Kind::Scalar(_) => out.extend_from_slice(json(node).to_string().as_bytes()),
        Kind::List(nodes) => {
            out.push(b'[');
            for (at, node) in nodes.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(node, out);
            }
            out.push(b']');
        }
        Kind::Map(entries) => {
            out.push(b'{');
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                quoted(&entry.key, out);
                out.push(b':');
                write(&entry.value, out);
            }
            out.push(b'}');
        }
    }
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    // Writing text to memory does not fail.
    let _ = serde_json::to_writer(out, text);
}
