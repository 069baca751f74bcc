//! The tree under `correlation` in, a correlation rule out.

use indexmap::IndexMap;

use super::document::references;
use super::scalar::Typed;
use super::tree::{Entry, Kind, Node};
use super::{Code, Reader, shown, value};
use crate::rules::ast::{Comparison, Correlation, CorrelationKind, Number};

const KINDS: [(&str, CorrelationKind); 8] = [
    ("event_count", CorrelationKind::EventCount),
    ("value_count", CorrelationKind::ValueCount),
    ("temporal", CorrelationKind::Temporal),
    ("temporal_ordered", CorrelationKind::TemporalOrdered),
    ("value_sum", CorrelationKind::ValueSum),
    ("value_avg", CorrelationKind::ValueAvg),
    ("value_median", CorrelationKind::ValueMedian),
    ("value_percentile", CorrelationKind::ValuePercentile),
];

const KEYS: [&str; 7] = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"];

/// Reads a correlation; all that is wrong is told before it is left out.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Correlation> {
    let Some(entries) = node.map() else {
        return refuse(reader, node, "correlation", "a mapping with `type`, `rules` and `timespan`");
    };
    for entry in entries.iter().filter(|entry| !KEYS.contains(&entry.key.as_ref())) {
        let message = format!("{} in a correlation, expected one of {}", shown(&entry.key), KEYS.join(", "));
        reader.refuse(entry.place, Code::Unsupported, message);
    }
    let kind = required(reader, node, "type").and_then(|node| kind(reader, node));
    let rules = required(reader, node, "rules").and_then(|node| references(reader, "correlation.rules", node));
    let timespan = required(reader, node, "timespan").and_then(|node| timespan(reader, node));
    let group_by = node.get("group-by").map_or(Some(Vec::new()), |node| fields(reader, "correlation.group-by", node));
    let aliases = node.get("aliases").map_or(Some(IndexMap::new()), |node| aliases(reader, node));
    let generate = node.get("generate").map_or(Some(false), |node| boolean(reader, node));
    let condition = condition(reader, node, kind?)?;
    Some(Correlation {
        kind: kind?,
        rules: rules?,
        group_by: group_by?,
        timespan: timespan?,
        conditions: condition.comparisons,
        fields: condition.fields,
        percentile: condition.percentile,
        aliases: aliases?,
        generate: generate?,
    })
}

fn required<'n, 't>(reader: &mut Reader<'_>, node: &'n Node<'t>, key: &str) -> Option<&'n Node<'t>> {
    let found = node.get(key);
    if found.is_none() {
        reader.refuse(node.place, Code::Invalid, format!("no `{key}` in the correlation, expected one"));
    }
    found
}

fn refuse<T>(reader: &mut Reader<'_>, node: &Node<'_>, key: &str, expected: &str) -> Option<T> {
    let found = node.scalar().filter(|s| s.typed != Typed::Null);
    let found = found.map_or_else(|| node.what().to_owned(), |scalar| shown(&scalar.text));
    reader.refuse(node.place, Code::Invalid, format!("{found} as `{key}`, expected {expected}"));
    None
}

