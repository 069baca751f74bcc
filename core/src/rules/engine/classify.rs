//! Which shape an event has, and which logsources it belongs to.

use hashbrown::HashMap;

use crate::rules::ast::{LogSource, Pattern, Token};
use crate::rules::event::{Event, Kind, path_hash};
use crate::rules::literal;
use crate::rules::mapping::Mapping;

use super::names::Names;
use super::scratch::Found;

/// A mapping with its paths under numbers.
#[derive(Debug, Default)]
pub(crate) struct Classifier {
    pub(crate) shapes: Vec<Shape>,
}

/// Names of a field, and the sources by what it says, folded.
type Index = (Vec<u32>, HashMap<String, Vec<u32>>);

#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    has: Vec<Vec<(u32, u64)>>,
    pub(crate) sources: Vec<Source>,
    /// Names under which the field of an index stands, and the sources by its folded value.
    indexes: Vec<Index>,
    /// Sources that no exact value tells.
    unindexed: Vec<u32>,
    /// What gives a field besides the path of its own name: name of the field, name of the path.
    fields: Vec<(u32, u32)>,
    pub(crate) time: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) logsources: Vec<LogSource>,
    when: Vec<(Vec<u32>, Vec<Pattern>)>,
    fields: Vec<(u32, u32)>,
}

/// What an event was found to be: the shape, and the sources of it that fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Class {
    pub(crate) shape: Option<u32>,
    pub(crate) sources: Vec<u32>,
}

/// The one text that a pattern fits, if it is a literal.
fn exact(pattern: &Pattern) -> Option<&str> {
    match pattern.tokens.as_slice() {
        [] => Some(""),
        [Token::Literal(text)] => Some(text),
        _ => None,
    }
}

impl Classifier {
    pub(crate) fn new(mapping: &Mapping, names: &mut Names) -> Classifier {
        let shapes = mapping.shapes.iter().map(|shape| {
            let pairs = |fields: &[(String, String)], names: &mut Names| -> Vec<(u32, u32)> {
                fields.iter().map(|(from, to)| (names.intern(to), names.intern(from))).collect()
            };
            let fields = pairs(&shape.fields, names);
            let has =
                shape.has.iter().map(|all| all.iter().map(|p| (names.intern(p), path_hash(p))).collect()).collect();
            let mut sources: Vec<Source> = Vec::new();
            for source in &shape.sources {
                let when = source.when.iter().map(|(field, values)| {
                    let field = names.intern(field);
                    (under(&fields, field), values.clone())
                });
                let when = when.collect();
                sources.push(Source {
                    logsources: source.logsources.clone(),
                    when,
                    fields: pairs(&source.fields, names),
                });
            }
            let (indexes, unindexed) = index(&sources);
            Shape { name: shape.name.clone(), has, sources, indexes, unindexed, fields, time: shape.time.clone() }
        });
        Classifier { shapes: shapes.collect() }
    }

    /// The first shape that fits, and all of its sources that do, into `class`.
    pub(crate) fn classify(&self, event: &Event, found: &Found, class: &mut Class) {
        class.shape = None;
        class.sources.clear();
        let present = |(name, hash): &(u32, u64)| {
            found.first(*name).is_some() || event.objects.iter().skip(1).any(|object| object.hash == *hash)
        };
        let fits = |shape: &Shape| shape.has.iter().any(|all| all.iter().all(present));
        let Some((at, shape)) = self.shapes.iter().enumerate().find(|(_, shape)| fits(shape)) else { return };
        class.shape = Some(at as u32);
        let consider = |source: &u32, class: &mut Class| {
            let Some(rule) = shape.sources.get(*source as usize) else { return };
            if rule.when.iter().all(|(field, values)| holds(event, found, field, values)) {
                class.sources.push(*source);
            }
        };
        shape.unindexed.iter().for_each(|source| consider(source, class));
        for (field, by_value) in &shape.indexes {
            for cell in found.cells(event, field) {
                if let Some(sources) = by_value.get(event.folded_of(cell)) {
                    sources.iter().for_each(|source| consider(source, class));
                }
            }
        }
        class.sources.sort_unstable();
        class.sources.dedup();
    }

    /// Paths that give a field in a class, in the order in which they are looked at; the first that is there counts.
    pub(crate) fn paths(&self, class: &Class, field: u32) -> Vec<u32> {
        let Some(shape) = class.shape.and_then(|shape| self.shapes.get(shape as usize)) else { return vec![field] };
        let mut paths = under(&shape.fields, field);
        for source in class.sources.iter().filter_map(|s| shape.sources.get(*s as usize)) {
            for (_, from) in source.fields.iter().filter(|(to, _)| *to == field) {
                paths.extend(under(&shape.fields, *from));
            }
        }
        let mut seen = Vec::new();
        paths.retain(|path| {
            !seen.contains(path) && {
                seen.push(*path);
                true
            }
        });
        paths
    }

    pub(crate) fn logsources<'c>(&'c self, class: &'c Class) -> impl Iterator<Item = &'c LogSource> {
        let shape = class.shape.and_then(|shape| self.shapes.get(shape as usize));
        let sources =
            shape.into_iter().flat_map(|shape| class.sources.iter().filter_map(|s| shape.sources.get(*s as usize)));
        sources.flat_map(|source| &source.logsources)
    }
}

/// The paths that give a field: those that the shape names for it, then its own.
fn under(fields: &[(u32, u32)], field: u32) -> Vec<u32> {
    fields.iter().filter(|(to, _)| *to == field).map(|(_, from)| *from).chain([field]).collect()
}

fn holds(event: &Event, found: &Found, field: &[u32], values: &[Pattern]) -> bool {
    let mut cells = found.cells(event, field);
    if values.is_empty() {
        return cells.any(|cell| cell.kind != Kind::Null);
    }
    cells.any(|cell| values.iter().any(|pattern| literal::fits(pattern, event.folded_of(cell))))
}

type Indexes = (Vec<Index>, Vec<u32>);

/// Files each source under the values of the field that tells it best.
fn index(sources: &[Source]) -> Indexes {
    let fold = |pattern: &Pattern| exact(pattern).map(|text| crate::rules::fold::fold(text).into_owned());
    let keys = |when: &(Vec<u32>, Vec<Pattern>)| -> Option<Vec<String>> {
        (!when.1.is_empty()).then(|| when.1.iter().map(fold).collect()).flatten()
    };
    let mut uses: HashMap<(Vec<u32>, String), u32> = HashMap::new();
    for when in sources.iter().flat_map(|source| &source.when) {
        for key in keys(when).into_iter().flatten() {
            *uses.entry((when.0.clone(), key)).or_default() += 1;
        }
    }
    let mut indexes: Vec<Index> = Vec::new();
    let mut unindexed = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        let crowd = |(field, keys): &(&Vec<u32>, Vec<String>)| {
            keys.iter().filter_map(|key| uses.get(&((*field).clone(), key.clone()))).max().copied()
        };
        let best = source.when.iter().filter_map(|when| Some((&when.0, keys(when)?))).min_by_key(crowd);
        let Some((field, keys)) = best else {
            unindexed.push(at as u32);
            continue;
        };
        let held = match indexes.iter().position(|(known, _)| known == field) {
            Some(held) => held,
            None => {
                indexes.push((field.clone(), HashMap::new()));
                indexes.len() - 1
            }
        };
        for key in keys {
            if let Some((_, by_value)) = indexes.get_mut(held) {
                by_value.entry(key).or_default().push(at as u32);
            }
        }
    }
    (indexes, unindexed)
}
