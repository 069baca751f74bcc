//! How urgent an incident is: 0 to 100, additive, with exact shares.
//!
//! Every reason for urgency is a contribution of 0 to 1. Sorted, the largest first, contribution i
//! counts 1 ÷ (i^1.5 · ζ(1.5)) of its value, so that the sum is bounded by 1, grows with every
//! contribution, and depends neither on order nor on other incidents.

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::policy::{self, Criticality};

/// Version of the formula; it stands beside every score.
pub const MODEL: &str = "casegraph.priority/2";

/// ζ(1.5), the sum of 1 ÷ i^1.5 over all i.
const ZETA: f64 = 2.612_375_348_685_488;

/// What a contribution comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Factor {
    /// Severity of the alerts, one contribution per detector, less for noisy ones.
    Severity,
    /// Malicious and suspicious entities.
    Verdicts,
    /// Stages of the kill chain, later ones more.
    KillChain,
    /// Assets that were hit, valuable ones more.
    Assets,
    /// Distinct detectors that agree.
    Detectors,
}

/// Share of one factor in a priority.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Contribution {
    /// The factor.
    pub factor: Factor,
    /// Its points; all points sum to the score.
    pub points: f64,
    /// How many contributions it has.
    pub count: usize,
    /// The same in words.
    pub detail: String,
}

/// The band of a score, as the queue colours it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Band {
    /// Above 85.
    Top,
    /// 15 to 85.
    Medium,
    /// Below 15.
    Low,
}

impl Band {
    /// The band of a score in hundredths.
    const fn of(score: u32) -> Band {
        match score {
            8_501.. => Band::Top,
            1_500.. => Band::Medium,
            _ => Band::Low,
        }
    }
}

/// The priority of an incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Priority {
    /// 0 to 100, two decimals.
    pub score: f64,
    /// The band of the score.
    pub band: Band,
    /// Version of the formula.
    pub model: &'static str,
    /// Shares, the largest first.
    pub contributions: Vec<Contribution>,
}

/// What an incident's priority is made of, counted in one pass over its rows.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    items: Vec<(f64, Factor)>,
    /// Best severity value per detector.
    severities: Vec<(u32, f64)>,
    stages: u32,
    /// Assets by criticality.
    assets: [usize; Criticality::ALL.len()],
}

impl Tally {
    pub(crate) fn clear(&mut self) {
        self.items.clear();
        self.severities.clear();
        self.stages = 0;
        self.assets = Default::default();
    }

    /// An alert that is no repeat: its severity (0 unknown to 4 high), its detector and how rare that is.
    pub(crate) fn alert(&mut self, severity: u8, detector: u32, rare: f32, stages: u32) {
        // Unknown severity says nothing against an alert; a product that states none is not ranked last.
        let value = match severity {
            0 => 0.3,
            1 => 0.05,
            2 => 0.25,
            3 => 0.55,
            _ => 1.0,
        };
        self.severities.push((detector, value * f64::from(rare)));
        self.stages |= stages;
    }

    /// A malicious or suspicious entity with its score.
    pub(crate) fn entity(&mut self, malicious: bool, score: f64, policy: &policy::Summary) {
        self.items.push((policy.verdicts * score * if malicious { 1.0 } else { 0.4 }, Factor::Verdicts));
    }

    /// An asset that was hit.
    pub(crate) fn asset(&mut self, criticality: Criticality, policy: &policy::Summary) {
        if let Some(count) = self.assets.get_mut(criticality as usize) {
            *count += 1;
        }
        let value = match criticality {
            Criticality::None => 0.25,
            Criticality::Low => 0.35,
            Criticality::Medium => 0.5,
            Criticality::High => 0.75,
            Criticality::VeryHigh => 1.0,
        };
        self.items.push((policy.assets * value, Factor::Assets));
    }

    /// How many of the assets are of which criticality, the highest first; empty when none is known.
    fn criticality(&self) -> String {
        let levels = Criticality::ALL.iter().zip(self.assets).skip(1).rev().filter(|(_, count)| *count > 0);
        levels.map(|(level, count)| format!(", {count} of {} criticality", level.words())).collect()
    }

    fn finish(&mut self, stages: usize, policy: &policy::Summary) {
        self.severities.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        self.severities.dedup_by_key(|s| s.0);
        let detectors = self.severities.len();
        self.items.extend(self.severities.iter().map(|(_, value)| (policy.severity * value, Factor::Severity)));
        for stage in (0..stages).filter(|i| self.stages & (1 << i) != 0) {
            self.items.push((policy.kill_chain * (stage + 1) as f64 / stages as f64, Factor::KillChain));
        }
        if detectors > 1 {
            self.items.push((policy.detectors * (1.0 - 1.0 / detectors as f64), Factor::Detectors));
        }
        self.items.retain(|(value, _)| *value > 0.0);
        // Equal values in a fixed order of factors, so that shares do not depend on arrival.
        self.items.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    }

    /// The score alone, in hundredths: what the queue is sorted by.
    pub(crate) fn score(&mut self, stages: usize, policy: &policy::Summary) -> u32 {
        self.finish(stages, policy);
        self.points().iter().sum()
    }

    /// Hundredths of points per factor.
    fn points(&self) -> [u32; 5] {
        let mut shares = [0.0f64; 5];
        for (i, (value, factor)) in self.items.iter().enumerate() {
            let i = (i + 1) as f64;
            // i^1.5 without a power function: square roots are exact on every machine.
            if let Some(share) = shares.get_mut(*factor as usize) {
                *share += value.clamp(0.0, 1.0) / (i * i.sqrt() * ZETA);
            }
        }
        shares.map(|share| (share * 10_000.0).floor() as u32)
    }

    /// The score with its shares.
    pub(crate) fn priority(&mut self, stages: usize, policy: &policy::Summary) -> Priority {
        self.finish(stages, policy);
        let points = self.points();
        let total: u32 = points.iter().sum();
        let count = |factor: Factor| self.items.iter().filter(|(_, f)| *f == factor).count();
        let plural = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let factors = [Factor::Severity, Factor::Verdicts, Factor::KillChain, Factor::Assets, Factor::Detectors];
        let mut contributions: Vec<Contribution> = factors
            .into_iter()
            .zip(points)
            .filter(|(_, points)| *points > 0)
            .map(|(factor, points)| {
                let n = count(factor);
                let detail = match factor {
                    Factor::Severity => format!("severity of the alerts of {}", plural(n, "detector", "detectors")),
                    Factor::Verdicts => plural(n, "malicious or suspicious entity", "malicious or suspicious entities"),
                    Factor::KillChain => plural(n, "stage of the kill chain", "stages of the kill chain"),
                    Factor::Assets => format!("{}{}", plural(n, "asset hit", "assets hit"), self.criticality()),
                    Factor::Detectors => format!("{} detectors agree", self.severities.len()),
                };
                Contribution { factor, points: f64::from(points) / 100.0, count: n, detail }
            })
            .collect();
        contributions.sort_by(|a, b| b.points.total_cmp(&a.points).then(a.factor.cmp(&b.factor)));
        Priority { score: f64::from(total) / 100.0, band: Band::of(total), model: MODEL, contributions }
    }
}
