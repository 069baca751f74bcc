//! The checker: goes over a proof with nothing but the facts, the policy and the rules.
//!
//! In: an explanation and all facts of a log. Out: nothing, or the first step that does not hold. `log` reads the
//! facts, `said` gathers what is said of each entity, `judged` works out what that amounts to, `stated` what a
//! proof has to say then. Because it sees all facts, it also finds what was left out: an opinion of a higher
//! authority, a newer version, a better path.
//!
//! This folder must never know the engine: neither what it keeps, nor its search, nor how it joins alerts. It shares
//! with it the reading of records, what one alert says under a policy, the evaluation of rules, the definition of a
//! score, and the words.

mod flaw;
mod judged;
mod log;
mod said;
mod stated;

use serde_json::Value;

use crate::policy::Policy;
use crate::rules::RuleSet;

use super::proof::{Basis, Explanation, Member, SCHEMA, difference};
pub use flaw::{Flaw, FlawKind};
use judged::Case;
pub(crate) use log::{Given, World, in_force};

/// Members of a proof in the order in which they are compared: what follows from others comes after them.
const MEMBERS: [(&str, FlawKind); 19] = [
    ("schema", FlawKind::Basis),
    ("entity", FlawKind::Entity),
    ("tenantId", FlawKind::Entity),
    ("kind", FlawKind::Entity),
    ("name", FlawKind::Words),
    ("identifiers", FlawKind::Entity),
    ("opinions", FlawKind::Opinion),
    ("overruled", FlawKind::Opinion),
    ("start", FlawKind::Path),
    ("path", FlawKind::Path),
    ("spared", FlawKind::Opinion),
    ("score", FlawKind::Score),
    ("authority", FlawKind::Verdict),
    ("verdict", FlawKind::Verdict),
    ("impacted", FlawKind::Verdict),
    ("examined", FlawKind::Examination),
    ("missing", FlawKind::Examination),
    ("limits", FlawKind::Examination),
    ("because", FlawKind::Words),
];

