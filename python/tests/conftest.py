from __future__ import annotations

import pytest

import casegraph

ADDRESS = "ip:address:203.0.113.188"


@pytest.fixture
def book() -> casegraph.Casebook:
    book = casegraph.Casebook()
    book.ingest(casegraph.sample_alerts(), source="sample")
    return book


@pytest.fixture
def watched() -> casegraph.Casebook:
    """One raw event, and a rule that matches it."""
    rule = r"""title: Shell
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\cmd.exe'}, condition: selection}
level: high
"""
    event = {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "EventID": 1,
        "Computer": "ws-17.example.com",
        "UtcTime": "2026-03-02 09:00:30.000",
        "Image": r"C:\Windows\System32\cmd.exe",
        "User": "ada",
    }
    book = casegraph.Casebook(rules=casegraph.RuleSet.from_text(rule))
    book.ingest(event)
    return book


@pytest.fixture
def incident(book: casegraph.Casebook) -> casegraph.Incident:
    return book.incidents()[0]


@pytest.fixture
def many() -> bytes:
    """Several megabytes of alerts: the sample over and over, with ids of their own."""
    lines = casegraph.sample_alerts().splitlines()
    return "\n".join(line.replace('"id":"', f'"id":"{i:04}', 1) for i in range(60) for line in lines).encode()
