//! What one more fact costs in a large casebook, against the same in an empty one and against deriving anew.
//!
//! `cargo run --release -p casegraph-benches --bin incremental-add -- [ROWS]` (default 1,300,000 evidence rows)
//!
//! Of the generated alerts those of the last day are kept back, some incidents as a whole ("new"), and of others one
//! alert ("late"). The casebook is filled with the rest and asked for its queue once. Then come, one by one and mixed:
//! the alerts kept back, of the last day some in their order ("next day"); newer versions of alerts with one more
//! item ("evidence"); indicators on addresses of alerts ("indicator"); and decisions on incidents ("decision"). After
//! each, the incident of the alert is asked for with all that is known of it, and now and then the whole queue. At
//! the end the casebook must say, byte for byte, what a fresh derivation of the same facts says.
#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the member gives null; what is measured never lacks it"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use casegraph::model::{Choice, Decision, Indicator, Time, Verdict};
use casegraph::{Casebook, IngestOptions};
use casegraph_benches::generate::{self, EstateAlert};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

/// Facts to add, about.
const STEPS: usize = 600;
/// The day that is kept back.
const LAST: u64 = 29;
/// The whole queue is asked for after one fact in so many.
const QUEUE_EVERY: usize = 10;

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

struct Taken {
    kind: &'static str,
    add: Duration,
    ask: Duration,
    queue: Option<Duration>,
    alerts: usize,
}

fn run(rows: &str) -> Result<(), Failure> {
    let alerts = generate::estate(rows.parse::<usize>()?.div_ceil(8));
    let (base, steps) = split(&alerts)?;
    let steps = mix(steps);
    println!("{rows} evidence rows, {} alerts, {} facts to add, one thread", alerts.len(), steps.len());

    let mut book = Casebook::new();
    book.ingest_with("base", base.as_bytes(), IngestOptions::new())?;
    let start = Instant::now();
    let queue = book.queue();
    let whole = start.elapsed();
    let most = queue.iter().map(|line| line.alerts).max().unwrap_or(0);
    println!("deriving everything and the queue: {}, {} incidents, {most} alerts at most", shown(whole), queue.len());

    // The first fact lays out what is kept from then on.
    let mut steps = steps.into_iter();
    let laid_out = take(&mut book, &steps.next().ok_or("nothing to add")?)?;
    println!("the first fact after that: {} to add, {} to ask", shown(laid_out.add), shown(laid_out.ask));
    let steps: Vec<Step> = steps.collect();
    let mut in_full = Vec::with_capacity(steps.len());
    for (n, step) in steps.iter().enumerate() {
        let mut taken = take(&mut book, step)?;
        let start = Instant::now();
        if n % QUEUE_EVERY == 0 {
            std::hint::black_box(book.queue());
            taken.queue = Some(start.elapsed());
        }
        in_full.push(taken);
    }
    // Decisions need alerts that are known.
    let others = steps.iter().filter(|step| step.kind != "decision");
    let mut empty = Casebook::new();
    let in_empty = others.map(|step| take(&mut empty, step)).collect::<Result<Vec<Taken>, Failure>>()?;
    table("in the full casebook", &in_full);
    table("the same from an empty casebook on", &in_empty);
    let ratio = |what: &str, of: fn(&Taken) -> Duration| {
        let [full, small] = [&in_full, &in_empty].map(|taken| quantiles(taken.iter().map(of).collect()));
        let ratio = |at: usize| full[at].as_secs_f64() / small[at].as_secs_f64();
        println!("full to empty, {what}: p50 {:.2}, p99 {:.2}", ratio(0), ratio(1));
    };
    println!();
    ratio("add", |taken| taken.add);
    ratio("add and ask", |taken| taken.add + taken.ask);
    let queues = quantiles(in_full.iter().filter_map(|taken| taken.queue).collect()).map(shown).join("  ");
    println!("the whole queue, after {QUEUE_EVERY} facts: p50 p99 max {queues}, {} incidents", book.queue().len());

    let start = Instant::now();
    let fresh = book.as_of(book.len())?;
    std::hint::black_box(fresh.queue());
    println!("deriving anew, and the queue: {}", shown(start.elapsed()));
    if book.to_json() != fresh.to_json() {
        return Err("what was worked in differs from what is derived anew".into());
    }
    println!("what was worked in is what is derived anew, byte for byte");
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
    Ok(Taken { kind: step.kind, add, ask, queue: None, alerts })
}

