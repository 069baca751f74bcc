//! The saved log: whatever happens to its bytes, sound facts are kept and the damage has its place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests say with a panic what failed"
)]

use casegraph::model::{FactId, Indicator, Retraction, Verdict};
use casegraph::{Casebook, ErrorCode, Loaded, Policy};
use casegraph_tests::record::{alert, ip};
use casegraph_tests::{book, incidents};

const HEADER: usize = "casegraph-log 1\n".len();

fn three() -> (Casebook, Vec<u8>) {
    let records: Vec<String> =
        (0..3).map(|n| alert(&format!("a{n}"), &format!("08:0{n}")).with(ip("203.0.113.9")).line()).collect();
    let book = book(&records);
    let mut saved = Vec::new();
    book.save(&mut saved).unwrap();
    (book, saved)
}

fn load(bytes: &[u8]) -> Loaded {
    Casebook::load(bytes, Policy::default()).unwrap()
}

fn ids(book: &Casebook) -> Vec<FactId> {
    book.facts().map(|f| f.id).collect()
}

/// Byte offsets at which the records begin, and the end.
fn starts(saved: &[u8]) -> Vec<usize> {
    std::iter::once(0)
        .chain(saved.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1))
        .skip(1)
        .collect()
}

#[test]
fn a_saved_log_reads_back_the_same() {
    let (book, saved) = three();
    let loaded = load(&saved);
    assert!(loaded.damage.is_empty());
    assert_eq!(ids(&book), ids(&loaded.casebook));
    assert_eq!(book.to_json(), loaded.casebook.to_json());
}

#[test]
fn a_log_torn_at_any_byte_keeps_every_whole_record() {
    let (book, saved) = three();
    let starts = starts(&saved);
    for cut in HEADER..saved.len() {
        let loaded = load(&saved[..cut]);
        let whole = starts.iter().filter(|s| **s <= cut).count() - 1;
        assert_eq!(ids(&loaded.casebook), ids(&book)[..whole], "cut at {cut}");
        if starts.contains(&cut) {
            assert!(loaded.damage.is_empty(), "cut at {cut}: {:?}", loaded.damage);
        } else {
            assert_eq!(loaded.damage.len(), 1, "cut at {cut}");
            let damage = &loaded.damage[0];
            let expected = (starts[whole] as u64, (cut - starts[whole]) as u64, whole as u64);
            assert_eq!((damage.offset, damage.bytes, damage.facts_before), expected, "cut at {cut}");
        }
    }
}

#[test]
fn a_flipped_byte_costs_its_record_only() {
    let (book, saved) = three();
    let starts = starts(&saved);
    for at in HEADER..saved.len() {
        let record = starts.iter().filter(|s| **s <= at).count() - 1;
        let mut bytes = saved.clone();
        bytes[at] ^= 0x15;
        let loaded = load(&bytes);
        // A lost line break joins a sound record to its line: that one is found all the same.
        let kept: Vec<FactId> =
            ids(&book).into_iter().enumerate().filter(|(i, _)| *i != record).map(|(_, id)| id).collect();
        assert_eq!(ids(&loaded.casebook), kept, "byte {at}");
        let first = loaded.damage.first().expect("the damage is reported");
        assert_eq!((first.offset, first.facts_before), (starts[record] as u64, record as u64), "byte {at}");
        let skipped: u64 = loaded.damage.iter().map(|d| d.bytes).sum();
        assert_eq!(skipped, (starts[record + 1] - starts[record]) as u64, "byte {at}");
    }
}

#[test]
fn an_unknown_kind_and_garbage_between_records_are_skipped() {
    let (book, saved) = three();
    let starts = starts(&saved);
    let mut bytes = saved.clone();
    bytes[starts[1]] = b'Z';
    let loaded = load(&bytes);
    assert_eq!(ids(&loaded.casebook), [ids(&book)[0], ids(&book)[2]]);
    assert!(loaded.damage[0].message.contains('Z'), "{}", loaded.damage[0].message);

    let garbage = b"garbage\n\0\xff not a record\n\n";
    let mut bytes = saved[..starts[1]].to_vec();
    bytes.extend_from_slice(garbage);
    bytes.extend_from_slice(&saved[starts[1]..]);
    bytes.extend_from_slice(b"more garbage");
    let loaded = load(&bytes);
    assert_eq!(ids(&loaded.casebook), ids(&book));
    let places: Vec<(u64, u64, u64)> = loaded.damage.iter().map(|d| (d.offset, d.bytes, d.facts_before)).collect();
    let end = (saved.len() + garbage.len()) as u64;
    assert_eq!(places, [(starts[1] as u64, garbage.len() as u64, 1), (end, 12, 3)]);
}

