//! Rules over raw events: casegraph against rsigma-eval on the same rules and the same events.
//!
//! `cargo run --release -p casegraph-benches --bin rules -- --rules DIR [--events N] [--seed N] [--limit N]` (`--rules`
//! may be repeated) runs all lanes, prints events per second with ratios, and compares what matched. With `--lane mixed |
//! process_creation | quiet`, `--engine casegraph | rsigma | rsigma-whole`, `--mode engine | lines | names` and
//! `--threads N` it runs one, in this process.
//!
//! `engine`: events parsed before the clock starts. `lines`: from the JSON Lines of a file, parsing included.
//! `names`: prints event and rule of every match. Every part runs in a process of its own, so that its peak
//! memory is its own; `--limit` takes that many rule files, evenly from all. Figures are the best of five passes, loading counted apart. `events/s` is by the clock on the wall; `per core` is by
//! the processor time of the working threads, which other programs on the machine disturb less, and gives the ratio.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use casegraph_benches::engine::{Casegraph, Engine, Failure, Rsigma, RsigmaWhole, rule_files};
use casegraph_benches::events::{self, Lane};

/// Differences that are printed.
const SHOWN: usize = 20;

struct Options {
    lane: Option<Lane>,
    engine: String,
    mode: String,
    threads: usize,
    rules: Vec<PathBuf>,
    events: usize,
    seed: u64,
    /// Number of rule files, taken evenly from all.
    limit: usize,
    file: Option<PathBuf>,
    /// Passes over the events, of which the best counts.
    passes: usize,
}

