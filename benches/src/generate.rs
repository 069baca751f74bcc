//! Makes security alerts out of a seed, for benches and tests.
//!
//! Two outputs of one plan: [`write`] prints Microsoft Graph `alerts_v2` JSON Lines, [`columns`] gives
//! the same kind of data as already interned integer columns, for measuring correlation alone.
//!
//! The same [`Spec`] gives the same bytes on every platform and in every build: all arithmetic is on
//! integers of fixed width, and nothing depends on time, hashing order or floating point.
//!
//! What the data looks like, so that numbers measured on it mean something:
//!
//! - **Time** About 30 days from 2026-01-05, created times ascending, 12 busy hours a day with three times
//!   the rate of the other 12, and bursts (a quarter of all alerts come at sixteen times the usual rate).
//! - **Devices** One per 40 alerts. A quarter of the draws follows p(x) ∝ 1/x, so that the first few devices
//!   have thousands of alerts in a large set; the rest is uniform. Each device has one owner.
//! - **Hubs** An address that everything asks for names, the file `svchost.exe`, and the account of a scanner
//!   appear on a fixed share of all alerts, thus on most devices. Private addresses come from 10.0.0.0/8.
//! - **Shared values** Of the other files, outside addresses, URLs and domains 85 % are seen on one device only. The rest is
//!   drawn from pools with p(x) ∝ 1/x: a few on hundreds of alerts, half of the pool on one or two.
//!   Joining alerts by any shared value, hubs too and without a time window, gives one heap per tenant.
//! - **Detectors** p(x) ∝ 1/x too: the noisiest one raises about a tenth of all alerts.
//! - **Attacks** About 2 % of the alerts belong to campaigns of 6 to 12 alerts that run through the
//!   kill chain on 2 to 6 devices and share a file, a URL, a domain and a control address found nowhere else.
//! - **Verdicts** About a tenth of the evidence carries a verdict of the provider.
//!
//! Outside addresses come from 198.18.0.0/15 (RFC 2544) and 2001:db8::/32, names end in `.example`,
//! hashes and ids are invented: no generated value is anybody's.
#![allow(clippy::indexing_slicing, reason = "indexes are remainders by the table's own length, or constants below it")]

use std::collections::HashMap;
use std::io::{self, Write};

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Other seeds give other data of the same shape.
    pub seed: u64,
    /// Number of alerts, which is the number of lines.
    pub alerts: usize,
    /// Evidence items in each alert.
    pub evidence_per_alert: usize,
}

impl Spec {
    /// At least `rows` evidence items, eight in an alert, from a fixed seed (about 710 bytes an item).
    #[must_use]
    pub fn rows(rows: usize) -> Spec {
        Spec { seed: 0x00CA_5E6A, alerts: rows.div_ceil(8), evidence_per_alert: 8 }
    }
}

/// Writes `spec.alerts` lines and returns the number of bytes. Memory use does not grow with the number of alerts.
///
/// # Errors
///
/// The first error of `out`.
pub fn write(spec: &Spec, out: &mut impl Write) -> io::Result<u64> {
    let mut plan = Planner::new(*spec);
    let mut text = Text { buf: Vec::with_capacity(2 * FLUSH), seed: spec.seed, tenants: plan.tenants };
    let mut bytes = 0_u64;
    while plan.next() {
        text.alert(&plan.alert);
        if text.buf.len() >= FLUSH {
            out.write_all(&text.buf)?;
            bytes += text.buf.len() as u64;
            text.buf.clear();
        }
    }
    out.write_all(&text.buf)?;
    Ok(bytes + text.buf.len() as u64)
}

/// Alerts as integers: what is left for correlation once text is read and entities are resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// Per alert: first activity in nanoseconds since 1970. Not ascending: activity precedes the alert by seconds to hours.
    pub time: Vec<i64>,
    /// Per alert: detector number, dense from 0 upwards by rank of noise, some never used.
    pub detector: Vec<u32>,
    /// Per alert: tenant number.
    pub tenant: Vec<u32>,
    /// Per alert and one more: rows of alert `i` are `offset[i]..offset[i + 1]`.
    pub offset: Vec<u32>,
    /// Per row: entity number, dense in order of first appearance. An entity belongs to one tenant.
    pub entity: Vec<u32>,
    /// Per entity: index into [`KINDS`].
    pub kind: Vec<u8>,
    /// Entities that are known not to link whatever their degree: private addresses. Ascending.
    pub private: Vec<u32>,
}

/// Names of the entity kinds, as Graph names its evidence types.
pub const KINDS: [&str; 11] = [
    "device",
    "user",
    "process",
    "file",
    "ip",
    "url",
    "dns",
    "registryValue",
    "analyzedMessage",
    "mailbox",
    "cloudApplication",
];

/// The columns of `rows / 8` alerts of eight rows each (rounded up), the same alerts that
/// [`write`] prints for that seed. An entity is a row's value within a tenant.
#[must_use]
pub fn columns(seed: u64, rows: usize) -> Columns {
    let spec = Spec { seed, ..Spec::rows(rows) };
    let mut plan = Planner::new(spec);
    let mut c = Columns::default();
    let mut ids: HashMap<(u32, Kind, u64), u32> = HashMap::with_capacity(rows / 4);
    c.offset.push(0);
    while plan.next() {
        let a = &plan.alert;
        c.time.push(i64::try_from(a.first * 100).unwrap_or(i64::MAX));
        c.detector.push(a.detector);
        c.tenant.push(a.tenant);
        for item in &a.items {
            let fresh = u32::try_from(c.kind.len()).unwrap_or(u32::MAX);
            let id = *ids.entry((a.tenant, item.kind, item.key)).or_insert(fresh);
            if id == fresh {
                c.kind.push(item.kind as u8);
                if item.kind == Kind::Ip && item.key & PRIVATE != 0 {
                    c.private.push(id);
                }
            }
            c.entity.push(id);
        }
        c.offset.push(u32::try_from(c.entity.len()).unwrap_or(u32::MAX));
    }
    c
}

