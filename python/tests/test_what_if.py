"""What would be under other circumstances: facts, rules, policies, and the fewest facts for another verdict."""

from __future__ import annotations

import copy
import pickle

import pytest

import casegraph
from casegraph import Casebook, RuleSet

ADDRESS = "203.0.113.7"


def alert(id: str, minute: int, host: str, verdict: str) -> dict[str, object]:
    return {
        "@odata.type": "#microsoft.graph.security.alert",
        "id": id,
        "title": f"Alert {id}",
        "severity": "medium",
        "detectorId": f"detector-{id}",
        "firstActivityDateTime": f"2026-03-10T08:{minute:02}:00Z",
        "evidence": [
            {"@odata.type": "#microsoft.graph.security.deviceEvidence", "deviceDnsName": host},
            {"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": ADDRESS, "verdict": verdict},
        ],
    }


@pytest.fixture
def two() -> Casebook:
    book = Casebook()
    book.ingest([alert("a", 0, "ws-1", "malicious"), alert("b", 10, "ws-2", "malicious")])
    return book


def test_without_a_fact(two: Casebook) -> None:
    before = two.to_json()
    first, second = two.facts()
    impact = two.what_if(without=first)
    (change,) = impact.incidents
    assert (change.change, change.before[0].alerts, change.after[0].alerts) == ("shrunk", 2, 1)
    assert change.cause == casegraph.Cause("alone", (first.id,))
    assert [(gone.id, gone.fact) for gone in impact.gone_alerts] == [("a", first.id)]
    other = two.copy()
    other.retract(first, by="ada")
    assert other.incidents()[0].priority.score == change.after[0].priority
    both = two.what_if(without=[first.id, second])
    assert [i.change for i in both.incidents] == ["ended"]
    assert both.incidents[0].cause.how == "together"
    assert two.what_if() == casegraph.Impact.from_json(two.what_if().to_json())
    assert not two.what_if().incidents
    assert two.to_json() == before


def test_with_facts_and_another_policy(two: Casebook) -> None:
    listed = {"kind": "ip", "value": ADDRESS, "verdict": "noThreatsFound"}
    impact = two.what_if(indicators=[listed])
    verdict = next(v for i in impact.incidents for v in i.verdicts if v.name == ADDRESS)
    assert verdict.before is not None
    assert verdict.after is not None
    assert (verdict.before[0], verdict.after[0]) == ("malicious", "noThreatsFound")
    more = two.what_if(alerts=[alert("c", 20, "ws-3", "unknown")])
    assert [a.id for a in more.new_alerts] == ["c"]
    join = {"decision": "part", "by": "ada", "at": "2026-03-12T09:00:00Z", "alerts": ["b"]}
    assert [i.change for i in two.what_if(decisions=[join]).incidents] == ["split"]
    strict = two.what_if(policy={"correlate": {"threshold": 1.0}})
    assert strict.incidents[0].cause.by == ("correlate.threshold",)
    assert strict.incidents == two.diff(None, {"correlate": {"threshold": 1.0}}).incidents


def test_between_log_positions_and_rules(two: Casebook) -> None:
    grown = two.diff(1, 2)
    assert (grown.incidents[0].change, two.diff(2, 1).incidents[0].change) == ("grown", "shrunk")
    assert grown.new_alerts[0].cause.by == (two.facts()[1].id,)
    assert grown == two.diff(1)
    assert two.diff(None, RuleSet()).incidents == two.impact(RuleSet()).incidents
    rules = RuleSet.builtin()
    two.rules = rules
    off = two.what_if(rules_off=rules[0].title)
    assert isinstance(off, casegraph.Impact)
    assert two.what_if(rules=RuleSet()).to_json() == two.diff(None, RuleSet()).to_json()


def test_what_it_would_take(two: Casebook) -> None:
    incident = two.incidents()[0]
    entity = next(e.id for e in incident.entities if e.name == ADDRESS)
    found = two.counterfactual(incident.id, entity, "noThreatsFound")
    assert (found.verdict, found.goal, found.minimal, found.none_up_to) == ("malicious", "atMost", True, 1)
    assert found.without is not None
    assert {fact.id for fact in found.without.facts} == {fact.id for fact in two.facts()}
    assert any(with_.indicator and with_.indicator["value"] == ADDRESS for with_ in found.with_)
    assert repr(found) == "<Counterfactual: malicious to noThreatsFound: without 2 facts, the fewest>"
    assert "Without these" in found._repr_html_()
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert again == found
        assert hash(again) == hash(found)
    short = two.counterfactual(incident.id, entity, "noThreatsFound", budget=1)
    assert (short.complete, short.without, short.worlds) == (False, None, 1)
    assert "the budget ended the search" in short._repr_html_()
    assert "none of up to 0" in repr(short)


def test_what_means_nothing_is_refused(two: Casebook) -> None:
    incident = two.incidents()[0]
    with pytest.raises(casegraph.NotFoundError):
        two.what_if(without="0" * 64)
    with pytest.raises(casegraph.NotFoundError):
        two.what_if(rules_off="nothing")
    for bad in ({"without": "x"}, {"indicators": [{"kind": "planet", "value": "x", "verdict": "malicious"}]}):
        with pytest.raises(casegraph.DataError):
            two.what_if(**bad)  # type: ignore[arg-type]
    with pytest.raises(casegraph.DataError, match="expected a RuleSet"):
        two.what_if(rules=1)  # type: ignore[arg-type]
    for state in (3, -1, {"planet": 1}):
        with pytest.raises(casegraph.DataError):
            two.diff(state)
    with pytest.raises(casegraph.DataError):
        two.counterfactual(incident.id, incident.entities[0].id, "nice")
    with pytest.raises(casegraph.NotFoundError):
        two.counterfactual("x", incident.entities[0].id, "malicious")
