//! A report that people read, and paste into tickets: Markdown as CommonMark has it, with GitHub's tables.
//!
//! In: the case file. Out: title, facts, kill chain, alerts with why they are here, entities with verdicts and why,
//! actions, plan, investigations, activity, and what is not in it. Whatever may come from an attacker stands in the report through
//! [`quote`]: plain words as they are, all else as code, where no reader finds markup, HTML, links or mentions.

mod quote;

use std::fmt::Write;

use chrono::{DateTime, Utc};

use crate::judge::Explanation;
use crate::model::{ActionState, Verdict};
use crate::report::CaseFile;
use crate::respond::PlanOutcome;
use crate::summary::{ActivityEntry, AssetLine, Origin};

use super::Written;
use super::words::{cuts, many};
use quote::{code, prose, safe};

/// Rows of one table; the rest is counted.
const ROWS: usize = 50;
/// Entities whose verdicts are told in full.
const TOLD: usize = 10;
/// Opinions and steps of one proof.
const REASONS: usize = 8;

pub(super) fn write(case: &CaseFile) -> Written {
    let mut report = Report::default();
    // Writing to a text does not fail.
    let _ = report.all(case);
    let left_out = cuts(case, report.left_out);
    let mut out = report.text;
    let _ = writeln!(out, "\n## Limits\n");
    for line in &left_out {
        let _ = writeln!(out, "- Not in this report: {}", prose(line, 400));
    }
    let _ = writeln!(out, "- Names and texts from evidence are quoted; in them `|` is written `¦`.");
    (out, left_out)
}

#[derive(Default)]
struct Report {
    text: String,
    left_out: Vec<String>,
}

impl Report {
    fn all(&mut self, case: &CaseFile) -> std::fmt::Result {
        writeln!(self.text, "# {}\n", safe(&case.incident.title, 200))?;
        self.facts(case)?;
        self.kill_chain(case)?;
        self.scope(case)?;
        self.alerts(case)?;
        self.entities(case)?;
        self.proofs(case)?;
        self.actions(case)?;
        self.plan(case)?;
        self.investigations(case)?;
        self.activity(case)?;
        self.left_out.push("the properties of evidence items, relations between entities, raw events".to_owned());
        if case.incident.links.redundant > 0 {
            let more = many(case.incident.links.redundant, "link");
            self.left_out.push(format!("{more} besides the strongest to each alert"));
        }
        let near = case.incident.near_misses.len() + case.incident.more_near_misses;
        if near > 0 {
            self.left_out.push(format!("near misses, alerts that almost belong here: {near}"));
        }
        Ok(())
    }

    /// A heading and the head of a table.
    fn table(&mut self, heading: &str, columns: &[&str]) -> std::fmt::Result {
        writeln!(self.text, "\n## {heading}\n")?;
        self.head(columns)
    }

    fn head(&mut self, columns: &[&str]) -> std::fmt::Result {
        writeln!(self.text, "| {} |", columns.join(" | "))?;
        writeln!(self.text, "|{}", " --- |".repeat(columns.len()))
    }

    fn row(&mut self, cells: &[String]) -> std::fmt::Result {
        writeln!(self.text, "| {} |", cells.join(" | "))
    }

    /// Says that a table has not all rows.
    fn more(&mut self, all: usize, noun: &str) -> std::fmt::Result {
        let more = all.saturating_sub(ROWS);
        if more == 0 {
            return Ok(());
        }
        self.left_out.push(format!("{} of {all} over the first {ROWS}", many(more, noun)));
        writeln!(self.text, "\nand {more} more")
    }

