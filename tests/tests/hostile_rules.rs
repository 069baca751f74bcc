//! Rules and events written by an enemy: whatever they hold, reading, compiling, matching and explaining end with
//! what can be used and a clear word about the rest; and the compiled matcher says what the plain reading says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say with a panic what failed")]

use casegraph::ErrorCode;
use casegraph::rules::{Event, RuleLimits, RuleProblem, RuleProblemCode as Code, RuleSet, Select};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Map, Value, json};

fn config(cases: u32) -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    ProptestConfig {
        cases: cases * number("CASEGRAPH_CASES").unwrap_or(1),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(u64::from(number("CASEGRAPH_SEED").unwrap_or(0x0516_3A00))),
        ..ProptestConfig::default()
    }
}

/// A rule with this title and detection, as YAML that is JSON.
fn rule(title: &str, detection: &Value) -> String {
    json!({"title": title, "logsource": {"category": "test"}, "detection": detection}).to_string()
}

fn good(title: &str) -> String {
    rule(title, &json!({"sel": {"good": title}, "condition": "sel"}))
}

/// A rule whose detection is written out.
fn written(title: &str, detection: &str) -> String {
    format!("title: {title}\nlogsource: {{category: test}}\ndetection:\n{detection}\n")
}

fn correlation(name: &str, rules: &[&str]) -> String {
    let body = json!({"type": "temporal", "rules": rules, "timespan": "5m"});
    json!({"title": name, "name": name, "correlation": body}).to_string()
}

fn documents(texts: &[String]) -> String {
    texts.join("\n---\n")
}

/// What is left of hostile documents that stand between two good ones, both of which must be in use and match.
fn between(hostile: &[u8]) -> RuleSet {
    between_with(hostile, RuleLimits::default())
}

fn between_with(hostile: &[u8], limits: RuleLimits) -> RuleSet {
    let text = [good("before").as_bytes(), b"\n---\n", hostile, b"\n---\n", good("after").as_bytes()].concat();
    let set = RuleSet::builder().add_text("hostile.yml", text).with_limits(limits).build().unwrap();
    for title in ["before", "after"] {
        let event = event(&json!({"good": title}));
        let hits = set.matches(&event);
        assert!(hits.iter().any(|hit| set.rule(*hit).unwrap().title() == title), "{:?}", set.problems());
    }
    set
}

/// The problem by which hostile documents are left out, all of them.
fn refused(hostile: &[u8]) -> RuleProblem {
    let set = between(hostile);
    assert_eq!(set.len(), 2, "the document was taken");
    let problem = set.problems().iter().find(|problem| problem.left_out).unwrap().clone();
    assert!(problem.message.len() < 1_000, "a message of {} bytes", problem.message.len());
    assert!(problem.rule.as_ref().is_none_or(|rule| rule.len() < 1_000));
    problem
}

fn event(value: &Value) -> Event {
    Event::parse(value.to_string().as_bytes()).unwrap()
}

/// Does the only rule of the set match? The plain reading must say the same.
fn matches(set: &RuleSet, event: &Event) -> bool {
    let hit = !set.matches(event).is_empty();
    let title = set.rules().next().unwrap().title();
    let trace = set.explain(title, event).unwrap();
    assert_eq!(trace.matched, hit, "{}", trace.text);
    assert!(trace.text.len() < 10_000, "a reason of {} bytes", trace.text.len());
    hit
}

fn only(text: impl Into<Vec<u8>>) -> RuleSet {
    let set = RuleSet::builder().add_text("only.yml", text).build().unwrap();
    assert_eq!(set.problems(), []);
    set
}

#[test]
fn a_file_beyond_the_limit_is_read_no_further() {
    let path = std::env::temp_dir().join(format!("casegraph-hostile-{}.yml", std::process::id()));
    let file = std::fs::File::create(&path).unwrap();
    // A hole: nothing of it is on the disk, all of it would be in memory.
    file.set_len(1 << 40).unwrap();
    let set = RuleSet::builder().add_path(&path).add_text("good.yml", good("good")).build();
    std::fs::remove_file(&path).unwrap();
    let set = set.unwrap();
    assert_eq!((set.len(), set.problems().len()), (1, 1));
    assert_eq!(set.problems()[0].code, Code::Limit);
    assert!(set.problems()[0].message.ends_with("the limit `fileBytes`"), "{}", set.problems()[0]);
}

#[test]
fn yaml_bombs_are_refused_and_the_next_document_is_read() {
    let aliases = |levels: usize| {
        let mut text = "title: laughs\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..levels {
            let below = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        text
    };
    for (what, text, code, word) in [
        ("laughs", aliases(40), Code::Limit, "yamlNodes"),
        ("brackets", format!("a: {}", "[".repeat(10_000)), Code::Limit, "yamlDepth"),
        ("closed brackets", format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000)), Code::Limit, "yamlDepth"),
        ("braces", format!("a: {}", "{a: ".repeat(10_000)), Code::Limit, "yamlDepth"),
        ("dashes", "- ".repeat(10_000), Code::Limit, "yamlDepth"),
        ("question marks", "? ".repeat(10_000), Code::Limit, "yamlDepth"),
        ("anchors in anchors", (0..200).map(|n| format!("&a{n} [")).collect(), Code::Limit, "yamlDepth"),
        ("a loop", "a: &a [*a]".to_owned(), Code::Invalid, "alias"),
        ("no anchor", "a: *nothing".to_owned(), Code::Syntax, "anchor"),
        ("merge", "a: &a {b: 1}\nc: {<<: *a}".to_owned(), Code::Unsupported, "<<"),
        ("tag", "a: !!python/object:os.system x".to_owned(), Code::Unsupported, "tag"),
        ("tabs", "title: t\n\tdetection: x".to_owned(), Code::Syntax, "YAML"),
        ("a list as key", "? [a, b]\n: c".to_owned(), Code::Invalid, "key"),
        ("a mapping as key", "{{a: b}: c}".to_owned(), Code::Invalid, "key"),
        ("keys twice", "title: a\ntitle: b".to_owned(), Code::Invalid, "second time"),
        ("a text", "just a text".to_owned(), Code::Invalid, "mapping"),
        ("a list", "[1, 2]".to_owned(), Code::Invalid, "mapping"),
        ("an open quote", "a: \"".to_owned(), Code::Syntax, "YAML"),
        ("a megabyte of key", format!("{}: 1", "k".repeat(1 << 20)), Code::Syntax, "YAML"),
        ("numbers as keys", "1: 2\ntrue: 3\n~: 4".to_owned(), Code::Invalid, "title"),
    ] {
        let problem = refused(text.as_bytes());
        assert_eq!(problem.code, code, "{what}: {problem}");
        assert!(problem.message.contains(word), "{what}: {problem}");
    }
}

