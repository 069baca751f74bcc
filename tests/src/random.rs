//! Random alert sets in Graph form: few values of each kind, so that alerts meet, and varying subsets
//! of identifiers, so that resolution has to work.

use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const TENANTS: [&str; 2] = ["tenant-a", "tenant-b"];
const VERDICTS: [&str; 4] = ["unknown", "noThreatsFound", "suspicious", "malicious"];
const ROLES: [&str; 6] = ["contextual", "attacked", "attacker", "suspicious", "commandAndControl", "created"];
const SEVERITIES: [&str; 5] = ["unknown", "informational", "low", "medium", "high"];
const STATUSES: [&str; 4] = ["none", "active", "remediated", "prevented"];
const CATEGORIES: [&str; 5] = ["InitialAccess", "Execution", "Persistence", "Exfiltration", "Malware"];
/// Names under which times, ids and members are spelt so that they are one value in another form.
const ADDRESSES: [&str; 5] = ["203.0.113.7", "::ffff:203.0.113.7", "198.51.100.9", "10.0.0.5", "2001:db8::9"];
const URLS: [&str; 4] =
    ["https://evil.example/a", "hxxps://evil[.]example/a#x", "http://203.0.113.7/b", "https://good.example/"];

/// One evidence item: a kind, which thing of that kind, which of its identifiers, and what is said of it.
#[derive(Debug, Clone)]
struct Item {
    kind: u8,
    which: u8,
    mask: u8,
    verdict: u8,
    role: Option<u8>,
    status: u8,
}

/// One alert.
#[derive(Debug, Clone)]
struct Spec {
    id: u8,
    tenant: u8,
    /// Minutes after 10 March 2026; an undated alert has none.
    minutes: Option<u16>,
    version: u8,
    detector: u8,
    severity: u8,
    classification: u8,
    vendor: Option<u8>,
    category: u8,
    items: Vec<Item>,
}

fn item() -> impl Strategy<Value = Item> {
    (0u8..9, 0u8..3, 1u8..16, 0u8..4, weighted(0.6, 0u8..6), 0u8..4)
        .prop_map(|(kind, which, mask, verdict, role, status)| Item { kind, which, mask, verdict, role, status })
}

fn spec(ids: std::ops::Range<u8>, classes: u8) -> impl Strategy<Value = Spec> {
    let head = (ids, prop_oneof![4 => Just(0u8), 1 => Just(1u8)], weighted(0.9, 0u16..6_000), 0u8..3);
    let tail = (0u8..4, 0u8..5, 0..classes, weighted(0.2, 0u8..3), 0u8..5, vec(item(), 0..5));
    (head, tail).prop_map(|((id, tenant, minutes, version), (detector, severity, class, vendor, category, items))| {
        Spec { id, tenant, minutes, version, detector, severity, classification: class, vendor, category, items }
    })
}

/// Up to `most` alerts as lines of JSON. Ids repeat, so that some are versions of others.
pub fn records(most: usize) -> impl Strategy<Value = Vec<String>> {
    vec(spec(0..24, 4), 0..=most).prop_map(|specs| specs.iter().map(line).collect())
}

/// As [`records`], without ids that repeat and without false positives: ids start at `first`.
pub fn distinct(first: u8, count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
    vec(spec(0..1, 3), count).prop_map(move |mut specs| {
        for (n, spec) in specs.iter_mut().enumerate() {
            spec.id = first + n as u8;
        }
        specs.iter().map(line).collect()
    })
}

fn pick(list: &'static [&'static str], at: u8) -> &'static str {
    list.get(usize::from(at) % list.len()).copied().unwrap_or_default()
}

fn time(minutes: u32) -> String {
    let (day, hour, minute) = (10 + minutes / 1_440, minutes / 60 % 24, minutes % 60);
    format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z")
}

fn line(spec: &Spec) -> String {
    let mut alert = Map::new();
    let mut set = |name: &str, value: Value| alert.insert(name.to_owned(), value);
    set("@odata.type", json!("#microsoft.graph.security.alert"));
    set("id", json!(format!("alert-{:02}", spec.id)));
    set("tenantId", json!(pick(&TENANTS, spec.tenant)));
    set("title", json!(format!("Detection {}", spec.detector)));
    set("detectorId", json!(format!("detector-{}", spec.detector)));
    set(
        "serviceSource",
        json!(pick(&["microsoftDefenderForEndpoint", "microsoftDefenderForOffice365"], spec.detector)),
    );
    set("severity", json!(pick(&SEVERITIES, spec.severity)));
    set("category", json!(pick(&CATEGORIES, spec.category)));
    set("lastUpdateDateTime", json!(format!("2026-04-0{}T00:00:00Z", spec.version + 1)));
    let classes = ["unknown", "truePositive", "informationalExpectedActivity", "falsePositive"];
    if let Some(class) = classes.get(usize::from(spec.classification)) {
        set("classification", json!(class));
    }
    if let Some(minutes) = spec.minutes {
        set("firstActivityDateTime", json!(time(u32::from(minutes))));
        set("lastActivityDateTime", json!(time(u32::from(minutes) + 7)));
    }
    if let Some(vendor) = spec.vendor {
        set("incidentId", json!(format!("{}", 900 + u32::from(vendor))));
    }
    set("evidence", Value::Array(spec.items.iter().map(evidence).collect()));
    Value::Object(alert).to_string()
}

