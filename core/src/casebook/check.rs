//! Proofs checked against facts: those of any log, or those of this casebook.

use std::borrow::Cow;

use crate::judge::{Explanation, Flaw, FlawKind, Given, World, in_force};
use crate::model::FactKind;
use crate::policy::Policy;
use crate::resolve::store::NONE;
use crate::rules::RuleSet;

use super::made::MADE;
use super::world::Sight;
use super::{Casebook, Fact};

/// Goes over proofs with the facts of a log, read once.
///
/// It knows nothing of the casebook that made the proofs: it works out from the facts, the policy and the rules
/// what each proof has to say, and names the first step that says something else. What a proof takes for granted is
/// that the alerts of its [basis](crate::verdict::Basis) are one incident; [`Casebook::check`] looks at that too.
///
/// ```
/// use casegraph::verdict::Checker;
/// use casegraph::{Casebook, sample};
///
/// let mut book = Casebook::new();
/// book.ingest("sample", sample::ALERTS.as_bytes())?;
/// let incident = book.incident(&book.queue()[0].id)?;
/// let proof = book.explain(&incident.id, &incident.entities[0].id)?;
///
/// let checker = Checker::new(book.facts(), None, book.policy())?;
/// assert!(checker.check(&proof).is_ok());
/// let mut forged = proof.clone();
/// forged.score = 0.5;
/// assert_eq!(checker.check(&forged).unwrap_err().at, "$.score");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Checker<'f> {
    world: World<'f>,
    policy: Policy,
    rules: Option<RuleSet>,
}

impl<'f> Checker<'f> {
    /// Reads all facts of a log, in any order. `O(facts)`; with rules, events are matched again.
    ///
    /// # Errors
    /// A [`Flaw`] of kind [`FlawKind::Fact`] when the digest of a fact is not its id, or a fact cannot be read.
    pub fn new(
        facts: impl IntoIterator<Item = Fact<'f>>,
        rules: Option<&RuleSet>,
        policy: &Policy,
    ) -> Result<Checker<'f>, Flaw> {
        let facts = facts.into_iter();
        let given = facts.map(|f| Given { id: f.id, kind: f.kind, json: Cow::Borrowed(f.json.as_bytes()) });
        let (mut records, withdrawn) = in_force(given.collect())?;
        let made = made(&records, rules, policy)?;
        records.extend(made);
        let world = World::new(records, withdrawn, policy)?;
        Ok(Checker { world, policy: policy.clone(), rules: rules.cloned() })
    }

    /// Does the proof hold?
    ///
    /// # Errors
    /// The first step that does not.
    pub fn check(&self, proof: &Explanation) -> Result<(), Flaw> {
        self.world.check(proof, &self.policy, self.rules.as_ref())
    }
}

/// Goes over one proof with the facts of a log; as [`Checker`], which reads them once for many.
///
/// # Errors
/// The first step of the proof that does not hold.
pub fn check<'f>(
    proof: &Explanation,
    facts: impl IntoIterator<Item = Fact<'f>>,
    rules: Option<&RuleSet>,
    policy: &Policy,
) -> Result<(), Flaw> {
    Checker::new(facts, rules, policy)?.check(proof)
}

/// The alerts that rules make of the events, from nothing but these.
fn made<'f>(records: &[Given<'f>], rules: Option<&RuleSet>, policy: &Policy) -> Result<Vec<Given<'f>>, Flaw> {
    let events: Vec<&Given<'f>> = records.iter().filter(|record| record.kind == FactKind::Event).collect();
    let Some(rules) = rules.filter(|_| !events.is_empty()) else { return Ok(Vec::new()) };
    let mut book = Casebook::with_policy(policy.clone());
    book.use_rules(rules.clone());
    for event in events {
        let taken = crate::ingest::Sink::take(&mut book, event.kind, event.id, &event.json, None);
        taken.map_err(|e| Flaw::new(FlawKind::Fact, "$", format!("event `{}`: {}", event.id, e.message())))?;
    }
    book.settle().map_err(|e| Flaw::new(FlawKind::Fact, "$", e.message()))?;
    let rows = book.store.alerts.iter().map(|row| row.fact).filter(|fact| *fact >= MADE);
    let alerts = rows.filter(|fact| book.events.made.stands(*fact, &|_| true, &Sight::default())).filter_map(|fact| {
        let (id, kind, json) = book.record(fact)?;
        Some(Given { id, kind, json: Cow::Owned(json.to_vec()) })
    });
    Ok(alerts.collect())
}

impl Casebook {
    /// Does the proof hold here, under this policy and these rules, and are its alerts still the incident?
    /// `O(facts)`: a [`Checker`](crate::verdict::Checker) reads the facts once for many proofs.
    ///
    /// # Errors
    /// The first step that does not hold.
    pub fn check(&self, proof: &Explanation) -> Result<(), Flaw> {
        check(proof, self.facts(), self.rules.as_ref(), &self.policy)?;
        let derived = self.derived();
        let name = |alert: u32| super::judged::name_of(self, derived, alert);
        let claimed = || proof.basis.incident.iter().map(|member| (member.alert.clone(), member.tenant_id.clone()));
        let keys = claimed().next().map(|(first, _)| self.keys_of(&first)).unwrap_or_default().into_iter();
        let mut alerts =
            keys.filter_map(|key| derived.of_key.get(key as usize).copied()).filter(|alert| *alert != NONE);
        let first = alerts.find(|alert| Some(name(*alert)) == claimed().next());
        let incident = first.map(|alert| derived.correlation.incident_of(alert));
        let members = incident.into_iter().flat_map(|incident| derived.correlation.alerts(incident));
        if members.map(name).eq(claimed()) {
            return Ok(());
        }
        Err(Flaw::new(FlawKind::Incident, "$.basis.incident", "these alerts are not one incident of the casebook"))
    }
}
