//! Which member of OCSF is which member of Graph evidence: one table, read in both directions.
//!
//! The adapter reads an artifact by it, the export writes one, so that what is written comes back as it was.

/// How a value changes on its way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Text,
    Int,
    /// Milliseconds since 1970 in OCSF, beside them the text with `_dt` after the name.
    Time,
    /// The one item of a list.
    Only,
}

/// Place in the object of OCSF, place in Graph's, how.
pub(crate) type Row = (&'static str, &'static str, How);

use How::{Int, Only, Text, Time};

pub(crate) const FILE: &[Row] =
    &[("name", "fileName", Text), ("parent_folder", "filePath", Text), ("size", "fileSize", Int)];

/// `algorithm_id`, `algorithm`, our member.
pub(crate) const HASHES: [(u64, &str, &str); 3] = [(1, "MD5", "md5"), (2, "SHA-1", "sha1"), (3, "SHA-256", "sha256")];

#[rustfmt::skip]
pub(crate) const PROCESS: &[Row] = &[
    ("pid", "processId", Int), ("cmd_line", "processCommandLine", Text),
    ("created_time", "processCreationDateTime", Time),
];

#[rustfmt::skip]
pub(crate) const PARENT: &[Row] = &[
    ("pid", "parentProcessId", Int), ("created_time", "parentProcessCreationDateTime", Time),
];

/// Beside these a user has `uid`, a SID or an id of the directory, and `uid_alt`.
#[rustfmt::skip]
pub(crate) const USER: &[Row] = &[
    ("name", "accountName", Text), ("domain", "domainName", Text), ("email_addr", "userPrincipalName", Text),
    ("full_name", "displayName", Text),
];

#[rustfmt::skip]
pub(crate) const DEVICE: &[Row] = &[
    ("uid", "mdeDeviceId", Text), ("uid_alt", "azureAdDeviceId", Text), ("hostname", "deviceDnsName", Text),
    ("name", "hostName", Text), ("domain", "dnsDomain", Text), ("ip", "lastIpAddress", Text),
    ("first_seen_time", "firstSeenDateTime", Time),
];

pub(crate) const SYSTEM: &[Row] = &[("name", "osPlatform", Text), ("version", "version", Text)];

#[rustfmt::skip]
pub(crate) const MESSAGE: &[Row] = &[
    ("from", "p2Sender.emailAddress", Text), ("to", "recipientEmailAddress", Only), ("subject", "subject", Text),
    ("message_uid", "internetMessageId", Text), ("uid", "networkMessageId", Text),
    ("smtp_from", "p1Sender.emailAddress", Text), ("x_originating_ip", "senderIp", Only),
];

#[rustfmt::skip]
pub(crate) const SUBMISSION: &[Row] = &[
    ("from", "sender", Text), ("to", "recipient", Only), ("subject", "subject", Text),
    ("uid", "networkMessageId", Text), ("x_originating_ip", "senderIp", Only),
];

pub(crate) const MAILBOX: &[Row] =
    &[("email_addr", "primaryAddress", Text), ("full_name", "displayName", Text), ("name", "upn", Text)];

pub(crate) const URL: &[Row] = &[("url_string", "url", Text)];
pub(crate) const QUERY: &[Row] = &[("hostname", "domainName", Text)];
pub(crate) const IP: &[Row] = &[("ip", "ipAddress", Text)];
pub(crate) const FROM: &[Row] = &[("ip", "sourceAddress.ipAddress", Text), ("port", "sourcePort", Int)];
pub(crate) const TO: &[Row] = &[("ip", "destinationAddress.ipAddress", Text), ("port", "destinationPort", Int)];

pub(crate) const AZURE: &[Row] =
    &[("uid", "resourceId", Text), ("name", "resourceName", Text), ("type", "resourceType", Text)];
pub(crate) const AMAZON: &[Row] =
    &[("uid", "amazonResourceId", Text), ("name", "resourceName", Text), ("type", "resourceType", Text)];
pub(crate) const GOOGLE: &[Row] =
    &[("uid", "fullResourceName", Text), ("name", "resourceName", Text), ("type", "resourceType", Text)];

/// `verdict_id`, its caption, Graph's verdict.
pub(crate) const VERDICTS: [(u64, &str, &str); 5] = [
    (0, "Unknown", "unknown"),
    (2, "True Positive", "malicious"),
    (4, "Suspicious", "suspicious"),
    (5, "Benign", "noThreatsFound"),
    (1, "False Positive", "noThreatsFound"),
];

/// `severity_id`, its caption, Graph's severity; more than high is high.
pub(crate) const SEVERITIES: [(u64, &str, &str); 7] = [
    (0, "Unknown", "unknown"),
    (1, "Informational", "informational"),
    (2, "Low", "low"),
    (3, "Medium", "medium"),
    (4, "High", "high"),
    (5, "Critical", "high"),
    (6, "Fatal", "high"),
];

/// `status_id` of a finding, its caption, Graph's status of an alert.
pub(crate) const STATUSES: [(u64, &str, &str); 7] = [
    (0, "Unknown", "unknown"),
    (1, "New", "new"),
    (2, "In Progress", "inProgress"),
    (4, "Resolved", "resolved"),
    (3, "Suppressed", "resolved"),
    (5, "Archived", "resolved"),
    (6, "Deleted", "resolved"),
];

/// `status_id` of an incident, its caption, Graph's status.
pub(crate) const INCIDENT_STATUSES: [(u64, &str, &str); 5] = [
    (1, "New", "active"),
    (2, "In Progress", "inProgress"),
    (3, "On Hold", "awaitingAction"),
    (4, "Resolved", "resolved"),
    (5, "Closed", "redirected"),
];

/// `verdict_id` of an incident or a finding as a whole, its caption, classification, determination.
pub(crate) const FINDINGS: [(u64, &str, &str, &str); 6] = [
    (1, "False Positive", "falsePositive", ""),
    (2, "True Positive", "truePositive", ""),
    (6, "Test", "informationalExpectedActivity", "securityTesting"),
    (5, "Benign", "informationalExpectedActivity", ""),
    (7, "Insufficient Data", "falsePositive", "notEnoughDataToValidate"),
    (0, "Unknown", "unknown", ""),
];

/// Member of `unmapped` that holds what of an alert OCSF has no place for, in Graph form.
pub(crate) const REST: &str = "casegraph";
