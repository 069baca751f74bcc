//! What each source thinks of each entity of an incident.

use std::sync::Arc;

use crate::model::{ActionKind, AlertClassification, EvidenceRole, Verdict};
use crate::policy;
use crate::resolve::EntityKind;
use crate::resolve::extract::flag;

use super::scene::Scene;

/// Who an opinion comes from, highest first. A higher authority overrules the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Authority {
    /// A person decided.
    Analyst,
    /// A block or allow list names it.
    Indicator,
    /// A detector or the vendor says so.
    Direct,
    /// It is close to something judged.
    Association,
    /// Nobody says anything.
    None,
}

/// What makes a source think so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The provider's verdict on the evidence.
    ProviderVerdict,
    /// The role of the evidence in the attack.
    Role,
    /// A sensor detected, blocked or prevented it.
    Detected,
    /// It is in an alert that the provider found to be true.
    TruePositive,
    /// It is in an alert of this severity.
    Severity,
    /// Its alert was found to be false, so it says nothing: the opinions of that alert do not count.
    FalsePositive,
    /// A verdict rule fits it: index into the opinions of [`RuleFindings`].
    Rule(u32),
    /// Index into the indicators of [`Outside`].
    Indicator(u32),
    /// Index into the decisions of [`Outside`].
    Analyst(u32),
}

impl Why {
    /// Which reason is named first, of equally sure ones.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Why::ProviderVerdict => 0,
            Why::Role => 1,
            Why::Detected => 2,
            Why::TruePositive => 3,
            Why::Severity => 4,
            Why::FalsePositive => 5,
            Why::Rule(_) => 6,
            Why::Indicator(_) => 7,
            Why::Analyst(_) => 8,
        }
    }
}

/// One opinion on one entity, both by local id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opinion {
    pub(crate) entity: u32,
    pub(crate) verdict: u8,
    pub(crate) confidence: u8,
    pub(crate) authority: Authority,
    /// Detector, for opinions of alerts: repeats of one detector count once.
    pub(crate) source: u32,
    /// Alert of the casebook that holds it.
    pub(crate) alert: u32,
    /// Occurrence that it is about, of the columns; none for what is not read of evidence.
    pub(crate) row: u32,
    pub(crate) why: Why,
}

impl Opinion {
    /// Does it say that something is wrong?
    pub(crate) fn speaks_against(&self) -> bool {
        self.verdict > CLEAN
    }
}

/// What the judge needs to know of an alert.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AlertStance {
    pub(crate) severity: u8,
    pub(crate) classification: u8,
    pub(crate) detector: u32,
}

/// What comes from outside the alerts: indicators and decisions on entities of this incident, by local id.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    /// Entity, verdict, confidence, index of the indicator.
    pub(crate) indicators: Vec<(u32, Verdict, u8, u32)>,
    /// Entity, verdict, index of the decision; of several on one entity the last stands.
    pub(crate) decisions: Vec<(u32, Verdict, u32)>,
    /// What alerts of other incidents say of entities that this one holds too.
    pub(crate) elsewhere: Vec<Opinion>,
    /// What verdict rules say.
    pub(crate) rules: RuleFindings,
}

/// How a rule is called in explanations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RuleWords {
    pub(crate) title: String,
    /// Empty when it has none.
    pub(crate) id: String,
    /// SHA-256 of its document, in hex.
    pub(crate) hash: String,
}

/// What one verdict rule says of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleOpinion {
    /// Local id.
    pub(crate) entity: u32,
    pub(crate) verdict: Verdict,
    pub(crate) confidence: u8,
    /// It caps the result, which nothing else of this authority may do.
    pub(crate) exculpates: bool,
    /// Index into [`RuleFindings::words`].
    pub(crate) rule: u32,
    /// The alert, by local id, that shows what the rule saw.
    pub(crate) alert: u32,
    /// Alerts, by local id, that the rule looked at, ascending.
    pub(crate) looked: Arc<[u32]>,
    /// Field and value that the rule went by, in words.
    pub(crate) matched: String,
    /// What the rule would have done and which roles it gives, for those who respond.
    pub(crate) face: Arc<RuleFace>,
}

