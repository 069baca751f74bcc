//! Which occurrences are one thing, and which alerts belong together: one named case each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::model::{Choice, Decision, IncidentStatus, Indicator, Time, Verdict};
use casegraph::{Casebook, IncidentSummary};
use casegraph_tests::record::{Record, alert, evidence, file, host, ip, upn, url};
use casegraph_tests::{book, book_with, partition, policy};
use serde_json::{Value, json};

fn made(records: impl IntoIterator<Item = Record>) -> Casebook {
    book(&records.into_iter().map(Record::line).collect::<Vec<_>>())
}

/// Do two alerts that hold these items stand in one incident, by something they share?
fn meet(a: Value, b: Value) -> bool {
    partition(&made([alert("a", "08:00").with(a), alert("b", "08:10").with(b)])).len() == 1
}

fn device(members: Value) -> Value {
    evidence("device", members)
}

fn user(members: Value) -> Value {
    evidence("user", json!({"userAccount": members}))
}

fn path(folder: &str, name: &str) -> Value {
    evidence("file", json!({"fileDetails": {"filePath": folder, "fileName": name}}))
}

fn decide(book: &mut Casebook, what: Choice, alerts: &[&str], minute: u32) {
    let at = Time::parse(&format!("2026-03-12T09:{minute:02}:00Z")).unwrap();
    book.decide(&Decision::new(what, "ada", at).about(alerts.iter().copied())).unwrap();
}

fn ids(incident: &IncidentSummary) -> Vec<&str> {
    incident.entities.iter().map(|e| e.id.as_str()).collect()
}

#[test]
fn one_device_under_several_names() {
    let known = json!({"mdeDeviceId": "m1", "deviceDnsName": "web01.corp.example", "hostName": "WEB01"});
    assert!(meet(device(known.clone()), host("web01")), "MDE id in one product, host name in another");
    assert!(meet(device(known.clone()), host("WEB01.CORP.example.")), "case and the trailing dot say nothing");
    assert!(meet(device(known.clone()), device(json!({"hostName": "web01", "dnsDomain": "corp.example"}))));
    assert!(!meet(device(known.clone()), device(json!({"mdeDeviceId": "m2", "hostName": "web01"}))), "ids disagree");
    assert!(!meet(device(known.clone()), host("web01.other.example")), "full names disagree");
    assert!(!meet(device(known), host("web02")));
}

#[test]
fn an_ambiguous_host_name_merges_with_neither() {
    let book = made([
        alert("a", "08:00").with(device(json!({"mdeDeviceId": "m1", "hostName": "web01"}))),
        alert("b", "08:05").with(device(json!({"mdeDeviceId": "m2", "hostName": "web01"}))),
        alert("c", "08:10").with(host("web01")),
    ]);
    assert_eq!(partition(&book), [["a"], ["b"], ["c"]]);
    assert_eq!(ids(&book.incident("c").unwrap()), ["device:host:web01"]);
}

#[test]
fn one_account_under_several_names() {
    assert!(meet(user(json!({"accountName": "CORP\\ada"})), user(json!({"accountName": "Ada", "domainName": "corp"}))));
    assert!(meet(
        user(json!({"userSid": "S-1-5-21-1-2-3-4", "userPrincipalName": "ada@corp.example"})),
        upn("ADA@corp.example")
    ));
    assert!(!meet(
        user(json!({"accountName": "ada", "domainName": "corp"})),
        user(json!({"accountName": "ada", "domainName": "lab"}))
    ));
    assert!(
        !meet(user(json!({"accountName": "ada"})), user(json!({"accountName": "ada"}))),
        "a bare name names nobody"
    );
}

