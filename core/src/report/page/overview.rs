//! The first tab: how far, how urgent, to whom, when and why.

use maud::{Markup, PreEscaped, html};

use crate::model::ActionState;
use crate::report::Picture;
use crate::summary::{AssetLine, duration};

use super::parts::{self, alert, count, entity, level, name, prose, said, severity, thousands, value, when, words};
use super::view::View;

/// Alerts that the overview lists; the tab has all.
const ALERTS: usize = 25;

/// Waiting actions that it lists.
const PENDING: usize = 12;

pub(super) fn tab(view: &View<'_>) -> Markup {
    html! {
        div.cards {
            (kill_chain(view))
            (priority(view))
            (timeline(view))
            (information(view))
            (scope(view))
            (evidence(view))
            (response(view))
            (near_misses(view))
        }
    }
}

/// A picture, with what it leaves out.
pub(super) fn picture(view: &View<'_>, what: Picture<'_>) -> Markup {
    html! {
        @if let Ok(svg) = view.case.picture(what) {
            figure.picture {
                div.scroll tabindex="0" role="region" aria-label=(name(&svg.title)) { (PreEscaped(svg.inline())) }
                @if !svg.left_out.is_empty() { figcaption.cut { (prose(&svg.left_out.join("; "))) } }
            }
        }
    }
}

fn kill_chain(view: &View<'_>) -> Markup {
    let chain = &view.case.incident.kill_chain;
    let tactic = |short: &str| chain.stages.iter().find(|stage| stage.tactic == short).map_or("", |stage| stage.name);
    html! {
        section.card.broad {
            h2 { "Kill chain" }
            p.figure {
                strong { (chain.observed) " of " (chain.total) } " stages, " strong { (chain.progress) " %" }
                @if let Some(furthest) = chain.furthest { ", as far as " strong { (tactic(furthest)) } }
                @if let Some(dwell) = chain.dwell_seconds { ", within " (duration(dwell)) }
            }
            (picture(view, Picture::KillChain))
            @if !chain.order.is_empty() {
                details {
                    summary { "In the order in which the stages came" }
                    ol.steps {
                        @for step in &chain.order {
                            li {
                                strong { (tactic(step.tactic)) } " " (when(step.first))
                                @if let Some(after) = step.after_seconds { span.muted { " " (duration(after)) " after the one before" } }
                            }
                        }
                    }
                    @if !chain.gaps.is_empty() {
                        p { "Earlier stages without evidence: " (chain.gaps.iter().map(|gap| tactic(gap)).collect::<Vec<_>>().join(", ")) }
                    }
                    p.muted { "ATT&CK " (chain.attack_version) ", " (words(chain.edition)) }
                }
            }
        }
    }
}

fn priority(view: &View<'_>) -> Markup {
    let priority = &view.case.incident.priority;
    html! {
        section.card.narrow {
            h2 { "Priority" }
            p.figure { strong.big { (format!("{:.1}", priority.score)) } " of 100, " (value(&priority.band)) }
            table.plain {
                caption.unseen { "What the priority is made of" }
                thead { tr { th scope="col" { "Points" } th scope="col" { "Because" } } }
                tbody {
                    @for share in &priority.contributions {
                        tr {
                            td.number { (format!("{:.2}", share.points)) }
                            td {
                                (bar(share.points, priority.score))
                                (said(&share.detail))
                            }
                        }
                    }
                }
            }
            p.muted { "Model " (priority.model) }
        }
    }
}

fn bar(part: f64, of: f64) -> Markup {
    let width = if of > 0.0 { (part / of * 100.0).clamp(0.0, 100.0) } else { 0.0 };
    html! {
        svg.bar viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.rest width="100" height="4" {}
            rect.part width=(format!("{width:.2}")) height="4" {}
        }
    }
}

