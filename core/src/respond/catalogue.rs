//! Every action there is: what it applies to, what it needs, what takes it back, how it is classed.

use crate::model::ActionKind;
use crate::resolve::EntityKind;

use ActionKind as A;
use EntityKind as E;

/// What decides whether an action may happen unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ActionClass {
    /// Remediates an artifact of a device: the level of the device's group decides.
    Artifact,
    /// Mends an account: the level decides.
    Identity,
    /// Remediates mail or the settings of a mailbox: waits for approval by default.
    Mail,
    /// Blocks an address or a URL everywhere: waits for approval by default.
    Network,
    /// Cuts an asset off while an attack goes on: a switch of its own decides.
    Disruption,
    /// Only a person asks for it.
    Manual,
    /// Takes another action back.
    Release,
}

/// What is fixed about an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionInfo {
    /// The action.
    #[serde(serialize_with = "name")]
    pub action: &'static ActionKind,
    /// What it is, in words.
    pub title: &'static str,
    /// Kinds of entities that it applies to.
    pub applies_to: &'static [EntityKind],
    /// Must a device be named that it is done on?
    pub needs_device: bool,
    /// What decides whether it may happen unasked.
    pub class: ActionClass,
    /// Does its success mean that the entity is remediated?
    pub remediates: bool,
    /// What takes it back; absent when nothing does.
    #[serde(serialize_with = "maybe_name")]
    pub undone_by: Option<&'static ActionKind>,
}

fn name<S: serde::Serializer>(action: &&'static ActionKind, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(action.as_str())
}

fn maybe_name<S: serde::Serializer>(action: &Option<&'static ActionKind>, s: S) -> Result<S::Ok, S::Error> {
    match action {
        Some(action) => s.serialize_str(action.as_str()),
        None => s.serialize_none(),
    }
}

const FILE: &[E] = &[E::File];
const PROCESS: &[E] = &[E::Process];
const REGISTRY: &[E] = &[E::RegistryKey, E::RegistryValue];
/// A service or a task is seen as its entry, its file or the process that made it: Graph has no kind for them.
const STARTER: &[E] = &[E::RegistryKey, E::RegistryValue, E::File, E::Process, E::Other];
const PERSISTENCE: &[E] = &[E::RegistryKey, E::RegistryValue, E::File, E::MailboxConfiguration, E::Other];
const DEVICE: &[E] = &[E::Device, E::IotDevice];
const IP: &[E] = &[E::Ip];
const SITE: &[E] = &[E::Url, E::Dns];
const INDICATOR: &[E] = &[E::File, E::Ip, E::Url, E::Dns];
const USER: &[E] = &[E::User];
const MAIL: &[E] = &[E::AnalyzedMessage, E::MailCluster, E::SubmissionMail];
const MAILBOX: &[E] = &[E::Mailbox, E::MailboxConfiguration];
/// On an artifact it means the devices that it is found on.
const ANYWHERE: &[E] =
    &[E::Device, E::IotDevice, E::User, E::Mailbox, E::File, E::Process, E::Ip, E::Url, E::Dns, E::AnalyzedMessage];

const fn row(
    action: &'static ActionKind,
    title: &'static str,
    applies_to: &'static [EntityKind],
    class: ActionClass,
) -> ActionInfo {
    ActionInfo { action, title, applies_to, needs_device: false, class, remediates: false, undone_by: None }
}

impl ActionInfo {
    const fn on_device(self) -> ActionInfo {
        ActionInfo { needs_device: true, ..self }
    }

    const fn remediates(self) -> ActionInfo {
        ActionInfo { remediates: true, ..self }
    }

    const fn undone_by(self, action: &'static ActionKind) -> ActionInfo {
        ActionInfo { undone_by: Some(action), ..self }
    }

    /// Does it apply to entities of this kind?
    #[must_use]
    pub fn applies(&self, kind: EntityKind) -> bool {
        self.applies_to.contains(&kind)
    }
}

