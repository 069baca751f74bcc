"""What others read of an export: networkx the GraphML, graphviz the DOT, the standard library CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

import casegraph

NAME = 'a"b\'c\\ <b>&lt;</b>\x1b[2J\u202e \\N\\l"]; x [label=<<i>y</i>>'


@pytest.fixture
def hostile() -> casegraph.Casebook:
    """An alert whose names try to break out of every format."""
    kind = "#microsoft.graph.security."
    alert = {
        "@odata.type": kind + "alert",
        "id": "a1",
        "title": NAME,
        "firstActivityDateTime": "2026-03-10T08:00:00Z",
        "evidence": [
            {"@odata.type": kind + "deviceEvidence", "hostName": NAME},
            {"@odata.type": kind + "fileEvidence", "fileDetails": {"fileName": NAME, "filePath": "C:\\Temp"}},
        ],
    }
    book = casegraph.Casebook()
    book.ingest(alert)
    return book


def written(book: casegraph.Casebook, format_name: str) -> str:
    return book.export(book.incidents()[0].id, format_name).text


def test_networkx_reads_graphml(book: casegraph.Casebook, hostile: casegraph.Casebook) -> None:
    networkx = pytest.importorskip("networkx")
    graph = networkx.parse_graphml(written(book, "graphml"))
    assert graph.is_directed()
    kinds = {attributes["kind"] for _, attributes in graph.nodes(data=True)}
    assert {"alert", "device", "user", "file", "process"} <= kinds
    relations = {attributes["relation"] for *_, attributes in graph.edges(data=True)}
    assert {"evidence", "parent", "image", "on"} <= relations
    malicious = [a for _, a in graph.nodes(data=True) if a.get("verdict") == "malicious"]
    assert malicious
    assert all(isinstance(a["score"], float) and a["because"] for a in malicious)
    names = {a["name"] for _, a in networkx.parse_graphml(written(hostile, "graphml")).nodes(data=True)}
    assert NAME.replace("\x1b", "\\u{1b}") in names, "what XML cannot hold is seen, all else is as it was"


def test_graphviz_draws_dot(book: casegraph.Casebook, hostile: casegraph.Casebook) -> None:
    dot = shutil.which("dot")
    if dot is None:
        pytest.skip("graphviz is not installed")
    for one in (book, hostile):
        text = written(one, "dot")
        drawn = subprocess.run([dot, "-Tsvg"], input=text.encode(), capture_output=True, check=True)
        assert drawn.stderr == b""
        picture = ElementTree.fromstring(drawn.stdout)  # noqa: S314 (what graphviz has just written)
        titles = [e.text or "" for e in picture.iter("{http://www.w3.org/2000/svg}title")]
        assert sum("->" in title for title in titles) == text.count(" -> ")
        labels = [e.text or "" for e in picture.iter("{http://www.w3.org/2000/svg}text")]
        assert labels
    shown = NAME.replace("\x1b", "\\u{1b}").replace("\u202e", "\\u{202e}")
    assert any(len(label) > 30 and shown.startswith(label.rstrip("\u2026")) for label in labels), labels


def test_tables_and_documents_are_read(book: casegraph.Casebook) -> None:
    for name in ("alerts", "entities", "evidence", "relations", "timeline", "actions", "activity"):
        rows = list(csv.reader(io.StringIO(written(book, f"csv-{name}"), newline="")))
        assert len(rows) > 1, name
        assert all(len(row) == len(rows[0]) for row in rows), name
    layer = json.loads(written(book, "navigator"))
    assert (layer["versions"]["layer"], layer["domain"]) == ("4.5", "enterprise-attack")
    incident = json.loads(written(book, "graph-incident"))
    alone, again = casegraph.Casebook(), casegraph.Casebook()
    alone.ingest(json.dumps(incident))
    again.ingest(written(alone, "graph-incident"))
    assert [alert["id"] for alert in json.loads(written(alone, "graph-incident"))["alerts"]] == [
        alert["id"] for alert in incident["alerts"]
    ]
    assert written(again, "graph-incident") == written(alone, "graph-incident")
    assert written(book, "markdown").startswith("# ")


def test_what_is_left_out_is_said(book: casegraph.Casebook) -> None:
    export = book.export(book.incidents()[0].id, "navigator")
    assert any("entities" in line for line in export.left_out)
