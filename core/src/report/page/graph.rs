//! The entity graph with what a script needs to pan, zoom, select, filter, follow paths and play it.

use maud::{Markup, PreEscaped, html};

use crate::report::Picture;

use super::parts::{prose, words};
use super::view::View;

pub(super) fn tab(view: &View<'_>) -> Markup {
    let Ok(svg) = view.case.picture(Picture::EntityGraph) else { return html! { p { "No graph." } } };
    let mut kinds: Vec<&str> = view.case.graph.nodes().map(|node| node.kind().as_str()).collect();
    kinds.dedup();
    html! {
        h2 { "Graph" }
        div.graph {
            div.tools role="toolbar" aria-label="Graph" aria-controls="graph-view" {
                button type="button" data-graph="in" aria-label="Zoom in" { "+" }
                button type="button" data-graph="out" aria-label="Zoom out" { "−" }
                button type="button" data-graph="fit" { "Fit" }
                button type="button" data-graph="whole" { "Whole" }
                button type="button" data-graph="path" aria-pressed="false" disabled { "Path to…" }
                button type="button" data-graph="clear" { "Clear" }
                button type="button" data-graph="play" aria-pressed="false" { "Play" }
                label.field.slide { span { "Up to" } input type="range" min="0" max="0" value="0" data-graph="time" aria-label="Show what was seen up to this time"; }
                output data-graph="clock" {}
            }
            fieldset.checks {
                legend { "Kinds" }
                @for kind in &kinds { label { input type="checkbox" checked data-kind=(kind); " " (words(kind)) } }
            }
            fieldset.checks {
                legend { "Verdicts" }
                @for verdict in ["malicious", "suspicious", "noThreatsFound", "unknown"] {
                    label { input type="checkbox" checked data-verdict=(verdict); " " (words(if verdict == "noThreatsFound" { "clean" } else { verdict })) }
                }
            }
            div.canvas #graph-view tabindex="0" role="application" aria-label="Entity graph. Arrow keys move, plus and minus zoom, Tab goes from node to node, Enter selects, Escape clears." {
                (PreEscaped(svg.inline()))
            }
            div.chosen #graph-chosen role="status" aria-live="polite" { p.muted { "Select a node to see what it is and what it is linked to." } }
            @if !svg.left_out.is_empty() { p.cut { (prose(&svg.left_out.join("; "))) } }
        }
    }
}
