//! Opinions of rules as verdicts and explanations.

use super::*;
use crate::judge::{AlertStance, Basis, Explanation, Judgement, Outside, Told, Weights, Words, judge};
use crate::model::{FactId, Verdict};

struct Names<'n>(&'n [String]);

impl Words for Names<'_> {
    fn entity_id(&self, local: u32) -> String {
        self.0[local as usize].clone()
    }

    fn entity_name(&self, local: u32) -> String {
        self.entity_id(local)
    }

    fn tenant(&self, _: u32) -> String {
        String::new()
    }

    fn identifiers(&self, local: u32) -> Vec<String> {
        vec![self.entity_id(local)]
    }

    fn alert(&self, alert: u32) -> (String, String, FactId) {
        (format!("a{alert}"), format!("Alert {alert}"), FactId([0; 32]))
    }

    fn detector(&self, source: u32) -> String {
        format!("d{source}")
    }

    fn place(&self, occurrence: u32) -> (FactId, u32, bool) {
        (FactId([0; 32]), occurrence, false)
    }

    fn indicator(&self, _: u32) -> (Option<String>, FactId) {
        unreachable!()
    }

    fn decision(&self, _: u32) -> (String, Option<String>, FactId) {
        unreachable!()
    }
}

/// The explanation of every entity, by name, with the opinions of `rules`.
fn all(incident: &Incident, rules: Option<&VerdictRules>, severity: u8) -> BTreeMap<String, Explanation> {
    let found = rules.map_or_else(RuleFindings::default, |rules| incident.run(rules));
    let outside = Outside { rules: found, ..Outside::default() };
    let policy = policy::Judge::default();
    let weights = Weights::new(&policy);
    let mut judgement = Judgement::default();
    let stance = |source: u32| AlertStance { severity, classification: 0, detector: source };
    judge(&incident.scene, &stance, &outside, &policy, &weights, policy.work, &mut judgement);
    let words = Names(&incident.names);
    let told =
        Told { scene: &incident.scene, judgement: &judgement, weights: &weights, work: policy.work, words: &words };
    let each = incident.names.iter().enumerate();
    each.map(|(e, name)| (name.clone(), told.explain(e as u32, Basis::default()).unwrap())).collect()
}

/// The explanation of the entity whose name ends so. The alerts are of the given severity (by index)
/// and of one detector each.
fn explained(incident: &Incident, text: &str, severity: u8, name: &str) -> Explanation {
    let rules = (!text.is_empty()).then(|| rules(text));
    let mut found = all(incident, rules.as_ref(), severity);
    let name = incident.names.iter().find(|n| n.ends_with(name)).unwrap();
    found.remove(name).unwrap()
}

fn tool(verdict: &str) -> Value {
    let mut tool = file("tool.exe", json!({ "signer": "Alder Finch" }));
    tool["verdict"] = json!(verdict);
    tool
}

fn fits(title: &str, more: &str) -> String {
    rule(title, "file", "s: {fileDetails.fileName: tool.exe}, condition: s", more)
}

#[test]
fn a_rule_is_one_source_however_often_it_fits() {
    let alerts: Vec<Value> = (0..10).map(|i| alert(&format!("a{i}"), json!([device(), tool("unknown")]))).collect();
    let case = incident(&alerts);
    let why =
        explained(&case, &fits("Odd tool", "id: 0e5aae11-a475-4c5b-ab00-c66de400274e\nlevel: high"), 0, "tool.exe");
    assert_eq!((why.verdict, why.score), (Verdict::Suspicious, 0.7));
    let said = &why.opinions[0];
    assert!(said.because.starts_with("rule `Odd tool` (0e5aae11-a475-4c5b-ab00-c66de400274e, "), "{}", said.because);
    assert!(said.because.ends_with(" fits: `fileDetails.fileName` is `tool.exe`"), "{}", said.because);
    assert_eq!((said.alert.as_deref(), why.opinions.len()), (Some("a0"), 1));
    let two = fits("One", "level: high") + &fits("Two", "level: medium");
    assert_eq!(explained(&case, &two, 0, "tool.exe").score, 0.835);
}

#[test]
fn only_an_exculpating_rule_lowers_and_it_is_named() {
    let case = incident(&[alert("a1", json!([device(), tool("malicious")]))]);
    assert_eq!(explained(&case, "", 0, "tool.exe").verdict, Verdict::Malicious);
    let clean = explained(&case, &fits("Looks fine", "verdict: noThreatsFound\nconfidence: 95"), 0, "tool.exe");
    assert_eq!((clean.verdict, clean.score), (Verdict::Malicious, 0.9));
    let why = explained(&case, &fits("Ours", "exculpates: true\nconfidence: 95"), 0, "tool.exe");
    assert_eq!((why.verdict, why.score), (Verdict::Clean, 0.05));
    assert!(why.because.contains("exculpating rule `Ours`"), "{}", why.because);
    assert!(why.opinions.iter().any(|o| o.because.contains("`Ours`")));
    assert!(why.overruled.iter().any(|o| o.overruled_by.as_deref() == Some("an exculpating rule fits")));
    let weak = explained(&case, &fits("Ours", "exculpates: true\nconfidence: 40"), 0, "tool.exe");
    assert_eq!((weak.verdict, weak.score), (Verdict::Suspicious, 0.6));
    assert!(weak.because.contains("exculpating rule `Ours`") && weak.overruled.is_empty(), "{}", weak.because);
}