use ActionClass::{Artifact, Disruption, Identity, Mail, Manual, Network, Release};

/// The catalogue, in the order of [`ActionKind::ALL`].
pub const CATALOGUE: [ActionInfo; ActionKind::ALL.len()] = [
    row(&A::QuarantineFile, "Quarantine file", FILE, Artifact).on_device().remediates().undone_by(&A::ReleaseFile),
    row(&A::StopAndQuarantineFile, "Stop and quarantine file", FILE, Manual).remediates().undone_by(&A::ReleaseFile),
    row(&A::ReleaseFile, "Release file from quarantine", FILE, Release),
    row(&A::BlockFile, "Block file", FILE, Manual).remediates().undone_by(&A::RemoveIndicator),
    row(&A::CollectFile, "Collect file", FILE, Manual).on_device(),
    row(&A::DeepAnalysis, "Analyse file in a sandbox", FILE, Manual),
    row(&A::StopProcess, "Stop process", PROCESS, Artifact).on_device().remediates(),
    row(&A::StopService, "Stop service", STARTER, Artifact).on_device().remediates().undone_by(&A::StartService),
    row(&A::StartService, "Start service", STARTER, Release).on_device(),
    row(&A::DisableDriver, "Disable driver", FILE, Artifact).on_device().remediates().undone_by(&A::EnableDriver),
    row(&A::EnableDriver, "Enable driver", FILE, Release).on_device(),
    row(&A::RemoveRegistryKey, "Remove registry key", REGISTRY, Artifact)
        .on_device()
        .remediates()
        .undone_by(&A::RestoreRegistryKey),
    row(&A::RestoreRegistryKey, "Restore registry key", REGISTRY, Release).on_device(),
    row(&A::RemoveScheduledTask, "Remove scheduled task", STARTER, Artifact)
        .on_device()
        .remediates()
        .undone_by(&A::RestoreScheduledTask),
    row(&A::RestoreScheduledTask, "Restore scheduled task", STARTER, Release).on_device(),
    row(&A::RemovePersistence, "Remove persistence", PERSISTENCE, Artifact).remediates(),
    row(&A::IsolateDevice, "Isolate device", DEVICE, Manual).undone_by(&A::ReleaseDevice),
    row(&A::ContainDevice, "Contain device", DEVICE, Disruption).undone_by(&A::ReleaseDevice),
    row(&A::ReleaseDevice, "Release device", DEVICE, Release),
    row(&A::RestrictCodeExecution, "Restrict app execution", DEVICE, Manual).undone_by(&A::RemoveCodeRestriction),
    row(&A::RemoveCodeRestriction, "Remove app restriction", DEVICE, Release),
    row(&A::RunAntivirusScan, "Run antivirus scan", DEVICE, Manual),
    row(&A::CollectInvestigationPackage, "Collect investigation package", DEVICE, Manual),
    row(&A::LiveResponse, "Live response", DEVICE, Manual),
    row(&A::OffboardDevice, "Offboard device", DEVICE, Manual),
    row(&A::StartInvestigation, "Start investigation", ANYWHERE, Manual),
    row(&A::ContainIp, "Contain IP", IP, Disruption).remediates().undone_by(&A::ReleaseIp),
    row(&A::ReleaseIp, "Release IP", IP, Release),
    row(&A::BlockIp, "Block IP", IP, Network).remediates().undone_by(&A::RemoveIndicator),
    row(&A::BlockUrl, "Block URL", SITE, Network).remediates().undone_by(&A::RemoveIndicator),
    row(&A::AllowIndicator, "Allow indicator", INDICATOR, Manual).undone_by(&A::RemoveIndicator),
    row(&A::RemoveIndicator, "Remove indicator", INDICATOR, Release),
    row(&A::ContainUser, "Contain user", USER, Disruption).undone_by(&A::ReleaseUser),
    row(&A::ReleaseUser, "Release user", USER, Release),
    row(&A::DisableUser, "Disable user", USER, Disruption).remediates().undone_by(&A::EnableUser),
    row(&A::EnableUser, "Enable user", USER, Release),
    row(&A::ForcePasswordReset, "Force password reset", USER, Identity).remediates(),
    row(&A::RevokeSessions, "Revoke sessions", USER, Identity).remediates(),
    row(&A::RequireUserToSignInAgain, "Require sign-in again", USER, Identity),
    row(&A::MarkUserAsCompromised, "Mark user as compromised", USER, Manual),
    row(&A::SoftDelete, "Soft delete message", MAIL, Mail).remediates().undone_by(&A::MoveToInbox),
    row(&A::HardDelete, "Hard delete message", MAIL, Manual).remediates(),
    row(&A::MoveToJunk, "Move message to junk", MAIL, Manual).remediates().undone_by(&A::MoveToInbox),
    row(&A::MoveToDeletedItems, "Move message to deleted items", MAIL, Manual).remediates().undone_by(&A::MoveToInbox),
    row(&A::MoveToInbox, "Move message to inbox", MAIL, Release),
    row(&A::QuarantineMail, "Quarantine message", MAIL, Mail).remediates().undone_by(&A::MoveToInbox),
    row(&A::QuarantineAttachment, "Quarantine attachment", FILE, Mail).remediates().undone_by(&A::ReleaseFile),
    row(&A::DisableExternalForwarding, "Turn off external forwarding", MAILBOX, Mail)
        .remediates()
        .undone_by(&A::RestoreExternalForwarding),
    row(&A::RestoreExternalForwarding, "Turn on external forwarding", MAILBOX, Release),
    row(&A::RemoveDelegation, "Remove delegation", MAILBOX, Mail).remediates().undone_by(&A::RestoreDelegation),
    row(&A::RestoreDelegation, "Restore delegation", MAILBOX, Release),
    row(&A::RemoveInboxRule, "Remove inbox rule", MAILBOX, Mail).remediates().undone_by(&A::RestoreInboxRule),
    row(&A::RestoreInboxRule, "Restore inbox rule", MAILBOX, Release),
];

