//! Why one entity has its verdict: opinions, the way that suspicion came, what was set aside.

use maud::{Markup, html};

use crate::judge::{Explanation, StatedOpinion};
use crate::report::Picture;

use super::overview::picture;
use super::parts::{alert, entity, name, prose, said, value, verdict, words};
use super::view::View;

/// Entities of the list whose proof is drawn too.
const DRAWN: usize = 12;

pub(super) fn lines(view: &View<'_>, why: &Explanation, at: usize) -> Markup {
    html! {
        @if at < DRAWN { (picture(view, Picture::Proof(&why.entity))) }
        @if !why.opinions.is_empty() {
            h4 { "Opinions" }
            ul.plain { @for one in &why.opinions { (opinion(view, one)) } }
        }
        @if !why.path.is_empty() {
            h4 { "How suspicion came here" }
            ol.plain {
                @for step in &why.path {
                    li {
                        (entity(view, &step.from, &step.from_name))
                        span.muted { @if step.forward { " — " (words(step.relation.as_str())) " → " } @else { " ← " (words(step.relation.as_str())) " — " } }
                        @match view.entity_at(&step.to) { Some((_, to)) => (entity(view, &to.id, &to.name)), None => (name(&step.to)) }
                        span.muted { " × " (format!("{:.2}", step.weight)) " = " (format!("{:.2}", step.score)) ", shown by " } (alert(view, &step.alert))
                    }
                }
            }
        }
        @if let Some(spared) = &why.spared {
            p { "Kept at " (format!("{:.2}", spared.at_most)) " by the rule " strong { (name(&spared.rule.title)) } }
        }
        @if !why.overruled.is_empty() {
            h4 { "Set aside" }
            ul.plain { @for one in &why.overruled { (opinion(view, one)) } }
        }
        @if let Some(missing) = &why.missing { p.muted { (prose(missing)) } }
        @for limit in &why.limits { p.cut { (prose(limit)) } }
    }
}

fn opinion(view: &View<'_>, one: &StatedOpinion) -> Markup {
    html! {
        li {
            (verdict(&one.verdict)) " " span.muted { (one.confidence) " % " (words(&value(&one.authority))) ": " } (said(&one.because))
            @if let Some(id) = &one.alert { span.muted { " in " } (alert(view, id)) }
            @if let Some(by) = &one.overruled_by { div.muted { "set aside: " (said(by)) } }
        }
    }
}
