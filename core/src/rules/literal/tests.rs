#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::type_complexity,
    reason = "tests say with a panic what failed"
)]

use serde_json::{Value as Json, json};

use super::*;
use crate::rules::ast::{Anchor, Cidr, Comparison, Number, Pattern, Place, Regex, TimePart, Token, Value};

struct Event(Json);

fn scalar(value: &Json) -> Scalar<'_> {
    match value {
        Json::Bool(value) => Scalar::Bool(*value),
        Json::Number(n) => n.as_i64().map_or_else(|| Scalar::Float(n.as_f64().unwrap()), Scalar::Int),
        Json::String(text) => Scalar::Text(text),
        _ => Scalar::Null,
    }
}

fn give<'r>(value: &'r Json, each: &mut dyn FnMut(Scalar<'r>)) {
    match value {
        Json::Array(values) => values.iter().for_each(|value| each(scalar(value))),
        value => each(scalar(value)),
    }
}

impl Record for Event {
    fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool {
        let found = self.0.as_object().unwrap().iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
        found.map(|(_, value)| give(value, each)).is_some()
    }

    fn all_values<'r>(&'r self, each: &mut dyn FnMut(Scalar<'r>)) {
        self.0.as_object().unwrap().values().for_each(|value| give(value, each));
    }
}

fn pattern(text: &str) -> Test {
    let mut tokens: Vec<Token> = Vec::new();
    for (at, literal) in text.split('*').enumerate() {
        if at > 0 {
            tokens.push(Token::Any);
        }
        if !literal.is_empty() {
            tokens.push(Token::Literal(literal.to_owned()));
        }
    }
    Test::Text(Pattern { tokens, cased: false })
}

fn cased(text: &str) -> Test {
    match pattern(text) {
        Test::Text(pattern) => Test::Text(Pattern { cased: true, ..pattern }),
        other => other,
    }
}

fn regex(pattern: &str, ignore_case: bool) -> Test {
    let compiled = regex::RegexBuilder::new(pattern).case_insensitive(ignore_case).build().unwrap();
    Test::Regex(Regex { pattern: pattern.to_owned(), ignore_case, multi_line: false, dot_all: false, compiled })
}

fn line(key: &str, tests: Vec<(&str, Test)>) -> Item {
    let mut parts = key.split('|');
    let field = parts.next().filter(|field| !field.is_empty()).map(str::to_owned);
    Item {
        field,
        key: key.to_owned(),
        all: key.contains("|all"),
        negated: key.contains("|neq"),
        values: tests.into_iter().map(|(text, form)| Value { text: text.to_owned(), forms: vec![form] }).collect(),
        place: Place { line: 12, column: 9 },
    }
}

fn fits(key: &str, tests: Vec<Test>, event: Json) -> bool {
    item(&line(key, tests.into_iter().map(|test| ("", test)).collect()), &Event(event))
}

fn selection(name: &str, node: Node) -> Selection {
    Selection { name: name.to_owned(), node }
}

fn not(index: u32) -> Condition {
    Condition::Not(Box::new(Condition::Selection(index)))
}

#[test]
fn trap_case_is_ignored_beyond_ascii_unless_cased() {
    assert!(fits("User", vec![pattern("JÜRGEN")], json!({"User": "jürgen"})));
    assert!(fits("User", vec![pattern("*ΣΗΣ")], json!({"User": "Κωνσταντίνος ΒΑΣΗΣ".to_lowercase()})));
    assert!(fits("user", vec![pattern("a")], json!({"USER": "A"})));
    assert!(!fits("User|cased", vec![cased("Jürgen")], json!({"User": "jürgen"})));
    assert!(fits("User|cased", vec![cased("Jürgen")], json!({"User": "Jürgen"})));
}

