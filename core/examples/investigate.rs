//! Incidents from alerts, on the command line.
//!
//! `cargo run --release --example investigate -- [--format NAME] [--policy FILE] [--indicators FILE]
//! [--rules DIR|FILE] [--no-builtin] [--automation LEVEL] [--at TIME] [--threads N] [--text | --json] [--html FILE|DIR] INPUT...`
//!
//! Without INPUT it runs on the incident that ships with the crate; `-` reads standard input, and a folder
//! stands for all files in it. `--rules` takes Sigma rules, a file or a folder, and may be repeated; they come
//! on top of the rules that ship with casegraph, or with `--no-builtin` alone. Raw events are taken in among
//! the alerts. `--automation` says what may happen unasked: none, semi-all (which is the default), semi-non-temp,
//! semi-core or full; with it, actions stand as they would on their own. They are told as of `--at`, or else of the
//! incident's last activity. `--html` writes pages instead: into a folder the queue with a page for each of its most
//! urgent incidents, into a file, one that ends in `.html`, the page of the most urgent incident.
//! Problems of the input go to standard error; the exit status is 0 when every input could be read.

use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use casegraph::model::Time;
use casegraph::policy::AutomationLevel;
use casegraph::report::{Page, TextReport};
use casegraph::rules::RuleSet;
use casegraph::{Casebook, Format, IngestOptions, IngestReport, Policy, sample};
use indicatif::{ProgressBar, ProgressStyle};

const USAGE: &str = "usage: investigate [--format NAME] [--policy FILE] [--indicators FILE] [--rules DIR|FILE]...
                   [--no-builtin] [--automation LEVEL] [--at TIME] [--threads N] [--text | --json]
                   [--html FILE|DIR] INPUT...";

#[derive(Default)]
struct Arguments {
    format: Option<Format>,
    policy: Option<String>,
    indicators: Vec<String>,
    rules: Vec<String>,
    no_builtin: bool,
    automation: Option<AutomationLevel>,
    at: Option<Time>,
    threads: usize,
    json: bool,
    html: Option<String>,
    inputs: Vec<String>,
}

type Failure = Box<dyn std::error::Error>;

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Option<Arguments>, Failure> {
    let mut out = Arguments::default();
    while let Some(argument) = given.next() {
        let mut value = |name: &str| given.next().ok_or_else(|| format!("{name} needs a value\n{USAGE}"));
        match argument.as_str() {
            "--format" => out.format = Some(Format::from_name(&value("--format")?)?),
            "--policy" => out.policy = Some(value("--policy")?),
            "--indicators" => out.indicators.push(value("--indicators")?),
            "--rules" => out.rules.push(value("--rules")?),
            "--no-builtin" => out.no_builtin = true,
            "--automation" => {
                let name = value("--automation")?;
                let levels = AutomationLevel::ALL.map(AutomationLevel::as_str).join(", ");
                let level =
                    AutomationLevel::parse(&name).ok_or_else(|| format!("no level `{name}`, expected {levels}"))?;
                out.automation = Some(level);
            }
            "--at" => {
                let text = value("--at")?;
                let time = Time::parse(&text)
                    .ok_or_else(|| format!("no time `{text}`, expected e.g. 2026-03-12T09:00:00Z"))?;
                out.at = Some(time);
            }
            "--threads" => {
                out.threads = value("--threads")?.parse().map_err(|_| format!("--threads needs a number\n{USAGE}"))?
            }
            "--text" => out.json = false,
            "--json" => out.json = true,
            "--html" => out.html = Some(value("--html")?),
            "--help" | "-h" => return Ok(None),
            "-" => out.inputs.push(argument),
            unknown if unknown.starts_with('-') => return Err(format!("no option `{unknown}`\n{USAGE}").into()),
            _ => out.inputs.push(argument),
        }
    }
    Ok(Some(out))
}

