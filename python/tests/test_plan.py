"""Plans: made, checked, asked what-ifs."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timezone
from typing import Any

import pytest

import casegraph
from casegraph import Casebook

AT = datetime(2026, 3, 12, 9, tzinfo=timezone.utc)
KIND = "#microsoft.graph.security."


def intrusion(**device: Any) -> Casebook:
    """A malicious program on a device where two people are signed in."""
    users = [{"userPrincipalName": f"{name}@example.com"} for name in ("mira", "noor")]
    book = Casebook()
    book.ingest(
        [
            {
                "id": "a1",
                "title": "Beacon",
                "detectorId": "d",
                "serviceSource": "s",
                "severity": "high",
                "firstActivityDateTime": "2026-03-10T08:00:00Z",
                "evidence": [
                    {
                        "@odata.type": f"{KIND}deviceEvidence",
                        "hostName": "pc-1",
                        "mdeDeviceId": "d1",
                        "loggedOnUsers": users,
                        **device,
                    },
                    {
                        "@odata.type": f"{KIND}processEvidence",
                        "processId": 7,
                        "processCreationDateTime": "2026-03-10T07:00:00Z",
                        "mdeDeviceId": "d1",
                        "verdict": "malicious",
                        "imageFile": {"fileName": "beacon.exe"},
                    },
                ],
            }
        ]
    )
    return book


def test_a_plan_is_made_checked_and_asked() -> None:
    book = intrusion()
    plan = book.plan("a1", at=AT)
    assert plan == book.plan("a1", at="2026-03-12T09:00:00Z")
    assert plan.outcome == "cut"
    assert plan.cost == sum(action.cost for action in plan.actions) == sum(path.amount for path in plan.proof)
    assert [action.action for action in plan.actions] == ["isolateDevice"]
    assert [e.name for e in plan.actions[0].breaks[0].entities] == ["mira@example.com", "noor@example.com"]
    assert sorted(e.name for e in plan.protected) == ["mira@example.com", "noor@example.com"]
    plan.check()
    assert plan.what_if(plan.actions[0].id).reached == ()
    rest = plan.what_if([])
    assert sorted(asset.name for asset in rest.reached) == ["mira@example.com", "noor@example.com"]
    assert rest.reached[0].path.steps[-1].to == rest.reached[0].id
    assert [target.action for target in rest.omitted] == ["isolateDevice"]
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert "isolateDevice" in plan.to_json()
    assert repr(plan) == "<Plan of a1: 1 actions at a cost of 10, 2 assets protected, 0 not>"
    assert "Isolate device: pc-1" in plan._repr_html_()


def test_a_plan_that_does_not_hold_is_refused() -> None:
    changed = intrusion().plan("a1", at=AT).to_dict()
    changed["cost"] += 1
    plan = casegraph.Plan.from_json(json.dumps(changed))
    with pytest.raises(casegraph.DataError, match="the plan does not hold"):
        plan.check()


def test_questions_that_make_no_sense() -> None:
    book = intrusion()
    with pytest.raises(casegraph.NotFoundError):
        book.plan("x", at=AT)
    with pytest.raises(casegraph.DataError, match="expected a time with an offset"):
        book.plan("a1", at="yesterday")
    with pytest.raises(casegraph.DataError, match="no offset"):
        book.plan("a1", at=datetime(2026, 3, 12))
    with pytest.raises(casegraph.NotFoundError):
        book.plan("a1", at=AT).what_if("0123456789abcdef")
