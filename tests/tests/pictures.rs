//! Pictures: well-formed and harmless whatever evidence says, the same for the same facts, calm when an alert comes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests say with a panic what failed"
)]

use std::collections::{BTreeMap, BTreeSet};

use casegraph::report::{CaseFile, Picture};
use casegraph::{ErrorCode, sample};
use casegraph_tests::record::{Record, alert, evidence, file, host, ip, upn};
use casegraph_tests::{book, lines};
use roxmltree::{Document, Node};
use serde_json::{Value, json};

/// The case file of the incident of the first record.
fn case(records: &[String]) -> CaseFile {
    let book = book(records);
    let first: Value = serde_json::from_str(&records[0]).unwrap();
    book.case_file(first["id"].as_str().unwrap(), None).unwrap()
}

fn sample_records() -> Vec<String> {
    sample::ALERTS.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Every picture of a case by name, with proofs of a few entities.
fn pictures(case: &CaseFile) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut add = |name: &str, what: Picture<'_>| out.push((name.to_owned(), case.picture(what).unwrap().document()));
    add("kill chain", Picture::KillChain);
    add("alerts", Picture::AlertTimeline);
    add("graph", Picture::EntityGraph);
    add("processes", Picture::ProcessTree(None));
    add("processes of an alert", Picture::ProcessTree(Some(&case.incident.alerts[0].id)));
    for line in case.incident.entities.iter().step_by(7) {
        add(&format!("proof of {}", line.id), Picture::Proof(&line.id));
    }
    out
}

/// A picture is well-formed and can do nothing.
fn check(name: &str, text: &str) {
    let document = Document::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let root = document.root_element();
    assert_eq!((root.tag_name().name(), root.attribute("role")), ("svg", Some("img")), "{name}");
    let mut ids = BTreeSet::new();
    for node in document.descendants().filter(Node::is_element) {
        let tag = node.tag_name().name();
        assert_eq!(node.tag_name().namespace(), Some("http://www.w3.org/2000/svg"), "{name}");
        let known = ["svg", "style", "title", "desc", "g", "rect", "circle", "path", "text", "marker"];
        assert!(known.contains(&tag), "{name}: <{tag}>");
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(key != "style" && key != "href" && !key.starts_with("on"), "{name}: {key}");
            assert!(!value.contains("url(") || value.starts_with("url(#cg-"), "{name}: {key}={value}");
            assert!(value.len() <= 5000, "{name}: {key} of {}", value.len());
            let control = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!value.contains(control), "{name}: {key}={value:?}");
            if key == "id" {
                assert!(value.starts_with("cg-") && ids.insert(value.to_owned()), "{name}: id {value}");
            }
        }
        let control = |c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
        assert!(!node.text().unwrap_or_default().contains(control), "{name}: {:?}", node.text());
    }
    for id in root.attribute("aria-labelledby").unwrap().split(' ') {
        assert!(ids.contains(id), "{name}: {id}");
    }
    let style: String = document.descendants().filter(|n| n.has_tag_name("style")).filter_map(|n| n.text()).collect();
    assert!(style.contains("prefers-color-scheme:dark") && !style.contains("var(") && !style.contains("@import"));
    assert!(document.descendants().any(|n| n.attribute("class") == Some("cg-paper")), "{name} has no background");
}

#[test]
fn the_pictures_of_the_sample_are_well_formed_and_harmless() {
    let case = case(&sample_records());
    for (name, text) in pictures(&case) {
        check(&name, &text);
    }
    let wide = case.picture(Picture::EntityGraph).unwrap();
    assert!(wide.width <= 1000 && wide.left_out.is_empty(), "{} {:?}", wide.width, wide.left_out);
    let chain = case.picture(Picture::KillChain).unwrap().document();
    let chain = Document::parse(&chain).unwrap();
    let seen = |n: &Node<'_, '_>| n.attribute("data-observed") == Some("true");
    assert_eq!(chain.descendants().filter(seen).count(), case.incident.kill_chain.observed);
}

#[test]
fn what_is_not_there_is_not_drawn() {
    let case = case(&sample_records());
    let device = case.incident.entities.iter().find(|line| line.kind.as_str() == "device").unwrap();
    for what in [
        Picture::ProcessTree(Some("nobody")),
        Picture::ProcessTree(Some(&device.id)),
        Picture::Proof("nobody"),
        Picture::Proof(""),
    ] {
        assert_eq!(case.picture(what).unwrap_err().code(), ErrorCode::NotFound, "{what:?}");
    }
}

#[test]
fn what_has_no_time_is_counted_apart() {
    let undated = alert("u", "08:00").set("firstActivityDateTime", Value::Null).with(file('a'));
    let case = case(&[undated.line()]);
    for (name, text) in pictures(&case) {
        check(&name, &text);
    }
    let text = case.picture(Picture::AlertTimeline).unwrap().document();
    assert!(text.contains("1 without a time") && text.contains(">undated<"), "{text}");
}