fn information(view: &View<'_>) -> Markup {
    let incident = &view.case.incident;
    let sources: Vec<String> = incident.service_sources.iter().map(|source| words(source)).collect();
    html! {
        section.card.narrow {
            h2 { "Incident information" }
            dl.facts {
                dt { "Id" } dd.code { (name(&incident.id)) }
                @if !incident.tenant_id.is_empty() { dt { "Tenant" } dd.code { (name(&incident.tenant_id)) } }
                dt { "Status" } dd { (words(incident.status.as_str())) }
                dt { "Severity" } dd { (severity(&incident.severity)) }
                dt { "Assigned to" } dd { (name(incident.assigned_to.as_deref().unwrap_or("nobody"))) }
                dt { "Classification" } dd { (words(incident.classification.as_str())) }
                dt { "Determination" } dd { (words(incident.determination.as_str())) }
                dt { "First activity" } dd { (when(incident.first_activity)) }
                dt { "Last activity" } dd { (when(incident.last_activity)) }
                dt { "Sources" } dd { (prose(&sources.join(", "))) }
                @for system in &incident.system_tags { dt { "Tag" } dd { strong { (system.tag) } ": " (said(&system.because)) } }
                @if !incident.tags.is_empty() { dt { "Tags" } dd { @for tag in &incident.tags { span.tag { (name(tag)) } " " } } }
                @for vendor in &incident.vendor_incidents {
                    dt { "Vendor's incident" } dd { (name(&vendor.id)) " " (name(vendor.display_name.as_deref().unwrap_or_default())) }
                }
                dt { "Held together by" } dd { (count(incident.links.kept, "link", "links")) " and " (thousands(incident.links.redundant)) " more" }
                @for cut in &incident.truncated { dt { "Cut off" } dd.cut { (prose(cut)) } }
            }
        }
    }
}

