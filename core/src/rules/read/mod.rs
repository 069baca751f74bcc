//! Text of a rule file in, documents and problems out.
//!
//! `yaml` makes a `tree` of each document, `collection` applies `action`, `document` reads what all
//! documents have, `detection` with `modifier`, `value`, `pattern` and `condition` reads rules and
//! filters, `correlation` the rest. Nothing here knows events, files or other rules. A document that
//! cannot be read never stops the others.

pub(super) mod base64;
mod collection;
mod condition;
mod correlation;
mod detection;
mod document;
mod modifier;
mod pattern;
pub(super) mod scalar;
#[cfg(test)]
mod tests;
pub(super) mod tree;
mod value;
pub(super) mod yaml;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ast::{Document, Place};
use super::problem::{RuleProblem, RuleProblemCode as Code};
use collection::Collection;
pub(super) use detection::weight;
use yaml::{Budget, Documents};

/// What reading depends on beside the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'o> {
    pub(crate) limits: &'o Limits,
    /// Values of the placeholders that `|expand` may name.
    pub(crate) placeholders: &'o BTreeMap<String, Vec<String>>,
}

/// What a rule file may hold. Each limit that is reached is a problem that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a file, aliases, global documents and forms of values included. Default 16 MiB.
    pub file_bytes: usize,
    /// How deep lists and mappings nest; never more than 250. Default 64.
    pub yaml_depth: u32,
    /// Values, lists and mappings in a file, aliases, global documents and forms of values included.
    /// Default 1 million.
    pub yaml_nodes: usize,
    /// How deep brackets and `not` nest in a condition; never more than 250. Default 64.
    pub condition_depth: u32,
    /// Selections that the conditions of a rule name; a pattern counts as all that it is compared with. Every line
    /// of a selection is paid from `yaml_nodes` as often as it is named. Default 4,096.
    pub condition_terms: usize,
    /// Values of one item, placeholders expanded. Default 100,000.
    pub values_per_item: usize,
    /// Spellings of one value that `windash` makes. Default 1,000.
    pub forms_per_value: usize,
    /// Bytes between two `*` of a value when there is a `?` among them. Default 100.
    pub wildcard_run: usize,
    /// Bytes of a regular expression. Default 10,000.
    pub regex_bytes: usize,
    /// Bytes of a compiled regular expression; `\w{1,64}` alone takes more than one million. Default 4 MiB.
    pub regex_program_bytes: usize,
    /// Bytes of all compiled regular expressions of a file, each rounded up, and of those that did not fit.
    /// Default 64 MiB.
    pub regex_bytes_per_file: usize,
    /// Steps of the longest relation path in a verdict rule. Default 4.
    pub path_steps: usize,
    /// Lines that filters add to the rules of a set, counted for each rule. Default 1 million.
    pub filter_lines: usize,
    /// Problems listed for a file; the rest is counted. Default 1,000.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 16 << 20,
            yaml_depth: 64,
            yaml_nodes: 1_000_000,
            condition_depth: 64,
            condition_terms: 4_096,
            values_per_item: 100_000,
            forms_per_value: 1_000,
            wildcard_run: 200,
            regex_bytes: 10_000,
            regex_program_bytes: 4 << 20,
            regex_bytes_per_file: 64 << 20,
            path_steps: 4,
            filter_lines: 1_000_000,
            problems: 1_000,
        }
    }
}

/// Reads all documents of a text; `source` names it in problems.
pub(crate) fn documents(source: &str, text: &[u8], options: &Options<'_>) -> (Vec<Document>, Vec<RuleProblem>) {
    let mut reader = Reader {
        source,
        options: *options,
        budget: Budget::new(options.limits),
        problems: Vec::new(),
        unlisted: 0,
        rule: None,
        left_out: false,
    };
    let mut out = Vec::new();
    let limit = options.limits.file_bytes;
    if text.len() > limit {
        let message = format!("more than {limit} bytes, the limit `fileBytes`");
        reader.refuse(Place::default(), Code::Limit, message);
    } else {
        let mut collection = Collection::default();
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        reader.bytes(text, &mut collection, &mut out);
    }
    if reader.unlisted > 0 {
        let message = format!("{} more problems in this file are not listed, the limit `problems`", reader.unlisted);
        reader.rule = None;
        let problem = reader.problem(Place::default(), Code::Limit, message, false);
        reader.problems.push(problem);
    }
    (out, reader.problems)
}