#[test]
fn a_sound_digest_over_no_alert_is_damage() {
    // The digest is right and the content is none: written by somebody else's program.
    let (_, saved) = three();
    let text = String::from_utf8(saved).unwrap();
    let first = text.lines().nth(1).unwrap();
    let json = first.splitn(4, ' ').nth(3).unwrap();
    let indicator_as_alert = format!("casegraph-log 1\nI {} {} {json}\n", first.split(' ').nth(1).unwrap(), json.len());
    let loaded = load(indicator_as_alert.as_bytes());
    assert_eq!((loaded.casebook.len(), loaded.damage.len()), (0, 1));
}

#[test]
fn a_wrong_header_is_an_error_that_says_what_was_expected() {
    let (_, saved) = three();
    let mut next = saved.clone();
    next[HEADER - 2] = b'2';
    for bytes in [&b""[..], b"casegraph-log", b"{\"id\": 1}\n", &next, &saved[HEADER..], &saved[..HEADER - 1]] {
        let error = Casebook::load(bytes, Policy::default()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Log);
        assert!(error.message().contains("casegraph-log 1"), "{error}");
    }
    let error = Casebook::load(next.as_slice(), Policy::default()).unwrap_err();
    assert!(error.message().contains("casegraph-log 2"), "{error}");
}

#[test]
fn save_from_appends_what_came_since() {
    let (mut book, mut saved) = three();
    let before = book.len();
    let fact = book.add_indicator(&Indicator::new("ip", "203.0.113.9", Verdict::Malicious)).unwrap();
    book.retract(&Retraction::new(fact, "ada")).unwrap();
    book.save_from(before, &mut saved).unwrap();
    let mut whole = Vec::new();
    book.save(&mut whole).unwrap();
    assert_eq!(saved, whole);
    book.save_from(book.len(), &mut saved).unwrap();
    book.save_from(book.len() + 7, &mut saved).unwrap();
    assert_eq!(saved, whole, "nothing new, nothing written");
    assert_eq!(incidents(&book), incidents(&load(&saved).casebook));
}

#[test]
fn appending_after_a_torn_record_loses_no_new_fact() {
    // A crash tore the last record; the next start loads, and appends to the same file.
    let (_, saved) = three();
    let torn = &saved[..saved.len() - 10];
    let mut book = load(torn).casebook;
    let from = book.len();
    book.add_indicator(&Indicator::new("ip", "203.0.113.9", Verdict::Malicious)).unwrap();
    book.add_indicator(&Indicator::new("ip", "203.0.113.10", Verdict::Malicious)).unwrap();
    let mut file = torn.to_vec();
    book.save_from(from, &mut file).unwrap();
    let again = load(&file);
    assert_eq!(ids(&again.casebook), ids(&book), "damage: {:?}", again.damage);
}

#[test]
fn a_file_is_replaced_as_a_whole() {
    let (book, saved) = three();
    let path = std::env::temp_dir().join(format!("casegraph-tests-{}.log", std::process::id()));
    std::fs::write(&path, b"old").unwrap();
    book.save_file(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), saved);
    let loaded = Casebook::load_file(&path, Policy::default()).unwrap();
    assert_eq!(loaded.casebook.len(), 3);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(Casebook::load_file(&path, Policy::default()).unwrap_err().code(), ErrorCode::Io);
}

#[test]
fn facts_saved_twice_in_one_file_count_once() {
    let (book, saved) = three();
    let mut twice = saved.clone();
    twice.extend_from_slice(&saved[HEADER..]);
    let loaded = load(&twice);
    assert!(loaded.damage.is_empty());
    assert_eq!(ids(&loaded.casebook), ids(&book));
}
