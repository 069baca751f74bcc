"""One scenario that every face runs; the bytes on stdout must be the same for all of them."""

from __future__ import annotations

import sys

import casegraph

POLICY = {"correlate": {"nearMisses": 5}}
ADDRESS = "ip:address:203.0.113.188"


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
        *(f"{fact.position} {fact.kind} {fact.id}\n" for fact in loaded.facts()),
    ]
    return "".join(parts).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(scenario())
