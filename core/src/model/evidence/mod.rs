//! Evidence: one entity as one alert saw it.

mod apps;
mod cloud;
mod code_iot;
mod complex;
mod containers;
mod devices;
mod files;
mod identity;
mod kind;
mod mail;
mod network;

pub use apps::{AiAgentEvidence, CloudApplicationEvidence, OauthApplicationEvidence};
pub use cloud::{
    AmazonResourceEvidence, AzureResourceEvidence, BlobContainerEvidence, BlobEvidence, GoogleCloudResourceEvidence,
    SasTokenEvidence,
};
pub use code_iot::{GitHubOrganizationEvidence, GitHubRepoEvidence, GitHubUserEvidence, IoTDeviceEvidence};
pub use complex::{
    EmailSender, FileDetails, FileHash, GeoLocation, KubernetesServicePort, LoggedOnUser, ResourceAccessEvent, Stream,
    UserAccount, VmMetadata,
};
pub use containers::{
    ContainerEvidence, ContainerImageEvidence, ContainerRegistryEvidence, KubernetesClusterEvidence,
    KubernetesControllerEvidence, KubernetesNamespaceEvidence, KubernetesPodEvidence, KubernetesSecretEvidence,
    KubernetesServiceAccountEvidence, KubernetesServiceEvidence,
};
pub use devices::DeviceEvidence;
pub use files::{
    FileEvidence, FileHashEvidence, MalwareEvidence, ProcessEvidence, RegistryKeyEvidence, RegistryValueEvidence,
};
pub use identity::{
    ActiveDirectoryDomainEvidence, CloudLogonRequestEvidence, CloudLogonSessionEvidence, HostLogonSessionEvidence,
    SecurityGroupEvidence, ServicePrincipalEvidence, UserEvidence,
};
pub use kind::{EvidenceKind, EvidencePayload};
pub use mail::{
    AnalyzedMessageEvidence, MailClusterEvidence, MailboxConfigurationEvidence, MailboxEvidence,
    SubmissionMailEvidence, TeamsMessageEvidence,
};
pub use network::{DnsEvidence, IpEvidence, NetworkConnectionEvidence, NicEvidence, UrlEvidence};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::enums::{EvidenceRole, RemediationStatus, Verdict};
use super::macros::graph_object;
use super::{Path, Time};
use crate::error::{Problem, ProblemCode};

const ODATA_TYPE: &str = "@odata.type";

/// One entity as one alert saw it: what it is, what part it played, what the provider found.
///
/// Unknown fields are in the `extra` of the payload; the `extra` here holds the originals of the
/// common fields that their types cannot give back.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Evidence {
    /// `createdDateTime`: when it was added to the alert.
    pub created_date_time: Option<Time>,
    /// `verdict`: what the provider found.
    pub verdict: Option<Verdict>,
    /// `remediationStatus`: what has been done about it.
    pub remediation_status: Option<RemediationStatus>,
    /// `remediationStatusDetails`: the same in words.
    pub remediation_status_details: Option<String>,
    /// `roles`: the parts it played.
    pub roles: Vec<EvidenceRole>,
    /// `detailedRoles`: the same in words.
    pub detailed_roles: Vec<String>,
    /// `tags`: marks of this instance.
    pub tags: Vec<String>,
    /// What it is.
    pub payload: EvidencePayload,
    /// Originals of the common fields, and whatever a caller adds.
    pub extra: Map<String, Value>,
    pub(crate) type_tag: TypeTag,
}

/// How `@odata.type` was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum TypeTag {
    /// As Graph writes it for the kind.
    #[default]
    Usual,
    /// In another spelling, or an unknown type.
    Spelt(Box<str>),
    /// Not at all: a nested evidence whose place tells the kind.
    Absent,
}