#[test]
fn trap_numbers_and_text() {
    let one = || vec![Test::Number(Number::Int(1))];
    for (event, expected) in [
        (json!({"EventID": 1}), true),
        (json!({"EventID": "1"}), true),
        (json!({"EventID": 1.0}), true),
        (json!({"EventID": "01"}), true),
        (json!({"EventID": "0x1"}), false),
        (json!({"EventID": 11}), false),
        (json!({"EventID": "1e0"}), false),
        (json!({"EventID": true}), false),
        (json!({"EventID": null}), false),
        (json!({}), false),
    ] {
        assert_eq!(fits("EventID", one(), event.clone()), expected, "{event}");
    }
    assert!(fits("EventID", vec![pattern("1")], json!({"EventID": 1})));
    assert!(fits("EventID", vec![pattern("46*")], json!({"EventID": 4688})));
    assert!(!fits("EventID", vec![pattern("1")], json!({"EventID": 1.0})));
    assert!(fits("Signed", vec![pattern("TRUE")], json!({"Signed": true})));
    assert!(!fits("N", vec![Test::Number(Number::Float(9007199254740992.0))], json!({"N": 9007199254740993i64})));
}

#[test]
fn trap_booleans_and_text() {
    for (event, expected) in [
        (json!({"Signed": true}), true),
        (json!({"Signed": "true"}), true),
        (json!({"Signed": "TRUE"}), true),
        (json!({"Signed": false}), false),
        (json!({"Signed": "yes"}), false),
        (json!({"Signed": 1}), false),
        (json!({}), false),
    ] {
        assert_eq!(fits("Signed", vec![Test::Bool(true)], event.clone()), expected, "{event}");
    }
}

#[test]
fn trap_a_missing_field_is_not_an_empty_string() {
    let tests: [(&str, fn() -> Test); 4] = [
        ("empty", || pattern("")),
        ("null", || Test::Null),
        ("exists", || Test::Exists(true)),
        ("exists not", || Test::Exists(false)),
    ];
    for (event, expected) in [
        (json!({}), [false, true, false, true]),
        (json!({"F": null}), [false, true, true, false]),
        (json!({"F": ""}), [true, false, true, false]),
        (json!({"F": []}), [false, true, true, false]),
        (json!({"F": [null]}), [false, true, true, false]),
        (json!({"F": ["", "a"]}), [true, false, true, false]),
        (json!({"F": "a"}), [false, false, true, false]),
    ] {
        for ((name, test), expected) in tests.iter().zip(expected) {
            assert_eq!(fits("F", vec![test()], event.clone()), expected, "{name} {event}");
        }
    }
    assert!(!fits("F", vec![pattern("*")], json!({"F": null})));
    assert!(fits("F", vec![pattern("*")], json!({"F": ""})));
}

#[test]
fn trap_not_over_a_missing_field_is_true() {
    let selections = [selection("filter", Node::Item(line("User", vec![("adm_*", pattern("adm_*"))])))];
    assert!(matches(&selections, &[not(0)], &Event(json!({}))));
    assert!(matches(&selections, &[not(0)], &Event(json!({"User": "ann"}))));
    assert!(!matches(&selections, &[not(0)], &Event(json!({"User": "ADM_ann"}))));
}

#[test]
fn trap_neq_wants_a_present_field() {
    for (event, expected) in [
        (json!({}), false),
        (json!({"User": "ann"}), false),
        (json!({"User": "bob"}), false),
        (json!({"User": "eve"}), true),
        (json!({"User": ["eve", "ann"]}), false),
        (json!({"User": ["eve", "joe"]}), true),
        (json!({"User": null}), true),
        (json!({"User": []}), true),
    ] {
        assert_eq!(fits("User|neq", vec![pattern("ann"), pattern("bob")], event.clone()), expected, "{event}");
    }
    assert!(fits("User|neq", vec![Test::Null], json!({"User": ""})));
    assert!(!fits("User|neq", vec![Test::Null], json!({"User": null})));
    assert!(!fits("User|neq", vec![Test::Null], json!({})));
    assert!(fits("A|fieldref|neq", vec![reference("B", Anchor::Whole)], json!({"A": "x", "B": "y"})));
    assert!(!fits("A|fieldref|neq", vec![reference("B", Anchor::Whole)], json!({"A": "x", "B": "X"})));
}

fn reference(field: &str, anchor: Anchor) -> Test {
    Test::Reference { field: field.to_owned(), anchor, cased: false }
}

