//! What would change: under a list of changes, or from one state of the casebook to another.

use hashbrown::HashSet;
use serde_json::value::RawValue;

use crate::error::{Error, ErrorCode, Result};
use crate::model::{Choice, Decision, FactId, FactKind, Indicator, fact_id};
use crate::policy::{self, Policy};
use crate::rules::{RuleInfo, RuleKind, RuleSet};
use crate::summary::Impact;

use super::Casebook;
use super::causes::{Atom, explain};
use super::compare;
use super::world::{Added, Circumstances};

/// A change to ask about. The casebook itself stays as it is.
///
/// ```
/// use casegraph::model::{Indicator, Verdict};
/// use casegraph::{Casebook, Change, sample};
///
/// let mut book = Casebook::new();
/// book.ingest("sample", sample::ALERTS.as_bytes())?;
/// let listed = Indicator::new("dns", "sync.cloudmeter-telemetry.example", Verdict::Malicious);
/// let impact = book.what_if(&[Change::Indicator(listed)])?;
/// assert_eq!(impact.incidents[0].before[0].alerts, impact.incidents[0].after[0].alerts);
/// # Ok::<(), casegraph::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Change {
    /// Without this fact, as if it had been retracted; without an event also without the alerts and
    /// sequences that rules make of it.
    Without(FactId),
    /// With these records: an alert, or whatever else an ingest takes.
    Records(String),
    /// With this indicator.
    Indicator(Indicator),
    /// With this decision.
    Decision(Decision),
    /// With this rule off, given by id, name or title: as if the set in use had been built without it.
    RuleOff(String),
    /// With other rules.
    Rules(RuleSet),
    /// With another policy.
    Policy(Box<Policy>),
}

impl Change {
    /// Reads changes from a JSON list: `{"without": FACT}`, `{"alert": {…}}`, `{"indicator": {…}}`,
    /// `{"decision": {…}}`, `{"ruleOff": NAME}` and `{"policy": {…}}`, which needs only the members that differ
    /// from `policy`. Rules are no JSON; add them as [`Change::Rules`].
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when the text is something else.
    pub fn list_from_json(text: &str, policy: &Policy) -> Result<Vec<Change>> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        enum Form {
            Without(FactId),
            Alert(Box<RawValue>),
            Indicator(Box<RawValue>),
            Decision(Box<RawValue>),
            RuleOff(String),
            Policy(serde_json::Value),
        }
        let forms: Vec<Form> = policy::list_from_json("a list of changes", text)?;
        let read = |form| {
            Ok(match form {
                Form::Without(fact) => Change::Without(fact),
                Form::Alert(alert) => Change::Records(alert.get().to_owned()),
                Form::Indicator(indicator) => Change::Indicator(Indicator::from_json(indicator.get())?),
                Form::Decision(decision) => Change::Decision(Decision::from_json(decision.get())?),
                Form::RuleOff(rule) => Change::RuleOff(rule),
                Form::Policy(members) => Change::Policy(Box::new(policy.with_members(&members)?)),
            })
        };
        forms.into_iter().map(read).collect()
    }
}

/// A state of a casebook to compare with another: as it is, unless said otherwise.
#[derive(Debug, Clone, Default)]
pub struct Side {
    facts: Option<usize>,
    rules: Option<RuleSet>,
    policy: Option<Policy>,
}

impl Side {
    /// The casebook as it is.
    #[must_use]
    pub fn now() -> Side {
        Side::default()
    }

    /// As it was after its first `facts` facts.
    #[must_use]
    pub fn at(facts: usize) -> Side {
        Side { facts: Some(facts), ..Side::default() }
    }

    /// Under these rules.
    #[must_use]
    pub fn with_rules(mut self, rules: RuleSet) -> Side {
        self.rules = Some(rules);
        self
    }

    /// Under this policy.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Side {
        self.policy = Some(policy);
        self
    }

    /// Reads a side from JSON: `{"facts": 10, "policy": {…}}`, both optional; the policy needs only the members
    /// that differ from `policy`.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when the text is something else.
    pub fn from_json(text: &str, policy: &Policy) -> Result<Side> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Form {
            #[serde(default)]
            facts: Option<usize>,
            #[serde(default)]
            policy: Option<serde_json::Value>,
        }
        let Form { facts, policy: members } = policy::object_from_json("a side of a comparison", text)?;
        let policy = members.map(|members| policy.with_members(&members)).transpose()?;
        Ok(Side { facts, rules: None, policy })
    }
}

