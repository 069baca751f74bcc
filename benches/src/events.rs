//! Makes raw Windows events out of a seed: flat JSON Lines of Sysmon, Security, PowerShell and other channels.
//!
//! Channels, event ids, members, their order and lengths follow two public recordings of Windows fleets
//! (OTRF's `schtask_create` and `empire_psremoting_stager`, without their rendered `Message`), thinned where one
//! recording's own noise prevails; process creation is raised from 1 % to 4 %, as on a desk where people work.
//! No value comes from them: names are invented, addresses are those for documentation.
//!
//! Some 300 forms of command lines and as many of paths and keys, each with blanks that vary, so that neither
//! engine lives from a cache of values. About 1 % of the events hold something that some rule is about.
#![allow(clippy::indexing_slicing, reason = "indexes are remainders by the table's own length, or constants below it")]

mod odd;
mod programs;
mod security;
mod sysmon;
mod text;
mod values;

use std::io::{self, Write};

use text::Line;

/// Which events to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// All kinds, about 1 % of them for some rule.
    Mixed,
    /// Sysmon's process creation only, about 1.5 % of them for some rule.
    ProcessCreation,
    /// All kinds, none of them for any rule of the Windows tree.
    Quiet,
}

impl Lane {
    /// All lanes, in the order in which they are shown.
    pub const ALL: [Lane; 3] = [Lane::Mixed, Lane::ProcessCreation, Lane::Quiet];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Lane::Mixed => "mixed",
            Lane::ProcessCreation => "process_creation",
            Lane::Quiet => "quiet",
        }
    }

    /// The lane of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Lane> {
        Lane::ALL.into_iter().find(|lane| lane.name() == name)
    }
}

/// Makes one event of a kind; `odd` asks for one that a rule is about, where the kind has such.
type Make = fn(&mut Line, bool);

/// Kinds of events and how many of 1000 they are.
const KINDS: &[(usize, Make)] = &[
    (200, sysmon::key),
    (180, sysmon::library),
    (150, sysmon::access),
    (65, sysmon::value),
    (45, sysmon::file),
    (40, sysmon::connection),
    (40, sysmon::process),
    (30, sysmon::lookup),
    (24, sysmon::end),
    (24, sysmon::pipe),
    (7, sysmon::delete),
    (4, sysmon::disk),
    (45, security::handle_closed),
    (32, security::handle_asked),
    (24, security::handle_copied),
    (22, security::object_used),
    (24, security::connection),
    (12, security::bind),
    (10, security::process),
    (9, security::process_end),
    (8, security::privilege_used),
    (8, security::logon),
    (7, security::logoff),
    (5, security::privileges),
    (6, security::script),
    (6, security::command),
    (5, security::service),
    (3, security::task),
];

/// Bytes gathered before they go to the writer.
const FLUSH: usize = 1 << 18;

/// Writes `events` lines and returns the number of bytes. The same lane and seed give the same bytes everywhere.
///
/// # Errors
///
/// The first error of `out`.
pub fn write(lane: Lane, seed: u64, events: usize, out: &mut impl Write) -> io::Result<u64> {
    let mut line = Line::new(seed);
    let total: usize = KINDS.iter().map(|(weight, _)| weight).sum();
    let mut bytes = 0;
    for _ in 0..events {
        line.start();
        let odd = lane != Lane::Quiet && line.rng.below(1000) < if lane == Lane::Mixed { 25 } else { 15 };
        let mut at = line.rng.below(total);
        let kind = KINDS.iter().find(|(weight, _)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        });
        match (lane, kind) {
            (Lane::ProcessCreation, _) | (_, None) => sysmon::process(&mut line, odd),
            (_, Some((_, make))) => make(&mut line, odd),
        }
        line.end();
        if line.out.len() >= FLUSH {
            bytes += line.out.len() as u64;
            out.write_all(&line.out)?;
            line.out.clear();
        }
    }
    out.write_all(&line.out)?;
    Ok(bytes + line.out.len() as u64)
}

/// What events of one provider have in common.
struct Provider {
    source: &'static str,
    guid: &'static str,
    level: &'static str,
    keywords: &'static str,
    channel: &'static str,
}

/// The members that every event begins with.
fn header(line: &mut Line, provider: &Provider, id: u64, task: &str) {
    line.text("SourceName", provider.source);
    line.text("ProviderGuid", provider.guid);
    line.text("Level", provider.level);
    line.text("Keywords", provider.keywords);
    line.text("Channel", provider.channel);
    line.text("Hostname", "{h}.corp.example");
    line.time("TimeCreated", 'T', "Z");
    line.time("@timestamp", 'T', "Z");
    line.number("EventID", id);
    let (record, process, thread) = (line.clock, 4 * line.rng.below(3_000), 4 * line.rng.below(3_000));
    line.number("RecordNumber", 2_000_000 + record);
    line.number("ExecutionProcessID", process as u64);
    line.number("ThreadID", thread as u64);
    line.text("Task", task);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test is the answer")]
mod tests {
    use super::*;

    fn made(lane: Lane, seed: u64) -> String {
        let mut out = Vec::new();
        let bytes = write(lane, seed, 3_000, &mut out).unwrap();
        assert_eq!(bytes, out.len() as u64);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_seed_gives_the_same_bytes_and_another_others() {
        for lane in Lane::ALL {
            assert_eq!(made(lane, 1), made(lane, 1));
            assert_ne!(made(lane, 1), made(lane, 2));
        }
    }

    #[test]
    fn lines_are_flat_json_with_all_blanks_filled() {
        for lane in Lane::ALL {
            let text = made(lane, 3);
            assert_eq!(text.lines().count(), 3_000);
            for line in text.lines() {
                let event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
                assert!(event.values().all(|v| v.is_string() || v.is_u64()), "{line}");
                let blanks = ["{d", "{x", "{X", "{u}", "{h}", "{g}", "{s}", "{w}", "{i}", "{o}", "{n}"];
                let command = event.get("CommandLine").and_then(|c| c.as_str()).unwrap_or_default();
                assert!(!blanks.iter().any(|blank| command.contains(blank)), "{line}");
                assert!(lane != Lane::ProcessCreation || event["EventID"] == 1, "{line}");
            }
        }
    }

    #[test]
    fn lengths_are_those_of_the_recordings() {
        assert!((860..910).contains(&(made(Lane::Mixed, 5).len() / 3_000)));
        assert!((860..910).contains(&(made(Lane::Quiet, 5).len() / 3_000)));
    }
}
