"""What the casebook tells, as frozen dataclasses.

Attributes are the members of the JSON form in snake_case (`from_` and `with_` for those that Python
keeps for itself), lists are tuples, times are aware datetimes in UTC (cut to microseconds), and
enumerations are their JSON spelling, so that a value which a newer product invents does no harm.
The types at the top (`Incident`, `Explanation`, `IngestReport`, `QueueLine`, `Fact`, `Timeline`, `Impact`,
`Counterfactual`, `SimilarIncidents`, `Response`, `ActionRequest`, `ActionCentre`, `ActionInfo`, `Plan`, `ActivityLog`,
`UserPriority`, `AssetRisk`, `Rule`, `RuleTrace`, `Profile`) keep the JSON text they were made from.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, get_args, get_origin, get_type_hints

from . import _html, _native
from ._errors import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

D = TypeVar("D", bound="Document")

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))")
# A trailing underscore keeps a member apart from a Python keyword.
_CAMEL = re.compile(r"_([a-z]?)")


def parse_time(text: str) -> datetime:
    """Give the aware datetime of an RFC 3339 time, the nearest one that Python has."""
    try:
        return _utc(text)
    except (ValueError, OverflowError):  # a year outside 1 to 9999
        nearest = datetime.min if text.startswith(("-", "0")) else datetime.max
        return nearest.replace(tzinfo=timezone.utc)


def _utc(text: str) -> datetime:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day, minute, second, fraction, sign, hours, minutes = found.groups()
    # A leap second is the last moment of its minute.
    leap = second == "60"
    micros = 999_999 if leap else int(((fraction or "") + "000000")[:6])
    local = datetime.fromisoformat(f"{day}T{minute}:{'59' if leap else second}+00:00")
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return local + timedelta(microseconds=micros) - (-offset if sign == "-" else offset)


class Records(tuple[Any, ...]):
    """A tuple of records that a notebook shows as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return _html.records(self)


class RecordList(list[D]):
    """A list of records that a notebook shows as a table."""

    def _repr_html_(self) -> str:
        return _html.records(self)


@functools.cache
def _shape(kind: type[Any]) -> tuple[tuple[str, str, Any], ...]:
    hints = get_type_hints(kind, vars(sys.modules[__name__]))
    names = [f.name for f in fields(kind)]
    return tuple((name, _CAMEL.sub(lambda m: m.group(1).upper(), name), hints[name]) for name in names)


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return () if get_origin(hint) is tuple else None
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        items = (_read(inner, item) for item in value)
        return Records(items) if is_dataclass(inner) else tuple(items)
    options = [option for option in get_args(hint) if option is not type(None)]
    if options:
        return _read(options[0], value)
    if hint is datetime:
        return parse_time(value)
    return _build(hint, value) if is_dataclass(hint) else value


def _build(kind: Any, value: Any) -> Any:
    return kind(**{name: _read(hint, value.get(member)) for name, member, hint in _shape(kind)})