graph_object!(@fields Evidence {
    "createdDateTime" => created_date_time: Time,
    "verdict" => verdict: Verdict,
    "remediationStatus" => remediation_status: RemediationStatus,
    "remediationStatusDetails" => remediation_status_details: String,
    "roles" => roles: [EvidenceRole],
    "detailedRoles" => detailed_roles: [String],
    "tags" => tags: [String],
});
graph_object!(@object Evidence);

impl Evidence {
    /// Evidence of the payload's kind, with nothing else said.
    #[must_use]
    pub fn new(payload: impl Into<EvidencePayload>) -> Self {
        Evidence { payload: payload.into(), ..Evidence::default() }
    }

    /// Evidence of a type that this version does not know.
    #[must_use]
    pub fn other(odata_type: &str, properties: Map<String, Value>) -> Self {
        let type_tag = TypeTag::Spelt(odata_type.into());
        Evidence { payload: EvidencePayload::Other(Box::new(properties)), type_tag, ..Evidence::default() }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> EvidenceKind {
        self.payload.kind()
    }

    /// The type as it is written; `None` when it is left out.
    #[must_use]
    pub fn odata_type(&self) -> Option<&str> {
        match &self.type_tag {
            TypeTag::Spelt(text) if EvidenceKind::from_odata_type(text) == self.kind() => Some(text),
            TypeTag::Absent => None,
            _ => self.kind().odata_type(),
        }
    }

    /// Reads an object. What does not fit its field is reported and kept.
    #[must_use]
    pub fn from_map(map: Map<String, Value>, path: &Path<'_>, problems: &mut Vec<Problem>) -> Self {
        Self::read_map(map, EvidenceKind::Other, path, problems)
    }

    fn read_map(mut map: Map<String, Value>, hint: EvidenceKind, path: &Path<'_>, problems: &mut Vec<Problem>) -> Self {
        let mut evidence = Evidence::default();
        let kind = evidence.take_type(map.remove(ODATA_TYPE), hint, path, problems);
        let mut own = Map::new();
        for (key, value) in map {
            if Self::FIELDS.contains(&key.as_str()) {
                evidence.take_entry(key, value, path, problems);
            } else {
                own.insert(key, value);
            }
        }
        evidence.payload = EvidencePayload::from_map(kind, own, path, problems);
        evidence
    }

    fn take_type(
        &mut self,
        value: Option<Value>,
        hint: EvidenceKind,
        path: &Path<'_>,
        problems: &mut Vec<Problem>,
    ) -> EvidenceKind {
        let path = path.key(ODATA_TYPE);
        match value {
            Some(Value::String(text)) => {
                let kind = EvidenceKind::from_odata_type(&text);
                if kind.odata_type() != Some(&text) {
                    self.type_tag = TypeTag::Spelt(text.into());
                }
                kind
            }
            other => {
                self.type_tag = TypeTag::Absent;
                let known = hint != EvidenceKind::Other;
                match other {
                    Some(value) => {
                        if !value.is_null() {
                            let message = "expected the name of an evidence type";
                            problems.push(Problem::new(ProblemCode::WrongType, path.to_string(), message));
                        }
                        self.extra.insert(ODATA_TYPE.to_owned(), value);
                    }
                    None if known => {}
                    None => {
                        let message = "expected the name of an evidence type, found none";
                        problems.push(Problem::new(ProblemCode::Missing, path.to_string(), message));
                    }
                }
                hint
            }
        }
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(None)?;
        let odata_type = self.odata_type();
        if let Some(odata_type) = odata_type {
            out.serialize_entry(ODATA_TYPE, odata_type)?;
        }
        self.put_known(&mut out)?;
        // No key twice, whatever a caller has put into the two open maps.
        let typed = |key: &str| key == ODATA_TYPE && odata_type.is_some();
        let common = |key: &str| typed(key) || Self::FIELDS.contains(&key);
        self.payload.put(&mut out, &common)?;
        let written =
            |key: &str| typed(key) || self.payload.fields().contains(&key) || self.payload.extra().contains_key(key);
        self.put_rest(&mut out, &written)?;
        out.end()
    }
}
