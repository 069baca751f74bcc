//! Which action on what, and what an executor says of it.

use serde::{Deserialize, Serialize};

use super::{ActionKind, ActionOutcome, Time};

/// An action and what it is done to: what approvals, refusals and reports name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionTarget {
    /// What is done.
    pub action: ActionKind,
    /// Public id of the entity it is done to, `kind:type:value`; any of its identifiers will do.
    pub entity: String,
    /// Public id of the device it is done on, where it is done on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
}

impl ActionTarget {
    /// An action on an entity.
    #[must_use]
    pub fn new(action: ActionKind, entity: impl Into<String>) -> ActionTarget {
        ActionTarget { action, entity: entity.into(), on: None }
    }

    /// Names the device it is done on.
    #[must_use]
    pub fn on(mut self, device: impl Into<String>) -> ActionTarget {
        self.on = Some(device.into());
        self
    }
}

/// An executor says how far an action is.
///
/// Reports may come late, twice, in any order and contradict each other: what holds follows from all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionReport {
    /// The action.
    #[serde(flatten)]
    pub target: ActionTarget,
    /// The idempotency key of the request that was carried out.
    pub key: String,
    /// How far it is.
    pub outcome: ActionOutcome,
    /// Since when, as the executor says: casegraph reads no clock.
    pub at: Time,
    /// The executor.
    pub by: String,
    /// What else it says, a reason for a failure above all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// An alert that holds the entity; it tells the tenant.
    pub alert: String,
}

impl ActionReport {
    /// Says what else there is to say.
    #[must_use]
    pub fn because(mut self, message: impl Into<String>) -> ActionReport {
        self.message = Some(message.into());
        self
    }
}
