//! Why an entity has its verdict: the score on its scale, what speaks for it, the path that suspicion took, and what
//! was spared or overruled.
//!
//! In: the proof of an entity, or of one without a proof in the case file its line. Out: the picture. At most
//! [`OPINIONS`] opinions of a kind and [`STEPS`] steps are drawn, the rest is counted.

use crate::error::{Error, ErrorCode, Result};
use crate::graph::NodeKind;
use crate::judge::{Authority, Explanation, PathStep, StatedOpinion};
use crate::report::CaseFile;
use crate::summary::EntityLine;

use super::svg::Canvas;
use super::{Svg, marks, text};

const MARGIN: i32 = 14;
const WIDTH: i32 = 720;
const INNER: i32 = WIDTH - 2 * MARGIN;
const OPINIONS: usize = 8;
const STEPS: usize = 12;
/// Rules that are named at most.
const RULES: usize = 5;

pub(super) fn draw(case: &CaseFile, id: &str) -> Result<Svg> {
    let line = case.entity(id);
    let proof = case.proofs.get(id);
    let Some(line) = line else {
        return Err(Error::new(ErrorCode::NotFound, format!("the incident has no entity `{}`", id.escape_debug())));
    };
    let mut canvas = Canvas::new("cg-proof", id, WIDTH);
    let word = marks::word(&line.verdict);
    let title = format!("Why {} is {word}", text::clean(&line.name, 80));
    canvas.describe(&title, &line.because);
    let mut y = header(&mut canvas, line);
    let mut left_out = Vec::new();
    match proof {
        Some(proof) => y = body(&mut canvas, proof, y, &mut left_out),
        None => {
            let said = "the proof of it is not in the case file".to_owned();
            canvas.text(MARGIN, y + 20, 14, "cg-soft", &said);
            left_out.push(said);
            y += 34;
        }
    }
    Ok(canvas.finish(y + 6, left_out))
}

fn header(canvas: &mut Canvas, line: &EntityLine) -> i32 {
    canvas.group(marks::verdict_class(Some(&line.verdict)));
    canvas.tag("circle").class("cg-ring").word("stroke-width", "2.4").num("cx", 32).num("cy", 36).num("r", 17).close();
    marks::glyph(canvas, 32, 36, NodeKind::Entity(line.kind));
    marks::verdict(canvas, 46, 22, Some(&line.verdict));
    canvas.end();
    let word = marks::word(&line.verdict);
    canvas.anchored(
        (WIDTH - MARGIN, 34),
        16,
        &format!("cg-strong {}", marks::text_class(Some(&line.verdict))),
        "end",
        word,
    );
    let score = format!("score {:.2}", line.score);
    canvas.anchored((WIDTH - MARGIN, 54), 13, "cg-soft", "end", &score);
    let room = text::strong(INNER - 60 - text::width(word, 18) - 12);
    let name = if line.name.trim().is_empty() { &line.id } else { &line.name };
    canvas.text(62, 34, 18, "cg-strong", &text::fit(name, 18, room));
    let mut kind = line.kind.as_str().to_owned();
    if line.impacted {
        kind.push_str(" · impacted");
    }
    canvas.text(62, 54, 13, "cg-soft", &kind);
    paragraph(canvas, 82, 14, "", &line.because, 3)
}

/// Text on lines; how far down it goes.
fn paragraph(canvas: &mut Canvas, mut y: i32, size: i32, class: &str, text: &str, most: usize) -> i32 {
    for part in text::lines(text, size, INNER, most) {
        canvas.text(MARGIN, y, size, class, &part);
        y += size + 5;
    }
    y
}