fn main() -> ExitCode {
    match run() {
        Ok(status) => status,
        Err(e) => {
            eprintln!("investigate: {e}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let Some(arguments) = arguments(std::env::args().skip(1))? else {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    let mut policy = match &arguments.policy {
        Some(path) => Policy::from_json(&read(path)?).map_err(|e| format!("{path}: {e}"))?,
        None => Policy::default(),
    };
    if let Some(level) = arguments.automation {
        policy.response.level = level;
    }
    let mut book = Casebook::with_policy(policy);
    let rules = rules(&arguments)?;
    for problem in rules.problems() {
        eprintln!("{problem}");
    }
    book.set_rules(rules)?;
    let mut reports: Vec<IngestReport> = Vec::new();
    for path in &arguments.indicators {
        reports.push(book.add_indicators(path, &read(path)?)?);
    }
    if arguments.inputs.is_empty() {
        reports.push(book.ingest("the sample of casegraph", sample::ALERTS.as_bytes())?);
        if arguments.indicators.is_empty() {
            reports.push(book.add_indicators("the indicators of the sample", sample::INDICATORS)?);
        }
    }
    for input in &arguments.inputs {
        for file in files(input)? {
            reports.push(ingest(&mut book, &file, &arguments)?);
        }
    }
    for report in &reports {
        for problem in &report.problems {
            eprintln!("{}", problem.to_string().escape_debug());
        }
        if report.more_problems > 0 {
            eprintln!("{}: and {} more problems", report.source, report.more_problems);
        }
    }
    if let Some(place) = &arguments.html {
        return html(&book, place, arguments.at.as_ref());
    }
    let written = if arguments.json { json(&book, &reports) } else { text(&book, arguments.at.as_ref()) };
    match written {
        // `investigate | head` is no failure.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(e) => Err(e.into()),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn rules(arguments: &Arguments) -> Result<RuleSet, Failure> {
    let builder = RuleSet::builder();
    let builder = if arguments.no_builtin { builder } else { builder.add_builtin() };
    Ok(arguments.rules.iter().fold(builder, |builder, path| builder.add_path(path)).build()?)
}

/// The files that an input stands for, by name.
fn files(input: &str) -> Result<Vec<String>, Failure> {
    if !std::fs::metadata(input).is_ok_and(|meta| meta.is_dir()) {
        return Ok(vec![input.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(input).map_err(|e| format!("{input}: {e}"))? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path.to_string_lossy().into_owned());
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn read(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}").into())
}

fn ingest(book: &mut Casebook, input: &str, arguments: &Arguments) -> Result<IngestReport, Failure> {
    let size = std::fs::metadata(input).map_or(0, |m| m.len());
    let bar = Bar::new(input, size);
    let mut progress = |bytes: u64| {
        bar.at(bytes);
        ControlFlow::Continue(())
    };
    let mut options = IngestOptions::new().with_threads(arguments.threads).with_progress(&mut progress);
    if let Some(format) = arguments.format {
        options = options.with_format(format);
    }
    let report = match input {
        "-" => book.ingest_with("standard input", std::io::stdin().lock(), options)?,
        path => book.ingest_file(path, options)?,
    };
    bar.done();
    Ok(report)
}

/// Pages for a browser.
fn html(book: &Casebook, place: &str, at: Option<&Time>) -> Result<ExitCode, Failure> {
    let total = book.queue().len();
    if !(place.ends_with(".html") || place.ends_with(".htm")) {
        let written = book.save_pages(place, &Page::new(), at)?;
        eprintln!("{place}: the queue of {total} incidents, {written} of them with a page");
        return Ok(ExitCode::SUCCESS);
    }
    let first = book.queue().into_iter().next().ok_or("there is no incident")?;
    let case = book.case_file(&first.id, at)?;
    std::fs::write(place, Page::new().incident(&case)).map_err(|e| format!("{place}: {e}"))?;
    if total > 1 {
        eprintln!("{place}: the most urgent of {total} incidents; a folder takes the queue with all");
    }
    Ok(ExitCode::SUCCESS)
}

fn json(book: &Casebook, reports: &[IngestReport]) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    book.write_json(reports, &mut out).map_err(into_io)?;
    out.flush()
}

fn into_io(e: casegraph::Error) -> std::io::Error {
    let kind = std::error::Error::source(&e).and_then(|s| s.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    std::io::Error::new(kind.unwrap_or(std::io::ErrorKind::Other), e.to_string())
}

fn text(book: &Casebook, at: Option<&Time>) -> std::io::Result<()> {
    let stdout = std::io::stdout();
    let report = TextReport::new().with_colour(stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none());
    let mut out = std::io::BufWriter::new(stdout.lock());
    // Past this many incidents nobody reads on; the queue still counts them.
    const SHOWN: usize = 50;
    let total = book.queue().len();
    let shown: Vec<_> = book.incidents().take(SHOWN).collect();
    write!(out, "{}", report.queue(&shown))?;
    if total > SHOWN {
        writeln!(out, "and {} more; --json has them all", total - SHOWN)?;
    }
    for incident in &shown {
        write!(out, "\n{}", report.incident(incident))?;
        if let Some(at) = at.cloned().or_else(|| incident.last_activity.map(Time::from)) {
            let response = book.response(&incident.id, &at).map_err(into_io)?;
            write!(out, "\n{}", report.response(&response))?;
            let plan = book.plan(&incident.id, &at).map_err(into_io)?;
            write!(out, "\n{}", report.plan(&plan))?;
        }
    }
    out.flush()
}

/// A bar on standard error, shown only on a terminal and after a second.
struct Bar {
    bar: ProgressBar,
    start: Instant,
}

impl Bar {
    fn new(name: &str, size: u64) -> Bar {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new(size) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(name.chars().filter(|c| !c.is_control()).take(40).collect::<String>());
        Bar { bar, start: Instant::now() }
    }

    fn at(&self, bytes: u64) {
        if self.start.elapsed() > Duration::from_secs(1) {
            self.bar.set_position(bytes);
        }
    }

    fn done(&self) {
        self.bar.finish_and_clear();
    }
}
