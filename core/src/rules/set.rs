//! A set of rules: documents in, an immutable, shareable, compiled whole out.

mod exchange;
mod filters;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorCode, Location, Result};

use super::ast::{Body, Document, Filter, Level, LogSource, Rule, Status};
use super::correlation::{self, Plan};
use super::engine::{self, Machine, Program, View};
use super::event::Event;
use super::literal::{self, RuleTrace};
use super::mapping::{self, Mapping};
use super::pack;
use super::problem::{RuleProblem, RuleProblemCode};
use super::profile::{self, Profile, RuleCost};
use super::read;
use super::read::Limits as RuleLimits;
use super::select::Select;
use super::verdict::{self, VerdictRules};

/// Rules, compiled: immutable, `Send + Sync`, cheap to clone.
///
/// ```
/// use casegraph::rules::{Event, RuleSet};
///
/// let rules = RuleSet::builder()
///     .add_text("demo.yml", r"
/// title: Whoami
/// logsource: {category: process_creation, product: windows}
/// detection:
///   selection:
///     Image|endswith: '\whoami.exe'
///   condition: selection
/// level: low
/// ")
///     .build()?;
/// let event = Event::parse(br#"{"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Image": "C:\\Windows\\System32\\whoami.exe"}"#)?;
/// let hits = rules.matches(&event);
/// assert_eq!(rules.rule(hits[0]).map(|rule| rule.title()), Some("Whoami"));
/// # Ok::<(), casegraph::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RuleSet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    documents: Vec<Document>,
    problems: Vec<RuleProblem>,
    hash: String,
    mapping: Mapping,
    program: Program,
    /// Document of each rule of the program, and the program's rule of each document.
    detections: Vec<u32>,
    program_of: Vec<Option<u32>>,
    /// The filters that apply to each document that has some, by number.
    filters: HashMap<u32, Vec<u32>>,
    verdicts: VerdictRules,
    plan: Plan,
    limits: RuleLimits,
    placeholders: BTreeMap<String, Vec<String>>,
    /// Documents that a selection left out.
    unselected: usize,
}

/// What a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RuleKind {
    /// Looks at raw events.
    Detection,
    /// Looks at the entities, alerts and incidents of a case (`product: casegraph`).
    Verdict,
    /// Looks at matches of other rules over time.
    Correlation,
    /// Takes matches away from other rules.
    Filter,
}

/// A rule of a set.
#[derive(Debug, Clone, Copy)]
pub struct RuleInfo<'s> {
    document: &'s Document,
    index: u32,
}

/// Collects what a [`RuleSet`] is built of.
#[derive(Debug, Default)]
pub struct RuleSetBuilder {
    sources: Vec<Source>,
    mappings: Vec<(String, String)>,
    placeholders: BTreeMap<String, Vec<String>>,
    select: Option<Select>,
    limits: RuleLimits,
    strict: bool,
}

#[derive(Debug)]
enum Source {
    Text(String, Vec<u8>),
    Path(PathBuf),
    Builtin,
}

impl RuleSetBuilder {
    /// Adds the documents of a text; `source` names it in problems.
    #[must_use]
    pub fn add_text(mut self, source: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        self.sources.push(Source::Text(source.into(), text.into()));
        self
    }

