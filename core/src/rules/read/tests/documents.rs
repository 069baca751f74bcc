use super::*;
use crate::rules::ast::{Level, LogSource, Status};

const RULE: &str = "\
title: Invented
id: 11111111-2222-4333-8444-555555555555
name: invented
status: test
level: high
description: What it is
author: Example Ltd
license: Apache-2.0
date: 2026-01-31
modified: 2026/02/01
taxonomy: sigma
references: [https://example.com/a]
fields: [a]
falsepositives: [none]
tags: [attack.t1059, attack.execution]
scope: [server]
related:
  - {id: 66666666-2222-4333-8444-555555555555, type: derived}
verdict: malicious
confidence: 90
roles: {Image: subject}
logsource: {Category: ignored, product: Windows, service: 'PowerShell Classic', definition: text}
detection: {sel: {a: 1}, condition: sel}
";

fn taken(text: &str) -> Vec<String> {
    read(text).0.into_iter().map(|document| document.meta.title).collect()
}

fn tiny(title: &str) -> String {
    format!("title: {title}\nlogsource: {{product: test}}\ndetection: {{sel: {{a: 1}}, condition: sel}}\n")
}

#[test]
fn all_that_a_document_says_is_kept() {
    let (documents, problems) = read(RULE);
    assert_eq!(problems, []);
    let document = documents.first().unwrap();
    let meta = &document.meta;
    assert_eq!(meta.title, "Invented");
    assert_eq!(meta.id.as_deref(), Some("11111111-2222-4333-8444-555555555555"));
    assert_eq!(meta.name.as_deref(), Some("invented"));
    assert_eq!((meta.status, meta.level), (Some(Status::Test), Some(Level::High)));
    assert_eq!((meta.date.as_deref(), meta.modified.as_deref()), (Some("2026-01-31"), Some("2026/02/01")));
    assert_eq!(meta.tags, ["attack.t1059", "attack.execution"]);
    assert_eq!(meta.related.first().map(|r| r.kind.as_str()), Some("derived"));
    assert_eq!([&meta.references, &meta.fields, &meta.false_positives, &meta.scope].map(Vec::len), [1; 4]);
    let extra = serde_json::to_string(&meta.extra).unwrap();
    assert_eq!(extra, r#"{"verdict":"malicious","confidence":90,"roles":{"Image":"subject"}}"#);
    let Body::Rule(rule) = &document.body else { panic!("a rule") };
    let logsource = LogSource {
        category: None,
        product: Some("windows".to_owned()),
        service: Some("powershell_classic".to_owned()),
    };
    assert_eq!(rule.logsource, logsource);
    assert_eq!((document.source.as_str(), document.place.line), ("test.yml", 1));
}

#[test]
fn the_hash_is_of_the_content() {
    let of = |text: &str| read(text).0.first().unwrap().hash.clone();
    let hash = of("title: A\nlogsource: {product: p}\ndetection: {s: {a: [1, 'x']}, condition: s}\n");
    let json = r#"{"title":"A","logsource":{"product":"p"},"detection":{"s":{"a":[1,"x"]},"condition":"s"}}"#;
    let expected: String =
        sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), json))
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
    assert_eq!(hash, expected);
    let laid_out = "# note\n---\ntitle: 'A'\nlogsource:\n  product: p\ndetection:\n  s:\n    a:\n    - 1\n    - \"x\"\n  \
                    condition: s\n";
    assert_eq!(of(laid_out), hash);
    assert_ne!(of(&laid_out.replace("- 1", "- '1'")), hash);
}

#[test]
fn members_of_the_wrong_kind_are_noted_and_the_rule_stays() {
    for (member, code, reason) in [
        ("level: extreme", Code::Invalid, "`extreme` as `level`, expected one of `informational`"),
        ("status: [a]", Code::Invalid, "a list as `status`, expected a text"),
        ("id: 12", Code::Doubtful, "`12` as `id`, expected a UUID"),
        ("date: soon", Code::Doubtful, "`soon` as `date`, expected a date"),
        ("tags: attack.t1059", Code::Doubtful, "a single value as `tags`, expected a list"),
        ("tags: {a: b}", Code::Invalid, "a mapping as `tags`, expected a list of texts"),
        ("related: [x]", Code::Invalid, "a text in `related`, expected a mapping with `id` and `type`"),
        ("related: [{id: x, type: cousin}]", Code::Doubtful, "`cousin` as `related.type`"),
    ] {
        let (documents, problems) = read(&format!("{}{member}\n", tiny("A")));
        assert_eq!(documents.len(), 1, "{member}");
        let problem = problems.first().unwrap();
        assert_eq!((problem.code, problem.left_out, problem.line), (code, false, 4), "{problem}");
        assert!(problem.message.starts_with(reason), "{problem}");
    }
    let (_, problems) = read(&tiny(&"x".repeat(257)));
    assert_eq!(problems.first().unwrap().message, "a `title` of 257 characters, expected at most 256");
}

