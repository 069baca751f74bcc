//! Which rules of a set are wanted.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::policy::object_from_json;

use super::ast::{Body, Document, Filter, Level, Status};
use super::verdict;

/// Chooses rules: every given part must fit. A part that is absent fits all. What chosen correlations refer to
/// comes along, and so do the filters of chosen rules.
///
/// ```
/// use casegraph::rules::{Level, RuleSet, Select};
///
/// let rules = RuleSet::builtin()?;
/// let loud = rules.select(&Select::new().with_min_level(Level::High).with_tag("attack.credential-access"));
/// assert!(!loud.is_empty() && loud.len() < rules.len());
/// # Ok::<(), casegraph::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Select {
    /// Of this level or worse; a rule without a level counts as informational.
    pub min_level: Option<Level>,
    /// This ripe or riper; a rule without a status counts as experimental.
    pub min_status: Option<Status>,
    /// With one of these tags; `attack.t1059` takes its sub-techniques along.
    pub tags: Vec<String>,
    /// With one of these ids or names.
    pub ids: Vec<String>,
    /// For one of these products.
    pub products: Vec<String>,
    /// For one of these categories.
    pub categories: Vec<String>,
    /// For one of these services.
    pub services: Vec<String>,
    /// Without any of these tags.
    pub without_tags: Vec<String>,
}

impl Select {
    /// All rules.
    #[must_use]
    pub fn new() -> Select {
        Select::default()
    }

    /// Reads a choice from JSON, e.g. `{"minLevel":"high","tags":["attack.t1059"]}`; members that are absent
    /// fit all rules.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`](crate::ErrorCode::InvalidArgument), with line and column, when it is none.
    pub fn from_json(text: &str) -> Result<Select> {
        object_from_json("a selection of rules", text)
    }

    /// Of this level or worse.
    #[must_use]
    pub fn with_min_level(mut self, level: Level) -> Select {
        self.min_level = Some(level);
        self
    }

    /// This ripe or riper.
    #[must_use]
    pub fn with_min_status(mut self, status: Status) -> Select {
        self.min_status = Some(status);
        self
    }

    /// With this tag, or another one that was named.
    #[must_use]
    pub fn with_tag(mut self, tag: impl Into<String>) -> Select {
        self.tags.push(tag.into());
        self
    }

    /// Without this tag.
    #[must_use]
    pub fn without_tag(mut self, tag: impl Into<String>) -> Select {
        self.without_tags.push(tag.into());
        self
    }

    /// With this id or name, or another one that was given.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Select {
        self.ids.push(id.into());
        self
    }

    /// For this product, or another one that was named.
    #[must_use]
    pub fn with_product(mut self, product: impl Into<String>) -> Select {
        self.products.push(product.into());
        self
    }

    /// For this category, or another one that was named.
    #[must_use]
    pub fn with_category(mut self, category: impl Into<String>) -> Select {
        self.categories.push(category.into());
        self
    }

    /// For this service, or another one that was named.
    #[must_use]
    pub fn with_service(mut self, service: impl Into<String>) -> Select {
        self.services.push(service.into());
        self
    }

    fn takes(&self, document: &Document) -> bool {
        let meta = &document.meta;
        let tagged = |wanted: &String| meta.tags.iter().any(|tag| is_tag(tag, wanted));
        let named = |name: &Option<String>| name.as_ref().is_some_and(|name| self.ids.contains(name));
        let source = match &document.body {
            Body::Rule(rule) => Some(&rule.logsource),
            Body::Filter(_) | Body::Correlation(_) => None,
        };
        let part = |wanted: &[String], given: Option<&String>| {
            wanted.is_empty() || given.is_some_and(|given| wanted.iter().any(|w| w.eq_ignore_ascii_case(given)))
        };
        self.min_level.is_none_or(|level| meta.level.unwrap_or(Level::Informational) >= level)
            && self.min_status.is_none_or(|status| meta.status.unwrap_or(Status::Experimental) >= status)
            && (self.tags.is_empty() || self.tags.iter().any(tagged))
            && (self.ids.is_empty() || named(&meta.id) || named(&meta.name))
            && !self.without_tags.iter().any(tagged)
            && part(&self.products, source.and_then(|s| s.product.as_ref()))
            && part(&self.categories, source.and_then(|s| s.category.as_ref()))
            && part(&self.services, source.and_then(|s| s.service.as_ref()))
    }

    /// The chosen documents, with those that chosen correlations refer to and the filters of chosen rules, and
    /// how many were not chosen.
    pub(super) fn apply(&self, documents: Vec<Document>) -> (Vec<Document>, usize) {
        let is_filter = |document: &Document| matches!(document.body, Body::Filter(_));
        let mut wanted: Vec<bool> = documents.iter().map(|d| !is_filter(d) && self.takes(d)).collect();
        let mut open: Vec<usize> = (0..documents.len()).filter(|at| wanted.get(*at) == Some(&true)).collect();
        let mut named: HashMap<&String, usize> = HashMap::new();
        for (at, document) in documents.iter().enumerate() {
            named.extend(document.meta.id.iter().chain(&document.meta.name).map(|name| (name, at)));
        }
        while let Some(at) = open.pop() {
            let Some(Document { body: Body::Correlation(correlation), .. }) = documents.get(at) else { continue };
            for at in correlation.rules.iter().filter_map(|name| named.get(name)) {
                if let Some(slot) = wanted.get_mut(*at).filter(|slot| !**slot) {
                    *slot = true;
                    open.push(*at);
                }
            }
        }
        drop(named);
        let chosen: Vec<&Document> = documents.iter().zip(&wanted).filter(|(_, w)| **w).map(|(d, _)| d).collect();
        let of_chosen: Vec<usize> = documents
            .iter()
            .enumerate()
            .filter(|(_, d)| matches!(&d.body, Body::Filter(filter) if chosen.iter().any(|rule| is_for(filter, rule))))
            .map(|(at, _)| at)
            .collect();
        for at in of_chosen {
            if let Some(slot) = wanted.get_mut(at) {
                *slot = true;
            }
        }
        let all = documents.len();
        let mut keep = wanted.into_iter();
        let mut documents = documents;
        documents.retain(|_| keep.next().unwrap_or(false));
        let left = all - documents.len();
        (documents, left)
    }
}

