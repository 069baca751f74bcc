//! One line of a detection, compiled: asked of the values of a field, at most once per event.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use hashbrown::HashSet;

use crate::rules::ast::{Item, Number, Pattern, Test, Token};
use crate::rules::event::{Cell, Event, Kind};
use crate::rules::fold::fold;
use crate::rules::literal::{self, Wild};
use crate::rules::record::{Record, Scalar};

use super::regexes::Expression;

/// From this many plain substrings on, one automaton looks for all of them; from this many whole texts or names of
/// programs on, one table.
const MANY: usize = 6;
const SEVERAL: usize = 4;

/// Up to so many bytes of substrings the automaton is as fast as the library makes it, above it compact.
const SMALL: usize = 1 << 14;

/// A line of a detection.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Number of the field; `None` for a keyword.
    pub(crate) field: Option<u32>,
    all: bool,
    negated: bool,
    values: Vec<Vec<Ask>>,
    /// Whole texts, and ends from the last `\` on, when there are several and any will do.
    texts: HashSet<Box<str>>,
    names: HashSet<Box<str>>,
    /// Substrings of the values that are nothing but one, when there are many and any will do.
    many: Vec<String>,
    automaton: OnceLock<Option<AhoCorasick>>,
}

/// A test, with the common ones made ready.
#[derive(Debug)]
enum Ask {
    Equals(Box<str>),
    Starts(Box<str>),
    Ends(Box<str>),
    Contains(Box<memchr::memmem::Finder<'static>>),
    /// Any other pattern, and one that minds case.
    Wild(Box<Wild<'static>>),
    Cased(Box<Wild<'static>>),
    /// A whole number, and the same as a test, for values that are none.
    Int(i64, Test),
    Regex(Box<Expression>),
    Test(Test),
}

/// The parts of a pattern that is one literal, perhaps with `*` around it.
pub(super) fn plain(pattern: &Pattern) -> Option<(bool, &str, bool)> {
    match pattern.tokens.as_slice() {
        [] => Some((false, "", false)),
        [Token::Literal(text)] => Some((false, text, false)),
        [Token::Any, Token::Literal(text)] => Some((true, text, false)),
        [Token::Literal(text), Token::Any] => Some((false, text, true)),
        [Token::Any, Token::Literal(text), Token::Any] => Some((true, text, true)),
        _ => None,
    }
}

impl Ask {
    fn new(test: &Test) -> Ask {
        let pattern = match test {
            Test::Text(pattern) => pattern,
            Test::Number(Number::Int(number)) => return Ask::Int(*number, test.clone()),
            Test::Regex(regex) => return Ask::Regex(Box::new(Expression::new(regex))),
            _ => return Ask::Test(test.clone()),
        };
        let wild = || Box::new(Wild::new(pattern).into_owned());
        if pattern.cased {
            return Ask::Cased(wild());
        }
        let Some((before, text, after)) = plain(pattern) else { return Ask::Wild(wild()) };
        let text = fold(text);
        match (before, after) {
            (false, false) => Ask::Equals(text.into()),
            (false, true) => Ask::Starts(text.into()),
            (true, false) => Ask::Ends(text.into()),
            (true, true) => Ask::Contains(Box::new(memchr::memmem::Finder::new(text.as_bytes()).into_owned())),
        }
    }

    fn holds(&self, event: &Event, cell: &Cell, record: &dyn Record) -> bool {
        let folded = || (cell.kind != Kind::Null).then(|| event.folded_of(cell));
        match self {
            Ask::Equals(wanted) => folded().is_some_and(|text| text == &**wanted),
            Ask::Starts(wanted) => folded().is_some_and(|text| text.starts_with(&**wanted)),
            Ask::Ends(wanted) => folded().is_some_and(|text| text.ends_with(&**wanted)),
            Ask::Contains(wanted) => folded().is_some_and(|text| wanted.find(text.as_bytes()).is_some()),
            Ask::Wild(wild) => folded().is_some_and(|text| wild.fits(text)),
            Ask::Cased(wild) => cell.kind != Kind::Null && wild.fits(event.text_of(cell)),
            Ask::Int(number, test) => match cell.kind {
                Kind::Int(value) => value == *number,
                _ => literal::test(test, event.scalar(cell), record),
            },
            Ask::Regex(regex) => cell.kind != Kind::Null && regex.is_match(event.text_of(cell)),
            Ask::Test(test) => literal::test(test, event.scalar(cell), record),
        }
    }
}

impl Compiled {
    pub(crate) fn new(item: &Item, field: Option<u32>) -> Compiled {
        let mut values: Vec<Vec<Ask>> =
            item.values.iter().map(|value| value.forms.iter().map(Ask::new).collect()).collect();
        let (mut many, mut texts, mut names) = (Vec::new(), HashSet::new(), HashSet::new());
        if !item.all {
            many = take(&mut values, MANY, |ask| match ask {
                Ask::Contains(finder) => String::from_utf8(finder.needle().to_vec()).ok(),
                _ => None,
            });
            let whole = |ask: &Ask| if let Ask::Equals(text) = ask { Some(text.clone()) } else { None };
            texts.extend(take(&mut values, SEVERAL, whole));
            let named = |ask: &Ask| match ask {
                Ask::Ends(text) if name(text) == Some(text) => Some(text.clone()),
                _ => None,
            };
            names.extend(take(&mut values, SEVERAL, named));
        }
        Compiled { field, all: item.all, negated: item.negated, values, texts, names, many, automaton: OnceLock::new() }
    }

    /// Does the line hold? `cells` are those of its field; `record` gives other fields by name.
    pub(crate) fn holds<'e>(
        &self,
        event: &'e Event,
        cells: impl Iterator<Item = &'e Cell> + Clone,
        record: &dyn Record,
    ) -> bool {
        let mut asked = self.values.iter().map(|forms| {
            forms.iter().any(|ask| match ask {
                Ask::Test(Test::Exists(wanted)) => cells.clone().next().is_some() == *wanted,
                Ask::Test(Test::Null) => {
                    cells.clone().next().is_none() || cells.clone().any(|cell| cell.kind == Kind::Null)
                }
                Ask::Test(test @ Test::Reference { .. }) => {
                    literal::test_any(test, cells.clone().map(|cell| event.scalar(cell)), record)
                }
                _ => cells.clone().any(|cell| ask.holds(event, cell, record)),
            })
        });
        let positive = if self.all {
            asked.all(|held| held)
        } else {
            self.any_of_several(event, cells.clone())
                || self.any_of_many(event, cells.clone())
                || asked.any(|held| held)
        };
        if self.negated { cells.clone().next().is_some() && !positive } else { positive }
    }

    fn any_of_several<'e>(&self, event: &'e Event, mut cells: impl Iterator<Item = &'e Cell>) -> bool {
        if self.texts.is_empty() && self.names.is_empty() {
            return false;
        }
        cells.any(|cell| {
            cell.kind != Kind::Null && {
                let text = event.folded_of(cell);
                self.texts.contains(text) || name(text).is_some_and(|name| self.names.contains(name))
            }
        })
    }

    fn any_of_many<'e>(&self, event: &'e Event, mut cells: impl Iterator<Item = &'e Cell>) -> bool {
        if self.many.is_empty() {
            return false;
        }
        let automaton = self.automaton.get_or_init(|| {
            // The table of a DFA costs the square of a long text of one letter.
            let small = self.many.iter().map(String::len).sum::<usize>() <= SMALL;
            let kind = (!small).then_some(AhoCorasickKind::ContiguousNFA);
            AhoCorasick::builder().kind(kind).build(&self.many).ok()
        });
        cells.any(|cell| {
            cell.kind != Kind::Null && {
                let text = event.folded_of(cell);
                match automaton {
                    Some(automaton) => automaton.is_match(text),
                    None => self.many.iter().any(|wanted| text.contains(wanted.as_str())),
                }
            }
        })
    }
}

