//! Response: actions, who agrees to them, what the host carries out; JSON text in, JSON text out.

use casegraph_core::model::{ActionOutcome, ActionReport, ActionTarget, Author};
use casegraph_core::response::{ActionFilter, ActionReply, ActionRequest, CATALOGUE};
use casegraph_core::{Error, Result};
use pyo3::prelude::*;

use crate::book::Casebook;
use crate::enter::{enter, json};
use crate::input::Raised;
use crate::time::time;

/// What is to be done about an incident as of a time.
#[pyfunction]
pub(crate) fn response(py: Python<'_>, book: &Bound<'_, Casebook>, incident: &str, at: &str) -> PyResult<String> {
    book.get().ask(py, |core| json!(&core.response(incident, &time(at)?)?))
}

/// Approves, rejects or undoes actions; gives the ids of the facts.
#[pyfunction]
pub(crate) fn decide_actions(
    py: Python<'_>,
    book: &Bound<'_, Casebook>,
    verb: &str,
    incident: &str,
    ids: Vec<String>,
    author: &str,
) -> PyResult<Vec<String>> {
    book.get().add(py, |core| {
        let author = Author::from_json(author)?;
        let facts = match verb {
            "approve" => core.approve(incident, ids, &author)?,
            "reject" => core.reject(incident, ids, &author)?,
            _ => core.undo(incident, ids, &author)?,
        };
        Ok(facts.iter().map(ToString::to_string).collect())
    })
}

/// Asks for an action by hand; gives its id.
#[pyfunction]
pub(crate) fn propose(
    py: Python<'_>,
    book: &Bound<'_, Casebook>,
    incident: &str,
    target: &str,
    author: &str,
) -> PyResult<String> {
    book.get().add(py, |core| core.propose(incident, &ActionTarget::from_json(target)?, &Author::from_json(author)?))
}

/// Ends the investigation that an alert belongs to; gives the id of the fact.
#[pyfunction]
pub(crate) fn stop_investigation(
    py: Python<'_>,
    book: &Bound<'_, Casebook>,
    alert: &str,
    author: &str,
) -> PyResult<String> {
    book.get().add(py, |core| Ok(core.stop_investigation(alert, &Author::from_json(author)?)?.to_string()))
}

/// What the host is to carry out now, one text each.
#[pyfunction]
pub(crate) fn pending_requests(py: Python<'_>, book: &Bound<'_, Casebook>, at: &str) -> PyResult<Vec<String>> {
    book.get().ask(py, |core| core.pending_requests(&time(at)?).iter().map(|request| json!(request)).collect())
}

/// Takes in what an executor says; gives the id of the fact.
#[pyfunction]
pub(crate) fn report(py: Python<'_>, book: &Bound<'_, Casebook>, report: &str) -> PyResult<String> {
    book.get().add(py, |core| Ok(core.report(&ActionReport::from_json(report)?)?.to_string()))
}

/// The reply of a callable to a request, given as JSON: outcome, message and time.
fn ask(executor: &Py<PyAny>, request: &ActionRequest) -> PyResult<Result<ActionReply>> {
    Python::try_attach(|py| {
        let text = serde_json::to_string(request).unwrap_or_default();
        let told: (String, Option<String>, Option<String>) = executor.bind(py).call1((text,))?.extract()?;
        Ok(reply(told))
    })
    .unwrap_or_else(|| Ok(Err(Error::internal("the interpreter is gone"))))
}

fn reply((outcome, message, at): (String, Option<String>, Option<String>)) -> Result<ActionReply> {
    let outcome = ActionOutcome::parse(&outcome);
    if outcome.index().is_none() {
        let known: Vec<&str> = ActionOutcome::ALL.iter().map(ActionOutcome::as_str).collect();
        let message = format!("the executor says `{}`, expected {}", outcome.as_str().escape_debug(), known.join(", "));
        return Err(Error::invalid_argument(message));
    }
    let mut reply = ActionReply::new(outcome);
    reply.message = message;
    reply.at = at.as_deref().map(time).transpose()?;
    Ok(reply)
}

/// Has a callable carry out what is pending; gives the requests. What it raises ends the call, and is recorded as a
/// failure of its request.
#[pyfunction]
pub(crate) fn execute(
    py: Python<'_>,
    book: &Bound<'_, Casebook>,
    at: &str,
    by: &str,
    executor: Py<PyAny>,
) -> PyResult<Vec<String>> {
    let raised = Raised::default();
    let mut wrong: Option<Error> = None;
    let done = book.get().add(py, |core| {
        let mut carry_out = |request: &ActionRequest| match ask(&executor, request) {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => {
                let reply = ActionReply::new(ActionOutcome::Failed).because(error.message()).and_stop();
                wrong = Some(error);
                reply
            }
            Err(error) => {
                let text = Python::try_attach(|py| error.value(py).to_string()).unwrap_or_default();
                raised.keep(error);
                ActionReply::new(ActionOutcome::Failed).because(text).and_stop()
            }
        };
        let done = core.execute(&time(at)?, by, &mut carry_out)?;
        match wrong.take() {
            Some(error) => Err(error),
            None => done.iter().map(|(request, _)| json!(request)).collect(),
        }
    });
    raised.take().map_or(done, Err)
}

/// The actions of the whole casebook, as JSON.
#[pyfunction]
pub(crate) fn action_centre(py: Python<'_>, book: &Bound<'_, Casebook>, at: &str, filter: &str) -> PyResult<String> {
    book.get().ask(py, |core| json!(&core.action_centre(&time(at)?, &ActionFilter::from_json(filter)?)?))
}

/// The same as CSV.
#[pyfunction]
pub(crate) fn action_centre_csv(
    py: Python<'_>,
    book: &Bound<'_, Casebook>,
    at: &str,
    filter: &str,
) -> PyResult<String> {
    book.get().ask(py, |core| Ok(core.action_centre(&time(at)?, &ActionFilter::from_json(filter)?)?.to_csv()))
}

/// Every action there is, one text each.
#[pyfunction]
pub(crate) fn actions(py: Python<'_>) -> PyResult<Vec<String>> {
    enter(py, || CATALOGUE.iter().map(|row| json!(row)).collect())
}
