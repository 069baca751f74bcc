//! How far suspicion reaches: the best product of weights along any path of a limited number of steps.
//!
//! Best first: whatever is taken from the queue is as high as anything that is still to come, because no
//! weight is above 1. So the first score of an entity is its best, and when the budget ends, the score at
//! the head of the queue bounds all that was not found. Of equal scores the one of fewer steps counts, then
//! the one whose last relation comes first in the scene, so that there is one path and not several.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: local ids are handed out by the scene they index")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::score::{FAINT, ONE, Score, passed};

const NONE: u32 = u32::MAX;

/// A step that may be taken, and what it passes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hop {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) weight: f64,
    /// The relation that it follows, along its direction or against it.
    pub(crate) arc: u32,
    pub(crate) forward: bool,
}

/// A way to an entity: no other is both stronger and shorter.
#[derive(Debug, Clone, Copy)]
struct Label {
    score: Score,
    /// The last step and the label that it leaves from; `NONE` at the start of a path.
    hop: u32,
    from: u32,
}

/// What waits in the queue, the strongest first; of equal ones the shortest, then the first in the scene.
type Waiting = (Score, Reverse<u32>, Reverse<u32>, Reverse<u32>, u32);

/// The scores found. Memory is reused from search to search.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    labels: Vec<Label>,
    /// The strongest label of each entity, and the fewest steps of any of them.
    best: Vec<u32>,
    fewest: Vec<u32>,
    /// Hops by where they leave from.
    starts: Vec<u32>,
    by_from: Vec<u32>,
    queue: BinaryHeap<Waiting>,
    start: Vec<Score>,
    /// Nothing that was not found is above this; 0 when the search came to its end.
    pub(crate) bound: Score,
}

impl Reach {
    /// Nothing is known but where it starts, as when there is no budget for a search.
    pub(crate) fn unknown(&mut self, start: impl Iterator<Item = Score>) {
        self.begin(start);
        self.bound = ONE;
    }

    fn begin(&mut self, start: impl Iterator<Item = Score>) {
        self.labels.clear();
        self.queue.clear();
        self.start.clear();
        self.start.extend(start);
        for list in [&mut self.best, &mut self.fewest] {
            list.clear();
            list.resize(self.start.len(), NONE);
        }
        self.bound = 0;
    }

    /// Searches along those `hops` that `takes` allows, up to `limit` steps, from `start`, an entity's own score.
    /// No entity gets more than its cap. A step that is looked at costs one of `work`.
    pub(crate) fn search(
        &mut self,
        start: impl Iterator<Item = Score>,
        caps: &[Score],
        hops: &[Hop],
        takes: impl Fn(&Hop) -> bool,
        limit: u32,
        work: &mut u64,
    ) {
        self.begin(start);
        let entities = self.start.len();
        self.starts.clear();
        self.starts.resize(entities + 1, 0);
        for hop in hops.iter().filter(|hop| takes(hop)) {
            self.starts[hop.from as usize + 1] += 1;
        }
        for i in 1..self.starts.len() {
            self.starts[i] += self.starts[i - 1];
        }
        self.by_from.clear();
        self.by_from.resize(self.starts[entities] as usize, 0);
        // Filled from behind: the hops of an entity keep their order.
        let mut next: Vec<u32> = self.starts[1..].to_vec();
        for (i, hop) in hops.iter().enumerate().rev().filter(|(_, hop)| takes(hop)) {
            let slot = &mut next[hop.from as usize];
            *slot -= 1;
            self.by_from[*slot as usize] = i as u32;
        }
        for entity in 0..entities as u32 {
            let (score, leads) = (self.start[entity as usize], !self.leaving(entity).is_empty());
            if score > 0 && leads {
                self.queue.push((score, Reverse(0), Reverse(NONE), Reverse(entity), NONE));
            }
        }
        while let Some((score, Reverse(steps), Reverse(hop), Reverse(entity), from)) = self.queue.pop() {
            if self.fewest[entity as usize] <= steps {
                continue;
            }
            let leaving = self.leaving(entity);
            let cost = if steps < limit { leaving.len() as u64 } else { 0 };
            let Some(left) = work.checked_sub(cost) else {
                self.bound = score;
                break;
            };
            *work = left;
            let label = self.labels.len() as u32;
            self.labels.push(Label { score, hop, from });
            self.fewest[entity as usize] = steps;
            if self.best[entity as usize] == NONE {
                self.best[entity as usize] = label;
            }
            if steps == limit {
                continue;
            }
            for at in leaving {
                let number = self.by_from[at];
                let hop = &hops[number as usize];
                let to = hop.to as usize;
                let reached = passed(score, hop.weight).min(caps[to]);
                if reached >= FAINT && reached > self.start[to] && steps + 1 < self.fewest[to] {
                    self.queue.push((reached, Reverse(steps + 1), Reverse(number), Reverse(hop.to), label));
                }
            }
        }
    }

    fn leaving(&self, entity: u32) -> std::ops::Range<usize> {
        self.starts[entity as usize] as usize..self.starts[entity as usize + 1] as usize
    }

    /// The best score of an entity, as far as it is known.
    pub(crate) fn of(&self, entity: u32) -> Score {
        let found = self.labels.get(self.best[entity as usize] as usize);
        found.map_or(self.start[entity as usize], |label| label.score)
    }

    /// What the score of an entity is at most.
    pub(crate) fn at_most(&self, entity: u32, cap: Score) -> Score {
        self.of(entity).max(self.bound.min(cap))
    }

    /// The hops of the best path to an entity, the first one first; none when the score is its own.
    pub(crate) fn path(&self, entity: u32) -> Vec<u32> {
        let mut path = Vec::new();
        let mut at = self.labels.get(self.best[entity as usize] as usize);
        while let Some(label) = at.filter(|label| label.hop != NONE) {
            path.push(label.hop);
            at = self.labels.get(label.from as usize);
        }
        path.reverse();
        path
    }
}
