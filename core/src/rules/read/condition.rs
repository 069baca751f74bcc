//! The text of a condition and the selections in, a tree over the selections out.

use indexmap::IndexMap;

use super::{Code, Limits, shown};
use crate::rules::ast::Condition;

/// No limit lets conditions grow so deep that walking them could exhaust the stack.
const DEEPEST: u32 = 250;

/// What is wrong, and how many characters into the text.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) offset: u32,
    pub(super) code: Code,
    pub(super) message: String,
}

/// The selections of a detection by name, in document order.
pub(super) type Names<'s> = IndexMap<&'s str, u32>;

/// Reads a condition; `terms` is how many selections may still be named or looked through.
pub(super) fn read(text: &str, names: &Names<'_>, limits: &Limits, terms: &mut usize) -> Result<Condition, Fault> {
    let depth = limits.condition_depth.min(DEEPEST);
    let mut parser = Parser { words: Words { rest: text, offset: 0 }, next: None, names, terms, limits, depth };
    parser.advance();
    let condition = parser.any(depth)?;
    match parser.next {
        None => Ok(condition),
        Some(_) => parser.unexpected("`and`, `or` or the end"),
    }
}

#[derive(Debug, Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    offset: u32,
}

impl Word<'_> {
    fn is(&self, keyword: &str) -> bool {
        self.text.eq_ignore_ascii_case(keyword)
    }
}

/// Cuts a text into brackets, pipes and what blanks and these separate.
struct Words<'t> {
    rest: &'t str,
    offset: u32,
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        let trimmed = self.rest.trim_start();
        let (blank, _) = self.rest.split_at_checked(self.rest.len() - trimmed.len())?;
        self.offset = self.offset.saturating_add(characters(blank));
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')');
        let end = match trimmed.chars().next()? {
            '(' | ')' => 1,
            _ => trimmed.find(ends).unwrap_or(trimmed.len()),
        };
        let (text, rest) = trimmed.split_at_checked(end)?;
        let word = Word { text, offset: self.offset };
        self.offset = self.offset.saturating_add(characters(text));
        self.rest = rest;
        Some(word)
    }
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

struct Parser<'t, 's> {
    words: Words<'t>,
    next: Option<Word<'t>>,
    names: &'s Names<'s>,
    terms: &'s mut usize,
    limits: &'s Limits,
    depth: u32,
}

