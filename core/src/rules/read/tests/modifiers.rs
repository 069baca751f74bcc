use super::*;

#[test]
fn each_modifier_alone_and_in_legal_company() {
    for (line, expected) in [
        ("f|contains: a*b", "*'a'*'b'*"),
        ("f|contains: '*a*'", "*'a'*"),
        ("f|contains: ''", "*"),
        ("f|startswith: a", "'a'*"),
        ("f|endswith: a", "*'a'"),
        ("f|cased|contains: aB", "cased *'aB'*"),
        ("f|contains|cased: aB", "cased *'aB'*"),
        ("f|re: ^a$", "(\"^a$\", false, false, false)"),
        ("f|re|i|m|s: a", "(\"a\", true, true, true)"),
        ("f|re|s|neq: a", "(\"a\", false, false, true)"),
        ("f|re: 5", "(\"5\", false, false, false)"),
        ("f|cidr: 2001:db8::/32", "2001:db8::/32"),
        ("f|cidr: 198.51.100.7", "198.51.100.7/32"),
        ("f|cidr: 0.0.0.0/0", "0.0.0.0/0"),
        ("f|exists: true", "Exists(true)"),
        ("f|exists: 'False'", "Exists(false)"),
        ("f|gt: 5", "Compare(Greater, Int(5))"),
        ("f|gte: 5.5", "Compare(GreaterOrEqual, Float(5.5))"),
        ("f|lt: -1", "Compare(Less, Int(-1))"),
        ("f|lte: '7'", "Compare(LessOrEqual, Int(7))"),
        ("f|minute: 5", "TimePart(Minute, Equal, Int(5))"),
        ("f|hour|gte: 22", "TimePart(Hour, GreaterOrEqual, Int(22))"),
        ("f|day|lt: 2", "TimePart(Day, Less, Int(2))"),
        ("f|week|neq: 2", "TimePart(Week, Equal, Int(2))"),
        ("f|month: 12", "TimePart(Month, Equal, Int(12))"),
        ("f|year|gt: 2025", "TimePart(Year, Greater, Int(2025))"),
        ("f|fieldref: g", "Reference { field: \"g\", anchor: Whole, cased: false }"),
        ("f|fieldref|startswith|cased: g h", "Reference { field: \"g h\", anchor: Start, cased: true }"),
        ("f|contains|fieldref: g*", "Reference { field: \"g*\", anchor: Anywhere, cased: false }"),
        ("f|base64: foobar", "'Zm9vYmFy'"),
        ("f|base64|contains: fo", "*'Zm8='*"),
        ("f|base64: 12", "'MTI='"),
        ("f|wide|base64: ab", "'YQBiAA=='"),
        ("f|utf16le|base64: ab", "'YQBiAA=='"),
        ("f|utf16be|base64: ab", "'AGEAYg=='"),
        ("f|utf16|base64: ab", "'//5hAGIA'"),
        ("f|wide: a*b", "'a\0'*'b\0'"),
        ("f|utf16be|contains: é", "*'\0é'*"),
        ("f|utf16: a", "'ÿþa\0'"),
        (r"f|expand: '100\%admins\%'", "'100%admins%'"),
        ("f|base64|contains: 'a\\*b'", "*'YSpi'*"),
    ] {
        let (rule, _) = rule(&format!("sel:\n  {line}\ncondition: sel"));
        let Some(Node::Item(item)) = rule.selections.first().map(|s| &s.node) else { panic!("{line}") };
        let forms: Vec<_> = item.values.first().unwrap().forms.iter().map(show).collect();
        assert_eq!(forms, [expected], "{line}");
    }
}

#[test]
fn all_and_neq_are_flags() {
    let flags = |line: &str| (item(line).all, item(line).negated);
    assert_eq!(flags("f|contains|all: [a, b]"), (true, false));
    assert_eq!(flags("f|all|contains: [a, b]"), (true, false));
    assert_eq!(flags("f|neq: 5"), (false, true));
    assert_eq!(flags("f|cidr|neq: 192.0.2.0/24"), (false, true));
    assert_eq!(flags("f|fieldref|neq: g"), (false, true));
    assert_eq!(item_note("f|all: a"), (Code::Doubtful, "`all` with a single value, expected a list".to_owned()));
}

