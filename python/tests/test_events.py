"""Raw events and rules in a casebook."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import casegraph
from casegraph import Casebook, RuleSet

RULES = r"""title: Shell of a word processor
tags: [attack.execution]
logsource: {category: process_creation, product: windows}
detection:
  selection: {ParentImage|endswith: '\writer.exe', Image|endswith: '\cmd.exe'}
  condition: selection
level: high
---
title: Program in a public folder
logsource: {category: network_connection, product: windows}
detection:
  selection: {Image|contains: '\Users\Public\'}
  condition: selection
level: medium
"""
DEVICE = "device:fqdn:ws-17.example.com"
SHELL = r"C:\Windows\System32\cmd.exe"


def event(id: int, second: int, process: int, image: str, host: str = "ws-17", **more: Any) -> dict[str, Any]:
    return {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "EventID": id,
        "Computer": f"{host}.example.com",
        "UtcTime": f"2026-03-02 09:00:{second}.000",
        "ProcessGuid": f"{{0a1b2c3d-0000-69a5-1000-{process:012}}}",
        "ProcessId": process,
        "Image": image,
        **more,
    }


PARENT = {
    "ParentProcessGuid": "{0a1b2c3d-0000-69a5-1000-000000000200}",
    "ParentProcessId": 200,
    "ParentImage": r"C:\Office\writer.exe",
}
# A writer starts a shell, and what that dropped calls home; a bystander; and a record of nothing known.
EVENTS = [
    event(1, 20, 200, r"C:\Office\writer.exe"),
    event(1, 30, 300, SHELL, **PARENT),
    event(3, 50, 400, r"C:\Users\Public\a.exe", DestinationIp="203.0.113.50"),
    event(1, 55, 900, SHELL, host="ws-18"),
    {"what": "is this"},
]


@pytest.fixture
def rules() -> RuleSet:
    return RuleSet(texts={"rules.yml": RULES}, strict=True)


@pytest.fixture
def high(rules: RuleSet) -> RuleSet:
    return rules.select(min_level="high")


@pytest.fixture
def book(rules: RuleSet) -> Casebook:
    book = Casebook(rules=rules)
    book.ingest(EVENTS)
    return book


def titles(book: Casebook) -> list[str]:
    return [alert.title for incident in book.incidents() for alert in incident.alerts]


def test_events_become_an_incident(rules: RuleSet) -> None:
    book = Casebook(rules=rules)
    report = book.ingest(EVENTS, source="events")
    assert (report.format, report.records, report.alerts, report.events, report.matches) == ("events", 5, 0, 5, 2)
    assert (report.unknown_events, report.unheld_events, report.problems) == (1, 0, ())
    assert (report.new, len(book)) == (3, 3)
    assert repr(report) == "<IngestReport: 5 records, 5 events, 2 matches, 3 new facts, 0 known, 0 problems>"
    assert "2 matches · 1 of no known logsource" in report._repr_html_()
    (incident,) = book.incidents()
    assert [alert.title for alert in incident.alerts] == ["Shell of a word processor", "Program in a public folder"]
    assert {fact.kind for fact in book.facts()} == {"event"}
    assert book.fact(incident.alerts[0].fact).value["Image"] == SHELL
    assert book.ingest(EVENTS).new == 0
    assert repr(book.ingest([])) == "<IngestReport: 0 records, 0 new facts, 0 known, 0 problems>"


def test_every_way_to_give_events(book: Casebook, rules: RuleSet, tmp_path: Path) -> None:
    lines = "".join(f"{json.dumps(event)}\n" for event in EVENTS)
    file = tmp_path / "events.jsonl"
    file.write_text(lines)
    with file.open("rb") as stream:
        for data in (lines, lines.encode(), file, stream, iter(EVENTS), json.dumps({"value": EVENTS})):
            other = Casebook(rules=rules)
            assert other.ingest(data).matches == 2, type(data)
            assert other.to_json() == book.to_json()
    other = Casebook(rules=rules)
    assert other.ingest(EVENTS[1]).matches == 1
    assert other.ingest(EVENTS[2:], format="events").matches == 1


def test_without_rules_events_are_problems() -> None:
    book = Casebook()
    assert book.rules is None
    report = book.ingest(EVENTS)
    assert (report.events, len(report.problems), len(book)) == (0, 5, 0)


def test_what_cannot_wait_is_counted(rules: RuleSet) -> None:
    book = Casebook({"rules": {"heldBytes": 1}}, rules)
    report = book.ingest(EVENTS)
    assert (report.unheld_events, report.new) == (2, 2)
    assert "2 that could not wait" in report._repr_html_()
    kept = Casebook({"rules": {"keep": "all"}}, rules)
    assert kept.ingest(EVENTS).new == 5
    assert kept.policy["rules"]["keep"] == "all"


def test_rules_are_replaced(book: Casebook, rules: RuleSet, high: RuleSet) -> None:
    before = book.to_json()
    assert book.rules is not None
    assert book.rules.hash == rules.hash
    assert (high.unselected, rules.unselected) == (1, 0)
    book.rules = high
    assert titles(book) == ["Shell of a word processor"]
    assert book.rules.hash == high.hash
    for wrong in (None, RULES, rules._core):
        with pytest.raises(casegraph.DataError, match="expected a RuleSet"):
            book.rules = wrong
        with pytest.raises(casegraph.DataError, match="expected a RuleSet"):
            book.impact(wrong)
        assert book.rules.hash == high.hash
    with pytest.raises(casegraph.DataError):
        Casebook(rules=RULES)
    with pytest.raises(casegraph.DataError):
        Casebook.load(book.to_bytes(), rules=RULES)
    book.rules = rules
    assert book.to_json() == before


def test_the_impact_of_other_rules(book: Casebook, rules: RuleSet, high: RuleSet) -> None:
    before = book.to_json()
    impact = book.impact(high)
    assert book.to_json() == before
    assert (impact.incidents_before, impact.incidents_after, impact.new_alerts) == (1, 1, ())
    assert [alert.title for alert in impact.gone_alerts] == ["Program in a public folder"]
    (change,) = impact.incidents
    assert [state.alerts for state in (*change.before, *change.after)] == [2, 1]
    assert change.before[0].priority > change.after[0].priority
    address = next(verdict for verdict in change.verdicts if verdict.name == "203.0.113.50")
    assert address.after is None
    assert address.before is not None
    assert isinstance(address.before[0], str)
    assert isinstance(address.before[1], float)
    assert repr(impact) == "<Impact: 0 alerts come, 1 go, 1 incidents change>"
    assert casegraph.Impact.from_json(impact.to_json()) == impact
    assert pickle.loads(pickle.dumps(impact)) == impact
    assert hash(impact) == hash(book.impact(high))
    assert not book.impact(rules).incidents
    assert len(Casebook().impact(rules).incidents) == 0
    none = book.impact(RuleSet())
    assert (none.incidents_after, none.incidents[0].after) == (0, ())
    for value in (impact, none):
        assert "Program in a public folder" in value._repr_html_()


def test_a_timeline_has_events_and_alerts(book: Casebook) -> None:
    first = book.queue()[0].id
    timeline = book.timeline(first)
    assert [(entry.kind, entry.severity) for entry in timeline.entries] == [
        ("event", None),
        ("event", None),
        ("alert", "high"),
        ("event", None),
        ("alert", "medium"),
    ]
    shell, alert = timeline.entries[1:3]
    assert (shell.title, shell.device, shell.alerts) == (f"process creation: {SHELL}", "ws-17", (alert.id,))
    assert book.fact(shell.id).value["ProcessId"] == 300
    assert alert.time == datetime(2026, 3, 2, 9, 0, 30, tzinfo=timezone.utc)
    assert timeline.left_out == 0
    assert repr(timeline) == "<Timeline: 2 alerts, 3 events>"
    assert casegraph.Timeline.from_json(timeline.to_json()) == timeline
    assert pickle.loads(pickle.dumps(timeline)) == timeline
    rows = [dataclasses.asdict(entry) for entry in timeline.entries]
    assert set(rows[0]) == {"time", "kind", "id", "title", "severity", "device", "alerts"}
    assert "network connection: 203.0.113.50" in timeline._repr_html_()


def test_a_timeline_of_one_entity(book: Casebook, rules: RuleSet) -> None:
    first = book.queue()[0].id
    address = book.timeline(first, "ip:address:203.0.113.50")
    assert [entry.title for entry in address.entries if entry.kind == "alert"] == ["Program in a public folder"]
    assert {entry.device for entry in book.timeline(first, DEVICE).entries} == {None, "ws-17"}
    for entity, error in (("device:host:nowhere", casegraph.NotFoundError), ("", casegraph.DataError)):
        with pytest.raises(error):
            book.timeline(first, entity)
    with pytest.raises(casegraph.NotFoundError):
        book.timeline("nobody")
    short = Casebook({"rules": {"timelineEvents": 1}}, rules)
    short.ingest(EVENTS)
    timeline = short.timeline(first)
    assert (len(timeline.entries), timeline.left_out) == (3, 2)
    assert repr(timeline) == "<Timeline: 2 alerts, 1 events, 2 left out>"
    assert "2 later events left out" in timeline._repr_html_()


def test_copies_and_the_past_have_the_rules(book: Casebook, rules: RuleSet, high: RuleSet) -> None:
    for other in (book.copy(), copy.copy(book), copy.deepcopy(book), book.as_of(len(book))):
        assert other.to_json() == book.to_json()
        assert other.rules is not None
        assert other.rules.hash == rules.hash
        assert other.ingest(EVENTS).matches == 0
        other.rules = high
        assert len(titles(book)) == 2
    assert book.as_of(1).ingest(EVENTS).matches == 1
    assert copy.copy(rules) is rules
    assert copy.deepcopy([rules]) == [rules]


def test_a_log_holds_no_rules(book: Casebook, rules: RuleSet, tmp_path: Path) -> None:
    file = tmp_path / "case.log"
    book.save(file)
    for data in (file, str(file), book.to_bytes()):
        without = Casebook.load(data)
        assert (len(without), without.queue(), without.rules) == (3, [], None)
        without.rules = rules
        assert without.to_json() == book.to_json()
        assert Casebook.load(data, rules=rules).to_json() == book.to_json()


def test_rules_are_not_pickled(book: Casebook, rules: RuleSet) -> None:
    with pytest.raises(casegraph.DataError, match="save its log, load that and set the rules again"):
        pickle.dumps(book)
    with pytest.raises(casegraph.DataError, match="build it again"):
        pickle.dumps(rules)
    without = Casebook.load(book.to_bytes())
    assert pickle.loads(pickle.dumps(without)).to_bytes() == book.to_bytes()


def test_rules_are_not_set_in_the_middle_of_an_ingest(book: Casebook, rules: RuleSet) -> None:
    lines = json.dumps(EVENTS[0]) + "\n"
    before = book.to_json()

    def meddle(_: int) -> None:
        book.rules = rules

    with pytest.raises(casegraph.DataError, match="in the middle of an ingest"):
        book.ingest(lines * 2_000, progress=meddle)
    assert book.to_json() == before


def test_many_threads_ask_one_casebook(book: Casebook, high: RuleSet) -> None:
    first = book.queue()[0].id
    expected = (book.timeline(first, DEVICE), book.impact(high))
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: (book.timeline(first, DEVICE), book.impact(high)) == expected, range(32)))


def test_other_threads_tick_while_rules_are_set(rules: RuleSet) -> None:
    book = Casebook({"rules": {"keep": "all"}}, rules)
    book.ingest([{**EVENTS[3], "ProcessId": number} for number in range(4_000)])
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        before = ticks
        book.rules = rules
        setting = ticks - before
        before = ticks
        book.impact(rules.select(min_level="high"))
        asking = ticks - before
    finally:
        done.set()
        thread.join()
    assert setting > 5
    assert asking > 5
