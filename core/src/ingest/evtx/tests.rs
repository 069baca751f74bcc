#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say with a panic what failed")]

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::rules::{Event, RuleSet};

fn read(bytes: Vec<u8>) -> Vec<(u64, Result<String, String>)> {
    let mut out = Vec::new();
    records(bytes, &mut |number, record| {
        out.push((number, record));
        ControlFlow::Continue(())
    });
    out
}

fn good(bytes: Vec<u8>) -> Vec<u64> {
    read(bytes).into_iter().filter_map(|(number, record)| record.is_ok().then_some(number)).collect()
}

/// A file with one chunk of these records: each an element `Event` with a text in it.
fn file(records: &[(u64, &str)]) -> Vec<u8> {
    let mut chunk = vec![0; 512];
    let mut last = 512;
    for (number, text) in records {
        last = chunk.len();
        let mut xml = vec![0x0f, 1, 1, 0];
        // An element without attributes: its name stands right behind, at its offset in the chunk.
        let name_at = last + 24 + xml.len() + 9;
        xml.push(0x01);
        let name: Vec<u8> = "Event\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let value: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let inside = 8 + name.len() + 1 + 4 + value.len() + 1;
        xml.extend((inside as u32).to_le_bytes());
        xml.extend((name_at as u32).to_le_bytes());
        xml.extend([0; 4]);
        xml.extend([0; 2]);
        xml.extend(5_u16.to_le_bytes());
        xml.extend(name);
        xml.push(0x02);
        xml.extend([0x05, 0x01]);
        xml.extend((text.encode_utf16().count() as u16).to_le_bytes());
        xml.extend(value);
        xml.extend([0x04, 0x00]);
        let size = (24 + xml.len() + 4) as u32;
        chunk.extend([0x2a, 0x2a, 0, 0]);
        chunk.extend(size.to_le_bytes());
        chunk.extend(number.to_le_bytes());
        chunk.extend(133_000_000_000_000_000_u64.to_le_bytes());
        chunk.extend(xml);
        chunk.extend(size.to_le_bytes());
    }
    let end = chunk.len();
    chunk.resize(1 << 16, 0);
    let (first_number, last_number) = (records.first().unwrap().0, records.last().unwrap().0);
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    for (at, value) in [(8, first_number), (16, last_number), (24, first_number), (32, last_number)] {
        chunk[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
    for (at, value) in [(40, 128), (44, last), (48, end)] {
        chunk[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
    }
    let mut file = vec![0; 4096];
    file[..8].copy_from_slice(b"ElfFile\0");
    file[24..32].copy_from_slice(&(last_number + 1).to_le_bytes());
    for (at, value) in [(32, 128_u32), (36, 1 | 3 << 16), (40, 4096 | 1 << 16)] {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    file.extend(chunk);
    file
}

#[test]
fn a_casebook_reads_a_file_and_says_what_it_could_not() {
    let rule = "title: Word\nlogsource: {category: any}\ndetection: {s: {Event: word}, condition: s}\n";
    let rules = RuleSet::builder().add_text("test.yml", rule).strict().build().unwrap();
    let mut book = crate::Casebook::new();
    book.set_rules(rules).unwrap();
    let mut bytes = file(&[(7, "word"), (8, "another"), (9, "third")]);
    let report = book.ingest("log.evtx", &bytes).unwrap();
    assert_eq!((report.records, report.events, report.matches, report.problems.len()), (3, 3, 1, 0));
    assert_eq!((report.format, book.queue().len()), (Some("events"), 1));
    let at = bytes.windows(4).rposition(|w| w == [0x2a, 0x2a, 0, 0]).unwrap();
    bytes[at] = 0;
    let report = book.ingest("log.evtx", &bytes).unwrap();
    assert_eq!((report.new, report.duplicates), (0, 1), "the match is known, the rest is not kept");
    assert!(!report.problems.is_empty());
    let mut without = crate::Casebook::new();
    let report = without.ingest("log.evtx", &bytes).unwrap();
    assert!(report.problems[0].message.contains("need rules"), "{}", report.problems[0]);
}

#[test]
fn records_are_json_with_their_numbers() {
    let found = read(file(&[(7, "one"), (8, "zwei: Ä")]));
    let json: Vec<(u64, Value)> = found
        .iter()
        .map(|(number, record)| (*number, serde_json::from_str(record.as_ref().unwrap()).unwrap()))
        .collect();
    assert_eq!(json, [(7, serde_json::json!({"Event": "one"})), (8, serde_json::json!({"Event": "zwei: Ä"}))]);
}

#[test]
fn reading_stops_when_told() {
    let mut seen = Vec::new();
    records(file(&[(1, "a"), (2, "b"), (3, "c")]), &mut |number, _| {
        seen.push(number);
        if number == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(seen, [1, 2]);
}

#[test]
fn a_damaged_record_costs_itself() {
    let whole = file(&[(1, "a"), (2, "b"), (3, "c")]);
    let starts: Vec<usize> = (0..whole.len() - 4).filter(|at| whole[*at..at + 4] == [0x2a, 0x2a, 0, 0]).collect();
    assert_eq!(starts.len(), 3);
    let mut bad_xml = whole.clone();
    bad_xml[starts[1] + 24 + 4] = 0x77;
    let found = read(bad_xml);
    assert_eq!(
        found.iter().map(|(n, record)| (*n, record.is_ok())).collect::<Vec<_>>(),
        [(1, true), (2, false), (3, true)]
    );
    let mut no_header = whole;
    no_header[starts[1]] = 0;
    assert_eq!(good(no_header.clone()), [1, 3]);
    assert_eq!(read(no_header).len(), 3);
}

#[test]
fn what_is_no_file_is_one_error() {
    for bytes in [&b"ElfFile\0"[..], b"", b"ElfFile\0 and more that is too short", &[0; 5000]] {
        let found = read(bytes.to_vec());
        assert!(matches!(found.as_slice(), [(0, Err(_))]), "{found:?}");
    }
    let mut headless = file(&[(1, "a")]);
    headless[4096] = 0;
    assert!(matches!(read(headless).as_slice(), [(0, Err(_))]));
    assert!(read(file(&[(1, "a")])[..4096].to_vec()).is_empty());
}

#[test]
fn no_changed_byte_breaks_the_reader() {
    let whole = file(&[(1, "first"), (2, "second"), (3, "third")]);
    let ends = whole.len();
    let live = (0..128).chain(4096..4096 + 128).chain(4608..4608 + 260);
    for at in live {
        for byte in [0x00, 0x01, 0x0c, 0x21, 0x7f, 0xff] {
            let mut changed = whole.clone();
            changed[at] = byte;
            for (_, record) in read(changed) {
                assert!(record.map_or_else(|reason| reason.len() < 2_000, |json| json.starts_with('{')));
            }
        }
    }
    for end in (0..ends).step_by(997) {
        read(whole[..end].to_vec());
    }
}

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/sigma");
    let found = path.exists().then_some(path);
    if found.is_none() {
        println!("note: ../shared/data/sigma is not there, nothing was checked");
    }
    found
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "evtx") {
            out.push(path);
        }
    }
    out.sort();
}

/// The recordings were converted by older readers: they wrote `ABC-…` for what Windows shows as `{abc-…}`, six or nine
/// digits of a second for the seven that are recorded, and no blanks at the end; one text was written anew by hand.
fn same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::String(found), Value::String(expected)) => {
            let guid = |text: &str| text.strip_prefix('{')?.strip_suffix('}').map(str::to_uppercase);
            let time = |text: &str| text.strip_suffix('Z').and_then(|time| time.get(..26).map(str::to_owned));
            found.trim_end().eq_ignore_ascii_case(expected)
                || guid(found).as_ref() == Some(expected)
                || (time(found).is_some() && time(found) == time(expected))
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(one, two)| same(one, two))
        }
        (Value::Object(found), Value::Object(expected)) => {
            let each = |(name, one): (&String, &Value)| expected.get(name).is_some_and(|two| same(one, two));
            found.len() == expected.len() && found.iter().all(each)
        }
        _ => found == expected,
    }
}

