//! Sentinel entities: objects that refer to each other by `$id` and `$ref`.
//!
//! Every entity becomes one evidence, also one that stands only inside of another. A view of the entity that
//! a reference leads to is built in where Graph has a place for it (a process's image file, parent and
//! account). The other references stay, and so does `$id`, so that no link is lost. Views are built to a
//! fixed depth: cycles are harmless.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::convert::{self, Object, Source};
use super::tables::{BASE, LOCATION, TYPES, VIEWS, View};
use crate::error::{Problem, ProblemCode};

/// Parent process, its image file, the file's hash.
const MAX_VIEW_DEPTH: usize = 3;

/// Views of all entities together may be this many times as big as the entities.
const VIEW_FACTOR: usize = 16;

struct Node {
    path: String,
    members: Object,
    weight: usize,
    /// A hash that its file says: no evidence of its own.
    folded: bool,
}

#[derive(Default)]
struct Nodes {
    nodes: Vec<Node>,
    by_id: BTreeMap<String, usize>,
    /// Ids of objects that are no entities, such as a location.
    values: BTreeSet<String>,
    references: Vec<(String, String)>,
    budget: usize,
    over_budget: bool,
}

/// Takes a member that holds a list of entities and gives their evidence.
pub(super) fn convert(source: &mut Source<'_>, name: &str) -> Vec<Value> {
    let mut nodes = Nodes::default();
    let mut bad = Vec::new();
    for (path, item) in source.items(name) {
        match item {
            Value::Object(members) if !is_reference(&members) => {
                nodes.enter(path, members);
            }
            Value::Object(_) => {
                nodes.extract(path, item.clone());
                bad.push(item);
            }
            other => {
                source.problem(ProblemCode::WrongType, path, "expected an entity");
                bad.push(other);
            }
        }
    }
    // A reference in the list itself says nothing more when the entity is there.
    bad.retain(|item| nodes.target(item).is_none());
    if !bad.is_empty() {
        source.keep(name, Value::Array(bad));
    }
    let mut problems = Vec::new();
    let evidence = nodes.evidence(&mut problems);
    for problem in problems {
        source.problem(problem.code, problem.path, problem.message);
    }
    evidence
}

/// The evidence of an entity that stands alone, first its own.
pub(in super::super) fn single(members: Object, path: &str, problems: &mut Vec<Problem>) -> Vec<Value> {
    let mut nodes = Nodes::default();
    nodes.enter(path.to_owned(), members);
    nodes.evidence(problems)
}

fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_reference(members: &Object) -> bool {
    members.len() == 1 && members.contains_key("$ref")
}

fn reference(value: &Value) -> Option<String> {
    let members = value.as_object().filter(|members| is_reference(members))?;
    members.get("$ref").and_then(id_text)
}

/// A path one step deeper; a path that has grown long already stays as it is.
fn step(path: &str, name: &str) -> String {
    if path.len() + name.len() > 400 { path.to_owned() } else { format!("{path}.{name}") }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 16,
        Value::Array(items) => items.iter().map(weight).sum::<usize>() + 16,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + weight(value)).sum::<usize>() + 16,
        _ => 16,
    }
}

/// Whether an entity says again what a node says; inner entities of the node are references already.
fn repeats(node: &Object, members: &Object) -> bool {
    node.len() == members.len()
        && members.iter().all(|(name, value)| match node.get(name) {
            Some(there) if there == value => true,
            Some(there) => {
                let inner = value.get("$id").and_then(id_text);
                inner.is_some() && reference(there) == inner
            }
            None => false,
        })
}

impl Nodes {
    /// Adds an entity, with those that stand inside of it, and says under which id.
    fn enter(&mut self, path: String, mut members: Object) -> String {
        let own = members.get("$id").and_then(id_text);
        if let Some(id) = &own
            && let Some(node) = self.by_id.get(id).and_then(|&at| self.nodes.get(at))
            && repeats(&node.members, &members)
        {
            return id.clone();
        }
        let at = self.nodes.len();
        let id = own.filter(|id| !self.by_id.contains_key(id)).unwrap_or_else(|| {
            let mut id = format!("inner-{at}");
            while self.by_id.contains_key(&id) {
                id.push('\'');
            }
            id
        });
        members.entry("$id").or_insert_with(|| id.clone().into());
        self.by_id.insert(id.clone(), at);
        self.nodes.push(Node { path: path.clone(), members: Object::new(), weight: 0, folded: false });
        let inner = |(name, value): (String, Value)| {
            let value = self.extract(step(&path, &name), value);
            (name, value)
        };
        let members = Value::Object(members.into_iter().map(inner).collect());
        let weight = weight(&members);
        if let (Some(node), Value::Object(members)) = (self.nodes.get_mut(at), members) {
            *node = Node { path, members, weight, folded: false };
        }
        self.budget = self.budget.saturating_add(weight.saturating_mul(VIEW_FACTOR));
        id
    }