/// What a rule proposes besides its verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RuleFace {
    pub(crate) actions: Vec<ActionKind>,
    /// Field and the role of what it names.
    pub(crate) roles: Vec<(String, EvidenceRole)>,
}

/// What verdict rules say of the entities of an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RuleFindings {
    /// Of all verdict rules; empty when there are none.
    pub(crate) words: Arc<[RuleWords]>,
    /// By entity, then rule.
    pub(crate) opinions: Vec<RuleOpinion>,
    /// Entity and rule that had the fields it needs, sorted.
    pub(crate) examined: Vec<(u32, u32)>,
    /// Entity and the limit that kept the rules from seeing all of it, sorted.
    pub(crate) reached: Vec<(u32, &'static str)>,
}

impl RuleFindings {
    pub(crate) fn words(&self, rule: u32) -> Option<&RuleWords> {
        self.words.get(rule as usize)
    }

    /// Rules that examined `entity`, in their order.
    pub(crate) fn examiners(&self, entity: u32) -> impl Iterator<Item = &RuleWords> {
        let from = self.examined.partition_point(|(e, _)| *e < entity);
        let marks = self.examined.get(from..).unwrap_or_default();
        marks.iter().take_while(move |(e, _)| *e == entity).filter_map(|(_, rule)| self.words(*rule))
    }
}

/// Sources of opinions are detectors by number, and rules by number with this bit.
const RULE_SOURCE: u32 = 1 << 31;

/// Index of `Verdict::Clean`.
pub(crate) const CLEAN: u8 = 1;

pub(crate) const FALSE_POSITIVE: u8 = index_of_false_positive();

const fn index_of_false_positive() -> u8 {
    // Position in `AlertClassification::ALL`; a test holds it to that.
    1
}

fn role_bit(role: &EvidenceRole) -> u16 {
    role.index().filter(|i| *i < 16).map_or(0, |i| 1 << i)
}

/// Bits of the roles that the judge looks at; made once per run.
#[derive(Debug, Clone, Copy)]
struct RoleBits {
    attacker: u16,
    suspicious: u16,
    contextual: u16,
}

impl RoleBits {
    fn new() -> Self {
        RoleBits {
            attacker: role_bit(&EvidenceRole::Attacker) | role_bit(&EvidenceRole::CommandAndControl),
            suspicious: role_bit(&EvidenceRole::Suspicious) | role_bit(&EvidenceRole::PolicyViolator),
            contextual: role_bit(&EvidenceRole::Contextual),
        }
    }
}

fn verdict_index(verdict: &Verdict) -> u8 {
    verdict.index().unwrap_or(0)
}

/// What one alert says of one entity in it.
pub(crate) struct Said {
    pub(crate) kind: EntityKind,
    pub(crate) common: bool,
    pub(crate) verdict: u8,
    pub(crate) roles: u16,
    pub(crate) flags: u8,
    pub(crate) stance: AlertStance,
}

/// The constants that reading opinions needs, looked up once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    bits: RoleBits,
    clean: u8,
    suspicious: u8,
    malicious: u8,
    true_positive: u8,
}

impl Reading {
    pub(crate) fn new() -> Self {
        Reading {
            bits: RoleBits::new(),
            clean: verdict_index(&Verdict::Clean),
            suspicious: verdict_index(&Verdict::Suspicious),
            malicious: verdict_index(&Verdict::Malicious),
            true_positive: AlertClassification::TruePositive.index().unwrap_or(u8::MAX),
        }
    }