/// Recordings that others converted: the same JSON, and the rule that each is for.
#[test]
fn published_recordings_are_what_their_json_says_and_fire_their_rule() {
    let Some(root) = shared() else { return };
    let mut recordings = Vec::new();
    files(&root.join("regression_data"), &mut recordings);
    let trees = ["rules", "rules-emerging-threats", "rules-threat-hunting"];
    let rules =
        trees.iter().fold(RuleSet::builder(), |builder, tree| builder.add_path(root.join(tree))).build().unwrap();
    let mut matcher = rules.matcher();
    let (mut other, mut silent, mut checked) = (Vec::new(), Vec::new(), 0);
    for path in &recordings {
        let text = std::fs::read_to_string(path.with_extension("json")).unwrap();
        let expected: Vec<Value> = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'))
            .into_iter()
            .map(|value| value.unwrap())
            .collect();
        let found = read(std::fs::read(path).unwrap());
        let json: Vec<Value> =
            found.iter().map(|(_, record)| serde_json::from_str(record.as_ref().unwrap()).unwrap()).collect();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let same = json.len() == expected.len() && json.iter().zip(&expected).all(|(one, two)| same(one, two));
        if !same {
            other.push(name.to_owned());
        }
        let info = std::fs::read_to_string(path.with_file_name("info.yml")).unwrap();
        let mut fired = String::new();
        for (_, record) in &found {
            let event = Event::parse(record.as_ref().unwrap().as_bytes()).unwrap();
            for hit in matcher.matches(&event) {
                fired.push_str(rules.rule(*hit).unwrap().id().unwrap_or_default());
            }
        }
        let wanted = info.split_once("rule_metadata:").unwrap().1;
        let wanted =
            wanted.lines().find_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("id:")).unwrap().trim();
        if !fired.contains(wanted) {
            silent.push(name.to_owned());
        }
        checked += 1;
    }
    println!("{checked} recordings");
    assert!(other.is_empty(), "{} of {checked} differ: {other:#?}", other.len());
    assert!(silent.is_empty(), "{silent:#?}");
}

/// Recordings with a byte in a hundred changed, at places that are the same in each run.
#[test]
fn damaged_recordings_end() {
    let Some(root) = shared() else { return };
    let mut recordings = Vec::new();
    files(&root.join("regression_data"), &mut recordings);
    let mut state = 0x9e37_79b9_u32;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let (mut whole, mut damaged) = (0, 0);
    for path in &recordings {
        let bytes = std::fs::read(path).unwrap();
        // Most of a chunk is empty: what is read of it stands at its start.
        let live = bytes.len().min(4096 + 8192);
        for changes in [1, 4, 80] {
            let mut bytes = bytes.clone();
            for _ in 0..changes {
                bytes[4096 + next(live - 4096)] = next(256) as u8;
            }
            for (_, record) in read(bytes) {
                if record.is_ok() { whole += 1 } else { damaged += 1 }
            }
        }
    }
    println!("{whole} records are whole, {damaged} are damaged");
    assert!(whole > 0 && damaged > 0);
}
