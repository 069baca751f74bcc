//! The formats that alerts and incidents come in, and how they are told apart.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorCode};

/// A format of alerts or incidents.
///
/// ```
/// use casegraph::Format;
///
/// let bytes = br#"{"value": [{"incidentId": 7, "incidentName": "Ransomware on one endpoint", "alerts": []}]}"#;
/// assert_eq!(Format::detect(bytes), Some(Format::M365dIncidents));
/// assert_eq!(Format::from_name("mde-alerts")?, Format::MdeAlerts);
/// # Ok::<(), casegraph::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Microsoft Graph `alerts_v2`.
    GraphAlerts,
    /// Microsoft Graph security incidents, with or without their alerts.
    GraphIncidents,
    /// The incidents API of Microsoft 365 Defender, also one alert of it.
    M365dIncidents,
    /// The alerts API of Defender for Endpoint.
    MdeAlerts,
    /// Rows of Sentinel's `SecurityAlert` table.
    SentinelAlerts,
    /// Sentinel incidents, of the management API or the `SecurityIncident` table.
    SentinelIncidents,
    /// The first alert of the Graph security API (`/security/alerts`).
    GraphLegacyAlerts,
    /// Rows of the advanced hunting tables `AlertInfo` and `AlertEvidence`.
    AdvancedHunting,
    /// OCSF Detection, Security and Incident Findings (classes 2004, 2001 and 2005).
    OcsfFindings,
    /// Raw events of any log, as JSON objects; they need rules ([`Casebook::set_rules`](crate::Casebook::set_rules)).
    /// [`detect`](Format::detect) never says so: what no other format recognises is an event when there are rules.
    Events,
}

/// How much of an input [`Format::detect`] looks at.
const PREFIX: usize = 256 * 1024;

/// How many lists and pages may stand around the first record.
const MAX_WRAPPERS: usize = 8;

impl Format {
    /// All formats, in the order in which they are listed to users.
    pub const ALL: [Format; 10] = [
        Format::GraphAlerts,
        Format::GraphIncidents,
        Format::M365dIncidents,
        Format::MdeAlerts,
        Format::SentinelAlerts,
        Format::SentinelIncidents,
        Format::GraphLegacyAlerts,
        Format::AdvancedHunting,
        Format::OcsfFindings,
        Format::Events,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Format::GraphAlerts => "graph-alerts",
            Format::GraphIncidents => "graph-incidents",
            Format::M365dIncidents => "m365d-incidents",
            Format::MdeAlerts => "mde-alerts",
            Format::SentinelAlerts => "sentinel-alerts",
            Format::SentinelIncidents => "sentinel-incidents",
            Format::GraphLegacyAlerts => "graph-legacy-alerts",
            Format::AdvancedHunting => "advanced-hunting",
            Format::OcsfFindings => "ocsf-findings",
            Format::Events => "events",
        }
    }

    /// The format of that name.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::Format`] when there is none.
    pub fn from_name(name: &str) -> Result<Format, Error> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names = Format::ALL.map(|format| format!("`{}`", format.name())).join(", ");
            let given: String = name.chars().take(60).flat_map(char::escape_debug).collect();
            Error::new(ErrorCode::Format, format!("no format is named `{given}`, expected one of {names}"))
        })
    }

    /// Names the format of an input by its first record, looking at no more than the first 256 KiB.
    ///
    /// The input may be one object, a list, a `value` page, JSON Lines or objects one after another. A first
    /// record that does not end within the part looked at is told by the members seen so far.
    /// Nothing is returned for what is none of the formats, such as a request body.
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Option<Format> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Scanner { rest: bytes.get(..PREFIX).unwrap_or(bytes) }.first_record()?.format()
    }

    /// Names the format of one record, which is not wrapped in a page.
    #[must_use]
    pub fn detect_record(record: &Map<String, Value>) -> Option<Format> {
        let mut seen = Seen::default();
        for (name, value) in record.iter().filter(|(_, value)| !value.is_null()) {
            seen.note(name, value.as_str(), value.is_array() || value.is_object());
        }
        seen.format()
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What of a record tells its format: which of the telling members it has, and two of their values.
#[derive(Default)]
struct Seen {
    names: Vec<&'static str>,
    odata_type: Option<String>,
    kind: Option<String>,
}

/// Members that no other alert or incident has.
#[rustfmt::skip]
const LEGACY: &[&str] = &[
    "activityGroupName", "azureSubscriptionId", "azureTenantId", "cloudAppStates", "closedDateTime",
    "detectionIds", "eventDateTime", "feedback", "fileStates", "hostStates", "incidentIds",
    "lastModifiedDateTime", "malwareStates", "messageSecurityStates", "networkConnections", "registryKeyStates",
    "securityResources", "sourceMaterials", "uriClickSecurityStates", "userStates", "vendorInformation",
    "vulnerabilityStates",
];

#[rustfmt::skip]
const SENTINEL: &[&str] = &[
    "AlertDisplayName", "AlertName", "AlertType", "CompromisedEntity", "EndTimeUtc", "Entities",
    "ExtendedProperties", "ProviderAlertId", "StartTimeUtc", "VendorOriginalId",
];

#[rustfmt::skip]
const GRAPH_ALERT: &[&str] = &[
    "alertWebUrl", "detectionSource", "detectorId", "evidence", "firstActivityDateTime", "incidentWebUrl",
    "lastActivityDateTime", "lastUpdateDateTime", "mitreTechniques", "providerAlertId", "serviceSource",
];

#[rustfmt::skip]
const GRAPH_INCIDENT: &[&str] = &[
    "alerts", "createdDateTime", "customTags", "incidentWebUrl", "lastUpdateDateTime", "redirectIncidentId",
    "systemTags",
];

const OCSF: &[&str] = &["evidences", "finding", "finding_info", "finding_info_list"];

#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "@odata.type", "ActionType", "AlertId", "AttackTechniques", "DeviceId", "IncidentName", "IncidentNumber",
    "SystemAlertId", "TimeGenerated", "Timestamp", "alertCreationTime", "alertId", "category", "class_uid", "createdTime",
    "creationTime", "devices", "displayName", "entities", "etag", "id", "incidentId", "incidentName",
    "lastUpdateTime", "lastUpdatedTime", "machineId", "name", "properties", "severity", "status", "title", "type",
];

