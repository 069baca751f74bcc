//! All rules of a set compiled, the lanes made of them so far, and the machine that runs them on one thread.

use std::sync::{Arc, RwLock};

use hashbrown::HashMap;

use crate::rules::ast::{Condition, LogSource, Node, Rule, Selection};
use crate::rules::event::{Cell, Event};
use crate::rules::mapping::Mapping;
use crate::rules::record::{Record, Scalar};

use super::bound::Bound;
use super::classify::{Class, Classifier};
use super::item::{self, Compiled};
use super::known::Known;
use super::lane::Lane;
use super::layout::Layout;
use super::names::Names;
use super::trigger::{Trigger, needed};

/// A condition over numbered lines.
#[derive(Debug)]
enum Expr {
    Item(u32),
    Not(Box<Expr>),
    All(Box<[Expr]>),
    Any(Box<[Expr]>),
}

#[derive(Debug)]
struct CompiledRule {
    logsource: LogSource,
    expr: Expr,
    triggers: Option<Vec<Trigger>>,
}

/// The rules, compiled.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(super) names: Names,
    pub(super) classifier: Classifier,
    items: Vec<Compiled>,
    rules: Vec<CompiledRule>,
    /// Fields that rules name, each by its name in `names`.
    pub(super) fields: Vec<u32>,
    /// Their places in `fields`, by their names in lower case.
    field_of: HashMap<String, u32>,
    lanes: RwLock<HashMap<Class, Arc<Lane>>>,
}

/// A rule, and the filters that apply to it.
pub(crate) struct Source<'d> {
    pub(crate) rule: &'d Rule,
    pub(crate) filters: Vec<(&'d [Selection], &'d [Condition])>,
}

impl Program {
    pub(crate) fn new<'d>(mapping: &Mapping, sources: impl Iterator<Item = Source<'d>>) -> Program {
        let mut names = Names::new(mapping);
        let classifier = Classifier::new(mapping, &mut names);
        let mut program = Program { names, classifier, ..Program::default() };
        let mut known: HashMap<String, u32> = HashMap::new();
        for source in sources {
            let mut part = |selections: &[Selection], conditions: &[Condition]| {
                let any: Vec<Expr> = conditions.iter().map(|c| program.condition(selections, c, &mut known)).collect();
                one_or(any, Expr::Any)
            };
            let mut exprs = vec![part(&source.rule.selections, &source.rule.conditions)];
            exprs.extend(source.filters.iter().map(|(selections, conditions)| part(selections, conditions)));
            let conditions: Vec<&Condition> = source.rule.conditions.iter().collect();
            let triggers = needed(&source.rule.selections, &conditions).map(|needed| {
                let mut triggers = needed.triggers;
                triggers.sort_unstable();
                triggers.dedup();
                triggers
            });
            program.rules.push(CompiledRule {
                logsource: source.rule.logsource.clone(),
                expr: one_or(exprs, Expr::All),
                triggers,
            });
        }
        program
    }

    fn condition(&mut self, selections: &[Selection], condition: &Condition, known: &mut HashMap<String, u32>) -> Expr {
        match condition {
            Condition::Selection(index) => match selections.get(*index as usize) {
                Some(selection) => self.node(&selection.node, known),
                None => Expr::Any(Box::default()),
            },
            Condition::Not(inner) => Expr::Not(Box::new(self.condition(selections, inner, known))),
            Condition::All(parts) => {
                one_or(parts.iter().map(|part| self.condition(selections, part, known)).collect(), Expr::All)
            }
            Condition::Any(parts) => {
                one_or(parts.iter().map(|part| self.condition(selections, part, known)).collect(), Expr::Any)
            }
        }
    }

    fn node(&mut self, node: &Node, known: &mut HashMap<String, u32>) -> Expr {
        match node {
            Node::All(parts) => one_or(parts.iter().map(|part| self.node(part, known)).collect(), Expr::All),
            Node::Any(parts) => one_or(parts.iter().map(|part| self.node(part, known)).collect(), Expr::Any),
            Node::Item(line) => {
                let field = line.field.as_deref().map(|field| self.field(field));
                let next = self.items.len() as u32;
                let number = *known.entry(item::key(line)).or_insert(next);
                if number == next {
                    self.items.push(Compiled::new(line, field));
                }
                Expr::Item(number)
            }
        }
    }

    fn field(&mut self, field: &str) -> u32 {
        let lower = field.to_ascii_lowercase();
        if let Some(known) = self.field_of.get(&lower) {
            return *known;
        }
        let number = self.fields.len() as u32;
        self.fields.push(self.names.intern(field));
        self.field_of.insert(lower, number);
        number
    }

    /// The lane of a class of events, made when the first of them comes.
    pub(super) fn lane(&self, class: &Class) -> Arc<Lane> {
        if let Ok(lanes) = self.lanes.read()
            && let Some(lane) = lanes.get(class)
        {
            return Arc::clone(lane);
        }
        let logsources: Vec<&LogSource> = self.classifier.logsources(class).collect();
        let entries = self.rules.iter().enumerate().filter(|(_, rule)| applies(&rule.logsource, &logsources));
        let lane = Arc::new(Lane::new(
            entries.map(|(at, rule)| (at as u32, rule.triggers.as_deref())),
            &|name| self.field_of.get(name).copied(),
            self.fields.iter().map(|name| self.classifier.paths(class, *name)),
        ));
        if let Ok(mut lanes) = self.lanes.write() {
            return Arc::clone(lanes.entry(class.clone()).or_insert(lane));
        }
        lane
    }

    /// What an event is, for those who look at one event in detail.
    pub(crate) fn view<'e>(&'e self, event: &'e Event) -> View<'e> {
        let mut layout = Layout::default();
        layout.fill(&self.names, &self.classifier, event);
        let mut class = Class::default();
        self.classifier.classify(event, &layout, &mut class);
        View { program: self, event, class }
    }

    /// Can rules of this logsource be asked of an event of this class?
    pub(crate) fn is_asked(&self, rule: usize, view: &View<'_>) -> bool {
        let logsources: Vec<&LogSource> = self.classifier.logsources(&view.class).collect();
        self.rules.get(rule).is_some_and(|rule| applies(&rule.logsource, &logsources))
    }
}

