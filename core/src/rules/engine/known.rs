//! Layouts met so far with the lanes bound to them: an event in, its lane on its layout out.
//!
//! Logs repeat a few hundred layouts, so what depends on the keys alone is done once for each: naming the
//! fields, telling the shape, finding the lane's fields. A layout is kept from the second time on, so that a log in
//! which each event has its own costs no more than looking.

use std::sync::Arc;

use hashbrown::{HashMap, HashTable};

use crate::rules::event::Event;

use super::bound::Bound;
use super::classify::Class;
use super::lane::Lane;
use super::layout::Layout;
use super::program::Program;

/// So much memory is used before all is forgotten, in bytes, whatever the log is like.
const MOST: usize = if cfg!(test) { 1 << 18 } else { 1 << 26 };
/// Slots that remember layouts seen once; a power of two.
const ONCE: usize = 4_096;

/// What one thread knows of the events so far.
#[derive(Debug, Default)]
pub(super) struct Known {
    layouts: Vec<Entry>,
    by_hash: HashTable<u32>,
    /// What the layouts hold, in bytes.
    held: usize,
    once: Vec<u64>,
    /// Of an event whose layout is not kept.
    passing: Layout,
    passing_bound: Bound,
    lanes: Lanes,
    key: Vec<u8>,
}

/// A layout that is kept, with its lanes.
#[derive(Debug, Default)]
struct Entry {
    hash: u64,
    layout: Layout,
    /// Places in `classes` by deciding values.
    keys: HashMap<Box<[u8]>, u32>,
    classes: Vec<(Class, Bound)>,
}

/// Lanes by class, so that the program is asked once.
#[derive(Debug, Default)]
struct Lanes {
    by_class: HashMap<Class, Arc<Lane>>,
    class: Class,
}

impl Lanes {
    /// The lane of an event; its class is then in `class`.
    fn lane(&mut self, program: &Program, event: &Event, layout: &Layout) -> Arc<Lane> {
        program.classifier.classify(event, layout, &mut self.class);
        if let Some(lane) = self.by_class.get(&self.class) {
            return Arc::clone(lane);
        }
        let lane = program.lane(&self.class);
        self.by_class.insert(self.class.clone(), Arc::clone(&lane));
        lane
    }
}

impl Known {
    /// The lane of an event on its layout.
    pub(super) fn bound(&mut self, program: &Program, event: &Event) -> &Bound {
        let Known { layouts, by_hash, held, once, passing, passing_bound, lanes, key } = self;
        if *held > MOST {
            layouts.clear();
            by_hash.clear();
            *held = 0;
        }
        let hash = event.layout();
        let same = |at: &u32| layouts.get(*at as usize).is_some_and(|e| e.hash == hash && e.layout.fits(event));
        let kept = by_hash.find(hash, same).copied().or_else(|| {
            passing.fill(&program.names, &program.classifier, event);
            once.resize(ONCE, 0);
            let slot = once.get_mut(hash as usize & (ONCE - 1))?;
            if std::mem::replace(slot, hash | 1) != hash | 1 {
                return None;
            }
            *held += size_of::<Entry>() + passing.bytes();
            let at = layouts.len() as u32;
            layouts.push(Entry { hash, layout: std::mem::take(passing), ..Entry::default() });
            by_hash.insert_unique(hash, at, |at| layouts.get(*at as usize).map_or(0, |e| e.hash));
            Some(at)
        });
        if let Some(entry) = kept.and_then(|at| layouts.get_mut(at as usize)) {
            return entry.bound(program, event, lanes, key, held);
        }
        let lane = lanes.lane(program, event, passing);
        passing_bound.fill(lane, passing, program.fields.len(), !lanes.class.sources.is_empty());
        passing_bound
    }

    /// Forgets everything, for another program.
    pub(super) fn clear(&mut self) {
        *self = Known::default();
    }
}

