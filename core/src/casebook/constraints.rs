//! From the decisions in force and the vendor's incidents to what the link rule must keep together and apart.
//!
//! A decision means what it says about the alerts that it names, whatever comes before or after it: a join, a
//! part and a move bond the alerts that they put together; a later part or move takes its alerts out of every
//! earlier bond, and raises a wall between them and those that they leave; while an incident is closed, its
//! alerts have no earlier bond with others. Alerts that are bonded are one class, and bear one mark: closed or
//! not, owner, classification, determination.

use std::cmp::Ordering;

use hashbrown::HashMap;
use petgraph::unionfind::UnionFind;

use crate::correlate::{Bond, Constraints, Mark};
use crate::model::{AlertClassification, AlertDetermination, Choice, IncidentStatus};
use crate::policy::Correlate;
use crate::resolve::extract::Said;
use crate::resolve::store::{AlertRow, NONE, Store};

use super::decisions::Decided;
use super::derived::Standing;
use super::index::VendorRecord;

/// What the constraints are made from.
pub(super) struct Making<'m> {
    pub(super) store: &'m Store,
    pub(super) policy: &'m Correlate,
    pub(super) decided: &'m Decided,
    pub(super) alerts: &'m [Standing],
    pub(super) rows: &'m [u32],
    /// How alerts stand to each other in time: their numbers need not say.
    pub(super) order: &'m dyn Fn(u32, u32) -> Ordering,
    /// Alerts of a vendor's incident, given by id.
    pub(super) of_vendor: &'m dyn Fn(&str) -> Vec<u32>,
}

/// Alerts that are bonded, under dense numbers; every alert that anything is said of is in one.
struct Classes {
    of_alert: HashMap<u32, u32>,
    /// Members in order.
    members: Vec<Vec<u32>>,
}

