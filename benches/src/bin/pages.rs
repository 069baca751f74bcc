//! How large the page of an incident is and what it takes to make it, against writing the same summary as JSON.
//!
//! `cargo run --release -p casegraph-benches --bin pages -- [ALERTS...]` (default 15, 1,000 and 10,000)
//!
//! The generated alerts of eight evidence items each are one incident because the vendor says so. What is timed, the
//! best of three: gathering the case file from a casebook that is derived already, the page, every picture, every
//! export, and as the peer `serde_json` writing the incident's summary, which the page holds too.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use casegraph::Casebook;
use casegraph::export::ExportFormat;
use casegraph::report::{Page, Picture};
use casegraph_benches::generate::{self, Spec};
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![15, 1_000, 10_000] } else { sizes };
    for alerts in sizes {
        if let Err(e) = run(alerts) {
            eprintln!("pages: {e}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The best of three, and what came out last.
fn best<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut one = || {
        let start = Instant::now();
        let made = work();
        (start.elapsed(), made)
    };
    let runs = [one(), one(), one()];
    let fastest = runs.iter().map(|(time, _)| *time).min().unwrap_or_default();
    let [.., (_, made)] = runs;
    (fastest, made)
}

fn line(what: &str, time: Duration, bytes: usize, peer: Duration) {
    let ratio = time.as_secs_f64() / peer.as_secs_f64();
    println!("  {what:<18} {:>10.1} ms {bytes:>12} bytes {ratio:>8.1} x", time.as_secs_f64() * 1e3);
}

fn run(alerts: usize) -> Result<(), Failure> {
    let mut text = Vec::new();
    generate::write(&Spec { seed: 0x00CA_5E6A, alerts, evidence_per_alert: 8 }, &mut text)?;
    let mut of_one = String::new();
    for record in std::str::from_utf8(&text)?.lines() {
        let mut alert: Value = serde_json::from_str(record)?;
        if let Some(members) = alert.as_object_mut() {
            members.insert("incidentId".into(), "1".into());
            members.insert("tenantId".into(), "one".into());
        }
        of_one.push_str(&alert.to_string());
        of_one.push('\n');
    }
    let mut book = Casebook::new();
    book.ingest("generated", of_one.as_bytes())?;
    let first = book.queue().into_iter().next().ok_or("no incident")?.id;
    let (gathered, case) = best(|| book.case_file(&first, None));
    let case = case?;
    let held: usize = case.incident.alerts.iter().map(|line| 1 + line.repeats.len()).sum();
    println!("{held} alerts of {alerts}, {} entities", case.incident.entities.len());
    let (peer, json) = best(|| serde_json::to_vec(&case.incident));
    line("summary as JSON", peer, json?.len(), peer);
    line("case file", gathered, 0, peer);
    let (time, html) = best(|| Page::new().incident(&case));
    line("page", time, html.len(), peer);
    let worst = case.incident.entities.first().map_or("", |line| &line.id);
    for (name, picture) in [
        ("kill-chain", Picture::KillChain),
        ("alert-timeline", Picture::AlertTimeline),
        ("entity-graph", Picture::EntityGraph),
        ("process-tree", Picture::ProcessTree(None)),
        ("proof", Picture::Proof(worst)),
    ] {
        let (time, svg) = best(|| case.picture(picture).map(|svg| svg.document()));
        line(name, time, svg?.len(), peer);
    }
    for format in ExportFormat::ALL {
        let (time, export) = best(|| black_box(case.export(format)));
        line(format.name(), time, export.text.len(), peer);
    }
    Ok(())
}
