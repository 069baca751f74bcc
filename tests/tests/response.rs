//! Response: what verdicts call for, who must agree, what is carried out, and what is left of it when facts go.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests say with a panic what failed"
)]

use std::fmt::Write as _;
use std::path::Path;

use casegraph::model::{
    ActionKind, ActionOutcome, ActionReport, ActionState, ActionTarget, Author, Choice, InvestigationState,
    RemediationStatus, Retraction, Time,
};
use casegraph::policy::AutomationLevel;
use casegraph::response::{Action, ActionFilter, ActionReply, ActionRequest, Response};
use casegraph::{Casebook, ErrorCode, Policy, sample};
use casegraph_tests::record::{Record, alert, evidence, file, host, ip, upn, url};
use casegraph_tests::{book_with, golden, policy};
use serde_json::json;

/// Day 1 is the 10 March on which the alerts are.
fn time(day: u8, hour: u8) -> Time {
    Time::parse(&format!("2026-03-{:02}T{hour:02}:00:00Z", day + 9)).unwrap()
}

fn ada(day: u8, hour: u8) -> Author {
    Author::new("ada", time(day, hour)).because("seen in the proxy log")
}

fn level(name: &str) -> Policy {
    policy(&format!(r#"{{"response":{{"level":"{name}"}}}}"#))
}

fn code<T: std::fmt::Debug>(result: casegraph::Result<T>) -> (ErrorCode, String) {
    let error = result.unwrap_err();
    (error.code(), error.message().to_owned())
}

/// A malicious file on a device, the account there, and a bad address.
fn dropper(id: &str, clock: &str, device: &str, verdict: &str) -> Record {
    let mut bad = file('a');
    bad["verdict"] = json!(verdict);
    bad["fileDetails"]["filePath"] = json!(r"C:\Users\mira\Downloads");
    let mut at = ip("203.0.113.7");
    at["verdict"] = json!("suspicious");
    alert(id, clock).with(host(device)).with(bad).with(at)
}

fn one(policy: Policy) -> Casebook {
    book_with(policy, &[dropper("a1", "08:00", "ws-1.example.com", "malicious").line()])
}

fn response(book: &Casebook, day: u8, hour: u8) -> Response {
    book.response("a1", &time(day, hour)).unwrap()
}

fn find<'r>(response: &'r Response, kind: &ActionKind) -> &'r Action {
    let found = response.actions.iter().find(|action| action.action == *kind);
    found.unwrap_or_else(|| panic!("no {kind} in {:#?}", response.actions))
}

fn state(book: &Casebook, kind: &ActionKind, day: u8, hour: u8) -> ActionState {
    find(&response(book, day, hour), kind).state.clone()
}

fn status(response: &Response, kind: &str) -> RemediationStatus {
    let of = |status: &&casegraph::response::EvidenceStatus| status.entity.kind.as_str() == kind;
    response.evidence.iter().find(of).unwrap().remediation_status.clone()
}

fn report(request: &ActionRequest, outcome: ActionOutcome, day: u8, hour: u8) -> ActionReport {
    request.report(outcome, "edr", time(day, hour))
}

const QUARANTINE: ActionKind = ActionKind::QuarantineFile;

#[test]
fn a_whole_life_of_an_action_is_told_and_moves_the_evidence() {
    let mut book = one(Policy::default());
    let waiting = response(&book, 1, 9);
    let action = find(&waiting, &QUARANTINE);
    assert_eq!((action.state.as_str(), action.needed, action.automatic), ("pendingApproval", 1, false));
    assert_eq!(action.on.as_ref().unwrap().id, "device:fqdn:ws-1.example.com");
    assert_eq!(action.expires.unwrap().to_rfc3339(), "2026-03-17T08:00:00+00:00");
    assert_eq!(status(&waiting, "file"), RemediationStatus::PendingApproval);
    let id = action.id.clone();
    assert!(book.pending_requests(&time(1, 9)).is_empty());

    book.approve("a1", [&id], &ada(1, 10)).unwrap();
    assert_eq!(state(&book, &QUARANTINE, 1, 9), ActionState::PendingApproval, "before she agreed");
    assert_eq!(status(&response(&book, 1, 11), "file"), RemediationStatus::Running);
    let requests = book.pending_requests(&time(1, 11));
    let [request] = requests.as_slice() else { panic!("{requests:#?}") };
    assert_eq!((request.perform.as_str(), request.approved_by.as_slice()), ("quarantineFile", &["ada".to_owned()][..]));
    assert_eq!(request.device_identifiers[0], "device:fqdn:ws-1.example.com");
    assert_eq!(book.pending_requests(&time(1, 12)), requests, "the same key until it is reported");

    book.report(&report(request, ActionOutcome::Running, 1, 12)).unwrap();
    assert!(book.pending_requests(&time(1, 12)).is_empty());
    assert_eq!(state(&book, &QUARANTINE, 1, 12), ActionState::Running);
    book.report(&report(request, ActionOutcome::Completed, 1, 13)).unwrap();
    assert_eq!(status(&response(&book, 1, 14), "file"), RemediationStatus::Remediated);

    book.undo("a1", [&id], &ada(2, 8)).unwrap();
    let requests = book.pending_requests(&time(2, 9));
    let [back] = requests.as_slice() else { panic!("{requests:#?}") };
    assert_eq!((back.perform.as_str(), back.undo), ("releaseFile", true));
    book.report(&report(back, ActionOutcome::Completed, 2, 9)).unwrap();
    let over = response(&book, 2, 10);
    assert_eq!(find(&over, &QUARANTINE).state, ActionState::Undone);
    assert_eq!(status(&over, "file"), RemediationStatus::Unremediated);
    let states: Vec<&str> = find(&over, &QUARANTINE).history.iter().map(|step| step.state.as_str()).collect();
    assert_eq!(states, ["pendingApproval", "approved", "running", "completed", "undone"]);
    assert!(find(&over, &QUARANTINE).contradictions.is_empty());
    let decisions: Vec<Choice> = book.incident("a1").unwrap().activity.into_iter().map(|a| a.decision.what).collect();
    assert!(matches!(decisions.as_slice(), [Choice::Approve { .. }, Choice::Undo { .. }]), "{decisions:?}");
}

