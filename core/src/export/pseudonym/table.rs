//! Which member holds which kind of text. A member that is not here holds names.

/// Kinds of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// One of few values that say nothing of anybody.
    Keep,
    /// Names, of anything: every word is replaced.
    Name,
    /// A URL.
    Url,
    /// Paths, command lines, registry keys: words of the system stay.
    Path,
    /// What people write: everyday words stay, unless they are part of a name.
    Prose,
}

/// Values that say nothing of anybody, in the evidence model, in facts of people and lists, and in raw events.
#[rustfmt::skip]
const KEPT: &[&str] = &[
    "@odata.type", "action", "algorithm", "antiSpamDirection", "antispamDirection", "appProtocol", "cloudPlatform",
    "classification", "clusterBy", "configurationType", "confidence", "countryLetterCode", "countryName",
    "decision", "defenderAvStatus", "deliveryAction", "deliveryLocation", "detectionSource", "detectionStatus",
    "determination", "deviceType", "deviceValue", "healthStatus", "importance", "investigationState", "kind",
    "language", "level", "locationType", "messageDirection", "mitreTechniques", "onboardingStatus",
    "operatingSystem", "osPlatform", "outcome", "permissions", "platform", "productName", "protocol", "protocols",
    "provider", "purdueLayer", "registryHive", "registryValueType", "remediationStatus", "resourceType",
    "riskScore", "roles", "servicePrincipalType", "serviceSource", "severity", "status", "threatDetectionMethods",
    "threats", "type", "vendorName", "verdict", "verdictCategory", "version",
    // Raw events: what tells which kind of event it is.
    "ActionType", "ActivityType", "Application", "Channel", "CountryCode", "DeviceType", "EventID", "EventType",
    "IntegrityLevel", "Keywords", "Level", "LogonType", "OSPlatform", "ObjectType", "Opcode", "Operation",
    "Permissions", "PermissionsAddedTo", "Protocol", "Provider", "ProviderName", "RecordType", "Result",
    "ResultStatus", "Role", "SourceName", "Task", "TicketEncryptionType", "Type", "Workload", "channel", "event_id",
    "operationName", "provider_name", "result", "resultType",
];

#[rustfmt::skip]
const PATHS: &[&str] = &[
    "args", "casegraph.by", "casegraph.parentRun", "casegraph.run", "command", "fileName", "filePath", "folderPath",
    "processCommandLine", "query", "registryKey", "registryValue", "registryValueName", "signer", "issuer",
    "filePublisher",
    // Raw events.
    "CommandLine", "Image", "ImageLoaded", "NewProcessName", "OriginalFileName", "ParentCommandLine", "ParentImage",
    "ParentProcessName", "ProcessName", "CurrentDirectory", "TargetFilename", "TargetObject", "Details",
    "ServiceFileName", "ImagePath", "ScriptBlockText", "Product", "Description", "Company", "SourceImage",
    "TargetImage", "CallTrace", "Path", "process_path", "command_line",
];

#[rustfmt::skip]
const URLS: &[&str] = &[
    "url", "urls", "alertWebUrl", "incidentWebUrl", "webUrl", "devicePageLink", "baseUrl", "Url",
];

#[rustfmt::skip]
const PROSE: &[&str] = &[
    "category", "categories", "comment", "customTags", "description", "detailedRoles", "instructions", "message",
    "reason", "recommendedActions", "remediationStatusDetails", "resolvingComment", "source", "summary",
    "systemTags", "tag", "tags", "text", "title", "userAgent", "browser",
];

/// Ends of the names of members whose numbers stay also where they are written as texts.
const NUMBERS: &[&str] =
    &["code", "count", "eventid", "level", "port", "processid", "size", "status", "type", "version"];

/// Does a number that a member holds as a text stay?
pub(super) fn is_numbered(member: &str) -> bool {
    let lower = member.to_ascii_lowercase();
    matches!(member, "appId" | "instanceId" | "rbacGroupId" | "saasAppId")
        || NUMBERS.iter().any(|end| lower.ends_with(end))
}

pub(crate) fn class(member: &str) -> Class {
    let is = |list: &[&str]| list.contains(&member);
    if is(KEPT) {
        Class::Keep
    } else if is(PATHS) {
        Class::Path
    } else if is(URLS) {
        Class::Url
    } else if is(PROSE) {
        Class::Prose
    } else {
        Class::Name
    }
}
