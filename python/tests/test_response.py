"""Response: what verdicts call for, who agrees, what a callable carries out."""

from __future__ import annotations

import csv
import io
import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import casegraph
from casegraph import ActionReply, ActionRequest, Casebook

START = datetime(2026, 3, 10, 8, tzinfo=timezone.utc)
KIND = "#microsoft.graph.security."
WHO = {"by": "ada", "reason": "not ours"}


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def dropper(policy: dict[str, Any] | None = None, name: str = "drop.exe") -> Casebook:
    """A bad file on a device, and a bad address."""
    book = Casebook(policy)
    book.ingest(
        [
            {
                "id": "a1",
                "title": "Dropper",
                "detectorId": "d",
                "severity": "high",
                "firstActivityDateTime": "2026-03-10T08:00:00Z",
                "evidence": [
                    {"@odata.type": f"{KIND}deviceEvidence", "hostName": "pc-1", "mdeDeviceId": "d1"},
                    {
                        "@odata.type": f"{KIND}fileEvidence",
                        "mdeDeviceId": "d1",
                        "verdict": "malicious",
                        "fileDetails": {"sha256": "c" * 64, "fileName": name},
                    },
                    {"@odata.type": f"{KIND}ipEvidence", "verdict": "suspicious", "ipAddress": "203.0.113.9"},
                ],
            }
        ]
    )
    return book


def states(book: Casebook, hours: float) -> dict[str, str]:
    return {action.action: action.state for action in book.response("a1", at=at(hours)).actions}


def test_a_whole_response() -> None:
    book = dropper()
    told = book.response("a1", at=at(1))
    assert {action.state for action in told.actions} == {"pendingApproval"}
    file, address = told.actions
    assert (file.action, file.entity.name, file.on.name if file.on else None) == ("quarantineFile", "drop.exe", "pc-1")
    assert file.expires == at(168)
    assert told.investigations[0].state == "pendingApproval"
    assert book.approve("a1", file, at=at(2), **WHO) == [book.facts()[-1].id]
    book.reject("a1", [address.id], at=at(2.1), **WHO)

    seen: list[ActionRequest] = []

    def edr(request: ActionRequest) -> ActionReply:
        seen.append(request)
        return ActionReply("running", "on it", at(2.5))

    assert [request.key for request in book.execute(edr, at=at(3), by="edr")] == [seen[0].key]
    assert seen[0].approved_by == ("ada",)
    assert not seen[0].undo
    assert not book.pending_requests(at=at(3))
    book.report(seen[0], "completed", by="edr", at=at(4))
    book.report(json.loads(seen[0].to_json()), "completed", by="edr", at=at(4))
    assert states(book, 5) == {"quarantineFile": "completed", "blockIp": "rejected"}
    assert states(book, 1.5) == {"quarantineFile": "pendingApproval", "blockIp": "pendingApproval"}
    book.undo("a1", file, by="ben", at=at(6))
    assert [request.perform for request in book.pending_requests(at=at(6))] == ["releaseFile"]
    book.execute(lambda _: None, at=at(7), by="edr")
    assert states(book, 8)["quarantineFile"] == "undone"
    book.resolve("a1", by="ada", at=at(9))
    assert book.incident("a1").status == "resolved"
    kinds = [entry.type for entry in book.activity("a1", origins="person").entries]
    assert kinds == ["actionApproved", "actionRejected", "actionUndone", "statusChanged"]
    again = pickle.loads(pickle.dumps(told))
    assert again == told
    assert again.to_json() == told.to_json()


def test_what_waits_expires() -> None:
    assert set(states(dropper(), 24 * 8).values()) == {"expired"}


