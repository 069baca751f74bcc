"""What notebooks show. Incident data is written by attackers: every field goes through `_text`."""

from __future__ import annotations

import base64
from dataclasses import fields, is_dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ._present import CaseFile, Export, Graph, Picture
    from ._types import (
        Action,
        ActionCentre,
        ActivityLog,
        Cause,
        Counterfactual,
        Explanation,
        Impact,
        Incident,
        IncidentState,
        IngestReport,
        KillChain,
        Plan,
        Profile,
        Response,
        Rule,
        RuleProblem,
        RuleTrace,
        SimilarIncidents,
        Timeline,
    )

ROWS = 20
_LONGEST = 300
_COLOURS = {
    "critical": "#b42318",
    "high": "#b42318",
    "malicious": "#b42318",
    "medium": "#b54708",
    "suspicious": "#b54708",
    "low": "#475467",
    "noThreatsFound": "#027a48",
}


def _text(value: Any) -> str:
    """Give any field as harmless HTML text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") + " UTC"
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    # Characters that reorder or hide text would let a title lie.
    shown = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)
    return escape(shown, quote=True)


def _cell(value: Any) -> str:
    colour = _COLOURS.get(value) if isinstance(value, str) else None
    style = f' style="text-align:left;color:{colour}"' if colour else ' style="text-align:left"'
    return f"<td{style}>{_text(value)}</td>"


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], total: int) -> str:
    """Give a table of at most `ROWS` rows, and how many there are beyond."""
    head = "".join(f'<th style="text-align:left">{_text(name)}</th>' for name in heads)
    shown = [row for row, _ in zip(rows, range(ROWS), strict=False)]
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in shown)
    more = f"<p>… and {total - len(shown):,} more</p>" if total > len(shown) else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _lead(title: str, parts: Iterable[str]) -> str:
    line = " · ".join(_text(part) for part in parts if part)
    return f"<p><strong>{_text(title)}</strong><br>{line}</p>"


def _section(name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return f"<p><strong>{_text(name)}</strong></p>{table(heads, rows, len(rows))}" if rows else ""


def casebook(facts: int, incidents: Sequence[Incident], total: int) -> str:
    """Give the queue; `incidents` are the first of `total`."""
    heads = ("Priority", "Incident", "Severity", "Status", "Alerts", "First activity", "Last activity", "Id")
    rows = [
        (i.priority.score, i.title, i.severity, i.status, _alerts(i), i.first_activity, i.last_activity, i.id)
        for i in incidents
    ]
    return _lead("Casebook", (f"{facts:,} facts", f"{total:,} incidents")) + table(heads, rows, total)


def incident(one: Incident) -> str:
    """Give an incident: what, how far, to whom, by what."""
    chain = one.kill_chain
    lead = _lead(
        one.title,
        (
            f"priority {one.priority.score:.1f}",
            f"severity {one.severity}",
            one.status,
            f"{_alerts(one)} alerts",
            f"{chain.observed} of {chain.total} stages, furthest {chain.furthest}" if chain.furthest else "",
            f"assigned to {one.assigned_to}" if one.assigned_to else "",
            ", ".join((*(system.tag for system in one.system_tags), *one.tags)),
            one.id,
        ),
    )
    alerts = [(a.time, a.severity, a.title, a.reason.text if a.reason else "", 1 + len(a.repeats)) for a in one.alerts]
    entities = [(e.kind, e.name, e.verdict, e.remediation_status, e.because, e.id) for e in one.entities]
    misses = [(m.other, m.text) for m in one.near_misses]
    return "".join(
        (
            lead,
            _section("Alerts", ("Time", "Severity", "Title", "Why it is here", "Count"), alerts),
            _section("Entities", ("Kind", "Name", "Verdict", "Remediation", "Because", "Id"), entities),
            _section("Almost joined", ("Alert", "Held back by"), misses),
            _section("Cut off", ("Limit",), [(text,) for text in one.truncated]),
        )
    )


def kill_chain(one: KillChain) -> str:
    """Give how far an attack came: every stage in the order of the matrix, and the gaps."""
    seconds = f"within {one.dwell_seconds / 3600:,.1f} h" if one.dwell_seconds is not None else ""
    counts = (f"{one.observed} of {one.total} stages", f"{one.progress} %", f"as far as {one.furthest}", seconds)
    when = {step.tactic: at for at, step in enumerate(one.order, 1)}
    rows = [
        (
            when.get(s.tactic, ""),
            s.name,
            s.highest_severity if s.observed else "gap" if s.tactic in one.gaps else "",
            len(s.alerts) or "",
            ", ".join(s.techniques),
            s.first,
        )
        for s in one.stages
    ]
    heads = ("Came", "Stage", "Severity", "Alerts", "Techniques", "First")
    return _lead("Kill chain", counts if one.furthest else counts[:1]) + table(heads, rows, len(rows))


def records(some: Sequence[Any]) -> str:
    """Give records of one kind as a table: those of their members that are plain values."""
    first = some[0] if some else None
    if not is_dataclass(first):
        return f"<pre>{_text(some)}</pre>"
    names = [f.name for f in fields(first) if not any(_nested(getattr(one, f.name)) for one in some[:ROWS])]
    heads = [name.rstrip("_").replace("_", " ").capitalize() for name in names]
    rows = (tuple(_plain(getattr(one, name)) for name in names) for one in some)
    return table(heads, rows, len(some))


def _nested(value: Any) -> bool:
    return is_dataclass(value) or (isinstance(value, tuple) and any(map(_nested, value)))


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def picture(one: Picture) -> str:
    """Give a picture as an image, in which nothing can run and whose style stays its own."""
    data = base64.b64encode(one.svg.encode()).decode("ascii")
    image = f'<img alt="{_text(one.title)}" src="data:image/svg+xml;base64,{data}" style="max-width:100%">'
    return image + "".join(f"<p>{_text(text)}</p>" for text in one.left_out)


def export(one: Export) -> str:
    """Give the beginning of a document, and what it leaves out."""
    lead = _lead(one.format, (f"{len(one.text):,} characters",))
    text = escape("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in one.text[:2000]))
    more = f"<p>… and {len(one.text) - 2000:,} more characters</p>" if len(one.text) > 2000 else ""
    return f"{lead}<pre>{text}</pre>{more}" + _section("Left out", ("What",), [(text,) for text in one.left_out])


def graph(one: Graph, file: Callable[[], CaseFile] | None) -> str:
    """Give a graph as a picture; without its incident only how large it is."""
    counts = (f"{len(one.get('nodes', ())):,} nodes", f"{len(one.get('edges', ())):,} edges")
    return _lead("Entity graph", counts) + (picture(file().picture("entity-graph")) if file else "")


def case_file(one: CaseFile) -> str:
    """Give an incident with its pictures."""
    pictures = (picture(one.picture(name)) for name in ("kill-chain", "alert-timeline"))
    return "".join(pictures) + incident(one.incident)


def explanation(why: Explanation) -> str:
    """Give the reasons for a verdict."""
    opinions = [(o.verdict, o.confidence, o.authority, o.because, "") for o in why.opinions]
    opinions += [(o.verdict, o.confidence, o.authority, o.because, o.overruled_by or "") for o in why.overruled]
    path = [(s.from_name, s.relation if s.forward else f"{s.relation} (reversed)", s.to, s.alert) for s in why.path]
    return "".join(
        (
            _lead(f"{why.name}: {why.verdict}", (why.because, why.entity, why.missing or "")),
            _section("Opinions", ("Verdict", "Confidence", "Authority", "Because", "Overruled by"), opinions),
            _section("Path", ("From", "Relation", "To", "Alert"), path),
        )
    )


def report(one: IngestReport) -> str:
    """Give what came in, and what was not understood."""
    events = (
        (one.events, "events"),
        (one.matches, "matches"),
        (one.unknown_events, "of no known logsource"),
        (one.unheld_events, "that could not wait for a match"),
    )
    counts = (
        f"{one.records:,} records",
        f"{one.alerts:,} alerts",
        *(f"{number:,} {what}" for number, what in events if number),
        f"{one.new:,} new",
        f"{one.duplicates:,} known",
    )
    problems = [(p.record, p.path, p.code, p.message) for p in one.problems]
    more = f"<p>… and {one.more_problems:,} more problems</p>" if one.more_problems else ""
    return _lead(one.source, (one.format or "", *counts)) + (
        _section("Problems", ("Record", "Path", "Kind", "Message"), problems) + more
    )


def timeline(one: Timeline) -> str:
    """Give what happened, by time."""
    alerts = sum(entry.kind == "alert" for entry in one.entries)
    counts = (f"{alerts:,} alerts", f"{len(one.entries) - alerts:,} events")
    rows = [(e.time, e.kind, e.severity, e.title, e.device, e.id) for e in one.entries]
    more = f"{one.left_out:,} later events left out" if one.left_out else ""
    heads = ("Time", "Kind", "Severity", "What", "Device", "Id")
    return _lead("Timeline", (*counts, more)) + table(heads, rows, len(rows))


def activity(one: ActivityLog) -> str:
    """Give what was done to an incident, by time."""
    rows = [(e.at, e.by, e.type, e.text, e.reason, e.target) for e in one.entries]
    more = f"{one.more_system:,} more of the system" if one.more_system else ""
    heads = ("Time", "By", "What", "In words", "Why", "Of")
    return _lead("Activity", (one.id, more)) + table(heads, rows, len(rows))


_ACTION = ("State", "Action", "Of", "On", "Verdict", "Since", "Until", "Why", "Id")


def _actions(some: Iterable[Action]) -> list[tuple[Any, ...]]:
    return [
        (a.state, a.title, a.entity.name, a.on.name if a.on else "", a.verdict, a.since, a.expires, a.because, a.id)
        for a in some
    ]


def response(one: Response) -> str:
    """Give what is to be done about an incident, its investigations, and what has been done."""
    investigations = [
        (
            i.state,
            i.title,
            "the vendor's" if i.vendor else "",
            len(i.alerts),
            len(i.devices),
            len(i.findings),
            i.because,
        )
        for i in one.investigations
    ]
    sums = [
        (r.asset.name if r.asset else "all", r.asset.kind if r.asset else "", c.remediation_status, c.count)
        for r in one.roll_ups
        for c in r.counts
    ]
    heads = ("State", "Set off by", "", "Alerts", "Devices", "Bad", "Why")
    return (
        _lead("Response", (one.incident, f"{len(one.actions)} actions", *one.truncated))
        + _section("Actions", _ACTION, _actions(one.actions))
        + _section("Investigations", heads, investigations)
        + _section("Remediation", ("Of", "Kind", "Status", "Entities"), sums)
    )


def action_centre(one: ActionCentre) -> str:
    """Give what waits in the whole casebook, and what was decided or done."""
    strays = f"{one.strays:,} facts about what no alert holds" if one.strays else ""
    return (
        _lead("Action centre", (f"{len(one.pending)} pending", f"{len(one.history)} in the history", strays))
        + _section("Pending", _ACTION, _actions(one.pending))
        + _section("History", _ACTION, _actions(one.history))
    )


def plan(one: Plan) -> str:
    """Give a plan: what to do and what that breaks, what is protected, lost, or cannot be protected."""
    actions = [
        (
            a.cost,
            a.title,
            a.state or "not asked for yet",
            "; ".join(f"{b.text}: {', '.join(e.name for e in b.entities)}" for b in a.breaks),
            a.id,
        )
        for a in one.actions
    ]
    names = {node.id: node.name for node in one.graph.nodes}
    paths = [
        (
            o.name,
            o.kind,
            " ".join((names.get(o.path.start, ""), *(f"{s.by} {names.get(s.to, '')}" for s in o.path.steps))),
        )
        for o in one.unprotected
    ]
    return (
        _lead("Plan", (one.outcome, f"cost {one.cost:,}", one.incident, *one.truncated))
        + _section("Actions", ("Cost", "Action", "State", "Breaks", "Id"), actions)
        + _section("Protected", ("Asset", "Kind"), [(e.name, e.kind) for e in one.protected])
        + _section("Not protected", ("Asset", "Kind", "Path"), paths)
        + _section("Lost", ("Asset", "Kind", "Why"), [(h.name, h.kind, h.because) for h in one.controlled if h.asset])
    )


def similar(one: SimilarIncidents) -> str:
    """Give the incidents most like one: how like, how they were closed, and what they share."""
    rows = [
        (
            f"{i.score:.1f}",
            i.title,
            i.status,
            " ".join(part for part in (i.classification, i.determination) if part != "unknown"),
            i.resolution.reason or i.resolution.by if i.resolution else "",
            ", ".join(fact.name for fact in i.shared[:5]),
            i.id,
        )
        for i in one.incidents
    ]
    heads = ("Score", "Title", "Status", "Found to be", "Why", "Shared", "Id")
    return _lead("Similar incidents", (f"{one.more:,} more",)) + _section("Incidents", heads, rows)


def impact(one: Impact) -> str:
    """Give what a change does: to incidents, to alerts, to verdicts."""

    def state(of: IncidentState | None) -> str:
        return f"{of.severity}, priority {of.priority:.1f}, {of.alerts} alerts" if of else "none"

    def said(of: tuple[str, float] | None) -> str:
        return f"{of[0]} {of[1]:.2f}" if of else "none"

    def states(of: Sequence[IncidentState]) -> str:
        return "; ".join(map(state, of)) or "none"

    def why(of: Cause) -> str:
        return f"{of.how}: {', '.join(of.by)}" if of.by else of.how

    incidents = []
    for i in one.incidents:
        first = next(iter((*i.after, *i.before)), None)
        named = (first.title, first.id) if first else ("", "")
        incidents.append((i.change, named[0], states(i.before), states(i.after), why(i.cause), named[1]))
    alerts = [("comes", a.title, a.incident, why(a.cause), a.id) for a in one.new_alerts]
    alerts += [("goes", a.title, a.incident, why(a.cause), a.id) for a in one.gone_alerts]
    verdicts = [
        (v.name, said(v.before), said(v.after), why(v.cause), v.entity) for i in one.incidents for v in i.verdicts
    ]
    counts = (f"{one.incidents_before:,} incidents before", f"{one.incidents_after:,} after")
    return "".join(
        (
            _lead("Impact", counts),
            _section("Incidents", ("Change", "Title", "Before", "After", "Cause", "Id"), incidents),
            _section("Alerts", ("", "Title", "Incident", "Cause", "Id"), alerts),
            _section("Verdicts", ("Entity", "Before", "After", "Cause", "Id"), verdicts),
        )
    )


def counterfactual(one: Counterfactual) -> str:
    """Give what it would take for another verdict."""
    bound = "no fewer facts do" if one.minimal else f"no {one.none_up_to:,} facts or fewer do"
    budget = "" if one.complete else "the budget ended the search"
    facts = [(f.kind, f.text, f.id) for f in one.without.facts] if one.without else []
    with_ = [("indicator" if w.indicator else "decision", w.indicator or w.decision, w.verdict) for w in one.with_]
    lead = _lead(f"{one.entity}: {one.verdict} to {one.wanted}", (one.goal, bound, budget, f"{one.worlds:,} worlds"))
    return "".join(
        (
            lead,
            _section("Without these", ("Kind", "What it says", "Id"), facts),
            _section("Or with one of these", ("Kind", "It", "Verdict"), with_),
        )
    )


def rules(some: Sequence[Rule], problems: Sequence[RuleProblem]) -> str:
    """Give the rules of a set, and what was wrong with others."""
    heads = ("Level", "Title", "Kind", "Category", "Product", "Service", "Tags", "Source", "Id")
    rows = [
        (r.level, r.title, r.kind, r.category, r.product, r.service, ", ".join(r.tags), f"{r.source}:{r.line}", r.id)
        for r in some[:ROWS]
    ]
    wrong = [(f"{p.source}:{p.line}:{p.column}", p.rule, p.code, p.message) for p in problems]
    lead = _lead("Rules", (f"{len(some):,} rules", f"{len(wrong):,} problems" if wrong else ""))
    return lead + table(heads, rows, len(some)) + _section("Problems", ("Place", "Rule", "Kind", "Message"), wrong)


def trace(one: RuleTrace) -> str:
    """Give why a rule matched, or why it did not."""
    heads = ("", "Selection", "Line", "Wanted", "Found")
    rows = [
        ("held" if i.matched else "failed", s.name, i.key, ", ".join(i.wanted), ", ".join(i.found))
        for s in one.selections
        for i in s.items
    ]
    return _lead(one.text, (c.text for c in one.conditions)) + _section("Selections", heads, rows)


def profile(one: Profile) -> str:
    """Give what rules cost, those that hit most first, and why others were never evaluated."""
    heads = ("Hits", "Rule", "Events", "Evaluated", "Lines", "Never evaluated")
    costs = sorted(one.rules, key=lambda cost: (-cost.hits, -cost.lines, cost.rule))
    rows = [(c.hits, c.title, c.events, c.evaluated, c.lines, c.never) for c in costs[:ROWS]]
    counts = (f"{one.events:,} events", f"{one.unknown_events:,} of no known logsource")
    return _lead("Profile", counts) + table(heads, rows, len(costs))


def _alerts(one: Incident) -> int:
    return sum(1 + len(alert.repeats) for alert in one.alerts)