    /// Turns entities inside of a value into nodes and leaves references in their place.
    /// The recursion is as deep as the JSON reader let the value be.
    fn extract(&mut self, path: String, value: Value) -> Value {
        match value {
            Value::Object(members) if is_reference(&members) => {
                if let Some(id) = members.get("$ref").and_then(id_text) {
                    self.references.push((path, id));
                }
                Value::Object(members)
            }
            Value::Object(members) if members.get("Type").is_some_and(Value::is_string) => {
                let id = self.enter(path, members);
                Value::Object(Object::from_iter([("$ref".to_owned(), id.into())]))
            }
            Value::Object(members) => {
                self.values.extend(members.get("$id").and_then(id_text));
                let inner = |(name, value): (String, Value)| {
                    let value = self.extract(step(&path, &name), value);
                    (name, value)
                };
                Value::Object(members.into_iter().map(inner).collect())
            }
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                items.map(|(index, item)| self.extract(format!("{path}[{index}]"), item)).collect()
            }
            other => other,
        }
    }

    fn target(&self, value: &Value) -> Option<usize> {
        self.by_id.get(&reference(value)?).copied()
    }

    fn evidence(&mut self, problems: &mut Vec<Problem>) -> Vec<Value> {
        for (path, id) in std::mem::take(&mut self.references) {
            if !self.by_id.contains_key(&id) && !self.values.contains(&id) {
                let message = format!("`$ref` to `{}`, which nothing has as its `$id`", convert::shorten(&id));
                problems.push(Problem::new(ProblemCode::DanglingReference, path, message));
            }
        }
        let made: Vec<Value> = (0..self.nodes.len()).filter_map(|at| self.make(at, 0, problems)).collect();
        if self.over_budget {
            let path = self.nodes.first().map_or("$", |node| &node.path);
            let message = "entities refer to big ones so often that some references were not built in";
            problems.push(Problem::new(ProblemCode::Limit, path, message));
        }
        made.into_iter().zip(&self.nodes).filter(|(_, node)| !node.folded).map(|(item, _)| item).collect()
    }

    /// The evidence of one entity; at a depth, a view of it for another one.
    fn make(&mut self, at: usize, depth: usize, problems: &mut Vec<Problem>) -> Option<Value> {
        let node = self.nodes.get(at)?;
        // A view would repeat the problems of the entity itself.
        let mut hidden = Vec::new();
        let problems = if depth == 0 { problems } else { &mut hidden };
        let mut source = Source::kusto(node.members.clone(), node.path.clone(), problems);
        let kind = source.get("Type").and_then(Value::as_str).unwrap_or_default();
        let plain: String = kind.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let Some(&(_, graph, table)) = TYPES.iter().find(|(name, ..)| *name == plain) else {
            let evidence = convert::unknown_evidence(kind);
            if plain.is_empty() {
                source.missing("Type", "the entity does not say what it is");
            }
            return Some(source.into_part(evidence));
        };
        source.take("Type");
        let mut item = convert::evidence(graph);
        source.fields(table, &mut item);
        source.fields(BASE, &mut item);
        match graph {
            "device" => full_name(&mut item),
            "user" => principal_name(&source, &mut item),
            "ip" => location(&mut source, &mut item),
            _ => {}
        }
        for &(_, member, place, view) in VIEWS.iter().filter(|(of, ..)| *of == graph) {
            let whole = matches!(view, View::One | View::Address | View::Many | View::Parent);
            if depth >= MAX_VIEW_DEPTH || (depth > 0 && whole) {
                continue;
            }
            let Some(value) = source.take(member) else {
                continue;
            };
            if self.build_in(&value, place, view, depth + 1, &mut item) {
                continue;
            }
            if value.is_object() || value.is_array() {
                source.restore(member, value);
            } else {
                source.wrong_type(member, value, "an entity or a reference to one");
            }
        }
        Some(source.into_part(item))
    }

    /// Builds what a member refers to into the evidence; if not all of it, the member has to stay.
    fn build_in(&mut self, value: &Value, place: &str, view: View, depth: usize, item: &mut Object) -> bool {
        if let Value::String(text) = value {
            let place = match view {
                View::Address => format!("{place}.ipAddress"),
                View::RegistryKey | View::Inner("ipAddress") => place.to_owned(),
                _ => return false,
            };
            let done = convert::put(item, &place, text.clone().into()).is_none();
            if let (View::Address, Some(Value::Object(address))) =
                (view, item.get_mut(place.trim_end_matches(".ipAddress")))
            {
                address.extend(convert::evidence("ip"));
            }
            return done;
        }
        let many = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let Some(targets) = many.iter().map(|value| self.target(value)).collect::<Option<Vec<_>>>() else {
            return false;
        };
        let mut list = Vec::new();
        let mut done = true;
        for target in targets {
            let Some(other) = self.view(target, depth) else {
                return false;
            };
            done &= match view {
                View::Many => {
                    list.push(Value::Object(other));
                    true
                }
                View::One | View::Address => convert::put(item, place, Value::Object(other)).is_none(),
                _ => self.build_part(other, target, place, view, item),
            };
        }
        if matches!(view, View::Many) && !list.is_empty() {
            done &= convert::put(item, place, Value::Array(list)).is_none();
        }
        done
    }

    /// An entity's evidence to be built into another, as long as all of them together are not too big.
    fn view(&mut self, target: usize, depth: usize) -> Option<Object> {
        let weight = self.nodes.get(target)?.weight;
        let Some(budget) = self.budget.checked_sub(weight) else {
            self.over_budget = true;
            return None;
        };
        self.budget = budget;
        match self.make(target, depth, &mut Vec::new())? {
            Value::Object(mut other) => {
                other.remove("$id");
                Some(other)
            }
            _ => None,
        }
    }

    fn build_part(&mut self, mut other: Object, target: usize, place: &str, view: View, item: &mut Object) -> bool {
        let kind = other.get("@odata.type").and_then(Value::as_str).unwrap_or_default();
        let is = |name| kind.strip_prefix("#microsoft.graph.security.") == Some(name);
        let moves: &[(&str, &str)] = match view {
            View::Inner(from) => {
                let Some(inner) = other.remove(from) else {
                    return false;
                };
                return convert::put(item, place, inner).is_none();
            }
            View::Parent if is("processEvidence") => &[
                ("processId", "parentProcessId"),
                ("processCreationDateTime", "parentProcessCreationDateTime"),
                ("imageFile", "parentProcessImageFile"),
            ],
            View::RegistryKey if is("registryKeyEvidence") => {
                &[("registryHive", "registryHive"), ("registryKey", "registryKey")]
            }
            View::Hashes if is("fileHashEvidence") => {
                return self.build_hash(&other, target, place, item);
            }
            _ => return false,
        };
        moves.iter().fold(true, |done, (from, to)| match other.remove(*from) {
            Some(inner) => done & convert::put(item, to, inner).is_none(),
            None => done,
        })
    }

    fn build_hash(&mut self, hash: &Object, target: usize, place: &str, item: &mut Object) -> bool {
        let member = match hash.get("algorithm").and_then(Value::as_str) {
            Some("md5") => "md5",
            Some("sha1") => "sha1",
            Some("sha256") => "sha256",
            Some("sha256ac") => "sha256Ac",
            _ => return false,
        };
        let Some(value) = hash.get("value") else {
            return false;
        };
        let done = convert::put(item, &format!("{place}.{member}"), value.clone()).is_none();
        if let Some(node) = self.nodes.get_mut(target).filter(|_| done && hash.len() == 3) {
            node.folded = true;
        }
        done
    }
}

