//! Each stage of the way through, on alerts of the seeded generator, beside the parser alone.
//!
//! `cargo bench -p casegraph-benches --bench pipeline`. Sizes are evidence rows; the largest runs only
//! when `CASEGRAPH_BENCH_LARGE` is set, because it takes minutes. Compare within one run: the figures
//! of two machines, or of two days, say nothing.
#![allow(clippy::expect_used, clippy::panic, missing_docs, reason = "a bench that cannot run must stop")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use casegraph::Casebook;
use casegraph_benches::generate::{self, Spec};
use casegraph_benches::{parser, rows};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn sizes() -> Vec<usize> {
    let large = std::env::var_os("CASEGRAPH_BENCH_LARGE").map(|_| 1_300_000);
    [rows(10_000), rows(100_000)].into_iter().chain(large).collect()
}

fn alerts(rows: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    generate::write(&Spec::rows(rows), &mut bytes).expect("writing to memory");
    bytes
}

fn ingested(bytes: &[u8]) -> Casebook {
    let mut book = Casebook::new();
    let report = book.ingest("bench", bytes).expect("the generator writes alerts");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    book
}

/// The id of the first alert: asking for it derives entities and incidents, and judges nothing.
fn first_id(book: &Casebook) -> String {
    let fact = book.facts().next().expect("there are facts");
    let value: serde_json::Value = serde_json::from_str(fact.json).expect("facts are JSON");
    value.get("id").and_then(|id| id.as_str()).expect("alerts have ids").to_owned()
}

/// Times `work` on a fresh casebook each round; making the casebook is not timed.
fn timed(rounds: u64, bytes: &[u8], mut work: impl FnMut(&Casebook, &str) -> Duration) -> Duration {
    (0..rounds)
        .map(|_| {
            let book = ingested(bytes);
            let id = first_id(&book);
            work(&book, &id)
        })
        .sum()
}

fn stages(c: &mut Criterion) {
    for rows in sizes() {
        let bytes = alerts(rows);
        let mut group = c.benchmark_group("pipeline");
        group.sample_size(10).warm_up_time(Duration::from_secs(1)).throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_with_input(BenchmarkId::new("parser alone", rows), &bytes, |b, bytes| {
            b.iter(|| parser::typed(black_box(bytes.as_slice())).expect("JSON"));
        });
        group.bench_with_input(BenchmarkId::new("ingest", rows), &bytes, |b, bytes| {
            b.iter(|| ingested(black_box(bytes)).len());
        });
        group.bench_with_input(BenchmarkId::new("resolve and correlate", rows), &bytes, |b, bytes| {
            b.iter_custom(|rounds| {
                timed(rounds, bytes, |book, id| {
                    let start = Instant::now();
                    black_box(book.alert_json(id).expect("known"));
                    start.elapsed()
                })
            });
        });
        group.bench_with_input(BenchmarkId::new("judge and rank", rows), &bytes, |b, bytes| {
            b.iter_custom(|rounds| {
                timed(rounds, bytes, |book, id| {
                    black_box(book.alert_json(id).expect("known"));
                    let start = Instant::now();
                    black_box(book.queue().len());
                    start.elapsed()
                })
            });
        });
        group.bench_with_input(BenchmarkId::new("whole pipeline", rows), &bytes, |b, bytes| {
            b.iter(|| ingested(black_box(bytes)).queue().len());
        });
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
