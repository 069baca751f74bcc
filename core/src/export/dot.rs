//! The entity graph as DOT, for graphviz.
//!
//! In: the case file. Out: a directed graph, drawn with the verdicts as colours. Every text is a quoted string, never an
//! HTML label, and nothing in it can end the string or be taken for one of graphviz's escapes (`\N`, `\l`, `&amp;`).
//! In `name` and `entity`, which graphviz keeps and does not draw, a backslash is written twice as DOT has no other way.

use std::fmt::Write;

use hashbrown::HashMap;

use crate::graph::{EdgeKind, NodeKind};
use crate::model::Verdict;
use crate::report::CaseFile;
use crate::report::sheet::time_cell;

use super::Written;
use super::words::{cuts, many};

/// Characters of a name that are drawn; the whole stands in `name`.
const DRAWN: usize = 60;

pub(super) fn write(case: &CaseFile) -> Written {
    let left_out = cuts(case, left_out(case));
    let mut out = String::new();
    // Writing to a text does not fail.
    let _ = written(case, &left_out, &mut out);
    (out, left_out)
}

fn written(case: &CaseFile, left_out: &[String], out: &mut String) -> std::fmt::Result {
    writeln!(out, "digraph incident {{")?;
    writeln!(out, "  comment={};", quoted(&format!("Not in this graph: {}.", left_out.join("; "))))?;
    writeln!(out, "  label={};", drawn(&case.incident.title, 200))?;
    writeln!(out, "  charset=\"UTF-8\"; rankdir=\"LR\"; labelloc=\"t\"; fontname=\"sans-serif\";")?;
    writeln!(out, "  node [fontname=\"sans-serif\", fontsize=\"10\", style=\"filled\", fillcolor=\"#ffffff\"];")?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=\"8\", color=\"#555555\"];")?;
    let entities: HashMap<&str, _> = case.incident.entities.iter().map(|line| (line.id.as_str(), line)).collect();
    let severities: HashMap<&str, _> = case
        .alerts
        .iter()
        .filter_map(|alert| Some((alert.record.id.as_deref()?, alert.record.severity.as_ref()?)))
        .collect();
    let mut numbers: HashMap<(NodeKind, &str), usize> = HashMap::new();
    for (number, node) in case.graph.nodes().enumerate() {
        numbers.insert((node.kind(), node.id()), number);
        write!(out, "  n{number} [label={}", drawn(node.name(), DRAWN))?;
        write!(
            out,
            ", kind={}, name={}, entity={}",
            quoted(node.kind().as_str()),
            quoted(node.name()),
            quoted(node.id())
        )?;
        match entities.get(node.id()).filter(|_| node.kind() != NodeKind::Alert) {
            Some(line) => {
                let tooltip = format!("{}: {} ({})", line.kind.as_str(), line.verdict, line.because);
                write!(out, ", verdict={}, score={}", quoted(line.verdict.as_str()), quoted(&line.score.to_string()))?;
                write!(out, ", remediationStatus={}", quoted(line.remediation_status.as_str()))?;
                write!(out, ", tooltip={}, fillcolor={}", drawn(&tooltip, 400), quoted(colour(&line.verdict)))?;
                let shape = if line.kind.is_asset() { "box" } else { "ellipse" };
                write!(out, ", shape=\"{shape}\", penwidth=\"{}\"", if line.impacted { 3 } else { 1 })?;
            }
            None => {
                let severity = severities.get(node.id()).map_or("unknown", |severity| severity.as_str());
                write!(out, ", severity={}, time={}", quoted(severity), quoted(&time_cell(node.time())))?;
                write!(out, ", tooltip={}, shape=\"note\", fillcolor=\"#e8eef7\"", drawn(node.name(), 400))?;
            }
        }
        writeln!(out, "];")?;
    }
    for edge in case.graph.edges() {
        let ends = [edge.from(), edge.to()].map(|node| numbers.get(&(node.kind(), node.id())));
        let [Some(from), Some(to)] = ends else { continue };
        write!(out, "  n{from} -> n{to} [relation={}", quoted(edge.kind().as_str()))?;
        if edge.kind() == EdgeKind::Evidence {
            write!(out, ", style=\"dashed\", color=\"#aaaaaa\", arrowhead=\"none\"")?;
            let roles = edge.roles().join(", ");
            write!(out, ", label={}, roles={}", drawn(&roles, DRAWN), quoted(&roles))?;
        } else {
            write!(out, ", label={}", drawn(edge.kind().as_str(), DRAWN))?;
        }
        let alerts = edge.alerts().collect::<Vec<_>>().join("; ");
        write!(out, ", first={}, last={}", quoted(&time_cell(edge.first())), quoted(&time_cell(edge.last())))?;
        writeln!(out, ", alerts={}];", quoted(&alerts))?;
    }
    writeln!(out, "}}")
}

const fn colour(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Malicious => "#f4b6b0",
        Verdict::Suspicious => "#fbe0a6",
        Verdict::Clean => "#cfe8cf",
        _ => "#ffffff",
    }
}

/// A quoted string that graphviz keeps and does not draw.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    text.chars().for_each(|c| push(c, &mut out));
    out.push('"');
    out
}

/// A quoted string that graphviz draws: there it reads escapes and entities.
fn drawn(text: &str, length: usize) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars().take(length) {
        if c == '&' { out.push_str("&amp;") } else { push(c, &mut out) }
    }
    if text.chars().nth(length).is_some() {
        out.push('…');
    }
    out.push('"');
    out
}

fn push(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        // Line ends, bells, marks that turn the text around, and what the XML of a picture cannot hold: shown, not obeyed.
        c if c.is_control() || crate::report::is_directional(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
            out.push('\\');
            out.extend(c.escape_unicode());
        }
        c => out.push(c),
    }
}

fn left_out(case: &CaseFile) -> Vec<String> {
    let mut out = vec![
        format!("{}, links between alerts, and the plan", many(case.response.actions.len(), "action")),
        "the properties of evidence, and what people did".to_owned(),
    ];
    let long = case.graph.nodes().filter(|node| node.name().chars().count() > DRAWN).count();
    if long > 0 {
        out.push(format!("the ends of {} in the picture; `name` has all of them", many(long, "long name")));
    }
    if case.graph.dangling() > 0 {
        out.push(format!("{} whose ends are not in the incident", many(case.graph.dangling(), "relation")));
    }
    out
}