#[test]
fn bytes_that_are_no_text_cost_their_document_only() {
    for bad in [&b"\xff"[..], b"\xc3", b"\x00", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"] {
        let text = [good("x").as_bytes(), bad].concat();
        assert_eq!(refused(&text).code, Code::Syntax);
    }
    let wide: Vec<u8> = good("wide").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let error = RuleSet::builder().add_text("wide.yml", wide).build().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rule);
}

#[test]
fn other_line_ends_and_a_byte_order_mark_are_text() {
    let plain = written("T", "  sel:\n    f: [a, b]\n  condition: sel");
    let hash = only(plain.clone()).hash().to_owned();
    for text in [plain.replace('\n', "\r\n"), plain.replace('\n', "\r"), format!("\u{feff}{plain}")] {
        assert_eq!(only(text.clone()).hash(), hash, "{text:?}");
    }
}

#[test]
fn a_hundred_thousand_documents() {
    let empty = "---\n".repeat(100_000);
    let set = RuleSet::builder().add_text("empty.yml", format!("{empty}{}", good("last"))).build().unwrap();
    assert_eq!((set.len(), set.problems().len()), (1, 0));
    let same = format!("{}\n---\n", good("same")).repeat(20_000);
    let limits = RuleLimits { yaml_nodes: usize::MAX, ..RuleLimits::default() };
    let set = RuleSet::builder().add_text("same.yml", same).with_limits(limits).build().unwrap();
    assert_eq!((set.len(), set.problems().len()), (1, 19_999));
    assert!(set.problems().iter().all(|problem| problem.code == Code::Duplicate && problem.left_out));
    let bare = RuleSet::builder().add_text("bare.yml", "a: 1\n---\n".repeat(100_000)).build().unwrap_err();
    assert_eq!(bare.code(), ErrorCode::Rule);
}

#[test]
fn a_megabyte_as_a_value_and_a_million_values() {
    let long: String = (0..1 << 17).map(|n| format!("{n:07} ")).collect();
    let set = only(rule("long", &json!({"sel": {"f|contains": long}, "condition": "sel"})));
    assert!(matches(&set, &event(&json!({"f": format!("a{long}b")}))));
    assert!(!matches(&set, &event(&json!({"f": long.trim_end()}))));
    let many = "1, ".repeat(1_000_000);
    // All documents of a file share its limit, so the good one stands in another.
    let many = format!("title: many\ndetection: {{sel: {{f: [{many}]}}}}");
    let set = RuleSet::builder().add_text("many.yml", many).add_text("good.yml", good("good")).build().unwrap();
    let problem = &set.problems()[0];
    assert_eq!((set.len(), problem.code, problem.rule.as_deref()), (1, Code::Limit, Some("many")));
    let some: Vec<String> = (0..50_000).map(|n| format!("value {n}")).collect();
    let set = only(rule("some", &json!({"sel": {"f|contains": some}, "condition": "sel"})));
    assert!(matches(&set, &event(&json!({"f": "a value 49999 b"}))));
    assert!(!matches(&set, &event(&json!({"f": "a val"}))));
}

#[test]
fn a_megabyte_of_one_letter_as_a_value() {
    let long = "x".repeat(1 << 20);
    for key in ["f", "f|contains", "f|startswith", "f|endswith", "f|cased|contains"] {
        let set = only(rule("long", &json!({"sel": {key: long}, "condition": "sel"})));
        assert!(matches(&set, &event(&json!({"f": long}))));
        assert!(!matches(&set, &event(&json!({"f": "x".repeat((1 << 20) - 1)}))));
    }
    let set = only(rule("long", &json!({"sel": [long], "condition": "sel"})));
    assert!(matches(&set, &event(&json!({"f": long}))));
}

#[test]
fn condition_bombs_end_at_a_limit() {
    let sels: Map<String, Value> = (0..10_000).map(|n| (format!("sel{n}"), json!({"a": 1}))).collect();
    let with = |sels: &Map<String, Value>, condition: &str| {
        let mut detection = sels.clone();
        detection.insert("condition".to_owned(), json!(condition));
        rule("bomb", &Value::Object(detection))
    };
    let one = Map::from_iter([("sel".to_owned(), json!({"a": 1}))]);
    let (open, close) = ("(".repeat(10_000), ")".repeat(10_000));
    for (sels, condition, limit) in [
        (&one, format!("{open}sel{close}"), "conditionDepth"),
        (&one, open, "conditionDepth"),
        (&one, format!("{}sel", "not ".repeat(10_000)), "conditionDepth"),
        (&one, format!("{}sel", "sel or ".repeat(10_000)), "conditionTerms"),
        (&one, format!("{}sel", "1 of them and ".repeat(10_000)), "conditionTerms"),
        (&sels, "1 of *".to_owned(), "conditionTerms"),
        (&sels, "all of them".to_owned(), "conditionTerms"),
        (&sels, "1 of sel1*".to_owned(), "conditionTerms"),
    ] {
        let problem = refused(with(sels, &condition).as_bytes());
        assert_eq!(problem.code, Code::Limit, "{problem}");
        assert!(problem.message.contains(limit), "{problem}");
    }
    // Each of few words stands for many lines.
    let wide: Map<String, Value> = (0..10_000).map(|n| (format!("f{n}"), json!(1))).collect();
    let wide = Map::from_iter([("sel".to_owned(), Value::Object(wide))]);
    let problem = refused(with(&wide, &format!("{}sel", "sel or ".repeat(4_000))).as_bytes());
    assert_eq!(problem.code, Code::Limit, "{problem}");
    assert!(problem.message.contains("yamlNodes"), "{problem}");
    // Many stars are one, and are looked at once.
    let several: Map<String, Value> = (0..2_000).map(|n| (format!("sel{n}"), json!({"a": n}))).collect();
    let set = only(with(&several, &format!("1 of sel{}9", "*".repeat(1 << 20))));
    assert!(matches(&set, &event(&json!({"a": 1_999}))));
    assert!(!matches(&set, &event(&json!({"a": 1_998}))));
}

