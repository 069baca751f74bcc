//! Every number that a user may want to change, in one value.
//!
//! A policy is data: it reads from and writes to JSON, unknown names are refused, and a file only
//! needs the members that differ from the defaults.

mod plan;
mod response;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use plan::Planning;
pub use response::{Approvals, AutomationLevel, Gate, Gates, Response};

use crate::error::{Error, ErrorCode, Location, Result};
use crate::resolve::{EntityKind, Relation};

/// All tunable numbers. [`Default`] gives the values documented at each field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// What an ingest accepts.
    pub limits: Limits,
    /// When two alerts are linked.
    pub correlate: Correlate,
    /// How opinions become verdicts.
    pub judge: Judge,
    /// How incidents are ranked and summed up.
    pub summary: Summary,
    /// What rules may cost, and which raw events are kept.
    pub rules: Rules,
    /// What questions about other circumstances may cost.
    pub what_if: WhatIf,
    /// What people may do to incidents, and how.
    pub manage: Manage,
    /// What happens unasked, who must agree, and what investigations may cost.
    pub response: Response,
}

impl Policy {
    /// Reads a policy from JSON; absent members keep their defaults.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] with line and column when the text is no policy, or when a
    /// number is outside its meaning (a window below zero, a threshold outside 0 to 1).
    pub fn from_json(text: &str) -> Result<Policy> {
        let policy: Policy = object_from_json("a policy", text)?;
        policy.check()?;
        Ok(policy)
    }

    /// This policy with other values of the members that `members`, an object, holds.
    pub(crate) fn with_members(&self, members: &Value) -> Result<Policy> {
        fn merge(into: &mut Value, from: &Value) {
            match (into, from) {
                (Value::Object(into), Value::Object(from)) => {
                    for (name, value) in from {
                        merge(into.entry(name.as_str()).or_insert(Value::Null), value);
                    }
                }
                (into, from) => into.clone_from(from),
            }
        }
        let mut merged = serde_json::to_value(self).unwrap_or_default();
        if !members.is_object() {
            merged = members.clone();
        }
        merge(&mut merged, members);
        Policy::from_json(&merged.to_string()).map_err(|e| Error::new(e.code(), e.message()))
    }

    /// This policy with other values of some members, given as `/group/member`.
    pub(crate) fn with_replaced(&self, members: &[(&str, &Value)]) -> Result<Policy> {
        let mut all = serde_json::to_value(self).unwrap_or_default();
        for (pointer, value) in members {
            if let Some(slot) = all.pointer_mut(pointer) {
                slot.clone_from(value);
            }
        }
        serde_json::from_value(all).map_err(|e| Error::new(ErrorCode::InvalidArgument, without_place(&e)))
    }

