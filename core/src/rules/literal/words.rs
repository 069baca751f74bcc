//! Explanations in words: traces in, short text out.

use super::trace::{ItemTrace, trace};
use super::{item, node};
use crate::rules::ast::{Condition, Item, Node, Selection};
use crate::rules::record::Record;

/// Stands for the value of a field that a record does not have.
pub(super) const MISSING: &str = "missing";
/// Longest value in an explanation, in characters.
const VALUE_LIMIT: usize = 160;
/// Longest list of values in an explanation.
const LIST_LIMIT: usize = 20;
/// Longest list of values, and of selections, in the sentence.
const SENTENCE_LIMIT: usize = 5;
/// Longest condition in an explanation, in characters.
const CONDITION_LIMIT: usize = 2000;

/// The value, or its beginning with the number of characters left out.
pub(super) fn cut(value: &str) -> String {
    cut_at(value, VALUE_LIMIT)
}

fn cut_at(value: &str, limit: usize) -> String {
    match value.char_indices().nth(limit).and_then(|(at, _)| value.split_at_checked(at)) {
        Some((head, rest)) => format!("{head}… ({} characters left out)", rest.chars().count()),
        None => value.to_owned(),
    }
}

/// The values, or the first of them with the number left out.
pub(super) fn list<'v>(values: impl ExactSizeIterator<Item = &'v str>) -> Vec<String> {
    let more = values.len().saturating_sub(LIST_LIMIT);
    let mut list: Vec<String> = values.take(LIST_LIMIT).map(cut).collect();
    if more > 0 {
        list.push(format!("… ({more} values left out)"));
    }
    list
}

/// The condition as Sigma writes it, with names for patterns.
pub(super) fn condition(condition: &Condition, selections: &[Selection]) -> String {
    let mut text = String::new();
    write(condition, selections, &mut text);
    cut_at(&text, CONDITION_LIMIT)
}

fn write(condition: &Condition, selections: &[Selection], text: &mut String) {
    let nested = |part: &Condition, text: &mut String| {
        let brackets = matches!(part, Condition::All(parts) | Condition::Any(parts) if parts.len() > 1);
        text.push_str(if brackets { "(" } else { "" });
        write(part, selections, text);
        text.push_str(if brackets { ")" } else { "" });
    };
    match condition {
        Condition::Selection(index) => match selections.get(*index as usize) {
            Some(selection) if selection.name.len() > CONDITION_LIMIT => text.push_str(&cut(&selection.name)),
            Some(selection) => text.push_str(&selection.name),
            None => text.push('?'),
        },
        Condition::Not(inner) => {
            text.push_str("not ");
            nested(inner, text);
        }
        Condition::All(parts) | Condition::Any(parts) => {
            let between = if matches!(condition, Condition::All(_)) { " and " } else { " or " };
            for (at, part) in parts.iter().enumerate() {
                text.push_str(if at > 0 { between } else { "" });
                nested(part, text);
            }
        }
    }
}

/// The reason in one line, from the selections that made the outcome.
pub(super) fn sentence(
    matched: bool,
    decisive: &[usize],
    selections: &[Selection],
    held: &[bool],
    record: &dyn Record,
) -> String {
    let parts = decisive.iter().filter_map(|index| Some((selections.get(*index)?, *held.get(*index)?)));
    let mut parts: Vec<String> = parts
        .take(SENTENCE_LIMIT)
        .map(|(selection, held)| match (held, matched) {
            (true, _) => format!("{} holds{}", quoted(&selection.name), shown(&selection.node, record)),
            (false, true) => format!("{} does not", quoted(&selection.name)),
            (false, false) => match failing(&selection.node, record) {
                Some(line) => format!("{} failed at {}", quoted(&selection.name), failure(line, record)),
                None => format!("{} is empty", quoted(&selection.name)),
            },
        })
        .collect();
    if decisive.len() > SENTENCE_LIMIT {
        parts.push(format!("{} more", decisive.len() - SENTENCE_LIMIT));
    }
    if parts.is_empty() {
        parts.push("no selection decides".to_owned());
    }
    let separator = if matched { ", " } else { "; " };
    format!("{}: {}", if matched { "matched" } else { "did not match" }, parts.join(separator))
}

/// The items that a selection holds by, with their values, in brackets.
fn shown(tree: &Node, record: &dyn Record) -> String {
    let mut items = Vec::new();
    holding(tree, record, &mut items);
    let mut parts: Vec<String> = items
        .iter()
        .take(SENTENCE_LIMIT)
        .map(|line| {
            let trace = trace(line, record);
            let field = one_line(line.field.as_deref().unwrap_or("a value"));
            match trace.decided_by.or_else(|| trace.found.into_iter().next()) {
                _ if !trace.present => format!("{field} is missing"),
                Some(value) => format!("{field} = {}", quoted(&value)),
                None => format!("{field} is empty"),
            }
        })
        .collect();
    if items.len() > SENTENCE_LIMIT {
        parts.push(format!("{} more", items.len() - SENTENCE_LIMIT));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn holding<'n>(tree: &'n Node, record: &dyn Record, items: &mut Vec<&'n Item>) {
    match tree {
        Node::All(parts) => parts.iter().for_each(|part| holding(part, record, items)),
        Node::Any(parts) => {
            if let Some(part) = parts.iter().find(|part| node(part, record)) {
                holding(part, record, items);
            }
        }
        Node::Item(line) => items.push(line),
    }
}

/// The first item in document order that fails.
fn failing<'n>(tree: &'n Node, record: &dyn Record) -> Option<&'n Item> {
    match tree {
        Node::All(parts) | Node::Any(parts) => parts.iter().find_map(|part| failing(part, record)),
        Node::Item(line) => (!item(line, record)).then_some(line),
    }
}

fn failure(line: &Item, record: &dyn Record) -> String {
    let trace = trace(line, record);
    let place = if line.place.line > 0 { format!(" (line {})", line.place.line) } else { String::new() };
    let key = if line.key.is_empty() { "keyword".to_owned() } else { quoted(&line.key) };
    format!("{key}{place}: {}", reason(line, &trace))
}

fn reason(line: &Item, trace: &ItemTrace) -> String {
    let found = match (&line.field, trace.found.is_empty()) {
        (Some(field), _) if !trace.present => return format!("`{}` is missing", one_line(field)),
        (Some(_), true) => "nothing".to_owned(),
        (Some(_), false) => quoted_list(&trace.found),
        (None, _) => "the record".to_owned(),
    };
    if line.negated {
        return format!("{found} is what it must differ from");
    }
    let wanted = quoted_list(&trace.unmet);
    let holds = line.field.is_none() || line.key.split('|').any(|part| part == "contains");
    match (line.all, trace.unmet.len(), holds) {
        (true, _, _) => format!("{found} lacks {wanted}"),
        (false, 1, true) => format!("{found} does not hold {wanted}"),
        (false, 1, false) => format!("{found} does not fit {wanted}"),
        (false, _, true) => format!("{found} holds none of {wanted}"),
        (false, _, false) => format!("{found} fits none of {wanted}"),
    }
}

fn quoted(value: &str) -> String {
    format!("`{}`", one_line(value))
}

fn quoted_list(values: &[String]) -> String {
    let mut parts: Vec<String> = values.iter().take(SENTENCE_LIMIT).map(|value| quoted(value)).collect();
    parts.extend((values.len() > SENTENCE_LIMIT).then(|| "…".to_owned()));
    parts.join(", ")
}

/// Evidence is hostile: no line breaks and no control characters in the sentence.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
