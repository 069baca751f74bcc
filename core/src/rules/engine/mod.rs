//! The compiled matcher: a set of rules in, for each event the rules that match out.
//!
//! An event is met in four steps, each over numbers: its paths are looked up once (`names`), which tells
//! its logsources (`classify`) and so its lane; the lane's index (`lane`) tells which rules may match,
//! because something that they need (`trigger`) is there; only those are evaluated, each line of a
//! detection (`item`) at most once.

mod classify;
mod item;
mod lane;
mod names;
mod program;
mod scratch;
mod trigger;

pub(crate) use program::{Machine, Program, Source, View};
