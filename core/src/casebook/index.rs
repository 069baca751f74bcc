//! From what people and lists name to entities: indicators, verdict decisions, vendor incidents.

use std::collections::BTreeSet;
use std::ops::Range;

use hashbrown::{HashMap, HashSet};

use crate::error::{Error, ErrorCode, Result};
use crate::model::{AlertClassification, AlertDetermination, Choice, FactKind, IncidentStatus, Indicator};
use crate::resolve::named::identifiers;
pub(super) use crate::resolve::named::parse_entity;
use crate::resolve::store::{Store, id_tag};
use crate::resolve::{EntityKind, IdType};

use super::Casebook;
use super::decisions::{Decided, Entry};
use super::derived::Derived;

/// Opinions from outside the alerts, by entity.
#[derive(Debug, Clone, Default)]
pub(crate) struct OutsideIndex {
    /// Entity and index of the indicator.
    pub(crate) indicators: HashMap<u32, Vec<u32>>,
    /// Entity and index of the decision, oldest first.
    pub(crate) verdicts: HashMap<u32, Vec<u32>>,
}

/// Can this indicator match anything?
pub(super) fn check(indicator: &Indicator) -> Result<()> {
    let invalid = |message: String| Error::new(ErrorCode::InvalidArgument, message);
    if indicator.confidence > 100 {
        return Err(invalid(format!("the confidence is {}, expected 0 to 100", indicator.confidence)));
    }
    if indicator.verdict.index().is_none() {
        let shown: String = indicator.verdict.as_str().chars().take(40).collect();
        let message =
            format!("no verdict `{}`, expected malicious, suspicious, noThreatsFound or unknown", shown.escape_debug());
        return Err(invalid(message));
    }
    let shown: String = indicator.value.chars().take(80).collect();
    match identifiers(indicator) {
        None => Err(invalid(format!(
            "no kind of entity `{}`, expected ip, url, dns, file, user, device, ...",
            indicator.kind.escape_debug()
        ))),
        Some((kind, ids)) if ids.is_empty() => {
            Err(invalid(format!("`{}` is no value of kind `{}`", shown.escape_debug(), kind.as_str())))
        }
        Some(_) => Ok(()),
    }
}

/// The entities that one identifier leads to, at most one per tenant.
pub(super) fn find_entities(store: &Store, derived: &Derived, id: &str) -> Result<Vec<u32>> {
    let (kind, id_type, value) = parse_entity(id)?;
    Ok(entities(store, derived, kind, id_type, value, None))
}

pub(super) fn entities(
    store: &Store,
    derived: &Derived,
    kind: EntityKind,
    id_type: IdType,
    value: &str,
    tenant: Option<&str>,
) -> Vec<u32> {
    let holders = derived.holders(store);
    let tenants = store.tenants().filter(|t| tenant.is_none_or(|name| store.text(*t) == name));
    let ids = tenants.filter_map(|t| store.ids.find(id_tag(t, kind, id_type), value));
    ids.filter_map(|id| derived.entities.holder(holders, id)).collect()
}

/// Indicators and verdict decisions by entity.
pub(super) fn outside(book: &Casebook, derived: &mut Derived, indicators: &[u32]) {
    add_indicators(book, derived, indicators.iter().copied());
    derived.outside.verdicts = verdicts(book, derived);
}

/// Adds indicators by entity; gives the entities.
pub(super) fn add_indicators(book: &Casebook, derived: &mut Derived, new: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for index in new {
        let Some((_, indicator)) = book.indicators.get(index as usize) else { continue };
        let Some((kind, ids)) = identifiers(indicator) else { continue };
        for (id_type, value) in ids {
            let tenant = indicator.tenant_id.as_deref();
            let of_id = entities(&book.store, derived, kind, id_type, &value, tenant);
            found.extend(of_id.into_iter().map(|entity| (entity, index)));
        }
    }
    for (entity, index) in &found {
        let list = derived.outside.indicators.entry(*entity).or_default();
        if !list.contains(index) {
            list.push(*index);
        }
    }
    let mut entities: Vec<u32> = found.into_iter().map(|(entity, _)| entity).collect();
    entities.sort_unstable();
    entities.dedup();
    for entity in &entities {
        if let Some(list) = derived.outside.indicators.get_mut(entity) {
            by_content(book, list);
        }
    }
    entities
}