    /// Adds a file, or all `.yml` and `.yaml` files below a folder.
    #[must_use]
    pub fn add_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(Source::Path(path.into()));
        self
    }

    /// Adds the rules that ship with casegraph.
    #[must_use]
    pub fn add_builtin(mut self) -> Self {
        self.sources.push(Source::Builtin);
        self
    }

    /// Adds a field mapping, which is tried before the built-in ones; the format is described in `docs/MAPPING.md`.
    #[must_use]
    pub fn with_mapping(mut self, source: impl Into<String>, text: impl Into<String>) -> Self {
        self.mappings.push((source.into(), text.into()));
        self
    }

    /// Values of a placeholder `%name%` of `|expand`.
    #[must_use]
    pub fn with_placeholder<I: IntoIterator<Item = S>, S: Into<String>>(
        mut self,
        name: impl Into<String>,
        values: I,
    ) -> Self {
        self.placeholders.insert(name.into(), values.into_iter().map(Into::into).collect());
        self
    }

    /// Keeps the rules that this selects, and what they refer to.
    #[must_use]
    pub fn with_select(mut self, select: Select) -> Self {
        self.select = Some(select);
        self
    }

    /// What rule files may hold.
    #[must_use]
    pub fn with_limits(mut self, limits: RuleLimits) -> Self {
        self.limits = limits;
        self
    }

    /// A document that cannot be used fails the whole set.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Reads and compiles. Documents that cannot be used are listed in [`RuleSet::problems`].
    ///
    /// # Errors
    /// [`ErrorCode::Io`] when a path cannot be read, [`ErrorCode::Rule`] when there were documents and none
    /// can be used, when one cannot and the builder is [`strict`](Self::strict), or when a mapping is wrong;
    /// its location is that of the first problem.
    pub fn build(self) -> Result<RuleSet> {
        let mut problems = Vec::new();
        let mut documents = Vec::new();
        let options = read::Options { limits: &self.limits, placeholders: &self.placeholders };
        let mut take = |source: &str, text: &[u8]| {
            let (read, wrong) = read::documents(source, text, &options);
            documents.extend(read);
            problems.extend(wrong);
        };
        for source in &self.sources {
            match source {
                Source::Text(name, text) => take(name, text),
                Source::Builtin => pack::FILES.iter().for_each(|(name, text)| take(name, text.as_bytes())),
                Source::Path(path) => {
                    for file in files(path)? {
                        let text = within(&file, self.limits.file_bytes).map_err(|e| io(&file, e))?;
                        take(&file.display().to_string(), &text);
                    }
                }
            }
        }
        let mapping = self.mapping()?;
        let had_documents = !problems.is_empty();
        let set = RuleSet::new(documents, problems, mapping, self.select.as_ref(), self.limits, self.placeholders);
        let left_out = set.problems().iter().find(|p| p.left_out);
        match left_out {
            Some(first) if self.strict || (set.is_empty() && had_documents && set.unselected() == 0) => {
                let message = match set.problems().iter().filter(|p| p.left_out).count() {
                    1 => format!("a rule cannot be used: {}", first.message),
                    count => format!("{count} rules cannot be used, the first: {}", first.message),
                };
                Err(Error::new(ErrorCode::Rule, message).at(place(first)))
            }
            _ => Ok(set),
        }
    }

    fn mapping(&self) -> Result<Mapping> {
        let mut mapping = Mapping::default();
        for (source, text) in &self.mappings {
            let (read, problems) = mapping::read(source, text);
            if let Some(first) = problems.first() {
                let message = match problems.len() {
                    1 => format!("a mapping cannot be used: {}", first.message),
                    count => format!("{count} problems in a mapping, the first: {}", first.message),
                };
                return Err(Error::new(ErrorCode::Rule, message).at(place(first)));
            }
            mapping.shapes.extend(read.shapes);
        }
        mapping.shapes.extend(mapping::built_in().shapes.iter().cloned());
        Ok(mapping)
    }
}

/// The rule files below a path, by name.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut open = vec![(path.to_path_buf(), 0)];
    let is_rule =
        |path: &Path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("yml") || e.eq_ignore_ascii_case("yaml"));
    while let Some((path, depth)) = open.pop() {
        let meta = std::fs::metadata(&path).map_err(|e| io(&path, e))?;
        if meta.is_file() && (depth == 0 || is_rule(&path)) {
            out.push(path);
        } else if meta.is_dir() {
            // A link may lead back up.
            if depth > 64 {
                return Err(Error::new(ErrorCode::Limit, format!("{}: folders nested deeper than 64", path.display())));
            }
            for entry in std::fs::read_dir(&path).map_err(|e| io(&path, e))? {
                let entry = entry.map_err(|e| io(&path, e))?;
                let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                if !(link && entry.path().is_dir()) {
                    open.push((entry.path(), depth + 1));
                }
            }
        }
    }
    out.sort_unstable();
    Ok(out)
}