#[test]
fn addresses_urls_and_files_meet_in_canonical_form() {
    assert!(meet(ip("203.0.113.7"), ip("::ffff:203.0.113.7")), "IPv4-mapped IPv6 is IPv4");
    assert!(meet(ip("2001:DB8::7"), ip("2001:db8:0:0::7")));
    assert!(meet(ip("203.0.113.7"), ip("203[.]0[.]113[.]7")));
    assert!(meet(url("https://evil.example:443/a#x"), url("hxxps://EVIL[.]example/a")));
    assert!(
        !meet(url("https://evil.example/a"), url("https://evil.example/A"))
            || meet(url("https://evil.example/a"), url("https://evil.example/b")),
        "by the domain at most"
    );
    assert!(meet(file('a'), evidence("fileHash", json!({"algorithm": "sha256", "value": "A".repeat(64)}))));
    assert!(!meet(path("C:\\Temp", "a.exe"), path("C:\\Temp", "a.exe")), "a path without a device is no place");
    let on = |id: &str, item: Value, t: &str, folder: &str| alert(id, t).with(item).with(path(folder, "A.exe"));
    let book = made([
        on("a", host("h1"), "08:00", "C:\\Temp"),
        on("b", host("h1"), "20 08:00", "c:/temp/"),
        on("c", host("h2"), "20 09:00", "C:\\Temp"),
    ]);
    assert_eq!(partition(&book), [vec!["a", "b"], vec!["c"]], "a place is on its device; Windows folds case");
}

#[test]
fn a_defanged_indicator_matches() {
    let mut book = made([alert("a", "08:00").with(url("https://evil.example/a")).with(ip("203.0.113.7"))]);
    book.add_indicator(&Indicator::new("url", "hxxps://evil[.]example/a", Verdict::Malicious)).unwrap();
    book.add_indicator(&Indicator::new("ip", "::ffff:203.0.113.7", Verdict::Malicious)).unwrap();
    let bad: Vec<String> = book
        .incident("a")
        .unwrap()
        .entities
        .into_iter()
        .filter(|e| e.verdict == Verdict::Malicious)
        .map(|e| e.id)
        .collect();
    assert!(
        bad.contains(&"url:url:https://evil.example/a".to_owned())
            && bad.contains(&"ip:address:203.0.113.7".to_owned()),
        "{bad:?}"
    );
}

#[test]
fn what_is_everywhere_links_nothing() {
    for (name, item) in [
        ("private address", ip("10.1.2.3")),
        ("loopback", ip("127.0.0.1")),
        ("unique local address", ip("fd00::1")),
        ("public resolver", ip("8.8.8.8")),
        ("SYSTEM by SID", user(json!({"userSid": "S-1-5-18"}))),
        ("SYSTEM by name", user(json!({"accountName": "SYSTEM", "domainName": "NT AUTHORITY"}))),
        ("machine account", user(json!({"accountName": "WEB01$", "domainName": "CORP"}))),
    ] {
        assert!(!meet(item.clone(), item), "{name}");
    }
    let svchost = evidence(
        "file",
        json!({"fileDetails": {"filePath": "C:\\Windows\\System32", "fileName": "svchost.exe", "sha256": "a".repeat(64)}}),
    );
    assert!(!meet(svchost.clone(), svchost), "svchost");
    assert!(meet(file('a'), file('a')));
}

#[test]
fn a_hub_links_nothing_and_is_a_near_miss() {
    let on_hosts = |count: usize| {
        let alerts = (0..count)
            .map(|n| alert(&format!("a{n:02}"), "08:00").with(host(&format!("h{n}"))).with(ip("203.0.113.7")));
        made(alerts)
    };
    assert_eq!(partition(&on_hosts(31)).len(), 1);
    let hub = on_hosts(32);
    assert_eq!(partition(&hub).len(), 32);
    let incident = hub.incident("a00").unwrap();
    assert_eq!(incident.near_misses[0].held_by, "hub");
    assert_eq!(incident.near_misses[0].entity, "ip:address:203.0.113.7");
    assert!(incident.near_misses[0].text.contains("32 assets"), "{}", incident.near_misses[0].text);
}

#[test]
fn a_window_missed_by_three_minutes_is_a_near_miss() {
    let on = |id: &str, time: &str| alert(id, time).with(host("h1"));
    assert_eq!(
        partition(&made([on("a", "10 08:00"), on("b", "11 08:00")])).len(),
        1,
        "a day is the window of a device"
    );
    let book = made([on("a", "10 08:00"), on("b", "11 08:03")]);
    assert_eq!(partition(&book).len(), 2);
    for (id, other) in [("a", "b"), ("b", "a")] {
        let near = &book.incident(id).unwrap().near_misses[0];
        assert_eq!((near.held_by, near.other.as_str(), near.other_incident.as_str()), ("window", other, other));
        assert!(near.text.contains("missed by 3 min"), "{}", near.text);
    }
}