#[test]
fn shifted_base64_has_no_unstable_ends() {
    assert_eq!(forms("f|base64offset|contains: foobar"), ["*'Zm9vYmFy'*", "*'Zvb2Jhc'*", "*'mb29iYX'*"]);
    assert_eq!(forms("f|base64offset|contains: 'http://'"), ["*'aHR0cDovL'*", "*'h0dHA6Ly'*", "*'odHRwOi8v'*"]);
    assert_eq!(forms("f|wide|base64offset|contains: ab").len(), 3);
    assert_eq!(item_note("f|base64offset|contains: a").0, Code::Doubtful);
    // Whatever stands around the value, one of the forms is in the encoded text.
    let found = forms("f|base64offset: rules!");
    for before in ["", "x", "xy", "xyz"] {
        for after in ["", "1", "12"] {
            let whole = super::super::base64::encode(format!("{before}rules!{after}").as_bytes());
            assert!(found.iter().any(|form| whole.contains(form.trim_matches('\''))), "{before} {after}");
        }
    }
}

#[test]
fn base64_agrees_with_the_rfc() {
    let pairs =
        [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
    for (plain, encoded) in pairs {
        assert_eq!(super::super::base64::encode(plain.as_bytes()), encoded);
    }
    assert_eq!(super::super::base64::encode(&[0xfb, 0xff, 0xbf]), "+/+/");
}

#[test]
fn forms_of_forms_are_all_made() {
    assert_eq!(forms("f|windash|base64offset|contains: '-x 1'").len(), 15);
    assert_eq!(forms("f|expand|windash: '-%admins%'").len(), 10);
    assert_eq!(forms("f|expand|contains: '%admins%:%admins%'").len(), 4);
}

#[test]
fn illegal_chains_are_refused_with_the_modifier_and_the_place() {
    for (key, reason) in [
        ("f|contains|startswith", "modifier `startswith` with `contains`, expected one of the two"),
        ("f|contains|contains", "modifier `contains` twice, expected it once"),
        ("f|re|contains", "modifier `contains` with `re`"),
        ("f|cased|re", "modifier `cased` with `re`"),
        ("f|re|windash", "modifier `windash` with `re`"),
        ("f|re|expand", "modifier `expand` with `re`"),
        ("f|wide|re", "modifier `wide` with `re`"),
        ("f|re|base64", "modifier `base64` with `re`"),
        ("f|i", "modifier `i` without `re` before it, expected `re|i`"),
        ("f|i|re", "modifier `i` without `re` before it"),
        ("f|m|contains", "modifier `m` without `re` before it"),
        ("f|s", "modifier `s` without `re` before it"),
        ("f|cidr|contains", "modifier `contains` with `cidr`"),
        ("f|cidr|cased", "modifier `cased` with `cidr`"),
        ("f|re|cidr", "modifier `cidr` with `re`, expected one of the two"),
        ("f|exists|neq", "modifier `neq` with `exists`"),
        ("f|exists|all", "modifier `all` with `exists`"),
        ("f|exists|contains", "modifier `contains` with `exists`"),
        ("f|fieldref|base64", "modifier `base64` with `fieldref`"),
        ("f|fieldref|windash", "modifier `windash` with `fieldref`"),
        ("f|fieldref|expand", "modifier `expand` with `fieldref`"),
        ("f|fieldref|re", "modifier `re` with `fieldref`, expected one of the two"),
        ("f|gt|lt", "modifier `lt` with `gt`, expected one of the two"),
        ("f|gt|neq", "modifier `neq` with `gt`"),
        ("f|gt|contains", "modifier `contains` with `gt`"),
        ("f|gte|hour", "modifier `hour` after `gte`, expected it before"),
        ("f|hour|minute", "modifier `minute` with `hour`, expected one of the two"),
        ("f|hour|gte|neq", "modifier `neq` with `hour` and a comparison"),
        ("f|hour|gt|lt", "modifier `lt` with `hour`, expected one of the two"),
        ("f|hour|cased", "modifier `cased` with `hour`"),
        ("f|contains|base64offset", "modifier `base64offset` after `contains`, expected it before"),
        ("f|endswith|base64", "modifier `base64` after `endswith`, expected it before"),
        ("f|base64|base64offset", "modifier `base64offset` with `base64`, expected one of the two"),
        ("f|base64|wide", "modifier `wide` after `base64`, expected it before"),
        ("f|wide|utf16be", "modifier `utf16be` with `wide`, expected one of the two"),
        ("f|base64|windash", "modifier `windash` after `base64`, expected it before"),
        ("f|wide|windash", "modifier `windash` after `wide`, expected it before"),
        ("f|base64|expand", "modifier `expand` after `base64`, expected it before"),
        ("'|exists'", "modifier `exists` without a field, expected a field before it"),
        ("'|fieldref'", "modifier `fieldref` without a field"),
        ("'|gt'", "modifier `gt` without a field"),
        ("'|hour'", "modifier `hour` without a field"),
    ] {
        let (code, message) = item_refusal(&format!("{key}: 1"));
        assert_eq!(code, Code::Invalid, "{key}: {message}");
        let place = format!(", in `{}`", key.trim_matches('\''));
        assert!(message.starts_with(reason) && message.ends_with(&place), "{key}: {message}");
    }
}

#[test]
fn unknown_modifiers_are_unsupported() {
    for key in ["f|bogus", "f|Contains", "f|", "f|contains|", "f|re|x"] {
        let (code, message) = item_refusal(&format!("{key}: 1"));
        assert_eq!(code, Code::Unsupported, "{key}: {message}");
        assert!(message.starts_with("unknown modifier `"), "{message}");
    }
}

#[test]
fn values_that_do_not_fit_their_modifiers_are_refused() {
    for (line, code, reason) in [
        ("f|contains: null", Code::Invalid, "nothing, expected a value, as it has modifiers"),
        ("f|re: null", Code::Invalid, "nothing, expected a value"),
        ("f|gt: abc", Code::Invalid, "`abc`, expected a number"),
        ("f|hour: noon", Code::Invalid, "`noon`, expected a number"),
        ("f|exists: 1", Code::Invalid, "`1`, expected `true` or `false` for `exists`"),
        ("f|exists: [true, false]", Code::Invalid, "a list for `exists`"),
        ("f|fieldref: ''", Code::Invalid, "an empty text, expected the name of a field"),
        ("f|cidr: 192.0.2.0/33", Code::Invalid, "`192.0.2.0/33`, expected a range"),
        ("f|cidr: 192.0.2.*", Code::Invalid, "`192.0.2.*`, expected a range"),
        ("f|cidr: 192.0.2.0/+8", Code::Invalid, "`192.0.2.0/+8`, expected a range"),
        ("f|cidr: 2001:db8::/129", Code::Invalid, "`2001:db8::/129`, expected a range"),
        ("f|base64: a*", Code::Invalid, "a wildcard in a value for Base64"),
        ("f|base64offset|contains: ''", Code::Invalid, "an empty value for Base64"),
        ("f|re: '(a'", Code::Invalid, "regular expression `(a` is none: unclosed group"),
        ("f|re: 'a(?=b)'", Code::Unsupported, "regular expression `a(?=b)` looks around"),
        ("f|re: '(?<!a)b'", Code::Unsupported, "regular expression `(?<!a)b` looks around"),
        (r"f|re: '(a)\1'", Code::Unsupported, r"regular expression `(a)\1` refers back"),
        ("f|expand: '%nobody%'", Code::UnknownReference, "placeholder `nobody` has no values"),
        ("f|expand: '%none%'", Code::UnknownReference, "placeholder `none` has no values"),
    ] {
        let (found, message) = item_refusal(line);
        assert_eq!(found, code, "{line}: {message}");
        assert!(message.starts_with(reason), "{line}: {message}");
    }
}

#[test]
fn values_that_were_hardly_meant_are_noted() {
    let (code, message) = item_note("f|cidr: 192.0.2.77/24");
    assert_eq!(code, Code::Doubtful);
    assert_eq!(message, "`192.0.2.77/24` has bits beyond its prefix, expected `192.0.2.0/24`, taken as such");
    assert_eq!(item_note("f|expand: admins").0, Code::Doubtful);
}