#[test]
fn illegal_steps_are_refused_and_leave_no_fact() {
    let mut book = one(Policy::default());
    let file = find(&response(&book, 1, 9), &QUARANTINE).id.clone();
    let address = find(&response(&book, 1, 9), &ActionKind::BlockIp).id.clone();
    let facts = book.len();
    let refused = |result: casegraph::Result<Vec<casegraph::model::FactId>>, code: ErrorCode, text: &str| {
        let (found, message) = self::code(result);
        assert!(found == code && message.contains(text), "{found:?} {message}");
    };
    use ErrorCode::{Conflict, InvalidArgument, NotFound};
    refused(book.undo("a1", [&file], &ada(1, 9)), Conflict, "nothing to take back");
    refused(book.approve("a1", [&file], &ada(9, 9)), Conflict, "expired");
    refused(book.approve("a1", [&file, &address], &ada(1, 9)), InvalidArgument, "two kinds");
    refused(book.approve("a1", [] as [&str; 0], &ada(1, 9)), InvalidArgument, "no actions");
    refused(book.approve("a1", ["0123456789abcdef"], &ada(1, 9)), NotFound, "no action");
    refused(book.approve("a9", [&file], &ada(1, 9)), NotFound, "a9");
    assert_eq!(book.len(), facts);

    book.reject("a1", [&file], &ada(1, 9)).unwrap();
    refused(book.approve("a1", [&file], &ada(1, 10)), Conflict, "propose it again");
    assert_eq!(status(&response(&book, 1, 10), "file"), RemediationStatus::Declined);
    let target = find(&response(&book, 1, 10), &QUARANTINE).target();
    assert_eq!(book.propose("a1", &target, &ada(1, 11)).unwrap(), file);
    refused(book.approve("a1", [&file], &ada(1, 12)), Conflict, "proposed it");
    let ben = Author::new("ben", time(1, 12));
    book.approve("a1", [&file], &ben).unwrap();
    // Agreeing to it once more, in the same words, is the same fact.
    let facts = book.len();
    book.approve("a1", [&file], &ben).unwrap();
    assert_eq!(book.len(), facts);
}

#[test]
fn what_is_proposed_by_hand_must_exist_apply_and_be_here() {
    let mut book = one(Policy::default());
    let mut wrong = |action: &str, entity: &str, on: Option<&str>| {
        let target = ActionTarget::new(ActionKind::parse(action), entity);
        let target = if let Some(on) = on { target.on(on) } else { target };
        code(book.propose("a1", &target, &ada(1, 9)))
    };
    let device = "device:fqdn:ws-1.example.com";
    for (found, text) in [
        (wrong("dance", device, None), "no action `dance`"),
        (wrong("stopProcess", device, None), "does not apply to a device"),
        (wrong("isolateDevice", "ws-1", None), "expected `kind:type:value`"),
        (wrong("quarantineFile", &format!("file:sha256:{}", "a".repeat(64)), None), "done on a device"),
    ] {
        assert!(found.0 == ErrorCode::InvalidArgument && found.1.contains(text), "{found:?}");
    }
    let away = wrong("isolateDevice", "device:fqdn:ws-2.example.com", None);
    assert!(away.0 == ErrorCode::NotFound && away.1.contains("does not hold"), "{away:?}");
    let target = ActionTarget::new(ActionKind::RunAntivirusScan, "device:host:ws-1");
    let id = book.propose("a1", &target, &ada(1, 9)).unwrap();
    let scan = response(&book, 1, 9);
    let scan = find(&scan, &ActionKind::RunAntivirusScan);
    assert_eq!((&scan.id, scan.recommended, scan.proposed_by.as_deref()), (&id, false, Some("ada")));
    assert_eq!(scan.entity.id, device, "by another identifier");
}

