#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

use serde_json::{Value, json};

use super::built_in::FILES;
use super::testing::Event;
use super::{built_in, read};
use crate::rules::problem::RuleProblemCode as Code;

#[test]
fn built_in_files_have_no_problems() {
    for (name, text) in FILES {
        let (mapping, problems) = read(name, text);
        assert!(problems.is_empty(), "{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        assert!(!mapping.shapes.is_empty(), "{name}");
    }
    assert!(built_in().shapes.iter().all(|s| !s.time.is_empty() && !s.sources.is_empty()));
    let mut names: Vec<_> = built_in().shapes.iter().map(|s| &s.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), built_in().shapes.len(), "names of shapes differ");
}

/// Logsources of published rules, as `category/product/service`. All must be reachable.
const LOGSOURCES: &str = include_str!("testdata/logsources.txt");

#[test]
fn every_logsource_of_published_rules_is_given_by_a_shape() {
    let mut missing = Vec::new();
    for line in LOGSOURCES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts: Vec<&str> = line.split('/').collect();
        let [category, product, service] = parts[..] else { panic!("{line}") };
        let part = |wanted: &str, has: &Option<String>| wanted.is_empty() || has.as_deref() == Some(wanted);
        let all = built_in().shapes.iter().flat_map(|shape| &shape.sources).flat_map(|source| &source.logsources);
        let fits = all
            .filter(|l| part(category, &l.category) && part(product, &l.product) && part(service, &l.service))
            .count();
        if fits == 0 {
            missing.push(line);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn sample_events_get_their_logsource_fields_and_time() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("testdata/events.json")).unwrap();
    for case in &cases {
        let event = Event::new(built_in(), &case["event"]);
        let name = case["name"].as_str().unwrap();
        assert_eq!(event.shape, case["shape"].as_str(), "{name}");
        for wanted in case["is"].as_array().unwrap() {
            let parts: Vec<&str> = wanted.as_str().unwrap().split('/').collect();
            assert!(event.is(parts[0], parts[1], parts[2]), "{name}: {wanted} not in {:?}", event.logsources);
        }
        for unwanted in case["not"].as_array().into_iter().flatten() {
            let parts: Vec<&str> = unwanted.as_str().unwrap().split('/').collect();
            assert!(!event.is(parts[0], parts[1], parts[2]), "{name}: {unwanted} in {:?}", event.logsources);
        }
        for (field, value) in case["fields"].as_object().into_iter().flatten() {
            assert_eq!(event.text(field).as_deref(), value.as_str(), "{name}: {field}");
        }
        assert_eq!(event.time(), case["time"].as_str(), "{name}: time");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        ("shape: a\nhas: [[x]]\nhash: 1\n", 3, 1, Code::Invalid, "unknown key `hash`"),
        ("shape: a\n", 1, 1, Code::Invalid, "without `has`"),
        ("shape: a\nhas: [[]]\n", 1, 1, Code::Invalid, "list 1 of `has` is empty"),
        ("shape: a\nhas: [x]\n", 2, 7, Code::Invalid, "a text, expected a list"),
        (
            "shape: a\nhas: [[x]]\nsources:\n  - logsource: {catgory: b}\n",
            4,
            17,
            Code::Invalid,
            "unknown key `catgory`",
        ),
        ("shape: a\nhas: [[x]]\nsources:\n  - {}\n", 4, 5, Code::Invalid, "gives nothing"),
        ("shape: a\nhas: [[x]]\nsources: [{use: b}]\n", 3, 17, Code::UnknownReference, "group `b`"),
        (
            "shape: a\nhas: [[x]]\nsources: [{logsource: {product: p}, when: {f: a*b}}]\n",
            3,
            47,
            Code::Invalid,
            "start or the end",
        ),
        (
            "shape: a\nhas: [[x]]\nsources: [{logsource: {product: p}, when: {f: []}}]\n",
            3,
            47,
            Code::Invalid,
            "at least one value",
        ),
        (
            "shape: a\nhas: [[x]]\nsources: [{logsource: {product: p}, when: {f: [null]}}]\n",
            3,
            48,
            Code::Invalid,
            "expected a text",
        ),
        ("shape: a\nhas: [[x]]\nfields: [x]\n", 3, 9, Code::Invalid, "a list, expected a mapping"),
        ("name: a\n", 1, 1, Code::Invalid, "without `shape` or `group`"),
        ("- a\n", 1, 1, Code::Invalid, "expected a mapping with"),
        ("group: g\n", 1, 1, Code::Invalid, "without `sources`"),
        ("shape: a\nshape: b\nhas: [[x]]\n", 2, 1, Code::Invalid, "second time"),
        ("shape: [a\n---\n", 2, 1, Code::Syntax, "YAML"),
    ];
    for (text, line, column, code, message) in cases {
        let (mapping, problems) = read("own.yml", text);
        assert!(mapping.shapes.is_empty(), "{text}");
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:#?}") };
        assert!(problem.message.contains(message), "{text}: {problem}");
        assert_eq!((problem.line, problem.column, problem.code), (line, column, code), "{text}: {problem}");
        assert!(problem.left_out);
    }
}

#[test]
fn a_wrong_document_leaves_the_others() {
    let (mapping, problems) = read("own.yml", "shape: a\n---\nshape: b\nhas: [[x]]\n---\n");
    assert_eq!(mapping.shapes.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].rule.as_deref(), Some("a"));
}

#[test]
fn deep_and_doubling_files_are_bounded() {
    let (_, problems) = read("own.yml", &"[".repeat(10_000));
    assert!(!problems.is_empty());
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let alias = format!("*a{}", i - 1);
        bomb += &format!("a{i}: &a{i} [{}]\n", [alias.as_str(); 10].join(", "));
    }
    let (_, problems) = read("own.yml", &bomb);
    assert_eq!(problems[0].code, Code::Limit);
}

#[test]
fn the_example_of_the_documentation_reads() {
    let page = include_str!("../../../docs/MAPPING.md");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let (mapping, problems) = read("MAPPING.md", example);
    assert!(problems.is_empty(), "{problems:#?}");
    let record = json!({"door": {"opened": "yes", "user": "Ada"}, "site": "north-7", "when": "2026-03-01T10:00:00Z"});
    let event = Event::new(&mapping, &record);
    assert_eq!(event.shape, Some("door-reader"));
    assert!(event.is("access", "doors", "audit"));
    assert!(event.is("", "doors", "north"));
    assert_eq!(event.text("User").as_deref(), Some("Ada"));
    assert_eq!(event.time(), Some("2026-03-01T10:00:00Z"));
}
