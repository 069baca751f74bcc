//! One alert record as a flat list of the members that casegraph evaluates.
//!
//! A record is read once, by `serde_json`, into a *tape*: the cells of the known members in document
//! order, strings borrowed from the input wherever they hold no escape. Members that nobody evaluates
//! are skipped without being stored (the log keeps the whole record), so the cost of a record is the
//! cost of the JSON parser plus a push per cell. A value of an unexpected type does not fail the
//! record: whoever asks for it reports the problem with its path.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

macro_rules! keys {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// The member names that some part of casegraph evaluates.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        #[expect(clippy::enum_variant_names, reason = "`MitreTechniques` and its like are named by Graph")]
        pub(crate) enum Key { Root, Item, $($variant),* }

        impl Key {
            /// Number of keys.
            pub(crate) const COUNT: usize = [Key::Root, Key::Item, $(Key::$variant),*].len();

            fn of(name: &[u8]) -> Option<Key> {
                // Byte-string patterns become a decision tree, not a chain of comparisons.
                Some(match name { $($name => Key::$variant,)* _ => return None })
            }

            /// The member's name in the document.
            pub(crate) fn name(self) -> &'static str {
                match self { Key::Root => "$", Key::Item => "[]", $(Key::$variant => const {
                    match std::str::from_utf8($name) { Ok(name) => name, Err(_) => "" }
                }),* }
            }
        }
    };
}