/// A rule is asked of an event when one of the event's logsources has all that the rule's names. Of an
/// event without a known logsource rules without a product are asked.
fn applies(rule: &LogSource, event: &[&LogSource]) -> bool {
    let part = |wanted: &Option<String>, given: &Option<String>| wanted.is_none() || wanted == given;
    if event.is_empty() {
        return rule.product.is_none();
    }
    event.iter().any(|given| {
        part(&rule.category, &given.category)
            && part(&rule.product, &given.product)
            && part(&rule.service, &given.service)
    })
}

fn one_or(mut parts: Vec<Expr>, many: impl FnOnce(Box<[Expr]>) -> Expr) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            many(parts.into_boxed_slice())
        }
    }
}

/// An event as rules see it: under the names of its mapping.
#[derive(Debug, Clone)]
pub(crate) struct View<'e> {
    program: &'e Program,
    event: &'e Event,
    class: Class,
}

impl<'e> View<'e> {
    /// The shape that the event has.
    pub(crate) fn shape(&self) -> Option<&'e str> {
        let shape = self.program.classifier.shapes.get(self.class.shape? as usize)?;
        Some(&shape.name)
    }

    pub(crate) fn logsources(&self) -> Vec<&LogSource> {
        self.program.classifier.logsources(&self.class).collect()
    }

    /// The event's time as it is written.
    pub(crate) fn time(&self) -> Option<&'e str> {
        let shape = self.program.classifier.shapes.get(self.class.shape? as usize)?;
        shape.time.iter().find_map(|path| {
            let cell = self.cells(path).into_iter().find(|cell| !self.event.text_of(cell).is_empty())?;
            Some(self.event.text_of(cell))
        })
    }

    fn cells(&self, field: &str) -> Vec<&'e Cell> {
        let names = &self.program.names;
        let direct = || names.cells(self.event, field).collect::<Vec<_>>();
        let Some(number) = names.get(field) else { return direct() };
        let paths = self.program.classifier.paths(&self.class, number);
        let found = paths.into_iter().filter_map(|path| names.text(path)).find_map(|path| {
            let cells: Vec<&Cell> = names.cells(self.event, path).collect();
            (!cells.is_empty()).then_some(cells)
        });
        found.unwrap_or_default()
    }
}

impl Record for View<'_> {
    fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool {
        let cells = self.cells(field);
        cells.iter().for_each(|cell| each(self.event.scalar(cell)));
        !cells.is_empty()
    }

    fn all_values<'r>(&'r self, each: &mut dyn FnMut(Scalar<'r>)) {
        self.event.all_values(each);
    }
}

