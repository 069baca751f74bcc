"""What people look at and other tools read: case files, pictures, exports, graphs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from . import _html, _native
from ._errors import invalid, unreadable
from ._types import ActivityLog, Incident, Plan, Response, Timeline, parse_time

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from datetime import datetime


def _write(path: str | os.PathLike[str], text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise unreadable(str(path), error) from error


@dataclass(frozen=True, repr=False)
class Picture:
    """A picture as SVG: the same bytes for the same facts; `left_out` says what is not drawn."""

    svg: str
    title: str
    left_out: tuple[str, ...]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file."""
        _write(path, self.svg)

    def __str__(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Picture {self.title!r}>"

    def _repr_html_(self) -> str:
        return _html.picture(self)


@dataclass(frozen=True, repr=False)
class Export:
    """An incident in a format of others; `left_out` says what of the incident that format cannot hold."""

    format: str
    text: str
    left_out: tuple[str, ...]

    @property
    def extension(self) -> str:
        """The ending of a file of that format, without the dot."""
        return dict(_native.EXPORTS)[self.format]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the document to a file."""
        _write(path, self.text)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Export {self.format!r}: {len(self.text):,} characters, {len(self.left_out)} left out>"

    def _repr_html_(self) -> str:
        return _html.export(self)


class Graph(dict[str, Any]):
    """The entity graph of an incident: a dict of `nodes` and `edges`, that other libraries take and notebooks show."""

    _file: Callable[[], CaseFile] | None = None

    @classmethod
    def _of(cls, text: str, file: Callable[[], CaseFile]) -> Graph:
        graph = cls(json.loads(text))
        graph._file = file
        return graph

    def __reduce__(self) -> tuple[Any, ...]:
        return (Graph, (dict(self),))

    def to_networkx(self) -> Any:
        """Give a `networkx.MultiDiGraph`: nodes by id, edges by relation, with what each says as attributes."""
        graph = import_module("networkx").MultiDiGraph()
        for node in self["nodes"]:
            graph.add_node(node["id"], **{name: value for name, value in node.items() if name != "id"})
        for edge in self["edges"]:
            said = {name: value for name, value in edge.items() if name not in ("from", "to")}
            graph.add_edge(edge["from"], edge["to"], key=edge["relation"], **said)
        return graph

    def to_dot(self) -> str:
        """Give the graph in the language of Graphviz."""
        return self._whole().export("dot").text

    def to_graphml(self) -> str:
        """Give the graph as GraphML."""
        return self._whole().export("graphml").text

    def plot(self) -> Picture:
        """Draw the graph: at most 200 nodes, the others counted."""
        return self._whole().picture("entity-graph")

    def _whole(self) -> CaseFile:
        if self._file is None:
            raise invalid("a graph that was put together by hand has no incident", "ask `Casebook.graph` for it")
        return self._file()

    def _repr_html_(self) -> str:
        return _html.graph(self, self._file)


@final
class CaseFile:
    """Everything that is known of one incident, as of a time: what pages, pictures and exports are made of."""

    __slots__ = ("_core",)

    def __init__(self, core: _native.CaseFile) -> None:
        """`Casebook.case_file` gives case files."""
        self._core = core

    @property
    def at(self) -> datetime:
        """The time that it is told for."""
        return parse_time(json.loads(self._core.at()))

    @property
    def incident(self) -> Incident:
        """The incident, summed up."""
        return Incident.from_json(self._core.incident())

    @property
    def timeline(self) -> Timeline:
        """What happened, by time."""
        return Timeline.from_json(self._core.timeline())

    @property
    def activity(self) -> ActivityLog:
        """What people and the system did to it."""
        return ActivityLog.from_json(self._core.activity())

    @property
    def response(self) -> Response:
        """What is to be done, and how far it is."""
        return Response.from_json(self._core.response())

    @property
    def plan(self) -> Plan:
        """The cheapest actions that part the attacker from what is not lost yet."""
        return Plan.from_json(self._core.plan())

    @property
    def graph(self) -> Graph:
        """Alerts and entities with their relations."""
        return Graph._of(self._core.graph(), lambda: self)

    def page(self) -> str:
        """Give the incident as one HTML page that needs nothing else."""
        return self._core.page()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file."""
        _write(path, self.page())

    def picture(self, name: str, about: str | None = None) -> Picture:
        """Draw `kill-chain`, `alert-timeline`, `entity-graph`, `process-tree` or `proof`.

        `about` is the alert or process of a process tree (all without it), and the entity of a proof.
        """
        svg, title, left_out = self._core.picture(name, about)
        return Picture(svg, title, tuple(left_out))

    def export(self, format: str) -> Export:
        """Give the incident in a format of others, one of `casegraph.EXPORTS`."""
        text, left_out = self._core.export(format)
        return Export(format, text, tuple(left_out))

    def __repr__(self) -> str:
        return f"<CaseFile {self.incident.id!r} as of {self.at.isoformat()}>"

    def _repr_html_(self) -> str:
        return _html.case_file(self)
