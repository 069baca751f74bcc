//! The queue and its incidents as text for a terminal.

use std::fmt::{self, Write};

use chrono::{DateTime, Utc};

use crate::model::{AlertSeverity, Verdict};
use crate::summary::{AssetLine, IncidentSummary, duration};

/// Writes incidents as text.
///
/// ```
/// # use casegraph::{Casebook, report::TextReport, sample};
/// let mut book = Casebook::new();
/// book.ingest("sample", sample::ALERTS.as_bytes())?;
/// let text = TextReport::new().incident(&book.incidents().next().ok_or("none")?);
/// assert!(text.contains("kill chain"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TextReport {
    colour: bool,
    entities: usize,
}

impl Default for TextReport {
    fn default() -> Self {
        TextReport { colour: false, entities: 40 }
    }
}

/// Colours by what they say; without colour nothing is lost.
#[derive(Clone, Copy)]
pub(super) enum Ink {
    Bad,
    Odd,
    Good,
    Faint,
    Strong,
}

impl TextReport {
    /// Plain text, at most 40 entities an incident.
    #[must_use]
    pub fn new() -> Self {
        TextReport::default()
    }

    /// With ANSI colours.
    #[must_use]
    pub fn with_colour(mut self, colour: bool) -> Self {
        self.colour = colour;
        self
    }

    /// At most this many rows of the tables of evidence and of actions; the rest is counted.
    #[must_use]
    pub fn with_entities(mut self, entities: usize) -> Self {
        self.entities = entities;
        self
    }

    /// As many rows of a table.
    pub(super) fn rows(&self) -> usize {
        self.entities
    }

    pub(super) fn ink(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            _ if !self.colour => return text.to_owned(),
            Ink::Bad => "31",
            Ink::Odd => "33",
            Ink::Good => "32",
            Ink::Faint => "2",
            Ink::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// The queue as a table, the most urgent first.
    #[must_use]
    pub fn queue<'i>(&self, incidents: impl IntoIterator<Item = &'i IncidentSummary>) -> String {
        let mut out = String::new();
        let head = format!(
            "{:>8}  {:<13} {:<10} {:>6}  {:<16}  {}",
            "priority", "severity", "status", "alerts", "last activity", "incident"
        );
        let _ = writeln!(out, "{}", self.ink(Ink::Strong, &head));
        for incident in incidents {
            let alerts: usize = incident.alerts.iter().map(|a| 1 + a.repeats.len()).sum();
            let severity = self.ink(severity_ink(&incident.severity), &pad(incident.severity.as_str(), 13));
            let _ = writeln!(
                out,
                "{:>8.2}  {severity} {:<10} {alerts:>6}  {:<16}  {}",
                incident.priority.score,
                incident.status,
                minute(incident.last_activity),
                Safe(&incident.title, 100),
            );
        }
        out
    }

    /// One incident: what an analyst looks at first, in that order.
    #[must_use]
    pub fn incident(&self, incident: &IncidentSummary) -> String {
        let mut out = String::new();
        // Writing to a text does not fail.
        let _ = self.write(incident, &mut out);
        out
    }

    fn write(&self, incident: &IncidentSummary, out: &mut String) -> fmt::Result {
        writeln!(out, "{}", self.ink(Ink::Strong, &Safe(&incident.title, 200).to_string()))?;
        let owner = incident.assigned_to.as_deref().map_or("nobody".to_owned(), |o| Safe(o, 60).to_string());
        writeln!(
            out,
            "  id          {}   severity {}   status {}   assigned to {owner}",
            Safe(&incident.id, 80),
            self.ink(severity_ink(&incident.severity), incident.severity.as_str()),
            incident.status
        )?;
        let because: Vec<String> =
            incident.priority.contributions.iter().map(|c| format!("{:.2} {}", c.points, c.detail)).collect();
        writeln!(out, "  priority    {:.2} = {}", incident.priority.score, because.join(" + "))?;
        let span = incident
            .first_activity
            .zip(incident.last_activity)
            .map_or(String::new(), |(first, last)| format!(" ({})", duration((last - first).num_seconds())));
        writeln!(out, "  activity    {} to {}{span}", minute(incident.first_activity), minute(incident.last_activity))?;
        for system in &incident.system_tags {
            writeln!(out, "  tag         {}: {}", system.tag, Safe(&system.because, 200))?;
        }
        if !incident.tags.is_empty() {
            writeln!(out, "  tags        {}", Safe(&incident.tags.join(", "), 200))?;
        }
        for vendor in &incident.vendor_incidents {
            writeln!(
                out,
                "  vendor      incident {} {}",
                Safe(&vendor.id, 40),
                Safe(vendor.display_name.as_deref().unwrap_or_default(), 120)
            )?;
        }
        for cut in &incident.truncated {
            writeln!(out, "  {}      {cut}", self.ink(Ink::Odd, "cut"))?;
        }
        self.kill_chain(incident, out)?;
        self.scope(incident, out)?;
        self.timeline(incident, out)?;
        self.evidence(incident, out)?;
        self.near_misses(incident, out)
    }

    fn kill_chain(&self, incident: &IncidentSummary, out: &mut String) -> fmt::Result {
        let chain = &incident.kill_chain;
        writeln!(
            out,
            "\n  {} {} of {} stages, {} %{}",
            self.ink(Ink::Strong, "kill chain"),
            chain.observed,
            chain.total,
            chain.progress,
            chain.furthest.map_or(String::new(), |f| format!(", as far as {f}"))
        )?;
        let marks: Vec<String> = chain
            .stages
            .iter()
            .map(|s| if s.observed { self.ink(Ink::Bad, &format!("[{}]", s.name)) } else { self.ink(Ink::Faint, "·") })
            .collect();
        writeln!(out, "    {}", marks.join(" "))
    }

