//! Levels and extra keys.

use super::*;
use crate::model::{ActionKind, EvidenceRole, Verdict};
use crate::rules::verdict::face;

fn of(more: &str) -> Result<crate::rules::verdict::VerdictFace, RuleProblem> {
    let text = rule("r", "file", "s: {fileDetails.fileName: a}, condition: s", more);
    face(&documents(&text)[0])
}

#[test]
fn the_level_decides_what_the_keys_leave_open() {
    let cases = [
        ("level: critical", Some((Verdict::Malicious, 90))),
        ("level: high", Some((Verdict::Suspicious, 70))),
        ("level: medium", Some((Verdict::Suspicious, 45))),
        ("level: low", Some((Verdict::Suspicious, 20))),
        ("level: informational", None),
        ("status: test", None),
        ("level: low\nconfidence: 33", Some((Verdict::Suspicious, 33))),
        ("level: high\nverdict: Malicious", Some((Verdict::Malicious, 70))),
        ("verdict: malicious", Some((Verdict::Malicious, 45))),
        ("verdict: noThreatsFound\nconfidence: 80", Some((Verdict::Clean, 80))),
        ("level: informational\nexculpates: true\nconfidence: 80", Some((Verdict::Clean, 80))),
    ];
    for (more, expected) in cases {
        assert_eq!(of(more).unwrap().opinion, expected, "{more}");
    }
}

#[test]
fn a_key_of_the_wrong_type_or_range_leaves_the_rule_out() {
    for more in [
        "verdict: evil",
        "verdict: unknown",
        "verdict: 3",
        "confidence: 101",
        "confidence: -1",
        "confidence: 7.5",
        "confidence: sure",
        "exculpates: 1",
        "exculpates: true\nverdict: malicious",
        "actions: {a: b}",
        "actions: [1]",
        "roles: [attacker]",
        "roles: {url: landlord}",
    ] {
        let problem = of(more).unwrap_err();
        assert_eq!((problem.code, problem.left_out, problem.line), (RuleProblemCode::Invalid, true, 1), "{more}");
    }
    for category in ["alert", "incident"] {
        let (rules, problems) = compile(&rule("r", category, "s: {title: a}, condition: s", "exculpates: true"));
        assert!(rules.is_empty() && problems[0].code == RuleProblemCode::Invalid, "{category}");
    }
    let (rules, problems) = compile(&rule("r", "parent", "s: {title: a}, condition: s", "level: high"));
    assert!(rules.is_empty() && problems[0].message.contains("`parent`"));
}

#[test]
fn actions_and_roles_are_kept_and_unknown_actions_doubted() {
    let face = of("level: high\nactions: [stop-process, 'Quarantine file', dance]\nroles: {url: attacker}").unwrap();
    assert_eq!(
        face.actions.iter().map(ActionKind::as_str).collect::<Vec<_>>(),
        ["stopProcess", "quarantineFile", "dance"]
    );
    assert_eq!(face.roles, [("url".to_owned(), EvidenceRole::Attacker)]);
    assert_eq!(face.doubts.len(), 1);
    assert!(face.doubts[0].code == RuleProblemCode::Doubtful && !face.doubts[0].left_out);
}
