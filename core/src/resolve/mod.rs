//! Resolve: one entity per real thing.
//!
//! In: alert records. Out: columns of alerts, occurrences and relations, and one [`EntityKind`]-typed
//! entity per real thing, with its identifiers from strong to weak. Canonical forms are in `canon`,
//! what identifies each kind in `evidence`, what lists and people name in `named`, the columns in `store`, the merging in `entities`.
//! This folder must never know links, incidents, verdicts or any vendor's format.

pub(crate) mod canon;
pub(crate) mod component;
pub(crate) mod entities;
mod evidence;
pub(crate) mod extract;
pub(crate) mod holders;
mod kind;
pub(crate) mod named;
mod read;
mod relation;
pub(crate) mod store;

pub(crate) use kind::IdType;
pub use kind::{EntityKind, LinkReason};
pub use relation::Relation;
