//! Managing incidents: what people decide shows on the incident, its alerts and its assets; what makes no sense is
//! refused; the activity log tells all of it; users and assets say how much they need looking into.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::model::{
    AlertClassification, AlertDetermination, AlertSeverity, AlertStatus, Author, Choice, Decision, DeviceRiskScore,
    FactId, IncidentStatus, Retraction, Time, Verdict,
};
use casegraph::policy::Criticality;
use casegraph::summary::{ActivityFilter, ActivityType, Origin, TargetType, UserImpact};
use casegraph::{Casebook, ErrorCode};
use casegraph_tests::record::{Record, alert, file, host, ip, upn};
use casegraph_tests::{book, book_with, incidents, policy, random};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

fn time(hour: u8) -> Time {
    Time::parse(&format!("2026-05-01T{hour:02}:00:00Z")).unwrap()
}

fn ada(hour: u8) -> Author {
    Author::new("ada", time(hour))
}

fn retract(book: &mut Casebook, fact: FactId) {
    book.retract(&Retraction::new(fact, "ada")).unwrap();
}

fn code<T: std::fmt::Debug>(result: casegraph::Result<T>) -> (ErrorCode, String) {
    let error = result.unwrap_err();
    (error.code(), error.message().to_owned())
}

/// Two alerts of a device: the second is the vendor's in progress, and somebody's.
fn two() -> Casebook {
    book(&[
        alert("a1", "08:00").with(host("web01")).with(upn("carl@corp.example")).line(),
        alert("a2", "08:10")
            .set("severity", "high")
            .set("status", "inProgress")
            .set("assignedTo", "grace@corp.example")
            .with(host("web01"))
            .line(),
    ])
}

fn statuses(book: &Casebook, id: &str) -> Vec<AlertStatus> {
    book.incident(id).unwrap().alerts.into_iter().map(|alert| alert.status).collect()
}

#[test]
fn every_verb_shows_and_is_undone() {
    let mut book = two();
    let before = incidents(&book);
    let facts = [
        book.assign("a2", Some("ada@corp.example"), &ada(8)).unwrap(),
        book.set_status("a2", IncidentStatus::InProgress, &ada(8)).unwrap(),
        book.classify("a2", AlertClassification::TruePositive, AlertDetermination::Malware, &ada(8)).unwrap(),
        book.set_severity("a2", AlertSeverity::Low, &ada(8)).unwrap(),
        book.rename("a2", "The web shell", &ada(8)).unwrap(),
        book.tag("a2", "night", &ada(8)).unwrap(),
        book.comment("a2", "Looked at it.", &ada(8)).unwrap(),
    ];
    let incident = book.incident("a1").unwrap();
    assert_eq!(incident.assigned_to.as_deref(), Some("ada@corp.example"));
    assert_eq!((incident.status, incident.severity), (IncidentStatus::InProgress, AlertSeverity::Low));
    assert_eq!(incident.classification, AlertClassification::TruePositive);
    assert_eq!(incident.determination, AlertDetermination::Malware);
    assert_eq!((incident.title.as_str(), incident.tags), ("The web shell", vec!["night".to_owned()]));
    for fact in &incident.activity {
        assert_eq!(fact.decision.alerts, ["a1", "a2"], "a decision about an incident names all of it");
    }
    book.untag("a1", "night", &ada(9))
        .map(|fact| {
            assert!(book.incident("a1").unwrap().tags.is_empty());
            retract(&mut book, fact);
        })
        .unwrap();
    facts.into_iter().for_each(|fact| retract(&mut book, fact));
    assert_eq!(incidents(&book), before);
    assert_eq!(code(book.tag("nobody", "night", &ada(9))).0, ErrorCode::NotFound);
}

