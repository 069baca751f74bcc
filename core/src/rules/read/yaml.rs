//! YAML text in, one tree per document out: every node with its line and column, plain scalars typed
//! by the core schema, aliases expanded within the budget.

use std::borrow::Cow;
use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::Limits;
use super::scalar::{self, Typed};
use super::tree::{Entry, Kind, Node, Scalar};
use crate::rules::ast::Place;
use crate::rules::problem::RuleProblemCode as Code;

/// No limit lets trees grow so deep that walking them could exhaust the stack, or deeper than the YAML
/// reader goes by itself.
const DEEPEST: usize = 250;

/// What one file may still use: whatever is copied (aliases, global documents, forms) is paid from it.
#[derive(Debug)]
pub(in crate::rules) struct Budget {
    pub(in crate::rules) nodes: usize,
    pub(in crate::rules) bytes: usize,
    pub(in crate::rules) programs: usize,
}

impl Budget {
    pub(in crate::rules) fn new(limits: &Limits) -> Self {
        Budget { nodes: limits.yaml_nodes, bytes: limits.file_bytes, programs: limits.regex_bytes_per_file }
    }

    /// Takes from both, or neither when there is not enough.
    pub(in crate::rules) fn spend(&mut self, nodes: usize, bytes: usize) -> bool {
        match (self.nodes.checked_sub(nodes), self.bytes.checked_sub(bytes)) {
            (Some(nodes), Some(bytes)) => {
                (self.nodes, self.bytes) = (nodes, bytes);
                true
            }
            _ => false,
        }
    }
}

/// Why a document has no tree.
#[derive(Debug)]
pub(in crate::rules) struct Fault {
    pub(in crate::rules) place: Place,
    pub(in crate::rules) code: Code,
    pub(in crate::rules) message: String,
    /// Id or title, when it was read before the fault.
    pub(in crate::rules) rule: Option<String>,
    /// `action`, when it was read before the fault.
    pub(in crate::rules) action: Option<String>,
}

impl Fault {
    fn new(place: Place, code: Code, message: impl Into<String>) -> Self {
        Fault { place, code, message: message.into(), rule: None, action: None }
    }
}

/// The documents of a text, one after the other. A document that cannot be read ends at the next line
/// that begins with `---`, which YAML lets mean nothing else, and reading goes on there.
pub(in crate::rules) struct Documents<'t> {
    rest: &'t str,
    /// Lines before `rest`.
    lines: usize,
    parser: Parser<'t, StrInput<'t>>,
    depth: usize,
    max_nodes: usize,
}

struct Frame<'t> {
    place: Place,
    anchor: usize,
    parts: Parts<'t>,
}

enum Parts<'t> {
    List(Vec<Node<'t>>),
    Map(Vec<Entry<'t>>, Option<(Cow<'t, str>, Place)>),
}

impl<'t> Documents<'t> {
    pub(in crate::rules) fn new(text: &'t str, lines: usize, limits: &Limits) -> Self {
        let depth = (limits.yaml_depth as usize).min(DEEPEST);
        Documents { rest: text, lines, parser: Parser::new_from_str(text), depth, max_nodes: limits.yaml_nodes }
    }

    pub(in crate::rules) fn next(&mut self, budget: &mut Budget) -> Option<Result<Node<'t>, Fault>> {
        let mut builder = Builder::default();
        loop {
            let (event, span) = match self.parser.next_event()? {
                Ok(event) => event,
                Err(error) => {
                    let marker = *error.marker();
                    let place = self.place(marker.line(), marker.col());
                    let fault = match error.info() {
                        info if info.contains("recursion limit") => too_deep(place, self.depth),
                        info => Fault::new(place, Code::Syntax, format!("not well-formed YAML: {info}")),
                    };
                    self.recover(marker.index());
                    return Some(Err(builder.blame(fault)));
                }
            };
            let place = self.place(span.start.line(), span.start.col());
            match event {
                Event::DocumentStart(_) => builder = Builder::default(),
                Event::DocumentEnd => {
                    let fault = builder.fault.take();
                    return match (fault, builder.root.take()) {
                        (Some(fault), root) => Some(Err(blame(fault, root.as_ref().and_then(Node::map)))),
                        (None, Some(root)) => Some(Ok(root)),
                        (None, None) => continue,
                    };
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
                event => {
                    if let Err(fault) = builder.event(event, span, place, self.depth, self.max_nodes, budget) {
                        self.recover(span.start.index());
                        return Some(Err(builder.blame(fault)));
                    }
                }
            }
        }
    }