#[test]
fn an_explanation_names_a_long_selection_shortly() {
    let name = "n".repeat(1 << 20);
    let detection = json!({&name: {"a": 1}, "condition": vec!["1 of n*"; 1_000].join(" or ")});
    let long: Vec<u8> = rule("long", &detection).replace("{\"title\"", "{\n\"title\"").into();
    // YAML allows keys of 1,024 characters without `?`.
    let text = String::from_utf8(long).unwrap().replace(&format!("\"{name}\":"), &format!("? \"{name}\"\n:"));
    let set = only(text);
    let trace = set.explain("long", &event(&json!({"a": 1}))).unwrap();
    assert!(trace.matched);
    assert!(trace.conditions[0].text.len() < 10_000, "{} bytes", trace.conditions[0].text.len());
}

#[test]
fn modifier_bombs_end_at_a_limit() {
    let list = vec![" -a -b -c -d"; 10_000];
    for (key, value) in [
        ("f|windash|contains", json!(list)),
        ("f|windash|wide|base64offset|contains", json!(list)),
        ("f|windash", json!("-a ".repeat(1_000))),
        ("f|windash", json!("/".repeat(1 << 20))),
        ("f|base64offset|contains", json!(vec!["x".repeat(1 << 10); 5_000])),
        ("f|wide|base64offset|contains", json!(vec!["x".repeat(1 << 10); 3_000])),
        ("f|expand", json!("%twenty%".repeat(50))),
        ("f|expand", json!("%million%")),
        ("f|expand|windash|base64", json!(vec!["-%twenty%-%twenty%-%twenty%"; 100])),
    ] {
        let values = (0..1_000_000).map(|n: u32| n.to_string());
        let set = RuleSet::builder()
            .add_text("good.yml", good("good"))
            .add_text("bomb.yml", rule("bomb", &json!({"sel": {key: value}, "condition": "sel"})))
            .with_placeholder("million", values)
            .with_placeholder("twenty", vec!["-x"; 20])
            .build()
            .unwrap();
        assert_eq!(set.len(), 1, "{key}");
        assert_eq!(set.problems()[0].code, Code::Limit, "{key}: {}", set.problems()[0]);
        assert!(set.problems()[0].message.contains("the limit"), "{key}: {}", set.problems()[0]);
    }
    let chain = format!("f{}", "|contains".repeat(100_000));
    let problem = refused(format!("? {}\n: 1", rule("chain", &json!({"sel": {"f": 1}}))).as_bytes());
    assert_eq!(problem.code, Code::Invalid, "{problem}");
    let problem = refused(written("chain", &format!("  sel:\n    ? {chain}\n    : 1\n  condition: sel")).as_bytes());
    assert_eq!(problem.code, Code::Invalid, "{problem}");
}

#[test]
fn regular_expression_bombs_are_refused() {
    for bomb in ["(?:a{1000}){1000}", r"(\w{500}){500}", "((a{100}){100}){100}", r"(?i)\pL{1000}"] {
        let problem = refused(rule("bomb", &json!({"sel": {"f|re": bomb}, "condition": "sel"})).as_bytes());
        assert_eq!(problem.code, Code::Limit, "{problem}");
        assert!(problem.message.contains("regexProgramBytes"), "{problem}");
    }
    for (bad, code) in [("(", Code::Invalid), (r"(a)\1", Code::Unsupported), ("(?<!a)b", Code::Unsupported)] {
        let problem = refused(rule("bad", &json!({"sel": {"f|re": bad}, "condition": "sel"})).as_bytes());
        assert_eq!(problem.code, code, "{problem}");
    }
    let brackets = format!("{}a{}", "(".repeat(4_000), ")".repeat(4_000));
    refused(rule("deep", &json!({"sel": {"f|re": brackets}, "condition": "sel"})).as_bytes());
}

#[test]
fn what_refused_expressions_cost_is_counted_too() {
    let bomb = rule("bomb", &json!({"sel": {"f|re": r"\w{700}"}, "condition": "sel"}));
    let text = format!("{bomb}\n---\n").repeat(2_000);
    let set = between(text.as_bytes());
    let tried = set.problems().iter().filter(|problem| problem.message.contains("regexProgramBytes")).count();
    let limits = RuleLimits::default();
    assert!(tried <= limits.regex_bytes_per_file / limits.regex_program_bytes, "{tried} were compiled");
    assert!(set.problems().iter().any(|problem| problem.message.contains("regexBytesPerFile")));
}

