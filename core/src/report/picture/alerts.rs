//! Alerts by time: a lane for each severity, arcs for what links them, and below a list by number.
//!
//! In: the alerts of a summary, repeats folded. Out: the picture. Marks that would cover each other are stacked; at
//! most [`LISTED`] alerts are listed, the most severe and then the earliest; the rest is counted. What has no time is
//! counted apart.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use hashbrown::HashMap;

use crate::model::AlertSeverity;
use crate::report::CaseFile;
use crate::summary::AlertLine;

use super::axis::Axis;
use super::svg::Canvas;
use super::{Svg, marks, text};

const MARGIN: i32 = 14;
const WIDTH: i32 = 800;
const LEFT: i32 = 118;
const RIGHT: i32 = WIDTH - 30;
const TOP: i32 = 78;
/// Alerts in the list.
const LISTED: usize = 40;
/// Marks of one moment above each other.
const STACK: usize = 3;
/// From mark to mark.
const STEP: i32 = 27;
const RADIUS: i32 = 12;
/// Of more links than this none is drawn: they would be a thicket.
const ARCS: usize = 80;
const ROW: i32 = 46;

const LANES: [(&str, AlertSeverity); 5] = [
    ("High", AlertSeverity::High),
    ("Medium", AlertSeverity::Medium),
    ("Low", AlertSeverity::Low),
    ("Info", AlertSeverity::Informational),
    ("Unknown", AlertSeverity::Unknown),
];

/// An alert with its number from 1.
type Numbered<'c> = (usize, &'c AlertLine);

/// Where marks stand, by place in the list of alerts.
type Marks = HashMap<usize, (i32, i32)>;

pub(super) fn draw(case: &CaseFile) -> Svg {
    let lines = &case.incident.alerts;
    let mut canvas = Canvas::new("cg-alerts", "", WIDTH);
    let times = lines.iter().filter_map(|line| line.time);
    let axis = Axis::new(times.clone().min(), times.max(), (LEFT, RIGHT));
    let undated = lines.iter().filter(|line| line.time.is_none()).count();
    let repeats: usize = lines.iter().map(|line| line.repeats.len()).sum();
    let listed = listed(lines);
    let mut left_out = Vec::new();
    if listed.len() < lines.len() {
        left_out.push(format!("{} more alerts", lines.len() - listed.len()));
    }
    let links = lines.iter().filter(|line| line.reason.is_some()).count();
    if links > ARCS {
        left_out.push(format!("{links} links"));
    }
    let mut said = format!("{} alerts", lines.len() + repeats);
    for (count, what) in [(repeats, "repeats, folded"), (undated, "without a time")] {
        if count > 0 {
            said = format!("{said} · {count} {what}");
        }
    }
    if !left_out.is_empty() {
        said = format!("{said} · not drawn: {}", left_out.join(", "));
    }
    canvas.describe("Alerts by time", &about(lines, &said));
    canvas.text(MARGIN, 32, 20, "cg-strong", "Alerts by time");
    canvas.text(MARGIN, 54, 14, "cg-soft", &said);
    let bottom = match &axis {
        Some(axis) => panel(&mut canvas, axis, lines),
        None => TOP - 10,
    };
    let bottom = list(&mut canvas, &listed, lines.len(), bottom);
    canvas.finish(bottom, left_out)
}

fn about(lines: &[AlertLine], said: &str) -> String {
    let time = |line: Option<&AlertLine>| {
        line.and_then(|line| line.time).map_or_else(String::new, |t| t.format("%Y-%m-%d %H:%M UTC").to_string())
    };
    let last = lines.iter().rfind(|line| line.time.is_some());
    format!("{said}; first {}, last {}", time(lines.first()), time(last))
}

/// The most severe and then the earliest, in the order of time.
fn listed(lines: &[AlertLine]) -> Vec<Numbered<'_>> {
    let mut all: Vec<Numbered<'_>> = (1..).zip(lines).collect();
    all.sort_by_key(|(number, line)| (Reverse(line.severity.clone()), *number));
    all.truncate(LISTED);
    all.sort_unstable_by_key(|(number, _)| *number);
    all
}