    fn check(&self) -> Result<()> {
        let Policy { limits, correlate, judge, summary, rules, what_if: _, manage: _, response } = self;
        let relations = judge.relations.iter().flat_map(|(name, [with, against])| {
            [(format!("judge.relations.{name}[0]"), *with), (format!("judge.relations.{name}[1]"), *against)]
        });
        let kinds = correlate.kinds.iter().map(|(name, rule)| (format!("correlate.kinds.{name}.weight"), rule.weight));
        let unit = [
            ("correlate.threshold", correlate.threshold),
            ("correlate.nestedFactor", correlate.nested_factor),
            ("correlate.contextualFactor", correlate.contextual_factor),
            ("correlate.edgeDecay", correlate.edge_decay),
            ("correlate.sequenceWeight", correlate.sequence_weight),
            ("correlate.rarityStep", correlate.rarity_step),
            ("correlate.detectorStep", correlate.detector_step),
            ("judge.malicious", judge.malicious),
            ("judge.suspicious", judge.suspicious),
            ("summary.severity", summary.severity),
            ("summary.verdicts", summary.verdicts),
            ("summary.killChain", summary.kill_chain),
            ("summary.assets", summary.assets),
            ("summary.detectors", summary.detectors),
        ];
        for (name, value) in
            unit.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(kinds).chain(relations)
        {
            if !(0.0..=1.0).contains(&value) {
                return invalid(format!("`{}` is {value}, expected 0 to 1", name.escape_debug()));
            }
        }
        let positive = [
            ("correlate.calendarDays", u64::from(correlate.calendar_days)),
            ("correlate.lookback", u64::from(correlate.lookback)),
            ("correlate.hubAssets", u64::from(correlate.hub_assets)),
            ("correlate.maxAlertsPerIncident", u64::from(correlate.max_alerts_per_incident)),
            ("summary.investigationPriority.days", u64::from(summary.investigation_priority.days)),
            ("limits.evidencePerAlert", u64::from(limits.evidence_per_alert)),
            ("limits.recordBytes", limits.record_bytes as u64),
            ("limits.facts", limits.facts),
            ("judge.pathLength", u64::from(judge.path_length)),
            ("rules.correlatedEvents", rules.correlated_events as u64),
            ("rules.correlationGroups", rules.correlation_groups as u64),
            ("rules.quotedEvents", rules.quoted_events as u64),
        ];
        if let Some((name, _)) = positive.into_iter().find(|(_, value)| *value == 0) {
            return invalid(format!("`{name}` is 0, expected 1 or more"));
        }
        let [a, b, c, d, e] = judge.severity;
        let confidences = [
            ("judge.providerMalicious", judge.provider_malicious),
            ("judge.providerSuspicious", judge.provider_suspicious),
            ("judge.providerClean", judge.provider_clean),
            ("judge.roleAttacker", judge.role_attacker),
            ("judge.roleSuspicious", judge.role_suspicious),
            ("judge.detected", judge.detected),
            ("judge.truePositive", judge.true_positive),
            ("judge.severity", a.max(b).max(c).max(d).max(e)),
            ("summary.investigationPriority.red", summary.investigation_priority.red),
        ];
        if let Some((name, value)) = confidences.into_iter().find(|(_, value)| *value > 100) {
            return invalid(format!("`{name}` is {value}, expected 0 to 100"));
        }
        if judge.suspicious > judge.malicious {
            return invalid("`judge.suspicious` is above `judge.malicious`, expected it below".to_owned());
        }
        let is_kind = |name: &String| EntityKind::ALL.iter().any(|kind| kind.as_str() == name);
        if let Some(name) = correlate.kinds.keys().find(|name| !is_kind(name)) {
            return invalid(format!("no kind of entity `{}` in `correlate.kinds`", name.escape_debug()));
        }
        let similar = &summary.similar;
        let aspects = [similar.entities, similar.detectors, similar.techniques, similar.threats, similar.stages];
        if aspects.iter().all(|share| *share == 0) {
            return invalid("every share of `summary.similar` is 0, expected one above it".to_owned());
        }
        let is_asset = |name: &str| match name.split_once(':') {
            Some((kind, rest)) => EntityKind::from_name(kind).is_some_and(EntityKind::is_asset) && rest.contains(':'),
            None => !name.trim().is_empty(),
        };
        if let Some(name) = summary.criticality.keys().find(|name| !is_asset(name)) {
            let message = format!("`{}` names no asset in `summary.criticality`", name.escape_debug());
            return invalid(format!("{message}, expected `kind:type:value`, a UPN or a device's name"));
        }
        let is_relation = |name: &String| Relation::ALL.iter().any(|relation| relation.as_str() == name);
        if let Some(name) = judge.relations.keys().find(|name| !is_relation(name)) {
            return invalid(format!("no relation `{}` in `judge.relations`", name.escape_debug()));
        }
        response.check().or_else(invalid)
    }
}

fn invalid(message: String) -> Result<()> {
    Err(Error::new(ErrorCode::InvalidArgument, message))
}

/// Reads one JSON object with members known to `T`; what is wrong is said without the names of our types.
pub(crate) fn object_from_json<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    if text.trim_start().starts_with('[') {
        return Err(Error::new(ErrorCode::InvalidArgument, format!("not {what}: expected an object, found a list")));
    }
    from_json(what, text)
}

/// Reads a JSON list, with messages like those of [`object_from_json`].
pub(crate) fn list_from_json<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<Vec<T>> {
    if text.trim_start().starts_with('{') {
        return Err(Error::new(ErrorCode::InvalidArgument, format!("not {what}: expected a list, found an object")));
    }
    from_json(what, text)
}

fn from_json<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    let at = |e: &serde_json::Error| Location {
        line: Some(e.line().max(1) as u64),
        column: Some(e.column().max(1) as u64),
        ..Location::default()
    };
    let not = |e: serde_json::Error| {
        Error::new(ErrorCode::InvalidArgument, format!("not {what}: {}", without_place(&e))).at(at(&e))
    };
    serde_json::from_str(text).map_err(not)
}

/// `serde_json` puts the place at the end of its text; it is carried as a `Location` instead.
pub(crate) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or(&text),
        None => &text,
    };
    let text = without_types(text);
    // The parser repeats names of the input; a message is one line.
    text.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// Serde names the Rust type that it expected; users know JSON's.
