//! The response to an incident as text for a terminal.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::model::{ActionState, InvestigationState};
use crate::respond::{Action, Investigation, Response};

use super::text::{Ink, Safe, TextReport, minute, pad, verdict_ink};

impl TextReport {
    /// The response to one incident: what waits, what is under way, how far investigations are, what has been done
    /// about the evidence. As many actions as rows of the evidence table; the rest is counted.
    #[must_use]
    pub fn response(&self, response: &Response) -> String {
        let mut out = String::new();
        // Writing to a text does not fail.
        let _ = self.write_response(response, &mut out);
        out
    }

    fn write_response(&self, response: &Response, out: &mut String) -> fmt::Result {
        let counts = counted(response.actions.iter().map(|action| words(&action.state)));
        let title = self.ink(Ink::Strong, "actions");
        writeln!(out, "  {title} {} as of {}{counts}", response.actions.len(), minute(Some(response.at)))?;
        for action in response.actions.iter().take(self.rows()) {
            self.action(action, out)?;
        }
        let more = response.actions.len().saturating_sub(self.rows());
        if more > 0 {
            writeln!(out, "    {}", self.ink(Ink::Faint, &format!("and {more} more")))?;
        }
        for left in &response.truncated {
            writeln!(out, "    {} {}", self.ink(Ink::Odd, "cut"), Safe(left, 200))?;
        }
        self.investigations(&response.investigations, out)?;
        let Some(all) = response.roll_ups.first() else { return Ok(()) };
        let bad: usize = all.counts.iter().map(|count| count.count).sum();
        if bad == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "\n  {} of {bad} bad entities, and on each device, user and mailbox",
            self.ink(Ink::Strong, "remediation")
        )?;
        for roll_up in &response.roll_ups {
            let (kind, name) =
                roll_up.asset.as_ref().map_or(("", "all"), |asset| (asset.kind.as_str(), asset.name.as_str()));
            let counts: Vec<String> =
                roll_up.counts.iter().map(|count| format!("{} {}", count.remediation_status, count.count)).collect();
            writeln!(out, "    {kind:<16} {} {}", pad(&Safe(name, 44).to_string(), 44), counts.join(", "))?;
        }
        Ok(())
    }

    fn action(&self, action: &Action, out: &mut String) -> fmt::Result {
        let ink = match action.state {
            ActionState::PendingApproval => Ink::Odd,
            ActionState::Failed | ActionState::Partially => Ink::Bad,
            ActionState::Completed => Ink::Good,
            _ => Ink::Faint,
        };
        let on = action.on.as_ref().map_or_else(String::new, |device| format!(" on {}", Safe(&device.name, 30)));
        let until = match (action.expires, action.automatic) {
            (Some(expires), _) => format!(" until {}", minute(Some(expires))),
            (None, true) => " (asks nobody)".to_owned(),
            (None, false) => String::new(),
        };
        writeln!(
            out,
            "    {} {:<20} {} {}{on}{until}",
            self.ink(ink, &pad(words(&action.state), 9)),
            action.action,
            self.ink(verdict_ink(&action.verdict), &pad(action.verdict.as_str(), 11)),
            Safe(&action.entity.name, 60),
        )?;
        let folder = action.folder.map_or_else(String::new, |folder| format!(", in {}", folder.words()));
        let because = format!("{}{folder}", action.because);
        writeln!(out, "    {:<9} {}", "", self.ink(Ink::Faint, &Safe(&because, 200).to_string()))?;
        for clash in &action.contradictions {
            let text = format!("{} says what does not fit: {}", clash.by, clash.text);
            writeln!(out, "    {:<9} {}", "", self.ink(Ink::Bad, &Safe(&text, 200).to_string()))?;
        }
        Ok(())
    }

    fn investigations(&self, investigations: &[Investigation], out: &mut String) -> fmt::Result {
        let own: Vec<&Investigation> = investigations.iter().filter(|one| !one.vendor).collect();
        let theirs = investigations.iter().filter(|one| one.vendor).map(|one| one.state.as_str());
        writeln!(out, "\n  {} {}", self.ink(Ink::Strong, "investigations"), own.len())?;
        for one in own.iter().take(self.rows()) {
            let ink = match one.state {
                InvestigationState::Benign | InvestigationState::SuccessfullyRemediated => Ink::Good,
                InvestigationState::PendingApproval | InvestigationState::PendingResource => Ink::Odd,
                _ => Ink::Faint,
            };
            writeln!(out, "    {} {}", self.ink(ink, &pad(one.state.as_str(), 22)), Safe(&one.title, 100))?;
            let text = format!(
                "{} alerts, {} devices, {} of {} entities bad: {}",
                one.alerts.len(),
                one.devices.len(),
                one.findings.len(),
                one.examined,
                one.because
            );
            writeln!(out, "    {:<22} {}", "", self.ink(Ink::Faint, &Safe(&text, 200).to_string()))?;
        }
        let more = own.len().saturating_sub(self.rows());
        if more > 0 {
            writeln!(out, "    {}", self.ink(Ink::Faint, &format!("and {more} more")))?;
        }
        let theirs = counted(theirs);
        if !theirs.is_empty() {
            writeln!(out, "    {}{theirs}", self.ink(Ink::Faint, "the vendor's own"))?;
        }
        Ok(())
    }
}

/// A state in a short word.
fn words(state: &ActionState) -> &str {
    match state {
        ActionState::PendingApproval => "waits",
        ActionState::Partially => "in part",
        state => state.as_str(),
    }
}

/// How many there are of each, in the order of the alphabet.
fn counted<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{word} {count}")).collect();
    if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) }
}
