//! What the tabs are made of: words, marks, lists that fold.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};
use serde::Serialize;

use crate::model::{AlertSeverity, Verdict};
use crate::report::text::Safe;

use super::view::View;

/// Rows of a list that stand open; the rest unfolds on demand.
pub(super) const OPEN: usize = 100;

/// A name or a title from evidence.
pub(super) fn name(text: &str) -> Safe<'_> {
    Safe(text, 200)
}

/// A longer text from evidence.
pub(super) fn prose(text: &str) -> Safe<'_> {
    Safe(text, 2_000)
}

/// A sentence of ours with names from evidence in backticks, which are set as code.
pub(super) fn said(text: &str) -> Markup {
    let safe = Safe(text, 600).to_string();
    html! {
        @for (at, part) in safe.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// The value of an enumeration, as its JSON has it.
pub(super) fn value(of: &impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// `pendingApproval` as `pending approval`.
pub(super) fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = false;
    for c in Safe(name, 100).to_string().chars() {
        if c.is_uppercase() && before {
            out.push(' ');
        }
        before = c.is_lowercase() || c.is_ascii_digit();
        out.extend(c.to_lowercase());
    }
    out
}

/// A time, exact for machines.
pub(super) fn when(time: Option<DateTime<Utc>>) -> Markup {
    html! {
        @match time {
            Some(time) => time datetime=(time.to_rfc3339_opts(SecondsFormat::Secs, true)) {
                (time.format("%Y-%m-%d %H:%M:%S"))
            }
            None => span.muted { "undated" }
        }
    }
}

fn mark(class: &str, glyph: &str, text: &str) -> Markup {
    html! { span class=(class) { span aria-hidden="true" { (glyph) } " " (text) } }
}

/// A verdict: a shape, a colour and a word.
pub(super) fn verdict(verdict: &Verdict) -> Markup {
    match verdict {
        Verdict::Malicious => mark("mark bad", "◆", "malicious"),
        Verdict::Suspicious => mark("mark odd", "▲", "suspicious"),
        Verdict::Clean => mark("mark good", "●", "clean"),
        Verdict::Unknown => mark("mark none", "○", "unknown"),
        other => mark("mark none", "○", &words(other.as_str())),
    }
}

/// A severity or a risk level: a bar, a colour and a word.
pub(super) fn level(name: &str) -> Markup {
    match name {
        "high" => mark("mark bad", "▮▮▮", "high"),
        "medium" => mark("mark odd", "▮▮▯", "medium"),
        "low" => mark("mark low", "▮▯▯", "low"),
        other => mark("mark none", "▯▯▯", &words(other)),
    }
}

pub(super) fn severity(severity: &AlertSeverity) -> Markup {
    level(severity.as_str())
}

/// A number of things, in words.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// `12,345`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// An entity by its name, leading to its row.
pub(super) fn entity(view: &View<'_>, id: &str, called: &str) -> Markup {
    html! {
        @match view.entity_at(id).filter(|(at, _)| *at < view.page.rows) {
            Some((at, _)) => a href={ "#e" (at) } { (name(called)) }
            None => (name(called))
        }
    }
}

/// An alert by its title, leading to its place.
pub(super) fn alert(view: &View<'_>, id: &str) -> Markup {
    html! {
        @match view.alert_at(id) {
            Some((at, line)) if at < view.page.rows => a href={ "#a" (at) } { (name(&line.title)) }
            Some((_, line)) => (name(&line.title))
            None => (name(id))
        }
    }
}

/// What a list is called and how long it is.
pub(super) struct List<'l> {
    /// Names the list in the page.
    pub(super) id: &'l str,
    /// What it holds, for those who do not see it.
    pub(super) caption: &'l str,
    /// Heads of its columns.
    pub(super) heads: &'l [&'l str],
    /// Rows that there are.
    pub(super) total: usize,
    /// Rows that the file holds at most.
    pub(super) held: usize,
}

impl List<'_> {
    /// The list as a table. Each row is given whether it is folded away, and writes itself.
    pub(super) fn table<T>(&self, rows: impl Iterator<Item = T>, row: impl Fn(usize, bool, T) -> Markup) -> Markup {
        html! {
            @if self.total == 0 {
                p.muted { "None." }
            } @else {
                div.scroll tabindex="0" role="region" aria-label=(self.caption) {
                    table.list #(self.id) data-open=(OPEN) {
                        caption.unseen { (self.caption) }
                        thead { tr { @for head in self.heads { th scope="col" { (head) } } } }
                        tbody { @for (at, one) in rows.take(self.held).enumerate() { (row(at, at >= OPEN, one)) } }
                    }
                }
                (self.folded())
            }
        }
    }

    /// What is folded away, what is not in the file, and the button that unfolds.
    pub(super) fn folded(&self) -> Markup {
        let held = self.total.min(self.held);
        html! {
            div.folded {
                p role="status" data-status=(self.id) data-total=(self.total) data-held=(held) {
                    @if held > OPEN {
                        (thousands(OPEN)) " of " (thousands(self.total)) " shown, " (thousands(held - OPEN)) " folded away"
                    }
                }
                @if held > OPEN { button type="button" data-more=(self.id) { "Show " (OPEN) " more" } }
                @if self.total > held {
                    p.cut { (count(self.total - held, "row is", "rows are")) " not in this file: the CSV export has every row." }
                }
            }
        }
    }
}

/// A field that filters a list by text.
pub(super) fn search(list: &str, label: &str) -> Markup {
    html! { label.field { span { (label) } input type="search" data-search=(list) autocomplete="off" spellcheck="false"; } }
}

/// A field that filters a list by one of the values that its rows carry.
pub(super) fn choose<'v>(list: &str, by: &str, label: &str, values: impl Iterator<Item = &'v str>) -> Markup {
    let mut seen: Vec<&str> = values.collect();
    seen.sort_unstable();
    seen.dedup();
    html! {
        label.field {
            span { (label) }
            select data-choose=(list) data-by=(by) {
                option value="" { "all" }
                @for one in seen { option value=(name(one)) { (words(one)) } }
            }
        }
    }
}