impl Casebook {
    /// Which verdicts, incidents, kill chains and priorities these changes together would change, and which of
    /// them does each; the casebook is not changed.
    ///
    /// An indicator, a decision or a fact less costs no reading of JSON, and incidents that look the same are not
    /// judged. Records copy the columns first; a detection rule that a correlation looks at, and other rules,
    /// match every kept event again: `O(facts)`. Each cause of several costs as much again, up to
    /// [`WhatIf::causes`](policy::WhatIf::causes).
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for a fact or rule that is not known, and as adding the facts:
    /// [`ErrorCode::InvalidArgument`] for one that means nothing.
    pub fn what_if(&self, changes: &[Change]) -> Result<Impact> {
        let mut atoms = Vec::new();
        let mut rules = None;
        for change in changes {
            match change {
                Change::Without(fact) => {
                    let position = self.log.find(fact);
                    let position = position.ok_or_else(|| not_found(format!("no fact `{fact}`")))?;
                    atoms.push(Atom::Without { name: fact.to_string(), fact: position });
                }
                Change::Records(text) => atoms.push(Atom::added("records", Added::Records(text.clone()))),
                Change::Indicator(indicator) => {
                    let name = name_of(FactKind::Indicator, indicator);
                    atoms.push(Atom::added(&name, Added::Indicator(indicator.clone())));
                }
                Change::Decision(decision) => {
                    let name = name_of(FactKind::Decision, decision);
                    atoms.push(Atom::added(&name, Added::Decision(decision.clone())));
                }
                Change::RuleOff(rule) => {
                    let found = self.rules.as_ref().and_then(|rules| rules.find(rule));
                    let found = found.ok_or_else(|| not_found(format!("no rule `{}`", rule.escape_debug())))?;
                    atoms.push(Atom::RuleOut { name: found.called().to_owned(), rule: found.index() });
                }
                Change::Rules(set) => rules = Some(set),
                Change::Policy(policy) => atoms.extend(Atom::members(&self.policy, policy)),
            }
        }
        if let Some(set) = rules {
            // Other rules say all there is to say of rules.
            atoms.retain(|atom| !matches!(atom, Atom::RuleOut { .. }));
            atoms.extend(Atom::rules(self.rules.as_ref(), set));
        }
        self.impact_of(self, &Circumstances::default(), rules, &atoms)
    }

    /// What differs between two states of the casebook: two log positions, two sets of rules, two policies, or
    /// all of them, with the facts, rules or members of the policy that do it. `O(facts)`.
    ///
    /// ```
    /// use casegraph::{Casebook, Side, sample};
    ///
    /// let mut book = Casebook::new();
    /// book.ingest("sample", sample::ALERTS.as_bytes())?;
    /// let impact = book.diff(&Side::at(book.len() - 1), &Side::now())?;
    /// assert!(impact.new_alerts.iter().all(|alert| alert.cause.by.len() == 1));
    /// # Ok::<(), casegraph::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when the log is shorter, [`ErrorCode::Limit`] when rules make more alerts
    /// than a casebook can hold.
    pub fn diff(&self, from: &Side, to: &Side) -> Result<Impact> {
        let facts = |side: &Side| match side.facts {
            Some(facts) if facts > self.len() => Err(Error::new(
                ErrorCode::InvalidArgument,
                format!("log position {facts}, expected at most {}", self.len()),
            )),
            facts => Ok(facts.unwrap_or(self.len()) as u32),
        };
        let (first, last) = (facts(from)?, facts(to)?);
        let base = Circumstances {
            facts: ((first as usize) < self.len()).then_some(first),
            rules: from.rules.clone(),
            policy: from.policy.clone(),
            ..Circumstances::default()
        };
        let mut atoms: Vec<Atom> =
            (first..last).map(|fact| Atom::Besides { name: self.fact_name(fact), fact }).collect();
        atoms.extend((last..first).map(|fact| Atom::Without { name: self.fact_name(fact), fact }));
        let policy = |side: &Side| side.policy.clone().unwrap_or_else(|| self.policy.clone());
        atoms.extend(Atom::members(&policy(from), &policy(to)));
        let rules = |side: &'_ Side| side.rules.clone().or_else(|| self.rules.clone());
        let (old, new) = (rules(from), rules(to));
        let changed = new.as_ref().filter(|new| old.as_ref().is_none_or(|old| old.hash() != new.hash()));
        if let Some(new) = changed {
            atoms.extend(Atom::rules(old.as_ref(), new));
        }
        if base.facts.is_none() && base.rules.is_none() && base.policy.is_none() {
            return self.impact_of(self, &base, changed, &atoms);
        }
        self.impact_of(&self.world(&base)?, &base, changed, &atoms)
    }

