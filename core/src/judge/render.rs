//! Verdicts in words: what an opinion says, the reason in one line, and the tree.

use std::fmt::Write;

use crate::model::{FactId, Verdict};
use crate::resolve::Relation;

use super::opinions::{Authority, Why};
use super::proof::{Explanation, PathStep, RuleName, Spared, StatedOpinion};

/// Why an alert of this title is an opinion.
pub(super) fn of_alert(why: Why, title: &str) -> String {
    match why {
        Why::ProviderVerdict => format!("the provider's verdict in `{title}`"),
        Why::Role => format!("its role in `{title}`"),
        Why::Detected => format!("a sensor acted on it in `{title}`"),
        Why::TruePositive => format!("`{title}` was confirmed as a true positive"),
        Why::FalsePositive => format!("`{title}` was found to be a false positive"),
        _ => format!("part of `{title}`"),
    }
}

pub(super) fn of_rule(rule: &RuleName, matched: &str) -> String {
    let matched = if matched.is_empty() { String::new() } else { format!(": {matched}") };
    format!("rule {} fits{matched}", rule_name(rule))
}

/// How a list is called that does not say its name.
pub(super) const UNNAMED_LIST: &str = "an indicator list";

pub(super) fn of_indicator(source: &str) -> String {
    format!("{source} lists it")
}

pub(super) fn of_decision(by: &str, reason: Option<&str>) -> String {
    let reason = reason.map(|r| format!(": {r}")).unwrap_or_default();
    format!("{by} decided so{reason}")
}

/// What would have to be known, when nothing is.
pub(super) fn missing(with_rules: bool) -> String {
    let mut text = "no provider verdict, indicator or decision about it, and nothing suspicious leads to it".to_owned();
    if with_rules {
        text.push_str("; no rule for its kind had the fields it needs");
    }
    text
}

pub(super) fn reached(limit: &str) -> String {
    format!("`{limit}` was reached: rules did not see all of it")
}

/// Where an evidence item stands; what is only mentioned in one is said to be.
pub(super) fn place(item: u32, nested: bool) -> String {
    if nested { format!("in $.evidence[{item}]") } else { format!("$.evidence[{item}]") }
}

/// `Title` (id, first digits of the hash).
fn rule_name(rule: &RuleName) -> String {
    let hash: String = rule.hash.chars().take(8).collect();
    let id = if rule.id.is_empty() { String::new() } else { format!("{}, ", rule.id) };
    format!("`{}` ({id}{hash})", rule.title)
}

/// What was looked at and found to be nothing, by which rules.
fn examined(rules: &[RuleName]) -> String {
    const NAMED: usize = 3;
    let names: Vec<String> = rules.iter().take(NAMED).map(rule_name).collect();
    let more = if rules.len() > NAMED { format!(" and {} more", rules.len() - NAMED) } else { String::new() };
    let names = names.join(", ");
    if rules.len() == 1 {
        format!("rule {names} had the fields it needs and did not fire")
    } else {
        format!("rules {names}{more} had the fields they need and did not fire")
    }
}

fn spared(by: &Spared, entity: &str) -> String {
    let rule = rule_name(&by.rule);
    if by.entity == entity {
        format!("; exculpating rule {rule} leaves at most {}", by.at_most)
    } else {
        format!("; exculpating rule {rule} on `{}` lets less suspicion through", by.name)
    }
}

/// The reason in one line, made of everything else that the explanation says.
pub(super) fn because(why: &Explanation) -> String {
    let along = match (why.path.first(), why.path.last()) {
        (Some(first), Some(last)) if why.authority != Authority::Indicator => Some((first, last)),
        _ => None,
    };
    let mut text = match (along, why.opinions.as_slice()) {
        (Some((first, last)), _) => {
            let steps = if why.path.len() > 1 { format!(", {} steps away", why.path.len()) } else { String::new() };
            format!("{} `{}`{steps}", phrase(last.relation, last.forward), first.from_name)
        }
        (None, []) if why.verdict == Verdict::Clean && !why.examined.is_empty() => examined(&why.examined),
        (None, []) if why.missing.is_some() => "not examined".to_owned(),
        (None, []) => "nothing speaks against it".to_owned(),
        (None, [only]) => only.because.clone(),
        (None, [first, rest @ ..]) => format!("{}, and {} more", first.because, rest.len()),
    };
    if let Some(bounds) = &why.undecided {
        text = format!("not settled, its score is between {} and {}", bounds.lower, bounds.upper);
    } else if why.authority == Authority::Direct && why.verdict < Verdict::Suspicious {
        text.push_str(", below every threshold");
    }
    if why.impacted {
        text.push_str("; impacted");
    }
    if let Some(by) = &why.spared {
        text.push_str(&spared(by, &why.entity));
    }
    text
}

