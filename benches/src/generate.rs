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

mod column;
mod estate;
mod plan;
mod random;
mod tables;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test is the answer")]
mod tests;
mod text;

use std::io::{self, Write};

pub use column::{Columns, columns};
pub use estate::{Alert as EstateAlert, estate};
use plan::Planner;
use text::Text;

/// Bytes gathered before they go to the writer.
const FLUSH: usize = 1 << 18;

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

/// A time as Graph prints it, so many seconds after the first.
fn time(seconds: u64) -> String {
    let mut text = Text { buf: Vec::new(), seed: 0, tenants: 1 };
    text.time(plan::START + seconds * plan::SEC);
    String::from_utf8(text.buf).unwrap_or_default()
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
