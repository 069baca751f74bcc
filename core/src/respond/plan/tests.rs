//! Plans of small incidents, made by hand.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests say with a panic what failed")]

use chrono::DateTime;

use crate::model::{ActionKind, ActionTarget, EvidenceRole, Verdict};
use crate::policy::{Criticality, Planning, Policy};
use crate::resolve::{EntityKind, Relation};
use crate::respond::EntityName;

use super::{Ground, Plan, PlanOutcome, Thing, plan};

/// An incident by names: the id of an entity is `kind:name:` and its name.
#[derive(Default)]
struct Sketch {
    things: Vec<Thing>,
    relations: Vec<(u32, Relation, u32)>,
    policy: Planning,
}

impl Sketch {
    fn add(&mut self, kind: EntityKind, name: &str, verdict: Verdict) -> u32 {
        let id = format!("{}:name:{name}", kind.as_str());
        self.things.push(Thing {
            name: EntityName { id, kind, name: name.to_owned() },
            common: false,
            verdict,
            roles: 0,
            criticality: Criticality::None,
            dealt_with: None,
        });
        self.things.len() as u32 - 1
    }

    fn good(&mut self, kind: EntityKind, name: &str) -> u32 {
        self.add(kind, name, Verdict::Unknown)
    }

    fn bad(&mut self, kind: EntityKind, name: &str) -> u32 {
        self.add(kind, name, Verdict::Malicious)
    }

    fn link(&mut self, from: u32, relation: Relation, to: u32) -> &mut Sketch {
        self.relations.push((from, relation, to));
        self
    }

    /// The plan, which always has to hold, and to be the same however the incident is laid out.
    fn plan(&self) -> Plan {
        let made = self.made(&self.things, &self.relations);
        made.check().expect("the plan holds");
        let last = self.things.len() as u32 - 1;
        let backwards: Vec<Thing> = self.things.iter().rev().cloned().collect();
        let relations: Vec<_> =
            self.relations.iter().rev().map(|(from, relation, to)| (last - from, *relation, last - to)).collect();
        assert_eq!(self.made(&backwards, &relations), made);
        let json = serde_json::to_string(&made).expect("a plan is JSON");
        assert_eq!(Plan::from_json(&json).expect("its JSON is a plan"), made);
        made
    }

    fn made(&self, things: &[Thing], relations: &[(u32, Relation, u32)]) -> Plan {
        plan(&Ground {
            incident: "a1".to_owned(),
            at: DateTime::UNIX_EPOCH,
            things,
            relations,
            policy: &self.policy,
            told: &|target| (format!("{} {}", target.action, target.entity), None),
        })
    }
}

fn titles(plan: &Plan) -> Vec<&str> {
    plan.actions.iter().map(|action| action.title.as_str()).collect()
}

fn names<'n>(list: impl IntoIterator<Item = &'n EntityName>) -> Vec<&'n str> {
    list.into_iter().map(|name| name.name.as_str()).collect()
}

use EntityKind as E;

/// A malicious process on pc-1, where mira and noor are signed in; mira also on server-1, and with a mailbox.
fn spread() -> Sketch {
    let mut sketch = Sketch::default();
    let process = sketch.bad(E::Process, "beacon.exe");
    let device = sketch.good(E::Device, "pc-1");
    let (mira, noor) = (sketch.good(E::User, "mira"), sketch.good(E::User, "noor"));
    let (server, mailbox) = (sketch.good(E::Device, "server-1"), sketch.good(E::Mailbox, "mira@example.com"));
    sketch.link(process, Relation::On, device).link(process, Relation::RunsAs, mira);
    sketch.link(mira, Relation::LoggedOn, device).link(noor, Relation::LoggedOn, device);
    sketch.link(mira, Relation::LoggedOn, server).link(mailbox, Relation::Owner, mira);
    sketch
}

#[test]
fn a_device_is_isolated_and_its_process_stopped() {
    let plan = spread().plan();
    assert_eq!(plan.outcome, PlanOutcome::Cut);
    assert_eq!(titles(&plan), ["Isolate device: pc-1", "Stop process: beacon.exe on pc-1"]);
    assert_eq!(plan.cost, 11);
    assert_eq!(plan.proof.iter().map(|path| path.amount).sum::<u64>(), 11);
    let lost: Vec<_> = plan.controlled.iter().filter(|held| held.asset).collect();
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].because, "`beacon.exe` ran on it");
    assert_eq!(names(&plan.protected), ["server-1", "mira@example.com", "mira", "noor"]);
    let breaks = &plan.actions[0].breaks;
    assert_eq!(breaks.len(), 1);
    assert_eq!(breaks[0].text, "people who are signed in lose the device");
    assert_eq!(names(&breaks[0].entities), ["mira", "noor"]);
}

