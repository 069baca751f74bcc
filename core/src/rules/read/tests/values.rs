use super::*;

#[test]
fn wildcards_and_escapes() {
    for (written, expected) in [
        (r"plain", "'plain'"),
        (r"", ""),
        (r"*", "*"),
        (r"**", "*"),
        (r"a*b?c", "'a'*'b'?'c'"),
        (r"a??", "'a'??"),
        (r"\*", "'*'"),
        (r"\?", "'?'"),
        (r"a\*b\?c", "'a*b?c'"),
        (r"C:\Windows\cmd.exe", r"'C:\Windows\cmd.exe'"),
        (r"\\*", r"'\'*"),
        (r"\\\*", r"'\*'"),
        (r"\\?", r"'\'?"),
        (r"a\\b", r"'a\b'"),
        (r"\\\\server", r"'\\server'"),
        (r"\\\server", r"'\\server'"),
        (r"end\", r"'end\'"),
        (r"end\\", r"'end\'"),
        (r"100%", "'100%'"),
        (r"%admins%", "'%admins%'"),
        (r"\%", r"'\%'"),
    ] {
        assert_eq!(forms(&format!("f: '{written}'")), [expected], "{written}");
    }
}

#[test]
fn plain_scalars_have_the_types_of_yaml_1_2_and_quoted_ones_are_texts() {
    for (written, expected) in [
        ("4688", "Int(4688)"),
        ("-1", "Int(-1)"),
        ("+7", "Int(7)"),
        ("0777", "Int(777)"),
        ("0x10", "Int(16)"),
        ("0o17", "Int(15)"),
        ("1.5", "Float(1.5)"),
        ("1e3", "Float(1000.0)"),
        ("true", "Bool(true)"),
        ("FALSE", "Bool(false)"),
        ("null", "Null"),
        ("~", "Null"),
        ("", "Null"),
        ("'4688'", "'4688'"),
        ("\"true\"", "'true'"),
        ("'null'", "'null'"),
        ("''", ""),
        ("yes", "'yes'"),
        ("off", "'off'"),
        ("2024-01-01", "'2024-01-01'"),
        ("10.0.1", "'10.0.1'"),
        ("0x", "'0x'"),
        ("0xZZ", "'0xZZ'"),
        (".inf", "'.inf'"),
        ("9223372036854775807", "Int(9223372036854775807)"),
        ("9223372036854775808", "'9223372036854775808'"),
        ("1e999", "'1e999'"),
        ("!!str 12", "'12'"),
        ("!!int '12'", "Int(12)"),
        ("-", "'-'"),
        ("nan", "'nan'"),
    ] {
        let quoted = if written == "-" { "'-'" } else { written };
        assert_eq!(forms(&format!("f: {quoted}")), [expected], "{written}");
    }
}

#[test]
fn values_keep_their_spelling() {
    let item = item("f: [0x10, 1.50, 2024-01-01, 'a*']");
    let texts: Vec<_> = item.values.iter().map(|value| value.text.as_str()).collect();
    assert_eq!(texts, ["0x10", "1.50", "2024-01-01", "a*"]);
}

#[test]
fn fields_and_keys_stay_as_written() {
    let item = item("'Threat Name|contains|all': [a, b]");
    assert_eq!(item.field.as_deref(), Some("Threat Name"));
    assert_eq!(item.key, "Threat Name|contains|all");
    assert!(item.all && !item.negated);
    assert_eq!((item.place.line, item.place.column), (5, 5));
}

#[test]
fn maps_are_and_lists_of_maps_are_or() {
    let Node::All(items) = selection("sel:\n  a: 1\n  b: 2") else { panic!("a map is all") };
    assert_eq!(items.len(), 2);
    let Node::Any(parts) = selection("sel:\n  - a: 1\n    b: 2\n  - c: 3") else { panic!("a list is any") };
    assert!(matches!(parts.as_slice(), [Node::All(_), Node::Item(_)]));
    let Node::Any(parts) = selection("sel:\n  - word\n  - c: 3\n  - [d: 4, e: 5]") else { panic!("mixed is any") };
    assert!(matches!(parts.as_slice(), [Node::Item(_), Node::Item(_), Node::Any(_)]));
}

#[test]
fn keywords_are_looked_for_anywhere() {
    let shown = |detection: &str| match selection(detection) {
        Node::Item(item) => {
            assert_eq!(item.field, None);
            let forms = item.values.iter().flat_map(|value| &value.forms).map(show).collect::<Vec<_>>();
            (item.all, forms)
        }
        other => panic!("{other:?}"),
    };
    let list = |all, forms: &[&str]| (all, forms.iter().map(|form| (*form).to_owned()).collect::<Vec<_>>());
    assert_eq!(shown("sel: word"), list(false, &["*'word'*"]));
    assert_eq!(shown("sel: [a*b, 12, true]"), list(false, &["*'a'*'b'*", "*'12'*", "*'true'*"]));
    assert_eq!(shown("sel:\n  '|all': [a, b]"), list(true, &["*'a'*", "*'b'*"]));
    assert_eq!(shown("sel:\n  '|contains': [a]"), list(false, &["*'a'*"]));
    assert_eq!(shown("sel:\n  '|startswith': [a]"), list(false, &["'a'*"]));
    assert_eq!(shown("sel:\n  '|cased': [a]"), list(false, &["cased *'a'*"]));
    assert_eq!(shown("sel:\n  '|re': ['a.b']"), list(false, &["(\"a.b\", false, false, false)"]));
    assert_eq!(shown("sel:\n  '': a"), list(false, &["*'a'*"]));
    assert_eq!(refusal("sel: [a, null]\ncondition: sel").message, "nothing, expected a text to look for");
}

#[test]
fn what_is_no_selection_is_refused_where_it_stands() {
    for (detection, line, column, message) in [
        ("sel:\ncondition: sel", 4, 6, "nothing as a selection, expected a mapping of fields or a list"),
        ("sel: {}\ncondition: sel", 4, 8, "an empty selection, expected one field or more"),
        ("sel: []\ncondition: sel", 4, 8, "an empty selection, expected one field or more"),
        ("sel: {f: []}\ncondition: sel", 4, 12, "an empty list of values for `f`, expected one or more"),
        (
            "sel: {f: {g: 1}}\ncondition: sel",
            4,
            12,
            "a mapping as a value, expected a text, a number, a boolean or nothing",
        ),
        (
            "sel: {f: [[1]]}\ncondition: sel",
            4,
            13,
            "a list as a value, expected a text, a number, a boolean or nothing",
        ),
    ] {
        let problem = refusal(detection);
        assert_eq!((problem.line, problem.column, problem.message.as_str()), (line, column, message), "{detection}");
        assert_eq!((problem.code, problem.rule.as_deref()), (Code::Invalid, Some("T")));
    }
}

#[test]
fn null_in_a_list_is_one_of_the_values_and_doubted() {
    let (code, message) = item_note("f: [a, null]");
    assert_eq!(code, Code::Doubtful);
    assert!(message.contains("in a list of values"), "{message}");
}
