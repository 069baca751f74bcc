"""The verbs, on the sample."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import pickle
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import casegraph
from casegraph import Casebook

NOON = datetime(2026, 3, 12, 12, tzinfo=timezone(timedelta(hours=1)))


def test_the_sample_is_two_incidents(book: Casebook) -> None:
    queue = book.queue()
    assert [line.alerts for line in queue] == [16, 1]
    assert [line.id for line in queue] == [incident.id for incident in book.incidents()]
    assert [incident.id for incident in book.incidents(1)] == [queue[0].id]
    assert len(book) == 17
    assert book.size > 10_000
    assert repr(book) == "<Casebook: 17 facts>"


def test_an_incident_has_typed_parts(incident: casegraph.Incident) -> None:
    assert incident.severity == "high"
    assert incident.priority.contributions[0].points > 0
    assert incident.kill_chain.total == 14
    assert incident.kill_chain.stages[0].tactic == "reconnaissance"
    assert incident.scope.device_count == len(incident.scope.devices)
    assert incident.entities[0].verdict == "malicious"
    assert incident.alerts[0].reason is None
    reason = incident.alerts[1].reason
    assert reason is not None
    assert reason.with_ in {alert.id for alert in incident.alerts}
    assert incident.evidence[0].count >= 1
    assert incident.links.kept == 15
    assert isinstance(incident.near_misses, tuple)
    assert "\n" not in repr(incident)
    assert len(repr(incident)) < 160
    assert "16 alerts" in repr(incident)
    assert hash(incident) == hash(casegraph.Incident.from_json(incident.to_json()))


def test_times_are_aware(incident: casegraph.Incident) -> None:
    assert incident.first_activity == datetime(2026, 3, 10, 7, 14, 27, 599558, tzinfo=timezone.utc)
    assert all(alert.time is not None and alert.time.tzinfo is timezone.utc for alert in incident.alerts)


def test_json_forms_are_the_texts_of_the_core(book: Casebook, incident: casegraph.Incident) -> None:
    assert incident.to_json() in book.to_json()
    assert incident.to_dict() == book.to_dict()["incidents"][0]
    assert book.to_dict()["schema"] == "casegraph.queue/1"
    assert json.loads(book.graph_json(incident.id)) == book.graph(incident.id)
    assert json.loads(book.alert_json(incident.id)) == book.alert(incident.id)
    report = Casebook().ingest("{}")
    assert report.to_dict()["problems"][0]["code"] == report.problems[0].code


def test_values_pickle_and_compare(book: Casebook, incident: casegraph.Incident) -> None:
    values = [incident, book.explain(incident.id, incident.entities[0].id), book.queue()[0], book.facts()[0]]
    for value in [*values, *incident.alerts]:
        assert pickle.loads(pickle.dumps(value)) == value
    assert pickle.loads(pickle.dumps(incident)).to_json() == incident.to_json()


def test_explanations(book: Casebook, incident: casegraph.Incident) -> None:
    for entity in incident.entities:
        why = book.explain(incident.id, entity.id)
        assert (why.verdict, why.because) == (entity.verdict, entity.because)
        assert all(step.from_ for step in why.path)
    assert "malicious" in repr(book.explain(incident.id, incident.entities[0].id))


def test_every_way_to_give_alerts(tmp_path: Path) -> None:
    text = casegraph.sample_alerts()
    records = [json.loads(line) for line in text.splitlines()]
    file = tmp_path / "alerts.jsonl"
    file.write_text(text, encoding="utf-8")
    with file.open(encoding="utf-8") as as_text, file.open("rb") as as_bytes:
        ways = [text, text.encode(), bytearray(text.encode()), memoryview(text.encode()), file, records]
        ways += [tuple(records), iter(records), (line for line in text.splitlines()), as_text, as_bytes]
        ways += [io.StringIO(text), io.BytesIO(text.encode()), json.dumps(records)]
        books = [Casebook() for _ in ways]
        for book, way in zip(books, ways, strict=True):
            report = book.ingest(way)
            assert (report.new, report.problems) == (17, ()), type(way)
            assert book.to_json() == books[0].to_json()
    one = Casebook()
    assert one.ingest(records[0]).new == 1
    assert one.ingest(file, source="again").source == "again"


def test_streams_keep_characters_whole() -> None:
    record = json.loads(casegraph.sample_alerts().splitlines()[0])
    record["title"] = "\N{SNOWMAN}" * 300_000
    book = Casebook()
    assert book.ingest(io.StringIO(json.dumps(record, ensure_ascii=False))).new == 1
    assert book.alert(record["id"])["title"] == record["title"]


def test_reports() -> None:
    book = Casebook()
    report = book.ingest(casegraph.sample_alerts(), source="sample", format="graph-alerts", threads=2)
    assert report.source == "sample"
    assert report.format == "graph-alerts"
    assert (report.records, report.new, report.duplicates) == (17, 17, 0)
    assert book.ingest(casegraph.sample_alerts()).duplicates == 17
    broken = book.ingest('{"a": 1}\nnonsense\n', source="broken")
    assert broken.problems[0].record == 1
    assert str(broken.problems[0]).startswith("broken, record 1")
    assert "problems" in repr(broken)


def test_one_record_that_is_not_unicode_is_one_problem() -> None:
    records = [json.loads(line) for line in casegraph.sample_alerts().splitlines()]
    records[3]["title"] = "\ud800"
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    for data in (records, "\n".join(lines), iter(lines), io.StringIO("\n".join(lines))):
        report = Casebook().ingest(data)
        assert report.new == 17
        assert [(problem.record, problem.code) for problem in report.problems] == [(4, "syntax")]


def test_values_put_together_by_hand_have_no_text(incident: casegraph.Incident) -> None:
    renamed = dataclasses.replace(incident, title="Renamed")
    assert renamed != incident
    with pytest.raises(casegraph.DataError, match="by hand"):
        renamed.to_json()


def test_indicators(book: Casebook, incident: casegraph.Incident) -> None:
    assert book.add_indicators(casegraph.sample_indicators()).new == 4
    assert book.add_indicators(json.loads(casegraph.sample_indicators())).duplicates == 4
    assert book.add_indicators({"kind": "ip", "value": "192.0.2.77", "verdict": "malicious"}).new == 1
    assert book.add_indicators(b"[]").new == 0
    bad = book.add_indicators([{"kind": "nonsense", "value": "x", "verdict": "malicious"}])
    assert [problem.code for problem in bad.problems] == ["wrong_type"]
    assert book.incident(incident.id).to_json() != incident.to_json()


def test_decisions_and_retractions(book: Casebook, incident: casegraph.Incident) -> None:
    about = {"by": "ada", "alerts": [incident.id]}
    fact = book.decide("assign", to="ada@alderfinch.example", at=NOON, **about)
    book.decide({"decision": "tag", "tag": "phish"}, at=NOON + timedelta(minutes=1), **about)
    now = book.incident(incident.id)
    assert (now.assigned_to, now.tags) == ("ada@alderfinch.example", ("phish",))
    assert now.activity[0].fact == fact
    assert now.activity[0].at == NOON
    assert now.activity[1].tag == "phish"
    assert book.fact(fact).value["decision"] == "assign"
    book.retract(fact, by="ada")
    book.retract(book.fact(now.activity[1].fact), by="ada", reason="wrong incident")
    assert book.incident(incident.id) == incident
    assert [f.kind for f in book.facts()[17:]] == ["decision", "decision", "retraction", "retraction"]


def test_as_of(book: Casebook) -> None:
    before = book.to_json()
    book.add_indicators(casegraph.sample_indicators())
    assert book.to_json() != before
    assert book.as_of(17).to_json() == before
    assert len(book.as_of(0)) == 0


def test_policy(book: Casebook) -> None:
    assert book.policy["correlate"]["nearMisses"] == 20
    for policy in ({"correlate": {"nearMisses": 5}}, '{"correlate": {"nearMisses": 5}}'):
        assert Casebook(policy).policy["correlate"]["nearMisses"] == 5
    assert Casebook(book.policy).policy == book.policy


def test_pickle_and_copy_keep_facts_and_policy() -> None:
    book = Casebook({"correlate": {"nearMisses": 5}})
    book.ingest(casegraph.sample_alerts())
    for other in (pickle.loads(pickle.dumps(book)), copy.copy(book), copy.deepcopy(book), book.copy()):
        assert other.to_json() == book.to_json()
        assert other.policy == book.policy
        other.add_indicators(casegraph.sample_indicators())
        assert len(book) == 17


def test_save_and_load(book: Casebook, tmp_path: Path) -> None:
    file = tmp_path / "case.log"
    book.save(file)
    assert file.read_bytes() == book.to_bytes()
    for loaded in (Casebook.load(file), Casebook.load(str(file)), Casebook.load(book.to_bytes())):
        assert loaded.damage == ()
        assert loaded.to_json() == book.to_json()


def test_damage_is_told(book: Casebook) -> None:
    log = bytearray(book.to_bytes())
    log[len(log) // 2] ^= 0xFF
    loaded = Casebook.load(bytes(log))
    assert len(loaded.damage) == 1
    assert loaded.damage[0].offset < len(log)
    assert loaded.damage[0].message
    assert 0 < len(loaded) < len(book) + 1
    assert "damaged" in repr(loaded)
    assert pickle.loads(pickle.dumps(loaded)).damage == loaded.damage


def test_every_member_of_the_json_has_an_attribute(
    book: Casebook, incident: casegraph.Incident, watched: Casebook
) -> None:
    about = {"by": "ada", "at": NOON, "alerts": [incident.id], "reason": "a test"}
    book.add_indicators(casegraph.sample_indicators())
    book.decide("comment", text="seen", **about)
    book.decide("classify", classification="truePositive", determination="malware", **about)
    values = [*book.incidents(), *book.queue(), *book.facts()]
    values += [book.explain(incident.id, entity.id) for entity in book.incident(incident.id).entities]
    values += [Casebook().ingest('{"a": 1}'), watched.timeline(watched.queue()[0].id)]
    values += [watched.impact(casegraph.RuleSet()), watched.as_of(0).impact(casegraph.RuleSet())]
    for value in values:
        assert_alike(value.to_dict(), value)


def assert_alike(form: object, value: object) -> None:
    if isinstance(form, dict):
        for name, member in form.items():
            snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
            found = getattr(value, snake if hasattr(value, snake) else f"{snake}_")
            assert_alike(member, found)
    elif isinstance(form, list):
        assert isinstance(value, tuple)
        assert len(form) == len(value)
        for item, typed in zip(form, value, strict=True):
            assert_alike(item, typed)
    elif isinstance(value, datetime):
        assert str(form)[:19] == value.isoformat()[:19]
    else:
        assert form == value


def test_offsets_and_leap_seconds() -> None:
    noon = datetime(2026, 3, 12, 12, 30, tzinfo=timezone.utc)
    spellings = ("2026-03-12T12:30:00Z", "2026-03-12t14:00:00+01:30", "2026-03-12 07:00:00.000000000-05:30")
    assert all(casegraph._types.parse_time(text) == noon for text in spellings)
    leap = casegraph._types.parse_time("2016-12-31T23:59:60.5Z")
    assert leap == datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc)
    assert casegraph._types.parse_time("0001-01-01T00:00:00+14:00").year == 1


def test_a_decision_keeps_its_spelling_of_the_time(book: Casebook, incident: casegraph.Incident) -> None:
    book.decide("tag", tag="phish", by="ada", at="2026-03-12T12:00:00+01:00", alerts=[incident.id])
    activity = book.incident(incident.id).activity[0]
    assert activity.at == NOON
    assert activity.at.tzinfo is timezone.utc


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2026-03-10T07:14:27.5995585Z", 2026),
        ("2016-12-31T23:59:60Z", 2016),
        ("0000-01-01T00:00:00Z", 1),
        ("-0001-12-31T10:00:00Z", 1),
        ("+10000-01-01T00:00:00Z", 9999),
    ],
)
def test_every_time_of_the_core_is_a_datetime(text: str, year: int) -> None:
    book = Casebook()
    assert book.ingest({**json.loads(casegraph.sample_alerts().splitlines()[0]), "firstActivityDateTime": text}).new
    time = casegraph._types.parse_time(text)
    assert (time.year, time.tzinfo) == (year, timezone.utc)
    assert book.incidents()


def test_an_entity_has_its_identifiers_and_properties_with_their_facts() -> None:
    book = Casebook()
    book.ingest(casegraph.sample_alerts())
    incident = book.incidents()[0]
    laptop = next(device for device in incident.scope.devices if device.name == "ALF-LT-0417")
    detail = book.entity(incident.id, laptop.id)
    assert detail["aliases"][0] == detail["id"] == laptop.id
    assert all(attribute["facts"] for attribute in detail["attributes"])
    assert book.entity(incident.id, detail["aliases"][-1]) == detail
