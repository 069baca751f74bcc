//! Status codes and the numbers of the value sets that cross the border.

use casegraph_core::ErrorCode;
use casegraph_core::model::{AlertSeverity, FactKind, IncidentStatus, Verdict};

use super::text::cg_str;

/// What a fallible call returns: CG_OK, or one of CG_ERR_*.
pub type cg_status = i32;

/// The call did what it says.
pub const CG_OK: cg_status = 0;
/// A document is not well-formed JSON.
pub const CG_ERR_SYNTAX: cg_status = 1;
/// The format of an input is not known, or the named format does not exist.
pub const CG_ERR_FORMAT: cg_status = 2;
/// A value is not what the call allows: NULL, bad UTF-8, a malformed document, a handle in use.
pub const CG_ERR_INVALID_ARGUMENT: cg_status = 3;
/// No alert, incident, entity, fact or rule has this id.
pub const CG_ERR_NOT_FOUND: cg_status = 4;
/// A limit of the policy was reached.
pub const CG_ERR_LIMIT: cg_status = 5;
/// A saved log is of an unknown version or no log at all.
pub const CG_ERR_LOG: cg_status = 6;
/// Reading or writing failed.
pub const CG_ERR_IO: cg_status = 7;
/// The progress callback asked to stop.
pub const CG_ERR_CANCELLED: cg_status = 8;
/// A defect of casegraph: a panic was contained. The casebook or matcher it happened on is unusable.
pub const CG_ERR_INTERNAL: cg_status = 9;
/// Rules or a field mapping cannot be used.
pub const CG_ERR_RULE: cg_status = 10;
/// What was decided before stands in the way; once it is decided otherwise the call works.
pub const CG_ERR_CONFLICT: cg_status = 11;

/// What a callback returns to go on.
pub const CG_CONTINUE: i32 = 0;
/// What a callback returns to end the call with CG_ERR_CANCELLED.
pub const CG_STOP: i32 = 1;

/// A value that this version has no number for. The JSON form shows its spelling.
pub const CG_VALUE_OTHER: i32 = -1;

/// Verdict: not examined.
pub const CG_VERDICT_UNKNOWN: i32 = 0;
/// Verdict: examined, no threat found.
pub const CG_VERDICT_CLEAN: i32 = 1;
/// Verdict: probably a threat.
pub const CG_VERDICT_SUSPICIOUS: i32 = 2;
/// Verdict: a threat.
pub const CG_VERDICT_MALICIOUS: i32 = 3;

/// Severity: not stated.
pub const CG_SEVERITY_UNKNOWN: i32 = 0;
/// Severity: worth knowing, no threat by itself.
pub const CG_SEVERITY_INFORMATIONAL: i32 = 1;
/// Severity: low.
pub const CG_SEVERITY_LOW: i32 = 2;
/// Severity: medium.
pub const CG_SEVERITY_MEDIUM: i32 = 3;
/// Severity: high.
pub const CG_SEVERITY_HIGH: i32 = 4;

/// Incident status: open.
pub const CG_INCIDENT_ACTIVE: i32 = 0;
/// Incident status: done.
pub const CG_INCIDENT_RESOLVED: i32 = 1;
/// Incident status: somebody works on it.
pub const CG_INCIDENT_IN_PROGRESS: i32 = 2;
/// Incident status: merged into another incident.
pub const CG_INCIDENT_REDIRECTED: i32 = 3;
/// Incident status: waits for the customer.
pub const CG_INCIDENT_AWAITING_ACTION: i32 = 4;

/// Fact: a detector raised this alert.
pub const CG_FACT_ALERT: i32 = 0;
/// Fact: a part of an alert whose source prints one row per evidence item.
pub const CG_FACT_ALERT_PART: i32 = 1;
/// Fact: the vendor's own record of an incident.
pub const CG_FACT_INCIDENT: i32 = 2;
/// Fact: something is known to be good or bad.
pub const CG_FACT_INDICATOR: i32 = 3;
/// Fact: a person decided something.
pub const CG_FACT_DECISION: i32 = 4;
/// Fact: an earlier fact is withdrawn.
pub const CG_FACT_RETRACTION: i32 = 5;
/// Fact: a raw event that a rule matched, or that a timeline keeps.
pub const CG_FACT_EVENT: i32 = 6;
/// Fact: an executor says how far an action is.
pub const CG_FACT_ACTION_REPORT: i32 = 7;

