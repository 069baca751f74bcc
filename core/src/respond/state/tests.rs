//! Every order of a small world's doings, and what must hold in all of them.

use std::collections::{BTreeSet, HashSet, VecDeque};

use super::*;

fn at(hours: i64) -> At {
    DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
}

fn rule(needed: u32) -> Approvals {
    Approvals { needed, expiry_hours: 2, ..Approvals::default() }
}

fn event(hours: i64, by: &str, what: What) -> Event {
    let (of, outcome) = match &what {
        What::Report(of, outcome) => (*of, outcome.index().unwrap_or(9)),
        _ => (Try { attempt: 0, undo: 0 }, 9),
    };
    let rank = match what {
        What::Propose => 0,
        What::Reject(_) => 1,
        What::Approve(_) => 2,
        What::Undo(_) => 3,
        What::Report(..) => 4,
    };
    let mut fact = [0u8; 32];
    let first = by.bytes().next().unwrap_or(0);
    fact[..6].copy_from_slice(&[rank, first, of.attempt as u8, of.undo as u8, outcome, hours as u8]);
    Event { at: at(hours), fact: FactId(fact), by: by.to_owned(), reason: None, what }
}

const DO: Try = Try { attempt: 1, undo: 0 };
const AGAIN: Try = Try { attempt: 2, undo: 0 };
const BACK: Try = Try { attempt: 1, undo: 1 };

fn report(hours: i64, of: Try, outcome: ActionOutcome) -> Event {
    event(hours, "host", What::Report(of, outcome))
}

fn approve(hours: i64, by: &str) -> Event {
    event(hours, by, What::Approve(Vec::new()))
}

fn settled(mode: Option<Mode>, needed: u32, seen: &[i64], events: &[Event], now: i64) -> Settled {
    let seen: Vec<At> = seen.iter().map(|hours| at(*hours)).collect();
    let rule = rule(needed);
    settle(&Ground { mode, seen: &seen, rule: &rule, undoable: true }, events, at(now))
}

fn state(mode: Option<Mode>, needed: u32, seen: &[i64], events: &[Event], now: i64) -> ActionState {
    settled(mode, needed, seen, events, now).state
}

#[test]
fn what_waits_expires_and_new_evidence_asks_again() {
    let mode = Some(Mode::Approval);
    assert_eq!(state(mode, 1, &[0], &[], 1), ActionState::PendingApproval);
    assert_eq!(state(mode, 1, &[0], &[], 2), ActionState::Expired);
    assert_eq!(state(mode, 1, &[0, 1], &[], 2), ActionState::PendingApproval);
    assert_eq!(state(mode, 1, &[0, 5], &[], 4), ActionState::Expired);
    assert_eq!(state(mode, 1, &[0, 5], &[], 5), ActionState::PendingApproval);
    let late = settled(mode, 1, &[0], &[approve(2, "ada")], 3);
    assert_eq!((late.state, late.clashes.len(), late.request), (ActionState::Expired, 1, None));
    // Undated evidence waits for ever: nothing says since when.
    assert_eq!(state(mode, 1, &[], &[], 9_999), ActionState::PendingApproval);
}

#[test]
fn two_must_be_two_and_the_proposer_is_none_of_them() {
    let twice = settled(Some(Mode::Approval), 2, &[0], &[approve(0, "ada"), approve(1, "ada")], 1);
    assert_eq!((twice.state, twice.clashes.len()), (ActionState::PendingApproval, 1));
    let both = settled(Some(Mode::Approval), 2, &[0], &[approve(0, "ada"), approve(1, "ben")], 1);
    assert_eq!((both.state, both.request), (ActionState::Approved, Some(DO)));
    let propose = event(0, "ada", What::Propose);
    let own = settled(None, 1, &[0], &[propose.clone(), approve(1, "ada")], 1);
    assert_eq!((own.state, own.clashes.len()), (ActionState::PendingApproval, 1));
    assert_eq!(state(None, 1, &[0], &[propose, approve(1, "ben")], 1), ActionState::Approved);
    assert!(!settled(None, 1, &[0], &[approve(1, "ben")], 1).asked);
}