/// What the casebook is filled with, and what comes one by one.
fn split(alerts: &[EstateAlert]) -> Result<(String, Vec<Step>), Failure> {
    let every = |share: usize| (alerts.len() * share / STEPS).max(1);
    let of_a_day = (alerts.len() / 30 / 150).max(1);
    let mut base = String::new();
    let mut steps = Vec::new();
    for (n, alert) in alerts.iter().enumerate() {
        let value = || serde_json::from_str::<Value>(&alert.line);
        let step = |kind: &'static str, value: &Value, what: What| Step {
            kind,
            alert: value["id"].as_str().unwrap_or_default().to_owned(),
            what,
        };
        if alert.time.0 >= LAST {
            if alert.time.0 == LAST && n % of_a_day == 0 {
                steps.push(step("next day", &value()?, What::Record(alert.line.clone())));
            }
            continue;
        }
        // An incident in so many is new; one alert in so many is late.
        if alert.incident % every(4) as u64 == 7 {
            steps.push(step("new", &value()?, What::Record(alert.line.clone())));
            continue;
        }
        if n % every(3) == 0 {
            steps.push(step("late", &value()?, What::Record(alert.line.clone())));
            continue;
        }
        base += &alert.line;
        base.push('\n');
        match n % every(6) {
            1 => {
                let mut value = value()?;
                value["lastUpdateDateTime"] = "2027-01-01T00:00:00Z".into();
                let one_more = json!({"@odata.type": "#microsoft.graph.security.ipEvidence",
                    "ipAddress": format!("192.0.2.{}", n % 250)});
                value["evidence"].as_array_mut().ok_or("no evidence")?.push(one_more);
                steps.push(step("evidence", &value, What::Record(value.to_string())));
            }
            2 => {
                let value = value()?;
                let address = value["evidence"][5]["ipAddress"].as_str().ok_or("no address")?;
                let indicator = Indicator::new("ip", address, Verdict::Suspicious);
                steps.push(step("indicator", &value, What::Indicator(indicator)));
            }
            3 => {
                let value = value()?;
                let at = Time::parse("2026-02-10T09:00:00Z").ok_or("no time")?;
                let choice = Choice::Tag { tag: "seen".to_owned() };
                let id = value["id"].as_str().unwrap_or_default().to_owned();
                steps.push(step("decision", &value, What::Decision(Decision::new(choice, "bench", at).about([id]))));
            }
            _ => {}
        }
    }
    Ok((base, steps))
}

/// Puts the steps in an order that has nothing to do with their time or kind, the same in every run; only what comes
/// in on the next day stays in its order.
fn mix(steps: Vec<Step>) -> Vec<Step> {
    let (next_day, mut others): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| step.kind == "next day");
    let text = |step: &Step| {
        step.alert.bytes().fold(step.kind.len() as u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte))
    };
    others.sort_by_cached_key(|step| text(step).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17));
    let share = others.len() / next_day.len().max(1);
    let (mut next_day, mut out) = (next_day.into_iter(), Vec::new());
    for (n, step) in others.into_iter().enumerate() {
        out.push(step);
        if n % share.max(1) == 0 {
            out.extend(next_day.next());
        }
    }
    out.extend(next_day);
    out
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
        "{:<10} {:>6} {:>16} {:>30} {:>32}",
        "", "facts", "alerts p50 p99", "add p50 p99 max", "add and ask p50 p99 max"
    );
    let mut kinds: Vec<&str> = taken.iter().map(|t| t.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds.into_iter().chain(["all"]) {
        let of: Vec<&Taken> = taken.iter().filter(|t| kind == "all" || t.kind == kind).collect();
        let add = quantiles(of.iter().map(|t| t.add).collect()).map(shown).join("  ");
        let both = quantiles(of.iter().map(|t| t.add + t.ask).collect()).map(shown).join("  ");
        let mut sizes: Vec<usize> = of.iter().map(|t| t.alerts).collect();
        sizes.sort_unstable();
        let size = |share: usize| sizes.get(sizes.len() * share / 100).copied().unwrap_or(0);
        println!("{kind:<10} {:>6} {:>16} {add:>30} {both:>32}", of.len(), format!("{} {}", size(50), size(99)));
    }
}
