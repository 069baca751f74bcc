//! From what people and lists name to entities: indicators, verdict decisions, vendor incidents.

use hashbrown::HashMap;

use crate::error::{Error, ErrorCode, Result};
use crate::model::{AlertClassification, AlertDetermination, Choice, IncidentStatus, Indicator};
use crate::resolve::named::identifiers;
pub(super) use crate::resolve::named::parse_entity;
use crate::resolve::store::{Store, id_tag};
use crate::resolve::{EntityKind, IdType};

use super::Casebook;
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
    let holder = derived.holder(store);
    let tenants = store.tenants().filter(|t| tenant.is_none_or(|name| store.text(*t) == name));
    let ids = tenants.filter_map(|t| store.ids.find(id_tag(t, kind, id_type), value));
    ids.filter_map(|id| holder.get(id as usize).copied())
        .filter(|entity| *entity < derived.entities.len() as u32)
        .collect()
}

/// Indicators and verdict decisions by entity.
pub(super) fn outside(book: &Casebook, derived: &Derived, indicators: &[u32]) -> OutsideIndex {
    let mut out = OutsideIndex::default();
    for index in indicators {
        let Some((_, indicator)) = book.indicators.get(*index as usize) else { continue };
        let Some((kind, ids)) = identifiers(indicator) else { continue };
        for (id_type, value) in ids {
            for entity in entities(&book.store, derived, kind, id_type, &value, indicator.tenant_id.as_deref()) {
                let list = out.indicators.entry(entity).or_default();
                if !list.contains(index) {
                    list.push(*index);
                }
            }
        }
    }
    for (index, entry) in derived.decided.entries.iter().enumerate() {
        if let Choice::SetVerdict { entity, .. } = &entry.decision.what {
            for entity in find_entities(&book.store, derived, entity).unwrap_or_default() {
                out.verdicts.entry(entity).or_default().push(index as u32);
            }
        }
    }
    // Indicators in an order of their own: by content, not by arrival.
    let key = |i: &u32| book.indicators.get(*i as usize).and_then(|(fact, _)| book.log.get(*fact)).map(|(id, ..)| id);
    for list in out.indicators.values_mut() {
        list.sort_by_key(key);
    }
    out
}

/// The vendor's own record of an incident, as far as it is heard.
#[derive(Debug, Clone)]
pub(crate) struct VendorRecord {
    pub(crate) name: Option<String>,
    /// Empty when the record names none.
    pub(crate) tenant: String,
    pub(crate) owner: String,
    pub(crate) status: IncidentStatus,
    pub(crate) classification: AlertClassification,
    pub(crate) determination: AlertDetermination,
}

/// The vendor's incidents by id: of several records the newest, then the greatest id.
pub(super) fn vendor(book: &Casebook, in_force: &dyn Fn(u32) -> bool) -> HashMap<String, VendorRecord> {
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
    let mut out = HashMap::new();
    for (id, facts) in book.vendor.iter() {
        let records = facts.iter().filter(|f| in_force(**f)).filter_map(|f| book.log.get(*f));
        let read = records.filter_map(|(fact, _, json)| {
            let record: Record = serde_json::from_slice(json).ok()?;
            Some((crate::ingest::time::nanos(text(&record.last_update_date_time)), fact, record))
        });
        let newest = read.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        if let Some((.., record)) = newest {
            let said = |value| Some(text(value)).filter(|text| !text.is_empty());
            let record = VendorRecord {
                name: record.display_name.as_str().map(str::to_owned),
                tenant: text(&record.tenant_id).to_owned(),
                owner: text(&record.assigned_to).to_owned(),
                status: IncidentStatus::parse(text(&record.status)),
                classification: said(&record.classification).map(AlertClassification::parse).unwrap_or_default(),
                determination: said(&record.determination).map(AlertDetermination::parse).unwrap_or_default(),
            };
            out.insert(id.clone(), record);
        }
    }
    out
}

impl Derived {
    /// The entity that each identifier leads to.
    fn holder(&self, store: &Store) -> &[u32] {
        self.holder.get_or_init(|| self.entities.holders(store))
    }
}
