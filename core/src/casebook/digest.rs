//! An incident as a comparison looks at it: judged and counted, but with no text that is not needed.

use hashbrown::HashMap;

use crate::judge::rounded;
use crate::model::Verdict;
use crate::resolve::store::UNDATED;
use crate::summary::{Case, Digest, Held, IncidentState, Judged, Tally, outline};

use super::present::{CaseAlerts, Presenter};

impl<'c> Presenter<'c> {
    /// Judges an incident and takes down what comparisons look at.
    pub(super) fn digest(&mut self, incident: u32) -> Digest<'c> {
        self.judge(incident);
        let (book, derived) = (self.book, self.derived);
        let store = &book.store;
        let CaseAlerts { alerts, rare, detectors, tenant, .. } = self.case_alerts();
        let tenant_of = |alert: &u32| {
            let head = derived.alerts.get(*alert as usize).and_then(|a| store.alerts.get(a.head as usize));
            head.map_or("", |row| store.text(row.tenant))
        };
        let shown = alerts.iter().zip(&self.scene.alerts);
        let shown = shown.map(|(a, at)| Held { tenant: tenant_of(at), id: a.id, title: a.title, fact: a.fact });
        let shown: Vec<Held<'c>> = shown.collect();
        let mut tally = Tally::default();
        self.tally(&mut tally);
        let priority = tally.priority(self.stages.len(), &book.policy.summary);
        let case = Case {
            tenant,
            scene: &self.scene,
            judgement: &self.judgement,
            alerts,
            // None of these has a say in title, severity or kill chain.
            entities: Vec::new(),
            links: Vec::new(),
            redundant: 0,
            near: Vec::new(),
            near_more: 0,
            decisions: derived.decided.about(&self.scene.alerts).into_iter().map(|e| (&e.decision, e.fact)).collect(),
            vendor: Vec::new(),
            full: false,
            policy: &book.policy.summary,
            rare,
            detectors,
        };
        let (title, severity, chain) = outline(&case, &self.stages);
        let standing = self.scene.alerts.iter().filter_map(|a| derived.alerts.get(*a as usize));
        let entities = self.scene.entities.iter().zip(&self.judgement.entities);
        Digest {
            state: IncidentState {
                id: shown.first().map_or_else(String::new, |first| first.id.to_owned()),
                tenant_id: tenant.to_owned(),
                title,
                severity,
                priority: priority.score,
                band: priority.band,
                contributions: priority.contributions,
                stages: chain.stages.iter().filter(|stage| stage.observed).map(|stage| stage.tactic).collect(),
                progress: chain.progress,
                alerts: shown.len(),
            },
            last: standing.map(|alert| alert.last).max().unwrap_or(UNDATED),
            alerts: shown,
            entities: entities
                .map(|(entity, judged)| Judged {
                    key: derived.entities.key(store, *entity),
                    verdict: judged.verdict.clone(),
                    score: rounded(judged.score),
                })
                .collect(),
        }
    }

    /// Names of some entities of an incident, by local id.
    pub(super) fn names_in(&mut self, incident: u32, wanted: &[usize]) -> HashMap<usize, String> {
        self.lay_out(incident);
        let names = self.names_of(&|local| wanted.contains(&(local as usize)));
        names.into_iter().enumerate().filter(|(local, _)| wanted.contains(local)).collect()
    }

    /// The worst verdict of an entity over all incidents that hold it; `None` when none does. `O(their alerts)`.
    pub(super) fn worst(&mut self, entities: &[u32], incidents: &[u32]) -> Option<Verdict> {
        let mut worst = None;
        for incident in incidents {
            self.judge(*incident);
            let places = self.scene.entities.iter().zip(&self.judgement.entities);
            let held = places.filter(|(entity, _)| entities.contains(entity)).map(|(_, judged)| judged.verdict.clone());
            worst = worst.max(held.max());
        }
        worst
    }
}
