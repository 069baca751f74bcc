//! The native casebook: JSON text in, JSON text out.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::ThreadId;

use casegraph_core::model::{Author, Choice, Decision, FactId, Retraction};
use casegraph_core::summary::ActivityFilter;
use casegraph_core::{Casebook as Core, Error, Format, IngestOptions, IngestReport, Loaded, Policy, Result};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::enter::{enter, json};
use crate::input::{Raised, Reader, progress};
use crate::rules::RuleSet;
use crate::what_if;

/// Facts in, judgements out; every value is JSON text.
#[pyclass(frozen, module = "casegraph._native")]
pub(crate) struct Casebook {
    core: RwLock<Core>,
    /// Who is adding right now: its callbacks must not ask for the lock that it holds.
    writer: Mutex<Option<ThreadId>>,
}

impl Casebook {
    fn of(core: Core) -> Casebook {
        Casebook { core: RwLock::new(core), writer: Mutex::default() }
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Option<ThreadId>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self) -> Result<()> {
        if *self.writer() == Some(std::thread::current().id()) {
            return Err(Error::invalid_argument("the casebook is in the middle of an ingest that called back here"));
        }
        Ok(())
    }

    pub(crate) fn ask<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&Core) -> Result<T> + Send) -> PyResult<T> {
        enter(py, || {
            self.check()?;
            work(&*self.core.read().map_err(|_| unusable())?)
        })
    }

    pub(crate) fn add<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&mut Core) -> Result<T> + Send) -> PyResult<T> {
        enter(py, || {
            self.check()?;
            let mut core = self.core.write().map_err(|_| unusable())?;
            *self.writer() = Some(std::thread::current().id());
            let _done = Done(self);
            work(&mut core)
        })
    }

    /// Adds with `work`, which is given the options and where to keep what Python raises.
    fn ingest(
        &self,
        py: Python<'_>,
        how: How,
        work: impl FnOnce(&mut Core, IngestOptions<'_>, &Raised) -> Result<IngestReport> + Send,
    ) -> PyResult<String> {
        let raised = Raised::default();
        let outcome = self.add(py, |core| {
            let mut say = progress(how.progress, raised.clone());
            let mut options = IngestOptions::new().with_threads(how.threads).with_progress(&mut say);
            if let Some(name) = &how.format {
                options = options.with_format(Format::from_name(name)?);
            }
            json!(&work(core, options, &raised)?)
        });
        raised.take().map_or(outcome, Err)
    }
}

/// Says that nobody is adding any more, also after a panic.
struct Done<'c>(&'c Casebook);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        *self.0.writer() = None;
    }
}

/// How an input is read.
struct How {
    format: Option<String>,
    threads: usize,
    progress: Option<Py<PyAny>>,
}

fn unusable() -> Error {
    Error::internal("the casebook is unusable since an earlier defect, load it again from its log")
}

fn policy_of(text: Option<&str>) -> Result<Policy> {
    text.map_or_else(|| Ok(Policy::default()), Policy::from_json)
}

fn loaded(loaded: Loaded) -> Result<(Casebook, String)> {
    Ok((Casebook::of(loaded.casebook), json!(&loaded.damage)?))
}

#[pymethods]
impl Casebook {
    #[new]
    #[pyo3(signature = (policy=None))]
    fn new(py: Python<'_>, policy: Option<&str>) -> PyResult<Self> {
        enter(py, || Ok(Casebook::of(Core::with_policy(policy_of(policy)?))))
    }

    /// The casebook of a saved log, and the damage of the log.
    #[staticmethod]
    #[pyo3(signature = (data, policy=None))]
    fn load_bytes(py: Python<'_>, data: &[u8], policy: Option<&str>) -> PyResult<(Casebook, String)> {
        enter(py, || loaded(Core::load(data, policy_of(policy)?)?))
    }

    /// The casebook of a log file, and the damage of the file.
    #[staticmethod]
    #[pyo3(signature = (path, policy=None))]
    fn load_file(py: Python<'_>, path: PathBuf, policy: Option<&str>) -> PyResult<(Casebook, String)> {
        enter(py, || loaded(Core::load_file(path, policy_of(policy)?)?))
    }

    /// Takes in bytes.
    #[pyo3(signature = (source, data, format=None, threads=1, progress=None))]
    fn ingest_bytes(
        &self,
        py: Python<'_>,
        source: &str,
        data: &[u8],
        format: Option<String>,
        threads: usize,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        self.ingest(py, How { format, threads, progress }, |core, options, _| core.ingest_with(source, data, options))
    }

    /// Takes in what `reader.read(size)` gives.
    #[pyo3(signature = (source, reader, format=None, threads=1, progress=None))]
    fn ingest_reader(
        &self,
        py: Python<'_>,
        source: &str,
        reader: Py<PyAny>,
        format: Option<String>,
        threads: usize,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        self.ingest(py, How { format, threads, progress }, |core, options, raised| {
            let input = BufReader::with_capacity(1 << 18, Reader::new(reader, raised.clone()));
            core.ingest_with(source, input, options)
        })
    }

