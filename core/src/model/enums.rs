//! Value sets of alerts, incidents and evidence, in Graph's spelling.

mod actions;
mod entities;
mod findings;
mod response;
mod sources;

pub use actions::{ActionKind, ActionOutcome, ActionState};
pub use entities::{
    AiAgentPlatform, AntispamTeamsDirection, ContainerPortProtocol, DefenderAvStatus, DeviceHealthStatus,
    DeviceRiskScore, FileHashAlgorithm, GoogleCloudLocationType, IoTDeviceImportanceType, KubernetesPlatform,
    KubernetesServiceType, MailboxConfigurationType, OnboardingStatus, ProtocolType, ServicePrincipalType,
    TeamsDeliveryLocation, TeamsMessageDeliveryAction, VmCloudProvider,
};
pub use response::{
    AccountAction, DeliveryAction, DeliveryLocation, IdentityProvider, RemediationAction, ThreatType, VerdictCategory,
};
pub use sources::{DetectionSource, ServiceSource};

use super::macros::graph_enum;

graph_enum! {
    /// How bad an alert or incident is, rising. An unknown spelling ranks lowest.
    #[derive(PartialOrd, Ord, Default)]
    pub enum AlertSeverity {
        /// Not stated.
        #[default]
        Unknown = "unknown" | "unspecified",
        /// Worth knowing, no threat by itself.
        Informational = "informational" | "info",
        /// Common or contained threats.
        Low = "low",
        /// Behaviour of a possible attack.
        Medium = "medium",
        /// Behaviour of a likely attack with serious damage.
        High = "high",
    }
}

graph_enum! {
    /// How far the work on an alert is.
    #[derive(Default)]
    pub enum AlertStatus {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Nobody has looked at it yet.
        New = "new",
        /// Somebody works on it.
        InProgress = "inProgress",
        /// Done.
        Resolved = "resolved" | "closed",
    }
}

graph_enum! {
    /// How far the work on an incident is.
    pub enum IncidentStatus {
        /// Open.
        Active = "active" | "new",
        /// Done.
        Resolved = "resolved" | "closed",
        /// Somebody works on it.
        InProgress = "inProgress",
        /// Merged into another incident.
        Redirected = "redirected",
        /// Waits for the customer, after the vendor's experts have looked.
        AwaitingAction = "awaitingAction",
    }
}

graph_enum! {
    /// What an analyst found an alert or incident to be.
    #[derive(Default)]
    pub enum AlertClassification {
        /// Not classified.
        #[default]
        Unknown = "unknown",
        /// No threat: the detector was wrong.
        FalsePositive = "falsePositive",
        /// A real threat.
        TruePositive = "truePositive",
        /// Really happened, and was meant to.
        InformationalExpectedActivity = "informationalExpectedActivity",
    }
}

graph_enum! {
    /// The finer finding below an [`AlertClassification`].
    #[derive(Default)]
    pub enum AlertDetermination {
        /// Not determined.
        #[default]
        Unknown = "unknown" | "notAvailable",
        /// Advanced persistent threat; withdrawn by the vendor, still in old data.
        Apt = "apt",
        /// Malicious software.
        Malware = "malware",
        /// Security staff at work; withdrawn by the vendor, still in old data.
        SecurityPersonnel = "securityPersonnel",
        /// A security test.
        SecurityTesting = "securityTesting",
        /// Unwanted, though not malicious, software.
        UnwantedSoftware = "unwantedSoftware",
        /// Graph's own value `other`: none of the named findings.
        OtherFinding = "other",
        /// An attack in several stages.
        MultiStagedAttack = "multiStagedAttack",
        /// An account in foreign hands.
        CompromisedAccount = "compromisedAccount" | "compromisedUser",
        /// Phishing.
        Phishing = "phishing",
        /// A user with bad intent.
        MaliciousUserActivity = "maliciousUserActivity",
        /// Nothing malicious.
        NotMalicious = "notMalicious" | "clean",
        /// Too little data to decide.
        NotEnoughDataToValidate = "notEnoughDataToValidate" | "noEnoughDataToValidate" | "insufficientData",
        /// The user confirmed the activity.
        ConfirmedActivity = "confirmedActivity" | "confirmedUserActivity",
        /// Software that the business uses.
        LineOfBusinessApplication = "lineOfBusinessApplication",
    }
}

graph_enum! {
    /// What an entity was found to be, rising. `Unknown` is "not examined", `Clean` is a finding.
    ///
    /// An unknown spelling ranks lowest.
    #[derive(PartialOrd, Ord, Default)]
    pub enum Verdict {
        /// Not examined, or examined without a finding.
        #[default]
        Unknown = "unknown",
        /// Examined, and no threat found.
        Clean = "noThreatsFound" | "clean",
        /// Probably a threat.
        Suspicious = "suspicious",
        /// A threat.
        Malicious = "malicious",
    }
}

graph_enum! {
    /// What has been done about a piece of evidence.
    #[derive(Default)]
    pub enum RemediationStatus {
        /// Nothing to do, or nothing done.
        #[default]
        None = "none",
        /// An action removed the threat.
        Remediated = "remediated",
        /// Stopped before it ran.
        Prevented = "prevented",
        /// Stopped while it ran.
        Blocked = "blocked",
        /// Gone when the action came.
        NotFound = "notFound",
        /// Under investigation.
        Active = "active",
        /// An action waits for approval.
        PendingApproval = "pendingApproval",
        /// Approval was refused.
        Declined = "declined",
        /// The action was undone.
        Unremediated = "unremediated",
        /// An action is under way.
        Running = "running",
        /// Some of it was remediated.
        PartiallyRemediated = "partiallyRemediated",
    }
}