    fn place(&self, line: usize, column: usize) -> Place {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place { line: number(line.saturating_add(self.lines)), column: number(column.saturating_add(1)) }
    }

    /// Goes on at the first `---` after the character `index` of the rest.
    fn recover(&mut self, index: usize) {
        let from = self.rest.char_indices().nth(index).map_or(self.rest.len(), |(at, _)| at);
        let next = next_document(self.rest.as_bytes(), from).unwrap_or(self.rest.len());
        let (read, rest) = self.rest.split_at_checked(next).unwrap_or((self.rest, ""));
        self.lines += lines(read.as_bytes());
        self.rest = rest;
        self.parser = Parser::new_from_str(rest);
    }
}

/// Where the first line after `from` that begins with `---` begins.
pub(in crate::rules) fn next_document(text: &[u8], from: usize) -> Option<usize> {
    let tail = text.get(from..)?;
    let found = tail.windows(4).enumerate().find(|(at, w)| {
        let after = tail.get(at + 4).copied();
        matches!(w, [b'\n' | b'\r', b'-', b'-', b'-']) && after.is_none_or(|b| b.is_ascii_whitespace())
    });
    found.map(|(at, _)| from + at + 1)
}

/// Line breaks in a text; `\r\n` is one.
pub(in crate::rules) fn lines(text: &[u8]) -> usize {
    let ends = |(at, byte): (usize, &u8)| *byte == b'\n' || (*byte == b'\r' && text.get(at + 1) != Some(&b'\n'));
    text.iter().enumerate().filter(|item| ends(*item)).count()
}

#[derive(Default)]
struct Builder<'t> {
    open: Vec<Frame<'t>>,
    root: Option<Node<'t>>,
    anchors: BTreeMap<usize, (Node<'t>, usize, usize)>,
    /// The first thing wrong that does not keep the rest from being read.
    fault: Option<Fault>,
}

