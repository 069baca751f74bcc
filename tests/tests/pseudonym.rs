//! A casebook under pseudonyms: judging it gives what judging the original gives, but for the names; and no name of the
//! original is in it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use casegraph::model::{Author, Choice, Indicator, Retraction, Time, Verdict};
use casegraph::policy::Criticality;
use casegraph::rules::RuleSet;
use casegraph::{Casebook, ErrorCode, IncidentSummary, Policy, sample};
use casegraph_tests::{book, random};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

const KEY: &str = "a key that nobody knows";

/// What was judged, without names: of each incident, sorted.
fn judgement(book: &Casebook) -> Vec<String> {
    let mut out: Vec<String> = book.incidents().map(|incident| nameless(book, &incident).to_string()).collect();
    out.sort_unstable();
    out
}

fn nameless(book: &Casebook, incident: &IncidentSummary) -> Value {
    let sorted = |mut values: Vec<String>| {
        values.sort_unstable();
        values
    };
    let mut chain = serde_json::to_value(&incident.kill_chain).unwrap();
    for stage in chain["stages"].as_array_mut().unwrap() {
        stage["alerts"] = json!(stage["alerts"].as_array().unwrap().len());
    }
    let alerts = incident.alerts.iter().map(|line| {
        let techniques = &line.mitre_techniques;
        let (time, severity, status) = (line.time, &line.severity, &line.status);
        format!("{time:?} {severity} {status} {} {techniques:?} {}", line.product_name, line.repeats.len())
    });
    // Alerts of one time are in the order of their ids, and so which of them are neighbours, and which links are kept.
    let times: BTreeSet<_> = incident.alerts.iter().map(|line| line.time).collect();
    let links = incident.alerts.iter().filter(|_| times.len() == incident.alerts.len());
    let links = links.filter_map(|line| line.reason.as_ref());
    let links = links.map(|link| format!("{:?} {:?} {:?} {}", link.reason, link.kind, link.gap_seconds, link.strength));
    let entities = incident.entities.iter().map(|line| {
        let (status, seen) = (&line.remediation_status, line.first_seen);
        format!(
            "{} {} {:.6} {status} {} {} {seen:?}",
            line.kind.as_str(),
            line.verdict,
            line.score,
            line.impacted,
            line.alerts
        )
    });
    let scope = &incident.scope;
    let lists = [&scope.devices, &scope.users, &scope.mailboxes, &scope.applications, &scope.others];
    let assets = lists.into_iter().flatten().map(|asset| {
        let (risk, level) = (&asset.risk_level, asset.criticality);
        format!(
            "{} {risk} {:?} {} {level:?} {}",
            asset.kind.as_str(),
            asset.investigation_priority,
            asset.impacted,
            asset.alerts
        )
    });
    let points = incident.priority.contributions.iter().map(|c| format!("{:?} {:.6} {}", c.factor, c.points, c.count));
    let at = Time::parse("2026-04-02T00:00:00Z").unwrap();
    let response = book.response(&incident.id, &at).unwrap();
    let actions = response.actions.iter().map(|action| {
        let on = action.on.is_some();
        let kind = action.entity.kind.as_str();
        format!(
            "{} {} {kind} {} {on} {:?} {:?} {}",
            action.action, action.state, action.verdict, action.level, action.folder, action.needed
        )
    });
    json!({
        "priority": format!("{:.6}", incident.priority.score),
        "contributions": points.collect::<Vec<_>>(),
        "severity": incident.severity,
        "status": incident.status,
        "found": [incident.classification.as_str(), incident.determination.as_str()],
        "owned": incident.assigned_to.is_some(),
        "tags": incident.tags.len(),
        "system": incident.system_tags.iter().map(|tag| tag.tag).collect::<Vec<_>>(),
        "span": [format!("{:?}", incident.first_activity), format!("{:?}", incident.last_activity)],
        "alerts": sorted(alerts.collect()),
        "chain": chain,
        "assets": sorted(assets.collect()),
        "entities": sorted(entities.collect()),
        "links": incident.links,
        "kept": sorted(links.collect()),
        "near": incident.near_misses.len() + incident.more_near_misses,
        "actions": sorted(actions.collect()),
        "activity": incident.activity.len(),
    })
}

