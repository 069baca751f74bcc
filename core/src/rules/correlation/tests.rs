#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say with a panic what failed")]

use indexmap::IndexMap;

use super::*;
use crate::rules::ast::{Body, Comparison, Correlation, Document, Meta, Place};
use crate::rules::problem::{RuleProblem, RuleProblemCode};

use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
use CorrelationKind::{
    EventCount, Temporal, TemporalOrdered, ValueAvg, ValueCount, ValueMedian, ValuePercentile, ValueSum,
};

fn correlation(kind: CorrelationKind, rules: &str, timespan: i64, conditions: &[(Comparison, f64)]) -> Correlation {
    let measured = !matches!(kind, EventCount | Temporal | TemporalOrdered);
    Correlation {
        kind,
        rules: rules.split(' ').filter(|rule| !rule.is_empty()).map(str::to_owned).collect(),
        group_by: Vec::new(),
        timespan,
        conditions: conditions.to_vec(),
        fields: if measured { vec!["n".to_owned()] } else { Vec::new() },
        percentile: None,
        aliases: IndexMap::new(),
        generate: false,
    }
}

fn document(name: &str, correlation: Correlation) -> Document {
    Document {
        meta: Meta { title: name.to_uppercase(), name: Some(name.to_owned()), ..Meta::default() },
        source: "rules.yml".to_owned(),
        place: Place { line: 1, column: 1 },
        hash: String::new(),
        body: Body::Correlation(correlation),
    }
}

/// Rules `a` to `h` are 0 to 7.
fn rule(name: &str) -> Option<u32> {
    match name.as_bytes() {
        [letter @ b'a'..=b'h'] => Some(u32::from(letter - b'a')),
        _ => None,
    }
}

fn resolved(correlations: Vec<(&str, Correlation)>) -> (Plan, Vec<RuleProblem>) {
    let documents: Vec<Document> = correlations.into_iter().map(|(name, one)| document(name, one)).collect();
    resolve(&documents.iter().collect::<Vec<_>>(), &rule)
}

fn planned(correlations: Vec<(&str, Correlation)>) -> Plan {
    let (plan, problems) = resolved(correlations);
    assert_eq!(problems, []);
    plan
}

/// `a@5` is a match of rule a at 5; events are numbered in order.
fn at(text: &str) -> Vec<Match> {
    let one = |(part, event): (&str, u32)| {
        let (name, time) = part.split_once('@').unwrap();
        Match { rule: rule(name).unwrap(), time: time.parse().ok(), event }
    };
    text.split_whitespace().zip(0..).map(one).collect()
}