#[test]
fn without_one_action_an_asset_is_reached_again_and_the_path_is_told() {
    let plan = spread().plan();
    let all: Vec<ActionTarget> = plan.actions.iter().map(|action| action.target.clone()).collect();
    assert!(plan.what_if(&all).expect("known actions").reached.is_empty());
    for left in 0..all.len() {
        let mut some = all.clone();
        let omitted = some.remove(left);
        let rest = plan.what_if(&some).expect("known actions");
        assert!(!rest.reached.is_empty(), "{omitted:?} is needed");
        assert_eq!(rest.omitted, [omitted]);
        for asset in &rest.reached {
            assert_eq!(asset.path.steps.last().map(|step| &step.to), Some(&asset.entity.id));
        }
    }
    let none = plan.what_if(&[]).expect("nothing is known");
    assert_eq!(names(none.reached.iter().map(|asset| &asset.entity)), names(&plan.protected));
    let other = ActionTarget::new(ActionKind::DisableUser, "user:name:mira");
    assert_eq!(
        names(&plan.what_if(&[other]).expect("in the graph").protected),
        ["server-1", "mira@example.com", "mira"]
    );
    assert!(plan.what_if(&[ActionTarget::new(ActionKind::DisableUser, "user:name:nobody")]).is_err());
    assert!(plan.what_if_only(["nothing"]).is_err());
}

#[test]
fn criticality_and_costs_turn_the_plan() {
    let mut sketch = spread();
    sketch.things[1].criticality = Criticality::VeryHigh;
    // Two accounts cost 28 each, isolating the device now 60 and its process 1.
    assert_eq!(titles(&sketch.plan()), ["Disable user: mira", "Disable user: noor"]);
    sketch.policy.costs.insert("disableUser".to_owned(), Some(100));
    assert_eq!(titles(&sketch.plan()), ["Contain user: mira", "Contain user: noor"]);
    sketch.policy.costs.insert("containUser".to_owned(), None);
    assert_eq!(titles(&sketch.plan()), ["Isolate device: pc-1", "Stop process: beacon.exe on pc-1"]);
}

#[test]
fn what_cannot_be_protected_is_told_with_its_path() {
    let mut sketch = Sketch::default();
    let app = sketch.bad(E::OauthApplication, "Invoice Helper");
    let (mira, mailbox) = (sketch.good(E::User, "mira"), sketch.good(E::Mailbox, "mira@example.com"));
    sketch.link(app, Relation::UsedBy, mira).link(mailbox, Relation::Owner, mira);
    for action in ["disableUser", "containUser"] {
        sketch.policy.costs.insert(action.to_owned(), None);
    }
    let plan = sketch.plan();
    assert_eq!(plan.outcome, PlanOutcome::Impossible);
    assert!(plan.actions.is_empty());
    assert_eq!(names(plan.unprotected.iter().map(|open| &open.entity)), ["mira@example.com", "mira"]);
    let path = &plan.unprotected[0].path;
    let by: Vec<&str> = path.steps.iter().map(|step| step.by.as_str()).collect();
    assert_eq!((path.start.as_str(), by), ("oauthApplication:name:Invoice Helper", vec!["acts for", "opens"]));
    sketch.policy.costs.clear();
    assert_eq!(titles(&sketch.plan()), ["Disable user: mira"]);
}

#[test]
fn all_sessions_of_an_account_end_by_one_action() {
    let mut sketch = Sketch::default();
    let mira = sketch.good(E::User, "mira");
    for name in ["s1", "s2", "s3"] {
        let session = sketch.bad(E::CloudLogonSession, name);
        sketch.link(session, Relation::SessionOf, mira);
    }
    let plan = sketch.plan();
    assert_eq!(titles(&plan), ["Revoke sessions: mira"]);
    assert_eq!(plan.cost, 3);
    assert_eq!(names(&plan.protected), ["mira"]);
}

#[test]
fn mail_and_what_it_leads_to() {
    let mut sketch = Sketch::default();
    let message = sketch.bad(E::AnalyzedMessage, "Invoice");
    let url = sketch.bad(E::Url, "https://login.example.com/");
    let (mailbox, mira) = (sketch.good(E::Mailbox, "mira@example.com"), sketch.good(E::User, "mira"));
    let (browser, device) = (sketch.good(E::Process, "browser.exe"), sketch.good(E::Device, "pc-1"));
    sketch.link(message, Relation::Recipient, mailbox).link(mailbox, Relation::Owner, mira);
    sketch.link(message, Relation::Contains, url).link(browser, Relation::Connected, url);
    sketch.link(browser, Relation::On, device);
    let plan = sketch.plan();
    assert_eq!(titles(&plan), ["Soft delete message: Invoice", "Stop process: browser.exe on pc-1"]);
    // A dearer process leaves the URL.
    sketch.policy.costs.insert("stopProcess".to_owned(), Some(5));
    assert_eq!(titles(&sketch.plan()), ["Soft delete message: Invoice", "Block URL: https://login.example.com/"]);
}