fn without_types(text: &str) -> String {
    let Some((before, expected)) = text.rsplit_once("expected ") else { return text.to_owned() };
    let plain = match expected.split(' ').next().unwrap_or_default() {
        "struct" | "internally" | "adjacently" => "an object",
        "a" | "an" if expected.contains("map") => "an object",
        "a" if expected.starts_with("a sequence") => "a list",
        "u8" | "u16" | "u32" | "u64" | "usize" | "i64" => "a whole number",
        "f64" => "a number",
        "enum" => "one of its values",
        _ => expected,
    };
    format!("{before}expected {plain}")
}

/// What an ingest accepts. Reaching a limit is a [`Problem`](crate::Problem) of the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one record (alert or incident document). Default 16 MiB.
    pub record_bytes: usize,
    /// Evidence items read from one alert; the rest stays in the log, unjudged, and is reported. Default 10,000.
    pub evidence_per_alert: u32,
    /// Categories, and techniques, read from one alert; the rest is reported. Default 200.
    pub terms_per_alert: u32,
    /// URLs read from one message; the rest is reported. Default 1,000.
    pub urls_per_message: u32,
    /// How deep evidence inside evidence is read (a pod in a namespace in a cluster is 2); what lies
    /// deeper is reported. Default 6.
    pub nested_evidence: u8,
    /// Pages `{"value": [...]}` that may stand around a record. Default 8.
    pub nested_pages: u8,
    /// Problems listed by one ingest; the rest is counted. Default 1,000.
    pub problems: usize,
    /// Facts in one casebook. Default 100 million.
    pub facts: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            record_bytes: 16 << 20,
            evidence_per_alert: 10_000,
            terms_per_alert: 200,
            urls_per_message: 1_000,
            nested_evidence: 6,
            nested_pages: 8,
            problems: 1_000,
            facts: 100_000_000,
        }
    }
}

/// How strongly and how long one kind of entity links the alerts that share it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct KindRule {
    /// Strength of a link by this kind before any factor, 0 to 1; 0 never links.
    pub weight: f64,
    /// Longest gap between two linked alerts, in hours.
    pub window_hours: u32,
}

impl KindRule {
    /// A rule of `weight` within `window_hours`.
    #[must_use]
    pub const fn new(weight: f64, window_hours: u32) -> Self {
        KindRule { weight, window_hours }
    }
}

/// When two alerts are linked:
/// `weight(kind) × role factors × rarity(entity) × rarity(detector on the asset) × decay(gap) ≥ threshold`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Correlate {
    /// Links below this strength are near misses. Default 0.35.
    pub threshold: f64,
    /// Weight and window per entity kind; a kind that is absent here uses the built-in table
    /// ([`EntityKind::link_rule`]).
    pub kinds: std::collections::BTreeMap<String, KindRule>,
    /// Factor of an entity that is only mentioned inside other evidence (the image of a process). Default 0.9.
    pub nested_factor: f64,
    /// Factor of evidence in the role `contextual`. Default 0.5.
    pub contextual_factor: f64,
    /// What is left of a link's strength at the end of its window; linear in between. Default 0.6.
    pub edge_decay: f64,
    /// Days of one calendar window in which rarity is counted. Default 7.
    pub calendar_days: u32,
    /// An entity seen on this many distinct assets in one calendar window is a hub and never links. Default 32.
    pub hub_assets: u32,
    /// Loss of strength per doubling of the assets that an entity is seen on. Default 0.08.
    pub rarity_step: f64,
    /// Alerts of one detector on one asset in a calendar window up to which it counts as rare. Default 8.
    pub detector_rare: u32,
    /// Loss of strength per doubling above that. Default 0.15.
    pub detector_step: f64,
    /// Alerts of one detector on one asset in one day from which they are noise: folded into one
    /// counted repeat, and never linked by the asset. Default 24.
    pub noise_per_day: u32,
    /// Hours of a day in which a tenant has alerts, from which the day counts as observed. Default 12.
    pub observed_hours: u32,
    /// Observed days around an alert (less than `calendarDays` before or after it) from which it can be told what is
    /// routine. Default 3.
    pub observed_days: u32,
    /// Share of those days, in per cent, on which a detector fires somewhere in the tenant to be routine there; where
    /// it fires on an asset on more than one day, its alerts never link by the asset. Default 90.
    pub routine_percent: u32,
    /// A routine alert of a detector that raised at most `detectorRare` alerts on the asset on any other day counts
    /// as notable with this many notable detectors on the asset … Default 3.
    pub accompany_detectors: u32,
    /// … within this many seconds. Default 60.
    pub accompany_seconds: u32,
    /// Strength of the link between a notable alert and the notable one before it in the tenant, before decay: it
    /// needs no shared entity. 0 never links. Default 0.6.
    pub sequence_weight: f64,
    /// Longest gap of that link in hours, for a tenant with notable alerts on one asset; it halves with each doubling
    /// of those assets. Default 96.
    pub sequence_hours: u32,
    /// With notable alerts on more assets than this, following each other says nothing. Default 64.
    pub sequence_assets: u32,
    /// The same detector with the same evidence again within this many hours is a repeat. Default 24.
    pub repeat_hours: u32,
    /// How many earlier alerts with the same entity are compared with an alert. Default 8.
    pub lookback: u32,
    /// Honour the vendor's own incident ids. Default true.
    pub vendor_incidents: bool,
    /// What the vendor's record of an incident says of it holds for its alerts until a person says otherwise:
    /// a resolved one takes in no other alert, and different owners, classifications or determinations do not
    /// grow together. Only with `vendorIncidents`. Default true.
    pub vendor_labels: bool,
    /// Alerts on devices of different device groups never share an incident. Default false.
    pub scoped_device_groups: bool,
    /// An incident stops growing at this many alerts and says so. Default 100,000.
    pub max_alerts_per_incident: u32,
    /// Near misses listed per incident, strongest first; the rest is counted. Default 20.
    pub near_misses: u32,
}

