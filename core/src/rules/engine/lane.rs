//! The rules for one class of events, with an index of what each of them needs to see.

use hashbrown::HashMap;

use crate::rules::event::{Cell, Event, Kind};

use super::bound::Bound;
use super::grams::{Anchor, Grams};
use super::item::{name, number_key};
use super::trigger::Trigger;

/// Rules that belong to a class of events.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// Rules that may match an event that shows nothing.
    pub(super) always: Vec<u32>,
    pub(super) fields: Vec<FieldIndex>,
    keywords: Literals,
    /// Name, a field that has a value under it, and after how many other names of the field; sorted.
    served: Vec<(u32, u32, u32)>,
    /// Rules in the lane.
    pub(crate) rules: Vec<u32>,
}

/// What rules need to see in one field.
#[derive(Debug, Default)]
pub(super) struct FieldIndex {
    pub(super) field: u32,
    /// Rules that need no more than that the field is there.
    pub(super) present: Vec<u32>,
    exact: Texts,
    number: Texts,
    name: Texts,
    literals: Literals,
}

/// Texts with the rules that each calls for.
#[derive(Debug, Default)]
struct Texts {
    /// A bit for each length that a text has; the last stands for all longer ones.
    lengths: u64,
    ranges: HashMap<Box<str>, (u32, u32)>,
    rules: Vec<u32>,
}

fn length_bit(text: &str) -> u64 {
    1 << text.len().min(63)
}

impl Texts {
    fn new(of: HashMap<String, Vec<u32>>) -> Texts {
        let mut texts = Texts::default();
        for (text, rules) in of {
            let start = texts.rules.len() as u32;
            texts.rules.extend(rules);
            texts.lengths |= length_bit(&text);
            texts.ranges.insert(text.into_boxed_str(), (start, texts.rules.len() as u32));
        }
        texts
    }

    fn get(&self, text: &str) -> &[u32] {
        if self.lengths & length_bit(text) == 0 {
            return &[];
        }
        match self.ranges.get(text) {
            Some((start, end)) => self.rules.get(*start as usize..*end as usize).unwrap_or_default(),
            None => &[],
        }
    }
}

/// Substrings with the rules that each calls for.
#[derive(Debug, Default)]
struct Literals {
    grams: Grams,
    ranges: Vec<(u32, u32)>,
    rules: Vec<u32>,
}

impl Literals {
    fn new(of: HashMap<(String, Anchor), Vec<u32>>) -> Literals {
        let mut texts: Vec<((String, Anchor), Vec<u32>)> = of.into_iter().collect();
        texts.sort_unstable();
        let literals = texts.iter().zip(0..).map(|(((text, anchor), _), number)| (text.as_str(), *anchor, number));
        let mut out = Literals { grams: Grams::new(literals), ..Literals::default() };
        for (_, rules) in texts {
            let start = out.rules.len() as u32;
            out.rules.extend(rules);
            out.ranges.push((start, out.rules.len() as u32));
        }
        out
    }

    fn scan(&self, text: &str, call: &mut impl FnMut(&[u32])) {
        self.grams.scan(text, &mut |number| {
            if let Some((start, end)) = self.ranges.get(number as usize) {
                call(self.rules.get(*start as usize..*end as usize).unwrap_or_default());
            }
        });
    }
}

/// What a rule of a lane is: its number, the triggers it needs (`None`: it is always asked).
pub(super) type Entry<'r> = (u32, Option<&'r [Trigger]>);

#[derive(Default)]
struct Draft {
    present: Vec<u32>,
    exact: HashMap<String, Vec<u32>>,
    number: HashMap<String, Vec<u32>>,
    name: HashMap<String, Vec<u32>>,
    literals: HashMap<(String, Anchor), Vec<u32>>,
}

