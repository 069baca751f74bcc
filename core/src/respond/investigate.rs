//! Which alerts set off investigations, how these grow and meet, and how far each is.
//!
//! In: the alerts of an incident by time, what they hold, and its actions. Out: own investigations. An alert joins a
//! running investigation of one of its devices, or of the same threat; one that meets several makes one of them.

use chrono::{DateTime, TimeDelta, Utc};
use hashbrown::{HashMap, HashSet};

use crate::model::{ActionKind, ActionOutcome, ActionState, InvestigationState, RemediationStatus, Verdict};
use crate::policy::{AutomationLevel, Response};
use crate::resolve::EntityKind;

use super::shapes::{Action, EntityName, Expansion, Finding, InvestigatedDevice, Investigation, LogStep};
use super::state::words;
use super::status::is_mended;

type At = DateTime<Utc>;

/// An alert, by time; entities by local id.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) first: Option<At>,
    pub(crate) last: Option<At>,
    /// What the provider found to be false is not investigated.
    pub(crate) false_positive: bool,
    /// Entities of its own, none that all machines have.
    pub(crate) entities: Vec<u32>,
}

/// An entity, by local id.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    pub(crate) name: EntityName,
    pub(crate) verdict: Verdict,
    /// It could not be judged within the work that the policy allows.
    pub(crate) undecided: bool,
    pub(crate) status: RemediationStatus,
    /// Of devices.
    pub(crate) level: AutomationLevel,
    /// Devices that it is found on, by local id.
    pub(crate) on: Vec<u32>,
}

/// What an investigation is made from.
pub(crate) struct Ground<'g> {
    pub(crate) alerts: &'g [Seen],
    pub(crate) things: &'g [Thing],
    pub(crate) actions: &'g [Action],
    /// The entity of each action, by local id.
    pub(crate) of_action: &'g [u32],
    /// When a person ended the investigation of an alert, and who.
    pub(crate) stopped: &'g HashMap<String, (At, String)>,
    pub(crate) policy: &'g Response,
    pub(crate) at: At,
}

/// An investigation in the making.
#[derive(Debug, Default)]
struct Making {
    alerts: Vec<usize>,
    entities: Vec<u32>,
    known: HashSet<u32>,
    last: Option<At>,
    merged_into: Option<usize>,
    merged: Vec<(Option<At>, String)>,
}

/// What an alert comes to that nothing is investigated for.
fn passed_over(alert: &Seen, ground: &Ground<'_>) -> Option<(InvestigationState, &'static str)> {
    if ground.policy.since.as_ref().zip(alert.first).is_some_and(|(since, first)| first < since.at()) {
        return Some((InvestigationState::PreexistingAlert, "the alert was there before automation was switched on"));
    }
    if alert.false_positive {
        return Some((InvestigationState::SuppressedAlert, "the alert was found to be false"));
    }
    let supported = |local: &u32| ground.things.get(*local as usize).is_some_and(|thing| supports(thing.name.kind));
    (!alert.entities.iter().any(supported))
        .then_some((InvestigationState::UnsupportedAlertType, "it holds nothing that can be investigated"))
}

/// Can entities of this kind be investigated?
fn supports(kind: EntityKind) -> bool {
    use EntityKind::{
        AnalyzedMessage, CloudLogonSession, Device, Dns, File, HostLogonSession, Ip, MailCluster, Mailbox,
        MailboxConfiguration, Process, RegistryKey, RegistryValue, SubmissionMail, Url, User,
    };
    matches!(
        kind,
        AnalyzedMessage
            | CloudLogonSession
            | Device
            | Dns
            | File
            | HostLogonSession
            | Ip
            | MailCluster
            | Mailbox
            | MailboxConfiguration
            | Process
            | RegistryKey
            | RegistryValue
            | SubmissionMail
            | Url
            | User
    )
}

/// The time from which an action is open to the time at which it no longer is.
fn open_time(action: &Action) -> (Option<At>, Option<At>) {
    let from = action.history.first().and_then(|step| step.at);
    let to = if action.is_open() { None } else { action.history.last().and_then(|step| step.at) };
    (from, to)
}

