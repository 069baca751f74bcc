//! What the benches share: seeded generators of alerts and events, and the peers that casegraph is measured
//! against on the same input in the same run.

pub mod engine;
pub mod events;
pub mod generate;
pub mod parser;
pub mod prototype;

/// Evidence rows of a bench. The suites run each bench once, in a debug build, to see that it still runs; a hundredth of
/// the rows does for that.
#[must_use]
pub const fn rows(measured: usize) -> usize {
    if cfg!(debug_assertions) { measured / 100 } else { measured }
}