    /// Which verdicts, incidents and priorities would change if these rules were in use; the casebook is not
    /// changed: [`diff`](Self::diff) to [`Side::with_rules`]. `O(facts)`, as [`set_rules`](Self::set_rules).
    ///
    /// # Errors
    /// As [`set_rules`](Self::set_rules).
    pub fn impact(&self, rules: &RuleSet) -> Result<Impact> {
        self.diff(&Side::now(), &Side::now().with_rules(rules.clone()))
    }

    fn fact_name(&self, position: u32) -> String {
        self.log.get(position).map_or_else(String::new, |(id, ..)| id.to_string())
    }

    /// What all the changes do to `old`, which is this casebook under `base`, and which of them does it.
    fn impact_of(
        &self,
        old: &Casebook,
        base: &Circumstances,
        rules: Option<&RuleSet>,
        atoms: &[Atom],
    ) -> Result<Impact> {
        let all: Vec<&Atom> = atoms.iter().collect();
        let mut circumstances = Circumstances { rules: rules.cloned().or_else(|| base.rules.clone()), ..base.clone() };
        if rules.is_some() {
            // All of them at once is the set that was given.
            let others: Vec<&Atom> = atoms.iter().filter(|atom| !atom.is_rule()).collect();
            circumstances = self.circumstances(&circumstances, &others);
        } else {
            circumstances = self.circumstances(base, &all);
        }
        let new = self.world(&circumstances)?;
        let mut impact = compare::between(old, &new);
        explain(&mut impact, atoms, self.policy.what_if.causes as usize, &|atom| {
            let alone = self.world(&self.circumstances(base, &[atom])).ok()?;
            Some(compare::between(old, &alone))
        });
        Ok(impact)
    }

    /// What is other when these changes are made to the casebook under `base`.
    fn circumstances(&self, base: &Circumstances, atoms: &[&Atom]) -> Circumstances {
        let mut out = base.clone();
        let own = base.rules.as_ref().or(self.rules.as_ref());
        let (mut gone, mut come): (Vec<u32>, Vec<(&RuleSet, u32)>) = (Vec::new(), Vec::new());
        let mut members = Vec::new();
        for atom in atoms {
            match atom {
                Atom::Without { fact, .. } => out.absent.push(*fact),
                Atom::Besides { fact, .. } => out.besides.push(*fact),
                Atom::Added { added, .. } => out.added.push(added.clone()),
                Atom::Member { pointer, value, .. } => members.push((pointer.as_str(), value)),
                Atom::RuleOut { rule, .. } => gone.push(*rule),
                Atom::RuleIn { out, from, put, .. } => {
                    gone.extend(out);
                    come.push((from, *put));
                }
            }
        }
        if !members.is_empty() {
            let policy = base.policy.as_ref().unwrap_or(&self.policy);
            // INVARIANT: each member comes from a policy, and these stand in the ways of no other.
            out.policy = policy.with_replaced(&members).ok().or(out.policy);
        }
        if gone.is_empty() && come.is_empty() {
            return out;
        }
        let empty = || RuleSet::builder().build().ok();
        let Some(own) = own.cloned().or_else(empty) else { return out };
        let kind_of = |rule: &u32| own.rule(*rule).map(|rule| rule.kind());
        if come.is_empty() && base.rules.is_none() {
            // What makes alerts of its own alone is muted; what only judges changes no event.
            let alone = |rule: &u32| own.rule(*rule).is_some_and(|rule: RuleInfo<'_>| rule.stands_alone(&own));
            let distinct: HashSet<u32> = gone.iter().copied().collect();
            if distinct.iter().all(|rule| alone(rule) || kind_of(rule) == Some(RuleKind::Verdict)) {
                out.muted = distinct.iter().copied().filter(|rule| alone(rule)).collect();
                out.muted.sort_unstable();
                let judging: Vec<u32> = distinct.into_iter().filter(|rule| !alone(rule)).collect();
                if !judging.is_empty() {
                    out.rules = Some(own.exchanged(&judging, &own, &[]));
                    out.same_events = true;
                }
                return out;
            }
        }
        let mut set = own.exchanged(&gone, &own, &[]);
        for (from, put) in come {
            set = set.exchanged(&[], from, &[put]);
        }
        out.rules = Some(set);
        out
    }
}

fn not_found(message: String) -> Error {
    Error::new(ErrorCode::NotFound, message)
}

/// The id that a fact would have.
fn name_of(kind: FactKind, fact: &impl serde::Serialize) -> String {
    Casebook::canonical(fact).map_or_else(|_| String::new(), |json| fact_id(kind, &json).to_string())
}

/// Does a decision say something of an entity alone?
pub(super) fn is_verdict(decision: &Decision) -> bool {
    matches!(decision.what, Choice::SetVerdict { .. })
}
