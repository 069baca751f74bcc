"""Incident surgery, similar incidents and the criticality of assets."""

from __future__ import annotations

import pickle
from datetime import datetime, timezone
from typing import Any

import pytest

import casegraph
from casegraph import Casebook


def alert(id: str, day: int, hour: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": "Found",
        "detectorId": "av",
        "serviceSource": "s",
        "firstActivityDateTime": f"2026-03-{day}T{hour:02}:00:00Z",
        "evidence": [{"@odata.type": "#microsoft.graph.security.urlEvidence", "url": f"https://{name}.example.com/"}],
        **more,
    }


def at(hour: int) -> datetime:
    return datetime(2026, 5, 1, hour, tzinfo=timezone.utc)


@pytest.fixture
def three() -> Casebook:
    book = Casebook()
    book.ingest([alert("a1", 10, 8, "a"), alert("a2", 12, 9, "a"), alert("b1", 10, 10, "b")])
    return book


def test_merge_and_undo(three: Casebook) -> None:
    before = three.to_dict()["incidents"]
    fact = three.merge(["a1", "b1"], by="ada", at=at(8), reason="one intrusion")
    assert three.alert_ids("b1") == ["a1", "b1", "a2"]
    incident = three.incident("a1")
    texts = [line.reason.text for line in incident.alerts if line.reason]
    assert "joined by ada at 2026-05-01T08:00:00Z with `Found`: one intrusion" in texts
    assert incident.activity[0].decision == "join"
    three.retract(fact, by="ada")
    assert three.to_dict()["incidents"] == before


def test_split_and_move(three: Casebook) -> None:
    three.split(["a2"], by="ada", at=at(8), reason="another host")
    assert three.alert_ids("a1") == ["a1"]
    assert three.incident("a2").activity[0].from_ == ("a1",)
    three.ingest(alert("a3", 12, 10, "a"))
    assert three.alert_ids("a2") == ["a2", "a3"]
    three.move(["a2"], "b1", by="ada", at=at(9), reason="same user")
    assert three.alert_ids("b1") == ["b1", "a2"]
    moved = three.incident("b1").activity[-1]
    assert (moved.decision, moved.from_, moved.into) == ("move", ("a3",), ("b1",))
    three.move(iter(["a2"]), by="ada", at="2026-05-01T10:00:00Z", reason="neither")
    assert three.alert_ids("a2") == ["a2"]


@pytest.mark.parametrize(
    ("ids", "how", "code"),
    [
        (["a1"], {"reason": "x"}, "invalid_argument"),
        (["a1", "b1"], {}, "invalid_argument"),
        (["a1", "x"], {"reason": "x"}, "not_found"),
        ("a1", {"reason": "x"}, "invalid_argument"),
        ([1, 2], {"reason": "x"}, "invalid_argument"),
    ],
)
def test_what_cannot_be_merged(three: Casebook, ids: Any, how: dict[str, str], code: str) -> None:
    with pytest.raises(casegraph.CasegraphError) as caught:
        three.merge(ids, by="ada", at=at(8), **how)
    assert caught.value.code == code


def test_what_was_decided_stands_in_the_way(three: Casebook) -> None:
    for owner, first in (("ada", "a1"), ("grace", "b1")):
        three.decide("assign", to=owner, by="ada", at=at(8), alerts=three.alert_ids(first))
    with pytest.raises(casegraph.DataError) as caught:
        three.merge(["a1", "b1"], by="ada", at=at(9), reason="one intrusion")
    assert caught.value.code == "conflict"
    assert "owners are `ada` and `grace`" in str(caught.value)
    loose = Casebook(policy={"manage": {"reasons": False, "mergedIncidents": 2}})
    loose.ingest([alert(f"a{n}", 10, n, f"h{n}") for n in range(3)])
    with pytest.raises(casegraph.LimitError):
        loose.merge(["a0", "a1", "a2"], by="ada", at=at(9))
    loose.merge(["a0", "a1"], by="ada", at=at(9))


def test_similar_incidents(three: Casebook) -> None:
    three.decide(
        "classify", classification="falsePositive", by="ada", at=at(8), alerts=["b1"], reason="our own scanner"
    )
    three.split(["a2"], by="ada", at=at(8), reason="another host")
    found = three.similar("a2")
    assert [one.id for one in found.incidents] == ["a1", "b1"]
    assert repr(found) == "<SimilarIncidents: 2 like a2, 0 more>"
    first, second = found.incidents
    assert first.score == pytest.approx(sum(share.points for share in first.shares))
    assert any(fact.aspect == "entities" and fact.kind == "url" for fact in first.shared)
    assert second.resolution is not None
    assert second.resolution.reason == "our own scanner"
    assert second.classification == "falsePositive"
    assert three.similar("a2", limit=1).more == 1
    assert three.similar("a1").incidents == ()
    assert pickle.loads(pickle.dumps(found)) == found
    assert "our own scanner" in found._repr_html_()
    with pytest.raises(casegraph.NotFoundError):
        three.similar("x")


def test_criticality_comes_from_the_policy() -> None:
    device = {"@odata.type": "#microsoft.graph.security.deviceEvidence", "hostName": "srv1", "verdict": "suspicious"}
    scores = []
    for level in ("none", "low", "medium", "high", "veryHigh"):
        book = Casebook(policy={"summary": {"criticality": {"SRV1": level}}})
        book.ingest(alert("a1", 10, 8, "a", evidence=[device]))
        incident = book.incident("a1")
        assert incident.scope.devices[0].criticality == level
        scores.append(incident.priority.score)
    assert scores == sorted(set(scores))
    with pytest.raises(casegraph.DataError):
        Casebook(policy={"summary": {"criticality": {"SRV1": "huge"}}})