/// How the judged entity relates to where the suspicion came from.
fn phrase(relation: Relation, forward: bool) -> &'static str {
    match (relation, forward) {
        (Relation::Parent, true) => "started",
        (Relation::Parent, false) => "started by",
        (Relation::Image, true) => "the file run by",
        (Relation::Image, false) => "runs",
        (Relation::Sender, true) => "sent",
        (Relation::Sender, false) => "sent by",
        (Relation::Contains, true) => "carried by",
        (Relation::Contains, false) => "carries",
        (Relation::Domain, true) => "host of",
        (Relation::Domain, false) => "is under",
        (Relation::ResolvesTo, true) => "address of",
        (Relation::ResolvesTo, false) => "resolves to",
        (Relation::Address, true) => "endpoint of",
        (Relation::Address, false) => "reaches",
        (Relation::Instance, true) => "an instance of",
        (Relation::Instance, false) => "seen as",
        (Relation::Connected, true) => "contacted by",
        (Relation::Connected, false) => "contacted",
        (Relation::Wrote, true) => "written by",
        (Relation::Wrote, false) => "wrote",
        _ => "linked to",
    }
}

/// A line of the tree and what is below it.
struct Branch {
    line: String,
    below: Vec<Branch>,
}

impl Branch {
    fn new(line: impl Into<String>) -> Branch {
        Branch { line: line.into(), below: Vec::new() }
    }

    fn over(line: impl Into<String>, below: impl IntoIterator<Item = Branch>) -> Branch {
        Branch { line: line.into(), below: below.into_iter().collect() }
    }

    fn write(&self, out: &mut String, lead: &str) {
        out.push_str(&escaped(&self.line));
        out.push('\n');
        for (i, branch) in self.below.iter().enumerate() {
            let last = i + 1 == self.below.len();
            out.push_str(lead);
            out.push_str(if last { "└─ " } else { "├─ " });
            branch.write(out, &format!("{lead}{}", if last { "   " } else { "│  " }));
        }
    }
}