fn place(problem: &RuleProblem) -> Location {
    let from_one = |number: u32| (number > 0).then_some(u64::from(number));
    Location {
        source: Some(problem.source.clone()),
        line: from_one(problem.line),
        column: from_one(problem.column),
        ..Location::default()
    }
}

/// The bytes of a file, one more than the limit when it has more.
fn within(path: &Path, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take((limit as u64).saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn io(path: &Path, error: std::io::Error) -> Error {
    Error::from(error).at(Location { source: Some(path.display().to_string()), ..Location::default() })
}

impl RuleSet {
    /// Begins a set.
    #[must_use]
    pub fn builder() -> RuleSetBuilder {
        RuleSetBuilder::default()
    }

    /// The rules that ship with casegraph: verdict rules for the common cases, and detections for techniques
    /// that cloud and federation logs show.
    ///
    /// # Errors
    /// None in a sound build; the signature is that of every other way to get a set.
    pub fn builtin() -> Result<RuleSet> {
        RuleSet::builder().add_builtin().strict().build()
    }

    fn new(
        documents: Vec<Document>,
        mut problems: Vec<RuleProblem>,
        mapping: Mapping,
        select: Option<&Select>,
        limits: RuleLimits,
        placeholders: BTreeMap<String, Vec<String>>,
    ) -> RuleSet {
        let documents = unique(documents, &mut problems);
        let (documents, unselected) = match select {
            Some(select) => select.apply(documents),
            None => (documents, 0),
        };
        let (documents, verdicts, plan) = checked(documents, &limits, &mut problems);
        let mut filters: HashMap<u32, Vec<u32>> = HashMap::new();
        for (at, targets) in filters::joined(&documents, &limits).filters {
            if targets.is_empty() {
                problems.extend(documents.get(at).map(filters::unused));
            }
            targets.into_iter().for_each(|target| filters.entry(target).or_default().push(at as u32));
        }
        let mut detections = Vec::new();
        let mut program_of = vec![None; documents.len()];
        let mut sources = Vec::new();
        for (at, document) in documents.iter().enumerate() {
            let Body::Rule(rule) = &document.body else { continue };
            if verdict::is_verdict_rule(document) {
                continue;
            }
            if let Some(slot) = program_of.get_mut(at) {
                *slot = Some(detections.len() as u32);
            }
            detections.push(at as u32);
            let filters = filters_of(&documents, &filters, at as u32);
            let filters = filters.map(|filter| (filter.selections.as_slice(), filter.conditions.as_slice())).collect();
            sources.push(engine::Source { rule, filters });
        }
        let program = Program::new(&mapping, sources.into_iter());
        let hash = hash(&documents, &mapping, &placeholders);
        RuleSet(Arc::new(Inner {
            documents,
            problems,
            hash,
            mapping,
            program,
            detections,
            program_of,
            filters,
            verdicts,
            plan,
            limits,
            placeholders,
            unselected,
        }))
    }

    /// The part of the set that `select` chooses, compiled anew, with what the chosen rules refer to.
    #[must_use]
    pub fn select(&self, select: &Select) -> RuleSet {
        let Inner { documents, problems, mapping, limits, placeholders, unselected, .. } = &*self.0;
        let mut set = RuleSet::new(
            documents.clone(),
            problems.clone(),
            mapping.clone(),
            Some(select),
            limits.clone(),
            placeholders.clone(),
        );
        if let Some(inner) = Arc::get_mut(&mut set.0) {
            inner.unselected += unselected;
            // What was told of the whole set is found again in its part.
            let key = |p: &RuleProblem| (p.source.clone(), p.line, p.column, p.message.clone());
            let mut told = HashSet::new();
            inner.problems.retain(|problem| told.insert(key(problem)));
        }
        set
    }

    /// Number of rules of all kinds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.documents.len()
    }

    /// Is there no rule?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.documents.is_empty()
    }

    /// Rules that a selection left out.
    #[must_use]
    pub fn unselected(&self) -> usize {
        self.0.unselected
    }

    /// SHA-256 over all rules, mappings and placeholders, in hex: equal sets have equal hashes, in whatever
    /// order they were added.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.0.hash
    }

    /// What was wrong with documents, in the order in which they were read.
    #[must_use]
    pub fn problems(&self) -> &[RuleProblem] {
        &self.0.problems
    }

    /// The texts that the rules look for, as they are written.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let selections = self.0.documents.iter().flat_map(|document| match &document.body {
            Body::Rule(rule) => rule.selections.as_slice(),
            Body::Filter(filter) => filter.selections.as_slice(),
            Body::Correlation(_) => &[],
        });
        selections.flat_map(|selection| selection.node.texts())
    }

    /// The rules, by number.
    pub fn rules(&self) -> impl Iterator<Item = RuleInfo<'_>> {
        self.0.documents.iter().zip(0..).map(|(document, index)| RuleInfo { document, index })
    }

    /// The rule with this number.
    #[must_use]
    pub fn rule(&self, index: u32) -> Option<RuleInfo<'_>> {
        self.0.documents.get(index as usize).map(|document| RuleInfo { document, index })
    }

    /// The rule with this id, name or title.
    #[must_use]
    pub fn find(&self, rule: &str) -> Option<RuleInfo<'_>> {
        let has = |text: &Option<String>| text.as_deref() == Some(rule);
        let found = self.rules().find(|r| has(&r.document.meta.id) || has(&r.document.meta.name));
        found.or_else(|| self.rules().find(|r| r.document.meta.title == rule))
    }

    /// A matcher for one thread. Make one and keep it: it holds the memory that matching needs.
    #[must_use]
    pub fn matcher(&self) -> Matcher {
        Matcher { set: self.clone(), machine: Machine::default(), matches: Vec::new(), events: 0 }
    }

    /// Numbers of the detection rules that match an event, ascending. For many events use [`matcher`](Self::matcher).
    #[must_use]
    pub fn matches(&self, event: &Event) -> Vec<u32> {
        self.matcher().matches(event).to_vec()
    }

    /// Why a rule matches an event, or why it does not: each selection with its lines, what they wanted and
    /// what the event has. `rule` is an id, a name or a title, as for [`find`](Self::find).
    ///
    /// The selections are evaluated in any case. When the event does not belong to the rule's logsource, or a
    /// filter takes the match away, [`RuleTrace::matched`] is false and [`RuleTrace::text`] says so, whatever
    /// the conditions came to; so `matched` is what [`matches`](Self::matches) says. A verdict rule is never
    /// asked of an event.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when the set has no such rule, or it is a correlation or a filter, which look at
    /// no events of their own.
    pub fn explain(&self, rule: &str, event: &Event) -> Result<RuleTrace> {
        let no_rule = || Error::new(ErrorCode::NotFound, format!("no rule `{}`", rule.escape_debug()));
        let found = self.find(rule).ok_or_else(no_rule)?;
        let Body::Rule(detection) = &found.document.body else {
            return Err(Error::new(ErrorCode::NotFound, format!("`{}` looks at no events", rule.escape_debug())));
        };
        let view = self.0.program.view(event);
        let number = self.0.program_of.get(found.index as usize).copied().flatten();
        let asked = number.is_some_and(|number| self.0.program.is_asked(number as usize, &view));
        let mut trace = literal::explain(&detection.selections, &detection.conditions, &view);
        if !asked {
            trace.overrule(format!(
                "not asked: the rule is for {}, the event is {} ({})",
                words(&[&detection.logsource]),
                words(&view.logsources()),
                view.shape().map_or("of no known shape".to_owned(), |shape| format!("shape `{shape}`"))
            ));
        } else if trace.matched
            && filters_of(&self.0.documents, &self.0.filters, found.index)
                .any(|filter| !literal::matches(&filter.selections, &filter.conditions, &view))
        {
            trace.overrule("did not match: a filter takes the match away".to_owned());
        }
        Ok(trace)
    }

    pub(crate) fn view<'e>(&'e self, event: &'e Event) -> View<'e> {
        self.0.program.view(event)
    }

    pub(crate) fn document(&self, index: u32) -> Option<&Document> {
        self.0.documents.get(index as usize)
    }

    pub(crate) fn verdicts(&self) -> &VerdictRules {
        &self.0.verdicts
    }

    /// The correlation rules, each after those it refers to; numbers are those of documents.
    pub(crate) fn plan(&self) -> &Plan {
        &self.0.plan
    }

    /// Do the rules that this correlation names make alerts of their own?
    pub(crate) fn generates(&self, correlation: u32) -> bool {
        let body = self.document(correlation).map(|document| &document.body);
        matches!(body, Some(Body::Correlation(correlation)) if correlation.generate)
    }
}