#[test]
fn resolving_an_incident_resolves_its_alerts_until_it_is_opened_again() {
    let mut book = two();
    let own = vec![AlertStatus::Unknown, AlertStatus::InProgress];
    assert_eq!(statuses(&book, "a1"), own);
    assert_eq!(book.incident("a1").unwrap().scope.devices[0].risk_level, DeviceRiskScore::High);
    book.resolve("a1", &ada(8)).unwrap();
    assert_eq!(statuses(&book, "a1"), [AlertStatus::Resolved, AlertStatus::Resolved]);
    assert_eq!(book.incident("a1").unwrap().scope.devices[0].risk_level, DeviceRiskScore::None);
    for (hour, status) in [(9, IncidentStatus::InProgress), (10, IncidentStatus::Active)] {
        let fact = book.set_status("a1", status, &ada(hour)).unwrap();
        assert_eq!(statuses(&book, "a1"), own, "opened again they have their own status");
        assert_eq!(book.incident("a1").unwrap().scope.devices[0].risk_level, DeviceRiskScore::High);
        retract(&mut book, fact);
        assert_eq!(statuses(&book, "a1"), [AlertStatus::Resolved, AlertStatus::Resolved]);
    }
    // A decision that names one alert is about that one, which is closed alone.
    let mut book = two();
    let closing = Choice::SetStatus { status: IncidentStatus::Resolved };
    book.decide(&Decision::new(closing, "ada", time(8)).about(["a2"])).unwrap();
    assert_eq!(
        (statuses(&book, "a2"), statuses(&book, "a1")),
        (vec![AlertStatus::Resolved], vec![AlertStatus::Unknown])
    );
}

#[test]
fn assigning_an_incident_assigns_its_alerts() {
    let mut book = two();
    let owners = |book: &Casebook| -> Vec<Option<String>> {
        book.incident("a1").unwrap().alerts.into_iter().map(|alert| alert.assigned_to).collect()
    };
    assert_eq!(owners(&book), [None, Some("grace@corp.example".to_owned())]);
    book.assign("a1", Some("ada@corp.example"), &ada(8)).unwrap();
    assert!(owners(&book).iter().all(|owner| owner.as_deref() == Some("ada@corp.example")));
    book.assign("a1", None, &ada(9)).unwrap();
    assert_eq!(owners(&book), [None, None], "nobody is nobody, not the owner before");
}

#[test]
fn what_is_moved_out_of_a_resolved_incident_is_open() {
    let mut book = two();
    book.resolve("a1", &ada(8)).unwrap();
    book.move_alerts(["a2"], None, &ada(9).because("another host")).unwrap();
    assert_eq!(statuses(&book, "a2"), [AlertStatus::InProgress]);
    assert_eq!(statuses(&book, "a1"), [AlertStatus::Resolved]);
}

#[test]
fn classification_and_determination_go_together() {
    use AlertClassification as C;
    let mut book = two();
    let mut allowed = 0;
    for classification in C::ALL {
        for determination in AlertDetermination::ALL {
            let result = book.classify("a1", classification.clone(), determination.clone(), &ada(8));
            if classification.determinations().contains(determination) {
                result.unwrap();
                allowed += 1;
                continue;
            }
            let (kind, message) = code(result);
            assert_eq!(kind, ErrorCode::InvalidArgument);
            for name in classification.determinations().iter().chain([determination]) {
                assert!(message.contains(&format!("`{name}`")), "{message}");
            }
            assert!(
                message.starts_with(&format!("`{classification}` does not go with `{determination}`")),
                "{message}"
            );
        }
    }
    assert_eq!(allowed, 1 + 4 + 8 + 5);
    let (_, message) = code(book.classify("a1", C::FalsePositive, AlertDetermination::Malware, &ada(8)));
    assert_eq!(
        message,
        "`falsePositive` does not go with `malware`, expected `unknown`, `notMalicious`, `notEnoughDataToValidate` or `other`"
    );
    // Both unknown takes the finding back.
    book.classify("a1", C::TruePositive, AlertDetermination::Phishing, &ada(9)).unwrap();
    book.classify("a1", C::Unknown, AlertDetermination::Unknown, &ada(10)).unwrap();
    let incident = book.incident("a1").unwrap();
    assert_eq!((incident.classification, incident.determination), (C::Unknown, AlertDetermination::Unknown));
    // What a provider says is a fact, whatever it says.
    let odd = alert("o", "08:00").set("classification", "falsePositive").set("determination", "malware").line();
    let odd = casegraph_tests::book(&[odd]).incident("o").unwrap();
    assert_eq!((odd.classification, odd.determination), (C::FalsePositive, AlertDetermination::Malware));
}

