//! What actions make of the remediation status of evidence.

use std::collections::BTreeMap;

use crate::model::{ActionKind, ActionOutcome, ActionState, RemediationStatus};

use super::catalogue::info;
use super::shapes::StatusCount;

/// The status that the actions on an entity give it; nothing when none of them would remediate it, or none was asked
/// for in earnest.
///
/// What waits goes before what is under way, that before what is done: an entity is remediated when everything that
/// was agreed to is. The arrows of the reference follow: pendingApproval → running → remediated | partiallyRemediated |
/// notFound | active, pendingApproval → declined, remediated → unremediated.
pub(crate) fn status<'a>(
    actions: impl Iterator<Item = (&'a ActionKind, &'a ActionState, Option<&'a ActionOutcome>)> + Clone,
) -> Option<RemediationStatus> {
    let remedies = || actions.clone().filter(|(action, ..)| info(action).is_some_and(|row| row.remediates));
    let any = |states: &[ActionState]| remedies().any(|(_, state, _)| states.contains(state));
    if any(&[ActionState::PendingApproval]) {
        return Some(RemediationStatus::PendingApproval);
    }
    if any(&[ActionState::Approved, ActionState::Running]) {
        return Some(RemediationStatus::Running);
    }
    let done = any(&[ActionState::Completed]);
    if any(&[ActionState::Partially]) || done && any(&[ActionState::Failed]) {
        return Some(RemediationStatus::PartiallyRemediated);
    }
    if done {
        let mut completed = remedies().filter(|(_, state, _)| **state == ActionState::Completed);
        let all_gone = completed.all(|(.., outcome)| outcome == Some(&ActionOutcome::NotFound));
        return Some(if all_gone { RemediationStatus::NotFound } else { RemediationStatus::Remediated });
    }
    if any(&[ActionState::Undone]) {
        return Some(RemediationStatus::Unremediated);
    }
    if any(&[ActionState::Failed]) {
        return Some(RemediationStatus::Active);
    }
    any(&[ActionState::Rejected, ActionState::Expired]).then_some(RemediationStatus::Declined)
}

/// Is nothing left to be done about it?
pub(crate) fn is_mended(status: &RemediationStatus) -> bool {
    use RemediationStatus::{Blocked, NotFound, Prevented, Remediated};
    matches!(status, Blocked | NotFound | Prevented | Remediated)
}

/// Numbers by status, in the order of Graph's values.
pub(crate) fn counts<'s>(statuses: impl Iterator<Item = &'s RemediationStatus>) -> Vec<StatusCount> {
    let mut counts: BTreeMap<(u8, &str), (RemediationStatus, usize)> = BTreeMap::new();
    for status in statuses {
        let key = (status.index().unwrap_or(u8::MAX), status.as_str());
        counts.entry(key).or_insert_with(|| (status.clone(), 0)).1 += 1;
    }
    let count = |(remediation_status, count)| StatusCount { remediation_status, count };
    counts.into_values().map(count).collect()
}
