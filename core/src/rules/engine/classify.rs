//! Which shape an event has, and which logsources it belongs to.

use hashbrown::HashMap;

use crate::rules::ast::{LogSource, Pattern, Token};
use crate::rules::event::{Event, Kind, path_hash};
use crate::rules::literal::Wild;
use crate::rules::mapping::Mapping;

use super::layout::Layout;
use super::names::Names;

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
    /// The fields that any source asks about: nothing else decides about the class.
    deciding: Vec<Vec<u32>>,
    /// What gives a field besides the path of its own name: name of the field, name of the path.
    fields: Vec<(u32, u32)>,
    pub(crate) time: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) logsources: Vec<LogSource>,
    when: Vec<(Vec<u32>, Vec<Wild<'static>>)>,
    fields: Vec<(u32, u32)>,
}

/// Names of a field, and the patterns one of which its value fits.
type When = (Vec<u32>, Vec<Pattern>);

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
            let whens: Vec<Vec<When>> = shape
                .sources
                .iter()
                .map(|source| {
                    let when = source.when.iter().map(|(field, values)| {
                        let field = names.intern(field);
                        (under(&fields, field), values.clone())
                    });
                    when.collect()
                })
                .collect();
            let (indexes, unindexed) = index(&whens);
            let mut deciding: Vec<Vec<u32>> = whens.iter().flatten().map(|(field, _)| field.clone()).collect();
            deciding.sort_unstable();
            deciding.dedup();
            let wild = |pattern: &Pattern| Wild::new(pattern).into_owned();
            let sources = shape.sources.iter().zip(whens).map(|(source, when)| Source {
                logsources: source.logsources.clone(),
                when: when.into_iter().map(|(field, values)| (field, values.iter().map(wild).collect())).collect(),
                fields: pairs(&source.fields, names),
            });
            let (name, time) = (shape.name.clone(), shape.time.clone());
            Shape { name, has, sources: sources.collect(), indexes, unindexed, deciding, fields, time }
        });
        Classifier { shapes: shapes.collect() }
    }

    /// The first shape that fits.
    pub(crate) fn shape(&self, layout: &Layout) -> Option<u32> {
        let present = |(name, hash): &(u32, u64)| layout.has(*name) || layout.has_object(*hash);
        let fits = |shape: &Shape| shape.has.iter().any(|all| all.iter().all(present));
        self.shapes.iter().position(fits).map(|at| at as u32)
    }

    /// The fields that decide about the class of events of a shape, each by its names.
    pub(crate) fn deciding(&self, shape: Option<u32>) -> &[Vec<u32>] {
        shape.and_then(|shape| self.shapes.get(shape as usize)).map_or(&[], |shape| &shape.deciding)
    }

    /// The layout's shape, and all of its sources that fit the event, into `class`.
    pub(crate) fn classify(&self, event: &Event, layout: &Layout, class: &mut Class) {
        class.shape = layout.shape;
        class.sources.clear();
        let Some(shape) = layout.shape.and_then(|shape| self.shapes.get(shape as usize)) else { return };
        let consider = |source: &u32, class: &mut Class| {
            let Some(rule) = shape.sources.get(*source as usize) else { return };
            if rule.when.iter().all(|(field, values)| holds(event, layout, field, values)) {
                class.sources.push(*source);
            }
        };
        shape.unindexed.iter().for_each(|source| consider(source, class));
        for (field, by_value) in &shape.indexes {
            for cell in layout.cells(event, field) {
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

fn holds(event: &Event, layout: &Layout, field: &[u32], values: &[Wild<'_>]) -> bool {
    let mut cells = layout.cells(event, field);
    if values.is_empty() {
        return cells.any(|cell| cell.kind != Kind::Null);
    }
    cells.any(|cell| values.iter().any(|pattern| pattern.fits(event.folded_of(cell))))
}

type Indexes = (Vec<Index>, Vec<u32>);

/// Files each source under the values of the field that tells it best.
fn index(sources: &[Vec<When>]) -> Indexes {
    let fold = |pattern: &Pattern| exact(pattern).map(|text| crate::rules::fold::fold(text).into_owned());
    let keys = |when: &When| -> Option<Vec<String>> {
        (!when.1.is_empty()).then(|| when.1.iter().map(fold).collect()).flatten()
    };
    let mut uses: HashMap<(Vec<u32>, String), u32> = HashMap::new();
    for when in sources.iter().flatten() {
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
        let best = source.iter().filter_map(|when| Some((&when.0, keys(when)?))).min_by_key(crowd);
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