#[test]
fn the_order_of_facts_changes_no_picture() {
    let mut records = sample_records();
    let before = pictures(&case(&records));
    // The first stays, as it names the incident.
    records[1..].reverse();
    records[1..].rotate_left(5);
    assert_eq!(pictures(&case(&records)), before);
}

/// Where each node stands, by kind and id.
fn places(case: &CaseFile) -> BTreeMap<(String, String), (i32, i32)> {
    let text = case.picture(Picture::EntityGraph).unwrap().document();
    let document = Document::parse(&text).unwrap();
    let nodes = document.descendants().filter(|n| n.attribute("class").is_some_and(|c| c.starts_with("cg-node ")));
    let place = |node: Node<'_, '_>| {
        let of = |name: &str| node.attribute(name).unwrap().to_owned();
        let inner = of("transform").replace("translate(", "").replace(')', "");
        let (x, y) = inner.split_once(' ').unwrap();
        ((of("data-kind"), of("data-id")), (x.parse().unwrap(), y.parse().unwrap()))
    };
    nodes.map(place).collect()
}

/// The last alert of the sample once more, from another detector, at another time, with an address more.
fn another(time: &str) -> String {
    let records = sample_records();
    let last = records.iter().find(|line| line.contains("Deletion of volume snapshots")).unwrap();
    let mut record: Value = serde_json::from_str(last).unwrap();
    for (name, value) in [
        ("id", "another"),
        ("title", "Another thing happened"),
        ("detectorId", "another-detector"),
        ("firstActivityDateTime", time),
        ("lastActivityDateTime", time),
    ] {
        record[name] = json!(value);
    }
    record["evidence"].as_array_mut().unwrap().push(ip("192.0.2.77"));
    record.to_string()
}

#[test]
fn one_more_alert_leaves_nodes_in_their_places() {
    let records = sample_records();
    let before = places(&case(&records));
    let with = |time: &str| places(&case(&[records.as_slice(), &[another(time)]].concat()));
    // What comes last moves nothing.
    let after = with("2026-03-12T09:00:00Z");
    assert_eq!(after.len(), before.len() + 2);
    for (node, place) in &before {
        assert_eq!(after.get(node), Some(place), "{node:?}");
    }
    // What comes in the middle moves what is later down, and what it is now the first to hold up.
    let after = with("2026-03-10T12:00:00Z");
    let mut moves = BTreeMap::new();
    for (node, (x, y)) in &before {
        let (new_x, new_y) = after[node];
        assert_eq!(new_x, *x, "{node:?} changed its column");
        *moves.entry(new_y - y).or_insert(0) += 1;
    }
    let unmoved = moves.get(&0).copied().unwrap_or(0);
    assert!(unmoved * 2 > before.len(), "{moves:?}");
    // What is still where it was or below keeps its order.
    let mut stayed: Vec<_> = before.iter().filter(|(node, place)| after[*node].1 >= place.1).collect();
    stayed.sort_by_key(|(_, (x, y))| (*x, *y));
    let mut sorted = stayed.clone();
    sorted.sort_by_key(|(node, _)| after[*node]);
    assert_eq!(stayed, sorted);
}

#[test]
fn nodes_do_not_cover_each_other_and_edges_lead_to_nodes() {
    let case = case(&sample_records());
    let text = case.picture(Picture::EntityGraph).unwrap().document();
    let document = Document::parse(&text).unwrap();
    let (mut boxes, mut entities) = (Vec::new(), Vec::new());
    let mut ids = BTreeSet::new();
    let places = places(&case);
    for node in document.descendants().filter(|n| n.attribute("class").is_some_and(|c| c.starts_with("cg-node "))) {
        let key = (node.attribute("data-kind").unwrap().to_owned(), node.attribute("data-id").unwrap().to_owned());
        let side = |name: &str| -> i32 {
            let rect = node.children().rfind(|n| n.has_tag_name("rect")).unwrap_or(node);
            rect.attribute(name).unwrap().parse().unwrap()
        };
        let (x, y) = places[&key];
        boxes.push((x, y, x + side("width"), y + side("height")));
        if let Some(place) = node.attribute("data-entity") {
            assert_eq!(case.incident.entities[place.parse::<usize>().unwrap()].id, key.1);
            entities.push(boxes[boxes.len() - 1]);
        }
        ids.insert(key.1);
        for at in node.attribute("data-alerts").unwrap().split(' ') {
            assert!(at.parse::<usize>().unwrap() < case.alerts.len());
        }
    }
    for (at, a) in boxes.iter().enumerate() {
        for b in &boxes[at + 1..] {
            assert!(a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1, "{a:?} {b:?}");
        }
    }
    let edges: Vec<_> = document.descendants().filter(|n| n.attribute("data-relation").is_some()).collect();
    assert!(edges.len() > 100);
    for edge in edges {
        for end in ["data-from", "data-to"] {
            assert!(ids.contains(edge.attribute(end).unwrap()));
        }
        // No part of it is behind an entity.
        let points = corners(edge.attribute("d").unwrap());
        for pair in points.windows(2) {
            let (left, right) = (pair[0].0.min(pair[1].0), pair[0].0.max(pair[1].0));
            let (top, bottom) = (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1));
            let behind = entities.iter().find(|b| left < b.2 && right > b.0 && top < b.3 && bottom > b.1);
            assert_eq!(behind, None, "{points:?}");
        }
    }
}

