//! What is worked into a derived casebook is what a fresh derivation finds: after every fact, the same bytes
//! as a casebook that was given the same facts at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::model::{Choice, Decision, Indicator, Time, Verdict};
use casegraph::rules::RuleSet;
use casegraph::{Casebook, Policy};
use casegraph_tests::record::{alert, at, evidence, file, host, ip, upn};
use casegraph_tests::{policy, random};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

/// Few, since each derives everything anew after every fact; `CASEGRAPH_SEED=7 CASEGRAPH_CASES=200` looks two
/// hundred times as far, from another start.
fn config(cases: u32) -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    ProptestConfig {
        cases: cases * number("CASEGRAPH_CASES").unwrap_or(1),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(u64::from(number("CASEGRAPH_SEED").unwrap_or(0x0CA5_E64A))),
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    }
}

/// Limits so low that a dozen alerts reach them: hubs, noise, repeats, full incidents.
fn tight() -> Policy {
    policy(
        r#"{"correlate": {"hubAssets": 3, "detectorRare": 2, "noisePerDay": 3, "lookback": 2, "nearMisses": 2,
            "calendarDays": 1, "maxAlertsPerIncident": 5}}"#,
    )
}

/// The same without the limit of alerts, which has incidents built anew as a whole.
fn noisy() -> Policy {
    policy(
        r#"{"correlate": {"hubAssets": 3, "detectorRare": 2, "noisePerDay": 3, "lookback": 2, "nearMisses": 2,
            "calendarDays": 1}}"#,
    )
}

/// Few hours and days tell what is routine, so that classes change all the time.
fn habitual() -> Policy {
    policy(
        r#"{"correlate": {"hubAssets": 3, "detectorRare": 2, "noisePerDay": 3, "lookback": 2, "nearMisses": 2,
            "calendarDays": 2, "observedHours": 1, "observedDays": 1, "routinePercent": 60, "accompanyDetectors": 1,
            "accompanySeconds": 7200, "sequenceHours": 24, "sequenceAssets": 2, "scopedDeviceGroups": true},
            "summary": {"criticality": {"web00": "veryHigh", "web01": "high"}}}"#,
    )
}

fn any_policy() -> impl Strategy<Value = Policy> {
    prop_oneof![1 => Just(Policy::default()), 1 => Just(tight()), 1 => Just(noisy()), 2 => Just(habitual())]
}

/// One fact or a few, as they come in.
#[derive(Debug, Clone)]
enum Input {
    Records(String),
    Indicator(String),
    Decision(String),
}

fn give(book: &mut Casebook, input: &Input) {
    match input {
        Input::Records(text) => {
            book.ingest("records", text.as_bytes()).unwrap();
        }
        Input::Indicator(text) => {
            book.add_indicator(&Indicator::from_json(text).unwrap()).unwrap();
        }
        // One that names no alert of the casebook is refused, which is fine.
        Input::Decision(text) => {
            let _ = book.decide(&Decision::from_json(text).unwrap());
        }
    }
}

/// Everything that a casebook says.
fn all(book: &Casebook) -> String {
    let mut out = book.to_json();
    for line in book.queue() {
        out += &json!([line, book.graph(&line.id).unwrap()]).to_string();
        out += &json!(book.timeline(&line.id, None).unwrap()).to_string();
        for entity in book.incident(&line.id).unwrap().entities {
            out += &json!(book.explain(&line.id, &entity.id).unwrap()).to_string();
            out += &json!(book.entity(&line.id, &entity.id).unwrap()).to_string();
        }
    }
    out
}

/// Where two texts differ, with what stands around it.
fn difference(left: &str, right: &str) -> Option<String> {
    let at = left.bytes().zip(right.bytes()).position(|(a, b)| a != b);
    let at = at.or_else(|| (left.len() != right.len()).then_some(left.len().min(right.len())))?;
    let around = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(300)..text.len().min(at + 200)]).into_owned()
    };
    Some(format!("worked in: {}\nat once: {}", around(left), around(right)))
}