#[test]
fn who_has_no_role_and_gives_no_reason_decides_nothing() {
    let mut strict = rule(1);
    strict.roles = vec!["responder".to_owned()];
    strict.reasons = true;
    let seen = [at(0)];
    let ground = Ground { mode: Some(Mode::Approval), seen: &seen, rule: &strict, undoable: true };
    let with = |roles: &[&str], reason: Option<&str>| {
        let what = What::Approve(roles.iter().map(|role| (*role).to_owned()).collect());
        let event = Event { reason: reason.map(str::to_owned), ..event(1, "ada", what) };
        settle(&ground, &[event], at(1))
    };
    assert_eq!(with(&[], Some("why")).state, ActionState::PendingApproval);
    assert_eq!(with(&["responder"], None).state, ActionState::PendingApproval);
    assert_eq!(with(&["responder"], Some(" ")).state, ActionState::PendingApproval);
    assert_eq!(with(&["reader", "responder"], Some("why")).state, ActionState::Approved);
    let mut named = rule(1);
    named.approvers = vec!["ben".to_owned()];
    let ground = Ground { rule: &named, ..ground };
    assert_eq!(settle(&ground, &[approve(1, "ada")], at(1)).state, ActionState::PendingApproval);
    assert_eq!(settle(&ground, &[approve(1, "ben")], at(1)).state, ActionState::Approved);
}

#[test]
fn reports_may_come_late_twice_and_against_each_other() {
    use ActionOutcome::{Completed, Failed, NotFound, Partially, Running};
    let run = |reports: &[Event]| {
        let events: Vec<Event> = reports.iter().cloned().chain([approve(1, "ada")]).collect();
        settled(Some(Mode::Approval), 1, &[0], &events, 9)
    };
    // The executor's clock is behind.
    let early = run(&[report(0, DO, Completed)]);
    assert_eq!((early.state, early.clashes.len(), early.request), (ActionState::Completed, 0, None));
    assert_eq!(run(&[report(2, DO, Running), report(3, DO, Running)]).state, ActionState::Running);
    assert_eq!(run(&[report(3, DO, Completed), report(4, DO, Completed)]).clashes.len(), 0);
    assert_eq!(run(&[report(3, DO, Partially), report(4, DO, Completed)]).state, ActionState::Completed);
    for [first, second] in [[Completed, Failed], [Failed, Completed]] {
        let both = run(&[report(3, DO, first), report(4, DO, second)]);
        assert_eq!((both.state, both.clashes.len(), both.request), (ActionState::Failed, 1, None));
    }
    let after = run(&[report(3, DO, Completed), report(4, DO, Running)]);
    assert_eq!((after.state, after.clashes.len()), (ActionState::Completed, 1));
    let gone = run(&[report(3, DO, NotFound)]);
    assert_eq!((gone.state, gone.outcome), (ActionState::Completed, Some(NotFound)));
}

#[test]
fn what_was_carried_out_unasked_is_believed_and_told() {
    let rogue = settled(Some(Mode::Approval), 1, &[0], &[report(1, DO, ActionOutcome::Completed)], 1);
    assert_eq!((rogue.state, rogue.clashes.len(), rogue.request), (ActionState::Completed, 1, None));
    // To agree to it afterwards has nothing carried out again.
    let after = [report(1, DO, ActionOutcome::Completed), approve(1, "ada")];
    let after = settled(Some(Mode::Approval), 1, &[0], &after, 1);
    assert_eq!((after.state, after.request), (ActionState::Completed, None));
}

