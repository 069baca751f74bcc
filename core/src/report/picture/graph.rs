//! The entity graph: alerts in the order of time from above, below each the entities that it brought, by kind from
//! left to right.
//!
//! In: the graph, the verdicts and the alerts of a case file. Out: the picture. Twins are one node; at most
//! [`NODES`] nodes and [`EDGES`] edges are drawn, the worst and best linked, and the rest is counted.
//!
//! What a script may rely on. Each node is a `g.cg-node` with `data-id`, `data-name`, `data-kind` (`alert` or the kind of entity),
//! `data-verdict` (of an alert `data-severity`), `data-entity` (the place in the summary's list of entities), `data-first` (RFC 3339 or empty), `data-alerts` and `data-count` (how
//! many twins it stands for, itself included). Each edge is a `path.cg-edge` with `data-from`, `data-to` (ids of drawn
//! nodes), `data-relation`, `data-first` and `data-alerts`. `data-alerts` are places in [`CaseFile::alerts`] from 0,
//! separated by spaces, at most [`LISTED`] of them. Nodes take no focus until a script gives them something to do: it
//! sets `tabindex` and `role`, and makes the picture a `group`.

mod choose;
mod lines;

use crate::graph::{EntityKind, NodeKind};
use crate::model::{AlertSeverity, Verdict};
use crate::report::CaseFile;

use super::layout::{self, Cell};
use super::svg::Canvas;
use super::{Svg, marks, moment, text};
use choose::{Chosen, Drawn};

/// Nodes that are drawn at most.
const NODES: usize = 200;
/// Of them alerts that are drawn whatever they brought.
const ALERTS: usize = 30;
/// Edges that are drawn at most.
const EDGES: usize = 900;
/// Alerts that a node or edge names at most.
const LISTED: usize = 200;

const MARGIN: i32 = 14;
/// Between two columns, and left and right of them, where lines run.
const GUTTER: i32 = 36;
const LEFT: i32 = MARGIN + GUTTER;
const WIDTH: i32 = 156;
const HEIGHT: i32 = 34;
const ALERT_HEIGHT: i32 = 30;
/// Between two rows, where lines run.
const GAP: i32 = 9;
/// Between two bands.
const BAND_GAP: i32 = 16;

/// What stands in a column, from the left.
const COLUMNS: [&str; 4] = ["Accounts, devices", "Processes", "Files, registry", "Mail, network"];

fn column(kind: EntityKind) -> usize {
    use EntityKind as K;
    match kind {
        K::Process | K::Container | K::KubernetesPod | K::HostLogonSession => 1,
        K::File | K::Malware | K::RegistryKey | K::RegistryValue | K::Blob | K::ContainerImage | K::Other => 2,
        K::Ip | K::Url | K::Dns | K::NetworkConnection | K::Nic | K::AnalyzedMessage | K::EmailSender => 3,
        K::MailCluster | K::SubmissionMail | K::TeamsMessage => 3,
        _ => 0,
    }
}

