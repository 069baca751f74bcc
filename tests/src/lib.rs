//! What the suites share: alerts made by hand ([`record`]) or at random ([`random`]), casebooks to prove verdicts
//! of ([`proof`]), what a new alert touches ([`touch`]), and files whose bytes are pinned ([`golden`]). The suites are in `tests/tests`, one file per promise.

pub mod golden;
pub mod proof;
pub mod random;
pub mod record;
pub mod touch;

use casegraph::{Casebook, Policy};

/// A casebook with these records, under the default policy.
///
/// # Panics
/// When an ingest fails: records are text, so only a bug makes it.
#[must_use]
pub fn book(records: &[String]) -> Casebook {
    book_with(Policy::default(), records)
}

/// A casebook with these records under a policy.
///
/// # Panics
/// When an ingest fails.
#[must_use]
#[expect(clippy::expect_used, reason = "tests say with a panic what failed")]
pub fn book_with(policy: Policy, records: &[String]) -> Casebook {
    let mut book = Casebook::with_policy(policy);
    book.ingest("records", lines(records).as_bytes()).expect("no limit is near");
    book
}

/// Records as JSON Lines.
#[must_use]
pub fn lines(records: &[String]) -> String {
    records.iter().flat_map(|record| [record.as_str(), "\n"]).collect()
}

/// The queue without its header, which counts facts and so differs when facts were withdrawn.
#[must_use]
pub fn incidents(book: &Casebook) -> String {
    let json = book.to_json();
    json.split_once(",\"incidents\":").map_or_else(String::new, |(_, rest)| rest.to_owned())
}

/// A policy that differs from the default in these members.
///
/// # Panics
/// When the text is no policy.
#[must_use]
#[expect(clippy::expect_used, reason = "tests say with a panic what failed")]
pub fn policy(json: &str) -> Policy {
    Policy::from_json(json).expect("the test gives a policy")
}

/// Ids of the alerts of every incident, repeats included, sorted; incidents sorted too.
#[must_use]
pub fn partition(book: &Casebook) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = book
        .incidents()
        .map(|incident| {
            let mut ids: Vec<String> =
                incident.alerts.iter().flat_map(|a| std::iter::once(&a.id).chain(&a.repeats)).cloned().collect();
            ids.sort_unstable();
            ids
        })
        .collect();
    parts.sort_unstable();
    parts
}

/// The README's Rust blocks, run as doc tests.
#[doc = include_str!("../../README.md")]
pub mod readme {}
