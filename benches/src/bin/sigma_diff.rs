//! Compares casegraph with rsigma-eval, rule by rule and event by event.
//!
//! `cargo run --release -p casegraph-benches --bin sigma_diff -- --rules DIR --events DIR` (both may be repeated)
//! reads every `.json` and `.jsonl` under the events' folders, JSON Lines or documents one after the other, and prints
//! for each rule on which the two differ: how often, the first events, and what each of the rule's items says there.
//! Only events of the Windows log are compared: the peer knows no other logsources here. The others are counted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use casegraph_benches::engine::{Casegraph, Engine, Failure, Rsigma, rule_files};
use serde_json::value::RawValue;

/// Events that are shown of each rule.
const SHOWN: usize = 3;

/// Where the two differ on one rule.
#[derive(Default)]
struct Difference {
    only_rsigma: usize,
    only_casegraph: usize,
    /// The first events: where, who matched, what the items say.
    shown: Vec<(String, &'static str, Vec<String>)>,
}

fn main() -> ExitCode {
    match compare() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("sigma_diff: {e}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<bool, Failure> {
    let (mut rules, mut folders) = (Vec::new(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value: PathBuf = arguments.next().ok_or_else(|| format!("{name} needs a value"))?.into();
        match name.as_str() {
            "--rules" => rules.push(value),
            "--events" => folders.push(value),
            _ => return Err("usage: sigma_diff --rules DIR --events DIR".into()),
        }
    }
    let files = rule_files(&rules)?;
    let peer = Rsigma::load(&files)?;
    let (ours, unavailable) = match Casegraph::load(&files) {
        Ok(ours) => (Some(ours), None),
        Err(e) => (None, Some(e)),
    };
    println!("{} rule files; rsigma has {} rules", files.len(), peer.rules());
    peer.problems().iter().for_each(|problem| println!("  rsigma left out {problem}"));
    if let Some(ours) = &ours {
        println!("casegraph has {} rules", ours.rules());
        ours.problems().iter().for_each(|problem| println!("  casegraph left out {problem}"));
    }
    let mut inputs = Vec::new();
    folders.iter().try_for_each(|folder| json_files(folder, &mut inputs))?;
    inputs.sort();
    let mut differences = BTreeMap::<String, Difference>::new();
    for input in &inputs {
        let text = std::fs::read_to_string(input)?;
        let (mut events, mut others, mut matches) = (0, 0, [0, 0]);
        for (at, value) in
            serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter::<&RawValue>().enumerate()
        {
            let json = value.map_err(|e| format!("{}: {e}", input.display()))?.get().as_bytes();
            let mut event = <Rsigma as Engine>::Event::default();
            peer.read(&mut event, json)?;
            if !event.is_windows() {
                others += 1;
                continue;
            }
            events += 1;
            let of_peer: BTreeSet<String> = Rsigma::names(&mut peer.matcher(), &event).into_iter().collect();
            let of_ours = ours.as_ref().map(|ours| names(ours, json)).transpose()?;
            let of_ours = of_ours.unwrap_or_default();
            matches = [matches[0] + of_peer.len(), matches[1] + of_ours.len()];
            if ours.is_none() {
                continue;
            }
            for name in of_peer.symmetric_difference(&of_ours) {
                let difference = differences.entry(name.clone()).or_default();
                let who = if of_peer.contains(name) { "rsigma" } else { "casegraph" };
                match who {
                    "rsigma" => difference.only_rsigma += 1,
                    _ => difference.only_casegraph += 1,
                }
                if difference.shown.len() < SHOWN {
                    difference.shown.push((format!("{} #{at}", short(input)), who, peer.explain(name, &event)));
                }
            }
        }
        println!(
            "{}: {events} Windows events, {others} others; matches: rsigma {}, casegraph {}",
            short(input),
            matches[0],
            matches[1]
        );
    }
    if let Some(e) = unavailable {
        return Err(e);
    }
    println!("\n{} rules differ", differences.len());
    for (name, difference) in &differences {
        println!("\n{name}: only rsigma {}, only casegraph {}", difference.only_rsigma, difference.only_casegraph);
        for (place, who, items) in &difference.shown {
            println!("  {place}: only {who}");
            items.iter().for_each(|item| println!("    {item}"));
        }
    }
    Ok(differences.is_empty())
}

fn names<E: Engine>(engine: &E, json: &[u8]) -> Result<BTreeSet<String>, Failure> {
    let mut event = E::Event::default();
    engine.read(&mut event, json)?;
    Ok(E::names(&mut engine.matcher(), &event).into_iter().collect())
}

fn short(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn json_files(path: &Path, out: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if path.is_file() {
        out.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))? {
        let path = entry?.path();
        if path.is_dir() || path.extension().is_some_and(|e| e == "json" || e == "jsonl") {
            json_files(&path, out)?;
        }
    }
    Ok(())
}
