//! The alerts by time; opening one shows its evidence, its processes and its relations.

use maud::{Markup, html};

use crate::graph::NodeKind;
use crate::model::Alert;
use crate::report::Picture;
use crate::summary::AlertLine;

use super::overview::picture;
use super::parts::{
    List, OPEN, alert, choose, count, entity, name, prose, said, search, severity, thousands, verdict, when, words,
};
use super::view::View;

/// Entities and relations that an opened alert lists.
const HELD: usize = 100;

pub(super) fn tab(view: &View<'_>) -> Markup {
    let lines = &view.case.incident.alerts;
    let list =
        List { id: "alert-list", caption: "Alerts by time", heads: &[], total: lines.len(), held: view.page.rows };
    html! {
        h2 { "Alerts" }
        div.filters {
            (search(list.id, "Find"))
            (choose(list.id, "severity", "Severity", lines.iter().map(|line| line.severity.as_str())))
            (choose(list.id, "source", "Source", lines.iter().map(|line| line.service_source.as_str())))
        }
        div.list #(list.id) data-open=(OPEN) {
            @for (at, line) in lines.iter().take(view.page.rows).enumerate() { (item(view, at, line)) }
        }
        (list.folded())
    }
}

fn item(view: &View<'_>, at: usize, line: &AlertLine) -> Markup {
    html! {
        details.alert #{ "a" (at) } data-id=(line.id) hidden[at >= OPEN] data-row data-severity=(name(line.severity.as_str())) data-source=(name(&line.service_source)) {
            summary {
                (when(line.time)) " " (severity(&line.severity)) " "
                span.title { (name(&line.title)) }
                @if !line.repeats.is_empty() { span.muted { " and " (count(line.repeats.len(), "repeat", "repeats")) } }
                span.muted { " " (count(view.holds(&line.id), "entity", "entities")) }
                span.muted.source { (source(line)) }
            }
            (reason(view, line))
            @if at < view.page.details { (body(view, line)) }
            @else { p.cut { "What this alert holds is not in this file: only the first " (thousands(view.page.details)) " alerts are shown with it." } }
        }
    }
}

/// The product by its label, or else by its name in Graph.
fn source(line: &AlertLine) -> String {
    if line.product_name.is_empty() { words(&line.service_source) } else { name(&line.product_name).to_string() }
}

/// Why the alert is here, with the alert and the entity that say so.
fn reason(view: &View<'_>, line: &AlertLine) -> Markup {
    html! {
        p.reason {
            @match &line.reason {
                None => "The first of its part: nothing links it to an earlier alert."
                Some(link) => {
                    "Here because of " (alert(view, &link.with)) ": " (said(&link.text))
                    @if let Some(shared) = &link.entity {
                        @if let Some((_, shared)) = view.entity_at(shared) { " (" (entity(view, &shared.id, &shared.name)) ")" }
                    }
                    span.muted { " " (words(link.reason.as_str())) ", strength " (format!("{:.2}", link.strength)) }
                }
            }
        }
    }
}

fn body(view: &View<'_>, line: &AlertLine) -> Markup {
    let record = view.record(&line.id);
    let text =
        |pick: fn(&Alert) -> &Option<String>| record.and_then(|record| pick(record).as_deref()).unwrap_or_default();
    html! {
        @if !text(|r| &r.description).is_empty() { p { (prose(text(|r| &r.description))) } }
        dl.facts {
            dt { "Status" } dd { (words(line.status.as_str())) }
            dt { "Assigned to" } dd { (name(line.assigned_to.as_deref().unwrap_or("nobody"))) }
            dt { "Product" } dd { (name(&line.product_name)) }
            dt { "Detector" } dd.code { (name(&line.detector_id)) }
            dt { "Categories" } dd { (prose(&line.categories.join(", "))) }
            dt { "Techniques" } dd.code { (prose(&line.mitre_techniques.join(", "))) }
            dt { "Id" } dd.code { (name(&line.id)) }
            dt { "Fact" } dd.code { (name(&line.fact)) }
            @if !text(|r| &r.recommended_actions).is_empty() { dt { "Recommended" } dd { (prose(text(|r| &r.recommended_actions))) } }
            @if !line.repeat_times.is_empty() {
                dt { "Repeats" }
                dd {
                    ul.plain { @for repeat in line.repeat_times.iter().take(HELD) { li { (when(repeat.time)) " " span.code { (name(&repeat.id)) } } } }
                    @if line.repeat_times.len() > HELD { p.cut { "and " (thousands(line.repeat_times.len() - HELD)) " more" } }
                }
            }
        }
        (evidence(view, &line.id))
        (processes(view, &line.id))
        (relations(view, &line.id))
    }
}

fn evidence(view: &View<'_>, id: &str) -> Markup {
    let edges: Vec<_> = view.stated(id, true).collect();
    html! {
        h3 { (count(edges.len(), "entity", "entities")) }
        div.scroll tabindex="0" role="region" aria-label="Entities of the alert" {
            table.plain {
                caption.unseen { "Entities of the alert" }
                thead { tr { @for head in ["Verdict", "Kind", "Name", "Roles", "Remediation"] { th scope="col" { (head) } } } }
                tbody {
                    @for edge in edges.iter().take(HELD) {
                        @let node = edge.to();
                        @let line = view.entity_at(node.id()).map(|(_, line)| line);
                        tr {
                            td { @if let Some(line) = line { (verdict(&line.verdict)) } }
                            td { (words(node.kind().as_str())) }
                            td { (entity(view, node.id(), node.name())) }
                            td { (prose(&edge.roles().join(", "))) }
                            td { @if let Some(line) = line { (words(line.remediation_status.as_str())) } }
                        }
                    }
                }
            }
        }
        @if edges.len() > HELD { p.cut { "and " (thousands(edges.len() - HELD)) " more: see Evidence and response" } }
    }
}

fn processes(view: &View<'_>, id: &str) -> Markup {
    let process = NodeKind::Entity(crate::resolve::EntityKind::Process);
    html! {
        @if view.stated(id, true).any(|edge| edge.to().kind() == process) {
            h3 { "Processes" }
            (picture(view, Picture::ProcessTree(Some(id))))
        }
    }
}

fn relations(view: &View<'_>, id: &str) -> Markup {
    let edges: Vec<_> = view.stated(id, false).collect();
    html! {
        @if !edges.is_empty() {
            h3 { "Relations" }
            ul.relations {
                @for edge in edges.iter().take(HELD) {
                    @let (from, to) = (edge.from(), edge.to());
                    li { (entity(view, from.id(), from.name())) " " span.muted { (words(edge.kind().as_str())) } " " (entity(view, to.id(), to.name())) }
                }
            }
            @if edges.len() > HELD { p.cut { "and " (thousands(edges.len() - HELD)) " more" } }
        }
    }
}
