"""The interpreter goes on while the core works, and the core can be stopped."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import casegraph
from casegraph import Casebook


def test_other_threads_tick_during_an_ingest(many: bytes) -> None:
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
        # One array: read as a whole, so that no progress callback lets the other thread in.
        text = b"[" + many.replace(b"\n", b",") + b"]"
        before = ticks
        Casebook().ingest(text)
        during = ticks - before
    finally:
        done.set()
        thread.join()
    assert during > 5


def test_progress_is_told(many: bytes) -> None:
    told: list[int] = []
    report = Casebook().ingest(many, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 10
    assert told[-1] <= report.bytes == len(many)


def test_false_cancels_and_keeps_what_was_read(many: bytes) -> None:
    book = Casebook()
    with pytest.raises(casegraph.CasegraphError) as raised:
        book.ingest(many, progress=lambda read: read < 500_000)
    assert raised.value.code == "cancelled"
    assert 0 < len(book) < 60 * 17
    assert book.ingest(many).new + book.as_of(0).ingest("").new < 60 * 17
    assert len(book) == 60 * 17


def test_an_exception_of_the_callback_comes_through(many: bytes) -> None:
    def stop(_: int) -> None:
        raise ZeroDivisionError("of the callback")

    book = Casebook()
    for threads in (1, 2):
        with pytest.raises(ZeroDivisionError, match="of the callback"):
            book.ingest(many, progress=stop, threads=threads)
    assert len(book.queue()) > 0


def test_an_exception_of_a_stream_comes_through() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError("of the stream")

    def records() -> object:
        yield casegraph.sample_alerts()
        raise ZeroDivisionError("of the generator")

    class Wrong:
        def read(self, size: int) -> int:
            return size

    with pytest.raises(ConnectionResetError, match="of the stream"):
        Casebook().ingest(Broken())
    with pytest.raises(ZeroDivisionError):
        Casebook().ingest(records())
    with pytest.raises(TypeError):
        Casebook().ingest(Wrong())


def test_ctrl_c_ends_an_ingest_without_a_callback(many: bytes, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    main = threading.get_ident()

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), pipe.open("wb", buffering=0) as out:
            out.write(many)
            signal.pthread_kill(main, signal.SIGINT)
            while True:
                out.write(many)

    thread = threading.Thread(target=write)
    thread.start()
    book = Casebook()
    with pytest.raises(KeyboardInterrupt):
        book.ingest(pipe)
    thread.join()
    assert len(book) > 0


def test_a_callback_cannot_lock_itself_out(many: bytes) -> None:
    book = Casebook()
    with pytest.raises(casegraph.DataError, match="in the middle of an ingest"):
        book.ingest(many, progress=lambda _: book.queue())
    with pytest.raises(casegraph.DataError, match="in the middle of an ingest"):
        book.ingest(many, progress=lambda _: book.ingest("{}"))
    assert book.queue()


def test_many_threads_ask_one_casebook(book: Casebook) -> None:
    expected = book.to_json()
    ids = [incident.id for incident in book.incidents()]

    def ask(turn: int) -> bool:
        incident = book.incident(ids[turn % len(ids)])
        book.explain(incident.id, incident.entities[0].id)
        book.graph(incident.id)
        return book.to_json() == expected

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(64)))


def test_threads_may_add_while_others_ask(many: bytes) -> None:
    lines = many.splitlines()[: 17 * 8]
    book = Casebook()
    with ThreadPoolExecutor(8) as pool:
        adding = [pool.submit(book.ingest, line) for line in lines]
        asking = [pool.submit(book.queue) for _ in range(32)]
        assert all(future.result() is not None for future in adding + asking)
    alone = Casebook()
    alone.ingest(lines)
    assert book.to_json() == alone.to_json()
