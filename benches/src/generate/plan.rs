//! What each alert is about, in order of time: its detector, its device and the values in its evidence.

use super::Spec;
use super::random::{Rng, scramble};
use super::tables::{CATEGORIES, CHAIN, MORE, PRODUCTS, SYSTEM_FILES};

/// 100 ns ticks in a second.
pub(super) const SEC: u64 = 10_000_000;
/// 2026-01-05T00:00:00Z in ticks since 1970.
pub(super) const START: u64 = 1_767_571_200 * SEC;
/// Thirty days in ticks.
pub(super) const SPAN: u64 = 30 * 86_400 * SEC;
/// A process belongs to one such slice of time, its parent to the slice before.
pub(super) const SLICE: u64 = 6 * 3600 * SEC;

/// What kind of thing an item is; the numbers are indexes into [`KINDS`](super::KINDS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Kind {
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
pub(super) const CAMPAIGN: u64 = 1 << 40;
/// Bit of such a key: seen on one device only, whose number stands above the lowest six bits.
pub(super) const LOCAL: u64 = 1 << 39;
/// Bit of an address key: private, the other bits are a device.
pub(super) const PRIVATE: u64 = 1 << 41;
/// Key of the address that is asked for names.
pub(super) const RESOLVER: u64 = 1 << 42;
/// Key of the account that scans all devices.
pub(super) const SCANNER: u64 = 1 << 43;

/// One evidence item: a value, and what is said about it here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) key: u64,
    /// 0 unknown, 1 suspicious, 2 malicious, 3 noThreatsFound.
    pub(super) verdict: u8,
    /// Loose bits for fields that do not identify.
    pub(super) bits: u32,
}

/// One alert; the planner re-uses it.
#[derive(Debug, Default)]
pub(super) struct Alert {
    pub(super) number: u64,
    pub(super) created: u64,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) detector: u32,
    pub(super) tenant: u32,
    pub(super) product: usize,
    pub(super) device: u64,
    /// Whose mailbox, if it is about mail.
    pub(super) mail: u64,
    pub(super) items: Vec<Item>,
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
pub(super) struct Planner {
    spec: Spec,
    rng: Rng,
    now: u64,
    burst: u64,
    devices: u64,
    detectors: u64,
    pub(super) tenants: u64,
    running: Vec<Campaign>,
    campaigns: u64,
    done: u64,
    pub(super) alert: Alert,
}

impl Planner {
    pub(super) fn new(spec: Spec) -> Planner {
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
    pub(super) fn next(&mut self) -> bool {
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
pub(super) const fn process_key(device: u64, slice: u64, n: u64) -> u64 {
    (device << 24) | ((slice & 0xF_FFFF) << 4) | (n & 15)
}
