use super::*;

fn first(text: &[u8], limits: &Limits) -> RuleProblem {
    read_with(text, limits).1.into_iter().next().unwrap()
}

fn good(title: &str) -> String {
    rule_text("sel: {a: 1}\ncondition: sel").replace("title: T", &format!("title: {title}"))
}

#[test]
fn a_file_beyond_its_size_is_not_looked_at() {
    let limits = Limits { file_bytes: 100, ..Limits::default() };
    let problem = first(&[0xff; 101], &limits);
    assert_eq!((problem.code, problem.line), (Code::Limit, 0));
    assert_eq!(problem.message, "more than 100 bytes, the limit `fileBytes`");
}

#[test]
fn a_rule_of_ten_megabytes() {
    let values = "    - some quite invented value\n".repeat(10 << 20 >> 5);
    let text = format!("{}---\n{}", good("small"), rule_text(&format!("sel:\n  f:\n{values}condition: sel")));
    assert!(text.len() > 10 << 20);
    let (documents, problems) = read(&text);
    assert_eq!(documents.len(), 1);
    let problem = problems.first().unwrap();
    assert_eq!((problem.code, problem.left_out), (Code::Limit, true), "{problem}");
    let one_line = rule_text(&format!("sel:\n  f: {}\ncondition: sel", "x".repeat(10 << 20)));
    assert_eq!(read(&one_line).0.len(), 1);
}

