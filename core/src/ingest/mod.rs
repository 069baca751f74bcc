//! Ingest: bytes in a named format become facts, with a report of what was not understood.
//!
//! In: alerts and incidents as any of the [`Format`]s. Out: canonical records in Graph form, each a
//! fact. `reader` finds the records, `tape` reads them, one file per format converts the rest to
//! Graph form. This folder must never know entities, links or verdicts.

pub(crate) mod canonical;
pub(crate) mod convert;
#[cfg(feature = "evtx")]
mod evtx;
mod format;
mod graph_legacy;
mod hunting;
mod m365d;
mod mde;
pub(crate) mod ocsf;
mod parallel;
mod reader;
mod sentinel;
pub(crate) mod tape;
#[cfg(test)]
mod tests_convert;
pub(crate) mod time;

pub use format::Format;
pub use reader::IngestReport;
pub(crate) use reader::{Session, Sink};
