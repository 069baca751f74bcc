//! The compiled matcher: a set of rules in, for each event the rules that match out.
//!
//! Events of one layout have the same keys in the same places. For each layout the paths are looked up once
//! (`names`, `layout`) and the lanes of its events bound to it once (`bound`); `known` keeps both. Of an event its
//! logsources are told by a few values (`classify`); the index of their lane (`lane`, `grams`) tells which rules may
//! match, because something that they need (`trigger`, `regexes`) is there; only those are evaluated, each line of a
//! detection (`item`) at most once.

mod bound;
mod classify;
mod grams;
mod item;
mod known;
mod lane;
mod layout;
mod names;
mod program;
mod regexes;
mod trigger;

pub(crate) use program::{Machine, Program, Source, View};
