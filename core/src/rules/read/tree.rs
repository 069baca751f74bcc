//! The tree of a YAML document: what it holds, and where each of it stands.

use std::borrow::Cow;

use super::scalar::Typed;
use crate::rules::ast::Place;

#[derive(Debug, Clone)]
pub(in crate::rules) struct Node<'t> {
    pub(in crate::rules) place: Place,
    pub(in crate::rules) kind: Kind<'t>,
}

#[derive(Debug, Clone)]
pub(in crate::rules) enum Kind<'t> {
    Scalar(Scalar<'t>),
    List(Vec<Node<'t>>),
    Map(Vec<Entry<'t>>),
}

#[derive(Debug, Clone)]
pub(in crate::rules) struct Scalar<'t> {
    /// As written, unquoted.
    pub(in crate::rules) text: Cow<'t, str>,
    pub(in crate::rules) typed: Typed,
    /// Columns from the node's place to the first character; absent when columns of the file and
    /// characters of the text do not run in step.
    pub(in crate::rules) inset: Option<u32>,
}

#[derive(Debug, Clone)]
pub(in crate::rules) struct Entry<'t> {
    pub(in crate::rules) key: Cow<'t, str>,
    pub(in crate::rules) place: Place,
    pub(in crate::rules) value: Node<'t>,
}

impl<'t> Node<'t> {
    pub(in crate::rules) fn map(&self) -> Option<&[Entry<'t>]> {
        if let Kind::Map(entries) = &self.kind { Some(entries) } else { None }
    }

    pub(in crate::rules) fn scalar(&self) -> Option<&Scalar<'t>> {
        if let Kind::Scalar(scalar) = &self.kind { Some(scalar) } else { None }
    }

    pub(in crate::rules) fn is_null(&self) -> bool {
        self.scalar().is_some_and(|s| s.typed == Typed::Null)
    }

    pub(in crate::rules) fn get(&self, key: &str) -> Option<&Node<'t>> {
        self.map()?.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// What it is, for messages.
    pub(in crate::rules) fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.typed.what(),
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// Nodes and bytes of text below and including this one.
    pub(in crate::rules) fn size(&self) -> (usize, usize) {
        let mut size = (0, 0);
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            size.0 += 1;
            match &node.kind {
                Kind::Scalar(scalar) => size.1 += scalar.text.len(),
                Kind::List(items) => open.extend(items),
                Kind::Map(entries) => {
                    size.1 += entries.iter().map(|e| e.key.len()).sum::<usize>();
                    open.extend(entries.iter().map(|e| &e.value));
                }
            }
        }
        size
    }
}
