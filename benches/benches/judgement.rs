//! What it costs to explain a verdict, and to check the proof, beside the way in which notebooks lay out an
//! incident: every entity of every alert compared with every other.
//!
//! `cargo bench -p casegraph-benches --bench judgement`. Sizes are alerts of one incident, each with a device, an
//! account, a file and a process that another alert's process started.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "a bench that cannot run must stop"
)]

use std::hint::black_box;
use std::time::Duration;

use casegraph::Casebook;
use casegraph::verdict::Checker;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};

const SIZES: [usize; 3] = [100, 200, 400];

fn process(number: usize) -> Value {
    let time = format!("2026-03-12T{:02}:{:02}:00Z", 8 + number / 60 % 12, number % 60);
    json!({"processId": 1_000 + number, "processCreationDateTime": time, "imageFile": {
        "fileName": format!("tool{}.exe", number % 20), "sha256": format!("{:064x}", 0xabc_0000 + number % 20)}})
}

fn alert(number: usize) -> Value {
    let typed = |kind: &str, mut members: Value| {
        if let Some(members) = members.as_object_mut() {
            members.insert("@odata.type".to_owned(), json!(format!("#microsoft.graph.security.{kind}Evidence")));
        }
        members
    };
    let device = format!("host-{}", number % 10);
    let mut own = process(number);
    if let (Some(own), Some(parent)) = (own.as_object_mut(), number.checked_sub(10)) {
        let parent = process(parent);
        own.insert("mdeDeviceId".to_owned(), json!(device));
        for (name, of) in
            [("parentProcessId", "processId"), ("parentProcessCreationDateTime", "processCreationDateTime")]
        {
            own.insert(name.to_owned(), parent.get(of).cloned().unwrap_or_default());
        }
    }
    let verdict = if number.is_multiple_of(25) { "malicious" } else { "unknown" };
    json!({
        "id": format!("alert-{number:04}"), "title": "Odd program", "severity": "medium", "incidentId": "77",
        "detectorId": format!("detector-{}", number % 7), "serviceSource": "microsoftDefenderForEndpoint",
        "createdDateTime": format!("2026-03-12T{:02}:{:02}:30Z", 8 + number / 60 % 12, number % 60),
        "evidence": [
            typed("device", json!({"mdeDeviceId": device, "hostName": device})),
            typed("user", json!({"userAccount": {"userPrincipalName": format!("user{}@example.com", number % 9)}})),
            typed("file", json!({"verdict": verdict, "fileDetails": {"fileName": format!("tool{}.exe", number % 20),
                "sha256": format!("{:064x}", 0xabc_0000 + number % 20)}})),
            typed("process", own),
        ],
    })
}

fn incident(alerts: usize) -> (Casebook, String) {
    let lines: String = (0..alerts).map(|number| format!("{}\n", alert(number))).collect();
    let mut book = Casebook::new();
    let report = book.ingest("bench", lines.as_bytes()).expect("alerts");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let queue = book.queue();
    assert_eq!((queue.len(), queue[0].alerts), (1, alerts), "one incident");
    let id = queue[0].id.clone();
    (book, id)
}

/// The entities of an alert, as a notebook holds them: maps.
fn entities(alert: &Value) -> Vec<&Value> {
    alert.get("evidence").and_then(Value::as_array).into_iter().flatten().collect()
}

/// Every entity of every alert compared with every other, for an edge where they are equal.
fn pairwise(alerts: &[Value]) -> usize {
    let mut edges = 0;
    for (i, one) in alerts.iter().enumerate() {
        for other in alerts.iter().skip(i + 1) {
            let pairs = entities(one).into_iter().flat_map(|a| entities(other).into_iter().map(move |b| (a, b)));
            edges += pairs.filter(|(a, b)| a == b).count();
        }
    }
    edges
}

fn judgement(c: &mut Criterion) {
    for size in SIZES {
        let (book, id) = incident(size);
        let entities: Vec<String> =
            book.incident(&id).expect("known").entities.into_iter().map(|entity| entity.id).collect();
        let mut group = c.benchmark_group("judgement");
        group.sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
        let records: Vec<Value> = (0..size).map(alert).collect();
        group.bench_with_input(BenchmarkId::new("pairwise entity graph (peer)", size), &records, |b, records| {
            b.iter(|| pairwise(black_box(records)));
        });
        let mut next = entities.iter().cycle();
        group.bench_function(BenchmarkId::new("explain, any entity", size), |b| {
            b.iter(|| book.explain(&id, next.next().expect("some")).expect("known"));
        });
        group.bench_function(BenchmarkId::new("explain, the worst entity", size), |b| {
            b.iter(|| book.explain(&id, &entities[0]).expect("known"));
        });
        group.bench_function(BenchmarkId::new("lay out, judge and explain", size), |b| {
            b.iter(|| book.explain_within(&id, &entities[0], 1_000_000).expect("known"));
        });
        let proof = book.explain(&id, &entities[0]).expect("known");
        let checker = Checker::new(book.facts(), None, book.policy()).expect("sound facts");
        group.bench_function(BenchmarkId::new("check a proof", size), |b| {
            b.iter(|| checker.check(black_box(&proof)).expect("it holds"));
        });
        group.finish();
    }
}

criterion_group!(benches, judgement);
criterion_main!(benches);
