//! The front end, by what comes out of whole rule texts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say with a panic what failed")]

mod conditions;
mod correlations;
mod documents;
mod hostile;
mod modifiers;
mod traps;
mod values;

use std::collections::BTreeMap;

use super::{Code, Limits, Options};
use crate::rules::ast::{Body, Document, Item, Node, Rule, Test, Token};
use crate::rules::problem::RuleProblem;

fn read_with(text: &[u8], limits: &Limits) -> (Vec<Document>, Vec<RuleProblem>) {
    let admins = vec!["root".to_owned(), "adm_*".to_owned()];
    let placeholders = BTreeMap::from([("admins".to_owned(), admins), ("none".to_owned(), Vec::new())]);
    super::documents("test.yml", text, &Options { limits, placeholders: &placeholders })
}

fn read(text: &str) -> (Vec<Document>, Vec<RuleProblem>) {
    read_with(text.as_bytes(), &Limits::default())
}

/// A rule whose detection is `detection`, lines and all.
fn rule_text(detection: &str) -> String {
    let indented: String = detection.lines().map(|line| format!("  {line}\n")).collect();
    format!("title: T\nlogsource: {{category: test}}\ndetection:\n{indented}")
}

/// The rule, and the problems that left it in use.
fn rule(detection: &str) -> (Rule, Vec<RuleProblem>) {
    let (documents, problems) = read(&rule_text(detection));
    match documents.into_iter().next().map(|document| document.body) {
        Some(Body::Rule(rule)) => (rule, problems),
        _ => panic!("{detection:?} was left out: {problems:?}"),
    }
}

fn selection(detection: &str) -> Node {
    let (rule, problems) = rule(&format!("{detection}\ncondition: sel"));
    assert_eq!(problems, [], "{detection}");
    rule.selections.into_iter().next().unwrap().node
}

/// The only item of the selection with this line.
fn item(line: &str) -> Item {
    match selection(&format!("sel:\n  {line}")) {
        Node::Item(item) => item,
        other => panic!("{line}: {other:?}"),
    }
}

/// The forms of the first value, each as a short text.
fn forms(line: &str) -> Vec<String> {
    item(line).values.first().unwrap().forms.iter().map(show).collect()
}

/// The problem that leaves out a rule with this detection.
fn refusal(detection: &str) -> RuleProblem {
    let (documents, problems) = read(&rule_text(detection));
    assert!(documents.is_empty(), "{detection} was taken");
    problems.into_iter().find(|problem| problem.left_out).unwrap()
}

fn item_refusal(line: &str) -> (Code, String) {
    let problem = refusal(&format!("sel:\n  {line}\ncondition: sel"));
    (problem.code, problem.message)
}

/// The only problem of a rule that stays in use.
fn item_note(line: &str) -> (Code, String) {
    let (_, problems) = rule(&format!("sel:\n  {line}\ncondition: sel"));
    assert_eq!(problems.len(), 1, "{line}: {problems:?}");
    let problem = problems.into_iter().next().unwrap();
    (problem.code, problem.message)
}

fn show(test: &Test) -> String {
    match test {
        Test::Text(pattern) => {
            let token = |token: &Token| match token {
                Token::Literal(text) => format!("'{text}'"),
                Token::Any => "*".to_owned(),
                Token::One => "?".to_owned(),
            };
            let tokens: String = pattern.tokens.iter().map(token).collect();
            if pattern.cased { format!("cased {tokens}") } else { tokens }
        }
        Test::Number(number) => format!("{number:?}"),
        Test::Regex(regex) => format!("{:?}", regex.key()),
        Test::Cidr(cidr) => format!("{}/{}", cidr.base, cidr.bits),
        other => format!("{other:?}"),
    }
}
