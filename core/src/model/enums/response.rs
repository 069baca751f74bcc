//! Value sets of remediation and of mail analysis that no evidence field uses.

use crate::model::macros::graph_enum;

graph_enum! {
    /// What can be done to a message.
    pub enum RemediationAction {
        /// To the junk folder.
        MoveToJunk = "moveToJunk",
        /// Back to the inbox.
        MoveToInbox = "moveToInbox",
        /// Removed for good.
        HardDelete = "hardDelete",
        /// Removed, can be restored.
        SoftDelete = "softDelete",
        /// To the deleted items.
        MoveToDeletedItems = "moveToDeletedItems",
        /// To quarantine.
        MoveToQuarantine = "moveToQuarantine",
    }
}

graph_enum! {
    /// What can be done to an account (Graph's `action`).
    pub enum AccountAction {
        /// No more sign-in.
        Disable = "disable",
        /// Sign-in again.
        Enable = "enable",
        /// A new password at the next sign-in.
        ForcePasswordReset = "forcePasswordReset",
        /// All sessions end.
        RevokeAllSessions = "revokeAllSessions",
        /// A new sign-in is needed.
        RequireUserToSignInAgain = "requireUserToSignInAgain",
        /// The account counts as compromised.
        MarkUserAsCompromised = "markUserAsCompromised",
    }
}

graph_enum! {
    /// The directory that an [`AccountAction`] goes to.
    pub enum IdentityProvider {
        /// Entra ID.
        EntraId = "entraID" | "azureAD",
        /// Active Directory.
        ActiveDirectory = "activeDirectory",
        /// Okta.
        Okta = "okta",
    }
}

graph_enum! {
    /// What the analysis of a URL or attachment found.
    #[derive(Default)]
    pub enum VerdictCategory {
        /// Nothing.
        #[default]
        None = "none",
        /// Malicious software.
        Malware = "malware",
        /// Phishing.
        Phish = "phish",
        /// The site did not answer.
        SiteUnavailable = "siteUnavailable",
        /// Unwanted mail.
        Spam = "spam",
        /// The content could not be decrypted.
        DecryptionFailed = "decryptionFailed",
        /// A URI scheme that is not analysed.
        UnsupportedUriScheme = "unsupportedUriScheme",
        /// A file type that is not analysed.
        UnsupportedFileType = "unsupportedFileType",
        /// Not decided.
        Undefined = "undefined",
    }
}

graph_enum! {
    /// The threat that a message carries.
    #[derive(Default)]
    pub enum ThreatType {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Unwanted mail.
        Spam = "spam",
        /// Malicious software.
        Malware = "malware",
        /// Phishing.
        Phish = "phish",
        /// None.
        None = "none",
    }
}

graph_enum! {
    /// What the mail filter did with a message.
    #[derive(Default)]
    pub enum DeliveryAction {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Delivered as junk.
        DeliveredToJunk = "deliveredToJunk",
        /// Delivered.
        Delivered = "delivered",
        /// Not delivered.
        Blocked = "blocked",
        /// Delivered with its content replaced.
        Replaced = "replaced",
    }
}

graph_enum! {
    /// Where a message went.
    #[derive(Default)]
    pub enum DeliveryLocation {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Inbox or a folder of the user.
        InboxFolder = "inbox_folder",
        /// Junk folder.
        JunkFolder = "junkFolder",
        /// Deleted items.
        DeletedFolder = "deletedFolder",
        /// Quarantine.
        Quarantine = "quarantine",
        /// A server outside the cloud.
        OnpremExternal = "onprem_external",
        /// Delivery failed.
        Failed = "failed",
        /// Dropped.
        Dropped = "dropped",
        /// Somewhere else.
        Others = "others",
    }
}
