//! The response to one incident: what its judgement asks for, settled with what was said.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hashbrown::{HashMap, HashSet};
use sha2::Digest;

use crate::casebook::Casebook;
use crate::casebook::present::{Presenter, Times, date};
use crate::model::{
    ActionKind, ActionState, ActionTarget, AlertClassification, AlertStatus, FactId, InvestigationState,
    RemediationStatus, Verdict,
};
use crate::policy::AutomationLevel;
use crate::resolve::extract::{Said as Stated, flag};
use crate::resolve::{EntityKind, IdType, Relation};
use crate::respond::investigate::{self, Seen, Thing};
use crate::respond::recommend::{Recommended, Told, Why, recommend};
use crate::respond::state::{Agreed, Event, Ground, Mode, Settled, Try, settle};
use crate::respond::{
    Action, ActionRequest, ActionStep, Approval, Contradiction, EntityName, EvidenceStatus, Investigation, Response,
    RollUp, info, status,
};

use super::said::Said;

type At = DateTime<Utc>;

/// An action of the incident, not yet in words; entities by local id.
pub(super) struct Case<'c> {
    pub(super) action: ActionKind,
    pub(super) entity: u32,
    pub(super) on: Option<u32>,
    recommended: Option<Recommended>,
    said: Vec<&'c Said>,
    seen: Times,
    pub(super) settled: Settled,
}

impl Case<'_> {
    /// One that nothing asks for and nothing was said of.
    fn new(action: &ActionKind, entity: u32, on: Option<u32>) -> Self {
        let (seen, settled) = (Arc::default(), Settled::default());
        Case { action: action.clone(), entity, on, recommended: None, said: Vec::new(), seen, settled }
    }

    fn verdict<'j>(&self, presenter: &'j Presenter<'_>) -> Option<&'j Verdict> {
        presenter.judgement.entities.get(self.entity as usize).map(|judged| &judged.verdict)
    }
}

/// What is told of the entities of the incident at hand.
struct Teller<'p, 'c> {
    presenter: &'p Presenter<'c>,
    statuses: Vec<RemediationStatus>,
}

