//! What a correlation looks at: matches by time in, groups with the values to measure out.

use indexmap::IndexMap;

use super::number::{Fixed, fixed};
use super::resolve::{Field, Planned};
use super::{Held, LeftOut, Limits, Values};
use crate::rules::ast::CorrelationKind;
use crate::rules::fold::fold;

/// Where a match comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Event(u32),
    /// Number of a result of another correlation.
    Result(usize),
}

/// A match that a correlation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) time: i64,
    pub(super) source: Source,
    /// Which of the targets matched.
    pub(super) target: u32,
}

/// Matches that agree in the `group-by` fields.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) shown: Vec<(String, String)>,
    /// By time.
    pub(super) entries: Vec<Entry>,
    /// Where the values of each entry end in `texts` or `numbers`.
    pub(super) ends: Vec<usize>,
    pub(super) texts: Vec<String>,
    pub(super) numbers: Vec<Fixed>,
}

/// Where fields are looked up.
pub(super) struct Found<'f> {
    pub(super) values: &'f Values<'f>,
    pub(super) held: &'f [Held],
}

impl Found<'_> {
    fn of_event(&self, event: u32, field: &str) -> Vec<String> {
        let mut texts = Vec::new();
        (self.values)(event, field, &mut |text| texts.push(text.to_owned()));
        texts
    }

    fn of(&self, entry: &Entry, field: &Field) -> Vec<String> {
        let name = field.of_target.get(&entry.target).unwrap_or(&field.name);
        let number = match entry.source {
            Source::Event(event) => return self.of_event(event, name),
            Source::Result(number) => number,
        };
        let Some(result) = self.held.get(number) else { return Vec::new() };
        let mut group = result.correlated.group.iter();
        if let Some((_, value)) = group.find(|(field, _)| field.eq_ignore_ascii_case(name)) {
            return vec![value.clone()];
        }
        let mut all = result.events.iter().map(|(_, event)| self.of_event(*event, name));
        let first = all.next().unwrap_or_default();
        let same = key(&first);
        if all.all(|texts| key(&texts) == same) { first } else { Vec::new() }
    }
}

/// The values of one field together, whatever their order and case.
fn key(texts: &[String]) -> Vec<String> {
    let mut key: Vec<String> = texts.iter().map(|text| fold(text).into_owned()).collect();
    key.sort_unstable();
    key.dedup();
    key
}

/// Parts the entries, which are in order, into groups, with the values that will be measured.
pub(super) fn groups(
    planned: &Planned,
    entries: Vec<Entry>,
    found: &Found<'_>,
    limits: &Limits,
    left_out: &mut LeftOut,
) -> Vec<Group> {
    let temporal = matches!(planned.kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
    let mut groups: IndexMap<Vec<Vec<String>>, Group> = IndexMap::new();
    for entry in entries {
        let Some((texts, numbers)) = measured(planned, &entry, found) else {
            left_out.without_value += 1;
            continue;
        };
        let values: Vec<Vec<String>> = planned.group_by.iter().map(|field| found.of(&entry, field)).collect();
        let place = values.iter().map(|texts| key(texts)).collect();
        if groups.len() >= limits.groups && !groups.contains_key(&place) {
            left_out.over_groups += 1;
            continue;
        }
        let group = groups.entry(place).or_insert_with(|| Group { shown: shown(planned, values), ..Group::default() });
        let again = group.entries.last().is_some_and(|last| last.source == entry.source);
        if !temporal && again {
            continue;
        }
        group.entries.push(entry);
        group.texts.extend(texts);
        group.numbers.extend(numbers);
        group.ends.push(group.texts.len().max(group.numbers.len()));
    }
    groups.into_values().collect()
}

fn shown(planned: &Planned, values: Vec<Vec<String>>) -> Vec<(String, String)> {
    let present = planned.group_by.iter().zip(values).filter(|(_, values)| !values.is_empty());
    present.map(|(field, values)| (field.name.clone(), values.join(", "))).collect()
}

/// The values of a match that the correlation measures; `None` when it has none and should have.
fn measured(planned: &Planned, entry: &Entry, found: &Found<'_>) -> Option<(Vec<String>, Vec<Fixed>)> {
    match planned.kind {
        CorrelationKind::EventCount | CorrelationKind::Temporal | CorrelationKind::TemporalOrdered => {
            Some((Vec::new(), Vec::new()))
        }
        CorrelationKind::ValueCount => {
            let texts = match planned.fields.as_slice() {
                [field] => key(&found.of(entry, field)),
                fields => {
                    let tuple: Vec<Vec<String>> = fields.iter().map(|field| key(&found.of(entry, field))).collect();
                    if tuple.iter().any(Vec::is_empty) {
                        return None;
                    }
                    vec![format!("{tuple:?}")]
                }
            };
            (!texts.is_empty()).then_some((texts, Vec::new()))
        }
        CorrelationKind::ValueSum
        | CorrelationKind::ValueAvg
        | CorrelationKind::ValueMedian
        | CorrelationKind::ValuePercentile => {
            let texts = planned.fields.iter().flat_map(|field| found.of(entry, field));
            let numbers: Vec<Fixed> = texts.filter_map(|text| fixed(&text)).collect();
            (!numbers.is_empty()).then_some((Vec::new(), numbers))
        }
    }
}