#[test]
fn what_is_refused_before_it_began_is_not_begun_under_another_key() {
    let events = [
        approve(1, "ada"),
        event(2, "ben", What::Reject(Vec::new())),
        event(3, "ben", What::Propose),
        approve(4, "ada"),
    ];
    assert_eq!(settled(Some(Mode::Approval), 1, &[0], &events, 4).request, Some(DO));
}

#[test]
fn keys_give_back_the_try_that_they_were_made_of() {
    for of in [DO, AGAIN, BACK, Try { attempt: 12, undo: 34 }] {
        assert_eq!(Try::of_key(&format!("0123abcd{}", of.suffix())), Some(of));
    }
    for wrong in ["", "a", "a-", "a-0", "a-x", "a-1-undo", "a-1-undo0", "a-1-2", "a-1-undo1-"] {
        assert_eq!(Try::of_key(wrong), None, "{wrong}");
    }
}

/// A world as far as it came: what was said, when it is, and what the host carried out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    events: Vec<Event>,
    now: i64,
    /// Requests that the host was handed and has carried out, in order.
    carried_out: Vec<Try>,
    seen: Vec<i64>,
}

const LAST: i64 = 4;
const PEOPLE: [&str; 3] = ["ada", "ben", "cem"];

impl World {
    fn say(&self, event: Event) -> Option<World> {
        if self.events.contains(&event) {
            return None;
        }
        let mut next = self.clone();
        next.events.push(event);
        // The order of what was said must not matter, so worlds that differ in it are one.
        next.events.sort_by(order);
        Some(next)
    }

    fn settled(&self, mode: Option<Mode>, needed: u32) -> Settled {
        settled(mode, needed, &self.seen, &self.events, self.now)
    }

    /// Every world that may be next.
    fn next(&self, mode: Option<Mode>, needed: u32) -> Vec<World> {
        let mut out = Vec::new();
        let now = self.now;
        if now < LAST {
            out.push(World { now: now + 1, ..self.clone() });
        }
        if now > 0 && self.seen.len() < 2 {
            let mut next = self.clone();
            next.seen.push(now);
            out.push(next);
        }
        // Ada may ask by hand; ada, ben and cem decide.
        out.extend(self.say(event(now, "ada", What::Propose)));
        for who in PEOPLE {
            out.extend(self.say(approve(now, who)));
        }
        out.extend(self.say(event(now, "cem", What::Reject(Vec::new()))));
        out.extend(self.say(event(now, "ben", What::Undo(Vec::new()))));
        // The host carries out what it is handed, once for each key, and may report it at any time, in any way.
        if let Some(of) = self.settled(mode, needed).request.filter(|of| !self.carried_out.contains(of)) {
            let mut next = self.clone();
            next.carried_out.push(of);
            out.push(next);
        }
        for of in &self.carried_out {
            for outcome in [ActionOutcome::Running, ActionOutcome::Completed, ActionOutcome::Failed] {
                // Reports are late, or of an executor whose clock is behind.
                for when in [now, now - 1] {
                    out.extend(self.say(report(when, *of, outcome.clone())));
                }
            }
        }
        // Anything said is withdrawn.
        for at in 0..self.events.len() {
            let mut next = self.clone();
            next.events.remove(at);
            out.push(next);
        }
        out
    }
}

