//! Managing incidents: the verbs that decide about an incident as a whole, and what a decision may say.
//!
//! Each verb names every alert of the incident, so that the decision means the same whatever arrives later, and goes
//! through `decide`. How alerts stand after it is worked out where they are shown: in `summary`.

use crate::error::{Error, ErrorCode, Result};
use crate::model::{
    AlertClassification, AlertDetermination, AlertSeverity, Author, Choice, Decision, FactId, IncidentStatus,
};
use crate::summary::names_system_tag;

use super::Casebook;
use super::present::Presenter;

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
}

/// A text that says something, and not too much.
fn text(what: &str, text: &str, most: usize) -> Result<()> {
    if text.trim().is_empty() {
        return Err(invalid(format!("{what} is empty, expected 1 to {} characters", thousands(most))));
    }
    bounded(what, text, most)
}

/// A text that says not too much.
pub(super) fn bounded(what: &str, text: &str, most: usize) -> Result<()> {
    let length = text.chars().count();
    if length > most {
        let message =
            format!("{what} has {} characters, expected at most {} characters", thousands(length), thousands(most));
        return Err(invalid(message));
    }
    Ok(())
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Are the texts of a decision neither empty nor too long, and does its finding make sense?
pub(super) fn check(decision: &Decision) -> Result<()> {
    bounded("the name of who decides", &decision.by, Decision::MAX_NAME)?;
    bounded("the reason", decision.reason.as_deref().unwrap_or_default(), Decision::MAX_TEXT)?;
    match &decision.what {
        Choice::Classify { classification, determination } => finding(classification, determination),
        Choice::Assign { to: Some(owner) } => text("the owner", owner, Decision::MAX_NAME),
        Choice::Rename { title } => text("the title", title, Decision::MAX_TITLE),
        Choice::Tag { tag } | Choice::Untag { tag } => text("the tag", tag, Decision::MAX_TAG),
        Choice::Comment { text: comment } => text("the comment", comment, Decision::MAX_TEXT),
        _ => Ok(()),
    }
}

fn finding(classification: &AlertClassification, determination: &AlertDetermination) -> Result<()> {
    if classification.allows(determination) {
        return Ok(());
    }
    let allowed: Vec<&str> = classification.determinations().iter().map(AlertDetermination::as_str).collect();
    let (last, rest) = allowed.split_last().unwrap_or((&"unknown", &[]));
    let expected = if rest.is_empty() { format!("`{last}`") } else { format!("`{}` or `{last}`", rest.join("`, `")) };
    Err(invalid(format!("`{classification}` does not go with `{determination}`, expected {expected}")))
}

impl Casebook {
    /// Records a decision about the whole incident of an alert, any of its alerts: it names all of them as they are
    /// now. The verbs below are this one with a [`Choice`]. Retracting the fact undoes it.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for an unknown alert, and as [`decide`](Self::decide).
    pub fn manage(&mut self, alert_id: &str, what: Choice, author: &Author) -> Result<FactId> {
        let alerts = self.alert_ids(alert_id)?;
        self.decide(&author.decides(what).about(alerts))
    }

    /// Gives an incident to somebody, and with it all of its alerts; to nobody without `to`.
    ///
    /// # Errors
    /// As [`manage`](Self::manage).
    pub fn assign(&mut self, alert_id: &str, to: Option<&str>, author: &Author) -> Result<FactId> {
        self.manage(alert_id, Choice::Assign { to: to.map(str::to_owned) }, author)
    }

    /// Says how far the work on an incident is. [`Resolved`](IncidentStatus::Resolved) resolves all of its alerts, and
    /// it takes in no others by itself; any other status opens it again, and the alerts have their own status.
    ///
    /// # Errors
    /// As [`manage`](Self::manage).
    pub fn set_status(&mut self, alert_id: &str, status: IncidentStatus, author: &Author) -> Result<FactId> {
        self.manage(alert_id, Choice::SetStatus { status }, author)
    }

    /// Resolves an incident, and with it all of its alerts; the author's reason is the note that stands with it.
    ///
    /// # Errors
    /// As [`manage`](Self::manage).
    pub fn resolve(&mut self, alert_id: &str, author: &Author) -> Result<FactId> {
        self.set_status(alert_id, IncidentStatus::Resolved, author)
    }

    /// Says what an incident was found to be. Both unknown takes the finding back.
    ///
    /// # Errors
    /// As [`manage`](Self::manage); [`ErrorCode::InvalidArgument`] when the two do not go together
    /// ([`AlertClassification::determinations`]).
    pub fn classify(
        &mut self,
        alert_id: &str,
        classification: AlertClassification,
        determination: AlertDetermination,
        author: &Author,
    ) -> Result<FactId> {
        self.manage(alert_id, Choice::Classify { classification, determination }, author)
    }

    /// Sets the severity of an incident by hand; it no longer follows the alerts.
    ///
    /// # Errors
    /// As [`manage`](Self::manage).
    pub fn set_severity(&mut self, alert_id: &str, severity: AlertSeverity, author: &Author) -> Result<FactId> {
        self.manage(alert_id, Choice::SetSeverity { severity }, author)
    }

    /// Gives an incident another name, of up to [`Decision::MAX_TITLE`] characters.
    ///
    /// # Errors
    /// As [`manage`](Self::manage).
    pub fn rename(&mut self, alert_id: &str, title: &str, author: &Author) -> Result<FactId> {
        self.manage(alert_id, Choice::Rename { title: title.to_owned() }, author)
    }

    /// Adds a tag of up to [`Decision::MAX_TAG`] characters to an incident.
    ///
    /// # Errors
    /// As [`manage`](Self::manage).
    pub fn tag(&mut self, alert_id: &str, tag: &str, author: &Author) -> Result<FactId> {
        self.manage(alert_id, Choice::Tag { tag: tag.to_owned() }, author)
    }

    /// Takes a tag away that a person gave. One that follows from what happened goes with its ground.
    ///
    /// # Errors
    /// As [`manage`](Self::manage); [`ErrorCode::InvalidArgument`] for a system tag.
    pub fn untag(&mut self, alert_id: &str, tag: &str, author: &Author) -> Result<FactId> {
        self.manage(alert_id, Choice::Untag { tag: tag.to_owned() }, author)
    }

    /// Puts a comment of up to [`Decision::MAX_TEXT`] characters on an incident.
    ///
    /// # Errors
    /// As [`manage`](Self::manage).
    pub fn comment(&mut self, alert_id: &str, text: &str, author: &Author) -> Result<FactId> {
        self.manage(alert_id, Choice::Comment { text: text.to_owned() }, author)
    }

    /// Refuses to take away a system tag: no decision makes its ground go. `O(its incidents)`, for the few names
    /// that system tags have.
    pub(super) fn check_untag(&self, decision: &Decision) -> Result<()> {
        let Choice::Untag { tag } = &decision.what else { return Ok(()) };
        if !names_system_tag(tag) {
            return Ok(());
        }
        let mut incidents: Vec<u32> = decision.alerts.iter().filter_map(|id| self.incident_of(id).ok()).collect();
        self.derived().correlation.sort_incidents(&mut incidents);
        incidents.dedup();
        let mut presenter = Presenter::new(self);
        for incident in incidents {
            let incident = presenter.summary(incident);
            let given = incident.tags.contains(tag);
            let system = incident.system_tags.iter().find(|system| system.tag.eq_ignore_ascii_case(tag));
            if let Some(system) = system.filter(|_| !given) {
                let message =
                    format!("`{}` is a system tag, which no decision takes away: {}", system.tag, system.because);
                return Err(
                    invalid(message).with_help("what it rests on decides: retract that, or tell a false positive")
                );
            }
        }
        Ok(())
    }
}
