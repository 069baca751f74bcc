//! Which rules of a set are wanted.

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use super::ast::{Body, Document, Level, Status};

/// Chooses rules: every given part must fit. A part that is absent fits all.
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
            Body::Filter(filter) => Some(&filter.logsource),
            Body::Correlation(_) => None,
        };
        let part = |wanted: &[String], given: Option<&String>| {
            wanted.is_empty() || given.is_some_and(|given| wanted.iter().any(|w| w.eq_ignore_ascii_case(given)))
        };
        let filter = matches!(document.body, Body::Filter(_));
        let wanted = self.min_level.is_none_or(|level| meta.level.unwrap_or(Level::Informational) >= level)
            && self.min_status.is_none_or(|status| meta.status.unwrap_or(Status::Experimental) >= status)
            && (self.tags.is_empty() || self.tags.iter().any(tagged))
            && (self.ids.is_empty() || named(&meta.id) || named(&meta.name));
        (filter || wanted)
            && !self.without_tags.iter().any(tagged)
            && part(&self.products, source.and_then(|s| s.product.as_ref()))
            && part(&self.categories, source.and_then(|s| s.category.as_ref()))
            && part(&self.services, source.and_then(|s| s.service.as_ref()))
    }

    /// The chosen documents, with those that chosen correlations refer to, and how many were not chosen.
    pub(super) fn apply(&self, documents: Vec<Document>) -> (Vec<Document>, usize) {
        let mut wanted: Vec<bool> = documents.iter().map(|document| self.takes(document)).collect();
        let mut open: Vec<usize> = (0..documents.len()).filter(|at| wanted.get(*at) == Some(&true)).collect();
        while let Some(at) = open.pop() {
            let Some(Document { body: Body::Correlation(correlation), .. }) = documents.get(at) else { continue };
            let referred: HashSet<&String> = correlation.rules.iter().collect();
            for (at, document) in documents.iter().enumerate() {
                let named = document.meta.id.iter().chain(&document.meta.name).any(|name| referred.contains(name));
                if let Some(slot) = wanted.get_mut(at).filter(|slot| named && !**slot) {
                    *slot = true;
                    open.push(at);
                }
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

/// Is `tag` the wanted one, or a sub-technique of it?
fn is_tag(tag: &str, wanted: &str) -> bool {
    let head = tag.get(..wanted.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(wanted))
        && tag.as_bytes().get(wanted.len()).is_none_or(|next| *next == b'.')
}