@dataclass(frozen=True)
class Document:
    """A value with its JSON text."""

    _json: ClassVar[str] = ""

    @classmethod
    def from_json(cls: type[D], text: str) -> D:
        """Read the form that `to_json` gives."""
        document: D = _build(cls, json.loads(text))
        object.__setattr__(document, "_json", text)
        return document

    def to_json(self) -> str:
        """Give the JSON text, byte for byte as the Rust and C faces have it."""
        if not self._json:
            raise invalid("a value that was put together by hand has no JSON text")
        return self._json

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON form as new dicts and lists."""
        return cast("dict[str, Any]", json.loads(self.to_json()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self).from_json, (self.to_json(),))


@dataclass(frozen=True)
class Problem:
    """What was wrong with one record of an ingest that went on."""

    source: str
    record: int
    path: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}, record {self.record}, {self.path}: {self.message}"


@dataclass(frozen=True, repr=False)
class IngestReport(Document):
    """What came in, and what was not understood."""

    source: str
    format: str | None
    bytes: int
    records: int
    alerts: int
    incidents: int
    evidence: int
    events: int
    matches: int
    unknown_events: int
    unheld_events: int
    new: int
    duplicates: int
    problems: tuple[Problem, ...]
    more_problems: int

    def __repr__(self) -> str:
        bad = len(self.problems) + self.more_problems
        events = f"{self.events} events, {self.matches} matches, " if self.events else ""
        facts = f"{self.new} new facts, {self.duplicates} known"
        return f"<IngestReport: {self.records} records, {events}{facts}, {bad} problems>"

    def _repr_html_(self) -> str:
        return _html.report(self)


@dataclass(frozen=True)
class QueueLine(Document):
    """A line of the queue: what tells incidents apart at a glance."""

    id: str
    tenant_id: str
    score: float
    alerts: int
    first_activity: datetime | None
    last_activity: datetime | None


@dataclass(frozen=True)
class Contribution:
    """Share of one factor in a priority."""

    factor: str
    points: float
    count: int
    detail: str


@dataclass(frozen=True)
class Priority:
    """How urgent an incident is, 0 to 100, and what makes it so."""

    score: float
    band: str
    model: str
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class VendorIncident:
    """An incident as the vendor has it."""

    id: str
    display_name: str | None


@dataclass(frozen=True)
class LinkLine:
    """Why an alert is in its incident: the strongest link to an earlier one."""

    reason: str
    with_: str
    kind: str | None
    entity: str | None
    gap_seconds: int | None
    strength: float
    text: str


@dataclass(frozen=True)
class Repeat:
    """An alert that is folded into the first of its kind."""

    id: str
    time: datetime | None
    fact: str


@dataclass(frozen=True)
class AlertLine:
    """One alert of the timeline; `fact` is what a retraction names."""

    id: str
    time: datetime | None
    title: str
    severity: str
    status: str
    assigned_to: str | None
    service_source: str
    product_name: str
    detector_id: str
    categories: tuple[str, ...]
    mitre_techniques: tuple[str, ...]
    reason: LinkLine | None
    repeats: tuple[str, ...]
    repeat_times: tuple[Repeat, ...]
    fact: str


@dataclass(frozen=True)
class Step:
    """A stage in the order of the attack."""

    tactic: str
    first: datetime | None
    after_seconds: int | None


@dataclass(frozen=True)
class Stage:
    """One stage of the kill chain."""

    tactic: str
    name: str
    observed: bool
    alerts: tuple[str, ...]
    techniques: tuple[str, ...]
    entities: int
    highest_severity: str
    highest_verdict: str
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class KillChain:
    """How far the attack came along ATT&CK."""

    edition: str
    attack_version: str
    observed: int
    total: int
    furthest: str | None
    progress: int
    order: tuple[Step, ...]
    gaps: tuple[str, ...]
    dwell_seconds: int | None
    stages: tuple[Stage, ...]

    def _repr_html_(self) -> str:
        return _html.kill_chain(self)


@dataclass(frozen=True)
class AssetLine:
    """An asset of the scope."""

    id: str
    kind: str
    name: str
    risk_level: str
    investigation_priority: float | None
    impacted: bool
    critical: bool
    criticality: str
    tags: tuple[str, ...]
    alerts: int


@dataclass(frozen=True)
class Scope:
    """What was hit: counts of all, and the top ones of each kind."""

    device_count: int
    user_count: int
    mailbox_count: int
    application_count: int
    other_count: int
    devices: tuple[AssetLine, ...]
    users: tuple[AssetLine, ...]
    mailboxes: tuple[AssetLine, ...]
    applications: tuple[AssetLine, ...]
    others: tuple[AssetLine, ...]


@dataclass(frozen=True)
class EntityLine:
    """An entity with its verdict."""

    id: str
    kind: str
    name: str
    verdict: str
    score: float
    remediation_status: str
    impacted: bool
    alerts: int
    first_seen: datetime | None
    because: str


@dataclass(frozen=True)
class EvidenceCount:
    """A cell of the evidence roll-up."""

    kind: str
    verdict: str
    remediation_status: str
    count: int


@dataclass(frozen=True)
class LinkTotals:
    """How many links hold an incident together."""

    kept: int
    redundant: int


@dataclass(frozen=True)
class NearMiss:
    """An alert that almost joined."""

    alert: str
    other: str
    other_incident: str
    kind: str
    entity: str
    held_by: str
    text: str


@dataclass(frozen=True)
class Activity:
    """What somebody did; what does not belong to this kind of decision is `None`."""

    fact: str
    decision: str
    by: str
    at: datetime
    alerts: tuple[str, ...]
    reason: str | None
    entity: str | None
    verdict: str | None
    to: str | None
    from_: tuple[str, ...]
    into: tuple[str, ...]
    status: str | None
    classification: str | None
    determination: str | None
    severity: str | None
    title: str | None
    tag: str | None
    text: str | None


@dataclass(frozen=True)
class SystemTag:
    """A tag that follows from what happened, and its ground in words."""

    tag: str
    because: str


@dataclass(frozen=True)
class ActivityEntry:
    """One thing that was done to an incident: by a person, or by `casegraph` itself."""

    at: datetime | None
    origin: str
    type: str
    by: str
    target_type: str
    target: str
    text: str
    reason: str | None
    fact: str


@dataclass(frozen=True, repr=False)
class ActivityLog(Document):
    """What was done to an incident, the oldest first; what has no time is last."""

    id: str
    entries: tuple[ActivityEntry, ...]
    more_system: int

    def __repr__(self) -> str:
        more = f", {self.more_system} more of the system" if self.more_system else ""
        return f"<ActivityLog of {self.id}: {len(self.entries)} entries{more}>"

    def _repr_html_(self) -> str:
        return _html.activity(self)


@dataclass(frozen=True)
class UserShare:
    """What one alert gives a user."""

    alert: str
    title: str
    incident: str
    time: datetime | None
    points: float
    severity: str
    impact: str
    rarity: int
    detail: str


@dataclass(frozen=True, repr=False)
class UserPriority(Document):
    """How much a user needs looking into, with the share of every alert."""

    id: str
    name: str
    tenant_id: str
    model: str
    score: float
    percentile: int
    users: int
    red: bool
    criticality: str
    latest: datetime | None
    shares: tuple[UserShare, ...]
    more: int
    more_points: float
    not_counted: int

    def __repr__(self) -> str:
        return f"<UserPriority of {self.name!r}: {self.score:.2f}, percentile {self.percentile} of {self.users} users>"


@dataclass(frozen=True)
class AssetRisk(Document):
    """How much is at stake on an asset now; `open` counts alerts by severity, unknown first."""

    id: str
    name: str
    risk_level: str
    because: str
    open: tuple[int, ...]
    resolved: int


@dataclass(frozen=True, repr=False)
class Incident(Document):
    """One incident, summed up. Any member alert's id leads to it."""

    id: str
    tenant_id: str
    title: str
    severity: str
    status: str
    classification: str
    determination: str
    assigned_to: str | None
    tags: tuple[str, ...]
    system_tags: tuple[SystemTag, ...]
    priority: Priority
    first_activity: datetime | None
    last_activity: datetime | None
    service_sources: tuple[str, ...]
    vendor_incidents: tuple[VendorIncident, ...]
    alerts: tuple[AlertLine, ...]
    kill_chain: KillChain
    scope: Scope
    entities: tuple[EntityLine, ...]
    evidence: tuple[EvidenceCount, ...]
    links: LinkTotals
    near_misses: tuple[NearMiss, ...]
    more_near_misses: int
    activity: tuple[Activity, ...]
    truncated: tuple[str, ...]

    def __repr__(self) -> str:
        title = self.title if len(self.title) <= 60 else f"{self.title[:59]}…"
        alerts = sum(1 + len(alert.repeats) for alert in self.alerts)
        score = f"{self.priority.score:.1f}"
        return f"<Incident {title!r}: {self.severity}, {self.status}, priority {score}, {alerts} alerts>"

    def _repr_html_(self) -> str:
        return _html.incident(self)


