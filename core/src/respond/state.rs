//! How decisions and reports about one action settle: its state, what the host is to do, and what contradicts what.
//!
//! In: what the judgement asks for, when evidence came, what people decided and executors reported, and the time that
//! the caller gives. Out: the state with its history. The order in which the facts came does not matter, only the times that they carry.
//! This is the whole machine; the verbs of a casebook ask it what a decision would come to before they record it.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{ActionOutcome, ActionState, FactId};
use crate::policy::Approvals;

#[cfg(test)]
mod tests;

type At = DateTime<Utc>;

/// What the judgement makes of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mode {
    /// Worth doing when a person asks for it.
    Propose,
    /// Waits for approval.
    Approval,
    /// Happens unasked.
    Automatic,
}

/// What an action starts from.
#[derive(Debug, Clone)]
pub(crate) struct Ground<'g> {
    /// Nothing when no judgement asks for it.
    pub(crate) mode: Option<Mode>,
    /// When evidence of its entity came, ascending; empty when nothing is dated.
    pub(crate) seen: &'g [At],
    pub(crate) rule: &'g Approvals,
    /// Is there anything that takes it back?
    pub(crate) undoable: bool,
}

/// What somebody said about the action.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Event {
    pub(crate) at: At,
    pub(crate) fact: FactId,
    pub(crate) by: String,
    pub(crate) reason: Option<String>,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum What {
    Propose,
    /// With the roles of who decides.
    Reject(Vec<String>),
    Approve(Vec<String>),
    Undo(Vec<String>),
    Report(Try, ActionOutcome),
}

/// Which carrying out of an action, or which taking back of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Try {
    /// From 1.
    pub(crate) attempt: u32,
    /// From 1; 0 for the action itself.
    pub(crate) undo: u32,
}

impl Try {
    /// The end of an idempotency key.
    pub(crate) fn suffix(self) -> String {
        match self.undo {
            0 => format!("-{}", self.attempt),
            undo => format!("-{}-undo{undo}", self.attempt),
        }
    }

    /// Reads the end of an idempotency key.
    pub(crate) fn of_key(key: &str) -> Option<Try> {
        let mut parts = key.split('-').skip(1);
        let number = |text: &str| text.parse().ok().filter(|n| *n > 0);
        let attempt = parts.next().and_then(number)?;
        let undo = match parts.next() {
            None => 0,
            Some(text) => text.strip_prefix("undo").and_then(number)?,
        };
        parts.next().is_none().then_some(Try { attempt, undo })
    }
}

/// How far the taking back is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum UndoState {
    /// The host is asked to.
    Requested,
    /// Under way.
    Running,
    /// It could not be taken back, or only in part.
    Failed,
}

/// A change of the state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    /// Nothing for what begins with undated evidence.
    pub(crate) at: Option<At>,
    pub(crate) state: ActionState,
    /// Nothing for what the policy or the passing of time did.
    pub(crate) fact: Option<FactId>,
    pub(crate) by: Option<String>,
    pub(crate) note: Option<String>,
}

/// Something that does not fit what holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Clash {
    pub(crate) at: At,
    pub(crate) fact: FactId,
    pub(crate) by: String,
    pub(crate) text: String,
}

/// Somebody agreed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Agreed {
    pub(crate) at: At,
    pub(crate) fact: FactId,
    pub(crate) by: String,
    pub(crate) reason: Option<String>,
}

/// Where an action stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Settled {
    pub(crate) state: ActionState,
    /// Did anything, a judgement or a person, ever ask for it?
    pub(crate) asked: bool,
    pub(crate) proposed_by: Option<String>,
    /// Of the round that waits or that was agreed to.
    pub(crate) approvals: Vec<Agreed>,
    pub(crate) expires: Option<At>,
    pub(crate) attempt: u32,
    /// How often its taking back was asked for.
    pub(crate) undos: u32,
    /// The last word on the attempt.
    pub(crate) outcome: Option<ActionOutcome>,
    pub(crate) undo: Option<UndoState>,
    pub(crate) history: Vec<Step>,
    pub(crate) clashes: Vec<Clash>,
    /// What the host is to do now.
    pub(crate) request: Option<Try>,
    /// Evidence that came after it was done.
    pub(crate) seen_again: Option<At>,
}

