//! The kinds of evidence, and the payload that each kind has.

use serde::ser::SerializeMap;
use serde_json::{Map, Value};

#[allow(clippy::wildcard_imports, reason = "every payload type is named once, in the table below")]
use super::*;
use crate::error::Problem;
use crate::model::Path;
use crate::model::macros::same_name;

/// The namespace that Graph writes before a type name, with the mark of a type annotation.
const NAMESPACE: &str = "#microsoft.graph.security.";

macro_rules! evidence_kinds {
    ($($(#[$meta:meta])* $kind:ident($payload:ident) = $name:literal,)+) => {
        /// What kind of thing a piece of evidence is.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum EvidenceKind {
            $($(#[$meta])* $kind,)+
            /// A kind that this version does not know.
            #[default]
            Other,
        }

        impl EvidenceKind {
            /// All kinds, `Other` last.
            pub const ALL: &[Self] = &[$(Self::$kind,)+ Self::Other];

            /// The short name: Graph's type name without `Evidence`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                    Self::Other => "other",
                }
            }

            /// Graph's type name with namespace, as `@odata.type` holds it; `None` for `Other`.
            #[must_use]
            pub const fn odata_type(self) -> Option<&'static str> {
                match self {
                    $(Self::$kind => Some(concat!("#microsoft.graph.security.", $name, "Evidence")),)+
                    Self::Other => None,
                }
            }
        }

        /// The properties that only one kind of evidence has.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum EvidencePayload {
            $($(#[$meta])* $kind(Box<$payload>),)+
            /// A kind that this version does not know, with all its properties.
            Other(Box<Map<String, Value>>),
        }

        impl EvidencePayload {
            /// The kind.
            #[must_use]
            pub const fn kind(&self) -> EvidenceKind {
                match self {
                    $(Self::$kind(_) => EvidenceKind::$kind,)+
                    Self::Other(_) => EvidenceKind::Other,
                }
            }

            /// An empty payload of a kind.
            #[must_use]
            pub fn empty(kind: EvidenceKind) -> Self {
                match kind {
                    $(EvidenceKind::$kind => Self::$kind(Box::default()),)+
                    EvidenceKind::Other => Self::Other(Box::default()),
                }
            }

            /// The fields that the kind is known to have, in declared order.
            #[must_use]
            pub const fn fields(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$kind(_) => $payload::FIELDS,)+
                    Self::Other(_) => &[],
                }
            }

            /// Unknown fields and kept originals; for `Other`, all properties.
            #[must_use]
            pub fn extra(&self) -> &Map<String, Value> {
                match self {
                    $(Self::$kind(payload) => &payload.extra,)+
                    Self::Other(all) => all,
                }
            }

            /// Reads the properties of a kind.
            #[must_use]
            pub fn from_map(
                kind: EvidenceKind,
                map: Map<String, Value>,
                path: &Path<'_>,
                problems: &mut Vec<Problem>,
            ) -> Self {
                match kind {
                    $(EvidenceKind::$kind => Self::$kind(Box::new($payload::from_map(map, path, problems))),)+
                    EvidenceKind::Other => Self::Other(Box::new(map)),
                }
            }

            /// Writes the properties, except those that the evidence itself holds.
            pub(super) fn put<M: SerializeMap>(
                &self,
                out: &mut M,
                skip: &dyn Fn(&str) -> bool,
            ) -> Result<(), M::Error> {
                match self {
                    $(Self::$kind(payload) => {
                        payload.put_known(out)?;
                        payload.put_rest(out, skip)
                    })+
                    Self::Other(all) => {
                        all.iter().filter(|(key, _)| !skip(key)).try_for_each(|(key, value)| out.serialize_entry(key, value))
                    }
                }
            }
        }

        $(impl From<$payload> for EvidencePayload {
            fn from(payload: $payload) -> Self {
                Self::$kind(Box::new(payload))
            }
        })+
    };
}

