//! The mappings and lists of a detection in, selections and resolved conditions out.

use super::condition;
use super::modifier::{self, Chain, Kind as Meaning, Refusal};
use super::tree::{Entry, Kind, Node};
use super::value;
use super::{Code, Reader, shown};
use crate::rules::ast::{Condition, Item, Node as Tree, Place, Selection, Test, Value};

/// Reads selections and conditions of a detection or a filter; `others` are keys that are neither.
pub(super) fn read(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    others: &[&str],
) -> Option<(Vec<Selection>, Vec<Condition>)> {
    let Some(entries) = node.map() else {
        let message = format!("{} as a detection, expected a mapping with selections and a `condition`", node.what());
        reader.refuse(node.place, Code::Invalid, message);
        return None;
    };
    let mut selections = Vec::new();
    for entry in entries.iter().filter(|entry| entry.key != "condition" && !others.contains(&entry.key.as_ref())) {
        if entry.key.contains('|') {
            let message = format!("selection {} has a modifier in its name, expected it at a field", shown(&entry.key));
            reader.note(entry.place, Code::Doubtful, message);
        }
        // The others are read all the same, so that all that is wrong is told at once.
        let tree = selection(reader, &entry.value).unwrap_or_else(|| Tree::Any(Vec::new()));
        selections.push(Selection { name: entry.key.to_string(), node: tree });
    }
    let Some(written) = entries.iter().find(|entry| entry.key == "condition") else {
        reader.refuse(node.place, Code::Invalid, "no `condition` in the detection, expected one");
        return None;
    };
    let conditions = conditions(reader, written, &selections)?;
    (!reader.left_out).then_some((selections, conditions))
}

