//! From what people and lists name to entities: indicators, verdict decisions, vendor incidents.

use std::collections::BTreeSet;
use std::ops::Range;

use hashbrown::{HashMap, HashSet};

use crate::error::{Error, ErrorCode, Result};
use crate::model::{Choice, FactKind, Indicator};
use crate::resolve::store::{Store, id_tag};
use crate::resolve::{EntityKind, IdType, canon};

use super::Casebook;
use super::decisions::{Decided, Entry};
use super::derived::Derived;

/// Opinions from outside the alerts, by entity.
#[derive(Debug, Default)]
pub(crate) struct OutsideIndex {
    /// Entity and index of the indicator.
    pub(crate) indicators: HashMap<u32, Vec<u32>>,
    /// Entity and index of the decision, oldest first.
    pub(crate) verdicts: HashMap<u32, Vec<u32>>,
}

/// Canonical identifiers that an indicator may mean.
fn identifiers(indicator: &Indicator) -> Option<(EntityKind, Vec<(IdType, String)>)> {
    let kind = match indicator.kind.to_ascii_lowercase().as_str() {
        "domain" | "domainname" => EntityKind::Dns,
        "filehash" | "hash" => EntityKind::File,
        "ipaddress" | "address" => EntityKind::Ip,
        "sender" => EntityKind::EmailSender,
        name => EntityKind::from_name(name)?,
    };
    let value = indicator.value.trim();
    let token = || canon::token(value).map(|t| t.into_owned());
    let host = || canon::host(value).map(|t| t.into_owned());
    let ids: Vec<(IdType, Option<String>)> = match kind {
        EntityKind::Ip => vec![(IdType::Address, canon::address(value).map(|a| a.to_string()))],
        EntityKind::Url => vec![(IdType::Url, canon::url(value).map(|(url, _)| url))],
        EntityKind::Dns => vec![(IdType::Domain, host())],
        EntityKind::File => [(64, IdType::Sha256), (40, IdType::Sha1), (32, IdType::Md5)]
            .map(|(hex, id_type)| (id_type, canon::hash(value, hex).map(|h| h.into_owned())))
            .to_vec(),
        EntityKind::Mailbox | EntityKind::EmailSender => {
            let address = canon::token(&canon::refang(value)).map(|t| t.into_owned());
            vec![(IdType::Email, address.clone()), (IdType::Upn, address)]
        }
        EntityKind::User => vec![
            (IdType::Sid, canon::sid(value).map(|s| s.into_owned())),
            (IdType::Aad, token()),
            (IdType::Upn, token().filter(|t| t.contains('@'))),
            (IdType::Account, token().filter(|t| t.contains('\\'))),
        ],
        EntityKind::Device => {
            vec![(IdType::Mde, token()), (IdType::Aad, token()), (IdType::Fqdn, host()), (IdType::Host, host())]
        }
        _ => IdType::ALL.into_iter().map(|id_type| (id_type, token())).collect(),
    };
    let ids: Vec<(IdType, String)> = ids.into_iter().filter_map(|(id_type, id)| Some((id_type, id?))).collect();
    Some((kind, ids))
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

/// Reads a public entity id, `kind:type:value`.
pub(super) fn parse_entity(id: &str) -> Result<(EntityKind, IdType, &str)> {
    let mut parts = id.splitn(3, ':');
    let kind = parts.next().and_then(EntityKind::from_name);
    let id_type = parts.next().and_then(|t| IdType::ALL.into_iter().find(|x| x.as_str().eq_ignore_ascii_case(t)));
    match (kind, id_type, parts.next()) {
        (Some(kind), Some(id_type), Some(value)) => Ok((kind, id_type, value)),
        _ => {
            let shown: String = id.chars().take(80).collect();
            Err(Error::new(
                ErrorCode::InvalidArgument,
                format!("no entity id `{}`, expected `kind:type:value`", shown.escape_debug()),
            ))
        }
    }
}

/// The entities that one identifier leads to, at most one per tenant.
pub(super) fn find_entities(store: &Store, derived: &Derived, id: &str) -> Result<Vec<u32>> {
    let (kind, id_type, value) = parse_entity(id)?;
    Ok(entities(store, derived, kind, id_type, value, None))
}

fn entities(
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
#[derive(Debug, Default)]
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

/// Names of the vendor's incidents: of several records the newest, then the greatest id.
pub(super) fn vendor(book: &Casebook, in_force: &dyn Fn(u32) -> bool) -> HashMap<String, String> {
    let name = |id: &String| Some((id.clone(), vendor_name(book, id, in_force)?));
    book.vendor.keys().filter_map(name).collect()
}

/// The same, of the incidents that facts from position `from` on are about.
pub(super) fn vendor_again(
    book: &Casebook,
    from: usize,
    in_force: &dyn Fn(u32) -> bool,
    names: &mut HashMap<String, String>,
) {
    let incidents = book.facts_from(from).filter(|fact| fact.kind == FactKind::Incident);
    for id in incidents.filter_map(|fact| incident_id(fact.json.as_bytes()).ok()) {
        if let Some(name) = vendor_name(book, &id, in_force) {
            names.insert(id, name);
        }
    }
}

fn vendor_name(book: &Casebook, id: &str, in_force: &dyn Fn(u32) -> bool) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Named {
        #[serde(default)]
        display_name: Option<String>,
        #[serde(default)]
        last_update_date_time: Option<String>,
    }
    let facts = book.vendor.get(id)?;
    let records = facts.iter().filter(|f| in_force(**f)).filter_map(|f| book.log.get(*f));
    let named = records.filter_map(|(fact, _, json)| {
        let named: Named = serde_json::from_slice(json).ok()?;
        let updated = named.last_update_date_time.as_deref().and_then(crate::ingest::time::nanos);
        Some((updated, fact, named.display_name?))
    });
    named.max_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1))).map(|(_, _, name)| name)
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