/// Indicators in an order of their own: by content, not by arrival.
fn by_content(book: &Casebook, indicators: &mut [u32]) {
    let fact = |i: &u32| book.indicators.get(*i as usize).and_then(|(fact, _)| book.log.get(*fact));
    indicators.sort_by_key(|i| fact(i).map(|(id, ..)| id));
}

/// Verdict decisions by entity.
pub(super) fn verdicts(book: &Casebook, derived: &Derived) -> HashMap<u32, Vec<u32>> {
    let mut out: HashMap<u32, Vec<u32>> = HashMap::new();
    for (index, entry) in derived.decided.entries.iter().enumerate() {
        for entity in decided_entities(book, derived, entry) {
            out.entry(entity).or_default().push(index as u32);
        }
    }
    out
}

/// The entities whose verdict a decision gives.
pub(super) fn decided_entities(book: &Casebook, derived: &Derived, entry: &Entry) -> Vec<u32> {
    match &entry.decision.what {
        Choice::SetVerdict { entity, .. } => find_entities(&book.store, derived, entity).unwrap_or_default(),
        _ => Vec::new(),
    }
}

impl OutsideIndex {
    /// Puts these indicators and verdicts in the place of those of an entity.
    pub(super) fn set(&mut self, entity: u32, indicators: Vec<u32>, verdicts: Vec<u32>) {
        for (map, list) in [(&mut self.indicators, indicators), (&mut self.verdicts, verdicts)] {
            if list.is_empty() {
                map.remove(&entity);
            } else {
                map.insert(entity, list);
            }
        }
    }
}

/// What an identifier is named by.
type Name = (EntityKind, IdType, String);

/// Indicators and verdict decisions in force by what they name, for entities that come later.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    indicators: HashMap<Name, Vec<u32>>,
    in_force: HashSet<u32>,
    verdicts: HashMap<Name, Vec<u32>>,
}

impl Named {
    pub(super) fn is_empty(&self) -> bool {
        self.indicators.is_empty() && self.verdicts.is_empty()
    }

    pub(super) fn is_in_force(&self, indicator: u32) -> bool {
        self.in_force.contains(&indicator)
    }

    pub(super) fn add_indicators(&mut self, book: &Casebook, new: Range<usize>, in_force: &dyn Fn(u32) -> bool) {
        for (index, (fact, indicator)) in book.indicators.iter().enumerate().take(new.end).skip(new.start) {
            let Some((kind, ids)) = identifiers(indicator).filter(|_| in_force(*fact)) else { continue };
            self.in_force.insert(index as u32);
            for (id_type, value) in ids {
                self.indicators.entry((kind, id_type, value)).or_default().push(index as u32);
            }
        }
    }

    pub(super) fn set_decisions(&mut self, decided: &Decided) {
        self.verdicts.clear();
        for (index, entry) in decided.entries.iter().enumerate() {
            let Choice::SetVerdict { entity, .. } = &entry.decision.what else { continue };
            if let Ok((kind, id_type, value)) = parse_entity(entity) {
                self.verdicts.entry((kind, id_type, value.to_owned())).or_default().push(index as u32);
            }
        }
    }