/// What is fixed about an action; nothing for one that this version does not know.
#[must_use]
pub fn info(action: &ActionKind) -> Option<&'static ActionInfo> {
    CATALOGUE.get(usize::from(action.index()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_stands_in_the_order_of_the_actions_and_each_undoing_takes_something_back() {
        for (row, action) in CATALOGUE.iter().zip(ActionKind::ALL) {
            assert_eq!(row.action, action);
            assert_eq!(info(action).map(|row| row.title), Some(row.title));
            if let Some(undo) = row.undone_by.and_then(info) {
                assert_eq!(undo.class, Release, "{action}");
                let fits = row.applies_to.iter().all(|kind| undo.applies(*kind));
                assert!(fits, "{action} is undone by {}, which applies to fewer kinds", undo.action);
            }
        }
        assert_eq!(info(&ActionKind::parse("dance")), None);
    }

    #[test]
    fn what_the_reference_lists_as_undoable_is() {
        let undoable: Vec<&str> =
            CATALOGUE.iter().filter(|row| row.undone_by.is_some()).map(|row| row.action.as_str()).collect();
        for name in [
            "isolateDevice",
            "containDevice",
            "containUser",
            "restrictCodeExecution",
            "quarantineFile",
            "removeRegistryKey",
            "stopService",
            "disableDriver",
            "removeScheduledTask",
            "disableUser",
            "softDelete",
            "blockUrl",
        ] {
            assert!(undoable.contains(&name), "{name}");
        }
        for name in ["stopProcess", "hardDelete", "runAntivirusScan", "collectInvestigationPackage", "offboardDevice"] {
            assert!(!undoable.contains(&name), "{name}");
        }
    }
}