/// Does a filter take matches away from a rule?
pub(super) fn is_for(filter: &Filter, target: &Document) -> bool {
    let Body::Rule(rule) = &target.body else { return false };
    let mut names = target.meta.id.iter().chain(&target.meta.name);
    (filter.rules.is_empty() || names.any(|name| filter.rules.contains(name)))
        && filter.logsource.covers(&rule.logsource)
        && !verdict::is_verdict_rule(target)
}

/// Is `tag` the wanted one, or a sub-technique of it?
fn is_tag(tag: &str, wanted: &str) -> bool {
    let head = tag.get(..wanted.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(wanted))
        && tag.as_bytes().get(wanted.len()).is_none_or(|next| *next == b'.')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say with a panic what failed")]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn filters_come_along_with_their_rules_alone_and_nothing_is_told_twice() {
        let rules = r"
title: A
name: a
tags: [attack.t1059]
logsource: {category: process_creation, product: windows}
detection: {selection: {x: y}, condition: selection}
---
title: Of A
logsource: {category: process_creation}
filter: {rules: [a], selection: {User: scanner}, condition: not selection}
---
title: B
name: b
logsource: {category: dns_query, product: windows}
detection: {selection: {x: y}, condition: selection}
---
title: Of B
logsource: {category: dns_query}
filter: {rules: [b], selection: {User: scanner}, condition: not selection}
---
title: Of nothing
logsource: {category: dns_query}
filter: {rules: [c], selection: {User: scanner}, condition: not selection}
";
        let set = crate::rules::RuleSet::builder().add_text("rules", rules).build().unwrap();
        assert_eq!((set.len(), set.problems().len()), (5, 1));
        for (select, expected) in [
            (Select::new().with_product("windows").with_tag("attack.t1059"), ["A", "Of A"]),
            (Select::new().with_id("b"), ["B", "Of B"]),
        ] {
            let some = set.select(&select);
            let mut titles: Vec<_> = some.rules().map(|rule| rule.title()).collect();
            titles.sort_unstable();
            assert_eq!(titles, expected);
            assert_eq!((some.problems(), some.unselected()), (set.problems(), 3));
        }
        assert_eq!(set.select(&Select::new()).select(&Select::new()).problems(), set.problems());
    }

    #[test]
    fn a_choice_reads_from_json_and_refuses_what_it_does_not_know() {
        let json = r#"{"minLevel":"high","minStatus":"test","tags":["attack.t1059"],"withoutTags":["attack.t1059.001"],
            "ids":["a"],"products":["windows"],"categories":["process_creation"],"services":["sysmon"]}"#;
        let built = Select::new()
            .with_min_level(Level::High)
            .with_min_status(Status::Test)
            .with_tag("attack.t1059")
            .without_tag("attack.t1059.001")
            .with_id("a")
            .with_product("windows")
            .with_category("process_creation")
            .with_service("sysmon");
        assert_eq!(Select::from_json(json).unwrap(), built);
        assert_eq!(Select::from_json("{}").unwrap(), Select::new());
        for bad in ["{\n\"minlevel\":\"high\"}", r#"{"minLevel":"worst"}"#, r#"{"tags":"a"}"#, "[]", "", "7"] {
            let error = Select::from_json(bad).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
            assert!(error.message().starts_with("not a selection of rules"), "{error}");
        }
        let error = Select::from_json("{\n\"minlevel\":\"high\"}").unwrap_err();
        assert_eq!((error.location().line, error.location().column), (Some(2), Some(10)));
    }
}
