//! What one more fact costs in a large casebook, against the same in an empty one and against deriving anew.
//!
//! `cargo run --release -p casegraph-benches --bin incremental-add -- [ROWS]` (default 1,300,000 evidence rows)
//!
//! Every 80th alert of the generated ones is kept back, and so are the last 250; the casebook is filled with the
//! rest and asked for its queue once. Then come, one by one: the alerts kept back, all over the month
//! ("late") and at its end ("newest"), alerts of devices never seen ("unrelated"), newer versions of alerts
//! ("version"), indicators on addresses of alerts ("indicator") and decisions on incidents ("decision"). After
//! each the incident of the alert is asked for.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use casegraph::model::{Choice, Decision, Indicator, Retraction, Time, Verdict};
use casegraph::{Casebook, IngestOptions};
use casegraph_benches::generate::{self, Spec};
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

const EVERY: usize = 80;
const NEWEST: usize = 250;

fn main() -> ExitCode {
    let rows = std::env::args().nth(1).unwrap_or_else(|| "1300000".to_owned());
    match run(&rows) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("incremental: {e}");
            ExitCode::FAILURE
        }
    }
}

/// Something to add, and the alert whose incident is asked for then.
struct Step {
    kind: &'static str,
    alert: String,
    what: What,
}

enum What {
    Record(String),
    Indicator(Indicator),
    Decision(Decision),
}

#[derive(Default)]
struct Taken {
    kind: &'static str,
    add: Duration,
    ask: Duration,
    alerts: usize,
}

fn run(rows: &str) -> Result<(), Failure> {
    let spec = Spec::rows(rows.parse()?);
    let mut lines = Vec::new();
    generate::write(&spec, &mut lines)?;
    let text = String::from_utf8(lines)?;
    let lines: Vec<&str> = text.lines().collect();
    let kept_back = |n: usize| n % EVERY == EVERY / 2 || n + NEWEST >= lines.len();
    let base: String =
        lines.iter().enumerate().filter(|(n, _)| !kept_back(*n)).flat_map(|(_, line)| [line, "\n"]).collect();
    let steps = steps(&lines, &kept_back)?;
    println!("{rows} evidence rows, {} facts to add, one thread", steps.len());

    let mut book = Casebook::new();
    book.ingest_with("base", base.as_bytes(), IngestOptions::new())?;
    let start = Instant::now();
    let queue = book.queue();
    let whole = start.elapsed();
    let incidents = queue.len();
    let mut sizes: Vec<usize> = queue.iter().map(|line| line.alerts as usize).collect();
    sizes.sort_unstable();
    println!("sizes {:?} {:?}", &sizes[sizes.len().saturating_sub(20)..], sizes[sizes.len() / 2]);
    if std::env::var("SIZES").is_ok() { return Ok(()); }
    println!("deriving everything and the queue: {}, {incidents} incidents", shown(whole));

    // The first fact lays out what is kept from then on.
    let mut steps = steps.into_iter();
    let first = steps.next().ok_or("nothing to add")?;
    let steps: Vec<Step> = steps.collect();
    let laid_out = take(&mut book, &first)?;
    println!("the first fact after that: {} to add, {} to ask", shown(laid_out.add), shown(laid_out.ask));
    let mut in_full = Vec::new();
    for step in &steps {
        in_full.push(take(&mut book, step)?);
    }
    let mut empty = Casebook::new();
    let mut in_empty = Vec::new();
    // Decisions need alerts that are known.
    for step in steps.iter().filter(|step| step.kind != "decision") {
        in_empty.push(take(&mut empty, step)?);
    }
    table("in the full casebook", &in_full);
    table("the same from an empty casebook on", &in_empty);

    let start = Instant::now();
    let queue = book.queue();
    println!("queue after all of them: {}, {} incidents", shown(start.elapsed()), queue.len());
    let add = |taken: &[Taken]| quantiles(taken.iter().map(|t| t.add).collect());
    let ([full, ..], [empty, ..]) = (add(&in_full), add(&in_empty));
    println!("ratio of p50 to add, full to empty: {:.2}", full.as_secs_f64() / empty.as_secs_f64());

    // A retraction has everything derived anew.
    let fact = book.facts().last().ok_or("no fact")?.id;
    book.retract(&Retraction::new(fact, "bench"))?;
    let start = Instant::now();
    std::hint::black_box(book.incident(&queue.last().ok_or("no incident")?.id)?);
    let anew = start.elapsed();
    println!(
        "deriving anew for one question: {}, {:.0} times the p50 of adding one",
        shown(anew),
        anew.as_secs_f64() / full.as_secs_f64()
    );
    Ok(())
}