/// A logsource, or several, as a person reads it.
pub(super) fn words(sources: &[&LogSource]) -> String {
    let one = |source: &&LogSource| {
        let parts = [("product", &source.product), ("category", &source.category), ("service", &source.service)];
        let parts: Vec<String> = parts
            .into_iter()
            .filter_map(|(name, part)| Some(format!("{name} `{}`", part.as_ref()?.escape_debug())))
            .collect();
        parts.join(", ")
    };
    match sources {
        [] => "of no known logsource".to_owned(),
        sources => sources.iter().map(one).collect::<Vec<_>>().join(" and "),
    }
}

/// Runs a [`RuleSet`] over events on one thread.
#[derive(Debug)]
pub struct Matcher {
    set: RuleSet,
    machine: Machine,
    matches: Vec<u32>,
    events: u64,
}

impl Matcher {
    /// Counts from now on what each rule costs, for [`profile`](Self::profile). Counting makes matching slower.
    ///
    /// ```
    /// use casegraph::rules::{Event, RuleSet};
    ///
    /// let rules = RuleSet::builtin()?;
    /// let mut matcher = rules.matcher().with_profile();
    /// matcher.matches(&Event::parse(br#"{"Channel": "Security", "EventID": 4662}"#)?);
    /// let profile = matcher.profile();
    /// assert_eq!((profile.events, profile.rules.len()), (1, rules.len()));
    /// assert!(profile.rules.iter().all(|rule| rule.hits == 0 && rule.never.is_some()));
    /// # Ok::<(), casegraph::Error>(())
    /// ```
    #[must_use]
    pub fn with_profile(mut self) -> Matcher {
        self.machine.costs = Some(vec![Default::default(); self.set.0.detections.len()]);
        self.machine.unknown = 0;
        self.events = 0;
        self
    }