/// A text in one line that shows what it holds: neither controls nor what turns the direction of writing.
fn escaped(text: &str) -> String {
    let garbles = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if garbles(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// The proof as a tree.
pub(super) fn tree(why: &Explanation) -> String {
    let mut root = Branch::new(format!(
        "{} {} by {}: {} `{}`",
        why.verdict.as_str(),
        why.score,
        authority(why.authority),
        why.kind.as_str(),
        why.name
    ));
    root.below.push(Branch::new(format!("because {}", why.because)));
    let group = |name: &str, below: Vec<Branch>| (!below.is_empty()).then(|| Branch::over(name, below));
    let texts = |list: &mut dyn Iterator<Item = &String>| list.map(Branch::new).collect();
    root.below.extend(group("recognised by", texts(&mut why.identifiers.iter())));
    root.below.extend(group("opinions", why.opinions.iter().map(opinion).collect()));
    if let Some(start) = &why.start {
        let line = format!("{} {} by {}", start.entity, start.score, authority(start.authority));
        let start = Branch::over(line, start.opinions.iter().map(opinion));
        let path = std::iter::once(start).chain(why.path.iter().map(step));
        root.below.push(Branch::over("suspicion came from", path));
    }
    if let Some(by) = &why.spared {
        let line = format!("spared: {} has at most {} by exculpating rule {}", by.entity, by.at_most, full(&by.rule));
        root.below.push(Branch::new(line));
    }
    root.below.extend(group("overruled", why.overruled.iter().map(opinion).collect()));
    root.below.extend(group("examined by", why.examined.iter().map(|rule| Branch::new(full(rule))).collect()));
    root.below.extend(group("missing", texts(&mut why.missing.iter())));
    root.below.extend(group("limits", texts(&mut why.limits.iter())));
    if let Some(bounds) = &why.undecided {
        let verdicts: Vec<&str> = bounds.verdicts.iter().map(Verdict::as_str).collect();
        let line = format!("undecided: {} to {}, {}", bounds.lower, bounds.upper, verdicts.join(" or "));
        root.below.push(Branch::new(line));
    }
    root.below.push(basis(why));
    let mut out = String::new();
    root.write(&mut out, "");
    out
}

fn basis(why: &Explanation) -> Branch {
    let basis = &why.basis;
    let mut branch = Branch::new("holds under");
    branch.below.push(Branch::new(format!("casegraph {}, {}", basis.engine, why.schema)));
    branch.below.push(Branch::new(format!(
        "malicious from {}, suspicious from {}, policy {}",
        basis.malicious, basis.suspicious, basis.policy
    )));
    branch.below.extend(basis.rules.as_ref().map(|rules| Branch::new(format!("rules {rules}"))));
    let alerts = basis.incident.iter().map(|member| {
        let facts: Vec<String> = member.facts.iter().map(FactId::to_string).collect();
        let tenant = if member.tenant_id.is_empty() { String::new() } else { format!(" of `{}`", member.tenant_id) };
        Branch::new(format!("`{}`{tenant}: fact {}", member.alert, facts.join(", ")))
    });
    let line = format!("an incident of {} alerts, {}", basis.incident.len(), basis.digest);
    branch.below.push(Branch::over(line, alerts));
    branch
}

fn authority(authority: Authority) -> &'static str {
    match authority {
        Authority::Analyst => "an analyst",
        Authority::Indicator => "an indicator",
        Authority::Direct => "its own evidence",
        Authority::Association => "association",
        Authority::None => "nobody",
    }
}

fn full(rule: &RuleName) -> String {
    let id = if rule.id.is_empty() { String::new() } else { format!(", id {}", rule.id) };
    format!("`{}`{id}, hash {}", rule.title, rule.hash)
}

fn leaf(alert: Option<&str>, fact: Option<&FactId>, at: Option<&str>) -> Option<Branch> {
    let mut line = format!("fact {}", fact?);
    if let Some(at) = at {
        let _ = write!(line, " at {at}");
    }
    if let Some(alert) = alert {
        let _ = write!(line, ", alert `{alert}`");
    }
    Some(Branch::new(line))
}

fn opinion(said: &StatedOpinion) -> Branch {
    let mut branch = Branch::new(format!("{} {}: {}", said.verdict.as_str(), said.confidence, said.because));
    match &said.rule {
        Some(rule) => branch.below.push(Branch::new(format!("rule {}", full(rule)))),
        None => branch.below.push(Branch::new(format!("source `{}`", said.source))),
    }
    branch.below.extend(leaf(said.alert.as_deref(), said.fact.as_ref(), said.at.as_deref()));
    branch.below.extend(said.looked_at.iter().map(|fact| Branch::new(format!("looked at fact {fact}"))));
    if let Some(by) = &said.overruled_by {
        let overruling = said.overruling.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
        branch.below.push(Branch::new(format!("overruled: {by}{overruling}")));
    }
    branch
}

fn step(step: &PathStep) -> Branch {
    let arrow = if step.forward { "→" } else { "←" };
    let line = format!(
        "`{}` {arrow} {} {}: × {} = {}",
        step.from_name,
        step.relation.as_str(),
        step.to,
        step.weight,
        step.score
    );
    let capped = step.capped.iter().map(|rule| Branch::new(format!("no more, by exculpating rule {}", full(rule))));
    Branch::over(line, leaf(Some(&step.alert), Some(&step.fact), Some(&step.at)).into_iter().chain(capped))
}