    /// The indicators and the verdicts of an entity that has these identifiers.
    pub(super) fn of(
        &self,
        book: &Casebook,
        derived: &Derived,
        entity: u32,
        ids: &BTreeSet<u32>,
    ) -> (Vec<u32>, Vec<u32>) {
        let store = &book.store;
        let holders = derived.holders(store);
        let (mut indicators, mut verdicts) = (Vec::new(), Vec::new());
        for id in ids.iter().filter(|id| derived.entities.holder(holders, **id) == Some(entity)) {
            let (tenant, kind, id_type) = store.id_parts(*id);
            let name = (kind, id_type, store.ids.str(*id).to_owned());
            let of_tenant = |index: &&u32| {
                let indicator = book.indicators.get(**index as usize).map(|(_, indicator)| indicator);
                let wanted = indicator.and_then(|indicator| indicator.tenant_id.as_deref());
                wanted.is_none_or(|wanted| wanted == store.text(tenant))
            };
            indicators.extend(self.indicators.get(&name).into_iter().flatten().filter(of_tenant));
            verdicts.extend(self.verdicts.get(&name).into_iter().flatten());
        }
        indicators.sort_unstable();
        indicators.dedup();
        by_content(book, &mut indicators);
        verdicts.sort_unstable();
        (indicators, verdicts)
    }
}

/// The vendor's own record of an incident, as far as it is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VendorRecord {
    pub(crate) name: Option<String>,
    /// Empty when the record names none.
    pub(crate) tenant: String,
    pub(crate) owner: String,
    pub(crate) status: IncidentStatus,
    pub(crate) classification: AlertClassification,
    pub(crate) determination: AlertDetermination,
}

/// The vendor's incidents by id.
pub(super) fn vendor(book: &Casebook, in_force: &dyn Fn(u32) -> bool) -> HashMap<String, VendorRecord> {
    book.vendor.keys().filter_map(|id| Some((id.clone(), vendor_record(book, id, in_force)?))).collect()
}

/// The vendor's incidents that facts from position `from` on are about.
pub(super) fn vendor_from(book: &Casebook, from: usize) -> Vec<String> {
    let incidents = book.facts_from(from).filter(|fact| fact.kind == FactKind::Incident);
    let mut ids: Vec<String> = incidents.filter_map(|fact| incident_id(fact.json.as_bytes()).ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The vendor's record of an incident: of several the newest, then the greatest id.
pub(super) fn vendor_record(book: &Casebook, id: &str, in_force: &dyn Fn(u32) -> bool) -> Option<VendorRecord> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Record {
        display_name: serde_json::Value,
        last_update_date_time: serde_json::Value,
        tenant_id: serde_json::Value,
        assigned_to: serde_json::Value,
        status: serde_json::Value,
        classification: serde_json::Value,
        determination: serde_json::Value,
    }
    fn text(value: &serde_json::Value) -> &str {
        value.as_str().unwrap_or_default().trim()
    }
    let facts = book.vendor.get(id)?;
    let records = facts.iter().filter(|f| in_force(**f)).filter_map(|f| book.log.get(*f));
    let read = records.filter_map(|(fact, _, json)| {
        let record: Record = serde_json::from_slice(json).ok()?;
        Some((crate::ingest::time::nanos(text(&record.last_update_date_time)), fact, record))
    });
    let (.., record) = read.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)))?;
    let said = |value| Some(text(value)).filter(|text| !text.is_empty());
    Some(VendorRecord {
        name: record.display_name.as_str().map(str::to_owned),
        tenant: text(&record.tenant_id).to_owned(),
        owner: text(&record.assigned_to).to_owned(),
        status: IncidentStatus::parse(text(&record.status)),
        classification: said(&record.classification).map(AlertClassification::parse).unwrap_or_default(),
        determination: said(&record.determination).map(AlertDetermination::parse).unwrap_or_default(),
    })
}

/// The id of a vendor's incident.
pub(super) fn incident_id(json: &[u8]) -> serde_json::Result<String> {
    #[derive(serde::Deserialize)]
    struct Id {
        #[serde(default)]
        id: serde_json::Value,
    }
    let Id { id } = serde_json::from_slice(json)?;
    Ok(id.as_str().unwrap_or_default().to_owned())
}