@dataclass(frozen=True)
class RuleName:
    """A rule, by all of its names; `id` is absent when it has none."""

    title: str
    id: str | None
    hash: str


@dataclass(frozen=True)
class StatedOpinion:
    """One opinion, with where it comes from.

    `fact` is the fact at its leaf and `at` the place in it; `overruling` the fact, or the hash of the rule, that
    set it aside.
    """

    verdict: str
    confidence: int
    authority: str
    source: str
    because: str
    alert: str | None
    fact: str | None
    at: str | None
    rule: RuleName | None
    looked_at: tuple[str, ...]
    overruled_by: str | None
    overruling: str | None


@dataclass(frozen=True)
class PathStart:
    """The entity that suspicion started from, with the opinions on it alone."""

    entity: str
    identifiers: tuple[str, ...]
    score: float
    authority: str
    opinions: tuple[StatedOpinion, ...]


@dataclass(frozen=True)
class PathStep:
    """One step of the path that suspicion took, with the fact that shows it."""

    from_: str
    from_name: str
    relation: str
    forward: bool
    to: str
    weight: float
    score: float
    capped: RuleName | None
    alert: str
    fact: str
    at: str


@dataclass(frozen=True)
class Spared:
    """The exculpating rule that keeps a score down, and the entity that it fits."""

    entity: str
    name: str
    rule: RuleName
    at_most: float


