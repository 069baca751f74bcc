//! What the verdicts of an incident call for.
//!
//! In: the judged scene, and what the caller tells of its entities. Out: actions on entities, each with what becomes
//! of it unasked and why. Verdict rules may ask for more. What the vendor has dealt with is left alone.

use hashbrown::{HashMap, HashSet};

use crate::judge::{Judged, Judgement, Scene};
use crate::model::{ActionKind, EvidenceRole, RemediationStatus, Verdict};
use crate::policy::{AutomationLevel, Response};
use crate::resolve::{EntityKind, Relation};

use super::automation::{FolderClass, Standing, mode};
use super::catalogue::info;
use super::state::Mode;

/// An action that a verdict calls for, on entities by local id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recommended {
    pub(crate) action: ActionKind,
    pub(crate) entity: u32,
    pub(crate) on: Option<u32>,
    pub(crate) mode: Mode,
    pub(crate) malicious: bool,
    pub(crate) level: AutomationLevel,
    pub(crate) folder: Option<FolderClass>,
    pub(crate) why: Why,
}

/// What calls for an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// The entity's own verdict.
    Verdict,
    /// The role that evidence gives it.
    Role,
    /// What is bad about another entity, by local id.
    Beside(u32),
    /// A verdict rule, by title.
    Rule(String),
}

/// What is asked of the caller about entities by local id.
pub(crate) trait Told {
    /// Places of a file.
    fn paths(&self, entity: u32) -> Vec<String>;
    /// The group of a device.
    fn group(&self, device: u32) -> Option<String>;
    /// What the vendor last said has been done.
    fn status(&self, entity: u32) -> RemediationStatus;
    /// Of which sort a mailbox's setting is: Graph's `configurationType`.
    fn setting(&self, entity: u32) -> Option<String>;
    /// Is the registry entry that of a service?
    fn is_service(&self, entity: u32) -> bool;
    /// Is the address one of the own network?
    fn is_internal(&self, address: u32) -> bool;
}

/// What the policy left out, in words.
pub(crate) type Left = Vec<String>;

/// What an incident calls for, the worst verdicts first. `O(entities + rows + relations)`.
pub(crate) fn recommend(
    scene: &Scene,
    judgement: &Judgement,
    told: &dyn Told,
    policy: &Response,
) -> (Vec<Recommended>, Left) {
    let mut finder = Finder::new(scene, judgement, told, policy);
    for local in finder.by_verdict() {
        finder.look_at(local);
    }
    finder.rules();
    let (mut found, mut left) = (finder.out, finder.left);
    let most = policy.actions as usize;
    if found.len() > most {
        left.push(format!("{} more actions, `response.actions` allows {most}", found.len() - most));
        found.truncate(most);
    }
    (found, left)
}

struct Finder<'s> {
    scene: &'s Scene,
    judgement: &'s Judgement,
    told: &'s dyn Told,
    policy: &'s Response,
    /// Relations of each entity, by index, and which end it is.
    arcs: HashMap<u32, Vec<u32>>,
    roles: Vec<u16>,
    levels: HashMap<u32, AutomationLevel>,
    folders: HashMap<u32, Vec<FolderClass>>,
    known: HashSet<(ActionKind, u32, Option<u32>)>,
    out: Vec<Recommended>,
    left: Left,
}

fn bit(role: &EvidenceRole) -> u16 {
    role.index().filter(|index| *index < 16).map_or(0, |index| 1 << index)
}

