//! Which determinations fit which classification: the one table, beside the value sets that it joins.

use super::{AlertClassification, AlertDetermination};

impl AlertClassification {
    /// The determinations that a person may give with this classification. [`Unknown`](AlertDetermination::Unknown)
    /// comes first and fits every one: not determined yet.
    ///
    /// What the vendor withdrew (`apt`, `securityPersonnel`) is read in old data and given to nothing new.
    ///
    /// ```
    /// use casegraph::model::{AlertClassification, AlertDetermination};
    ///
    /// assert!(AlertClassification::TruePositive.allows(&AlertDetermination::Phishing));
    /// assert!(!AlertClassification::FalsePositive.allows(&AlertDetermination::Phishing));
    /// ```
    #[must_use]
    pub const fn determinations(&self) -> &'static [AlertDetermination] {
        use AlertDetermination as D;
        match self {
            AlertClassification::TruePositive => &[
                D::Unknown,
                D::MultiStagedAttack,
                D::MaliciousUserActivity,
                D::CompromisedAccount,
                D::Malware,
                D::Phishing,
                D::UnwantedSoftware,
                D::OtherFinding,
            ],
            AlertClassification::InformationalExpectedActivity => {
                &[D::Unknown, D::SecurityTesting, D::LineOfBusinessApplication, D::ConfirmedActivity, D::OtherFinding]
            }
            AlertClassification::FalsePositive => {
                &[D::Unknown, D::NotMalicious, D::NotEnoughDataToValidate, D::OtherFinding]
            }
            AlertClassification::Unknown | AlertClassification::Other(_) => &[D::Unknown],
        }
    }

    /// May a person give this determination with this classification?
    #[must_use]
    pub fn allows(&self, determination: &AlertDetermination) -> bool {
        self.determinations().contains(determination)
    }
}