#[test]
fn trap_fieldref_may_be_anchored() {
    for (anchor, a, b, expected) in [
        (Anchor::Whole, json!("abc"), json!("ABC"), true),
        (Anchor::Whole, json!("abc"), json!("ab"), false),
        (Anchor::Start, json!("abc"), json!("AB"), true),
        (Anchor::Start, json!("abc"), json!("bc"), false),
        (Anchor::End, json!("abc"), json!("BC"), true),
        (Anchor::End, json!("abc"), json!("ab"), false),
        (Anchor::Anywhere, json!("abc"), json!("b"), true),
        (Anchor::Anywhere, json!("abc"), json!("x"), false),
        (Anchor::Whole, json!(["x", "y"]), json!(["z", "Y"]), true),
        (Anchor::Whole, json!(["x", "y"]), json!(["z"]), false),
        (Anchor::Whole, json!(7), json!("7"), true),
        (Anchor::Whole, json!(null), json!(null), false),
    ] {
        let event = json!({"A": a, "B": b});
        assert_eq!(fits("A|fieldref", vec![reference("B", anchor)], event.clone()), expected, "{anchor:?} {event}");
    }
    assert!(!fits("A|fieldref", vec![reference("B", Anchor::Whole)], json!({"A": "x"})));
    let strict = Test::Reference { field: "B".to_owned(), anchor: Anchor::Whole, cased: true };
    assert!(!fits("A|fieldref|cased", vec![strict], json!({"A": "x", "B": "X"})));
}

#[test]
fn trap_arrays_match_by_any_element() {
    let event = json!({"Hashes": ["SHA1=AA", "MD5=BB"], "Empty": []});
    assert!(fits("Hashes", vec![pattern("md5=bb")], event.clone()));
    assert!(fits("Hashes|contains|all", vec![pattern("*sha1*"), pattern("*md5*")], event.clone()));
    assert!(!fits("Hashes|contains|all", vec![pattern("*sha1*"), pattern("*sha256*")], event.clone()));
    assert!(!fits("Empty", vec![pattern("*")], event));
}

#[test]
fn trap_keywords_are_looked_for_in_values_and_not_in_names() {
    let event = json!({"Message": "ran mimikatz.exe", "EventID": 4688, "Tags": ["a", "lateral"]});
    for (word, expected) in [("*MIMIKATZ*", true), ("*4688*", true), ("*later*", true), ("*message*", false)] {
        assert_eq!(fits("", vec![pattern(word)], event.clone()), expected, "{word}");
    }
    assert!(fits("|all", vec![pattern("*mimikatz*"), pattern("*lateral*")], event.clone()));
    assert!(!fits("|all", vec![pattern("*mimikatz*"), pattern("*nothing*")], event));
}

#[test]
fn trap_regular_expressions_mind_case_and_match_anywhere() {
    let event = json!({"CommandLine": "powershell -ENC abc", "N": 4711});
    assert!(!fits("CommandLine|re", vec![regex(" -enc ", false)], event.clone()));
    assert!(fits("CommandLine|re|i", vec![regex(" -enc ", true)], event.clone()));
    assert!(fits("N|re", vec![regex("^47", false)], event));
}

#[test]
fn trap_backslash_and_wildcard_characters_are_themselves_in_literals() {
    let literal = |text: &str| Test::Text(Pattern { tokens: vec![Token::Literal(text.to_owned())], cased: false });
    assert!(fits("P", vec![literal(r"\\host\c$\*?")], json!({"P": r"\\HOST\C$\*?"})));
    assert!(!fits("P", vec![literal("*")], json!({"P": "x"})));
}

#[test]
fn trap_windash_forms_are_alternatives_within_all() {
    let mut item_ = line("CommandLine|windash|contains|all", vec![("-f", pattern("*-f*")), ("x", pattern("*x*"))]);
    item_.values[0].forms.push(pattern("*/f*"));
    item_.values[0].forms.push(pattern("*\u{2014}f*"));
    for (text, expected) in [("x -f", true), ("x /F", true), ("x —f", true), ("x f", false), (" /f", false)] {
        assert_eq!(item(&item_, &Event(json!({"CommandLine": text}))), expected, "{text}");
    }
}

