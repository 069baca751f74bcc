//! The relations between entities: what each is called, and how much suspicion passes along it.

/// How one entity relates to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[repr(u8)]
#[non_exhaustive]
pub enum Relation {
    /// Process → the process that started it.
    Parent,
    /// Process → the file it runs.
    Image,
    /// Process, file, registry entry, session → the device it is on.
    On,
    /// Process → the account it runs as.
    RunsAs,
    /// User → device they are logged on to.
    LoggedOn,
    /// Session or request → the account it belongs to.
    SessionOf,
    /// Message → the address it came from.
    Sender,
    /// Message → the mailbox it went to.
    Recipient,
    /// Message → a URL in it.
    Contains,
    /// Mailbox → the user who owns it.
    Owner,
    /// URL → the domain it is under.
    Domain,
    /// Domain → an address it resolves to.
    ResolvesTo,
    /// Connection, message or interface → an address of it.
    Address,
    /// Malware → a file or process of it.
    Instance,
    /// Application → a user of it.
    UsedBy,
    /// Process → connection, address, URL or domain that it spoke to.
    Connected,
    /// Process → file, registry entry or other thing on its device that it made or changed.
    Wrote,
    /// Part → whole: pod → namespace → cluster, blob → container → resource.
    PartOf,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Relation; 18] = [
        Relation::Parent,
        Relation::Image,
        Relation::On,
        Relation::RunsAs,
        Relation::LoggedOn,
        Relation::SessionOf,
        Relation::Sender,
        Relation::Recipient,
        Relation::Contains,
        Relation::Owner,
        Relation::Domain,
        Relation::ResolvesTo,
        Relation::Address,
        Relation::Instance,
        Relation::UsedBy,
        Relation::Connected,
        Relation::Wrote,
        Relation::PartOf,
    ];

    /// The name in JSON and in a policy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Relation::Parent => "parent",
            Relation::Image => "image",
            Relation::On => "on",
            Relation::RunsAs => "runsAs",
            Relation::LoggedOn => "loggedOn",
            Relation::SessionOf => "sessionOf",
            Relation::Sender => "sender",
            Relation::Recipient => "recipient",
            Relation::Contains => "contains",
            Relation::Owner => "owner",
            Relation::Domain => "domain",
            Relation::ResolvesTo => "resolvesTo",
            Relation::Address => "address",
            Relation::Instance => "instance",
            Relation::UsedBy => "usedBy",
            Relation::Connected => "connected",
            Relation::Wrote => "wrote",
            Relation::PartOf => "partOf",
        }
    }

    /// How much suspicion passes along the relation and against it: `[from → to, to → from]`.
    ///
    /// Toward a child process 0.8, toward its parent 0.5; a process and the file it runs share their
    /// fate; what a message carries or a bad address is behind passes on most of it, and so does what a process
    /// wrote or spoke to. Assets take none:
    /// they become *impacted*.
    #[must_use]
    pub const fn weights(self) -> [f64; 2] {
        match self {
            Relation::Parent => [0.5, 0.8],
            Relation::Image => [1.0, 1.0],
            Relation::Sender => [0.7, 0.7],
            Relation::Contains => [0.9, 0.9],
            Relation::Domain => [0.8, 0.8],
            Relation::ResolvesTo => [0.7, 0.7],
            Relation::Address => [0.7, 0.7],
            Relation::Instance => [1.0, 1.0],
            Relation::Connected => [0.7, 0.7],
            Relation::Wrote => [0.8, 0.5],
            Relation::SessionOf | Relation::On | Relation::RunsAs | Relation::LoggedOn => [0.0, 0.0],
            Relation::Recipient | Relation::Owner | Relation::UsedBy | Relation::PartOf => [0.0, 0.0],
        }
    }
}