    fn facts(&mut self, case: &CaseFile) -> std::fmt::Result {
        let incident = &case.incident;
        self.head(&["", ""])?;
        let alerts: usize = incident.alerts.iter().map(|line| 1 + line.repeats.len()).sum();
        let because: Vec<String> = incident
            .priority
            .contributions
            .iter()
            .map(|share| format!("{:.2} {}", share.points, share.detail))
            .collect();
        let found = format!("{}, {}", incident.classification, incident.determination);
        let owner = incident.assigned_to.as_deref().map_or_else(|| "nobody".to_owned(), |owner| safe(owner, 100));
        let rows: [(&str, String); 12] = [
            ("Incident", code(&incident.id, 100)),
            ("Tenant", code(&incident.tenant_id, 100)),
            ("Severity", incident.severity.as_str().to_owned()),
            ("Status", safe(incident.status.as_str(), 40)),
            ("Classification", safe(&found, 80)),
            ("Assigned to", owner),
            ("Priority", format!("{:.2}", incident.priority.score)),
            ("Priority because", prose(&because.join(" + "), 600)),
            ("Activity", format!("{} to {}", minute(incident.first_activity), minute(incident.last_activity))),
            ("Alerts", format!("{alerts}, by {}", list(incident.service_sources.iter(), 10))),
            (
                "Tags",
                list(
                    incident.tags.iter().map(String::as_str).chain(incident.system_tags.iter().map(|tag| tag.tag)),
                    20,
                ),
            ),
            ("As of", minute(Some(case.at))),
        ];
        for (name, value) in rows {
            if !value.is_empty() && value != "``" {
                self.row(&[name.to_owned(), value])?;
            }
        }
        for vendor in incident.vendor_incidents.iter().take(10) {
            let name = safe(vendor.display_name.as_deref().unwrap_or_default(), 120);
            self.row(&["Vendor incident".to_owned(), format!("{} {name}", code(&vendor.id, 80))])?;
        }
        Ok(())
    }

    fn kill_chain(&mut self, case: &CaseFile) -> std::fmt::Result {
        let chain = &case.incident.kill_chain;
        self.table("Kill chain", &["Stage", "Alerts", "Techniques", "Severity", "Verdict", "First", "Last"])?;
        for stage in chain.stages.iter().filter(|stage| stage.observed) {
            self.row(&[
                stage.name.to_owned(),
                stage.alerts.len().to_string(),
                list(stage.techniques.iter(), 12),
                stage.highest_severity.as_str().to_owned(),
                stage.highest_verdict.as_str().to_owned(),
                minute(stage.first),
                minute(stage.last),
            ])?;
        }
        let gaps = if chain.gaps.is_empty() { "none".to_owned() } else { chain.gaps.join(", ") };
        let (observed, total, progress) = (chain.observed, chain.total, chain.progress);
        writeln!(self.text, "\n{observed} of {total} stages, {progress} %. Earlier stages without evidence: {gaps}.")
    }

    fn scope(&mut self, case: &CaseFile) -> std::fmt::Result {
        let scope = &case.incident.scope;
        let lists = [&scope.devices, &scope.users, &scope.mailboxes, &scope.applications, &scope.others];
        let shown: Vec<&AssetLine> = lists.into_iter().flatten().collect();
        let all =
            scope.device_count + scope.user_count + scope.mailbox_count + scope.application_count + scope.other_count;
        if all > shown.len() {
            self.left_out.push(format!("{} of {all}, the least important", many(all - shown.len(), "asset")));
        }
        self.table("Assets", &["Kind", "Name", "Risk", "Impacted", "Critical", "Alerts", "Tags"])?;
        for asset in shown.iter().take(ROWS) {
            self.row(&[
                asset.kind.as_str().to_owned(),
                safe(&asset.name, 100),
                asset.risk_level.as_str().to_owned(),
                yes(asset.impacted),
                yes(asset.critical),
                asset.alerts.to_string(),
                list(asset.tags.iter(), 8),
            ])?;
        }
        self.more(shown.len(), "asset")
    }