#[test]
fn comparisons_of_numbers_and_of_nothing_else() {
    let over = || vec![Test::Compare(Comparison::Greater, Number::Int(10))];
    for (value, expected) in [
        (json!(11), true),
        (json!(10), false),
        (json!(10.5), true),
        (json!("11"), true),
        (json!("9"), false),
        (json!("0xFF"), false),
        (json!("many"), false),
        (json!(true), false),
        (json!(null), false),
        (json!([1, 11]), true),
    ] {
        assert_eq!(fits("N|gt", over(), json!({"N": value.clone()})), expected, "{value}");
    }
}

#[test]
fn parts_of_dates_compare() {
    let hour = |comparison, n| vec![Test::TimePart(TimePart::Hour, comparison, Number::Int(n))];
    let event = json!({"UtcTime": "2024-05-01 22:10:00.123"});
    assert!(fits("UtcTime|hour", hour(Comparison::Equal, 22), event.clone()));
    assert!(fits("UtcTime|hour|gte", hour(Comparison::GreaterOrEqual, 20), event.clone()));
    assert!(!fits("UtcTime|hour", hour(Comparison::NotEqual, 22), event));
    assert!(!fits("UtcTime|hour", hour(Comparison::NotEqual, 22), json!({"UtcTime": "soon"})));
}

#[test]
fn addresses_are_read_from_text() {
    let net = || vec![Test::Cidr(Cidr { base: "198.51.100.0".parse().unwrap(), bits: 24 })];
    assert!(fits("Ip|cidr", net(), json!({"Ip": ["203.0.113.1", "::ffff:198.51.100.9"]})));
    assert!(!fits("Ip|cidr", net(), json!({"Ip": "198.51.100.9:443"})));
}

#[test]
fn one_value_can_be_asked_alone() {
    let event = Event(json!({"B": "x"}));
    assert!(test(&pattern("*A*"), Scalar::Text("bab"), &event));
    assert!(test(&Test::Null, Scalar::Null, &event) && !test(&Test::Null, Scalar::Text(""), &event));
    assert!(test(&Test::Exists(true), Scalar::Null, &event) && !test(&Test::Exists(false), Scalar::Null, &event));
    assert!(test(&reference("B", Anchor::Whole), Scalar::Text("X"), &event));
}

#[test]
fn conditions_join_selections() {
    let selections = [
        selection("a", Node::Item(line("A", vec![("1", pattern("1"))]))),
        selection("b", Node::Any(vec![Node::Item(line("B", vec![("1", pattern("1"))])), Node::All(vec![])])),
    ];
    let both = Condition::All(vec![Condition::Selection(0), Condition::Selection(1)]);
    let event = Event(json!({"A": "1"}));
    assert!(matches(&selections, std::slice::from_ref(&both), &event));
    assert!(!matches(&selections, &[not(0), not(1)], &event));
    assert!(matches(&selections, &[not(1), Condition::Any(vec![Condition::Selection(0)])], &event));
    assert!(!matches(&selections, &[], &event));
    assert!(!matches(&selections, &[Condition::Selection(9)], &event));
}

fn encoded() -> ([Selection; 2], [Condition; 1]) {
    let item = line("CommandLine|contains", vec![("-enc", pattern("*-enc*")), ("-e ", pattern("*-e *"))]);
    let image = line("Image|endswith", vec![("\\powershell.exe", pattern("*\\powershell.exe"))]);
    let selections = [
        selection("selection", Node::All(vec![Node::Item(image), Node::Item(item)])),
        selection("filter", Node::Item(line("User", vec![("adm", pattern("adm"))]))),
    ];
    (selections, [Condition::All(vec![Condition::Selection(0), not(1)])])
}

#[test]
fn explanations_name_item_line_and_value() {
    let (selections, conditions) = encoded();
    for (event, expected) in [
        (
            json!({"Image": "C:\\powershell.exe", "CommandLine": "whoami /all"}),
            "did not match: `selection` failed at `CommandLine|contains` (line 12): `whoami /all` holds none of `-enc`, `-e `",
        ),
        (
            json!({"Image": "C:\\powershell.exe"}),
            "did not match: `selection` failed at `CommandLine|contains` (line 12): `CommandLine` is missing",
        ),
        (
            json!({"Image": "C:\\cmd.exe", "User": "ADM"}),
            "did not match: `selection` failed at `Image|endswith` (line 12): `C:\\cmd.exe` does not fit \
             `\\powershell.exe`; `filter` holds (User = `ADM`)",
        ),
        (
            json!({"Image": "C:\\powershell.exe", "CommandLine": "x\n-enc y"}),
            "matched: `selection` holds (Image = `C:\\powershell.exe`, CommandLine = `x\u{fffd}-enc y`), `filter` does not",
        ),
    ] {
        let trace = explain(&selections, &conditions, &Event(event.clone()));
        assert_eq!(trace.text, expected);
        assert_eq!(trace.matched, matches(&selections, &conditions, &Event(event)));
        assert_eq!(trace.conditions[0].text, "selection and not filter");
    }
}