@dataclass(frozen=True)
class Bounds:
    """What a verdict may be, when the budget ran out before it was settled."""

    lower: float
    upper: float
    verdicts: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """An alert of the incident, with the facts that it stands in."""

    alert: str
    tenant_id: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Basis:
    """What a proof takes for granted: version, policy, rules, thresholds, and which alerts are one incident."""

    engine: str
    policy: str
    rules: str | None
    malicious: float
    suspicious: float
    incident: tuple[Member, ...]
    digest: str


@dataclass(frozen=True, repr=False)
class Explanation(Document):
    """Why an entity has its verdict: a proof of it, that `Casebook.check` goes over."""

    schema: str
    entity: str
    tenant_id: str
    kind: str
    name: str
    identifiers: tuple[str, ...]
    verdict: str
    score: float
    authority: str
    because: str
    impacted: bool
    opinions: tuple[StatedOpinion, ...]
    start: PathStart | None
    path: tuple[PathStep, ...]
    spared: Spared | None
    overruled: tuple[StatedOpinion, ...]
    examined: tuple[RuleName, ...]
    missing: str | None
    limits: tuple[str, ...]
    undecided: Bounds | None
    basis: Basis

    def tree(self) -> str:
        """Give the proof as a tree of text: the verdict, what it rests on, and at the leaves the facts."""
        return _native.proof_tree(self.to_json())

    def __repr__(self) -> str:
        return f"<Explanation {self.entity!r}: {self.verdict}, {self.because!r}>"

    def _repr_html_(self) -> str:
        return _html.explanation(self)


