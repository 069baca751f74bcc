//! Sigma documents as casegraph means them: modifiers applied, wildcards read, conditions resolved.
//!
//! The reader (`read`) makes these trees, everything after it only looks at them: the literal
//! evaluator (`literal`), the compiled matcher (`engine`) and the correlator (`correlation`).

use std::net::IpAddr;

use indexmap::IndexMap;

/// Where something stands in a rule file, both from 1; 0 when the rule was put together from several places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// One document of a rule file, with what all kinds of documents have.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) meta: Meta,
    /// Name of the file or text it came from, and where it begins there.
    pub(crate) source: String,
    pub(crate) place: Place,
    /// SHA-256 of the document in canonical form (its YAML tree, after collection actions, as compact
    /// JSON in document order), lower-case hex: comments and layout do not count.
    pub(crate) hash: String,
    pub(crate) body: Body,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Rule(Rule),
    Correlation(Correlation),
    Filter(Filter),
}

/// What a document says about itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meta {
    pub(crate) title: String,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) related: Vec<Related>,
    pub(crate) taxonomy: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) level: Option<Level>,
    pub(crate) description: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) references: Vec<String>,
    pub(crate) fields: Vec<String>,
    pub(crate) false_positives: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) scope: Vec<String>,
    /// Keys that Sigma does not define, as JSON, in document order. `verdict` and its companions are here too.
    pub(crate) extra: IndexMap<String, serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Related {
    pub(crate) id: String,
    /// derived, obsolete, merged, renamed, similar.
    pub(crate) kind: String,
}

/// How ripe a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Status {
    /// No longer works.
    Unsupported,
    /// Replaced.
    Deprecated,
    /// New, may be noisy.
    Experimental,
    /// Mostly good.
    Test,
    /// Proven.
    Stable,
}

/// How bad a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// Worth knowing.
    Informational,
    /// Seldom bad.
    Low,
    /// Sometimes bad.
    Medium,
    /// Mostly bad.
    High,
    /// Always bad.
    Critical,
}

/// What a rule looks at; lower case, absent parts match any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LogSource {
    pub(crate) category: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) service: Option<String>,
}

impl LogSource {
    /// Does it have every part that this one names?
    pub(crate) fn covers(&self, given: &LogSource) -> bool {
        let part = |wanted: &Option<String>, given: &Option<String>| wanted.is_none() || wanted == given;
        part(&self.category, &given.category)
            && part(&self.product, &given.product)
            && part(&self.service, &given.service)
    }
}

/// A detection.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) logsource: LogSource,
    /// In document order.
    pub(crate) selections: Vec<Selection>,
    /// Each is its own query, joined with OR.
    pub(crate) conditions: Vec<Condition>,
}

#[derive(Debug, Clone)]
pub(crate) struct Selection {
    pub(crate) name: String,
    pub(crate) node: Node,
}

/// The tree of a selection.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Item(Item),
}

impl Node {
    /// The texts of all values below, as they are written.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().flat_map(Node::texts).collect(),
            Node::Item(item) => item.values.iter().map(|value| value.text.as_str()).collect(),
        }
    }
}

/// A condition, names resolved to indexes of `Rule::selections`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Selection(u32),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// One line of a detection: a field, and the values it may have.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Absent for a keyword, which is looked for in every value of the event.
    pub(crate) field: Option<String>,
    /// As written, `CommandLine|contains|all`, for explanations.
    pub(crate) key: String,
    /// `|all`: every value must hold, not just one.
    pub(crate) all: bool,
    /// `|neq`: the field differs from the value(s).
    pub(crate) negated: bool,
    pub(crate) values: Vec<Value>,
    pub(crate) place: Place,
}

/// One value of an item: holds when any of its forms does (`windash`, `base64offset` make several).
#[derive(Debug, Clone)]
pub(crate) struct Value {
    /// As written, for explanations.
    pub(crate) text: String,
    pub(crate) forms: Vec<Test>,
}

/// What one value of an event is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    /// The whole value, as text, fits the pattern. A number or boolean is compared by its JSON spelling.
    Text(Pattern),
    /// Equal as a number; text counts when it is the number's decimal spelling.
    Number(Number),
    /// Equal as a boolean; the texts `true` and `false` count, in any case.
    Bool(bool),
    /// The field is absent or null.
    Null,
    /// The field is present (null included), or is not.
    Exists(bool),
    /// The regular expression is found in the text, case-sensitive unless it says `i`.
    Regex(Regex),
    /// The text is an address in the range.
    Cidr(Cidr),
    /// The number (or decimal text) compares.
    Compare(Comparison, Number),
    /// A part of the date in the field compares.
    TimePart(TimePart, Comparison, Number),
    /// The text relates to that of another field of the same event.
    Reference { field: String, anchor: Anchor, cased: bool },
}

/// Literals and wildcards, over the whole value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Pattern {
    /// Neighbouring literals are joined, neighbouring `Any` are one; an empty list fits the empty text.
    pub(crate) tokens: Vec<Token>,
    pub(crate) cased: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Token {
    Literal(String),
    /// `*`
    Any,
    /// `?`: one character.
    One,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

/// A regular expression; compiled once by the reader to see that it is legal and within limits.
#[derive(Debug, Clone)]
pub(crate) struct Regex {
    pub(crate) pattern: String,
    pub(crate) ignore_case: bool,
    pub(crate) multi_line: bool,
    pub(crate) dot_all: bool,
    pub(crate) compiled: regex::Regex,
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Regex {
    pub(crate) fn key(&self) -> (&str, bool, bool, bool) {
        (&self.pattern, self.ignore_case, self.multi_line, self.dot_all)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Cidr {
    pub(crate) base: IpAddr,
    pub(crate) bits: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TimePart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// How much of a text another one has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Anchor {
    Whole,
    Start,
    End,
    Anywhere,
}

/// A correlation rule.
#[derive(Debug, Clone)]
pub(crate) struct Correlation {
    pub(crate) kind: CorrelationKind,
    /// Ids or names, as written.
    pub(crate) rules: Vec<String>,
    pub(crate) group_by: Vec<String>,
    /// Milliseconds.
    pub(crate) timespan: i64,
    /// All must hold. Empty for `temporal` and `temporal_ordered` without a condition: all rules.
    pub(crate) conditions: Vec<(Comparison, f64)>,
    /// `condition.field`.
    pub(crate) fields: Vec<String>,
    /// `condition.percentile`, 0 to 100, of `value_percentile`; 50 of `value_median`.
    pub(crate) percentile: Option<f64>,
    /// Field that each rule (id or name) has in the place of an alias.
    pub(crate) aliases: IndexMap<String, IndexMap<String, String>>,
    /// Do the referred rules make alerts of their own?
    pub(crate) generate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CorrelationKind {
    EventCount,
    ValueCount,
    Temporal,
    TemporalOrdered,
    ValueSum,
    ValueAvg,
    ValueMedian,
    ValuePercentile,
}

/// A filter: what it selects is joined to the named rules with AND.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) logsource: LogSource,
    /// Ids or names; empty for `any`.
    pub(crate) rules: Vec<String>,
    pub(crate) selections: Vec<Selection>,
    pub(crate) conditions: Vec<Condition>,
}
