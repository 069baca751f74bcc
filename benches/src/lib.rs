//! What the benches share: seeded generators of alerts and events, and the peers that casegraph is measured
//! against on the same input in the same run.

pub mod engine;
pub mod events;
pub mod generate;
pub mod parser;
pub mod prototype;