/// The name of a program or file: what stands in a path from the last `\` on.
pub(super) fn name(path: &str) -> Option<&str> {
    path.get(memchr::memrchr(b'\\', path.as_bytes())?..)
}

/// Takes out the values all of whose forms are of one kind, if there are so many forms of that kind.
fn take<T>(values: &mut Vec<Vec<Ask>>, least: usize, kind: impl Fn(&Ask) -> Option<T>) -> Vec<T> {
    let found: Vec<Option<Vec<T>>> = values.iter().map(|forms| forms.iter().map(&kind).collect()).collect();
    if found.iter().flatten().map(Vec::len).sum::<usize>() < least {
        return Vec::new();
    }
    let mut keep = found.iter().map(Option::is_none);
    values.retain(|_| keep.next().unwrap_or(true));
    found.into_iter().flatten().flatten().collect()
}

/// Two lines with the same key ask the same.
pub(super) fn key(item: &Item) -> String {
    use std::fmt::Write;
    let mut key = String::new();
    let _ = write!(key, "{:?}|{}|{}", item.field.as_deref().map(str::to_ascii_lowercase), item.all, item.negated);
    for value in &item.values {
        key.push('[');
        for form in &value.forms {
            let _ = match form {
                Test::Regex(regex) => write!(key, "{:?},", regex.key()),
                other => write!(key, "{other:?},"),
            };
        }
        key.push(']');
    }
    key
}

/// The text that a scalar's number has in the indexes of exact values: numbers that are equal have the same.
pub(super) fn number_key(value: Scalar<'_>) -> Option<String> {
    match literal::number(value)? {
        crate::rules::ast::Number::Int(n) => Some(n.to_string()),
        crate::rules::ast::Number::Float(n) if n.fract() == 0.0 && n.abs() < 9e15 => Some((n as i64).to_string()),
        crate::rules::ast::Number::Float(n) => Some(n.to_string()),
    }
}