struct Maker<'g> {
    ground: &'g Ground<'g>,
    made: Vec<Making>,
    /// The latest investigation of each device and each bad entity.
    of: HashMap<u32, usize>,
    /// Actions of each entity, by index.
    actions: HashMap<u32, Vec<usize>>,
}

/// The investigations of an incident, by the time of the alerts that set them off.
/// `O(entities in alerts + actions)`.
pub(crate) fn investigations(ground: &Ground<'_>) -> Vec<Investigation> {
    let mut actions: HashMap<u32, Vec<usize>> = HashMap::new();
    for (index, entity) in ground.of_action.iter().enumerate() {
        actions.entry(*entity).or_default().push(index);
    }
    let mut maker = Maker { ground, made: Vec::new(), of: HashMap::new(), actions };
    let mut passed = Vec::new();
    for (index, alert) in ground.alerts.iter().enumerate() {
        if alert.first.is_some_and(|first| first > ground.at) {
            continue;
        }
        match passed_over(alert, ground) {
            Some((state, because)) => passed.push((index, empty(alert, state, because))),
            None => maker.take(index),
        }
    }
    let made: Vec<(usize, Investigation)> = maker.finish();
    let mut all: Vec<(usize, Investigation)> = made.into_iter().chain(passed).collect();
    all.sort_by_key(|(first, _)| *first);
    all.into_iter().map(|(_, investigation)| investigation).collect()
}

fn empty(alert: &Seen, state: InvestigationState, because: &str) -> Investigation {
    let ended = alert.first;
    Investigation { ended, ..lone(alert.id.clone(), alert.title.clone(), alert.first, state, because) }
}

/// An investigation of which no more is known than the alert that set it off and its state.
pub(crate) fn lone(
    id: String,
    title: String,
    started: Option<At>,
    state: InvestigationState,
    because: &str,
) -> Investigation {
    Investigation {
        alerts: vec![id.clone()],
        id,
        vendor: false,
        vendor_id: None,
        title,
        state,
        because: because.to_owned(),
        started,
        ended: None,
        devices: Vec::new(),
        examined: 0,
        findings: Vec::new(),
        pending_actions: Vec::new(),
        past_actions: Vec::new(),
        expansions: Vec::new(),
        log: Vec::new(),
        more_steps: 0,
    }
}