/// A choice with this text.
type Making = fn(String) -> Choice;

#[test]
fn texts_are_neither_empty_nor_endless() {
    let mut book = two();
    let long = |n: usize| "ä".repeat(n);
    let choices: [(&str, usize, Making); 5] = [
        ("the title", Decision::MAX_TITLE, |title| Choice::Rename { title }),
        ("the tag", Decision::MAX_TAG, |tag| Choice::Tag { tag }),
        ("the tag", Decision::MAX_TAG, |tag| Choice::Untag { tag }),
        ("the owner", Decision::MAX_NAME, |to| Choice::Assign { to: Some(to) }),
        ("the comment", Decision::MAX_TEXT, |text| Choice::Comment { text }),
    ];
    for (what, most, choice) in choices {
        for empty in ["", " \n\t"] {
            let (kind, message) = code(book.manage("a1", choice(empty.into()), &ada(8)));
            assert_eq!((kind, message.starts_with(&format!("{what} is empty"))), (ErrorCode::InvalidArgument, true));
        }
        let (kind, message) = code(book.manage("a1", choice(long(most + 1)), &ada(8)));
        assert_eq!(kind, ErrorCode::InvalidArgument);
        let digits = message.replace(',', "");
        assert!(digits.starts_with(what) && digits.contains(&format!("at most {most} characters")), "{message}");
        book.manage("a1", choice(long(most)), &ada(8)).unwrap();
    }
    let (_, message) = code(book.comment("a1", &long(30_001), &ada(8)));
    assert_eq!(message, "the comment has 30,001 characters, expected at most 30,000 characters");
    let wordy = ada(8).because(long(Decision::MAX_TEXT + 1));
    assert_eq!(code(book.tag("a1", "t", &wordy)).0, ErrorCode::InvalidArgument);
    let nameless = Author::new(long(Decision::MAX_NAME + 1), time(8));
    assert_eq!(code(book.tag("a1", "t", &nameless)).0, ErrorCode::InvalidArgument);
}

#[test]
fn what_was_logged_before_the_limits_still_loads() {
    let mut book = two();
    book.tag("a1", "t", &ada(8)).unwrap();
    book.classify("a1", AlertClassification::FalsePositive, AlertDetermination::NotMalicious, &ada(8)).unwrap();
    let mut saved = Vec::new();
    book.save(&mut saved).unwrap();
    let mut loaded = Casebook::load(saved.as_slice(), book.policy().clone()).unwrap();
    assert!(loaded.damage.is_empty());
    assert_eq!(incidents(&loaded.casebook), incidents(&book));
    loaded.casebook.comment("a1", "and works on", &ada(9)).unwrap();
}

fn system_tags(book: &Casebook, id: &str) -> Vec<(&'static str, String)> {
    book.incident(id).unwrap().system_tags.into_iter().map(|tag| (tag.tag, tag.because)).collect()
}

