//! Enum values: Graph's spelling of them, and what they have been called elsewhere.

/// Other spellings of an enum value, and the value.
pub(crate) type Aliases = &'static [(&'static str, &'static str)];

/// An enum value in Graph's spelling: by its alias, or in lower camel case.
pub(crate) fn name(text: &str, aliases: Aliases) -> Option<String> {
    let text = text.trim();
    if let Some(known) = alias(text, aliases) {
        return Some(known.to_owned());
    }
    let plain = text.chars().all(|c| c.is_alphanumeric() || " _-,.&/()'+".contains(c));
    let name = camel(text);
    (plain && !name.is_empty()).then_some(name)
}

pub(crate) fn alias(text: &str, aliases: Aliases) -> Option<&'static str> {
    aliases.iter().find(|(other, _)| other.eq_ignore_ascii_case(text)).map(|&(_, name)| name)
}

/// `PascalCase` or several words as `lowerCamelCase`.
pub(crate) fn camel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        let head = chars.next().into_iter();
        match (out.is_empty(), word.chars().any(char::is_lowercase)) {
            (true, true) => out.extend(head.flat_map(char::to_lowercase).chain(chars)),
            (true, false) => out.push_str(&word.to_lowercase()),
            (false, _) => out.extend(head.flat_map(char::to_uppercase).chain(chars)),
        }
    }
    out
}

pub(crate) const SEVERITY: Aliases = &[("UnSpecified", "unknown")];

pub(crate) const CLASSIFICATION: Aliases =
    &[("BenignPositive", "informationalExpectedActivity"), ("Undetermined", "unknown")];

pub(crate) const DETERMINATION: Aliases = &[
    ("NotAvailable", "unknown"),
    ("CompromisedUser", "compromisedAccount"),
    ("Clean", "notMalicious"),
    ("InsufficientData", "notEnoughDataToValidate"),
    ("NoEnoughDataToValidate", "notEnoughDataToValidate"),
    ("ConfirmedUserActivity", "confirmedActivity"),
];

pub(crate) const VERDICT: Aliases = &[("Clean", "noThreatsFound")];

pub(crate) const DETECTION_SOURCE: Aliases = &[
    ("WindowsDefenderAtp", "microsoftDefenderForEndpoint"),
    ("EDR", "microsoftDefenderForEndpoint"),
    ("WindowsDefenderAv", "antivirus"),
    ("WindowsDefenderSmartScreen", "smartScreen"),
    ("CustomerTI", "customTi"),
    ("Custom TI", "customTi"),
    ("OfficeATP", "microsoftDefenderForOffice365"),
    ("AzureATP", "microsoftDefenderForIdentity"),
    ("MCAS", "cloudAppSecurity"),
    ("MTP", "microsoft365Defender"),
    ("Microsoft Defender XDR", "microsoft365Defender"),
    ("ThreatExperts", "microsoftThreatExperts"),
    ("AAD Identity Protection", "azureAdIdentityProtection"),
    ("DefenderForServers", "microsoftDefenderForServers"),
    ("DefenderForStorage", "microsoftDefenderForStorage"),
    ("DefenderForDatabases", "microsoftDefenderForDatabases"),
    ("DefenderForContainers", "microsoftDefenderForContainers"),
    ("DefenderForDNS", "microsoftDefenderForDNS"),
    ("DefenderForKeyVault", "microsoftDefenderForKeyVault"),
    ("DefenderForAppService", "microsoftDefenderForAppService"),
    ("DefenderForResourceManager", "microsoftDefenderForResourceManager"),
];

/// What products and their alert providers have been called over the years.
pub(crate) const SERVICE_SOURCE: Aliases = &[
    ("MicrosoftDefenderATP", "microsoftDefenderForEndpoint"),
    ("Microsoft Defender Advanced Threat Protection", "microsoftDefenderForEndpoint"),
    ("Microsoft Defender for Endpoint", "microsoftDefenderForEndpoint"),
    ("Microsoft Defender ATP", "microsoftDefenderForEndpoint"),
    ("Windows Defender ATP", "microsoftDefenderForEndpoint"),
    ("MDATP", "microsoftDefenderForEndpoint"),
    ("WDATP", "microsoftDefenderForEndpoint"),
    ("MicrosoftCloudAppSecurity", "microsoftDefenderForCloudApps"),
    ("Microsoft Cloud App Security", "microsoftDefenderForCloudApps"),
    ("Microsoft Defender for Cloud Apps", "microsoftDefenderForCloudApps"),
    ("MCAS", "microsoftDefenderForCloudApps"),
    ("OfficeATP", "microsoftDefenderForOffice365"),
    ("OATP", "microsoftDefenderForOffice365"),
    ("Office 365 Advanced Threat Protection", "microsoftDefenderForOffice365"),
    ("Microsoft Defender for Office 365", "microsoftDefenderForOffice365"),
    ("AzureATP", "microsoftDefenderForIdentity"),
    ("Azure Advanced Threat Protection", "microsoftDefenderForIdentity"),
    ("Microsoft Defender for Identity", "microsoftDefenderForIdentity"),
    ("MTP", "microsoft365Defender"),
    ("Microsoft Threat Protection", "microsoft365Defender"),
    ("Microsoft 365 Defender", "microsoft365Defender"),
    ("Microsoft Defender XDR", "microsoft365Defender"),
    ("IPC", "azureAdIdentityProtection"),
    ("AAD Identity Protection", "azureAdIdentityProtection"),
    ("Azure Active Directory Identity Protection", "azureAdIdentityProtection"),
    ("Microsoft Entra ID Protection", "azureAdIdentityProtection"),
    ("ASC", "microsoftDefenderForCloud"),
    ("Azure Security Center", "microsoftDefenderForCloud"),
    ("Microsoft Defender for Cloud", "microsoftDefenderForCloud"),
    ("ASI Scheduled Alerts", "microsoftSentinel"),
    ("ASI NRT Alerts", "microsoftSentinel"),
    ("Azure Sentinel", "microsoftSentinel"),
    ("Microsoft Sentinel", "microsoftSentinel"),
    ("App Governance", "microsoftAppGovernance"),
    ("Microsoft Data Loss Prevention", "dataLossPrevention"),
];
