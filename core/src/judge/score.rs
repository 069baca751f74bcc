//! What a score is: whole millionths, and the few ways in which one is made of others.

use crate::model::Verdict;
use crate::policy;

/// A score in millionths: what is compared is what is printed.
pub(crate) type Score = u32;

/// The score 1.
pub(crate) const ONE: Score = 1_000_000;

/// What is weaker is passed on no further.
pub(crate) const FAINT: Score = ONE / 100;

/// A number from 0 to 1 in whole millionths.
pub(crate) fn score(share: f64) -> Score {
    (share.clamp(0.0, 1.0) * f64::from(ONE)).round() as Score
}

/// The score as a number from 0 to 1.
pub(crate) fn share(score: Score) -> f64 {
    f64::from(score) / f64::from(ONE)
}

/// A confidence as a score.
pub(crate) fn percent(confidence: u8) -> Score {
    Score::from(confidence.min(100)) * (ONE / 100)
}

/// The part of a score that a step of this weight passes on.
pub(crate) fn passed(from: Score, weight: f64) -> Score {
    (f64::from(from) * weight).round() as Score
}

/// `1 − Π(1 − c)`; confidences in falling order, so that no other order touches the last bit.
pub(crate) fn together(confidences: impl Iterator<Item = u8>) -> Score {
    score(1.0 - confidences.fold(1.0, |rest, c| rest * (1.0 - f64::from(c) / 100.0)))
}

/// Just below the threshold: suspicion by association never grows into certainty.
pub(crate) fn near_malicious(policy: &policy::Judge) -> Score {
    score(policy.malicious - 0.01)
}

/// The verdict that a score stands for.
pub(crate) fn by_thresholds(score: Score, examined: bool, policy: &policy::Judge) -> Verdict {
    if share(score) >= policy.malicious {
        Verdict::Malicious
    } else if share(score) >= policy.suspicious {
        Verdict::Suspicious
    } else if examined {
        Verdict::Clean
    } else {
        Verdict::Unknown
    }
}
