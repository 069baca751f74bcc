"""Turn security alerts into incidents: who, what, how far, and why.

>>> import casegraph
>>> book = casegraph.Casebook()
>>> book.ingest(casegraph.sample_alerts())
<IngestReport: 17 records, 17 new facts, 0 known, 0 problems>
>>> incident = book.incidents()[0]  # the most urgent one
>>> incident
<...>
>>> worst = incident.entities[0]
>>> book.explain(incident.id, worst.id).verdict
'malicious'

Facts in, judgements out: an indicator, a decision and a retraction are facts too.

>>> fact = book.decide("assign", to="ada@example.com", by="ada", at="2026-03-12T09:00:00Z", alerts=[incident.id])
>>> book.incident(incident.id).assigned_to
'ada@example.com'
>>> book.retract(fact, by="ada", reason="out of office") in {f.id for f in book.facts()}
True

Sigma rules say what raw events are about.

>>> rules = casegraph.RuleSet.builtin()
>>> rules.select(min_level="high")
<RuleSet: ... rules>
>>> event = {"Channel": "Security", "EventID": 4662, "ObjectServer": "SAM"}
>>> rules.match(event)
[[]]
>>> print(rules.explain("Key of AD FS read, as the domain controller saw it", event))
did not match: ...

With them a casebook takes in raw events: matches are alerts, and become incidents.

>>> book.rules = rules
>>> book.ingest(event)
<IngestReport: 1 records, 1 events, 0 matches, 0 new facts, 0 known, 0 problems>
"""

from __future__ import annotations

try:
    from . import _native
except ImportError as error:
    raise ImportError(
        "the native half of casegraph is missing or was built for another platform: "
        "install the wheel for this one (pip install --force-reinstall casegraph), "
        "or build it here (maturin develop in the folder `python`)"
    ) from error

from ._casebook import Casebook, action_infos
from ._errors import (
    CasegraphError,
    DataError,
    InternalError,
    IoError,
    LimitError,
    LogError,
    NotFoundError,
    ParseError,
)
from ._native import ERROR_CODES, EXPORTS, FORMATS, __version__
from ._present import CaseFile, Export, Graph, Picture
from ._rules import RuleSet
from ._types import (
    Action,
    ActionCentre,
    ActionInfo,
    ActionReply,
    ActionRequest,
    ActionStep,
    Activity,
    ActivityEntry,
    ActivityLog,
    AlertLine,
    Approval,
    AssetLine,
    AssetRisk,
    AttackGraph,
    AttackNode,
    AttackPath,
    AttackStep,
    AttackWay,
    Basis,
    Bounds,
    Breakage,
    Cause,
    ConditionTrace,
    Contradiction,
    Contribution,
    Counterfactual,
    Damage,
    EntityLine,
    EntityName,
    EvidenceCount,
    EvidenceStatus,
    Expansion,
    Explanation,
    Fact,
    Finding,
    Flaw,
    HeldEntity,
    Impact,
    ImpactAlert,
    Incident,
    IncidentImpact,
    IncidentState,
    IngestReport,
    InvestigatedDevice,
    Investigation,
    ItemTrace,
    KillChain,
    LinkLine,
    LinkTotals,
    LogStep,
    Member,
    NamedFact,
    NearMiss,
    OpenAsset,
    PathStart,
    PathStep,
    Plan,
    PlannedAction,
    PlanTarget,
    PlanWhatIf,
    Priority,
    Problem,
    Profile,
    ProofPath,
    QueueLine,
    Repeat,
    Resolution,
    Response,
    RollUp,
    Rule,
    RuleCost,
    RuleName,
    RuleProblem,
    RuleTrace,
    Scope,
    SelectionTrace,
    Share,
    SharedFact,
    SimilarIncident,
    SimilarIncidents,
    Spared,
    Stage,
    StatedOpinion,
    StatusCount,
    Step,
    SystemTag,
    Timeline,
    TimelineEntry,
    UserPriority,
    UserShare,
    VendorIncident,
    VerdictImpact,
    With,
    Without,
)

__all__ = [
    "ERROR_CODES",
    "EXPORTS",
    "FORMATS",
    "Action",
    "ActionCentre",
    "ActionInfo",
    "ActionReply",
    "ActionRequest",
    "ActionStep",
    "Activity",
    "ActivityEntry",
    "ActivityLog",
    "AlertLine",
    "Approval",
    "AssetLine",
    "AssetRisk",
    "AttackGraph",
    "AttackNode",
    "AttackPath",
    "AttackStep",
    "AttackWay",
    "Basis",
    "Bounds",
    "Breakage",
    "CaseFile",
    "Casebook",
    "CasegraphError",
    "Cause",
    "ConditionTrace",
    "Contradiction",
    "Contribution",
    "Counterfactual",
    "Damage",
    "DataError",
    "EntityLine",
    "EntityName",
    "EvidenceCount",
    "EvidenceStatus",
    "Expansion",
    "Explanation",
    "Export",
    "Fact",
    "Finding",
    "Flaw",
    "Graph",
    "HeldEntity",
    "Impact",
    "ImpactAlert",
    "Incident",
    "IncidentImpact",
    "IncidentState",
    "IngestReport",
    "InternalError",
    "InvestigatedDevice",
    "Investigation",
    "IoError",
    "ItemTrace",
    "KillChain",
    "LimitError",
    "LinkLine",
    "LinkTotals",
    "LogError",
    "LogStep",
    "Member",
    "NamedFact",
    "NearMiss",
    "NotFoundError",
    "OpenAsset",
    "ParseError",
    "PathStart",
    "PathStep",
    "Picture",
    "Plan",
    "PlanTarget",
    "PlanWhatIf",
    "PlannedAction",
    "Priority",
    "Problem",
    "Profile",
    "ProofPath",
    "QueueLine",
    "Repeat",
    "Resolution",
    "Response",
    "RollUp",
    "Rule",
    "RuleCost",
    "RuleName",
    "RuleProblem",
    "RuleSet",
    "RuleTrace",
    "Scope",
    "SelectionTrace",
    "Share",
    "SharedFact",
    "SimilarIncident",
    "SimilarIncidents",
    "Spared",
    "Stage",
    "StatedOpinion",
    "StatusCount",
    "Step",
    "SystemTag",
    "Timeline",
    "TimelineEntry",
    "UserPriority",
    "UserShare",
    "VendorIncident",
    "VerdictImpact",
    "With",
    "Without",
    "__version__",
    "action_infos",
    "sample_alerts",
    "sample_indicators",
]


def sample_alerts() -> str:
    """Give the alerts of a small invented incident, as Graph `alerts_v2` JSON Lines."""
    return _native.SAMPLE_ALERTS


def sample_indicators() -> str:
    """Give the indicators that go with the sample alerts, as JSON."""
    return _native.SAMPLE_INDICATORS
