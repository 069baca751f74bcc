//! How an attacker gets from one thing to another, and which action cuts a thing off.

use crate::model::ActionKind;
use crate::policy::Planning;
use crate::resolve::{EntityKind, Relation};

use ActionKind as A;
use EntityKind as E;

/// Does who holds one end of a relation get to the other: `[from → to, to → from]`, and how that is said.
///
/// | relation | along | against |
/// | --- | --- | --- |
/// | process → parent | no | starts what it wants |
/// | process → image | no | what a bad file holds is run |
/// | process, file, registry entry, session → device | it acts there | who holds a device holds what runs on it |
/// | process → account | it acts as the account | no |
/// | user → device | signs in there | the credentials in its memory |
/// | session, request → account | it is the account's | no |
/// | message → sender | no | sends more |
/// | message → mailbox | it lies there | no |
/// | message → URL | it leads there | no |
/// | mailbox → user | who reads it trusts it | opens it |
/// | URL → domain | no | serves it |
/// | domain → address | no | serves it |
/// | connection, message, interface → address | no | is its other end |
/// | malware → file, process | is in it | no |
/// | application → user | acts for the user | uses it |
/// | process → address, URL, domain, connection | no | answers it |
/// | process → file, registry entry | wrote it | no |
/// | part → whole | breaks out | holds all parts |
pub(super) const fn leads(relation: Relation) -> [bool; 2] {
    match relation {
        Relation::On | Relation::LoggedOn | Relation::Owner | Relation::UsedBy | Relation::PartOf => [true, true],
        Relation::RunsAs
        | Relation::SessionOf
        | Relation::Recipient
        | Relation::Contains
        | Relation::Instance
        | Relation::Wrote => [true, false],
        Relation::Parent
        | Relation::Image
        | Relation::Sender
        | Relation::Domain
        | Relation::ResolvesTo
        | Relation::Address
        | Relation::Connected => [false, true],
    }
}

/// The same in words, for either direction: what the near end does to the far one.
pub(super) const fn words(relation: Relation) -> [&'static str; 2] {
    match relation {
        Relation::Parent => ["was started by", "starts"],
        Relation::Image => ["runs the file", "is run as"],
        Relation::On => ["is on", "holds"],
        Relation::RunsAs => ["acts as", "runs"],
        Relation::LoggedOn => ["signs in to", "holds credentials of"],
        Relation::SessionOf => ["is a session of", "has the session"],
        Relation::Sender => ["came from", "sends"],
        Relation::Recipient => ["lies in", "received"],
        Relation::Contains => ["leads to", "is linked from"],
        Relation::Owner => ["is read by", "opens"],
        Relation::Domain => ["is under", "serves"],
        Relation::ResolvesTo => ["resolves to", "serves"],
        Relation::Address => ["has the address", "is the other end of"],
        Relation::Instance => ["is in", "holds"],
        Relation::UsedBy => ["acts for", "uses"],
        Relation::Connected => ["speaks to", "answers"],
        Relation::Wrote => ["wrote", "was written by"],
        Relation::PartOf => ["breaks out to", "holds"],
    }
}

/// As [`leads`], with the policy's changes.
pub(super) fn allowed(relation: Relation, policy: &Planning) -> [bool; 2] {
    policy.relations.get(relation.as_str()).copied().unwrap_or_else(|| leads(relation))
}

/// Actions that end what an attacker can do with a thing of this kind, and their built-in costs.
pub(super) const fn cuts(kind: EntityKind) -> &'static [(A, u32)] {
    match kind {
        E::Process => &[(A::StopProcess, 1)],
        E::File => &[(A::QuarantineFile, 1), (A::StopAndQuarantineFile, 2), (A::BlockFile, 3)],
        E::RegistryKey | E::RegistryValue => &[(A::RemoveRegistryKey, 1)],
        E::AnalyzedMessage | E::MailCluster | E::SubmissionMail => &[(A::SoftDelete, 1), (A::HardDelete, 4)],
        E::MailboxConfiguration => &[(A::RemoveInboxRule, 1)],
        E::Url | E::Dns => &[(A::BlockUrl, 2)],
        E::Ip => &[(A::BlockIp, 2), (A::ContainIp, 4)],
        E::User => &[(A::DisableUser, 8), (A::ContainUser, 9)],
        E::Device => &[(A::IsolateDevice, 10), (A::ContainDevice, 12)],
        E::IotDevice => &[(A::ContainDevice, 12)],
        _ => &[],
    }
}

/// What parts the sessions of an account from it: one action for all of them.
pub(super) const SESSIONS: (A, u32) = (A::RevokeSessions, 3);

/// Every action that a plan may use.
pub(crate) fn uses() -> impl Iterator<Item = &'static ActionKind> {
    let used = |action: &&ActionKind| {
        **action == SESSIONS.0 || E::ALL.iter().any(|kind| cuts(*kind).iter().any(|(cut, _)| cut == *action))
    };
    ActionKind::ALL.iter().filter(used)
}

/// What an action costs by itself; nothing for one that plans must not use.
pub(super) fn cost(action: &ActionKind, built_in: u32, policy: &Planning) -> Option<u32> {
    policy.costs.get(action.as_str()).copied().unwrap_or(Some(built_in)).filter(|cost| *cost > 0)
}