impl<'t> Parser<'t, '_> {
    fn advance(&mut self) -> Option<Word<'t>> {
        std::mem::replace(&mut self.next, self.words.next())
    }

    fn at(&self, keyword: &str) -> bool {
        self.next.is_some_and(|word| word.is(keyword))
    }

    fn any(&mut self, depth: u32) -> Result<Condition, Fault> {
        let mut parts = vec![self.all(depth)?];
        while self.at("or") {
            self.advance();
            parts.push(self.all(depth)?);
        }
        Ok(joined(parts, Condition::Any))
    }

    fn all(&mut self, depth: u32) -> Result<Condition, Fault> {
        let mut parts = vec![self.not(depth)?];
        while self.at("and") {
            self.advance();
            parts.push(self.not(depth)?);
        }
        Ok(joined(parts, Condition::All))
    }

    fn not(&mut self, depth: u32) -> Result<Condition, Fault> {
        if !self.at("not") {
            return self.primary(depth);
        }
        let word = self.advance();
        let depth = self.deeper(depth, word)?;
        Ok(Condition::Not(Box::new(self.not(depth)?)))
    }

    fn primary(&mut self, depth: u32) -> Result<Condition, Fault> {
        const EXPECTED: &str = "a selection, `not`, `(`, `1 of` or `all of`";
        let Some(word) = self.next else { return self.unexpected(EXPECTED) };
        if word.text == ")" || word.is("and") || word.is("or") {
            return self.unexpected(EXPECTED);
        }
        self.advance();
        if word.text == "(" {
            let depth = self.deeper(depth, Some(word))?;
            let inner = self.any(depth)?;
            if !self.at(")") {
                return self.unexpected("`)`");
            }
            self.advance();
            return Ok(inner);
        }
        if self.at("of") {
            self.advance();
            return self.quantified(word);
        }
        self.selection(word)
    }

    fn quantified(&mut self, quantifier: Word<'t>) -> Result<Condition, Fault> {
        let join = match quantifier.text {
            "1" => Condition::Any,
            _ if quantifier.is("any") => Condition::Any,
            _ if quantifier.is("all") => Condition::All,
            text => {
                let code = if text.bytes().all(|b| b.is_ascii_digit()) { Code::Unsupported } else { Code::Invalid };
                let message = format!("{} before `of`, expected `1`, `any` or `all`", shown(text));
                return Err(Fault { offset: quantifier.offset, code, message });
            }
        };
        const EXPECTED: &str = "`them` or a pattern such as `selection_*`";
        let Some(pattern) = self.next.filter(|word| !matches!(word.text, "(" | ")")) else {
            return self.unexpected(EXPECTED);
        };
        self.advance();
        let them = pattern.is("them");
        let parts = parts(pattern.text);
        let fits = |name: &str| if them { !name.starts_with('_') } else { fits(&parts, name) };
        // Looking through all of them is the cost, whether they fit or not.
        *self.terms = self.terms.checked_sub(self.names.len()).ok_or_else(|| self.too_many(pattern))?;
        let found = self.names.iter().filter(|(name, _)| fits(name));
        let parts: Vec<_> = found.map(|(_, at)| Condition::Selection(*at)).collect();
        if parts.is_empty() {
            let message = format!("no selection fits {}, expected one or more of that name", shown(pattern.text));
            return Err(Fault { offset: pattern.offset, code: Code::UnknownReference, message });
        }
        Ok(joined(parts, join))
    }

    fn selection(&mut self, word: Word<'t>) -> Result<Condition, Fault> {
        let Some(at) = self.names.get(word.text) else { return Err(self.unknown(word)) };
        *self.terms = self.terms.checked_sub(1).ok_or_else(|| self.too_many(word))?;
        Ok(Condition::Selection(*at))
    }

    fn unknown(&self, word: Word<'t>) -> Fault {
        let offset = word.offset;
        if is_aggregation(word.text, self.next) {
            let message = "an aggregation after `|`, expected a correlation rule in its place".to_owned();
            return Fault { offset, code: Code::Unsupported, message };
        }
        if word.is("near") {
            let message = "`near`, expected a correlation rule of type `temporal` in its place".to_owned();
            return Fault { offset, code: Code::Unsupported, message };
        }
        let message = if word.text.contains('*') {
            format!("pattern {} alone, expected `1 of` or `all of` before it", shown(word.text))
        } else {
            format!("unknown selection {}, expected one that the detection has", shown(word.text))
        };
        Fault { offset, code: Code::UnknownReference, message }
    }

    fn too_many(&self, word: Word<'t>) -> Fault {
        let limit = self.limits.condition_terms;
        let message = format!("more than {limit} selections to look at in the condition, the limit `conditionTerms`");
        Fault { offset: word.offset, code: Code::Limit, message }
    }

    fn deeper(&self, depth: u32, word: Option<Word<'t>>) -> Result<u32, Fault> {
        depth.checked_sub(1).ok_or_else(|| Fault {
            offset: word.map_or(0, |word| word.offset),
            code: Code::Limit,
            message: format!("nested deeper than {} levels, the limit `conditionDepth`", self.depth),
        })
    }

    fn unexpected<T>(&self, expected: &str) -> Result<T, Fault> {
        let (offset, found) = match self.next {
            Some(word) => (word.offset, shown(word.text)),
            None => (self.words.offset, "the end of the condition".to_owned()),
        };
        let (code, message) = match self.next {
            Some(word) if word.text.starts_with('|') => {
                let message = "an aggregation after `|`, expected a correlation rule in its place".to_owned();
                (Code::Unsupported, message)
            }
            _ => (Code::Invalid, format!("{found}, expected {expected}")),
        };
        Err(Fault { offset, code, message })
    }
}

fn is_aggregation(text: &str, next: Option<Word<'_>>) -> bool {
    let function = |text: &str| ["count", "min", "max", "avg", "sum", "near"].contains(&text);
    match text.split_once('|') {
        Some((_, "")) => next.is_some_and(|word| function(word.text)),
        Some((_, after)) => function(after),
        None => false,
    }
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

/// What stands between the `*` of a pattern, empty only at the start and the end.
fn parts(pattern: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = pattern.split('*').collect();
    let last = parts.len() - 1;
    let mut at = 0..;
    parts.retain(|part| at.next().is_some_and(|at| at == 0 || at == last) || !part.is_empty());
    parts
}

/// Is `name` what the pattern says, where `*` stands for any run?
fn fits(parts: &[&str], name: &str) -> bool {
    let (start, middle, end) = match parts {
        [] => return name.is_empty(),
        [whole] => return *whole == name,
        [start, middle @ .., end] => (start, middle, end),
    };
    let Some(rest) = name.strip_prefix(start) else { return false };
    let rest = middle.iter().try_fold(rest, |rest, part| Some(rest.split_once(part)?.1));
    rest.is_some_and(|rest| rest.ends_with(end))
}