// ---- numbers -----------------------------------------------------------------------------------

/// Bytes gathered before they go to the writer.
const FLUSH: usize = 1 << 18;
/// 100 ns ticks in a second.
const SEC: u64 = 10_000_000;
/// 2026-01-05T00:00:00Z in ticks since 1970.
const START: u64 = 1_767_571_200 * SEC;
/// Thirty days in ticks.
const SPAN: u64 = 30 * 86_400 * SEC;
/// A process belongs to one such slice of time, its parent to the slice before.
const SLICE: u64 = 6 * 3600 * SEC;

/// SplitMix64 (Steele, Lea, Flood 2014): a counter in steps of the golden ratio, through a mixer.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        scramble(self.0)
    }

    /// Uniform in `0..n` by multiplication; the bias of n/2⁶⁴ does not matter here. 0 for `n` = 0.
    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// True in `n` of 1000 calls.
    fn permille(&mut self, n: u64) -> bool {
        self.below(1000) < n
    }

    /// A value of `0..n` with p(x) ∝ 1/(x + 1), in steps: first the octave, all alike, then a place in it.
    /// No floating point and no rejection: what the last octave has beyond `n` goes evenly to the values before it.
    fn heavy(&mut self, n: u64) -> u64 {
        let n = n.max(1);
        let low = 1_u64 << self.below(u64::from(64 - n.leading_zeros()));
        let place = low + self.below(low);
        if place > n { place - n - 1 } else { place - 1 }
    }
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The mixer of SplitMix64: a bijection in which each input bit moves half of the output.
const fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The `n`th number that belongs to a value; the same wherever the value appears.
const fn digest(seed: u64, kind: Kind, key: u64, n: u64) -> u64 {
    let tag = (kind as u64 + 1).wrapping_mul(0x0100_0000_01B3).wrapping_add(n.wrapping_mul(GOLDEN));
    scramble(scramble(seed ^ tag).wrapping_add(key.wrapping_mul(GOLDEN)))
}

// ---- the plan ----------------------------------------------------------------------------------

/// What kind of thing an item is; the numbers are indexes into [`KINDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
enum Kind {
    Device,
    User,
    Process,
    File,
    Ip,
    Url,
    Dns,
    RegistryValue,
    Message,
    Mailbox,
    App,
}

/// Bit of a file, address, URL or domain key: belongs to a campaign, the other bits are its number.
const CAMPAIGN: u64 = 1 << 40;
/// Bit of such a key: seen on one device only, whose number stands above the lowest six bits.
const LOCAL: u64 = 1 << 39;
/// Bit of an address key: private, the other bits are a device.
const PRIVATE: u64 = 1 << 41;
/// Key of the address that is asked for names.
const RESOLVER: u64 = 1 << 42;
/// Key of the account that scans all devices.
const SCANNER: u64 = 1 << 43;

/// One evidence item: a value, and what is said about it here.
#[derive(Debug, Clone, Copy)]
struct Item {
    kind: Kind,
    key: u64,
    /// 0 unknown, 1 suspicious, 2 malicious, 3 noThreatsFound.
    verdict: u8,
    /// Loose bits for fields that do not identify.
    bits: u32,
}

/// One alert; the planner re-uses it.
#[derive(Debug, Default)]
struct Alert {
    number: u64,
    created: u64,
    first: u64,
    last: u64,
    detector: u32,
    tenant: u32,
    product: usize,
    device: u64,
    /// Whose mailbox, if it is about mail.
    mail: u64,
    items: Vec<Item>,
}

/// A campaign on its way.
#[derive(Debug)]
struct Campaign {
    number: u64,
    devices: [u64; 6],
    width: u64,
    stage: u64,
    length: u64,
    due: u64,
}

/// Walks through the alerts in order.
struct Planner {
    spec: Spec,
    rng: Rng,
    now: u64,
    burst: u64,
    devices: u64,
    detectors: u64,
    tenants: u64,
    running: Vec<Campaign>,
    campaigns: u64,
    done: u64,
    alert: Alert,
}

impl Planner {
    fn new(spec: Spec) -> Planner {
        let alerts = spec.alerts as u64;
        Planner {
            spec,
            rng: Rng(scramble(spec.seed)),
            now: START,
            burst: 0,
            devices: (alerts / 40).max(8),
            detectors: 36 + alerts / 500,
            tenants: 1 + alerts / 65_536,
            running: Vec::new(),
            campaigns: 0,
            done: 0,
            alert: Alert::default(),
        }
    }

    /// Plans the next alert into `self.alert`; false at the end.
    fn next(&mut self) -> bool {
        if self.done >= self.spec.alerts as u64 {
            return false;
        }
        self.alert.number = self.done;
        self.tick();
        if self.running.len() < 64 && self.rng.below(440) == 0 {
            self.start_campaign();
        }
        match self.running.iter().position(|c| c.due <= self.done) {
            Some(at) => self.campaign_alert(at),
            None => self.common_alert(),
        }
        // Most activity is minutes old when the alert is made, some of it hours.
        let (lag, length) = (self.rng.below(14), self.rng.below(12));
        self.alert.created = self.now;
        self.alert.last = self.now - SEC - self.rng.below(SEC << lag);
        self.alert.first = self.alert.last - self.rng.below(SEC << length);
        self.done += 1;
        true
    }