#[test]
fn an_undated_alert_joins_by_the_vendors_incident_only() {
    let undated = |id: &str| alert(id, "08:00").set("firstActivityDateTime", Value::Null).with(file('a'));
    assert_eq!(partition(&made([undated("a"), undated("b")])).len(), 2);
    let both = [undated("a").set("incidentId", "7"), undated("b").set("incidentId", "7")];
    assert_eq!(partition(&made(both)).len(), 1);
}

#[test]
fn the_vendors_incident_is_honoured_unless_the_policy_says_no() {
    let records =
        [alert("a", "08:00").set("incidentId", "7"), alert("b", "30 08:00").set("incidentId", "7")].map(Record::line);
    let honoured = book(&records);
    assert_eq!(partition(&honoured), [["a", "b"]]);
    assert_eq!(honoured.incident("b").unwrap().vendor_incidents[0].id, "7");
    let ignored = book_with(policy(r#"{"correlate": {"vendorIncidents": false}}"#), &records);
    assert_eq!(partition(&ignored).len(), 2);
    assert_eq!(ignored.incident("b").unwrap().vendor_incidents[0].id, "7", "it is still shown");
}

#[test]
fn a_repeat_is_folded_and_counted_once() {
    let same = |id: &str, time: &str| alert(id, time).set("detectorId", "d").with(host("h1")).with(file('a'));
    let book = made([same("a", "08:00"), same("b", "08:30"), same("c", "09:00"), alert("d", "09:10").with(file('a'))]);
    let incident = book.incident("c").unwrap();
    assert_eq!(incident.alerts.len(), 2);
    assert_eq!(incident.alerts[0].repeats, ["b", "c"]);
    assert_eq!(incident.alerts[0].repeat_times.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(book.queue()[0].alerts, 4);
}

#[test]
fn a_noisy_detector_folds_and_bridges_nothing() {
    // 30 times a day on one server, one of them touching a file of an attack elsewhere.
    let noise = (0..30).map(|n| {
        alert(&format!("n{n:02}"), &format!("10 {:02}:{:02}", n / 2, n % 2 * 30))
            .set("detectorId", "noise")
            .with(host("server"))
            .with(ip(&format!("203.0.113.{n}")))
    });
    let book = made(noise.chain([
        alert("x", "10 07:00").with(host("server")).with(file('a')),
        alert("y", "10 16:00").with(host("laptop")).with(file('b')),
    ]));
    let incident = book.incident("n29").unwrap();
    let head = incident.alerts.iter().find(|a| a.detector_id == "noise").unwrap();
    assert_eq!(head.repeats.len(), 29);
    assert!(!partition(&book).iter().any(|p| p.contains(&"x".into()) && p.contains(&"y".into())));
}

#[test]
fn a_resolved_incident_does_not_grow() {
    let on = |id: &str, time: &str| alert(id, time).with(file('a')).line();
    let mut book = book(&[on("a", "08:00"), on("b", "08:10")]);
    decide(&mut book, Choice::SetStatus { status: IncidentStatus::Resolved }, &["a", "b"], 0);
    book.ingest("later", on("c", "08:20").as_bytes()).unwrap();
    assert_eq!(partition(&book), [vec!["a", "b"], vec!["c"]]);
    assert_eq!(book.incident("c").unwrap().near_misses[0].held_by, "decision");
    decide(&mut book, Choice::SetStatus { status: IncidentStatus::Active }, &["a", "b"], 1);
    assert_eq!(partition(&book).len(), 1, "reopened, it takes them in");
}

#[test]
fn a_join_beats_every_guard_and_a_later_part_beats_the_join() {
    let mut book = made([
        alert("a", "08:00").with(ip("10.0.0.1")),
        alert("b", "30 08:00").with(ip("10.0.0.1")),
        alert("c", "08:00"),
    ]);
    assert_eq!(partition(&book).len(), 3);
    decide(&mut book, Choice::Join, &["a", "b", "c"], 0);
    assert_eq!(partition(&book), [["a", "b", "c"]]);
    let reasons: Vec<&str> = book
        .incident("a")
        .unwrap()
        .alerts
        .iter()
        .filter_map(|a| a.reason.as_ref().map(|r| r.reason.as_str()))
        .collect();
    assert_eq!(reasons, ["manual", "manual"]);
    decide(&mut book, Choice::Part { from: Vec::new() }, &["b"], 1);
    let parts = partition(&book);
    assert!(parts.contains(&vec!["b".to_owned()]), "{parts:?}");
    assert!(parts.contains(&vec!["a".to_owned(), "c".to_owned()]), "taking b out leaves a and c joined: {parts:?}");
    decide(&mut book, Choice::Join, &["a", "b"], 2);
    assert_eq!(partition(&book).len(), 1, "the latest decision stands");
}

#[test]
fn a_parted_repeat_is_listed_where_it_went() {
    let same = |id: &str, time: &str| alert(id, time).set("detectorId", "d").with(host("h1")).with(file('a'));
    let mut book = made([same("a", "08:00"), same("b", "08:30")]);
    decide(&mut book, Choice::Part { from: Vec::new() }, &["b"], 0);
    assert_eq!(partition(&book), [["a"], ["b"]]);
}

#[test]
fn different_owners_or_findings_do_not_merge() {
    let on = |id: &str, time: &str| alert(id, time).with(file('a')).line();
    let mut book = book(&[on("a", "08:00"), on("b", "29 08:00")]);
    decide(&mut book, Choice::Assign { to: Some("ada".into()) }, &["a"], 0);
    decide(&mut book, Choice::Assign { to: Some("grace".into()) }, &["b"], 0);
    assert_eq!(partition(&book).len(), 2);
    decide(&mut book, Choice::Assign { to: Some("ada".into()) }, &["b"], 1);
    assert_eq!(partition(&book).len(), 1);
}

#[test]
fn tenants_never_mix() {
    let of = |id: &str, tenant: &str| {
        alert(id, "08:00").set("tenantId", tenant).set("incidentId", "7").with(file('a')).with(host("h"))
    };
    let mut book = made([of("a", "t1"), of("b", "t2"), of("same", "t1"), of("same", "t2")]);
    assert_eq!(partition(&book), [["a", "same"], ["b", "same"]]);
    decide(&mut book, Choice::Join, &["a", "b"], 0);
    assert!(
        book.incidents().all(|i| i.tenant_id != "t1" || i.alerts.iter().all(|a| a.id != "b")),
        "not even by hand: {:?}",
        partition(&book)
    );
}

#[test]
fn a_newer_version_supersedes_and_an_older_one_does_not() {
    let version = |day: &str, title: &str, address: &str| {
        alert("a", "08:00")
            .set("lastUpdateDateTime", format!("2026-04-{day}T00:00:00Z"))
            .set("title", title)
            .with(ip(address))
            .line()
    };
    let mut book = book(&[version("02", "new", "203.0.113.2")]);
    book.ingest("late", version("01", "old", "203.0.113.1").as_bytes()).unwrap();
    let incident = book.incident("a").unwrap();
    assert_eq!((book.len(), incident.alerts.len(), incident.alerts[0].title.as_str()), (2, 1, "new"));
    assert_eq!(ids(&incident), ["ip:address:203.0.113.2"]);
    assert_eq!(book.alert("a").unwrap().title.as_deref(), Some("new"));
}

#[test]
fn rows_of_advanced_hunting_add_up_to_one_alert() {
    let info = json!({"Timestamp": "2026-03-10T08:00:00Z", "AlertId": "da1", "Title": "Beacon", "Category": "CommandAndControl",
        "Severity": "High", "ServiceSource": "Microsoft Defender for Endpoint", "DetectionSource": "EDR", "AttackTechniques": "[\"Application Layer Protocol (T1071)\"]"});
    let row = |members: Value| {
        let mut row = json!({"Timestamp": "2026-03-10T08:00:05Z", "AlertId": "da1", "Title": "Beacon", "EvidenceRole": "Related"});
        row.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        row.to_string()
    };
    let rows = [
        info.to_string(),
        row(json!({"EntityType": "Machine", "DeviceId": "m1", "DeviceName": "web01.corp.example"})),
        row(json!({"EntityType": "Ip", "RemoteIP": "203.0.113.7"})),
    ];
    let book = book(&rows);
    assert_eq!((book.len(), partition(&book)), (3, vec![vec!["da1".to_owned()]]));
    let incident = book.incident("da1").unwrap();
    assert_eq!(ids(&incident), ["device:mde:m1", "ip:address:203.0.113.7"]);
    let mut turned = rows.clone();
    turned.reverse();
    assert_eq!(casegraph_tests::book(&turned).to_json(), book.to_json());
}