@dataclass(frozen=True)
class Flaw:
    """The first step of a proof that does not hold: what kind of step, where in the proof, and why."""

    kind: str
    at: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} at {self.at}"


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a timeline: an alert, or a raw event, of which `id` is the fact and `alerts` what rules made."""

    time: datetime | None
    kind: str
    id: str
    title: str
    severity: str | None
    device: str | None
    alerts: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Timeline(Document):
    """What happened, by time; `left_out` counts the latest events, over `rules.timelineEvents` of the policy."""

    entries: tuple[TimelineEntry, ...]
    left_out: int

    def __repr__(self) -> str:
        alerts = sum(entry.kind == "alert" for entry in self.entries)
        more = f", {self.left_out:,} left out" if self.left_out else ""
        return f"<Timeline: {alerts:,} alerts, {len(self.entries) - alerts:,} events{more}>"

    def _repr_html_(self) -> str:
        return _html.timeline(self)


@dataclass(frozen=True)
class Cause:
    """What of several changes does something: each of `by` `alone`, only several `together`, or `untried`.

    A fact is named by its id, a rule by its id or title, a number of the policy as in `correlate.threshold`.
    """

    how: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class ImpactAlert:
    """An alert that comes or goes."""

    id: str
    title: str
    incident: str
    fact: str
    cause: Cause


@dataclass(frozen=True)
class IncidentState:
    """An incident in a few lines: `stages` of the kill chain in matrix order, `progress` from 0 to 100."""

    id: str
    tenant_id: str
    title: str
    severity: str
    priority: float
    band: str
    contributions: tuple[Contribution, ...]
    stages: tuple[str, ...]
    progress: int
    alerts: int


@dataclass(frozen=True)
class VerdictImpact:
    """What becomes of the verdict of an entity: verdict and score, `None` when the incident does not hold it."""

    entity: str
    name: str
    before: tuple[str, float] | None
    after: tuple[str, float] | None
    cause: Cause


@dataclass(frozen=True)
class IncidentImpact:
    """What becomes of an incident: `formed`, `ended`, `joined`, `split`, `grown`, `shrunk`, `regrouped`, `rejudged`."""

    change: str
    before: tuple[IncidentState, ...]
    after: tuple[IncidentState, ...]
    verdicts: tuple[VerdictImpact, ...]
    cause: Cause


@dataclass(frozen=True, repr=False)
class Impact(Document):
    """What a change does to verdicts, incidents, kill chains and priorities."""

    incidents_before: int
    incidents_after: int
    new_alerts: tuple[ImpactAlert, ...]
    gone_alerts: tuple[ImpactAlert, ...]
    incidents: tuple[IncidentImpact, ...]

    def __repr__(self) -> str:
        alerts = f"{len(self.new_alerts):,} alerts come, {len(self.gone_alerts):,} go"
        return f"<Impact: {alerts}, {len(self.incidents):,} incidents change>"

    def _repr_html_(self) -> str:
        return _html.impact(self)


@dataclass(frozen=True)
class EntityName:
    """An entity by id, kind and name."""

    id: str
    kind: str
    name: str


@dataclass(frozen=True)
class AttackStep:
    """A step of a path: what leads there, in words, and the id of the node."""

    by: str
    to: str


@dataclass(frozen=True)
class AttackPath:
    """A path through the graph of a plan, by ids of its nodes."""

    start: str
    steps: tuple[AttackStep, ...]


@dataclass(frozen=True)
class AttackNode:
    """Something that the attacker holds or could reach; `cut_by` is a dict as `decide` takes it."""

    id: str
    kind: str | None
    name: str
    controlled: bool
    asset: bool
    cut_by: dict[str, Any] | None
    cost: int | None

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True)
class AttackWay:
    """A way from one node to another."""

    from_: str
    to: str
    by: str


@dataclass(frozen=True)
class AttackGraph:
    """How the attacker gets about."""

    nodes: tuple[AttackNode, ...]
    ways: tuple[AttackWay, ...]


@dataclass(frozen=True)
class Breakage:
    """Something that an action breaks, and whom or what it hits."""

    text: str
    entities: tuple[EntityName, ...]
    more: int


@dataclass(frozen=True)
class PlannedAction:
    """An action of a plan; `state` is `None` when nothing asked for it so far."""

    id: str
    action: str
    entity: str
    on: str | None
    title: str
    state: str | None
    cost: int
    because: str
    breaks: tuple[Breakage, ...]


@dataclass(frozen=True)
class ProofPath:
    """A path of the attacker, and how much of the cost it accounts for."""

    path: AttackPath
    amount: int


@dataclass(frozen=True)
class HeldEntity:
    """An entity that the attacker holds, or that is dealt with, and why."""

    id: str
    kind: str
    name: str
    asset: bool
    because: str


@dataclass(frozen=True)
class OpenAsset:
    """An asset that the attacker reaches, with a shortest path."""

    id: str
    kind: str
    name: str
    path: AttackPath


@dataclass(frozen=True)
class PlanTarget:
    """An action and what it is done to."""

    action: str
    entity: str
    on: str | None


@dataclass(frozen=True)
class PlanWhatIf(Document):
    """What holds when only some actions of a plan are taken."""

    taken: tuple[PlanTarget, ...]
    cost: int
    omitted: tuple[PlanTarget, ...]
    reached: tuple[OpenAsset, ...]
    protected: tuple[EntityName, ...]


@dataclass(frozen=True)
class ActionInfo(Document):
    """What is fixed about an action: what it applies to, what it needs, what takes it back."""

    action: str
    title: str
    applies_to: tuple[str, ...]
    needs_device: bool
    class_: str
    remediates: bool
    undone_by: str | None


@dataclass(frozen=True)
class Approval:
    """Somebody agreed to an action."""

    by: str
    at: datetime
    reason: str | None
    fact: str


@dataclass(frozen=True)
class ActionStep:
    """A state that an action came into; `by` is `None` for the policy and the passing of time."""

    at: datetime | None
    state: str
    by: str | None
    note: str | None
    fact: str | None


@dataclass(frozen=True)
class Contradiction:
    """Something that was said of an action and does not fit what holds."""

    at: datetime
    by: str
    text: str
    fact: str


@dataclass(frozen=True)
class Action:
    """One action on one entity, on one device where it is done on one.

    `state` is `proposed`, `pendingApproval`, `approved`, `running`, `completed`, `failed`, `partially`, `rejected`,
    `expired` or `undone`.
    """

    id: str
    action: str
    title: str
    class_: str | None
    entity: EntityName
    on: EntityName | None
    state: str
    since: datetime | None
    automatic: bool
    recommended: bool
    verdict: str
    level: str
    folder: str | None
    because: str
    proposed_by: str | None
    expires: datetime | None
    needed: int
    approvals: tuple[Approval, ...]
    attempt: int
    outcome: str | None
    undo: str | None
    undone_by: str | None
    seen_again: datetime | None
    history: tuple[ActionStep, ...]
    contradictions: tuple[Contradiction, ...]
    investigation: str | None
    incident: str
    tenant_id: str


@dataclass(frozen=True)
class ActionRequest(Document):
    """What the host is to carry out, once for each `key`: `perform` on `entity`, on the device `on` if there is one."""

    key: str
    perform: str
    undo: bool
    id: str
    action: str
    entity: EntityName
    identifiers: tuple[str, ...]
    on: EntityName | None
    device_identifiers: tuple[str, ...]
    because: str
    approved_by: tuple[str, ...]
    incident: str
    tenant_id: str


@dataclass(frozen=True)
class ActionReply:
    """What an executor says: `running`, `waiting`, `completed`, `notFound`, `partially` or `failed`."""

    outcome: str
    message: str | None = None
    at: datetime | str | None = None


@dataclass(frozen=True)
class InvestigatedDevice:
    """A device of an investigation; `through` is the bad entity that brought it in."""

    id: str
    kind: str
    name: str
    level: str
    through: EntityName | None


@dataclass(frozen=True)
class Finding:
    """A bad entity of an investigation, and what has been done about it."""

    id: str
    kind: str
    name: str
    verdict: str
    remediation_status: str


@dataclass(frozen=True)
class Expansion:
    """Devices that an investigation grows to once somebody agrees to `action`."""

    through: EntityName
    devices: int
    action: str


@dataclass(frozen=True)
class LogStep:
    """A step of an investigation."""

    at: datetime | None
    text: str
    action: str | None


@dataclass(frozen=True)
class Investigation:
    """An automated investigation: casegraph's own, or with `vendor` one that came with the alert."""

    id: str
    vendor: bool
    vendor_id: str | None
    title: str
    state: str
    because: str
    started: datetime | None
    ended: datetime | None
    alerts: tuple[str, ...]
    devices: tuple[InvestigatedDevice, ...]
    examined: int
    findings: tuple[Finding, ...]
    pending_actions: tuple[str, ...]
    past_actions: tuple[str, ...]
    expansions: tuple[Expansion, ...]
    log: tuple[LogStep, ...]
    more_steps: int