/// What executors said of one try.
#[derive(Debug, Clone)]
struct Record {
    of: Try,
    outcome: ActionOutcome,
}

struct Machine<'g> {
    ground: &'g Ground<'g>,
    now: Settled,
    since: Option<At>,
    records: Vec<Record>,
    /// Reports of tries that nobody has agreed to so far.
    early: Vec<Event>,
}

/// Settles what was said about an action up to the time `at`, that time included.
pub(crate) fn settle(ground: &Ground<'_>, events: &[Event], at: At) -> Settled {
    let mut machine = Machine { ground, now: Settled::default(), since: None, records: Vec::new(), early: Vec::new() };
    let mut events: Vec<&Event> = events.iter().filter(|event| event.at <= at).collect();
    events.sort_by(|a, b| order(a, b));
    events.dedup_by_key(|event| event.fact);
    let mut seen = ground.seen.iter().copied().filter(|seen| *seen <= at).peekable();
    if ground.seen.is_empty() {
        machine.evidence(None);
    }
    for event in events {
        while let Some(seen) = seen.next_if(|seen| *seen <= event.at) {
            machine.evidence(Some(seen));
        }
        machine.expire(event.at);
        machine.event(event);
    }
    for seen in seen {
        machine.evidence(Some(seen));
    }
    machine.expire(at);
    machine.believe();
    machine.finish()
}

/// By time; of what is said at one time, refusing goes before agreeing, that before reports, and taking back comes last.
fn order(a: &Event, b: &Event) -> Ordering {
    let rank = |event: &Event| match event.what {
        What::Propose => 0,
        What::Reject(_) => 1,
        What::Approve(_) => 2,
        What::Report(_, ActionOutcome::Running | ActionOutcome::Waiting) => 3,
        What::Report(_, ActionOutcome::Partially) => 4,
        What::Report(..) => 5,
        What::Undo(_) => 6,
    };
    a.at.cmp(&b.at).then(rank(a).cmp(&rank(b))).then(a.fact.cmp(&b.fact))
}

/// How much an outcome claims; of contradicting ones the least holds.
fn claim(outcome: &ActionOutcome) -> u8 {
    match outcome {
        ActionOutcome::Failed | ActionOutcome::Other(_) => 0,
        ActionOutcome::Partially => 1,
        ActionOutcome::NotFound => 2,
        _ => 3,
    }
}

fn is_final(outcome: &ActionOutcome) -> bool {
    !matches!(outcome, ActionOutcome::Running | ActionOutcome::Waiting)
}

fn state_of(outcome: &ActionOutcome) -> ActionState {
    match outcome {
        ActionOutcome::Running | ActionOutcome::Waiting => ActionState::Running,
        ActionOutcome::Completed | ActionOutcome::NotFound => ActionState::Completed,
        ActionOutcome::Partially => ActionState::Partially,
        ActionOutcome::Failed | ActionOutcome::Other(_) => ActionState::Failed,
    }
}