impl Entry {
    /// `key` is memory; what is kept in addition is counted in `held`.
    fn bound(
        &mut self,
        program: &Program,
        event: &Event,
        lanes: &mut Lanes,
        key: &mut Vec<u8>,
        held: &mut usize,
    ) -> &Bound {
        let Entry { layout, keys, classes, .. } = self;
        let short = layout.key(event, key);
        let at = match short.then(|| keys.get(key.as_slice())).flatten() {
            Some(at) => *at,
            None => {
                let lane = lanes.lane(program, event, layout);
                let known = classes.iter().position(|(class, _)| *class == lanes.class);
                let at = known.unwrap_or_else(|| {
                    let mut bound = Bound::default();
                    bound.fill(lane, layout, program.fields.len(), !lanes.class.sources.is_empty());
                    *held += size_of::<(Class, Bound)>() + bound.bytes();
                    classes.push((lanes.class.clone(), bound));
                    classes.len() - 1
                });
                if short {
                    *held += size_of::<(Box<[u8]>, u32)>() + key.len();
                    keys.insert(key.as_slice().into(), at as u32);
                }
                at as u32
            }
        };
        classes.get(at as usize).map_or(&NOTHING, |(_, bound)| bound)
    }
}

static NOTHING: std::sync::LazyLock<Bound> = std::sync::LazyLock::new(Bound::default);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say with a panic what failed")]
mod tests {
    use crate::rules::{Event, RuleSet};

    const RULES: &str = r"
title: Tool
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\tool.exe'}
  condition: selection
---
title: Listed
detection:
  selection: {list: b, ab: '1'}
  condition: selection
logsource: {category: anything}
---
title: Nested
detection:
  selection: {a.b|contains: needle}
  condition: selection
logsource: {service: whatever}
---
title: Key
logsource: {category: registry_set, product: windows}
detection:
  selection: {TargetObject|contains: '\run'}
  condition: selection
";

    fn rules() -> RuleSet {
        RuleSet::builder().add_text("test", RULES).strict().build().unwrap()
    }

    #[test]
    fn what_came_before_changes_nothing() {
        const SYSMON: &str = r#""Channel": "Microsoft-Windows-Sysmon/Operational""#;
        let mut texts = vec![
            // The same keys one after the other, cut differently.
            r#"{"ab": "1", "list": "b"}"#.to_owned(),
            r#"{"a": "1", "blist": "b"}"#.to_owned(),
            r#"{"list": ["a", "b"], "ab": 1}"#.to_owned(),
            r#"{"list": ["b"], "ab": [1, 2]}"#.to_owned(),
            r#"{"list": [], "ab": "1"}"#.to_owned(),
            r#"{"a": {"b": "a needle"}}"#.to_owned(),
            r#"{"a.b": "a needle"}"#.to_owned(),
            r#"{"a": "x", "b": "a needle"}"#.to_owned(),
        ];
        // One layout, several classes.
        for id in ["1", "13", "3", "\"1\"", "null"] {
            texts.push(format!(
                r#"{{{SYSMON}, "EventID": {id}, "Image": "C:\\tool.exe", "TargetObject": "HKLM\\Run"}}"#
            ));
            texts.push(format!(
                r#"{{"EventID": {id}, {SYSMON}, "Image": "C:\\tool.exe", "TargetObject": "HKLM\\Run"}}"#
            ));
        }
        let rules = rules();
        let mut matcher = rules.matcher();
        let mut hits = 0;
        for round in 0..4 {
            for step in 0..texts.len() {
                let text = &texts[(step * (2 * round + 1)) % texts.len()];
                let event = Event::parse(text.as_bytes()).unwrap();
                assert_eq!(matcher.matches(&event), rules.matches(&event), "{text}");
                hits += matcher.matches(&event).len();
            }
        }
        assert!(hits > 40, "{hits}");
    }

    #[test]
    fn more_than_is_kept_is_no_matter() {
        let rules = rules();
        let mut matcher = rules.matcher();
        let nested = [rules.find("Nested").unwrap().index()];
        for round in 0..3 {
            for n in 0..2_000 {
                let event = Event::parse(format!(r#"{{"x{n}": 1, "a": {{"b": "needle {n}"}}}}"#).as_bytes()).unwrap();
                // Twice, so that it is kept.
                assert_eq!(matcher.matches(&event), nested, "{round}");
                assert_eq!(matcher.matches(&event), nested, "{round}");
            }
        }
        for n in 0..5_000 {
            let channel = "c".repeat(n % 600);
            let text = format!(r#"{{"Channel": "{channel}{n}", "EventID": 1, "Provider_Name": "", "a.b": "needle"}}"#);
            let event = Event::parse(text.as_bytes()).unwrap();
            assert_eq!(matcher.matches(&event), rules.matches(&event), "{n}");
        }
    }
}