fn take(book: &mut Casebook, step: &Step) -> Result<Taken, Failure> {
    let start = Instant::now();
    match &step.what {
        What::Record(line) => drop(book.ingest("more", line.as_bytes())?),
        What::Indicator(indicator) => drop(book.add_indicator(indicator)?),
        What::Decision(decision) => drop(book.decide(decision)?),
    }
    let add = start.elapsed();
    let start = Instant::now();
    // From an empty casebook on, an indicator may come before its alert.
    let incident = book.incident(&step.alert).ok();
    let ask = start.elapsed();
    let alerts = incident.map_or(0, |i| i.alerts.iter().map(|alert| 1 + alert.repeats.len()).sum());
    Ok(Taken { kind: step.kind, add, ask, alerts })
}

fn steps(lines: &[&str], kept_back: &dyn Fn(usize) -> bool) -> Result<Vec<Step>, Failure> {
    let mut out = Vec::new();
    let record = |kind: &'static str, value: &Value| -> Result<Step, Failure> {
        let alert = value["id"].as_str().ok_or("an alert without id")?.to_owned();
        Ok(Step { kind, alert, what: What::Record(value.to_string()) })
    };
    for (n, line) in lines.iter().enumerate() {
        let newest = n + NEWEST >= lines.len();
        let mut value: Value = serde_json::from_str(line)?;
        if kept_back(n) {
            out.push(record(if newest { "newest" } else { "late" }, &value)?);
            continue;
        }
        let alert = value["id"].as_str().ok_or("an alert without id")?.to_owned();
        match n % 640 {
            1 => {
                value["lastUpdateDateTime"] = "2027-01-01T00:00:00Z".into();
                out.push(record("version", &value)?);
            }
            2 => {
                let unrelated = serde_json::json!({
                    "@odata.type": "#microsoft.graph.security.alert", "id": format!("unrelated-{n}"),
                    "tenantId": "unrelated", "title": "Unrelated", "detectorId": "unrelated",
                    "severity": "medium", "firstActivityDateTime": value["firstActivityDateTime"],
                    "evidence": [{"@odata.type": "#microsoft.graph.security.deviceEvidence",
                        "deviceDnsName": format!("unrelated-{n}.example")}],
                });
                out.push(record("unrelated", &unrelated)?);
            }
            3 => {
                let list = value["evidence"].as_array().map_or(&[][..], Vec::as_slice);
                if let Some(address) = list.iter().find_map(|item| item["ipAddress"].as_str()) {
                    let indicator = Indicator::new("ip", address, Verdict::Suspicious);
                    out.push(Step { kind: "indicator", alert, what: What::Indicator(indicator) });
                }
            }
            4 => {
                let at = Time::parse("2026-02-10T09:00:00Z").ok_or("no time")?;
                let choice = Choice::Tag { tag: "seen".to_owned() };
                let decision = Decision::new(choice, "bench", at).about([alert.clone()]);
                out.push(Step { kind: "decision", alert, what: What::Decision(decision) });
            }
            _ => {}
        }
    }
    Ok(out)
}

fn quantiles(mut times: Vec<Duration>) -> [Duration; 3] {
    times.sort_unstable();
    let at = |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)));
    [at(0.5), at(0.99), times.last()].map(|time| time.copied().unwrap_or_default())
}

fn shown(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 0.01 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.0} µs", s * 1e6),
    }
}

fn table(title: &str, taken: &[Taken]) {
    println!("\n{title}");
    println!(
        "{:<10} {:>6} {:>24} {:>34} {:>36}",
        "", "facts", "alerts, p50 p99", "to add: p50 p99 max", "and ask: p50 p99 max"
    );
    let mut kinds: Vec<&str> = taken.iter().map(|t| t.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds.into_iter().chain(["all"]) {
        let of: Vec<&Taken> = taken.iter().filter(|t| kind == "all" || t.kind == kind).collect();
        let add = quantiles(of.iter().map(|t| t.add).collect()).map(shown);
        let ask = quantiles(of.iter().map(|t| t.add + t.ask).collect()).map(shown);
        let mut sizes: Vec<usize> = of.iter().map(|t| t.alerts).collect();
        sizes.sort_unstable();
        let size = |share: usize| sizes.get(sizes.len() * share / 100).copied().unwrap_or(0);
        println!(
            "{kind:<10} {:>6} {:>24} {:>34} {:>36}",
            of.len(),
            format!("{} {}", size(50), size(99)),
            add.join("  "),
            ask.join("  ")
        );
    }
}