fn full_name(device: &mut Object) {
    let text = |name: &str| device.get(name).and_then(Value::as_str);
    let (Some(host), Some(domain)) = (text("hostName"), text("dnsDomain")) else {
        return;
    };
    let full = if host.contains('.') { host.to_owned() } else { format!("{host}.{domain}") };
    device.entry("deviceDnsName").or_insert(full.into());
}

fn principal_name(source: &Source<'_>, user: &mut Object) {
    let Some(suffix) = source.get("UPNSuffix").and_then(Value::as_str) else {
        return;
    };
    let Some(Value::Object(account)) = user.get_mut("userAccount") else {
        return;
    };
    let Some(name) = account.get("accountName").and_then(Value::as_str).filter(|name| !name.contains('@')) else {
        return;
    };
    let full = format!("{name}@{suffix}");
    account.entry("userPrincipalName").or_insert(full.into());
}

fn location(source: &mut Source<'_>, address: &mut Object) {
    let Some(Value::Object(members)) = source.get("Location") else {
        return;
    };
    if is_reference(members) {
        return;
    }
    let Some(members) = source.object("Location") else {
        return;
    };
    let path = source.at("Location");
    let mut part = source.part(members, path);
    part.fields(LOCATION, address);
    let rest = part.leftover();
    if !rest.is_empty() {
        source.restore("Location", Value::Object(rest));
    }
}