#[test]
fn explanations_have_every_item() {
    let (selections, conditions) = encoded();
    let event = Event(json!({"Image": ["x", "C:\\powershell.exe"], "User": "missing"}));
    let trace = serde_json::to_value(explain(&selections, &conditions, &event)).unwrap();
    assert_eq!(
        trace["selections"],
        json!([
            {"name": "selection", "matched": false, "used": true, "items": [
                {"key": "Image|endswith", "field": "Image", "matched": true, "present": true,
                 "wanted": ["\\powershell.exe"], "unmet": [], "found": ["x", "C:\\powershell.exe"],
                 "decidedBy": "C:\\powershell.exe", "line": 12, "column": 9},
                {"key": "CommandLine|contains", "field": "CommandLine", "matched": false, "present": false,
                 "wanted": ["-enc", "-e "], "unmet": ["-enc", "-e "], "found": ["missing"], "line": 12, "column": 9},
            ]},
            {"name": "filter", "matched": false, "used": true, "items": [
                {"key": "User", "field": "User", "matched": false, "present": true, "wanted": ["adm"], "unmet": ["adm"],
                 "found": ["missing"], "line": 12, "column": 9},
            ]},
        ])
    );
}

#[test]
fn explanations_stay_short() {
    let many: Vec<String> = (0..100).map(|n| format!("value {n}")).collect();
    let wanted = many.iter().map(|text| (text.as_str(), pattern(text))).collect();
    let selections = [selection("s", Node::Item(line("F", wanted)))];
    let long = "ü".repeat(1 << 20);
    let trace = explain(&selections, &[Condition::Selection(0)], &Event(json!({"F": long})));
    let item = &trace.selections[0].items[0];
    assert_eq!(item.wanted.len(), 21);
    assert_eq!(item.wanted[20], "… (80 values left out)");
    assert_eq!(item.found[0], format!("{}… ({} characters left out)", "ü".repeat(160), (1 << 20) - 160));
    assert!(trace.text.len() < 1000, "{}", trace.text);
    assert!(trace.text.ends_with("fits none of `value 0`, `value 1`, `value 2`, `value 3`, `value 4`, …"));
}

#[test]
fn explanations_of_negation_all_and_unused() {
    let selections = [
        selection("a", Node::Item(line("A|contains|all", vec![("x", pattern("*x*")), ("y", pattern("*y*"))]))),
        selection("b", Node::Item(line("B|neq", vec![("z", pattern("z"))]))),
        selection("c", Node::Item(line("C", vec![("", Test::Null)]))),
    ];
    let event = Event(json!({"A": "x", "B": "Z"}));
    let said = |condition: Condition| explain(&selections, &[condition], &event).text;
    assert_eq!(said(Condition::Selection(0)), "did not match: `a` failed at `A|contains|all` (line 12): `x` lacks `y`");
    assert_eq!(
        said(Condition::Selection(1)),
        "did not match: `b` failed at `B|neq` (line 12): `Z` is what it must differ from"
    );
    assert_eq!(said(Condition::Selection(2)), "matched: `c` holds (C is missing)");
    assert_eq!(said(Condition::Any(vec![])), "did not match: no selection decides");
    let any = Condition::Any((0..3).map(Condition::Selection).collect());
    let trace = explain(&selections, &[any, not(0)], &event);
    assert_eq!(trace.text, "matched: `c` holds (C is missing)");
    assert_eq!(trace.conditions.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(), ["a or b or c", "not a"]);
    assert!(!explain(&selections, &[not(0)], &event).selections[2].used);
}