fn body(canvas: &mut Canvas, proof: &Explanation, y: i32, left_out: &mut Vec<String>) -> i32 {
    let mut y = scale(canvas, proof, y - 2);
    if !proof.opinions.is_empty() {
        y = heading(canvas, y, "What made the verdict");
        y = opinions(canvas, &proof.opinions, "opinions", y, left_out);
    }
    if !proof.path.is_empty() {
        y = path(canvas, proof, y, left_out);
    }
    if let Some(spared) = &proof.spared {
        y = heading(canvas, y, "Spared");
        let name = text::clean(&spared.name, 60);
        let rule = text::clean(&spared.rule.title, 100);
        let said = format!("the exculpating rule `{rule}` leaves {name} at most {:.2}", spared.at_most);
        y = paragraph(canvas, y + 14, 14, "", &said, 3);
    }
    if !proof.overruled.is_empty() {
        y = heading(canvas, y, "What did not count");
        y = opinions(canvas, &proof.overruled, "overruled opinions", y, left_out);
    }
    if !proof.examined.is_empty() {
        y = heading(canvas, y, "Rules that looked and did not speak against it");
        let names: Vec<String> = proof.examined.iter().take(RULES).map(|rule| text::clean(&rule.title, 80)).collect();
        let more = proof.examined.len().saturating_sub(RULES);
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        if more > 0 {
            left_out.push(format!("{more} more rules"));
        }
        y = paragraph(canvas, y + 14, 14, "cg-soft", &format!("{}{tail}", names.join(", ")), 4);
    }
    for said in proof.missing.iter().chain(&proof.limits).take(RULES) {
        y = paragraph(canvas, y + 20, 14, "cg-oddtext", said, 2);
    }
    y + 8
}

fn heading(canvas: &mut Canvas, y: i32, text: &str) -> i32 {
    canvas.path("cg-rule", "1", &format!("M{MARGIN} {}H{}", y + 8, WIDTH - MARGIN));
    canvas.text(MARGIN, y + 30, 14, "cg-strong", text);
    y + 38
}

/// A share of the scale in pixels.
fn share(score: f64) -> i32 {
    // Scores are between 0 and 1; what is not stands at an end.
    (score.clamp(0.0, 1.0) * f64::from(INNER)).round() as i32
}

/// The score on its scale, with the thresholds.
fn scale(canvas: &mut Canvas, proof: &Explanation, y: i32) -> i32 {
    let (odd, bad) = (share(proof.basis.suspicious), share(proof.basis.malicious));
    let top = y + 16;
    canvas.group("");
    for (class, from, to) in [("cg-none", 0, odd), ("cg-odd", odd, bad), ("cg-bad", bad, INNER)] {
        canvas.group(class);
        canvas.rect(MARGIN + from, top, to - from - 2, 12, 3, "cg-tint");
        canvas.end();
    }
    canvas.end();
    for (at, value, name) in [(odd, proof.basis.suspicious, "suspicious"), (bad, proof.basis.malicious, "malicious")] {
        let text = format!("{name} from {value:.2}");
        canvas.text((MARGIN + at).min(WIDTH - MARGIN - text::width(&text, 12)), top + 28, 12, "cg-soft", &text);
    }
    let x = MARGIN + share(proof.score);
    canvas.group(marks::verdict_class(Some(&proof.verdict)));
    canvas.path("cg-mark", "1", &format!("M{x} {}l-7 -11h14z", top + 1));
    canvas.path("cg-rule", "2", &format!("M{x} {top}v12"));
    canvas.end();
    if let Some(open) = &proof.undecided {
        let (from, to) = (MARGIN + share(open.lower), MARGIN + share(open.upper));
        canvas.path("cg-glyph", "1.6", &format!("M{from} {}v5H{to}v-5", top + 34));
        canvas.text(MARGIN, top + 56, 12, "cg-soft", &format!("undecided: {:.2} to {:.2}", open.lower, open.upper));
        return top + 64;
    }
    top + 36
}

fn opinions(canvas: &mut Canvas, all: &[StatedOpinion], what: &str, y: i32, left_out: &mut Vec<String>) -> i32 {
    let mut y = y;
    for opinion in all.iter().take(OPINIONS) {
        y = draw_opinion(canvas, opinion, y);
    }
    if all.len() > OPINIONS {
        let more = format!("{} more {what}", all.len() - OPINIONS);
        canvas.text(MARGIN + 24, y + 14, 14, "cg-soft", &more);
        left_out.push(more);
        y += 24;
    }
    y
}