const _: () = {
    assert!(CG_ERR_SYNTAX == ErrorCode::Syntax.number());
    assert!(CG_ERR_FORMAT == ErrorCode::Format.number());
    assert!(CG_ERR_INVALID_ARGUMENT == ErrorCode::InvalidArgument.number());
    assert!(CG_ERR_NOT_FOUND == ErrorCode::NotFound.number());
    assert!(CG_ERR_LIMIT == ErrorCode::Limit.number());
    assert!(CG_ERR_LOG == ErrorCode::Log.number());
    assert!(CG_ERR_IO == ErrorCode::Io.number());
    assert!(CG_ERR_CANCELLED == ErrorCode::Cancelled.number());
    assert!(CG_ERR_INTERNAL == ErrorCode::Internal.number());
    assert!(CG_ERR_RULE == ErrorCode::Rule.number());
    assert!(CG_ERR_CONFLICT == ErrorCode::Conflict.number());
    assert!(CG_STOP != CG_CONTINUE);
    assert!(ErrorCode::ALL.len() == 11, "a new code needs its CG_ERR_ constant");
};

pub(crate) fn verdict_number(verdict: &Verdict) -> i32 {
    match verdict {
        Verdict::Unknown => CG_VERDICT_UNKNOWN,
        Verdict::Clean => CG_VERDICT_CLEAN,
        Verdict::Suspicious => CG_VERDICT_SUSPICIOUS,
        Verdict::Malicious => CG_VERDICT_MALICIOUS,
        _ => CG_VALUE_OTHER,
    }
}

pub(crate) fn severity_number(severity: &AlertSeverity) -> i32 {
    match severity {
        AlertSeverity::Unknown => CG_SEVERITY_UNKNOWN,
        AlertSeverity::Informational => CG_SEVERITY_INFORMATIONAL,
        AlertSeverity::Low => CG_SEVERITY_LOW,
        AlertSeverity::Medium => CG_SEVERITY_MEDIUM,
        AlertSeverity::High => CG_SEVERITY_HIGH,
        _ => CG_VALUE_OTHER,
    }
}

pub(crate) fn incident_status_number(status: &IncidentStatus) -> i32 {
    match status {
        IncidentStatus::Active => CG_INCIDENT_ACTIVE,
        IncidentStatus::Resolved => CG_INCIDENT_RESOLVED,
        IncidentStatus::InProgress => CG_INCIDENT_IN_PROGRESS,
        IncidentStatus::Redirected => CG_INCIDENT_REDIRECTED,
        IncidentStatus::AwaitingAction => CG_INCIDENT_AWAITING_ACTION,
        _ => CG_VALUE_OTHER,
    }
}

/// Number and name of a kind of fact.
pub(crate) fn fact_kind(kind: FactKind) -> (i32, &'static str) {
    match kind {
        FactKind::Alert => (CG_FACT_ALERT, "alert"),
        FactKind::AlertPart => (CG_FACT_ALERT_PART, "alertPart"),
        FactKind::Incident => (CG_FACT_INCIDENT, "incident"),
        FactKind::Indicator => (CG_FACT_INDICATOR, "indicator"),
        FactKind::Decision => (CG_FACT_DECISION, "decision"),
        FactKind::Retraction => (CG_FACT_RETRACTION, "retraction"),
        FactKind::Event => (CG_FACT_EVENT, "event"),
        FactKind::ActionReport => (CG_FACT_ACTION_REPORT, "actionReport"),
        _ => (CG_VALUE_OTHER, ""),
    }
}

/// The stable name of a status, e.g. `not_found`; `ok` for CG_OK; empty for a number that is none. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_status_name(status: cg_status) -> cg_str {
    if status == CG_OK {
        return "ok".into();
    }
    ErrorCode::ALL.into_iter().find(|code| code.number() == status).map_or("", ErrorCode::name).into()
}

/// The name of a CG_VERDICT_*, as in JSON; empty for a number that is none. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_verdict_name(verdict: i32) -> cg_str {
    Verdict::ALL.iter().find(|v| verdict_number(v) == verdict).map_or("", Verdict::as_str).into()
}

/// The name of a CG_SEVERITY_*, as in JSON; empty for a number that is none. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_severity_name(severity: i32) -> cg_str {
    AlertSeverity::ALL.iter().find(|s| severity_number(s) == severity).map_or("", AlertSeverity::as_str).into()
}

/// The name of a CG_INCIDENT_*, as in JSON; empty for a number that is none. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_incident_status_name(status: i32) -> cg_str {
    IncidentStatus::ALL.iter().find(|s| incident_status_number(s) == status).map_or("", IncidentStatus::as_str).into()
}

/// The name of a CG_FACT_*, e.g. `alertPart`; empty for a number that is none. Static.
#[unsafe(no_mangle)]
pub extern "C" fn cg_fact_kind_name(kind: i32) -> cg_str {
    FactKind::ALL.into_iter().map(fact_kind).find(|(number, _)| *number == kind).map_or("", |(_, name)| name).into()
}
