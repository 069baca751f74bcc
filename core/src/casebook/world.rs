//! The casebook under other circumstances: some facts unseen, others added, other rules, another policy.
//!
//! A world shares the columns of the casebook and copies only what it changes. JSON is read again only where
//! events have to be matched anew, or where limits on what is read are others. This is the one place that
//! knows how a world comes about; what-ifs, diffs and counterfactuals only ask it.

use std::sync::{Arc, OnceLock};

use hashbrown::HashSet;

use crate::error::{Error, ErrorCode, Result};
use crate::model::{Decision, FactKind, Indicator};
use crate::policy::Policy;
use crate::resolve::store::Store;
use crate::rules::RuleSet;

use super::Casebook;
use super::decisions::Decided;
use super::detector::Detector;
use super::events::Held;
use super::index::{self, OutsideIndex};
use super::log::Log;
use super::what_if::is_verdict;

/// Which facts of the log count, and which rules make no alerts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// The first so many; all when absent.
    facts: Option<u32>,
    /// Later ones that count nevertheless.
    besides: HashSet<u32>,
    absent: HashSet<u32>,
    muted: Vec<u32>,
    /// The columns that those of this world go on from.
    pub(super) columns: Option<Arc<Store>>,
}

impl Sight {
    pub(super) fn sees(&self, fact: u32) -> bool {
        (self.facts.is_none_or(|facts| fact < facts) || self.besides.contains(&fact)) && !self.absent.contains(&fact)
    }

    pub(super) fn is_muted(&self, rule: u32) -> bool {
        self.muted.contains(&rule)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.facts.is_none() && self.absent.is_empty() && self.muted.is_empty()
    }
}

/// A fact that a world has besides.
#[derive(Debug, Clone)]
pub(super) enum Added {
    Records(String),
    Indicator(Indicator),
    Decision(Decision),
}

/// What is other than in the casebook. [`Default`]: nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Circumstances {
    /// Only the first so many facts count.
    pub(super) facts: Option<u32>,
    /// And these, by position.
    pub(super) besides: Vec<u32>,
    /// These do not count.
    pub(super) absent: Vec<u32>,
    pub(super) added: Vec<Added>,
    /// Detection rules that make no alerts; no correlation looks at them.
    pub(super) muted: Vec<u32>,
    /// Rules in the place of those in use.
    pub(super) rules: Option<RuleSet>,
    /// They see events as those in use do: only verdict rules differ.
    pub(super) same_events: bool,
    pub(super) policy: Option<Policy>,
}

impl Circumstances {
    /// Can nothing change but what people and lists say of entities?
    fn leave_incidents(&self, book: &Casebook) -> bool {
        let said = |fact: &u32| match book.log.get(*fact) {
            Some((_, FactKind::Indicator, _)) => true,
            Some((_, FactKind::Decision, _)) => book
                .decisions
                .binary_search_by_key(fact, |(at, _)| *at)
                .ok()
                .is_some_and(|at| book.decisions.get(at).is_some_and(|(_, d)| is_verdict(d))),
            _ => false,
        };
        let told = |added: &Added| match added {
            Added::Indicator(_) => true,
            Added::Decision(decision) => is_verdict(decision),
            Added::Records(_) => false,
        };
        self.facts.is_none()
            && self.muted.is_empty()
            && self.rules.is_none()
            && self.policy.is_none()
            && self.absent.iter().all(said)
            && self.added.iter().all(told)
    }
}

