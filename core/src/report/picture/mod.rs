//! Pictures of an incident as SVG, each of which stands on its own.
//!
//! In: a [`CaseFile`]. Out: an [`Svg`], the same bytes for the same case file. One file per picture. Whatever an
//! attacker may have written is escaped and cut to a length; what is not drawn is counted, in the picture and beside it.
//! Only `svg` writes markup. A picture must never hold script, style attributes, or anything from elsewhere.

mod alerts;
mod axis;
mod graph;
mod layout;
mod marks;
mod proof;
mod ribbon;
mod style;
mod svg;
mod text;
mod tree;

use chrono::{DateTime, SecondsFormat, Utc};

mod name;

use crate::error::Result;

use super::CaseFile;

/// Which picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Picture<'p> {
    /// How far the attack came along ATT&CK, as a ribbon of stages.
    KillChain,
    /// Alerts by time and severity, with what links them.
    AlertTimeline,
    /// Alerts and entities with their relations.
    EntityGraph,
    /// Processes and who started them: those of an alert or the tree of a process, or without an id all.
    ProcessTree(Option<&'p str>),
    /// Why an entity has its verdict.
    Proof(&'p str),
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Svg {
    /// What stands in the picture, for whoever does not see it.
    pub title: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What is not drawn, in words; empty when everything is.
    pub left_out: Vec<String>,
    /// The `svg` element without a style of its own.
    pub(super) body: String,
}

/// The style of pictures, in light and dark: custom properties `--cg-…` with their defaults, and what uses them.
pub(super) const STYLE: &str = style::STYLE;

impl Svg {
    /// The picture as a document of its own, in light and dark.
    #[must_use]
    pub fn document(&self) -> String {
        style::document(&self.body, self.width, self.height)
    }

    /// The picture for a page that has [`STYLE`].
    pub(super) fn inline(&self) -> &str {
        &self.body
    }
}

impl CaseFile {
    /// Draws a picture. `O(n log n)` in what the case file holds; how much is drawn is bounded.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`](crate::ErrorCode::NotFound) when the incident has no such alert, process or entity.
    pub fn picture(&self, what: Picture<'_>) -> Result<Svg> {
        match what {
            Picture::KillChain => Ok(ribbon::draw(self)),
            Picture::AlertTimeline => Ok(alerts::draw(self)),
            Picture::EntityGraph => Ok(graph::draw(self)),
            Picture::ProcessTree(of) => tree::draw(self, of),
            Picture::Proof(entity) => proof::draw(self, entity),
        }
    }
}

/// A time for a script; empty when there is none.
fn moment(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(String::new, |t| t.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}
