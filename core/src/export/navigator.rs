//! An ATT&CK Navigator layer 4.5: the techniques of the kill chain, coloured by how many alerts show them.
//!
//! In: the case file. Out: one entry per technique and tactic. A layer knows techniques alone; its description
//! says what the incident holds beside them. Navigator shows every text as text, so nothing is escaped but for JSON.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::attack::{self, Domain, Edition};
use crate::model::AlertSeverity;
use crate::report::CaseFile;
use crate::summary::Stage;

use super::Written;
use super::words::{cuts, many};

/// Titles in one comment; the rest is counted.
const TITLES: usize = 10;
/// Characters of one title.
const TITLE_LENGTH: usize = 200;
/// From no alert to the most.
const COLOURS: [&str; 3] = ["#ffe9a8", "#fd8d3c", "#bd0026"];
/// Alerts that the scale of colours goes to at least: one is not deep red, and MITRE's own reader fails on a scale of
/// fewer steps than it has colours to lay out.
const SCALE: u64 = 4;

/// An alert as a technique is concerned with it.
struct Seen<'c> {
    id: &'c str,
    head: &'c str,
    title: &'c str,
    severity: AlertSeverity,
    time: Option<DateTime<Utc>>,
    techniques: Vec<&'static str>,
}

pub(super) fn write(case: &CaseFile) -> Written {
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    let seen = seen(case, &mut unknown);
    let entries: Vec<Value> =
        case.incident.kill_chain.stages.iter().flat_map(|stage| entries(stage, &seen, edition(case))).collect();
    let most = entries.iter().filter_map(|entry| entry["score"].as_u64()).max().unwrap_or_default().max(SCALE);
    let left_out = cuts(case, left_out(case, &seen, &unknown));
    let chain = &case.incident.kill_chain;
    let description = format!(
        "Incident {} as casegraph judged it at {}: {} of {} stages. Score: alerts that name the technique. Not in this layer: {}.",
        case.incident.id,
        case.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        chain.observed,
        chain.total,
        left_out.join("; ")
    );
    let layer = json!({
        "name": shortened(&case.incident.title, TITLE_LENGTH),
        "versions": { "attack": attack_version(case), "navigator": "5.0.0", "layer": "4.5" },
        "domain": Domain::Enterprise.as_str(),
        "description": description,
        "sorting": 3,
        "layout": {
            "layout": "side",
            "aggregateFunction": "max",
            "showID": true,
            "showName": true,
            "showAggregateScores": false,
            "countUnscored": false,
            "expandedSubtechniques": "annotated",
        },
        "hideDisabled": false,
        "techniques": entries,
        "gradient": { "colors": COLOURS, "minValue": 0, "maxValue": most },
        "legendItems": [
            { "label": "few alerts", "color": COLOURS[0] },
            { "label": "half as many", "color": COLOURS[1] },
            { "label": many(most as usize, "alert"), "color": COLOURS[2] },
        ],
        "metadata": [
            { "name": "incident", "value": case.incident.id },
            { "name": "severity", "value": case.incident.severity.as_str() },
            { "name": "priority", "value": case.incident.priority.score.to_string() },
        ],
        "showTacticRowBackground": false,
        "selectTechniquesAcrossTactics": false,
        "selectSubtechniquesWithParent": false,
    });
    (format!("{layer:#}\n"), left_out)
}

/// Every alert, repeats included, with the techniques of the enterprise matrix under their present ids.
fn seen<'c>(case: &'c CaseFile, unknown: &mut BTreeSet<&'c str>) -> Vec<Seen<'c>> {
    let lines = case.incident.alerts.iter().flat_map(|line| {
        let repeats = line.repeat_times.iter().map(|repeat| (repeat.id.as_str(), repeat.time));
        std::iter::once((line.id.as_str(), line.time)).chain(repeats)
    });
    let times: BTreeMap<&str, Option<DateTime<Utc>>> = lines.collect();
    let mut out = Vec::with_capacity(case.alerts.len());
    for alert in &case.alerts {
        let id = alert.record.id.as_deref().unwrap_or_default();
        let mut techniques = Vec::new();
        for text in &alert.record.mitre_techniques {
            match listed(text, edition(case)) {
                Some(id) => techniques.push(id),
                None => {
                    unknown.insert(text);
                }
            }
        }
        out.push(Seen {
            id,
            head: &alert.repeat_of,
            title: alert.record.title.as_deref().unwrap_or_default(),
            severity: alert.record.severity.clone().unwrap_or_default(),
            time: times.get(id).copied().flatten(),
            techniques,
        });
    }
    out
}

