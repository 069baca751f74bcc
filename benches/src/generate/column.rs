//! Planned alerts as integer columns.

use std::collections::HashMap;

use super::Spec;
use super::plan::{Kind, PRIVATE, Planner};

/// Alerts as integers: what is left for correlation once text is read and entities are resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// Per alert: first activity in nanoseconds since 1970. Not ascending: activity precedes the alert by seconds to hours.
    pub time: Vec<i64>,
    /// Per alert: detector number, dense from 0 upwards by rank of noise, some never used.
    pub detector: Vec<u32>,
    /// Per alert: tenant number.
    pub tenant: Vec<u32>,
    /// Per alert and one more: rows of alert `i` are `offset[i]..offset[i + 1]`.
    pub offset: Vec<u32>,
    /// Per row: entity number, dense in order of first appearance. An entity belongs to one tenant.
    pub entity: Vec<u32>,
    /// Per entity: index into [`KINDS`](super::KINDS).
    pub kind: Vec<u8>,
    /// Entities that are known not to link whatever their degree: private addresses. Ascending.
    pub private: Vec<u32>,
}

/// The columns of `rows / 8` alerts of eight rows each (rounded up), the same alerts that
/// [`write`](super::write) prints for that seed. An entity is a row's value within a tenant.
#[must_use]
pub fn columns(seed: u64, rows: usize) -> Columns {
    let spec = Spec { seed, ..Spec::rows(rows) };
    let mut plan = Planner::new(spec);
    let mut c = Columns::default();
    let mut ids: HashMap<(u32, Kind, u64), u32> = HashMap::with_capacity(rows / 4);
    c.offset.push(0);
    while plan.next() {
        let a = &plan.alert;
        c.time.push(i64::try_from(a.first * 100).unwrap_or(i64::MAX));
        c.detector.push(a.detector);
        c.tenant.push(a.tenant);
        for item in &a.items {
            let fresh = u32::try_from(c.kind.len()).unwrap_or(u32::MAX);
            let id = *ids.entry((a.tenant, item.kind, item.key)).or_insert(fresh);
            if id == fresh {
                c.kind.push(item.kind as u8);
                if item.kind == Kind::Ip && item.key & PRIVATE != 0 {
                    c.private.push(id);
                }
            }
            c.entity.push(id);
        }
        c.offset.push(u32::try_from(c.entity.len()).unwrap_or(u32::MAX));
    }
    c
}