fn hash(which: u8, digits: usize) -> String {
    let digit = char::from_digit(u32::from(which) + 10, 16).unwrap_or('a');
    std::iter::repeat_n(digit, digits).collect()
}

/// Members of which the bits of `mask` choose; the first one stands when no bit fits.
fn some(mask: u8, members: &[(&str, Value)]) -> Map<String, Value> {
    let chosen = |i: usize| mask >> i & 1 == 1;
    let mut out: Map<String, Value> = members
        .iter()
        .enumerate()
        .filter(|(i, _)| chosen(*i))
        .map(|(_, (name, value))| ((*name).to_owned(), value.clone()))
        .collect();
    if let (true, Some((name, value))) = (out.is_empty(), members.first()) {
        out.insert((*name).to_owned(), value.clone());
    }
    out
}

fn device(which: u8, mask: u8) -> Map<String, Value> {
    const NAMES: [&str; 3] = ["web01", "web02", "db01"];
    let name = pick(&NAMES, which);
    some(
        mask,
        &[
            ("hostName", json!(name)),
            ("mdeDeviceId", json!(format!("mde-{which}"))),
            // Two devices share a host name in different domains: the bare name is ambiguous.
            ("deviceDnsName", json!(format!("{}.corp{}.example", pick(&NAMES, which % 2), which / 2))),
            ("azureAdDeviceId", json!(format!("00000000-0000-4000-8000-00000000000{which}"))),
        ],
    )
}

fn account(which: u8, mask: u8) -> Map<String, Value> {
    let name = pick(&["ada", "grace", "SYSTEM"], which);
    some(
        mask,
        &[
            ("userPrincipalName", json!(format!("{name}@corp.example"))),
            ("userSid", json!(if which == 2 { "S-1-5-18".to_owned() } else { format!("S-1-5-21-1-2-3-110{which}") })),
            ("accountName", json!(if mask > 7 { format!("CORP\\{name}") } else { name.to_owned() })),
            ("domainName", json!("CORP")),
        ],
    )
}

fn file(which: u8, mask: u8) -> Map<String, Value> {
    let path = pick(&["C:\\Temp", "c:/temp", "C:\\Windows\\System32"], which);
    let name = pick(&["drop.exe", "DROP.exe", "svchost.exe"], which);
    some(
        mask,
        &[
            ("fileName", json!(name)),
            ("sha256", json!(hash(which, 64))),
            ("sha1", json!(hash(which, 40))),
            ("filePath", json!(path)),
        ],
    )
}

fn evidence(item: &Item) -> Value {
    let Item { which, mask, .. } = *item;
    let (kind, mut members) = match item.kind {
        0 | 1 => ("device", device(which, mask)),
        2 => ("user", Map::from_iter([("userAccount".to_owned(), Value::Object(account(which, mask)))])),
        3 => ("ip", some(1, &[("ipAddress", json!(pick(&ADDRESSES, which + mask % 3)))])),
        4 => ("url", some(1, &[("url", json!(pick(&URLS, which + mask % 2)))])),
        5 => ("file", Map::from_iter([("fileDetails".to_owned(), Value::Object(file(which, mask)))])),
        6 | 7 => {
            let process = json!({
                "processId": 100 + u32::from(which),
                "processCreationDateTime": (mask & 1 == 1).then(|| time(u32::from(which))),
                "imageFile": file(which, mask),
                "userAccount": (mask & 2 == 2).then(|| account(which, mask)),
                "parentProcessId": 100 + u32::from((which + 1) % 3),
                "parentProcessCreationDateTime": (mask & 4 == 4).then(|| time(u32::from((which + 1) % 3))),
                "mdeDeviceId": (mask & 8 == 8).then(|| format!("mde-{which}")),
            });
            ("process", process.as_object().cloned().unwrap_or_default())
        }
        _ => (
            "mailbox",
            some(mask & 3, &[("primaryAddress", json!("ada@corp.example")), ("upn", json!("ada@corp.example"))]),
        ),
    };
    members.insert("@odata.type".into(), json!(format!("#microsoft.graph.security.{kind}Evidence")));
    members.insert("verdict".into(), json!(pick(&VERDICTS, item.verdict)));
    members.insert("remediationStatus".into(), json!(pick(&STATUSES, item.status)));
    members.insert("roles".into(), item.role.map_or_else(|| json!([]), |role| json!([pick(&ROLES, role)])));
    if mask == 15 {
        members.insert("tags".into(), json!(["VIP"]));
    }
    Value::Object(members)
}

