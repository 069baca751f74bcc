//! The published Sigma rules: read when `../shared` lies beside the workspace, else skipped with a note.
//! Every rule loads or is among the one in a hundred that is left out with a reason, and every regression case of the
//! publishers fires the rule that it names.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say with a panic what failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use casegraph::rules::{Event, RuleSet};
use serde_json::value::RawValue;

const TREES: [&str; 3] = ["rules", "rules-emerging-threats", "rules-threat-hunting"];

fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(part);
    let found = path.exists().then_some(path);
    if found.is_none() {
        println!("note: ../shared/{part} is not there, nothing was checked");
    }
    found
}

fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path, wanted));
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn published(root: &Path) -> RuleSet {
    let mut builder = RuleSet::builder();
    for tree in TREES {
        builder = builder.add_path(root.join(tree));
    }
    builder.build().unwrap()
}

/// A case of the publishers: what it is about, and the rules that it must fire.
struct Case {
    name: String,
    rules: Vec<String>,
    events: PathBuf,
}

/// Reads an `info.yml`: the ids under `rule_metadata`, and the recording's path with `.json` for `.evtx`.
fn cases(root: &Path) -> Vec<Case> {
    let infos = files(&root.join("regression_data"), &|path| path.ends_with("info.yml"));
    let mut cases = Vec::new();
    for info in infos {
        let text = std::fs::read_to_string(&info).unwrap();
        let (_, rest) = text.split_once("rule_metadata:").expect("rules are named");
        let (rules, tests) = rest.split_once("regression_tests_info:").expect("tests are named");
        let values = |text: &str, key: &str| -> Vec<String> {
            let bare = text.lines().map(|line| line.trim_start_matches([' ', '-']));
            bare.filter_map(|line| Some(line.strip_prefix(key)?.trim().to_owned())).collect()
        };
        for path in values(tests, "path:") {
            let events = root.join(&path).with_extension("json");
            cases.push(Case { name: path, rules: values(rules, "id:"), events });
        }
    }
    cases
}

#[test]
fn at_most_one_rule_in_a_hundred_is_left_out() {
    let Some(root) = shared("data/sigma") else { return };
    let is_rule = |path: &Path| path.extension().is_some_and(|e| e == "yml");
    let documents: usize = TREES.iter().map(|tree| files(&root.join(tree), &is_rule).len()).sum();
    assert!(documents > 3_000, "{documents} documents");
    let rules = published(&root);
    rules.problems().iter().for_each(|problem| println!("{problem}"));
    println!("{} rules of {documents} documents", rules.len());
    assert!(rules.len() * 100 >= documents * 99, "{} rules of {documents} documents", rules.len());
    assert!(rules.len() >= documents || !rules.problems().is_empty(), "a rule was left out in silence");
}

#[test]
fn every_regression_case_fires_the_rule_it_names() {
    let Some(root) = shared("data/sigma") else { return };
    let (rules, cases) = (published(&root), cases(&root));
    assert_eq!(cases.len(), 119);
    let mut matcher = rules.matcher();
    let mut silent = Vec::new();
    for Case { name, rules: expected, events } in &cases {
        assert!(!expected.is_empty(), "{name} names no rule");
        let text = std::fs::read_to_string(events).unwrap();
        let mut fired = BTreeSet::new();
        for document in serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter::<&RawValue>()
        {
            let event = Event::parse(document.unwrap().get().as_bytes()).unwrap();
            fired.extend(
                matcher
                    .matches(&event)
                    .iter()
                    .map(|index| rules.rule(*index).unwrap().id().unwrap_or_default().to_owned()),
            );
        }
        let missing: Vec<&String> = expected.iter().filter(|id| !fired.contains(*id)).collect();
        if !missing.is_empty() {
            silent.push(format!("{name}: {missing:?} did not fire, {fired:?} did"));
        }
    }
    println!("{} of {} cases fire their rule", cases.len() - silent.len(), cases.len());
    assert!(silent.is_empty(), "{silent:#?}");
}

/// The compiled matcher and the literal reading of the specification say the same, on real events: of every
/// rule that matches, and of a spread of those that do not.
#[test]
fn the_engine_agrees_with_the_literal_reading() {
    let Some(root) = shared("data/sigma") else { return };
    let (rules, cases) = (published(&root), cases(&root));
    let ids: Vec<String> = rules.rules().filter_map(|rule| rule.id().map(str::to_owned)).collect();
    let (mut matcher, mut asked) = (rules.matcher(), 0);
    for (at, Case { name, events, .. }) in cases.iter().enumerate() {
        let text = std::fs::read_to_string(events).unwrap();
        let mut documents =
            serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter::<&RawValue>();
        let event = Event::parse(documents.next().unwrap().unwrap().get().as_bytes()).unwrap();
        let hits: BTreeSet<&str> = matcher.matches(&event).iter().filter_map(|hit| rules.rule(*hit)?.id()).collect();
        let spread = ids.iter().map(String::as_str).skip(at % 97).step_by(97);
        for id in hits.iter().copied().chain(spread) {
            let Ok(trace) = rules.explain(id, &event) else { continue };
            assert_eq!(trace.matched, hits.contains(id), "{name}, {id}: {}", trace.text);
            asked += 1;
        }
    }
    assert!(asked > 3_000, "{asked} questions");
}
