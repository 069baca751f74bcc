use super::*;
use crate::rules::ast::{Comparison, Correlation, CorrelationKind, Filter};

fn correlation_text(members: &str) -> String {
    let indented: String = members.lines().map(|line| format!("  {line}\n")).collect();
    format!("title: C\ncorrelation:\n{indented}")
}

fn correlation(members: &str) -> Correlation {
    let (documents, problems) = read(&correlation_text(members));
    assert_eq!(problems, [], "{members}");
    match documents.into_iter().next().map(|document| document.body) {
        Some(Body::Correlation(correlation)) => correlation,
        other => panic!("{other:?}"),
    }
}

fn correlation_refusal(members: &str) -> (Code, String) {
    let (documents, problems) = read(&correlation_text(members));
    assert!(documents.is_empty(), "{members} was taken");
    problems.into_iter().find(|p| p.left_out).map(|p| (p.code, p.message)).unwrap()
}

#[test]
fn a_whole_correlation() {
    let found = correlation(
        "type: event_count\nrules: [failed_logon, other]\ngroup-by: [user, ip]\ntimespan: 5m\n\
         condition: {gte: 10, lt: 100}\naliases: {ip: {failed_logon: src, other: source}}\ngenerate: true",
    );
    assert_eq!(found.kind, CorrelationKind::EventCount);
    assert_eq!(found.rules, ["failed_logon", "other"]);
    assert_eq!(found.group_by, ["user", "ip"]);
    assert_eq!(found.timespan, 300_000);
    assert_eq!(found.conditions, [(Comparison::GreaterOrEqual, 10.0), (Comparison::Less, 100.0)]);
    assert_eq!(found.aliases.get("ip").and_then(|a| a.get("other")).map(String::as_str), Some("source"));
    assert!(found.generate);
}

#[test]
fn each_type_with_what_it_needs() {
    for (name, kind, condition) in [
        ("event_count", CorrelationKind::EventCount, "{gt: 1}"),
        ("value_count", CorrelationKind::ValueCount, "{field: [a, b], eq: 1}"),
        ("temporal", CorrelationKind::Temporal, "{gte: 2}"),
        ("temporal_ordered", CorrelationKind::TemporalOrdered, "{lte: 2}"),
        ("value_sum", CorrelationKind::ValueSum, "{field: a, neq: 1.5}"),
        ("value_avg", CorrelationKind::ValueAvg, "{field: a, gt: 1}"),
        ("value_median", CorrelationKind::ValueMedian, "{field: a, gt: 1}"),
        ("value_percentile", CorrelationKind::ValuePercentile, "{field: a, gt: 1, percentile: 99}"),
    ] {
        let found = correlation(&format!("type: {name}\nrules: one\ntimespan: 1h\ncondition: {condition}"));
        assert_eq!((found.kind, found.conditions.len()), (kind, 1), "{name}");
        assert_eq!((found.rules.as_slice(), found.generate), (["one".to_owned()].as_slice(), false));
        let percentile = match name {
            "value_median" => Some(50.0),
            "value_percentile" => Some(99.0),
            _ => None,
        };
        assert_eq!(found.percentile, percentile, "{name}");
    }
    let all = correlation("type: temporal\nrules: [a, b]\ntimespan: 1s");
    assert_eq!((all.conditions.as_slice(), all.group_by.as_slice()), ([].as_slice(), [].as_slice()));
}

#[test]
fn timespans() {
    let of = |text: &str| correlation(&format!("type: temporal\nrules: [a]\ntimespan: {text}")).timespan;
    assert_eq!([of("1s"), of("15m"), of("2h"), of("30d")], [1_000, 900_000, 7_200_000, 2_592_000_000]);
    for bad in
        ["5M", "1y", "2w", "5", "m", "0s", "-1m", "1.5h", "9223372036854775807d", "99999999999999999999s", "[1m]", ""]
    {
        let (code, message) = correlation_refusal(&format!("type: temporal\nrules: [a]\ntimespan: {bad}"));
        assert_eq!(code, Code::Invalid, "{bad}");
        assert!(message.contains("expected a number above 0 with `s`, `m`, `h` or `d`"), "{message}");
    }
}

