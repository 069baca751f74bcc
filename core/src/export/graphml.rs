//! The entity graph as GraphML, for Gephi, yEd, igraph, networkx.
//!
//! In: the case file. Out: a directed graph whose nodes are alerts and entities with kind, name, verdict and times,
//! whose edges have a relation, roles and times. Ids are `n0`, `n1` …, as XML names cannot hold what entity ids hold:
//! those stand in `identifier`. The few lines of writing are our own: every crate for XML escapes `&`, `<` and quotes, and
//! none what matters here, the characters that XML 1.0 cannot hold at all.

use std::fmt::Write;

use hashbrown::HashMap;

use crate::graph::{EdgeKind, NodeKind};
use crate::report::CaseFile;
use crate::report::sheet::time_cell;

use super::Written;
use super::words::{cuts, many};

/// Attributes: id, of nodes or edges, type.
const KEYS: [(&str, &str, &str); 20] = [
    ("identifier", "node", "string"),
    ("type", "node", "string"),
    ("kind", "node", "string"),
    ("name", "node", "string"),
    ("verdict", "node", "string"),
    ("score", "node", "double"),
    ("remediationStatus", "node", "string"),
    ("impacted", "node", "boolean"),
    ("because", "node", "string"),
    ("alerts", "node", "int"),
    ("severity", "node", "string"),
    ("status", "node", "string"),
    ("techniques", "node", "string"),
    ("time", "node", "string"),
    ("relation", "edge", "string"),
    ("roles", "edge", "string"),
    ("first", "edge", "string"),
    ("last", "edge", "string"),
    ("alertIds", "edge", "string"),
    ("alertCount", "edge", "int"),
];

/// A document under construction.
#[derive(Default)]
struct Document {
    text: String,
    /// Characters that XML cannot hold.
    replaced: usize,
}

pub(super) fn write(case: &CaseFile) -> Written {
    let mut body = Document::default();
    nodes(case, &mut body);
    edges(case, &mut body);
    let mut left_out = left_out(case);
    if body.replaced > 0 {
        left_out.push(format!("{} that XML 1.0 cannot hold, escaped in place", many(body.replaced, "character")));
    }
    let left_out = cuts(case, left_out);
    let mut head = Document::default();
    head.text.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (name, of, kind) in KEYS {
        // Writing to a text does not fail.
        let _ = writeln!(head.text, "  <key id=\"{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>");
    }
    head.text.push_str("  <graph id=\"incident\" edgedefault=\"directed\">\n    <desc>");
    head.escaped(&format!(
        "Incident {}: {}. Not in this graph: {}.",
        case.incident.id,
        case.incident.title,
        left_out.join("; ")
    ));
    head.text.push_str("</desc>\n");
    head.text.push_str(&body.text);
    head.text.push_str("  </graph>\n</graphml>\n");
    (head.text, left_out)
}

fn nodes(case: &CaseFile, out: &mut Document) {
    let entities: HashMap<&str, _> = case.incident.entities.iter().map(|line| (line.id.as_str(), line)).collect();
    let alerts: HashMap<&str, _> =
        case.alerts.iter().map(|alert| (alert.record.id.as_deref().unwrap_or_default(), &alert.record)).collect();
    for (number, node) in case.graph.nodes().enumerate() {
        let _ = writeln!(out.text, "    <node id=\"n{number}\">");
        out.data("identifier", node.id());
        out.data("type", if node.kind() == NodeKind::Alert { "alert" } else { "entity" });
        out.data("kind", node.kind().as_str());
        out.data("name", node.name());
        if let (NodeKind::Entity(_), Some(line)) = (node.kind(), entities.get(node.id())) {
            out.data("verdict", line.verdict.as_str());
            out.data("score", &line.score.to_string());
            out.data("remediationStatus", line.remediation_status.as_str());
            out.data("impacted", &line.impacted.to_string());
            out.data("because", &line.because);
            out.data("alerts", &line.alerts.to_string());
            out.data("time", &time_cell(line.first_seen));
        }
        if let (NodeKind::Alert, Some(record)) = (node.kind(), alerts.get(node.id())) {
            out.data("severity", record.severity.as_ref().map_or("", |severity| severity.as_str()));
            out.data("status", record.status.as_ref().map_or("", |status| status.as_str()));
            out.data("techniques", &record.mitre_techniques.join("; "));
            out.data("time", &time_cell(node.time()));
        }
        out.text.push_str("    </node>\n");
    }
}

fn edges(case: &CaseFile, out: &mut Document) {
    let numbers: HashMap<(NodeKind, &str), usize> =
        case.graph.nodes().enumerate().map(|(number, node)| ((node.kind(), node.id()), number)).collect();
    for (number, edge) in case.graph.edges().enumerate() {
        let ends = [edge.from(), edge.to()].map(|node| numbers.get(&(node.kind(), node.id())));
        let [Some(from), Some(to)] = ends else { continue };
        let _ = writeln!(out.text, "    <edge id=\"e{number}\" source=\"n{from}\" target=\"n{to}\">");
        out.data("relation", edge.kind().as_str());
        if edge.kind() == EdgeKind::Evidence {
            out.data("roles", &edge.roles().join("; "));
        }
        out.data("first", &time_cell(edge.first()));
        out.data("last", &time_cell(edge.last()));
        out.data("alertIds", &edge.alerts().collect::<Vec<_>>().join("; "));
        out.data("alertCount", &edge.alerts().len().to_string());
        out.text.push_str("    </edge>\n");
    }
}

impl Document {
    /// An attribute; nothing when it is empty.
    fn data(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let _ = write!(self.text, "      <data key=\"{key}\">");
        self.escaped(value);
        self.text.push_str("</data>\n");
    }

    /// Text as XML 1.0 holds it. What it cannot hold even as a reference comes out as `\u{1b}`.
    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\t' | '\n' => self.text.push(c),
                // A reader would take a bare one for a line end of its own.
                '\r' => self.text.push_str("&#13;"),
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                    self.replaced += 1;
                    self.text.extend(c.escape_unicode());
                }
                _ => self.text.push(c),
            }
        }
    }
}

fn left_out(case: &CaseFile) -> Vec<String> {
    let mut out = vec![
        format!("{}, links between alerts, and the plan", many(case.response.actions.len(), "action")),
        "the properties of evidence, and what people did".to_owned(),
    ];
    if case.graph.dangling() > 0 {
        out.push(format!("{} whose ends are not in the incident", many(case.graph.dangling(), "relation")));
    }
    out
}
