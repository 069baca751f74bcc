//! What people and the system did to the incident.

use maud::{Markup, html};

use super::parts::{List, choose, name, said, search, thousands, value, when, words};
use super::view::View;

pub(super) fn tab(view: &View<'_>) -> Markup {
    let log = &view.case.activity;
    let kinds: Vec<String> = log.entries.iter().map(|entry| value(&entry.kind)).collect();
    let heads = ["When", "Who", "What", "In words", "Why"];
    let list = List {
        id: "activity-list",
        caption: "Activity, the oldest first",
        heads: &heads,
        total: log.entries.len(),
        held: view.page.rows,
    };
    html! {
        h2 { "Activity" }
        div.filters {
            (search(list.id, "Find"))
            (choose(list.id, "origin", "By", ["person", "system"].into_iter()))
            (choose(list.id, "type", "What", kinds.iter().map(String::as_str)))
        }
        (list.table(log.entries.iter(), |_, folded, entry| html! {
            tr data-row hidden[folded] data-origin=(value(&entry.origin)) data-type=(value(&entry.kind)) {
                td { (when(entry.at)) }
                td { (name(&entry.by)) }
                td { (words(&value(&entry.kind))) }
                td { (said(&entry.text)) }
                td { @if let Some(reason) = &entry.reason { (said(reason)) } }
            }
        }))
        @if log.more_system > 0 { p.cut { "and " (thousands(log.more_system)) " more of the system, beyond the policy's limit" } }
    }
}