evidence_kinds! {
    /// A computer or phone.
    Device(DeviceEvidence) = "device",
    /// A user account.
    User(UserEvidence) = "user",
    /// A security group.
    SecurityGroup(SecurityGroupEvidence) = "securityGroup",
    /// An Active Directory domain and whom it trusts.
    ActiveDirectoryDomain(ActiveDirectoryDomainEvidence) = "activeDirectoryDomain",
    /// The identity of an application in a directory.
    ServicePrincipal(ServicePrincipalEvidence) = "servicePrincipal",
    /// A logon session on a device.
    HostLogonSession(HostLogonSessionEvidence) = "hostLogonSession",
    /// A sign-in session in the cloud.
    CloudLogonSession(CloudLogonSessionEvidence) = "cloudLogonSession",
    /// One sign-in request in the cloud.
    CloudLogonRequest(CloudLogonRequestEvidence) = "cloudLogonRequest",
    /// A file on a device or in the cloud.
    File(FileEvidence) = "file",
    /// A file known by a hash only.
    FileHash(FileHashEvidence) = "fileHash",
    /// A running program, with its image, parent and user.
    Process(ProcessEvidence) = "process",
    /// A registry key.
    RegistryKey(RegistryKeyEvidence) = "registryKey",
    /// A registry value.
    RegistryValue(RegistryValueEvidence) = "registryValue",
    /// Malware by name, with the files and processes that are it.
    Malware(MalwareEvidence) = "malware",
    /// An IP address.
    Ip(IpEvidence) = "ip",
    /// A URL.
    Url(UrlEvidence) = "url",
    /// A domain name and how it resolved.
    Dns(DnsEvidence) = "dns",
    /// A connection between two addresses.
    NetworkConnection(NetworkConnectionEvidence) = "networkConnection",
    /// A network interface.
    Nic(NicEvidence) = "nic",
    /// A mail message as one recipient got it.
    AnalyzedMessage(AnalyzedMessageEvidence) = "analyzedMessage",
    /// A mailbox.
    Mailbox(MailboxEvidence) = "mailbox",
    /// A setting or rule of a mailbox.
    MailboxConfiguration(MailboxConfigurationEvidence) = "mailboxConfiguration",
    /// Messages that resemble each other.
    MailCluster(MailClusterEvidence) = "mailCluster",
    /// A message that somebody reported.
    SubmissionMail(SubmissionMailEvidence) = "submissionMail",
    /// A chat message.
    TeamsMessage(TeamsMessageEvidence) = "teamsMessage",
    /// A cloud application.
    CloudApplication(CloudApplicationEvidence) = "cloudApplication",
    /// An application that was given rights.
    OauthApplication(OauthApplicationEvidence) = "oauthApplication",
    /// An AI agent.
    AiAgent(AiAgentEvidence) = "aiAgent",
    /// A resource in Azure.
    AzureResource(AzureResourceEvidence) = "azureResource",
    /// A resource at Amazon.
    AmazonResource(AmazonResourceEvidence) = "amazonResource",
    /// A resource in Google Cloud.
    GoogleCloudResource(GoogleCloudResourceEvidence) = "googleCloudResource",
    /// A container of blobs.
    BlobContainer(BlobContainerEvidence) = "blobContainer",
    /// A blob.
    Blob(BlobEvidence) = "blob",
    /// A token that gives access to storage.
    SasToken(SasTokenEvidence) = "sasToken",
    /// A container.
    Container(ContainerEvidence) = "container",
    /// An image of containers.
    ContainerImage(ContainerImageEvidence) = "containerImage",
    /// A registry of container images.
    ContainerRegistry(ContainerRegistryEvidence) = "containerRegistry",
    /// A Kubernetes cluster.
    KubernetesCluster(KubernetesClusterEvidence) = "kubernetesCluster",
    /// A Kubernetes controller, such as a deployment.
    KubernetesController(KubernetesControllerEvidence) = "kubernetesController",
    /// A Kubernetes namespace.
    KubernetesNamespace(KubernetesNamespaceEvidence) = "kubernetesNamespace",
    /// A Kubernetes pod.
    KubernetesPod(KubernetesPodEvidence) = "kubernetesPod",
    /// A Kubernetes secret.
    KubernetesSecret(KubernetesSecretEvidence) = "kubernetesSecret",
    /// A Kubernetes service.
    KubernetesService(KubernetesServiceEvidence) = "kubernetesService",
    /// A Kubernetes service account.
    KubernetesServiceAccount(KubernetesServiceAccountEvidence) = "kubernetesServiceAccount",
    /// A GitHub organisation.
    GitHubOrganization(GitHubOrganizationEvidence) = "gitHubOrganization",
    /// A GitHub repository.
    GitHubRepo(GitHubRepoEvidence) = "gitHubRepo",
    /// A GitHub user.
    GitHubUser(GitHubUserEvidence) = "gitHubUser",
    /// A device of the internet of things, or an industrial one.
    IoTDevice(IoTDeviceEvidence) = "ioTDevice",
}

impl EvidenceKind {
    /// The kind that `@odata.type` names, with or without `#`, in any namespace and case.
    #[must_use]
    pub fn from_odata_type(text: &str) -> Self {
        if let Some(name) = text.strip_prefix(NAMESPACE).and_then(|name| name.strip_suffix("Evidence"))
            && let Some(kind) = Self::ALL.iter().find(|kind| kind.as_str() == name && **kind != Self::Other)
        {
            return *kind;
        }
        let name = text.rsplit(['.', '#']).next().unwrap_or_default();
        let kind_of = |end: usize| {
            let (kind, suffix) = name.split_at_checked(end)?;
            suffix.eq_ignore_ascii_case("Evidence").then(|| Self::parse(kind))
        };
        name.len().checked_sub("Evidence".len()).and_then(kind_of).unwrap_or_default()
    }

    /// The kind of a short name such as `device`, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let known = Self::ALL.iter().find(|kind| same_name(name, &[kind.as_str()]));
        known.copied().unwrap_or_default()
    }

    /// Position in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> u8 {
        self as u8
    }

    /// The kind at this position of [`ALL`](Self::ALL).
    #[must_use]
    pub fn from_index(index: u8) -> Option<Self> {
        Self::ALL.get(usize::from(index)).copied()
    }

    /// Whether this is what attacks aim at (an asset), not what they are made of (an artifact).
    #[must_use]
    pub const fn is_asset(self) -> bool {
        matches!(
            self,
            Self::Device
                | Self::User
                | Self::Mailbox
                | Self::CloudApplication
                | Self::AzureResource
                | Self::AmazonResource
                | Self::GoogleCloudResource
        )
    }
}

impl std::fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for EvidenceKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for EvidenceKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name: std::borrow::Cow<'de, str> = serde::Deserialize::deserialize(deserializer)?;
        Ok(Self::parse(&name))
    }
}

impl Default for EvidencePayload {
    fn default() -> Self {
        Self::Other(Box::default())
    }
}