impl Told for Teller<'_, '_> {
    fn paths(&self, entity: u32) -> Vec<String> {
        let Presenter { book, derived, scene, .. } = self.presenter;
        let Some(global) = scene.entities.get(entity as usize) else { return Vec::new() };
        let mut paths: Vec<String> = Vec::new();
        for alias in derived.aliases(&book.store, *global) {
            let mut parts = alias.splitn(3, ':').skip(1);
            let (id_type, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let on_device = [IdType::OnDevice, IdType::OnHost].iter().any(|known| known.as_str() == id_type);
            if let Some((_, path)) = value.split_once('|').filter(|_| on_device) {
                paths.push(path.to_owned());
            }
        }
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    fn group(&self, device: u32) -> Option<String> {
        let Presenter { book, scene, .. } = self.presenter;
        let rows = scene.rows.iter().rev().filter(|row| row.entity == device);
        let mut groups = rows.filter_map(|row| {
            let (_, text) = book.store.said((row.occurrence, row.occurrence + 1), Stated::Group).next()?;
            Some(book.store.text(text).to_owned())
        });
        groups.next()
    }

    fn status(&self, entity: u32) -> RemediationStatus {
        self.statuses.get(entity as usize).cloned().unwrap_or_default()
    }

    fn setting(&self, entity: u32) -> Option<String> {
        let Presenter { book, derived, scene, .. } = self.presenter;
        let row = scene.rows.iter().rev().find(|row| row.entity == entity && row.flags & flag::NESTED == 0)?;
        let source = book.store.alerts.get(row.source as usize)?;
        let (_, _, json) = book.record(source.fact)?;
        let wanted = *scene.entities.get(entity as usize)?;
        let record: serde_json::Value = serde_json::from_slice(json).ok()?;
        let evidence = record.get("evidence")?.as_array()?;
        let types = evidence.iter().filter_map(|item| Some((item.get("configurationType")?.as_str()?, item)));
        let mut types = types.filter(|(_, item)| {
            let id = item.get("configurationId").and_then(serde_json::Value::as_str).unwrap_or_default();
            let aliases = derived.aliases(&book.store, wanted);
            aliases.iter().any(|alias| !id.is_empty() && alias.to_lowercase().contains(&id.to_lowercase()))
        });
        types.next().map(|(name, _)| name.to_owned())
    }

    fn is_service(&self, entity: u32) -> bool {
        self.presenter.entity_id(entity).contains(r"\services\")
    }

    fn is_internal(&self, address: u32) -> bool {
        let id = self.presenter.entity_id(address);
        let text = id.splitn(3, ':').nth(2).unwrap_or_default();
        match text.parse() {
            Ok(std::net::IpAddr::V4(v4)) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
            Ok(std::net::IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
            Err(_) => false,
        }
    }
}

/// The id of an action: the first 16 hex digits of a digest.
pub(super) fn digest(tenant: &str, action: &ActionKind, entity: &str, on: Option<&str>) -> String {
    let mut sha = sha2::Sha256::new();
    for part in [tenant, action.as_str(), entity, on.unwrap_or_default()] {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    sha.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl<'c> Presenter<'c> {
    /// What the vendor last said of each entity.
    fn vendor_statuses(&self) -> Vec<RemediationStatus> {
        let mut out = vec![RemediationStatus::None; self.scene.entities.len()];
        for row in self.scene.rows.iter().filter(|row| row.flags & flag::NESTED == 0) {
            let said = RemediationStatus::from_index(row.status).unwrap_or_default();
            if let Some(slot) = out.get_mut(row.entity as usize).filter(|_| said != RemediationStatus::None) {
                *slot = said;
            }
        }
        out
    }

    pub(super) fn tenant(&self) -> &'c str {
        let standing = self.scene.alerts.first().and_then(|alert| self.derived.alerts.get(*alert as usize));
        let row = standing.and_then(|standing| self.book.store.alerts.get(standing.head as usize));
        row.map_or("", |row| self.book.store.text(row.tenant))
    }

    fn first_alert(&self) -> String {
        self.scene.alerts.first().map_or_else(String::new, |alert| self.alert_words(*alert).0)
    }

    /// The alerts that hold an entity, and the device with it if one is named; in any incident, by time.
    fn holding(&self, entity: u32, on: Option<u32>) -> impl Iterator<Item = u32> + '_ {
        let global = |local: u32| self.scene.entities.get(local as usize).copied();
        let (entity, on) = (global(entity), on.and_then(global));
        let all = entity.into_iter().flat_map(|entity| self.derived.correlation.holders(entity));
        all.filter(move |alert| on.is_none_or(|on| self.derived.entities_of(*alert).contains(&on)))
    }

    fn began(&self, alert: u32) -> Option<At> {
        self.derived.alerts.get(alert as usize).and_then(|standing| date(standing.first))
    }

    /// When evidence of an entity came, and of the device with it if one is named. `O(alerts that hold it)`, once
    /// for each presenter.
    fn seen(&mut self, entity: u32, on: Option<u32>) -> Times {
        let global = |local: u32| self.scene.entities.get(local as usize).copied();
        let key = (global(entity), on.and_then(global));
        if let Some(known) = self.seen.get(&key) {
            return Arc::clone(known);
        }
        let mut times: Vec<At> = self.holding(entity, on).filter_map(|alert| self.began(alert)).collect();
        if times.is_empty() {
            times = self.here(entity).collect();
        }
        times.sort_unstable();
        times.dedup();
        let times: Times = times.into();
        self.seen.insert(key, Arc::clone(&times));
        times
    }

    /// When evidence of an entity came in this incident: of what links nothing no list is kept.
    fn here(&self, entity: u32) -> impl Iterator<Item = At> + '_ {
        let rows = self.scene.rows.iter().filter(move |row| row.entity == entity);
        rows.filter_map(|row| self.began(*self.scene.alerts.get(row.alert as usize)?))
    }

    /// The last evidence of each entity in this incident: all that the state of an action depends on of which nothing
    /// was said.
    fn last_seen(&self) -> Vec<Option<At>> {
        let mut last: Vec<Option<At>> = vec![None; self.scene.entities.len()];
        for row in &self.scene.rows {
            let seen = self.scene.alerts.get(row.alert as usize).and_then(|alert| self.began(*alert));
            if let Some(slot) = last.get_mut(row.entity as usize) {
                *slot = seen.max(*slot);
            }
        }
        last
    }

    /// The actions of the incident at hand: those that its judgement asks for, and those that anything was said of.
    fn cases(&self, statuses: &[RemediationStatus]) -> (Vec<Case<'c>>, Vec<String>) {
        let teller = Teller { presenter: self, statuses: statuses.to_vec() };
        let (recommended, left) = recommend(&self.scene, &self.judgement, &teller, &self.book.policy.response);
        let mut cases: Vec<Case<'c>> = Vec::with_capacity(recommended.len());
        let mut place: HashMap<(ActionKind, u32, Option<u32>), usize> = HashMap::new();
        let mut case = |cases: &mut Vec<Case<'c>>, action: &ActionKind, entity: u32, on: Option<u32>| {
            *place.entry((action.clone(), entity, on)).or_insert_with(|| {
                cases.push(Case::new(action, entity, on));
                cases.len() - 1
            })
        };
        for wanted in recommended {
            let at = case(&mut cases, &wanted.action, wanted.entity, wanted.on);
            if let Some(case) = cases.get_mut(at) {
                case.recommended = Some(wanted);
            }
        }
        let said = self.book.said();
        if said.of.is_empty() {
            return (cases, left);
        }
        let local: HashMap<u32, u32> = self.scene.entities.iter().copied().zip(0u32..).collect();
        for (entity, at) in self.scene.entities.iter().zip(0u32..) {
            for said in said.of.get(entity).into_iter().flatten() {
                let on = match &said.on {
                    None => None,
                    Some(devices) => match devices.iter().find_map(|device| local.get(device)) {
                        Some(device) => Some(*device),
                        // On a device of another incident.
                        None => continue,
                    },
                };
                let at = case(&mut cases, &said.action, at, on);
                if let Some(case) = cases.get_mut(at) {
                    case.said.push(said);
                }
            }
        }
        (cases, left)
    }

    fn name(&self, local: u32, names: &[String]) -> EntityName {
        EntityName {
            id: self.entity_id(local),
            kind: self.scene.kinds.get(local as usize).map_or(EntityKind::Other, |(kind, _)| *kind),
            name: names.get(local as usize).cloned().unwrap_or_default(),
        }
    }

    /// Why it is asked for, in one line.
    fn because(&self, case: &Case<'_>, names: &[String]) -> String {
        let name = |local: u32| names.get(local as usize).cloned().unwrap_or_default();
        let verdict = self.judgement.entities.get(case.entity as usize).map_or(Verdict::Unknown, |j| j.verdict.clone());
        match case.recommended.as_ref().map(|wanted| &wanted.why) {
            Some(Why::Verdict) => match self.because_of(case.entity, names) {
                because if because.is_empty() => format!("it is {verdict}"),
                because => format!("it is {verdict}: {because}"),
            },
            Some(Why::Role) => "evidence says that the attacker holds it".to_owned(),
            Some(Why::Beside(other)) => format!("`{}` is malicious", name(*other)),
            Some(Why::Rule(title)) => format!("the rule `{title}` asks for it"),
            None => "no judgement asks for it".to_owned(),
        }
    }

    /// Settles an action, with one more thing said of it or without.
    pub(super) fn settle(&self, case: &Case<'_>, at: At, more: Option<&Event>) -> Settled {
        let ground = Ground {
            mode: case.recommended.as_ref().map(|wanted| wanted.mode),
            seen: &case.seen,
            rule: self.book.policy.response.approvals(&case.action),
            undoable: info(&case.action).is_some_and(|row| row.undone_by.is_some()),
        };
        let events: Vec<Event> = case.said.iter().map(|said| said.event.clone()).chain(more.cloned()).collect();
        settle(&ground, &events, at)
    }

    /// An action in words.
    fn word(&self, case: &Case<'_>, names: &[String], tenant: &str, incident: &str) -> Action {
        let settled = &case.settled;
        let (entity, on) = (self.name(case.entity, names), case.on.map(|device| self.name(device, names)));
        let row = info(&case.action);
        let wanted = case.recommended.as_ref();
        let clashes = settled.clashes.iter().map(|clash| Contradiction {
            at: clash.at,
            by: clash.by.clone(),
            text: clash.text.clone(),
            fact: clash.fact.to_string(),
        });
        Action {
            id: digest(tenant, &case.action, &entity.id, on.as_ref().map(|device| device.id.as_str())),
            action: case.action.clone(),
            title: row.map_or_else(|| case.action.to_string(), |row| row.title.to_owned()),
            class: row.map(|row| row.class),
            entity,
            on,
            state: settled.state.clone(),
            since: settled.history.last().and_then(|step| step.at),
            automatic: wanted.is_some_and(|wanted| wanted.mode == Mode::Automatic),
            recommended: wanted.is_some(),
            verdict: case.verdict(self).cloned().unwrap_or_default(),
            level: wanted.map_or(self.book.policy.response.level, |wanted| wanted.level),
            folder: wanted.and_then(|wanted| wanted.folder),
            because: self.because(case, names),
            proposed_by: settled.proposed_by.clone(),
            expires: settled.expires,
            needed: self.book.policy.response.approvals(&case.action).needed,
            approvals: settled.approvals.iter().map(approval).collect(),
            attempt: settled.attempt,
            outcome: settled.outcome.clone(),
            undo: settled.undo,
            undone_by: row.and_then(|row| row.undone_by).cloned(),
            seen_again: settled.seen_again,
            history: settled.history.iter().map(step).collect(),
            contradictions: clashes.collect(),
            investigation: None,
            incident: incident.to_owned(),
            tenant_id: tenant.to_owned(),
        }
    }

    /// The actions of an incident at a time, what waits first; and what was left out.
    pub(super) fn actions(&mut self, incident: u32, at: At) -> (Vec<Case<'c>>, Vec<String>) {
        self.judge(incident);
        let statuses = self.vendor_statuses();
        let (mut cases, left) = self.cases(&statuses);
        for case in &mut cases {
            case.seen = self.seen(case.entity, case.on);
            case.settled = self.settle(case, at, None);
        }
        // Of those whose evidence is later than `at` nothing is known yet.
        cases.retain(|case| case.settled.asked || !case.settled.clashes.is_empty());
        cases.sort_by_cached_key(|case| {
            let verdict = Reverse(case.verdict(self).cloned().unwrap_or_default());
            let action = case.action.index().unwrap_or(u8::MAX);
            let ids = (self.entity_id(case.entity), case.on.map(|device| self.entity_id(device)));
            (rank(&case.settled.state), verdict, action, ids)
        });
        (cases, left)
    }

    /// Actions of the incident at hand, in words. Reads the alerts for names.
    pub(super) fn in_words(&self, cases: &[Case<'_>]) -> Vec<Action> {
        if cases.is_empty() {
            return Vec::new();
        }
        let (names, tenant, first) = (self.names(), self.tenant(), self.first_alert());
        cases.iter().map(|case| self.word(case, &names, tenant, &first)).collect()
    }

    /// What a further event about an action would come to, be the action known or new.
    pub(super) fn try_event(
        &mut self,
        incident: u32,
        action: &ActionKind,
        entity: u32,
        on: Option<u32>,
        event: &Event,
    ) -> Settled {
        self.judge(incident);
        let (cases, _) = self.cases(&self.vendor_statuses());
        let is = |case: &Case<'_>| case.action == *action && case.entity == entity && case.on == on;
        let mut case = cases.into_iter().find(is).unwrap_or_else(|| Case::new(action, entity, on));
        case.seen = self.seen(entity, on);
        self.settle(&case, event.at, Some(event))
    }

    /// What the host is to carry out of these actions.
    pub(super) fn requests(&self, mut cases: Vec<Case<'_>>) -> Vec<ActionRequest> {
        cases.retain(|case| case.settled.request.is_some());
        let actions = self.in_words(&cases);
        let asked = cases.iter().zip(actions).filter_map(|(case, action)| Some((case, action, case.settled.request?)));
        asked.map(|(case, action, of)| self.request(case, action, of)).collect()
    }

    fn aliases(&self, local: u32) -> Vec<String> {
        let global = self.scene.entities.get(local as usize);
        global.map_or_else(Vec::new, |global| self.derived.aliases(&self.book.store, *global))
    }

    fn request(&self, case: &Case<'_>, action: Action, of: Try) -> ActionRequest {
        let undo = of.undo > 0;
        ActionRequest {
            key: format!("{}{}", action.id, of.suffix()),
            perform: action.undone_by.filter(|_| undo).unwrap_or_else(|| action.action.clone()),
            undo,
            id: action.id,
            action: action.action,
            entity: action.entity,
            identifiers: self.aliases(case.entity),
            on: action.on,
            device_identifiers: case.on.map_or_else(Vec::new, |device| self.aliases(device)),
            because: action.because,
            approved_by: action.approvals.into_iter().map(|approval| approval.by).collect(),
            incident: action.incident,
            tenant_id: action.tenant_id,
        }
    }

    /// Does an id lead to an action? It may be made of any identifiers of its entity and device.
    pub(super) fn leads_to(&self, case: &Case<'_>, id: &str) -> bool {
        let tenant = self.tenant();
        let is = |entity: &str, on: Option<&str>| digest(tenant, &case.action, entity, on) == id;
        if self.action_id(case) == id {
            return true;
        }
        let devices: Vec<Option<String>> = match case.on {
            None => vec![None],
            Some(device) => self.aliases(device).into_iter().map(Some).collect(),
        };
        self.aliases(case.entity).iter().any(|entity| devices.iter().any(|on| is(entity, on.as_deref())))
    }

    pub(super) fn action_id(&self, case: &Case<'_>) -> String {
        let device = case.on.map(|device| self.entity_id(device));
        digest(self.tenant(), &case.action, &self.entity_id(case.entity), device.as_deref())
    }

    /// What a case is called by in facts.
    pub(super) fn target_of(&self, case: &Case<'_>) -> ActionTarget {
        let target = ActionTarget::new(case.action.clone(), self.entity_id(case.entity));
        match case.on {
            Some(device) => target.on(self.entity_id(device)),
            None => target,
        }
    }

    /// The last that is known of the incident laid out: its latest activity, and what was said of its actions.
    fn latest(&self) -> At {
        let alerts = self.scene.alerts.iter().filter_map(|alert| self.derived.alerts.get(*alert as usize));
        let active = alerts.filter_map(|standing| date(standing.last).or(date(standing.first)));
        let said = &self.book.said().of;
        let said = self.scene.entities.iter().filter_map(|entity| said.get(entity)).flatten();
        active.chain(said.map(|said| said.event.at)).max().unwrap_or(At::UNIX_EPOCH)
    }

    /// What has been done about each entity of the incident at hand, judged, as of the last that is known of it: as its
    /// actions put it, or else the vendor.
    pub(in crate::casebook) fn remediation(&mut self) -> Vec<RemediationStatus> {
        let mut statuses = self.vendor_statuses();
        let (mut cases, _) = self.cases(&statuses);
        let (at, last) = (self.latest(), self.last_seen());
        let mut by_entity: BTreeMap<u32, Vec<(ActionKind, Settled)>> = BTreeMap::new();
        for case in &mut cases {
            case.seen = match case.said.is_empty() {
                true => last.get(case.entity as usize).copied().flatten().into_iter().collect(),
                false => self.seen(case.entity, case.on),
            };
            by_entity.entry(case.entity).or_default().push((case.action.clone(), self.settle(case, at, None)));
        }
        for (entity, of) in by_entity {
            let of = of.iter().map(|(action, settled)| (action, &settled.state, settled.outcome.as_ref()));
            if let (Some(slot), Some(status)) = (statuses.get_mut(entity as usize), status::status(of)) {
                *slot = status;
            }
        }
        statuses
    }

    /// The response to an incident.
    pub(in crate::casebook) fn response(&mut self, incident: u32, at: At) -> Response {
        let (cases, truncated) = self.actions(incident, at);
        let names = self.names();
        let statuses = self.vendor_statuses();
        let (tenant, first) = (self.tenant(), self.first_alert());
        let mut actions: Vec<Action> = cases.iter().map(|case| self.word(case, &names, tenant, &first)).collect();
        let of_action: Vec<u32> = cases.iter().map(|case| case.entity).collect();
        let things = self.things(&of_action, &actions, &names, &statuses);
        let seen = self.seen_alerts();
        let mut investigations = investigate::investigations(&investigate::Ground {
            alerts: &seen,
            things: &things,
            actions: &actions,
            of_action: &of_action,
            stopped: &self.book.said().stopped,
            policy: &self.book.policy.response,
            at,
        });
        let mut belongs: HashMap<String, String> = HashMap::new();
        for investigation in &investigations {
            for action in investigation.pending_actions.iter().chain(&investigation.past_actions) {
                belongs.entry(action.clone()).or_insert_with(|| investigation.id.clone());
            }
        }
        for action in &mut actions {
            action.investigation = belongs.get(&action.id).cloned();
        }
        let auto_resolved = self.auto_resolved(&investigations);
        investigations.extend(self.vendor_investigations(at));
        let evidence = evidence(&of_action, &actions, &things, &statuses);
        let roll_ups = self.roll_ups(&things, &names);
        Response { incident: first, at, actions, investigations, evidence, roll_ups, auto_resolved, truncated }
    }

    /// The entities of the incident with what actions made of them.
    fn things(
        &self,
        of_action: &[u32],
        actions: &[Action],
        names: &[String],
        statuses: &[RemediationStatus],
    ) -> Vec<Thing> {
        let mut by_entity: HashMap<u32, Vec<&Action>> = HashMap::new();
        for (entity, action) in of_action.iter().zip(actions) {
            by_entity.entry(*entity).or_default().push(action);
        }
        let mut on: HashMap<u32, Vec<u32>> = HashMap::new();
        for arc in self.scene.arcs.iter().filter(|arc| arc.relation == Relation::On) {
            let list = on.entry(arc.from).or_default();
            if !list.contains(&arc.to) {
                list.push(arc.to);
            }
        }
        let teller = Teller { presenter: self, statuses: Vec::new() };
        let policy = &self.book.policy.response;
        (0..self.scene.entities.len() as u32)
            .map(|local| {
                let judged = self.judgement.entities.get(local as usize);
                let of = by_entity.get(&local).map_or(&[][..], Vec::as_slice);
                let vendor = statuses.get(local as usize).cloned().unwrap_or_default();
                let name = self.name(local, names);
                let is_device = matches!(name.kind, EntityKind::Device | EntityKind::IotDevice);
                let level = match is_device && !policy.device_groups.is_empty() {
                    true => policy.level_of(teller.group(local).as_deref()),
                    false => policy.level,
                };
                Thing {
                    verdict: judged.map_or(Verdict::Unknown, |judged| judged.verdict.clone()),
                    undecided: judged.is_some_and(|judged| judged.between.is_some()),
                    status: status::status(of.iter().map(|a| (&a.action, &a.state, a.outcome.as_ref())))
                        .unwrap_or(vendor),
                    level: if is_device { level } else { AutomationLevel::None },
                    on: on.remove(&local).unwrap_or_default(),
                    name,
                }
            })
            .collect()
    }

    fn seen_alerts(&self) -> Vec<Seen> {
        let mut entities: Vec<Vec<u32>> = vec![Vec::new(); self.scene.alerts.len()];
        for row in &self.scene.rows {
            let common = self.scene.kinds.get(row.entity as usize).is_some_and(|(_, common)| *common);
            if let Some(list) = entities.get_mut(row.alert as usize).filter(|_| !common)
                && list.last() != Some(&row.entity)
            {
                list.push(row.entity);
            }
        }
        let alerts = self.scene.alerts.iter().zip(entities);
        let seen = alerts.filter_map(|(alert, entities)| {
            let standing = self.derived.alerts.get(*alert as usize)?;
            let row = self.book.store.alerts.get(standing.head as usize)?;
            let (id, title, _) = self.alert_words(*alert);
            let classification = AlertClassification::from_index(row.classification).unwrap_or_default();
            let false_positive = classification == AlertClassification::FalsePositive;
            let (first, last) = (date(standing.first), date(standing.last));
            Some(Seen { id, title, first, last, false_positive, entities })
        });
        seen.collect()
    }

    /// Bad entities by status: of the incident, and of what is on or belongs to each device, user and mailbox.
    fn roll_ups(&self, things: &[Thing], names: &[String]) -> Vec<RollUp> {
        let bad = |local: u32| things.get(local as usize).filter(|thing| thing.verdict >= Verdict::Suspicious);
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for arc in &self.scene.arcs {
            let asset = match arc.relation {
                Relation::On | Relation::RunsAs | Relation::SessionOf | Relation::Recipient => arc.to,
                _ => continue,
            };
            if bad(arc.from).is_some() {
                parts.entry(asset).or_default().push(arc.from);
            }
        }
        let all = (0..things.len() as u32).filter_map(bad).map(|thing| &thing.status);
        let mut out = vec![RollUp { asset: None, counts: status::counts(all) }];
        let mut assets: Vec<RollUp> = Vec::new();
        for (asset, mut of) in parts {
            let common = self.scene.kinds.get(asset as usize).is_some_and(|(_, common)| *common);
            of.sort_unstable();
            of.dedup();
            if !common {
                let counts = status::counts(of.into_iter().filter_map(bad).map(|thing| &thing.status));
                assets.push(RollUp { asset: Some(self.name(asset, names)), counts });
            }
        }
        assets.sort_by(|a, b| {
            let key = |roll_up: &RollUp| roll_up.asset.as_ref().map(|asset| (asset.kind, asset.id.clone()));
            key(a).cmp(&key(b))
        });
        out.extend(assets);
        out
    }

    /// Alerts whose investigation ended well, if the policy resolves them.
    fn auto_resolved(&self, investigations: &[Investigation]) -> Vec<String> {
        use InvestigationState::{Benign, SuccessfullyRemediated};
        if !self.book.policy.response.auto_resolve {
            return Vec::new();
        }
        let ended = investigations.iter().filter(|i| matches!(i.state, Benign | SuccessfullyRemediated));
        ended.flat_map(|investigation| investigation.alerts.iter().cloned()).collect()
    }

    /// Investigations that came with the alerts.
    fn vendor_investigations(&self, at: At) -> Vec<Investigation> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Head {
            #[serde(default)]
            investigation_state: serde_json::Value,
            #[serde(default)]
            investigation_id: serde_json::Value,
        }
        let mut out: Vec<Investigation> = Vec::new();
        let mut of_id: HashMap<String, usize> = HashMap::new();
        for alert in &self.scene.alerts {
            let Some(standing) = self.derived.alerts.get(*alert as usize) else { continue };
            let Some(row) = self.book.store.alerts.get(standing.head as usize) else { continue };
            let Some(head) =
                self.book.record(row.fact).and_then(|(_, _, json)| serde_json::from_slice::<Head>(json).ok())
            else {
                continue;
            };
            let state = head.investigation_state.as_str().map(InvestigationState::parse);
            let Some(state) = state.filter(|state| *state != InvestigationState::Unknown) else {
                continue;
            };
            if date(standing.first).is_some_and(|first| first > at) {
                continue;
            }
            let id = match &head.investigation_id {
                serde_json::Value::String(text) if !text.is_empty() => Some(text.clone()),
                serde_json::Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let (name, title, _) = self.alert_words(*alert);
            if let Some(known) = id.as_ref().and_then(|id| of_id.get(id)).and_then(|at| out.get_mut(*at)) {
                known.alerts.push(name);
                // The newest alert knows best.
                known.state = state;
                continue;
            }
            if let Some(id) = &id {
                of_id.insert(id.clone(), out.len());
            }
            let lone = investigate::lone(name, title, date(standing.first), state, "the vendor says so");
            out.push(Investigation { vendor: true, vendor_id: id, ..lone });
        }
        out
    }
}

fn approval(agreed: &Agreed) -> Approval {
    Approval { by: agreed.by.clone(), at: agreed.at, reason: agreed.reason.clone(), fact: agreed.fact.to_string() }
}

fn step(step: &crate::respond::state::Step) -> ActionStep {
    ActionStep {
        at: step.at,
        state: step.state.clone(),
        by: step.by.clone(),
        note: step.note.clone(),
        fact: step.fact.map(|fact: FactId| fact.to_string()),
    }
}

/// What has been done about each entity that anything is known of.
fn evidence(
    of_action: &[u32],
    actions: &[Action],
    things: &[Thing],
    vendor: &[RemediationStatus],
) -> Vec<EvidenceStatus> {
    let mut ids: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (entity, action) in of_action.iter().zip(actions) {
        ids.entry(*entity).or_default().push(action.id.clone());
    }
    let mut out: Vec<EvidenceStatus> = Vec::new();
    for (thing, local) in things.iter().zip(0u32..) {
        let vendor_status = vendor.get(local as usize).cloned().unwrap_or_default();
        let of = ids.remove(&local).unwrap_or_default();
        let bad = thing.verdict >= Verdict::Suspicious;
        if bad || !of.is_empty() || vendor_status != RemediationStatus::None {
            out.push(EvidenceStatus {
                entity: thing.name.clone(),
                verdict: thing.verdict.clone(),
                remediation_status: thing.status.clone(),
                vendor_status,
                actions: of,
            });
        }
    }
    out.sort_by(|a, b| {
        let key = |status: &EvidenceStatus| (Reverse(status.verdict.clone()), status.entity.kind);
        key(a).cmp(&key(b)).then_with(|| a.entity.id.cmp(&b.entity.id))
    });
    out
}

/// What waits, what is under way, what is proposed, what is over.
fn rank(state: &ActionState) -> u8 {
    match state {
        ActionState::PendingApproval => 0,
        ActionState::Approved | ActionState::Running => 1,
        ActionState::Proposed => 2,
        _ => 3,
    }
}

impl Casebook {
    /// The alerts of an incident that count as resolved because their investigation ended well, as of the last that is
    /// known of it; none unless the policy resolves them.
    pub(in crate::casebook) fn resolved_by_investigation(&self, incident: u32) -> HashSet<u32> {
        if !self.policy.response.auto_resolve {
            return HashSet::new();
        }
        let mut presenter = Presenter::new(self);
        presenter.lay_out(incident);
        let at = presenter.latest();
        let ids: HashSet<String> = presenter.response(incident, at).auto_resolved.into_iter().collect();
        let resolved = |alert: &u32| ids.contains(&presenter.alert_words(*alert).0);
        presenter.scene.alerts.iter().copied().filter(resolved).collect()
    }

    /// The status of an alert: its own, or resolved by its investigation, unless somebody works on it.
    pub(in crate::casebook) fn alert_status(&self, alert: u32, own: u8, resolved: &HashSet<u32>) -> AlertStatus {
        match AlertStatus::from_index(own).unwrap_or_default() {
            AlertStatus::New | AlertStatus::Unknown if resolved.contains(&alert) => AlertStatus::Resolved,
            own => own,
        }
    }
}
