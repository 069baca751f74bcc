//! Investigations with their states, findings, log and the actions that wait.

use maud::{Markup, html};

use crate::respond::Investigation;

use super::parts::{alert, count, entity, name, said, thousands, value, verdict, when, words};
use super::view::View;

/// Findings, devices and steps that one investigation lists.
const HELD: usize = 100;

pub(super) fn tab(view: &View<'_>) -> Markup {
    let all = &view.case.response.investigations;
    html! {
        h2 { "Investigations" }
        @if all.is_empty() { p.muted { "None." } }
        @for one in all.iter().take(view.page.details) { (investigation(view, one)) }
        @if all.len() > view.page.details {
            p.cut { (count(all.len() - view.page.details, "investigation is", "investigations are")) " not in this file" }
        }
    }
}

fn investigation(view: &View<'_>, one: &Investigation) -> Markup {
    html! {
        details.investigation open[view.case.response.investigations.len() == 1] {
            summary {
                span.tag { (words(one.state.as_str())) } " " strong { (name(&one.title)) }
                span.muted { " " (count(one.alerts.len(), "alert", "alerts")) ", " (count(one.devices.len(), "device", "devices"))
                    ", " (count(one.findings.len(), "finding", "findings")) @if one.vendor { ", the vendor's" } }
            }
            p { (said(&one.because)) }
            dl.facts {
                dt { "Set off by" } dd { (alert(view, &one.id)) }
                dt { "Began" } dd { (when(one.started)) }
                @if one.ended.is_some() { dt { "Ended" } dd { (when(one.ended)) } }
                dt { "Looked at" } dd { (count(one.examined, "entity", "entities")) }
                @if let Some(id) = &one.vendor_id { dt { "Vendor's id" } dd.code { (name(id)) } }
            }
            @if !one.pending_actions.is_empty() {
                h3 { (count(one.pending_actions.len(), "pending action", "pending actions")) }
                ul.plain {
                    @for action in one.pending_actions.iter().take(HELD).filter_map(|id| view.action(id)) {
                        li { span.tag { (words(action.state.as_str())) } " " (name(&action.title)) " " (entity(view, &action.entity.id, &action.entity.name))
                            @if action.expires.is_some() { span.muted { " until " (when(action.expires)) } } }
                    }
                }
                (more(one.pending_actions.len()))
            }
            @if !one.findings.is_empty() {
                h3 { "Findings" }
                ul.plain {
                    @for found in one.findings.iter().take(HELD) {
                        li { (verdict(&found.verdict)) " " (entity(view, &found.entity.id, &found.entity.name)) " " span.muted { (words(found.remediation_status.as_str())) } }
                    }
                }
                (more(one.findings.len()))
            }
            @if !one.devices.is_empty() {
                h3 { "Devices" }
                ul.plain {
                    @for found in one.devices.iter().take(HELD) {
                        li { (entity(view, &found.device.id, &found.device.name)) span.muted { " level " (words(&value(&found.level)))
                            @if let Some(through) = &found.through { ", brought in by " (name(&through.name)) } } }
                    }
                }
                (more(one.devices.len()))
            }
            @for wider in one.expansions.iter().take(HELD) {
                p { (entity(view, &wider.through.id, &wider.through.name)) " would bring in " (count(wider.devices, "device", "devices")) " once somebody agrees" }
            }
            @if !one.log.is_empty() {
                h3 { "Log" }
                ol.timeline { @for step in one.log.iter().take(HELD) { li { (when(step.at)) " " (said(&step.text)) } } }
                (more(one.log.len() + one.more_steps))
            }
        }
    }
}

fn more(total: usize) -> Markup {
    html! { @if total > HELD { p.cut { "and " (thousands(total - HELD)) " more" } } }
}
