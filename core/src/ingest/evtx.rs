//! The bytes of a Windows event log file in, its records as JSON out, as `evtx_dump` writes them:
//! `{"Event": {"System": …, "EventData": …}}`.
//!
//! Records are read one by one, so no more than one is held beside the file. What the reader beneath permits a
//! hostile one: 16 MiB of text, 64 MiB for all records of a chunk of 64 KiB, some 30 MB of tree, 512 elements deep.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use evtx::err::EvtxError;
use evtx::{EvtxParser, ParserSettings};

/// Characters of an error.
const LONGEST_REASON: usize = 300;

/// Gives every record with its number, the oldest first, until told to stop. A record that cannot be read is an
/// error with its number; a chunk of which nothing more can be read is one error with the number 0.
pub(crate) fn records(bytes: Vec<u8>, each: &mut dyn FnMut(u64, Result<String, String>) -> ControlFlow<()>) {
    let mut parser = match EvtxParser::from_buffer(bytes) {
        Ok(parser) => parser,
        Err(error) => {
            let _ = each(0, Err(reason(&error)));
            return;
        }
    };
    let settings = Arc::new(ParserSettings::new());
    let mut chunks = parser.chunks();
    loop {
        let told = match guarded(|| chunks.next()) {
            Ok(None) => return,
            Ok(Some(Ok(mut chunk))) => match chunk.parse(Arc::clone(&settings)) {
                Ok(mut chunk) => of_chunk(&mut chunk, each),
                Err(error) => each(0, Err(reason(&error))),
            },
            Ok(Some(Err(error))) => each(0, Err(reason(&error))),
            Err(reason) => {
                let _ = each(0, Err(reason));
                return;
            }
        };
        if told.is_break() {
            return;
        }
    }
}

fn of_chunk(
    chunk: &mut evtx::EvtxChunk<'_>,
    each: &mut dyn FnMut(u64, Result<String, String>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut records = chunk.iter();
    let mut last = 0;
    loop {
        let next = guarded(|| {
            let record = records.next()?;
            Some(match record {
                Ok(record) => {
                    let number = record.event_record_id;
                    (number, record.into_json().map(|json| json.data).map_err(|error| reason(&error)))
                }
                Err(error) => (number(&error), Err(reason(&error))),
            })
        });
        match next {
            Ok(None) => return ControlFlow::Continue(()),
            Ok(Some((number, record))) => {
                last = number;
                each(number, record)?;
            }
            // What is left of the chunk cannot be trusted; the next one is read anew.
            Err(reason) => return each(0, Err(format!("{reason}, after record {last}"))),
        }
    }
}

/// The reader beneath is fuzzed, yet made by others: a panic of it costs a chunk and not the process.
fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| "the reader of event logs gave up".to_owned())
}

fn number(error: &EvtxError) -> u64 {
    match error {
        EvtxError::FailedToParseRecord { record_id, .. } => *record_id,
        _ => 0,
    }
}

/// The error and what caused it, in one line.
fn reason(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| out.len() < LONGEST_REASON) {
        out.push_str(": ");
        out.push_str(&error.to_string());
        cause = error.source();
    }
    out.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_REASON).collect()
}

#[cfg(test)]
mod tests;