impl Casebook {
    /// The casebook under these circumstances.
    ///
    /// # Errors
    /// As those of adding the facts: a record that is none, an indicator or decision that means nothing here.
    pub(super) fn world(&self, other: &Circumstances) -> Result<Casebook> {
        let anew = self.reads_anew(other);
        let mut world = if anew { self.read_anew(other)? } else { self.fork(other) };
        world.sight = Sight {
            facts: other.facts,
            besides: other.besides.iter().copied().collect(),
            absent: other.absent.iter().copied().collect(),
            muted: other.muted.clone(),
            columns: (!anew).then(|| Arc::clone(&self.store)),
        };
        let bears = |fact: &u32| matches!(self.log.get(*fact), Some((_, FactKind::Event | FactKind::Retraction, _)));
        if other.facts.is_some() || other.absent.iter().any(bears) {
            world.stale();
        }
        if !other.added.is_empty() {
            world.log = Arc::new(Log::over(Arc::clone(&world.log)));
        }
        for added in &other.added {
            match added {
                Added::Records(text) => world.add_records(text)?,
                Added::Indicator(indicator) => drop(world.add_indicator(indicator)?),
                Added::Decision(decision) => drop(world.decide(decision)?),
            }
        }
        world.settle()?;
        if other.leave_incidents(self) {
            world.derived = self.said_otherwise(&world);
        }
        Ok(world)
    }

    /// Does anything that is read from JSON look different?
    fn reads_anew(&self, other: &Circumstances) -> bool {
        let policy = other.policy.as_ref();
        let events = !self.events.rows.is_empty();
        policy.is_some_and(|policy| policy.limits != self.policy.limits)
            || (events && policy.is_some_and(|policy| policy.rules != self.policy.rules))
            || (events && other.rules.is_some() && !other.same_events)
    }

    fn read_anew(&self, other: &Circumstances) -> Result<Casebook> {
        let mut world = self.anew();
        if let Some(policy) = &other.policy {
            world.policy = policy.clone();
        }
        if let Some(rules) = &other.rules {
            world.use_rules(rules.clone());
        }
        world.refill(self, self.len())?;
        Ok(world)
    }

    fn fork(&self, other: &Circumstances) -> Casebook {
        // Numbers of rules in what was made of events are those of the rules that read them.
        let detector = match (&other.rules, &self.detector) {
            (Some(rules), _) if !other.same_events => Some(rules.clone()),
            (_, detector) => detector.as_ref().map(|detector| detector.rules.clone()),
        };
        Casebook {
            policy: other.policy.as_ref().unwrap_or(&self.policy).clone(),
            log: Arc::clone(&self.log),
            store: Arc::clone(&self.store),
            indicators: Arc::clone(&self.indicators),
            decisions: Arc::clone(&self.decisions),
            retractions: Arc::clone(&self.retractions),
            reports: Arc::clone(&self.reports),
            vendor: Arc::clone(&self.vendor),
            rules: other.rules.clone().or_else(|| self.rules.clone()),
            detector: detector.map(|rules| Box::new(Detector::new(rules))),
            events: Arc::clone(&self.events),
            sight: Sight::default(),
            held: Held::default(),
            derived: OnceLock::new(),
            behind: None,
            queue: OnceLock::new(),
        }
    }

    fn add_records(&mut self, text: &str) -> Result<()> {
        let report = self.ingest("the change", text.as_bytes())?;
        match report.problems.first() {
            Some(first) if report.new + report.duplicates == 0 => {
                Err(Error::new(ErrorCode::InvalidArgument, format!("the change holds no record: {}", first.message)))
            }
            None if report.records == 0 => {
                Err(Error::new(ErrorCode::InvalidArgument, "the change holds no record, expected at least one"))
            }
            _ => Ok(()),
        }
    }

    /// What is derived here, with what people and lists say in `world`.
    fn said_otherwise(&self, world: &Casebook) -> OnceLock<super::derived::Derived> {
        let stands = world.standing_facts();
        let in_force = |at: u32| world.stands(at, &stands);
        let mut derived = self.derived().clone();
        let vendor = std::mem::take(&mut derived.decided.vendor);
        derived.decided = Decided::new(world.decisions_in_force(&in_force), vendor);
        derived.settle(&world.store, &world.policy.correlate);
        derived.outside = OutsideIndex::default();
        derived.forget_scores();
        derived.said = OnceLock::new();
        index::outside(world, &mut derived, &world.indicators_in_force(&in_force));
        OnceLock::from(derived)
    }
}