keys! {
    OdataType = b"@odata.type", Id = b"id", TenantId = b"tenantId", Title = b"title", Severity = b"severity",
    Status = b"status", Classification = b"classification", Determination = b"determination",
    Category = b"category", Categories = b"categories", MitreTechniques = b"mitreTechniques",
    ServiceSource = b"serviceSource", DetectionSource = b"detectionSource", DetectorId = b"detectorId",
    IncidentId = b"incidentId", ProductName = b"productName", ActorDisplayName = b"actorDisplayName",
    ThreatDisplayName = b"threatDisplayName", ThreatFamilyName = b"threatFamilyName", AssignedTo = b"assignedTo",
    CreatedDateTime = b"createdDateTime", FirstActivityDateTime = b"firstActivityDateTime",
    LastActivityDateTime = b"lastActivityDateTime", LastUpdateDateTime = b"lastUpdateDateTime",
    ResolvedDateTime = b"resolvedDateTime", Evidence = b"evidence", Verdict = b"verdict",
    RemediationStatus = b"remediationStatus", Roles = b"roles", Tags = b"tags",
    DetectionStatus = b"detectionStatus", MdeDeviceId = b"mdeDeviceId", AzureAdDeviceId = b"azureAdDeviceId",
    DeviceDnsName = b"deviceDnsName", HostName = b"hostName", NtDomain = b"ntDomain", DnsDomain = b"dnsDomain",
    LoggedOnUsers = b"loggedOnUsers", RbacGroupName = b"rbacGroupName",
    RbacGroupId = b"rbacGroupId", DeviceValue = b"deviceValue", AccountName = b"accountName", DomainName = b"domainName",
    UserSid = b"userSid", AzureAdUserId = b"azureAdUserId", UserPrincipalName = b"userPrincipalName",
    UserAccount = b"userAccount", ActiveDirectoryObjectGuid = b"activeDirectoryObjectGuid",
    FileDetails = b"fileDetails", ImageFile = b"imageFile", ParentProcessImageFile = b"parentProcessImageFile",
    FileName = b"fileName", FilePath = b"filePath", Md5 = b"md5", Sha1 = b"sha1", Sha256 = b"sha256",
    Algorithm = b"algorithm", Value = b"value", ProcessId = b"processId",
    ProcessCreationDateTime = b"processCreationDateTime", ParentProcessId = b"parentProcessId",
    ParentProcessCreationDateTime = b"parentProcessCreationDateTime", RegistryHive = b"registryHive",
    RegistryKey = b"registryKey", RegistryValueName = b"registryValueName", RegistryValue = b"registryValue",
    IpAddress = b"ipAddress", Url = b"url", IpAddresses = b"ipAddresses", HostIpAddress = b"hostIpAddress",
    DestinationAddress = b"destinationAddress", DestinationPort = b"destinationPort",
    SourceAddress = b"sourceAddress", SourcePort = b"sourcePort", Protocol = b"protocol",
    MacAddress = b"macAddress", NetworkMessageId = b"networkMessageId",
    RecipientEmailAddress = b"recipientEmailAddress", InternetMessageId = b"internetMessageId",
    P1Sender = b"p1Sender", P2Sender = b"p2Sender", EmailAddress = b"emailAddress", SenderIp = b"senderIp",
    Urls = b"urls", PrimaryAddress = b"primaryAddress", Upn = b"upn", Urn = b"urn", Query = b"query",
    SubmissionId = b"submissionId", Recipient = b"recipient", Sender = b"sender",
    ConfigurationId = b"configurationId", MessageId = b"messageId", ThreadId = b"threadId",
    SenderFromAddress = b"senderFromAddress", SenderIP = b"senderIP", Files = b"files", Processes = b"processes",
    Name = b"name", AppId = b"appId", ObjectId = b"objectId", InstanceId = b"instanceId", SaasAppId = b"saasAppId",
    DisplayName = b"displayName", AgentId = b"agentId", AgentName = b"agentName", ResourceId = b"resourceId",
    ResourceName = b"resourceName", AmazonResourceId = b"amazonResourceId",
    FullResourceName = b"fullResourceName", BlobContainer = b"blobContainer",
    StorageResource = b"storageResource", ContainerId = b"containerId", ImageId = b"imageId", Image = b"image",
    Registry = b"registry", Pod = b"pod", Namespace = b"namespace", Cluster = b"cluster",
    CloudResource = b"cloudResource", Containers = b"containers", EphemeralContainers = b"ephemeralContainers",
    InitContainers = b"initContainers", ServiceAccount = b"serviceAccount", Controller = b"controller",
    PodIp = b"podIp", OrgId = b"orgId", Login = b"login", RepoId = b"repoId", BaseUrl = b"baseUrl",
    UserId = b"userId", DeviceId = b"deviceId", SerialNumber = b"serialNumber", Account = b"account",
    Host = b"host", SessionId = b"sessionId", RequestId = b"requestId",
    ServicePrincipalObjectId = b"servicePrincipalObjectId", ServicePrincipalName = b"servicePrincipalName",
    SecurityGroupId = b"securityGroupId", Sid = b"sid", ActiveDirectoryDomainName = b"activeDirectoryDomainName",
    SignatureHash = b"signatureHash", AdditionalData = b"additionalData", Nics = b"nics", Owners = b"owners",
    ClusterIP = b"clusterIP", ExternalIPs = b"externalIPs", DigestImage = b"digestImage",
    AlertCreationTime = b"alertCreationTime", Alerts = b"alerts", AlertId = b"alertId", Subject = b"subject",
    // What our own alerts know beyond Graph's members.
    OnHost = b"casegraph.host", ProcessGuid = b"casegraph.processGuid",
    ParentProcessGuid = b"casegraph.parentProcessGuid", Begun = b"casegraph.begun", Run = b"casegraph.run",
    ParentRun = b"casegraph.parentRun", By = b"casegraph.by", Incoming = b"casegraph.incoming",
}

/// What a cell holds. `null` has no cell: it means the same as an absent member.
#[derive(Debug)]
pub(crate) enum Slot<'a> {
    Text(Cow<'a, str>),
    Int(i64),
    /// A type that no evaluated member has; the text says which.
    Odd(&'static str),
    Object,
    Array,
}

#[derive(Debug)]
struct Cell<'a> {
    key: Key,
    /// Index after the last cell of this subtree.
    end: u32,
    slot: Slot<'a>,
}

/// A place in a tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At(u32);

impl At {
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    pub(crate) fn from_number(number: u32) -> At {
        At(number)
    }
}

/// The evaluated members of one record.
#[derive(Debug, Default)]
pub(crate) struct Tape<'a> {
    cells: Vec<Cell<'a>>,
}

