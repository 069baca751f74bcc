//! Reading Graph alerts on several threads: lines are collected, read side by side, and handed on in
//! the order they came, so that the number of threads changes nothing but the time.

use std::borrow::Cow;

use crate::error::Result;
use crate::model::{FactId, FactKind};
use crate::policy::Limits;
use crate::resolve::extract::Extract;

use super::canonical;

/// Bytes read side by side.
const BATCH: usize = 16 << 20;

/// Threads at the most, whatever is asked for.
const MOST: usize = 64;

/// Lines waiting to be read.
pub(crate) struct Batch {
    threads: usize,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// What was read of a line: its canonical bytes, the fact's id, the extract.
pub(crate) type Known<'b> = Option<(&'b [u8], FactId, &'b Extract)>;

type Read<'b> = Option<(Cow<'b, [u8]>, FactId, Extract)>;

impl Batch {
    pub(crate) fn new(threads: usize) -> Batch {
        Batch { threads: threads.min(MOST), bytes: Vec::new(), ends: Vec::new() }
    }

    /// Is it worth collecting? Only alerts in Graph form, and only with more than one thread.
    pub(crate) fn wants(&self, graph: bool) -> bool {
        self.threads > 1 && graph
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn push(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(line);
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= BATCH
    }

    /// Reads all lines and gives each with what was read of it, `None` if it is no alert.
    pub(crate) fn run(&mut self, limits: &Limits, take: &mut dyn FnMut(&[u8], Known<'_>) -> Result<()>) -> Result<()> {
        if self.ends.is_empty() {
            return Ok(());
        }
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let lines: Vec<&[u8]> =
            starts.zip(&self.ends).map(|(from, to)| self.bytes.get(from..*to).unwrap_or_default()).collect();
        let share = lines.len().div_ceil(self.threads);
        let read: Vec<Vec<Read<'_>>> = std::thread::scope(|scope| {
            let workers: Vec<_> = lines
                .chunks(share)
                .map(|chunk| {
                    let work = move || chunk.iter().map(|line| read(line, limits)).collect::<Vec<_>>();
                    std::thread::Builder::new().spawn_scoped(scope, work).ok()
                })
                .collect();
            // A worker that could not start, or that panicked, gives nothing; its lines are then read one
            // by one, where a panic meets the caller.
            workers.into_iter().map(|worker| worker.and_then(|w| w.join().ok()).unwrap_or_default()).collect()
        });
        let mut chunks = lines.chunks(share).zip(&read);
        chunks.try_for_each(|(lines, read)| {
            lines.iter().enumerate().try_for_each(|(i, line)| {
                let read = read.get(i).and_then(Option::as_ref);
                take(line, read.map(|(json, id, extract)| (json.as_ref(), *id, extract)))
            })
        })?;
        self.bytes.clear();
        self.ends.clear();
        Ok(())
    }
}

fn read<'b>(line: &'b [u8], limits: &Limits) -> Read<'b> {
    let json = canonical::compact(line);
    let mut extract = Extract::default();
    let sound = json.len() <= limits.record_bytes && extract.read(&json, limits).is_ok();
    let json = canonical::text(json, &extract.problems);
    sound.then(|| (canonical::fact_id(FactKind::Alert, &json), extract)).map(|(id, extract)| (json, id, extract))
}