/// Indicators that may hit what [`records`] makes.
pub fn indicators(most: usize) -> impl Strategy<Value = Vec<String>> {
    let one = (0u8..4, 0u8..3, 0u8..4, 0u8..=100, of(0u8..2)).prop_map(|(kind, which, verdict, confidence, tenant)| {
        let (kind, value) = match kind {
            0 => ("ip", pick(&ADDRESSES, which).to_owned()),
            1 => ("url", pick(&URLS, which).to_owned()),
            2 => ("file", hash(which, 64)),
            _ => ("dns", "evil.example".to_owned()),
        };
        let mut out =
            json!({"kind": kind, "value": value, "verdict": pick(&VERDICTS, verdict), "confidence": confidence});
        if let (Some(tenant), Some(out)) = (tenant, out.as_object_mut()) {
            out.insert("tenantId".into(), json!(pick(&TENANTS, tenant)));
        }
        out.to_string()
    });
    vec(one, 0..=most)
}

/// Decisions about alerts with ids below 24, as JSON.
pub fn decisions(most: usize) -> impl Strategy<Value = Vec<String>> {
    let members = (vec(0u8..24, 1..4), vec(0u8..24, 1..4), vec(0u8..24, 0..3));
    let one = (0u8..13, members, 0u8..4, 0u16..6_000).prop_map(|(kind, (alerts, to, from), value, minutes)| {
        let ids = |list: &[u8]| list.iter().map(|id| format!("alert-{id:02}")).collect::<Vec<String>>();
        let what = match kind {
            11 => json!({"decision": "part", "from": ids(&to)}),
            12 => json!({"decision": "move", "into": ids(&to), "from": ids(&from)}),
            0 => json!({"decision": "join"}),
            1 => json!({"decision": "part"}),
            2 => json!({"decision": "assign", "to": pick(&["ada@corp.example", "grace@corp.example"], value)}),
            3 => json!({"decision": "setStatus", "status": pick(&["active", "inProgress", "resolved"], value)}),
            4 => json!({"decision": "classify", "classification": pick(&["truePositive", "falsePositive"], value)}),
            5 => json!({"decision": "setSeverity", "severity": pick(&SEVERITIES, value)}),
            6 => json!({"decision": "rename", "title": format!("Case {value}")}),
            7 => json!({"decision": "tag", "tag": format!("t{}", value % 2)}),
            8 => json!({"decision": "untag", "tag": format!("t{}", value % 2)}),
            9 => json!({"decision": "comment", "text": "looked at it"}),
            _ => {
                json!({"decision": "setVerdict", "entity": "ip:address:203.0.113.7", "verdict": pick(&VERDICTS, value)})
            }
        };
        let mut out = json!({"by": "ada", "at": time(u32::from(minutes)), "alerts": ids(&alerts)});
        if let (Some(out), Value::Object(what)) = (out.as_object_mut(), what) {
            out.extend(what);
        }
        out.to_string()
    });
    vec(one, 0..=most)
}

/// Indicators that may hit what [`records`] makes, some until a time.
pub fn dated_indicators(most: usize) -> impl Strategy<Value = Vec<String>> {
    (indicators(most), vec(weighted(0.4, 0u16..6_000), most)).prop_map(|(indicators, until)| {
        let dated = |(indicator, until): (String, Option<u16>)| {
            let mut indicator: Map<String, Value> = serde_json::from_str(&indicator).unwrap_or_default();
            if let Some(minutes) = until {
                indicator.insert("validUntil".into(), json!(time(u32::from(minutes))));
            }
            Value::Object(indicator).to_string()
        };
        indicators.into_iter().zip(until).map(dated).collect()
    })
}

/// Verdicts of people on what [`records`] makes, in all incidents or in those of some alerts.
pub fn verdicts(most: usize) -> impl Strategy<Value = Vec<String>> {
    let one = (0u8..7, vec(0u8..24, 0..3), 0u8..4, 0u16..6_000, any::<bool>());
    let one = one.prop_map(|(which, alerts, verdict, minutes, reason)| {
        let entity = match which {
            0 => "ip:address:203.0.113.7".to_owned(),
            1 => "ip:address:198.51.100.9".to_owned(),
            2 => "url:url:https://evil.example/a".to_owned(),
            3 => "mailbox:email:ada@corp.example".to_owned(),
            4 => "device:host:web01".to_owned(),
            _ => format!("file:sha256:{}", hash(which % 3, 64)),
        };
        let ids: Vec<String> = alerts.iter().map(|id| format!("alert-{id:02}")).collect();
        let mut out = json!({"decision": "setVerdict", "entity": entity, "verdict": pick(&VERDICTS, verdict),
            "by": "grace", "at": time(u32::from(minutes)), "alerts": ids});
        if let (true, Some(out)) = (reason, out.as_object_mut()) {
            out.insert("reason".into(), json!("seen \u{202e} before"));
        }
        out.to_string()
    });
    vec(one, 0..=most)
}