fn draw_opinion(canvas: &mut Canvas, opinion: &StatedOpinion, y: i32) -> i32 {
    let left = MARGIN + 24;
    canvas.tag("g").class(&format!("cg-opinion {}", marks::verdict_class(Some(&opinion.verdict)))).open();
    canvas.hint(&opinion.because);
    marks::verdict(canvas, MARGIN + 8, y + 10, Some(&opinion.verdict));
    let (room, bar) = (100, WIDTH - MARGIN - 136);
    canvas.rect(bar, y + 5, room, 8, 3, "cg-fill-rule");
    canvas.rect(bar, y + 5, room * i32::from(opinion.confidence.min(100)) / 100, 8, 3, "cg-mark");
    canvas.anchored((WIDTH - MARGIN, y + 14), 13, "cg-soft", "end", &opinion.confidence.to_string());
    let who = format!("{} · {}", marks::word(&opinion.verdict), authority(opinion.authority));
    canvas.text(left, y + 15, 13, "cg-soft", &text::fit(&who, 13, bar - left - 10));
    let class = if opinion.overruled_by.is_some() { "cg-struck" } else { "" };
    let mut y = y + 33;
    for part in text::lines(&opinion.because, 14, WIDTH - MARGIN - left, 2) {
        canvas.text(left, y, 14, class, &part);
        y += 18;
    }
    if let Some(why) = &opinion.overruled_by {
        canvas.text(left, y, 13, "cg-soft", &text::fit(&format!("does not count: {why}"), 13, WIDTH - MARGIN - left));
        y += 18;
    }
    canvas.end();
    y - 6
}

fn authority(authority: Authority) -> &'static str {
    match authority {
        Authority::Analyst => "a person",
        Authority::Indicator => "a list",
        Authority::Direct => "a detector, the vendor or a rule",
        Authority::Association => "what is close to it",
        Authority::None => "nobody",
    }
}

/// How suspicion came, from its start down.
fn path(canvas: &mut Canvas, proof: &Explanation, y: i32, left_out: &mut Vec<String>) -> i32 {
    let mut y = heading(canvas, y, "How suspicion came here");
    let first = proof.path.first().map_or("", |step| step.from_name.as_str());
    let score = proof.start.as_ref().map(|start| start.score);
    y = stop(canvas, y, first, score, false);
    // The end is what counts: of a long path the middle is left out.
    let more = proof.path.len().saturating_sub(STEPS);
    for (at, step) in proof.path.iter().enumerate() {
        if at > 0 && at <= more {
            if at == more {
                let said = format!("{more} more steps");
                canvas.text(MARGIN + 44, y + 16, 13, "cg-soft", &said);
                left_out.push(said);
                y += 26;
            }
            continue;
        }
        let last = at + 1 == proof.path.len();
        let name = proof.path.get(at + 1).map_or(proof.name.as_str(), |next| next.from_name.as_str());
        y = draw_step(canvas, step, y);
        y = stop(canvas, y, name, Some(step.score), last);
    }
    if let Some(start) = &proof.start {
        canvas.text(MARGIN, y + 22, 13, "cg-soft", "It began with");
        y = opinions(canvas, &start.opinions, "opinions at its start", y + 28, left_out);
    }
    y
}

fn stop(canvas: &mut Canvas, y: i32, name: &str, score: Option<f64>, last: bool) -> i32 {
    canvas.rect(MARGIN, y, INNER, 32, 8, if last { "cg-head" } else { "cg-card" });
    let score = score.map_or_else(String::new, |score| format!("{score:.2}"));
    canvas.anchored((WIDTH - MARGIN - 12, y + 21), 14, "cg-strong", "end", &score);
    let class = if last { "cg-strong" } else { "" };
    canvas.text(MARGIN + 12, y + 21, 14, class, &text::fit(name, 14, text::strong(INNER - 90)));
    y + 32
}

fn draw_step(canvas: &mut Canvas, step: &PathStep, y: i32) -> i32 {
    let x = MARGIN + 24;
    canvas.path("cg-line", "1.6", &format!("M{x} {y}v30m-5 -7l5 7l5 -7"));
    let way = if step.forward { "" } else { ", against its direction" };
    let mut said = format!("`{}`{way}, passes on {:.2}", step.relation.as_str(), step.weight);
    if let Some(rule) = &step.capped {
        said = format!("{said}; no more, by the rule `{}`", text::clean(&rule.title, 60));
    }
    canvas.text(MARGIN + 44, y + 20, 13, "cg-soft", &text::fit(&said, 13, INNER - 50));
    y + 32
}