    /// Numbers of the detection rules that match, ascending.
    pub fn matches(&mut self, event: &Event) -> &[u32] {
        self.events += 1;
        self.machine.run(&self.set.0.program, event);
        self.matches.clear();
        let detections = &self.set.0.detections;
        self.matches.extend(self.machine.matches.iter().filter_map(|number| detections.get(*number as usize)));
        &self.matches
    }

    /// The set that it runs.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.set
    }

    /// Events so far whose logsource is unknown; only rules without a product were asked of them.
    #[must_use]
    pub fn unknown_events(&self) -> u64 {
        self.machine.unknown
    }

    /// What each rule cost and found since [`with_profile`](Self::with_profile), and why some were never
    /// evaluated; without it, the counts of events alone.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let inner = &*self.set.0;
        let costs = self.machine.costs.as_deref();
        let rules = costs.map_or_else(Vec::new, |costs| {
            let counted = self.set.rules().zip(&inner.program_of).map(|(rule, number)| {
                let number = number.map(|number| number as usize);
                let cost = number.and_then(|number| costs.get(number)).copied().unwrap_or_default();
                let never = match &rule.document.body {
                    Body::Rule(detection) if number.is_some() => {
                        profile::never(cost.events, cost.evaluated, &words(&[&detection.logsource]))
                    }
                    _ => profile::not_asked(rule.kind()),
                };
                RuleCost {
                    rule: rule.index,
                    kind: rule.kind(),
                    title: rule.title().to_owned(),
                    id: rule.id().map(str::to_owned),
                    events: cost.events,
                    evaluated: cost.evaluated,
                    lines: cost.lines,
                    hits: cost.hits,
                    never,
                }
            });
            counted.collect()
        });
        Profile { events: self.events, unknown_events: self.machine.unknown, rules }
    }
}

