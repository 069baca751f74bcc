//! A set with some of its rules taken out, and some of another put in.

use crate::rules::correlation::Target;

use super::{Document, RuleInfo, RuleKind, RuleSet};

impl RuleSet {
    /// This set without the rules `out`, and with the rules `put` of `from`; mappings and limits stay. A rule
    /// that refers to one that is gone is left out with it, as in a set that was built so.
    pub(crate) fn exchanged(&self, out: &[u32], from: &RuleSet, put: &[u32]) -> RuleSet {
        let kept = self.0.documents.iter().zip(0u32..).filter(|(_, at)| !out.contains(at)).map(|(d, _)| d);
        let added = put.iter().filter_map(|at| from.document(*at));
        let documents: Vec<Document> = kept.chain(added).cloned().collect();
        let inner = &*self.0;
        RuleSet::new(
            documents,
            Vec::new(),
            inner.mapping.clone(),
            None,
            inner.limits.clone(),
            inner.placeholders.clone(),
        )
    }
}

impl<'s> RuleInfo<'s> {
    /// Its id, or else its title: what it is called where a rule is the cause of something.
    pub(crate) fn called(&self) -> &'s str {
        self.id().unwrap_or_else(|| self.title())
    }

    /// Does no correlation of its set look at it, so that it comes and goes with its own alerts alone?
    pub(crate) fn stands_alone(&self, set: &RuleSet) -> bool {
        let mut targets = set.plan().correlations.iter().flat_map(|planned| &planned.targets);
        self.kind() == RuleKind::Detection
            && !targets.any(|target| matches!(target, Target::Rule(rule) if *rule == self.index()))
    }
}
