//! What detectors, products, files and words there are.

use super::plan::Kind;

pub(super) struct Category {
    pub(super) name: &'static str,
    pub(super) product: usize,
    pub(super) techniques: [&'static str; 4],
    pub(super) titles: [&'static str; 3],
}

/// A detector's category is its number modulo 12; low numbers are noisy.
pub(super) static CATEGORIES: [Category; 12] = [
    Category {
        name: "SuspiciousActivity",
        product: 0,
        techniques: ["", "", "T1059.003", "T1218.011"],
        titles: [
            "Rarely seen program in a shared folder",
            "Program ran at an unusual hour",
            "Unusual child of an office program",
        ],
    },
    Category {
        name: "Execution",
        product: 0,
        techniques: ["T1059.001", "T1059.005", "T1204.002", "T1047"],
        titles: ["Script ran without a window", "Encoded command line", "Program started by a document"],
    },
    Category {
        name: "InitialAccess",
        product: 1,
        techniques: ["T1566.001", "T1566.002", "T1078.004", "T1195.002"],
        titles: [
            "Message with a harmful link",
            "Message with a harmful attachment",
            "Link judged harmful after delivery",
        ],
    },
    Category {
        name: "Discovery",
        product: 0,
        techniques: ["T1087.002", "T1018", "T1069.002", "T1046"],
        titles: [
            "Burst of enumeration commands",
            "Many ports tried in a short time",
            "Directory queries by a workstation",
        ],
    },
    Category {
        name: "Malware",
        product: 0,
        techniques: ["", "", "", "T1204.002"],
        titles: ["Known malware found in a file", "Unwanted program removed", "Archive held a known malicious file"],
    },
    Category {
        name: "DefenseEvasion",
        product: 0,
        techniques: ["T1562.001", "T1070.001", "T1036.005", "T1027"],
        titles: ["Protection was switched off", "Event log cleared", "System program ran from the wrong folder"],
    },
    Category {
        name: "Persistence",
        product: 0,
        techniques: ["T1547.001", "T1053.005", "T1543.003", "T1136.001"],
        titles: ["New program in a Run key", "Scheduled task points to a user profile", "Service made by a script"],
    },
    Category {
        name: "CommandAndControl",
        product: 0,
        techniques: ["T1071.001", "T1105", "T1573", "T1090"],
        titles: [
            "Regular calls to a rare domain",
            "Tool fetched from a rare address",
            "Traffic through an anonymous relay",
        ],
    },
    Category {
        name: "CredentialAccess",
        product: 2,
        techniques: ["T1003.001", "T1558.003", "T1110.003", "T1552.001"],
        titles: [
            "Logon process memory was read",
            "Service tickets asked for in bulk",
            "One password tried on many accounts",
        ],
    },
    Category {
        name: "LateralMovement",
        product: 2,
        techniques: ["T1021.002", "T1021.001", "T1550.002", "T1570"],
        titles: [
            "Remote service started a copied program",
            "Logon with a copied secret",
            "Remote desktop chain over three devices",
        ],
    },
    Category {
        name: "Exfiltration",
        product: 0,
        techniques: ["T1041", "T1048", "T1567.002", "T1020"],
        titles: ["Large transfer to a rare address", "Archive sent to a storage site", "Upload outside working hours"],
    },
    Category {
        name: "Impact",
        product: 0,
        techniques: ["T1486", "T1490", "T1489", "T1485"],
        titles: ["Many files rewritten in a short time", "Volume snapshots deleted", "Backup service stopped"],
    },
];

/// The categories that a campaign goes through, in order.
pub(super) static CHAIN: [u64; 10] = [2, 1, 6, 5, 7, 3, 8, 9, 10, 11];

pub(super) struct Product {
    pub(super) prefix: &'static str,
    pub(super) service: &'static str,
    pub(super) source: &'static str,
    pub(super) shape: &'static [Kind],
}

pub(super) static PRODUCTS: [Product; 3] = [
    Product {
        prefix: "da",
        service: "microsoftDefenderForEndpoint",
        source: "microsoftDefenderForEndpoint",
        shape: &[
            Kind::Device,
            Kind::User,
            Kind::Process,
            Kind::File,
            Kind::Ip,
            Kind::RegistryValue,
            Kind::Url,
            Kind::Dns,
            Kind::Process,
        ],
    },
    Product {
        prefix: "fa",
        service: "microsoftDefenderForOffice365",
        source: "microsoftDefenderForOffice365",
        shape: &[Kind::Message, Kind::Mailbox, Kind::User, Kind::Url, Kind::Ip, Kind::File, Kind::Url, Kind::App],
    },
    Product {
        prefix: "aa",
        service: "microsoftDefenderForIdentity",
        source: "microsoftDefenderForIdentity",
        shape: &[Kind::Device, Kind::User, Kind::Device, Kind::Ip, Kind::Process, Kind::Dns, Kind::File, Kind::Ip],
    },
];

/// What follows when an alert has more evidence than its product's shape.
pub(super) static MORE: [Kind; 6] = [Kind::File, Kind::Ip, Kind::Process, Kind::Url, Kind::Dns, Kind::RegistryValue];

/// Files of the system; `svchost.exe` is drawn most.
pub(super) static SYSTEM_FILES: [&str; 16] = [
    "svchost.exe",
    "powershell.exe",
    "cmd.exe",
    "rundll32.exe",
    "explorer.exe",
    "services.exe",
    "wscript.exe",
    "msiexec.exe",
    "regsvr32.exe",
    "schtasks.exe",
    "net.exe",
    "taskhostw.exe",
    "wmiprvse.exe",
    "dllhost.exe",
    "conhost.exe",
    "certutil.exe",
];
pub(super) static WORDS: [&str; 32] = [
    "alder", "amber", "basin", "birch", "cairn", "cedar", "cliff", "coral", "delta", "ember", "fjord", "flint", "gale",
    "grove", "harbour", "hazel", "iris", "juniper", "kelp", "larch", "linden", "maple", "meadow", "nettle", "opal",
    "pine", "quartz", "reed", "slate", "thistle", "umber", "willow",
];
pub(super) static FOLDERS: [&str; 8] = [
    r"C:\\Windows\\Temp",
    r"C:\\ProgramData\\Sync",
    r"C:\\Users\\Public\\Downloads",
    r"C:\\Program Files\\Common Files\\Tools",
    r"C:\\Program Files (x86)\\Updater",
    r"D:\\Data\\Transfer",
    r"C:\\Users\\Default\\AppData\\Local\\Temp",
    r"C:\\Tools",
];
pub(super) static REGISTRY: [&str; 4] = [
    r"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
    r"SYSTEM\\CurrentControlSet\\Services",
    r"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\RunOnce",
    r"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options",
];
pub(super) static VERDICTS: [&str; 4] = ["unknown", "suspicious", "malicious", "noThreatsFound"];
pub(super) static STATUSES: [&str; 8] =
    ["active", "none", "pendingApproval", "remediated", "prevented", "blocked", "active", "notFound"];
pub(super) static ROLES: [&str; 8] =
    ["", "", "", "\"contextual\"", "\"source\"", "\"compromised\"", "\"attacked\"", "\"suspicious\",\"attacker\""];
pub(super) static DETAILED: [&str; 4] = ["", "", "", "\"Referred in command line\""];
pub(super) static SEVERITIES: [&str; 16] = [
    "informational",
    "informational",
    "low",
    "low",
    "low",
    "low",
    "low",
    "low",
    "medium",
    "medium",
    "medium",
    "medium",
    "medium",
    "medium",
    "high",
    "high",
];
pub(super) static GROUPS: [&str; 4] = ["Workstations", "Servers", "Laptops", "UnassignedGroup"];
pub(super) static SYSTEMS: [(&str, &str, &str); 4] = [
    ("Windows11", "22631", "23H2"),
    ("Windows10", "19045", "22H2"),
    ("WindowsServer2022", "20348", "21H2"),
    ("Windows11", "26100", "24H2"),
];
