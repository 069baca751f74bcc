//! What a proof of a verdict has to say, given what the facts amount to.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: local ids are handed out by the scene they index")]

use std::cmp::Reverse;

use crate::judge::opinions::{Authority, Opinion, Why};
use crate::judge::proof::{Basis, Explanation, PathStart, PathStep, RuleName, SCHEMA, Spared, StatedOpinion};
use crate::judge::render;
use crate::judge::score::{passed, percent, share};
use crate::model::{FactId, Verdict};
use crate::resolve::extract::{Extract, flag};

use super::judged::{Case, Outcome};
use super::said::Opinions;

/// Why an opinion does not count, and the fact or rule that says so.
type Over = Option<(&'static str, Option<String>)>;

impl Case<'_> {
    /// The proof of the verdict of an entity, by its place in the scene.
    pub(super) fn proof(&self, entity: usize, basis: Basis) -> Explanation {
        let outcome = self.outcome(entity);
        let (opinions, overruled) = self.sides(entity, &outcome);
        let rules = &self.rules;
        let mut why = Explanation {
            schema: SCHEMA.to_owned(),
            entity: self.id(entity),
            tenant_id: self.tenant(entity).to_owned(),
            kind: self.scene.kinds[entity].0,
            name: self.name(entity),
            identifiers: self.world.identifiers(self.scene.entities[entity]),
            score: share(outcome.score),
            authority: outcome.authority,
            because: String::new(),
            impacted: self.impacted(entity),
            opinions,
            start: outcome.path.first().map(|step| self.start(step.from)),
            path: self.steps_of(&outcome),
            spared: outcome.spared_by.and_then(|by| {
                let (entity, name, at_most) = (self.id(by), self.name(by), share(self.opinions[by].cap));
                Some(Spared { entity, name, rule: self.rule_name(self.exculpating(by)?.rule)?, at_most })
            }),
            overruled,
            examined: rules.examiners(entity as u32).map(RuleName::from).collect(),
            missing: (outcome.verdict == Verdict::Unknown).then(|| render::missing(!rules.words.is_empty())),
            limits: rules
                .reached
                .iter()
                .filter(|(e, _)| *e as usize == entity)
                .map(|(_, limit)| render::reached(limit))
                .collect(),
            undecided: None,
            verdict: outcome.verdict,
            basis,
        };
        why.because = render::because(&why);
        why
    }

    /// The opinions that made the verdict, and those that did not.
    fn sides(&self, entity: usize, outcome: &Outcome) -> (Vec<StatedOpinion>, Vec<StatedOpinion>) {
        let own = &self.opinions[entity];
        let bad = outcome.verdict > Verdict::Clean;
        let spared = outcome.spared_by == Some(entity);
        let by = own.standing.map(|o| self.leaf_of(&o).to_string());
        let Opinions { decisions, indicators, against, clean, exculpating, .. } = own;
        let judged = |o: &Opinion| -> Over {
            let outweighed = |why| bad.then_some((why, None));
            match own.standing {
                Some(standing) if standing.authority == Authority::Analyst => match o.why {
                    why if why == standing.why => None,
                    Why::Analyst(_) => Some(("a later decision stands", by.clone())),
                    _ => Some(("an analyst decided", by.clone())),
                },
                Some(standing) => match o.authority {
                    Authority::Indicator if (o.verdict, o.confidence) == (standing.verdict, standing.confidence) => {
                        None
                    }
                    Authority::Indicator if standing.speaks_against() && !o.speaks_against() => {
                        Some(("a block beats an allow", by.clone()))
                    }
                    Authority::Indicator => Some(("a surer entry of a list stands", by.clone())),
                    _ if own.listed() && o.speaks_against() && own.evidence > percent(standing.confidence) => None,
                    _ => Some(("an indicator decides", by.clone())),
                },
                None if o.authority == Authority::Indicator => Some(("the list calls it neither good nor bad", None)),
                None if o.speaks_against() => {
                    let rule = self.exculpating(entity).filter(|_| spared && !bad && !exculpating.is_empty());
                    let rule = rule.and_then(|rule| self.rule_name(rule.rule));
                    rule.map(|rule| ("an exculpating rule fits", Some(rule.hash)))
                }
                None if o.why == Why::FalsePositive => outweighed("other alerts hold it too"),
                None if spared && exculpating.iter().any(|x| x.why == o.why) => None,
                None => outweighed("other opinions weigh more"),
            }
        };
        let all = [decisions, indicators, against, clean, exculpating].into_iter().flatten();
        let mut all: Vec<(Over, &Opinion)> = all.map(|o| (judged(o), o)).collect();
        all.sort_by_key(|(_, o)| (Reverse(o.verdict), Reverse(o.confidence), o.why.rank()));
        let (mut counted, mut overruled) = (Vec::new(), Vec::new());
        for (over, opinion) in all {
            if over.is_some() { &mut overruled } else { &mut counted }.push(self.stated(opinion, over));
        }
        (counted, overruled)
    }

    /// Where suspicion starts, with the opinions that make its score.
    fn start(&self, entity: usize) -> PathStart {
        let own = &self.opinions[entity];
        let mut opinions: Vec<Opinion> = own.standing.into_iter().collect();
        if own.standing.is_none_or(|o| own.listed() && own.evidence > percent(o.confidence)) {
            opinions.extend(&own.against);
        }
        if own.standing.is_none() && own.cap < own.evidence {
            opinions.extend(&own.exculpating);
        }
        opinions.sort_by_key(|o| (Reverse(o.verdict), Reverse(o.confidence), o.why.rank()));
        PathStart {
            entity: self.id(entity),
            identifiers: self.world.identifiers(self.scene.entities[entity]),
            score: share(own.direct),
            authority: own.standing.map_or(Authority::Direct, |o| o.authority),
            opinions: opinions.iter().map(|o| self.stated(o, None)).collect(),
        }
    }

    fn steps_of(&self, outcome: &Outcome) -> Vec<PathStep> {
        let mut score = outcome.path.first().map_or(0, |step| self.opinions[step.from].direct);
        let steps = outcome.path.iter().map(|step| {
            let arc = &self.scene.arcs[step.arc];
            let full = passed(score, step.weight);
            score = full.min(self.opinions[step.to].cap);
            let capped = self.exculpating(step.to).filter(|_| score < full);
            PathStep {
                from: self.id(step.from),
                from_name: self.name(step.from),
                relation: arc.relation,
                forward: step.forward,
                to: self.id(step.to),
                weight: step.weight,
                score: share(score),
                capped: capped.and_then(|rule| self.rule_name(rule.rule)),
                alert: self.world.alerts[self.scene.alerts[arc.alert as usize] as usize].id.clone(),
                fact: self.world.fact(arc.source),
                at: self.place(arc.source, arc.occurrence),
            }
        });
        steps.collect()
    }

    fn stated(&self, opinion: &Opinion, over: Over) -> StatedOpinion {
        let (overruled_by, overruling) = over.map_or((None, None), |(why, by)| (Some(why.to_owned()), by));
        let alert = self.world.alerts.get(opinion.alert as usize);
        let mut out = StatedOpinion {
            verdict: Verdict::from_index(opinion.verdict).unwrap_or_default(),
            confidence: opinion.confidence,
            authority: opinion.authority,
            source: String::new(),
            because: String::new(),
            alert: alert.map(|alert| alert.id.clone()),
            fact: Some(self.leaf_of(opinion)),
            at: None,
            rule: None,
            looked_at: Vec::new(),
            overruled_by,
            overruling,
        };
        match opinion.why {
            Why::Indicator(i) => {
                let (_, indicator) = &self.world.indicators[i as usize];
                out.source = indicator.source.clone().unwrap_or_else(|| render::UNNAMED_LIST.to_owned());
                out.because = render::of_indicator(&out.source);
            }
            Why::Analyst(i) => {
                let (_, decision) = &self.world.decisions[i as usize];
                out.source.clone_from(&decision.by);
                out.because = render::of_decision(&decision.by, decision.reason.as_deref());
            }
            Why::Rule(_) => {
                let Some(rule) = self.rule_of(opinion) else { return out };
                out.rule = self.rule_name(rule.rule);
                out.source = out.rule.as_ref().map(|name| name.hash.clone()).unwrap_or_default();
                out.because = out.rule.as_ref().map(|name| render::of_rule(name, &rule.matched)).unwrap_or_default();
                let looked = rule.looked.iter().map(|local| self.scene.alerts[*local as usize]);
                out.looked_at = looked.map(|alert| self.head(alert)).collect();
            }
            why => {
                let title = alert.map_or("", |alert| {
                    let head = &self.world.store.alerts[alert.rows[0] as usize];
                    self.world.store.text(head.title)
                });
                out.because = render::of_alert(why, title);
                out.source = self.world.store.text(opinion.source).to_owned();
                out.at = Some(self.place(self.row_of(opinion), opinion.row));
            }
        }
        out
    }

    /// The fact at the leaf of an opinion.
    fn leaf_of(&self, opinion: &Opinion) -> FactId {
        match opinion.why {
            Why::Indicator(i) => self.world.indicators[i as usize].0,
            Why::Analyst(i) => self.world.decisions[i as usize].0,
            Why::Rule(_) => self.head(opinion.alert),
            _ => self.world.fact(self.row_of(opinion)),
        }
    }

    fn head(&self, alert: u32) -> FactId {
        self.world.fact(self.world.alerts[alert as usize].rows[0])
    }

    /// The row of its alert that an opinion is read of.
    fn row_of(&self, opinion: &Opinion) -> u32 {
        let rows = &self.world.alerts[opinion.alert as usize].rows;
        rows.iter().copied().find(|row| self.world.occurrences(*row).contains(&opinion.row)).unwrap_or(rows[0])
    }

    /// Where an occurrence stands in its record.
    fn place(&self, row: u32, occurrence: u32) -> String {
        let extract = Extract::read_names(self.world.json(row), &self.policy.limits);
        let at = (occurrence - self.world.occurrences(row).start) as usize;
        let nested = self.world.store.occurrences[occurrence as usize].flags & flag::NESTED != 0;
        render::place(extract.item_of.get(at).copied().unwrap_or(0), nested)
    }

    fn rule_name(&self, rule: u32) -> Option<RuleName> {
        self.rules.words(rule).map(RuleName::from)
    }

    pub(super) fn id(&self, entity: usize) -> String {
        self.world.entities.public_id(&self.world.store, self.scene.entities[entity])
    }

    pub(super) fn tenant(&self, entity: usize) -> &str {
        let tenant = self.world.entities.tenant[self.scene.entities[entity] as usize];
        self.world.store.text(tenant)
    }

    /// The spelling of the newest alert that has one, in an item of its own before a mention.
    fn name(&self, entity: usize) -> String {
        let mut mention = None;
        for row in self.scene.rows.iter().rev().filter(|row| row.entity as usize == entity) {
            let extract = Extract::read_names(self.world.json(row.source), &self.policy.limits);
            let at = row.occurrence - self.world.occurrences(row.source).start;
            let span = extract.names.iter().rev().find(|(of, _)| *of == at).map(|(_, span)| *span);
            if let Some(name) = span.map(|span| extract.str(span).to_owned()) {
                if row.flags & flag::NESTED == 0 {
                    return name;
                }
                mention.get_or_insert(name);
            }
        }
        let id = self.world.entities.name[self.scene.entities[entity] as usize];
        mention.unwrap_or_else(|| self.world.store.ids.str(id).to_owned())
    }
}