    fn alerts(&mut self, case: &CaseFile) -> std::fmt::Result {
        let alerts = &case.incident.alerts;
        self.table("Alerts", &["Time", "Severity", "Status", "Title", "By", "Why it is here"])?;
        for line in alerts.iter().take(ROWS) {
            let repeats = match line.repeats.len() {
                0 => String::new(),
                more => format!(" (and {})", many(more, "repeat")),
            };
            let reason =
                line.reason.as_ref().map_or_else(|| "the first of its part".to_owned(), |link| prose(&link.text, 300));
            self.row(&[
                second(line.time),
                line.severity.as_str().to_owned(),
                safe(line.status.as_str(), 40),
                format!("{}{repeats}", safe(&line.title, 200)),
                safe(if line.product_name.is_empty() { &line.service_source } else { &line.product_name }, 80),
                reason,
            ])?;
        }
        self.more(alerts.len(), "alert")
    }

    fn entities(&mut self, case: &CaseFile) -> std::fmt::Result {
        let entities = &case.incident.entities;
        self.table("Entities", &["Verdict", "Score", "Kind", "Name", "Remediation", "Alerts", "Why"])?;
        for line in entities.iter().take(ROWS) {
            let verdict = line.verdict.as_str();
            let verdict =
                if line.verdict >= Verdict::Malicious { format!("**{verdict}**") } else { verdict.to_owned() };
            self.row(&[
                verdict,
                format!("{:.2}", line.score),
                line.kind.as_str().to_owned(),
                safe(&line.name, 120),
                line.remediation_status.as_str().to_owned(),
                line.alerts.to_string(),
                prose(&line.because, 300),
            ])?;
        }
        self.more(entities.len(), "entity")
    }

    fn proofs(&mut self, case: &CaseFile) -> std::fmt::Result {
        if case.proofs.is_empty() {
            return Ok(());
        }
        writeln!(self.text, "\n## Why the worst are what they are")?;
        for proof in case.proofs.values().take(TOLD) {
            self.proof(proof)?;
        }
        let more = case.proofs.len().saturating_sub(TOLD);
        if more > 0 {
            self.left_out.push(format!("{} of verdicts", many(more, "proof")));
        }
        Ok(())
    }

    fn proof(&mut self, proof: &Explanation) -> std::fmt::Result {
        let (kind, name) = (proof.kind.as_str(), safe(&proof.name, 120));
        writeln!(self.text, "\n{kind} {name}: **{}** at {:.2}\n", proof.verdict, proof.score)?;
        for step in proof.path.iter().take(REASONS) {
            let way = if step.forward { "forward" } else { "backward" };
            let from = safe(&step.from_name, 120);
            writeln!(self.text, "- from {from} {way} along `{}`: {:.2}", step.relation.as_str(), step.score)?;
        }
        for opinion in proof.opinions.iter().take(REASONS) {
            let because = prose(&opinion.because, 300);
            writeln!(
                self.text,
                "- {} at {} by {}: {because}",
                opinion.verdict,
                opinion.confidence,
                safe(&opinion.source, 100)
            )?;
        }
        for opinion in proof.overruled.iter().take(REASONS) {
            let by = safe(opinion.overruled_by.as_deref().unwrap_or_default(), 200);
            writeln!(self.text, "- overruled: {} by {}, because of {by}", opinion.verdict, safe(&opinion.source, 100))?;
        }
        let more = [proof.path.len(), proof.opinions.len(), proof.overruled.len()];
        let more: usize = more.into_iter().map(|all| all.saturating_sub(REASONS)).sum();
        if more > 0 { writeln!(self.text, "- and {more} more") } else { Ok(()) }
    }

    fn actions(&mut self, case: &CaseFile) -> std::fmt::Result {
        let actions = &case.response.actions;
        self.table("Actions", &["State", "Action", "On", "Device", "Verdict", "Until", "Why"])?;
        for action in actions.iter().take(ROWS) {
            let state = match action.state {
                ActionState::PendingApproval => "**waits for approval**",
                ref state => state.as_str(),
            };
            self.row(&[
                state.to_owned(),
                prose(&action.title, 200),
                safe(&action.entity.name, 120),
                action.on.as_ref().map_or_else(String::new, |device| safe(&device.name, 80)),
                action.verdict.as_str().to_owned(),
                action.expires.map_or_else(String::new, |at| minute(Some(at))),
                prose(&action.because, 300),
            ])?;
        }
        let cut = case.response.truncated.iter().cloned();
        self.left_out.extend(cut);
        self.more(actions.len(), "action")
    }