#[test]
fn expressions_and_wildcards_look_once_at_a_megabyte() {
    let text = "a".repeat(1 << 20);
    let hostile = event(&json!({"f": text}));
    for (key, value) in [
        ("f|re", "(a+)+$b".to_owned()),
        ("f|re", "^(a|a)*$b".to_owned()),
        ("f|re", "(a*)*(a*)*b".to_owned()),
        ("f|contains", "*a*a*a*a*a*a*a*a*b".to_owned()),
        ("f", format!("{}b", "*a".repeat(10_000))),
        ("f", format!("*{}b*", "a?".repeat(20))),
        ("f|cased|contains", "aaaaaaaaaaaaaab".to_owned()),
        ("f|endswith", "?".repeat(10_000) + "b"),
    ] {
        let set = only(rule("one", &json!({"sel": {key: value}, "condition": "sel"})));
        assert!(!matches(&set, &hostile), "{key}: {value:.40}");
    }
    let set = only(rule("one", &json!({"sel": {"f|re": "(a+)+$"}, "condition": "sel"})));
    assert!(matches(&set, &hostile));
    let run = json!({"sel": {"f": format!("*{}b*", "a?".repeat(1_000))}, "condition": "sel"});
    let problem = refused(rule("run", &run).as_bytes());
    assert_eq!(problem.code, Code::Limit);
    assert!(problem.message.contains("wildcardRun"), "{problem}");
}

#[test]
fn circles_of_correlations_are_refused_and_chains_are_not() {
    let name = |n: usize| format!("c{n}");
    let circle = |length: usize| -> Vec<String> {
        (0..length).map(|n| correlation(&name(n), &[&name((n + 1) % length)])).collect()
    };
    for length in [1, 2, 3, 2_000] {
        let set = between(documents(&circle(length)).as_bytes());
        assert_eq!((set.len(), set.problems().len()), (2, length));
        for problem in set.problems() {
            assert_eq!((problem.code, problem.left_out), (Code::Invalid, true));
            assert!(problem.message.contains("refers to itself"), "{problem}");
        }
    }
    let limits = RuleLimits { yaml_nodes: usize::MAX, ..RuleLimits::default() };
    let mut chain: Vec<String> = (1..10_000).map(|n| correlation(&name(n), &[&name(n - 1)])).collect();
    chain.insert(0, correlation(&name(0), &["end"]));
    let broken = between_with(documents(&chain).as_bytes(), limits.clone());
    // The end is nowhere: all that builds on it is left out, each with a word.
    assert_eq!((broken.len(), broken.problems().len()), (2, 10_000));
    assert!(broken.problems().iter().all(|problem| problem.code == Code::UnknownReference && problem.left_out));
    chain.push(good("end").replacen('{', "{\"name\": \"end\", ", 1));
    let whole = between_with(documents(&chain).as_bytes(), limits);
    assert_eq!((whole.len(), whole.problems().len()), (10_003, 0));
    assert_eq!(whole.select(&Select::new().with_id("c100")).len(), 102);
}

#[test]
fn what_is_said_of_circles_does_not_grow_with_their_titles() {
    let long = |n: usize| format!("c{n}{}", "x".repeat(100_000));
    let circle: Vec<String> = (0..20).map(|n| correlation(&long(n), &[&long((n + 1) % 20)])).collect();
    let unknown = correlation("u", &[&"y\u{1b}[31m".repeat(100_000)]);
    let set = between(documents(&[documents(&circle), unknown]).as_bytes());
    assert_eq!((set.len(), set.problems().iter().filter(|problem| problem.left_out).count()), (2, 21));
    for problem in set.problems() {
        let text = problem.to_string() + problem.rule.as_deref().unwrap_or_default();
        assert!(text.len() < 2_000 && !text.contains('\u{1b}'), "{} bytes", text.len());
    }
}

#[test]
fn wide_correlations_cost_what_they_are_long() {
    let rules: Vec<String> =
        (0..1_000).map(|n| good(&format!("r{n}")).replacen('{', &format!("{{\"name\": \"r{n}\", "), 1)).collect();
    let names: Vec<String> = (0..1_000).map(|n| format!("r{n}")).collect();
    let fields = vec!["f"; 50_000];
    let body =
        json!({"type": "event_count", "rules": names, "group-by": fields, "timespan": "5m", "condition": {"gte": 2}});
    let wide = json!({"title": "wide", "correlation": body}).to_string();
    assert_eq!(between(documents(&[documents(&rules), wide]).as_bytes()).len(), 1_003);
    let many = correlation("many", &vec!["before"; 1_001]);
    assert_eq!(refused(many.as_bytes()).code, Code::Limit);
    let span = correlation("span", &["before"]).replace("5m", "99999999999999999999d");
    assert_eq!(refused(span.as_bytes()).code, Code::Invalid);
}

#[test]
fn names_that_are_taken_and_sources_of_the_same_name() {
    let named = |title: &str| good(title).replacen('{', "{\"name\": \"taken\", ", 1);
    let set = between(documents(&[named("first"), named("second")]).as_bytes());
    assert_eq!((set.len(), set.problems().len()), (3, 1));
    assert_eq!((set.problems()[0].code, set.problems()[0].rule.as_deref()), (Code::Duplicate, Some("second")));
    // A problem names a place; another document may stand at the same place of a source of the same name.
    let set = RuleSet::builder()
        .add_text("same.yml", correlation("lost", &["nobody"]))
        .add_text("same.yml", good("kept"))
        .build()
        .unwrap();
    assert_eq!(set.rules().map(|rule| rule.title()).collect::<Vec<_>>(), ["kept"]);
    assert_eq!(set.problems().len(), 1);
}

fn filter(title: &str, rules: Value, lines: usize) -> String {
    let sel: Map<String, Value> = (0..lines).map(|n| (format!("f{n}"), json!(n))).collect();
    let body = json!({"rules": rules, "sel": sel, "condition": "not sel"});
    json!({"title": title, "logsource": {"category": "test"}, "filter": body}).to_string()
}

