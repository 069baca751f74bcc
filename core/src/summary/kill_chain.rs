//! How far the attack came: the stages of ATT&CK that the alerts of an incident show.

use crate::attack::{self, Category, Domain, Edition, Tactic};
use crate::model::{AlertSeverity, Verdict};
use crate::policy::AttackEdition;

use super::case::Case;
use super::shapes::{KillChain, Stage, Step};

/// Stages as bits, in matrix order.
pub(crate) type StageMask = u32;

/// The stages of one edition, and where words lead.
#[derive(Debug, Clone)]
pub(crate) struct StageTable {
    edition: Edition,
    stages: &'static [Tactic],
}

impl StageTable {
    pub(crate) fn new(edition: AttackEdition) -> StageTable {
        let edition = match edition {
            AttackEdition::V18 => Edition::V18,
            AttackEdition::V19 => Edition::V19,
        };
        StageTable { edition, stages: attack::tactics(Domain::Enterprise, edition) }
    }

    pub(crate) fn len(&self) -> usize {
        self.stages.len()
    }

    fn bits(&self, tactic: &Tactic) -> StageMask {
        let same = |(i, stage): (usize, &Tactic)| stage.same_stage(tactic).then_some(1 << i);
        self.stages.iter().enumerate().filter_map(same).fold(0, |mask, bit| mask | bit)
    }

    /// The stage that a vendor's category means; none for components such as `Malware`.
    pub(crate) fn category(&self, text: &str) -> StageMask {
        match attack::category(text) {
            Category::Tactic(tactic) => self.bits(tactic),
            _ => 0,
        }
    }

    /// The stages that a technique serves.
    pub(crate) fn technique(&self, id: &str) -> StageMask {
        let technique = attack::technique(id).map(|t| t.current());
        technique.map_or(0, |t| t.tactics(self.edition).fold(0, |mask, tactic| mask | self.bits(tactic)))
    }
}

/// Stages of an alert: of its categories and techniques. A technique of several tactics counts for
/// those that a category of the alert names too, if there are any: the alert says which it saw.
pub(crate) fn stages_of(categories: StageMask, techniques: impl Iterator<Item = StageMask>) -> StageMask {
    techniques.fold(categories, |mask, technique| {
        let shared = technique & categories;
        mask | if shared != 0 { shared } else { technique }
    })
}

pub(super) fn kill_chain(case: &Case<'_>, table: &StageTable) -> KillChain {
    let mut stages: Vec<Stage> = table
        .stages
        .iter()
        .map(|tactic| Stage {
            tactic: tactic.short_name,
            name: tactic.name,
            observed: false,
            alerts: Vec::new(),
            techniques: Vec::new(),
            entities: 0,
            highest_severity: AlertSeverity::Unknown,
            highest_verdict: Verdict::Unknown,
            first: None,
            last: None,
        })
        .collect();
    let mut entities: Vec<Vec<u32>> = vec![Vec::new(); stages.len()];
    // Rows stand in the order of their alerts.
    let mut rows = case.scene.rows.chunk_by(|a, b| a.alert == b.alert).peekable();
    for (local, alert) in case.alerts.iter().enumerate() {
        let held = rows.next_if(|chunk| chunk.first().is_some_and(|r| r.alert == local as u32)).unwrap_or_default();
        for (i, stage) in stages.iter_mut().enumerate().filter(|(i, _)| alert.stages & (1 << i) != 0) {
            stage.observed = true;
            if alert.repeat_of.is_none() {
                stage.alerts.push(alert.id.to_owned());
            }
            for technique in &alert.techniques {
                let belongs = table.technique(technique) & (1 << i) != 0;
                if belongs && !stage.techniques.iter().any(|t| t == technique) {
                    stage.techniques.push((*technique).to_owned());
                }
            }
            if let Some(list) = entities.get_mut(i) {
                list.extend(held.iter().map(|row| row.entity));
            }
            stage.highest_severity = stage.highest_severity.clone().max(alert.severity.clone());
            stage.first = min_some(stage.first, alert.first);
            stage.last = stage.last.max(alert.last.or(alert.first));
        }
    }
    for (stage, mut held) in stages.iter_mut().zip(entities) {
        held.sort_unstable();
        held.dedup();
        stage.entities = held.len();
        stage.techniques.sort_unstable();
        let verdicts = held.iter().filter_map(|e| case.judgement.entities.get(*e as usize)).map(|j| j.verdict.clone());
        stage.highest_verdict = verdicts.max().unwrap_or_default();
    }
    let observed = stages.iter().filter(|s| s.observed).count();
    let furthest = stages.iter().rposition(|s| s.observed);
    let total = stages.len();
    KillChain {
        edition: if table.edition == Edition::V19 { "v19" } else { "v18" },
        attack_version: attack::VERSION,
        observed,
        total,
        furthest: furthest.and_then(|i| stages.get(i)).map(|s| s.tactic),
        progress: furthest.map_or(0, |i| ((i + 1) * 100 / total) as u8),
        order: order(&stages),
        gaps: stages.iter().take(furthest.unwrap_or(0)).filter(|s| !s.observed).map(|s| s.tactic).collect(),
        dwell_seconds: dwell(&stages),
        stages,
    }
}

fn min_some<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The stages in the order in which they were first seen.
fn order(stages: &[Stage]) -> Vec<Step> {
    let mut seen: Vec<(&Stage, i64)> =
        stages.iter().filter_map(|s| Some((s, s.first?.timestamp_nanos_opt()?))).collect();
    // Stable: stages first seen at one time stay in matrix order.
    seen.sort_by_key(|(_, first)| *first);
    let mut before: Option<i64> = None;
    seen.iter()
        .map(|(stage, first)| {
            let after_seconds = before.map(|b| (first - b) / 1_000_000_000);
            before = Some(*first);
            Step { tactic: stage.tactic, first: stage.first, after_seconds }
        })
        .collect()
}

fn dwell(stages: &[Stage]) -> Option<i64> {
    let first = stages.iter().filter_map(|s| s.first).min()?;
    let last = stages.iter().filter_map(|s| s.last).max()?;
    Some((last - first).num_seconds())
}
