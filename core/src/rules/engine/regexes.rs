//! Regular expressions, ready to be asked: what a text must hold before one can be found in it, and a smaller program
//! for texts without foreign letters.

use std::sync::OnceLock;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::rules::ast::Regex;
use crate::rules::fold::{fold, fold_char};

use super::trigger::rarity;

/// So many spellings of a part are followed, in letters and small classes side by side.
const MOST_SPELLINGS: usize = 32;
/// So many alternatives are followed.
const MOST_ALTERNATIVES: usize = 512;
/// Classes of so many characters are spelled out.
const MOST_CHARACTERS: usize = 4;

/// An expression, and the same for ASCII texts, made when the first one comes.
///
/// On these `\w`, `\s`, `\d`, `\b`, `.`, negated classes and letters without case mean the same whether or not they know
/// of other letters, and `\w` alone is a hundred times smaller if it does not.
#[derive(Debug)]
pub(super) struct Expression {
    source: Regex,
    ascii: OnceLock<Option<regex::bytes::Regex>>,
}

impl Expression {
    pub(super) fn new(source: &Regex) -> Expression {
        Expression { source: source.clone(), ascii: OnceLock::new() }
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        let ascii = || self.ascii.get_or_init(|| ascii(&self.source)).as_ref();
        match text.is_ascii().then(ascii).flatten() {
            Some(regex) => regex.is_match(text.as_bytes()),
            None => self.source.compiled.is_match(text),
        }
    }
}

/// `None` when the expression names letters beyond ASCII, or says itself which letters it knows.
fn ascii(regex: &Regex) -> Option<regex::bytes::Regex> {
    let foreign = ["\\x", "\\u", "\\U", "\\p", "\\P"];
    if !regex.pattern.is_ascii() || foreign.iter().any(|escape| regex.pattern.contains(escape)) {
        return None;
    }
    regex::bytes::RegexBuilder::new(&regex.pattern)
        .case_insensitive(regex.ignore_case)
        .multi_line(regex.multi_line)
        .dot_matches_new_line(regex.dot_all)
        .unicode(false)
        .build()
        .ok()
}

/// Texts one of which, folded, is in every folded text that the expression is found in; `None` when nothing is
/// known to be.
pub(super) fn required(regex: &Regex) -> Option<Vec<String>> {
    let hir = ParserBuilder::new()
        .case_insensitive(regex.ignore_case)
        .multi_line(regex.multi_line)
        .dot_matches_new_line(regex.dot_all)
        .build()
        .parse(&regex.pattern)
        .ok()?;
    let part = part(&hir);
    better(part.whole, part.within)
}

/// What is known of a part of an expression.
#[derive(Default)]
struct Part {
    /// All that it fits, folded, when that is little.
    whole: Option<Vec<String>>,
    /// Texts one of which is in all that it fits.
    within: Option<Vec<String>>,
}

fn part(hir: &Hir) -> Part {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => whole(vec![String::new()]),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => whole(vec![fold(text).into_owned()]),
            Err(_) => Part::default(),
        },
        HirKind::Class(Class::Unicode(class)) => {
            let mut characters = class.iter().flat_map(|range| range.start()..=range.end()).map(fold_char);
            let mut spelled: Vec<String> = Vec::new();
            for character in characters.by_ref().take(4 * MOST_CHARACTERS) {
                let text = character.to_string();
                if !spelled.contains(&text) {
                    spelled.push(text);
                }
            }
            if characters.next().is_some() || spelled.len() > MOST_CHARACTERS || spelled.is_empty() {
                return Part::default();
            }
            whole(spelled)
        }
        HirKind::Class(Class::Bytes(_)) => Part::default(),
        HirKind::Capture(capture) => part(&capture.sub),
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            (0, _) => Part::default(),
            (1, Some(1)) => part(&repetition.sub),
            _ => {
                let once = part(&repetition.sub);
                Part { whole: None, within: better(once.whole, once.within) }
            }
        },
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn whole(texts: Vec<String>) -> Part {
    Part { whole: Some(texts), within: None }
}

