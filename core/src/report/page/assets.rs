//! Devices, users, mailboxes and applications: all of a kind, the worst first, devices with their timeline.

use maud::{Markup, html};

use crate::resolve::EntityKind;
use crate::summary::{AssetLine, Timeline, TimelineKind};

use super::parts::{
    List, alert, count, entity, level, name, prose, said, search, severity, thousands, value, verdict, when, words,
};
use super::view::View;

/// Entries of a device's timeline that the file holds.
const ENTRIES: usize = 500;

/// A tab of assets.
pub(super) struct Assets<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) kinds: &'a [EntityKind],
    pub(super) top: &'a [AssetLine],
}

impl Assets<'_> {
    pub(super) fn tab(&self, view: &View<'_>) -> Markup {
        let all: Vec<_> = view.of_kinds(self.kinds).collect();
        let heads = ["Name", "Risk level", "Priority", "Verdict", "Remediation", "Alerts", "First seen", "Why"];
        let list = format!("{}-list", self.id);
        let table = List { id: &list, caption: self.title, heads: &heads, total: all.len(), held: view.page.rows };
        html! {
            h2 { (self.title) }
            @if all.len() > 1 { div.filters { (search(&list, "Find")) } }
            (table.table(all.iter(), |_, folded, line| {
                let top = self.top.iter().find(|asset| asset.id == line.id);
                html! {
                    tr data-row hidden[folded] {
                        td {
                            (entity(view, &line.id, &line.name))
                            @if line.impacted { " " span.tag.hot { "impacted" } }
                            @if let Some(asset) = top { @for tag in &asset.tags { " " span.tag { (name(tag)) } } }
                        }
                        td { @if let Some(asset) = top { (level(asset.risk_level.as_str())) } }
                        td.number { @if let Some(points) = top.and_then(|asset| asset.investigation_priority) { (format!("{points:.0}")) } }
                        td { (verdict(&line.verdict)) }
                        td { (words(line.remediation_status.as_str())) }
                        td.number { (thousands(line.alerts)) }
                        td { (when(line.first_seen)) }
                        td.why { (said(&line.because)) }
                    }
                }
            }))
            @if all.len() > self.top.len() && !self.top.is_empty() {
                p.muted { "Risk level and priority are told for the top " (self.top.len()) "." }
            }
            (self.remediation(view))
            @for (id, timeline) in view.case.device_timelines.iter().take(view.page.details) {
                @if let Some(asset) = self.top.iter().find(|asset| asset.id == *id) { (device(view, asset, timeline)) }
            }
        }
    }

    fn remediation(&self, view: &View<'_>) -> Markup {
        let of = |id: &str| self.top.iter().any(|asset| asset.id == id);
        let roll_ups: Vec<_> =
            view.case.response.roll_ups.iter().filter_map(|r| Some((r.asset.as_ref()?, r))).collect();
        let roll_ups: Vec<_> = roll_ups.into_iter().filter(|(asset, _)| of(&asset.id)).collect();
        html! {
            @if !roll_ups.is_empty() {
                h3 { "Remediation of bad evidence" }
                dl.facts {
                    @for (asset, roll_up) in roll_ups {
                        dt { (name(&asset.name)) }
                        dd { @for one in &roll_up.counts { span.tag { (thousands(one.count)) " " (words(one.remediation_status.as_str())) } " " } }
                    }
                }
            }
        }
    }
}

/// What happened on a device: events, and alerts among them.
fn device(view: &View<'_>, asset: &AssetLine, timeline: &Timeline) -> Markup {
    let events = timeline.entries.iter().filter(|entry| entry.kind == TimelineKind::Event).count();
    let more = timeline.entries.len().saturating_sub(ENTRIES);
    html! {
        details.device {
            summary {
                "Timeline of " strong { (name(&asset.name)) }
                span.muted { " " (count(timeline.entries.len() - events, "alert", "alerts")) ", " (count(events, "event", "events")) }
            }
            p.muted { "criticality " (words(&value(&asset.criticality))) }
            ol.timeline {
                @for entry in timeline.entries.iter().take(ENTRIES) {
                    li.event[entry.kind == TimelineKind::Event] {
                        (when(entry.time)) " "
                        @match &entry.severity {
                            Some(level) => { (severity(level)) " " (alert(view, &entry.id)) }
                            None => {
                                span.muted { "event " } (prose(&entry.title))
                                @for id in &entry.alerts { " " span.muted { "→ " } (alert(view, id)) }
                            }
                        }
                    }
                }
            }
            @if more > 0 { p.cut { (count(more, "later entry is", "later entries are")) " not in this file" } }
            @if timeline.left_out > 0 { p.cut { (count(timeline.left_out, "later event was", "later events were")) " left out by the policy" } }
        }
    }
}