/// Axis, lanes, arcs and marks; how far down they go.
fn panel(canvas: &mut Canvas, axis: &Axis, lines: &[AlertLine]) -> i32 {
    let mut y = TOP;
    let mut marks: Marks = HashMap::new();
    let mut lanes = Vec::new();
    for (name, severity) in LANES {
        let own = |line: &&AlertLine| line.time.is_some() && lane_of(&line.severity) == name;
        if !lines.iter().any(|line| own(&line)) {
            continue;
        }
        let mut bins: HashMap<i32, Vec<usize>> = HashMap::new();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| own(line)) {
            if let Some(time) = line.time {
                bins.entry((axis.x(time) - LEFT) / STEP).or_default().push(at);
            }
        }
        let mut bins: Vec<(i32, Vec<usize>)> = bins.into_iter().collect();
        bins.sort_unstable();
        let deepest = bins.iter().map(|(_, bin)| bin.len().min(STACK + 1)).max().unwrap_or(1);
        let height = 14 + STEP * i32::try_from(deepest).unwrap_or(1);
        for (bin, held) in &bins {
            for (at, row) in held.iter().take(STACK).zip(0..) {
                marks.insert(*at, (LEFT + bin * STEP + STEP / 2, y + 7 + STEP / 2 + row * STEP));
            }
        }
        lanes.push((name, severity, y, height, bins));
        y += height + 4;
    }
    for (name, severity, top, height, _) in &lanes {
        canvas.rect(MARGIN, *top, WIDTH - 2 * MARGIN, *height, 6, "cg-band");
        canvas.group(marks::severity_class(severity));
        marks::severity(canvas, MARGIN + 16, top + height / 2, severity);
        canvas.end();
        canvas.text(MARGIN + 30, top + height / 2 + 5, 13, "cg-soft", name);
    }
    ticks(canvas, axis, y);
    if lines.iter().filter(|line| line.reason.is_some()).count() <= ARCS {
        arcs(canvas, lines, &marks);
    }
    for (_, severity, top, _, bins) in &lanes {
        for (bin, held) in bins {
            draw_bin(canvas, lines, severity, &marks, held, (LEFT + bin * STEP + STEP / 2, *top));
        }
    }
    y + 30
}

fn lane_of(severity: &AlertSeverity) -> &'static str {
    LANES.iter().find(|(_, known)| known == severity).map_or("Unknown", |(name, _)| name)
}

fn ticks(canvas: &mut Canvas, axis: &Axis, bottom: i32) {
    for (x, label) in axis.ticks() {
        canvas.path("cg-rule", "1", &format!("M{x} {TOP}V{bottom}"));
        let half = text::width(&label, 12) / 2;
        canvas.anchored((x.clamp(MARGIN + half, WIDTH - MARGIN - half), bottom + 16), 12, "cg-soft", "middle", &label);
    }
}

/// What links an alert to an earlier one.
fn arcs(canvas: &mut Canvas, lines: &[AlertLine], marks: &Marks) {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        for id in std::iter::once(&line.id).chain(&line.repeats) {
            places.entry(id).or_insert(at);
        }
    }
    canvas.group("cg-links");
    let linked = lines.iter().enumerate().filter_map(|(at, line)| {
        let reason = line.reason.as_ref()?;
        let with = places.get(reason.with.as_str())?;
        Some((*marks.get(with)?, *marks.get(&at)?, line, reason))
    });
    for (from, to, line, reason) in linked {
        let (left, right) = if from <= to { (from, to) } else { (to, from) };
        let across = right.0 - left.0;
        let path = if across < STEP {
            format!(
                "M{} {}C{} {} {} {} {} {}",
                left.0,
                left.1,
                left.0 + 26,
                left.1,
                right.0 + 26,
                right.1,
                right.0,
                right.1
            )
        } else {
            let lift = (across / 6).clamp(14, 46);
            let (a, b) = (left.0 + across / 4, right.0 - across / 4);
            format!("M{} {}C{a} {} {b} {} {} {}", left.0, left.1, left.1 - lift, right.1 - lift, right.0, right.1)
        };
        let tag = canvas.tag("path").class("cg-link cg-line").word("stroke-width", "1.3");
        let tag = tag.data("data-from", &reason.with).data("data-to", &line.id);
        tag.data("data-reason", reason.reason.as_str()).word("d", &path).open();
        canvas.hint(&reason.text);
        canvas.end();
    }
    canvas.end();
}

