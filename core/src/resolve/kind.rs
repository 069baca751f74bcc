//! The kinds of entities, and what is fixed about each: its name, whether it is an asset, how it links.

use crate::policy::KindRule;

/// Why a shared entity of a kind links two alerts; the names are Graph's `correlationReason`, plus
/// three that it has no word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum LinkReason {
    /// The same detector raised the same alert on the same evidence again.
    RepeatedAlertOccurrence,
    /// The alerts hit the same device, user, mailbox, application or cloud resource.
    SameTargetedAsset,
    /// The alerts hold the same file, address, URL, domain, message or other artifact.
    SharedIndicators,
    /// The alerts hold the same process or session. Graph spells the name so.
    EventCasualSequence,
    /// The alerts name the same threat or malware.
    SameThreatSource,
    /// The alerts name the same actor.
    SameActor,
    /// A correlation rule found the events of the alerts to be one sequence.
    EventSequence,
    /// Both are unusual in their tenant, and one follows the other closely.
    TemporalProximity,
    /// The vendor put both alerts into one incident.
    VendorIncident,
    /// A person joined them.
    Manual,
}

impl LinkReason {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            LinkReason::RepeatedAlertOccurrence => "repeatedAlertOccurrence",
            LinkReason::SameTargetedAsset => "sameTargetedAsset",
            LinkReason::SharedIndicators => "sharedIndicators",
            LinkReason::EventCasualSequence => "eventCasualSequence",
            LinkReason::SameThreatSource => "sameThreatSource",
            LinkReason::SameActor => "sameActor",
            LinkReason::EventSequence => "eventSequence",
            LinkReason::TemporalProximity => "temporalProximity",
            LinkReason::VendorIncident => "vendorIncident",
            LinkReason::Manual => "manual",
        }
    }
}

use LinkReason::{
    EventCasualSequence as Sequence, EventSequence, SameActor, SameTargetedAsset as Asset, SameThreatSource as Threat,
    SharedIndicators as Shared, VendorIncident,
};

macro_rules! kinds {
    ($($variant:ident $name:literal $reason:ident $weight:literal $hours:literal $doc:literal;)*) => {
        /// What kind of thing an entity is. Names are Graph's evidence types without `Evidence`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum EntityKind { $(#[doc = $doc] $variant),* }

        impl EntityKind {
            /// Every kind, assets first.
            pub const ALL: &'static [EntityKind] = &[$(EntityKind::$variant),*];

            /// The short name, as in `"kind": "device"`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(EntityKind::$variant => $name),* }
            }

            /// Why sharing an entity of this kind links two alerts.
            #[must_use]
            pub const fn link_reason(self) -> LinkReason {
                match self { $(EntityKind::$variant => $reason),* }
            }

            /// The built-in weight and window of links by this kind.
            #[must_use]
            pub const fn link_rule(self) -> KindRule {
                match self { $(EntityKind::$variant => KindRule::new($weight, $hours)),* }
            }

            /// The kind with this short name, in any case.
            #[must_use]
            pub fn from_name(name: &str) -> Option<EntityKind> {
                EntityKind::ALL.iter().copied().find(|kind| kind.as_str().eq_ignore_ascii_case(name))
            }
        }
    };
}

