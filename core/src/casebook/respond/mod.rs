//! The verbs of response: what is to be done, who agrees, what the host carries out and what it says of it.
//! Each verb asks the state machine before it records a fact.

mod build;
mod centre;
mod plan;
mod said;

use chrono::{DateTime, Utc};
use hashbrown::HashSet;

use crate::error::{Error, ErrorCode, Result};
use crate::model::{
    ActionOutcome, ActionReport, ActionTarget, Author, Choice, Decision, FactId, FactKind, Time, fact_id,
};
use crate::respond::state::{Event, Settled, Try};
use crate::respond::{Action, ActionRequest, Response, info};

use super::present::Presenter;
use super::{Casebook, index, manage};

use build::Case;
pub use centre::{ActionCentre, ActionFilter, ActionSource};
pub(super) use said::SaidIndex;

fn refused(code: ErrorCode, message: impl Into<String>) -> Error {
    Error::new(code, message)
}

/// What carries requests out. Closures do.
///
/// It is asked for one request after the other, and never again for one that it said something of.
pub trait Executor {
    /// Carries a request out, or has it begun.
    fn execute(&mut self, request: &ActionRequest) -> ActionReply;
}

impl<F: FnMut(&ActionRequest) -> ActionReply> Executor for F {
    fn execute(&mut self, request: &ActionRequest) -> ActionReply {
        self(request)
    }
}

/// What an [`Executor`] says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionReply {
    /// How far it is.
    pub outcome: ActionOutcome,
    /// Since when; the time of the call when absent.
    pub at: Option<Time>,
    /// What else it says.
    pub message: Option<String>,
    /// It wants no further requests in this call.
    pub stop: bool,
}

impl ActionReply {
    /// A reply without more words.
    #[must_use]
    pub fn new(outcome: ActionOutcome) -> ActionReply {
        ActionReply { outcome, at: None, message: None, stop: false }
    }

    /// Ends the call after this request; the others stay pending.
    #[must_use]
    pub fn and_stop(mut self) -> ActionReply {
        self.stop = true;
        self
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, message: impl Into<String>) -> ActionReply {
        self.message = Some(message.into());
        self
    }

    /// Says since when.
    #[must_use]
    pub fn at(mut self, at: impl Into<Time>) -> ActionReply {
        self.at = Some(at.into());
        self
    }
}

/// What happens to actions that a person decides about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Approve,
    Reject,
    Undo,
}

impl Verb {
    fn choice(self, action: ActionTarget, roles: Vec<String>) -> Choice {
        match self {
            Verb::Approve => Choice::Approve { action, roles },
            Verb::Reject => Choice::Reject { action, roles },
            Verb::Undo => Choice::Undo { action, roles },
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Verb::Approve => "approve",
            Verb::Reject => "reject",
            Verb::Undo => "undo",
        }
    }
}

impl Casebook {
    /// What is to be done about an incident and how far it is, as of the time `at`: what was said later does not
    /// count, and what expires by then has expired.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`].
    pub fn response(&self, alert_id: &str, at: &Time) -> Result<Response> {
        let incident = self.incident_of(alert_id)?;
        Ok(Presenter::new(self).response(incident, at.into()))
    }

