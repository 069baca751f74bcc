//! What other engines get wrong, as far as reading decides it.

use super::*;

#[test]
fn windash_varies_all_dashes_and_the_slash() {
    let found = forms("f|windash|contains: ' /x'");
    let expected = ["*' /x'*", "*' \u{2013}x'*", "*' \u{2014}x'*", "*' \u{2015}x'*", "*' -x'*"];
    assert_eq!(found, expected);
    assert_eq!(forms("f|contains|windash: ' -x'").len(), 5);
    let mut from_en_dash = forms("f|contains|windash: ' \u{2013}x'");
    from_en_dash.sort();
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(from_en_dash, expected);
}

#[test]
fn windash_varies_each_place_on_its_own() {
    let found = forms("f|windash: '-a /b'");
    assert_eq!(found.len(), 25);
    assert!(["'-a /b'", "'/a -b'", "'\u{2015}a \u{2013}b'"].iter().all(|form| found.iter().any(|f| f == form)));
    let unique: std::collections::BTreeSet<_> = found.iter().collect();
    assert_eq!(unique.len(), 25);
}

#[test]
fn windash_leaves_dashes_inside_words() {
    assert_eq!(forms("f|windash: 'x-y/z_-w'"), ["'x-y/z_-w'"]);
    assert_eq!(forms("f|windash: '\"-y'").len(), 5);
    assert_eq!(forms("f|windash: '*-y'").len(), 5);
}

#[test]
fn null_empty_and_absent_are_three_things() {
    assert_eq!(forms("f: null"), ["Null"]);
    assert_eq!(forms("f:"), ["Null"]);
    assert_eq!(forms("f: ''"), [""]);
    assert_eq!(forms("f|exists: false"), ["Exists(false)"]);
    let negated = item("f|neq: null");
    assert!(negated.negated);
    assert_eq!(negated.values.first().unwrap().forms, [Test::Null]);
}

#[test]
fn numbers_and_texts_are_kept_apart() {
    assert_eq!(forms("EventID: 1"), ["Int(1)"]);
    assert_eq!(forms("EventID: '1'"), ["'1'"]);
    assert_eq!(forms("EventID|contains: 1"), ["*'1'*"]);
    assert_eq!(forms("f: true"), ["Bool(true)"]);
    assert_eq!(forms("f: 'true'"), ["'true'"]);
    assert_eq!(forms("f|startswith: 0x10"), ["'0x10'*"]);
}

#[test]
fn regular_expressions_with_i_and_expand_load() {
    assert_eq!(forms("f|re|i: 'a+'"), ["(\"a+\", true, false, false)"]);
    assert_eq!(forms("f|expand: '%admins%'"), ["'root'", "'adm_'*"]);
}

#[test]
fn keyless_searches_cidr_and_combined_fieldref_load() {
    assert_eq!(forms("f|cidr: 192.0.2.0/24"), ["192.0.2.0/24"]);
    assert_eq!(forms("f|fieldref|endswith: g"), ["Reference { field: \"g\", anchor: End, cased: false }"]);
    assert!(matches!(selection("sel: [a, b]"), Node::Item(item) if item.field.is_none()));
}

#[test]
fn escaped_wildcards_and_doubled_backslashes() {
    assert_eq!(forms(r"f|contains: 'what\?'"), ["*'what?'*"]);
    assert_eq!(forms(r"f|endswith: '\*'"), ["*'*'"]);
    assert_eq!(forms(r"f: 'a\\b\c'"), [r"'a\b\c'"]);
    assert_eq!(forms(r"f|endswith: '\cmd.exe'"), [r"*'\cmd.exe'"]);
}

#[test]
fn case_is_left_to_cased() {
    assert_eq!(forms("f: 'ÄPFEL'"), ["'ÄPFEL'"]);
    assert_eq!(forms("f|cased: 'ÄPFEL'"), ["cased 'ÄPFEL'"]);
    assert_eq!(forms("f|re: 'A'"), ["(\"A\", false, false, false)"]);
}

#[test]
fn one_unsupported_rule_does_not_stop_the_others() {
    let text = [rule_text("sel: {f|bogus: 1}\ncondition: sel"), rule_text("sel: {f: 1}\ncondition: sel")].join("---\n");
    let (documents, problems) = read(&text);
    assert_eq!(documents.len(), 1);
    assert_eq!(problems.len(), 1);
    let problem = problems.first().unwrap();
    assert_eq!((problem.code, problem.line, problem.column, problem.left_out), (Code::Unsupported, 4, 9, true));
    assert_eq!(problem.message, "unknown modifier `bogus` in `f|bogus`, expected one of Sigma 2.1");
}
