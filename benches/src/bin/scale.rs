//! One-shot figures on large inputs: throughput, peak memory, and ratios against the peers.
//!
//! `cargo run --release -p casegraph-benches --bin scale -- [pipeline ROWS | columns ROWS | write ROWS FILE]`
//!
//! `pipeline` (default 1,300,000 rows): parse, intern, resolve, correlate, judge, queue of JSON Lines,
//! against `serde_json` alone on the same bytes. `columns` (default 13,000,000 rows): correlate and
//! summarise interned columns, against the hand-written bare job. Each part runs in a process of its
//! own, so that its peak memory is its own.

use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::Instant;

use casegraph::correlate::{Columns, Correlation, Role};
use casegraph::graph::EntityKind;
use casegraph::{Casebook, IngestOptions, Policy};
use casegraph_benches::generate::{self, Spec};
use casegraph_benches::{parser, prototype};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["write", rows, file] => write(rows, file),
        ["part", name, rest @ ..] => part(name, rest),
        ["columns", rest @ ..] => columns(rest.first().copied().unwrap_or("13000000")),
        ["pipeline", rest @ ..] => pipeline(rest.first().copied().unwrap_or("1300000")),
        [] => pipeline("1300000").and_then(|()| columns("13000000")),
        _ => Err("usage: scale [pipeline ROWS | columns ROWS | write ROWS FILE]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("scale: {e}");
            ExitCode::FAILURE
        }
    }
}

fn write(rows: &str, file: &str) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    generate::write(&Spec::rows(rows.parse()?), &mut out)?;
    out.flush()?;
    Ok(())
}

/// Runs a part in its own process, three times, and gives its shortest seconds and its peak bytes.
fn run(name: &str, rest: &[&str]) -> Result<(f64, f64), Failure> {
    let mut best = (f64::INFINITY, 0.0);
    for _ in 0..3 {
        let output = Command::new(std::env::current_exe()?).arg("part").arg(name).args(rest).output()?;
        let text = String::from_utf8(output.stdout)?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let mut figures = text.split_whitespace();
        let seconds: f64 = figures.next().ok_or("no figure")?.parse()?;
        let peak: f64 = figures.next().ok_or("no figure")?.parse()?;
        if seconds < best.0 {
            best = (seconds, peak);
        }
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(best)
}

fn pipeline(rows: &str) -> Result<(), Failure> {
    let file = std::env::temp_dir().join(format!("casegraph-scale-{}.jsonl", std::process::id()));
    let path = file.to_string_lossy().into_owned();
    write(rows, &path)?;
    let bytes = std::fs::metadata(&file)?.len() as f64;
    println!("{rows} evidence rows, {:.0} MB of JSON Lines, one thread", bytes / 1e6);
    let result = (|| {
        let (value, _) = run("value", &[&path])?;
        let (typed, _) = run("typed", &[&path])?;
        let (whole, peak) = run("pipeline", &[&path])?;
        let speed = |seconds: f64| bytes / 1e6 / seconds;
        println!("serde_json Value            {:>6.2} s  {:>5.0} MB/s", value, speed(value));
        println!("serde_json typed, borrowed  {:>6.2} s  {:>5.0} MB/s", typed, speed(typed));
        println!(
            "casegraph, whole pipeline   {:>6.2} s  {:>5.0} MB/s  {:.2} of the parser's throughput",
            whole,
            speed(whole),
            typed / whole
        );
        println!("peak memory                 {:>6.2} GB  {:.2} bytes per input byte", peak / 1e9, peak / bytes);
        Ok(())
    })();
    std::fs::remove_file(&file)?;
    result
}

fn columns(rows: &str) -> Result<(), Failure> {
    println!("{rows} interned rows, one thread");
    let (bare, bare_peak) = run("prototype", &[rows])?;
    let (whole, peak) = run("correlate", &[rows])?;
    println!("bare job, by hand           {bare:>6.2} s  {:.2} GB", bare_peak / 1e9);
    println!("correlate and summarise     {whole:>6.2} s  {:.2} GB  {:.2} × the bare job", peak / 1e9, whole / bare);
    Ok(())
}

/// Private addresses are common: resolve would say so.
fn roles(generated: &generate::Columns) -> Vec<u8> {
    let common = |entity: &u32| generated.private.binary_search(entity).is_ok();
    generated.entity.iter().map(|e| if common(e) { Role::Common } else { Role::Direct } as u8).collect()
}

/// The generator's kinds as casegraph numbers them.
fn kinds(generated: &generate::Columns) -> Vec<u8> {
    let number = generate::KINDS.map(|name| EntityKind::from_name(name).map_or(0, |kind| kind as u8));
    generated.kind.iter().map(|k| number.get(usize::from(*k)).copied().unwrap_or(0)).collect()
}

fn interned<'g>(generated: &'g generate::Columns, roles: &'g [u8], kinds: &'g [u8]) -> Columns<'g> {
    Columns {
        time: &generated.time,
        detector: &generated.detector,
        tenant: &[],
        rows: &generated.offset,
        entity: &generated.entity,
        role: roles,
        kind: kinds,
    }
}

fn part(name: &str, rest: &[&str]) -> Result<(), Failure> {
    let argument = rest.first().copied().ok_or("no argument")?;
    let seconds = match name {
        "value" | "typed" => {
            let start = Instant::now();
            let input = std::io::BufReader::with_capacity(1 << 20, std::fs::File::open(argument)?);
            std::hint::black_box(if name == "value" { parser::value(input)? } else { parser::typed(input)? });
            start.elapsed()
        }
        "pipeline" => {
            let start = Instant::now();
            let mut book = Casebook::new();
            let report = book.ingest_file(argument, IngestOptions::new())?;
            let ingested = start.elapsed();
            let queue = book.queue();
            eprintln!(
                "  ingest {:.2} s, then {:.2} s; {} alerts, {} problems, {} incidents",
                ingested.as_secs_f64(),
                (start.elapsed() - ingested).as_secs_f64(),
                report.alerts,
                report.problems.len(),
                queue.len()
            );
            start.elapsed()
        }
        "prototype" | "correlate" => {
            let generated = generate::columns(1, argument.parse()?);
            let (roles, kinds) = (roles(&generated), kinds(&generated));
            let start = Instant::now();
            if name == "prototype" {
                let totals = prototype::correlate(&generated, 24 * 3_600 * 1_000_000_000);
                eprintln!("  {} incidents, largest {}", totals.incidents, totals.largest);
                std::hint::black_box(totals.rows);
            } else {
                let columns = interned(&generated, &roles, &kinds);
                let correlation = Correlation::of(&columns, &Policy::default().correlate)?;
                let totals = correlation.totals(&columns);
                eprintln!(
                    "  {} incidents, largest {}",
                    totals.len(),
                    totals.iter().map(|t| t.alerts).max().unwrap_or(0)
                );
            }
            start.elapsed()
        }
        _ => return Err(format!("no part `{name}`").into()),
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:"))
        .and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    println!("{} {}", seconds.as_secs_f64(), peak.unwrap_or(0.0) * 1024.0);
    Ok(())
}
