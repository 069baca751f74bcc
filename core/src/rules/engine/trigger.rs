//! What must be seen in an event before a rule can match: the cheapest set of triggers one of which is needed.

use crate::rules::ast::{Condition, Item, Node, Selection, Test, Token};
use crate::rules::fold::fold;

use super::grams::Anchor;
use super::item::{self, number_key, plain};
use super::regexes;
use crate::rules::record::Scalar;

/// A sign that a rule may match. All texts are folded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Trigger {
    /// The field has a value of just this text.
    Exact(String, String),
    /// The field has a value equal to this number.
    Number(String, String),
    /// The field has a value that ends like this, from its last `\` on.
    Name(String, String),
    /// The field has a value with this in it, at a certain place.
    Literal(String, String, Anchor),
    /// The field is there.
    Present(String),
    /// Some value of the event has this in it.
    Keyword(String),
}

/// Triggers one of which is needed, and how often events are thought to show one.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    pub(crate) triggers: Vec<Trigger>,
    cost: f64,
}

/// Up to so many letters are a word.
const WORD: usize = 16;

/// More alternatives than this are dearer than asking always.
const MOST: usize = 20_000;

/// The triggers of a rule; `None` when it may match events that show nothing at all.
pub(crate) fn needed(selections: &[Selection], conditions: &[&Condition]) -> Option<Needed> {
    any(conditions.iter().map(|condition| of_condition(selections, condition)))
}

fn of_condition(selections: &[Selection], condition: &Condition) -> Option<Needed> {
    match condition {
        Condition::Selection(index) => of_node(&selections.get(*index as usize)?.node),
        Condition::Not(_) => None,
        Condition::All(parts) => all(parts.iter().map(|part| of_condition(selections, part))),
        Condition::Any(parts) => any(parts.iter().map(|part| of_condition(selections, part))),
    }
}

fn of_node(node: &Node) -> Option<Needed> {
    match node {
        Node::All(parts) => all(parts.iter().map(of_node)),
        Node::Any(parts) => any(parts.iter().map(of_node)),
        Node::Item(item) => of_item(item),
    }
}

/// The cheapest part will do.
fn all(parts: impl Iterator<Item = Option<Needed>>) -> Option<Needed> {
    parts.flatten().min_by(|a, b| a.cost.total_cmp(&b.cost))
}

/// Every part is needed.
fn any(parts: impl Iterator<Item = Option<Needed>>) -> Option<Needed> {
    let mut out = Needed { triggers: Vec::new(), cost: 0.0 };
    for part in parts {
        let part = part?;
        out.triggers.extend(part.triggers);
        out.cost += part.cost;
        if out.triggers.len() > MOST {
            return None;
        }
    }
    Some(out)
}

fn of_item(item: &Item) -> Option<Needed> {
    if item.negated {
        return item.field.as_deref().map(present);
    }
    let value = |forms: &Vec<Test>| any(forms.iter().map(|test| of_test(item.field.as_deref(), test)));
    let values = item.values.iter().map(|v| value(&v.forms));
    if item.all { all(values) } else { any(values) }
}

fn present(field: &str) -> Needed {
    Needed { triggers: vec![Trigger::Present(field.to_ascii_lowercase())], cost: 0.5 }
}

