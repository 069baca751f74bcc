//! What the benches share: a seeded generator of alerts, and the peers that casegraph is measured
//! against on the same input in the same run.

pub mod generate;
pub mod parser;
pub mod prototype;
