//! The frame of a page: head with policy, style and script, tabs, foot.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::VERSION;
use crate::report::picture;
use crate::resolve::EntityKind;

use super::assets::Assets;
use super::parts::{count, name, severity, thousands, when, words};
use super::view::View;
use super::{activity, alerts, evidence, graph, investigations, overview};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page around its content: nothing but its own style and script counts, and nothing is fetched.
pub(super) fn page(title: &str, body: &Markup) -> Markup {
    let style = [STYLE, picture::STYLE].concat();
    let hash = |text: &str| crate::rules::base64(&Sha256::digest(text.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(&style),
        hash(SCRIPT)
    );
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (name(title)) }
                style { (PreEscaped(&style)) }
                script { (PreEscaped(SCRIPT)) }
            }
            body {
                (body)
                footer.foot { p.muted { "casegraph " (VERSION) ". ATT&CK® is a registered trademark of The MITRE Corporation." } }
            }
        }
    }
}

pub(super) fn incident(view: &View<'_>) -> Markup {
    let incident = &view.case.incident;
    let scope = &incident.scope;
    let held: usize = incident.alerts.iter().map(|line| 1 + line.repeats.len()).sum();
    let tabs: Vec<(&str, &str, usize, Markup)> = vec![
        ("overview", "Overview", 0, overview::tab(view)),
        ("alerts", "Alerts", held, alerts::tab(view)),
        assets(view, "devices", "Devices", &[EntityKind::Device], &scope.devices),
        assets(view, "users", "Users", &[EntityKind::User], &scope.users),
        assets(view, "mailboxes", "Mailboxes", &[EntityKind::Mailbox], &scope.mailboxes),
        assets(
            view,
            "apps",
            "Apps",
            &[EntityKind::CloudApplication, EntityKind::OauthApplication],
            &scope.applications,
        ),
        ("investigations", "Investigations", view.case.response.investigations.len(), investigations::tab(view)),
        ("evidence", "Evidence and response", incident.entities.len(), evidence::tab(view)),
        ("graph", "Graph", 0, graph::tab(view)),
        ("activity", "Activity", view.case.activity.entries.len(), activity::tab(view)),
    ];
    let body = html! {
        a.skip href="#main" { "Skip to the content" }
        header.head {
            h1 { (name(&incident.title)) }
            p.lead {
                (severity(&incident.severity)) " "
                span.tag { (words(incident.status.as_str())) } " "
                "priority " strong { (format!("{:.1}", incident.priority.score)) } ", "
                (count(held, "alert", "alerts")) ", " (count(incident.entities.len(), "entity", "entities")) ", "
                (when(incident.first_activity)) " to " (when(incident.last_activity)) " UTC"
            }
            p.muted { "As of " (when(Some(view.case.at))) " UTC" }
            nav aria-label="Parts of the incident" {
                ul.tabs {
                    @for (id, label, number, _) in &tabs {
                        li { a #{ "tab-" (id) } href={ "#" (id) } data-tab=(id) { (label) @if *number > 0 { " " span.count { (thousands(*number)) } } } }
                    }
                }
            }
        }
        main #main {
            @for (id, label, _, content) in &tabs { section.panel #(id) aria-label=(label) { (content) } }
        }
    };
    page(&incident.title, &body)
}

fn assets<'a>(
    view: &View<'_>,
    id: &'a str,
    title: &'a str,
    kinds: &[EntityKind],
    top: &[crate::summary::AssetLine],
) -> (&'a str, &'a str, usize, Markup) {
    (id, title, view.of_kinds(kinds).count(), Assets { id, title, kinds, top }.tab(view))
}
