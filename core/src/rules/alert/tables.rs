//! Which fields of events mean what: names of rules first, then those of products that no shape renames.

/// Fields of one run of a program; of several the first with a meaning counts.
pub(super) struct Run {
    pub(super) image: &'static [&'static str],
    pub(super) name: &'static [&'static str],
    pub(super) command: &'static [&'static str],
    pub(super) guid: &'static [&'static str],
    pub(super) pid: &'static [&'static str],
    pub(super) start: &'static [&'static str],
    /// Present in events that tell the start of this process.
    pub(super) begins: &'static [&'static str],
    pub(super) user: &'static [&'static str],
}

const NO_RUN: Run =
    Run { image: &[], name: &[], command: &[], guid: &[], pid: &[], start: &[], begins: &[], user: &[] };

pub(super) struct Process {
    pub(super) own: Run,
    /// It did what the event tells, rather than being what it was done to.
    pub(super) acts: bool,
    pub(super) parent: Option<Run>,
}

pub(super) const PROCESSES: &[Process] = &[
    Process {
        acts: true,
        own: Run {
            image: &["Image", "NewProcessName", "ProcessName", "exe"],
            command: &["CommandLine"],
            guid: &["ProcessGuid"],
            pid: &["NewProcessId", "ProcessId", "process.pid"],
            start: &["ProcessCreationTime", "process.start"],
            begins: &["NewProcessId"],
            user: &["User"],
            ..NO_RUN
        },
        parent: Some(Run {
            image: &["ParentImage", "ParentProcessName"],
            command: &["ParentCommandLine"],
            guid: &["ParentProcessGuid"],
            pid: &["ParentProcessId", "process.parent.pid"],
            start: &["process.parent.start", "InitiatingProcessCreationTime"],
            user: &["ParentUser"],
            ..NO_RUN
        }),
    },
    Process {
        acts: true,
        own: Run {
            image: &["SourceImage"],
            command: &["SourceCommandLine"],
            guid: &["SourceProcessGuid"],
            pid: &["SourceProcessId"],
            user: &["SourceUser"],
            ..NO_RUN
        },
        parent: None,
    },
    Process {
        acts: false,
        own: Run {
            image: &["TargetImage"],
            guid: &["TargetProcessGuid"],
            pid: &["TargetProcessId"],
            user: &["TargetUser"],
            ..NO_RUN
        },
        parent: None,
    },
    Process {
        acts: true,
        own: Run {
            image: &["InitiatingProcessFolderPath"],
            name: &["InitiatingProcessFileName"],
            command: &["InitiatingProcessCommandLine"],
            pid: &["InitiatingProcessId"],
            start: &["InitiatingProcessCreationTime"],
            ..NO_RUN
        },
        parent: Some(Run {
            name: &["InitiatingProcessParentFileName"],
            pid: &["InitiatingProcessParentId"],
            start: &["InitiatingProcessParentCreationTime"],
            ..NO_RUN
        }),
    },
];

pub(super) const DEVICE_NAME: &[&str] =
    &["Computer", "Hostname", "DeviceName", "MachineName", "host.name", "TargetDeviceName"];
pub(super) const DEVICE_DOMAIN: &[&str] = &["host.domain"];
pub(super) const DEVICE_MDE: &[&str] = &["DeviceId", "MachineId"];
pub(super) const DEVICE_OS: &[&str] = &["OSPlatform", "host.os.name"];

/// Fields of one account. The first of `name` may be `DOMAIN\name` or a principal name.
pub(super) struct Account {
    pub(super) name: &'static [&'static str],
    pub(super) domain: &'static [&'static str],
    pub(super) sid: &'static [&'static str],
    pub(super) upn: &'static [&'static str],
    pub(super) object: &'static [&'static str],
    pub(super) display: &'static [&'static str],
    pub(super) session: &'static [&'static str],
}

const NO_ACCOUNT: Account =
    Account { name: &[], domain: &[], sid: &[], upn: &[], object: &[], display: &[], session: &[] };

