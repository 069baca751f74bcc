//! Every entity with its verdict and why, and every action with its state.

use maud::{Markup, html};

use crate::respond::Action;
use crate::summary::EntityLine;

use super::parts::{List, choose, count, entity, name, prose, said, search, thousands, value, verdict, when, words};
use super::proof;
use super::view::View;

pub(super) fn tab(view: &View<'_>) -> Markup {
    let lines = &view.case.incident.entities;
    let heads = ["Verdict", "Kind", "Name", "Remediation", "First seen", "Alerts", "Why"];
    let list = List {
        id: "evidence-list",
        caption: "Entities, the worst first",
        heads: &heads,
        total: lines.len(),
        held: view.page.rows,
    };
    let proofs = &view.case.proofs;
    html! {
        h2 { "Evidence and response" }
        div.filters {
            (search(list.id, "Find"))
            (choose(list.id, "verdict", "Verdict", lines.iter().map(|line| line.verdict.as_str())))
            (choose(list.id, "kind", "Kind", lines.iter().map(|line| line.kind.as_str())))
            (choose(list.id, "status", "Remediation", lines.iter().map(|line| line.remediation_status.as_str())))
        }
        (list.table(lines.iter(), |at, folded, line| row(view, at, folded, line)))
        @let bad = lines.iter().filter(|line| line.verdict >= crate::model::Verdict::Suspicious).count();
        @if bad > proofs.len() {
            p.cut { "Proofs are in this file for the worst " (thousands(proofs.len())) " of " (thousands(bad)) " bad entities; the others have their reason in one line." }
        }
        (actions(view))
        (plan(view))
    }
}

fn row(view: &View<'_>, at: usize, folded: bool, line: &EntityLine) -> Markup {
    html! {
        tr #{ "e" (at) } data-row hidden[folded] tabindex="-1" data-verdict=(name(line.verdict.as_str())) data-kind=(line.kind.as_str())
            data-status=(name(line.remediation_status.as_str())) {
            td { (verdict(&line.verdict)) div.muted { (format!("{:.2}", line.score)) } }
            td { (words(line.kind.as_str())) }
            td.name { (name(&line.name)) @if line.impacted { " " span.tag.hot { "impacted" } } div.muted.code { (name(&line.id)) } }
            td { (words(line.remediation_status.as_str())) }
            td { (when(line.first_seen)) }
            td.number { (thousands(line.alerts)) }
            td.why {
                @match view.case.proofs.get(&line.id) {
                    Some(why) => details { summary { (said(&line.because)) } (proof::lines(view, why, at)) }
                    None => (said(&line.because))
                }
            }
        }
    }
}

fn actions(view: &View<'_>) -> Markup {
    let actions = &view.case.response.actions;
    let heads = ["State", "Action", "Of", "On", "Verdict", "Since", "Until", "Agreed", "Why"];
    let list =
        List { id: "action-list", caption: "Actions", heads: &heads, total: actions.len(), held: view.page.rows };
    html! {
        h3 { "Actions" }
        @if !actions.is_empty() { div.filters {
            (search(list.id, "Find"))
            (choose(list.id, "state", "State", actions.iter().map(|action| action.state.as_str())))
        } }
        (list.table(actions.iter(), |_, folded, action| action_row(view, folded, action)))
        @for cut in &view.case.response.truncated { p.cut { (prose(cut)) } }
    }
}

pub(super) fn action_row(view: &View<'_>, folded: bool, action: &Action) -> Markup {
    html! {
        tr data-row hidden[folded] data-state=(name(action.state.as_str())) {
            td { (words(action.state.as_str())) @if let Some(undo) = &action.undo { div.muted { "taking back: " (words(&value(undo))) } } }
            td { (name(&action.title)) }
            td { (entity(view, &action.entity.id, &action.entity.name)) }
            td { @if let Some(on) = &action.on { (entity(view, &on.id, &on.name)) } }
            td { (verdict(&action.verdict)) }
            td { (when(action.since)) }
            td { @if action.expires.is_some() { (when(action.expires)) } }
            td { (action.approvals.len()) " of " (action.needed) @for one in &action.approvals { div.muted { (name(&one.by)) } } }
            td.why { (said(&action.because)) @for wrong in &action.contradictions { div.cut { (prose(&wrong.text)) } } }
        }
    }
}

fn plan(view: &View<'_>) -> Markup {
    let plan = &view.case.plan;
    html! {
        h3 { "Plan" }
        p { (words(&value(&plan.outcome))) ", cost " (plan.cost) ", " (count(plan.protected.len(), "asset", "assets")) " protected, "
            (thousands(plan.unprotected.len())) " that nothing protects, "
            (thousands(plan.controlled.iter().filter(|held| held.asset).count())) " lost" }
        @if !plan.actions.is_empty() {
            ul.plain { @for action in plan.actions.iter().take(100) {
                li { strong { (name(&action.title)) } " cost " (action.cost) " " span.muted { (said(&action.because)) }
                    @for broken in &action.breaks { div.muted { "breaks " (prose(&broken.text)) } } }
            } }
            @if plan.actions.len() > 100 { p.cut { "and " (thousands(plan.actions.len() - 100)) " more" } }
        }
        @for cut in &plan.truncated { p.cut { (prose(cut)) } }
    }
}
