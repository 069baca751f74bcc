//! Writes one event as a line of JSON; fills the blanks of templates from a seed.

/// SplitMix64: integers of fixed width only, so that a seed gives the same bytes everywhere.
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `0..n`; the bias of n/2⁶⁴ does not matter here.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    pub(super) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// The first of a table come more often: half of the picks from its first third.
    pub(super) fn often<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        let end = if self.below(2) == 0 { of.len().div_ceil(3) } else { of.len() };
        &of[self.below(end)]
    }
}

const WORDS: [&str; 40] = [
    "invoice", "budget", "kestrel", "harbor", "ledger", "summary", "orchid", "forecast", "transit", "pipeline",
    "catalog", "meadow", "payroll", "vector", "canyon", "staging", "release", "archive", "quarter", "garnet", "willow",
    "metrics", "console", "gateway", "planner", "lantern", "survey", "contract", "cobalt", "roster", "session",
    "profile", "shipment", "juniper", "template", "network", "monitor", "backlog", "drawing", "handbook",
];
const NAMES: [&str; 24] = [
    "avila", "bergman", "castell", "dvorak", "eklund", "ferrant", "goto", "hallor", "ibanez", "jansky", "kovar",
    "lindt", "moreau", "nakata", "okafor", "pellin", "quist", "rossi", "sandoz", "tamura", "ulmer", "vance", "wirth",
    "yilmaz",
];
const DOMAINS: [&str; 14] = [
    "files.corp.example",
    "login.corp.example",
    "updates.vendor.example",
    "telemetry.vendor.example",
    "mail.corp.example",
    "cdn.assets.example",
    "news.daily.example",
    "api.weather.example",
    "registry.packages.example",
    "git.corp.example",
    "wiki.corp.example",
    "meet.calls.example",
    "crm.sales.example",
    "time.clock.example",
];

/// A line in the making, and who and where it is about.
pub(super) struct Line {
    pub(super) out: Vec<u8>,
    pub(super) rng: Rng,
    /// Milliseconds since 2026-01-05.
    pub(super) clock: u64,
    host: usize,
    user: usize,
}

impl Line {
    pub(super) fn new(seed: u64) -> Line {
        Line { out: Vec::new(), rng: Rng(seed), clock: 0, host: 0, user: 0 }
    }

    /// Starts the next event: some milliseconds later, on one of 400 devices.
    pub(super) fn start(&mut self) {
        self.clock += self.rng.below(60) as u64;
        self.host = self.rng.below(400);
        self.user = self.host * 7 % 240 + self.rng.below(3);
        self.out.push(b'{');
    }

    pub(super) fn end(&mut self) {
        self.out.pop();
        self.out.extend_from_slice(b"}\n");
    }

    /// A member with text, from a template.
    pub(super) fn text(&mut self, name: &str, template: &str) {
        self.name(name);
        self.out.push(b'"');
        let from = self.out.len();
        self.expand(template);
        self.escape(from);
        self.out.extend_from_slice(b"\",");
    }

    /// A member with one of these texts.
    pub(super) fn any(&mut self, name: &str, of: &[&str]) {
        let template = *self.rng.pick(of);
        self.text(name, template);
    }

    pub(super) fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        self.out.extend_from_slice(value.to_string().as_bytes());
        self.out.push(b',');
    }

    /// The time now: `2026-01-05T08:00:00.000Z`, or with a blank and no zone.
    pub(super) fn time(&mut self, name: &str, between: char, zone: &str) {
        let ms = self.clock;
        let (day, hour, minute) = (5 + ms / 86_400_000 % 23, ms / 3_600_000 % 24, ms / 60_000 % 60);
        let (second, rest) = (ms / 1_000 % 60, ms % 1_000);
        let text = format!("2026-01-{day:02}{between}{hour:02}:{minute:02}:{second:02}.{rest:03}{zone}");
        self.text(name, &text);
    }

    /// The template with its blanks filled, not escaped.
    pub(super) fn fill(&mut self, template: &str) -> String {
        let from = self.out.len();
        self.expand(template);
        let text = String::from_utf8_lossy(&self.out[from..]).into_owned();
        self.out.truncate(from);
        text
    }

    fn name(&mut self, name: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// `{d3}` digits, `{x8}` and `{X8}` hexadecimal digits, `{u}` user, `{h}` device, `{g}` GUID, `{s}` a user's SID,
    /// `{w}` word, `{i}` and `{o}` inner and outside address, `{n}` name of a host; else as it stands.
    fn expand(&mut self, template: &str) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            self.out.extend_from_slice(before.as_bytes());
            match after.split_once('}') {
                Some((blank, next)) if self.blank(blank) => rest = next,
                _ => {
                    self.out.push(b'{');
                    rest = after;
                }
            }
        }
        self.out.extend_from_slice(rest.as_bytes());
    }

    fn blank(&mut self, blank: &str) -> bool {
        let mut chars = blank.chars();
        let (kind, count) = (chars.next(), chars.as_str());
        let digits = |alphabet: &[u8], line: &mut Line| {
            let count: usize = count.parse().unwrap_or(1);
            for _ in 0..count {
                let digit = *line.rng.pick(alphabet);
                line.out.push(digit);
            }
        };
        let text = match (kind, count) {
            (Some('d'), _) => {
                digits(b"123456789", self);
                return true;
            }
            (Some('x'), _) => {
                digits(b"0123456789abcdef", self);
                return true;
            }
            (Some('X'), _) => {
                digits(b"0123456789ABCDEF", self);
                return true;
            }
            (Some('g'), "") => {
                self.expand("{x8}-{x4}-{x4}-{x4}-{x12}");
                return true;
            }
            (Some('u'), "") => format!("{}{}", NAMES[self.user % NAMES.len()], self.user / NAMES.len()),
            (Some('h'), "") => format!("WS-{:04}", self.host + 1000),
            (Some('s'), "") => format!("S-1-5-21-1004336348-1177238915-682003330-{}", 1100 + self.user),
            (Some('w'), "") => (*self.rng.pick(&WORDS)).to_owned(),
            (Some('i'), "") => format!("10.{}.{}.{}", self.rng.below(8), self.rng.below(250), 1 + self.rng.below(250)),
            (Some('o'), "") => {
                let net = self.rng.pick(&["192.0.2", "198.51.100", "203.0.113"]);
                format!("{net}.{}", 1 + self.rng.below(250))
            }
            (Some('n'), "") => (*self.rng.pick(&DOMAINS)).to_owned(),
            _ => return false,
        };
        self.out.extend_from_slice(text.as_bytes());
        true
    }

    /// Escapes what was written after `from`.
    fn escape(&mut self, from: usize) {
        if !self.out[from..].iter().any(|b| *b < 0x20 || matches!(b, b'"' | b'\\')) {
            return;
        }
        for byte in self.out.split_off(from) {
            match byte {
                b'"' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                byte if byte < 0x20 => self.out.push(b' '),
                byte => self.out.push(byte),
            }
        }
    }
}