fn scope(view: &View<'_>) -> Markup {
    let scope = &view.case.incident.scope;
    let lists: [(&str, usize, &[AssetLine]); 5] = [
        ("Devices", scope.device_count, &scope.devices),
        ("Users", scope.user_count, &scope.users),
        ("Mailboxes", scope.mailbox_count, &scope.mailboxes),
        ("Applications", scope.application_count, &scope.applications),
        ("Other assets", scope.other_count, &scope.others),
    ];
    html! {
        section.card.wide {
            h2 { "Scope" }
            ul.tiles { @for (label, total, _) in lists { li { strong.big { (thousands(total)) } " " (label.to_lowercase()) } } }
            div.scroll tabindex="0" role="region" aria-label="Assets that were hit" {
                table.plain {
                    caption.unseen { "Assets that were hit, by kind" }
                    thead { tr {
                        @for head in ["Asset", "Risk level", "Investigation priority", "Criticality", "Alerts", "Tags"] {
                            th scope="col" { (head) }
                        }
                    } }
                    @for (label, total, assets) in lists.iter().filter(|(_, total, _)| *total > 0) {
                        tbody {
                            tr { th.group scope="rowgroup" colspan="6" { (label) } }
                            @for asset in *assets { (asset_row(view, asset)) }
                            @if *total > assets.len() {
                                tr { td.cut colspan="6" { "and " (thousands(total - assets.len())) " more: see the tab" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn asset_row(view: &View<'_>, asset: &AssetLine) -> Markup {
    html! {
        tr {
            td { (entity(view, &asset.id, &asset.name)) @if asset.impacted { " " span.tag.hot { "impacted" } } }
            td { (level(asset.risk_level.as_str())) }
            td.number { @if let Some(points) = asset.investigation_priority { (format!("{points:.0}")) } }
            td { (words(&value(&asset.criticality))) }
            td.number { (thousands(asset.alerts)) }
            td { @for tag in &asset.tags { span.tag { (name(tag)) } " " } }
        }
    }
}

fn timeline(view: &View<'_>) -> Markup {
    let alerts = &view.case.incident.alerts;
    html! {
        section.card.broad {
            h2 { "Alert timeline" }
            (picture(view, Picture::AlertTimeline))
            details {
                summary { "The same as a list, with links" }
                ol.timeline {
                    @for line in alerts.iter().take(ALERTS) {
                        li {
                            (when(line.time)) " " (severity(&line.severity)) " " (alert(view, &line.id))
                            @if !line.repeats.is_empty() { span.muted { " and " (count(line.repeats.len(), "repeat", "repeats")) } }
                            div.muted { (said(line.reason.as_ref().map_or("The first of its part.", |reason| &reason.text))) }
                        }
                    }
                }
            }
            @if alerts.len() > ALERTS {
                p { a href="#alerts" { "All " (thousands(alerts.len())) " alerts" } }
            }
        }
    }
}

fn evidence(view: &View<'_>) -> Markup {
    let incident = &view.case.incident;
    let columns = ["malicious", "suspicious", "noThreatsFound", "unknown"];
    let mut kinds: Vec<&str> = incident.evidence.iter().map(|cell| cell.kind.as_str()).collect();
    kinds.dedup();
    let sum = |kind: &str, verdict: Option<&str>| -> usize {
        let of_kind = incident.evidence.iter().filter(|cell| cell.kind.as_str() == kind);
        let of_both = of_kind.filter(|cell| {
            verdict.map_or_else(|| !columns.contains(&cell.verdict.as_str()), |one| cell.verdict.as_str() == one)
        });
        of_both.map(|cell| cell.count).sum()
    };
    let others = kinds.iter().any(|kind| sum(kind, None) > 0);
    html! {
        section.card {
            h2 { "Evidence" }
            p.figure { strong.big { (thousands(incident.entities.len())) } " entities" }
            div.scroll tabindex="0" role="region" aria-label="Entities by kind and verdict" {
            table.plain {
                caption.unseen { "Entities by kind and verdict" }
                thead { tr {
                    th scope="col" { "Kind" }
                    th scope="col" { "Malicious" } th scope="col" { "Suspicious" } th scope="col" { "Clean" } th scope="col" { "Unknown" }
                    @if others { th scope="col" { "Other" } }
                } }
                tbody {
                    @for kind in &kinds {
                        tr {
                            th scope="row" { (words(kind)) }
                            @for column in columns { (cell(sum(kind, Some(column)))) }
                            @if others { (cell(sum(kind, None))) }
                        }
                    }
                }
            }
            }
            (remediation(view))
        }
    }
}

/// Investigations and what waits for somebody.
fn response(view: &View<'_>) -> Markup {
    let response = &view.case.response;
    let states = |of: Vec<String>| {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for state in of {
            match counts.iter_mut().find(|(known, _)| *known == state) {
                Some((_, number)) => *number += 1,
                None => counts.push((state, 1)),
            }
        }
        html! { ul.counts { @for (state, number) in counts { li { strong { (thousands(number)) } " " (words(&state)) } } } }
    };
    let pending: Vec<_> =
        response.actions.iter().filter(|action| action.state == ActionState::PendingApproval).collect();
    html! {
        section.card {
            h2 { "Investigations and actions" }
            @if !response.investigations.is_empty() {
                p.figure { strong.big { (thousands(response.investigations.len())) } " investigations" }
                (states(response.investigations.iter().map(|one| one.state.as_str().to_owned()).collect()))
            }
            p.figure { strong.big { (thousands(response.actions.len())) } " actions" }
            (states(response.actions.iter().map(|one| one.state.as_str().to_owned()).collect()))
            @if !pending.is_empty() {
                h3 { "Waiting for approval" }
                ul.plain {
                    @for action in pending.iter().take(PENDING) {
                        li { (name(&action.title)) " " (entity(view, &action.entity.id, &action.entity.name))
                            @if let Some(on) = &action.on { " on " (entity(view, &on.id, &on.name)) } }
                    }
                }
                @if pending.len() > PENDING { p.cut { "and " (thousands(pending.len() - PENDING)) " more" } }
            }
            p { a href="#evidence" { "Evidence and response" } }
        }
    }
}

fn cell(number: usize) -> Markup {
    html! { td.number.faint[number == 0] { (thousands(number)) } }
}

fn remediation(view: &View<'_>) -> Markup {
    let all = view.case.response.roll_ups.iter().find(|roll_up| roll_up.asset.is_none());
    html! {
        @if let Some(all) = all.filter(|all| !all.counts.is_empty()) {
            h3 { "Remediation" }
            ul.counts {
                @for one in &all.counts { li { strong { (thousands(one.count)) } " " (words(one.remediation_status.as_str())) } }
            }
        }
    }
}

fn near_misses(view: &View<'_>) -> Markup {
    let incident = &view.case.incident;
    html! {
        @if !incident.near_misses.is_empty() {
            section.card.wide {
                h2 { "Almost joined" }
                ul.plain {
                    @for near in &incident.near_misses {
                        li { span.code { (name(&near.other)) } " " span.muted { "held back by " (parts::words(near.held_by)) ": " } (said(&near.text)) }
                    }
                }
                @if incident.more_near_misses > 0 { p.cut { "and " (thousands(incident.more_near_misses)) " more" } }
            }
        }
    }
}
