//! What-ifs on an incident of 100 alerts, alone in its casebook and among many others.
//!
//! `cargo bench -p casegraph-benches --bench what_if`. Every alert names two hosts, a user, a file and an address,
//! so that the incident hangs together and suspicion has ways to go. Compare within one run.
#![allow(clippy::expect_used, clippy::panic, missing_docs, reason = "a bench that cannot run must stop")]

use std::hint::black_box;
use std::time::Duration;

use casegraph::model::{FactId, Indicator, Verdict};
use casegraph::summary::Impact;
use casegraph::{Casebook, Change};
use casegraph_benches::generate::{self, Spec};
use casegraph_benches::rows;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::json;

const ALERTS: usize = 100;

fn alert(n: usize) -> String {
    let host = |n: usize| {
        json!({"@odata.type": "#microsoft.graph.security.deviceEvidence", "deviceDnsName": format!("ws-{n}.example.com"),
            "mdeDeviceId": format!("mde-{n}"), "verdict": "unknown"})
    };
    let verdict = if n % 7 == 3 { "malicious" } else { "unknown" };
    let severity = ["low", "medium", "high"].get(n % 3);
    let category = ["Execution", "Persistence", "LateralMovement", "CommandAndControl"].get(n % 4);
    let file = json!({"fileName": format!("tool{}.exe", n % 7), "sha256": format!("{:064x}", n % 7 + 1)});
    json!({
        "@odata.type": "#microsoft.graph.security.alert", "id": format!("whatif-{n:03}"), "tenantId": "bench",
        "title": format!("Suspicious tool {}", n % 9), "severity": severity,
        "category": category,
        "detectorId": format!("detector-{}", n % 23), "serviceSource": "microsoftDefenderForEndpoint",
        "firstActivityDateTime": format!("2026-03-10T{:02}:{:02}:00Z", 8 + n / 30, n % 30 * 2),
        "lastUpdateDateTime": "2026-04-01T00:00:00Z",
        "evidence": [
            host(n % 10), host((n + 1) % 10),
            {"@odata.type": "#microsoft.graph.security.processEvidence", "mdeDeviceId": format!("mde-{}", n % 10),
             "processId": 1000 + n, "processCreationDateTime": "2026-03-10T08:00:00Z", "parentProcessId": 999 + n,
             "parentProcessCreationDateTime": "2026-03-10T08:00:00Z", "imageFile": file,
             "userAccount": {"accountName": format!("user{}", n % 5), "domainName": "EXAMPLE"}, "verdict": "suspicious"},
            {"@odata.type": "#microsoft.graph.security.fileEvidence", "fileDetails": file,
             "verdict": verdict},
            {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": format!("203.0.113.{}", n % 11), "verdict": "unknown"},
        ],
    })
    .to_string()
}

/// The incident, among the incidents of so many other evidence rows.
fn book(others: usize) -> Casebook {
    let mut bytes = Vec::new();
    if others > 0 {
        generate::write(&Spec::rows(others), &mut bytes).expect("writing to memory");
    }
    for n in 0..ALERTS {
        bytes.extend_from_slice(alert(n).as_bytes());
        bytes.push(b'\n');
    }
    let mut book = Casebook::new();
    let report = book.ingest("bench", &bytes).expect("alerts");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let incident = book.incident("whatif-000").expect("it is there");
    let held: usize = incident.alerts.iter().map(|line| 1 + line.repeats.len()).sum();
    assert_eq!(held, ALERTS, "one incident holds all of them");
    book
}

fn fact(book: &Casebook, id: &str) -> FactId {
    let incident = book.incident(id).expect("it is there");
    let line = incident.alerts.iter().find(|line| line.id == id).expect("no repeat");
    FactId::parse(&line.fact).expect("a fact id")
}

fn what_if(c: &mut Criterion) {
    for others in [0, rows(10_000), rows(100_000)] {
        let book = book(others);
        let mut group = c.benchmark_group("what_if");
        group.sample_size(if others > rows(10_000) { 10 } else { 50 }).warm_up_time(Duration::from_secs(1));
        let cases = [
            ("without an alert", Change::Without(fact(&book, "whatif-042"))),
            ("with an indicator", Change::Indicator(Indicator::new("ip", "203.0.113.4", Verdict::Malicious))),
            ("with an alert", Change::Records(alert(ALERTS))),
        ];
        for (name, change) in cases {
            let changes = [change];
            let ask = || -> Impact { book.what_if(black_box(&changes)).expect("known facts") };
            assert!(!ask().is_empty(), "{name} changes something");
            group.bench_function(BenchmarkId::new(name, others), |b| b.iter(ask));
        }
        group.finish();
    }
}

criterion_group!(benches, what_if);
criterion_main!(benches);
