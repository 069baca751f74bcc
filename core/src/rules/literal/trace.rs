//! Why a rule matched a record or did not: every selection and item with what was wanted and found.

use serde::Serialize;

use super::ask::Found;
use super::words;
use super::{holds, item, node};
use crate::rules::ast::{Condition, Item, Node, Selection};
use crate::rules::record::Record;

/// What a rule did with one record, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleTrace {
    /// Did the rule match?
    pub matched: bool,
    /// The reason in one line.
    pub text: String,
    /// The conditions, of which one must hold.
    pub conditions: Vec<ConditionTrace>,
    /// The selections, in document order.
    pub selections: Vec<SelectionTrace>,
}

/// One condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConditionTrace {
    /// The condition with all selections by name.
    pub text: String,
    /// Did it hold?
    pub matched: bool,
}

/// One selection of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SelectionTrace {
    /// Its name.
    pub name: String,
    /// Did it hold?
    pub matched: bool,
    /// Does a condition name it?
    pub used: bool,
    /// Its items, in document order.
    pub items: Vec<ItemTrace>,
}

/// One line of a selection: a field and the values it may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ItemTrace {
    /// Field and modifiers as written.
    pub key: String,
    /// The field; absent for a keyword, which may stand in any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Did it hold?
    pub matched: bool,
    /// Does the record have the field?
    pub present: bool,
    /// The values of the rule; long ones and long lists are cut.
    pub wanted: Vec<String>,
    /// The wanted values that nothing found fits; long ones and long lists are cut.
    pub unmet: Vec<String>,
    /// The values of the record, `missing` when it has no such field; long ones and long lists are cut.
    pub found: Vec<String>,
    /// The value of the record that fits a wanted one, if any; cut when long. Under `neq` it made the item fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Line of the item in the rule's file, from 1; 0 when it has no place of its own.
    pub line: u32,
    /// Column of the item in characters, from 1; 0 when it has no place of its own.
    pub column: u32,
}

/// Evaluates like [`matches`](super::matches), and tells why.
pub(crate) fn explain(selections: &[Selection], conditions: &[Condition], record: &dyn Record) -> RuleTrace {
    let held: Vec<bool> = selections.iter().map(|selection| node(&selection.node, record)).collect();
    let mut used = vec![false; selections.len()];
    let mut traces = Vec::with_capacity(conditions.len());
    for condition in conditions {
        mark(condition, &mut used);
        traces.push(ConditionTrace { text: words::condition(condition, selections), matched: value(condition, &held) });
    }
    let matched = traces.iter().any(|condition| condition.matched);
    let mut decisive = Vec::new();
    for condition in conditions.iter().filter(|condition| value(condition, &held) == matched) {
        decide(condition, &held, &mut decisive);
        if matched {
            break;
        }
    }
    let text = words::sentence(matched, &decisive, selections, &held, record);
    let selections = selections.iter().zip(held).zip(used).map(|((selection, matched), used)| {
        let mut items = Vec::new();
        collect(&selection.node, record, &mut items);
        SelectionTrace { name: selection.name.clone(), matched, used, items }
    });
    RuleTrace { matched, text, conditions: traces, selections: selections.collect() }
}

fn value(condition: &Condition, held: &[bool]) -> bool {
    holds(condition, &mut |index| held.get(index).copied().unwrap_or(false))
}

fn mark(condition: &Condition, used: &mut [bool]) {
    match condition {
        Condition::Selection(index) => {
            if let Some(used) = used.get_mut(*index as usize) {
                *used = true;
            }
        }
        Condition::Not(inner) => mark(inner, used),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| mark(part, used)),
    }
}

/// Selections that make the condition what it is: all that hold it up, or all that stand in its way. Of
/// alternatives that hold, the first is enough.
fn decide(condition: &Condition, held: &[bool], decisive: &mut Vec<usize>) {
    let result = value(condition, held);
    match condition {
        Condition::Selection(index) => {
            if !decisive.contains(&(*index as usize)) {
                decisive.push(*index as usize);
            }
        }
        Condition::Not(inner) => decide(inner, held, decisive),
        Condition::All(parts) | Condition::Any(parts) => {
            let enough = result == matches!(condition, Condition::Any(_));
            let mut parts = parts.iter().filter(|part| value(part, held) == result);
            let first = if enough && result { parts.next() } else { None };
            match first {
                Some(first) => decide(first, held, decisive),
                None => parts.for_each(|part| decide(part, held, decisive)),
            }
        }
    }
}

fn collect(tree: &Node, record: &dyn Record, items: &mut Vec<ItemTrace>) {
    match tree {
        Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| collect(part, record, items)),
        Node::Item(line) => items.push(trace(line, record)),
    }
}

pub(super) fn trace(line: &Item, record: &dyn Record) -> ItemTrace {
    let found = Found::of(line, record);
    let mut decided_by = None;
    let mut unmet = Vec::new();
    for wanted in &line.values {
        match wanted.forms.iter().find_map(|form| found.holds(form, record)) {
            Some(seen) => decided_by = decided_by.or_else(|| seen.map(|seen| words::cut(seen.shown()))),
            None => unmet.push(wanted.text.as_str()),
        }
    }
    let values = found.values.iter().map(|seen| seen.shown());
    ItemTrace {
        key: line.key.clone(),
        field: line.field.clone(),
        matched: item(line, record),
        present: found.present,
        wanted: words::list(line.values.iter().map(|value| value.text.as_str())),
        unmet: words::list(unmet.into_iter()),
        found: if found.present { words::list(values) } else { vec![words::MISSING.to_owned()] },
        decided_by,
        line: line.place.line,
        column: line.place.column,
    }
}

impl RuleTrace {
    /// Says that the rule did not match for a reason outside its detection.
    pub(crate) fn overrule(&mut self, why: String) {
        self.matched = false;
        self.text = why;
    }
}