/// A node with its place.
struct Placed<'d, 'c> {
    drawn: &'d Drawn<'c>,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

pub(super) fn draw(case: &CaseFile) -> Svg {
    let chosen = choose::choose(case);
    let columns = columns(&chosen);
    let left_out = chosen.left_out();
    let top = if left_out.is_empty() { 98 } else { 118 };
    let (nodes, bottom) = place(&chosen, &columns, top);
    let width = columns.last().map_or(LEFT + 3 * WIDTH, |(_, x)| x + WIDTH).max(LEFT + 3 * WIDTH) + GUTTER;
    let mut canvas = Canvas::new("cg-graph", "", width);
    let entities = nodes.iter().filter(|n| n.drawn.kind != NodeKind::Alert).count();
    let (alerts, lines) = (nodes.len() - entities, chosen.lines.len());
    let said = format!("{alerts} alerts, {entities} entities, {lines} relations");
    let more = if left_out.is_empty() { "everything is drawn".to_owned() } else { left_out.join(", ") };
    let about = format!("{said}: alerts by time from above, below each the entities that it brought, by kind; {more}");
    canvas.describe("Entity graph", &about);
    canvas.text(MARGIN, 32, 20, "cg-strong", "Entity graph");
    canvas.text(MARGIN, 54, 14, "cg-soft", &said);
    if !left_out.is_empty() {
        canvas.text(MARGIN, 74, 13, "cg-soft", &text::fit(&more, 13, width - 2 * MARGIN));
    }
    for (column, x) in &columns {
        let name = COLUMNS.get(*column).copied().unwrap_or_default();
        canvas.text(*x, top - 14, 13, "cg-soft cg-strong", name);
    }
    lines::draw(&mut canvas, &chosen, &nodes);
    canvas.group("cg-nodes");
    for node in &nodes {
        draw_node(&mut canvas, node);
    }
    canvas.end();
    legend(&mut canvas, bottom);
    canvas.finish(bottom + 66, left_out)
}

/// The columns that anything stands in, and where they begin.
fn columns(chosen: &Chosen<'_>) -> Vec<(usize, i32)> {
    let mut out = Vec::new();
    let mut x = LEFT;
    for at in 0..COLUMNS.len() {
        if chosen.nodes.iter().any(|node| matches!(node.kind, NodeKind::Entity(kind) if column(kind) == at)) {
            out.push((at, x));
            x += WIDTH + GUTTER;
        }
    }
    out
}

/// Where every node stands, and where the lowest ends.
fn place<'d, 'c>(chosen: &'d Chosen<'c>, columns: &[(usize, i32)], top: i32) -> (Vec<Placed<'d, 'c>>, i32) {
    let cell = |node: &Drawn<'_>| match node.kind {
        NodeKind::Alert => Cell { column: 0, band: node.band },
        NodeKind::Entity(kind) => Cell { column: 1 + column(kind), band: node.band },
    };
    let cells: Vec<Cell> = chosen.nodes.iter().map(cell).collect();
    let links: Vec<(usize, usize)> = chosen.lines.iter().map(|line| (line.from, line.to)).collect();
    let order = layout::order(&cells, &links);
    let below = |cell: &Cell, at: &usize| if cell.column == 0 { 0 } else { ALERT_HEIGHT + GAP + row(*at) };
    let mut heights = vec![ALERT_HEIGHT; cells.iter().map(|cell| cell.band + 1).max().unwrap_or(0)];
    for (cell, at) in cells.iter().zip(&order).filter(|(cell, _)| cell.column > 0) {
        if let Some(height) = heights.get_mut(cell.band) {
            *height = (below(cell, at) + HEIGHT).max(*height);
        }
    }
    let mut y = top;
    let tops: Vec<i32> = heights
        .iter()
        .map(|height| {
            let at = y;
            y += height + BAND_GAP;
            at
        })
        .collect();
    let full = columns.last().map_or(3 * WIDTH, |(_, x)| (x + WIDTH - LEFT).max(3 * WIDTH));
    let nodes = cells.iter().zip(&chosen.nodes).zip(&order).map(|((cell, drawn), at)| {
        let y = tops.get(cell.band).copied().unwrap_or(top) + below(cell, at);
        let x = columns.iter().find(|(column, _)| column + 1 == cell.column).map_or(LEFT, |(_, x)| *x);
        let (width, height) = if cell.column == 0 { (full, ALERT_HEIGHT) } else { (WIDTH, HEIGHT) };
        Placed { drawn, x, y, width, height }
    });
    (nodes.collect(), y)
}

fn row(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX / 1000) * (HEIGHT + GAP)
}

