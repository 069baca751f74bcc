//! Pinned bytes of the sample, with the rules that ship, as the main command shows it: the queue as JSON, the
//! report as text, the log.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say with a panic what failed")]

use std::fmt::Write as _;

use casegraph::model::Time;
use casegraph::report::TextReport;
use casegraph::rules::RuleSet;
use casegraph::{Casebook, IngestReport, sample};
use casegraph_tests::golden;

fn sample_book() -> (Casebook, Vec<IngestReport>) {
    let mut book = Casebook::new();
    book.set_rules(RuleSet::builtin().unwrap()).unwrap();
    let reports = vec![
        book.ingest("sample", sample::ALERTS.as_bytes()).unwrap(),
        book.add_indicators("sample-indicators", sample::INDICATORS).unwrap(),
    ];
    (book, reports)
}

#[test]
fn the_queue_of_the_sample_keeps_its_bytes() {
    let (book, reports) = sample_book();
    let mut json = Vec::new();
    book.write_json(&reports, &mut json).unwrap();
    golden::check("golden/sample-queue.json", &String::from_utf8(json).unwrap());
}

#[test]
fn the_text_report_of_the_sample_keeps_its_bytes() {
    let (book, _) = sample_book();
    let incidents: Vec<_> = book.incidents().collect();
    let report = TextReport::new();
    let mut text = report.queue(&incidents);
    for incident in &incidents {
        write!(text, "\n{}", report.incident(incident)).unwrap();
        let at = Time::from(incident.last_activity.unwrap());
        write!(text, "\n{}", report.response(&book.response(&incident.id, &at).unwrap())).unwrap();
        write!(text, "\n{}", report.plan(&book.plan(&incident.id, &at).unwrap())).unwrap();
    }
    golden::check("golden/sample.txt", &text);
}

#[test]
fn the_log_of_the_sample_keeps_its_header_and_fact_ids() {
    let (book, _) = sample_book();
    let mut saved = Vec::new();
    book.save(&mut saved).unwrap();
    let saved = String::from_utf8(saved).unwrap();
    // Kind, id (a digest of the whole fact) and length, and how the JSON begins.
    let lines: String = saved.lines().fold(String::new(), |mut out, line| {
        writeln!(out, "{}", line.chars().take(140).collect::<String>()).unwrap();
        out
    });
    golden::check("golden/sample-log.txt", &lines);
}