fn same(book: &Casebook) -> Casebook {
    let other = book.pseudonymised(KEY).unwrap();
    assert_eq!(other.len(), book.len(), "no fact is lost");
    let (mut before, mut after) = (judgement(book), judgement(&other));
    assert_eq!(before.len(), after.len(), "as many incidents");
    let as_before = after.clone();
    after.retain(|incident| !before.contains(incident));
    before.retain(|incident| !as_before.contains(incident));
    // Those that began and ended at the same time are most likely the same.
    let place = |text: &String| -> (String, Value) {
        let value: Value = serde_json::from_str(text).unwrap();
        (value["span"].to_string(), value)
    };
    let (mut before, mut after): (Vec<_>, Vec<_>) =
        (before.iter().map(place).collect(), after.iter().map(place).collect());
    before.sort_by(|a, b| a.0.cmp(&b.0));
    after.sort_by(|a, b| a.0.cmp(&b.0));
    let mut differ = Vec::new();
    for ((_, before), (_, after)) in before.iter().zip(&after) {
        for (member, value) in before.as_object().unwrap().iter().filter(|(member, value)| **value != after[*member]) {
            let only = |a: &Value, b: &Value| match (a.as_array(), b.as_array()) {
                (Some(a), Some(b)) => json!(a.iter().filter(|value| !b.contains(value)).collect::<Vec<_>>()),
                _ => a.clone(),
            };
            differ.push(format!("{member}: {} became {}", only(value, &after[member]), only(&after[member], value)));
        }
    }
    assert!(differ.is_empty(), "{differ:#?}");
    other
}

fn log(book: &Casebook) -> String {
    book.facts().map(|fact| format!("{}\n", fact.json)).collect::<String>().to_lowercase()
}

/// The sample, with rules, indicators, people's decisions, a withdrawn fact and a policy that names assets.
fn everything() -> Casebook {
    let mut policy = Policy::default();
    policy.summary.criticality.insert("ALF-LT-0417".to_owned(), Criticality::High);
    policy.summary.criticality.insert("mira.halvorsen@alderfinch.example".to_owned(), Criticality::VeryHigh);
    let mut book = Casebook::with_policy(policy);
    book.set_rules(RuleSet::builtin().unwrap()).unwrap();
    book.ingest("sample", sample::ALERTS.as_bytes()).unwrap();
    book.add_indicators("sample", sample::INDICATORS).unwrap();
    let id = book.queue()[0].id.clone();
    let incident = book.incident(&id).unwrap();
    let ada =
        Author::new("ada@alderfinch.example", Time::parse("2026-03-12T09:00:00Z").unwrap()).because("Mira says so");
    book.assign(&id, Some("ada@alderfinch.example"), &ada).unwrap();
    book.tag(&id, "Alderfinch holiday", &ada).unwrap();
    book.rename(&id, "The Halvorsen case", &ada).unwrap();
    let suspicious = incident.entities.iter().rfind(|line| line.verdict == Verdict::Suspicious).unwrap();
    book.manage(&id, Choice::SetVerdict { entity: suspicious.id.clone(), verdict: Verdict::Malicious }, &ada).unwrap();
    let gone = book.add_indicator(&Indicator::new("dns", "northquay-invoices.example", Verdict::Clean)).unwrap();
    book.retract(&Retraction::new(gone, "ada@alderfinch.example")).unwrap();
    let response = book.response(&id, &Time::parse("2026-03-12T10:00:00Z").unwrap()).unwrap();
    let action = response.actions.iter().find(|action| action.state.as_str() == "pendingApproval").unwrap();
    book.manage(&id, Choice::Approve { action: action.target(), roles: Vec::new() }, &ada).unwrap();
    book
}

#[test]
fn the_sample_is_judged_as_before_and_names_nobody() {
    let before = everything();
    let after = same(&before);
    let text = log(&after) + &serde_json::to_string(after.policy()).unwrap().to_lowercase();
    // Every word of a name, address, path or mail address of the sample that is no word of systems or rules.
    for word in NAMES {
        assert!(log(&before).contains(word), "{word} is in the sample");
        assert!(!text.contains(word), "{word}");
    }
    // And every whole name, unless all of it is everybody's.
    let all = names(&before);
    let left: Vec<&String> =
        all.iter().filter(|name| text.contains(*name) && !COMMON.contains(&name.as_str())).collect();
    assert!(left.is_empty(), "{left:#?}");
    assert!(all.len() > 120, "{}", all.len());
}

/// Words that name somebody or something of the sample.
const NAMES: &[&str] = &[
    "alderfinch",
    "halvorsen",
    "mira",
    "tbrandt",
    "dispatch",
    "northquay",
    "cloudmeter",
    "telemetry",
    "freightview",
    "fvsvc",
    "203.0.113.47",
    "203.0.113.188",
    "2001:db8:4b1d::23",
    "af-88213",
    "alf-lt-0417",
    "alf-fs-02",
    "0417",
    "6deb8122-74dd-4cbb-98f7-559cb550398f",
    "45802f38-2665-48e9-badf-d946609351d8",
];

