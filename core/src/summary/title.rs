//! The generated title: what happened, on how much, seen by how many.

use super::case::Case;
use super::kill_chain::StageTable;

use crate::resolve::EntityKind;

/// Patterns of the product that analysts know: `<title> on one endpoint`, `Multi-stage incident
/// involving A & B on multiple endpoints reported by multiple sources`, `<Category> incident ...`.
pub(super) fn title(case: &Case<'_>, stages: &StageTable, observed: &[&'static str]) -> String {
    let own = case.alerts.iter().filter(|a| a.repeat_of.is_none());
    let mut titles: Vec<&str> = own.clone().map(|a| a.title).collect();
    titles.sort_unstable();
    titles.dedup();
    let on = place(case);
    let mut sources: Vec<&str> =
        own.map(|a| if a.service.is_empty() { a.product } else { a.service }).filter(|s| !s.is_empty()).collect();
    sources.sort_unstable();
    sources.dedup();
    let by = if sources.len() > 1 { " reported by multiple sources" } else { "" };
    let seen = case.alerts.iter().fold(0, |mask, a| mask | a.stages);
    let count = (0..stages.len()).filter(|i| seen & (1 << i) != 0).count();
    if let [only] = titles.as_slice() {
        let only = if only.is_empty() { "Alert without a title" } else { only };
        return format!("{}{on}{by}", shortened(only));
    }
    match (count, observed) {
        (0, _) | (_, []) => {
            let worst = case.alerts.iter().filter(|a| a.repeat_of.is_none()).max_by(|a, b| {
                a.severity.cmp(&b.severity).then_with(|| b.first.cmp(&a.first)).then_with(|| b.id.cmp(a.id))
            });
            let worst = worst.map(|a| a.title).filter(|t| !t.is_empty()).unwrap_or("Suspicious activity");
            format!("{} and other alerts{on}{by}", shortened(worst))
        }
        (1, [only, ..]) => format!("{} incident{on}{by}", sentence(only)),
        (_, [first, .., last]) => {
            format!("Multi-stage incident involving {} & {}{on}{by}", sentence(first), sentence(last))
        }
        (_, [only]) => format!("{} incident{on}{by}", sentence(only)),
    }
}

fn place(case: &Case<'_>) -> &'static str {
    let hit = |kind: EntityKind| case.scene.kinds.iter().filter(|(k, common)| *k == kind && !common).count();
    match (hit(EntityKind::Device), hit(EntityKind::User), hit(EntityKind::Mailbox)) {
        (1, ..) => " on one endpoint",
        (2.., ..) => " on multiple endpoints",
        (0, 1, _) => " involving one user",
        (0, 2.., _) => " involving multiple users",
        (0, 0, 1) => " involving one mailbox",
        (0, 0, 2..) => " involving multiple mailboxes",
        (0, 0, 0) => "",
    }
}

/// `Command and Control` reads `Command and control` inside a sentence.
fn sentence(name: &str) -> String {
    let mut words = name.split(' ');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| format!("{text} {}", word.to_lowercase()))
}

/// A title is one line; an attacker's ten thousand characters are not repeated in every list.
fn shortened(title: &str) -> String {
    const LONGEST: usize = 160;
    let one_line: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST + 1).collect();
    if one_line.chars().count() > LONGEST {
        one_line.chars().take(LONGEST).chain("…".chars()).collect()
    } else {
        one_line
    }
}