impl Maker<'_> {
    fn thing(&self, local: u32) -> Option<&Thing> {
        self.ground.things.get(local as usize)
    }

    fn is_device(&self, local: u32) -> bool {
        self.thing(local).is_some_and(|t| matches!(t.name.kind, EntityKind::Device | EntityKind::IotDevice))
    }

    fn is_bad(&self, local: u32) -> bool {
        self.thing(local).is_some_and(|thing| thing.verdict >= Verdict::Suspicious)
    }

    /// Is the level of the alert's devices, or without any that of everything else, such that nothing is done?
    fn is_off(&self, alert: &Seen) -> bool {
        let mut levels = alert.entities.iter().filter(|at| self.is_device(**at)).filter_map(|at| self.thing(*at));
        match levels.next() {
            None => self.ground.policy.level == AutomationLevel::None,
            Some(first) => {
                first.level == AutomationLevel::None && levels.all(|thing| thing.level == AutomationLevel::None)
            }
        }
    }

    fn root(&self, mut at: usize) -> usize {
        while let Some(next) = self.made.get(at).and_then(|making| making.merged_into) {
            at = next;
        }
        at
    }

    /// Does it still take alerts in at this time?
    fn is_running(&self, at: usize, time: Option<At>) -> bool {
        let (Some(making), Some(time)) = (self.made.get(at), time) else { return true };
        let quiet = TimeDelta::hours(i64::from(self.ground.policy.quiet_hours));
        if making.last.is_none_or(|last| last.checked_add_signed(quiet).is_none_or(|end| time <= end)) {
            return true;
        }
        let actions = making.entities.iter().filter_map(|entity| self.actions.get(entity)).flatten();
        let mut times = actions.filter_map(|index| self.ground.actions.get(*index)).map(open_time);
        times.any(|(from, to)| from.is_none_or(|from| from <= time) && to.is_none_or(|to| time < to))
    }

    fn take(&mut self, index: usize) {
        let ground = self.ground;
        let Some(alert) = ground.alerts.get(index) else { return };
        if self.is_off(alert) {
            return;
        }
        // Alerts meet over a device, and over what is bad in them; those without a device also over what was hit.
        let has_device = alert.entities.iter().any(|at| self.is_device(*at));
        let joins = |local: &u32| {
            let asset = self
                .thing(*local)
                .is_some_and(|thing| !has_device && matches!(thing.name.kind, EntityKind::User | EntityKind::Mailbox));
            self.is_device(*local) || self.is_bad(*local) || asset
        };
        let keys: Vec<u32> = alert.entities.iter().copied().filter(joins).collect();
        let mut met: Vec<usize> = keys.iter().filter_map(|key| self.of.get(key)).map(|at| self.root(*at)).collect();
        met.sort_unstable();
        met.dedup();
        met.retain(|at| self.is_running(*at, alert.first));
        let into = match met.first() {
            Some(first) => *first,
            None => {
                self.made.push(Making::default());
                self.made.len() - 1
            }
        };
        for other in met.into_iter().skip(1) {
            self.merge(other, into, alert);
        }
        let Some(making) = self.made.get_mut(into) else { return };
        making.alerts.push(index);
        making.last = making.last.max(alert.last.or(alert.first));
        for local in &alert.entities {
            if making.known.insert(*local) {
                making.entities.push(*local);
            }
        }
        for key in keys {
            self.of.insert(key, into);
        }
    }

    fn merge(&mut self, from: usize, into: usize, over: &Seen) {
        let Some(other) = self.made.get_mut(from) else { return };
        let gone = std::mem::take(other);
        other.merged_into = Some(into);
        let first = gone.alerts.first().and_then(|at| self.ground.alerts.get(*at)).map(|a| a.title.clone());
        let Some(making) = self.made.get_mut(into) else { return };
        making.alerts.extend(gone.alerts);
        making.alerts.sort_unstable();
        for local in gone.entities {
            if making.known.insert(local) {
                making.entities.push(local);
            }
        }
        making.last = making.last.max(gone.last);
        making.merged.extend(gone.merged);
        making.merged.push((over.first, first.unwrap_or_default()));
    }

    fn finish(self) -> Vec<(usize, Investigation)> {
        let made = self.made.iter().filter(|making| making.merged_into.is_none());
        made.filter_map(|making| Some((*making.alerts.first()?, self.investigation(making)?))).collect()
    }

    fn investigation(&self, making: &Making) -> Option<Investigation> {
        let ground = self.ground;
        let alerts = || making.alerts.iter().filter_map(|at| ground.alerts.get(*at));
        let first = alerts().next()?;
        let (devices, expansions) = self.devices(making);
        let actions: Vec<&Action> = self.actions_of(making);
        let findings = self.findings(making);
        let undecided = making.entities.iter().any(|at| self.thing(*at).is_some_and(|thing| thing.undecided));
        let stopped = alerts().filter_map(|alert| ground.stopped.get(&alert.id)).min();
        let stopped = stopped.filter(|(at, _)| *at <= ground.at);
        let (state, because) = state(&actions, &findings, undecided, stopped.map(|(_, by)| by.as_str()));
        let last = alerts().filter_map(|alert| alert.last.or(alert.first)).max();
        let is_open = |action: &&&Action| action.is_open();
        let ends = actions.iter().filter_map(|action| action.history.last()?.at).chain(last);
        let ended = match stopped {
            Some((at, _)) => Some(*at),
            None if actions.iter().any(|action| action.is_open()) => None,
            None => ends.max(),
        };
        let ids = |open: bool| {
            let these =
                actions.iter().filter(|action| is_open(action) == open && action.state != ActionState::Proposed);
            these.map(|action| action.id.clone()).collect()
        };
        let (log, more_steps) = self.log(making, &devices, &actions, stopped);
        Some(Investigation {
            id: first.id.clone(),
            vendor: false,
            vendor_id: None,
            title: first.title.clone(),
            state,
            because,
            started: first.first,
            ended,
            alerts: alerts().map(|alert| alert.id.clone()).collect(),
            devices,
            examined: making.entities.len(),
            findings,
            pending_actions: ids(true),
            past_actions: ids(false),
            expansions,
            log,
            more_steps,
        })
    }

    fn actions_of(&self, making: &Making) -> Vec<&Action> {
        let mut indices: Vec<usize> =
            making.entities.iter().filter_map(|entity| self.actions.get(entity)).flatten().copied().collect();
        indices.sort_unstable();
        indices.dedup();
        indices.into_iter().filter_map(|index| self.ground.actions.get(index)).collect()
    }

    fn findings(&self, making: &Making) -> Vec<Finding> {
        let things = making.entities.iter().filter(|at| self.is_bad(**at)).filter_map(|at| self.thing(*at));
        let mut findings: Vec<Finding> = things
            .map(|thing| Finding {
                entity: thing.name.clone(),
                verdict: thing.verdict.clone(),
                remediation_status: thing.status.clone(),
            })
            .collect();
        findings.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.entity.cmp(&b.entity)));
        findings
    }

    /// Devices of the alerts, those that bad entities bring in, and those that wait for approval.
    fn devices(&self, making: &Making) -> (Vec<InvestigatedDevice>, Vec<Expansion>) {
        let mut out: Vec<InvestigatedDevice> = Vec::new();
        let mut known: HashSet<u32> = HashSet::new();
        let mut add = |out: &mut Vec<InvestigatedDevice>, local: u32, through: Option<EntityName>| {
            if let Some(thing) = self.thing(local).filter(|_| known.insert(local)) {
                out.push(InvestigatedDevice { device: thing.name.clone(), level: thing.level, through });
            }
        };
        for local in making.entities.iter().copied().filter(|at| self.is_device(*at)) {
            add(&mut out, local, None);
        }
        let mut expansions = Vec::new();
        for local in making.entities.iter().copied().filter(|at| self.is_bad(*at)) {
            let Some(thing) = self.thing(local) else { continue };
            let on = |at: &&u32| self.thing(**at).is_some_and(|device| device.level != AutomationLevel::None);
            let others: Vec<u32> = thing.on.iter().filter(on).copied().collect();
            let asked = self.actions.get(&local).into_iter().flatten().filter_map(|i| self.ground.actions.get(*i));
            match asked.into_iter().find(|action| action.action == ActionKind::StartInvestigation) {
                Some(action) if !agreed(action) => expansions.push(Expansion {
                    through: thing.name.clone(),
                    devices: others.len(),
                    action: action.id.clone(),
                }),
                _ => others.into_iter().for_each(|device| add(&mut out, device, Some(thing.name.clone()))),
            }
        }
        (out, expansions)
    }

    fn log(
        &self,
        making: &Making,
        devices: &[InvestigatedDevice],
        actions: &[&Action],
        stopped: Option<&(At, String)>,
    ) -> (Vec<LogStep>, usize) {
        let mut steps: Vec<LogStep> = Vec::new();
        let step = |at: Option<At>, text: String| LogStep { at, text, action: None };
        for (nth, at) in making.alerts.iter().enumerate() {
            let Some(alert) = self.ground.alerts.get(*at) else { continue };
            let verb = if nth == 0 { "set off by" } else { "joined by" };
            steps.push(step(alert.first, format!("{verb} `{}`", alert.title)));
        }
        for (at, title) in &making.merged {
            steps.push(step(*at, format!("merged with the investigation that `{title}` set off")));
        }
        let start = making.alerts.first().and_then(|at| self.ground.alerts.get(*at)).and_then(|alert| alert.first);
        for device in devices {
            if let Some(through) = &device.through {
                steps.push(step(start, format!("{} came in: `{}` is found on it", device.device.name, through.name)));
            }
        }
        for action in actions {
            for taken in &action.history {
                let by = taken.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
                let note = taken.note.as_ref().map_or_else(String::new, |note| format!(": {note}"));
                let on = action.on.as_ref().map_or_else(String::new, |device| format!(" on {}", device.name));
                let (title, name) = (&action.title, &action.entity.name);
                let text = format!("{title} `{name}`{on}: {}{by}{note}", words(&taken.state));
                steps.push(LogStep { at: taken.at, text, action: Some(action.id.clone()) });
            }
            for clash in &action.contradictions {
                let text = format!("{} `{}`, {}: {}", action.title, action.entity.name, clash.by, clash.text);
                steps.push(LogStep { at: Some(clash.at), text, action: Some(action.id.clone()) });
            }
        }
        if let Some((at, by)) = stopped {
            steps.push(step(Some(*at), format!("ended by {by}")));
        }
        // Steps of one time stay in the order above, which the facts give.
        steps.sort_by_key(|step| step.at);
        let most = self.ground.policy.steps as usize;
        let more = steps.len().saturating_sub(most);
        steps.truncate(most);
        (steps, more)
    }
}

