//! Summarise: one judged incident as people read it, and the order in which incidents matter.
//!
//! In: the alerts, entities, verdicts and links of one incident, as a `Case`. Out: kill chain,
//! title, scope, timeline, evidence roll-up, priority, as plain serialisable data. The shapes are in
//! `shapes`, one file per judgement besides. This folder must never know columns or log positions.

mod activity;
mod asset_risk;
mod case;
mod impact;
mod investigation_priority;
mod kill_chain;
mod overview;
mod priority;
mod shapes;
mod similar;
mod system_tags;
mod timeline;
mod title;

pub use crate::resolve::LinkReason;
pub(crate) use activity::activity_log;
pub use activity::{ActivityEntry, ActivityFilter, ActivityLog, ActivityType, Origin, TargetType};
pub use asset_risk::AssetRisk;
pub(crate) use asset_risk::{Open, risk};
pub(crate) use case::{Case, CaseAlert, CaseEntity, CaseLink, CaseNear};
pub use impact::{Cause, CauseKind, Impact, ImpactAlert, IncidentChange, IncidentImpact, IncidentState, VerdictImpact};
pub(crate) use impact::{Digest, Held, Judged, compare};
pub(crate) use investigation_priority::{Counted, counts, detail, percentile};
pub use investigation_priority::{MODEL as USER_PRIORITY_MODEL, UserImpact, UserPriority, UserShare};
pub(crate) use kill_chain::{StageTable, stages_of};
pub(crate) use overview::{duration, outline, summarise};
pub(crate) use priority::Tally;
pub use priority::{Band, Contribution, Factor, MODEL as PRIORITY_MODEL, Priority};
pub use shapes::{
    Activity, AlertLine, AssetLine, Attribute, EntityDetail, EntityLine, EvidenceCount, IncidentSummary, KillChain,
    LinkLine, LinkTotals, NearMiss, QueueLine, Repeat, Scope, Stage, Step, VendorIncident,
};
pub use similar::{Aspect, MODEL as SIMILAR_MODEL, Resolution, Share, SharedFact, SimilarIncident, SimilarIncidents};
pub(crate) use similar::{Likeness, weight};
pub use system_tags::SystemTag;
pub(crate) use system_tags::names_system_tag;
pub use timeline::{Timeline, TimelineEntry, TimelineKind};
