//! What an action breaks, told from how the entity that it is done to relates to others.

use crate::model::{ActionKind, ActionTarget, Verdict};
use crate::resolve::{EntityKind, Relation};
use crate::respond::EntityName;

use super::Breakage;
use super::build::{Ground, Thing};

/// Names that are listed of each breakage; the rest is counted.
const LISTED: usize = 10;

/// What the action breaks, for whom; what is malicious is not missed.
pub(super) fn breaks(ground: &Ground<'_>, target: &ActionTarget) -> Vec<Breakage> {
    use ActionKind as A;
    let Some(at) = (0_u32..).zip(ground.things).find(|(_, thing)| thing.name.id == target.entity).map(|(at, _)| at)
    else {
        return Vec::new();
    };
    let around = |relation, along, kinds: &[EntityKind]| around(ground, at, relation, along, kinds);
    let mut out = Vec::new();
    let mut add = |text: &str, who: Vec<EntityName>| out.extend(breakage(text, who));
    match target.action {
        A::IsolateDevice | A::ContainDevice => {
            add("people who are signed in lose the device", around(Relation::LoggedOn, false, &[]));
            let kinds = [EntityKind::Process];
            add("programs that are not judged malicious lose the network", around(Relation::On, false, &kinds));
            add("what is part of it loses the network", around(Relation::PartOf, false, &[]));
        }
        A::DisableUser | A::ContainUser => {
            add("nobody can be signed in with the account on these devices", around(Relation::LoggedOn, true, &[]));
            add("the owner cannot open these mailboxes", around(Relation::Owner, false, &[]));
            add("the account cannot use these applications", around(Relation::UsedBy, false, &[]));
            add("programs that run as the account may fail", around(Relation::RunsAs, false, &[]));
        }
        A::RevokeSessions => {
            add("sessions end, a new sign-in is needed", around(Relation::SessionOf, false, &[]));
        }
        A::StopProcess => add("programs that it started may end with it", around(Relation::Parent, false, &[])),
        A::QuarantineFile | A::StopAndQuarantineFile | A::BlockFile => {
            add("programs that run from the file end or do not start again", around(Relation::Image, false, &[]));
        }
        A::BlockUrl | A::BlockIp | A::ContainIp => {
            add("programs that are not judged malicious cannot connect to it", around(Relation::Connected, false, &[]));
            add("URLs under it cannot be opened", around(Relation::Domain, false, &[]));
            add("domains that resolve to it cannot be reached", around(Relation::ResolvesTo, false, &[]));
        }
        A::SoftDelete | A::HardDelete => {
            add("the message disappears from these mailboxes", around(Relation::Recipient, true, &[]));
        }
        A::RemoveInboxRule => {
            add("mail of this mailbox is no longer sorted by it", around(Relation::PartOf, true, &[]))
        }
        _ => {}
    }
    out
}

/// What relates to an entity so, by id; nothing that is common to all or judged malicious.
fn around(ground: &Ground<'_>, at: u32, relation: Relation, along: bool, kinds: &[EntityKind]) -> Vec<EntityName> {
    let ends = ground.relations.iter().filter(|(_, known, _)| *known == relation).filter_map(|(from, _, to)| {
        let (here, there) = if along { (from, to) } else { (to, from) };
        (*here == at && there != here).then_some(*there)
    });
    let counts = |thing: &&Thing| {
        !thing.common && thing.verdict != Verdict::Malicious && (kinds.is_empty() || kinds.contains(&thing.name.kind))
    };
    let mut names: Vec<EntityName> =
        ends.filter_map(|end| ground.things.get(end as usize)).filter(counts).map(|thing| thing.name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn breakage(text: &str, mut entities: Vec<EntityName>) -> Option<Breakage> {
    let more = entities.len().saturating_sub(LISTED);
    entities.truncate(LISTED);
    (!entities.is_empty()).then(|| Breakage { text: text.to_owned(), entities, more })
}
