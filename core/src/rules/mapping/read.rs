//! The text of a mapping file in, shapes out, and what is wrong with it. The format is in `core/docs/MAPPING.md`.

use std::collections::BTreeMap;

use super::{Mapping, Shape, Source};
use crate::rules::ast::{LogSource, Pattern, Place, Token};
use crate::rules::problem::{RuleProblem, RuleProblemCode as Code};
use crate::rules::read::scalar::Typed;
use crate::rules::read::tree::{Entry, Kind, Node};
use crate::rules::read::yaml::{Budget, Documents, lines};
use crate::rules::read::{Limits, clipped, shown};

const SHAPE_KEYS: &[&str] = &["shape", "has", "strip", "fields", "time", "sources"];
const GROUP_KEYS: &[&str] = &["group", "logsource", "when", "sources"];
const SOURCE_KEYS: &[&str] = &["logsource", "when", "fields"];

/// Reads all documents of a mapping file; `source` names it in problems. A document with a problem is left
/// out whole, so that no shape describes half of what its author meant.
pub(crate) fn read(source: &str, text: &str) -> (Mapping, Vec<RuleProblem>) {
    let limits = Limits::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let budget = Budget::new(&limits);
    let mut reader = Reader { source, problems: Vec::new(), unlisted: 0, groups: BTreeMap::new(), name: None, budget };
    let mut mapping = Mapping::default();
    if text.len() > limits.file_bytes {
        let message = format!("{} bytes, expected at most {}, the limit `fileBytes`", text.len(), limits.file_bytes);
        reader.refuse(Place::default(), Code::Limit, message);
        return (mapping, reader.problems);
    }
    // The YAML reader would take NUL for the end.
    if let Some((before, _)) = text.split_once('\0') {
        let line = u32::try_from(lines(before.as_bytes()) + 1).unwrap_or(u32::MAX);
        reader.refuse(Place { line, column: 0 }, Code::Syntax, "byte 0x00, expected text without NUL");
        return (mapping, reader.problems);
    }
    let mut documents = Documents::new(text, 0, &limits);
    while let Some(tree) = documents.next(&mut reader.budget) {
        reader.name = None;
        match tree {
            Ok(tree) => mapping.shapes.extend(reader.document(&tree)),
            Err(fault) => reader.refuse(fault.place, fault.code, fault.message),
        }
    }
    if reader.unlisted > 0 {
        let message = format!("{} more problems in this file are not listed, the limit `problems`", reader.unlisted);
        reader.name = None;
        let problem = reader.problem(Place::default(), Code::Limit, message);
        reader.problems.push(problem);
    }
    (mapping, reader.problems)
}

struct Reader<'s> {
    source: &'s str,
    problems: Vec<RuleProblem>,
    unlisted: usize,
    /// Lists of sources that shapes after them may use.
    groups: BTreeMap<String, Vec<Source>>,
    /// Of the shape or group at hand.
    name: Option<String>,
    /// What is copied from groups is paid from it too.
    budget: Budget,
}

