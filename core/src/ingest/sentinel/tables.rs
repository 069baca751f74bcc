//! Which member of a Sentinel entity goes where.

use super::super::convert::Kind::{Any, Flag, Int, Name, Names, Real, Text, Texts, Time, Utc};
use super::super::convert::{Field, VERDICT};

#[rustfmt::skip]
pub(super) const BASE: &[Field] = &[
    ("LastVerdict", "verdict", Name(VERDICT)), ("Verdict", "verdict", Name(VERDICT)),
    ("RemediationStatus", "remediationStatus", Name(&[])),
    ("DetectionStatus", "detectionStatus", Name(&[])), ("Roles", "roles", Names),
    ("DetailedRoles", "detailedRoles", Texts), ("Tags", "tags", Texts),
];

#[rustfmt::skip]
const HOST: &[Field] = &[
    ("HostName", "hostName", Text), ("NetBiosName", "hostName", Text), ("FQDN", "deviceDnsName", Text),
    ("DnsDomain", "dnsDomain", Text), ("NTDomain", "ntDomain", Text), ("OSFamily", "osPlatform", Text),
    ("OSVersion", "version", Text), ("OsVersion", "version", Text), ("AzureID", "vmMetadata.resourceId", Text),
    ("MdatpDeviceId", "mdeDeviceId", Text), ("MachineId", "mdeDeviceId", Text),
    ("AadDeviceId", "azureAdDeviceId", Text), ("RiskScore", "riskScore", Name(&[])),
    ("HealthStatus", "healthStatus", Name(&[])), ("OnboardingStatus", "onboardingStatus", Name(&[])),
    ("AvStatus", "defenderAvStatus", Name(&[])), ("LoggedOnUsers", "loggedOnUsers", Any),
];

#[rustfmt::skip]
const ACCOUNT: &[Field] = &[
    ("Name", "userAccount.accountName", Text), ("NTDomain", "userAccount.domainName", Text),
    ("DnsDomain", "userAccount.domainName", Text), ("Sid", "userAccount.userSid", Text),
    ("AadUserId", "userAccount.azureAdUserId", Text), ("UserPrincipalName", "userAccount.userPrincipalName", Text),
    ("DisplayName", "userAccount.displayName", Text), ("AadTenantId", "userAccount.tenantId", Text),
    ("ObjectGuid", "userAccount.activeDirectoryObjectGuid", Text),
];

#[rustfmt::skip]
const FILE: &[Field] = &[
    ("Directory", "fileDetails.filePath", Text), ("Name", "fileDetails.fileName", Text),
    ("SizeInBytes", "fileDetails.fileSize", Int), ("Md5", "fileDetails.md5", Text),
    ("Sha1", "fileDetails.sha1", Text), ("Sha256", "fileDetails.sha256", Text),
    ("Publisher", "fileDetails.filePublisher", Text), ("Signer", "fileDetails.signer", Text),
    ("Issuer", "fileDetails.issuer", Text),
];

#[rustfmt::skip]
const PROCESS: &[Field] = &[
    ("ProcessId", "processId", Int), ("CommandLine", "processCommandLine", Text),
    ("CreationTimeUtc", "processCreationDateTime", Utc), ("CreatedTimeUtc", "processCreationDateTime", Utc),
];

#[rustfmt::skip]
const IP: &[Field] = &[("Address", "ipAddress", Text)];

#[rustfmt::skip]
pub(super) const LOCATION: &[Field] = &[
    ("CountryCode", "countryLetterCode", Text), ("CountryName", "location.countryName", Text),
    ("City", "location.city", Text), ("State", "location.state", Text),
    ("Latitude", "location.latitude", Real), ("Longitude", "location.longitude", Real),
];

#[rustfmt::skip]
const SESSION: &[Field] = &[
    ("SessionId", "sessionId", Text), ("StartTimeUtc", "startUtcDateTime", Utc),
    ("EndTimeUtc", "endUtcDateTime", Utc),
];

#[rustfmt::skip]
const VALUE: &[Field] = &[
    ("Name", "registryValueName", Text), ("Value", "registryValue", Text),
    ("ValueType", "registryValueType", Text),
];

