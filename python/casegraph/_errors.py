"""What casegraph raises. Everything derives from `CasegraphError` and has a stable `code`."""

from __future__ import annotations

from typing import Any


class CasegraphError(Exception):
    """Why a call failed; raised as such with code `cancelled`.

    `code` is a stable name and `number` the same as the C constants `CG_ERR_*` have it. `source`,
    `record`, `path`, `line` and `column` (in bytes, for code `rule` in characters) say where in an input;
    `help` what to do. Each may be `None`.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "internal",
        number: int = 9,
        source: str | None = None,
        record: int | None = None,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.number = number
        self.source = source
        self.record = record
        self.path = path
        self.line = line
        self.column = column
        self.help = help

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (type(self), self.message), dict(self.__dict__))


class ParseError(CasegraphError, ValueError):
    """An input cannot be read: it is no JSON, or of no known format."""


class LogError(ParseError):
    """A saved log is damaged or of an unknown version."""


class DataError(CasegraphError, ValueError):
    """An argument is not what the call allows."""


class NotFoundError(CasegraphError, LookupError):
    """No alert, incident, entity, fact or rule has this id."""


class LimitError(CasegraphError):
    """A limit of the policy was reached."""


class IoError(CasegraphError, OSError):
    """Reading or writing failed; `errno` is the system's number."""


class InternalError(CasegraphError):
    """A defect of casegraph. The casebook it happened on may be unusable; its saved log is not."""


CLASSES: dict[str, type[CasegraphError]] = {
    "syntax": ParseError,
    "format": ParseError,
    "invalid_argument": DataError,
    "not_found": NotFoundError,
    "limit": LimitError,
    "log": LogError,
    "io": IoError,
    "cancelled": CasegraphError,
    "internal": InternalError,
    "rule": ParseError,
    "conflict": DataError,
}


def make(message: str, *, code: str, number: int, errno: int | None = None, **place: Any) -> CasegraphError:
    """Give the exception for an error of the core; the native half calls this."""
    error = CLASSES.get(code, CasegraphError)(message, code=code, number=number, **place)
    if isinstance(error, IoError):
        error.errno = errno
        error.filename = error.source
    return error


def in_record(error: CasegraphError, record: int) -> CasegraphError:
    """Say of an error which of many records it is about; the native half calls this."""
    between = ", " if error.line is not None else ": "
    error.record = record
    error.message = f"record {record}{between}{error.message}"
    error.args = (error.message,)
    return error


def unreadable(path: str, error: OSError) -> CasegraphError:
    """Give the exception for a file that Python could not read."""
    return make(f"{path}: {error.strerror or error}", code="io", number=7, errno=error.errno, source=path)


def invalid(message: str, help: str | None = None) -> DataError:
    """Give the exception for an argument that does not even reach the core."""
    return DataError(message, code="invalid_argument", number=3, help=help)


def _again(kind: type[CasegraphError], message: str) -> CasegraphError:
    return kind(message)