#[test]
fn what_is_mandatory_is_missed() {
    for (text, reason) in [
        ("logsource: {product: p}\ndetection: {s: {a: 1}, condition: s}", "no `title`, expected a text"),
        ("title: ~\nlogsource: {product: p}\ndetection: {s: {a: 1}, condition: s}", "no `title`"),
        ("title: A\ndetection: {s: {a: 1}, condition: s}", "no `logsource`, expected a mapping"),
        ("title: A\nlogsource: {definition: x}\ndetection: {s: {a: 1}, condition: s}", "a mapping as `logsource`"),
        (
            "title: A\nlogsource: {product: [p]}\ndetection: {s: {a: 1}, condition: s}",
            "a list as `logsource.product`, expected a text",
        ),
        ("title: A\nlogsource: {product: p}", "neither `detection`, `correlation` nor `filter`"),
        ("title: A\nlogsource: {product: p}\ndetection: {}\nfilter: {}", "`filter` beside `detection`"),
        ("title: A\nlogsource: {product: p}\ndetection: x", "a text as a detection, expected a mapping"),
        ("just text", "a text as a document, expected a mapping with a `title`"),
        ("- a\n- b", "a list as a document"),
    ] {
        let (documents, problems) = read(text);
        assert!(documents.is_empty(), "{text}");
        let problem = problems.iter().find(|problem| problem.left_out).unwrap();
        assert!(problem.message.starts_with(reason), "{text}: {problem}");
        assert_eq!(problem.code, Code::Invalid);
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let problems = read(&rule_text("one: {a|x: 1}\ntwo: {b|y: 1}\ncondition: three")).1;
    assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [4, 5, 6]);
}

#[test]
fn empty_texts_and_documents_are_nothing() {
    for text in ["", "\n\n", "# only a note\n", "---\n---\n", "\u{feff}"] {
        assert_eq!(read(text).0.len() + read(text).1.len(), 0, "{text:?}");
    }
    assert_eq!(taken(&format!("\u{feff}{}---\n", tiny("A"))), ["A"]);
    assert_eq!(taken(&tiny("A").replace('\n', "\r\n")), ["A"]);
}

#[test]
fn documents_after_a_broken_one_are_read_with_their_own_lines() {
    let text = format!("{}---\ntitle: 'open\n---\n{}---\n{{]\n---\n{}", tiny("A"), tiny("B"), tiny("C\nlevel: no"));
    let (documents, problems) = read(&text);
    let places: Vec<_> = documents.iter().map(|d| (d.meta.title.as_str(), d.place.line)).collect();
    assert_eq!(places, [("A", 1), ("B", 7), ("C", 13)]);
    assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), [Code::Syntax, Code::Syntax, Code::Invalid]);
    assert_eq!(problems.last().map(|p| (p.line, p.column)), Some((14, 8)));
    assert!(problems.iter().all(|problem| problem.left_out == (problem.code == Code::Syntax)));
}

#[test]
fn duplicate_keys_merge_keys_and_odd_keys_are_refused() {
    for (text, code, line, reason) in [
        ("title: A\nb: 1\ntitle: B", Code::Invalid, 3, "key `title` a second time, first in line 1"),
        ("title: A\nb:\n  c: {d: 1, d: 2}", Code::Invalid, 3, "key `d` a second time, first in line 3"),
        ("title: A\nb: &x {c: 1}\nd:\n  <<: *x", Code::Unsupported, 4, "a merge key `<<`"),
        ("title: A\n? [a, b]\n: c", Code::Invalid, 2, "a key that is a list or a mapping, expected a text"),
        ("title: A\nb: !!binary aGk=", Code::Unsupported, 2, "a tag that is not of YAML's core schema"),
        ("title: A\nb: *nowhere", Code::Syntax, 2, "not well-formed YAML"),
        ("title: A\nb: &x [*x]", Code::Invalid, 2, "an alias inside the node that it names"),
    ] {
        let (documents, problems) = read(text);
        assert!(documents.is_empty(), "{text}");
        let problem = problems.first().unwrap();
        assert_eq!((problem.code, problem.line, problem.left_out), (code, line, true), "{problem}");
        assert!(problem.message.starts_with(reason), "{problem}");
        assert_eq!(problem.rule.as_deref(), Some("A"), "{text}");
    }
}

