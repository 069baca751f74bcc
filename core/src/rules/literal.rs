//! Sigma read to the letter: one rule and one record in, whether they fit out, and why.
//!
//! Slow and plain on purpose: it is what the compiled matcher is compared with, and what rules over the
//! entities of an incident run on. Where the specification is silent:
//!
//! - `neq` holds when the field is present (null and empty lists included) and the item without `neq`
//!   does not hold; a missing field differs from nothing. With a list of values: it is none of them.
//! - Of a list in the record any element may hold, with `|all` another one for each value.
//! - `null` holds for an absent field, null, and a list that is empty or has a null; never for an empty text.

mod ask;
mod moment;
mod number;
mod trace;
mod wild;
mod words;

#[cfg(test)]
mod tests;

use super::ast::{Condition, Item, Node, Selection, Test};
use super::record::{Record, Scalar};
use ask::{Found, Seen, ask};

pub(crate) use number::number;
pub(crate) use trace::explain;
pub use trace::{ConditionTrace, ItemTrace, RuleTrace, SelectionTrace};
pub(crate) use wild::Wild;

/// Does the test hold on one value that is present?
pub(crate) fn test(test: &Test, value: Scalar<'_>, record: &dyn Record) -> bool {
    ask(test, &Seen::new(value), record)
}

/// Does the test hold on one of the values that a field has? What it has to look up it looks up once.
pub(crate) fn test_any<'v>(test: &Test, values: impl Iterator<Item = Scalar<'v>>, record: &dyn Record) -> bool {
    let values: Vec<Seen<'v>> = values.map(Seen::new).collect();
    let found = Found { present: !values.is_empty(), values };
    found.present && found.holds(test, record).is_some()
}

/// Does one line of a detection hold?
pub(crate) fn item(item: &Item, record: &dyn Record) -> bool {
    let found = Found::of(item, record);
    let mut held = item.values.iter().map(|value| value.forms.iter().any(|form| found.holds(form, record).is_some()));
    let positive = if item.all { held.all(|held| held) } else { held.any(|held| held) };
    if item.negated { found.present && !positive } else { positive }
}

/// Does the tree of a selection hold?
pub(crate) fn node(tree: &Node, record: &dyn Record) -> bool {
    match tree {
        Node::All(parts) => parts.iter().all(|part| node(part, record)),
        Node::Any(parts) => parts.iter().any(|part| node(part, record)),
        Node::Item(line) => item(line, record),
    }
}

/// Does any of the conditions hold?
pub(crate) fn matches(selections: &[Selection], conditions: &[Condition], record: &dyn Record) -> bool {
    let mut known = vec![None; selections.len()];
    conditions.iter().any(|condition| {
        holds(condition, &mut |index| match (selections.get(index), known.get_mut(index)) {
            (Some(selection), Some(known)) => *known.get_or_insert_with(|| node(&selection.node, record)),
            _ => false,
        })
    })
}

/// A condition, given which selections hold.
fn holds(condition: &Condition, selection: &mut dyn FnMut(usize) -> bool) -> bool {
    match condition {
        Condition::Selection(index) => selection(*index as usize),
        Condition::Not(inner) => !holds(inner, selection),
        Condition::All(parts) => parts.iter().all(|part| holds(part, selection)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, selection)),
    }
}