/// One reading of one file.
struct Reader<'o> {
    source: &'o str,
    options: Options<'o>,
    budget: Budget,
    problems: Vec<RuleProblem>,
    unlisted: usize,
    /// Id or title of the document at hand.
    rule: Option<String>,
    /// Was the document at hand refused?
    left_out: bool,
}

impl Reader<'_> {
    /// Reads what is text; a document with a byte that cannot be read is left out.
    fn bytes<'t>(&mut self, mut rest: &'t [u8], collection: &mut Collection<'t>, out: &mut Vec<Document>) {
        if let Ok(text) = readable(rest) {
            return self.text(text, 0, collection, out);
        }
        // Document by document, so that a file full of such bytes is looked at once.
        let mut lines = 0;
        while !rest.is_empty() {
            let next = yaml::next_document(rest, 0).unwrap_or(rest.len());
            let (document, after) = rest.split_at_checked(next).unwrap_or((rest, &[]));
            match readable(document) {
                Ok(text) => self.text(text, lines, collection, out),
                Err(at) => {
                    let global = document.windows(14).any(|text| text == b"action: global");
                    collection.fault(global.then_some("global"));
                    self.rule = None;
                    let byte = document.get(at).copied().unwrap_or_default();
                    let place = place_of(document, at, lines);
                    self.refuse(place, Code::Syntax, format!("byte 0x{byte:02x}, expected UTF-8 text without NUL"));
                }
            }
            lines += yaml::lines(document);
            rest = after;
        }
    }

    fn text<'t>(&mut self, text: &'t str, lines: usize, collection: &mut Collection<'t>, out: &mut Vec<Document>) {
        let mut documents = Documents::new(text, lines, self.options.limits);
        while let Some(tree) = documents.next(&mut self.budget) {
            self.rule = None;
            self.left_out = false;
            match tree {
                Ok(tree) => out.extend(collection.take(self, tree)),
                Err(fault) => {
                    collection.fault(fault.action.as_deref());
                    self.rule = fault.rule;
                    self.refuse(fault.place, fault.code, fault.message);
                }
            }
        }
    }

    fn problem(&self, place: Place, code: Code, message: impl Into<String>, left_out: bool) -> RuleProblem {
        RuleProblem {
            source: self.source.to_owned(),
            line: place.line,
            column: place.column,
            rule: self.rule.clone(),
            code,
            message: message.into(),
            left_out,
        }
    }

    /// The document at hand is left out.
    fn refuse(&mut self, place: Place, code: Code, message: impl Into<String>) {
        self.left_out = true;
        self.push(self.problem(place, code, message, true));
    }

    /// Something is wrong that leaves the document in use.
    fn note(&mut self, place: Place, code: Code, message: impl Into<String>) {
        self.push(self.problem(place, code, message, false));
    }

    fn push(&mut self, problem: RuleProblem) {
        if self.problems.len() < self.options.limits.problems {
            self.problems.push(problem);
        } else {
            self.unlisted += 1;
        }
    }
}

/// The text, or where its first unreadable byte is. The YAML reader would take NUL for the end.
fn readable(bytes: &[u8]) -> Result<&str, usize> {
    let text = std::str::from_utf8(bytes);
    let end = text.as_ref().map_or_else(std::str::Utf8Error::valid_up_to, |text| text.len());
    match bytes.iter().take(end).position(|b| *b == 0) {
        Some(nul) => Err(nul),
        None => text.map_err(|error| error.valid_up_to()),
    }
}

fn place_of(text: &[u8], at: usize, lines: usize) -> Place {
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |at| at + 1);
    let column = before.get(line_start..).map_or(0, |line| String::from_utf8_lossy(line).chars().count());
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { line: number(lines + yaml::lines(before) + 1), column: number(column + 1) }
}

/// What was found in a file, in backticks, in one line, not longer than a message should be.
pub(super) fn shown(text: &str) -> String {
    format!("`{}`", clipped(text))
}

/// The beginning of a text without control characters.
pub(super) fn clipped(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut chars = text.chars();
    let mut out = String::new();
    for c in chars.by_ref().take(LONGEST) {
        if c.is_control() { out.extend(c.escape_debug()) } else { out.push(c) }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out
}