impl Lane {
    /// `field` numbers a field by its lower-case name; `paths` are the names of each field in this class.
    pub(super) fn new<'r>(
        entries: impl Iterator<Item = Entry<'r>>,
        field: &dyn Fn(&str) -> Option<u32>,
        paths: impl Iterator<Item = Vec<u32>>,
    ) -> Lane {
        let mut lane = Lane::default();
        let mut drafts: HashMap<u32, Draft> = HashMap::new();
        let mut keywords: HashMap<(String, Anchor), Vec<u32>> = HashMap::new();
        for (rule, triggers) in entries {
            lane.rules.push(rule);
            let Some(triggers) = triggers else {
                lane.always.push(rule);
                continue;
            };
            for trigger in triggers {
                let name = match trigger {
                    Trigger::Keyword(text) => {
                        file(&mut keywords, (text.clone(), Anchor::Anywhere), rule);
                        continue;
                    }
                    Trigger::Present(name)
                    | Trigger::Exact(name, _)
                    | Trigger::Number(name, _)
                    | Trigger::Name(name, _)
                    | Trigger::Literal(name, ..) => name,
                };
                let Some(field) = field(name) else { continue };
                let draft = drafts.entry(field).or_default();
                match trigger {
                    Trigger::Exact(_, text) => file(&mut draft.exact, text.clone(), rule),
                    Trigger::Number(_, text) => file(&mut draft.number, text.clone(), rule),
                    Trigger::Name(_, text) => file(&mut draft.name, text.clone(), rule),
                    Trigger::Literal(_, text, anchor) => file(&mut draft.literals, (text.clone(), *anchor), rule),
                    Trigger::Present(_) | Trigger::Keyword(_) => draft.present.push(rule),
                }
            }
        }
        let mut drafts: Vec<(u32, Draft)> = drafts.into_iter().collect();
        drafts.sort_unstable_by_key(|(field, _)| *field);
        lane.fields.extend(drafts.into_iter().map(|(field, draft)| FieldIndex {
            field,
            present: draft.present,
            exact: Texts::new(draft.exact),
            number: Texts::new(draft.number),
            name: Texts::new(draft.name),
            literals: Literals::new(draft.literals),
        }));
        lane.keywords = Literals::new(keywords);
        for (field, paths) in (0..).zip(paths) {
            lane.served.extend(paths.into_iter().zip(0..).map(|(name, rank)| (name, field, rank)));
        }
        lane.served.sort_unstable();
        lane
    }

    /// What has a value under a name: the name again, the field, and after how many other names of the field.
    pub(super) fn served(&self, name: u32) -> &[(u32, u32, u32)] {
        let start = self.served.partition_point(|(known, ..)| *known < name);
        let rest = self.served.get(start..).unwrap_or_default();
        let len = rest.iter().take_while(|(known, ..)| *known == name).count();
        rest.get(..len).unwrap_or_default()
    }

    /// Calls `call` with rules that may match, some of them more than once.
    pub(super) fn candidates(&self, event: &Event, bound: &Bound, call: &mut impl FnMut(&[u32])) {
        call(&bound.asked);
        for (index, span) in &bound.looks {
            let Some(index) = self.fields.get(*index as usize) else { continue };
            for cell in bound.span(event, *span) {
                if cell.kind != Kind::Null {
                    index.look(event, cell, call);
                }
            }
        }
        if !self.keywords.grams.is_empty() {
            self.keywords.scan(event.all_folded(), call);
        }
    }
}

fn file<K: std::hash::Hash + Eq>(of: &mut HashMap<K, Vec<u32>>, key: K, rule: u32) {
    let rules = of.entry(key).or_default();
    if rules.last() != Some(&rule) {
        rules.push(rule);
    }
}

impl FieldIndex {
    /// Does it look at values?
    pub(super) fn has_values(&self) -> bool {
        !(self.exact.ranges.is_empty()
            && self.number.ranges.is_empty()
            && self.name.ranges.is_empty()
            && self.literals.grams.is_empty())
    }

    fn look(&self, event: &Event, cell: &Cell, call: &mut impl FnMut(&[u32])) {
        let text = event.folded_of(cell);
        call(self.exact.get(text));
        if !self.number.ranges.is_empty() {
            if is_plain_number(text) {
                call(self.number.get(text));
            } else if let Some(key) = number_key(event.scalar(cell)) {
                call(self.number.get(&key));
            }
        }
        if !self.name.ranges.is_empty()
            && let Some(name) = name(text)
        {
            call(self.name.get(name));
        }
        self.literals.scan(text, call);
    }
}

/// Is the text spelled as `number_key` spells numbers?
fn is_plain_number(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1'..=b'9', rest @ ..] if rest.len() < 15 && rest.iter().all(u8::is_ascii_digit))
}