graph_enum! {
    /// The part an entity played in an alert.
    #[derive(Default)]
    pub enum EvidenceRole {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Nearby, probably harmless.
        Contextual = "contextual",
        /// Was scanned.
        Scanned = "scanned",
        /// The activity came from it.
        Source = "source",
        /// The activity went to it.
        Destination = "destination",
        /// Was created.
        Created = "created",
        /// Was added, such as a member to a group.
        Added = "added",
        /// Is in foreign hands.
        Compromised = "compromised",
        /// Was changed.
        Edited = "edited",
        /// Was attacked.
        Attacked = "attacked",
        /// Attacks.
        Attacker = "attacker",
        /// Gives the orders to compromised machines.
        CommandAndControl = "commandAndControl",
        /// Was loaded by a process.
        Loaded = "loaded",
        /// Looks suspicious.
        Suspicious = "suspicious",
        /// Broke a policy.
        PolicyViolator = "policyViolator",
    }
}

graph_enum! {
    /// What happened when a file or process was detected.
    pub enum DetectionStatus {
        /// It ran and was seen.
        Detected = "detected",
        /// It was stopped while it ran.
        Blocked = "blocked",
        /// It was stopped before it ran.
        Prevented = "prevented",
    }
}

graph_enum! {
    /// The state of an automated investigation.
    #[derive(Default)]
    pub enum InvestigationState {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Ended before its time.
        Terminated = "terminated",
        /// Ended; every threat is remediated.
        SuccessfullyRemediated = "successfullyRemediated",
        /// Ended; no threat found.
        Benign = "benign",
        /// Ended with an error.
        Failed = "failed",
        /// Ended; some threats are remediated.
        PartiallyRemediated = "partiallyRemediated",
        /// Under way.
        Running = "running",
        /// Waits for somebody to approve an action.
        PendingApproval = "pendingApproval",
        /// Waits for a resource, such as a device that is off.
        PendingResource = "pendingResource",
        /// Has not started yet.
        Queued = "queued",
        /// Ended with an internal error.
        InnerFailure = "innerFailure",
        /// The alert is older than the feature.
        PreexistingAlert = "preexistingAlert",
        /// The operating system cannot be investigated.
        UnsupportedOs = "unsupportedOs",
        /// Alerts of this type are not investigated.
        UnsupportedAlertType = "unsupportedAlertType",
        /// The alert was suppressed.
        SuppressedAlert = "suppressedAlert",
        /// Ended with some entities not examined.
        PartiallyInvestigated = "partiallyInvestigated",
        /// Ended by a person.
        TerminatedByUser = "terminatedByUser",
        /// Ended by the system.
        TerminatedBySystem = "terminatedBySystem",
    }
}

graph_enum! {
    /// Why alerts belong together. As a set it is text joined with `", "`, or bits.
    pub enum CorrelationReason {
        /// The same alert again.
        RepeatedAlertOccurrence = "repeatedAlertOccurrence",
        /// The same place on earth.
        SameGeography = "sameGeography",
        /// Artifacts that resemble each other.
        SimilarArtifacts = "similarArtifacts",
        /// The same asset was the target.
        SameTargetedAsset = "sameTargetedAsset",
        /// The same network segment.
        SameNetworkSegment = "sameNetworkSegment",
        /// Events in a telling order.
        EventSequence = "eventSequence",
        /// Close in time.
        TimeFrame = "timeFrame",
        /// The threat came from the same source.
        SameThreatSource = "sameThreatSource",
        /// Techniques or behaviour that resemble each other.
        SimilarTtpsOrBehavior = "similarTTPsOrBehavior",
        /// The same actor.
        SameActor = "sameActor",
        /// The same campaign.
        SameCampaign = "sameCampaign",
        /// Indicators in common.
        SharedIndicators = "sharedIndicators",
        /// The same asset took part.
        SameAsset = "sameAsset",
        /// Close in the network.
        NetworkProximity = "networkProximity",
        /// One event caused the other (`casual` is the interface's spelling).
        EventCasualSequence = "eventCasualSequence" | "eventCausalSequence",
        /// Near in time.
        TemporalProximity = "temporalProximity",
        /// On one path of lateral movement.
        LateralMovementPath = "lateralMovementPath",
    }
}

impl CorrelationReason {
    /// Reads a set such as `sameActor, sameCampaign`. Order is kept, empty parts are skipped.
    #[must_use]
    pub fn parse_flags(text: &str) -> Vec<Self> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Self::parse).collect()
    }

    /// Writes a set, joined with `", "`.
    #[must_use]
    pub fn join_flags(reasons: &[Self]) -> String {
        reasons.iter().map(Self::as_str).collect::<Vec<_>>().join(", ")
    }

    /// The bit of a known reason.
    #[must_use]
    pub fn bit(&self) -> Option<u32> {
        1u32.checked_shl(u32::from(self.index()?))
    }

    /// The known reasons among these bits, in declared order. Other bits are ignored.
    #[must_use]
    pub fn from_bits(bits: u32) -> Vec<Self> {
        Self::ALL.iter().filter(|reason| reason.bit().is_some_and(|bit| bits & bit != 0)).cloned().collect()
    }

    /// The bits of these reasons. Unknown reasons have none.
    #[must_use]
    pub fn to_bits(reasons: &[Self]) -> u32 {
        reasons.iter().filter_map(Self::bit).fold(0, |bits, bit| bits | bit)
    }
}