impl<'s> RuleInfo<'s> {
    /// Its number in the set.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> RuleKind {
        match &self.document.body {
            Body::Rule(_) if verdict::is_verdict_rule(self.document) => RuleKind::Verdict,
            Body::Rule(_) => RuleKind::Detection,
            Body::Correlation(_) => RuleKind::Correlation,
            Body::Filter(_) => RuleKind::Filter,
        }
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &'s str {
        &self.document.meta.title
    }

    /// Its id, normally a UUID.
    #[must_use]
    pub fn id(&self) -> Option<&'s str> {
        self.document.meta.id.as_deref()
    }

    /// How bad a match is.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.document.meta.level
    }

    /// How ripe it is.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.document.meta.status
    }

    /// Its tags, `attack.t1059.001` and the like.
    #[must_use]
    pub fn tags(&self) -> &'s [String] {
        &self.document.meta.tags
    }

    /// What it describes.
    #[must_use]
    pub fn description(&self) -> Option<&'s str> {
        self.document.meta.description.as_deref()
    }

    /// File, or name of the text, it came from, and the line it begins at.
    #[must_use]
    pub fn source(&self) -> (&'s str, u32) {
        (&self.document.source, self.document.place.line)
    }

    /// SHA-256 of its content.
    #[must_use]
    pub fn hash(&self) -> &'s str {
        &self.document.hash
    }

    /// Category, product and service that it looks at; correlations have none.
    #[must_use]
    pub fn logsource(&self) -> [Option<&'s str>; 3] {
        let source = match &self.document.body {
            Body::Rule(Rule { logsource, .. }) | Body::Filter(Filter { logsource, .. }) => logsource,
            Body::Correlation(_) => return [None; 3],
        };
        [source.category.as_deref(), source.product.as_deref(), source.service.as_deref()]
    }
}

impl serde::Serialize for RuleInfo<'_> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let [category, product, service] = self.logsource();
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("index", &self.index)?;
        map.serialize_entry("kind", &self.kind())?;
        map.serialize_entry("title", self.title())?;
        map.serialize_entry("id", &self.id())?;
        map.serialize_entry("level", &self.level())?;
        map.serialize_entry("status", &self.status())?;
        map.serialize_entry("tags", self.tags())?;
        map.serialize_entry("category", &category)?;
        map.serialize_entry("product", &product)?;
        map.serialize_entry("service", &service)?;
        map.serialize_entry("source", self.source().0)?;
        map.serialize_entry("line", &self.source().1)?;
        map.serialize_entry("hash", self.hash())?;
        map.end()
    }
}

/// The names that others may call a document by.
fn names(document: &Document) -> impl Iterator<Item = &String> {
    document.meta.id.iter().chain(&document.meta.name)
}