    /// Takes in a file.
    #[pyo3(signature = (path, source=None, format=None, threads=1, progress=None))]
    fn ingest_file(
        &self,
        py: Python<'_>,
        path: PathBuf,
        source: Option<&str>,
        format: Option<String>,
        threads: usize,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        self.ingest(py, How { format, threads, progress }, |core, options, _| match source {
            Some(source) => {
                let input = BufReader::with_capacity(1 << 20, File::open(path)?);
                core.ingest_with(source, input, options)
            }
            None => core.ingest_file(path, options),
        })
    }

    /// Takes in indicators.
    fn add_indicators(&self, py: Python<'_>, source: &str, text: &str) -> PyResult<String> {
        self.add(py, |core| json!(&core.add_indicators(source, text)?))
    }

    /// Records a decision; gives the id of its fact.
    fn decide(&self, py: Python<'_>, decision: &str) -> PyResult<String> {
        self.add(py, |core| Ok(core.decide(&Decision::from_json(decision)?)?.to_string()))
    }

    /// Withdraws a fact; gives the id of the retraction.
    fn retract(&self, py: Python<'_>, retraction: &str) -> PyResult<String> {
        self.add(py, |core| Ok(core.retract(&Retraction::from_json(retraction)?)?.to_string()))
    }

    /// Merges incidents; gives the id of the decision's fact.
    fn merge(&self, py: Python<'_>, alerts: Vec<String>, author: &str) -> PyResult<String> {
        self.add(py, |core| Ok(core.merge(alerts, &Author::from_json(author)?)?.to_string()))
    }

    /// Splits alerts off; gives the id of the decision's fact.
    fn split(&self, py: Python<'_>, alerts: Vec<String>, author: &str) -> PyResult<String> {
        self.add(py, |core| Ok(core.split(alerts, &Author::from_json(author)?)?.to_string()))
    }

    /// Moves alerts to another incident, or a new one; gives the id of the decision's fact.
    fn move_alerts(&self, py: Python<'_>, alerts: Vec<String>, to: Option<&str>, author: &str) -> PyResult<String> {
        self.add(py, |core| Ok(core.move_alerts(alerts, to, &Author::from_json(author)?)?.to_string()))
    }

    /// Records a decision about a whole incident; gives the id of its fact.
    fn manage(&self, py: Python<'_>, id: &str, choice: &str, author: &str) -> PyResult<String> {
        self.add(py, |core| Ok(core.manage(id, Choice::from_json(choice)?, &Author::from_json(author)?)?.to_string()))
    }

    /// What people and the system did to an incident.
    fn activity(&self, py: Python<'_>, id: &str, filter: &str) -> PyResult<String> {
        self.ask(py, |core| json!(&core.activity(id, &ActivityFilter::from_json(filter)?)?))
    }

    /// How much a user needs looking into.
    fn user_priority(&self, py: Python<'_>, incident: &str, entity: &str) -> PyResult<String> {
        self.ask(py, |core| json!(&core.user_priority(incident, entity)?))
    }

    /// How much is at stake on an asset.
    fn asset_risk(&self, py: Python<'_>, incident: &str, entity: &str) -> PyResult<String> {
        self.ask(py, |core| json!(&core.asset_risk(incident, entity)?))
    }

    /// Every alert of an incident.
    fn alert_ids(&self, py: Python<'_>, id: &str) -> PyResult<Vec<String>> {
        self.ask(py, |core| core.alert_ids(id))
    }

    /// The earlier incidents most like one.
    fn similar(&self, py: Python<'_>, id: &str, limit: usize) -> PyResult<String> {
        self.ask(py, |core| json!(&core.similar(id, limit)?))
    }

    /// Puts these rules in the place of those in use.
    fn set_rules(&self, py: Python<'_>, rules: &Bound<'_, RuleSet>) -> PyResult<()> {
        let rules = rules.get().core.clone();
        self.add(py, |core| core.set_rules(rules))
    }

    /// The rules in use.
    fn rules(&self, py: Python<'_>) -> PyResult<Option<RuleSet>> {
        self.ask(py, |core| Ok(core.rules().map(|rules| RuleSet { core: rules.clone() })))
    }