impl Reader<'_> {
    fn problem(&self, place: Place, code: Code, message: impl Into<String>) -> RuleProblem {
        RuleProblem {
            source: self.source.to_owned(),
            line: place.line,
            column: place.column,
            rule: self.name.clone(),
            code,
            message: message.into(),
            left_out: true,
        }
    }

    fn refuse(&mut self, place: Place, code: Code, message: impl Into<String>) {
        if self.problems.len() < Limits::default().problems {
            self.problems.push(self.problem(place, code, message));
        } else {
            self.unlisted += 1;
        }
    }

    fn wrong_so_far(&self) -> usize {
        self.problems.len() + self.unlisted
    }

    /// Pays for a copy.
    fn paid(&mut self, place: Place, (nodes, bytes): (usize, usize)) -> bool {
        let paid = self.budget.spend(nodes, bytes);
        if !paid {
            let message = "more text or nodes in this file than it may have, groups copied: the limits `yamlNodes` and \
                           `fileBytes`";
            self.refuse(place, Code::Limit, message);
        }
        paid
    }

    fn wrong(&mut self, node: &Node<'_>, expected: &str) {
        self.refuse(node.place, Code::Invalid, format!("{}, expected {expected}", node.what()));
    }

    fn document(&mut self, tree: &Node<'_>) -> Option<Shape> {
        if tree.is_null() {
            return None;
        }
        let before = self.wrong_so_far();
        let shape = tree.get("shape");
        if let Some(name) = shape.or_else(|| tree.get("group")).and_then(Node::scalar) {
            self.name = Some(clipped(&name.text));
        }
        let out = if shape.is_some() { Some(self.shape(tree)) } else { self.group(tree) };
        out.filter(|_| self.wrong_so_far() == before)
    }

    fn shape(&mut self, tree: &Node<'_>) -> Shape {
        let before = self.wrong_so_far();
        let mut out = Shape::default();
        for entry in self.entries(tree, SHAPE_KEYS) {
            match entry.key.as_ref() {
                "shape" => out.name = self.text(&entry.value),
                "has" => {
                    let lists = self.list(&entry.value);
                    out.has = lists.iter().map(|list| self.texts(list)).collect();
                }
                "strip" => out.strip = self.texts(&entry.value),
                "fields" => out.fields = self.fields(&entry.value),
                "time" => out.time = self.texts(&entry.value),
                "sources" => out.sources = self.sources(&entry.value, &LogSource::default(), &[]),
                _ => {}
            }
        }
        if self.wrong_so_far() > before {
            return out;
        }
        if out.has.is_empty() {
            self.refuse(tree.place, Code::Invalid, "a shape without `has`, expected the paths that its events have");
        }
        if let Some(empty) = out.has.iter().position(Vec::is_empty) {
            let message = format!("list {} of `has` is empty, expected at least one path", empty + 1);
            self.refuse(tree.place, Code::Invalid, message);
        }
        out
    }

    fn group(&mut self, tree: &Node<'_>) -> Option<Shape> {
        let Some(name) = tree.get("group") else {
            let message = match tree.map() {
                Some(_) => "a document without `shape` or `group`".to_owned(),
                None => format!("{}, expected a mapping with `shape` or `group`", tree.what()),
            };
            self.refuse(tree.place, Code::Invalid, message);
            return None;
        };
        let before = self.wrong_so_far();
        let entries = self.entries(tree, GROUP_KEYS);
        let name_text = self.text(name);
        let logsource = tree.get("logsource").map(|node| self.logsource(node)).unwrap_or_default();
        let when = tree.get("when").map(|node| self.when(node)).unwrap_or_default();
        let mut sources = Vec::new();
        for entry in entries.iter().filter(|entry| entry.key == "sources") {
            sources = self.sources(&entry.value, &logsource, &when);
        }
        if sources.is_empty() && self.wrong_so_far() == before {
            self.refuse(tree.place, Code::Invalid, "a group without `sources`");
        }
        if self.wrong_so_far() > before {
            return None;
        }
        if self.groups.insert(name_text.clone(), sources).is_some() {
            self.refuse(name.place, Code::Duplicate, format!("a second group {}", shown(&name_text)));
        }
        None
    }

    fn sources(&mut self, node: &Node<'_>, base: &LogSource, common: &[(String, Vec<Pattern>)]) -> Vec<Source> {
        let mut out = Vec::new();
        let base_source = Source { when: common.to_vec(), logsources: vec![base.clone()], fields: Vec::new() };
        let common_size = size(std::slice::from_ref(&base_source));
        for item in self.list(node) {
            if let Some(used) = item.get("use") {
                self.entries(item, &["use"]);
                let name = self.text(used);
                match self.groups.get(&name).map(|group| size(group)) {
                    Some(size) if !self.paid(used.place, size) => break,
                    Some(_) => out.extend(self.groups.get(&name).into_iter().flatten().cloned()),
                    None => {
                        let message = format!("group {} is not in this file before this place", shown(&name));
                        self.refuse(used.place, Code::UnknownReference, message);
                    }
                }
                continue;
            }
            let before = self.wrong_so_far();
            if !self.paid(item.place, common_size) {
                break;
            }
            let mut source = Source { when: common.to_vec(), ..Source::default() };
            for entry in self.entries(item, SOURCE_KEYS) {
                match entry.key.as_ref() {
                    "logsource" if entry.value.map().is_some() => {
                        source.logsources = vec![self.logsource(&entry.value)]
                    }
                    "logsource" => {
                        let all = self.list(&entry.value);
                        source.logsources = all.iter().map(|one| self.logsource(one)).collect();
                    }
                    "when" => source.when.extend(self.when(&entry.value)),
                    "fields" => source.fields = self.fields(&entry.value),
                    _ => {}
                }
            }
            if source.logsources.is_empty() && *base != LogSource::default() {
                source.logsources.push(LogSource::default());
            }
            let (more, (_, bytes)) = (source.logsources.len().saturating_sub(1), common_size);
            if !self.paid(item.place, (0, bytes.saturating_mul(more))) {
                break;
            }
            for logsource in &mut source.logsources {
                let fill = |part: &mut Option<String>, base: &Option<String>| {
                    if part.is_none() {
                        part.clone_from(base);
                    }
                };
                fill(&mut logsource.category, &base.category);
                fill(&mut logsource.product, &base.product);
                fill(&mut logsource.service, &base.service);
            }
            let bare = source.logsources.is_empty() && source.fields.is_empty();
            if bare && self.wrong_so_far() == before {
                self.refuse(item.place, Code::Invalid, "a source that gives nothing, expected `logsource` or `fields`");
            }
            out.push(source);
        }
        out
    }

    fn logsource(&mut self, node: &Node<'_>) -> LogSource {
        let mut out = LogSource::default();
        for entry in self.entries(node, &["category", "product", "service"]) {
            let part = match entry.key.as_ref() {
                "category" => &mut out.category,
                "product" => &mut out.product,
                "service" => &mut out.service,
                _ => continue,
            };
            *part = Some(self.text(&entry.value).to_ascii_lowercase());
        }
        if node.map().is_some_and(<[_]>::is_empty) && out == LogSource::default() {
            self.refuse(node.place, Code::Invalid, "an empty logsource, expected a category, product or service");
        }
        out
    }

    fn when(&mut self, node: &Node<'_>) -> Vec<(String, Vec<Pattern>)> {
        let Some(entries) = node.map() else {
            self.wrong(node, "a mapping of fields to values");
            return Vec::new();
        };
        let mut out = Vec::new();
        for entry in entries {
            let patterns = if entry.value.is_null() {
                Vec::new()
            } else if entry.value.scalar().is_some() {
                self.pattern(&entry.value).into_iter().collect()
            } else {
                let values = self.list(&entry.value);
                if values.is_empty() {
                    self.wrong(&entry.value, "at least one value, or null when the field just has to be there");
                }
                values.iter().filter_map(|value| self.pattern(value)).collect()
            };
            out.push((entry.key.to_string(), patterns));
        }
        out
    }

    fn pattern(&mut self, node: &Node<'_>) -> Option<Pattern> {
        let text = self.text(node);
        let start = text.strip_prefix('*');
        let middle = start.unwrap_or(&text);
        let end = middle.strip_suffix('*');
        let literal = end.unwrap_or(middle);
        if literal.contains('*') {
            let message = format!("{}: expected `*` at the start or the end only", shown(&text));
            self.refuse(node.place, Code::Invalid, message);
            return None;
        }
        let mut tokens = Vec::new();
        if start.is_some() {
            tokens.push(Token::Any);
        }
        if !literal.is_empty() {
            tokens.push(Token::Literal(literal.to_owned()));
        }
        if end.is_some() && tokens.last() != Some(&Token::Any) {
            tokens.push(Token::Any);
        }
        Some(Pattern { tokens, cased: false })
    }

    fn fields(&mut self, node: &Node<'_>) -> Vec<(String, String)> {
        let Some(entries) = node.map() else {
            self.wrong(node, "a mapping of the event's fields to those of rules");
            return Vec::new();
        };
        let mut out = Vec::new();
        for entry in entries {
            let names =
                if entry.value.scalar().is_some() { vec![self.text(&entry.value)] } else { self.texts(&entry.value) };
            out.extend(names.into_iter().map(|name| (entry.key.to_string(), name)));
        }
        out
    }

    /// The entries of a mapping; unknown keys are refused.
    fn entries<'n, 't>(&mut self, node: &'n Node<'t>, known: &[&str]) -> &'n [Entry<'t>] {
        let Some(entries) = node.map() else {
            self.wrong(node, "a mapping");
            return &[];
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_ref())) {
            let message = format!("unknown key {}, expected one of `{}`", shown(&entry.key), known.join("`, `"));
            self.refuse(entry.place, Code::Invalid, message);
        }
        entries
    }

    fn list<'n, 't>(&mut self, node: &'n Node<'t>) -> &'n [Node<'t>] {
        match &node.kind {
            Kind::List(items) => items,
            _ => {
                self.wrong(node, "a list");
                &[]
            }
        }
    }

    fn texts(&mut self, node: &Node<'_>) -> Vec<String> {
        self.list(node).iter().map(|item| self.text(item)).collect()
    }

    fn text(&mut self, node: &Node<'_>) -> String {
        match node.scalar() {
            Some(scalar) if scalar.typed != Typed::Null && !scalar.text.is_empty() => scalar.text.to_string(),
            _ => {
                self.wrong(node, "a text");
                String::new()
            }
        }
    }
}

/// Values and bytes of text that a copy of these takes.
fn size(sources: &[Source]) -> (usize, usize) {
    let mut size = (sources.len(), 0);
    let mut text = |length: usize| {
        size.0 += 1;
        size.1 += length;
    };
    for source in sources {
        for logsource in &source.logsources {
            let parts = [&logsource.category, &logsource.product, &logsource.service];
            text(parts.into_iter().flatten().map(String::len).sum());
        }
        for (field, patterns) in &source.when {
            text(field.len());
            for token in patterns.iter().flat_map(|pattern| &pattern.tokens) {
                text(if let Token::Literal(literal) = token { literal.len() } else { 1 });
            }
        }
        source.fields.iter().for_each(|(from, to)| text(from.len() + to.len()));
    }
    size
}