#[test]
fn policy_says_how_many_of_whom_with_which_role_and_reason() {
    let rule =
        r#"{"needed":2,"roles":["responder","lead"],"approvers":["ada","ben","cem"],"reasons":true,"expiryHours":24}"#;
    let mut book = one(policy(&format!(r#"{{"response":{{"approvalsOf":{{"quarantineFile":{rule}}}}}}}"#)));
    let id = find(&response(&book, 1, 9), &QUARANTINE).id.clone();
    let mut agree = |author: Author| code(book.approve("a1", [&id], &author));
    assert!(agree(ada(1, 9)).1.contains("none of the roles"));
    assert!(agree(Author::new("ada", time(1, 9)).with_role("lead")).1.contains("no reason"));
    assert!(agree(Author::new("eve", time(1, 9)).with_role("lead").because("x")).1.contains("none of those"));
    book.approve("a1", [&id], &ada(1, 9).with_role("lead")).unwrap();
    assert_eq!(state(&book, &QUARANTINE, 1, 10), ActionState::PendingApproval);
    assert_eq!(find(&response(&book, 1, 10), &QUARANTINE).approvals.len(), 1);
    assert!(code(book.approve("a1", [&id], &ada(1, 10).with_role("lead"))).1.contains("has agreed already"));
    let ben = Author::new("ben", time(1, 11)).with_role("responder").because("so do I");
    book.approve("a1", [&id], &ben).unwrap();
    assert_eq!(state(&book, &QUARANTINE, 1, 11), ActionState::Approved);
    assert_eq!(
        state(&one(policy(&format!(r#"{{"response":{{"approvals":{rule}}}}}"#))), &QUARANTINE, 2, 8).as_str(),
        "expired"
    );
    for (wrong, text) in [
        (r#"{"approvals":{"needed":0}}"#, "needed"),
        (r#"{"approvals":{"needed":3,"approvers":["a","b"]}}"#, "of 2"),
        (r#"{"approvalsOf":{"dance":{}}}"#, "dance"),
        (r#"{"coreFolders":["C:\\windows\\*"]}"#, "drive"),
        (r#"{"tempFolders":["\\te*p"]}"#, "whole part"),
        (r#"{"level":"most"}"#, "most"),
        (r#"{"expansionDevices":0}"#, "expansionDevices"),
    ] {
        let error = Policy::from_json(&format!(r#"{{"response":{wrong}}}"#)).unwrap_err();
        assert!(error.message().contains(text), "{}", error.message());
    }
}

#[test]
fn withdrawn_agreement_and_withdrawn_evidence_stop_what_has_not_begun() {
    let mut book = one(Policy::default());
    let id = find(&response(&book, 1, 9), &QUARANTINE).id.clone();
    let fact = book.approve("a1", [&id], &ada(1, 9)).unwrap()[0];
    let request = book.pending_requests(&time(1, 10)).remove(0);
    book.retract(&Retraction::new(fact, "ada")).unwrap();
    assert!(book.pending_requests(&time(1, 10)).is_empty());
    let (found, text) = code(book.report(&report(&request, ActionOutcome::Completed, 1, 11)));
    assert!(found == ErrorCode::Conflict && text.contains("nobody agreed"), "{text}");
    // Agreed to again it has the same key.
    book.approve("a1", [&id], &ada(1, 12)).unwrap();
    assert_eq!(book.pending_requests(&time(1, 12))[0].key, request.key);
    // The file is found to be clean: nobody is asked to do anything any more.
    let clean = Choice::SetVerdict { entity: request.entity.id.clone(), verdict: casegraph::model::Verdict::Clean };
    book.decide(&ada(1, 13).decides(clean)).unwrap();
    assert!(book.pending_requests(&time(1, 13)).is_empty());
    let held = response(&book, 1, 13);
    let held = find(&held, &QUARANTINE);
    assert!(!held.recommended && held.state == ActionState::Proposed, "{held:#?}");
    assert_eq!(held.contradictions[0].text, "nothing asks for it: propose it first");
}

#[test]
fn an_executor_is_asked_once_and_what_it_says_is_kept() {
    let mut book = one(level("full"));
    let at = time(1, 9);
    let mut asked: Vec<String> = Vec::new();
    let mut executor = |request: &ActionRequest| {
        asked.push(format!("{} {}", request.perform, request.entity.name));
        match request.action {
            ActionKind::QuarantineFile => ActionReply::new(ActionOutcome::Partially).because("one handle is open"),
            _ => ActionReply::new(ActionOutcome::Failed),
        }
    };
    let done = book.execute(&at, "edr", &mut executor).unwrap();
    assert_eq!(done.len(), 1);
    assert!(book.execute(&at, "edr", &mut executor).unwrap().is_empty());
    assert_eq!(asked, ["quarantineFile a.bin"]);
    let after = response(&book, 1, 9);
    let action = find(&after, &QUARANTINE);
    assert!(action.automatic && action.state == ActionState::Partially);
    assert_eq!(action.history.last().unwrap().note.as_deref(), Some("one handle is open"));
    assert_eq!(status(&after, "file"), RemediationStatus::PartiallyRemediated);
    // The rest of it is done later.
    book.report(&report(&done[0].0, ActionOutcome::Completed, 1, 10)).unwrap();
    assert_eq!(state(&book, &QUARANTINE, 1, 10), ActionState::Completed);
    // That it failed after all contradicts that: what claims less holds, and both are told.
    book.report(&report(&done[0].0, ActionOutcome::Failed, 1, 11)).unwrap();
    let after = response(&book, 1, 11);
    let action = find(&after, &QUARANTINE);
    assert_eq!((action.state.as_str(), action.contradictions.len()), ("failed", 1));
    assert!(book.pending_requests(&time(1, 11)).is_empty(), "nothing is tried again unasked");
    let mut wrong = report(&done[0].0, ActionOutcome::Running, 1, 9);
    wrong.key = "0123456789abcdef-1".to_owned();
    assert!(code(book.report(&wrong)).1.contains("of another action"));
    wrong.key = "?".to_owned();
    assert_eq!(code(book.report(&wrong)).0, ErrorCode::InvalidArgument);
}

#[test]
fn levels_of_device_groups_go_before_the_default() {
    let levels = r#"{"response":{"level":"full","deviceGroups":{"Servers":"none","Kiosks":"semiAll"}}}"#;
    let on = |device: &str, group: &str| {
        let mut machine = host(device);
        machine["rbacGroupName"] = json!(group);
        let mut bad = file('b');
        bad["verdict"] = json!("malicious");
        let record = alert("a1", "08:00").with(machine).with(bad).line();
        let book = book_with(policy(levels), &[record]);
        let response = book.response("a1", &time(1, 9)).unwrap();
        let states: Vec<String> = response.actions.iter().map(|action| action.state.to_string()).collect();
        (states.join(" "), response.investigations.len())
    };
    assert_eq!(on("ws-1.example.com", "Laptops"), ("approved".to_owned(), 1));
    assert_eq!(on("ws-1.example.com", "kiosks"), ("pendingApproval".to_owned(), 1));
    assert_eq!(on("ws-1.example.com", "servers"), (String::new(), 0), "nothing is even investigated");
}

#[test]
fn disruption_cuts_off_what_the_attacker_holds_when_its_switch_is_on() {
    let mut machine = host("ws-1.example.com");
    machine["roles"] = json!(["compromised"]);
    let mut user = upn("mira@example.com");
    user["roles"] = json!(["compromised"]);
    let record = alert("a1", "08:00").with(machine).with(user).line();
    let actions = |policy: Policy| {
        let book = book_with(policy, std::slice::from_ref(&record));
        let response = book.response("a1", &time(1, 9)).unwrap();
        let mut out: Vec<String> = response.actions.iter().map(|a| format!("{} {}", a.action, a.state)).collect();
        out.sort_unstable();
        out.join(", ")
    };
    assert_eq!(
        actions(Policy::default()),
        "disableUser pendingApproval, forcePasswordReset pendingApproval, isolateDevice proposed, \
         revokeSessions pendingApproval"
    );
    assert_eq!(
        actions(policy(r#"{"response":{"disruption":true}}"#)),
        "containDevice approved, disableUser approved, forcePasswordReset pendingApproval, \
         revokeSessions pendingApproval"
    );
}

#[test]
fn what_the_vendor_dealt_with_is_left_alone() {
    for (said, expected) in [
        ("remediated", 0),
        ("prevented", 0),
        ("blocked", 0),
        ("notFound", 0),
        ("declined", 0),
        ("unremediated", 0),
        ("running", 0),
        ("active", 1),
        ("pendingApproval", 1),
        ("partiallyRemediated", 1),
        ("none", 1),
    ] {
        let mut bad = file('c');
        bad["verdict"] = json!("malicious");
        bad["remediationStatus"] = json!(said);
        let book = book_with(Policy::default(), &[alert("a1", "08:00").with(host("ws-1")).with(bad).line()]);
        let response = book.response("a1", &time(1, 9)).unwrap();
        assert_eq!(response.actions.len(), expected, "{said}");
        if expected == 0 {
            assert_eq!(response.evidence[0].remediation_status.as_str(), said);
        }
    }
}

#[test]
fn looking_at_ten_devices_over_one_file_waits_for_approval() {
    let on = |count: u32| {
        let mut records = Vec::new();
        for n in 0..count {
            records.push(
                dropper(&format!("a{}", n + 1), &format!("08:{n:02}"), &format!("ws-{n}.example.com"), "malicious")
                    .line(),
            );
        }
        book_with(Policy::default(), &records)
    };
    let few = on(9).response("a1", &time(1, 9)).unwrap();
    assert!(few.actions.iter().all(|action| action.action != ActionKind::StartInvestigation));
    assert_eq!((few.investigations.len(), few.investigations[0].devices.len()), (1, 9));
    let mut book = on(10);
    let many = book.response("a1", &time(1, 9)).unwrap();
    let ask = find(&many, &ActionKind::StartInvestigation).clone();
    assert_eq!(ask.state, ActionState::PendingApproval);
    let expansion = &many.investigations[0].expansions[0];
    assert_eq!((expansion.devices, &expansion.action), (10, &ask.id));
    book.approve("a1", [&ask.id], &ada(1, 10)).unwrap();
    assert!(book.response("a1", &time(1, 11)).unwrap().investigations[0].expansions.is_empty());
}

#[test]
fn investigations_come_of_alerts_grow_meet_and_end() {
    let clean = |id: &str, clock: &str, device: &str| {
        let mut seen = file('d');
        seen["verdict"] = json!("noThreatsFound");
        alert(id, clock).with(host(device)).with(seen).line()
    };
    let states = |book: &Casebook, day: u8| -> Vec<(String, String, usize)> {
        let response = book.response("a1", &time(day, 12)).unwrap();
        let own = response.investigations.iter().filter(|investigation| !investigation.vendor);
        own.map(|i| (i.id.clone(), i.state.to_string(), i.alerts.len())).collect()
    };
    let benign = book_with(Policy::default(), &[clean("a1", "08:00", "ws-1"), clean("a2", "09:00", "ws-1")]);
    assert_eq!(states(&benign, 1), [("a1".to_owned(), "benign".to_owned(), 2)]);
    // Two devices, each on its own until an alert holds both.
    let meet = alert("a3", "10:00").with(host("ws-1")).with(host("ws-2")).with(file('d')).line();
    let records = [clean("a1", "08:00", "ws-1"), clean("a2", "09:00", "ws-2"), meet];
    let two = book_with(Policy::default(), &records[..2]);
    assert_eq!(states(&two, 1).len(), 2);
    let met = book_with(Policy::default(), &records);
    assert_eq!(states(&met, 1), [("a1".to_owned(), "benign".to_owned(), 3)]);
    // Nothing that can be investigated; there before automation was; found to be false.
    let group = evidence("securityGroup", json!({"displayName": "Admins", "securityGroupId": "g"}));
    let lone = book_with(Policy::default(), &[alert("a1", "08:00").with(group).line()]);
    assert_eq!(states(&lone, 1)[0].1, "unsupportedAlertType");
    let since = policy(r#"{"response":{"since":"2026-03-10T08:30:00Z"}}"#);
    assert_eq!(states(&book_with(since, &[clean("a1", "08:00", "ws-1")]), 1)[0].1, "preexistingAlert");
    let wrong = alert("a1", "08:00").set("classification", "falsePositive").with(host("ws-1")).line();
    assert_eq!(states(&book_with(Policy::default(), &[wrong]), 1)[0].1, "suppressedAlert");

    // A threat: waits, is agreed to, ends; or nobody says anything.
    let mut book = one(Policy::default());
    assert_eq!(states(&book, 1)[0].1, "pendingApproval");
    assert_eq!(states(&book, 9)[0].1, "terminatedBySystem");
    let all: Vec<(ActionKind, String)> =
        response(&book, 1, 9).actions.iter().map(|action| (action.action.clone(), action.id.clone())).collect();
    for (_, id) in &all {
        book.approve("a1", [id], &ada(1, 9)).unwrap();
    }
    assert_eq!(states(&book, 1)[0].1, "running");
    let mut waits = |_: &ActionRequest| ActionReply::new(ActionOutcome::Waiting);
    let begun = book.execute(&time(1, 10), "edr", &mut waits).unwrap();
    assert_eq!(states(&book, 1)[0].1, "pendingResource");
    for (request, _) in &begun {
        book.report(&report(request, ActionOutcome::Completed, 1, 11)).unwrap();
    }
    let over = response(&book, 1, 12);
    let ended = &over.investigations[0];
    assert_eq!(ended.state, InvestigationState::SuccessfullyRemediated);
    assert_eq!(ended.ended.unwrap().to_rfc3339(), "2026-03-10T11:00:00+00:00");
    assert_eq!((ended.pending_actions.len(), ended.past_actions.len()), (0, all.len()));
    assert!(ended.log.iter().any(|step| step.text.contains("completed by edr")), "{:#?}", ended.log);
    assert_eq!(ended.log.first().unwrap().text, "set off by `Alert a1`");
}

#[test]
fn a_person_may_end_an_investigation() {
    let mut book = one(Policy::default());
    book.stop_investigation("a1", &ada(1, 9)).unwrap();
    let over = response(&book, 1, 10);
    assert_eq!(over.investigations[0].state, InvestigationState::TerminatedByUser);
    assert!(over.actions.iter().all(|action| action.state == ActionState::Rejected), "{:#?}", over.actions);
    assert_eq!(code(book.stop_investigation("a1", &ada(1, 11))).0, ErrorCode::Conflict);
    // What is refused leaves nothing behind.
    let mut other = one(Policy::default());
    let wordy = Author::new("ada", time(1, 9)).because("x".repeat(40_000));
    let facts = other.len();
    assert_eq!(code(other.stop_investigation("a1", &wordy)).0, ErrorCode::InvalidArgument);
    assert_eq!(other.len(), facts);
    // Before she did it went on.
    assert_eq!(response(&book, 1, 8).investigations[0].state, InvestigationState::PendingApproval);
}

#[test]
fn alerts_of_investigations_that_ended_well_are_resolved_if_the_policy_says_so() {
    let mut seen = file('d');
    seen["verdict"] = json!("noThreatsFound");
    let record = alert("a1", "08:00").set("status", "new").with(host("ws-1")).with(seen).line();
    let tell = |policy: Policy| {
        let book = book_with(policy, std::slice::from_ref(&record));
        let incident = book.incident("a1").unwrap();
        let told = format!("{} {}", incident.status, incident.alerts[0].status);
        (told, book.response("a1", &time(1, 9)).unwrap().auto_resolved)
    };
    assert_eq!(tell(Policy::default()), ("active new".to_owned(), vec![]));
    let auto = policy(r#"{"response":{"autoResolve":true}}"#);
    assert_eq!(tell(auto.clone()), ("resolved resolved".to_owned(), vec!["a1".to_owned()]));
    let mut taken = book_with(auto, std::slice::from_ref(&record));
    let work = Choice::SetStatus { status: casegraph::model::IncidentStatus::InProgress };
    taken.decide(&ada(1, 9).decides(work).about(["a1"])).unwrap();
    assert_eq!(taken.incident("a1").unwrap().status.as_str(), "inProgress", "a person's word stands");
}

#[test]
fn the_action_centre_shows_what_waits_and_what_was_done_everywhere() {
    let other = dropper("b1", "08:00", "ws-9.example.com", "malicious");
    let other = other.set("tenantId", "other").line();
    let records = [dropper("a1", "08:00", "ws-1.example.com", "malicious").line(), other];
    let mut book = book_with(Policy::default(), &records);
    let at = time(1, 9);
    let all = book.action_centre(&at, &ActionFilter::default()).unwrap();
    assert_eq!((all.pending.len(), all.history.len()), (4, 0));
    assert_eq!(all.pending.iter().filter(|action| action.tenant_id == "other").count(), 2, "two tenants, two things");
    let id = find(&response(&book, 1, 9), &QUARANTINE).id.clone();
    book.reject("a1", [&id], &ada(1, 9)).unwrap();
    let filter = |json: &str| ActionFilter::from_json(json).unwrap();
    let ids = |filter: &ActionFilter| {
        let centre = book.action_centre(&at, filter).unwrap();
        (centre.pending.len(), centre.history.len())
    };
    assert_eq!(ids(&filter("{}")), (3, 1));
    assert_eq!(ids(&filter(r#"{"by":["ada"]}"#)), (0, 1));
    assert_eq!(ids(&filter(r#"{"states":["pendingApproval"],"actions":["blockIp"]}"#)), (2, 0));
    assert_eq!(ids(&filter(r#"{"incidents":["b1"]}"#)), (2, 0));
    assert_eq!(ids(&filter(r#"{"text":"WS-9"}"#)), (1, 0));
    assert_eq!(ids(&filter(r#"{"kinds":["ip"],"sources":["manual"]}"#)), (0, 0));
    assert_eq!(ids(&filter(r#"{"since":"2026-03-10T08:30:00Z"}"#)), (0, 1));
    assert_eq!(ids(&filter(r#"{"until":"2026-03-10T08:30:00Z"}"#)), (3, 0));
    assert!(ActionFilter::from_json(r#"{"states":["waiting"]}"#).is_err());
    assert!(ActionFilter::from_json(r#"{"who":"ada"}"#).is_err());
    assert_eq!(code(book.action_centre(&at, &filter(r#"{"incidents":["x"]}"#))).0, ErrorCode::NotFound);
    let csv = book.action_centre(&at, &ActionFilter::default()).unwrap().to_csv();
    assert_eq!(csv.lines().count(), 5);
    assert!(csv.lines().all(|line| line.split(',').count() >= 16), "{csv}");
}

#[test]
fn names_that_attackers_choose_are_no_formulas_in_a_table() {
    let mut bad = file('e');
    bad["verdict"] = json!("malicious");
    bad["fileDetails"]["fileName"] = json!("=HYPERLINK(\"http://evil.example.com\"),\r\n\"x\"");
    let book = book_with(Policy::default(), &[alert("a1", "08:00").with(host("ws-1")).with(bad).line()]);
    let centre = book.action_centre(&time(1, 9), &ActionFilter::default()).unwrap();
    let csv = centre.to_csv();
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let cells: Vec<String> = rows
        .records()
        .map(|row| row.unwrap())
        .flat_map(|row| row.iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(cells.iter().any(|cell| cell.starts_with("'=HYPERLINK")), "{cells:?}");
    assert!(cells.iter().all(|cell| !cell.starts_with('=')), "{cells:?}");
}

/// The same facts in any order: the same bytes.
#[test]
fn the_order_in_which_facts_came_changes_nothing() {
    let mut book = one(level("semiNonTemp"));
    let block = find(&response(&book, 1, 9), &ActionKind::BlockIp).id.clone();
    book.approve("a1", [&block], &ada(1, 9)).unwrap();
    let mut done = |_: &ActionRequest| ActionReply::new(ActionOutcome::Completed);
    book.execute(&time(1, 10), "edr", &mut done).unwrap();
    book.undo("a1", [&block], &ada(1, 11)).unwrap();
    book.execute(&time(1, 12), "edr", &mut done).unwrap();
    let tell = |book: &Casebook| {
        let response = serde_json::to_string(&response(book, 2, 0)).unwrap();
        let centre = book.action_centre(&time(2, 0), &ActionFilter::default()).unwrap().to_json();
        format!("{response}\n{centre}\n{:?}", book.pending_requests(&time(2, 0)))
    };
    let expected = tell(&book);
    let mut saved = Vec::new();
    book.save(&mut saved).unwrap();
    let text = String::from_utf8(saved).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let header = lines.remove(0);
    for turn in 0..lines.len() {
        lines.rotate_left(1);
        if turn % 2 == 0 {
            lines.reverse();
        }
        let mut turned = format!("{header}\n");
        lines.iter().for_each(|line| writeln!(turned, "{line}").unwrap());
        let loaded = Casebook::load(turned.as_bytes(), level("semiNonTemp")).unwrap();
        assert!(loaded.damage.is_empty());
        assert_eq!(tell(&loaded.casebook), expected);
    }
}

/// Late facts are worked in as if they had been there from the beginning.
#[test]
fn what_comes_later_is_worked_in() {
    let mut book = one(Policy::default());
    let id = find(&response(&book, 1, 9), &QUARANTINE).id.clone();
    book.approve("a1", [&id], &ada(1, 9)).unwrap();
    let _ = response(&book, 1, 9);
    // The file turns up on another device, under the same incident.
    let late = dropper("a2", "09:30", "ws-2.example.com", "malicious").line();
    book.ingest("late", late.as_bytes()).unwrap();
    let both = response(&book, 1, 10);
    let states: Vec<(String, &str)> = both
        .actions
        .iter()
        .filter(|action| action.action == QUARANTINE)
        .map(|action| (action.on.as_ref().unwrap().name.clone(), action.state.as_str()))
        .collect();
    assert_eq!(states.len(), 2, "{states:?}");
    assert!(states.iter().any(|(on, state)| on.contains("ws-1") && *state == "approved"), "{states:?}");
    assert!(states.iter().any(|(on, state)| on.contains("ws-2") && *state == "pendingApproval"), "{states:?}");
    let mut saved = Vec::new();
    book.save(&mut saved).unwrap();
    let anew = Casebook::load(saved.as_slice(), Policy::default()).unwrap().casebook;
    assert_eq!(serde_json::to_string(&response(&anew, 1, 10)).unwrap(), serde_json::to_string(&both).unwrap());
    assert_eq!(book.as_of(1).unwrap().pending_requests(&time(1, 10)), []);
}

#[test]
fn limits_are_told() {
    let mut bad = Vec::new();
    for n in 0..20u8 {
        let mut at = url(&format!("http://evil-{n}.example.com/"));
        at["verdict"] = json!("suspicious");
        bad.push(at);
    }
    let record = bad.into_iter().fold(alert("a1", "08:00").with(host("ws-1")), Record::with).line();
    let book = book_with(policy(r#"{"response":{"actions":5,"steps":3}}"#), &[record]);
    let response = book.response("a1", &time(1, 9)).unwrap();
    assert_eq!(response.actions.len(), 5);
    assert!(response.truncated[0].contains("35 more actions"), "{:?}", response.truncated);
    assert_eq!((response.investigations[0].log.len(), response.investigations[0].more_steps), (3, 3));
}

/// Every level beside the others: what happens to each action, as a person reads it.
fn table(at: &Time, mut book: impl FnMut(Policy) -> (Casebook, Vec<String>)) -> String {
    let levels = AutomationLevel::ALL
        .map(|level| (level, policy(&format!(r#"{{"response":{{"level":"{}"}}}}"#, level.as_str()))));
    let switched = policy(r#"{"response":{"level":"semiAll","disruption":true}}"#);
    let columns: Vec<(&str, Policy)> =
        levels.into_iter().map(|(level, policy)| (level.as_str(), policy)).chain([("disruption", switched)]).collect();
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for (column, (_, policy)) in columns.iter().enumerate() {
        let (book, incidents) = book(policy.clone());
        for incident in incidents {
            for action in book.response(&incident, at).unwrap().actions {
                let on = action.on.as_ref().map_or_else(String::new, |device| format!(" on {}", device.name));
                let folder = action.folder.map_or_else(String::new, |folder| format!(", {folder:?}").to_lowercase());
                let verdict = action.verdict.to_string();
                let what = format!("{:<20} {verdict:<10} {}{on}{folder}", action.action.as_str(), action.entity.name);
                let at = match rows.iter().position(|(known, _)| *known == what) {
                    Some(at) => at,
                    None => {
                        rows.push((what, vec!["-".to_owned(); columns.len()]));
                        rows.len() - 1
                    }
                };
                let state = match action.state {
                    ActionState::Approved => "automatic",
                    ActionState::PendingApproval => "approval",
                    ActionState::Proposed => "proposed",
                    ref other => panic!("{other}"),
                };
                rows[at].1[column] = state.to_owned();
            }
        }
    }
    rows.sort();
    let mut out = String::new();
    let head: String = columns.iter().map(|(name, _)| format!("{name:<12}")).collect();
    writeln!(out, "{head}action               verdict    entity").unwrap();
    for (what, states) in rows {
        let states: String = states.iter().map(|state| format!("{state:<12}")).collect();
        writeln!(out, "{states}{what}").unwrap();
    }
    out
}

#[test]
fn the_actions_of_the_sample_at_every_level_keep_their_bytes() {
    let at = Time::parse("2026-03-12T09:00:00Z").unwrap();
    let text = table(&at, |policy| {
        let mut book = Casebook::with_policy(policy);
        book.set_rules(casegraph::rules::RuleSet::builtin().unwrap()).unwrap();
        book.ingest("sample", sample::ALERTS.as_bytes()).unwrap();
        book.add_indicators("sample-indicators", sample::INDICATORS).unwrap();
        let first = book.queue()[0].id.clone();
        (book, vec![first])
    });
    golden::check("golden/response.txt", &text);
}

/// Numbers of actions by kind and state at each level, for every document of alerts: of documents that are not ours
/// no name stays here.
#[test]
fn the_actions_of_the_fixtures_at_every_level_keep_their_numbers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
    if !root.is_dir() {
        println!("note: ../shared is absent, its fixtures were passed over");
        return;
    }
    let mut files = Vec::new();
    for folder in ["graph", "graph-legacy-alert", "m365d-legacy", "mde", "sentinel", "advanced-hunting"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        files.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    }
    files.sort_unstable();
    let mut text = String::new();
    for path in files {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let bytes = std::fs::read(&path).unwrap();
        for level in AutomationLevel::ALL {
            let mut book = Casebook::with_policy(self::level(level.as_str()));
            if book.ingest(&name, &bytes).is_err() || book.queue().is_empty() {
                continue;
            }
            let mut counts: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
            for line in book.queue() {
                // Within a week of what happened, so that nothing has expired.
                let Some(last) = line.last_activity else { continue };
                for action in book.response(&line.id, &Time::from(last)).unwrap().actions {
                    *counts.entry(format!("{} {}", action.action, action.state)).or_default() += 1;
                }
            }
            let counts: Vec<String> = counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
            if !counts.is_empty() {
                writeln!(text, "{name} {}: {}", level.as_str(), counts.join(", ")).unwrap();
            }
        }
    }
    golden::check("golden/response-fixtures.txt", &text);
}
