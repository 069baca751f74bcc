//! Judge: opinions become verdicts, each with the reason for it.
//!
//! In: one incident as a [`Scene`], opinions of people and indicators. Out: a score and a verdict per
//! entity, with the opinions and the path that lead there. `opinions` says what each source thinks,
//! `fuse` combines them, `explain` puts it in words. What verdict rules say comes in as [`RuleFindings`].
//! This folder must never know log positions, vendors' formats or what has been done about it.

mod explain;
mod fuse;
mod opinions;
mod scene;

pub use explain::{Explanation, PathStep, StatedOpinion};
pub(crate) use explain::{Words, explain, rounded};
pub(crate) use fuse::{Judgement, Weights, judge};
pub use opinions::Authority;
pub(crate) use opinions::{
    AlertStance, Opinion, Outside, Reading, RuleFace, RuleFindings, RuleOpinion, RuleWords, Said,
};
pub(crate) use scene::{Arc, Row, Scene};