impl Default for Correlate {
    fn default() -> Self {
        Correlate {
            threshold: 0.35,
            kinds: std::collections::BTreeMap::new(),
            nested_factor: 0.9,
            contextual_factor: 0.5,
            edge_decay: 0.6,
            calendar_days: 7,
            hub_assets: 32,
            rarity_step: 0.08,
            detector_rare: 8,
            detector_step: 0.15,
            noise_per_day: 24,
            observed_hours: 12,
            observed_days: 3,
            routine_percent: 90,
            accompany_detectors: 3,
            accompany_seconds: 60,
            sequence_weight: 0.6,
            sequence_hours: 96,
            sequence_assets: 64,
            repeat_hours: 24,
            lookback: 8,
            vendor_incidents: true,
            vendor_labels: true,
            scoped_device_groups: false,
            max_alerts_per_incident: 100_000,
            near_misses: 20,
        }
    }
}

/// How opinions become verdicts. Confidences are 0 to 100.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Judge {
    /// Score from which an entity is malicious. Default 0.80.
    pub malicious: f64,
    /// Score from which an entity is suspicious. Default 0.30.
    pub suspicious: f64,
    /// Confidence of a provider's verdict `malicious` on evidence. Default 90.
    pub provider_malicious: u8,
    /// Confidence of a provider's verdict `suspicious` on evidence. Default 60.
    pub provider_suspicious: u8,
    /// Confidence of a provider's verdict `noThreatsFound` on evidence. Default 80.
    pub provider_clean: u8,
    /// Confidence that an artifact in the role `attacker` or `commandAndControl` is suspicious. Default 60.
    pub role_attacker: u8,
    /// Confidence that an artifact in the role `suspicious` or `policyViolator` is suspicious. Default 40.
    pub role_suspicious: u8,
    /// Confidence that a file or process that a sensor detected, blocked or prevented is suspicious. Default 50.
    pub detected: u8,
    /// Confidence that the artifacts of an alert are suspicious, by its severity
    /// (unknown, informational, low, medium, high). Default 0, 0, 10, 20, 35.
    pub severity: [u8; 5],
    /// The same when the provider classified the alert as a true positive. Default 60.
    pub true_positive: u8,
    /// Weight per relation of the entity graph, with and against its direction; a relation that is
    /// absent here uses the built-in table ([`Relation`]).
    pub relations: std::collections::BTreeMap<String, [f64; 2]>,
    /// Links of the longest association path. Default 8.
    pub path_length: u32,
    /// Units of work that judging one incident may cost: an evidence item or a relation that is read, or a
    /// relation that is looked at on the way of suspicion. When they run out, what is not settled is said to
    /// lie between two scores. Default 1,000,000,000,000, which no incident reaches.
    pub work: u64,
}

