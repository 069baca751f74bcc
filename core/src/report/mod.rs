//! Report: summaries as people read them.
//!
//! In: an [`IncidentSummary`](crate::IncidentSummary) or a [`Response`](crate::response::Response). Out: text for a terminal. Whatever an attacker
//! may have written is shown, never obeyed: control characters, escape sequences and directional
//! marks come out escaped. This folder must never know how a judgement was reached.

mod case_file;
mod page;
mod picture;
mod plan;
mod response;
pub(crate) mod sheet;
mod text;

pub use case_file::{CaseFile, FiledAlert};
pub use page::{Page, page_name};
pub use picture::{Picture, Svg};
pub use text::TextReport;
pub(crate) use text::is_directional;