impl<'t> Builder<'t> {
    fn event(
        &mut self,
        event: Event<'t>,
        span: Span,
        place: Place,
        depth: usize,
        max_nodes: usize,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let spent = match &event {
            Event::SequenceEnd | Event::MappingEnd | Event::Alias(_) => true,
            _ => budget.spend(1, 0),
        };
        if !spent {
            return Err(over_budget(place, max_nodes));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let typed = self.typed(&text, style, tag.as_deref(), place);
                let inset = inset(&text, style, span);
                let kind = Kind::Scalar(Scalar { text, typed, inset });
                self.place_node(Node { place, kind }, anchor, max_nodes, budget)
            }
            Event::SequenceStart(anchor, _) => self.push(place, anchor, Parts::List(Vec::new()), depth),
            Event::MappingStart(anchor, _) => self.push(place, anchor, Parts::Map(Vec::new(), None), depth),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.open.pop() else { return Ok(()) };
                let kind = match frame.parts {
                    Parts::List(items) => Kind::List(items),
                    Parts::Map(entries, _) => {
                        self.find_duplicates(&entries);
                        Kind::Map(entries)
                    }
                };
                self.place_node(Node { place: frame.place, kind }, frame.anchor, max_nodes, budget)
            }
            Event::Alias(id) => {
                let Some((node, nodes, bytes)) = self.anchors.get(&id) else {
                    let message = "an alias inside the node that it names, expected one to a node before it";
                    return Err(Fault::new(place, Code::Invalid, message));
                };
                if !budget.spend(*nodes, *bytes) {
                    return Err(over_budget(place, max_nodes));
                }
                let node = Node { place, kind: node.kind.clone() };
                self.place_node(node, 0, max_nodes, budget)
            }
            _ => Ok(()),
        }
    }

    fn push(&mut self, place: Place, anchor: usize, parts: Parts<'t>, depth: usize) -> Result<(), Fault> {
        if self.open.len() >= depth {
            return Err(too_deep(place, depth));
        }
        self.open.push(Frame { place, anchor, parts });
        Ok(())
    }

    fn place_node(
        &mut self,
        node: Node<'t>,
        anchor: usize,
        max_nodes: usize,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        if anchor != 0 {
            let (nodes, bytes) = node.size();
            if !budget.spend(nodes, bytes) {
                return Err(over_budget(node.place, max_nodes));
            }
            self.anchors.insert(anchor, (node.clone(), nodes, bytes));
        }
        match self.open.last_mut().map(|frame| &mut frame.parts) {
            None => self.root = Some(node),
            Some(Parts::List(items)) => items.push(node),
            Some(Parts::Map(entries, key)) => match key.take() {
                Some((key, place)) => entries.push(Entry { key, place, value: node }),
                None => {
                    let Kind::Scalar(scalar) = node.kind else {
                        let message = "a key that is a list or a mapping, expected a text";
                        return Err(Fault::new(node.place, Code::Invalid, message));
                    };
                    if scalar.text == "<<" && scalar.inset == Some(0) {
                        let message = "a merge key `<<`, which YAML 1.2 does not have, expected the keys themselves";
                        self.fault.get_or_insert(Fault::new(node.place, Code::Unsupported, message));
                    }
                    *key = Some((scalar.text, node.place));
                }
            },
        }
        Ok(())
    }

    fn typed(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Place) -> Typed {
        let plain = style == ScalarStyle::Plain;
        match tag.map(|tag| (tag.is_yaml_core_schema(), tag.suffix.as_str())) {
            None if plain => scalar::typed(text),
            None | Some((true, "str")) => Typed::Text,
            Some((true, "int" | "float" | "bool" | "null")) => scalar::typed(text),
            Some((false, "")) => Typed::Text,
            Some(_) => {
                let message = "a tag that is not of YAML's core schema, expected none";
                self.fault.get_or_insert(Fault::new(place, Code::Unsupported, message));
                Typed::Text
            }
        }
    }

    fn find_duplicates(&mut self, entries: &[Entry<'t>]) {
        let mut sorted: Vec<&Entry<'t>> = entries.iter().collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        let twice = sorted.windows(2).filter_map(|pair| match pair {
            [a, b] if a.key == b.key => Some((*a, *b)),
            _ => None,
        });
        let first = twice.min_by_key(|(_, again)| (again.place.line, again.place.column));
        if let Some((first, again)) = first {
            let message = format!(
                "key {} a second time, first in line {}; expected each key of a mapping once",
                super::shown(&again.key),
                first.place.line
            );
            self.fault.get_or_insert(Fault::new(again.place, Code::Invalid, message));
        }
    }

    /// Tells which rule a fault is in, as far as that was read.
    fn blame(&mut self, fault: Fault) -> Fault {
        match self.open.first().map(|frame| &frame.parts) {
            Some(Parts::Map(entries, _)) => blame(fault, Some(entries)),
            _ => fault,
        }
    }
}

fn blame(mut fault: Fault, entries: Option<&[Entry<'_>]>) -> Fault {
    let text = |key: &str| {
        let entry = entries?.iter().find(|entry| entry.key == key)?;
        entry.value.scalar().map(|scalar| super::clipped(&scalar.text))
    };
    fault.rule = text("id").or_else(|| text("title"));
    fault.action = text("action");
    fault
}

fn too_deep(place: Place, depth: usize) -> Fault {
    Fault::new(place, Code::Limit, format!("nested deeper than {depth} levels, the limit `yamlDepth`"))
}

fn over_budget(place: Place, max_nodes: usize) -> Fault {
    let message = format!(
        "more than {max_nodes} nodes in this file, or more text than a file may have, aliases expanded: the limits \
         `yamlNodes` and `fileBytes`"
    );
    Fault::new(place, Code::Limit, message)
}

/// Columns before the first character of a scalar that stands in one line, character by character.
fn inset(text: &str, style: ScalarStyle, span: Span) -> Option<u32> {
    let quotes = match style {
        ScalarStyle::Plain => 0,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
        ScalarStyle::Literal | ScalarStyle::Folded => return None,
    };
    let columns = span.end.index().saturating_sub(span.start.index());
    let in_step = span.start.line() == span.end.line() && columns == text.chars().count() + 2 * quotes;
    in_step.then_some(quotes as u32)
}