    /// Number of facts.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.ask(py, |core| Ok(core.len()))
    }

    /// Bytes of all facts.
    fn size(&self, py: Python<'_>) -> PyResult<usize> {
        self.ask(py, |core| Ok(core.size()))
    }

    /// The policy, every member of it.
    fn policy(&self, py: Python<'_>) -> PyResult<String> {
        self.ask(py, |core| json!(core.policy()))
    }

    /// The lines of the queue.
    fn queue(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.ask(py, |core| core.queue().iter().map(|line| json!(line)).collect())
    }

    /// The most urgent incidents, all without a limit.
    #[pyo3(signature = (limit=None))]
    fn incidents(&self, py: Python<'_>, limit: Option<usize>) -> PyResult<Vec<String>> {
        self.ask(py, |core| core.incidents().take(limit.unwrap_or(usize::MAX)).map(|i| json!(&i)).collect())
    }

    /// One incident.
    fn incident(&self, py: Python<'_>, id: &str) -> PyResult<String> {
        self.ask(py, |core| json!(&core.incident(id)?))
    }

    /// What the alerts of an incident say of one entity.
    fn entity(&self, py: Python<'_>, incident: &str, entity: &str) -> PyResult<String> {
        self.ask(py, |core| json!(&core.entity(incident, entity)?))
    }

    /// Why an entity has its verdict.
    fn explain(&self, py: Python<'_>, incident: &str, entity: &str) -> PyResult<String> {
        self.ask(py, |core| json!(&core.explain(incident, entity)?))
    }

    /// What happened in an incident, or to one entity of it.
    #[pyo3(signature = (incident, entity=None))]
    fn timeline(&self, py: Python<'_>, incident: &str, entity: Option<&str>) -> PyResult<String> {
        self.ask(py, |core| json!(&core.timeline(incident, entity)?))
    }

    /// What other rules would change.
    fn impact(&self, py: Python<'_>, rules: &Bound<'_, RuleSet>) -> PyResult<String> {
        let rules = &rules.get().core;
        self.ask(py, |core| json!(&core.impact(rules)?))
    }

    /// What these changes would do, with `rules` in the place of those in use.
    #[pyo3(signature = (changes, rules=None))]
    fn what_if(&self, py: Python<'_>, changes: &str, rules: Option<&Bound<'_, RuleSet>>) -> PyResult<String> {
        let rules = rules.map(|rules| rules.get().core.clone());
        self.ask(py, |core| what_if::what_if(core, changes, rules))
    }

    /// What differs between two states: the JSON of each, and its rules.
    fn diff(
        &self,
        py: Python<'_>,
        before: (String, Option<Bound<'_, RuleSet>>),
        after: (String, Option<Bound<'_, RuleSet>>),
    ) -> PyResult<String> {
        let [before, after] = [before, after].map(|(json, rules)| (json, rules.map(|rules| rules.get().core.clone())));
        self.ask(py, |core| what_if::diff(core, before, after))
    }

    /// The fewest facts without which an entity has another verdict.
    #[pyo3(signature = (incident, entity, verdict, budget=None))]
    fn counterfactual(
        &self,
        py: Python<'_>,
        incident: &str,
        entity: &str,
        verdict: &str,
        budget: Option<u64>,
    ) -> PyResult<String> {
        self.ask(py, |core| what_if::counterfactual(core, incident, entity, verdict, budget))
    }

    /// The entity graph of an incident.
    fn graph(&self, py: Python<'_>, incident: &str) -> PyResult<String> {
        self.ask(py, |core| json!(&core.graph(incident)?.to_json()))
    }

    /// An alert as it stands.
    fn alert(&self, py: Python<'_>, id: &str) -> PyResult<String> {
        self.ask(py, |core| Ok(core.alert_json(id)?.to_owned()))
    }

    /// All facts.
    fn facts(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.ask(py, |core| core.facts().map(|fact| json!(&fact)).collect())
    }

    /// One fact.
    fn fact(&self, py: Python<'_>, id: &str) -> PyResult<String> {
        self.ask(py, |core| {
            let id = FactId::parse(id).ok_or_else(|| {
                Error::invalid_argument(format!("`{}` is no fact id of 64 hex digits", id.escape_debug()))
            })?;
            json!(&core.fact(id)?)
        })
    }

    /// The casebook after its first facts.
    fn as_of(&self, py: Python<'_>, facts: usize) -> PyResult<Casebook> {
        self.ask(py, |core| Ok(Casebook::of(core.as_of(facts)?)))
    }

    /// The same casebook with other names.
    fn pseudonymised(&self, py: Python<'_>, key: &str) -> PyResult<Casebook> {
        self.ask(py, |core| Ok(Casebook::of(core.pseudonymised(key)?)))
    }

    /// Another casebook with the same facts.
    fn copy(&self, py: Python<'_>) -> PyResult<Casebook> {
        self.ask(py, |core| Ok(Casebook::of(core.as_of(core.len())?)))
    }

    /// Writes the log to a file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.ask(py, |core| core.save_file(path))
    }

    /// The log as bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let log = self.ask(py, |core| {
            let mut log = Vec::new();
            core.save(&mut log)?;
            Ok(log)
        })?;
        Ok(PyBytes::new(py, &log))
    }

    /// The whole queue as one document.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.ask(py, |core| Ok(core.to_json()))
    }

    /// For the tests: a defect in the middle of a change.
    fn _panic(&self, py: Python<'_>) -> PyResult<()> {
        #[expect(clippy::panic, reason = "the test of containment needs something to contain")]
        self.add(py, |_| panic!("asked for by a test"))
    }
}