fn draw_node(canvas: &mut Canvas, node: &Placed<'_, '_>) {
    let drawn = node.drawn;
    let alert = drawn.severity.is_some();
    let class = drawn.severity.map_or_else(|| marks::verdict_class(drawn.verdict), marks::severity_class);
    let at = format!("translate({} {})", node.x, node.y);
    let kind = drawn.kind.as_str();
    let tag = canvas.tag("g").class(&format!("cg-node {class}")).word("transform", &at).data("data-id", drawn.id);
    let tag = tag.word("data-kind", kind).data("data-verdict", drawn.verdict.map_or("", |v| v.as_str()));
    let tag = tag.data("data-name", &text::clean(drawn.name, 80));
    let tag = match drawn.place {
        Some(place) => tag.word("data-entity", &place.to_string()),
        None => tag,
    };
    let tag = match drawn.severity {
        Some(severity) => tag.data("data-severity", severity.as_str()),
        None => tag,
    };
    let tag = tag.word("data-first", &moment(drawn.first)).word("data-alerts", &listed(&drawn.alerts));
    tag.num("data-count", i32::try_from(drawn.count).unwrap_or(i32::MAX)).open();
    canvas.hint(&drawn.hint());
    if drawn.count > 1 {
        canvas.rect(4, 4, node.width, node.height, 8, if alert { "cg-head" } else { "cg-card" });
    }
    canvas.rect(0, 0, node.width, node.height, 8, if alert { "cg-box cg-head" } else { "cg-box cg-card" });
    match drawn.severity {
        Some(severity) => draw_alert(canvas, node, severity),
        None => draw_entity(canvas, node),
    }
    canvas.end();
}

fn draw_alert(canvas: &mut Canvas, node: &Placed<'_, '_>, severity: &AlertSeverity) {
    let drawn = node.drawn;
    marks::severity(canvas, 18, 15, severity);
    let time = drawn.first.map_or_else(|| "undated".to_owned(), |t| t.format("%-d %b %H:%M:%S").to_string());
    let time = if drawn.count > 1 { format!("×{} · {time}", drawn.count) } else { time };
    canvas.anchored((node.width - 12, 20), 13, "cg-soft", "end", &time);
    let room = text::strong(node.width - 34 - 24 - text::width(&time, 13));
    canvas.text(34, 20, 14, "cg-strong", &text::fit(drawn.called(), 14, room));
}

fn draw_entity(canvas: &mut Canvas, node: &Placed<'_, '_>) {
    let drawn = node.drawn;
    let middle = node.height / 2;
    canvas
        .tag("circle")
        .class("cg-ring")
        .word("stroke-width", "2")
        .num("cx", 18)
        .num("cy", middle)
        .num("r", 12)
        .close();
    marks::glyph(canvas, 18, middle, drawn.kind);
    if marks::verdict_class(drawn.verdict) != "cg-none" {
        marks::verdict(canvas, node.width - 3, 1, drawn.verdict);
    }
    let (first, second) = text::two_lines(drawn.called(), 13, node.width - 44);
    let (second, class) = match drawn.count {
        1 => (second, ""),
        count => (format!("and {} more", count - 1), "cg-soft"),
    };
    if second.is_empty() {
        canvas.text(36, middle + 5, 13, "", &first);
    } else {
        canvas.text(36, middle - 2, 13, "", &first);
        canvas.text(36, middle + 12, 13, class, &second);
    }
}

fn legend(canvas: &mut Canvas, y: i32) {
    canvas.group("cg-legend");
    let mut x = MARGIN + 8;
    for (verdict, name) in
        [(Verdict::Malicious, "malicious"), (Verdict::Suspicious, "suspicious"), (Verdict::Clean, "no threats found")]
    {
        canvas.group(marks::verdict_class(Some(&verdict)));
        marks::verdict(canvas, x, y + 10, Some(&verdict));
        canvas.end();
        canvas.text(x + 13, y + 15, 13, "cg-soft", name);
        x += 13 + text::width(name, 13) + 18;
    }
    canvas.text(x - 2, y + 15, 13, "cg-soft", "no mark: unknown");
    let mut x = MARGIN;
    for (class, name) in
        [("cg-faintline", "evidence of an alert"), ("cg-line", "relation"), ("cg-badline", "suspicion passes")]
    {
        canvas.path(class, "1.6", &format!("M{x} {}h22", y + 36));
        canvas.text(x + 28, y + 41, 13, "cg-soft", name);
        x += 28 + text::width(name, 13) + 18;
    }
    canvas.end();
}

/// Places of alerts for a script.
fn listed(alerts: &[u32]) -> String {
    alerts.iter().take(LISTED).map(u32::to_string).collect::<Vec<_>>().join(" ")
}
