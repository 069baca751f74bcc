"""From what analysts hold in their hands to what the core reads: bytes, a file, or a reader."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ._errors import invalid, unreadable


def to_json(value: Any) -> str:
    """Write a value as JSON; datetimes must be aware."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise invalid(f"not JSON: {error}") from error


def time(value: datetime | str) -> str:
    """Give a time as the core reads it; datetimes must be aware."""
    return value if isinstance(value, str) else str(_plain(value))


def count(name: str, value: int, least: int = 0) -> int:
    """Refuse a number that the core cannot count to."""
    if not least <= value < 1 << 31:
        raise invalid(f"`{name}` is {value}, expected {least} to {(1 << 31) - 1}")
    return value


def encoded(text: str) -> bytes:
    """Give the UTF-8 of a text; what is not Unicode becomes bytes that the core reports as a problem."""
    return text.encode(errors="surrogatepass")


def records(values: Iterable[Any]) -> bytes:
    """Give JSON Lines of records, one each."""
    return b"".join(_line(value) for value in values)


def events(values: Any) -> Iterator[bytes]:
    """Give the JSON of each event: of one, of many, or of a file of JSON Lines."""
    if isinstance(values, os.PathLike):
        return _file_lines(os.fspath(values))
    if isinstance(values, str):
        refuse_name(values)
    if isinstance(values, (str, bytes, bytearray, memoryview, Mapping)):
        return iter([event(values)])
    refuse_frame("events", values)
    if not isinstance(values, Iterable):
        raise invalid(f"`events` is of type `{type(values).__name__}`, expected an event, events or a path")
    return map(_line, values)


def event(value: Any) -> bytes:
    """Give the JSON of one event."""
    if isinstance(value, (str, bytes, bytearray, memoryview, Mapping)):
        return _line(value)
    raise invalid(f"the event is of type `{type(value).__name__}`, expected a dict, or JSON as text or bytes")


def _file_lines(path: str) -> Iterator[bytes]:
    try:
        with Path(path).open("rb") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise unreadable(path, error) from error


def refuse_frame(name: str, value: Any) -> None:
    """Refuse a data frame, which would be iterated by its columns."""
    if hasattr(value, "columns"):
        advice = 'for pandas, give `frame.to_json(orient="records", date_format="iso")`'
        raise invalid(f"`{name}` is a data frame, expected its records", advice)


def refuse_name(text: str) -> None:
    """Refuse a text that is the name of a file: a text is content."""
    try:
        named = (
            len(text) < 4096 and "\n" not in text and text.lstrip()[:1] not in ("{", "[", "") and Path(text).exists()
        )
    except (OSError, ValueError):
        return
    if named:
        raise invalid("the text is the name of a file, expected its content", "give a file as `pathlib.Path(name)`")


@runtime_checkable
class Reader(Protocol):
    """An open file, or what reads like one."""

    def read(self, size: int, /) -> Any:
        """Give up to `size` bytes or characters, none at the end."""


class Lines:
    """A reader over an iterable of records or of pieces of text."""

    def __init__(self, values: Iterable[Any]) -> None:
        self._values: Iterator[Any] = iter(values)

    def read(self, size: int) -> bytes:
        """Give some `size` bytes, none at the end."""
        parts: list[bytes] = []
        length = 0
        for value in self._values:
            part = _line(value)
            parts.append(part)
            length += len(part)
            if length >= size:
                break
        return b"".join(parts)


def _line(value: Any) -> bytes:
    if isinstance(value, str):
        text = encoded(value)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        text = bytes(value)
    else:
        text = encoded(to_json(value))
    return text if text.endswith(b"\n") else text + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if value != value:  # a missing time of pandas is unequal to itself
            return None
        if value.tzinfo is None:
            raise invalid(f"the time `{value.isoformat()}` has no offset, expected an aware datetime")
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        raise invalid(f"`{value.isoformat()}` is a day, expected an aware datetime")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(value)
    if callable(item := getattr(value, "item", None)):  # a number of numpy
        return item()
    raise TypeError(f"a value of type `{type(value).__name__}`")
