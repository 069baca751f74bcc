//! Field mapping: where rules' fields and logsources stand in real logs. A mapping is data.

mod built_in;
mod read;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use crate::rules::ast::{LogSource, Pattern};

pub(crate) use built_in::built_in;
pub(crate) use read::read;

/// Shapes in the order in which they are tried; the first that fits an event describes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapping {
    pub(crate) shapes: Vec<Shape>,
}

/// One way in which logs are written: where the fields stand, and which logsources its events belong to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    pub(crate) name: String,
    /// The shape fits when all paths of one of these lists are present. Paths are dotted and compare
    /// without regard to ASCII case.
    pub(crate) has: Vec<Vec<String>>,
    /// Objects whose members count as fields of the event itself, e.g. `Event.EventData`; a segment may be
    /// `*` for any one name (`Event.UserData.*`).
    pub(crate) strip: Vec<String>,
    /// Path in the record (before stripping) and the field that it gives; the path itself stays usable too.
    pub(crate) fields: Vec<(String, String)>,
    /// Path of the event's time, tried in order (after stripping and renaming).
    pub(crate) time: Vec<String>,
    /// All that fit an event give their logsources and fields: one event may have several.
    pub(crate) sources: Vec<Source>,
}

/// Events of a shape that belong to one logsource.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    pub(crate) logsources: Vec<LogSource>,
    /// Field (after stripping and renaming) and the values one of which it must have; all must hold.
    /// An empty list of values: the field must be present.
    pub(crate) when: Vec<(String, Vec<Pattern>)>,
    /// Further names: field of the event, and the field of rules that it also gives when that one is absent.
    pub(crate) fields: Vec<(String, String)>,
}