/// Runs a program on one thread; keeps its memory from event to event.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    known: Known,
    round: u32,
    /// Round in which each line was last asked, and what it said, as `round << 1 | held`.
    asked: Vec<u32>,
    /// Round in which each rule was last called for.
    called: Vec<u32>,
    candidates: Vec<u32>,
    pub(crate) matches: Vec<u32>,
    /// Rules evaluated and lines asked, for those who want to know what a rule costs.
    pub(crate) costs: Option<Vec<Cost>>,
    /// Events without a known logsource.
    pub(crate) unknown: u64,
}

/// What a rule has cost so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Events that belong to its logsource.
    pub(crate) events: u64,
    /// Events of which it had to be evaluated.
    pub(crate) evaluated: u64,
    /// Lines asked for it; a line that another rule had asked of the same event costs nothing.
    pub(crate) lines: u64,
    pub(crate) hits: u64,
}

impl Machine {
    /// The rules that match an event, by number, in `self.matches`.
    pub(crate) fn run(&mut self, program: &Program, event: &Event) {
        let Machine { known, round, asked, called, candidates, matches, costs, unknown } = self;
        if called.len() != program.rules.len() || *round >= u32::MAX >> 1 {
            known.clear();
            asked.clear();
            asked.resize(program.items.len(), 0);
            called.clear();
            called.resize(program.rules.len(), 0);
            *round = 0;
        }
        *round += 1;
        let bound = known.bound(program, event);
        *unknown += u64::from(!bound.has_logsource);
        let lane = &*bound.lane;
        candidates.clear();
        lane.candidates(event, bound, &mut |rules: &[u32]| {
            for rule in rules {
                if let Some(seen) = called.get_mut(*rule as usize)
                    && *seen != *round
                {
                    *seen = *round;
                    candidates.push(*rule);
                }
            }
        });
        matches.clear();
        let mut run = Run { program, event, bound, round: *round, asked, lines: 0 };
        for rule in candidates.iter() {
            let Some(compiled) = program.rules.get(*rule as usize) else { continue };
            let before = run.lines;
            let hit = run.holds(&compiled.expr);
            if hit {
                matches.push(*rule);
            }
            if let Some(cost) = costs.as_mut().and_then(|costs| costs.get_mut(*rule as usize)) {
                cost.evaluated += 1;
                cost.lines += run.lines - before;
                cost.hits += u64::from(hit);
            }
        }
        if let Some(costs) = costs {
            for rule in &lane.rules {
                if let Some(cost) = costs.get_mut(*rule as usize) {
                    cost.events += 1;
                }
            }
        }
        matches.sort_unstable();
    }
}

struct Run<'r> {
    program: &'r Program,
    event: &'r Event,
    bound: &'r Bound,
    round: u32,
    asked: &'r mut [u32],
    lines: u64,
}

impl Run<'_> {
    fn holds(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::Item(line) => self.line(*line),
            Expr::Not(inner) => !self.holds(inner),
            Expr::All(parts) => parts.iter().all(|part| self.holds(part)),
            Expr::Any(parts) => parts.iter().any(|part| self.holds(part)),
        }
    }

    fn line(&mut self, line: u32) -> bool {
        let Some(known) = self.asked.get_mut(line as usize) else { return false };
        if *known >> 1 == self.round {
            return *known & 1 == 1;
        }
        let Some(item) = self.program.items.get(line as usize) else { return false };
        self.lines += 1;
        let record = Fields { program: self.program, event: self.event, bound: self.bound };
        let held = match item.field {
            Some(field) => item.holds(self.event, self.bound.cells(self.event, field), &record),
            None => item.holds(self.event, self.event.cells.iter(), &record),
        };
        *known = self.round << 1 | u32::from(held);
        held
    }
}

/// The event under the names of its lane, for lines that refer to another field.
struct Fields<'r> {
    program: &'r Program,
    event: &'r Event,
    bound: &'r Bound,
}

impl Record for Fields<'_> {
    fn values<'r>(&'r self, field: &str, each: &mut dyn FnMut(Scalar<'r>)) -> bool {
        let mut present = false;
        let mut visit = |cell: &'r Cell| {
            present = true;
            each(self.event.scalar(cell));
        };
        match self.program.field_of.get(&field.to_ascii_lowercase()) {
            Some(number) => self.bound.cells(self.event, *number).for_each(&mut visit),
            None => self.program.names.cells(self.event, field).for_each(&mut visit),
        }
        present
    }

    fn all_values<'r>(&'r self, each: &mut dyn FnMut(Scalar<'r>)) {
        self.event.all_values(each);
    }
}