/// Did somebody agree to it?
fn agreed(action: &Action) -> bool {
    matches!(
        action.state,
        ActionState::Approved | ActionState::Running | ActionState::Completed | ActionState::Partially
    )
}

/// How far an investigation is, and why.
fn state(
    actions: &[&Action],
    findings: &[Finding],
    undecided: bool,
    stopped: Option<&str>,
) -> (InvestigationState, String) {
    use InvestigationState as I;
    if let Some(by) = stopped {
        return (I::TerminatedByUser, format!("{by} ended it"));
    }
    if undecided {
        return (I::Failed, "the work that the policy allows did not suffice to judge all of it".to_owned());
    }
    let count = |states: &[ActionState]| actions.iter().filter(|action| states.contains(&action.state)).count();
    let pending = count(&[ActionState::PendingApproval]);
    let going = count(&[ActionState::Approved, ActionState::Running]);
    let done = count(&[ActionState::Completed, ActionState::Partially]);
    let waiting = actions.iter().filter(|a| a.outcome == Some(ActionOutcome::Waiting)).count();
    let refused = count(&[ActionState::Rejected]);
    let expired = count(&[ActionState::Expired]);
    let failed = count(&[ActionState::Failed]);
    let undone = count(&[ActionState::Undone]);
    if pending > 0 && done > 0 {
        return (
            I::PartiallyRemediated,
            format!("{done} actions are done, {going} under way, {pending} wait for approval"),
        );
    }
    if pending > 0 {
        return (I::PendingApproval, format!("{pending} actions wait for approval"));
    }
    if going > 0 && going == waiting {
        return (I::PendingResource, format!("{waiting} actions wait for what they are done on"));
    }
    if going > 0 {
        return (I::Running, format!("{going} actions are under way"));
    }
    if expired > 0 {
        return (I::TerminatedBySystem, format!("{expired} actions expired, {done} are done"));
    }
    match (done, refused + failed + undone) {
        (0, 0) if findings.is_empty() => (I::Benign, "no threat was found".to_owned()),
        (0, 0) if findings.iter().all(|finding| is_mended(&finding.remediation_status)) => {
            (I::SuccessfullyRemediated, "what was found has been dealt with by its vendor".to_owned())
        }
        (0, 0) => (I::PartiallyInvestigated, "threats were found that no action is asked for".to_owned()),
        (0, _) if refused > 0 && failed == 0 && undone == 0 => {
            (I::TerminatedByUser, format!("all {refused} actions were rejected"))
        }
        (0, _) => (I::PartiallyInvestigated, format!("{failed} actions failed, {undone} were taken back")),
        // Once everything was agreed to it stays so, even if an action fails later.
        (done, _) if refused + undone == 0 => {
            (I::SuccessfullyRemediated, format!("{done} actions are done, {failed} failed after they were agreed to"))
        }
        (done, _) => {
            (I::PartiallyRemediated, format!("{done} actions are done, {} are not", refused + failed + undone))
        }
    }
}