impl Machine<'_> {
    fn to(&mut self, state: ActionState, at: Option<At>, by: Option<&Event>, note: Option<String>) {
        self.now.state = state.clone();
        self.now.asked = true;
        self.since = at;
        self.now.history.push(Step {
            at,
            state,
            fact: by.map(|event| event.fact),
            by: by.map(|event| event.by.clone()),
            note: note.or_else(|| by.and_then(|event| event.reason.clone())),
        });
    }

    fn clash(&mut self, event: &Event, text: impl Into<String>) {
        self.now.clashes.push(Clash { at: event.at, fact: event.fact, by: event.by.clone(), text: text.into() });
    }

    fn undated(&self) -> bool {
        self.ground.seen.is_empty() && self.now.proposed_by.is_none()
    }

    /// When what waits since then counts as refused.
    fn deadline(&self) -> Option<At> {
        let waits = self.now.state == ActionState::PendingApproval && !self.undated();
        let since = self.since.filter(|_| waits)?;
        since.checked_add_signed(TimeDelta::hours(i64::from(self.ground.rule.expiry_hours)))
    }

    fn expire(&mut self, at: At) {
        if let Some(deadline) = self.deadline().filter(|deadline| *deadline <= at) {
            self.now.approvals.clear();
            self.to(ActionState::Expired, Some(deadline), None, None);
        }
    }

    fn evidence(&mut self, at: Option<At>) {
        if let Some(at) = at {
            self.expire(at);
        }
        let Some(mode) = self.ground.mode else { return };
        match (&self.now.state, self.now.asked) {
            (_, false) => self.open(mode, at),
            // What may happen unasked has had its try: the next is asked for.
            (ActionState::Expired, _) => self.open(mode.min(Mode::Approval), at),
            // What waits is asked for anew: the time begins again, who agreed has agreed.
            (ActionState::PendingApproval, _) => self.since = at.max(self.since),
            (ActionState::Completed | ActionState::Partially, _) => self.now.seen_again = at.max(self.now.seen_again),
            _ => {}
        }
    }

    fn open(&mut self, mode: Mode, at: Option<At>) {
        match mode {
            Mode::Propose => self.to(ActionState::Proposed, at, None, None),
            Mode::Approval => {
                self.now.approvals.clear();
                self.now.proposed_by = None;
                self.to(ActionState::PendingApproval, at, None, None);
            }
            Mode::Automatic => self.authorise(at, None),
        }
    }

    /// From here on it may be carried out.
    fn authorise(&mut self, at: Option<At>, by: Option<&Event>) {
        // What was refused before anything was heard of it may have been begun: under the same key it is not begun twice.
        let heard = self.records.iter().any(|record| record.of == Try { attempt: self.now.attempt, undo: 0 });
        if heard || self.now.attempt == 0 {
            self.now.attempt += 1;
        }
        self.now.outcome = None;
        self.now.undo = None;
        self.now.seen_again = None;
        self.now.undos = 0;
        let note = by.is_none().then(|| "the policy asks nobody".to_owned());
        self.to(ActionState::Approved, at, by, note);
        // What was reported with an earlier time, and later attempts that no longer are.
        let attempt = self.now.attempt;
        let (mine, early) = std::mem::take(&mut self.early)
            .into_iter()
            .partition(|event: &Event| matches!(event.what, What::Report(of, _) if of == Try { attempt, undo: 0 }));
        self.early = early;
        let mine: Vec<Event> = mine;
        for event in mine {
            self.event(&event);
        }
    }

    fn event(&mut self, event: &Event) {
        match &event.what {
            What::Propose => self.propose(event),
            What::Approve(roles) => self.approve(event, roles),
            What::Reject(roles) => self.reject(event, roles),
            What::Undo(roles) => self.undo(event, roles),
            What::Report(of, outcome) => self.report(event, *of, outcome),
        }
    }

    /// What keeps this person from deciding.
    fn refused(&self, event: &Event, roles: &[String]) -> Option<String> {
        let rule = self.ground.rule;
        if !rule.roles.is_empty() && !rule.roles.iter().any(|role| roles.contains(role)) {
            return Some(format!("`{}` has none of the roles that it takes: {}", event.by, rule.roles.join(", ")));
        }
        if !rule.approvers.is_empty() && !rule.approvers.contains(&event.by) {
            return Some(format!("`{}` is none of those who decide: {}", event.by, rule.approvers.join(", ")));
        }
        let given = event.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
        (rule.reasons && !given).then(|| "no reason is given, and the policy asks for one".to_owned())
    }

    fn propose(&mut self, event: &Event) {
        self.believe();
        match (&self.now.state, self.now.undo) {
            (ActionState::PendingApproval, _) => self.clash(event, "it waits for approval already"),
            (ActionState::Approved | ActionState::Running, _) => self.clash(event, "it is approved already"),
            (_, Some(UndoState::Requested | UndoState::Running)) => self.clash(event, "it is being taken back"),
            _ => {
                self.now.approvals.clear();
                self.now.proposed_by = Some(event.by.clone());
                self.to(ActionState::PendingApproval, Some(event.at), Some(event), None);
            }
        }
    }

    fn approve(&mut self, event: &Event, roles: &[String]) {
        match (&self.now.state, self.now.asked) {
            (_, false) => return self.clash(event, "nothing asks for it: propose it first"),
            (ActionState::PendingApproval | ActionState::Proposed, _) => {}
            (ActionState::Rejected, _) => return self.clash(event, "it was rejected: propose it again first"),
            (ActionState::Expired, _) => return self.clash(event, "it expired: propose it again first"),
            (ActionState::Approved | ActionState::Running, _) => {
                return self.clash(event, "it is approved already");
            }
            (state, _) => {
                let text = format!("it is {}: propose it again first", words(state));
                return self.clash(event, text);
            }
        }
        if let Some(why) = self.refused(event, roles) {
            return self.clash(event, why);
        }
        if !self.ground.rule.own && self.now.proposed_by.as_ref() == Some(&event.by) {
            return self.clash(event, format!("`{}` proposed it, expected somebody else", event.by));
        }
        if self.now.approvals.iter().any(|agreed| agreed.by == event.by) {
            return self.clash(event, format!("`{}` has agreed already, expected somebody else", event.by));
        }
        if self.now.state == ActionState::Proposed {
            self.to(ActionState::PendingApproval, Some(event.at), Some(event), None);
        }
        let agreed = Agreed { at: event.at, fact: event.fact, by: event.by.clone(), reason: event.reason.clone() };
        self.now.approvals.push(agreed);
        if self.now.approvals.len() >= self.ground.rule.needed.max(1) as usize {
            self.authorise(Some(event.at), Some(event));
        }
    }

    fn reject(&mut self, event: &Event, roles: &[String]) {
        let open =
            matches!(self.now.state, ActionState::Proposed | ActionState::PendingApproval | ActionState::Approved);
        if !open || !self.now.asked {
            let text = match self.now.asked {
                true => format!("it is {}, there is nothing to refuse", words(&self.now.state)),
                false => "nothing asks for it, there is nothing to refuse".to_owned(),
            };
            return self.clash(event, text);
        }
        if let Some(why) = self.refused(event, roles) {
            return self.clash(event, why);
        }
        self.now.approvals.clear();
        self.to(ActionState::Rejected, Some(event.at), Some(event), None);
    }

    fn undo(&mut self, event: &Event, roles: &[String]) {
        self.believe();
        if !self.ground.undoable {
            return self.clash(event, "nothing takes it back");
        }
        match (&self.now.state, self.now.undo) {
            (ActionState::Completed | ActionState::Partially, None | Some(UndoState::Failed)) => {}
            (_, Some(_)) => return self.clash(event, "it is being taken back already"),
            (state, _) => {
                let text = format!("it is {}, there is nothing to take back", words(state));
                return self.clash(event, text);
            }
        }
        if let Some(why) = self.refused(event, roles) {
            return self.clash(event, why);
        }
        self.now.undos += 1;
        self.now.undo = Some(UndoState::Requested);
        let of = Try { attempt: self.now.attempt, undo: self.now.undos };
        let (mine, early): (Vec<Event>, Vec<Event>) = std::mem::take(&mut self.early)
            .into_iter()
            .partition(|event| matches!(event.what, What::Report(early, _) if early == of));
        self.early = early;
        for event in mine {
            self.event(&event);
        }
    }

    /// Was this try agreed to?
    fn authorised(&self, of: Try) -> bool {
        of.attempt < self.now.attempt || (of.attempt == self.now.attempt && of.undo <= self.now.undos)
    }

    fn report(&mut self, event: &Event, of: Try, outcome: &ActionOutcome) {
        if !self.authorised(of) {
            self.early.push(event.clone());
            return;
        }
        let Some(outcome) = self.record(event, of, outcome) else { return };
        if of.attempt < self.now.attempt || of.undo < self.now.undos && of.undo > 0 {
            return;
        }
        if of.undo > 0 {
            self.undone(event, &outcome);
        } else {
            self.done(event, outcome);
        }
    }

    /// Notes what an executor says of a try; gives what holds if that is new.
    fn record(&mut self, event: &Event, of: Try, said: &ActionOutcome) -> Option<ActionOutcome> {
        let Some(at) = self.records.iter().position(|record| record.of == of) else {
            self.records.push(Record { of, outcome: said.clone() });
            return Some(said.clone());
        };
        let held = self.records.get(at)?.outcome.clone();
        if held == *said {
            return None;
        }
        let next = match (is_final(&held), is_final(said)) {
            (false, _) => said.clone(),
            (true, false) => {
                self.clash(event, format!("reported {said} after it was reported {held}"));
                return None;
            }
            // What was done in part may be done in full.
            (true, true) if held == ActionOutcome::Partially && *said == ActionOutcome::Completed => said.clone(),
            (true, true) => {
                self.clash(event, format!("reported {said} after it was reported {held}: what claims less holds"));
                if claim(said) >= claim(&held) {
                    return None;
                }
                said.clone()
            }
        };
        if let Some(record) = self.records.get_mut(at) {
            record.outcome = next.clone();
        }
        Some(next)
    }

    /// The current attempt has this outcome.
    fn done(&mut self, event: &Event, outcome: ActionOutcome) {
        if matches!(self.now.state, ActionState::Undone) {
            return self.clash(event, "reported after it was taken back");
        }
        if matches!(self.now.state, ActionState::Rejected | ActionState::PendingApproval | ActionState::Expired) {
            let text = format!("carried out although it is {}: it had been approved before", words(&self.now.state));
            self.clash(event, text);
        }
        let state = state_of(&outcome);
        if self.now.undo.is_some() && !matches!(state, ActionState::Completed | ActionState::Partially) {
            self.clash(event, "there is nothing to take back any more");
            self.now.undo = None;
        }
        self.now.outcome = Some(outcome.clone());
        if state != self.now.state || outcome == ActionOutcome::NotFound {
            self.to(state, Some(event.at), Some(event), None);
        }
    }

    /// The current taking back has this outcome.
    fn undone(&mut self, event: &Event, outcome: &ActionOutcome) {
        if !matches!(self.now.state, ActionState::Completed | ActionState::Partially | ActionState::Undone) {
            self.clash(event, format!("taken back although it is {}", words(&self.now.state)));
        }
        match outcome {
            ActionOutcome::Running | ActionOutcome::Waiting => self.now.undo = Some(UndoState::Running),
            ActionOutcome::Completed | ActionOutcome::NotFound => {
                self.now.undo = None;
                self.to(ActionState::Undone, Some(event.at), Some(event), None);
            }
            _ => {
                if self.now.state == ActionState::Undone {
                    let held = self.records.iter().find(|r| r.of == Try { attempt: self.now.attempt, undo: 0 });
                    let state = held.map_or(ActionState::Completed, |record| state_of(&record.outcome));
                    self.to(state, Some(event.at), Some(event), None);
                }
                self.now.undo = Some(UndoState::Failed);
            }
        }
    }

    /// Takes reports of what nobody agreed to for what they are: it was carried out.
    fn believe(&mut self) {
        for event in std::mem::take(&mut self.early) {
            let What::Report(of, outcome) = &event.what else { continue };
            if !self.authorised(*of) {
                self.clash(&event, "carried out although nobody agreed to it");
                if of.attempt > self.now.attempt {
                    self.now.attempt = of.attempt;
                    self.now.outcome = None;
                    self.now.undo = None;
                    self.now.approvals.clear();
                    self.now.undos = 0;
                    // Not by a report of another try that was agreed to.
                    self.now.state = ActionState::Approved;
                }
                self.now.undos = self.now.undos.max(of.undo);
            }
            self.report(&event, *of, outcome);
        }
    }

    fn finish(mut self) -> Settled {
        self.now.expires = self.deadline();
        let record = |of: Try| self.records.iter().any(|record| record.of == of);
        let attempt = self.now.attempt;
        let (first, undo) = (Try { attempt, undo: 0 }, Try { attempt, undo: self.now.undos });
        self.now.request = match (&self.now.state, self.now.undo) {
            (ActionState::Approved, _) if !record(first) => Some(first),
            (_, Some(UndoState::Requested)) if !record(undo) => Some(undo),
            _ => None,
        };
        self.now
    }
}

/// A state in words.
pub(crate) fn words(state: &ActionState) -> &str {
    match state {
        ActionState::PendingApproval => "pending approval",
        ActionState::Partially => "done in part",
        state => state.as_str(),
    }
}
