//! The sliding window: one group in, the bursts in which the condition is met out.

use super::measure::Measure;
use super::resolve::Planned;
use super::sources::Group;
use crate::rules::ast::Comparison;

/// Windows that meet the condition and share matches.
#[derive(Debug, PartialEq)]
pub(super) struct Burst {
    /// Entries of the group.
    pub(super) from: usize,
    pub(super) to: usize,
    /// When the condition was met first and last.
    pub(super) since: i64,
    pub(super) until: i64,
    pub(super) value: f64,
}

/// Each entry goes into the window once and out of it once.
pub(super) fn scan(planned: &Planned, group: &Group, steps: &mut u64) -> Vec<Burst> {
    let mut measure = Measure::new(planned, group);
    let mut bursts: Vec<Burst> = Vec::new();
    let mut from = 0;
    let mut to = 0;
    for together in group.entries.chunk_by(|a, b| a.time == b.time) {
        let Some(time) = together.first().map(|entry| entry.time) else { continue };
        measure.put(to, together);
        to += together.len();
        *steps += together.len() as u64;
        let begin = time.saturating_sub(planned.timespan);
        while let Some(entry) = group.entries.get(from).filter(|entry| entry.time < begin) {
            measure.take(from, entry);
            from += 1;
            *steps += 1;
        }
        let Some(value) = measure.value(begin) else { continue };
        if !met(planned, value) {
            continue;
        }
        match bursts.last_mut().filter(|burst| from < burst.to) {
            Some(burst) => {
                burst.to = to;
                burst.until = time;
                burst.value = if bounded_above(planned) { burst.value.min(value) } else { burst.value.max(value) };
            }
            None => bursts.push(Burst { from, to, since: time, until: time, value }),
        }
    }
    bursts
}

fn met(planned: &Planned, value: f64) -> bool {
    if planned.conditions.is_empty() {
        return value >= planned.needed();
    }
    planned.conditions.iter().all(|(comparison, wanted)| match comparison {
        Comparison::Less => value < *wanted,
        Comparison::LessOrEqual => value <= *wanted,
        Comparison::Greater => value > *wanted,
        Comparison::GreaterOrEqual => value >= *wanted,
        Comparison::Equal => value == *wanted,
        Comparison::NotEqual => value != *wanted,
    })
}

fn bounded_above(planned: &Planned) -> bool {
    !planned.conditions.is_empty()
        && planned
            .conditions
            .iter()
            .all(|(comparison, _)| matches!(comparison, Comparison::Less | Comparison::LessOrEqual))
}