fn concat(parts: &[Hir]) -> Part {
    let mut run = Some(vec![String::new()]);
    let mut within = None;
    let mut broken = false;
    for hir in parts {
        let next = part(hir);
        within = better(within, next.within);
        let joined = match (&run, &next.whole) {
            (Some(run), Some(texts)) if run.len() * texts.len() <= MOST_SPELLINGS => {
                Some(run.iter().flat_map(|start| texts.iter().map(move |end| format!("{start}{end}"))).collect())
            }
            _ => None,
        };
        if joined.is_none() {
            broken = true;
            within = better(within, run);
            run = next.whole;
            run.get_or_insert_with(|| vec![String::new()]);
        } else {
            run = joined;
        }
    }
    if broken { Part { whole: None, within: better(within, run) } } else { Part { whole: run, within } }
}

fn alternation(parts: &[Hir]) -> Part {
    let parts: Vec<Part> = parts.iter().map(part).collect();
    let join = |texts: Option<Vec<Vec<String>>>, most: usize| {
        let mut texts: Vec<String> = texts?.into_iter().flatten().collect();
        texts.sort_unstable();
        texts.dedup();
        (texts.len() <= most).then_some(texts)
    };
    let whole = join(parts.iter().map(|part| part.whole.clone()).collect(), MOST_SPELLINGS);
    let within = join(parts.into_iter().map(|part| better(part.whole, part.within)).collect(), MOST_ALTERNATIVES);
    Part { whole, within }
}