impl Making<'_> {
    /// Do the vendor's records have a say?
    fn hears_records(&self) -> bool {
        !self.decided.vendor.is_empty() && self.policy.vendor_incidents && self.policy.vendor_labels
    }

    /// The constraints, and how what they say is numbered.
    pub(super) fn make(&self) -> (Constraints, Numbers) {
        let mut out = Constraints::default();
        let with_groups = self.policy.scoped_device_groups;
        let records = self.hears_records();
        if self.decided.entries.is_empty() && !with_groups && !records {
            return Default::default();
        }
        let departures = self.departures();
        let mut sealed: Vec<Vec<u32>> = Vec::new();
        let touched = self.touched();
        for (index, entry) in self.decided.entries.iter().enumerate() {
            let index = index as u32;
            let seals = matches!(&entry.decision.what, Choice::Part { from } if from.is_empty());
            for piece in self.pieces(index, &departures) {
                for pair in piece.windows(2) {
                    if let [a, b] = pair {
                        out.bonds.push(Bond { a: *a, b: *b, by: index });
                    }
                }
                if seals && piece.iter().all(|alert| touched.get(alert).is_none_or(|last| *last < index)) {
                    sealed.push(piece);
                }
            }
        }
        // Of several decisions on one pair the latest tells why.
        out.bonds.sort_unstable_by(|x, y| (x.a, x.b, y.by).cmp(&(y.a, y.b, x.by)));
        out.bonds.dedup_by_key(|bond| (bond.a, bond.b));
        let classes = self.classes(&out.bonds, records);
        self.walls(&classes, &mut out.walls);
        let mut numbers = Numbers { values: Values::default(), cells: 2 * classes.members.len() as u32 };
        let marks = self.marks(&classes, &sealed, records, &mut numbers.values);
        out.marks = classes.of_alert.iter().filter_map(|(a, class)| Some((*a, *marks.get(*class as usize)?))).collect();
        if with_groups {
            self.groups(&mut out);
        }
        out.marks.retain(|(_, mark)| *mark != Mark::default());
        out.marks.sort_unstable_by_key(|(alert, _)| *alert);
        (out, numbers)
    }

    /// Adds what holds for an alert that no decision names and whose number is the greatest. `false` when only
    /// making all anew can tell. `O(alerts of its vendor's incident)`.
    pub(super) fn add(&self, alert: u32, out: &mut Constraints, numbers: &mut Numbers) -> bool {
        let mut mark = Mark::default();
        if let Some((id, record)) = self.record(alert).filter(|_| self.hears_records()) {
            let others =
                (self.of_vendor)(id).into_iter().filter(|other| *other != alert && self.record(*other).is_some());
            let (named, free): (Vec<u32>, Vec<u32>) =
                others.partition(|other| self.decided.of_alert.contains_key(other));
            match free.iter().find(|other| **other < alert) {
                Some(other) => {
                    let Mark { cell, values, .. } = out.mark(*other);
                    mark = Mark { cell, values, ..mark };
                }
                // What those that decisions name are closed by is more than the record.
                None if !named.is_empty() => return false,
                None => {
                    let mut is = Standpoint::default();
                    is.vendor(record);
                    mark.values = numbers.values.of(&is);
                    if record.status == IncidentStatus::Resolved {
                        mark.cell = numbers.cells;
                        numbers.cells += 1;
                    }
                }
            }
        }
        if self.policy.scoped_device_groups {
            let set = self.groups_of(alert);
            if !set.is_empty() {
                let known = out.groups.iter().position(|other| *other == set);
                mark.groups = known.unwrap_or(out.groups.len()) as u32;
                if known.is_none() {
                    out.groups.push(set);
                }
            }
        }
        if mark != Mark::default() {
            out.marks.push((alert, mark));
        }
        true
    }

    fn row(&self, alert: u32) -> Option<&AlertRow> {
        self.store.alerts.get(self.alerts.get(alert as usize)?.head as usize)
    }

    /// The decisions that set each alert apart from others that they do not name, oldest first: those that take
    /// it out of its incident, and those that close it, as long as it is closed.
    fn departures(&self) -> HashMap<u32, Vec<u32>> {
        let mut out: HashMap<u32, Vec<u32>> = HashMap::new();
        for (alert, held) in &self.decided.of_alert {
            let mut closing: Vec<u32> = Vec::new();
            for index in held {
                match self.decided.entries.get(*index as usize).map(|entry| &entry.decision.what) {
                    Some(Choice::SetStatus { status: IncidentStatus::Resolved }) => closing.push(*index),
                    Some(Choice::SetStatus { .. }) => closing.clear(),
                    _ => {}
                }
            }
            if !closing.is_empty() {
                out.insert(*alert, closing);
            }
        }
        for (index, entry) in self.decided.entries.iter().enumerate().filter(|(_, entry)| entry.takes_out()) {
            for alert in &entry.alerts {
                out.entry(*alert).or_default().push(index as u32);
            }
        }
        for list in out.values_mut() {
            list.sort_unstable();
        }
        out
    }

    /// The last decision that put each alert together with others by name.
    fn touched(&self) -> HashMap<u32, u32> {
        let mut out = HashMap::new();
        for (index, entry) in self.decided.entries.iter().enumerate() {
            if matches!(entry.decision.what, Choice::Join) || !entry.to.is_empty() {
                out.extend(entry.alerts.iter().chain(&entry.to).map(|alert| (*alert, index as u32)));
            }
        }
        out
    }

    /// What is left of the alerts that a decision put together, of one tenant each: those that every later
    /// decision took along or left behind alike.
    fn pieces(&self, index: u32, departures: &HashMap<u32, Vec<u32>>) -> Vec<Vec<u32>> {
        let Some(entry) = self.decided.entries.get(index as usize) else { return Vec::new() };
        if !matches!(entry.decision.what, Choice::Join | Choice::Part { .. } | Choice::Move { .. }) {
            return Vec::new();
        }
        let later = |alert: u32| {
            let all = departures.get(&alert).map_or(&[][..], Vec::as_slice);
            all.get(all.partition_point(|i| *i <= index)..).unwrap_or_default()
        };
        let mut keyed: Vec<(u32, &[u32], u32)> = entry
            .alerts
            .iter()
            .chain(&entry.to)
            .filter_map(|alert| Some((self.row(*alert)?.tenant, later(*alert), *alert)))
            .collect();
        keyed.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| (self.order)(a.2, b.2)));
        let same = |a: &(u32, &[u32], u32), b: &(u32, &[u32], u32)| (a.0, a.1) == (b.0, b.1);
        keyed.chunk_by(same).map(|chunk| chunk.iter().map(|(.., alert)| *alert).collect()).collect()
    }

    fn classes(&self, bonds: &[Bond], records: bool) -> Classes {
        let named = self.decided.of_alert.keys().copied();
        let of_vendor = self.decided.vendor.keys().filter(|_| records).flat_map(|id| (self.of_vendor)(id));
        let of_vendor = of_vendor.filter(|alert| self.record(*alert).is_some());
        let mut alerts: Vec<u32> = named.chain(of_vendor).collect();
        alerts.sort_unstable();
        alerts.dedup();
        let place = |alert: u32| alerts.binary_search(&alert).map_or(NONE, |at| at as u32);
        let mut union = UnionFind::<u32>::new(alerts.len());
        for bond in bonds {
            // INVARIANT: bonds are between alerts that a decision names.
            union.union(place(bond.a), place(bond.b));
        }
        let mut classes = Classes { of_alert: HashMap::with_capacity(alerts.len()), members: Vec::new() };
        let mut of_root: HashMap<u32, u32> = HashMap::new();
        for (alert, root) in alerts.iter().zip(union.into_labeling()) {
            let class = *of_root.entry(root).or_insert_with(|| {
                classes.members.push(Vec::new());
                classes.members.len() as u32 - 1
            });
            classes.of_alert.insert(*alert, class);
            if let Some(members) = classes.members.get_mut(class as usize) {
                members.push(*alert);
            }
        }
        for members in &mut classes.members {
            members.sort_unstable_by(|a, b| (self.order)(*a, *b));
        }
        classes
    }

    /// Walls between those that a decision took out and those that they left; a later decision that puts all of
    /// them together takes it down.
    fn walls(&self, classes: &Classes, out: &mut Vec<(u32, u32)>) {
        let class = |alert: &u32| classes.of_alert.get(alert);
        for (index, entry) in self.decided.entries.iter().enumerate() {
            let (Some(first), false) = (entry.alerts.first(), entry.from.is_empty()) else { continue };
            let here = class(first);
            if entry.alerts.iter().chain(&entry.from).all(|alert| class(alert) == here) {
                continue;
            }
            let wall = index as u32 * 2;
            out.extend(entry.alerts.iter().map(|alert| (*alert, wall)));
            out.extend(entry.from.iter().map(|alert| (*alert, wall + 1)));
        }
        out.sort_unstable();
    }

    /// The vendor's record of an alert's incident.
    fn record(&self, alert: u32) -> Option<(&str, &VendorRecord)> {
        let row = self.row(alert)?;
        if row.vendor_incident == NONE {
            return None;
        }
        let id = self.store.text(row.vendor_incident);
        let record = self.decided.vendor.get(id)?;
        let tenant = self.store.text(row.tenant);
        (record.tenant.is_empty() || tenant.is_empty() || record.tenant == tenant).then_some((id, record))
    }

    fn marks(&self, classes: &Classes, sealed: &[Vec<u32>], records: bool, values: &mut Values) -> Vec<Mark> {
        let mut cells = Cells { union: UnionFind::new(classes.members.len()), first: HashMap::new() };
        let mut closed = vec![false; classes.members.len()];
        let mut marks = Vec::with_capacity(classes.members.len());
        for ((class, members), closed) in classes.members.iter().enumerate().zip(&mut closed) {
            let mut is = Standpoint::default();
            let mut by: Vec<Closed<'_>> = Vec::new();
            for (id, record) in members.iter().filter(|_| records).filter_map(|alert| self.record(*alert)) {
                is.vendor(record);
                if record.status == IncidentStatus::Resolved {
                    by.push(Closed::Vendor(id));
                }
            }
            for index in self.decided.holding(members) {
                let Some(entry) = self.decided.entries.get(index as usize) else { continue };
                match &entry.decision.what {
                    Choice::SetStatus { status: IncidentStatus::Resolved } => by.push(Closed::Decision(index)),
                    Choice::SetStatus { .. } => by.clear(),
                    Choice::Assign { to } => is.owner = to.as_deref().unwrap_or_default(),
                    Choice::Classify { classification, determination } => {
                        (is.classification, is.determination) = (classification.clone(), determination.clone());
                    }
                    _ => {}
                }
            }
            *closed = !by.is_empty();
            for key in by {
                cells.put(key, class as u32);
            }
            marks.push(Mark { values: values.of(&is), ..Mark::default() });
        }
        let union = cells.union.into_labeling();
        for ((mark, closed), cell) in marks.iter_mut().zip(closed).zip(union) {
            mark.cell = if closed { cell } else { NONE };
        }
        // A sealed class is closed to all, also to others closed by the same decision.
        let of_alert = |piece: &Vec<u32>| piece.first().and_then(|alert| classes.of_alert.get(alert)).copied();
        for class in sealed.iter().filter_map(of_alert) {
            if let Some(mark) = marks.get_mut(class as usize) {
                mark.cell = classes.members.len() as u32 + class;
            }
        }
        marks
    }

    /// Device groups of an alert, sorted.
    fn groups_of(&self, alert: u32) -> Vec<u32> {
        let rows = self.alerts.get(alert as usize).map_or((0, 0), |standing| standing.rows);
        let rows = self.rows.get(rows.0 as usize..rows.1 as usize).unwrap_or_default();
        let mut set: Vec<u32> = Vec::new();
        for row in rows.iter().filter_map(|row| self.store.alerts.get(*row as usize)) {
            set.extend(self.store.said(row.occurrences, Said::Group).map(|(_, text)| text));
        }
        set.sort_unstable();
        set.dedup();
        set
    }

    /// Device groups of all alerts.
    fn groups(&self, out: &mut Constraints) {
        let mut number: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut mark: HashMap<u32, Mark> = out.marks.drain(..).collect();
        for alert in 0..self.alerts.len() as u32 {
            let set = self.groups_of(alert);
            if !set.is_empty() {
                let next = number.len() as u32;
                let groups = *number.entry(set).or_insert(next);
                mark.entry(alert).or_default().groups = groups;
            }
        }
        let mut sets: Vec<(u32, Vec<u32>)> = number.into_iter().map(|(set, number)| (number, set)).collect();
        sets.sort_unstable();
        out.groups = sets.into_iter().map(|(_, set)| set).collect();
        out.marks.extend(mark);
    }
}