#[test]
fn what_is_dealt_with_common_or_clean_leads_nowhere() {
    let mut sketch = spread();
    sketch.things[0].dealt_with = Some("its status is blocked".to_owned());
    let plan = sketch.plan();
    assert_eq!((plan.outcome, plan.cost), (PlanOutcome::NothingToCut, 0));
    assert_eq!(plan.dealt_with.len(), 1);
    assert_eq!(plan.unreached.len(), 5);
    let mut sketch = spread();
    sketch.things[0].verdict = Verdict::Clean;
    assert_eq!(sketch.plan().outcome, PlanOutcome::NothingToCut);
    let mut sketch = spread();
    sketch.things[2].common = true;
    let plan = sketch.plan();
    assert_eq!(titles(&plan), ["Isolate device: pc-1"]);
    assert_eq!(names(&plan.protected), ["noor"]);
}

#[test]
fn roles_tell_what_the_attacker_holds() {
    let mut sketch = spread();
    sketch.things[0].verdict = Verdict::Suspicious;
    assert_eq!(sketch.plan().outcome, PlanOutcome::NothingToCut);
    sketch.things[3].roles = 1 << EvidenceRole::Compromised.index().expect("a known role");
    let plan = sketch.plan();
    assert_eq!(plan.controlled[0].because, "evidence gives it the role compromised");
    assert_eq!(titles(&plan), ["Disable user: noor"]);
    sketch.policy.suspicious = true;
    // The program is the attacker's, but that it is malicious is not said: the device is not lost by it.
    assert_eq!(titles(&sketch.plan()), ["Stop process: beacon.exe on pc-1", "Disable user: noor"]);
}

#[test]
fn relations_can_be_opened_and_closed() {
    let mut sketch = spread();
    sketch.policy.relations.insert("loggedOn".to_owned(), [false, false]);
    let plan = sketch.plan();
    assert_eq!(names(&plan.unreached), ["server-1", "noor"]);
    // What is left leads through the process.
    assert_eq!(titles(&plan), ["Stop process: beacon.exe on pc-1"]);
}

#[test]
fn limits_are_reported_and_the_nearest_is_kept() {
    let mut sketch = spread();
    sketch.policy.entities = 3;
    let plan = sketch.plan();
    assert_eq!(plan.graph.nodes.len(), 3);
    assert_eq!(plan.truncated, ["3 entities further away, `response.plan.entities` allows 3"]);
    sketch.policy.entities = 100;
    sketch.policy.ways = 2;
    assert_eq!(sketch.plan().truncated.len(), 1);
}

#[test]
fn a_plan_that_was_tampered_with_is_refused() {
    let plan = spread().plan();
    let refused = |change: &dyn Fn(&mut Plan)| {
        let mut changed = plan.clone();
        change(&mut changed);
        assert!(changed.check().is_err());
    };
    refused(&|plan| plan.cost += 1);
    refused(&|plan| drop(plan.actions.pop()));
    refused(&|plan| drop(plan.protected.pop()));
    refused(&|plan| drop(plan.proof.pop()));
    refused(&|plan| plan.actions[0].cost += 1);
    refused(&|plan| plan.actions[0].target.entity = "device:name:other".to_owned());
    refused(&|plan| plan.graph.nodes[0].cost = Some(1_000));
    refused(&|plan| plan.proof[0].path.steps.clear());
}

#[test]
fn a_policy_that_makes_no_sense_is_refused() {
    for (plan, expected) in [
        (r#"{"costs":{"dance":1}}"#, "plans use no action `dance`"),
        (r#"{"costs":{"runAntivirusScan":1}}"#, "plans use no action `runAntivirusScan`"),
        (r#"{"costs":{"blockUrl":0}}"#, "is 0, expected 1 or more"),
        (r#"{"relations":{"likes":[true,true]}}"#, "no relation `likes`"),
        (r#"{"entities":0}"#, "`response.plan.entities` is 0"),
        (r#"{"ways":0}"#, "`response.plan.ways` is 0"),
    ] {
        let error = Policy::from_json(&format!(r#"{{"response":{{"plan":{plan}}}}}"#)).expect_err(plan);
        assert!(error.message().contains(expected), "{}", error.message());
    }
    let fine = r#"{"response":{"plan":{"costs":{"blockUrl":null,"isolateDevice":3},"relations":{"on":[true,false]}}}}"#;
    assert!(Policy::from_json(fine).is_ok());
}