impl<'s> Finder<'s> {
    fn new(scene: &'s Scene, judgement: &'s Judgement, told: &'s dyn Told, policy: &'s Response) -> Finder<'s> {
        let mut arcs: HashMap<u32, Vec<u32>> = HashMap::new();
        for (index, arc) in scene.arcs.iter().enumerate() {
            for end in [arc.from, arc.to] {
                arcs.entry(end).or_default().push(index as u32);
            }
        }
        let mut roles = vec![0; scene.entities.len()];
        for row in &scene.rows {
            if let Some(slot) = roles.get_mut(row.entity as usize) {
                *slot |= row.roles;
            }
        }
        Finder {
            scene,
            judgement,
            told,
            policy,
            arcs,
            roles,
            levels: HashMap::new(),
            folders: HashMap::new(),
            known: HashSet::new(),
            out: Vec::new(),
            left: Vec::new(),
        }
    }

    /// Entities that are judged bad or hold a role, the worst first.
    fn by_verdict(&self) -> Vec<u32> {
        let mut order: Vec<(u32, &Judged)> = (0u32..).zip(&self.judgement.entities).collect();
        order.sort_by(|(a, x), (b, y)| y.verdict.cmp(&x.verdict).then(y.score.total_cmp(&x.score)).then(a.cmp(b)));
        order.into_iter().map(|(local, _)| local).collect()
    }

    fn kind(&self, local: u32) -> Option<EntityKind> {
        self.scene.kinds.get(local as usize).filter(|(_, common)| !common).map(|(kind, _)| *kind)
    }

    fn verdict(&self, local: u32) -> Verdict {
        self.judgement.entities.get(local as usize).map_or(Verdict::Unknown, |judged| judged.verdict.clone())
    }

    /// Entities at the other end of these relations, in the order of the scene.
    fn along(&self, local: u32, relation: Relation, forward: bool) -> Vec<u32> {
        let arcs = self.arcs.get(&local).into_iter().flatten().filter_map(|i| self.scene.arcs.get(*i as usize));
        let ends = arcs.filter(|arc| arc.relation == relation).filter_map(|arc| {
            let (here, there) = if forward { (arc.from, arc.to) } else { (arc.to, arc.from) };
            (here == local).then_some(there)
        });
        let mut out: Vec<u32> = ends.collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    fn look_at(&mut self, local: u32) {
        let Some(kind) = self.kind(local) else { return };
        let verdict = self.verdict(local);
        let bad = verdict >= Verdict::Suspicious;
        let malicious = verdict == Verdict::Malicious;
        match kind {
            EntityKind::User => self.account(local, &verdict),
            EntityKind::Device | EntityKind::IotDevice => self.machine(local, malicious),
            _ if !bad => {}
            EntityKind::File => self.file(local, malicious),
            EntityKind::Process => self.propose(&ActionKind::StopProcess, local, malicious, Why::Verdict),
            EntityKind::RegistryKey | EntityKind::RegistryValue => {
                let service = self.told.is_service(local);
                let action = if service { ActionKind::StopService } else { ActionKind::RemoveRegistryKey };
                self.propose(&action, local, malicious, Why::Verdict);
            }
            EntityKind::Ip => {
                let inside = self.told.is_internal(local);
                let action = if inside { ActionKind::ContainIp } else { ActionKind::BlockIp };
                self.propose(&action, local, malicious, Why::Verdict);
            }
            EntityKind::Url | EntityKind::Dns => self.propose(&ActionKind::BlockUrl, local, malicious, Why::Verdict),
            EntityKind::AnalyzedMessage | EntityKind::MailCluster | EntityKind::SubmissionMail => {
                self.propose(&ActionKind::SoftDelete, local, malicious, Why::Verdict);
            }
            EntityKind::MailboxConfiguration => {
                let action = self.setting(local);
                self.propose(&action, local, malicious, Why::Verdict);
            }
            EntityKind::CloudLogonSession | EntityKind::HostLogonSession | EntityKind::CloudLogonRequest => {
                for user in self.along(local, Relation::SessionOf, true) {
                    self.propose(&ActionKind::RevokeSessions, user, malicious, Why::Beside(local));
                }
            }
            _ => {}
        }
    }

    fn file(&mut self, local: u32, malicious: bool) {
        let devices = self.along(local, Relation::On, true);
        let action = if devices.is_empty() { ActionKind::BlockFile } else { ActionKind::QuarantineFile };
        self.propose(&action, local, malicious, Why::Verdict);
        // To look at all of them is more than one alert gives cause for.
        let levels: Vec<AutomationLevel> = devices.iter().map(|device| self.level(Some(*device))).collect();
        let investigated = levels.iter().filter(|level| **level != AutomationLevel::None).count();
        if investigated >= self.policy.expansion_devices as usize
            && self.known.insert((ActionKind::StartInvestigation, local, None))
        {
            self.out.push(Recommended {
                action: ActionKind::StartInvestigation,
                entity: local,
                on: None,
                mode: Mode::Approval,
                malicious,
                level: self.policy.level,
                folder: None,
                why: Why::Verdict,
            });
        }
    }

    fn setting(&self, local: u32) -> ActionKind {
        match self.told.setting(local).as_deref() {
            Some("mailForwardingRule") => ActionKind::DisableExternalForwarding,
            Some("mailDelegation") => ActionKind::RemoveDelegation,
            _ => ActionKind::RemoveInboxRule,
        }
    }

    fn has_role(&self, local: u32, roles: &[EvidenceRole]) -> bool {
        let held = self.roles.get(local as usize).copied().unwrap_or(0);
        roles.iter().any(|role| held & bit(role) != 0)
    }

    /// An account that evidence calls compromised, or that the attacker used a session of.
    fn account(&mut self, local: u32, verdict: &Verdict) {
        let taken = self.has_role(local, &[EvidenceRole::Compromised, EvidenceRole::Attacker]);
        let bad = *verdict >= Verdict::Suspicious;
        if !taken && !bad || *verdict == Verdict::Clean {
            return;
        }
        let malicious = taken || *verdict == Verdict::Malicious;
        let why = if bad { Why::Verdict } else { Why::Role };
        for action in [ActionKind::RevokeSessions, ActionKind::ForcePasswordReset, ActionKind::DisableUser] {
            if action != ActionKind::DisableUser || malicious {
                self.propose(&action, local, malicious, why.clone());
            }
        }
    }

    /// A device that the attacker acts from: judged so, called so, or with a malicious program that ran on it.
    fn machine(&mut self, local: u32, malicious: bool) {
        let ran = || {
            let on_it = self.along(local, Relation::On, false).into_iter();
            on_it
                .filter(|at| self.kind(*at) == Some(EntityKind::Process) && self.verdict(*at) == Verdict::Malicious)
                .min()
        };
        let why = if malicious {
            Why::Verdict
        } else if self.has_role(local, &[EvidenceRole::Compromised, EvidenceRole::Attacker]) {
            Why::Role
        } else if let Some(process) = ran() {
            Why::Beside(process)
        } else {
            return;
        };
        let action = if self.policy.disruption { ActionKind::ContainDevice } else { ActionKind::IsolateDevice };
        self.propose(&action, local, true, why);
    }

    /// What verdict rules ask for on what they fit, if it is judged bad.
    fn rules(&mut self) {
        let judgement = self.judgement;
        for opinion in &judgement.rules.opinions {
            let verdict = self.verdict(opinion.entity);
            // What every machine has is nobody's to remove.
            let common = self.kind(opinion.entity).is_none();
            if common || verdict < Verdict::Suspicious || opinion.verdict < Verdict::Suspicious {
                continue;
            }
            let title = judgement.rules.words(opinion.rule).map_or_else(String::new, |words| words.title.clone());
            for action in &opinion.face.actions {
                let malicious = verdict == Verdict::Malicious;
                match self.target(action, opinion.entity) {
                    Some((action, target)) => self.propose(&action, target, malicious, Why::Rule(title.clone())),
                    None => {
                        let text = format!("`{title}` asks for `{action}`, which applies to nothing here");
                        if !self.left.contains(&text) {
                            self.left.push(text);
                        }
                    }
                }
            }
        }
    }

    /// What an action that a rule names on an entity means: it, or what it is on, runs, belongs to.
    fn target(&self, action: &ActionKind, local: u32) -> Option<(ActionKind, u32)> {
        let action = match (action, self.kind(local)?) {
            (ActionKind::RemovePersistence, EntityKind::RegistryKey | EntityKind::RegistryValue) => {
                ActionKind::RemoveRegistryKey
            }
            (ActionKind::RemovePersistence, EntityKind::File) => ActionKind::QuarantineFile,
            (ActionKind::RemovePersistence, EntityKind::MailboxConfiguration) => self.setting(local),
            (action, _) => action.clone(),
        };
        let row = info(&action)?;
        let fits = |at: &u32| self.kind(*at).is_some_and(|kind| row.applies(kind));
        if fits(&local) {
            return Some((action, local));
        }
        let ways = [
            (Relation::Image, true),
            (Relation::On, true),
            (Relation::SessionOf, true),
            (Relation::RunsAs, true),
            (Relation::Owner, true),
            (Relation::Wrote, true),
            (Relation::Connected, true),
            (Relation::Contains, true),
            (Relation::Recipient, true),
        ];
        let found = ways
            .iter()
            .find_map(|(relation, forward)| self.along(local, *relation, *forward).into_iter().find(fits))?;
        Some((action, found))
    }

    /// Adds an action, on every device that it is done on.
    fn propose(&mut self, action: &ActionKind, local: u32, malicious: bool, why: Why) {
        let Some(row) = info(action) else { return };
        if settled_by_vendor(&self.told.status(local)) && row.remediates {
            return;
        }
        if !row.needs_device {
            let device = matches!(self.kind(local), Some(EntityKind::Device | EntityKind::IotDevice)).then_some(local);
            return self.push(action, local, None, device, malicious, why);
        }
        let mut devices = self.along(local, Relation::On, true);
        let most = self.policy.devices as usize;
        if devices.len() > most {
            self.left
                .push(format!("`{action}` on {} more devices, `response.devices` allows {most}", devices.len() - most));
            devices.truncate(most);
        }
        if devices.is_empty() {
            return self.push(action, local, None, None, malicious, why);
        }
        for device in devices {
            self.push(action, local, Some(device), Some(device), malicious, why.clone());
        }
    }

    fn push(
        &mut self,
        action: &ActionKind,
        entity: u32,
        on: Option<u32>,
        device: Option<u32>,
        malicious: bool,
        why: Why,
    ) {
        let Some(row) = info(action) else { return };
        let level = self.level(device);
        let folders = self.folder(entity);
        // Of several places the most careful one counts.
        let modes = folders.iter().map(|folder| {
            (mode(row.class, Standing { malicious, level, folder: Some(*folder) }, self.policy), Some(*folder))
        });
        let careful = modes.min_by_key(|(mode, folder)| (mode.is_some(), *mode, std::cmp::Reverse(*folder)));
        let none = || (mode(row.class, Standing { malicious, level, folder: None }, self.policy), None);
        let (mode, folder) = careful.unwrap_or_else(none);
        let Some(mut mode) = mode else { return };
        // What is suspicious for its company alone keeps nobody waiting.
        let judged = self.judgement.entities.get(entity as usize);
        if !malicious && why == Why::Verdict && judged.is_some_and(|judged| judged.search.is_some()) {
            mode = Mode::Propose;
        }
        if self.known.insert((action.clone(), entity, on)) {
            let action = action.clone();
            self.out.push(Recommended { action, entity, on, mode, malicious, level, folder, why });
        }
    }

    fn level(&mut self, device: Option<u32>) -> AutomationLevel {
        let Some(device) = device else { return self.policy.level };
        if self.policy.device_groups.is_empty() {
            return self.policy.level;
        }
        let (told, policy) = (self.told, self.policy);
        *self.levels.entry(device).or_insert_with(|| policy.level_of(told.group(device).as_deref()))
    }

    /// Where a file, or the program of a process, lies.
    fn folder(&mut self, entity: u32) -> Vec<FolderClass> {
        let files = match self.kind(entity) {
            Some(EntityKind::File) => vec![entity],
            Some(EntityKind::Process) => self.along(entity, Relation::Image, true),
            _ => Vec::new(),
        };
        let mut classes = Vec::new();
        for file in files {
            let (told, policy) = (self.told, self.policy);
            let of = self.folders.entry(file).or_insert_with(|| {
                let paths = told.paths(file);
                let mut classes: Vec<FolderClass> = paths.iter().map(|path| FolderClass::of(path, policy)).collect();
                classes.sort_unstable();
                classes.dedup();
                // A file of which no place is known lies anywhere.
                if classes.is_empty() { vec![FolderClass::Other] } else { classes }
            });
            classes.extend(of.iter().copied());
        }
        classes.sort_unstable();
        classes.dedup();
        classes
    }
}

/// The vendor did it, does it, or somebody there said no: nothing to ask for.
fn settled_by_vendor(status: &RemediationStatus) -> bool {
    use RemediationStatus::{Blocked, Declined, NotFound, Prevented, Remediated, Running, Unremediated};
    matches!(status, Blocked | Declined | NotFound | Prevented | Remediated | Running | Unremediated)
}
