//! Decisions in force: which alerts people joined or parted, which incidents may not grow, which
//! verdicts stand.

use hashbrown::HashMap;

use crate::correlate::Constraints;
use crate::model::{AlertClassification, AlertDetermination, Choice, Decision, FactId, IncidentStatus};
use crate::resolve::store::{NONE, Store};

/// A decision with its fact.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) fact: FactId,
    pub(crate) decision: Decision,
    /// Standing alerts it is about.
    pub(crate) alerts: Vec<u32>,
}

/// All decisions in force, oldest first by the time they carry, then by fact id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decided {
    pub(crate) entries: Vec<Entry>,
    pub(crate) constraints: Constraints,
    /// Decisions on each standing alert, by index, oldest first.
    pub(crate) of_alert: HashMap<u32, Vec<u32>>,
}

/// What stands for one alert, as far as it decides who may meet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Label {
    /// The decision that closed or parted it.
    closed: Option<u32>,
    owner: Option<String>,
    classification: Option<AlertClassification>,
    determination: Option<AlertDetermination>,
}

impl Label {
    /// Two set values that differ may not meet; an unset one fits anything.
    fn conflicts(&self, other: &Label) -> bool {
        fn differ<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            matches!((a, b), (Some(a), Some(b)) if a != b)
        }
        differ(self.owner.as_ref(), other.owner.as_ref())
            || differ(self.classification.as_ref(), other.classification.as_ref())
            || differ(self.determination.as_ref(), other.determination.as_ref())
    }
}

impl Decided {
    pub(crate) fn new(mut entries: Vec<Entry>) -> Decided {
        entries.sort_by(|a, b| a.decision.at.cmp(&b.decision.at).then(a.fact.cmp(&b.fact)));
        Decided { entries, ..Decided::default() }
    }

    /// Works out what the decisions mean for the alerts that stand.
    pub(crate) fn settle(&mut self, store: &Store, of_key: &[u32], alerts: usize) {
        if self.entries.is_empty() {
            return;
        }
        let mut by_id: HashMap<&str, Vec<u32>> = HashMap::with_capacity(alerts);
        for (key, alert) in of_key.iter().enumerate().filter(|(_, alert)| **alert != NONE) {
            by_id.entry(store.alert_id(key as u32)).or_default().push(*alert);
        }
        for (index, entry) in self.entries.iter_mut().enumerate() {
            entry.alerts =
                entry.decision.alerts.iter().filter_map(|id| by_id.get(id.as_str())).flatten().copied().collect();
            entry.alerts.sort_unstable();
            for alert in &entry.alerts {
                self.of_alert.entry(*alert).or_default().push(index as u32);
            }
        }
        let mut labels: HashMap<u32, Label> = HashMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let index = index as u32;
            for alert in &entry.alerts {
                let label = labels.entry(*alert).or_default();
                match &entry.decision.what {
                    Choice::SetStatus { status } => {
                        label.closed = (*status == IncidentStatus::Resolved).then_some(index)
                    }
                    Choice::Part => label.closed = Some(index),
                    Choice::Join => label.closed = None,
                    Choice::Assign { to } => label.owner.clone_from(to),
                    Choice::Classify { classification, determination } => {
                        label.classification =
                            Some(classification.clone()).filter(|c| *c != AlertClassification::Unknown);
                        label.determination = Some(determination.clone()).filter(|d| *d != AlertDetermination::Unknown);
                    }
                    _ => {}
                }
            }
        }
        self.constraints = self.constraints(labels);
    }

    fn constraints(&self, labels: HashMap<u32, Label>) -> Constraints {
        let mut out = Constraints::default();
        let mut alerts: Vec<(u32, Label)> =
            labels.into_iter().filter(|(_, label)| *label != Label::default()).collect();
        alerts.sort_unstable_by_key(|(alert, _)| *alert);
        let mut number: HashMap<Label, u32> = HashMap::new();
        let mut distinct: Vec<Label> = Vec::new();
        for (alert, label) in alerts {
            let index = *number.entry(label.clone()).or_insert_with(|| {
                distinct.push(label.clone());
                distinct.len() as u32 - 1
            });
            out.label.push((alert, index));
        }
        out.closed = distinct.iter().map(|label| label.closed.is_some()).collect();
        for (i, a) in distinct.iter().enumerate() {
            for (j, b) in distinct.iter().enumerate().skip(i + 1) {
                if a.conflicts(b) {
                    out.conflicts.push((i as u32, j as u32));
                }
            }
        }
        for (index, entry) in self.entries.iter().enumerate() {
            if matches!(entry.decision.what, Choice::Join) {
                for pair in entry.alerts.windows(2) {
                    if let [a, b] = pair
                        && !self.parted_later(index as u32, *a, *b)
                    {
                        out.join.push((*a, *b));
                    }
                }
            }
        }
        out
    }

    /// Did a later decision put one of the two, without the other, in an incident of its own?
    fn parted_later(&self, after: u32, a: u32, b: u32) -> bool {
        let later = self.entries.get(after as usize + 1..).unwrap_or_default();
        later
            .iter()
            .filter(|e| matches!(e.decision.what, Choice::Part))
            .any(|e| e.alerts.binary_search(&a).is_ok() != e.alerts.binary_search(&b).is_ok())
    }

    /// Decisions about any of these alerts, oldest first.
    pub(crate) fn about(&self, alerts: &[u32]) -> Vec<&Entry> {
        let mut indices: Vec<u32> = alerts.iter().filter_map(|a| self.of_alert.get(a)).flatten().copied().collect();
        indices.sort_unstable();
        indices.dedup();
        indices.iter().filter_map(|i| self.entries.get(*i as usize)).collect()
    }
}