fn conditions(reader: &mut Reader<'_>, written: &Entry<'_>, selections: &[Selection]) -> Option<Vec<Condition>> {
    let nodes = match &written.value.kind {
        Kind::List(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(&written.value),
    };
    if nodes.is_empty() {
        reader.refuse(written.value.place, Code::Invalid, "an empty list as `condition`, expected one or more");
        return None;
    }
    let names = selections.iter().zip(0..).map(|(selection, at)| (selection.name.as_str(), at)).collect();
    let mut terms = reader.options.limits.condition_terms;
    let mut out = Vec::with_capacity(nodes.len());
    for node in nodes {
        let Some(scalar) = node.scalar().filter(|_| !node.is_null()) else {
            let message = format!("{} as `condition`, expected a text such as `selection`", node.what());
            reader.refuse(node.place, Code::Invalid, message);
            continue;
        };
        match condition::read(&scalar.text, &names, reader.options.limits, &mut terms) {
            Ok(condition) => out.push(condition),
            Err(fault) => {
                let mut place = node.place;
                if let Some(inset) = scalar.inset {
                    place.column = place.column.saturating_add(inset).saturating_add(fault.offset);
                }
                reader.refuse(place, fault.code, fault.message);
            }
        }
    }
    if out.len() < nodes.len() || !paid(reader, written.value.place, selections, &out) {
        return None;
    }
    Some(out)
}

/// Pays for the lines that the conditions name: each is compiled as often as it is named.
fn paid(reader: &mut Reader<'_>, place: Place, selections: &[Selection], conditions: &[Condition]) -> bool {
    let lines = weight(selections, conditions);
    if reader.budget.spend(lines, 0) {
        return true;
    }
    let message =
        format!("the condition names {lines} lines of selections, more than is left of the limit `yamlNodes`");
    reader.refuse(place, Code::Limit, message);
    false
}

/// Lines of the selections that the conditions name, counted as often as they are named.
pub(in crate::rules) fn weight(selections: &[Selection], conditions: &[Condition]) -> usize {
    let lines: Vec<usize> = selections.iter().map(|selection| lines(&selection.node)).collect();
    let mut named = 0_usize;
    let mut open: Vec<&Condition> = conditions.iter().collect();
    while let Some(condition) = open.pop() {
        match condition {
            Condition::Selection(at) => {
                named = named.saturating_add(lines.get(*at as usize).copied().unwrap_or_default());
            }
            Condition::Not(inner) => open.push(inner),
            Condition::All(parts) | Condition::Any(parts) => open.extend(parts),
        }
    }
    named
}

/// How many lines of detection a selection has.
fn lines(node: &Tree) -> usize {
    match node {
        Tree::All(parts) | Tree::Any(parts) => parts.iter().map(lines).sum(),
        Tree::Item(_) => 1,
    }
}

fn selection(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Tree> {
    match &node.kind {
        Kind::Map(entries) => {
            let trees: Vec<_> = entries.iter().map(|entry| item(reader, entry)).collect();
            several(reader, node, trees, Tree::All)
        }
        Kind::List(nodes) if nodes.iter().all(|n| n.scalar().is_some()) && !nodes.is_empty() => keywords(reader, node),
        Kind::List(nodes) => {
            let trees: Vec<_> = nodes.iter().map(|node| selection(reader, node)).collect();
            several(reader, node, trees, Tree::Any)
        }
        Kind::Scalar(_) if node.is_null() => {
            let message = "nothing as a selection, expected a mapping of fields or a list";
            reader.refuse(node.place, Code::Invalid, message);
            None
        }
        Kind::Scalar(_) => keywords(reader, node),
    }
}

fn several(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    trees: Vec<Option<Tree>>,
    join: fn(Vec<Tree>) -> Tree,
) -> Option<Tree> {
    if trees.is_empty() {
        let message = "an empty selection, expected one field or more";
        reader.refuse(node.place, Code::Invalid, message);
        return None;
    }
    let mut trees = trees.into_iter().collect::<Option<Vec<_>>>()?;
    if trees.len() == 1 { trees.pop() } else { Some(join(trees)) }
}

/// Texts without a field.
fn keywords(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Tree> {
    let (_, chain) = modifier::key("").ok()?;
    values(reader, None, "", &chain, node, node.place)
}

fn item(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Option<Tree> {
    match modifier::key(&entry.key) {
        Ok((field, chain)) => values(reader, field, &entry.key, &chain, &entry.value, entry.place),
        Err(Refusal::Unknown(name)) => {
            let message =
                format!("unknown modifier {} in {}, expected one of Sigma 2.1", shown(&name), shown(&entry.key));
            reader.refuse(entry.place, Code::Unsupported, message);
            None
        }
        Err(Refusal::Illegal(message)) => {
            reader.refuse(entry.place, Code::Invalid, format!("{message}, in {}", shown(&entry.key)));
            None
        }
    }
}

fn values(
    reader: &mut Reader<'_>,
    field: Option<&str>,
    key: &str,
    chain: &Chain,
    node: &Node<'_>,
    place: Place,
) -> Option<Tree> {
    let nodes = match &node.kind {
        Kind::List(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let limit = reader.options.limits.values_per_item;
    if nodes.is_empty() {
        let message = format!("an empty list of values for {}, expected one or more", shown(key));
        reader.refuse(node.place, Code::Invalid, message);
        return None;
    }
    if nodes.len() > limit {
        let message = format!("{} values, expected at most {limit}, the limit `valuesPerItem`", nodes.len());
        reader.refuse(node.place, Code::Limit, message);
        return None;
    }
    if chain.kind == Meaning::Exists && nodes.len() > 1 {
        reader.refuse(node.place, Code::Invalid, "a list for `exists`, expected `true` or `false`");
        return None;
    }
    let mut values = Vec::with_capacity(nodes.len());
    for node in nodes {
        values.push(value::read(reader, chain, field.is_none(), node)?);
    }
    let null = |v: &Value| v.forms.contains(&Test::Null);
    if nodes.len() > 1 && values.iter().any(null) {
        let message = "nothing (null) in a list of values, expected a selection of its own; taken as one of the values";
        reader.note(node.place, Code::Doubtful, message);
    }
    if chain.all && nodes.len() == 1 {
        reader.note(place, Code::Doubtful, "`all` with a single value, expected a list");
    }
    Some(Tree::Item(Item {
        field: field.map(str::to_owned),
        key: key.to_owned(),
        all: chain.all,
        negated: chain.negated,
        values,
        place,
    }))
}