    /// Moves the clock. Mean steps: in a burst 1/16 of the mean spacing, else 1.34 of it; by day ×⅔, by night ×2.
    fn tick(&mut self) {
        let spacing = (SPAN / self.spec.alerts as u64).max(64);
        let step = if self.burst > 0 {
            self.burst -= 1;
            self.rng.below(spacing / 8)
        } else {
            if self.rng.below(64) == 0 {
                self.burst = 8 + self.rng.below(32);
            }
            self.rng.below(spacing * 43 / 16)
        };
        let hour = self.now / (3600 * SEC) % 24;
        self.now += 1 + if (6..18).contains(&hour) { step * 2 / 3 } else { step * 2 };
    }

    /// Another number of `0..devices` in the same tenant.
    fn same_tenant(&self, n: u64, like: u64) -> u64 {
        let n = n - n % self.tenants + like % self.tenants;
        if n < self.devices { n } else { like }
    }

    fn start_campaign(&mut self) {
        let first = self.rng.below(self.devices);
        let width = 2 + self.rng.below(5);
        let mut devices = [first; 6];
        for d in devices.iter_mut().skip(1) {
            let n = self.rng.below(self.devices);
            *d = self.same_tenant(n, first);
        }
        let length = 6 + self.rng.below(7);
        self.running.push(Campaign { number: self.campaigns, devices, width, stage: 0, length, due: self.done });
        self.campaigns += 1;
    }

    /// The next step of a campaign: stage and device move on together.
    fn campaign_alert(&mut self, at: usize) {
        let c = &mut self.running[at];
        let device = c.devices[(c.stage * c.width / c.length) as usize % 6];
        let residue = CHAIN[(c.stage * CHAIN.len() as u64 / c.length) as usize % CHAIN.len()];
        let number = c.number;
        let user = c.devices[0];
        let last = c.stage + 1 >= c.length;
        c.stage += 1;
        c.due = self.done + 1 + self.rng.below(1 + self.spec.alerts as u64 / 1024);
        if last {
            self.running.swap_remove(at);
        }
        let rare = self.rng.below(self.detectors / 12);
        self.head(device, (rare * 12 + residue) as u32);
        self.items(Some((number, user)));
    }

    fn common_alert(&mut self) {
        let device = if self.rng.below(4) == 0 { self.rng.heavy(self.devices) } else { self.rng.below(self.devices) };
        let detector = self.rng.heavy(self.detectors) as u32;
        self.head(device, detector);
        self.items(None);
    }

    fn head(&mut self, device: u64, detector: u32) {
        let a = &mut self.alert;
        a.device = device;
        a.detector = detector;
        a.tenant = (device % self.tenants) as u32;
        a.product = CATEGORIES[detector as usize % 12].product;
    }

    /// Fills the evidence: the product's kinds in order, then over again without its assets.
    fn items(&mut self, campaign: Option<(u64, u64)>) {
        self.alert.items.clear();
        let shape: &[Kind] = PRODUCTS[self.alert.product].shape;
        let device = self.alert.device;
        // One account per alert: the device's owner, sometimes a colleague, sometimes the scanner.
        let user = match campaign {
            Some((_, user)) => user,
            None if self.rng.permille(30) => SCANNER,
            None if self.rng.permille(80) => {
                let n = self.rng.heavy(self.devices);
                self.same_tenant(n, device)
            }
            None => device,
        };
        let mail = if user == SCANNER { device } else { user };
        self.alert.mail = mail;
        for n in 0..self.spec.evidence_per_alert {
            let kind = if n < shape.len() { shape[n] } else { MORE[(n - shape.len()) % MORE.len()] };
            let key = match kind {
                Kind::Device if n == 0 || self.alert.product != 2 => device,
                Kind::Device => {
                    let n = self.rng.heavy(self.devices);
                    self.same_tenant(n, device)
                }
                Kind::User => user,
                Kind::Mailbox => mail,
                Kind::Message => match campaign {
                    Some((c, _)) => CAMPAIGN | c | (mail << 44),
                    None => self.alert.number,
                },
                // 16 a slice, the first of them in most alerts: alerts of an hour share processes.
                Kind::Process => process_key(device, self.now / SLICE - 2, self.rng.heavy(16)),
                Kind::RegistryValue => (device << 8) | self.rng.heavy(64),
                Kind::App => self.rng.heavy(24),
                Kind::File | Kind::Ip | Kind::Url | Kind::Dns => match campaign {
                    Some((c, _)) if self.rng.permille(850) => CAMPAIGN | c,
                    _ => self.value(kind),
                },
            };
            let odds = if campaign.is_some() { 600 } else { 90 };
            let verdict = if !self.rng.permille(odds) {
                0
            } else {
                [1, 1, 1, 1, 1, 2, 2, 2, 3, 3][self.rng.below(if campaign.is_some() { 8 } else { 10 }) as usize]
            };
            let bits = (self.rng.next() >> 32) as u32;
            self.alert.items.push(Item { kind, key, verdict, bits });
        }
    }

    /// A value out of the pool of its kind.
    fn value(&mut self, kind: Kind) -> u64 {
        let alerts = self.spec.alerts as u64;
        match kind {
            // A third are system files, the first of which is svchost.exe.
            Kind::File if self.rng.permille(330) => self.rng.heavy(SYSTEM_FILES.len() as u64),
            Kind::Ip if self.rng.permille(60) => RESOLVER,
            Kind::Ip if self.rng.permille(400) => PRIVATE | self.alert.device,
            _ if self.rng.permille(850) => LOCAL | (self.alert.device << 6) | self.rng.heavy(64),
            Kind::File => SYSTEM_FILES.len() as u64 + self.rng.heavy(alerts / 2 + 64),
            Kind::Ip => self.rng.heavy(alerts / 4 + 64),
            Kind::Url => self.rng.heavy(alerts / 3 + 64),
            _ => self.rng.heavy(alerts / 6 + 64),
        }
    }
}