#[rustfmt::skip]
const MAILBOX: &[Field] = &[
    ("MailboxPrimaryAddress", "primaryAddress", Text), ("DisplayName", "displayName", Text), ("Upn", "upn", Text),
    ("ExternalDirectoryObjectId", "userAccount.azureAdUserId", Text),
    ("AadId", "userAccount.azureAdUserId", Text),
];

#[rustfmt::skip]
const MESSAGE: &[Field] = &[
    ("Recipient", "recipientEmailAddress", Text), ("Urls", "urls", Texts), ("Threats", "threats", Texts),
    ("P1Sender", "p1Sender.emailAddress", Text), ("P1SenderDisplayName", "p1Sender.displayName", Text),
    ("P1SenderDomain", "p1Sender.domainName", Text), ("P2Sender", "p2Sender.emailAddress", Text),
    ("Sender", "p2Sender.emailAddress", Text), ("P2SenderDisplayName", "p2Sender.displayName", Text),
    ("P2SenderDomain", "p2Sender.domainName", Text), ("SenderIP", "senderIp", Text),
    ("ReceivedDate", "receivedDateTime", Time), ("NetworkMessageId", "networkMessageId", Text),
    ("InternetMessageId", "internetMessageId", Text), ("Subject", "subject", Text), ("Language", "language", Text),
    ("AntispamDirection", "antiSpamDirection", Text), ("DeliveryAction", "deliveryAction", Text),
    ("DeliveryLocation", "deliveryLocation", Text), ("ThreatDetectionMethods", "threatDetectionMethods", Texts),
    ("Urn", "urn", Text),
];

#[rustfmt::skip]
const CLUSTER: &[Field] = &[
    ("NetworkMessageIds", "networkMessageIds", Texts), ("Query", "query", Text), ("MailCount", "emailCount", Int),
    ("ClusterBy", "clusterBy", Text), ("ClusterByValue", "clusterByValue", Text), ("Urn", "urn", Text),
];

#[rustfmt::skip]
const SUBMISSION: &[Field] = &[
    ("NetworkMessageId", "networkMessageId", Text), ("Recipient", "recipient", Text), ("Sender", "sender", Text),
    ("SenderIp", "senderIp", Text), ("Subject", "subject", Text), ("ReportType", "reportType", Text),
    ("SubmissionId", "submissionId", Text), ("SubmissionDate", "submissionDateTime", Time),
    ("Submitter", "submitter", Text),
];

#[rustfmt::skip]
const CONNECTION: &[Field] =
    &[("SourcePort", "sourcePort", Int), ("DestinationPort", "destinationPort", Int), ("Protocol", "protocol", Name(&[]))];

#[rustfmt::skip]
const APP: &[Field] = &[
    ("AppId", "appId", Int), ("SaasId", "saasAppId", Int), ("Name", "displayName", Text),
    ("InstanceName", "instanceName", Text), ("InstanceId", "instanceId", Int),
];

#[rustfmt::skip]
const GROUP: &[Field] = &[
    ("DistinguishedName", "distinguishedName", Text), ("SID", "sid", Text), ("Sid", "sid", Text),
    ("ObjectGuid", "activeDirectoryObjectGuid", Text), ("AadId", "securityGroupId", Text),
    ("FriendlyName", "friendlyName", Text), ("DisplayName", "displayName", Text),
];

#[rustfmt::skip]
const RESOURCE: &[Field] = &[
    ("ResourceId", "resourceId", Text), ("ResourceName", "resourceName", Text),
    ("ResourceType", "resourceType", Text),
];

#[rustfmt::skip]
const IOT: &[Field] = &[
    ("DeviceId", "deviceId", Text), ("DeviceName", "deviceName", Text), ("DeviceType", "deviceType", Text),
    ("DeviceSubType", "deviceSubType", Text), ("Manufacturer", "manufacturer", Text), ("Model", "model", Text),
    ("OperatingSystem", "operatingSystem", Text), ("MacAddress", "macAddress", Text), ("Source", "source", Text),
    ("SerialNumber", "serialNumber", Text), ("Site", "site", Text), ("Zone", "zone", Text),
    ("Sensor", "sensor", Text), ("Importance", "importance", Name(&[])), ("PurdueLayer", "purdueLayer", Text),
    ("Owners", "owners", Texts), ("Protocols", "protocols", Texts), ("IsAuthorized", "isAuthorized", Flag),
    ("IsProgramming", "isProgramming", Flag), ("IsScanner", "isScanner", Flag),
    ("IoTSecurityAgentId", "ioTSecurityAgentId", Text), ("DevicePageLink", "devicePageLink", Text),
];