#[test]
fn what_happened_gives_system_tags_with_their_ground() {
    let with = |id: &str, techniques: &[&str]| alert(id, "08:00").set("mitreTechniques", techniques.to_vec());
    let one = |record: Record| system_tags(&book(&[record.line()]), "a");
    assert_eq!(one(with("a", &["T1486"])), [("Ransomware", "`Alert a` shows T1486 Data Encrypted for Impact".into())]);
    let ransom = one(alert("a", "08:00").set("category", "ransomware"));
    assert_eq!(ransom, [("Ransomware", "`Alert a` is of the category Ransomware".into())]);
    assert_eq!(one(with("a", &["T1114.003"])), [], "a forwarding rule alone may be anybody's");
    let bec = one(with("a", &["t1566.002", "T1114.003"]));
    assert_eq!(bec[0].0, "Business email compromise (BEC)");
    assert_eq!(bec[0].1, "`Alert a` shows T1566 Phishing, and `Alert a` shows T1114.003 Email Forwarding Rule");
    let tags: Vec<&str> = one(with("a", &["T1566", "T1539"])).into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(tags, ["Credential phishing"]);
    let asked: Vec<&str> = one(with("a", &["T1598.003", "T1566", "T1539"])).into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(asked, ["Credential phishing"], "once, however many rules hold");
    assert_eq!(one(with("a", &["T1110.003"]))[0].0, "Password spray");
    assert_eq!(one(with("a", &["T1110", "T14861"])), []);
    let dismissed = with("a", &["T1486"]).set("classification", "falsePositive");
    assert_eq!(one(dismissed), [], "a false positive shows nothing");
}