/// The texts that are rarer; those with an empty one are in every text and say nothing.
fn better(a: Option<Vec<String>>, b: Option<Vec<String>>) -> Option<Vec<String>> {
    let says = |texts: &Vec<String>| !texts.is_empty() && texts.iter().all(|text| !text.is_empty());
    let cost = |texts: &[String]| texts.iter().map(|text| rarity(text)).sum::<f64>();
    match (a.filter(says), b.filter(says)) {
        (Some(a), Some(b)) if cost(&b) < cost(&a) => Some(b),
        (Some(a), _) => Some(a),
        (None, b) => b,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;

    fn expression(pattern: &str, ignore_case: bool) -> Regex {
        let compiled = regex::RegexBuilder::new(pattern).case_insensitive(ignore_case).build().unwrap();
        Regex { pattern: pattern.to_owned(), ignore_case, multi_line: false, dot_all: false, compiled }
    }

    fn of(pattern: &str, ignore_case: bool) -> Option<Vec<String>> {
        required(&expression(pattern, ignore_case))
    }

    #[test]
    fn the_rarest_text_that_must_be_there_is_told() {
        for (pattern, expected) in [
            ("Invoke-Mimikatz", Some(vec!["invoke-mimikatz"])),
            (r"\d+ ?minidump\s*x", Some(vec!["minidump"])),
            ("(?:lsass|samdump)[0-9]", Some(vec!["lsass", "samdump"])),
            ("a[bc]d", Some(vec!["abd", "acd"])),
            (r"(secret){2,}\w", Some(vec!["secret"])),
            ("(secret)?", None),
            ("secret|", None),
            (r"^\w+$", None),
            (".*", None),
            ("^$", None),
        ] {
            let expected = expected.map(|texts| texts.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(of(pattern, false), expected, "{pattern}");
        }
    }

    /// Some texts that an expression fits, its look-arounds aside.
    fn samples(hir: &Hir) -> Vec<String> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => vec![String::new()],
            HirKind::Literal(literal) => vec![String::from_utf8(literal.0.to_vec()).unwrap()],
            HirKind::Class(Class::Unicode(class)) => {
                let ends = class.iter().flat_map(|range| [range.start(), range.end()]);
                ends.take(4).map(String::from).collect()
            }
            HirKind::Capture(capture) => samples(&capture.sub),
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(u32::MAX).min(repetition.min + 1);
                let times = [repetition.min, most].map(|times| times as usize);
                samples(&repetition.sub).iter().flat_map(|text| times.map(|times| text.repeat(times))).collect()
            }
            HirKind::Concat(parts) => parts.iter().map(samples).fold(vec![String::new()], |texts, more| {
                let joined = texts.iter().flat_map(|text| more.iter().map(move |end| format!("{text}{end}")));
                joined.step_by(1 + texts.len() * more.len() / 200).collect()
            }),
            HirKind::Alternation(parts) => parts.iter().flat_map(samples).collect(),
        }
    }

    #[test]
    fn what_is_required_is_in_all_that_an_expression_is_found_in() {
        let mut found = 0;
        for pattern in [
            "Invoke-(Mimi|Kiwi)katz",
            r"(?i)\\Temp\\[a-z]{3}\.exe",
            "a{0,2}needle{1,3}",
            "(a|bc|)needle(x|)$",
            r"(?:\bfoo\b|bar+|ba?z)\s*=\s*['\x22]",
            "x(y(z|Z){2}|w)?v",
            "[sS][kK][iI]p",
            "(?i)straße|maſk",
            "ΣΊΣΥΦΟΣ|(?i)σίσυφος",
            "(?s).{3}(?i:Tail)",
            "(?m)^begin$|^end$",
            "(abc|abd){2,}",
            "[^a]bc[0-9]",
            "((((a))))b|c",
            "",
            "(?i)K{2}",
            "p?o?w?e?r?shell|pwsh",
            r"(\$env:|%)(temp|tmp)%?",
        ] {
            for ignore_case in [false, true] {
                let required = of(pattern, ignore_case);
                let compiled = regex::RegexBuilder::new(pattern).case_insensitive(ignore_case).build().unwrap();
                let hir = ParserBuilder::new().case_insensitive(ignore_case).build().parse(pattern).unwrap();
                for sample in samples(&hir) {
                    let expression = Expression::new(&expression(pattern, ignore_case));
                    for text in [sample.clone(), format!("x{sample}"), format!("{sample} y"), format!("a\n{sample}\nb")]
                    {
                        let has = required.as_ref().is_none_or(|texts| texts.iter().any(|t| fold(&text).contains(t)));
                        assert!(has || !compiled.is_match(&text), "{pattern} {required:?} {text:?}");
                        found += usize::from(required.is_some() && compiled.is_match(&text));
                        assert_eq!(expression.is_match(&text), compiled.is_match(&text), "{pattern} {text:?}");
                    }
                }
            }
        }
        assert!(found > 1_000, "{found}");
    }

    #[test]
    fn every_ascii_text_of_two_letters_means_the_same_to_the_smaller_program() {
        for pattern in [
            r"\w",
            r"\W",
            r"\s",
            r"\S",
            r"\d",
            r"\D",
            r"\b",
            r"\B",
            ".",
            "[^k]",
            "k",
            "[a-z]",
            "^$",
            r"a\b",
            r"\bZ\b",
            "[[:alpha:]]",
            r"[^\w\s]",
            "(?i)s",
            r"\w{1,64}$",
            "(?s).$",
            "(?u)K",
            "é",
            r"\x41",
            r"\p{L}",
            r"\u{212a}",
        ] {
            for ignore_case in [false, true] {
                let regex = expression(pattern, ignore_case);
                let ours = Expression::new(&regex);
                for text in (0..128u8).flat_map(|a| (0..128u8).step_by(3).map(move |b| [a, b])) {
                    let text = std::str::from_utf8(&text).unwrap();
                    for text in [text, text.get(1..).unwrap(), "K\u{212a}é"] {
                        assert_eq!(ours.is_match(text), regex.compiled.is_match(text), "{pattern} {text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn letters_with_three_spellings_are_followed() {
        assert_eq!(of("taſk", true).map(|texts| texts.len()), Some(2));
        let texts = of("DISK", true).unwrap();
        for text in ["disk", "diſk", "Dis\u{212a}"] {
            assert!(texts.iter().any(|wanted| fold(text).contains(wanted.as_str())), "{text}");
        }
    }
}