impl World<'_> {
    /// Goes over a proof.
    ///
    /// # Errors
    /// The first step that does not hold.
    pub(crate) fn check(&self, proof: &Explanation, policy: &Policy, rules: Option<&RuleSet>) -> Result<(), Flaw> {
        if proof.undecided.is_some() {
            let message = "the budget ran out before the verdict was settled: it proves nothing";
            return Err(Flaw::new(FlawKind::Unfinished, "$.undecided", message));
        }
        self.leaves(proof)?;
        let incident = self.incident(&proof.basis)?;
        let members = incident.iter().map(|alert| self.member(*alert)).collect();
        let basis = Basis::new(policy, rules.map(|rules| rules.hash().to_owned()), members);
        if proof.schema != SCHEMA || proof.basis.engine != basis.engine {
            let message = format!("it was made by another version, this is {} with {SCHEMA}", basis.engine);
            return Err(Flaw::new(FlawKind::Basis, "$.basis.engine", message));
        }
        compare("basis", FlawKind::Basis, &json(&proof.basis), &json(&basis))?;
        let case = Case::new(self, &incident, policy, rules);
        let entity = (0..case.scene.entities.len())
            .find(|entity| case.id(*entity) == proof.entity && case.tenant(*entity) == proof.tenant_id);
        let entity =
            entity.ok_or_else(|| Flaw::new(FlawKind::Entity, "$.entity", "the incident holds no such entity"))?;
        let (given, expected) = (json(proof), json(&case.proof(entity, basis)));
        for (member, kind) in MEMBERS {
            let of = |proof: &Value| proof.get(member).cloned().unwrap_or_default();
            compare(member, kind, &of(&given), &of(&expected))?;
        }
        // Whatever members there are, all of them are compared.
        compare("", FlawKind::Words, &given, &expected)
    }

    /// The facts that the proof names are there, in force, and the versions that stand.
    fn leaves(&self, proof: &Explanation) -> Result<(), Flaw> {
        let mut named = Vec::new();
        let start = proof.start.as_ref().map(|start| ("start.opinions", &start.opinions));
        let lists = [("opinions", &proof.opinions), ("overruled", &proof.overruled)];
        for (list, opinions) in lists.into_iter().chain(start) {
            for (i, opinion) in opinions.iter().enumerate() {
                named.extend(opinion.fact.map(|fact| (format!("$.{list}[{i}].fact"), fact)));
                let looked = opinion.looked_at.iter().enumerate();
                named.extend(looked.map(|(j, fact)| (format!("$.{list}[{i}].lookedAt[{j}]"), *fact)));
            }
        }
        named.extend(proof.path.iter().enumerate().map(|(i, step)| (format!("$.path[{i}].fact"), step.fact)));
        for (i, member) in proof.basis.incident.iter().enumerate() {
            let facts = member.facts.iter().enumerate();
            named.extend(facts.map(|(j, fact)| (format!("$.basis.incident[{i}].facts[{j}]"), *fact)));
        }
        for (at, fact) in named {
            let wrong = |message: &str| Err(Flaw::new(FlawKind::Fact, at.clone(), format!("fact `{fact}` {message}")));
            if self.withdrawn.contains(&fact) {
                return wrong("was withdrawn");
            }
            if !self.records.iter().any(|record| record.id == fact) {
                return wrong("is not in the log");
            }
            let rows = self.store.alerts.iter().zip(0..).filter(|(row, _)| self.records_id(row.fact) == Some(fact));
            let mut rows = rows.map(|(_, row)| row).peekable();
            let stands = |row: u32| self.alerts.iter().any(|alert| alert.rows.contains(&row));
            if rows.peek().is_some() && !rows.any(stands) {
                return wrong("is not the version of its alert that stands");
            }
        }
        Ok(())
    }

    fn records_id(&self, at: u32) -> Option<crate::model::FactId> {
        self.records.get(at as usize).map(|record| record.id)
    }

    fn member(&self, alert: usize) -> Member {
        let standing = self.alerts.get(alert);
        Member {
            alert: standing.map(|alert| alert.id.clone()).unwrap_or_default(),
            tenant_id: standing.map(|alert| alert.tenant.clone()).unwrap_or_default(),
            facts: standing.map(|alert| alert.rows.iter().map(|row| self.fact(*row)).collect()).unwrap_or_default(),
        }
    }

    /// The alerts of the incident by number; the proof takes for granted that they are one.
    fn incident(&self, basis: &Basis) -> Result<Vec<usize>, Flaw> {
        let mut incident = Vec::new();
        for (i, member) in basis.incident.iter().enumerate() {
            let wrong = |message| Err(Flaw::new(FlawKind::Incident, format!("$.basis.incident[{i}]"), message));
            let found = self.alerts.iter().position(|a| a.id == member.alert && a.tenant == member.tenant_id);
            let Some(found) = found else { return wrong("the tenant has no such alert") };
            if self.member(found) != *member {
                return wrong("the alert stands in other facts");
            }
            if incident.last().is_some_and(|last| *last >= found) {
                return wrong("alerts stand by time, then by id, each once");
            }
            incident.push(found);
        }
        Ok(incident)
    }
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn compare(member: &str, kind: FlawKind, given: &Value, expected: &Value) -> Result<(), Flaw> {
    const SHOWN: usize = 160;
    let Some(at) = difference(given, expected) else { return Ok(()) };
    let rest = at.trim_start_matches('$');
    let at = if member.is_empty() { at.clone() } else { format!("$.{member}{rest}") };
    let pointer = rest.replace('[', ".").replace(']', "").replace('.', "/");
    let message = match (given.pointer(&pointer), expected.pointer(&pointer)) {
        (Some(_), None) => "the facts give no such thing".to_owned(),
        (_, Some(value)) => {
            let text = value.to_string();
            let short: String = text.chars().take(SHOWN).collect();
            format!("the facts give {}", short.escape_debug())
        }
        (None, None) => "the facts give something else".to_owned(),
    };
    Err(Flaw::new(kind, at, message))
}