/// Is it allowed to be handed out? Said anew, without the machine: for an action that waits, enough different people
/// agreed after it was last asked for, in time, and nobody refused since.
fn may_run(world: &World, mode: Option<Mode>, needed: u32) -> bool {
    let opened: Vec<(At, Option<&str>)> = world
        .seen
        .iter()
        .filter(|_| mode.is_some())
        .map(|hours| (at(*hours), None))
        .chain(world.events.iter().filter(|e| e.what == What::Propose).map(|e| (e.at, Some(e.by.as_str()))))
        .collect();
    let agreed = |from: At, without: Option<&str>| {
        let mut people: BTreeSet<&str> = BTreeSet::new();
        for e in &world.events {
            // Asked for again it waits on, so that any evidence not longer ago than the time it waits keeps it open.
            // What is only proposed waits for nobody, so it does not expire.
            let waits = |by: Option<&str>| by.is_some() || mode != Some(Mode::Propose);
            let open = opened.iter().any(|(o, by)| *o <= e.at && (e.at < *o + TimeDelta::hours(2) || !waits(*by)));
            if matches!(e.what, What::Approve(_)) && e.at >= from && open && Some(e.by.as_str()) != without {
                people.insert(&e.by);
            }
        }
        people.len() >= needed as usize
    };
    let automatic = mode == Some(Mode::Automatic) && world.seen.iter().any(|hours| *hours <= world.now);
    automatic || opened.iter().any(|(from, by)| agreed(*from, *by))
}

const STEPS: [(ActionState, &[ActionState]); 10] = {
    use ActionState::{
        Approved, Completed, Expired, Failed, Partially, PendingApproval as Pending, Proposed, Rejected, Running,
        Undone,
    };
    [
        (Proposed, &[Pending, Rejected, Running, Completed, Failed]),
        (Pending, &[Approved, Rejected, Expired, Running, Completed, Failed]),
        (Approved, &[Running, Completed, Failed, Rejected]),
        (Running, &[Completed, Failed]),
        (Completed, &[Undone, Failed, Pending]),
        (Failed, &[Pending, Running, Completed]),
        (Partially, &[]),
        (Rejected, &[Pending, Running, Completed, Failed]),
        (Expired, &[Pending, Proposed, Running, Completed, Failed]),
        (Undone, &[Pending, Completed, Running, Failed]),
    ]
};

/// What must hold in every world.
fn check(world: &World, mode: Option<Mode>, needed: u32) {
    let settled = world.settled(mode, needed);
    if let Some(of) = settled.request {
        // To take back what was done takes no more than somebody who may.
        assert!(of.undo > 0 || may_run(world, mode, needed), "handed out unasked: {world:#?} {settled:#?}");
        // What the host has reported on is never handed out again.
        let said = world.events.iter().any(|e| matches!(&e.what, What::Report(said, _) if *said == of));
        assert!(!said, "handed out again: {world:#?} {settled:#?}");
        // A taking back is asked for by a person, and only of what is done.
        let undo = world.events.iter().any(|e| matches!(e.what, What::Undo(_)));
        assert!(of.undo == 0 || undo && settled.state == ActionState::Completed, "{world:#?}");
        // Nothing is carried out a second time unless a person asked for it once more, and what became of every time
        // before is known: otherwise it has the same key, under which the host does nothing twice.
        let known = |before: &Try| world.events.iter().any(|e| matches!(&e.what, What::Report(of, _) if of == before));
        let before = world.carried_out.iter().filter(|before| before.undo == 0 && before.attempt < of.attempt);
        assert!(before.clone().all(known), "under another key: {world:#?} {settled:#?}");
        let asked = world.events.iter().any(|e| e.what == What::Propose);
        assert!(before.count() == 0 || of.undo > 0 || asked, "again unasked: {world:#?} {settled:#?}");
        assert!((of.undo == 0) == (settled.state == ActionState::Approved), "{world:#?} {settled:#?}");
    }
    // What waits is not past its time.
    if settled.state == ActionState::PendingApproval {
        assert!(settled.expires.is_none_or(|deadline| deadline > at(world.now)), "{world:#?} {settled:#?}");
    }
    if settled.state == ActionState::Expired {
        assert!(settled.request.is_none() && settled.approvals.is_empty());
    }
    // What was taken back is as if it had not been done: nothing of it holds.
    if settled.state == ActionState::Undone {
        let back = |e: &Event| matches!(&e.what, What::Report(of, ActionOutcome::Completed) if of.undo > 0);
        assert!(world.events.iter().any(back) && settled.undo.is_none());
    }
    for pair in settled.history.windows(2) {
        let [from, to] = pair else { continue };
        let allowed = STEPS.iter().find(|(state, _)| *state == from.state).map_or(&[][..], |(_, next)| next);
        // What an executor did on its own is believed, and told.
        let told = to.fact.is_some_and(|fact| settled.clashes.iter().any(|clash| clash.fact == fact));
        assert!(allowed.contains(&to.state) || told, "{} to {}: {world:#?} {settled:#?}", from.state, to.state);
    }
    // The order in which it was said does not matter.
    let mut turned = world.clone();
    turned.events.reverse();
    assert_eq!(turned.settled(mode, needed), settled);
}