#[test]
fn a_critical_asset_that_was_hit_is_a_system_tag() {
    let hit = || alert("a", "08:00").with(host("dc01")).its("verdict", "suspicious").with(file('a')).line();
    let policy = |level: &str| policy(&format!(r#"{{"summary": {{"criticality": {{"dc01": "{level}"}}}}}}"#));
    let tags = |level: &str| system_tags(&book_with(policy(level), &[hit()]), "a");
    assert_eq!(tags("veryHigh"), [("Critical asset", "device `dc01` of very high criticality was hit".into())]);
    assert_eq!(tags("high")[0].0, "Critical asset");
    assert_eq!(tags("medium"), []);
}

#[test]
fn nobody_takes_a_system_tag_away() {
    let mut book =
        book(&[alert("a", "08:00").set("mitreTechniques", vec!["T1486"]).line(), alert("b", "09:00").line()]);
    let (kind, message) = code(book.untag("a", "ransomware", &ada(8)));
    assert_eq!(kind, ErrorCode::InvalidArgument);
    assert!(message.starts_with("`Ransomware` is a system tag, which no decision takes away: `Alert a`"), "{message}");
    // Where nothing gives it, and where a person gave it too, it is a tag like any other.
    book.untag("b", "Ransomware", &ada(8)).unwrap();
    book.tag("a", "Ransomware", &ada(9)).unwrap();
    book.untag("a", "Ransomware", &ada(10)).unwrap();
    let incident = book.incident("a").unwrap();
    assert_eq!((incident.tags.len(), incident.system_tags.len()), (0, 1));
}

/// Two incidents, worked on in every way.
fn worked_on() -> Casebook {
    let mut book = book(&[
        alert("a1", "08:00").with(ip("203.0.113.9")).line(),
        alert("a2", "08:10").with(ip("203.0.113.9")).line(),
        alert("b1", "09:00").with(file('b')).line(),
    ]);
    let entity = "ip:address:203.0.113.9".to_owned();
    book.assign("a1", Some("ada@corp.example"), &ada(8)).unwrap();
    book.set_status("a1", IncidentStatus::InProgress, &ada(8)).unwrap();
    book.comment("a1", "The Proxy saw it.", &Author::new("grace", time(9))).unwrap();
    book.merge(["a1", "b1"], &ada(10).because("one intrusion")).unwrap();
    book.decide(&Decision::new(Choice::SetVerdict { entity, verdict: Verdict::Malicious }, "ada", time(11))).unwrap();
    book.resolve("b1", &ada(12).because("host is new")).unwrap();
    book
}

#[test]
fn the_activity_log_tells_who_did_what_when_and_why() {
    let book = worked_on();
    let log = book.activity("b1", &ActivityFilter::new()).unwrap();
    use ActivityType as A;
    let kinds: Vec<A> = log.entries.iter().map(|entry| entry.kind).collect();
    let expected = [
        A::Opened,
        A::AlertCorrelated,
        A::Assigned,
        A::StatusChanged,
        A::Commented,
        A::Merged,
        A::VerdictSet,
        A::StatusChanged,
    ];
    // Decisions of one moment stand in the order of their facts.
    let mut sorted = kinds.clone();
    sorted[2..4].sort();
    assert_eq!(sorted, expected);
    assert_eq!((log.id.as_str(), log.more_system), ("a1", 0));
    let first = &log.entries[0];
    assert_eq!((first.origin, first.by.as_str(), first.target.as_str()), (Origin::System, "casegraph", "a1"));
    assert_eq!((first.text.as_str(), &first.reason), ("the incident begins with `Alert a1`", &None));
    let second = &log.entries[1];
    assert_eq!(second.text, "`Alert a2` was correlated automatically");
    assert_eq!(second.reason.as_deref(), Some("same ip `203.0.113.9` as `Alert a1`, 10 min apart"));
    assert_eq!((second.target_type, second.target.as_str()), (TargetType::Alert, "a2"));
    assert_eq!(second.fact, book.incident("a2").unwrap().alerts[1].fact);
    let merged = &log.entries[5];
    assert_eq!(
        (merged.text.as_str(), merged.reason.as_deref()),
        ("put 3 alerts into one incident", Some("one intrusion"))
    );
    assert_eq!((merged.target_type, merged.target.as_str()), (TargetType::Incident, "a1"));
    let verdict = &log.entries[6];
    assert_eq!((verdict.target_type, verdict.target.as_str()), (TargetType::Entity, "ip:address:203.0.113.9"));
    assert_eq!(log.entries[7].text, "resolved the incident and its alerts");
    assert_eq!(log.entries[7].reason.as_deref(), Some("host is new"));
    let comment = FactId::parse(&log.entries[4].fact).unwrap();
    let mut book = book;
    retract(&mut book, comment);
    assert_eq!(book.activity("b1", &ActivityFilter::new()).unwrap().entries.len(), 7, "what is withdrawn is not there");
    assert_eq!(code(book.activity("nobody", &ActivityFilter::new())).0, ErrorCode::NotFound);
}

#[test]
fn filters_of_the_activity_log_narrow_it() {
    let book = worked_on();
    let texts = |filter: ActivityFilter| -> Vec<String> {
        book.activity("a1", &filter).unwrap().entries.into_iter().map(|entry| entry.text).collect()
    };
    let all = || ActivityFilter::new();
    assert_eq!(texts(all().with_by("GRACE")), ["The Proxy saw it."]);
    assert_eq!(texts(all().with_by("grace").with_type(ActivityType::Merged)), [""; 0], "parts are joined with and");
    assert_eq!(
        texts(all().with_type(ActivityType::Commented).with_type(ActivityType::Merged)).len(),
        2,
        "values with or"
    );
    assert_eq!(texts(all().with_origin(Origin::System)).len(), 2);
    assert_eq!(texts(all().with_origin(Origin::Person)).len(), 6);
    assert_eq!(texts(all().with_since(time(11))).len(), 2, "from that moment on");
    assert_eq!(texts(all().with_since(time(9)).with_until(time(10))), ["The Proxy saw it."], "and before that one");
    assert_eq!(texts(all().with_text("proxy")), ["The Proxy saw it."]);
    assert_eq!(texts(all().with_text("ONE INTRUSION")), ["put 3 alerts into one incident"], "the reason is looked at");
    assert_eq!(texts(all().with_text("203.0.113.9")).len(), 2, "and the target");
    assert_eq!(texts(all().with_text("proxy").with_text("host is new")).len(), 2);
    let undated = book_with(policy("{}"), &[alert("u", "08:00").set("firstActivityDateTime", json!(null)).line()]);
    assert_eq!(undated.activity("u", &all()).unwrap().entries[0].at, None);
    assert_eq!(undated.activity("u", &all().with_since(time(1))).unwrap().entries, []);
    for bad in [r#"{"types":["nonsense"]}"#, r#"{"kind":[]}"#, "[]", r#"{"since":"yesterday"}"#] {
        assert_eq!(code(ActivityFilter::from_json(bad)).0, ErrorCode::InvalidArgument, "{bad}");
    }
}

#[test]
fn what_the_system_did_is_bounded_and_the_rest_is_counted() {
    let records: Vec<String> =
        (0..6).map(|n| alert(&format!("a{n}"), &format!("08:{n:02}")).with(file('a')).line()).collect();
    let mut book = book_with(policy(r#"{"manage": {"systemActivity": 2}}"#), &records);
    for n in 0..4 {
        book.comment("a0", &format!("comment {n}"), &ada(n)).unwrap();
    }
    let log = book.activity("a3", &ActivityFilter::new()).unwrap();
    assert_eq!((log.entries.len(), log.more_system), (2 + 4, 4), "what people did is listed whole");
    assert_eq!(log.entries[0].target, "a0", "the earliest are listed");
    let none = book.activity("a3", &ActivityFilter::new().with_type(ActivityType::Commented)).unwrap();
    assert_eq!((none.entries.len(), none.more_system), (4, 0), "only what the filter lets through is counted");
}

#[test]
fn medium_alerts_add_up_to_a_high_risk() {
    let on = |n: u8| alert(&format!("a{n}"), &format!("08:{n:02}")).with(host("web01")).line();
    let level = |count: u8, policy| {
        let records: Vec<String> = (0..count).map(on).collect();
        book_with(policy, &records).incident("a0").unwrap().scope.devices[0].risk_level.clone()
    };
    assert_eq!(level(2, policy("{}")), DeviceRiskScore::Medium);
    assert_eq!(level(3, policy("{}")), DeviceRiskScore::High);
    assert_eq!(level(3, policy(r#"{"summary": {"riskMediumAlerts": 4}}"#)), DeviceRiskScore::Medium);
    assert_eq!(level(9, policy(r#"{"summary": {"riskMediumAlerts": 0}}"#)), DeviceRiskScore::Medium);
}

#[test]
fn the_risk_of_an_asset_is_that_of_all_its_incidents() {
    let device = "device:host:web01";
    let mut book = book(&[
        alert("a", "10 08:00").set("severity", "low").with(host("web01")).line(),
        alert("b", "28 08:00").set("severity", "high").with(host("web01")).line(),
        alert("c", "28 08:10").set("severity", "high").set("status", "resolved").with(host("web01")).line(),
    ]);
    assert_eq!(book.incident("a").unwrap().scope.devices[0].risk_level, DeviceRiskScore::Low, "its share of it");
    let risk = book.asset_risk("a", device).unwrap();
    assert_eq!((risk.risk_level, risk.open, risk.resolved), (DeviceRiskScore::High, [0, 0, 1, 0, 1], 1));
    assert_eq!(risk.because, "1 open alert of high severity");
    book.resolve("b", &ada(8)).unwrap();
    let risk = book.asset_risk("a", device).unwrap();
    assert_eq!((risk.risk_level, risk.because.as_str()), (DeviceRiskScore::Low, "1 open alert of low severity"));
    book.resolve("a", &ada(8)).unwrap();
    assert_eq!(book.asset_risk("a", device).unwrap().because, "no open alert");
    assert_eq!(code(book.asset_risk("a", "ip:address:203.0.113.1")).0, ErrorCode::NotFound);
}

/// A user in a role, and a device of its own so that detectors are rare.
fn by(id: &str, clock: &str, user: &str, roles: &[&str]) -> Record {
    alert(id, clock).with(upn(user)).its("roles", roles.to_vec()).with(host(&format!("ws-{id}")))
}

const CARL: &str = "user:upn:carl@corp.example";

#[test]
fn the_priority_of_a_user_is_the_sum_of_its_shares() {
    let book = book(&[
        by("old", "10 08:00", "carl@corp.example", &["compromised"]).set("severity", "high").line(),
        by("a", "20 08:00", "carl@corp.example", &["compromised"]).set("severity", "high").line(),
        by("b", "21 08:00", "carl@corp.example", &[]).set("severity", "medium").line(),
        by("c", "21 09:00", "carl@corp.example", &["contextual"]).set("severity", "low").line(),
        by("false", "21 10:00", "carl@corp.example", &["compromised"]).set("classification", "falsePositive").line(),
        by("d", "22 09:00", "dora@corp.example", &[]).line(),
    ]);
    let carl = book.user_priority("a", CARL).unwrap();
    let shares: Vec<(&str, f64, UserImpact)> =
        carl.shares.iter().map(|share| (share.alert.as_str(), share.points, share.impact)).collect();
    let expected =
        [("a", 100.0, UserImpact::Attacked), ("b", 33.0, UserImpact::Present), ("c", 5.0, UserImpact::Contextual)];
    assert_eq!(shares, expected);
    assert_eq!((carl.score, carl.not_counted, carl.more), (138.0, 2, 0), "what is old or false counts nothing");
    assert_eq!((carl.users, carl.percentile, carl.red), (2, 75, false));
    assert_eq!(carl.shares[0].detail, "severity high, the user attacked or attacks, the detector is 100 % rare");
    assert_eq!(carl.criticality, Criticality::None);
    assert_eq!(carl.latest.map(|at| at.to_rfc3339()), Some("2026-03-21T10:00:00+00:00".to_owned()));
    assert_eq!(code(book.user_priority("a", "device:host:ws-a")).1, "`device:host:ws-a` is not a user");
    assert_eq!(code(book.user_priority("d", CARL)).0, ErrorCode::NotFound, "of another incident");
    assert_eq!(code(book.user_priority("d", "carl")).0, ErrorCode::InvalidArgument);
}

#[test]
fn the_red_user_is_among_the_first_tenth() {
    let mut records: Vec<String> =
        (0..9).map(|n| by(&format!("u{n}"), "20 08:00", &format!("u{n}@corp.example"), &[]).line()).collect();
    records.push(by("a", "20 09:00", "carl@corp.example", &["attacked"]).set("severity", "high").line());
    let of = |book: &Casebook, alert: &str, user: &str| {
        let told = book.user_priority(alert, user).unwrap();
        (told.percentile, told.red, told.users)
    };
    let mut crowd = book(&records);
    assert_eq!(of(&crowd, "a", CARL), (95, true, 10));
    assert_eq!(of(&crowd, "u0", "user:upn:u0@corp.example"), (45, false, 10));
    // Another tenant is another organisation.
    let other = by("t", "20 08:00", "eve@corp.example", &["attacked"]).set("severity", "high").set("tenantId", "other");
    crowd.ingest("late", other.line().as_bytes()).unwrap();
    assert_eq!(of(&crowd, "a", CARL), (95, true, 10));
    assert_eq!(of(&crowd, "t", "user:upn:eve@corp.example"), (50, false, 1));
    // A false positive is worth nothing, so nobody is red any more.
    crowd.classify("a", AlertClassification::FalsePositive, AlertDetermination::NotMalicious, &ada(8)).unwrap();
    assert_eq!(of(&crowd, "a", CARL), (5, false, 10));
    let strict = book_with(policy(r#"{"summary": {"investigationPriority": {"red": 96}}}"#), &records);
    assert_eq!(of(&strict, "a", CARL), (95, false, 10));
}

#[test]
fn the_policy_weighs_users() {
    let records = [
        by("a", "20 08:00", "carl@corp.example", &["attacked"]).set("severity", "high").line(),
        by("b", "12 08:00", "carl@corp.example", &["attacked"]).set("severity", "high").line(),
    ];
    let score = |members: &str| {
        let policy = policy(&format!(r#"{{"summary": {members}}}"#));
        book_with(policy, &records).user_priority("a", CARL).unwrap().score
    };
    assert_eq!(score("{}"), 100.0);
    assert_eq!(score(r#"{"investigationPriority": {"days": 30}}"#), 200.0);
    assert_eq!(score(r#"{"investigationPriority": {"severity": [0, 0, 0, 0, 7]}}"#), 7.0);
    assert_eq!(score(r#"{"investigationPriority": {"impact": [0, 0, 50]}}"#), 50.0);
    assert_eq!(score(r#"{"criticality": {"carl@corp.example": "veryHigh"}}"#), 200.0);
    let most = policy(r#"{"summary": {"investigationPriority": {"days": 30, "shares": 1}}}"#);
    let told = book_with(most, &records).user_priority("a", CARL).unwrap();
    assert_eq!((told.shares.len(), told.more, told.more_points, told.score), (1, 1, 100.0, 200.0));
    for bad in [r#"{"days": 0}"#, r#"{"red": 101}"#] {
        let text = format!(r#"{{"summary": {{"investigationPriority": {bad}}}}}"#);
        assert_eq!(code(casegraph::Policy::from_json(&text)).0, ErrorCode::InvalidArgument);
    }
}

#[test]
fn the_scope_shows_what_the_incident_gives_its_users() {
    let book = book(&[
        by("a", "20 08:00", "carl@corp.example", &["attacked"]).set("severity", "high").with(file('a')).line(),
        by("b", "20 09:00", "dora@corp.example", &[]).with(file('a')).line(),
        by("far", "22 08:00", "carl@corp.example", &["attacked"]).set("severity", "high").line(),
    ]);
    let incident = book.incident("a").unwrap();
    let carl = incident.scope.users.iter().find(|user| user.id == CARL).unwrap();
    assert!(incident.scope.devices.iter().all(|device| device.investigation_priority.is_none()));
    let own: f64 = book.incident("a").unwrap().alerts.iter().filter(|alert| alert.id != "b").map(|_| 100.0).sum();
    assert_eq!(carl.investigation_priority, Some(own));
    let all = book.user_priority("a", CARL).unwrap();
    let here: f64 = all.shares.iter().filter(|share| share.incident == incident.id).map(|share| share.points).sum();
    assert_eq!(carl.investigation_priority, Some(here), "its part of the sum over all incidents");
}

/// Everything that this suite looks at, of all incidents.
fn all_of_it(book: &Casebook) -> String {
    let mut out = incidents(book);
    for incident in book.incidents() {
        out += &serde_json::to_string(&book.activity(&incident.id, &ActivityFilter::new()).unwrap()).unwrap();
        for user in &incident.scope.users {
            if let Ok(priority) = book.user_priority(&incident.id, &user.id) {
                out += &serde_json::to_string(&priority).unwrap();
                let shares: f64 = priority.shares.iter().map(|share| share.points).sum();
                assert!((shares + priority.more_points - priority.score).abs() < 1e-6);
            }
        }
        for device in &incident.scope.devices {
            // Of two tenants with an alert of this id another one is meant.
            if let Ok(risk) = book.asset_risk(&incident.id, &device.id) {
                out += &serde_json::to_string(&risk).unwrap();
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(11),
        ..ProptestConfig::default()
    })]

    /// Facts in another order, or one after the other while somebody asks, tell the same.
    #[test]
    fn order_and_updates_do_not_matter(records in random::records(12), decisions in random::decisions(6)) {
        let decide = |book: &mut Casebook, text: &String| {
            let _ = book.decide(&Decision::from_json(text).unwrap());
        };
        let mut once = book(&records);
        decisions.iter().for_each(|text| decide(&mut once, text));
        let expected = all_of_it(&once);

        let mut backwards = records.clone();
        backwards.reverse();
        let mut other = Casebook::new();
        for record in &backwards {
            other.ingest("one", record.as_bytes()).unwrap();
            let _ = all_of_it(&other);
        }
        for text in decisions.iter().rev() {
            decide(&mut other, text);
            let _ = all_of_it(&other);
        }
        prop_assert_eq!(all_of_it(&other), expected);
    }
}
