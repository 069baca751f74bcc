"""Incident data is written by attackers; a notebook shows it."""

from __future__ import annotations

import json
from html import escape
from html.parser import HTMLParser

import casegraph
from casegraph import Casebook, _html

EVIL = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&\u202etxt.exe\x1b[31m"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def poisoned(value: object) -> object:
    if isinstance(value, dict):
        return {name: poisoned(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [poisoned(item) for item in value]
    return EVIL if isinstance(value, str) and not value[:4].isdigit() else value


def assert_harmless(html: str) -> None:
    tags = Tags()
    tags.feed(html)
    assert tags.tags <= {"p", "strong", "br", "table", "thead", "tbody", "tr", "th", "td"}
    assert tags.attributes <= {"style"}
    assert "<script" not in html
    assert "\u202e" not in html
    assert "\x1b" not in html


def test_hostile_titles(book: Casebook) -> None:
    records = [json.loads(line) for line in casegraph.sample_alerts().splitlines()]
    for record in records:
        record["title"] = EVIL
    book = Casebook()
    book.ingest(records)
    incident = book.incidents()[0]
    book.decide("rename", title=EVIL, by=EVIL, at="2026-03-12T09:00:00Z", alerts=[incident.id])
    for html in (book._repr_html_(), book.incident(incident.id)._repr_html_()):
        assert_harmless(html)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_no_field_is_trusted(book: Casebook, incident: casegraph.Incident, watched: Casebook) -> None:
    rules = casegraph.RuleSet.builtin()
    values = [
        incident,
        book.explain(incident.id, incident.entities[-1].id),
        Casebook().ingest('{"a": 1}'),
        rules.profile([{}]),
        rules.explain("Key of AD FS read from the directory", {}),
        watched.timeline(watched.queue()[0].id),
        watched.impact(casegraph.RuleSet()),
        book.counterfactual(incident.id, incident.entities[0].id, "noThreatsFound", budget=20),
        book.similar(incident.id),
        book.activity(incident.id),
        book.plan(incident.id, at="2026-03-12T09:00:00Z"),
        book.response(incident.id, at="2026-03-12T09:00:00Z"),
        book.action_centre(at="2026-03-12T09:00:00Z"),
    ]
    for value in values:
        hostile = type(value).from_json(json.dumps(poisoned(value.to_dict())))
        assert_harmless(hostile._repr_html_())


def test_rules_and_what_they_say_are_not_trusted() -> None:
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("\u202e", "\\u202e")

    texts = {
        EVIL: f"title: {quoted(EVIL)}\nlogsource: {{category: test}}\ntags: [{quoted(EVIL)}]\n"
        f"detection:\n  {quoted(EVIL)}: {{a|contains: {quoted(EVIL)}}}\n  condition: 1 of them\n",
        f"{EVIL}2": f"title: {quoted(EVIL)}\nlogsource: {{category: test}}\n",
    }
    rules = casegraph.RuleSet(texts=texts)
    assert (len(rules), len(rules.problems)) == (1, 1)
    event = {"a": EVIL}
    for value in (rules, rules.explain(rules[0], event), rules.profile(event)):
        html = value._repr_html_()
        assert_harmless(html)
        assert "&lt;script&gt;" in html


def test_the_cells_hold_what_they_should(book: Casebook) -> None:
    html = book._repr_html_()
    assert "17 facts" in html
    assert escape(book.incidents()[0].title) in html
    assert "2026-03-10 07:14:27 UTC" in html


def test_rows_are_capped() -> None:
    html = _html.table(("a",), ((n,) for n in range(1_000)), 1_000)
    assert html.count("<tr>") == _html.ROWS + 1
    assert "980 more" in html
    assert len(_html._text("x" * 10_000)) == 300