kinds! {
    // kind, name, reason, weight, window in hours. Assets: what was hit.
    Device "device" Asset 0.80 24 "A computer, phone or server.";
    User "user" Asset 0.75 24 "A person's or service's account.";
    Mailbox "mailbox" Asset 0.75 48 "A mailbox.";
    CloudApplication "cloudApplication" Asset 0.0 24 "A cloud service that many use; never links alone.";
    OauthApplication "oauthApplication" Shared 0.80 168 "An application with delegated access.";
    ServicePrincipal "servicePrincipal" Asset 0.70 24 "The account of an application.";
    SecurityGroup "securityGroup" Asset 0.45 24 "A group that gives rights.";
    AiAgent "aiAgent" Asset 0.70 24 "An AI agent.";
    AzureResource "azureResource" Asset 0.75 24 "A resource in Azure.";
    AmazonResource "amazonResource" Asset 0.75 24 "A resource in AWS.";
    GoogleCloudResource "googleCloudResource" Asset 0.75 24 "A resource in Google Cloud.";
    IotDevice "ioTDevice" Asset 0.80 24 "An IoT or OT device.";
    GitHubOrganization "gitHubOrganization" Asset 0.40 24 "An organisation on GitHub.";
    GitHubRepo "gitHubRepo" Asset 0.75 48 "A repository on GitHub.";
    GitHubUser "gitHubUser" Asset 0.75 24 "An account on GitHub.";
    KubernetesCluster "kubernetesCluster" Asset 0.40 24 "A Kubernetes cluster.";
    BlobContainer "blobContainer" Asset 0.60 24 "A container of a storage account.";
    ActiveDirectoryDomain "activeDirectoryDomain" Asset 0.0 24 "A directory domain; all of its members share it.";
    // Artifacts: how it was done.
    Process "process" Sequence 1.00 720 "One run of a program.";
    File "file" Shared 0.95 720 "A file, by content or by place.";
    Malware "malware" Threat 0.40 168 "A malware family.";
    RegistryKey "registryKey" Shared 0.50 48 "A registry key of a device.";
    RegistryValue "registryValue" Shared 0.80 168 "A registry value of a device.";
    Ip "ip" Shared 0.80 72 "An address.";
    Url "url" Shared 0.90 168 "A URL.";
    Dns "dns" Shared 0.80 168 "A domain name.";
    NetworkConnection "networkConnection" Shared 0.90 24 "A connection between two endpoints.";
    Nic "nic" Shared 0.60 24 "A network interface.";
    AnalyzedMessage "analyzedMessage" Shared 1.00 720 "A mail message in one mailbox.";
    EmailSender "emailSender" Shared 0.70 72 "The address a message came from.";
    MailCluster "mailCluster" Shared 0.90 168 "Messages that look alike.";
    SubmissionMail "submissionMail" Shared 0.90 168 "A message a user reported.";
    MailboxConfiguration "mailboxConfiguration" Shared 0.90 168 "A rule or setting of a mailbox.";
    TeamsMessage "teamsMessage" Shared 0.90 168 "A Teams message.";
    HostLogonSession "hostLogonSession" Sequence 0.90 72 "A logon session on a device.";
    CloudLogonSession "cloudLogonSession" Sequence 0.95 168 "A sign-in session of a cloud account.";
    CloudLogonRequest "cloudLogonRequest" Sequence 0.90 72 "A sign-in request.";
    Blob "blob" Shared 0.80 168 "A stored object.";
    SasToken "sasToken" Shared 0.90 168 "A shared access signature.";
    Container "container" Sequence 0.95 168 "A running container.";
    ContainerImage "containerImage" Shared 0.60 168 "A container image.";
    ContainerRegistry "containerRegistry" Shared 0.30 24 "A registry of images.";
    KubernetesController "kubernetesController" Shared 0.60 72 "A controller of pods.";
    KubernetesNamespace "kubernetesNamespace" Shared 0.30 24 "A namespace of a cluster.";
    KubernetesPod "kubernetesPod" Shared 0.80 72 "A pod.";
    KubernetesSecret "kubernetesSecret" Shared 0.80 72 "A secret.";
    KubernetesService "kubernetesService" Shared 0.60 72 "A service.";
    KubernetesServiceAccount "kubernetesServiceAccount" Shared 0.70 72 "A service account.";
    Other "other" Shared 0.50 24 "A kind that this version does not know; all its properties are kept.";
    // Not things but statements that several alerts make; they never appear as entities.
    Actor "actor" SameActor 0.60 168 "The actor that the vendor names.";
    VendorGroup "vendorIncident" VendorIncident 1.00 876_000 "The vendor's own incident.";
    EventSequence "eventSequence" EventSequence 0.50 876_000 "What a correlation rule found.";
}

impl EntityKind {
    /// The kind of a Graph evidence type, e.g. `#microsoft.graph.security.deviceEvidence`.
    /// A file hash is a file known by its content only.
    #[must_use]
    pub fn from_odata_type(odata_type: &str) -> EntityKind {
        let name = odata_type.rsplit(['.', '#']).next().unwrap_or_default();
        let name = name.strip_suffix("Evidence").unwrap_or(name);
        // The most frequent kinds first: this runs once per evidence item.
        match name {
            "device" => EntityKind::Device,
            "user" => EntityKind::User,
            "process" => EntityKind::Process,
            "file" | "fileHash" => EntityKind::File,
            "ip" => EntityKind::Ip,
            "url" => EntityKind::Url,
            "vendorIncident" | "eventSequence" | "actor" | "emailSender" => EntityKind::Other,
            _ if name.eq_ignore_ascii_case("fileHash") => EntityKind::File,
            _ => EntityKind::from_name(name).unwrap_or(EntityKind::Other),
        }
    }

