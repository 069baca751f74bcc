//! The rules for one class of events, with an index of what each of them needs to see.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use hashbrown::HashMap;

use crate::rules::event::{Cell, Event, Kind};

use super::item::number_key;
use super::scratch::Found;
use super::trigger::Trigger;

/// Up to this many bytes of literals the automaton is a table, above it a compact one.
const TABLE: usize = 1 << 20;

/// Rules that belong to a class of events.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// Rules that may match an event that shows nothing.
    always: Vec<u32>,
    fields: Vec<FieldIndex>,
    keywords: Option<Literals>,
    /// Paths of each field (by its number) in events of this class; fields that no rule here names have none.
    paths: Vec<(u32, u32)>,
    path_list: Vec<u32>,
    /// Rules in the lane.
    pub(crate) rules: Vec<u32>,
}

#[derive(Debug, Default)]
struct FieldIndex {
    field: u32,
    present: Vec<u32>,
    exact: Texts,
    number: Texts,
    name: Texts,
    literals: Option<Literals>,
}

/// Texts with the rules that each calls for.
#[derive(Debug, Default)]
struct Texts {
    ranges: HashMap<Box<str>, (u32, u32)>,
    rules: Vec<u32>,
}

impl Texts {
    fn new(of: HashMap<String, Vec<u32>>) -> Texts {
        let mut texts = Texts::default();
        for (text, rules) in of {
            let start = texts.rules.len() as u32;
            texts.rules.extend(rules);
            texts.ranges.insert(text.into_boxed_str(), (start, texts.rules.len() as u32));
        }
        texts
    }

    fn get(&self, text: &str) -> &[u32] {
        match self.ranges.get(text) {
            Some((start, end)) => self.rules.get(*start as usize..*end as usize).unwrap_or_default(),
            None => &[],
        }
    }
}

/// Substrings, all looked for in one pass.
#[derive(Debug)]
struct Literals {
    automaton: AhoCorasick,
    ranges: Vec<(u32, u32)>,
    rules: Vec<u32>,
}

