//! Lays an incident out for its plan.

use chrono::{DateTime, Utc};
use hashbrown::HashMap;

use crate::casebook::Casebook;
use crate::casebook::present::Presenter;
use crate::error::Result;
use crate::model::{ActionKind, ActionState, ActionTarget, Time};
use crate::respond::plan::{Ground, Thing, plan};
use crate::respond::status::is_mended;
use crate::respond::{Action, EntityName, Plan, Response};

use super::build::digest;

impl Casebook {
    /// The cheapest actions that cut every path from what the attacker holds to the assets of an incident that are not
    /// lost yet, as of the time `at`, with the proof that nothing cheaper does and what it breaks.
    ///
    /// The attacker holds what is judged malicious, what evidence gives the role of attacker, command and control or
    /// compromised, and devices on which a malicious process ran; what is remediated, blocked or cut off is held no more.
    /// Costs and ways are those of [`Planning`](crate::policy::Planning). `O(incident)`, and at worst entities squared times ways for the
    /// cut, within the limits of the policy.
    ///
    /// ```
    /// use casegraph::model::Time;
    /// use casegraph::{Casebook, sample};
    ///
    /// let mut book = Casebook::new();
    /// book.ingest("sample", sample::ALERTS.as_bytes())?;
    /// let at = Time::parse("2026-03-12T09:00:00Z").ok_or("no time")?;
    /// let plan = book.plan(&book.queue()[0].id, &at)?;
    /// plan.check()?;
    /// // Without its first action, somebody is reached again.
    /// let rest = plan.what_if_only(plan.actions.iter().skip(1).map(|action| &action.id))?;
    /// assert_eq!(rest.reached.is_empty(), plan.actions.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`](crate::ErrorCode::NotFound).
    pub fn plan(&self, alert_id: &str, at: &Time) -> Result<Plan> {
        let incident = self.incident_of(alert_id)?;
        let mut presenter = Presenter::new(self);
        let response = presenter.response(incident, at.into());
        Ok(presenter.plan(incident, &response))
    }
}

impl Presenter<'_> {
    pub(in crate::casebook) fn plan(&mut self, incident: u32, response: &Response) -> Plan {
        self.judge(incident);
        let things = self.things_to_plan(response);
        let relations: Vec<_> = self.scene.arcs.iter().map(|arc| (arc.from, arc.relation, arc.to)).collect();
        let by_id: HashMap<&str, &Action> =
            response.actions.iter().map(|action| (action.id.as_str(), action)).collect();
        let tenant = self.tenant();
        let told = |target: &ActionTarget| {
            let id = digest(tenant, &target.action, &target.entity, target.on.as_deref());
            let state = by_id.get(id.as_str()).map(|action| action.state.clone());
            (id, state)
        };
        plan(&Ground {
            incident: response.incident.clone(),
            at: response.at,
            things: &things,
            relations: &relations,
            policy: &self.book.policy.response.plan,
            told: &told,
        })
    }

    /// The entities of the incident at hand as a plan sees them.
    fn things_to_plan(&self, response: &Response) -> Vec<Thing> {
        let names = self.names();
        let mut roles = vec![0_u16; self.scene.entities.len()];
        for row in &self.scene.rows {
            if let Some(slot) = roles.get_mut(row.entity as usize) {
                *slot |= row.roles;
            }
        }
        let dealt = dealt_with(response);
        let criticality = self.criticality();
        let entities = (0_u32..).zip(&self.scene.kinds).zip(&self.judgement.entities);
        entities
            .zip(names.iter())
            .zip(roles.into_iter().zip(criticality))
            .map(|((((local, (kind, common)), judged), name), (roles, criticality))| {
                let id = self.entity_id(local);
                Thing {
                    dealt_with: dealt.get(id.as_str()).cloned(),
                    name: EntityName { id, kind: *kind, name: name.clone() },
                    common: *common,
                    verdict: judged.verdict.clone(),
                    roles,
                    criticality,
                }
            })
            .collect()
    }
}

/// Entities that nothing has to be done about any more, and why: their status says so, or they are cut off.
fn dealt_with(response: &Response) -> HashMap<&str, String> {
    let mut out: HashMap<&str, String> = HashMap::new();
    for evidence in &response.evidence {
        if is_mended(&evidence.remediation_status) {
            let because = format!("its status is {}", evidence.remediation_status);
            out.insert(&evidence.entity.id, because);
        }
    }
    let cut_off = [ActionKind::IsolateDevice, ActionKind::ContainDevice, ActionKind::ContainUser];
    for action in response.actions.iter().filter(|action| cut_off.contains(&action.action)) {
        if action.state == ActionState::Completed && action.undo.is_none() {
            let since =
                action.since.map(|since: DateTime<Utc>| format!(" since {}", since.format("%Y-%m-%d %H:%M UTC")));
            out.entry(&action.entity.id)
                .or_insert_with(|| format!("`{}` is done{}", action.title, since.unwrap_or_default()));
        }
    }
    out
}
