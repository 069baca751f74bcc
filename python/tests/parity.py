"""One scenario that every face runs; the bytes on stdout must be the same for all of them."""

from __future__ import annotations

import json
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
    return "".join((*parts, *rules(), *events(), *response())).encode()


def response() -> list[str]:
    """Give a whole response, line by line: approved, rejected, expired, carried out, taken back, failed, resolved."""
    book = casegraph.Casebook()
    book.ingest(DATA / "response.jsonl", source="response.jsonl")

    def time(text: str) -> str:
        return f"2026-03-{text}:00Z"

    told = book.response("r1", at=time("10T09:00"))
    ids = {action.action: action for action in reversed(told.actions)}  # the first of each
    who = {"roles": ["responder"]}
    book.approve("r1", ids["quarantineFile"], by="ada", at=time("10T10:00"), reason="not ours", **who)
    book.approve("r1", [ids["blockUrl"].id], by="ben", at=time("10T10:00"), reason="not ours", **who)
    book.reject("r1", ids["blockIp"], by="ada", at=time("10T10:01"), reason="a partner", **who)
    lines = [told.to_json(), _list(book.pending_requests(at=time("10T11:00")))]
    waiting: list[casegraph.ActionRequest] = []

    def edr(request: casegraph.ActionRequest) -> casegraph.ActionReply | None:
        if request.perform != "blockUrl":
            return None
        waiting.append(request)
        return casegraph.ActionReply("waiting", "the proxy is busy", time("10T11:05"))

    book.execute(edr, at=time("10T11:00"), by="edr")
    book.report(waiting[0], "failed", by="edr", at=time("10T12:00"), message="the proxy says no")
    book.undo("r1", ids["quarantineFile"], by="cem", at=time("10T13:00"), reason="wanted for the audit", **who)
    lines.append(_list(book.pending_requests(at=time("10T13:30"))))
    book.execute(lambda _: "completed", at=time("10T13:30"), by="edr")
    book.resolve("r1", by="ada", at=time("10T14:00"), reason="done")
    later = time("20T09:00")
    lines += [
        book.response("r1", at=later).to_json(),
        book.action_centre(at=later).to_json(),
        book.action_centre_csv(at=later),
        book.plan("r1", at=time("10T09:00")).to_json(),
        *_presented(book, later),
        book.incident("r1").to_json(),
        _list(casegraph.action_infos()),
        *(f"{fact.position} {fact.kind} {fact.id}" for fact in book.facts()),
    ]
    return [f"{line}\n" for line in lines]


def _presented(book: casegraph.Casebook, at: str) -> list[str]:
    case = book.case_file("r1", at=at)
    lines = [case.picture(name).svg for name in ("kill-chain", "process-tree")]
    for export in (case.export("markdown"), case.export("dot")):
        lines += [export.text, json.dumps(export.left_out, ensure_ascii=False, separators=(",", ":"))]
    return [*lines, queue(book.pseudonymised("sixteen bytes, or more"))]


def _list(documents: list[casegraph.ActionRequest] | list[casegraph.ActionInfo]) -> str:
    return "[" + ",".join(document.to_json() for document in documents) + "]"


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