fn fresh(book: &Casebook) -> Casebook {
    book.as_of(book.len()).unwrap()
}

/// Few detectors, devices, files and addresses in few days, so that counts pass their limits all the time.
fn crowded() -> impl Strategy<Value = Vec<String>> {
    let one = (0u8..40, 0u8..2, 0u8..4, 0u8..3, 0u32..4_000, 0u8..6, prop::bool::weighted(0.1));
    let line = |(id, detector, device, thing, minutes, version, undated): (u8, u8, u8, u8, u32, u8, bool)| {
        let time = format!("{:02} {:02}:{:02}", 10 + minutes / 1_440, minutes / 60 % 24, minutes % 60);
        let mut record = alert(&format!("alert-{id:02}"), &time)
            .set("detectorId", format!("detector-{detector}"))
            .set("lastUpdateDateTime", at(&format!("20 00:0{version}")))
            .with(host(&format!("web0{device}")));
        if version == 5 {
            record = record.its("rbacGroupName", format!("group-{}", device % 2));
        }
        if minutes % 5 == 0 {
            record = record.set("incidentId", format!("{}", 900 + minutes / 5 % 3));
        }
        record = match thing {
            0 => record.with(file('a')),
            1 => record.with(ip("203.0.113.7")).its("verdict", "malicious"),
            _ => record,
        };
        if undated { record.set("firstActivityDateTime", Value::Null) } else { record }.line()
    };
    vec(one.prop_map(line), 4..30)
}

/// Rows of hunting tables, each a part of an alert.
fn parts() -> impl Strategy<Value = Vec<String>> {
    let one = (0u8..24, 0u8..3, 0u8..3, 0u32..4_000).prop_map(|(id, what, which, minutes)| {
        let mut row = json!({
            "Timestamp": at(&format!("{:02} {:02}:{:02}", 10 + minutes / 1_440, minutes / 60 % 24, minutes % 60)),
            "AlertId": format!("alert-{id:02}"), "TenantId": "tenant-a",
        });
        let members = match what {
            0 => json!({"Title": format!("Detection {which}"), "Severity": "High", "Category": "Execution",
                "ServiceSource": "Microsoft Defender for Endpoint"}),
            1 => json!({"EntityType": "Machine", "DeviceId": format!("mde-{which}"), "DeviceName": format!("web0{which}")}),
            _ => json!({"EntityType": "Ip", "RemoteIP": "203.0.113.7"}),
        };
        row.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        row.to_string()
    });
    vec(one, 0..8)
}

/// Records of the vendor's incidents, which name them.
fn vendors() -> impl Strategy<Value = Vec<String>> {
    let one = (0u32..3, 0u8..4, 0u8..4).prop_map(|(id, version, said)| {
        json!({"@odata.type": "#microsoft.graph.security.incident", "id": format!("{}", 900 + id),
            "displayName": format!("Incident {id}, version {version}"),
            "status": if said == 1 { "resolved" } else { "active" },
            "assignedTo": if said == 2 { "ada@corp.example" } else { "" },
            "classification": if said == 3 { "truePositive" } else { "unknown" },
            "lastUpdateDateTime": at(&format!("20 00:0{version}"))})
        .to_string()
    });
    vec(one, 0..4)
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let records = prop_oneof![random::records(18), crowded()];
    (records, parts(), vendors(), random::indicators(4), random::decisions(5)).prop_map(
        |(records, parts, vendors, indicators, decisions)| {
            let texts = records.into_iter().chain(parts).chain(vendors).map(Input::Records);
            let others = indicators.into_iter().map(Input::Indicator);
            texts.chain(others).chain(decisions.into_iter().map(Input::Decision)).collect()
        },
    )
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn facts_one_by_one_say_what_they_say_at_once(
        inputs in inputs().prop_shuffle(), first in 0usize..12, policy in any_policy(),
    ) {
        let mut book = Casebook::with_policy(policy);
        let (together, after) = inputs.split_at(first.min(inputs.len()));
        for input in together {
            give(&mut book, input);
        }
        let _ = book.queue();
        for input in after {
            give(&mut book, input);
            prop_assert_eq!(difference(&book.to_json(), &fresh(&book).to_json()), None, "after {:?}", input);
        }
        prop_assert_eq!(difference(&all(&book), &all(&fresh(&book))), None);
    }

    #[test]
    fn questions_in_between_change_nothing(
        inputs in inputs().prop_shuffle(), asked in vec(0u8..4, 40), policy in any_policy(),
    ) {
        let mut book = Casebook::with_policy(policy);
        for (input, ask) in inputs.iter().zip(asked.iter().cycle()) {
            give(&mut book, input);
            match ask {
                0 => {}
                1 => drop(book.queue()),
                2 => drop(book.incident("alert-03")),
                _ => drop(all(&book)),
            }
        }
        prop_assert_eq!(difference(&all(&book), &all(&fresh(&book))), None);
    }
}