/// Explores every world that so many doings lead to; gives how many there are.
fn explore(mode: Option<Mode>, needed: u32, depth: usize) -> usize {
    let start = World { events: Vec::new(), now: 0, carried_out: Vec::new(), seen: vec![0] };
    let mut known: HashSet<World> = HashSet::from([start.clone()]);
    let mut open = VecDeque::from([(start, 0)]);
    while let Some((world, steps)) = open.pop_front() {
        check(&world, mode, needed);
        if steps == depth {
            continue;
        }
        for next in world.next(mode, needed) {
            if known.insert(next.clone()) {
                open.push_back((next, steps + 1));
            }
        }
    }
    known.len()
}

/// How many doings are tried in a row; other numbers with `CASEGRAPH_DEPTH`.
const DEPTH: usize = 6;

fn depth() -> usize {
    std::env::var("CASEGRAPH_DEPTH").ok().and_then(|text| text.parse().ok()).unwrap_or(DEPTH)
}

#[test]
fn in_every_world_nothing_runs_unasked_or_twice() {
    let mut worlds = 0;
    for mode in [None, Some(Mode::Propose), Some(Mode::Approval), Some(Mode::Automatic)] {
        for needed in [1, 2] {
            worlds += explore(mode, needed, depth());
        }
    }
    println!("{worlds} worlds");
    assert!(depth() < DEPTH || worlds > 100_000, "{worlds} worlds");
}

/// With agreement, execution and taking back in it, longer: what is done is the only thing that varies.
#[test]
fn a_whole_life_goes_through_every_state() {
    let outcome = |of: Try| report(3, of, ActionOutcome::Completed);
    let life = [
        (approve(1, "ada"), ActionState::Approved, Some(DO)),
        (report(2, DO, ActionOutcome::Running), ActionState::Running, None),
        (outcome(DO), ActionState::Completed, None),
        (event(4, "ben", What::Undo(Vec::new())), ActionState::Completed, Some(BACK)),
        (report(5, BACK, ActionOutcome::Running), ActionState::Completed, None),
        (report(6, BACK, ActionOutcome::Completed), ActionState::Undone, None),
        (event(7, "ada", What::Propose), ActionState::PendingApproval, None),
        (approve(8, "ben"), ActionState::Approved, Some(AGAIN)),
        (report(9, AGAIN, ActionOutcome::Failed), ActionState::Failed, None),
        (event(10, "ada", What::Propose), ActionState::PendingApproval, None),
        (event(11, "ben", What::Reject(Vec::new())), ActionState::Rejected, None),
        (event(12, "ada", What::Propose), ActionState::PendingApproval, None),
    ];
    let mut events = Vec::new();
    for (event, expected, request) in life {
        let now = event.at;
        events.push(event);
        let seen = [at(0)];
        let rule = rule(1);
        let ground = Ground { mode: Some(Mode::Approval), seen: &seen, rule: &rule, undoable: true };
        let settled = settle(&ground, &events, now);
        assert_eq!((settled.state, settled.request), (expected, request), "{:?}", events.last());
        assert_eq!(settled.clashes, []);
    }
    assert_eq!(state(Some(Mode::Approval), 1, &[0], &events, 14), ActionState::Expired);
}
