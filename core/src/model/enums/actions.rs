//! Value sets of response: what can be done, how far it is, and what an executor says of it.

use crate::model::macros::graph_enum;

graph_enum! {
    /// What can be done about an entity.
    #[derive(PartialOrd, Ord)]
    pub enum ActionKind {
        /// The file is moved where nothing can run it.
        QuarantineFile = "quarantineFile",
        /// Its processes end and the file is quarantined, wherever it is seen.
        StopAndQuarantineFile = "stopAndQuarantineFile",
        /// The file comes back.
        ReleaseFile = "releaseFile",
        /// No device lets the file run.
        BlockFile = "blockFile",
        /// A copy of the file is fetched.
        CollectFile = "collectFile",
        /// The file is run and watched elsewhere.
        DeepAnalysis = "deepAnalysis",
        /// The process ends.
        StopProcess = "stopProcess" | "killProcess",
        /// The service ends and does not start again.
        StopService = "stopService",
        /// The service starts again.
        StartService = "startService",
        /// The driver is not loaded any more.
        DisableDriver = "disableDriver",
        /// The driver may be loaded again.
        EnableDriver = "enableDriver",
        /// The registry key or value is removed.
        RemoveRegistryKey = "removeRegistryKey",
        /// It comes back.
        RestoreRegistryKey = "restoreRegistryKey",
        /// The scheduled task is removed.
        RemoveScheduledTask = "removeScheduledTask",
        /// It comes back.
        RestoreScheduledTask = "restoreScheduledTask",
        /// Whatever lets the attacker come back with the next start or logon goes: stands for the action that
        /// fits the entity.
        RemovePersistence = "removePersistence",
        /// The device speaks to nobody but its management.
        IsolateDevice = "isolateDevice",
        /// Other devices speak to it no more.
        ContainDevice = "containDevice",
        /// The device is no longer isolated or contained.
        ReleaseDevice = "releaseDevice",
        /// Only signed programs of trusted publishers run.
        RestrictCodeExecution = "restrictCodeExecution",
        /// Every program may run again.
        RemoveCodeRestriction = "removeCodeRestriction",
        /// The device is searched.
        RunAntivirusScan = "runAntivirusScan",
        /// What an investigation needs is collected from the device.
        CollectInvestigationPackage = "collectInvestigationPackage",
        /// A person works on the device from afar.
        LiveResponse = "liveResponse",
        /// The device is no longer managed.
        OffboardDevice = "offboardDevice",
        /// An investigation begins, or grows to what was left out.
        StartInvestigation = "startInvestigation",
        /// Devices speak to the address no more.
        ContainIp = "containIp",
        /// They may again.
        ReleaseIp = "releaseIp",
        /// No device connects to the address.
        BlockIp = "blockIp",
        /// Nobody opens the URL or a page of the domain.
        BlockUrl = "blockUrl",
        /// What an indicator names is let through.
        AllowIndicator = "allowIndicator",
        /// The indicator goes.
        RemoveIndicator = "removeIndicator",
        /// The account gets no further from where it is.
        ContainUser = "containUser",
        /// It may again.
        ReleaseUser = "releaseUser",
        /// The account cannot sign in.
        DisableUser = "disableUser",
        /// It can again.
        EnableUser = "enableUser",
        /// A new password at the next sign-in.
        ForcePasswordReset = "forcePasswordReset",
        /// All sessions end.
        RevokeSessions = "revokeSessions" | "revokeAllSessions",
        /// A new sign-in is needed.
        RequireUserToSignInAgain = "requireUserToSignInAgain",
        /// The account counts as compromised.
        MarkUserAsCompromised = "markUserAsCompromised",
        /// The message is removed, and can be restored.
        SoftDelete = "softDelete",
        /// The message is removed for good.
        HardDelete = "hardDelete",
        /// To the junk folder.
        MoveToJunk = "moveToJunk",
        /// To the deleted items.
        MoveToDeletedItems = "moveToDeletedItems",
        /// Back to the inbox.
        MoveToInbox = "moveToInbox",
        /// The message goes to quarantine.
        QuarantineMail = "quarantineMail" | "moveToQuarantine",
        /// The attachment goes to quarantine.
        QuarantineAttachment = "quarantineAttachment",
        /// Mail is no longer forwarded to outside.
        DisableExternalForwarding = "disableExternalForwarding",
        /// It is again.
        RestoreExternalForwarding = "restoreExternalForwarding",
        /// Nobody else may open the mailbox.
        RemoveDelegation = "removeDelegation",
        /// They may again.
        RestoreDelegation = "restoreDelegation",
        /// The rule of the mailbox goes.
        RemoveInboxRule = "removeInboxRule",
        /// It comes back.
        RestoreInboxRule = "restoreInboxRule",
    }
}

graph_enum! {
    /// How far an action is.
    #[derive(PartialOrd, Ord, Default)]
    pub enum ActionState {
        /// Worth doing; nothing happens until somebody asks for it.
        #[default]
        Proposed = "proposed",
        /// Waits for approval.
        PendingApproval = "pendingApproval",
        /// May be carried out: the host is asked to.
        Approved = "approved",
        /// Being carried out.
        Running = "running",
        /// Done.
        Completed = "completed",
        /// Could not be done.
        Failed = "failed",
        /// Done in part.
        Partially = "partially",
        /// Somebody said no.
        Rejected = "rejected",
        /// Nobody said anything in time, which counts as no.
        Expired = "expired",
        /// Was done, and was taken back.
        Undone = "undone",
    }
}

graph_enum! {
    /// What an executor says of an action.
    pub enum ActionOutcome {
        /// It has begun.
        Running = "running" | "inProgress",
        /// It waits: the device does not answer, say.
        Waiting = "waiting" | "pending",
        /// It is done.
        Completed = "completed" | "succeeded",
        /// There was nothing there to do it to.
        NotFound = "notFound",
        /// It is done in part.
        Partially = "partially" | "partiallyCompleted",
        /// It could not be done.
        Failed = "failed" | "timeOut" | "cancelled",
    }
}