    fn scope(&self, incident: &IncidentSummary, out: &mut String) -> fmt::Result {
        let scope = &incident.scope;
        writeln!(
            out,
            "\n  {} {} devices, {} users, {} mailboxes, {} applications, {} other",
            self.ink(Ink::Strong, "scope"),
            scope.device_count,
            scope.user_count,
            scope.mailbox_count,
            scope.application_count,
            scope.other_count
        )?;
        for asset in
            [&scope.devices, &scope.users, &scope.mailboxes, &scope.applications, &scope.others].into_iter().flatten()
        {
            self.asset(asset, out)?;
        }
        Ok(())
    }

    fn asset(&self, asset: &AssetLine, out: &mut String) -> fmt::Result {
        let mut marks = Vec::new();
        if asset.impacted {
            marks.push(self.ink(Ink::Bad, "impacted"));
        }
        marks.extend(
            asset
                .tags
                .iter()
                .map(|t| self.ink(if asset.critical { Ink::Odd } else { Ink::Faint }, &Safe(t, 40).to_string())),
        );
        let name = Safe(&asset.name, 44).to_string();
        let risk = asset.risk_level.as_str();
        writeln!(
            out,
            "    {:<16} {} risk {risk:<13} {:>3} alerts  {}",
            asset.kind.as_str(),
            pad(&name, 44),
            asset.alerts,
            marks.join(", ")
        )
    }

    fn timeline(&self, incident: &IncidentSummary, out: &mut String) -> fmt::Result {
        let alerts: usize = incident.alerts.iter().map(|a| 1 + a.repeats.len()).sum();
        writeln!(
            out,
            "\n  {} {alerts}, held together by {} links and {} more",
            self.ink(Ink::Strong, "alerts"),
            incident.links.kept,
            incident.links.redundant
        )?;
        for alert in &incident.alerts {
            let severity = self.ink(severity_ink(&alert.severity), &pad(alert.severity.as_str(), 13));
            let repeats = if alert.repeats.is_empty() {
                String::new()
            } else {
                format!(" (and {} repeats)", alert.repeats.len())
            };
            writeln!(out, "    {}  {severity} {}{repeats}", second(alert.time), Safe(&alert.title, 120))?;
            let reason = alert
                .reason
                .as_ref()
                .map_or_else(|| "the first of its part".to_owned(), |r| Safe(&r.text, 200).to_string());
            writeln!(out, "    {:<19}  {:<13} {}", "", "", self.ink(Ink::Faint, &reason))?;
        }
        Ok(())
    }

    fn evidence(&self, incident: &IncidentSummary, out: &mut String) -> fmt::Result {
        writeln!(out, "\n  {} {} entities", self.ink(Ink::Strong, "evidence"), incident.entities.len())?;
        for entity in incident.entities.iter().take(self.entities) {
            let ink = verdict_ink(&entity.verdict);
            let name = Safe(&entity.name, 48).to_string();
            writeln!(
                out,
                "    {} {:>4.2} {:<16} {} {:<19} {}",
                self.ink(ink, &pad(entity.verdict.as_str(), 14)),
                entity.score,
                entity.kind.as_str(),
                pad(&name, 48),
                entity.remediation_status.as_str(),
                self.ink(Ink::Faint, &Safe(&entity.because, 160).to_string())
            )?;
        }
        match incident.entities.len().saturating_sub(self.entities) {
            0 => Ok(()),
            more => writeln!(out, "    {}", self.ink(Ink::Faint, &format!("and {more} more"))),
        }
    }

    fn near_misses(&self, incident: &IncidentSummary, out: &mut String) -> fmt::Result {
        if incident.near_misses.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\n  {} {}",
            self.ink(Ink::Strong, "near misses"),
            incident.near_misses.len() + incident.more_near_misses
        )?;
        for near in incident.near_misses.iter().take(5) {
            writeln!(
                out,
                "    {} {}",
                Safe(&near.other, 60),
                self.ink(Ink::Faint, &Safe(&near.text, 160).to_string())
            )?;
        }
        Ok(())
    }
}

pub(super) fn verdict_ink(verdict: &Verdict) -> Ink {
    match verdict {
        Verdict::Malicious => Ink::Bad,
        Verdict::Suspicious => Ink::Odd,
        Verdict::Clean => Ink::Good,
        _ => Ink::Faint,
    }
}

fn severity_ink(severity: &AlertSeverity) -> Ink {
    match severity {
        AlertSeverity::High => Ink::Bad,
        AlertSeverity::Medium => Ink::Odd,
        _ => Ink::Faint,
    }
}

pub(super) fn minute(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(|| "undated".to_owned(), |t| t.format("%Y-%m-%d %H:%M").to_string())
}

fn second(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(|| format!("{:<19}", "undated"), |t| t.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// Pads by characters, not bytes.
pub(super) fn pad(text: &str, width: usize) -> String {
    let mut out = text.to_owned();
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(text.chars().count())));
    out
}

/// A text from evidence: cut at a number of characters, and nothing in it can steer a terminal.
pub(super) struct Safe<'t>(pub(super) &'t str, pub(super) usize);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(self.1) {
            if c.is_control() || is_directional(c) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        if chars.next().is_some() { f.write_char('…') } else { Ok(()) }
    }
}

/// Marks that reorder text, or hide in it or hide it: of direction, of no width, soft hyphens, language tags.
pub(crate) fn is_directional(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