impl<'a> Tape<'a> {
    /// Reads one JSON value. Nesting is limited by `serde_json` (128).
    pub(crate) fn read(record: &'a [u8]) -> Result<Tape<'a>, serde_json::Error> {
        // Checked as UTF-8 once, so that the parser need not check every string again.
        let record = std::str::from_utf8(record).map_err(serde::de::Error::custom)?;
        let mut tape = Tape { cells: Vec::with_capacity(512) };
        let mut json = serde_json::Deserializer::from_str(record);
        Node { tape: &mut tape, key: Key::Root }.deserialize(&mut json)?;
        json.end()?;
        Ok(tape)
    }

    /// The record itself, if it is an object.
    pub(crate) fn root(&self) -> Option<At> {
        matches!(self.cells.first()?.slot, Slot::Object).then_some(At(0))
    }

    pub(crate) fn slot(&self, at: At) -> Option<&Slot<'a>> {
        self.cells.get(at.0 as usize).map(|cell| &cell.slot)
    }

    /// The members of the object at `at`, in document order.
    pub(crate) fn members(&self, at: At) -> impl Iterator<Item = (At, Key)> + '_ {
        self.cells_of(at).map(|(child, cell)| (child, cell.key))
    }

    /// The direct children of the object or array at `at`, in document order.
    pub(crate) fn children(&self, at: At) -> impl Iterator<Item = At> + '_ {
        self.cells_of(at).map(|(child, _)| child)
    }

    fn cells_of(&self, at: At) -> impl Iterator<Item = (At, &Cell<'a>)> {
        let end = self.cells.get(at.0 as usize).map_or(0, |cell| cell.end);
        let mut next = at.0 + 1;
        std::iter::from_fn(move || {
            let here = next;
            let cell = (here < end).then(|| self.cells.get(here as usize)).flatten()?;
            next = cell.end;
            Some((At(here), cell))
        })
    }
}

impl Slot<'_> {
    /// The JSON type, for messages.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Slot::Text(_) => "a string",
            Slot::Int(_) => "an integer",
            Slot::Odd(name) => name,
            Slot::Object => "an object",
            Slot::Array => "an array",
        }
    }
}

struct Node<'t, 'a> {
    tape: &'t mut Tape<'a>,
    key: Key,
}

impl<'a> Node<'_, 'a> {
    #[inline]
    fn push(self, slot: Slot<'a>) {
        let end = self.tape.cells.len() as u32 + 1;
        self.tape.cells.push(Cell { key: self.key, end, slot });
    }

    fn close(tape: &mut Tape<'a>, start: usize) {
        let end = tape.cells.len() as u32;
        if let Some(cell) = tape.cells.get_mut(start) {
            cell.end = end;
        }
    }
}

impl<'a> DeserializeSeed<'a> for Node<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Node<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.push(Slot::Odd("a boolean"));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.push(Slot::Int(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.push(i64::try_from(value).map_or(Slot::Odd("an integer over 63 bits"), Slot::Int));
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.push(Slot::Odd("a fraction"));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.push(Slot::Text(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.push(Slot::Text(Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut items: S) -> Result<(), S::Error> {
        let tape = self.tape;
        let start = tape.cells.len();
        Node { tape: &mut *tape, key: self.key }.push(Slot::Array);
        while items.next_element_seed(Node { tape: &mut *tape, key: Key::Item })?.is_some() {}
        Node::close(tape, start);
        Ok(())
    }

    fn visit_map<M: MapAccess<'a>>(self, mut members: M) -> Result<(), M::Error> {
        let tape = self.tape;
        let start = tape.cells.len();
        Node { tape: &mut *tape, key: self.key }.push(Slot::Object);
        while let Some(key) = members.next_key_seed(KeySeed)? {
            match key {
                Some(key) => members.next_value_seed(Node { tape: &mut *tape, key })?,
                None => members.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Node::close(tape, start);
        Ok(())
    }
}

struct KeySeed;

impl<'a> DeserializeSeed<'a> for KeySeed {
    type Value = Option<Key>;

    fn deserialize<D: serde::Deserializer<'a>>(self, json: D) -> Result<Option<Key>, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Option<Key>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<Key>, E> {
        Ok(Key::of(name.as_bytes()))
    }
}
