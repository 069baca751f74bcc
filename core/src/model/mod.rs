//! The nouns: alerts, incidents, evidence and their value sets, as plain data.
//!
//! In: JSON objects in the shape of the Microsoft Graph security API. Out: typed structs that write
//! the same JSON back, unknown fields, kinds and values included, and a list of what was odd.
//! This folder must never know another input format, entity identity, correlation, rules or verdict
//! logic: it states what a record says, not what it means.

mod action;
mod alert;
mod bounds;
mod enums;
mod evidence;
mod fact;
mod incident;
mod macros;
mod path;
mod slot;
mod time;

#[cfg(test)]
mod tests;

pub use action::{ActionReport, ActionTarget};
pub use alert::{Alert, AlertComment, Dictionary};
pub use enums::{
    AccountAction, ActionKind, ActionOutcome, ActionState, AiAgentPlatform, AlertClassification, AlertDetermination,
    AlertSeverity, AlertStatus, AntispamTeamsDirection, ContainerPortProtocol, CorrelationReason, DefenderAvStatus,
    DeliveryAction, DeliveryLocation, DetectionSource, DetectionStatus, DeviceHealthStatus, DeviceRiskScore,
    EvidenceRole, FileHashAlgorithm, GoogleCloudLocationType, IdentityProvider, IncidentStatus, InvestigationState,
    IoTDeviceImportanceType, KubernetesPlatform, KubernetesServiceType, MailboxConfigurationType, OnboardingStatus,
    ProtocolType, RemediationAction, RemediationStatus, ServicePrincipalType, ServiceSource, TeamsDeliveryLocation,
    TeamsMessageDeliveryAction, ThreatType, Verdict, VerdictCategory, VmCloudProvider,
};
pub use evidence::{
    ActiveDirectoryDomainEvidence, AiAgentEvidence, AmazonResourceEvidence, AnalyzedMessageEvidence,
    AzureResourceEvidence, BlobContainerEvidence, BlobEvidence, CloudApplicationEvidence, CloudLogonRequestEvidence,
    CloudLogonSessionEvidence, ContainerEvidence, ContainerImageEvidence, ContainerRegistryEvidence, DeviceEvidence,
    DnsEvidence, EmailSender, Evidence, EvidenceKind, EvidencePayload, FileDetails, FileEvidence, FileHash,
    FileHashEvidence, GeoLocation, GitHubOrganizationEvidence, GitHubRepoEvidence, GitHubUserEvidence,
    GoogleCloudResourceEvidence, HostLogonSessionEvidence, IoTDeviceEvidence, IpEvidence, KubernetesClusterEvidence,
    KubernetesControllerEvidence, KubernetesNamespaceEvidence, KubernetesPodEvidence, KubernetesSecretEvidence,
    KubernetesServiceAccountEvidence, KubernetesServiceEvidence, KubernetesServicePort, LoggedOnUser,
    MailClusterEvidence, MailboxConfigurationEvidence, MailboxEvidence, MalwareEvidence, NetworkConnectionEvidence,
    NicEvidence, OauthApplicationEvidence, ProcessEvidence, RegistryKeyEvidence, RegistryValueEvidence,
    ResourceAccessEvent, SasTokenEvidence, SecurityGroupEvidence, ServicePrincipalEvidence, Stream,
    SubmissionMailEvidence, TeamsMessageEvidence, UrlEvidence, UserAccount, UserEvidence, VmMetadata,
};
pub(crate) use fact::fact_id;
pub use fact::{Author, Choice, Decision, FactId, FactKind, Indicator, Retraction};
pub use incident::Incident;
pub(crate) use macros::same_name;
pub use path::Path;
pub use time::Time;
