//! Trees in, documents out: `action: global`, `reset` and `repeat` of rule collections applied.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use super::document;
use super::tree::{Entry, Kind, Node};
use super::{Code, Reader, shown};
use crate::rules::ast::Document;

#[derive(Default)]
pub(super) struct Collection<'t> {
    /// What every following document has.
    global: Option<Layer<'t>>,
    /// The last document, for `repeat`.
    previous: Option<Layer<'t>>,
    /// A global document could not be read, so the ones that build on it would be other rules than meant.
    broken: bool,
}

/// A tree that others are laid over.
struct Layer<'t> {
    node: Node<'t>,
    /// Nodes and bytes, counted once however often it is used.
    size: OnceCell<(usize, usize)>,
}

impl<'t> Layer<'t> {
    fn new(node: Node<'t>) -> Self {
        Layer { node, size: OnceCell::new() }
    }

    /// `over` laid over a copy: mappings member by member, everything else replaced.
    fn under(&self, reader: &mut Reader<'_>, over: Node<'t>) -> Option<Node<'t>> {
        let (nodes, bytes) = *self.size.get_or_init(|| self.node.size());
        if !reader.budget.spend(nodes, bytes) {
            let message = "more text or nodes in this file than it may have, `action` applied: the limits `yamlNodes` \
                           and `fileBytes`";
            reader.refuse(over.place, Code::Limit, message);
            return None;
        }
        let mut out = self.node.clone();
        lay_over(&mut out, over);
        Some(out)
    }
}

impl<'t> Collection<'t> {
    /// A document could not be read; `action` as far as it is known.
    pub(super) fn fault(&mut self, action: Option<&str>) {
        self.previous = None;
        self.broken |= action == Some("global");
    }

    pub(super) fn take(&mut self, reader: &mut Reader<'_>, mut tree: Node<'t>) -> Option<Document> {
        if tree.is_null() {
            return None;
        }
        document::identify(reader, &tree);
        let Kind::Map(entries) = &mut tree.kind else {
            let message = format!("{} as a document, expected a mapping with a `title`", tree.what());
            reader.refuse(tree.place, Code::Invalid, message);
            return None;
        };
        let action = entries.iter().position(|entry| entry.key == "action").map(|at| entries.remove(at));
        let place = tree.place;
        let Some(action) = action else {
            // Correlations and filters share nothing with the rules around them.
            if tree.get("correlation").is_none() && tree.get("filter").is_none() {
                self.previous = None;
                if self.broken {
                    let message = "the document builds on `action: global`, which could not be read; expected that";
                    reader.refuse(place, Code::UnknownReference, message);
                    return None;
                }
                if let Some(global) = &self.global {
                    tree = global.under(reader, tree)?;
                    document::identify(reader, &tree);
                }
            }
            let read = document::read(reader, &tree);
            self.previous = Some(Layer::new(tree));
            return read;
        };
        match action.value.scalar().map(|s| s.text.as_ref()) {
            Some("global") => {
                let global = match &self.global {
                    Some(global) => global.under(reader, tree),
                    None => Some(tree),
                };
                self.broken |= global.is_none();
                self.global = global.map(Layer::new);
                None
            }
            Some("reset") => {
                (self.global, self.previous, self.broken) = (None, None, false);
                // Some files put a rule into the document that resets.
                if tree.map().is_some_and(<[Entry<'_>]>::is_empty) { None } else { self.take(reader, tree) }
            }
            Some("repeat") => {
                let Some(previous) = self.previous.take() else {
                    let message = "`action: repeat` without a document before it, expected one to repeat";
                    reader.refuse(action.place, Code::UnknownReference, message);
                    return None;
                };
                let tree = previous.under(reader, tree)?;
                document::identify(reader, &tree);
                let read = document::read(reader, &tree);
                self.previous = Some(Layer::new(tree));
                read
            }
            other => {
                let found = other.map_or_else(|| action.value.what().to_owned(), shown);
                let message = format!("{found} as `action`, expected `global`, `reset` or `repeat`");
                reader.refuse(action.value.place, Code::Invalid, message);
                None
            }
        }
    }
}

fn lay_over<'t>(base: &mut Node<'t>, over: Node<'t>) {
    base.place = over.place;
    let over = match (&mut base.kind, over.kind) {
        (Kind::Map(_), Kind::Map(over)) => over,
        (kind, over) => {
            *kind = over;
            return;
        }
    };
    let Kind::Map(entries) = &mut base.kind else { return };
    let at: HashMap<Cow<'t, str>, usize> = entries.iter().enumerate().map(|(at, e)| (e.key.clone(), at)).collect();
    for new in over {
        match at.get(&new.key).and_then(|at| entries.get_mut(*at)) {
            Some(old) => {
                old.place = new.place;
                lay_over(&mut old.value, new.value);
            }
            None => entries.push(new),
        }
    }
}
