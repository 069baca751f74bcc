//! Words that several formats use to say what they leave out.

use crate::report::CaseFile;

/// `1 alert`, `3 alerts`, `2 entities`.
pub(super) fn many(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

/// What a format leaves out, and what limits had cut off before it was asked.
pub(super) fn cuts(case: &CaseFile, mut left_out: Vec<String>) -> Vec<String> {
    left_out.extend(case.incident.truncated.iter().map(|cut| format!("cut off before: {cut}")));
    left_out
}