fn draw_bin(
    canvas: &mut Canvas,
    lines: &[AlertLine],
    severity: &AlertSeverity,
    marks: &Marks,
    held: &[usize],
    (x, top): (i32, i32),
) {
    for at in held.iter().take(STACK) {
        let (Some(line), Some(mark)) = (lines.get(*at), marks.get(at)) else { continue };
        let tag = canvas.tag("g").class(&format!("cg-alert {}", marks::severity_class(severity)));
        let tag = tag.data("data-id", &line.id).data("data-severity", line.severity.as_str());
        tag.word("data-first", &super::moment(line.time)).open();
        canvas.hint(&format!("{} {}", when(line.time), line.title));
        number(canvas, *mark, at + 1, !line.repeats.is_empty());
        canvas.end();
    }
    if held.len() > STACK {
        let y = top + 7 + STEP * i32::try_from(STACK).unwrap_or(0) + STEP / 2 + 4;
        let more = match held.len() - STACK {
            more if more < 1000 => format!("+{more}"),
            more => format!("+{}k", more / 1000),
        };
        canvas.anchored((x, y), if more.len() < 4 { 12 } else { 10 }, "cg-soft", "middle", &more);
    }
}

/// An alert's number in a circle, in a second one when it was repeated.
fn number(canvas: &mut Canvas, (x, y): (i32, i32), number: usize, repeated: bool) {
    let size = match number {
        0..100 => 12,
        100..1000 => 10,
        1000..10_000 => 8,
        _ => 7,
    };
    if repeated {
        canvas
            .tag("circle")
            .class("cg-ring")
            .word("stroke-width", "1")
            .num("cx", x + 3)
            .num("cy", y + 2)
            .num("r", RADIUS)
            .close();
    }
    canvas
        .tag("circle")
        .class("cg-tint")
        .word("stroke-width", "1.6")
        .num("cx", x)
        .num("cy", y)
        .num("r", RADIUS)
        .close();
    canvas.anchored((x, y + size / 3), size, "", "middle", &number.to_string());
}

fn when(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(|| "undated".to_owned(), |t| t.format("%-d %b %Y %H:%M:%S").to_string())
}

/// The alerts by number, with their titles and reasons; how far down it goes.
fn list(canvas: &mut Canvas, listed: &[Numbered<'_>], all: usize, top: i32) -> i32 {
    let mut y = top + 10;
    for (at, line) in listed {
        canvas.path("cg-rule", "1", &format!("M{MARGIN} {y}H{}", WIDTH - MARGIN));
        canvas.group(marks::severity_class(&line.severity));
        number(canvas, (MARGIN + 16, y + ROW / 2), *at, !line.repeats.is_empty());
        marks::severity(canvas, MARGIN + 48, y + ROW / 2, &line.severity);
        canvas.end();
        let more = if line.repeats.is_empty() { String::new() } else { format!("×{} · ", line.repeats.len() + 1) };
        let time = format!("{more}{}", when(line.time));
        canvas.anchored((WIDTH - MARGIN, y + 20), 13, "cg-soft", "end", &time);
        let left = MARGIN + 66;
        let room = WIDTH - MARGIN - left;
        canvas.text(
            left,
            y + 20,
            14,
            "cg-strong",
            &text::fit(&line.title, 14, text::strong(room - 16 - text::width(&time, 13))),
        );
        let reason = line.reason.as_ref().map_or("the first of its part", |reason| &reason.text);
        canvas.text(left, y + 38, 13, "cg-soft", &text::fit(reason, 13, room));
        y += ROW;
    }
    if listed.len() < all {
        canvas.path("cg-rule", "1", &format!("M{MARGIN} {y}H{}", WIDTH - MARGIN));
        canvas.text(MARGIN + 66, y + 24, 14, "cg-soft", &format!("{} more alerts", all - listed.len()));
        y += 32;
    }
    y + 12
}