#[test]
fn filters_for_nothing_and_filters_for_everything() {
    let set = between(filter("nothing", json!(["nobody"]), 1).as_bytes());
    assert_eq!((set.len(), set.problems().len()), (3, 1));
    assert_eq!((set.problems()[0].code, set.problems()[0].left_out), (Code::UnknownReference, false));
    // Ten lines for each of 1,002 rules are within the limit, a thousand are not.
    let rules: Vec<String> = (0..1_000).map(|n| good(&format!("r{n}"))).collect();
    let few = filter("few", json!("any"), 10);
    let many = filter("many", json!("any"), 1_000);
    let set = between(documents(&[documents(&rules), few, many]).as_bytes());
    assert_eq!((set.len(), set.problems().len()), (1_003, 1));
    let problem = &set.problems()[0];
    assert_eq!((problem.code, problem.rule.as_deref(), problem.left_out), (Code::Limit, Some("many"), true));
    assert!(problem.message.contains("filterLines"), "{problem}");
    let taken: Map<String, Value> = (0..10).map(|n| (format!("f{n}"), json!(n))).collect();
    let mut taken = Value::Object(taken);
    taken["good"] = json!("r7");
    assert!(set.matches(&event(&taken)).is_empty());
    let trace = set.explain("r7", &event(&taken)).unwrap();
    assert!(!trace.matched && trace.text.contains("a filter takes the match away"), "{}", trace.text);
    taken["f3"] = json!(4);
    assert_eq!(set.matches(&event(&taken)).len(), 1);
    assert!(set.explain("r7", &event(&taken)).unwrap().matched);
}

#[test]
fn long_paths_of_verdict_rules_are_refused() {
    for (path, steps) in [("parent.".repeat(1_000), 1_000), ("Parent.CHILD.".repeat(500), 1_000)] {
        let detection = json!({"sel": {format!("{path}verdict"): "malicious"}, "condition": "sel"});
        let rule = json!({"title": "long", "logsource": {"product": "casegraph", "category": "process"},
            "detection": detection, "level": "high"});
        let text = rule.to_string().replace(&format!("\"{path}verdict\":"), &format!("? \"{path}verdict\"\n:"));
        let problem = refused(text.as_bytes());
        assert_eq!(problem.code, Code::Limit, "{problem}");
        assert!(problem.message.contains(&format!("takes {steps} steps")), "{problem}");
    }
}

fn mapping_error(text: impl Into<String>) -> String {
    let set = RuleSet::builder().add_text("good.yml", good("good")).with_mapping("map.yml", text);
    let error = set.build().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Rule);
    error.to_string()
}

#[test]
fn hostile_mappings_are_refused() {
    let mut groups = "group: g0\nsources:\n  - {logsource: {category: x}}\n".to_owned();
    for level in 1..30 {
        let uses = format!("  - {{use: g{}}}\n", level - 1).repeat(10);
        groups.push_str(&format!("---\ngroup: g{level}\nsources:\n{uses}"));
    }
    let sources = "  - {}\n".repeat(100_000);
    let long = format!("group: g\nlogsource: {{category: {}}}\nsources:\n{sources}", "x".repeat(1 << 10));
    let values =
        format!("group: g\nwhen: {{f: [{}]}}\nlogsource: {{product: p}}\nsources:\n{sources}", "a, ".repeat(1_000));
    for (what, text, word) in [
        ("groups of groups", groups, "groups copied"),
        ("long names", long, "groups copied"),
        ("many values", values, "groups copied"),
        ("brackets", "[".repeat(10_000), "yamlDepth"),
        ("a zero byte", "shape: a\nhas: [[b]]\0\n".to_owned(), "NUL"),
        ("no mapping", "just a text".to_owned(), "mapping"),
        (
            "unknown keys",
            format!("shape: s\n{}", (0..100_000).map(|n| format!("k{n}: 1\n")).collect::<String>()),
            "1001 problems",
        ),
        ("documents", "a: 1\n---\n".repeat(100_000), "1001 problems"),
        ("an unknown group", "shape: s\nhas: [[a]]\nsources: [{use: nobody}]".to_owned(), "nobody"),
    ] {
        let error = mapping_error(text);
        assert!(error.contains(word) && error.len() < 2_000, "{what}: {error}");
    }
    let map = "\u{feff}shape: mine\nhas: [[mine]]\nsources:\n  - logsource: {product: p}\n";
    let set = RuleSet::builder().add_text("good.yml", good("good").replace("category", "product").replace("test", "p"));
    let set = set.with_mapping("map.yml", map).build().unwrap();
    assert!(matches(&set, &event(&json!({"mine": 1, "good": "good"}))));
    assert!(!matches(&set, &event(&json!({"good": "good"}))));
}