@dataclass(frozen=True)
class EvidenceStatus:
    """What has been done about an entity, as the actions put it, and as the vendor does."""

    id: str
    kind: str
    name: str
    verdict: str
    remediation_status: str
    vendor_status: str
    actions: tuple[str, ...]


@dataclass(frozen=True)
class StatusCount:
    """How many entities have a remediation status."""

    remediation_status: str
    count: int


@dataclass(frozen=True)
class RollUp:
    """How many bad entities have each status: of the whole incident, or of one device, user or mailbox."""

    asset: EntityName | None
    counts: tuple[StatusCount, ...]


@dataclass(frozen=True, repr=False)
class Response(Document):
    """What is to be done about an incident, who must agree, and how far it is."""

    incident: str
    at: datetime
    actions: tuple[Action, ...]
    investigations: tuple[Investigation, ...]
    evidence: tuple[EvidenceStatus, ...]
    roll_ups: tuple[RollUp, ...]
    auto_resolved: tuple[str, ...]
    truncated: tuple[str, ...]

    def __repr__(self) -> str:
        waiting = sum(action.state == "pendingApproval" for action in self.actions)
        return f"<Response to {self.incident}: {len(self.actions)} actions, {waiting} wait for approval>"

    def _repr_html_(self) -> str:
        return _html.response(self)


@dataclass(frozen=True, repr=False)
class ActionCentre(Document):
    """Actions of the whole casebook: what waits, and what was decided or done."""

    at: datetime
    pending: tuple[Action, ...]
    history: tuple[Action, ...]
    strays: int

    def __repr__(self) -> str:
        return f"<ActionCentre: {len(self.pending)} pending, {len(self.history)} in the history>"

    def _repr_html_(self) -> str:
        return _html.action_centre(self)


