//! What is routine in a tenant, and what stands out of it: detectors that fire every day never link by the asset,
//! and unusual alerts that follow each other are linked though they share nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::summary::LinkReason;
use casegraph::{Casebook, Policy};
use casegraph_tests::record::{alert, host};
use casegraph_tests::{book, book_with, incidents, partition, policy};

const HOSTS: [&str; 4] = ["web01", "web02", "db01", "mail01"];

fn raised(id: &str, detector: &str, on: &str, time: &str) -> String {
    alert(id, time).set("detectorId", detector).set("title", detector).with(host(on)).line()
}

/// `days` of daily noise from 10 March on: every hour on every host a login, on two hosts a scan that fails.
fn noise(days: u32, hosts: &[&str]) -> Vec<String> {
    noise_in(days, hosts, 24)
}

/// The same in the first hours of each day alone.
fn noise_in(days: u32, hosts: &[&str], hours: u32) -> Vec<String> {
    let mut out = Vec::new();
    for hour in (0..days * 24).filter(|hour| hour % 24 < hours) {
        for (n, on) in hosts.iter().enumerate() {
            let time = format!("{} {:02}:{:02}", 10 + hour / 24, hour % 24, n % 50);
            out.push(raised(&format!("login-{n}-{hour:03}"), "login", on, &time));
            if n < 2 {
                out.push(raised(&format!("scan-{n}-{hour:03}"), "failed scan", on, &time));
            }
        }
    }
    out
}

/// Three unusual alerts on three hosts, an hour apart.
fn attack() -> Vec<String> {
    vec![
        raised("x1", "new listener", "web01", "12 09:00"),
        raised("x2", "memory of a logon process read", "db01", "12 10:00"),
        raised("x3", "mailbox read as a whole", "mail01", "12 11:00"),
    ]
}

fn part_of<'p>(parts: &'p [Vec<String>], id: &str) -> &'p Vec<String> {
    parts.iter().find(|part| part.iter().any(|held| held == id)).unwrap()
}

#[test]
fn unusual_alerts_meet_across_assets_and_the_noise_stays_out() {
    let mut records = noise(4, &HOSTS);
    records.extend(attack());
    let made = book(&records);
    let parts = partition(&made);
    assert_eq!(part_of(&parts, "x1"), &["x1", "x2", "x3"]);
    // One series of each detector on each asset, whatever the day.
    assert_eq!(parts.len(), 1 + 4 + 2);
    let first = made.incidents().next().unwrap();
    assert_eq!(first.id, "x1", "what stands out comes first");
    let reason = first.alerts[1].reason.as_ref().unwrap();
    assert_eq!(reason.reason, LinkReason::TemporalProximity);
    assert_eq!(reason.text, "unusual here, as `new listener` is, 60 min apart");
}

#[test]
fn order_of_arrival_says_nothing() {
    let mut records = noise(4, &HOSTS);
    records.extend(attack());
    let forwards = incidents(&book(&records));
    records.reverse();
    assert_eq!(incidents(&book(&records)), forwards);
    let mut split = Casebook::new();
    for chunk in records.chunks(100) {
        split.ingest("chunk", chunk.join("\n").as_bytes()).unwrap();
        assert!(!split.queue().is_empty());
    }
    assert_eq!(incidents(&split), forwards);
}

#[test]
fn before_three_days_are_observed_nothing_is_routine_and_nothing_unusual() {
    let mut records = noise(2, &HOSTS);
    records.push(raised("x1", "new listener", "web01", "11 09:00"));
    records.push(raised("x2", "memory of a logon process read", "db01", "11 10:00"));
    let parts = partition(&book(&records));
    assert!(!part_of(&parts, "x1").contains(&"x2".to_owned()));
}

#[test]
fn a_day_with_few_hours_is_not_observed() {
    let meet = |hours: u32| {
        let mut records = noise_in(6, &HOSTS, hours);
        records.extend(attack());
        part_of(&partition(&book(&records)), "x1").contains(&"x2".to_owned())
    };
    assert!(!meet(8) && meet(12));
}

#[test]
fn the_more_assets_the_shorter_the_gap_that_is_bridged() {
    let spread = |policy: Policy, assets: usize| {
        let names: Vec<String> = (0..assets).map(|n| format!("host{n:03}")).collect();
        let mut records = noise(3, &names.iter().map(String::as_str).collect::<Vec<_>>());
        // Each host has one unusual alert; the first two are an hour apart, the rest on the day before.
        records.push(raised("x0", "odd 0", "host000", "12 09:00"));
        records.push(raised("x1", "odd 1", "host001", "12 10:00"));
        for (n, name) in names.iter().enumerate().skip(2) {
            records.push(raised(&format!("x{n}"), &format!("odd {n}"), name, &format!("11 01:{:02}", n % 60)));
        }
        let parts = partition(&book_with(policy, &records));
        part_of(&parts, "x0").contains(&"x1".to_owned())
    };
    assert!(spread(Policy::default(), 4));
    assert!(!spread(policy(r#"{"correlate": {"sequenceHours": 3}}"#), 4), "three hours among four are too few");
    assert!(!spread(policy(r#"{"correlate": {"sequenceAssets": 3}}"#), 4));
    assert!(!spread(policy(r#"{"correlate": {"sequenceWeight": 0.3}}"#), 4), "below the threshold");
    assert!(!spread(Policy::default(), 130), "96 hours among 128 are 45 minutes, and 64 assets the most");
}

#[test]
fn a_daily_detector_that_fires_among_unusual_ones_belongs_to_them() {
    let mut records = noise(4, &HOSTS);
    // The generic event is daily, but rare on this host.
    for (n, time) in ["10 05:00", "11 06:00", "12 07:00", "13 08:00"].iter().enumerate() {
        records.push(raised(&format!("generic-{n}"), "generic event", "db01", time));
        records.push(raised(&format!("elsewhere-{n}"), "generic event", "web02", time));
    }
    for (n, detector) in ["new listener", "new account", "cleared log"].iter().enumerate() {
        records.push(raised(&format!("x{n}"), detector, "db01", "12 15:00"));
    }
    records.push(raised("beside", "generic event", "db01", "12 15:00"));
    let parts = partition(&book(&records));
    assert_eq!(part_of(&parts, "beside"), &["beside", "x0", "x1", "x2"]);
    let alone = policy(r#"{"correlate": {"accompanyDetectors": 4}}"#);
    let parts = partition(&book_with(alone, &records));
    assert_eq!(part_of(&parts, "x0"), &["x0", "x1", "x2"]);
}

#[test]
fn what_stands_out_is_no_part_of_the_series_it_stands_out_of() {
    let mut records = noise(4, &HOSTS);
    // Thirty alerts of a detector that is new to the tenant: one counted repeat, and still linked by the asset.
    for n in 0..30 {
        records.push(raised(&format!("burst-{n:02}"), "new burst", "web01", &format!("12 09:{n:02}")));
    }
    records.push(raised("x", "new listener", "web01", "12 09:40"));
    let parts = partition(&book(&records));
    assert_eq!(part_of(&parts, "x").len(), 31);
}

#[test]
fn undated_alerts_and_alerts_without_assets_do_no_harm() {
    let mut records = noise(4, &HOSTS);
    records.push(alert("undated", "12 09:00").set("firstActivityDateTime", serde_json::Value::Null).line());
    records.push(alert("bare", "12 09:30").line());
    records.extend(attack());
    let parts = partition(&book(&records));
    assert!(part_of(&parts, "x1").contains(&"bare".to_owned()), "it follows in the tenant, wherever it was");
    assert_eq!(part_of(&parts, "undated"), &["undated"]);
}
