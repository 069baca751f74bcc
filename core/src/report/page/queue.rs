//! The queue: incidents, the most urgent first, each leading to its page.

use maud::{Markup, html};

use crate::summary::IncidentSummary;

use super::frame::page as frame;
use super::page_name;
use super::parts::{List, choose, count, name, prose, search, severity, thousands, when, words};

pub(super) fn page(incidents: &[&IncidentSummary], total: usize, linked: &dyn Fn(&IncidentSummary) -> bool) -> Markup {
    let heads = [
        "Priority",
        "Incident",
        "Severity",
        "Status",
        "Alerts",
        "Hit",
        "Kill chain",
        "Assigned to",
        "Tags",
        "Last activity",
    ];
    let list =
        List { id: "queue", caption: "Incidents, the most urgent first", heads: &heads, total, held: incidents.len() };
    let sources: Vec<&str> = incidents.iter().flat_map(|one| &one.service_sources).map(String::as_str).collect();
    let body = html! {
        header.head {
            h1 { "Incidents" }
            p.lead { (count(total, "incident", "incidents")) ", the most urgent first" }
        }
        main #main {
            section.panel.on {
                div.filters {
                    (search(list.id, "Find"))
                    (choose(list.id, "severity", "Severity", incidents.iter().map(|one| one.severity.as_str())))
                    (choose(list.id, "status", "Status", incidents.iter().map(|one| one.status.as_str())))
                    @if sources.len() > 1 { (choose(list.id, "source", "Source", sources.iter().copied())) }
                }
                (list.table(incidents.iter(), |_, folded, one| row(one, folded, linked(one))))
            }
        }
    };
    frame("Incidents", &body)
}

fn row(one: &IncidentSummary, folded: bool, linked: bool) -> Markup {
    let alerts: usize = one.alerts.iter().map(|line| 1 + line.repeats.len()).sum();
    let hit = [
        (one.scope.device_count, "device", "devices"),
        (one.scope.user_count, "user", "users"),
        (one.scope.mailbox_count, "mailbox", "mailboxes"),
        (one.scope.application_count, "app", "apps"),
    ];
    let hit: Vec<String> = hit.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| count(n, one, many)).collect();
    html! {
        tr data-row hidden[folded] data-severity=(name(one.severity.as_str())) data-status=(name(one.status.as_str()))
            data-source=(prose(&one.service_sources.join(" "))) {
            td.number { strong { (format!("{:.1}", one.priority.score)) } }
            td.name { @if linked { a href=(page_name(one)) { (name(&one.title)) } } @else { (name(&one.title)) } div.muted.code { (name(&one.id)) } }
            td { (severity(&one.severity)) }
            td { (words(one.status.as_str())) }
            td.number { (thousands(alerts)) }
            td { (hit.join(", ")) }
            td { (one.kill_chain.observed) " of " (one.kill_chain.total) }
            td { (name(one.assigned_to.as_deref().unwrap_or("nobody"))) }
            td { @for system in &one.system_tags { span.tag { (system.tag) } " " } @for tag in &one.tags { span.tag { (name(tag)) } " " } }
            td { (when(one.last_activity)) }
        }
    }
}