@dataclass(frozen=True, repr=False)
class Plan(Document):
    """The cheapest actions that part the attacker from what is not lost yet, and the proof that nothing cheaper does.

    `outcome` is `nothingToCut`, `cut`, `partly` or `impossible`.
    """

    incident: str
    at: datetime
    outcome: str
    actions: tuple[PlannedAction, ...]
    cost: int
    proof: tuple[ProofPath, ...]
    controlled: tuple[HeldEntity, ...]
    protected: tuple[EntityName, ...]
    unprotected: tuple[OpenAsset, ...]
    unreached: tuple[EntityName, ...]
    dealt_with: tuple[HeldEntity, ...]
    truncated: tuple[str, ...]
    graph: AttackGraph

    def check(self) -> None:
        """Go over the plan with nothing but its own graph; raises `DataError` with what does not hold."""
        _native.check_plan(self.to_json())

    def what_if(self, ids: str | Iterable[str]) -> PlanWhatIf:
        """Tell which assets are reached when only the actions with these ids are taken."""
        return PlanWhatIf.from_json(_native.plan_what_if(self.to_json(), [ids] if isinstance(ids, str) else list(ids)))

    def __repr__(self) -> str:
        assets = f"{len(self.protected)} assets protected, {len(self.unprotected)} not"
        return f"<Plan of {self.incident}: {len(self.actions)} actions at a cost of {self.cost}, {assets}>"

    def _repr_html_(self) -> str:
        return _html.plan(self)


@dataclass(frozen=True)
class NamedFact:
    """A fact in a line."""

    id: str
    kind: str
    text: str


@dataclass(frozen=True)
class Without:
    """Facts without which a goal is reached, and the verdict without them."""

    facts: tuple[NamedFact, ...]
    verdict: str


@dataclass(frozen=True)
class With:
    """An indicator or a decision, as a dict ready to be added, with which a goal is reached."""

    indicator: dict[str, Any] | None
    decision: dict[str, Any] | None
    verdict: str

    def __hash__(self) -> int:
        return hash((json.dumps([self.indicator, self.decision], sort_keys=True), self.verdict))


@dataclass(frozen=True, repr=False)
class Counterfactual(Document):
    """What it would take for an entity to have a verdict that is `wanted`, or one beyond it (`goal`).

    `without` is the smallest set of facts when `minimal`; in any case none of `none_up_to` facts or fewer does it.
    `complete` is false when the budget ended the search.
    """

    entity: str
    verdict: str
    goal: str
    wanted: str
    without: Without | None
    minimal: bool
    none_up_to: int
    with_: tuple[With, ...]
    candidates: int
    worlds: int
    complete: bool

    def __repr__(self) -> str:
        found = "no set of facts found" if self.without is None else f"without {len(self.without.facts):,} facts"
        bound = "the fewest" if self.minimal else f"none of up to {self.none_up_to:,}"
        return f"<Counterfactual: {self.verdict} to {self.wanted}: {found}, {bound}>"

    def _repr_html_(self) -> str:
        return _html.counterfactual(self)


@dataclass(frozen=True)
class Share:
    """Share of one aspect in a likeness; all points sum to the score."""

    aspect: str
    points: float
    count: int


@dataclass(frozen=True)
class SharedFact:
    """What two incidents share; `incidents` of the tenant have it."""

    aspect: str
    kind: str | None
    id: str
    name: str
    incidents: int


@dataclass(frozen=True)
class Resolution:
    """Who closed an incident, and why."""

    by: str
    at: datetime
    reason: str | None


@dataclass(frozen=True)
class SimilarIncident:
    """An earlier incident that is like another."""

    id: str
    title: str
    score: float
    shares: tuple[Share, ...]
    shared: tuple[SharedFact, ...]
    more_shared: int
    severity: str
    status: str
    classification: str
    determination: str
    assigned_to: str | None
    resolution: Resolution | None
    first_activity: datetime | None
    last_activity: datetime | None
    alerts: int


@dataclass(frozen=True, repr=False)
class SimilarIncidents(Document):
    """The earlier incidents most like one, the most alike first."""

    id: str
    model: str
    incidents: tuple[SimilarIncident, ...]
    more: int
    too_common: int

    def __repr__(self) -> str:
        return f"<SimilarIncidents: {len(self.incidents):,} like {self.id}, {self.more:,} more>"

    def _repr_html_(self) -> str:
        return _html.similar(self)


@dataclass(frozen=True, repr=False)
class Fact(Document):
    """A fact of the log; `json` is its canonical JSON."""

    position: int
    id: str
    kind: str
    json: str

    @property
    def value(self) -> dict[str, Any]:
        """The fact itself."""
        return loads(self.json)

    def __repr__(self) -> str:
        return f"<Fact {self.position}: {self.kind} {self.id[:12]}…>"


@dataclass(frozen=True)
class Damage:
    """A part of a saved log that could not be read."""

    offset: int
    bytes: int
    facts_before: int
    message: str


