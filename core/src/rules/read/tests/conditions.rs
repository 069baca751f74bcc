use super::*;
use crate::rules::ast::Condition;

const SELECTIONS: &str =
    "sel: {a: 1}\nselection_and: {a: 2}\nfilter.x-y: {a: 3}\n_hidden: {a: 4}\nselection_b: {a: 5}\n";

fn shown(condition: &Condition, out: &mut String) {
    let many = |parts: &[Condition], sign: &str, out: &mut String| {
        out.push('(');
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                out.push_str(sign);
            }
            shown(part, out);
        }
        out.push(')');
    };
    match condition {
        Condition::Selection(at) => out.push_str(&at.to_string()),
        Condition::Not(inner) => {
            out.push('!');
            shown(inner, out);
        }
        Condition::All(parts) => many(parts, "&", out),
        Condition::Any(parts) => many(parts, "|", out),
    }
}

fn condition(text: &str) -> String {
    let (rule, problems) = rule(&format!("{SELECTIONS}condition: {text}"));
    assert_eq!(problems, [], "{text}");
    let mut out = String::new();
    rule.conditions.iter().for_each(|condition| shown(condition, &mut out));
    out
}

#[test]
fn grammar() {
    for (text, expected) in [
        ("sel", "0"),
        ("not sel", "!0"),
        ("not not sel", "!!0"),
        ("sel and selection_and", "(0&1)"),
        ("sel or selection_and and _hidden", "(0|(1&3))"),
        ("sel and not selection_and or _hidden", "((0&!1)|3)"),
        ("(sel or selection_and) and _hidden", "((0|1)&3)"),
        ("((sel))", "0"),
        ("not (sel or selection_b)", "!(0|4)"),
        ("not(sel)and(selection_b)", "(!0&4)"),
        ("1 of them", "(0|1|2|4)"),
        ("all of them", "(0&1&2&4)"),
        ("any of them", "(0|1|2|4)"),
        ("1 of selection_*", "(1|4)"),
        ("all of selection_*", "(1&4)"),
        ("1 of *_*", "(1|3|4)"),
        ("1 of *", "(0|1|2|3|4)"),
        ("1 of sel*n_*", "(1|4)"),
        ("1 of *x*", "2"),
        ("1 of _*", "3"),
        ("all of sel", "0"),
        ("not 1 of selection_*", "!(1|4)"),
        ("sel and not 1 of filter*", "(0&!2)"),
        ("filter.x-y or selection_and", "(2|1)"),
        ("'  sel   AND\tNOT  selection_b '", "(0&!4)"),
        ("1 OF Them", "(0|1|2|4)"),
        ("ALL of selection_* Or sel", "((1&4)|0)"),
        ("[sel, not selection_b]", "0!4"),
        (">\n    sel\n    or selection_b", "(0|4)"),
    ] {
        assert_eq!(condition(text), expected, "{text}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_column() {
    // The text of the condition begins in column 14.
    for (text, code, column, message) in [
        ("bogus", Code::UnknownReference, 14, "unknown selection `bogus`, expected one that the detection has"),
        ("sel and bogus", Code::UnknownReference, 22, "unknown selection `bogus`"),
        ("'sel and bogus'", Code::UnknownReference, 23, "unknown selection `bogus`"),
        ("1 of foo_*", Code::UnknownReference, 19, "no selection fits `foo_*`"),
        ("sel*", Code::UnknownReference, 14, "pattern `sel*` alone, expected `1 of` or `all of` before it"),
        ("SEL", Code::UnknownReference, 14, "unknown selection `SEL`"),
        ("sel and", Code::Invalid, 21, "the end of the condition, expected a selection"),
        ("sel and or sel", Code::Invalid, 22, "`or`, expected a selection"),
        ("sel sel", Code::Invalid, 18, "`sel`, expected `and`, `or` or the end"),
        ("(sel", Code::Invalid, 18, "the end of the condition, expected `)`"),
        ("sel)", Code::Invalid, 17, "`)`, expected `and`, `or` or the end"),
        ("()", Code::Invalid, 15, "`)`, expected a selection"),
        ("not", Code::Invalid, 17, "the end of the condition, expected a selection"),
        ("1 of", Code::Invalid, 18, "the end of the condition, expected `them` or a pattern"),
        ("1 of (them)", Code::Invalid, 19, "`(`, expected `them` or a pattern"),
        ("2 of them", Code::Unsupported, 14, "`2` before `of`, expected `1`, `any` or `all`"),
        ("some of them", Code::Invalid, 14, "`some` before `of`"),
        ("sel | count() by x > 5", Code::Unsupported, 18, "an aggregation after `|`"),
        ("sel|count() > 5", Code::Unsupported, 14, "an aggregation after `|`"),
        ("sel | near selection_b", Code::Unsupported, 18, "an aggregation after `|`"),
        ("near sel", Code::Unsupported, 14, "`near`, expected a correlation rule"),
        ("''", Code::Invalid, 15, "the end of the condition, expected a selection"),
        ("5", Code::UnknownReference, 14, "unknown selection `5`"),
        ("", Code::Invalid, 12, "nothing as `condition`"),
        ("{a: b}", Code::Invalid, 14, "a mapping as `condition`"),
        ("[]", Code::Invalid, 14, "an empty list as `condition`"),
    ] {
        let problem = refusal(&format!("{SELECTIONS}condition: {text}"));
        assert_eq!(problem.code, code, "{text}: {problem}");
        assert!(problem.message.starts_with(message), "{text}: {problem}");
        assert_eq!((problem.line, problem.column), (9, column), "{text}: {problem}");
    }
}

#[test]
fn characters_count_not_bytes() {
    let problem = refusal("größe: {a: 1}\ncondition: größe and bogus");
    assert_eq!((problem.line, problem.column), (5, 24));
}

#[test]
fn a_detection_needs_a_condition() {
    assert_eq!(refusal("sel: {a: 1}").message, "no `condition` in the detection, expected one");
}

#[test]
fn a_modifier_at_a_selection_is_doubted() {
    let (rule, problems) = rule("sel|endswith: {a: 1}\ncondition: 1 of sel*");
    assert_eq!(rule.selections.first().unwrap().name, "sel|endswith");
    assert_eq!(problems.first().map(|problem| problem.code), Some(Code::Doubtful));
}

#[test]
fn timeframe_is_no_selection() {
    let (rule, problems) = rule("sel: {a: 1}\ntimeframe: 5m\ncondition: 1 of them");
    assert_eq!(rule.selections.len(), 1);
    assert_eq!(problems.first().map(|problem| problem.code), Some(Code::Doubtful));
}