pub(super) const ACCOUNTS: &[Account] = &[
    Account {
        name: &["SubjectUserName"],
        domain: &["SubjectDomainName"],
        sid: &["SubjectUserSid"],
        session: &["SubjectLogonId"],
        ..NO_ACCOUNT
    },
    Account {
        name: &["TargetUserName"],
        domain: &["TargetDomainName"],
        sid: &["TargetUserSid", "TargetSid"],
        session: &["TargetLogonId"],
        ..NO_ACCOUNT
    },
    Account { name: &["MemberName"], sid: &["MemberSid"], ..NO_ACCOUNT },
    Account { name: &["User", "Detection User"], session: &["LogonId"], ..NO_ACCOUNT },
    Account { name: &["ParentUser"], ..NO_ACCOUNT },
    Account { name: &["SourceUser"], ..NO_ACCOUNT },
    Account { name: &["TargetUser"], ..NO_ACCOUNT },
    Account {
        name: &["AccountName"],
        domain: &["AccountDomain", "Domain"],
        sid: &["AccountSid", "UserID"],
        upn: &["AccountUpn"],
        ..NO_ACCOUNT
    },
    Account {
        name: &["InitiatingProcessAccountName"],
        domain: &["InitiatingProcessAccountDomain"],
        sid: &["InitiatingProcessAccountSid"],
        upn: &["InitiatingProcessAccountUpn"],
        object: &["InitiatingProcessAccountObjectId"],
        session: &["InitiatingProcessLogonId"],
        ..NO_ACCOUNT
    },
    Account {
        upn: &["UserPrincipalName", "userPrincipalName"],
        object: &["properties.userId"],
        display: &["UserDisplayName", "userDisplayName"],
        ..NO_ACCOUNT
    },
    Account { upn: &["UserId", "Caller", "caller"], sid: &["LogonUserSid"], ..NO_ACCOUNT },
    Account { upn: &["MailboxOwnerUPN"], sid: &["MailboxOwnerSid"], ..NO_ACCOUNT },
    Account { upn: &["actor.alternateId"], display: &["actor.displayName"], ..NO_ACCOUNT },
    Account { upn: &["protoPayload.authenticationInfo.principalEmail", "actor.email"], ..NO_ACCOUNT },
    Account { name: &["userIdentity.userName"], domain: &["userIdentity.accountId"], ..NO_ACCOUNT },
    Account { name: &["user.username"], ..NO_ACCOUNT },
    Account { name: &["UserName"], ..NO_ACCOUNT },
];

/// Addresses that stand alone. The role is part of the field's meaning or absent.
pub(super) const ADDRESSES: &[(&str, Option<&str>)] = &[
    ("IpAddress", Some("source")),
    ("IPAddress", Some("source")),
    ("ClientIP", Some("source")),
    ("ClientAddress", Some("source")),
    ("sourceIPAddress", Some("source")),
    ("CallerIpAddress", Some("source")),
    ("callerIpAddress", Some("source")),
    ("client.ipAddress", Some("source")),
    ("protoPayload.requestMetadata.callerIp", Some("source")),
    ("actor_ip", Some("source")),
    ("sourceIPs", Some("source")),
    ("c-ip", Some("source")),
    ("ipaddr", Some("source")),
    ("Address", None),
    ("DestinationIPAddress", Some("destination")),
];

pub(super) const SOURCE_IP: &[&str] = &["SourceIp", "SourceAddress", "src_ip", "id.orig_h", "LocalIP"];
pub(super) const SOURCE_PORT: &[&str] = &["SourcePort", "src_port", "id.orig_p", "LocalPort"];
pub(super) const DESTINATION_IP: &[&str] = &["DestinationIp", "DestAddress", "dst_ip", "id.resp_h", "RemoteIP"];
pub(super) const DESTINATION_PORT: &[&str] = &["DestinationPort", "DestPort", "dst_port", "id.resp_p", "RemotePort"];
pub(super) const PROTOCOL: &[&str] = &["Protocol", "proto", "network.transport"];