/// The id under which the enterprise matrix of an edition lists a technique.
fn listed(text: &str, edition: Edition) -> Option<&'static str> {
    let technique = attack::technique(text)?;
    let technique = if technique.is_listed(edition) { technique } else { technique.current() };
    (technique.domain() == Domain::Enterprise).then(|| technique.id())
}

/// The edition whose tactics the kill chain has.
fn edition(case: &CaseFile) -> Edition {
    if case.incident.kill_chain.edition == "v18" { Edition::V18 } else { Edition::V19 }
}

fn entries(stage: &Stage, seen: &[Seen<'_>], edition: Edition) -> Vec<Value> {
    let techniques: BTreeSet<&'static str> = stage.techniques.iter().filter_map(|text| listed(text, edition)).collect();
    techniques.into_iter().map(|technique| entry(stage, technique, seen)).collect()
}

fn entry(stage: &Stage, technique: &str, seen: &[Seen<'_>]) -> Value {
    let named: Vec<&Seen<'_>> = seen.iter().filter(|alert| alert.techniques.contains(&technique)).collect();
    let here = |alert: &&Seen<'_>| stage.alerts.iter().any(|id| id == alert.head || id == alert.id);
    let mut alerts: Vec<&Seen<'_>> = named.iter().copied().filter(here).collect();
    if alerts.is_empty() {
        // Only a repeat brought the technique into this stage; repeats are not among the stage's alerts.
        alerts = named;
    }
    let first = alerts.iter().filter_map(|alert| alert.time).min();
    let last = alerts.iter().filter_map(|alert| alert.time).max();
    let severity = alerts.iter().map(|alert| alert.severity.clone()).max().unwrap_or_default();
    let mut metadata = vec![json!({ "name": "severity", "value": severity.as_str() })];
    for (name, time) in [("first", first), ("last", last)] {
        if let Some(time) = time {
            metadata.push(json!({ "name": name, "value": time.to_rfc3339_opts(SecondsFormat::AutoSi, true) }));
        }
    }
    json!({
        "techniqueID": technique,
        "tactic": stage.tactic,
        "score": alerts.len(),
        "comment": comment(&alerts),
        "enabled": true,
        "showSubtechniques": technique.contains('.'),
        "metadata": metadata,
    })
}

/// Titles, each once with how often it stands, in the order in which they first came.
fn comment(alerts: &[&Seen<'_>]) -> String {
    let mut counts: indexmap::IndexMap<&str, usize> = indexmap::IndexMap::new();
    for alert in alerts {
        *counts.entry(alert.title).or_default() += 1;
    }
    let line = |(title, count): (&&str, &usize)| {
        let title = shortened(title, TITLE_LENGTH);
        if *count > 1 { format!("{title} ({count} times)") } else { title }
    };
    let mut lines: Vec<String> = counts.iter().take(TITLES).map(line).collect();
    if counts.len() > TITLES {
        lines.push(format!("and {} more titles", counts.len() - TITLES));
    }
    lines.join("\n")
}

fn shortened(text: &str, length: usize) -> String {
    let mut out: String = text.chars().take(length).collect();
    if text.chars().nth(length).is_some() {
        out.push('…');
    }
    out
}

/// The version of the matrix: `18` of `18.1`, `19` of `enterprise 19 (2026-04-14), …`.
fn attack_version(case: &CaseFile) -> String {
    let text = match edition(case) {
        Edition::V18 => attack::VERSION_V18,
        Edition::V19 => case.incident.kill_chain.attack_version,
    };
    text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect()
}

fn left_out(case: &CaseFile, seen: &[Seen<'_>], unknown: &BTreeSet<&str>) -> Vec<String> {
    let silent = seen.iter().filter(|alert| alert.techniques.is_empty()).count();
    let bare = case.incident.kill_chain.stages.iter().filter(|stage| stage.observed && stage.techniques.is_empty());
    let mut out =
        vec![format!("{} with their verdicts, links and actions", many(case.incident.entities.len(), "entity"))];
    if silent > 0 {
        out.push(format!("{} without a technique of the enterprise matrix", many(silent, "alert")));
    }
    let bare: Vec<&str> = bare.map(|stage| stage.tactic).collect();
    if !bare.is_empty() {
        out.push(format!("{} seen by category alone: {}", many(bare.len(), "stage"), bare.join(", ")));
    }
    if !unknown.is_empty() {
        out.push(format!("{} that the enterprise matrix does not list", many(unknown.len(), "technique id")));
    }
    out
}
