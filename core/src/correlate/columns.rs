//! The input of a correlation: alerts and their entities as interned columns.

/// How an entity stands in an alert; it decides the role factor of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Role {
    /// An evidence item of the alert.
    Direct = 0,
    /// Only mentioned inside an evidence item.
    Nested = 1,
    /// An evidence item in the role `contextual`.
    Contextual = 2,
    /// Found on every machine or network (SYSTEM, private addresses): never links.
    Common = 3,
}

/// Alerts and the entities they hold, by dense ids: what [`Correlation::of`](super::Correlation::of) reads.
///
/// Rows of alert `i` are `rows[i]..rows[i + 1]` of `entity` and `role`; `rows` has one item more than
/// there are alerts. An entity stands once in an alert.
#[derive(Debug, Clone, Copy, Default)]
pub struct Columns<'a> {
    /// Nanoseconds since 1970 per alert; `i64::MIN` where it is undated.
    pub time: &'a [i64],
    /// Detector per alert; a detector belongs to one tenant.
    pub detector: &'a [u32],
    /// Tenant per alert; empty when all are of one. Only alerts of one tenant may share an entity.
    pub tenant: &'a [u32],
    /// Where the rows of each alert begin; the last item is the number of rows.
    pub rows: &'a [u32],
    /// Entity per row.
    pub entity: &'a [u32],
    /// [`Role`] per row, as its number; empty when all are [`Role::Direct`].
    pub role: &'a [u8],
    /// [`EntityKind`](crate::graph::EntityKind) per entity, as its number.
    pub kind: &'a [u8],
}

impl Columns<'_> {
    /// Number of alerts.
    #[must_use]
    pub fn alerts(&self) -> usize {
        self.time.len()
    }

    /// Where the rows of an alert stand.
    pub(super) fn rows_of(&self, alert: u32) -> std::ops::Range<usize> {
        let bound = |at: usize| self.rows.get(at).map_or(0, |row| *row as usize);
        bound(alert as usize)..bound(alert as usize + 1)
    }

    pub(super) fn entities_of(&self, alert: u32) -> &[u32] {
        self.entity.get(self.rows_of(alert)).unwrap_or_default()
    }

    pub(super) fn tenant_of(&self, alert: u32) -> u32 {
        self.tenant.get(alert as usize).copied().unwrap_or(0)
    }

    pub(super) fn role_of(&self, row: usize) -> u8 {
        self.role.get(row).copied().unwrap_or(Role::Direct as u8)
    }

    /// Says what does not fit together, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        let alerts = self.time.len();
        if self.detector.len() != alerts || self.rows.len() != alerts + 1 {
            return Err(format!(
                "{} times, {} detectors and {} row offsets, expected equal counts and one more offset",
                alerts,
                self.detector.len(),
                self.rows.len()
            ));
        }
        if !self.tenant.is_empty() && self.tenant.len() != alerts {
            return Err(format!("{} tenants for {alerts} alerts, expected none or one each", self.tenant.len()));
        }
        if !self.role.is_empty() && self.role.len() != self.entity.len() {
            return Err(format!("{} roles for {} rows, expected none or one each", self.role.len(), self.entity.len()));
        }
        let last = self.rows.last().map_or(0, |n| *n as usize);
        if last != self.entity.len() || !self.rows.is_sorted() || self.rows.first().is_some_and(|n| *n != 0) {
            return Err(format!(
                "row offsets end at {last} of {} rows, expected to rise from 0 to the end",
                self.entity.len()
            ));
        }
        if alerts >= (1 << 30) {
            return Err(format!("{alerts} alerts, expected fewer than 2^30"));
        }
        let most = self.kind.len() as u32;
        match self.entity.iter().position(|e| *e >= most) {
            Some(row) => Err(format!("row {row} names an entity past the {most} that have a kind")),
            None => Ok(()),
        }
    }
}