pub(super) const DOMAINS: &[&str] = &["QueryName", "query", "QNAME", "DestinationHostname", "cs-host"];
/// Where the answers to a question for a domain are.
pub(super) const ANSWERS: &[&str] = &["QueryResults", "answer", "answers"];
pub(super) const URLS: &[&str] =
    &["c-uri", "cs-uri", "url.full", "RemoteUrl", "RemoteName", "PackageSourceUri", "FileOriginUrl"];

/// Files, and the role that the field's meaning gives them.
pub(super) const FILES: &[(&str, Option<&str>)] = &[
    ("TargetFilename", None),
    ("SourceFilename", None),
    ("ImageLoaded", Some("loaded")),
    ("Filename", None),
    ("LocalName", None),
    ("FileNameBuffer", None),
];
/// Those of which `Hashes` tells the content, before the image of the process.
pub(super) const HASHED: &[&str] = &["ImageLoaded", "TargetFilename"];
/// Command lines of services: the program in them is a file.
pub(super) const SERVICE_COMMANDS: &[&str] = &["ImagePath", "ServiceFileName"];

/// Things that Graph has no type for: its name, the field that names it, whether the name is one of the
/// device, and further fields that say more of it.
pub(super) const OTHERS: &[(&str, &[&str], bool, &[&str])] = &[
    (
        "service",
        &["ServiceName"],
        true,
        &["ImagePath", "ServiceFileName", "ServiceType", "StartType", "ServiceAccount"],
    ),
    ("scheduledTask", &["TaskName"], true, &["TaskContent", "TaskContentNew", "Path"]),
    ("namedPipe", &["PipeName"], true, &["EventType"]),
    ("networkShare", &["ShareName"], true, &["ShareLocalPath", "RelativeTargetName", "AccessMask"]),
    ("wmiSubscription", &["Consumer", "Name"], true, &["Destination", "Filter", "Query", "Operation", "Type"]),
    (
        "directoryObject",
        &["ObjectDN", "DistinguishedName"],
        false,
        &["ObjectClass", "AttributeLDAPDisplayName", "SearchFilter"],
    ),
];

/// Evidence whose members are plain fields: Graph's type, and per member the fields; the first member has
/// to be there.
pub(super) type Simple = (&'static str, &'static [(&'static str, &'static [&'static str])]);

pub(super) const SIMPLE: &[Simple] = &[
    ("mailbox", &[("upn", &["MailboxOwnerUPN"]), ("primaryAddress", &["MailboxOwnerUPN"])]),
    ("oauthApplication", &[("appId", &["ClientAppId", "OAuthAppId"])]),
    ("oauthApplication", &[("displayName", &["AppDisplayName"]), ("appId", &["AppId"])]),
    (
        "servicePrincipal",
        &[("servicePrincipalObjectId", &["ServicePrincipalId"]), ("servicePrincipalName", &["ServicePrincipalName"])],
    ),
    ("malware", &[("name", &["Threat Name", "ThreatName", "Signature_Name"]), ("category", &["Category Name"])]),
    ("gitHubUser", &[("login", &["actor"])]),
    ("gitHubRepo", &[("baseUrl", &["repo"])]),
    ("gitHubOrganization", &[("login", &["org"])]),
    (
        "googleCloudResource",
        &[
            ("fullResourceName", &["protoPayload.resourceName"]),
            ("resourceType", &["resource.type"]),
            ("projectId", &["resource.labels.project_id"]),
        ],
    ),
    (
        "amazonResource",
        &[
            ("amazonResourceId", &["userIdentity.sessionContext.sessionIssuer.arn"]),
            ("resourceName", &["userIdentity.sessionContext.sessionIssuer.userName"]),
            ("resourceType", &["userIdentity.sessionContext.sessionIssuer.type"]),
            ("amazonAccountId", &["userIdentity.sessionContext.sessionIssuer.accountId"]),
        ],
    ),
];