impl Literals {
    /// `None` with the rules back when the automaton does not fit into memory.
    fn new(of: HashMap<String, Vec<u32>>) -> Result<Option<Literals>, Vec<u32>> {
        if of.is_empty() {
            return Ok(None);
        }
        let mut texts: Vec<(String, Vec<u32>)> = of.into_iter().collect();
        texts.sort_unstable();
        let bytes: usize = texts.iter().map(|(text, _)| text.len()).sum();
        let kind = if bytes <= TABLE { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .prefilter(false)
            .build(texts.iter().map(|(text, _)| text));
        let Ok(automaton) = automaton else { return Err(texts.into_iter().flat_map(|(_, rules)| rules).collect()) };
        let (mut ranges, mut rules) = (Vec::with_capacity(texts.len()), Vec::new());
        for (_, of) in texts {
            let start = rules.len() as u32;
            rules.extend(of);
            ranges.push((start, rules.len() as u32));
        }
        Ok(Some(Literals { automaton, ranges, rules }))
    }

    fn scan(&self, text: &str, call: &mut impl FnMut(&[u32])) {
        for found in self.automaton.find_overlapping_iter(text) {
            if let Some((start, end)) = self.ranges.get(found.pattern().as_usize()) {
                call(self.rules.get(*start as usize..*end as usize).unwrap_or_default());
            }
        }
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
    literals: HashMap<String, Vec<u32>>,
}

impl Lane {
    /// `field` numbers a field by its lower-case name, `paths` says where each stands in this class.
    pub(super) fn new<'r>(
        entries: impl Iterator<Item = Entry<'r>>,
        fields: usize,
        field: &dyn Fn(&str) -> Option<u32>,
        paths: &dyn Fn(u32) -> Vec<u32>,
    ) -> Lane {
        let mut lane = Lane::default();
        let mut drafts: HashMap<u32, Draft> = HashMap::new();
        let mut keywords: HashMap<String, Vec<u32>> = HashMap::new();
        for (rule, triggers) in entries {
            lane.rules.push(rule);
            let Some(triggers) = triggers else {
                lane.always.push(rule);
                continue;
            };
            for trigger in triggers {
                let (name, text) = match trigger {
                    Trigger::Keyword(text) => {
                        file(&mut keywords, text, rule);
                        continue;
                    }
                    Trigger::Present(name) => (name, ""),
                    Trigger::Exact(name, text)
                    | Trigger::Number(name, text)
                    | Trigger::Name(name, text)
                    | Trigger::Literal(name, text) => (name, text.as_str()),
                };
                let Some(field) = field(name) else { continue };
                let draft = drafts.entry(field).or_default();
                match trigger {
                    Trigger::Exact(..) => file(&mut draft.exact, text, rule),
                    Trigger::Number(..) => file(&mut draft.number, text, rule),
                    Trigger::Name(..) => file(&mut draft.name, text, rule),
                    Trigger::Literal(..) => file(&mut draft.literals, text, rule),
                    Trigger::Present(_) | Trigger::Keyword(_) => draft.present.push(rule),
                }
            }
        }
        let mut drafts: Vec<(u32, Draft)> = drafts.into_iter().collect();
        drafts.sort_unstable_by_key(|(field, _)| *field);
        for (field, draft) in drafts {
            let mut index = FieldIndex {
                field,
                present: draft.present,
                exact: Texts::new(draft.exact),
                number: Texts::new(draft.number),
                name: Texts::new(draft.name),
                literals: None,
            };
            match Literals::new(draft.literals) {
                Ok(literals) => index.literals = literals,
                Err(rules) => index.present.extend(rules),
            }
            index.present.sort_unstable();
            index.present.dedup();
            lane.fields.push(index);
        }
        match Literals::new(keywords) {
            Ok(literals) => lane.keywords = literals,
            Err(rules) => lane.always.extend(rules),
        }
        for field in 0..fields as u32 {
            let start = lane.path_list.len() as u32;
            lane.path_list.extend(paths(field));
            lane.paths.push((start, lane.path_list.len() as u32));
        }
        lane
    }

    /// The paths under which a field stands.
    pub(super) fn paths(&self, field: u32) -> &[u32] {
        let (start, end) = self.paths.get(field as usize).copied().unwrap_or((0, 0));
        self.path_list.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Calls `call` with rules that may match, some of them more than once.
    pub(super) fn candidates(&self, event: &Event, found: &Found, call: &mut impl FnMut(&[u32])) {
        call(&self.always);
        for index in &self.fields {
            let cells = found.cells(event, self.paths(index.field));
            let mut any = false;
            for cell in cells {
                any = true;
                if cell.kind != Kind::Null {
                    index.look(event, cell, call);
                }
            }
            if any && !index.present.is_empty() {
                call(&index.present);
            }
        }
        if let Some(keywords) = &self.keywords {
            keywords.scan(event.all_folded(), call);
        }
    }
}

fn file(of: &mut HashMap<String, Vec<u32>>, text: &str, rule: u32) {
    let rules = of.entry_ref(text).or_default();
    if rules.last() != Some(&rule) {
        rules.push(rule);
    }
}

impl FieldIndex {
    fn look(&self, event: &Event, cell: &Cell, call: &mut impl FnMut(&[u32])) {
        let text = event.folded_of(cell);
        if !self.exact.ranges.is_empty() {
            call(self.exact.get(text));
        }
        if !self.number.ranges.is_empty() {
            if is_plain_number(text) {
                call(self.number.get(text));
            } else if let Some(key) = number_key(event.scalar(cell)) {
                call(self.number.get(&key));
            }
        }
        if !self.name.ranges.is_empty()
            && let Some(last) = memchr::memrchr(b'\\', text.as_bytes())
        {
            call(self.name.get(text.get(last..).unwrap_or_default()));
        }
        if let Some(literals) = &self.literals {
            literals.scan(text, call);
        }
    }
}

/// Is the text spelled as `number_key` spells numbers?
fn is_plain_number(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1'..=b'9', rest @ ..] if rest.len() < 15 && rest.iter().all(u8::is_ascii_digit))
}