    fn plan(&mut self, case: &CaseFile) -> std::fmt::Result {
        let plan = &case.plan;
        writeln!(self.text, "\n## Plan\n")?;
        let (protected, open) = (plan.protected.len(), plan.unprotected.len());
        match plan.outcome {
            PlanOutcome::NothingToCut => {
                writeln!(self.text, "Nothing to cut: no asset is reached that is not lost already.")?
            }
            PlanOutcome::Impossible => {
                writeln!(self.text, "No action protects the {} that are reached.", many(open, "asset"))?
            }
            PlanOutcome::Cut | PlanOutcome::Partly => {
                let (actions, assets) = (many(plan.actions.len(), "action"), many(protected, "asset"));
                let rest = if open == 0 { String::new() } else { format!("; {open} cannot be protected") };
                writeln!(self.text, "{actions} at a cost of {} protect {assets}{rest}.\n", plan.cost)?;
            }
        }
        for action in plan.actions.iter().take(ROWS) {
            let state = action.state.as_ref().map_or("not asked for yet", |state| state.as_str());
            writeln!(self.text, "- {} (cost {}, {state})", prose(&action.title, 200), action.cost)?;
        }
        let more = plan.actions.len().saturating_sub(ROWS);
        if more > 0 {
            self.left_out.push(format!("{} of the plan", many(more, "action")));
        }
        self.left_out.extend(plan.truncated.iter().cloned());
        Ok(())
    }

    fn investigations(&mut self, case: &CaseFile) -> std::fmt::Result {
        let all = &case.response.investigations;
        if all.is_empty() {
            return Ok(());
        }
        self.table("Investigations", &["State", "Title", "Alerts", "Devices", "Examined", "Bad", "Why"])?;
        for one in all.iter().take(ROWS) {
            self.row(&[
                safe(one.state.as_str(), 40),
                prose(&one.title, 160),
                one.alerts.len().to_string(),
                one.devices.len().to_string(),
                one.examined.to_string(),
                one.findings.len().to_string(),
                prose(&one.because, 200),
            ])?;
        }
        self.more(all.len(), "investigation")
    }

    fn activity(&mut self, case: &CaseFile) -> std::fmt::Result {
        // What people did; what the system did is in the tables above.
        let people = || case.activity.entries.iter().filter(|entry| entry.origin == Origin::Person);
        let system = case.activity.entries.len() + case.activity.more_system - people().count();
        if system > 0 {
            self.left_out.push(format!("{} of activity by the system", many(system, "entry")));
        }
        if people().next().is_none() {
            return Ok(());
        }
        self.table("Activity", &["Time", "Who", "What", "Why"])?;
        for entry in people().take(ROWS) {
            let ActivityEntry { at, by, text, reason, .. } = entry;
            let reason = reason.as_deref().map_or_else(String::new, |reason| safe(reason, 400));
            self.row(&[minute(*at), safe(by, 80), prose(text, 400), reason])?;
        }
        self.more(people().count(), "entry")
    }
}

fn yes(value: bool) -> String {
    if value { "yes".to_owned() } else { String::new() }
}

fn minute(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(|| "undated".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string())
}

fn second(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(|| "undated".to_owned(), |time| time.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// Some values, parted by commas; the rest is counted.
fn list<T: AsRef<str>>(values: impl Iterator<Item = T>, most: usize) -> String {
    let values: Vec<T> = values.collect();
    let mut shown: Vec<String> = values.iter().take(most).map(|value| safe(value.as_ref(), 80)).collect();
    if values.len() > most {
        shown.push(format!("{} more", values.len() - most));
    }
    shown.join(", ")
}