#[test]
fn hostile_events_are_read_or_refused_with_a_reason() {
    let nested = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let lists = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    let dotted = |dots: usize| format!("{{\"a{}\":1}}", ".a".repeat(dots));
    let members = |count: usize, of: fn(usize) -> String| {
        let members: Vec<String> = (0..count).map(of).collect();
        format!("{{{}}}", members.join(","))
    };
    let plain: fn(usize) -> String = |n| format!("\"k{n}\":1");
    let parted: fn(usize) -> String = |n| format!("\"k{n}.a\":1");
    let same: fn(usize) -> String = |_| "\"f\":1".to_owned();
    let digits = "9".repeat(10_000);
    for (what, json, values) in [
        ("64 deep", nested(64), Some(1)),
        ("65 deep", nested(65), None),
        ("10,000 deep", nested(10_000), None),
        ("63 lists", lists(63), Some(1)),
        ("10,000 lists", lists(10_000), None),
        ("unclosed lists", format!("{{\"a\":{}", "[".repeat(100_000)), None),
        ("63 dots", dotted(63), Some(1)),
        ("64 dots", dotted(64), None),
        ("half a million dots", dotted(500_000), None),
        ("dots in objects", format!("{{\"a{0}\":{{\"a{0}\":1}}}}", ".a".repeat(32)), None),
        ("nothing but dots", "{\"...\":1}".to_owned(), Some(1)),
        ("100,000 members", members(100_000, plain), Some(100_000)),
        ("100,001 members", members(100_001, plain), None),
        ("100,000 dotted members", members(100_000, parted), Some(100_000)),
        ("100,000 times one member", members(100_000, same), Some(100_000)),
        ("a list of 100,000", format!("{{\"f\":[{}1]}}", "1,".repeat(99_999)), Some(100_000)),
        ("a list of a million", format!("{{\"f\":[{}1]}}", "1,".repeat(1_000_000)), None),
        ("empty lists", format!("{{\"f\":[{}[]]}}", "[],".repeat(50_000)), Some(50_001)),
        ("zero bytes", "{\"f\":\"a\\u0000b\",\"\\u0000\":1}".to_owned(), Some(2)),
        ("a raw zero byte", "{\"f\":\"a\0b\"}".to_owned(), None),
        ("half a surrogate", r#"{"f":"\ud800"}"#.to_owned(), None),
        ("surrogates the wrong way", r#"{"f":"\udc00\ud800"}"#.to_owned(), None),
        ("a number of 10,000 digits", format!("{{\"f\":{digits}}}"), None),
        ("a fraction of 10,000 digits", format!("{{\"f\":0.{digits}}}"), Some(1)),
        ("a number just too big", "{\"f\":18446744073709551616}".to_owned(), Some(1)),
        ("no number", "{\"f\":NaN}".to_owned(), None),
        ("a great power", "{\"f\":1e999}".to_owned(), None),
        ("a megabyte", format!("{{\"f\":\"{}\"}}", "Ä".repeat(1 << 19)), Some(1)),
        ("a megabyte of name", format!("{{\"{}\":1}}", "Ä".repeat(1 << 19)), Some(1)),
        ("two objects", "{}{}".to_owned(), None),
        ("a list", "[{}]".to_owned(), None),
        ("nothing", String::new(), None),
    ] {
        let set = only(rule("f", &json!({"sel": {"f|contains": "q"}, "condition": "not sel"})));
        match (Event::parse(json.as_bytes()), values) {
            (Ok(event), Some(values)) => {
                assert_eq!(event.values().count(), values, "{what}");
                assert!(matches(&set, &event), "{what}");
            }
            (Err(error), None) => {
                assert!(matches!(error.code(), ErrorCode::Limit | ErrorCode::Syntax), "{what}: {error}");
                assert!(error.to_string().len() < 1_000, "{what}: {error}");
            }
            (found, _) => unreachable!("{what}: {:?}", found.map(|event| event.values().count())),
        }
    }
}

#[test]
fn members_twice_and_names_in_any_case_are_all_looked_at() {
    let set = only(rule("f", &json!({"sel": {"F.x|contains|all": ["a", "b"]}, "condition": "sel"})));
    for (json, hit) in [
        (r#"{"f":{"x":"a"},"F":{"X":"b"}}"#, true),
        (r#"{"f.x":"a","f":{"x":"b"}}"#, true),
        (r#"{"f":[{"x":"a"},{"x":["b"]}]}"#, true),
        (r#"{"f":{"x":"a","x":"b"}}"#, true),
        (r#"{"f":{"x":"a"},"x":"b"}"#, false),
    ] {
        assert_eq!(matches(&set, &Event::parse(json.as_bytes()).unwrap()), hit, "{json}");
    }
}

#[test]
fn two_long_lists_that_refer_to_each_other() {
    let list = |letter: char| -> Vec<String> { (0..50_000).map(|n| format!("{letter}{n}{letter}")).collect() };
    let event = event(&json!({"a": list('a'), "b": list('b')}));
    for key in ["a|fieldref", "a|fieldref|contains", "a|fieldref|startswith", "a|fieldref|endswith"] {
        let set = only(rule("refers", &json!({"sel": {key: "b"}, "condition": "sel"})));
        assert!(!matches(&set, &event));
    }
}

/// Words that rules and events share, so that they often meet.
const WORDS: &[&str] = &[
    "",
    "a",
    "A",
    "ab",
    "aab",
    "abab",
    "b",
    "ba",
    "Ä",
    "ä",
    "aäb",
    "ß",
    "ẞ",
    "Σ",
    "σ",
    "ς",
    "aς",
    "İ",
    "i",
    "ı",
    "\u{212a}",
    "k",
    "-a",
    "/a",
    "\u{2013}a",
    "x-a",
    " -a b",
    "1",
    "1.0",
    "01",
    "-1",
    "10",
    "1e1",
    "true",
    "TRUE",
    "false",
    "null",
    "missing",
    "192.0.2.7",
    "::ffff:192.0.2.7",
    "2001:db8::1",
    "2026-03-10T08:05:00Z",
    "2026-03-10 08:05:00",
    "1773129900",
    "YWI=",
    "eWFi",
    "a\u{0}\u{0}",
    "a\u{0}b\u{0}",
    "YQBiAA==",
    "a*b",
    "a?b",
    "a\\b",
    "\\a",
    "C:\\ab\\a.exe",
    "\n",
    "a\nb",
    "9223372036854775808",
    "a.b",
];

/// Words of rules: wildcards and escapes too.
const PATTERNS: &[&str] = &[
    "*",
    "?",
    "??",
    "a*",
    "*a",
    "*a*",
    "a*b",
    "*a*b*",
    "a?b",
    "*a?*",
    "?*",
    "*\\\\*",
    "\\*",
    "\\?",
    "a\\*b",
    "a\\?b",
    "\\\\a",
    "*ä*",
    "*Σ",
    "?ς",
    "%p%",
    "*%p%",
    "\\a.exe",
    "*\\a.exe",
    "\\\\a.exe",
];

const EXPRESSIONS: &[&str] = &[
    "a", "^a", "b$", "^a.b$", "(a|b)+", "[äÄ]", "^$", r"\d", r"\\", "A", "^.$", "(?i)ab", r"\bab\b", "σ", "k", r"^\w+$",
];

const FIELDS: &[&str] = &["a", "b.c", "Image"];

fn word() -> impl Strategy<Value = String> {
    let letters = vec(select(&['a', 'b', 'A', 'ä', 'Ä', 'ς', '-', '/', ' ', '1', '.', '\\'][..]), 0..5);
    prop_oneof![
        4 => select(WORDS).prop_map(str::to_owned),
        1 => letters.prop_map(|letters| letters.into_iter().collect()),
    ]
}

/// A value of a rule that any modifier takes.
fn textual() -> impl Strategy<Value = Value> {
    let letters = vec(select(&['a', 'b', 'ä', '*', '?', '\\'][..]), 0..6);
    prop_oneof![
        6 => word().prop_map(Value::from),
        3 => select(PATTERNS).prop_map(Value::from),
        2 => letters.prop_map(|letters| Value::from(letters.into_iter().collect::<String>())),
        1 => whole(),
    ]
}

fn wanted() -> impl Strategy<Value = Value> {
    prop_oneof![6 => textual(), 2 => whole(), 1 => any::<bool>().prop_map(Value::from), 1 => Just(Value::Null)]
}

/// A number that rules may name: beyond 64 bits it would be a text.
fn whole() -> impl Strategy<Value = Value> {
    number().prop_map(|value| if value.is_u64() && !value.is_i64() { json!(7) } else { value })
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-2..12_i64).prop_map(Value::from),
        select(&[0.5, 1.0, -1.0, 1e15, 1e300, 9_007_199_254_740_993.0][..]).prop_map(Value::from),
        select(&[i64::MAX, i64::MIN, 9_007_199_254_740_993, 1_773_129_900, 1_773_129_900_000][..])
            .prop_map(Value::from),
        Just(json!(u64::MAX)),
    ]
}

fn list(of: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec(of, 1..9).prop_map(|mut values| if values.len() == 1 { values.remove(0) } else { Value::from(values) })
}

/// A line of a detection: the key without its field, and the values. Some are not legal, and left out with a reason.
fn line() -> impl Strategy<Value = (String, Value)> {
    let text = ["", "|contains", "|startswith", "|endswith"];
    let more =
        ["", "", "", "|all", "|cased", "|neq", "|windash", "|expand", "|cased|all", "|neq|all", "|windash|expand"];
    let texts = (select(text.to_vec()), select(more.to_vec()), list(textual()));
    let plain = (select(vec!["", "", "|neq", "|cased", "|all"]), list(wanted()));
    let codes = [
        "|base64",
        "|base64offset|contains",
        "|wide",
        "|wide|base64offset|contains",
        "|utf16be|base64",
        "|utf16|contains",
    ];
    let encodable =
        word().prop_map(|word| if word.is_empty() { "a".into() } else { word.replace(['*', '?'], "b").into() });
    let coded = (select(codes.to_vec()), list(encodable));
    let comparisons =
        ["|gt", "|gte", "|lt", "|lte", "|hour", "|minute|gte", "|day", "|week|lt", "|month", "|year|gt", "|day|neq"];
    let compared = (select(comparisons.to_vec()), list(whole()));
    let flags = ["|re", "|re|i", "|re|m", "|re|s", "|re|all", "|re|i|neq"];
    let expression = (select(flags.to_vec()), vec(select(EXPRESSIONS), 1..4));
    let ranges = ["192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32", "::/0", "::ffff:192.0.2.0/120"];
    let range = (select(vec!["|cidr", "|cidr|all", "|cidr|neq"]), vec(select(ranges.to_vec()), 1..3));
    let reference = (select(text.to_vec()), select(vec!["", "|cased", "|all", "|neq"]), vec(select(FIELDS), 1..3));
    prop_oneof![
        3 => plain.prop_map(|(key, values)| (key.to_owned(), values)),
        6 => texts.prop_map(|(anchor, more, values)| (format!("{anchor}{more}"), values)),
        2 => coded.prop_map(|(key, values)| (key.to_owned(), values)),
        2 => compared.prop_map(|(key, values)| (key.to_owned(), values)),
        2 => expression.prop_map(|(key, values)| (key.to_owned(), json!(values))),
        1 => range.prop_map(|(key, values)| (key.to_owned(), json!(values))),
        1 => any::<bool>().prop_map(|is| ("|exists".to_owned(), json!(is))),
        2 => reference.prop_map(|(anchor, more, values)| (format!("|fieldref{anchor}{more}"), json!(values))),
    ]
}

fn map() -> impl Strategy<Value = Value> {
    vec((select(FIELDS), line()), 1..4).prop_map(|lines| {
        Value::Object(lines.into_iter().map(|(field, (key, values))| (format!("{field}{key}"), values)).collect())
    })
}

fn selection() -> impl Strategy<Value = Value> {
    let keyword = || prop_oneof![word().prop_map(Value::from), select(PATTERNS).prop_map(Value::from), number()];
    let tree = map().prop_recursive(2, 8, 3, |inner| vec(inner, 1..4).prop_map(Value::from));
    prop_oneof![
        8 => tree,
        1 => list(keyword()),
        1 => (select(vec!["|all", "|cased", "|contains|all", "|neq", "|startswith"]), list(keyword())).prop_map(|(key, values)| json!({key: values})),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = select(vec!["s0", "s1", "s2", "1 of s*", "all of s*", "1 of them", "all of *", "1 of *1"])
        .prop_map(str::to_owned);
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("not ({one})")),
            inner.clone().prop_map(|one| format!("not {one}")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} and {two})")),
            (inner.clone(), inner).prop_map(|(one, two)| format!("({one} or {two})")),
        ]
    })
}

fn detection() -> impl Strategy<Value = Value> {
    (vec(selection(), 3), vec(condition(), 1..3)).prop_map(|(selections, conditions)| {
        let named = selections.into_iter().enumerate().map(|(n, selection)| (format!("s{n}"), selection));
        Value::Object(named.chain([("condition".to_owned(), json!(conditions))]).collect())
    })
}

/// What rules of the test may be for: anything, or the logs that half of the events are of.
fn source() -> impl Strategy<Value = Value> {
    select(vec![
        json!({"category": "anything"}),
        json!({"product": "windows"}),
        json!({"category": "process_creation", "product": "windows"}),
    ])
}

fn found() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![6 => word().prop_map(Value::from), 3 => number(), 1 => any::<bool>().prop_map(Value::from), 1 => Just(Value::Null)];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![vec(inner.clone(), 0..4).prop_map(Value::from), inner.prop_map(|value| json!({"c": value})),]
    })
}

