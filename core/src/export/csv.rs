//! To be written.

use crate::report::CaseFile;

use super::Written;

pub(super) fn alerts(_case: &CaseFile) -> Written {
    Written::default()
}

pub(super) fn entities(_case: &CaseFile) -> Written {
    Written::default()
}

pub(super) fn evidence(_case: &CaseFile) -> Written {
    Written::default()
}

pub(super) fn relations(_case: &CaseFile) -> Written {
    Written::default()
}

pub(super) fn timeline(_case: &CaseFile) -> Written {
    Written::default()
}

pub(super) fn actions(_case: &CaseFile) -> Written {
    Written::default()
}

pub(super) fn activity(_case: &CaseFile) -> Written {
    Written::default()
}
