//! What a set of rules did over many events: counts in, cost and silence of each rule out.

use serde::Serialize;

use super::set::RuleKind;

/// What the rules of a set did with the events that a [`Matcher`](super::Matcher) has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Profile {
    /// Events seen.
    pub events: u64,
    /// Events among them whose logsource is unknown; only rules without a product were asked of them.
    pub unknown_events: u64,
    /// Every rule of the set, by number; empty when the matcher was not told to count.
    pub rules: Vec<RuleCost>,
}

/// What one rule cost, what it found, and why it never came to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleCost {
    /// Its number in the set.
    pub rule: u32,
    /// What it is for: detection rules alone are asked of events.
    pub kind: RuleKind,
    /// Its title.
    pub title: String,
    /// Its id.
    pub id: Option<String>,
    /// Events that belong to its logsource.
    pub events: u64,
    /// Events among them that showed something the rule requires, so that it was evaluated.
    pub evaluated: u64,
    /// Lines of detections asked for it; a line that another rule had asked of the same event is not counted again.
    pub lines: u64,
    /// Events that it matched.
    pub hits: u64,
    /// Why it was never evaluated; absent when it was.
    pub never: Option<String>,
}

/// Why a detection was never evaluated; `logsource` is what it looks at, in words.
pub(super) fn never(events: u64, evaluated: u64, logsource: &str) -> Option<String> {
    match (events, evaluated) {
        (0, _) => Some(format!("no event of {logsource}")),
        (_, 0) => Some("no event showed what the rule requires".to_owned()),
        _ => None,
    }
}

/// Why a rule that is no detection is never asked of an event.
pub(super) fn not_asked(kind: RuleKind) -> Option<String> {
    let why = match kind {
        RuleKind::Detection => return None,
        RuleKind::Verdict => "a verdict rule looks at the entities of a case, not at events",
        RuleKind::Correlation => "a correlation looks at matches of other rules, not at events",
        RuleKind::Filter => "a filter is evaluated as a part of the rules that it is for",
    };
    Some(why.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use crate::rules::{Event, RuleSet};

    const RULES: &str = r"
title: Whoami
name: whoami
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\whoami.exe'}
  quiet: {User: nobody}
  condition: selection and not quiet
---
title: Another tool
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\nltest.exe'}
  condition: selection
---
title: Names
logsource: {category: dns_query, product: windows}
detection:
  selection: {QueryName|contains: evil}
  condition: selection
---
title: Anything
logsource: {category: process_creation}
detection:
  selection: {Image|exists: true}
  condition: selection
---
title: Often
correlation:
  type: event_count
  rules: [whoami]
  group-by: [User]
  timespan: 1h
  condition: {gte: 10}
---
title: Not the service
logsource: {category: process_creation, product: windows}
filter:
  rules: [whoami]
  selection: {User: service}
  condition: not selection
---
title: A device
logsource: {product: casegraph, category: device}
detection:
  selection: {riskScore: high}
  condition: selection
level: low
";

    fn event(image: &str, user: &str) -> Event {
        let json = serde_json::json!({
            "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Image": image, "User": user
        });
        Event::parse(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn every_rule_has_its_counts_or_the_reason_for_its_silence() {
        let rules = RuleSet::builder().add_text("rules", RULES).strict().build().unwrap();
        let mut matcher = rules.matcher().with_profile();
        for user in ["ada", "nobody", "service"] {
            matcher.matches(&event(r"C:\Windows\System32\whoami.exe", user));
        }
        matcher.matches(&event(r"C:\Windows\System32\cmd.exe", "ada"));
        matcher.matches(&Event::parse(br#"{"what": "is this"}"#).unwrap());
        let profile = matcher.profile();
        assert_eq!((profile.events, profile.unknown_events), (5, 1));
        assert_eq!(profile.rules.iter().map(|r| r.rule).collect::<Vec<_>>(), (0..7).collect::<Vec<_>>());
        let of = |title: &str| profile.rules.iter().find(|r| r.title == title).unwrap();
        let counts = |title: &str| (of(title).events, of(title).evaluated, of(title).hits);
        assert_eq!(counts("Whoami"), (4, 3, 1));
        assert!(of("Whoami").lines >= 3 && of("Whoami").never.is_none());
        assert_eq!((counts("Anything").0, counts("Anything").2), (5, 4));
        for (title, why) in [
            ("Another tool", "no event showed what the rule requires"),
            ("Names", "no event of product `windows`, category `dns_query`"),
            ("Often", "a correlation looks at matches of other rules, not at events"),
            ("Not the service", "a filter is evaluated as a part of the rules that it is for"),
            ("A device", "a verdict rule looks at the entities of a case, not at events"),
        ] {
            assert_eq!((of(title).never.as_deref(), of(title).hits, of(title).lines), (Some(why), 0, 0), "{title}");
        }
    }

    #[test]
    fn nothing_is_counted_before_it_is_asked_for() {
        let rules = RuleSet::builder().add_text("rules", RULES).build().unwrap();
        let mut matcher = rules.matcher();
        matcher.matches(&event("a.exe", "ada"));
        let profile = matcher.profile();
        assert_eq!((profile.events, profile.rules.len()), (1, 0));
        let fresh = matcher.with_profile().profile();
        assert_eq!(fresh.events, 0);
        assert!(fresh.rules.iter().all(|rule| rule.never.is_some()));
    }

    #[test]
    fn the_wire_form() {
        let rules = RuleSet::builder().add_text("rules", RULES).build().unwrap();
        let mut matcher = rules.matcher().with_profile();
        matcher.matches(&event(r"C:\whoami.exe", "ada"));
        let json = serde_json::to_value(matcher.profile()).unwrap();
        assert_eq!(json.get("unknownEvents"), Some(&0.into()));
        let first = json.pointer("/rules/0").and_then(|rule| rule.as_object()).unwrap();
        let mut names: Vec<_> = first.keys().map(String::as_str).collect();
        names.sort_unstable();
        let mut expected = ["rule", "kind", "title", "id", "events", "evaluated", "lines", "hits", "never"];
        expected.sort_unstable();
        assert_eq!(names, expected);
    }
}