#[test]
fn who_is_spared_by_the_exculpation_of_another_says_whose() {
    let image = |mut process: Value, name: &str| {
        process["imageFile"]["fileName"] = json!(name);
        process
    };
    let mut bad = file("tool.exe", json!({ "signer": "Alder Finch" }));
    bad["verdict"] = json!("malicious");
    let runs = image(process(11, "x", "tool", None), "tool.exe");
    let child = process(12, "child.exe", "child", Some((11, "tool.exe")));
    let case = incident(&[alert("a1", json!([device(), bad, runs, child]))]);
    let child = |rules: &str| explained(&case, rules, 0, "file:d1|c:\\work\\child.exe");
    assert!(child("").verdict > Verdict::Clean);
    let why = child(&fits("Ours", "exculpates: true\nconfidence: 95"));
    assert_eq!(why.verdict, Verdict::Unknown);
    assert!(why.because.contains("exculpating rule `Ours`") && why.because.contains("tool.exe"), "{}", why.because);
}

#[test]
fn suspicion_does_not_go_through_what_is_exculpated() {
    let mut bad = process(11, "tool.exe", "tool", None);
    bad["verdict"] = json!("malicious");
    let case = incident(&[alert("a1", json!([device(), bad, process(12, "tool.exe", "tool again", None)]))]);
    let other = |rules: &str| {
        let created = chrono::DateTime::parse_from_rfc3339("2026-03-12T07:12:00Z").unwrap();
        explained(&case, rules, 0, &format!("12|{}", created.timestamp_nanos_opt().unwrap()))
    };
    assert_eq!(other("").verdict, Verdict::Malicious);
    let why = other(&fits("Ours", "exculpates: true\nconfidence: 95"));
    assert_eq!(why.verdict, Verdict::Unknown);
    assert!(why.because.contains(") on `file:"), "{}", why.because);
    // What was seen of the process itself stands.
    let first = explained(&case, &fits("Ours", "exculpates: true\nconfidence: 95"), 0, "11|1773299460000000000");
    assert_eq!(first.verdict, Verdict::Malicious);
}

#[test]
fn clean_is_what_a_rule_could_look_at_and_did_not_fire_on() {
    let case = incident(&[alert("a1", json!([device(), file("letter.doc", json!({}))]))]);
    assert_eq!(explained(&case, "", 0, "letter.doc").verdict, Verdict::Unknown);
    let could = explained(&case, &fits("Odd tool", "level: high"), 0, "letter.doc");
    assert_eq!(could.verdict, Verdict::Clean);
    assert!(could.because.starts_with("rule `Odd tool` ("), "{}", could.because);
    assert!(could.because.ends_with("had the fields it needs and did not fire"), "{}", could.because);
    let blind = rule("Signed", "file", "s: {fileDetails.signer: X}, condition: s", "level: high");
    let could_not = explained(&case, &blind, 0, "letter.doc");
    assert_eq!(could_not.verdict, Verdict::Unknown);
    assert!(could_not.missing.unwrap().contains("no rule for its kind had the fields it needs"));
    // Nor has it who only reads what others say.
    let hearsay = rule("Hearsay", "file", "s: {alert.title: x, counts.alerts|gte: 9}, condition: s", "level: high");
    assert_eq!(explained(&case, &hearsay, 0, "letter.doc").verdict, Verdict::Unknown);
    // Not to be known as good is no finding.
    let good = rule("Known", "file", "s: {fileDetails.fileName: x}, condition: s", "exculpates: true");
    assert_eq!(explained(&case, &good, 0, "letter.doc").verdict, Verdict::Unknown);
}

#[test]
fn without_rules_nothing_is_said_of_them() {
    let case = incident(&[alert("a1", json!([device(), tool("unknown")]))]);
    let why = explained(&case, "", 0, "tool.exe");
    assert!(!why.missing.unwrap().contains("rule") && why.limits.is_empty());
}

#[test]
fn what_would_garble_a_line_is_spelt_out() {
    let mut case = alert("a1", json!([device(), file("a\u{202e}fdp.exe", json!({}))]));
    case["title"] = json!("x");
    let text = rule("r", "file", "s: {fileDetails.fileName|contains: a}, condition: s", "level: high");
    let why = explained(&incident(&[case]), &text, 0, "fdp.exe");
    assert!(why.opinions[0].because.ends_with("is `a\\u{202e}fdp.exe`"), "{}", why.opinions[0].because);
}

#[test]
fn no_evidence_lowers_a_verdict_without_a_name() {
    let files = crate::rules::pack::FILES.iter();
    let documents: Vec<Document> = files.flat_map(|(_, text)| documents(text)).collect();
    let (rules, _) = VerdictRules::new(&documents, read::Limits::default().path_steps);
    let alerts: Vec<Value> = crate::sample::ALERTS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let whole = all(&incident(&alerts), Some(&rules), 1);
    let mut compared = 0;
    for left_out in 0..alerts.len() {
        let mut fewer = alerts.clone();
        fewer.remove(left_out);
        for (name, before) in all(&incident(&fewer), Some(&rules), 1) {
            let after = &whole[&name];
            compared += 1;
            if after.verdict < before.verdict {
                assert!(after.because.contains("exculpating rule"), "{name}: {} -> {}", before.because, after.because);
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}