impl Default for Judge {
    fn default() -> Self {
        Judge {
            malicious: 0.80,
            suspicious: 0.30,
            provider_malicious: 90,
            provider_suspicious: 60,
            provider_clean: 80,
            role_attacker: 60,
            role_suspicious: 40,
            detected: 50,
            severity: [0, 0, 10, 20, 35],
            true_positive: 60,
            relations: std::collections::BTreeMap::new(),
            path_length: 8,
            work: 1_000_000_000_000,
        }
    }
}

/// How incidents are ranked and summed up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Summary {
    /// Share of each factor in the priority, 0 to 1: severity. Default 0.8.
    pub severity: f64,
    /// Malicious and suspicious entities. Default 0.7.
    pub verdicts: f64,
    /// Progress along the kill chain. Default 0.9.
    pub kill_chain: f64,
    /// Assets whose tags or criticality mark them as valuable. Default 0.8.
    pub assets: f64,
    /// Distinct detectors that agree. Default 0.6.
    pub detectors: f64,
    /// Tags that mark an asset as of very high criticality (compared without regard to case).
    pub critical_tags: Vec<String>,
    /// Criticality by asset: a public id (any identifier will do), a UPN, `DOMAIN\name`, or the name of a device.
    /// It goes before what tags and evidence say. A name that several assets bear means none of them.
    pub criticality: std::collections::BTreeMap<String, Criticality>,
    /// How much each kind of likeness counts between incidents.
    pub similar: Similar,
    /// How much a user's alerts count towards its investigation priority.
    pub investigation_priority: InvestigationPriority,
    /// With this many open alerts of medium severity an asset is at high risk; 0 never. Default 3.
    pub risk_medium_alerts: u32,
    /// Top assets listed in the scope; all are counted. Default 10.
    pub top_assets: u32,
    /// ATT&CK edition whose tactics are the stages: `v18` (14) or `v19` (15). Default `v18`, as the alerts use.
    pub attack_edition: AttackEdition,
}

impl Default for Summary {
    fn default() -> Self {
        Summary {
            severity: 0.8,
            verdicts: 0.7,
            kill_chain: 0.9,
            assets: 0.8,
            detectors: 0.6,
            critical_tags: ["High value asset", "Critical asset", "Domain controller", "Sensitive", "VIP"]
                .map(str::to_owned)
                .to_vec(),
            criticality: std::collections::BTreeMap::new(),
            similar: Similar::default(),
            investigation_priority: InvestigationPriority::default(),
            risk_medium_alerts: 3,
            top_assets: 10,
            attack_edition: AttackEdition::V18,
        }
    }
}

impl Summary {
    pub(crate) fn is_critical(&self, tag: &str) -> bool {
        self.critical_tags.iter().any(|critical| critical.eq_ignore_ascii_case(tag))
    }
}

/// How much each kind of likeness counts between incidents; only their ratios matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Similar {
    /// Entities that both hold. Default 40.
    pub entities: u16,
    /// Detectors and titles of their alerts. Default 25.
    pub detectors: u16,
    /// Techniques. Default 15.
    pub techniques: u16,
    /// Actors and malware families that both name. Default 10.
    pub threats: u16,
    /// Stages of the kill chain. Default 10.
    pub stages: u16,
    /// An entity in this many incidents tells nothing about any of them. Default 32.
    pub common_entity: u32,
    /// Incidents are not looked for by a detector or technique of more than this many. Default 1,000.
    pub common_term: u32,
    /// Shared facts listed per incident, the most telling first; the rest is counted. Default 20.
    pub facts: u32,
}

impl Default for Similar {
    fn default() -> Self {
        Similar {
            entities: 40,
            detectors: 25,
            techniques: 15,
            threats: 10,
            stages: 10,
            common_entity: 32,
            common_term: 1_000,
            facts: 20,
        }
    }
}

/// How much a user's alerts count towards its investigation priority. Each gives it the points of its severity, times
/// impact, rarity of the detector and criticality, in per cent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct InvestigationPriority {
    /// Days that count, up to the user's latest alert. Default 7.
    pub days: u32,
    /// Points of an alert by its severity (unknown, informational, low, medium, high). Default 30, 5, 25, 55, 100.
    pub severity: [u16; 5],
    /// Per cent of them by the user's part in it (stands by, takes part, attacked or attacks). Default 20, 60, 100.
    pub impact: [u16; 3],
    /// Per cent of them by how much the organisation depends on the user (unknown, low, medium, high, very high).
    /// Default 100, 100, 120, 150, 200.
    pub criticality: [u16; 5],
    /// Percentile among the users of the tenant from which a user is red. Default 90.
    pub red: u8,
    /// Alerts listed with their share, the largest first; the points of the rest are summed up. Default 20.
    pub shares: u32,
}