/// Fields of events: `[("user", ["ann", ""])]` is the user of the events 0 and 1; blank is missing, `|` parts a list.
type Table<'t> = &'t [(&'t str, &'t [&'t str])];

fn run_with(plan: &Plan, matches: &[Match], table: Table<'_>, limits: &Limits) -> Outcome {
    let values = |event: u32, field: &str, each: &mut dyn FnMut(&str)| {
        let column = table.iter().find(|(name, _)| *name == field);
        let cell = column.and_then(|(_, cells)| cells.get(event as usize)).filter(|cell| !cell.is_empty());
        cell.into_iter().flat_map(|cell| cell.split('|')).for_each(each);
    };
    correlate(plan, matches, &values, limits)
}

fn run(one: Correlation, matches: &str, table: Table<'_>) -> Outcome {
    run_with(&planned(vec![("x", one)]), &at(matches), table, &Limits::default())
}

/// First, last and value of each result.
fn seen(outcome: &Outcome) -> Vec<(i64, i64, f64)> {
    outcome.results.iter().map(|one| (one.first, one.last, one.value)).collect()
}

struct Lcg(u64);

impl Lcg {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[test]
fn windows_slide_and_hold_both_ends() {
    let three = || correlation(EventCount, "a", 10, &[(GreaterOrEqual, 3.0)]);
    for (matches, expected) in [
        ("a@0 a@5 a@10", vec![(0, 10, 3.0)]),
        ("a@0 a@5 a@11", vec![]),
        // Neither of the fixed buckets 0 to 9 and 10 to 19 holds three.
        ("a@8 a@9 a@10 a@19", vec![(8, 19, 3.0)]),
        ("a@8 a@9 a@12 a@30", vec![(8, 12, 3.0)]),
        ("a@0 a@0 a@0", vec![(0, 0, 3.0)]),
        ("b@0 a@1 a@2", vec![]),
        ("a@-9 a@-5 a@0", vec![(-9, 0, 3.0)]),
        ("a@-9223372036854775808 a@9223372036854775807", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(seen(&run(three(), matches, &[])), expected, "{matches}");
    }
}

#[test]
fn a_burst_is_reported_once() {
    let two = correlation(EventCount, "a", 10, &[(GreaterOrEqual, 2.0)]);
    let outcome = run(two, "a@0 a@10 a@20 a@30 a@100 a@101 a@102 a@200", &[]);
    assert_eq!(seen(&outcome), [(0, 30, 2.0), (100, 102, 3.0)]);
    let first = &outcome.results[0];
    assert_eq!((first.events.as_slice(), first.since), ([0, 1, 2, 3].as_slice(), 10));
    let each = correlation(EventCount, "a", 10, &[(GreaterOrEqual, 1.0)]);
    assert_eq!(seen(&run(each, "a@0 a@10 a@21", &[])), [(0, 10, 2.0), (21, 21, 1.0)]);
}

#[test]
fn all_comparisons() {
    for (conditions, expected) in [
        (vec![(Greater, 2.0)], vec![(0, 3, 4.0)]),
        (vec![(GreaterOrEqual, 2.0), (LessOrEqual, 3.0)], vec![(0, 2, 3.0)]),
        (vec![(Equal, 4.0)], vec![(0, 3, 4.0)]),
        (vec![(NotEqual, 1.0)], vec![(0, 3, 4.0)]),
        (vec![(Less, 3.0)], vec![(0, 1, 1.0), (50, 50, 1.0)]),
        (vec![(LessOrEqual, 1.0)], vec![(0, 0, 1.0), (50, 50, 1.0)]),
    ] {
        let one = correlation(EventCount, "a", 10, &conditions);
        assert_eq!(seen(&run(one, "a@0 a@1 a@2 a@3 a@50", &[])), expected, "{conditions:?}");
    }
}

#[test]
fn groups_mind_fields_and_not_case() {
    let mut one = correlation(EventCount, "a", 10, &[(GreaterOrEqual, 2.0)]);
    one.group_by = vec!["user".to_owned(), "host".to_owned()];
    let table: Table<'_> = &[
        ("user", &["Ann", "bob", "ANN", "ann", "", "", "x|y", "Y|x"]),
        ("host", &["h", "h", "H", "g", "h", "h", "h", "h"]),
    ];
    let outcome = run(one, "a@0 a@0 a@1 a@1 a@2 a@2 a@3 a@3", table);
    let pair = |field: &str, value: &str| (field.to_owned(), value.to_owned());
    let groups: Vec<_> = outcome.results.iter().map(|one| (one.group.clone(), one.events.clone())).collect();
    assert_eq!(
        groups,
        [
            (vec![pair("user", "Ann"), pair("host", "h")], vec![0, 2]),
            (vec![pair("host", "h")], vec![4, 5]),
            (vec![pair("user", "x, y"), pair("host", "h")], vec![6, 7]),
        ]
    );
}

#[test]
fn an_event_that_several_rules_match_counts_once() {
    let mut matches = at("a@0 b@0 a@1");
    matches[1].event = 0;
    matches[2].event = 1;
    let plan = planned(vec![("x", correlation(EventCount, "a b", 10, &[(GreaterOrEqual, 1.0)]))]);
    let outcome = run_with(&plan, &matches, &[], &Limits::default());
    assert_eq!(seen(&outcome), [(0, 1, 2.0)]);
    matches.extend_from_within(..);
    assert_eq!(run_with(&plan, &matches, &[], &Limits::default()).results, outcome.results);
}

#[test]
fn distinct_values_and_tuples() {
    let table: Table<'_> = &[("n", &["x", "X", "y", "", "z|x"]), ("m", &["1", "2", "2", "2", "1"])];
    let one = correlation(ValueCount, "a", 10, &[(GreaterOrEqual, 2.0)]);
    let outcome = run(one, "a@0 a@1 a@2 a@3 a@4", table);
    assert_eq!(seen(&outcome), [(0, 4, 3.0)]);
    assert_eq!(outcome.left_out, [LeftOut { correlation: 0, without_value: 1, over_groups: 0 }]);
    let mut tuples = correlation(ValueCount, "a", 10, &[(GreaterOrEqual, 4.0)]);
    tuples.fields.push("m".to_owned());
    assert_eq!(seen(&run(tuples, "a@0 a@1 a@2 a@3 a@4", table)), [(0, 4, 4.0)]);
}

#[test]
fn temporal_wants_all_rules_or_so_many() {
    for (conditions, matches, expected) in [
        (vec![], "b@0 a@5 c@9", vec![(0, 9, 3.0)]),
        (vec![], "a@0 b@5 c@11", vec![]),
        (vec![], "a@0 a@1 b@2", vec![]),
        (vec![(GreaterOrEqual, 2.0)], "a@0 a@1 b@2", vec![(0, 2, 2.0)]),
        (vec![(GreaterOrEqual, 2.0)], "a@0 a@1", vec![]),
    ] {
        let one = correlation(Temporal, "a b c", 10, &conditions);
        assert_eq!(seen(&run(one, matches, &[])), expected, "{matches}");
    }
}

#[test]
fn temporal_ordered_wants_them_one_after_another() {
    for (rules, conditions, matches, found) in [
        ("a b c", vec![], "a@0 b@5 c@9", true),
        ("a b c", vec![], "a@0 c@5 b@9", false),
        ("a b c", vec![], "a@0 c@5 b@6 c@7", true),
        ("a b c", vec![], "a@0 b@5 c@11", false),
        // The first `a` is too old, the second is in time.
        ("a b c", vec![], "a@0 a@4 b@5 c@11", true),
        ("a b c", vec![], "a@0 b@3 a@4 c@11", false),
        ("a b c", vec![], "c@5 b@5 a@5", true),
        ("a b c", vec![], "b@4 a@5 c@5", false),
        ("a a", vec![], "a@0", false),
        ("a a", vec![], "a@0 a@0", true),
        ("a b a", vec![], "a@0 b@1", false),
        ("a b a", vec![], "b@1 a@1 a@1", true),
        ("a b c", vec![(GreaterOrEqual, 2.0)], "a@0 b@5", true),
        ("a b c", vec![(GreaterOrEqual, 2.0)], "b@0 c@5", false),
    ] {
        let one = correlation(TemporalOrdered, rules, 10, &conditions);
        assert_eq!(!run(one, matches, &[]).results.is_empty(), found, "{rules}: {matches}");
    }
    let mut both = at("a@0 b@0");
    both[1].event = 0;
    let plan = planned(vec![("x", correlation(TemporalOrdered, "a b", 10, &[]))]);
    assert_eq!(run_with(&plan, &both, &[], &Limits::default()).results.len(), 1);
}

#[test]
fn sums_and_means_and_percentiles() {
    let table: Table<'_> = &[("n", &["0.1", "0.2", "40", "-5", "1e2", "many", ""])];
    let matches = "a@0 a@1 a@20 a@21 a@22 a@23 a@24";
    for (kind, percentile, expected) in [
        (ValueSum, None, vec![(0, 1, 0.3), (20, 22, 135.0)]),
        (ValueAvg, None, vec![(0, 1, 0.15), (20, 22, 45.0)]),
        (ValueMedian, None, vec![(0, 1, 0.15), (20, 22, 40.0)]),
        (ValuePercentile, Some(0.0), vec![(0, 1, 0.1), (20, 22, 40.0)]),
        (ValuePercentile, Some(75.0), vec![(0, 1, 0.175), (20, 22, 70.0)]),
        (ValuePercentile, Some(100.0), vec![(0, 1, 0.2), (20, 22, 100.0)]),
    ] {
        let mut one = correlation(kind, "a", 10, &[(Greater, -100.0)]);
        one.percentile = percentile;
        let outcome = run(one, matches, table);
        let seen = seen(&outcome);
        assert_eq!(seen.len(), expected.len(), "{kind:?}");
        for (seen, expected) in seen.iter().zip(&expected) {
            assert_eq!((seen.0, seen.1), (expected.0, expected.1), "{kind:?}");
            assert!((seen.2 - expected.2).abs() < 1e-12, "{kind:?} {seen:?} {expected:?}");
        }
        assert_eq!(outcome.left_out[0].without_value, 2);
    }
    let sum = correlation(ValueSum, "a", 10, &[(Equal, 0.3)]);
    assert_eq!(run(sum, "a@0 a@1", table).results.len(), 1, "tenths add up exactly");
}

#[test]
fn aliases_give_each_rule_its_field() {
    let mut one = correlation(Temporal, "a b", 10, &[]);
    one.group_by = vec!["who".to_owned()];
    let named = |rule: &str, field: &str| (rule.to_owned(), field.to_owned());
    one.aliases.insert("who".to_owned(), [named("a", "user"), named("b", "account")].into_iter().collect());
    let table: Table<'_> = &[("user", &["ann", "x", "bob"]), ("account", &["x", "ANN", "x"])];
    let outcome = run(one.clone(), "a@0 b@1 a@2", table);
    assert_eq!(outcome.results.len(), 1);
    assert_eq!(outcome.results[0].group, [named("who", "ann")]);
    assert_eq!(outcome.results[0].events, [0, 1]);
    one.aliases.insert("who".to_owned(), [named("c", "user")].into_iter().collect());
    let (_, problems) = resolved(vec![("x", one)]);
    assert_eq!(problems[0].message, "the alias `who` names `c`, which is not among the rules");
}

#[test]
fn correlations_of_correlations() {
    let mut failures = correlation(EventCount, "a", 10, &[(GreaterOrEqual, 3.0)]);
    failures.group_by = vec!["user".to_owned()];
    let mut success = correlation(TemporalOrdered, "failures b", 20, &[]);
    success.group_by = vec!["USER".to_owned(), "ip".to_owned()];
    // The outer one stands first: the order of documents does not matter.
    let plan = planned(vec![("outer", success), ("failures", failures)]);
    assert_eq!(plan.targets(0), Some([Target::Correlation(1), Target::Rule(1)].as_slice()));
    let table: Table<'_> = &[
        ("user", &["ann", "ann", "ann", "bob", "ann", "ann", ""]),
        ("USER", &["", "", "", "", "", "ann", ""]),
        ("ip", &["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1", ""]),
    ];
    // The burst goes on after the success; that it had held before counts.
    let matches = at("a@0 a@1 a@2 a@2 a@9 b@5");
    let outcome = run_with(&plan, &matches, table, &Limits::default());
    let outer: Vec<&Correlated> = outcome.results.iter().filter(|one| one.correlation == 0).collect();
    assert_eq!(outer.len(), 1);
    assert_eq!(outer[0].events, [0, 1, 2, 5, 4]);
    assert_eq!((outer[0].first, outer[0].last), (0, 9));
    let before = run_with(&plan, &at("a@5 a@6 a@7 a@7 a@9 b@0"), table, &Limits::default());
    assert!(before.results.iter().all(|one| one.correlation == 1), "{:?}", before.results);
    let pair = |field: &str, value: &str| (field.to_owned(), value.to_owned());
    assert_eq!(outer[0].group, [pair("USER", "ann"), pair("ip", "192.0.2.1")]);
}

#[test]
fn a_result_counts_once_in_another_correlation() {
    let inner = correlation(EventCount, "a", 10, &[(GreaterOrEqual, 2.0)]);
    let outer = correlation(EventCount, "inner", 1000, &[(GreaterOrEqual, 2.0)]);
    let plan = planned(vec![("inner", inner), ("outer", outer)]);
    let count = |matches| {
        let outcome = run_with(&plan, &at(matches), &[], &Limits::default());
        outcome.results.iter().filter(|one| one.correlation == 1).map(|one| one.value).collect::<Vec<_>>()
    };
    assert!(count("a@0 a@5 a@10 a@15").is_empty());
    assert_eq!(count("a@0 a@5 a@100 a@105"), [2.0]);
}

#[test]
fn what_cannot_be_resolved_is_refused() {
    let two = |rules: &str| correlation(EventCount, rules, 10, &[(GreaterOrEqual, 2.0)]);
    let said = |correlations: Vec<(&str, Correlation)>| {
        let (plan, problems) = resolved(correlations);
        assert!(problems.iter().all(|problem| problem.left_out && problem.line == 1));
        let left: Vec<u32> = plan.correlations.iter().map(|planned| planned.index).collect();
        (left, problems.into_iter().map(|problem| (problem.code, problem.message)).collect::<Vec<_>>())
    };
    let invalid = |message: &str| (RuleProblemCode::Invalid, message.to_owned());
    let unknown = |message: &str| (RuleProblemCode::UnknownReference, message.to_owned());
    assert_eq!(said(vec![("x", two("a nobody"))]), (vec![], vec![unknown("no rule has the id or name `nobody`")]));
    assert_eq!(said(vec![("x", two("a x"))]), (vec![], vec![invalid("refers to itself")]));
    let (left, problems) =
        said(vec![("x", two("y")), ("y", two("z a")), ("z", two("x")), ("w", two("x")), ("v", two("b"))]);
    assert_eq!(left, [4]);
    assert_eq!(problems.len(), 4);
    assert!(problems.contains(&invalid("refers to itself through `Y`, `Z`, expected no circle")), "{problems:?}");
    assert!(problems.contains(&unknown("refers to the correlation `X`, which was left out")), "{problems:?}");
    let refused = [
        (two(""), RuleProblemCode::Invalid),
        (correlation(EventCount, "a", 0, &[(Equal, 1.0)]), RuleProblemCode::Invalid),
        (correlation(EventCount, "a", 1, &[]), RuleProblemCode::Invalid),
        (Correlation { fields: vec![], ..correlation(ValueSum, "a", 1, &[(Equal, 1.0)]) }, RuleProblemCode::Invalid),
        (two(&"a ".repeat(1001)), RuleProblemCode::Limit),
    ];
    for (one, code) in refused {
        assert_eq!(resolved(vec![("x", one)]).1[0].code, code);
    }
}

#[test]
fn a_long_circle_is_refused_in_one_go() {
    let names: Vec<String> = (0..20_000).map(|n| format!("r{n}")).collect();
    let next = |n: usize| &names[(n + 1) % names.len()];
    let one = |n: usize| correlation(EventCount, next(n), 10, &[(GreaterOrEqual, 2.0)]);
    let (plan, problems) = resolved(names.iter().enumerate().map(|(n, name)| (name.as_str(), one(n))).collect());
    assert_eq!((plan.correlations.len(), problems.len()), (0, 20_000));
}

#[test]
fn limits_and_undated_matches_are_reported() {
    let mut one = correlation(EventCount, "a", 100, &[(GreaterOrEqual, 2.0)]);
    one.group_by = vec!["n".to_owned()];
    let plan = planned(vec![("x", one)]);
    let table: Table<'_> = &[("n", &["x", "y", "x", "z", "x", "y", "x"])];
    let limits = Limits { events: 3, groups: 2 };
    let outcome = run_with(&plan, &at("a@0 a@1 a@2 a@3 a@4 a@5 a@6 a@never b@never"), table, &limits);
    assert_eq!(outcome.undated, 1);
    assert_eq!(outcome.left_out, [LeftOut { correlation: 0, without_value: 0, over_groups: 1 }]);
    assert_eq!(outcome.results[0].events, [0, 2, 4]);
    assert_eq!((outcome.results[0].events_left_out, outcome.results[0].value), (1, 4.0));
    assert_eq!(outcome.results[0].last, 6);
}

/// All that a correlation of random matches can be asked.
fn random(kind: CorrelationKind, lcg: &mut Lcg) -> (Correlation, Vec<Match>, Vec<String>) {
    let rules = ["a b", "b a", "a b c", "a a", "a b a"][lcg.below(5) as usize];
    let comparison = [GreaterOrEqual, Less, Equal, NotEqual][lcg.below(4) as usize];
    let temporal = matches!(kind, Temporal | TemporalOrdered);
    let conditions = if temporal && lcg.below(2) == 0 { vec![] } else { vec![(comparison, lcg.below(5) as f64)] };
    let one = correlation(kind, rules, 1 + lcg.below(8) as i64, &conditions);
    let events = 1 + lcg.below(14) as u32;
    let times: Vec<i64> = (0..events).map(|_| lcg.below(24) as i64).collect();
    let matches = (0..events + lcg.below(4) as u32).map(|n| {
        let event = n % events;
        Match { rule: lcg.below(3) as u32, time: Some(times[event as usize]), event }
    });
    let matches = matches.collect();
    (one, matches, (0..events).map(|_| ["", "1", "2", "3", "-4"][lcg.below(5) as usize].to_owned()).collect())
}

/// Can the rest of the list be matched one after another, not before `since`, each match once for its rule?
fn in_order(order: &[u32], from: &[Match], since: i64, used: &mut Vec<(u32, u32)>) -> usize {
    let Some((wanted, rest)) = order.split_first() else { return 0 };
    let mut best = 0;
    for one in from {
        let key = (one.rule, one.event);
        if one.rule == *wanted && one.time.unwrap() >= since && !used.contains(&key) {
            used.push(key);
            best = best.max(1 + in_order(rest, from, one.time.unwrap(), used));
            used.pop();
        }
    }
    best
}

/// First, last, value and events, by looking at every window on its own.
fn oracle(one: &Correlation, matches: &[Match], cells: &[String]) -> Vec<(i64, i64, f64, Vec<u32>)> {
    let order: Vec<u32> = one.rules.iter().map(|name| rule(name).unwrap()).collect();
    let temporal = matches!(one.kind, Temporal | TemporalOrdered);
    let usable = |found: &&Match| {
        let empty = cells[found.event as usize].is_empty();
        order.contains(&found.rule) && (temporal || one.kind == EventCount || !empty)
    };
    let matches: Vec<Match> = matches.iter().filter(usable).copied().collect();
    let mut times: Vec<i64> = matches.iter().map(|found| found.time.unwrap()).collect();
    times.sort_unstable();
    times.dedup();
    let mut bursts: Vec<(i64, i64, f64, Vec<u32>)> = Vec::new();
    for end in times {
        let within = |found: &&Match| (end - one.timespan..=end).contains(&found.time.unwrap());
        let window: Vec<Match> = matches.iter().filter(within).copied().collect();
        let mut events: Vec<(i64, u32)> = window.iter().map(|found| (found.time.unwrap(), found.event)).collect();
        events.sort_unstable();
        events.dedup();
        let mut numbers: Vec<f64> =
            events.iter().filter_map(|(_, event)| cells[*event as usize].parse().ok()).collect();
        numbers.sort_by(f64::total_cmp);
        let distinct = |mut values: Vec<u32>| {
            values.sort_unstable();
            values.dedup();
            values.len()
        };
        let value = match one.kind {
            EventCount => events.len() as f64,
            ValueCount => distinct(numbers.iter().map(|n| (n + 10.0) as u32).collect()) as f64,
            Temporal => distinct(window.iter().map(|found| found.rule).collect()) as f64,
            TemporalOrdered => in_order(&order, &window, i64::MIN, &mut Vec::new()) as f64,
            ValueSum => numbers.iter().sum(),
            ValueAvg => numbers.iter().sum::<f64>() / numbers.len() as f64,
            ValueMedian | ValuePercentile => {
                let (low, high) = (numbers[(numbers.len() - 1) / 2], numbers[numbers.len() / 2]);
                f64::midpoint(low, high)
            }
        };
        let needed = if one.kind == Temporal { distinct(order.clone()) } else { order.len() } as f64;
        let met = match one.conditions.first() {
            None => value >= needed,
            Some((GreaterOrEqual, wanted)) => value >= *wanted,
            Some((Less, wanted)) => value < *wanted,
            Some((Equal, wanted)) => value == *wanted,
            Some((_, wanted)) => value != *wanted,
        };
        if !met {
            continue;
        }
        let names = events.iter().map(|(_, event)| *event);
        match bursts.last_mut().filter(|burst| names.clone().any(|event| burst.3.contains(&event))) {
            Some(burst) => {
                burst.1 = end;
                let least = matches!(one.conditions.first(), Some((Less, _)));
                burst.2 = if least { burst.2.min(value) } else { burst.2.max(value) };
                let new: Vec<u32> = names.filter(|event| !burst.3.contains(event)).collect();
                burst.3.extend(new);
            }
            None => bursts.push((events[0].0, end, value, names.collect())),
        }
    }
    bursts
}

#[test]
fn agrees_with_a_look_at_every_window_in_any_order_of_arrival() {
    let mut lcg = Lcg(7);
    let mut held = 0;
    for kind in [EventCount, ValueCount, Temporal, TemporalOrdered, ValueSum, ValueAvg, ValueMedian] {
        for round in 0..1500 {
            let (one, mut matches, cells) = random(kind, &mut lcg);
            let expected = oracle(&one, &matches, &cells);
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            let table: Table<'_> = &[("n", &cells)];
            let plan = planned(vec![("x", one.clone())]);
            let outcome = run_with(&plan, &matches, table, &Limits::default());
            let seen: Vec<_> =
                outcome.results.iter().map(|one| (one.first, one.last, one.value, one.events.clone())).collect();
            assert_eq!(seen, expected, "{kind:?} {round}: {one:?} {matches:?}");
            held += seen.len();
            for _ in 0..3 {
                lcg.shuffle(&mut matches);
                assert_eq!(run_with(&plan, &matches, table, &Limits::default()), outcome);
            }
        }
    }
    assert!(held > 3000, "{held}");
}

#[test]
fn a_late_event_gives_what_its_timely_arrival_would_have_given() {
    let three = correlation(EventCount, "a", 10, &[(GreaterOrEqual, 3.0)]);
    let plan = planned(vec![("x", three)]);
    let all = at("a@0 a@8 a@4 a@30");
    assert_eq!(run_with(&plan, &all[..2], &[], &Limits::default()).results, []);
    let revised = run_with(&plan, &all, &[], &Limits::default());
    assert_eq!(revised.results[0].events, [0, 2, 1]);
}

#[test]
fn a_million_matches_in_one_group_take_two_steps_each() {
    let count = 1_000_000u32;
    let matches: Vec<Match> =
        (0..count).rev().map(|n| Match { rule: n % 2, time: Some(i64::from(n / 3)), event: n }).collect();
    for kind in [EventCount, TemporalOrdered, ValuePercentile] {
        let plan = planned(vec![("x", correlation(kind, "a b", 100_000, &[(GreaterOrEqual, 2.0)]))]);
        let values = |event: u32, _: &str, each: &mut dyn FnMut(&str)| each(&event.to_string());
        let outcome = correlate(&plan, &matches, &values, &Limits::default());
        assert_eq!(outcome.results.len(), 1, "{kind:?}");
        assert!(outcome.results[0].events.len() == 10_000 && outcome.results[0].events_left_out == 990_000);
        assert!(outcome.steps <= 2 * u64::from(count), "{kind:?} {}", outcome.steps);
    }
}
