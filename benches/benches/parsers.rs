//! The parsers that ingest could stand on, into the same borrowed structs, on the same lines; and the
//! look-ups of ATT&CK.
//!
//! `cargo bench -p casegraph-benches --bench parsers`
#![allow(clippy::expect_used, missing_docs, reason = "a bench that cannot run must stop")]

use std::hint::black_box;
use std::time::Duration;

use casegraph::attack;
use casegraph_benches::generate::{self, Spec};
use casegraph_benches::parser::{self, Alert};
use casegraph_benches::rows;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty())
}

fn parsers(c: &mut Criterion) {
    let mut bytes = Vec::new();
    generate::write(&Spec::rows(rows(80_000)), &mut bytes).expect("writing to memory");
    let mut group = c.benchmark_group("parsers");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("serde_json Value", |b| b.iter(|| parser::value(black_box(bytes.as_slice())).expect("JSON")));
    group.bench_function("serde_json typed", |b| b.iter(|| parser::typed(black_box(bytes.as_slice())).expect("JSON")));
    group.bench_function("sonic-rs typed", |b| {
        b.iter(|| {
            let read = |line| sonic_rs::from_slice::<Alert<'_>>(line).expect("JSON").evidence.len();
            lines(black_box(&bytes)).map(read).sum::<usize>()
        });
    });
    // simd-json writes into its input, so that a copy belongs to its cost.
    group.bench_function("simd-json typed, with the copy it needs", |b| {
        b.iter(|| {
            let mut line_bytes = Vec::new();
            let mut items = 0;
            for line in lines(black_box(&bytes)) {
                line_bytes.clear();
                line_bytes.extend_from_slice(line);
                items += simd_json::from_slice::<Alert<'_>>(&mut line_bytes).expect("JSON").evidence.len();
            }
            items
        });
    });
    group.bench_function("casegraph, ingest", |b| {
        b.iter_batched(
            casegraph::Casebook::new,
            |mut book| book.ingest("bench", black_box(&bytes)).map(|report| report.alerts),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn look_ups(c: &mut Criterion) {
    let mut group = c.benchmark_group("attack");
    group.bench_function("technique by id", |b| b.iter(|| attack::technique(black_box("T1059.001"))));
    group.bench_function("technique by name", |b| {
        b.iter(|| attack::technique_by_name(black_box("OS Credential Dumping")))
    });
    group.bench_function("tactic by name", |b| b.iter(|| attack::tactic(black_box("Command & Control"))));
    group.bench_function("category", |b| b.iter(|| attack::category(black_box("CredentialTheft"))));
    group.finish();
}

criterion_group!(benches, parsers, look_ups);
criterion_main!(benches);
