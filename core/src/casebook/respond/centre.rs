//! The action centre: what waits and what was done, over the whole casebook.

use chrono::{DateTime, Utc};
use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use crate::casebook::Casebook;
use crate::casebook::present::Presenter;
use crate::error::{Error, ErrorCode, Result};
use crate::model::{ActionKind, ActionState, Time};
use crate::report::sheet::Sheet;
use crate::respond::Action;

/// Which actions to show: all conditions hold, and of each list one. [`Default`]: every action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ActionFilter {
    /// States.
    pub states: Vec<ActionState>,
    /// Kinds of actions.
    pub actions: Vec<ActionKind>,
    /// Kinds of entities, as in `"kind": "device"`.
    pub kinds: Vec<String>,
    /// Where they come from.
    pub sources: Vec<ActionSource>,
    /// Who decided or carried out anything of it.
    pub by: Vec<String>,
    /// Incidents, each by any of its alerts.
    pub incidents: Vec<String>,
    /// Part of the name or id of the entity or the device, whatever the case.
    pub text: Option<String>,
    /// Not older than this: by the time of its state.
    pub since: Option<Time>,
    /// Not newer than this.
    pub until: Option<Time>,
}

impl ActionFilter {
    /// Reads a filter from its JSON form.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] with line and column.
    pub fn from_json(text: &str) -> Result<ActionFilter> {
        let filter: ActionFilter = crate::policy::object_from_json("a filter of actions", text)?;
        let misspelt = filter.states.iter().find(|state| state.index().is_none()).map(ActionState::as_str);
        let misspelt = misspelt.or_else(|| filter.actions.iter().find(|a| a.index().is_none()).map(ActionKind::as_str));
        match misspelt {
            Some(text) => {
                let message = format!("not a filter of actions: no state or action `{}`", text.escape_debug());
                Err(Error::new(ErrorCode::InvalidArgument, message))
            }
            None => Ok(filter),
        }
    }

    fn keeps(&self, action: &Action, incidents: &HashSet<u32>, incident: u32) -> bool {
        fn among<T: PartialEq>(list: &[T], value: &T) -> bool {
            list.is_empty() || list.contains(value)
        }
        let by = |name: &String| {
            action.history.iter().any(|step| step.by.as_ref() == Some(name))
                || action.approvals.iter().any(|approval| approval.by == *name)
        };
        let text = self.text.as_ref().map(|text| text.to_lowercase());
        let names = [Some(&action.entity), action.on.as_ref()];
        let has = |text: &String| {
            let mut names = names.iter().flatten();
            names.any(|name| name.name.to_lowercase().contains(text) || name.id.to_lowercase().contains(text))
        };
        let kind = self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == action.entity.kind.as_str());
        let within = |since: &Option<Time>, newer: bool| match (since, action.since) {
            (None, _) => true,
            (Some(limit), Some(at)) => {
                if newer {
                    at >= limit.at()
                } else {
                    at <= limit.at()
                }
            }
            (Some(_), None) => false,
        };
        among(&self.states, &action.state)
            && among(&self.actions, &action.action)
            && among(&self.sources, &ActionSource::of(action))
            && kind
            && (self.by.is_empty() || self.by.iter().any(by))
            && (self.incidents.is_empty() || incidents.contains(&incident))
            && text.as_ref().is_none_or(has)
            && within(&self.since, true)
            && within(&self.until, false)
    }
}

/// Where an action comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ActionSource {
    /// A judgement asks for it, and the policy asks nobody.
    Automatic,
    /// A judgement asks for it, and somebody must agree.
    Recommended,
    /// A person asked for it.
    Manual,
}

impl ActionSource {
    fn of(action: &Action) -> ActionSource {
        if action.proposed_by.is_some() || !action.recommended {
            ActionSource::Manual
        } else if action.automatic {
            ActionSource::Automatic
        } else {
            ActionSource::Recommended
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            ActionSource::Automatic => "automatic",
            ActionSource::Recommended => "recommended",
            ActionSource::Manual => "manual",
        }
    }
}

/// Actions of the whole casebook.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionCentre {
    /// The time that it is told for.
    pub at: DateTime<Utc>,
    /// What waits for somebody or something, what expires first at the top.
    pub pending: Vec<Action>,
    /// What was decided or done, the latest first.
    pub history: Vec<Action>,
    /// Decisions and reports about entities that no alert holds (any more).
    pub strays: usize,
}

impl ActionCentre {
    /// Both lists as CSV (RFC 4180), with a header: what a spreadsheet shows, one action a row. A cell that a
    /// spreadsheet would take for a formula begins with an apostrophe.
    #[must_use]
    pub fn to_csv(&self) -> String {
        const HEADER: [&str; 16] = [
            "list",
            "action",
            "state",
            "source",
            "entityKind",
            "entity",
            "entityId",
            "device",
            "verdict",
            "since",
            "expires",
            "decidedBy",
            "because",
            "incident",
            "investigation",
            "id",
        ];
        let mut out = Sheet::new(HEADER);
        let time = |at: Option<DateTime<Utc>>| {
            at.map_or_else(String::new, |at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        };
        for (list, actions) in [("pending", &self.pending), ("history", &self.history)] {
            for action in actions {
                let decided: Vec<&str> = action.history.iter().filter_map(|step| step.by.as_deref()).collect();
                out.row([
                    list.to_owned(),
                    action.action.to_string(),
                    action.state.to_string(),
                    ActionSource::of(action).as_str().to_owned(),
                    action.entity.kind.as_str().to_owned(),
                    action.entity.name.clone(),
                    action.entity.id.clone(),
                    action.on.as_ref().map_or_else(String::new, |device| device.name.clone()),
                    action.verdict.to_string(),
                    time(action.since),
                    time(action.expires),
                    decided.last().copied().unwrap_or_default().to_owned(),
                    action.because.clone(),
                    action.incident.clone(),
                    action.investigation.clone().unwrap_or_default(),
                    action.id.clone(),
                ]);
            }
        }
        out.text()
    }

    /// The whole as one JSON document.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Every part of it is plain data: writing it does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Casebook {
    /// The actions of the whole casebook as of the time `at`: what waits, and what was decided or done. What is only
    /// proposed waits for nobody and is shown with its incident alone. `O(facts)`.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when the filter names an unknown incident.
    pub fn action_centre(&self, at: &Time, filter: &ActionFilter) -> Result<ActionCentre> {
        let mut incidents: HashSet<u32> = HashSet::new();
        for alert in &filter.incidents {
            incidents.insert(self.incident_of(alert)?);
        }
        let mut out =
            ActionCentre { at: at.into(), pending: Vec::new(), history: Vec::new(), strays: self.said().strays };
        let mut known: HashSet<String> = HashSet::new();
        let mut presenter = Presenter::new(self);
        for (incident, _) in self.ranking() {
            if !filter.incidents.is_empty() && !incidents.contains(incident) {
                continue;
            }
            let (mut cases, _) = presenter.actions(*incident, at.into());
            cases.retain(|case| case.settled.state != ActionState::Proposed);
            let actions = presenter.in_words(&cases).into_iter();
            for action in actions.filter(|action| filter.keeps(action, &incidents, *incident)) {
                // One thing in two incidents is one action.
                if !known.insert(action.id.clone()) {
                    continue;
                }
                let list = if action.is_open() { &mut out.pending } else { &mut out.history };
                list.push(action);
            }
        }
        // What expires never comes after what does.
        out.pending.sort_by(|a, b| {
            let key = |action: &Action| (action.expires.is_none(), action.expires);
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        out.history.sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.id.cmp(&b.id)));
        Ok(out)
    }
}
