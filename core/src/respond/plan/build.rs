//! From a judged incident to the attacker's graph, and from its cut to a plan.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};

use crate::model::{ActionState, ActionTarget, EvidenceRole, Verdict};
use crate::policy::{Criticality, Planning};
use crate::resolve::{EntityKind, Relation};
use crate::respond::{EntityName, info};

use super::breaks::breaks;
use super::ways::{SESSIONS, allowed, cost, cuts, words};
use super::{
    AttackGraph, AttackNode, AttackWay, HeldEntity, OpenAsset, Plan, PlanOutcome, PlannedAction, ProofPath, opened,
};
use crate::respond::cut::{Cut, Part};

/// An entity of the incident.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    pub(crate) name: EntityName,
    /// Every machine or network has it: nobody gets anywhere through it.
    pub(crate) common: bool,
    pub(crate) verdict: Verdict,
    /// Roles in any of its evidence, a bit each.
    pub(crate) roles: u16,
    pub(crate) criticality: Criticality,
    /// Why nothing has to be done about it any more.
    pub(crate) dealt_with: Option<String>,
}

/// Everything that a plan is made of. Entities by their numbers.
pub(crate) struct Ground<'g> {
    pub(crate) incident: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) things: &'g [Thing],
    pub(crate) relations: &'g [(u32, Relation, u32)],
    pub(crate) policy: &'g Planning,
    /// Id of an action, and its state if anything asked for it.
    pub(crate) told: &'g dyn Fn(&ActionTarget) -> (String, Option<ActionState>),
}

