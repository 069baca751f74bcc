"""One scenario that every face runs; the bytes on stdout must be the same for all of them."""

from __future__ import annotations

import sys
from pathlib import Path

import casegraph

POLICY = {"correlate": {"nearMisses": 5}}
ADDRESS = "ip:address:203.0.113.188"
DATA = Path(__file__).parents[2] / "tests" / "parity"


def scenario() -> bytes:
    book = casegraph.Casebook(POLICY)
    book.ingest(casegraph.sample_alerts(), source="sample")
    book.add_indicators(casegraph.sample_indicators(), source="sample-indicators")
    first = book.queue()[0].id
    book.decide(
        {
            "decision": "assign",
            "to": "ada@alderfinch.example",
            "by": "ada",
            "at": "2026-03-12T09:00:00Z",
            "alerts": [first],
        }
    )
    book.decide(
        {
            "decision": "setVerdict",
            "entity": ADDRESS,
            "verdict": "malicious",
            "by": "ada",
            "at": "2026-03-12T09:05:00Z",
            "reason": "known exit node",
        }
    )
    tag = book.decide({"decision": "tag", "tag": "phish", "by": "ada", "at": "2026-03-12T09:06:00Z", "alerts": [first]})
    book.retract(tag, by="ada", reason="wrong incident")

    loaded = casegraph.Casebook.load(book.to_bytes(), POLICY)
    parts = [
        loaded.to_json(),
        loaded.incident(first).to_json() + "\n",
        loaded.explain(first, ADDRESS).to_json() + "\n",
        loaded.graph_json(first) + "\n",
        loaded.what_if(policy={"correlate": {"threshold": 0.6}}).to_json() + "\n",
        loaded.diff(10).to_json() + "\n",
        loaded.counterfactual(first, ADDRESS, "noThreatsFound", budget=50).to_json() + "\n",
        loaded.similar(first, 3).to_json() + "\n",
        loaded.activity(first).to_json() + "\n",
        loaded.activity(first, origins="person", since="2026-03-12T09:01:00Z").to_json() + "\n",
        loaded.user_priority(first, "user:upn:mira.halvorsen@alderfinch.example").to_json() + "\n",
        loaded.asset_risk(first, "device:fqdn:alf-lt-0417.corp.alderfinch.example").to_json() + "\n",
        *(f"{fact.position} {fact.kind} {fact.id}\n" for fact in loaded.facts()),
    ]
    return "".join((*parts, *rules(), *events())).encode()


def sets() -> tuple[casegraph.RuleSet, casegraph.RuleSet]:
    """Give all rules, and some."""
    text = (DATA / "rules.yml").read_bytes()
    rules = casegraph.RuleSet(texts={"rules.yml": text}, placeholders={"admins": ["ada", "carl"]})
    return rules, rules.select(tags=["attack.discovery"], min_level="high")


def rules() -> list[str]:
    """Give what a set of rules tells of itself and of some events, line by line."""
    rules, chosen = sets()
    lines = [rules.to_json(), rules._core.problems(), chosen.to_json()]
    events = DATA / "events.jsonl"
    for event, found in zip(events.read_bytes().splitlines(), rules.match(events), strict=True):
        lines.append("".join(f"{rule.index} " for rule in found))
        lines += [
            rules.explain(rule, event).to_json()
            for rule in ("whoami", "0b7f2f0e-9a44-4f0e-8a5d-3f1f5b6f2c02", "Names of elsewhere")
        ]
    lines.append(rules.profile(events).to_json())
    return [f"{line}\n" for line in lines]


def events() -> list[str]:
    """Give what a casebook with rules makes of some events, line by line."""
    rules, chosen = sets()
    book = casegraph.Casebook(rules=rules)
    r = book.ingest(DATA / "events.jsonl", source="events.jsonl")
    counts = (r.records, r.events, r.matches, r.unknown_events, r.unheld_events, r.new, r.duplicates)
    lines = [" ".join(map(str, counts)), queue(book)]
    first = book.queue()[0].id
    lines += [
        book.timeline(first).to_json(),
        book.timeline(first, "device:fqdn:ws-7.example.com").to_json(),
        book.impact(chosen).to_json(),
        *(f"{fact.position} {fact.kind} {fact.id}" for fact in book.facts()),
    ]
    loaded = casegraph.Casebook.load(book.to_bytes(), rules=rules)
    lines.append(loaded.as_of(len(loaded)).to_json())
    loaded.rules = chosen
    lines.append(queue(loaded))
    return [f"{line}\n" for line in lines]


def queue(book: casegraph.Casebook) -> str:
    """Give the queue as one JSON list."""
    return f"[{','.join(line.to_json() for line in book.queue())}]"


if __name__ == "__main__":
    sys.stdout.buffer.write(scenario())