#[test]
fn deep_nesting_ends_at_a_limit_and_the_next_document_is_read() {
    let flow = format!("a: {}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let maps = "{a: ".repeat(10_000);
    let block = "- ".repeat(10_000);
    let lines: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let unclosed = "[".repeat(100_000);
    for deep in [&flow, &maps, &block, &lines, &unclosed] {
        let text = format!("title: deep\nb:\n  {}\n---\n{}", deep.replace('\n', "\n  "), good("after"));
        let (documents, problems) = read(&text);
        assert_eq!(documents.len(), 1, "{:.20}: {problems:?}", deep);
        let problem = problems.first().unwrap();
        assert_eq!((problem.code, problem.rule.as_deref()), (Code::Limit, Some("deep")), "{problem}");
        assert_eq!(problem.message, "nested deeper than 64 levels, the limit `yamlDepth`");
    }
}

#[test]
fn no_limit_is_so_high_that_the_stack_ends() {
    let limits = Limits { yaml_depth: u32::MAX, condition_depth: u32::MAX, ..Limits::default() };
    let lines = "- ".repeat(2_000);
    assert_eq!(first(lines.as_bytes(), &limits).code, Code::Limit);
    let brackets = rule_text(&format!("sel: {{a: 1}}\ncondition: {}", "(".repeat(2_000)));
    assert_eq!(first(brackets.as_bytes(), &limits).code, Code::Limit);
}

#[test]
fn deep_conditions_end_at_a_limit() {
    for deep in ["(".repeat(100_000), "not ".repeat(100_000), "( not ".repeat(50_000)] {
        let problem = refusal(&format!("sel: {{a: 1}}\ncondition: {deep}"));
        assert_eq!(problem.code, Code::Limit);
        assert_eq!(problem.message, "nested deeper than 64 levels, the limit `conditionDepth`");
    }
}

#[test]
fn wide_conditions_end_at_a_limit() {
    for wide in ["sel or ".repeat(100_000), "1 of * or ".repeat(100_000)] {
        let problem = refusal(&format!("sel: {{a: 1}}\ncondition: {wide}sel"));
        assert_eq!(problem.code, Code::Limit);
        assert!(problem.message.ends_with("the limit `conditionTerms`"), "{problem}");
    }
    let several = format!("sel: {{a: 1}}\ncondition: [{}]", "sel, ".repeat(5_000));
    assert_eq!(refusal(&several).code, Code::Limit);
}

#[test]
fn alias_bombs_cost_no_memory() {
    let mut text = "title: bomb\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    text.push_str(&format!("---\n{}", "title: after\n"));
    let problem = first(text.as_bytes(), &Limits::default());
    assert_eq!((problem.code, problem.rule.as_deref()), (Code::Limit, Some("bomb")), "{problem}");
    // Few nodes, much text.
    let long = format!("title: long\na: &a \"{}\\n\"\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(100_000));
    assert_eq!(first(long.as_bytes(), &Limits::default()).code, Code::Limit);
}

#[test]
fn global_bombs_cost_no_memory() {
    let big: String = (0..20_000).map(|at| format!("k{at}: some invented text\n")).collect();
    let text = format!("action: global\n{big}---\n{}", "a: 1\n---\n".repeat(50_000));
    let (documents, problems) = read(&text);
    assert!(documents.is_empty());
    assert_eq!(problems.len(), 1_001);
    assert!(problems.iter().any(|problem| problem.code == Code::Limit && problem.left_out));
    let last = problems.last().unwrap();
    assert_eq!(last.code, Code::Limit);
    assert!(last.message.ends_with("more problems in this file are not listed, the limit `problems`"), "{last}");
}

#[test]
fn spellings_and_placeholders_end_at_limits() {
    let (code, message) = item_refusal("f|windash: '-a -b -c -d -e'");
    assert_eq!(code, Code::Limit);
    assert_eq!(message, "`windash` makes more than 1000 spellings of `-a -b -c -d -e`, the limit `formsPerValue`");
    assert_eq!(forms("f|windash: '-a -b -c -d'").len(), 625);
    assert_eq!(item_refusal(&format!("f|windash: '{}'", "-".repeat(1_000))).0, Code::Limit);
    let many = format!("f|windash: [{}]", "' -a -b -c -d', ".repeat(10_000));
    assert_eq!(
        item_refusal(&many).1,
        "the forms of values in this file, expected fewer, the limits `yamlNodes` and `fileBytes`"
    );
    let twenty = "%admins%".repeat(20);
    assert_eq!(item_refusal(&format!("f|expand: '{twenty}'")).0, Code::Limit);
    let limits = Limits { values_per_item: 2, ..Limits::default() };
    let text = rule_text("sel: {f: [1, 2, 3]}\ncondition: sel");
    assert_eq!(first(text.as_bytes(), &limits).message, "3 values, expected at most 2, the limit `valuesPerItem`");
}

#[test]
fn regular_expression_bombs_end_at_limits() {
    for bomb in ["(a{1000}){1000}", r"(\w{500}){500}", "((a{100}){100}){100}"] {
        let (code, message) = item_refusal(&format!("f|re: '{bomb}'"));
        assert_eq!(code, Code::Limit, "{message}");
        assert!(message.ends_with("the limit `regexProgramBytes`"), "{message}");
    }
    let (code, message) = item_refusal(&format!("f|re: '{}'", "a".repeat(10_001)));
    assert_eq!(
        (code, message.as_str()),
        (Code::Limit, "a regular expression of 10001 bytes, expected at most 10000, the limit `regexBytes`")
    );
    assert_ne!(item_refusal(&format!("f|re: '{}a{}'", "(".repeat(4_000), ")".repeat(4_000))).0, Code::Limit);
    let limits = Limits { regex_bytes_per_file: 1 << 20, ..Limits::default() };
    let many = rule_text(&format!("sel:\n  f|re: [{}]\ncondition: sel", "a, ".repeat(100)));
    let problem = first(many.as_bytes(), &limits);
    assert_eq!(problem.code, Code::Limit);
    assert!(problem.message.ends_with("the limit `regexBytesPerFile`"), "{problem}");
}

#[test]
fn what_is_no_text_leaves_out_its_document_only() {
    for bad in [&b"\xff"[..], b"\xc3\x28", b"\x00", b"\xed\xa0\x80"] {
        let text = [good("A").as_bytes(), b"---\ntitle: \xc3\xa9 ", bad, b"\n---\n", good("B").as_bytes()].concat();
        let (documents, problems) = read_with(&text, &Limits::default());
        let titles: Vec<_> = documents.iter().map(|d| (d.meta.title.as_str(), d.place.line)).collect();
        assert_eq!(titles, [("A", 1), ("B", 9)]);
        let problem = problems.first().unwrap();
        assert_eq!((problems.len(), problem.code, problem.line, problem.column), (1, Code::Syntax, 7, 10));
        let byte = bad.first().unwrap();
        assert_eq!(problem.message, format!("byte 0x{byte:02x}, expected UTF-8 text without NUL"));
    }
    let utf16: Vec<u8> = good("A").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(first(&utf16, &Limits::default()).code, Code::Syntax);
}

#[test]
fn a_file_full_of_bad_documents_is_read_in_one_pass() {
    let text = b"a: \xff\n---\nb: \0\n---\n'\n---\n".repeat(20_000);
    let (documents, problems) = read_with(&text, &Limits::default());
    assert_eq!((documents.len(), problems.len()), (0, 1_001));
    let broken = "a: 'b\n---\n".repeat(100_000);
    assert_eq!(read(&broken).1.len(), 1_001);
}

#[test]
fn many_keys_and_selections_are_read_in_time() {
    let keys: String = (0..100_000).map(|at| format!("k{at}: 1\n")).collect();
    assert_eq!(read(&format!("{}{keys}", good("A"))).0.len(), 1);
    let selections: String = (0..50_000).map(|at| format!("s{at}: {{a: 1}}\n")).collect();
    assert_eq!(read(&rule_text(&format!("{selections}condition: s49999"))).0.len(), 1);
    assert_eq!(refusal(&format!("{selections}condition: 1 of s1*")).code, Code::Limit);
}

#[test]
fn no_prefix_of_a_rule_and_no_changed_byte_breaks_the_reader() {
    let whole = rule_text(
        "one: &x {a|re: '^a$', b: [1, ~]}\ntwo:\n  - \"q\\u0041\"\n  - *x\nd: |\n  text\ncondition: >\n  1 of them",
    );
    for end in 0..=whole.len() {
        read_with(whole.as_bytes().get(..end).unwrap(), &Limits::default());
    }
    for at in 0..whole.len() {
        for byte in b"\0\n\t \"'%&*-:?[]{}|>#@`,!\x80".iter() {
            let mut changed = whole.clone().into_bytes();
            *changed.get_mut(at).unwrap() = *byte;
            read_with(&changed, &Limits::default());
        }
    }
}
