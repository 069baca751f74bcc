//! The kill chain as a ribbon: every stage in matrix order, those that were seen filled.
//!
//! In: the kill chain of a summary. Out: the picture. Everything is drawn.

use crate::report::CaseFile;
use crate::summary::{KillChain, Stage, duration};

use super::svg::Canvas;
use super::{Svg, marks, text};

const MARGIN: i32 = 14;
const WIDTH: i32 = 800;
const ACROSS: i32 = 5;
const STAGE: i32 = (WIDTH - 2 * MARGIN) / ACROSS;
const HEIGHT: i32 = 88;
const GAP: i32 = 12;
/// How far the point of a stage stands out.
const POINT: i32 = 12;
const TOP: i32 = 100;

pub(super) fn draw(case: &CaseFile) -> Svg {
    let chain = &case.incident.kill_chain;
    let mut canvas = Canvas::new("cg-chain", "", WIDTH);
    let furthest = chain.stages.iter().find(|stage| Some(stage.tactic) == chain.furthest);
    let seen = format!("{} of {} stages", chain.observed, chain.total);
    let reached = furthest.map_or_else(|| "no stage is known".to_owned(), |stage| format!("as far as {}", stage.name));
    let dwell = chain.dwell_seconds.map_or_else(String::new, |seconds| format!(" · {} long", duration(seconds)));
    let gaps = match chain.gaps.len() {
        0 => String::new(),
        gaps => format!(" · {gaps} earlier without evidence"),
    };
    let said = format!("{seen} · {reached}{gaps}{dwell}");
    let order: Vec<&str> = chain.order.iter().filter_map(|step| named(chain, step.tactic)).collect();
    let about = if order.is_empty() { said.clone() } else { format!("{said}; in the order {}", order.join(", ")) };
    canvas.describe("Kill chain", &about);
    canvas.text(MARGIN, 32, 20, "cg-strong", "Kill chain");
    canvas.text(MARGIN, 54, 14, "cg-soft", &said);
    bar(&mut canvas, chain);
    let mut bottom = TOP;
    for ((stage, at), index) in chain.stages.iter().zip(0..).zip(0usize..) {
        let (x, y) = (MARGIN + at % ACROSS * STAGE, TOP + at / ACROSS * (HEIGHT + GAP));
        draw_stage(&mut canvas, chain, stage, index, (x, y));
        bottom = y + HEIGHT;
    }
    let edition = format!("MITRE ATT&CK {}, order of stages {}", chain.attack_version, chain.edition);
    canvas.text(MARGIN, bottom + 26, 12, "cg-soft", &edition);
    canvas.finish(bottom + 42, Vec::new())
}

fn named<'c>(chain: &'c KillChain, tactic: &str) -> Option<&'c str> {
    chain.stages.iter().find(|stage| stage.tactic == tactic).map(|stage| stage.name)
}

/// One piece for each stage.
fn bar(canvas: &mut Canvas, chain: &KillChain) {
    let total = i32::try_from(chain.stages.len()).unwrap_or(0).max(1);
    let room = WIDTH - 2 * MARGIN;
    for (stage, at) in chain.stages.iter().zip(0..) {
        let (from, to) = (MARGIN + room * at / total, MARGIN + room * (at + 1) / total);
        let class = if stage.observed { marks::severity_class(&stage.highest_severity) } else { "" };
        canvas.group(class);
        canvas.rect(from, 70, to - from - 3, 10, 3, if stage.observed { "cg-mark" } else { "cg-fill-rule" });
        canvas.end();
    }
}

fn draw_stage(canvas: &mut Canvas, chain: &KillChain, stage: &Stage, at: usize, (x, y): (i32, i32)) {
    let class = if stage.observed { marks::severity_class(&stage.highest_severity) } else { "cg-unseen" };
    let tag = canvas.tag("g").class(&format!("cg-stage {class}")).word("data-tactic", stage.tactic);
    tag.word("data-observed", if stage.observed { "true" } else { "false" }).open();
    canvas.hint(&hint(stage));
    outline(canvas, stage.observed, at == 0, (x, y));
    let last = chain.furthest == Some(stage.tactic);
    let gap = chain.gaps.contains(&stage.tactic);
    let left = x + POINT + 6;
    let room = text::strong(STAGE - 2 * POINT - 9);
    let (first, second) = text::two_lines(stage.name, 13, room);
    let ink = if stage.observed { "cg-strong" } else { "cg-soft" };
    canvas.text(left, y + 25, 13, ink, &first);
    canvas.text(left, y + 41, 13, ink, &second);
    if stage.observed {
        marks::severity(canvas, left + 8, y + 64, &stage.highest_severity);
        let alerts = match stage.alerts.len() {
            1 => "1 alert".to_owned(),
            count => format!("{count} alerts"),
        };
        canvas.text(left + 22, y + 69, 13, "", &alerts);
        let step = chain.order.iter().position(|step| step.tactic == stage.tactic);
        if let Some(step) = step {
            let word = ordinal(step + 1);
            canvas.anchored((x + STAGE - POINT - 8, y + 69), 13, "cg-soft", "end", &word);
        }
        if last {
            let flag = format!("M{} {}v-16h12l-3 4l3 4h-12", x + STAGE - POINT - 18, y + 28);
            canvas.path("cg-glyph", "1.6", &flag);
        }
    } else {
        let word = if gap { "no evidence" } else { "not seen" };
        canvas.text(left, y + 69, 13, "cg-soft", word);
    }
    canvas.end();
}

fn outline(canvas: &mut Canvas, observed: bool, first: bool, (x, y): (i32, i32)) {
    let (right, middle) = (x + STAGE - POINT - 3, y + HEIGHT / 2);
    let notch = if first { String::new() } else { format!("L{} {middle}", x + POINT) };
    let path =
        format!("M{x} {y}L{right} {y}L{} {middle}L{right} {}L{x} {}{notch}z", right + POINT, y + HEIGHT, y + HEIGHT);
    let tag = canvas.tag("path").class(if observed { "cg-tint" } else { "cg-absent" }).word("stroke-width", "1.4");
    let tag = tag.word("stroke-linejoin", "round").word("d", &path);
    if observed { tag.close() } else { tag.word("stroke-dasharray", "4 4").close() }
}

fn hint(stage: &Stage) -> String {
    if !stage.observed {
        return format!("{}: not seen", stage.name);
    }
    let time = stage.first.map_or_else(|| "undated".to_owned(), |t| t.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    format!(
        "{}: {} alerts, {} entities, severity {}, first {time}; {}",
        stage.name,
        stage.alerts.len(),
        stage.entities,
        stage.highest_severity.as_str(),
        stage.techniques.join(", ")
    )
}

/// 1st, 2nd, 3rd, 4th.
fn ordinal(number: usize) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}
