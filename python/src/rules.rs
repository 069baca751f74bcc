//! The native set of rules and its matcher: JSON text in, JSON text out.

use std::path::PathBuf;
use std::sync::{Mutex, TryLockError};

use casegraph_core::rules::{Event, Matcher as CoreMatcher, RuleSet as Core, Select};
use casegraph_core::{Error, Result};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::enter::{enter, json};
use crate::errors;

/// Rules, compiled: immutable, so that any number of threads may use it at once.
#[pyclass(frozen, module = "casegraph._native")]
pub(crate) struct RuleSet {
    pub(crate) core: Core,
}

#[pymethods]
impl RuleSet {
    /// Builds of paths, then of texts with their names, then of the rules that ship with casegraph.
    #[new]
    #[pyo3(signature = (paths, texts, builtin, mappings, placeholders, select, strict))]
    #[expect(clippy::too_many_arguments, reason = "the package next door gives all of them")]
    fn new(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        texts: Vec<(String, PyBackedBytes)>,
        builtin: bool,
        mappings: Vec<(String, String)>,
        placeholders: Vec<(String, Vec<String>)>,
        select: Option<&str>,
        strict: bool,
    ) -> PyResult<Self> {
        enter(py, || {
            let mut builder = paths.into_iter().fold(Core::builder(), |b, path| b.add_path(path));
            builder = texts.iter().fold(builder, |b, (source, text)| b.add_text(source, text.as_ref()));
            builder = mappings.into_iter().fold(builder, |b, (source, text)| b.with_mapping(source, text));
            builder = placeholders.into_iter().fold(builder, |b, (name, values)| b.with_placeholder(name, values));
            if builtin {
                builder = builder.add_builtin();
            }
            if let Some(select) = select {
                builder = builder.with_select(Select::from_json(select)?);
            }
            if strict {
                builder = builder.strict();
            }
            Ok(RuleSet { core: builder.build()? })
        })
    }

    /// Number of rules.
    fn __len__(&self) -> usize {
        self.core.len()
    }

    /// Number of rules that a selection left out.
    fn unselected(&self) -> usize {
        self.core.unselected()
    }

    /// SHA-256 in hex.
    fn hash(&self) -> String {
        self.core.hash().to_owned()
    }

    /// The rules by number.
    fn rules(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        enter(py, || self.core.rules().map(|rule| json!(&rule)).collect())
    }

    /// All rules as one list.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(&self.core.rules().collect::<Vec<_>>()))
    }

    /// What was wrong with documents, as one list.
    fn problems(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || json!(self.core.problems()))
    }

    /// Number of the rule with this id, name or title.
    fn find(&self, py: Python<'_>, rule: &str) -> PyResult<Option<u32>> {
        enter(py, || Ok(self.core.find(rule).map(|found| found.index())))
    }

    /// The chosen rules as a set of their own.
    fn select(&self, py: Python<'_>, select: &str) -> PyResult<RuleSet> {
        enter(py, || Ok(RuleSet { core: self.core.select(&Select::from_json(select)?) }))
    }

    /// Why a rule matches an event, or why it does not.
    fn explain(&self, py: Python<'_>, rule: &str, event: PyBackedBytes) -> PyResult<String> {
        enter(py, || json!(&self.core.explain(rule, &Event::parse(&event)?)?))
    }

    /// A matcher, which counts what rules cost if asked to.
    #[pyo3(signature = (profile=false))]
    fn matcher(&self, py: Python<'_>, profile: bool) -> PyResult<Matcher> {
        enter(py, || {
            let matcher = self.core.matcher();
            let matcher = if profile { matcher.with_profile() } else { matcher };
            Ok(Matcher { state: Mutex::new(State { matcher, event: Event::default(), seen: 0 }) })
        })
    }
}

/// Runs a set of rules over events, for one thread at a time.
#[pyclass(frozen, module = "casegraph._native")]
pub(crate) struct Matcher {
    state: Mutex<State>,
}

struct State {
    matcher: CoreMatcher,
    event: Event,
    /// Events given so far, to number them.
    seen: u64,
}

impl Matcher {
    fn work<T>(&self, work: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut state = self.state.try_lock().map_err(|error| match error {
            TryLockError::Poisoned(_) => Error::internal("the matcher is unusable since an earlier defect"),
            TryLockError::WouldBlock => Error::invalid_argument("another thread is using this matcher"),
        })?;
        work(&mut state)
    }
}

#[pymethods]
impl Matcher {
    /// The numbers of the rules that match each of some events, one JSON object each. What is no event says
    /// which it is, counted from the first that this matcher was given.
    fn matches(&self, py: Python<'_>, events: Vec<PyBackedBytes>) -> PyResult<Vec<Vec<u32>>> {
        let mut wrong = None;
        let found = enter(py, || {
            self.work(|state| {
                let mut found = Vec::with_capacity(events.len());
                for event in &events {
                    state.seen += 1;
                    if let Err(error) = state.event.read(event) {
                        wrong = Some(state.seen);
                        return Err(error);
                    }
                    found.push(state.matcher.matches(&state.event).to_vec());
                }
                Ok(found)
            })
        });
        found.map_err(|error| match wrong {
            Some(record) => errors::in_record(py, error, record),
            None => error,
        })
    }

    /// What each rule cost and found.
    fn profile(&self, py: Python<'_>) -> PyResult<String> {
        enter(py, || self.work(|state| json!(&state.matcher.profile())))
    }
}
