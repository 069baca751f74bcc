//! A small incident that ships with the crate: a phish that becomes preparation for ransomware.
//!
//! Alder Finch Logistics and everything in it is invented; names and addresses are from the ranges
//! reserved for documentation. Sixteen alerts of four products belong together, one is a false
//! positive on another device that must stay out.

/// The alerts, as Graph `alerts_v2` JSON Lines.
pub const ALERTS: &str = include_str!("../sample/alerts.jsonl");

/// Indicators that go with them: two match, two do not.
pub const INDICATORS: &str = include_str!("../sample/indicators.json");
