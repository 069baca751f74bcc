//! casegraph turns a pile of security alerts and raw events into incidents that an analyst can act on:
//! what happened, to whom, how far it got, what is malicious and why. It does so in-process,
//! deterministically, and with a reason for everything it says.
//!
//! ```
//! use casegraph::model::{Choice, Decision, Indicator, Time, Verdict};
//! use casegraph::{Casebook, sample};
//!
//! let mut book = Casebook::new();
//! let report = book.ingest("sample", sample::ALERTS.as_bytes())?;
//! assert!(report.problems.is_empty());
//!
//! // The most urgent incident first.
//! let queue = book.queue();
//! let incident = book.incident(&queue[0].id)?;
//! println!("{:5.1}  {}", incident.priority.score, incident.title);
//!
//! // Every alert says why it is there, every entity why it has its verdict.
//! for alert in &incident.alerts {
//!     println!("{:?} {}: {}", alert.time, alert.title, alert.reason.as_ref().map_or("first", |r| &r.text));
//! }
//! let worst = &incident.entities[0];
//! let why = book.explain(&incident.id, &worst.id)?;
//! assert_eq!(why.verdict, Verdict::Malicious);
//!
//! // Facts in, judgements out: an indicator, a decision and a retraction are facts too.
//! book.add_indicator(&Indicator::new("dns", "sync.cloudmeter-telemetry.example", Verdict::Malicious))?;
//! let at = Time::parse("2026-03-12T09:00:00Z").ok_or("no time")?;
//! book.decide(&Decision::new(Choice::Assign { to: Some("ada@alderfinch.example".into()) }, "ada", at).about([&incident.id]))?;
//! assert_eq!(book.incident(&incident.id)?.assigned_to.as_deref(), Some("ada@alderfinch.example"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The way data flows
//!
//! `bytes → ingest → facts → resolve → entities → correlate → incidents → graph → judge → summarise`:
//! one module per arrow, each importing only what lies before it. [`rules`] make alerts of raw events on the way in,
//! and give the judge opinions on the way out.
//!
//! | type | is |
//! | --- | --- |
//! | [`Casebook`] | the log of facts, and the verbs |
//! | [`IngestReport`], [`Problem`] | what came in, and what was not understood |
//! | [`IncidentSummary`] | an incident: title, severity, priority, kill chain, scope, timeline, evidence |
//! | [`Explanation`] | why an entity has its verdict: a proof, down to the facts |
//! | [`verdict::Checker`] | what goes over such a proof with nothing but the facts |
//! | [`rules::RuleSet`], [`rules::Event`] | Sigma rules, and the raw events that they are for |
//! | [`summary::Timeline`] | what happened, by time: alerts, and raw events among them |
//! | [`Change`], [`Side`], [`summary::Impact`] | what would change under other facts, rules or policies, and why |
//! | [`summary::ActivityLog`] | what people and the system did to an incident |
//! | [`summary::UserPriority`], [`summary::AssetRisk`] | how much users and assets need looking into |
//! | [`summary::SimilarIncidents`] | the earlier incidents most like one, and how they were closed |
//! | [`graph::EntityGraph`] | alerts and entities with typed, dated relations |
//! | [`model::Alert`], [`model::Evidence`] | Graph's nouns, lossless |
//! | [`model::Indicator`], [`model::Decision`], [`model::Retraction`] | the other facts |
//! | [`model::Author`] | who merges, splits, moves or manages incidents, when and why |
//! | [`Policy`] | every number that may be tuned |
//! | [`Error`], [`ErrorCode`] | what can fail, with stable codes |
//!
//! What is where: [`model`] the nouns, [`response`] what is to be done, [`attack`] MITRE ATT&CK, [`correlate`] the link rule on plain
//! columns, [`graph`] the entity graph, [`rules`] Sigma rules, [`verdict`] explanations and counterfactuals, [`summary`] the shapes
//! of an incident, [`policy`] the numbers.
#![forbid(unsafe_code)]

pub mod attack;
mod casebook;
pub mod correlate;
mod error;
pub mod export;
pub mod graph;
mod ingest;
mod judge;
pub mod model;
pub mod policy;
pub mod report;
mod resolve;
mod respond;
pub mod rules;
pub mod sample;
pub mod summary;

/// Why an entity has its verdict, as a proof, and the checker of proofs.
pub mod verdict {
    pub use crate::casebook::{Checker, check};
    pub use crate::casebook::{Counterfactual, Goal, NamedFact, With, Without};
    pub use crate::judge::{Authority, Flaw, FlawKind};
    pub use crate::judge::{Basis, Bounds, Explanation, Member, PathStart, PathStep, RuleName, Spared, StatedOpinion};
}

/// What should be done, who must agree, and how far it is.
pub mod response {
    pub use crate::casebook::{ActionCentre, ActionFilter, ActionReply, ActionSource, Executor};
    pub use crate::respond::{
        Action, ActionClass, ActionInfo, ActionRequest, ActionStep, Approval, CATALOGUE, Contradiction, EntityName,
        EvidenceStatus, Expansion, Finding, FolderClass, InvestigatedDevice, Investigation, LogStep, Response, RollUp,
        StatusCount, UndoState, info,
    };
    pub use crate::respond::{
        AttackGraph, AttackNode, AttackPath, AttackStep, AttackWay, Breakage, HeldEntity, OpenAsset, Plan, PlanOutcome,
        PlanWhatIf, PlannedAction, ProofPath,
    };
}

/// Why casegraph is built as it is.
#[doc = include_str!("../docs/DESIGN.md")]
pub mod _documentation {}

pub use casebook::Casebook;
pub use casebook::Change;
pub use casebook::Damage;
pub use casebook::Fact;
pub use casebook::IngestOptions;
pub use casebook::Loaded;
pub use casebook::Side;
pub use error::Error;
pub use error::ErrorCode;
pub use error::Location;
pub use error::Problem;
pub use error::ProblemCode;
pub use error::Result;
pub use ingest::Format;
pub use ingest::IngestReport;
pub use judge::Explanation;
pub use policy::Policy;
pub use summary::IncidentSummary;
pub use summary::QueueLine;

/// The version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
