//! The C ABI of casegraph: the nouns and verbs of the Rust core, with C's names. It holds no logic.
//!
//! | file | holds |
//! | --- | --- |
//! | `version` | version and ABI numbers |
//! | `status` | `cg_status`, and the numbers of the value sets |
//! | `guard` | the border: what every call does about panics, errors and NULL |
//! | `text` | strings and buffers, in and out |
//! | `error` | `cg_error` |
//! | `ingest` | `cg_ingest_options`, `cg_report` |
//! | `casebook` | `cg_casebook`: making, feeding, saving, loading |
//! | `ask` | `cg_casebook`: what it tells, as JSON |
//! | `what_if` | `cg_casebook`: what it would tell under other circumstances |
//! | `surgery` | `cg_casebook`: merging, splitting and moving, and what is alike |
//! | `manage` | `cg_casebook`: deciding about an incident as a whole, its activity log, users and assets |
//! | `plan` | plans: what parts the attacker from what is not lost |
//! | `response` | actions: who agrees, what the host carries out, what it says of it |
//! | `present` | `cg_case_file`: pages, pictures and exports of an incident, and pages of the queue |
//! | `incident` | `cg_incidents`, `cg_incident` and the lists in it |
//! | `proof` | verdicts as proofs: within a budget, as a tree, checked |
//! | `rules` | `cg_rules_builder`, `cg_rules`: sets of Sigma rules |
//! | `matcher` | `cg_matcher`: running them over events |
//! | `sample` | the sample incident |
//!
//! The contract with callers is the text at the top of `include/casegraph.h`; `tests/header.rs` renders
//! that file from these sources, and their doc comments are its manual.
//!
//! Inside: functions take raw pointers only, turn them into references in one `unsafe` block at their
//! start, and do the rest in [`guard`](guard::guard) (fallible calls) or [`look`](guard::look)
//! (accessors). A casebook sits in an `RwLock` that is only ever tried: a call that meets another on
//! the same casebook fails instead of racing, and a panic during a change poisons that casebook alone. So
//! does a matcher in its `Mutex`.
#![expect(non_camel_case_types, reason = "types have their C names, so that the header needs no renaming")]

mod ask;
pub(crate) mod casebook;
pub(crate) mod error;
pub(crate) mod guard;
pub(crate) mod incident;
mod ingest;
mod manage;
pub(crate) mod matcher;
mod plan;
mod present;
mod proof;
mod response;
pub(crate) mod rules;
mod sample;
pub(crate) mod status;
mod surgery;
mod text;
mod version;
mod what_if;