#[test]
fn aliases_are_what_they_name() {
    let (rule, _) = rule("one: &x {a: 1}\ntwo: *x\ncondition: one and two");
    let nodes: Vec<_> = rule.selections.iter().map(|s| format!("{:?}", s.node)).collect();
    assert_eq!(nodes.first(), nodes.last());
}

#[test]
fn global_documents_are_laid_under_the_others() {
    let text = "\
action: global
title: G
level: low
logsource: {product: windows}
detection: {sel: {a: 1}, condition: sel and own}
---
logsource: {service: one}
detection: {own: {b: 2}}
---
title: Own
level: high
detection: {own: {b: [3]}}
---
title: C
correlation: {type: temporal, rules: [x], timespan: 1m}
";
    let (documents, problems) = read(text);
    assert_eq!(problems, []);
    let found: Vec<_> = documents.iter().map(|d| (d.meta.title.as_str(), d.meta.level)).collect();
    assert_eq!(found, [("G", Some(Level::Low)), ("Own", Some(Level::High)), ("C", None)]);
    let rules: Vec<_> =
        documents.iter().filter_map(|d| if let Body::Rule(r) = &d.body { Some(r) } else { None }).collect();
    assert!(rules.iter().all(|r| r.selections.len() == 2 && r.logsource.product.as_deref() == Some("windows")));
    let services: Vec<_> = rules.iter().map(|r| r.logsource.service.as_deref()).collect();
    assert_eq!(services, [Some("one"), None]);
}

#[test]
fn globals_add_up_until_reset() {
    let text = format!(
        "action: global\nlogsource: {{product: p}}\n---\naction: global\nlevel: low\n---\n\
         title: A\ndetection: {{s: {{a: 1}}, condition: s}}\n---\naction: reset\n---\n{}---\n\
         title: B\ndetection: {{s: {{a: 1}}, condition: s}}\n",
        tiny("C")
    );
    let (documents, problems) = read(&text);
    let found: Vec<_> = documents.iter().map(|d| (d.meta.title.as_str(), d.meta.level)).collect();
    assert_eq!(found, [("A", Some(Level::Low)), ("C", None)]);
    assert!(problems.iter().any(|p| p.rule.as_deref() == Some("B") && p.message.starts_with("no `logsource`")));
}

#[test]
fn repeat_is_laid_over_the_document_before() {
    let text = format!("{}---\naction: repeat\ntitle: B\ndetection: {{sel: {{a: 2}}}}\n", tiny("A"));
    let (documents, problems) = read(&text);
    assert_eq!(problems, []);
    let values: Vec<_> = documents
        .iter()
        .filter_map(|d| match &d.body {
            Body::Rule(Rule { selections, .. }) => match &selections.first()?.node {
                Node::Item(item) => Some((d.meta.title.as_str(), item.values.first()?.text.as_str())),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(values, [("A", "1"), ("B", "2")]);
}

#[test]
fn wrong_actions_are_refused() {
    let first = |text: &str| read(text).1.into_iter().next().map(|problem| (problem.code, problem.message)).unwrap();
    assert_eq!(first("action: repeat\ntitle: A").0, Code::UnknownReference);
    let (code, message) = first("action: explode\ntitle: A");
    assert_eq!(
        (code, message.as_str()),
        (Code::Invalid, "`explode` as `action`, expected `global`, `reset` or `repeat`")
    );
}

#[test]
fn what_builds_on_a_broken_global_is_left_out() {
    let text =
        format!("action: global\nlevel: low\nlevel: high\n---\n{}---\naction: reset\n---\n{}", tiny("A"), tiny("B"));
    assert_eq!(taken(&text), ["B"]);
    assert!(read(&text).1.iter().any(|p| p.rule.as_deref() == Some("A") && p.code == Code::UnknownReference));
}

#[test]
fn what_cannot_be_repeated_is_not_repeated_from_further_up() {
    let text = format!("{}---\ntitle: 'B\n---\naction: repeat\ntitle: C\n", tiny("A"));
    assert_eq!(taken(&text), ["A"]);
    let unreadable = [b"action: global\nlevel: low \xff\n---\n", tiny("A").as_bytes()].concat();
    assert!(read_with(&unreadable, &Limits::default()).0.is_empty());
}

#[test]
fn limits_read_from_json_and_refuse_unknown_names() {
    let limits: Limits = serde_json::from_str(r#"{"conditionDepth": 3}"#).unwrap();
    assert_eq!(limits, Limits { condition_depth: 3, ..Limits::default() });
    assert!(serde_json::from_str::<Limits>(r#"{"bogus": 3}"#).is_err());
}