    /// Assets are what an attack hits; everything else is how it is done.
    #[must_use]
    pub const fn is_asset(self) -> bool {
        (self as u8) < (EntityKind::Process as u8) && !matches!(self, EntityKind::OauthApplication)
    }

    /// A statement shared by alerts rather than a thing.
    pub(crate) const fn is_statement(self) -> bool {
        matches!(self, EntityKind::Actor | EntityKind::VendorGroup | EntityKind::EventSequence)
    }

    pub(crate) fn from_index(index: u8) -> EntityKind {
        EntityKind::ALL.get(usize::from(index)).copied().unwrap_or(EntityKind::Other)
    }
}

impl serde::Serialize for EntityKind {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for EntityKind {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        let kind = EntityKind::from_name(&name);
        kind.ok_or_else(|| serde::de::Error::custom(format!("no kind of entity `{}`", name.escape_debug())))
    }
}

/// Types of identifiers, strongest first within each kind. The order of this list is the rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum IdType {
    Mde,
    Aad,
    Sid,
    Upn,
    Account,
    Fqdn,
    HostDomain,
    Host,
    Sha256,
    Sha1,
    Md5,
    NetworkMessage,
    InternetMessage,
    Urn,
    Query,
    Id,
    ObjectId,
    AppId,
    Address,
    Email,
    Url,
    Domain,
    Session,
    Mac,
    Name,
    /// A process by the GUID that its device gave it.
    Guid,
    /// Relative to a device known by its MDE or Entra id.
    OnDevice,
    /// Relative to a device known by its name.
    OnHost,
    /// A process by the time of the record of its start, which is as good as the clock of whoever collected it.
    Begun,
    /// A process by number and program on one day: which of several it may be only the stronger tell.
    Run,
    /// Relative to one alert: identifies nothing beyond it.
    InAlert,
}

impl IdType {
    /// The middle part of a public entity id, `kind:type:value`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            IdType::Mde => "mde",
            IdType::Aad => "entra",
            IdType::Sid => "sid",
            IdType::Upn => "upn",
            IdType::Account => "account",
            IdType::Fqdn => "fqdn",
            IdType::HostDomain => "hostDomain",
            IdType::Host => "host",
            IdType::Sha256 => "sha256",
            IdType::Sha1 => "sha1",
            IdType::Md5 => "md5",
            IdType::NetworkMessage => "networkMessage",
            IdType::InternetMessage => "internetMessage",
            IdType::Urn => "urn",
            IdType::Query => "query",
            IdType::Id => "id",
            IdType::ObjectId => "objectId",
            IdType::AppId => "appId",
            IdType::Address => "address",
            IdType::Email => "email",
            IdType::Url => "url",
            IdType::Domain => "domain",
            IdType::Session => "session",
            IdType::Mac => "mac",
            IdType::Name => "name",
            IdType::Guid => "guid",
            IdType::OnDevice => "onDevice",
            IdType::OnHost => "onHost",
            IdType::Begun => "begun",
            IdType::Run => "run",
            IdType::InAlert => "inAlert",
        }
    }

    pub(crate) const ALL: [IdType; 31] = [
        IdType::Mde,
        IdType::Aad,
        IdType::Sid,
        IdType::Upn,
        IdType::Account,
        IdType::Fqdn,
        IdType::HostDomain,
        IdType::Host,
        IdType::Sha256,
        IdType::Sha1,
        IdType::Md5,
        IdType::NetworkMessage,
        IdType::InternetMessage,
        IdType::Urn,
        IdType::Query,
        IdType::Id,
        IdType::ObjectId,
        IdType::AppId,
        IdType::Address,
        IdType::Email,
        IdType::Url,
        IdType::Domain,
        IdType::Session,
        IdType::Mac,
        IdType::Name,
        IdType::Guid,
        IdType::OnDevice,
        IdType::OnHost,
        IdType::Begun,
        IdType::Run,
        IdType::InAlert,
    ];
}