/// The points of a path of lines and curves.
fn corners(path: &str) -> Vec<(i32, i32)> {
    let numbers: Vec<i32> = path.split(['M', 'L', 'Q', ' ']).filter_map(|n| n.parse().ok()).collect();
    numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The numbers in `4 more alerts` and its like.
fn counted(left_out: &[String], what: &str) -> usize {
    let own = left_out.iter().find(|text| text.ends_with(what));
    own.map_or(0, |text| text.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn what_is_not_drawn_is_counted() {
    // Every alert has the device and two addresses of its own; the first has one hundred that nothing tells apart.
    let mut first = alert("first", "08:00").with(host("pc-1"));
    for i in 0..100 {
        first = first.with(ip(&format!("192.0.2.{i}")));
    }
    let one = |i: usize| {
        let time = format!("{:02}:{:02}", 9 + i / 60, i % 60);
        let record = alert(&format!("a{i}"), &time).with(host("pc-1"));
        let (a, b) = (format!("198.51.100.{i}"), format!("203.0.113.{i}"));
        let verdict = if i < 50 { "malicious" } else { "unknown" };
        record.with(ip(&a)).its("verdict", verdict).with(ip(&b)).line()
    };
    let records: Vec<String> = std::iter::once(first.line()).chain((0..150).map(one)).collect();
    let case = case(&records);
    let picture = case.picture(Picture::EntityGraph).unwrap();
    let text = picture.document();
    check("graph", &text);
    let document = Document::parse(&text).unwrap();
    let counts: Vec<(bool, usize)> = document
        .descendants()
        .filter_map(|n| Some((n.attribute("data-kind")? == "alert", n.attribute("data-count")?.parse().unwrap())))
        .collect();
    assert!((195..=200).contains(&counts.len()), "{}", counts.len());
    let drawn = |alert: bool| counts.iter().filter(|(a, _)| *a == alert).map(|(_, count)| count).sum::<usize>();
    assert_eq!(drawn(true) + counted(&picture.left_out, "more alerts"), case.alerts.len());
    assert_eq!(drawn(false) + counted(&picture.left_out, "more entities"), case.incident.entities.len());
    assert!(counted(&picture.left_out, "more relations") > 0);
    assert!(counts.contains(&(false, 100)), "the first hundred addresses are one node");
    let drawn_text: String =
        document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text()).collect();
    assert!(picture.left_out.iter().all(|said| drawn_text.contains(said)), "{drawn_text}");
    // The worst stay.
    let bad =
        |n: &Node<'_, '_>| n.attribute("data-verdict") == Some("malicious") && n.attribute("data-count").is_some();
    assert!(document.descendants().filter(bad).count() >= 50);
    let alerts = case.picture(Picture::AlertTimeline).unwrap();
    assert_eq!(alerts.left_out, ["111 more alerts", "150 links"]);
    check("alerts", &alerts.document());
}

#[test]
fn names_of_attackers_stay_text() {
    let long = "x".repeat(100_000);
    let names = [
        "</title></svg><script>alert(1)</script>",
        "\" onload=\"alert(1)",
        "a\u{0}b\u{1b}[31m\u{202e}gpj.exe\u{2066}\u{feff}\u{ffff}",
        "]]><!--&lt;&#0;",
        "",
        "   ",
        "😀の名前\u{301}\u{301}\u{301}",
        &long,
    ];
    let one = |(i, name): (usize, &&str)| -> Record {
        let process = json!({"processId": i, "processCommandLine": name, "processCreationDateTime": "2026-03-10T08:00:00Z",
            "imageFile": {"fileName": name, "filePath": "C:\\x"}, "mdeDeviceId": "d1",
            "parentProcessId": 100 + i, "parentProcessCreationDateTime": "2026-03-10T07:00:00Z",
            "parentProcessImageFile": {"fileName": name}});
        let time = format!("09:{i:02}");
        let record = alert(&format!("h{i}"), &time).set("title", *name).set("severity", *name).set("category", *name);
        let record = record.with(host("pc-1")).its("verdict", "malicious").with(file('a')).with(upn(name));
        record.with(evidence("process", process)).with(evidence("url", json!({"url": name})))
    };
    let records: Vec<String> = names.iter().enumerate().map(one).map(Record::line).collect();
    assert!(lines(&records).len() > 600_000);
    let case = case(&records);
    assert_eq!(case.alerts.len(), names.len());
    let mut all = pictures(&case);
    for line in &case.incident.entities {
        all.push((line.id.chars().take(80).collect(), case.picture(Picture::Proof(&line.id)).unwrap().document()));
    }
    for (name, text) in all {
        check(&name, &text);
        assert!(text.len() < 400_000, "{name}: {} bytes", text.len());
        assert!(!text.contains("<script") && !text.contains("\" onload"), "{name}");
    }
}
