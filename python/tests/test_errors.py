"""What is raised, and what it says."""

from __future__ import annotations

import pickle
from datetime import datetime
from pathlib import Path

import pytest

import casegraph
from casegraph import Casebook, _errors

BASES = {
    "syntax": (casegraph.ParseError, ValueError),
    "format": (casegraph.ParseError, ValueError),
    "invalid_argument": (casegraph.DataError, ValueError),
    "not_found": (casegraph.NotFoundError, LookupError),
    "limit": (casegraph.LimitError,),
    "log": (casegraph.LogError, casegraph.ParseError, ValueError),
    "io": (casegraph.IoError, OSError),
    "cancelled": (casegraph.CasegraphError,),
    "internal": (casegraph.InternalError,),
    "rule": (casegraph.ParseError, ValueError),
    "conflict": (casegraph.DataError, ValueError),
}


def test_every_code_has_a_class() -> None:
    assert [name for name, _ in casegraph.ERROR_CODES] == list(BASES) == list(_errors.CLASSES)
    for name, number in casegraph.ERROR_CODES:
        error = _errors.make("a message", code=name, number=number, line=7)
        assert isinstance(error, casegraph.CasegraphError)
        assert all(isinstance(error, base) for base in BASES[name])
        assert (error.code, error.number, error.line, str(error)) == (name, number, 7, "a message")
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), again.code, again.line, str(again)) == (type(error), name, 7, "a message")


def test_the_tree_is_small() -> None:
    assert len(casegraph.CasegraphError.__subclasses__()) <= 6


def test_bad_policy() -> None:
    with pytest.raises(casegraph.DataError, match="not a policy") as raised:
        Casebook('{\n"nonsense": 1}')
    assert (raised.value.code, raised.value.number) == ("invalid_argument", 3)
    assert (raised.value.line, raised.value.column) == (2, 10)
    with pytest.raises(casegraph.DataError):
        Casebook({"correlate": {"threshold": float("nan")}})


def test_not_found(book: Casebook) -> None:
    for ask in (book.incident, book.graph, book.alert, lambda i: book.explain(i, "ip:address:192.0.2.1")):
        with pytest.raises(casegraph.NotFoundError, match="`nobody`") as raised:
            ask("nobody")
        assert raised.value.code == "not_found"
    with pytest.raises(LookupError):
        book.retract("0" * 64, by="ada")
    with pytest.raises(casegraph.NotFoundError):
        book.fact("0" * 64)


def test_bad_arguments(book: Casebook, tmp_path: Path) -> None:
    name = tmp_path / "alerts.json"
    name.write_text("[]")
    tries = [
        lambda: book.fact("xyz"),
        lambda: book.retract("xyz", by="ada"),
        lambda: book.explain(book.queue()[0].id, "nonsense"),
        lambda: book.decide("nonsense", by="ada", at="2026-03-12T09:00:00Z"),
        lambda: book.decide("join", by="ada", at=datetime(2026, 3, 12), alerts=["a"]),
        lambda: book.decide("join", by="ada", at="2026-03-12T09:00:00Z"),
        lambda: book.as_of(99),
        lambda: book.as_of(-1),
        lambda: book.as_of(1 << 70),
        lambda: book.ingest(7),
        lambda: book.ingest(str(name)),
        lambda: book.ingest([{"a": object()}]),
        lambda: book.ingest([{"a": float("nan")}]),
        lambda: book.ingest("", threads=0),
        lambda: book.add_indicators(b"\xff"),
        lambda: book.incidents(-1),
    ]
    for attempt in tries:
        with pytest.raises(casegraph.DataError) as raised:
            attempt()
        assert raised.value.code == "invalid_argument"
    assert len(book) == 17


def test_a_data_frame_says_how() -> None:
    class Frame:
        columns = ("a",)

        def __iter__(self) -> object:
            return iter(self.columns)

    with pytest.raises(casegraph.DataError) as raised:
        Casebook().ingest(Frame())
    assert "to_json" in raised.value.help


def test_unknown_format() -> None:
    with pytest.raises(casegraph.ParseError, match="`graph-alerts`") as raised:
        Casebook().ingest("{}", format="nonsense")
    assert raised.value.code == "format"


def test_limits() -> None:
    book = Casebook({"limits": {"facts": 3}})
    with pytest.raises(casegraph.LimitError, match=r"limits\.facts"):
        book.ingest(casegraph.sample_alerts())
    assert len(book) == 3


def test_files_that_are_not_there(tmp_path: Path, book: Casebook) -> None:
    missing = tmp_path / "missing.json"
    for attempt in (lambda: book.ingest(missing), lambda: Casebook.load(missing), lambda: book.save(missing / "log")):
        with pytest.raises(casegraph.IoError) as raised:
            attempt()
        assert isinstance(raised.value, OSError)
        assert raised.value.errno == 2
        assert raised.value.code == "io"
        assert str(missing) in str(raised.value)


def test_what_is_no_log() -> None:
    with pytest.raises(casegraph.LogError) as raised:
        Casebook.load(b"nonsense, and some more of it")
    assert raised.value.code == "log"


def test_a_panic_is_an_exception_and_ends_only_its_casebook(capfd: pytest.CaptureFixture[str], book: Casebook) -> None:
    log = book.to_bytes()
    with pytest.raises(casegraph.InternalError, match="asked for by a test") as raised:
        book._core._panic()
    assert isinstance(raised.value, Exception)
    assert raised.value.code == "internal"
    assert "panicked" in capfd.readouterr().err
    for attempt in (book.queue, lambda: book.ingest("{}"), lambda: len(book)):
        with pytest.raises(casegraph.InternalError, match="unusable"):
            attempt()
    assert Casebook.load(log).queue()