/// Process `n` of a device in a slice of time.
const fn process_key(device: u64, slice: u64, n: u64) -> u64 {
    (device << 24) | ((slice & 0xF_FFFF) << 4) | (n & 15)
}

// ---- tables ------------------------------------------------------------------------------------

struct Category {
    name: &'static str,
    product: usize,
    techniques: [&'static str; 4],
    titles: [&'static str; 3],
}

/// A detector's category is its number modulo 12; low numbers are noisy.
static CATEGORIES: [Category; 12] = [
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
static CHAIN: [u64; 10] = [2, 1, 6, 5, 7, 3, 8, 9, 10, 11];

struct Product {
    prefix: &'static str,
    service: &'static str,
    source: &'static str,
    shape: &'static [Kind],
}

static PRODUCTS: [Product; 3] = [
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
static MORE: [Kind; 6] = [Kind::File, Kind::Ip, Kind::Process, Kind::Url, Kind::Dns, Kind::RegistryValue];

/// Files of the system; `svchost.exe` is drawn most.
static SYSTEM_FILES: [&str; 16] = [
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
static WORDS: [&str; 32] = [
    "alder", "amber", "basin", "birch", "cairn", "cedar", "cliff", "coral", "delta", "ember", "fjord", "flint", "gale",
    "grove", "harbour", "hazel", "iris", "juniper", "kelp", "larch", "linden", "maple", "meadow", "nettle", "opal",
    "pine", "quartz", "reed", "slate", "thistle", "umber", "willow",
];
static FOLDERS: [&str; 8] = [
    r"C:\\Windows\\Temp",
    r"C:\\ProgramData\\Sync",
    r"C:\\Users\\Public\\Downloads",
    r"C:\\Program Files\\Common Files\\Tools",
    r"C:\\Program Files (x86)\\Updater",
    r"D:\\Data\\Transfer",
    r"C:\\Users\\Default\\AppData\\Local\\Temp",
    r"C:\\Tools",
];
static REGISTRY: [&str; 4] = [
    r"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
    r"SYSTEM\\CurrentControlSet\\Services",
    r"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\RunOnce",
    r"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options",
];
static VERDICTS: [&str; 4] = ["unknown", "suspicious", "malicious", "noThreatsFound"];
static STATUSES: [&str; 8] =
    ["active", "none", "pendingApproval", "remediated", "prevented", "blocked", "active", "notFound"];
static ROLES: [&str; 8] =
    ["", "", "", "\"contextual\"", "\"source\"", "\"compromised\"", "\"attacked\"", "\"suspicious\",\"attacker\""];
static DETAILED: [&str; 4] = ["", "", "", "\"Referred in command line\""];
static SEVERITIES: [&str; 16] = [
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
static GROUPS: [&str; 4] = ["Workstations", "Servers", "Laptops", "UnassignedGroup"];
static SYSTEMS: [(&str, &str, &str); 4] = [
    ("Windows11", "22631", "23H2"),
    ("Windows10", "19045", "22H2"),
    ("WindowsServer2022", "20348", "21H2"),
    ("Windows11", "26100", "24H2"),
];

// ---- text --------------------------------------------------------------------------------------

/// JSON of planned alerts. All text put in is ASCII and, where it has a backslash, escaped already.
struct Text {
    buf: Vec<u8>,
    seed: u64,
    tenants: u64,
}

/// Appends its arguments in turn: text, or `[method argument ...]` for a method of [`Text`].
macro_rules! put {
    ($t:expr $(, $part:tt)* $(,)?) => {{ $( put!(@ $t, $part); )* }};
    (@ $t:expr, [$method:ident $($arg:expr),*]) => { $t.$method($($arg),*) };
    (@ $t:expr, $text:tt) => { $t.s($text) };
}

impl Text {
    fn s(&mut self, text: &str) {
        self.buf.extend_from_slice(text.as_bytes());
    }

    /// Decimal.
    fn n(&mut self, mut n: u64) {
        let mut digits = [0_u8; 20];
        let mut at = 20;
        loop {
            at -= 1;
            digits[at] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                break;
            }
        }
        self.buf.extend_from_slice(&digits[at..]);
    }

    /// Decimal in exactly `width` digits (at most 8), higher ones dropped.
    fn pad(&mut self, n: u64, width: usize) {
        let mut digits = [b'0'; 8];
        let mut rest = n;
        for d in digits[..width].iter_mut().rev() {
            *d += (rest % 10) as u8;
            rest /= 10;
        }
        self.buf.extend_from_slice(&digits[..width]);
    }

    /// The low `width` hexadecimal digits (at most 16).
    fn hex(&mut self, n: u64, width: usize) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0_u8; 16];
        for (i, d) in digits.iter_mut().enumerate() {
            *d = DIGITS[(n >> (60 - 4 * i) & 15) as usize];
        }
        self.buf.extend_from_slice(&digits[16 - width..]);
    }

    /// `width` hexadecimal digits that belong to a value.
    fn id(&mut self, kind: Kind, key: u64, n: u64, width: usize) {
        let mut left = width;
        let mut part = n << 8;
        while left > 0 {
            let w = left.min(16);
            self.hex(digest(self.seed, kind, key, part), w);
            part += 1;
            left -= w;
        }
    }

    fn guid(&mut self, kind: Kind, key: u64, n: u64) {
        let (a, b) = (digest(self.seed, kind, key, n << 8), digest(self.seed, kind, key, (n << 8) | 1));
        put!(self, [hex a >> 32, 8], "-", [hex a >> 16, 4], "-4", [hex a, 3], "-", [hex 8 | (b >> 60 & 3), 1], [hex b >> 48, 3], "-", [hex b, 12]);
    }

    /// A time with seven digits after the second, as Graph prints it.
    fn time(&mut self, ticks: u64) {
        let seconds = ticks / SEC;
        // Days to a civil date (Hinnant): years begin in March, so that the leap day comes last.
        let z = seconds / 86_400 + 719_468;
        let (era, day) = (z / 146_097, z % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let date = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year + u64::from(month <= 2);
        put!(self, [pad year, 4], "-", [pad month, 2], "-", [pad date, 2], "T", [pad seconds / 3600 % 24, 2], ":", [pad seconds / 60 % 60, 2], ":",
            [pad seconds % 60, 2], ".", [pad ticks % SEC, 7], "Z");
    }

    fn word(&mut self, n: u64) {
        self.s(WORDS[n as usize % WORDS.len()]);
    }

    /// A name that two values never share: two words and the key.
    fn name(&mut self, kind: Kind, key: u64) {
        let d = digest(self.seed, kind, key, 99);
        put!(self, [word d], "-", [word d >> 8], [hex key, if key < 1 << 24 { 6 } else { 11 }]);
    }

    fn domain(&mut self, key: u64) {
        put!(self, [name Kind::Dns, key], ".example");
    }

    fn url(&mut self, key: u64) {
        let d = digest(self.seed, Kind::Url, key, 0);
        // Several URLs to a domain, except in campaigns.
        put!(self, "https://", [domain if key & CAMPAIGN == 0 { key & !3 } else { key }], "/", [word d >> 8], "/", [word d >> 16], "/", [hex key, 11], "?id=", [hex d, 6]);
    }

    /// Place in 198.18.0.0/15, for as many keys as it has room; no two keys share one.
    fn v4(key: u64) -> Option<u64> {
        let (device, n) = ((key & (LOCAL - 1)) >> 6, key & 63);
        if key & LOCAL != 0 {
            (n < 8 && device < 12_288).then_some(0x8000 + device * 8 + n)
        } else {
            (key & (CAMPAIGN | 1) == 0 && key < 2 * 0x7F00).then_some(0x100 + key / 2)
        }
    }

    fn ip(&mut self, key: u64) {
        if key == RESOLVER {
            self.s("198.18.0.53");
        } else if key & PRIVATE != 0 {
            let d = (key + 257) & 0xFF_FFFF;
            put!(self, "10.", [n d >> 16], ".", [n d >> 8 & 255], ".", [n d & 255]);
        } else if let Some(d) = Self::v4(key) {
            put!(self, "198.", [n 18 + (d >> 16)], ".", [n d >> 8 & 255], ".", [n d & 255]);
        } else if key & LOCAL != 0 {
            put!(self, "2001:db8:300:", [hex key >> 30 & 0x1FF | 0x8000, 4], "::", [hex key >> 15 & 0x7FFF | 0x8000, 4], ":", [hex key & 0x7FFF | 0x8000, 4]);
        } else {
            let net = if key & CAMPAIGN == 0 { 0x100 } else { 0x200 };
            put!(self, "2001:db8:", [hex net, 3], "::", [hex key >> 15 & 0x7FFF | 0x8000, 4], ":", [hex key & 0x7FFF | 0x8000, 4]);
        }
    }

    fn host(&mut self, device: u64) {
        put!(self, [word digest(self.seed, Kind::Device, device, 7)], "-", [pad device, 7]);
    }

    fn zone(&mut self, device: u64) {
        put!(self, ".t", [n device % self.tenants], ".corp.example");
    }

    fn account(&mut self, user: u64) {
        if user == SCANNER {
            self.s("svc-scanner");
        } else {
            put!(self, [word digest(self.seed, Kind::User, user, 7)], ".", [n user]);
        }
    }

    /// `userAccount`; `full` with the identifiers of the cloud.
    fn user_account(&mut self, tenant: u32, user: u64, full: bool) {
        let t = u64::from(tenant);
        // The scanner is one account in each tenant.
        let key = if user == SCANNER { SCANNER | t } else { user };
        put!(self, "\"userAccount\":{\"accountName\":\"", [account user], "\",\"domainName\":\"CORP", [n t], "\",\"userSid\":\"S-1-5-21-",
            [n digest(self.seed, Kind::User, t, 90) >> 33], "-", [n digest(self.seed, Kind::User, t, 91) >> 33], "-", [n digest(self.seed, Kind::User, t, 92) >> 33], "-",
            [n if user == SCANNER { 999 } else { 1000 + user }], "\",\"azureAdUserId\":");
        if full {
            put!(self, "\"", [guid Kind::User, key, 1], "\",\"userPrincipalName\":\"", [account user], "@t", [n t], ".example\",\"displayName\":\"", [account user], "\"}");
        } else {
            self.s("null,\"userPrincipalName\":null,\"displayName\":null}");
        }
    }

    /// The inside of `fileDetails`; `full` with hashes.
    fn file_details(&mut self, file: u64, full: bool) {
        let d = digest(self.seed, Kind::File, file, 9);
        self.s("{\"sha1\":");
        if full {
            put!(self, "\"", [id Kind::File, file, 1, 40], "\",\"sha256\":\"", [id Kind::File, file, 2, 64], "\",\"fileName\":\"");
        } else {
            self.s("null,\"sha256\":null,\"fileName\":\"");
        }
        let size = 4096 + (d >> 40);
        match SYSTEM_FILES.get(usize::try_from(file).unwrap_or(usize::MAX)) {
            Some(name) => {
                put!(self, name, r#"","filePath":"C:\\Windows\\System32","fileSize":"#, [n size],
                ",\"filePublisher\":\"Microsoft Corporation\",\"signer\":\"Microsoft Windows\"}")
            }
            None => {
                put!(self, [name Kind::File, file], ".exe\",\"filePath\":\"", (FOLDERS[d as usize % FOLDERS.len()]), "\",\"fileSize\":", [n size],
                ",\"filePublisher\":null,\"signer\":null}")
            }
        }
    }

    /// Pid and creation time of a process: a function of its key.
    fn process_facts(&self, key: u64) -> (u64, u64, u64) {
        let d = digest(self.seed, Kind::Process, key, 0);
        let born = (key >> 4 & 0xF_FFFF) * SLICE + (d >> 20) % SLICE;
        // Four in five processes run a system program.
        let file = if !d.is_multiple_of(5) {
            (d >> 8) % SYSTEM_FILES.len() as u64
        } else {
            LOCAL | ((key >> 24) << 6) | ((d >> 8) & 15)
        };
        // Sixteen slots a slice: no two processes of a slice share a pid.
        let pid = 1000 + 64 * (d % 600) + 4 * (key & 15);
        (pid, born, file)
    }

    fn process(&mut self, a: &Alert, item: &Item) {
        let (device, slot) = (item.key >> 24, item.key & 15);
        let (pid, born, file) = self.process_facts(item.key);
        let (parent_pid, parent_born, parent_file) =
            self.process_facts(process_key(device, (item.key >> 4 & 0xF_FFFF) - 1, slot / 2));
        let task = digest(self.seed, Kind::Process, item.key, 1);
        put!(self, "\"processId\":", [n pid], ",\"parentProcessId\":", [n parent_pid], ",\"processCommandLine\":\"");
        match SYSTEM_FILES.get(usize::try_from(file).unwrap_or(usize::MAX)) {
            Some(name) => self.s(name),
            None => {
                put!(self, r#"\""#, (FOLDERS[slot as usize % FOLDERS.len()]), r"\\", [name Kind::File, file], r#".exe\""#)
            }
        }
        put!(self, " /run -k ", [word task >> 40], " --task ", [hex task, 8],
            "\",\"processCreationDateTime\":\"", [time born], "\",\"parentProcessCreationDateTime\":\"", [time parent_born], "\",\"detectionStatus\":\"detected\",\"mdeDeviceId\":\"",
            [id Kind::Device, device, 1, 40], "\",\"imageFile\":", [file_details file, true], ",\"parentProcessImageFile\":", [file_details parent_file, false], ",");
        if task & 3 == 0 {
            self.s("\"userAccount\":{\"accountName\":\"SYSTEM\",\"domainName\":\"NT AUTHORITY\",\"userSid\":\"S-1-5-18\",\"azureAdUserId\":null,\"userPrincipalName\":null,\"displayName\":null}}");
        } else {
            put!(self, [user_account a.tenant, device, task & 12 == 0], "}");
        }
    }

    fn device(&mut self, item: &Item) {
        let d = item.key;
        let bits = digest(self.seed, Kind::Device, d, 0);
        let (platform, build, version) = SYSTEMS[(bits >> 8) as usize % SYSTEMS.len()];
        let group = (bits >> 16) as usize % GROUPS.len();
        put!(self, "\"firstSeenDateTime\":\"", [time START - (bits >> 16) % (400 * 86_400 * SEC)], "\",\"mdeDeviceId\":\"", [id Kind::Device, d, 1, 40], "\",\"azureAdDeviceId\":");
        // One in four alerts knows the device by fewer names.
        if item.bits & 3 == 0 {
            self.s("null");
        } else {
            put!(self, "\"", [guid Kind::Device, d, 2], "\"");
        }
        put!(self, ",\"deviceDnsName\":\"", [host d], [zone d], "\",\"hostName\":\"", [host d], "\",\"ntDomain\":\"CORP", [n d % self.tenants], "\",\"osPlatform\":\"", platform,
            "\",\"osBuild\":", build, ",\"version\":\"", version, "\",\"healthStatus\":\"active\",\"riskScore\":\"", (["none", "low", "medium", "high"][(bits >> 4) as usize % 4]),
            "\",\"rbacGroupId\":", [n 10 + group as u64], ",\"rbacGroupName\":\"", (GROUPS[group]), "\",\"onboardingStatus\":\"onboarded\",\"defenderAvStatus\":\"updated\",\"lastIpAddress\":\"",
            [ip PRIVATE | d], "\",\"ipInterfaces\":[\"", [ip PRIVATE | d], "\"],\"loggedOnUsers\":[{\"accountName\":\"", [account d],
            "\",\"domainName\":\"CORP", [n d % self.tenants], "\"}]}");
    }

    fn message(&mut self, a: &Alert, item: &Item) {
        let to = a.mail;
        // Copies of a campaign's message differ in the network id only. Other senders and links occur a few times.
        let copy = item.key;
        let key = copy & (2 * CAMPAIGN - 1);
        let (from, url) = if key & CAMPAIGN == 0 { ((1 << 22) + key / 8, (1 << 22) + key / 2) } else { (key, key) };
        put!(self, "\"networkMessageId\":\"", [guid Kind::Message, copy, 1], "\",\"internetMessageId\":\"<", [id Kind::Message, key, 2, 24], "@mail.", [domain from], ">\",\"subject\":\"Re: ",
            [word key], " ", [word key >> 5], " order ", [n key & 0xFF_FFFF], "\",\"language\":\"en\",\"senderIp\":\"", [ip key & (CAMPAIGN | 0xFFFF)], "\",\"recipientEmailAddress\":\"",
            [account to], "@t", [n u64::from(a.tenant)], ".example\",\"antiSpamDirection\":\"Inbound\",\"deliveryAction\":\"Delivered\",\"deliveryLocation\":\"Inbox\",\"urn\":\"urn:MailMessage:",
            [id Kind::Message, copy, 3, 32], "\",\"threats\":[\"Phish\"],\"threatDetectionMethods\":[\"UrlReputation\"],\"urls\":[\"", [url url], "\"],\"urlCount\":1,\"attachmentsCount\":1,\"receivedDateTime\":\"",
            [time a.first], "\",\"p1Sender\":{\"emailAddress\":\"bounce@mail.", [domain from], "\",\"displayName\":null,\"domainName\":\"mail.", [domain from],
            "\"},\"p2Sender\":{\"emailAddress\":\"", [word key], "@", [domain from], "\",\"displayName\":\"", [word key], " accounts\",\"domainName\":\"", [domain from], "\"}}");
    }

    fn evidence(&mut self, a: &Alert, item: &Item) {
        let Item { kind, key, verdict, bits } = *item;
        let b = bits as usize;
        let status = if verdict == 0 { "none" } else { STATUSES[b >> 4 & 7] };
        put!(self, "{\"@odata.type\":\"#microsoft.graph.security.", (KINDS[kind as usize]), "Evidence\",\"createdDateTime\":\"", [time a.created], "\",\"verdict\":\"",
            (VERDICTS[verdict as usize & 3]), "\",\"remediationStatus\":\"", status, "\",\"remediationStatusDetails\":null,\"roles\":[", (ROLES[b >> 8 & 7]), "],\"detailedRoles\":[",
            (DETAILED[b >> 12 & 3]), "],\"tags\":[],");
        match kind {
            Kind::Device => self.device(item),
            Kind::User => {
                put!(self, "\"stream\":null,", [user_account a.tenant, key, bits & 3 != 0], "}")
            }
            Kind::Process => self.process(a, item),
            Kind::File => {
                put!(self, "\"detectionStatus\":\"detected\",\"mdeDeviceId\":\"", [id Kind::Device, a.device, 1, 40], "\",\"fileDetails\":", [file_details key, true], "}")
            }
            Kind::Ip => put!(self, "\"ipAddress\":\"", [ip key], "\",\"countryLetterCode\":null}"),
            Kind::Url => put!(self, "\"url\":\"", [url key], "\"}"),
            Kind::Dns => {
                put!(self, "\"domainName\":\"", [domain key], "\",\"dnsServerIp\":null,\"hostIpAddress\":null,\"ipAddresses\":[]}")
            }
            Kind::RegistryValue => {
                put!(self, "\"mdeDeviceId\":\"", [id Kind::Device, key >> 8, 1, 40], "\",\"registryHive\":\"HKEY_LOCAL_MACHINE\",\"registryKey\":\"",
                (REGISTRY[key as usize % REGISTRY.len()]), "\",\"registryValueName\":\"", [word key], [n key & 255], "\",\"registryValue\":\"", (FOLDERS[key as usize % FOLDERS.len()]), r"\\",
                [word key], ".exe /background\",\"registryValueType\":\"String\"}")
            }
            Kind::Message => self.message(a, item),
            Kind::Mailbox => {
                put!(self, "\"primaryAddress\":\"", [account key], "@t", [n u64::from(a.tenant)], ".example\",\"displayName\":\"", [account key], "\",\"upn\":\"", [account key], "@t",
                [n u64::from(a.tenant)], ".example\",", [user_account a.tenant, key, true], "}")
            }
            Kind::App => {
                put!(self, "\"appId\":", [n 20_000 + key], ",\"displayName\":\"", [word key], " cloud\",\"instanceId\":0,\"instanceName\":\"", [word key], "\",\"saasAppId\":", [n 20_000 + key], ",\"stream\":null}")
            }
        }
    }

    fn alert(&mut self, a: &Alert) {
        let d = u64::from(a.detector);
        let category = &CATEGORIES[a.detector as usize % 12];
        let product = &PRODUCTS[a.product];
        let tag = digest(self.seed, Kind::App, d, 50);
        let severity = SEVERITIES[tag as usize % 16];
        let title = category.titles[(tag >> 8) as usize % 3];
        let id = (a.number << 8) | 1;
        put!(self, "{\"@odata.type\":\"#microsoft.graph.security.alert\",\"id\":\"", (product.prefix), [guid Kind::App, id, 60], "_1\",\"providerAlertId\":\"", [guid Kind::App, id, 60],
            "_1\",\"incidentId\":null,\"status\":\"new\",\"severity\":\"", severity, "\",\"classification\":\"unknown\",\"determination\":\"unknown\",\"serviceSource\":\"", (product.service),
            "\",\"detectionSource\":\"", (product.source), "\",\"detectorId\":\"", [guid Kind::App, d, 51], "\",\"tenantId\":\"",
            [guid Kind::App, u64::from(a.tenant), 52], "\",\"title\":\"", title, " (", [n d], ")\",\"description\":\"", title,
            ".\",\"recommendedActions\":null,\"category\":\"", (category.name), "\",\"assignedTo\":null,\"alertWebUrl\":null,\"incidentWebUrl\":null,\"actorDisplayName\":null,\"threatDisplayName\":null,\"threatFamilyName\":null,\"mitreTechniques\":[");
        let technique = category.techniques[(tag >> 16) as usize % 4];
        if !technique.is_empty() {
            put!(self, "\"", technique, "\"");
        }
        put!(self, "],\"createdDateTime\":\"", [time a.created], "\",\"lastUpdateDateTime\":\"", [time a.created + 90 * SEC + 3_333_333], "\",\"resolvedDateTime\":null,\"firstActivityDateTime\":\"",
            [time a.first], "\",\"lastActivityDateTime\":\"", [time a.last], "\",\"systemTags\":[],\"investigationState\":\"queued\",\"comments\":[],\"evidence\":[");
        for (i, item) in a.items.iter().enumerate() {
            if i > 0 {
                self.s(",");
            }
            self.evidence(a, item);
        }
        self.s("]}\n");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test is the answer")]
mod tests {
    use super::*;

    fn text(spec: &Spec) -> Vec<u8> {
        let mut out = Vec::new();
        let bytes = write(spec, &mut out).unwrap();
        assert_eq!(bytes, out.len() as u64);
        out
    }

    /// FNV-1a, 64 bits.
    fn fnv(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01B3))
    }

    #[test]
    fn same_bytes_everywhere() {
        let out = text(&Spec::rows(8000));
        assert_eq!(fnv(&out[..1 << 20]), PIN_TEXT, "{:#018x}", fnv(&out[..1 << 20]));
        assert_eq!(out, text(&Spec::rows(8000)));
        assert_ne!(out, text(&Spec { seed: 1, ..Spec::rows(8000) }));
    }

    #[test]
    fn same_columns_everywhere() {
        let c = columns(7, 80_000);
        let mut bytes = Vec::new();
        c.time.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
        for column in [&c.detector, &c.tenant, &c.offset, &c.entity, &c.private] {
            column.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
        }
        bytes.extend_from_slice(&c.kind);
        assert_eq!(fnv(&bytes), PIN_COLUMNS, "{:#018x}", fnv(&bytes));
    }

    #[test]
    fn size_of_an_alert() {
        let spec = Spec::rows(80_000);
        let each = text(&spec).len() / spec.alerts;
        assert!((5500..=5750).contains(&each), "{each}");
    }

    #[test]
    fn any_spec() {
        for (alerts, evidence_per_alert) in [(0, 8), (1, 0), (1, 1), (3, 40), (100, 8)] {
            let out = text(&Spec { seed: u64::MAX, alerts, evidence_per_alert });
            assert_eq!(out.iter().filter(|b| **b == b'\n').count(), alerts);
            let types = out.windows(10).filter(|w| w == b"Evidence\",").count();
            assert_eq!(types, alerts * evidence_per_alert);
        }
    }

    #[test]
    fn columns_hold_together() {
        let c = columns(7, 80_000);
        assert_eq!((c.time.len(), c.entity.len(), c.offset.len()), (10_000, 80_000, 10_001));
        assert_eq!((c.detector.len(), c.tenant.len()), (10_000, 10_000));
        assert!(c.offset.windows(2).all(|w| w[1] - w[0] == 8));
        assert_eq!(c.entity.iter().max(), Some(&(c.kind.len() as u32 - 1)));
        assert!(c.kind.iter().all(|k| usize::from(*k) < KINDS.len()));
        assert!(c.time.windows(2).any(|w| w[1] < w[0]));
        let mut degree = vec![0_u32; c.kind.len()];
        c.entity.iter().for_each(|e| degree[*e as usize] += 1);
        assert!(degree.iter().max() > Some(&300), "has hubs");
        assert!(degree.iter().filter(|d| **d == 1).count() * 2 > degree.len(), "has a tail");
    }

    #[test]
    fn an_entity_has_one_tenant() {
        let c = columns(7, 1_200_000);
        let mut of = vec![u32::MAX; c.kind.len()];
        for (alert, tenant) in c.tenant.iter().enumerate() {
            for row in c.offset[alert]..c.offset[alert + 1] {
                let seen = &mut of[c.entity[row as usize] as usize];
                assert!(*seen == u32::MAX || seen == tenant);
                *seen = *tenant;
            }
        }
        assert_eq!(c.tenant.iter().max(), Some(&2));
    }

    #[test]
    fn heavy_stays_inside_and_is_heavy() {
        let mut rng = Rng(3);
        for n in [0, 1, 2, 3, 16, 17, 1000] {
            assert!((0..5000).all(|_| rng.heavy(n) < n.max(1)));
        }
        let zeros = (0..10_000).filter(|_| rng.heavy(1000) == 0).count();
        assert!((900..1200).contains(&zeros), "{zeros}");
    }

    #[test]
    fn calendar() {
        let mut t = Text { buf: Vec::new(), seed: 0, tenants: 1 };
        for ticks in [START, START + SPAN - 1, 951_782_400 * SEC, 1_709_251_199 * SEC + 5] {
            t.time(ticks);
            t.s(" ");
        }
        assert_eq!(
            String::from_utf8(t.buf).unwrap(),
            "2026-01-05T00:00:00.0000000Z 2026-02-03T23:59:59.9999999Z 2000-02-29T00:00:00.0000000Z 2024-02-29T23:59:59.0000005Z "
        );
    }

    /// Of the first MiB of `Spec::rows(8000)`: changes only when the data is meant to change.
    const PIN_TEXT: u64 = 0x6DB7_55A2_5F03_F543;
    /// Of all columns of `columns(7, 80_000)`.
    const PIN_COLUMNS: u64 = 0x0EF3_CB12_B304_8E31;
}