    /// Hands the opinions that `said` amounts to, as verdict, confidence and reason, to `say`.
    pub(crate) fn opinions(&self, said: &Said, policy: &policy::Judge, mut say: impl FnMut(u8, u8, Why)) {
        let Reading { bits, clean, suspicious, malicious, true_positive } = *self;
        let mut say = |verdict: u8, confidence: u8, why: Why| {
            if confidence > 0 {
                say(verdict, confidence.min(100), why);
            }
        };
        if said.stance.classification == FALSE_POSITIVE {
            if said.flags & flag::NESTED == 0 {
                say(clean, policy.provider_clean, Why::FalsePositive);
            }
            return;
        }
        if said.verdict == malicious {
            say(malicious, policy.provider_malicious, Why::ProviderVerdict);
        } else if said.verdict == suspicious {
            say(suspicious, policy.provider_suspicious, Why::ProviderVerdict);
        } else if said.verdict == clean {
            say(clean, policy.provider_clean, Why::ProviderVerdict);
        }
        // Roles and severity speak of how it was done, not of what was hit; what is on every machine
        // is in every alert.
        if said.kind.is_asset() || said.common || said.flags & flag::NESTED != 0 || said.verdict == clean {
            return;
        }
        if said.roles & bits.attacker != 0 {
            say(suspicious, policy.role_attacker, Why::Role);
        } else if said.roles & bits.suspicious != 0 {
            say(suspicious, policy.role_suspicious, Why::Role);
        }
        if said.roles & bits.contextual != 0 {
            return;
        }
        if said.flags & flag::DETECTED != 0 {
            say(suspicious, policy.detected, Why::Detected);
        }
        if said.stance.classification == true_positive {
            say(suspicious, policy.true_positive, Why::TruePositive);
        } else {
            let [unknown, informational, low, medium, high] = policy.severity;
            let confidence = match said.stance.severity {
                0 => unknown,
                1 => informational,
                2 => low,
                3 => medium,
                _ => high,
            };
            say(suspicious, confidence, Why::Severity);
        }
    }
}

/// All opinions on the entities of `scene`, in the order of its rows.
pub(crate) fn collect(
    scene: &Scene,
    stance: &dyn Fn(u32) -> AlertStance,
    outside: &Outside,
    policy: &policy::Judge,
    out: &mut Vec<Opinion>,
) {
    out.clear();
    let reading = Reading::new();
    for row in &scene.rows {
        let Some((kind, common)) = scene.kinds.get(row.entity as usize).copied() else { continue };
        let stance = stance(row.source);
        let alert = scene.alerts.get(row.alert as usize).copied().unwrap_or(u32::MAX);
        let said = Said { kind, common, verdict: row.verdict, roles: row.roles, flags: row.flags, stance };
        reading.opinions(&said, policy, |verdict, confidence, why| {
            let (entity, source) = (row.entity, stance.detector);
            let (authority, row) = (Authority::Direct, row.occurrence);
            out.push(Opinion { entity, verdict, confidence, authority, source, alert, row, why });
        });
    }
    out.extend_from_slice(&outside.elsewhere);
    for (index, opinion) in outside.rules.opinions.iter().enumerate() {
        out.push(Opinion {
            entity: opinion.entity,
            verdict: verdict_index(&opinion.verdict),
            confidence: opinion.confidence.min(100),
            authority: Authority::Direct,
            source: RULE_SOURCE | opinion.rule,
            alert: scene.alerts.get(opinion.alert as usize).copied().unwrap_or(u32::MAX),
            row: u32::MAX,
            why: Why::Rule(index as u32),
        });
    }
    for (entity, verdict, confidence, index) in &outside.indicators {
        let opinion = Opinion {
            entity: *entity,
            verdict: verdict_index(verdict),
            confidence: *confidence,
            authority: Authority::Indicator,
            source: u32::MAX,
            alert: u32::MAX,
            row: u32::MAX,
            why: Why::Indicator(*index),
        };
        out.push(opinion);
    }
    for (entity, verdict, index) in &outside.decisions {
        let opinion = Opinion {
            entity: *entity,
            verdict: verdict_index(verdict),
            confidence: 100,
            authority: Authority::Analyst,
            source: u32::MAX,
            alert: u32::MAX,
            row: u32::MAX,
            why: Why::Analyst(*index),
        };
        out.push(opinion);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_the_indices_they_stand_for() {
        assert_eq!(AlertClassification::FalsePositive.index(), Some(FALSE_POSITIVE));
        assert_eq!(Verdict::Clean.index(), Some(CLEAN));
    }
}