impl Default for InvestigationPriority {
    fn default() -> Self {
        InvestigationPriority {
            days: 7,
            severity: [30, 5, 25, 55, 100],
            impact: [20, 60, 100],
            criticality: [100, 100, 120, 150, 200],
            red: 90,
            shares: 20,
        }
    }
}

/// How much an organisation depends on an asset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Criticality {
    /// Nothing is known of it.
    #[default]
    None,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Very high.
    VeryHigh,
}

impl Criticality {
    /// Every level, the lowest first.
    pub const ALL: [Criticality; 5] =
        [Criticality::None, Criticality::Low, Criticality::Medium, Criticality::High, Criticality::VeryHigh];

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Criticality::None => "unknown",
            Criticality::Low => "low",
            Criticality::Medium => "medium",
            Criticality::High => "high",
            Criticality::VeryHigh => "very high",
        }
    }
}

/// What people may do to incidents, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Manage {
    /// Incidents merged at once. Default 5.
    pub merged_incidents: u32,
    /// Merging, splitting and moving ask for a reason. Default true.
    pub reasons: bool,
    /// What the system did that one answer of the activity log lists, the earliest first; the rest is counted, and
    /// what people did is listed whole. Default 1,000.
    pub system_activity: u32,
}

impl Default for Manage {
    fn default() -> Self {
        Manage { merged_incidents: 5, reasons: true, system_activity: 1_000 }
    }
}

/// Which list of tactics names the stages of the kill chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AttackEdition {
    /// Up to v18.1: 14 tactics, `defense-evasion` among them.
    #[default]
    V18,
    /// From v19 on: 15 tactics, `stealth` and `defense-impairment` in its place.
    V19,
}

/// Which raw events stay in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum KeepEvents {
    /// Those that a rule matched.
    Matched,
    /// Those, and what the same processes, their parents and their children did around them in the same input.
    #[default]
    Around,
    /// Every one.
    All,
}

/// What rules may cost, and which raw events are kept. What a limit leaves out is reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Rules {
    /// Which raw events stay in the log. Default `around`.
    pub keep: KeepEvents,
    /// How long before and after a match an event of the same process is around it, in minutes. Default 60.
    pub around_minutes: u32,
    /// Bytes of events without a match that one input holds back until its matches are known. Default 256 MiB.
    pub held_bytes: usize,
    /// Events that one result of a correlation rule names, the earliest first. Default 10,000.
    pub correlated_events: usize,
    /// Groups of one correlation rule, in the order of their first match. Default 1 million.
    pub correlation_groups: usize,
    /// Events whose evidence the alert of a correlation rule holds, the earliest first. Default 100.
    pub quoted_events: usize,
    /// Events in one timeline, the earliest first. Default 10,000.
    pub timeline_events: usize,
    /// Neighbours of an entity that one step of a relation path follows. Default 64.
    pub path_neighbours: usize,
    /// Up to what number neighbours are counted. Default 1,000.
    pub counted_neighbours: usize,
    /// Neighbours looked at in one incident. Default 20 million.
    pub path_work: u64,
    /// Fields of one entity. Default 512.
    pub entity_fields: usize,
    /// Values of one field of an entity. Default 256.
    pub field_values: usize,
    /// Alerts by whose view alone an entity is looked at, the earliest first. Default 256.
    pub entity_views: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            keep: KeepEvents::default(),
            around_minutes: 60,
            held_bytes: 256 << 20,
            correlated_events: 10_000,
            correlation_groups: 1_000_000,
            quoted_events: 100,
            timeline_events: 10_000,
            path_neighbours: 64,
            counted_neighbours: 1_000,
            path_work: 20_000_000,
            entity_fields: 512,
            field_values: 256,
            entity_views: 256,
        }
    }
}

/// What questions about other circumstances may cost, in worlds: casebooks derived under them. Counts, no times,
/// so that the answer is the same on every machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct WhatIf {
    /// Up to how many changes are tried one by one, to tell which of them does what. Default 16.
    pub causes: u32,
    /// Worlds that a search for a counterfactual looks at, unless the call says otherwise. Default 2,000.
    pub worlds: u64,
}

impl Default for WhatIf {
    fn default() -> Self {
        WhatIf { causes: 16, worlds: 2_000 }
    }
}