fn kind(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<CorrelationKind> {
    let name = node.scalar().map(|s| s.text.as_ref()).unwrap_or_default();
    let kind = KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    kind.or_else(|| {
        let names: Vec<_> = KINDS.iter().map(|(name, _)| format!("`{name}`")).collect();
        refuse(reader, node, "correlation.type", &format!("one of {}", names.join(", ")))
    })
}

/// Milliseconds of a number and its unit.
fn timespan(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<i64> {
    let text = node.scalar().map(|s| s.text.trim()).unwrap_or_default();
    let unit = match text.chars().next_back() {
        Some('s') => 1_000,
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        Some('d') => 86_400_000,
        _ => 0,
    };
    let digits = text.strip_suffix(['s', 'm', 'h', 'd']).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    let span = digits.and_then(|digits| digits.parse::<i64>().ok()?.checked_mul(unit)).filter(|span| *span > 0);
    span.or_else(|| {
        let expected = "a number above 0 with `s`, `m`, `h` or `d`, such as `15m`, that 64 bits of milliseconds hold";
        refuse(reader, node, "correlation.timespan", expected)
    })
}

fn fields(reader: &mut Reader<'_>, key: &str, node: &Node<'_>) -> Option<Vec<String>> {
    let nodes = match &node.kind {
        Kind::List(nodes) => nodes.as_slice(),
        _ if node.is_null() => &[],
        _ => std::slice::from_ref(node),
    };
    let name = |node: &Node<'_>| {
        let scalar = node.scalar().filter(|s| s.typed != Typed::Null && !s.text.is_empty())?;
        Some(scalar.text.clone().into_owned())
    };
    let names: Option<Vec<_>> = nodes.iter().map(name).collect();
    names.or_else(|| refuse(reader, node, key, "names of fields"))
}

fn boolean(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<bool> {
    match node.scalar().map(|s| s.typed) {
        Some(Typed::Bool(is)) => Some(is),
        _ => refuse(reader, node, "correlation.generate", "`true` or `false`"),
    }
}

fn aliases(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<IndexMap<String, IndexMap<String, String>>> {
    let pairs = |entries: &[Entry<'_>]| -> Option<IndexMap<String, String>> {
        let pair = |e: &Entry<'_>| Some((e.key.to_string(), e.value.scalar()?.text.clone().into_owned()));
        entries.iter().map(pair).collect()
    };
    let alias = |e: &Entry<'_>| Some((e.key.to_string(), pairs(e.value.map()?)?));
    let aliases: Option<_> = node.map().and_then(|entries| entries.iter().map(alias).collect());
    let expected = "a mapping of aliases, each to a mapping of rules to fields";
    aliases.or_else(|| refuse(reader, node, "correlation.aliases", expected))
}

#[derive(Default)]
struct Bounds {
    comparisons: Vec<(Comparison, f64)>,
    fields: Vec<String>,
    percentile: Option<f64>,
}

fn condition(reader: &mut Reader<'_>, node: &Node<'_>, kind: CorrelationKind) -> Option<Bounds> {
    use CorrelationKind as K;
    let temporal = matches!(kind, K::Temporal | K::TemporalOrdered);
    let mut bounds = Bounds { percentile: (kind == K::ValueMedian).then_some(50.0), ..Bounds::default() };
    let Some(written) = node.get("condition") else {
        if !temporal {
            reader.refuse(
                node.place,
                Code::Invalid,
                "no `condition` in the correlation, expected one such as `gte: 10`",
            );
            return None;
        }
        return Some(bounds);
    };
    let Some(entries) = written.map() else {
        if temporal && written.scalar().is_some_and(|s| s.typed == Typed::Text) {
            let message = "an expression over rules as `condition`, expected a mapping such as `gte: 2`";
            reader.refuse(written.place, Code::Unsupported, message);
            return None;
        }
        return refuse(reader, written, "correlation.condition", "a mapping such as `gte: 10`");
    };
    for entry in entries {
        bound(reader, &mut bounds, kind, entry)?;
    }
    let problem = if bounds.comparisons.is_empty() {
        "no comparison in the condition, expected `gt`, `gte`, `lt`, `lte`, `eq` or `neq`"
    } else if bounds.fields.is_empty() && !temporal && kind != K::EventCount {
        "no `field` in the condition, expected the field whose values count"
    } else if bounds.fields.len() > 1 && kind != K::ValueCount {
        "several fields in the condition, expected one, or `value_count`"
    } else if bounds.percentile.is_none() && kind == K::ValuePercentile {
        "no `percentile` in the condition, expected a number from 0 to 100"
    } else {
        return Some(bounds);
    };
    reader.refuse(written.place, Code::Invalid, problem);
    None
}

fn bound(reader: &mut Reader<'_>, bounds: &mut Bounds, kind: CorrelationKind, entry: &Entry<'_>) -> Option<()> {
    let node = &entry.value;
    let comparison = match entry.key.as_ref() {
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        "eq" => Comparison::Equal,
        "neq" => Comparison::NotEqual,
        "field" => {
            bounds.fields = fields(reader, "correlation.condition.field", node)?;
            return Some(());
        }
        "percentile" if kind == CorrelationKind::ValuePercentile => {
            let percentile = number(node).filter(|p| (0.0..=100.0).contains(p));
            if percentile.is_none() {
                return refuse(reader, node, "correlation.condition.percentile", "a number from 0 to 100");
            }
            bounds.percentile = percentile;
            return Some(());
        }
        key => {
            let message = format!(
                "{} in the condition of a correlation, expected `gt`, `gte`, `lt`, `lte`, `eq`, `neq`, `field`, or \
                 `percentile` with `value_percentile`",
                shown(key)
            );
            reader.refuse(entry.place, Code::Unsupported, message);
            return None;
        }
    };
    let Some(number) = number(node) else {
        return refuse(reader, node, "correlation.condition", "a number");
    };
    bounds.comparisons.push((comparison, number));
    Some(())
}

#[expect(clippy::cast_precision_loss, reason = "counts beyond 2^53 are not met")]
fn number(node: &Node<'_>) -> Option<f64> {
    match value::decimal(&node.scalar()?.text)? {
        Number::Int(n) => Some(n as f64),
        Number::Float(n) => Some(n),
    }
}