@dataclass(frozen=True, repr=False)
class Rule(Document):
    """A rule of a set; `index` is its number there."""

    index: int
    kind: str
    title: str
    id: str | None
    level: str | None
    status: str | None
    tags: tuple[str, ...]
    category: str | None
    product: str | None
    service: str | None
    source: str
    line: int
    hash: str

    def __repr__(self) -> str:
        title = self.title if len(self.title) <= 60 else f"{self.title[:59]}…"
        return f"<Rule {title!r}: {self.kind}, {self.level or 'no level'}>"


@dataclass(frozen=True)
class RuleProblem:
    """What was wrong with a document of a rule file; line and column, in characters, are 0 when not known."""

    source: str
    line: int
    column: int
    rule: str | None
    code: str
    message: str
    left_out: bool

    def __str__(self) -> str:
        return f"{self.source}{f':{self.line}:{self.column}' if self.line else ''}: {self.message}"


@dataclass(frozen=True)
class ConditionTrace:
    """One condition of a rule."""

    text: str
    matched: bool


@dataclass(frozen=True)
class ItemTrace:
    """One line of a selection: a field, the values it may have, and those that it has."""

    key: str
    field: str | None
    matched: bool
    present: bool
    wanted: tuple[str, ...]
    unmet: tuple[str, ...]
    found: tuple[str, ...]
    decided_by: str | None
    line: int
    column: int

    def __str__(self) -> str:
        wanted, found = (", ".join(_shown(value) for value in values) for values in (self.wanted, self.found))
        return f"{_held(self.matched)} {_shown(self.key) if self.key else 'any field'}: {wanted}  found: {found}"


@dataclass(frozen=True)
class SelectionTrace:
    """One selection of a rule."""

    name: str
    matched: bool
    used: bool
    items: tuple[ItemTrace, ...]

    def __str__(self) -> str:
        unused = "" if self.used else " (no condition names it)"
        return "\n".join((f"{_held(self.matched)} {_shown(self.name)}{unused}", *(f"    {i}" for i in self.items)))


@dataclass(frozen=True, repr=False)
class RuleTrace(Document):
    """Why a rule matched an event, or why it did not."""

    matched: bool
    text: str
    conditions: tuple[ConditionTrace, ...]
    selections: tuple[SelectionTrace, ...]

    def __repr__(self) -> str:
        return f"<RuleTrace: {_shown(self.text)}>"

    def __str__(self) -> str:
        lines = [_shown(self.text)]
        lines += [f"{_held(c.matched)} condition: {_shown(c.text)}" for c in self.conditions]
        lines += [line for s in self.selections for line in str(s).split("\n")]
        return "\n  ".join(lines)

    def _repr_html_(self) -> str:
        return _html.trace(self)


@dataclass(frozen=True)
class RuleCost:
    """What one rule cost and found; `never` says why it was never evaluated."""

    rule: int
    kind: str
    title: str
    id: str | None
    events: int
    evaluated: int
    lines: int
    hits: int
    never: str | None


@dataclass(frozen=True, repr=False)
class Profile(Document):
    """What the rules of a set did with some events; `rules` has one of each rule, by number."""

    events: int
    unknown_events: int
    rules: tuple[RuleCost, ...]

    def __repr__(self) -> str:
        never = sum(cost.never is not None for cost in self.rules)
        hits = sum(cost.hits for cost in self.rules)
        return f"<Profile: {self.events:,} events, {hits:,} hits, {never:,} of {len(self.rules):,} rules not evaluated>"

    def _repr_html_(self) -> str:
        return _html.profile(self)


def _held(matched: bool) -> str:
    return "+" if matched else "-"


def _shown(text: str) -> str:
    """Give a text on one line, without what would let it lie on a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def loads(text: str) -> dict[str, Any]:
    """Read an object that the core wrote."""
    return cast("dict[str, Any]", json.loads(text))


def problems(text: str) -> tuple[RuleProblem, ...]:
    """Read the problems of a set of rules."""
    return tuple(_build(RuleProblem, value) for value in json.loads(text))


def damages(text: str) -> tuple[Damage, ...]:
    """Read the damage of a log."""
    return tuple(_build(Damage, value) for value in json.loads(text))


def flaw(text: str) -> Flaw | None:
    """Read what a checker found."""
    value = json.loads(text)
    return None if value is None else cast("Flaw", _build(Flaw, value))