#[test]
fn what_a_correlation_lacks_or_cannot_have() {
    let base = "rules: [a]\ntimespan: 1m\n";
    for (members, code, reason) in [
        ("type: event_count\n".to_owned() + base, Code::Invalid, "no `condition` in the correlation"),
        ("rules: [a]\ntimespan: 1m".to_owned(), Code::Invalid, "no `type` in the correlation"),
        ("type: temporal\ntimespan: 1m".to_owned(), Code::Invalid, "no `rules` in the correlation"),
        ("type: temporal\nrules: [a]".to_owned(), Code::Invalid, "no `timespan` in the correlation"),
        ("type: temporal\nrules: []\ntimespan: 1m".to_owned(), Code::Invalid, "a list as `correlation.rules`"),
        ("type: bogus\n".to_owned() + base, Code::Invalid, "`bogus` as `correlation.type`, expected one of"),
        ("type: temporal\nwindow: 3\n".to_owned() + base, Code::Unsupported, "`window` in a correlation"),
        ("type: temporal\ncondition: a and b\n".to_owned() + base, Code::Unsupported, "an expression over rules"),
        ("type: event_count\ncondition: many\n".to_owned() + base, Code::Invalid, "`many` as `correlation.condition`"),
        ("type: event_count\ncondition: {}\n".to_owned() + base, Code::Invalid, "no comparison in the condition"),
        ("type: event_count\ncondition: {gt: x}\n".to_owned() + base, Code::Invalid, "`x` as `correlation.condition`"),
        ("type: event_count\ncondition: {above: 1}\n".to_owned() + base, Code::Unsupported, "`above` in the condition"),
        ("type: value_count\ncondition: {gt: 1}\n".to_owned() + base, Code::Invalid, "no `field` in the condition"),
        ("type: value_sum\ncondition: {gt: 1, field: [a, b]}\n".to_owned() + base, Code::Invalid, "several fields"),
        ("type: value_percentile\ncondition: {gt: 1, field: a}\n".to_owned() + base, Code::Invalid, "no `percentile`"),
        (
            "type: value_percentile\ncondition: {gt: 1, field: a, percentile: 101}\n".to_owned() + base,
            Code::Invalid,
            "`101` as `correlation.condition.percentile`",
        ),
        ("type: temporal\ngenerate: maybe\n".to_owned() + base, Code::Invalid, "`maybe` as `correlation.generate`"),
        ("type: temporal\naliases: [a]\n".to_owned() + base, Code::Invalid, "a list as `correlation.aliases`"),
        ("type: temporal\ngroup-by: [{a: 1}]\n".to_owned() + base, Code::Invalid, "a list as `correlation.group-by`"),
    ] {
        let (found, message) = correlation_refusal(&members);
        assert_eq!(found, code, "{members}: {message}");
        assert!(message.starts_with(reason), "{members}: {message}");
    }
}

fn filter(members: &str) -> Filter {
    let indented: String = members.lines().map(|line| format!("  {line}\n")).collect();
    let (documents, problems) = read(&format!("title: F\nlogsource: {{product: test}}\nfilter:\n{indented}"));
    assert_eq!(problems, [], "{members}");
    match documents.into_iter().next().map(|document| document.body) {
        Some(Body::Filter(filter)) => filter,
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_spellings_of_a_filter_keep_their_condition() {
    use crate::rules::ast::Condition;
    let selects = filter("rules: [one, two]\nselection: {User|startswith: adm_}\ncondition: selection");
    assert_eq!(selects.rules, ["one", "two"]);
    assert_eq!(selects.conditions, [Condition::Selection(0)]);
    let keeps = filter("rules: one\nselection: {User|startswith: adm_}\ncondition: not selection");
    assert_eq!(keeps.rules, ["one"]);
    assert_eq!(keeps.conditions, [Condition::Not(Box::new(Condition::Selection(0)))]);
    assert_eq!(keeps.selections.len(), 1);
}

#[test]
fn a_filter_may_be_for_any_rule_and_must_say_so() {
    let none: [String; 0] = [];
    assert_eq!(filter("rules: any\nselection: {a: 1}\ncondition: selection").rules, none);
    for (members, reason) in [
        ("selection: {a: 1}\n  condition: selection", "no `rules` in the filter"),
        ("rules: []\n  selection: {a: 1}\n  condition: selection", "a list as `filter.rules`"),
        ("rules: any\n  selection: {a: 1}", "no `condition`"),
    ] {
        let (documents, problems) = read(&format!("title: F\nlogsource: {{product: t}}\nfilter:\n  {members}\n"));
        assert!(documents.is_empty(), "{members}");
        assert!(problems.first().unwrap().message.starts_with(reason), "{members}: {problems:?}");
    }
}
