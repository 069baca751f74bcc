//! The alerts of each entity in order of time, and the earlier alert that each is linked to by it.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: dense ids are handed out by the tables they index")]

use hashbrown::HashMap;

use super::columns::{Columns, Role};
use super::order::Order;
use super::scan::NONE;

const ALERT: u32 = (1 << 30) - 1;

/// An alert that holds an entity, with the entity's role in the upper two bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posting(u32);

impl Posting {
    fn new(alert: u32, role: u8) -> Posting {
        Posting(alert | (u32::from(role & 3) << 30))
    }

    pub(super) fn alert(self) -> u32 {
        self.0 & ALERT
    }

    pub(super) fn role(self) -> u8 {
        (self.0 >> 30) as u8
    }

    pub(super) fn is_common(self) -> bool {
        self.role() == Role::Common as u8
    }
}

/// Postings of each entity, by time. Laid out at once; an entity that changes later gets a list of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Postings {
    starts: Vec<u32>,
    list: Vec<Posting>,
    /// The earlier alert to which each posting is linked, `NONE` for none; empty until they are kept.
    partner: Vec<u32>,
    changed: HashMap<u32, Changed>,
}

#[derive(Debug, Clone, Default)]
struct Changed {
    list: Vec<Posting>,
    partner: Vec<u32>,
}

impl Postings {
    /// A counting sort: alerts rise within each entity because they are visited in their order.
    pub(super) fn new(columns: &Columns<'_>, alert_at: &dyn Fn(u32) -> u32) -> Postings {
        let mut starts = vec![0u32; columns.kind.len() + 1];
        for entity in columns.entity {
            starts[*entity as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut list = vec![Posting(0); columns.entity.len()];
        for rank in 0..columns.alerts() as u32 {
            for row in columns.rows_of(alert_at(rank)) {
                let slot = &mut next[columns.entity[row] as usize];
                list[*slot as usize] = Posting::new(rank, columns.role_of(row));
                *slot += 1;
            }
        }
        Postings { starts, list, ..Postings::default() }
    }

    fn range(&self, entity: u32) -> std::ops::Range<usize> {
        match self.starts.get(entity as usize + 1) {
            Some(end) => self.starts[entity as usize] as usize..*end as usize,
            None => 0..0,
        }
    }

    pub(super) fn of(&self, entity: u32) -> &[Posting] {
        if !self.changed.is_empty()
            && let Some(changed) = self.changed.get(&entity)
        {
            return &changed.list;
        }
        &self.list[self.range(entity)]
    }

    /// Where the alert stands among those of the entity, or would.
    pub(super) fn position(&self, entity: u32, alert: u32, order: &Order) -> usize {
        let label = order.of(alert);
        self.of(entity).partition_point(|posting| order.of(posting.alert()) < label)
    }

    /// Keeps what each posting is linked to from now on.
    pub(super) fn keep_partners(&mut self) {
        self.partner = vec![NONE; self.list.len()];
    }

    pub(super) fn partner(&self, entity: u32, position: usize) -> u32 {
        match self.changed.get(&entity) {
            Some(changed) => changed.partner[position],
            None => self.partner[self.range(entity).start + position],
        }
    }

    pub(super) fn set_partner(&mut self, entity: u32, position: usize, partner: u32) {
        match self.changed.get_mut(&entity) {
            Some(changed) => changed.partner[position] = partner,
            None => {
                let at = self.range(entity).start + position;
                self.partner[at] = partner;
            }
        }
    }

    fn own(&mut self, entity: u32) -> &mut Changed {
        let range = self.range(entity);
        let Postings { list, partner, changed, .. } = self;
        changed
            .entry(entity)
            .or_insert_with(|| Changed { list: list[range.clone()].to_vec(), partner: partner[range].to_vec() })
    }

    pub(super) fn insert(&mut self, entity: u32, alert: u32, role: u8, order: &Order) {
        let at = self.position(entity, alert, order);
        let own = self.own(entity);
        own.list.insert(at, Posting::new(alert, role));
        own.partner.insert(at, NONE);
    }

    pub(super) fn remove(&mut self, entity: u32, alert: u32, order: &Order) {
        let at = self.position(entity, alert, order);
        let own = self.own(entity);
        if own.list.get(at).is_some_and(|posting| posting.alert() == alert) {
            own.list.remove(at);
            own.partner.remove(at);
        }
    }
}