/// An entity type without its hyphens, the Graph type, the members.
#[rustfmt::skip]
pub(super) const TYPES: &[(&str, &str, &[Field])] = &[
    ("host", "device", HOST), ("machine", "device", HOST), ("account", "user", ACCOUNT), ("user", "user", ACCOUNT),
    ("file", "file", FILE), ("process", "process", PROCESS), ("ip", "ip", IP),
    ("filehash", "fileHash", &[("Algorithm", "algorithm", Name(&[])), ("Value", "value", Text)]),
    ("url", "url", &[("Url", "url", Text)]), ("dns", "dns", &[("DomainName", "domainName", Text)]),
    ("dnsresolution", "dns", &[("DomainName", "domainName", Text)]),
    ("hostlogonsession", "hostLogonSession", SESSION),
    ("registrykey", "registryKey", &[("Hive", "registryHive", Text), ("Key", "registryKey", Text)]),
    ("registryvalue", "registryValue", VALUE), ("mailbox", "mailbox", MAILBOX),
    ("mailmessage", "analyzedMessage", MESSAGE), ("mailcluster", "mailCluster", CLUSTER),
    ("submissionmail", "submissionMail", SUBMISSION), ("networkconnection", "networkConnection", CONNECTION),
    ("malware", "malware", &[("Name", "name", Text), ("Category", "category", Text)]),
    ("cloudapplication", "cloudApplication", APP), ("securitygroup", "securityGroup", GROUP),
    ("azureresource", "azureResource", RESOURCE), ("iotdevice", "ioTDevice", IOT),
];

/// Where a reference is built in: the Graph type, the member, the place, what goes there.
#[rustfmt::skip]
pub(super) const VIEWS: &[(&str, &str, &str, View)] = &[
    ("process", "ImageFile", "imageFile", View::Inner("fileDetails")),
    ("process", "Account", "userAccount", View::Inner("userAccount")),
    ("process", "ParentProcess", "", View::Parent), ("process", "Host", "mdeDeviceId", View::Inner("mdeDeviceId")),
    ("file", "Host", "mdeDeviceId", View::Inner("mdeDeviceId")), ("file", "FileHashes", "fileDetails", View::Hashes),
    ("registryValue", "Host", "mdeDeviceId", View::Inner("mdeDeviceId")),
    ("registryValue", "Key", "registryKey", View::RegistryKey),
    ("device", "LastIpAddress", "lastIpAddress", View::Inner("ipAddress")),
    ("device", "LastExternalIpAddress", "lastExternalIpAddress", View::Inner("ipAddress")),
    ("hostLogonSession", "Account", "account", View::One), ("hostLogonSession", "Host", "host", View::One),
    ("dns", "IpAddresses", "ipAddresses", View::Many), ("dns", "DnsServerIp", "dnsServerIp", View::Address),
    ("dns", "HostIpAddress", "hostIpAddress", View::Address),
    ("networkConnection", "SourceAddress", "sourceAddress", View::Address),
    ("networkConnection", "DestinationAddress", "destinationAddress", View::Address),
    ("malware", "Files", "files", View::Many), ("malware", "Processes", "processes", View::Many),
    ("ioTDevice", "IpAddress", "ipAddress", View::Address), ("ioTDevice", "IoTHub", "ioTHub", View::One),
];

#[derive(Clone, Copy)]
pub(super) enum View {
    /// One member of the other evidence.
    Inner(&'static str),
    /// The whole evidence.
    One,
    /// The whole evidence of an address, or the text of one.
    Address,
    /// A list of evidence.
    Many,
    /// A process as the parent of another.
    Parent,
    /// The key that a value is in.
    RegistryKey,
    /// The hashes of a file.
    Hashes,
}