/// An event as text: members may come twice, in any case, dotted or nested, alone or as Windows writes its logs.
fn record() -> impl Strategy<Value = String> {
    let name = select(vec!["a", "A", "b.c", "B.C", "b", "B", "Image", "IMAGE", "image", "other"]);
    let members = vec((name, found()), 0..6);
    (members, 0..4).prop_map(|(members, dress)| {
        let members: Vec<String> = members.into_iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        let members = members.join(",");
        let after = |head: &str| if members.is_empty() { format!("{{{head}}}") } else { format!("{{{head},{members}}}") };
        match dress {
            0 | 1 => format!("{{{members}}}"),
            2 => after(r#""Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1"#),
            _ => format!(
                r#"{{"Event":{{"System":{{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1}},"EventData":{{{members}}}}}}}"#
            ),
        }
    })
}

/// The comparison below says something: most of its rules are legal, and its events match many of them.
#[test]
fn random_rules_are_legal_and_match() {
    let mut runner = TestRunner::deterministic();
    let (mut asked, mut legal, mut hits) = (0, 0, 0);
    for _ in 0..300 {
        let detection = detection().new_tree(&mut runner).unwrap().current();
        let record = record().new_tree(&mut runner).unwrap().current();
        asked += 1;
        let builder = RuleSet::builder().add_text("random.yml", rule("random", &detection));
        let Ok(set) = builder.with_placeholder("p", ["a", "*b", "ä"]).build() else { continue };
        legal += 1;
        hits += set.matches(&Event::parse(record.as_bytes()).unwrap()).len();
    }
    println!("{hits} of {legal} legal rules match, of {asked}");
    assert!(legal * 10 > asked * 9 && hits * 5 > legal, "{hits} of {legal} legal rules match, of {asked}");
}

proptest! {
    #![proptest_config(config(200))]

    /// The compiled matcher and the plain reading of the specification say the same of every rule and event.
    #[test]
    fn the_matcher_says_what_the_plain_reading_says(
        rules in vec((source(), detection()), 1..12),
        filters in vec(detection(), 0..2),
        records in vec(record(), 1..12),
    ) {
        let mut texts: Vec<String> = (rules.iter().zip(0..)).map(|((source, detection), n)| {
            json!({"title": format!("rule {n}"), "logsource": source, "detection": detection}).to_string()
        }).collect();
        texts.extend(filters.iter().zip(0..).map(|(detection, n)| {
            let mut body = detection.clone();
            body["rules"] = json!("any");
            json!({"title": format!("filter {n}"), "logsource": {"category": "anything"}, "filter": body}).to_string()
        }));
        texts.push(good("good"));
        let builder = RuleSet::builder().add_text("random.yml", documents(&texts));
        let set = builder.with_placeholder("p", ["a", "*b", "ä"]).build().unwrap();
        let mut matcher = set.matcher();
        for json in &records {
            let event = Event::parse(json.as_bytes()).unwrap();
            let hits = matcher.matches(&event).to_vec();
            prop_assert_eq!(&hits, &set.matches(&event), "a matcher that has seen other events, on {}", json);
            for rule in set.rules() {
                let Ok(trace) = set.explain(rule.title(), &event) else { continue };
                let text = &texts[rule.source().1 as usize / 2];
                prop_assert_eq!(trace.matched, hits.contains(&rule.index()), "{}\n{}\n{}", text, json, trace.text);
            }
        }
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in vec(any::<u8>(), 0..400), text in ".{0,200}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            let _ = RuleSet::builder().add_text("bytes.yml", input).build();
            let _ = RuleSet::builder().add_text("bytes.yml", [good("g").as_bytes(), b"\n---\n", input].concat()).build();
            let _ = RuleSet::builder().with_mapping("bytes.yml", String::from_utf8_lossy(input)).build();
            let _ = Event::parse(input);
        }
    }

    /// Rules of words that the reader knows, in an order that it does not.
    #[test]
    fn no_words_break_the_reader(
        words in vec(select(vec![
            "title", "logsource", "detection", "condition", "correlation", "filter", "rules", "any", "sel", "action", "global", "repeat",
            "reset", "product", "casegraph", "category", "verdict", "group", "shape", "sources", "use", "has", "when", "fields", "timespan", "5m",
            "type", "temporal", "event_count", "gte", "f|re", "f|contains|all", "|", "1 of them", "not", "(", "{", "}", "[", "]", ": ", ", ", "- ", "\n",
            "\n  ", "\n    ", "\n---\n", "&a ", "*a", "<<", "!!str ", "|\n", ">\n", "'", "\"", "# ", "~", "1", "? ", "%", "\t", "\r\n",
        ]), 0..60)
    ) {
        let text = words.concat();
        let _ = RuleSet::builder().add_text("words.yml", text.as_str()).build();
        let _ = RuleSet::builder().with_mapping("words.yml", text.as_str()).build();
        let one = rule("g", &json!({"sel": {"f": text}, "condition": text}));
        let _ = RuleSet::builder().add_text("words.yml", one).build();
    }
}
