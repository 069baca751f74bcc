//! Judge: opinions become verdicts, each with the reason for it.
//!
//! In: one incident as a [`Scene`], opinions of people and indicators. Out: a score and a verdict per
//! entity, with the opinions and the path that lead there. `opinions` says what each source thinks,
//! `fuse` combines them into what `score` defines, `reach` finds how far suspicion comes, `explain` makes a [`proof`] of it, `render`
//! puts that in words, and `check` goes over a proof with nothing but the facts. What verdict rules say comes
//! in as [`RuleFindings`]. This folder must never know log positions, vendors' formats or what has been done about it.

mod check;
mod explain;
mod fuse;
mod opinions;
mod proof;
mod reach;
mod render;
mod scene;
mod score;

pub use check::{Flaw, FlawKind};
pub(crate) use check::{Given, World, in_force};
pub(crate) use explain::{Told, Words, rounded};
pub(crate) use fuse::{Judged, Judgement, Weights, judge};
pub use opinions::Authority;
pub(crate) use opinions::{
    AlertStance, Opinion, Outside, Reading, RuleFace, RuleFindings, RuleOpinion, RuleWords, Said,
};
pub use proof::{Basis, Bounds, Explanation, Member, PathStart, PathStep, RuleName, Spared, StatedOpinion};
pub(crate) use scene::{Arc, Row, Scene};