/// Drops what says the same again, or something else under a name that is taken; what is left is in an
/// order that depends on the content alone.
fn unique(documents: Vec<Document>, problems: &mut Vec<RuleProblem>) -> Vec<Document> {
    let mut taken: HashMap<String, (String, String)> = HashMap::new();
    let mut hashes: HashMap<String, String> = HashMap::new();
    let mut out: Vec<Document> = Vec::with_capacity(documents.len());
    for document in documents {
        let place = format!("{}:{}", document.source, document.place.line);
        let again = names(&document).find_map(|name| Some((name.clone(), taken.get(name)?.clone())));
        let message = match (hashes.get(&document.hash), again) {
            (Some(first), _) => Some(format!("the same document is in {first} already")),
            (None, Some((name, (_, first)))) => {
                Some(format!("{} is the name of another document, in {first}", read::shown(&name)))
            }
            (None, None) => None,
        };
        if let Some(message) = message {
            problems.push(verdict::problem(&document, RuleProblemCode::Duplicate, message));
            continue;
        }
        for name in names(&document) {
            taken.insert(name.clone(), (document.hash.clone(), place.clone()));
        }
        hashes.insert(document.hash.clone(), place);
        out.push(document);
    }
    let key = |d: &Document| (d.meta.id.clone(), d.hash.clone());
    out.sort_by_cached_key(key);
    out
}

/// Compiles verdict rules, resolves correlations and counts filters; leaves out what cannot be used.
fn checked(
    documents: Vec<Document>,
    limits: &RuleLimits,
    problems: &mut Vec<RuleProblem>,
) -> (Vec<Document>, VerdictRules, Plan) {
    let (verdicts, wrong) = VerdictRules::new(&documents, limits.path_steps);
    let some = wrong.iter().any(|problem| problem.left_out);
    problems.extend(wrong);
    let mut keep = vec![true; documents.len()];
    // A problem tells where its document stands, which others may do too: sources may have the same name.
    for (keep, document) in keep.iter_mut().zip(&documents).filter(|_| some) {
        let (_, wrong) = VerdictRules::new(std::iter::once(document), limits.path_steps);
        *keep = !wrong.iter().any(|problem| problem.left_out);
    }
    let (plan, wrong) = plan(&documents);
    problems.extend(wrong);
    let mut planned: Vec<u32> = plan.correlations.iter().map(|planned| planned.index).collect();
    planned.sort_unstable();
    let correlations = keep.iter_mut().zip(&documents).zip(0u32..);
    for ((keep, _), at) in correlations.filter(|((_, d), _)| matches!(d.body, Body::Correlation(_))) {
        *keep = planned.binary_search(&at).is_ok();
    }
    for at in filters::joined(&documents, limits).over {
        problems.extend(documents.get(at).map(|document| filters::over(document, limits)));
        if let Some(keep) = keep.get_mut(at) {
            *keep = false;
        }
    }
    let mut documents = documents;
    let mut keep = keep.into_iter();
    documents.retain(|_| keep.next().unwrap_or(false));
    let (plan, _) = self::plan(&documents);
    (documents, verdicts, plan)
}

/// The correlations among documents, with what they refer to as numbers of documents.
fn plan(documents: &[Document]) -> (Plan, Vec<RuleProblem>) {
    let list: Vec<&Document> = documents.iter().collect();
    let detection = |document: &Document| matches!(document.body, Body::Rule(_)) && !verdict::is_verdict_rule(document);
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    for (document, at) in documents.iter().zip(0..).filter(|(document, _)| detection(document)) {
        numbers.extend(names(document).map(|name| (name.as_str(), at)));
    }
    correlation::resolve(&list, &|name| numbers.get(name).copied())
}

/// The filters that apply to a document.
fn filters_of<'d>(
    documents: &'d [Document],
    filters: &'d HashMap<u32, Vec<u32>>,
    of: u32,
) -> impl Iterator<Item = &'d Filter> {
    let filters = filters.get(&of).into_iter().flatten();
    filters.filter_map(|at| match &documents.get(*at as usize)?.body {
        Body::Filter(filter) => Some(filter),
        _ => None,
    })
}

fn hash(documents: &[Document], mapping: &Mapping, placeholders: &BTreeMap<String, Vec<String>>) -> String {
    let mut hash = Sha256::new();
    for document in documents {
        hash.update(document.hash.as_bytes());
    }
    hash.update(format!("{mapping:?}{placeholders:?}"));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
