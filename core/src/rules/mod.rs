//! Rules: Sigma documents in, matches, alerts and opinions out.
//!
//! `read` makes trees of documents, [`RuleSet`] holds them compiled; `literal` evaluates a tree as the
//! specification reads, one line at a time, and explains; `engine` gives the same matches fast; `profile`
//! tells what each rule cost; `correlation` looks at matches over time; `mapping` knows real logs; `alert`
//! makes alerts of matches; `verdict` runs rules over the entities of an incident; `pack` holds the rules
//! that ship with casegraph.
//! This folder must never know a casebook.

pub(crate) mod alert;
pub(crate) mod ast;
pub(crate) mod correlation;
mod engine;
mod event;
mod fold;
mod literal;
pub(crate) mod mapping;
mod pack;
mod problem;
mod profile;
mod read;
pub(crate) mod record;
mod select;
mod set;
pub(crate) mod verdict;

pub use ast::{Level, Status};
pub use event::Event;
pub use literal::{ConditionTrace, ItemTrace, RuleTrace, SelectionTrace};
pub use problem::{RuleProblem, RuleProblemCode};
pub use profile::{Profile, RuleCost};
pub use read::Limits as RuleLimits;
pub(crate) use read::base64::encode as base64;
pub use select::Select;
pub use set::{Matcher, RuleInfo, RuleKind, RuleSet, RuleSetBuilder};
