//! What the benches share: a seeded generator of alerts.

pub mod generate;
