//! How valuable the assets of an incident are: as the policy names them, or else as their evidence tells.

use hashbrown::HashMap;

use crate::policy::{self, Criticality};
use crate::resolve::extract::{Said, flag};
use crate::resolve::store::Store;
use crate::resolve::{EntityKind, IdType, canon};

use super::Casebook;
use super::derived::Derived;
use super::index;
use super::present::Presenter;

/// The assets that the policy names, by entity; of several names for one asset the highest level counts.
pub(super) fn named(book: &Casebook, derived: &Derived) -> HashMap<u32, Criticality> {
    let mut out: HashMap<u32, Criticality> = HashMap::new();
    for (name, level) in &book.policy.summary.criticality {
        for entity in meant(&book.store, derived, name) {
            let held = out.entry(entity).or_default();
            *held = (*held).max(*level);
        }
    }
    out
}

/// A public id, a UPN or address, `DOMAIN\name`, or the name of a device.
fn meant(store: &Store, derived: &Derived, name: &str) -> Vec<u32> {
    let find = |kind: EntityKind, id_type: IdType, value: Option<&str>| {
        value.map(|value| index::entities(store, derived, kind, id_type, value, None)).unwrap_or_default()
    };
    let name = name.trim();
    let token = canon::token(name);
    if name.contains(':') {
        index::find_entities(store, derived, name).unwrap_or_default()
    } else if name.contains('@') {
        let mut out = find(EntityKind::User, IdType::Upn, token.as_deref());
        out.extend(find(EntityKind::Mailbox, IdType::Upn, token.as_deref()));
        out.extend(find(EntityKind::Mailbox, IdType::Email, token.as_deref()));
        out
    } else if name.contains('\\') {
        find(EntityKind::User, IdType::Account, token.as_deref())
    } else {
        let host = canon::host(name);
        let mut out = find(EntityKind::Device, IdType::Fqdn, host.as_deref());
        out.extend(find(EntityKind::Device, IdType::Host, host.as_deref()));
        out
    }
}

/// What a device's own value in the reference's words says; a normal one says nothing.
fn of_value(text: &str) -> Criticality {
    match text.trim() {
        text if text.eq_ignore_ascii_case("high") => Criticality::High,
        text if text.eq_ignore_ascii_case("low") => Criticality::Low,
        _ => Criticality::None,
    }
}

/// What the evidence item of an occurrence says.
pub(super) fn told(store: &Store, policy: &policy::Summary, occurrence: u32, flags: u8) -> Criticality {
    if flags & flag::TAGGED != 0 && store.tags(occurrence).any(|tag| policy.is_critical(tag)) {
        return Criticality::VeryHigh;
    }
    let said = store.said((occurrence, occurrence + 1), Said::Value);
    said.map(|(_, text)| of_value(store.text(text))).max().unwrap_or_default()
}

impl Presenter<'_> {
    /// How valuable each entity of the scene is.
    pub(super) fn criticality(&self) -> Vec<Criticality> {
        let (store, policy) = (&self.book.store, &self.book.policy.summary);
        let mut levels = vec![Criticality::None; self.scene.entities.len()];
        for row in &self.scene.rows {
            let Some(slot) = levels.get_mut(row.entity as usize) else { continue };
            *slot = (*slot).max(told(store, policy, row.occurrence, row.flags));
        }
        if !policy.criticality.is_empty() {
            let named = self.derived.critical.get_or_init(|| named(self.book, self.derived));
            for (level, entity) in levels.iter_mut().zip(&self.scene.entities) {
                *level = named.get(entity).copied().unwrap_or(*level);
            }
        }
        levels
    }
}