def test_an_executor_may_raise_or_talk_nonsense() -> None:
    book = dropper({"response": {"level": "full"}})

    def broken(_: ActionRequest) -> str:
        raise OSError("the agent is gone")

    with pytest.raises(OSError, match="the agent is gone"):
        book.execute(broken, at=at(1), by="edr")
    action = book.response("a1", at=at(1)).actions[-1]
    assert (action.state, action.history[-1].note) == ("failed", "the agent is gone")
    for nonsense in ("dance", 7, ("completed",)):
        other = dropper({"response": {"level": "full"}})
        with pytest.raises(casegraph.DataError):
            other.execute(lambda _, said=nonsense: said, at=at(1), by="edr")  # type: ignore[misc]
        assert not other.pending_requests(at=at(1))

    def back(_: ActionRequest) -> str:
        assert third.response("a1", at=at(1))
        return "completed"

    third = dropper({"response": {"level": "full"}})
    with pytest.raises(casegraph.DataError, match="called back"):
        third.execute(back, at=at(1), by="edr")


def test_wrong_steps_are_refused() -> None:
    book = dropper({"response": {"approvals": {"roles": ["responder"]}}})
    file, address = book.response("a1", at=at(1)).actions
    with pytest.raises(casegraph.CasegraphError, match="none of the roles"):
        book.approve("a1", file, at=at(1), **WHO)
    with pytest.raises(casegraph.DataError, match="two kinds"):
        book.approve("a1", [file, address], at=at(1), roles=["responder"], **WHO)
    with pytest.raises(casegraph.NotFoundError):
        book.approve("a1", "0123456789abcdef", at=at(1), **WHO)
    with pytest.raises(casegraph.DataError):
        book.approve("a1", [7], at=at(1), **WHO)  # type: ignore[list-item]
    with pytest.raises(casegraph.DataError, match="does not apply"):
        book.propose("a1", "stopProcess", "device:host:pc-1", by="ada", at=at(1))
    with pytest.raises(casegraph.DataError, match="not a request"):
        book.report({"key": "x"}, "completed", by="edr", at=at(1))
    with pytest.raises(casegraph.DataError, match="no offset"):
        book.response("a1", at=datetime(2026, 3, 10))
    with pytest.raises(casegraph.DataError, match="no state or action"):
        book.action_centre(at=at(1), states="waiting")
    with pytest.raises(casegraph.DataError, match="expected at most"):
        book.approve("a1", file, by="ada", at=at(1), reason="x" * 40_000, roles=["responder"])
    with pytest.raises(casegraph.DataError, match="approvals"):
        Casebook({"response": {"approvals": {"needed": 0}}})


def test_the_action_centre_is_filtered_and_a_table() -> None:
    book = dropper(name='=cmd|"/c calc"!A1')
    book.stop_investigation("a1", by="ada", at=at(1))
    proposed = book.propose("a1", "isolateDevice", "device:host:pc-1", by="ben", at=at(2))
    centre = book.action_centre(at=at(3))
    assert [action.id for action in centre.pending] == [proposed]
    assert len(centre.history) == 2
    assert len(book.action_centre(at=at(3), by="ada", kinds=["ip"]).history) == 1
    assert not book.action_centre(at=at(3), since=at(2.5)).pending
    rows = list(csv.reader(io.StringIO(book.action_centre_csv(at=at(3)))))
    assert len(rows) == 4
    assert '\'=cmd|"/c calc"!A1' in {cell for row in rows for cell in row}
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_the_catalogue_tells_what_takes_an_action_back() -> None:
    infos = {info.action: info for info in casegraph.action_infos()}
    assert infos["isolateDevice"].undone_by == "releaseDevice"
    assert infos["hardDelete"].undone_by is None
    assert infos["quarantineFile"].needs_device
    assert infos["quarantineFile"].class_ == "artifact"


def test_notebooks_show_it_harmlessly() -> None:
    book = dropper(name="<script>alert(1)</script>")
    response = book.response("a1", at=at(1))
    assert "2 wait for approval" in repr(response)
    for shown in (response, book.action_centre(at=at(1))):
        html = shown._repr_html_()
        assert "<script" not in html
        assert "&lt;script" in html
