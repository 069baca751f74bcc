"""Managing incidents, their activity log, users and assets."""

from __future__ import annotations

import pickle
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

import casegraph
from casegraph import Casebook

if TYPE_CHECKING:
    from collections.abc import Callable

CARL = "user:upn:carl@example.com"


def alert(id: str, hour: int, user: str, **more: Any) -> dict[str, Any]:
    kind = "#microsoft.graph.security."
    return {
        "id": id,
        "title": f"Found {id}",
        "detectorId": f"of-{id}",
        "serviceSource": "s",
        "severity": "high",
        "firstActivityDateTime": f"2026-03-10T{hour:02}:00:00Z",
        "evidence": [
            {
                "@odata.type": f"{kind}userEvidence",
                "roles": ["compromised"],
                "userAccount": {"userPrincipalName": f"{user}@example.com"},
            },
            {"@odata.type": f"{kind}deviceEvidence", "hostName": f"ws-{user}"},
        ],
        **more,
    }


def at(hour: int) -> datetime:
    return datetime(2026, 5, 1, hour, tzinfo=timezone.utc)


@pytest.fixture
def three() -> Casebook:
    book = Casebook()
    book.ingest([alert("a1", 8, "carl", mitreTechniques=["T1486"]), alert("a2", 9, "carl"), alert("b1", 10, "dora")])
    return book


def test_the_verbs(three: Casebook) -> None:
    before = three.to_dict()["incidents"]
    facts = [
        three.assign("a2", "ada@example.com", by="ada", at=at(8)),
        three.set_status("a1", "inProgress", by="ada", at=at(8)),
        three.classify("a1", "truePositive", "malware", by="ada", at=at(8)),
        three.set_severity("a1", "low", by="ada", at=at(8)),
        three.rename("a1", "Carl's bad day", by="ada", at=at(8)),
        three.tag("a1", "night", by="ada", at=at(8), reason="after hours"),
        three.comment("a1", "Called Carl.", by="grace", at="2026-05-01T09:00:00Z"),
    ]
    incident = three.incident("a1")
    assert (incident.assigned_to, incident.status, incident.severity) == ("ada@example.com", "inProgress", "low")
    assert (incident.classification, incident.determination) == ("truePositive", "malware")
    assert (incident.title, incident.tags) == ("Carl's bad day", ("night",))
    assert {one.assigned_to for one in incident.alerts} == {"ada@example.com"}
    facts.append(three.untag("a1", "night", by="ada", at=at(10)))
    facts.append(three.assign("a1", None, by="ada", at=at(10)))
    facts.append(three.resolve("a1", by="ada", at=at(11), reason="host is new"))
    incident = three.incident("a1")
    assert (incident.tags, incident.assigned_to) == ((), None)
    assert [one.status for one in incident.alerts] == ["resolved", "resolved"]
    for fact in facts:
        three.retract(fact, by="ada")
    assert three.to_dict()["incidents"] == before


def test_system_tags(three: Casebook) -> None:
    (tag,) = three.incident("a1").system_tags
    assert tag.tag == "Ransomware"
    assert tag.because == "`Found a1` shows T1486 Data Encrypted for Impact"
    assert "Ransomware" in three.incident("a1")._repr_html_()


@pytest.mark.parametrize(
    ("act", "code", "part"),
    [
        (lambda b: b.classify("a1", "falsePositive", "phishing", by="ada", at=at(8)), "invalid_argument", "`notMalic"),
        (lambda b: b.untag("a1", "Ransomware", by="ada", at=at(8)), "invalid_argument", "system tag"),
        (lambda b: b.comment("a1", "", by="ada", at=at(8)), "invalid_argument", "30,000"),
        (lambda b: b.set_status("a1", "done", by="ada", at=at(8)), "invalid_argument", "`done`"),
        (lambda b: b.tag("x", "t", by="ada", at=at(8)), "not_found", "`x`"),
        (lambda b: b.tag("a1", "t", by="ada", at=datetime(2026, 5, 1)), "invalid_argument", "datetime"),
        (lambda b: b.activity("a1", types="nonsense"), "invalid_argument", "nonsense"),
        (lambda b: b.user_priority("a1", "device:host:ws-carl"), "invalid_argument", "not a user"),
    ],
)
def test_what_is_refused(three: Casebook, act: Callable[[Casebook], Any], code: str, part: str) -> None:
    facts = len(three)
    with pytest.raises(casegraph.CasegraphError) as caught:
        act(three)
    assert caught.value.code == code
    assert part in str(caught.value)
    assert len(three) == facts


def test_the_activity_log(three: Casebook) -> None:
    three.assign("a1", "ada@example.com", by="ada", at=at(8))
    fact = three.comment("a1", "The proxy saw it.", by="grace", at=at(9), reason="asked")
    log = three.activity("a2")
    assert [entry.type for entry in log.entries] == ["opened", "alertCorrelated", "assigned", "commented"]
    assert repr(log) == "<ActivityLog of a1: 4 entries>"
    assert log.entries[0].at == datetime(2026, 3, 10, 8, tzinfo=timezone.utc)
    last = log.entries[-1]
    assert (last.origin, last.by, last.text, last.reason, last.fact) == (
        "person",
        "grace",
        "The proxy saw it.",
        "asked",
        fact,
    )
    assert three.activity("a1", types=["commented", "assigned"], by="grace").entries == (last,)
    assert three.activity("a1", since=at(9)).entries == (last,)
    assert len(three.activity("a1", until=at(9), origins="person").entries) == 1
    assert three.activity("a1", texts="PROXY").entries == (last,)
    assert pickle.loads(pickle.dumps(log)) == log
    assert "The proxy saw it." in log._repr_html_()


def test_users_and_assets(three: Casebook) -> None:
    carl = three.user_priority("a1", CARL)
    assert (carl.score, carl.users, carl.percentile, carl.red) == (200.0, 2, 75, False)
    assert [(share.alert, share.points) for share in carl.shares] == [("a1", 100.0), ("a2", 100.0)]
    assert repr(carl) == "<UserPriority of 'carl@example.com': 200.00, percentile 75 of 2 users>"
    assert three.incident("a1").scope.users[0].investigation_priority == 200.0
    assert three.incident("a1").scope.devices[0].investigation_priority is None
    device = "device:host:ws-carl"
    assert three.asset_risk("a1", device).risk_level == "high"
    three.resolve("a1", by="ada", at=at(9))
    risk = three.asset_risk("a1", device)
    assert (risk.risk_level, risk.open, risk.resolved) == ("none", (0, 0, 0, 0, 0), 2)
    quiet = Casebook(policy={"summary": {"investigationPriority": {"severity": [0, 0, 0, 0, 1]}}})
    quiet.ingest(alert("a1", 8, "carl"))
    assert quiet.user_priority("a1", CARL).score == 1.0