fn of_test(field: Option<&str>, test: &Test) -> Option<Needed> {
    let Some(field) = field else {
        let Test::Text(pattern) = test else { return None };
        let (text, _) = longest(&pattern.tokens)?;
        // Every value of the event is searched for it.
        return Some(Needed { cost: 0.3 + rarity(&text), triggers: vec![Trigger::Keyword(text)] });
    };
    let name = || field.to_ascii_lowercase();
    let one = |trigger, cost| Some(Needed { triggers: vec![trigger], cost });
    let exact = |text: String| {
        let cost = whole(&text);
        one(Trigger::Exact(name(), text), cost)
    };
    match test {
        Test::Null | Test::Exists(false) => None,
        Test::Number(number) => {
            let scalar = match number {
                crate::rules::ast::Number::Int(n) => Scalar::Int(*n),
                crate::rules::ast::Number::Float(n) => Scalar::Float(*n),
            };
            one(Trigger::Number(name(), number_key(scalar)?), 0.03)
        }
        Test::Bool(value) => exact(value.to_string()),
        Test::Text(pattern) => match plain(pattern) {
            Some((false, text, false)) => exact(fold(text).into_owned()),
            Some((true, text, false)) if item::name(text) == Some(text) => {
                let text = fold(text).into_owned();
                let cost = common(&text).max(0.001);
                one(Trigger::Name(name(), text), cost)
            }
            _ => match longest(&pattern.tokens) {
                Some((text, anchor)) => {
                    let cost = rarity(&text);
                    one(Trigger::Literal(name(), text, anchor), cost)
                }
                None => Some(present(field)),
            },
        },
        Test::Regex(regex) => Some(match regexes::required(regex) {
            Some(texts) => {
                let cost = texts.iter().map(|text| rarity(text)).sum();
                let literal = |text| Trigger::Literal(name(), text, Anchor::Anywhere);
                Needed { triggers: texts.into_iter().map(literal).collect(), cost }
            }
            None => present(field),
        }),
        Test::Exists(true) | Test::Cidr(_) | Test::Compare(..) | Test::TimePart(..) | Test::Reference { .. } => {
            Some(present(field))
        }
    }
}

/// The literal of a pattern that is thought to be rarest, folded, and where it stands.
fn longest(tokens: &[Token]) -> Option<(String, Anchor)> {
    let literals = tokens.iter().enumerate().filter_map(|(at, token)| match token {
        Token::Literal(text) if !text.is_empty() => {
            let anchor = match (at, tokens.len() - at) {
                (0, _) => Anchor::Start,
                (_, 1) => Anchor::End,
                _ => Anchor::Anywhere,
            };
            Some((fold(text).into_owned(), anchor))
        }
        _ => None,
    });
    literals.min_by(|(a, _), (b, _)| rarity(a).total_cmp(&rarity(b)).then_with(|| a.cmp(b)))
}

/// How often a value is thought to hold `text`: a guess from its length and from what is in everyday values.
pub(super) fn rarity(text: &str) -> f64 {
    let by_length = match text.chars().count() {
        0 => 1.0,
        1 => 0.6,
        2 => 0.2,
        3 => 0.06,
        4 => 0.02,
        5 => 0.01,
        6..8 => 0.004,
        _ => 0.001,
    };
    common(text).max(by_length)
}

/// How often a field that is compared with `text` is thought to be just that. A word is one of the few that its field
/// ever has (`SetValue`, `tcp`); a path, an address or a number of many digits is one of many.
fn whole(text: &str) -> f64 {
    match text {
        "true" | "false" => 0.4,
        _ if text.len() <= WORD && text.bytes().all(|byte| byte.is_ascii_alphabetic()) => 0.05,
        _ => rarity(text).min(0.02),
    }
}