impl Seen {
    fn note(&mut self, name: &str, text: Option<&str>, nested: bool) {
        match name {
            "@odata.type" => self.odata_type = text.map(str::to_owned),
            // Only the streaming API's and the management API's own names matter.
            "category" | "type" if text.is_some_and(|text| text.len() < 100) => {
                let telling = |text: &&str| text.starts_with("AdvancedHunting-") || text.contains("SecurityInsights");
                self.kind = text.filter(telling).map(str::to_owned).or(self.kind.take());
            }
            "properties" | "alerts" | "evidence" | "entities" | "devices" if !nested => return,
            _ => {}
        }
        let lists = [LEGACY, SENTINEL, GRAPH_ALERT, GRAPH_INCIDENT, OCSF, OTHERS];
        if let Some(known) = lists.into_iter().flatten().find(|known| **known == name) {
            self.names.push(known);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    fn count(&self, of: &[&str]) -> usize {
        of.iter().filter(|name| self.has(name)).count()
    }

    fn format(&self) -> Option<Format> {
        let has = |name| self.has(name);
        let any = |names: &[&str]| self.count(names) > 0;
        if let Some(name) = self.odata_type.as_deref().and_then(|name| name.rsplit_once("microsoft.graph.")) {
            match name.1 {
                "security.alert" => return Some(Format::GraphAlerts),
                "security.incident" | "incident" => return Some(Format::GraphIncidents),
                "alert" => return Some(Format::GraphLegacyAlerts),
                _ => {}
            }
        }
        if has("class_uid") && any(OCSF) {
            return Some(Format::OcsfFindings);
        }
        if has("properties") || self.kind.is_some() {
            let kind = self.kind.as_deref().unwrap_or_default();
            if kind.starts_with("AdvancedHunting-") {
                return Some(Format::AdvancedHunting);
            }
            let incident = kind.to_ascii_lowercase().ends_with("securityinsights/incidents");
            return incident.then_some(Format::SentinelIncidents);
        }
        if has("IncidentNumber") && (has("IncidentName") || has("TimeGenerated")) {
            return Some(Format::SentinelIncidents);
        }
        if has("SystemAlertId") || self.count(SENTINEL) >= 2 {
            return Some(Format::SentinelAlerts);
        }
        if (has("AlertId") && any(&["Timestamp", "TimeGenerated", "AttackTechniques"]))
            || (has("ActionType") && any(&["Timestamp", "TimeGenerated"]))
        {
            return Some(Format::AdvancedHunting);
        }
        if (has("alertId") && any(&["entities", "devices", "creationTime", "lastUpdatedTime"]))
            || (any(&["incidentId", "incidentName"]) && any(&["alerts", "createdTime"]))
            || (has("incidentId") && has("incidentName"))
        {
            return Some(Format::M365dIncidents);
        }
        if has("alertCreationTime") || (has("machineId") && has("severity") && has("title")) {
            return Some(Format::MdeAlerts);
        }
        if self.count(LEGACY) >= 2 {
            return Some(Format::GraphLegacyAlerts);
        }
        if has("displayName") && any(GRAPH_INCIDENT) {
            return Some(Format::GraphIncidents);
        }
        let graph = self.count(GRAPH_ALERT);
        (graph >= 2 || (graph == 1 && has("title") && any(&["id", "severity"]))).then_some(Format::GraphAlerts)
    }
}

/// Walks over JSON without building it, as far as the bytes go.
struct Scanner<'a> {
    rest: &'a [u8],
}

enum Scalar {
    Text(Option<String>),
    Null,
    Other,
}

impl Scanner<'_> {
    /// The members of the first record, as far as they are there.
    fn first_record(&mut self) -> Option<Seen> {
        'wrapper: for _ in 0..MAX_WRAPPERS {
            match self.next_byte()? {
                b'[' => continue,
                b'{' => {}
                _ => return None,
            }
            let mut seen = Seen::default();
            while let Some(b'"') = self.next_of(b",") {
                let Some(name) = self.text() else { break };
                if self.next_byte() != Some(b':') {
                    break;
                }
                let Some(first) = self.next_byte() else {
                    seen.note(&name, None, true);
                    break;
                };
                if name == "value" && first == b'[' {
                    continue 'wrapper;
                }
                match first {
                    b'{' | b'[' => {
                        seen.note(&name, None, true);
                        if !self.skip_nested() {
                            break;
                        }
                    }
                    _ => match self.scalar(first) {
                        Scalar::Null => {}
                        Scalar::Text(text) => seen.note(&name, text.as_deref(), false),
                        Scalar::Other => seen.note(&name, None, false),
                    },
                }
            }
            return Some(seen);
        }
        None
    }

    fn next_byte(&mut self) -> Option<u8> {
        self.next_of(b"")
    }

    /// The next byte that is neither white space nor one of these.
    fn next_of(&mut self, skip: &[u8]) -> Option<u8> {
        loop {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            if !byte.is_ascii_whitespace() && !skip.contains(&byte) {
                return Some(byte);
            }
        }
    }

    /// The rest of a text whose first quote is read; nothing if it does not end.
    fn text(&mut self) -> Option<String> {
        let mut escaped = false;
        let end = self.rest.iter().position(|&byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let Some(end) = end else {
            self.rest = &[];
            return None;
        };
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.get(1..).unwrap_or_default();
        let quoted = [b"\"", text, b"\""].concat();
        Some(serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(text).into_owned()))
    }

    fn scalar(&mut self, first: u8) -> Scalar {
        if first == b'"' {
            return Scalar::Text(self.text());
        }
        let end = self.rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace());
        self.rest = end.and_then(|end| self.rest.get(end..)).unwrap_or_default();
        if first == b'n' { Scalar::Null } else { Scalar::Other }
    }

    /// Skips a list or an object whose first bracket is read; false if it does not end.
    fn skip_nested(&mut self) -> bool {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next_byte() {
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => depth -= 1,
                Some(b'"') => {
                    if self.text().is_none() {
                        return false;
                    }
                }
                Some(_) => {}
                None => return false,
            }
        }
        true
    }
}