/// What closed a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Closed<'s> {
    Decision(u32),
    Vendor(&'s str),
}

/// Classes that are closed together.
struct Cells<'s> {
    union: UnionFind<u32>,
    first: HashMap<Closed<'s>, u32>,
}

impl<'s> Cells<'s> {
    fn put(&mut self, key: Closed<'s>, class: u32) {
        let first = *self.first.entry(key).or_insert(class);
        self.union.union(first, class);
    }
}

/// What stands for a class, as far as it decides who may meet.
#[derive(Default)]
struct Standpoint<'s> {
    owner: &'s str,
    classification: AlertClassification,
    determination: AlertDetermination,
}

impl<'s> Standpoint<'s> {
    /// What the vendor says holds until a person says otherwise; of several the earliest alert's.
    fn vendor(&mut self, record: &'s VendorRecord) {
        if self.owner.is_empty() {
            self.owner = &record.owner;
        }
        if self.classification == AlertClassification::Unknown {
            self.classification = record.classification.clone();
        }
        if self.determination == AlertDetermination::Unknown {
            self.determination = record.determination.clone();
        }
    }
}

/// How constraints are numbered, for alerts that come later.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    values: Values,
    /// Closed incidents have smaller numbers.
    cells: u32,
}

/// Distinct values under numbers; an unset one has none.
#[derive(Debug, Clone, Default)]
struct Values {
    number: HashMap<(u8, String), u32>,
}

impl Values {
    fn of(&mut self, is: &Standpoint<'_>) -> [u32; 3] {
        let unset = [AlertClassification::Unknown.as_str(), AlertDetermination::Unknown.as_str()];
        let texts = [is.owner, is.classification.as_str(), is.determination.as_str()];
        let mut out = [NONE; 3];
        for ((what, text), slot) in texts.into_iter().enumerate().zip(&mut out) {
            if !text.is_empty() && (what == 0 || !unset.contains(&text)) {
                let next = self.number.len() as u32;
                *slot = *self.number.entry((what as u8, text.to_lowercase())).or_insert(next);
            }
        }
        out
    }
}