/// Values that every log is full of.
pub(super) const EVERYDAY: &[&str] = &[
    r"c:\windows\system32\svchost.exe -k netsvcs -p -s schedule",
    r"c:\windows\system32\cmd.exe /c ",
    r"c:\windows\system32\windowspowershell\v1.0\powershell.exe -noprofile -executionpolicy bypass -command ",
    r"c:\windows\syswow64\rundll32.exe c:\windows\system32\shell32.dll,",
    r"c:\windows\explorer.exe",
    r"c:\windows\system32\conhost.exe 0xffffffff -forcev1",
    r"c:\program files (x86)\microsoft\edge\application\msedge.exe --type=renderer --lang=en-us",
    r"c:\program files\google\chrome\application\chrome.exe --type=utility",
    r"c:\program files\common files\microsoft shared\clicktorun\officeclicktorun.exe",
    r"c:\programdata\microsoft\windows defender\platform\msmpeng.exe",
    r"c:\users\user\appdata\local\temp\",
    r"c:\users\user\appdata\roaming\microsoft\windows\start menu\programs\startup\",
    r"c:\windows\temp\",
    r"c:\windows\system32\services.exe",
    r"c:\windows\system32\lsass.exe",
    r"c:\windows\system32\wbem\wmiprvse.exe -secured -embedding",
    r"c:\windows\system32\schtasks.exe /create /tn ",
    r"c:\windows\system32\reg.exe add hklm\software\microsoft\windows\currentversion\run /v ",
    r"c:\windows\system32\net.exe user ",
    r"c:\windows\system32\drivers\",
    r"hklm\software\microsoft\windows nt\currentversion\",
    r"hklm\system\currentcontrolset\services\bam\state\usersettings\s-1-5-21-",
    r"hku\s-1-5-21-\software\classes\",
    r"\registry\machine\system\controlset001\control\",
    r"c:\windows\system32\ntdll.dll+9d234|c:\windows\system32\kernelbase.dll+2c13e|c:\windows\system32\kernel32.dll+17bd4",
    r"\registry\machine\software\wow6432node\microsoft\windows\currentversion\explorer\",
    "dword (0x00000001)",
    "nt authority\\system",
    "microsoft corporation",
    "microsoft® windows® operating system",
    "http://www.example.com/ https://",
    "/usr/bin/bash -c /bin/sh /tmp/ /etc/ python3 sudo ",
    "function param( $_. | write- -path get- new-object system. string value .exe .dll .ps1 .bat .tmp .txt .log .com .net .xml",
];

fn common(text: &str) -> f64 {
    let hits = EVERYDAY.iter().filter(|value| value.contains(text)).count();
    if hits == 0 { 0.0 } else { 0.03 + hits as f64 * 0.03 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use crate::rules::{Event, RuleSet};

    const SYSMON: &str = r#""Channel": "Microsoft-Windows-Sysmon/Operational", "EventID""#;

    /// Events of which a rule with these lines was evaluated, of one.
    fn evaluated(lines: &str, event: &str) -> u64 {
        let text = format!(
            "title: T\nlogsource: {{product: windows, service: sysmon}}\ndetection:\n  selection:\n{lines}\n  condition: selection\n"
        );
        let rules = RuleSet::builder().add_text("test", text).strict().build().unwrap();
        let mut matcher = rules.matcher().with_profile();
        matcher.matches(&Event::parse(event.as_bytes()).unwrap());
        let profile = matcher.profile();
        let rule = profile.rules.first().unwrap();
        assert_eq!(rule.events, 1, "the event is one of the rule's logsource");
        rule.evaluated
    }

    #[test]
    fn what_every_event_shows_calls_for_no_rule_that_needs_more() {
        let everyday = [
            ("EventType: SetValue", r#""EventType": "SetValue""#),
            ("Initiated: 'true'", r#""Initiated": "true""#),
            ("Signed: true", r#""Signed": true"#),
            (r"Image|startswith: 'C:\Windows\System32\'", r#""Image": "C:\\Windows\\System32\\svchost.exe""#),
            (
                r"CallTrace|startswith: 'C:\Windows\System32\ntdll.dll+'",
                r#""CallTrace": "C:\\WINDOWS\\SYSTEM32\\ntdll.dll+9e664""#,
            ),
        ];
        let rare = [
            (
                r"TargetObject|contains: '\Services\Example\Parameters'",
                r#""TargetObject": "HKLM\\Services\\Example\\Parameters""#,
            ),
            (r"Image2|endswith: '\example.exe'", r#""Image2": "C:\\example.exe""#),
            ("GrantedAccess: '0x1440'", r#""GrantedAccess": "0x1440""#),
        ];
        for (common, shows) in everyday {
            for (seldom, has) in rare {
                for lines in [format!("    {common}\n    {seldom}"), format!("    {seldom}\n    {common}")] {
                    assert_eq!(evaluated(&lines, &format!("{{{SYSMON}: 13, {shows}}}")), 0, "{lines}");
                    assert_eq!(evaluated(&lines, &format!("{{{SYSMON}: 13, {shows}, {has}}}")), 1, "{lines}");
                }
            }
        }
    }
}