fn main() -> ExitCode {
    let done = options().and_then(|options| match options.lane {
        Some(lane) => one(&options, lane),
        None => all(&options),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("rules: {e}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, Failure> {
    let mut out = Options {
        lane: None,
        engine: "casegraph".into(),
        mode: "engine".into(),
        threads: 1,
        rules: Vec::new(),
        events: 100_000,
        seed: 1,
        limit: usize::MAX,
        file: None,
        passes: 5,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--lane" => out.lane = Some(Lane::named(&value).ok_or_else(|| format!("no lane `{value}`"))?),
            "--engine" => out.engine = value,
            "--mode" => out.mode = value,
            "--threads" => out.threads = value.parse()?,
            "--rules" => out.rules.push(value.into()),
            "--events" => out.events = value.parse()?,
            "--limit" => out.limit = value.parse()?,
            "--seed" => out.seed = value.parse()?,
            "--passes" => out.passes = value.parse()?,
            "--file" => out.file = Some(value.into()),
            _ => return Err(format!("no option `{name}`").into()),
        }
    }
    if out.rules.is_empty() {
        return Err("--rules DIR is needed".into());
    }
    out.threads = out.threads.max(1);
    Ok(out)
}

/// A file that is gone when this is.
struct Temporary(PathBuf);

impl Temporary {
    fn events(lane: Lane, options: &Options) -> Result<Temporary, Failure> {
        let name = format!("casegraph-rules-{}-{}.jsonl", std::process::id(), lane.name());
        let file = Temporary(std::env::temp_dir().join(name));
        let mut out = BufWriter::new(std::fs::File::create(&file.0)?);
        events::write(lane, options.seed, options.events, &mut out)?;
        out.flush()?;
        Ok(file)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// One lane, one engine, one mode: prints seconds of a pass, by clock and by processor, and of loading, peak bytes after loading and in all, matches.
fn one(options: &Options, lane: Lane) -> Result<(), Failure> {
    let made = options.file.is_none().then(|| Temporary::events(lane, options)).transpose()?;
    let file = made.as_ref().map(|made| made.0.as_path()).or(options.file.as_deref()).ok_or("no events")?;
    match options.engine.as_str() {
        "casegraph" => with::<Casegraph>(options, file),
        "rsigma" => with::<Rsigma>(options, file),
        "rsigma-whole" => with::<RsigmaWhole>(options, file),
        other => Err(format!("no engine `{other}`").into()),
    }
}

fn with<E: Engine>(options: &Options, file: &Path) -> Result<(), Failure> {
    let all = rule_files(&options.rules)?;
    let kept = options.limit.min(all.len());
    let files: Vec<PathBuf> = (0..kept).filter_map(|n| all.get(n * all.len() / kept)).cloned().collect();
    let start = Instant::now();
    let engine = E::load(&files)?;
    let loading = start.elapsed().as_secs_f64();
    let loaded = peak();
    engine.problems().iter().take(SHOWN).for_each(|problem| eprintln!("  {problem}"));
    if options.mode == "names" {
        return names(&engine, file);
    }
    let parts = split(file, options.threads)?;
    let mut chunks = Vec::new();
    if options.mode == "engine" {
        for part in &parts {
            let mut chunk = Vec::new();
            lines(file, *part, &mut |line| {
                let mut event = E::Event::default();
                engine.read(&mut event, line)?;
                chunk.push(event);
                Ok(())
            })?;
            chunks.push(chunk);
        }
    }
    let mut best = (f64::INFINITY, f64::INFINITY);
    let mut matches = 0;
    for _ in 0..options.passes {
        let start = Instant::now();
        let work = if options.mode == "engine" {
            on_threads(&chunks, |chunk| {
                let mut matcher = engine.matcher();
                Ok(chunk.iter().map(|event| E::count(&mut matcher, event)).sum())
            })?
        } else {
            on_threads(&parts, |part| {
                let (mut matcher, mut event, mut found) = (engine.matcher(), E::Event::default(), 0);
                lines(file, *part, &mut |line| {
                    engine.read(&mut event, line)?;
                    found += E::count(&mut matcher, &event);
                    Ok(())
                })?;
                Ok(found)
            })?
        };
        let (wall, processor) = best;
        best = (start.elapsed().as_secs_f64().min(wall), work.1.min(processor));
        matches = work.0;
    }
    let (wall, processor) = best;
    println!("{wall} {processor} {loading} {loaded} {} {matches} {}", peak(), engine.rules());
    Ok(())
}

/// The sum of what the work gives on each part, one thread a part, and the processor time of all in seconds.
fn on_threads<P: Sync>(
    parts: &[P],
    work: impl Fn(&P) -> Result<usize, Failure> + Sync,
) -> Result<(usize, f64), Failure> {
    let timed = |part: &P| -> Result<(usize, f64), Failure> {
        let before = processor_time()?;
        let found = work(part)?;
        Ok((found, processor_time()? - before))
    };
    if let [part] = parts {
        return timed(part);
    }
    std::thread::scope(|scope| {
        let timed = &timed;
        let threads: Vec<_> = parts.iter().map(|part| scope.spawn(move || timed(part))).collect();
        threads.into_iter().try_fold((0, 0.0), |(found, seconds), thread| {
            let (more, time) = thread.join().map_err(|_| "a thread failed")??;
            Ok((found + more, seconds + time))
        })
    })
}

/// Seconds that this thread has run.
fn processor_time() -> Result<f64, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split_whitespace().next().ok_or("no schedstat")?.parse()?;
    Ok(nanoseconds / 1e9)
}

/// Byte ranges of a file, of about the same length, that begin and end with lines.
fn split(file: &Path, parts: usize) -> Result<Vec<(u64, u64)>, Failure> {
    let length = std::fs::metadata(file)?.len();
    let mut ranges = Vec::new();
    let mut from = 0;
    for part in 1..=parts as u64 {
        let mut to = length * part / parts as u64;
        if to < length {
            let mut input = BufReader::new(std::fs::File::open(file)?);
            input.seek(SeekFrom::Start(to))?;
            to += input.skip_until(b'\n')? as u64;
        }
        ranges.push((from, to));
        from = to;
    }
    Ok(ranges)
}

fn lines(
    file: &Path,
    (from, to): (u64, u64),
    take: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut input = std::fs::File::open(file)?;
    input.seek(SeekFrom::Start(from))?;
    let mut input = BufReader::with_capacity(1 << 18, input.take(to - from));
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        take(&line)?;
        line.clear();
    }
    Ok(())
}

fn names<E: Engine>(engine: &E, file: &Path) -> Result<(), Failure> {
    let (mut matcher, mut event, mut at) = (engine.matcher(), E::Event::default(), 0);
    let mut out = BufWriter::new(std::io::stdout().lock());
    lines(file, (0, u64::MAX), &mut |line| {
        engine.read(&mut event, line)?;
        for name in E::names(&mut matcher, &event) {
            writeln!(out, "{at}\t{name}")?;
        }
        at += 1;
        Ok(())
    })?;
    out.flush()?;
    Ok(())
}

/// Most bytes that this process has held.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
    peak.unwrap_or(0.0) * 1024.0
}

/// What a process of its own says.
fn child(
    options: &Options,
    lane: Lane,
    engine: &str,
    mode: &str,
    threads: usize,
    file: &Path,
) -> Result<String, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--lane", lane.name(), "--engine", engine, "--mode", mode, "--threads", &threads.to_string()]);
    command.arg("--limit").arg(options.limit.to_string()).arg("--passes").arg(options.passes.to_string());
    command.arg("--file").arg(file);
    for rules in &options.rules {
        command.arg("--rules").arg(rules);
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Figures of one run.
struct Run {
    speed: f64,
    per_core: f64,
    load: f64,
    loaded: f64,
    peak: f64,
    matches: f64,
    rules: f64,
}

fn run(options: &Options, lane: Lane, engine: &str, mode: &str, threads: usize, file: &Path) -> Result<Run, Failure> {
    let text = child(options, lane, engine, mode, threads, file)?;
    let figures: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [wall, processor, load, loaded, peak, matches, rules] = *figures else {
        return Err(format!("unexpected figures: {text}").into());
    };
    let events = options.events as f64;
    Ok(Run { speed: events / wall, per_core: events / processor, load, loaded, peak, matches, rules })
}

const ENGINES: [&str; 3] = ["rsigma-whole", "rsigma", "casegraph"];

fn all(options: &Options) -> Result<(), Failure> {
    println!("{} events a lane, best of {} passes; ratios are to `rsigma`, per core", options.events, options.passes);
    let mut equal = true;
    for lane in Lane::ALL {
        let file = Temporary::events(lane, options)?;
        let bytes = std::fs::metadata(&file.0)?.len() as f64;
        println!("\n{}, {:.0} bytes an event", lane.name(), bytes / options.events as f64);
        println!(
            "mode    threads  engine          events/s    per core  ratio   load s  MB loaded  MB peak    matches  rules"
        );
        for (mode, threads) in [("engine", 1), ("engine", 2), ("lines", 1), ("lines", 2)] {
            let mut peer = f64::NAN;
            for engine in ENGINES {
                let start = format!("{mode:<7} {threads:>7}  {engine:<12}");
                match run(options, lane, engine, mode, threads, &file.0) {
                    Ok(run) => {
                        if engine == "rsigma" {
                            peer = run.per_core;
                        }
                        // Before `rsigma` has run there is nothing to compare with.
                        let ratio = if peer.is_nan() { "-".into() } else { format!("{:.2}", run.per_core / peer) };
                        let Run { speed, per_core, load, loaded, peak, matches, rules } = run;
                        println!(
                            "{start}  {speed:>10.0}  {per_core:>10.0}  {ratio:>5}  {load:>7.3}  {:>9.0}  {:>7.0}  {matches:>9}  {rules:>5}",
                            loaded / 1e6,
                            peak / 1e6
                        );
                    }
                    Err(e) => {
                        equal = false;
                        println!("{start}  {e}");
                    }
                }
            }
        }
        equal &= same(options, lane, "rsigma-whole", &file.0) & same(options, lane, "casegraph", &file.0);
    }
    if equal { Ok(()) } else { Err("an engine failed, or matches differ".into()) }
}

/// Compares the matches of an engine with rsigma's and prints the first differences.
fn same(options: &Options, lane: Lane, engine: &str, file: &Path) -> bool {
    let matches = |engine: &str| -> Result<BTreeSet<(u64, String)>, Failure> {
        let text = child(options, lane, engine, "names", 1, file)?;
        let pairs = text.lines().filter_map(|line| line.split_once('\t'));
        pairs.map(|(at, name)| Ok((at.parse()?, name.to_owned()))).collect()
    };
    let (peer, ours) = match (matches("rsigma"), matches(engine)) {
        (Ok(peer), Ok(ours)) => (peer, ours),
        (Err(e), _) | (_, Err(e)) => {
            println!("matches of {engine}: {e}");
            return false;
        }
    };
    let hit: BTreeSet<u64> = peer.iter().map(|(at, _)| *at).collect();
    println!("matches of {engine} against rsigma: {} and {}, on {} events", ours.len(), peer.len(), hit.len());
    for (at, name) in peer.symmetric_difference(&ours).take(SHOWN) {
        let which = if peer.contains(&(*at, name.clone())) { "rsigma" } else { engine };
        println!("  only {which}: event {at}, rule {name}");
    }
    peer == ours
}