const RULES: &str = r"
title: Program in a public folder
id: 22222222-2222-4222-8222-222222222222
tags: [attack.command-and-control]
logsource: {product: windows, category: network_connection}
detection:
    selection: {Image|contains: '\Users\Public\'}
    condition: selection
level: medium
---
title: Sign-in failed
id: 33333333-3333-4333-8333-333333333333
name: failed
logsource: {product: windows, service: security}
detection:
    selection: {EventID: 4625}
    condition: selection
level: informational
---
title: Passwords guessed
id: 44444444-4444-4444-8444-444444444444
tags: [attack.credential-access]
correlation:
    type: event_count
    rules: [failed]
    group-by: [TargetUserName]
    timespan: 10m
    generate: true
    condition: {gte: 3}
level: high
";

fn event() -> impl Strategy<Value = String> {
    (0u32..3, 0u32..1_200, 0u32..2).prop_map(|(what, second, who)| {
        let clock = format!("09:{:02}:{:02}", second / 60, second % 60);
        if what == 0 {
            json!({"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 3, "Computer": format!("ws-{who}.example.com"),
                "UtcTime": format!("2026-03-02 {clock}.000"), "ProcessGuid": format!("{{0a1b2c3d-0000-69a5-1000-{who:012}}}"),
                "ProcessId": who, "Image": r"C:\Users\Public\a.exe", "Protocol": "tcp",
                "DestinationIp": "198.51.100.9", "DestinationPort": 443, "Initiated": true})
        } else {
            json!({"Channel": "Security", "EventID": 4625, "Computer": "dc-1.example.com",
                "@timestamp": format!("2026-03-02T{clock}Z"), "TargetUserName": format!("user{who}"),
                "TargetDomainName": "EXAMPLE", "IpAddress": "203.0.113.9"})
        }
        .to_string()
    })
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn events_one_by_one_say_what_they_say_at_once(
        events in vec(event(), 1..16), alerts in random::records(4), policy in any_policy(),
    ) {
        let mut book = Casebook::with_policy(policy);
        book.set_rules(RuleSet::builder().add_text("test.yml", RULES).strict().build().unwrap()).unwrap();
        for text in alerts.iter().chain(&events) {
            give(&mut book, &Input::Records(text.clone()));
            prop_assert_eq!(difference(&book.to_json(), &fresh(&book).to_json()), None, "after {:?}", text);
        }
        prop_assert_eq!(difference(&all(&book), &all(&fresh(&book))), None);
    }
}

/// After each line, one by one.
fn holds_throughout(policy: Policy, lines: impl IntoIterator<Item = String>) -> Casebook {
    let mut book = Casebook::with_policy(policy);
    for line in lines {
        give(&mut book, &Input::Records(line.clone()));
        assert_eq!(difference(&book.to_json(), &fresh(&book).to_json()), None, "after {line}");
    }
    assert_eq!(difference(&all(&book), &all(&fresh(&book))), None);
    book
}

#[test]
fn noise_begins_and_folds() {
    let raised = |n: usize| {
        alert(&format!("a{n:02}"), &format!("{:02}:00", (n * 7) % 24))
            .set("detectorId", "noisy")
            .with(host("web01"))
            .with(ip(&format!("198.51.100.{n}")))
            .line()
    };
    let book = holds_throughout(Policy::default(), (0..30).map(raised));
    let repeats = book.incidents().flat_map(|incident| incident.alerts).map(|alert| alert.repeats.len()).max();
    assert_eq!(repeats, Some(29), "24 alerts on a day are noise");
}

fn tight_hub() -> Policy {
    policy(r#"{"correlate": {"hubAssets": 8}}"#)
}

#[test]
fn a_file_spreads_to_a_hub_and_its_incident_falls_apart() {
    let on = |n: usize| {
        let record = alert(&format!("a{n:02}"), &format!("08:{n:02}")).with(host(&format!("h{n}"))).with(file('a'));
        if n == 3 { record.its("verdict", "malicious") } else { record }.line()
    };
    assert_eq!(holds_throughout(tight_hub(), (0..7).map(on)).queue().len(), 1);
    assert_eq!(holds_throughout(tight_hub(), (0..9).map(on)).queue().len(), 9);
}

#[test]
fn a_name_joins_a_machine_until_there_are_two_of_that_name() {
    let machine = |id: &str, members: Value| alert(id, "08:00").with(evidence("device", members)).line();
    let lines = [
        machine("a", json!({"hostName": "web01"})),
        machine("b", json!({"mdeDeviceId": "m1", "hostName": "web01"})),
        machine("c", json!({"hostName": "web01"})),
        machine("d", json!({"mdeDeviceId": "m2", "hostName": "web01"})),
        // The second version of it no longer says so.
        alert("d", "08:00").set("lastUpdateDateTime", "2026-04-02T00:00:00Z").with(upn("ada@example.com")).line(),
    ];
    let counts: Vec<usize> =
        (1..=lines.len()).map(|n| holds_throughout(Policy::default(), lines[..n].to_vec()).queue().len()).collect();
    assert_eq!(counts, [1, 1, 1, 3, 2]);
}

#[test]
fn what_a_list_or_a_person_said_meets_entities_that_come_later() {
    let mut book = Casebook::new();
    give(&mut book, &Input::Records(alert("a", "08:00").with(host("web01")).line()));
    assert_eq!(book.queue().len(), 1);
    give(
        &mut book,
        &Input::Indicator(json!({"kind": "ip", "value": "203.0.113.7", "verdict": "malicious"}).to_string()),
    );
    let choice = Choice::SetVerdict { entity: "ip:address:203.0.113.8".into(), verdict: Verdict::Suspicious };
    book.decide(&Decision::new(choice, "ada", Time::parse("2026-03-12T09:00:00Z").unwrap())).unwrap();
    let verdicts = |book: &Casebook| -> Vec<String> {
        let entities = book.incidents().flat_map(|incident| incident.entities);
        let mut addresses: Vec<String> = entities
            .filter(|entity| entity.id.starts_with("ip:"))
            .map(|entity| format!("{} {}", entity.id, entity.verdict.as_str()))
            .collect();
        addresses.sort();
        addresses
    };
    for address in ["203.0.113.7", "203.0.113.8"] {
        give(&mut book, &Input::Records(alert(address, "09:00").with(host("web01")).with(ip(address)).line()));
        assert_eq!(all(&book), all(&fresh(&book)));
    }
    assert_eq!(verdicts(&book), ["ip:address:203.0.113.7 malicious", "ip:address:203.0.113.8 suspicious"]);
}