    /// Agrees to actions of one incident, given by their ids; all of one kind, and all or none.
    ///
    /// # Errors
    /// - [`ErrorCode::NotFound`] for an unknown alert or action;
    /// - [`ErrorCode::InvalidArgument`] for no action, or several kinds of them;
    /// - [`ErrorCode::Conflict`] when one cannot be agreed to as it stands, or not by this person: the message says
    ///   which and why.
    pub fn approve<I, S>(&mut self, alert_id: &str, actions: I, author: &Author) -> Result<Vec<FactId>>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        self.decide_actions(Verb::Approve, alert_id, actions, author)
    }

    /// Refuses actions. What is approved can be refused until its executor has begun.
    ///
    /// # Errors
    /// As [`approve`](Self::approve).
    pub fn reject<I, S>(&mut self, alert_id: &str, actions: I, author: &Author) -> Result<Vec<FactId>>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        self.decide_actions(Verb::Reject, alert_id, actions, author)
    }

    /// Asks for what actions did to be taken back: the host is handed a request for it.
    ///
    /// # Errors
    /// As [`approve`](Self::approve).
    pub fn undo<I, S>(&mut self, alert_id: &str, actions: I, author: &Author) -> Result<Vec<FactId>>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        self.decide_actions(Verb::Undo, alert_id, actions, author)
    }

    /// Asks for an action by hand: one that no judgement asks for, or again for one that was refused, expired,
    /// failed or taken back. It waits for approval. Gives the id of the action.
    ///
    /// # Errors
    /// - [`ErrorCode::NotFound`] for an unknown alert, or an entity or device that the incident does not hold;
    /// - [`ErrorCode::InvalidArgument`] for an action that does not exist or does not apply to the entity, or without
    ///   the device that it needs;
    /// - [`ErrorCode::Conflict`] when it waits or is under way already.
    pub fn propose(&mut self, alert_id: &str, target: &ActionTarget, author: &Author) -> Result<String> {
        let choice = Choice::Propose { action: target.clone() };
        let decision = author.decides(choice).about([alert_id]);
        self.decide(&decision)?;
        let incident = self.incident_of(alert_id)?;
        let at = DateTime::<Utc>::from(&author.at);
        let (entities, on) = self.meant(target, &decision.alerts);
        let mut presenter = Presenter::new(self);
        let (cases, _) = presenter.actions(incident, at);
        let found = cases.iter().find(|case| matches(&presenter, case, target, &entities, on.as_deref()));
        let id = found.map(|case| presenter.action_id(case));
        id.ok_or_else(|| refused(ErrorCode::NotFound, "the action was recorded and is not found again"))
    }

    /// Ends the investigation that an alert belongs to: what it waits for is refused.
    ///
    /// # Errors
    /// - [`ErrorCode::NotFound`] for an unknown alert, or one that nothing is investigated for;
    /// - [`ErrorCode::Conflict`] when it is over, or when this person may not refuse what it waits for.
    pub fn stop_investigation(&mut self, alert_id: &str, author: &Author) -> Result<FactId> {
        let response = self.response(alert_id, &author.at)?;
        let mut own = response.investigations.iter().filter(|investigation| !investigation.vendor);
        let found = own.find(|investigation| investigation.alerts.iter().any(|alert| alert == alert_id));
        let investigation = found.ok_or_else(|| {
            refused(ErrorCode::NotFound, format!("nothing is investigated for `{}`", alert_id.escape_debug()))
        })?;
        if investigation.ended.is_some() {
            let message = format!("the investigation is over: {}", investigation.because);
            return Err(refused(ErrorCode::Conflict, message));
        }
        let waits = |action: &&Action| {
            investigation.pending_actions.contains(&action.id)
                && action.state == crate::model::ActionState::PendingApproval
        };
        let waiting: Vec<ActionTarget> = response.actions.iter().filter(waits).map(Action::target).collect();
        let decisions = waiting.into_iter().map(|action| {
            let choice = Choice::Reject { action, roles: author.roles.clone() };
            author.decides(choice).about([alert_id])
        });
        let decisions: Vec<Decision> = decisions.collect();
        let stop = author.decides(Choice::StopInvestigation).about([alert_id]);
        manage::check(&stop)?;
        for decision in &decisions {
            self.check_action(decision)?;
        }
        for decision in &decisions {
            self.add(FactKind::Decision, decision)?;
        }
        self.add(FactKind::Decision, &stop)
    }

    /// What the host is to carry out now, in the whole casebook: approved actions that nothing was reported of, and
    /// what is to be taken back. Asking changes nothing; the same key is handed out until a report names it.
    /// `O(facts)`.
    #[must_use]
    pub fn pending_requests(&self, at: &Time) -> Vec<ActionRequest> {
        let mut known: HashSet<String> = HashSet::new();
        let mut out = Vec::new();
        let mut presenter = Presenter::new(self);
        for (incident, _) in self.ranking() {
            let (cases, _) = presenter.actions(*incident, at.into());
            let requests = presenter.requests(cases);
            out.extend(requests.into_iter().filter(|request| known.insert(request.key.clone())));
        }
        out
    }

    /// Takes in what an executor says of a request: late, twice and in any order, as it comes. What contradicts what
    /// was said before is kept, and shown with the action.
    ///
    /// # Errors
    /// - [`ErrorCode::InvalidArgument`] for an outcome that does not exist or a key that is none;
    /// - [`ErrorCode::NotFound`] for an unknown alert or action;
    /// - [`ErrorCode::Conflict`] when nobody agreed to what it is about.
    pub fn report(&mut self, report: &ActionReport) -> Result<FactId> {
        self.check_report(report)?;
        self.add(FactKind::ActionReport, report)
    }

    /// Has an executor carry out everything that is [pending](Self::pending_requests), one request after the other.
    /// Each is recorded as running before it is begun, so that it is never begun twice, whatever happens.
    /// Gives the requests with the facts of the executor's replies.
    ///
    /// # Errors
    /// As [`report`](Self::report); what was carried out before is recorded.
    pub fn execute(
        &mut self,
        at: &Time,
        by: &str,
        executor: &mut dyn Executor,
    ) -> Result<Vec<(ActionRequest, FactId)>> {
        let mut out = Vec::new();
        for request in self.pending_requests(at) {
            self.report(&request.report(ActionOutcome::Running, by, at.clone()))?;
            let reply = executor.execute(&request);
            let when = reply.at.unwrap_or_else(|| at.clone());
            let mut report = request.report(reply.outcome, by, when);
            report.message = reply.message;
            let fact = self.report(&report)?;
            out.push((request, fact));
            if reply.stop {
                break;
            }
        }
        Ok(out)
    }

    fn decide_actions<I, S>(&mut self, verb: Verb, alert_id: &str, ids: I, author: &Author) -> Result<Vec<FactId>>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let incident = self.incident_of(alert_id)?;
        let mut decisions: Vec<Decision> = Vec::new();
        {
            let at = DateTime::<Utc>::from(&author.at);
            let mut presenter = Presenter::new(self);
            let (cases, _) = presenter.actions(incident, at);
            let mut meant: Vec<&Case<'_>> = Vec::new();
            for id in ids {
                let id = id.as_ref();
                let found = cases.iter().find(|case| presenter.leads_to(case, id));
                let case = found.ok_or_else(|| {
                    let message =
                        format!("no action `{}` in the incident of `{}`", id.escape_debug(), alert_id.escape_debug());
                    refused(ErrorCode::NotFound, message)
                })?;
                if let Some(kind) = meant.first().map(|first| &first.action).filter(|kind| **kind != case.action) {
                    let message = format!(
                        "actions of two kinds, `{kind}` and `{}`, expected one kind to {} at once",
                        case.action,
                        verb.words()
                    );
                    return Err(refused(ErrorCode::InvalidArgument, message));
                }
                meant.push(case);
            }
            if meant.is_empty() {
                let message = format!("no actions, expected one or more to {}", verb.words());
                return Err(refused(ErrorCode::InvalidArgument, message));
            }
            // All or none.
            for case in meant {
                let target = presenter.target_of(case);
                let decision = author.decides(verb.choice(target.clone(), author.roles.clone())).about([alert_id]);
                if let Some(event) = self.unsaid(&decision)? {
                    fits(&presenter.settle(case, event.at, Some(&event)), &event, &target)?;
                }
                decisions.push(decision);
            }
        }
        decisions.iter().map(|decision| self.add(FactKind::Decision, decision)).collect()
    }

    /// Whether a decision about an action can be made as things stand.
    pub(super) fn check_action(&self, decision: &Decision) -> Result<()> {
        let Some((target, _)) = decision.what.action() else { return Ok(()) };
        let Some(event) = self.unsaid(decision)? else { return Ok(()) };
        let incident = self.incident_of(decision.alerts.first().map_or("", String::as_str))?;
        let (entity, on) = self.locate(target, &decision.alerts, incident)?;
        let mut presenter = Presenter::new(self);
        presenter.lay_out(incident);
        let at_local = presenter.scene.entities.iter().position(|e| *e == entity);
        let on_local = on.and_then(|on| presenter.scene.entities.iter().position(|e| *e == on));
        let (Some(at_local), true) = (at_local, on.is_some() == on_local.is_some()) else {
            let message = format!("`{}` is not in the incident", target.entity.escape_debug());
            return Err(refused(ErrorCode::NotFound, message));
        };
        let (at_local, on_local) = (at_local as u32, on_local.map(|at| at as u32));
        fits(&presenter.try_event(incident, &target.action, at_local, on_local, &event), &event, target)
    }

    /// A decision about an action as the state machine knows it; nothing when it was said before, word for word: saying
    /// it again changes nothing.
    fn unsaid(&self, decision: &Decision) -> Result<Option<Event>> {
        manage::check(decision)?;
        let id = fact_id(FactKind::Decision, &Casebook::canonical(decision)?);
        Ok(said::decided(decision, id).filter(|_| self.log.find(&id).is_none()))
    }

    /// What a target means: entity and device of the casebook.
    fn locate(&self, target: &ActionTarget, alerts: &[String], incident: u32) -> Result<(u32, Option<u32>)> {
        let invalid = |message: String| refused(ErrorCode::InvalidArgument, message);
        let row = info(&target.action).ok_or_else(|| {
            invalid(format!("no action `{}` in the catalogue", target.action.as_str().escape_debug()))
        })?;
        index::parse_entity(&target.entity)?;
        if let Some(on) = &target.on {
            index::parse_entity(on)?;
        }
        let (entities, devices) = self.meant(target, alerts);
        let held = |entity: &&u32| {
            let mut alerts = self.derived().correlation.alerts(incident);
            alerts.any(|alert| self.derived().entities_of(alert).contains(*entity))
        };
        let not_here =
            |id: &str| refused(ErrorCode::NotFound, format!("the incident does not hold `{}`", id.escape_debug()));
        let entity = *entities.iter().find(held).ok_or_else(|| not_here(&target.entity))?;
        let kind = self.derived().entities.kind(entity);
        if !row.applies(kind) {
            let to: Vec<&str> = row.applies_to.iter().map(|kind| kind.as_str()).collect();
            let message =
                format!("`{}` does not apply to a {}, expected {}", target.action, kind.as_str(), to.join(", "));
            return Err(invalid(message));
        }
        let device = match (&target.on, devices) {
            (Some(on), Some(devices)) => Some(*devices.iter().find(held).ok_or_else(|| not_here(on))?),
            _ if row.needs_device && !self.deviceless(incident, entity) => {
                return Err(invalid(format!("`{}` is done on a device, expected one in `on`", target.action)));
            }
            _ => None,
        };
        Ok((entity, device))
    }

    /// Is no device known that an entity is on?
    fn deviceless(&self, incident: u32, entity: u32) -> bool {
        let mut presenter = Presenter::new(self);
        presenter.lay_out(incident);
        let Some(local) = presenter.scene.entities.iter().position(|e| *e == entity) else { return true };
        let on = |arc: &crate::judge::Arc| arc.relation == crate::resolve::Relation::On && arc.from as usize == local;
        !presenter.scene.arcs.iter().any(on)
    }

    fn check_report(&self, report: &ActionReport) -> Result<()> {
        let invalid = |message: String| refused(ErrorCode::InvalidArgument, message);
        if report.outcome.index().is_none() {
            let message = format!("no outcome `{}`", report.outcome.as_str().escape_debug());
            return Err(invalid(format!(
                "{message}, expected running, waiting, completed, notFound, partially or failed"
            )));
        }
        manage::bounded("the executor's name", &report.by, Decision::MAX_NAME)?;
        manage::bounded("the message", report.message.as_deref().unwrap_or_default(), Decision::MAX_TEXT)?;
        let shown: String = report.key.chars().take(80).collect();
        let of = Try::of_key(&report.key)
            .ok_or_else(|| invalid(format!("no key `{}`, expected that of a request", shown.escape_debug())))?;
        let incident = self.incident_of(&report.alert)?;
        let alerts = std::slice::from_ref(&report.alert);
        let (entities, on) = self.meant(&report.target, alerts);
        // Whatever the executor's clock says: what was agreed to at any time counts.
        let mut presenter = Presenter::new(self);
        let (cases, _) = presenter.actions(incident, DateTime::<Utc>::MAX_UTC);
        let found = cases.iter().find(|case| matches(&presenter, case, &report.target, &entities, on.as_deref()));
        let case = found.ok_or_else(|| {
            let message = format!("no action `{}` on `{}`", report.target.action, report.target.entity.escape_debug());
            refused(ErrorCode::NotFound, message)
        })?;
        let prefix = report.key.split('-').next().unwrap_or_default();
        if !presenter.leads_to(case, prefix) {
            let message = format!("the key `{}` is of another action", shown.escape_debug());
            return Err(refused(ErrorCode::NotFound, message));
        }
        let settled = &case.settled;
        let agreed = of.attempt < settled.attempt || of.attempt == settled.attempt && of.undo <= settled.undos;
        if !agreed {
            let message = format!("nobody agreed to `{}`", shown.escape_debug());
            return Err(refused(ErrorCode::Conflict, message));
        }
        Ok(())
    }
}

/// Does what an event comes to fit what holds?
fn fits(settled: &Settled, event: &Event, target: &ActionTarget) -> Result<()> {
    let Some(clash) = settled.clashes.iter().find(|clash| clash.fact == event.fact) else { return Ok(()) };
    let title = info(&target.action).map_or("", |row| row.title);
    Err(refused(ErrorCode::Conflict, format!("{title} `{}`: {}", target.entity.escape_debug(), clash.text)))
}

/// Is this the action that a target names?
fn matches(
    presenter: &Presenter<'_>,
    case: &Case<'_>,
    target: &ActionTarget,
    entities: &[u32],
    on: Option<&[u32]>,
) -> bool {
    let is =
        |local: u32, among: &[u32]| presenter.scene.entities.get(local as usize).is_some_and(|e| among.contains(e));
    let device = match (case.on, on) {
        (Some(local), Some(devices)) => is(local, devices),
        (None, None) => true,
        _ => false,
    };
    case.action == target.action && is(case.entity, entities) && device
}
