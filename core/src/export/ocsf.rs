//! To be written.

use crate::report::CaseFile;

use super::Written;

pub(super) fn incident(_case: &CaseFile) -> Written {
    Written::default()
}

pub(super) fn detections(_case: &CaseFile) -> Written {
    Written::default()
}