/// Names that every machine has.
const COMMON: &[&str] = &[
    r"c:\\users\\public",
    r"c:\\windows",
    r"c:\\windows\\system32",
    r"c:\\windows\\system32\\lsass.exe",
    r"cmd.exe",
    r"cmd.exe /q",
    r"explorer.exe",
    r"lsass.exe",
    r"microsoft 365",
    r"net.exe",
    r"nltest.exe",
    r"nt authority",
    r"powershell.exe",
    r"rundll32.exe",
    r"s-1-5-18",
    r"schtasks.exe",
    r"services.exe",
    r"svchost.exe",
    r"system",
    r"vssadmin.exe",
    // In what others wrote; the last four stand for a value in documentation, and are words of JSON.
    r"c:\\program files\\temp",
    r"c:\\temp",
    r"c:\\windows\\syswow64",
    r"suspicious.dll",
    r".\\mimikatz.exe",
    r".\\reg  add image file execution options sethc.exe",
    r".\\regsvr32  /u /s c:\\windows\\fonts\\csrss.exe",
    r"c:\\windows\\fonts",
    r"c:\\windows\\fonts\\csrss.exe",
    r"certutil.exe",
    r#"cmd  /c \"systeminfo && systeminfo\"#,
    r"csrss.exe",
    r"ftp.exe",
    r"mimikatz.exe",
    r"netsh.exe",
    r"ransomware.exe",
    r"reg.exe",
    r"regsvr32.exe",
    r"s-1-5-20",
    r"sqldumper.exe",
    r"workgroup",
    r"string",
    r"domain",
    r"name",
    r"null",
];

/// All names in evidence: what hosts, accounts, addresses, files and the like are called, in lower case.
fn names(book: &Casebook) -> BTreeSet<String> {
    const MEMBERS: [&str; 24] = [
        "hostName",
        "deviceDnsName",
        "dnsDomain",
        "ntDomain",
        "accountName",
        "userPrincipalName",
        "userSid",
        "azureAdUserId",
        "mdeDeviceId",
        "displayName",
        "primaryAddress",
        "upn",
        "emailAddress",
        "recipientEmailAddress",
        "domainName",
        "ipAddress",
        "senderIp",
        "url",
        "urls",
        "fileName",
        "filePath",
        "sha256",
        "sha1",
        "processCommandLine",
    ];
    fn walk(member: &str, value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::String(text) if MEMBERS.contains(&member) && text.len() > 3 => {
                // As it stands in JSON.
                out.insert(Value::from(text.to_lowercase()).to_string().trim_matches('"').to_owned());
            }
            Value::Array(items) => items.iter().for_each(|item| walk(member, item, out)),
            Value::Object(members) => members.iter().for_each(|(member, value)| walk(member, value, out)),
            _ => {}
        }
    }
    let mut out = BTreeSet::new();
    for fact in book.facts() {
        walk("", &serde_json::from_str(fact.json).unwrap(), &mut out);
    }
    out
}

#[test]
fn a_key_is_long_and_tells_books_apart() {
    let book = everything();
    let error = book.pseudonymised("short").unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
    let once = book.pseudonymised(KEY).unwrap();
    assert_eq!(log(&once), log(&book.pseudonymised(KEY).unwrap()), "the same key gives the same bytes");
    let other = book.pseudonymised("another key that nobody knows").unwrap();
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() == 12).map(str::to_owned).collect()
    };
    let (one, two) = (words(&log(&once)), words(&log(&other)));
    let shared = one.intersection(&two).count();
    assert!(one.len() > 100 && shared * 10 < one.len(), "{shared} of {}", one.len());
}

#[test]
fn what_others_wrote_is_judged_as_before() {
    let Some(fixtures) = shared("fixtures") else { return };
    let mut files = Vec::new();
    for folder in std::fs::read_dir(fixtures).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        files.extend(std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path()));
    }
    files.sort();
    // Nine alerts under one id: which is the newest version only the digests of their contents tell.
    files.retain(|file| !file.ends_with("incident-automated-investigation-9-alerts.json"));
    let mut bad = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "json")) {
        let mut book = Casebook::new();
        book.set_rules(RuleSet::builtin().unwrap()).unwrap();
        book.ingest("fixture", &std::fs::read(file).unwrap()).unwrap();

        let text = log(&same(&book));
        bad.extend(names(&book).into_iter().filter(|name| text.contains(name) && !COMMON.contains(&name.as_str())));
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(part);
    let found = path.exists().then_some(path);
    if found.is_none() {
        println!("note: ../shared/{part} is not there, nothing was checked");
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, rng_seed: RngSeed::Fixed(7), failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn random_alerts_are_judged_as_before(records in random::distinct(0, 0..24)) {
        same(&book(&records));
    }
}