/// A way from one entity to another, by their numbers.
type Way = (u32, u32, &'static str);

/// An action, what it costs, and what that is made of.
#[derive(Debug, Clone)]
struct Price {
    target: ActionTarget,
    cost: u32,
    because: String,
}

pub(super) struct Builder<'g> {
    pub(super) ground: &'g Ground<'g>,
    /// Ways that leave each entity.
    leaving: BTreeMap<u32, BTreeSet<(u32, &'static str)>>,
    /// Why the attacker holds an entity.
    held: BTreeMap<u32, String>,
}

/// Makes the plan. `O(relations × log relations)` and what the cut costs.
pub(crate) fn plan(ground: &Ground<'_>) -> Plan {
    let builder = Builder::new(ground);
    let (kept, truncated) = builder.near();
    let (graph, prices, truncated) = builder.graph(&kept, truncated);
    let cut = graph.network().cut();
    builder.tell(graph, &prices, cut, truncated)
}

impl<'g> Builder<'g> {
    fn new(ground: &'g Ground<'g>) -> Builder<'g> {
        let mut builder = Builder { ground, leaving: BTreeMap::new(), held: BTreeMap::new() };
        for (from, relation, to) in ground.relations {
            let [along, against] = allowed(*relation, ground.policy);
            let [there, back] = words(*relation);
            if along {
                builder.way((*from, *to, there));
            }
            if against {
                builder.way((*to, *from, back));
            }
        }
        builder.hold();
        builder
    }

    /// What common things and what is dealt with have in common: nobody gets anywhere through them.
    fn passable(&self, thing: u32) -> Option<&'g Thing> {
        self.thing(thing).filter(|thing| !thing.common && thing.dealt_with.is_none())
    }

    pub(super) fn thing(&self, thing: u32) -> Option<&'g Thing> {
        self.ground.things.get(thing as usize)
    }

    fn way(&mut self, (from, to, by): Way) {
        if from != to && self.passable(from).is_some() && self.passable(to).is_some() {
            self.leaving.entry(from).or_default().insert((to, by));
        }
    }

    fn numbered(&self) -> impl Iterator<Item = (u32, &'g Thing)> + use<'g> {
        (0_u32..).zip(self.ground.things)
    }

    /// Finds what the attacker holds: what is judged malicious, what evidence gives a role of the attacker's, and
    /// devices on which a malicious process ran. What a judgement calls clean is not held.
    fn hold(&mut self) {
        let mut held = BTreeMap::new();
        for (at, thing) in self.numbered().filter(|(_, thing)| !thing.common && thing.dealt_with.is_none()) {
            if let Some(because) = self.why(thing) {
                held.insert(at, because);
            }
        }
        for (process, relation, device) in self.ground.relations {
            let (Some(from), Some(on)) = (self.passable(*process), self.passable(*device)) else { continue };
            let ran = *relation == Relation::On && from.name.kind == EntityKind::Process;
            let machine = matches!(on.name.kind, EntityKind::Device | EntityKind::IotDevice);
            if ran && machine && from.verdict == Verdict::Malicious && on.verdict != Verdict::Clean {
                held.entry(*device).or_insert_with(|| format!("`{}` ran on it", from.name.name));
            }
        }
        self.held = held;
    }

    fn why(&self, thing: &Thing) -> Option<String> {
        let role = |role: &EvidenceRole| role.index().is_some_and(|index| thing.roles & (1 << index) != 0);
        let roles = [EvidenceRole::Attacker, EvidenceRole::CommandAndControl, EvidenceRole::Compromised];
        match thing.verdict {
            Verdict::Clean => None,
            Verdict::Malicious => Some("judged malicious".to_owned()),
            Verdict::Suspicious if self.ground.policy.suspicious => Some("judged suspicious".to_owned()),
            _ => roles.iter().find(|r| role(r)).map(|role| format!("evidence gives it the role {}", role.as_str())),
        }
    }

    /// What the attacker holds or can get to, the nearest first and by id at one distance; as much as the policy allows.
    fn near(&self) -> (BTreeSet<u32>, Vec<String>) {
        let id = |at: &u32| self.thing(*at).map_or("", |thing| thing.name.id.as_str());
        let mut order: Vec<u32> = self.held.keys().copied().collect();
        order.sort_by(|a, b| id(a).cmp(id(b)));
        let mut found: BTreeSet<u32> = order.iter().copied().collect();
        let mut left: VecDeque<u32> = order.iter().copied().collect();
        while !left.is_empty() {
            let mut next: Vec<u32> = Vec::new();
            for here in left.drain(..) {
                let ways = self.leaving.get(&here).into_iter().flatten();
                next.extend(ways.map(|(to, _)| *to).filter(|to| found.insert(*to)));
            }
            next.sort_by(|a, b| id(a).cmp(id(b)));
            order.extend(&next);
            left.extend(next);
        }
        let most = self.ground.policy.entities as usize;
        let mut truncated = Vec::new();
        if order.len() > most {
            let more = order.len() - most;
            truncated.push(format!("{more} entities further away, `response.plan.entities` allows {most}"));
        }
        (order.into_iter().take(most).collect(), truncated)
    }

    /// The graph of what is near, and what cuts each node off.
    fn graph(
        &self,
        kept: &BTreeSet<u32>,
        mut truncated: Vec<String>,
    ) -> (AttackGraph, BTreeMap<String, Price>, Vec<String>) {
        let mut prices: BTreeMap<String, Price> = BTreeMap::new();
        let mut nodes: BTreeMap<String, AttackNode> = BTreeMap::new();
        for (at, thing) in kept.iter().filter_map(|at| Some((*at, self.thing(*at)?))) {
            let controlled = self.held.contains_key(&at);
            let asset = thing.name.kind.is_asset() && !controlled;
            let price = self.price(at, thing, controlled);
            let node = node(&thing.name.id, Some(thing.name.kind), &thing.name.name, price.as_ref());
            nodes.insert(thing.name.id.clone(), AttackNode { controlled, asset, ..node });
            prices.extend(price.map(|price| (thing.name.id.clone(), price)));
        }
        let mut ways: BTreeSet<AttackWay> = BTreeSet::new();
        for (from, to, by) in kept.iter().flat_map(|from| self.ways(*from)).filter(|(_, to, _)| kept.contains(to)) {
            let (Some(from), Some(to)) = (self.thing(from), self.thing(to)) else { continue };
            let gate = self.gate(from, to, by);
            let (from, to, by) = (from.name.id.clone(), to.name.id.clone(), by.to_owned());
            match gate {
                None => drop(ways.insert(AttackWay { from, to, by })),
                Some(price) => {
                    let id = format!("sessions of {to}");
                    let name = nodes.get(&to).map_or(to.clone(), |node| node.name.clone());
                    let node = node(&id, None, &format!("sessions of {name}"), Some(&price));
                    nodes.entry(id.clone()).or_insert(node);
                    prices.entry(id.clone()).or_insert(price);
                    ways.insert(AttackWay { from: id.clone(), to, by: by.clone() });
                    ways.insert(AttackWay { from, to: id, by: "is one of the".to_owned() });
                }
            }
        }
        let most = self.ground.policy.ways as usize;
        if ways.len() > most {
            let more = ways.len() - most;
            truncated.push(format!("{more} ways between entities, `response.plan.ways` allows {most}"));
        }
        let graph = AttackGraph { nodes: nodes.into_values().collect(), ways: ways.into_iter().take(most).collect() };
        (graph, prices, truncated)
    }

    fn ways(&self, from: u32) -> impl Iterator<Item = Way> {
        self.leaving.get(&from).into_iter().flatten().map(move |(to, by)| (from, *to, *by))
    }

    /// What parts a session from its account.
    fn gate(&self, from: &Thing, to: &Thing, by: &str) -> Option<Price> {
        use EntityKind::{CloudLogonRequest, CloudLogonSession, HostLogonSession};
        let session = matches!(from.name.kind, CloudLogonSession | CloudLogonRequest | HostLogonSession);
        if !session || to.name.kind != EntityKind::User || by != words(Relation::SessionOf)[0] {
            return None;
        }
        let (action, built_in) = SESSIONS;
        let own = cost(&action, built_in, self.ground.policy)?;
        let (more, because) = self.criticality(to);
        let target = ActionTarget::new(action, to.name.id.clone());
        Some(Price { target, cost: own.saturating_add(more), because: format!("{own} for the action{because}") })
    }

    /// The cheapest action that cuts an entity off.
    fn price(&self, at: u32, thing: &Thing, controlled: bool) -> Option<Price> {
        let devices = self.devices(at);
        let usable = cuts(thing.name.kind).iter().filter_map(|(action, built_in)| {
            let own = cost(action, *built_in, self.ground.policy)?;
            let target = ActionTarget::new(action.clone(), thing.name.id.clone());
            // Done on one of several devices it would cut nothing off.
            let target = match (info(action)?.needs_device, devices.as_slice()) {
                (false, _) => target,
                (true, [device]) => target.on(device.clone()),
                (true, _) => return None,
            };
            Some((own, target))
        });
        let (own, target) = usable.min_by_key(|(own, _)| *own)?;
        let (mut cost, mut because) = (own, format!("{own} for the action"));
        if thing.name.kind.is_asset() {
            let (more, words) = self.criticality(thing);
            cost = cost.saturating_add(more);
            because.push_str(&words);
            let healthy = self.ground.policy.healthy;
            if !controlled && healthy > 0 {
                cost = cost.saturating_add(healthy);
                because.push_str(&format!(", {healthy} for an asset that is not lost"));
            }
        }
        Some(Price { target, cost, because })
    }

    fn criticality(&self, thing: &Thing) -> (u32, String) {
        let [low, medium, high, very_high] = self.ground.policy.criticality;
        let more = match thing.criticality {
            Criticality::None => 0,
            Criticality::Low => low,
            Criticality::Medium => medium,
            Criticality::High => high,
            Criticality::VeryHigh => very_high,
        };
        let words = if more == 0 {
            String::new()
        } else {
            format!(", {more} for an asset whose criticality is {}", thing.criticality.words())
        };
        (more, words)
    }

    /// Ids of the devices that an entity is on.
    fn devices(&self, at: u32) -> Vec<String> {
        let on = self.ground.relations.iter().filter(|(from, relation, _)| *from == at && *relation == Relation::On);
        let mut ids: Vec<String> = on
            .filter_map(|(_, _, to)| self.thing(*to))
            .filter(|thing| matches!(thing.name.kind, EntityKind::Device | EntityKind::IotDevice))
            .map(|thing| thing.name.id.clone())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn tell(self, graph: AttackGraph, prices: &BTreeMap<String, Price>, cut: Cut, truncated: Vec<String>) -> Plan {
        let nodes = cut.removals.iter().filter_map(|(part, cost)| match part {
            Part::Node(id) => Some((id, *cost, prices.get(id)?)),
            Part::Edge { .. } => None,
        });
        let actions: Vec<PlannedAction> = nodes.map(|(_, cost, price)| self.action(cost, price)).collect();
        let proof = cut.flow.into_iter().map(|(route, amount)| ProofPath { path: route.into(), amount }).collect();
        let unprotected = opened(&graph, cut.open);
        let open: BTreeSet<&str> = unprotected.iter().map(|asset| asset.entity.id.as_str()).collect();
        let assets = graph.nodes.iter().filter(|node| node.asset && !open.contains(node.id.as_str()));
        let protected: Vec<EntityName> = assets.filter_map(|node| graph.name(&node.id)).collect();
        let (controlled, dealt_with, unreached) = self.apart(&graph);
        Plan {
            incident: self.ground.incident.clone(),
            at: self.ground.at,
            outcome: outcome(&protected, &unprotected),
            actions,
            cost: cut.cost,
            proof,
            controlled,
            protected,
            unprotected,
            unreached,
            dealt_with,
            truncated,
            graph,
        }
    }

    fn action(&self, cost: u32, price: &Price) -> PlannedAction {
        let (id, state) = (self.ground.told)(&price.target);
        let mut title = info(&price.target.action).map_or_else(String::new, |row| row.title.to_owned());
        let named =
            |id: &str| self.ground.things.iter().find(|thing| thing.name.id == id).map(|t| t.name.name.as_str());
        if let Some(name) = named(&price.target.entity) {
            title.push_str(&format!(": {name}"));
        }
        if let Some(device) = price.target.on.as_deref().and_then(named) {
            title.push_str(&format!(" on {device}"));
        }
        let because = price.because.clone();
        let breaks = breaks(self.ground, &price.target);
        PlannedAction { id, target: price.target.clone(), title, state, cost, because, breaks }
    }

    /// What the attacker holds, what is dealt with and would be held, and assets that nothing leads to.
    fn apart(&self, graph: &AttackGraph) -> (Vec<HeldEntity>, Vec<HeldEntity>, Vec<EntityName>) {
        let reached: BTreeSet<&str> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
        let entry = |thing: &Thing, because: String| HeldEntity {
            entity: thing.name.clone(),
            asset: thing.name.kind.is_asset(),
            because,
        };
        let (mut held, mut dealt, mut unreached) = (Vec::new(), Vec::new(), Vec::new());
        for (at, thing) in self.numbered().filter(|(_, thing)| !thing.common) {
            let id = thing.name.id.as_str();
            if let Some(why) = &thing.dealt_with {
                dealt.extend(
                    (self.why(thing).is_some() || thing.name.kind.is_asset()).then(|| entry(thing, why.clone())),
                );
            } else if let Some(because) = self.held.get(&at) {
                held.push(entry(thing, because.clone()));
            } else if thing.name.kind.is_asset() && !reached.contains(id) {
                unreached.push(thing.name.clone());
            }
        }
        for list in [&mut held, &mut dealt] {
            list.sort_by(|a, b| a.entity.id.cmp(&b.entity.id));
        }
        unreached.sort_by(|a, b| a.id.cmp(&b.id));
        (held, dealt, unreached)
    }
}

fn node(id: &str, kind: Option<EntityKind>, name: &str, price: Option<&Price>) -> AttackNode {
    AttackNode {
        id: id.to_owned(),
        kind,
        name: name.to_owned(),
        controlled: false,
        asset: false,
        cut_by: price.map(|price| price.target.clone()),
        cost: price.map(|price| price.cost),
    }
}

fn outcome(protected: &[EntityName], unprotected: &[OpenAsset]) -> PlanOutcome {
    match (protected.is_empty(), unprotected.is_empty()) {
        (true, true) => PlanOutcome::NothingToCut,
        (false, true) => PlanOutcome::Cut,
        (false, false) => PlanOutcome::Partly,
        (true, false) => PlanOutcome::Impossible,
    }
}
