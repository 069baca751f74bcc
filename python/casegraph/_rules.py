"""Sigma rules over raw events: the native set, with types."""

from __future__ import annotations

import os
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, final, overload

from . import _html, _input, _native
from ._errors import invalid
from ._types import Profile, Rule, RuleProblem, RuleTrace, problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Events that are matched at a time; in between Python looks for Ctrl-C.
_CHUNK = 1024
_SNAKE = re.compile(r"_([a-z])")


@final
class RuleSet:
    """Sigma rules, compiled: immutable, so that any number of threads may use one set at once.

    >>> import casegraph
    >>> rules = casegraph.RuleSet("rules/", builtin=True)  # doctest: +SKIP

    `paths` are files, or folders of `.yml` and `.yaml` files; `texts` are documents by the name that problems
    give them; `builtin` adds the rules that ship with casegraph. Of two rules with one id the first counts, in
    this order. A document that cannot be used is one of `problems`, or fails the whole set when `strict`.

    `mappings` are field mappings, by name, that are tried before the built-in ones; `placeholders` are the
    values of each `%name%` of `|expand`; `select` is a dict of what the method `select` takes.
    """

    __slots__ = ("__weakref__", "_core", "_rules")

    _core: _native.RuleSet
    _rules: tuple[Rule, ...] | None

    def __init__(
        self,
        *paths: str | os.PathLike[str],
        builtin: bool = False,
        texts: Mapping[str, str | bytes] | None = None,
        mappings: Mapping[str, str] | None = None,
        placeholders: Mapping[str, Iterable[str]] | None = None,
        select: Mapping[str, Any] | None = None,
        strict: bool = False,
    ) -> None:
        self._rules = None
        self._core = _native.RuleSet(
            [os.fspath(path) for path in paths],
            [(name, _input.encoded(t) if isinstance(t, str) else bytes(t)) for name, t in (texts or {}).items()],
            builtin,
            list((mappings or {}).items()),
            [(name, list(values)) for name, values in (placeholders or {}).items()],
            None if select is None else _choice(select),
            strict,
        )

    @classmethod
    def builtin(cls) -> RuleSet:
        """Give the rules that ship with casegraph."""
        return cls(builtin=True, strict=True)

    @classmethod
    def from_text(cls, text: str | bytes, source: str = "<text>") -> RuleSet:
        """Build a set of the documents of one text; `source` names it in problems."""
        return cls(texts={source: text})

    @classmethod
    def _of(cls, native: _native.RuleSet) -> RuleSet:
        rules = object.__new__(cls)
        rules._rules = None
        rules._core = native
        return rules

    def _all(self) -> tuple[Rule, ...]:
        if self._rules is None:
            self._rules = tuple(Rule.from_json(text) for text in self._core.rules())
        return self._rules

    @property
    def problems(self) -> tuple[RuleProblem, ...]:
        """What was wrong with documents, in the order in which they were read."""
        return problems(self._core.problems())

    @property
    def unselected(self) -> int:
        """Number of rules that a selection left out."""
        return self._core.unselected()

    @property
    def hash(self) -> str:
        """SHA-256 over all rules, mappings and placeholders: equal sets have equal ones, in whatever order."""
        return self._core.hash()

    def find(self, rule: str) -> Rule | None:
        """Give the rule with this id, name or title."""
        number = self._core.find(rule)
        return None if number is None else self._all()[number]

    def select(
        self,
        *,
        min_level: str | None = None,
        min_status: str | None = None,
        tags: Iterable[str] = (),
        without_tags: Iterable[str] = (),
        ids: Iterable[str] = (),
        products: Iterable[str] = (),
        categories: Iterable[str] = (),
        services: Iterable[str] = (),
    ) -> RuleSet:
        """Give the rules that fit all of this, and what they refer to, as a set of its own.

        Of each list one item must fit: `tags` (`attack.t1059` takes its sub-techniques along), `ids` (or
        names), `products`, `categories`, `services`; and none of `without_tags`.
        """
        choice = {
            "min_level": min_level,
            "min_status": min_status,
            "tags": tags,
            "without_tags": without_tags,
            "ids": ids,
            "products": products,
            "categories": categories,
            "services": services,
        }
        return self._of(self._core.select(_choice(choice)))

    def match(self, events: str | bytes | os.PathLike[str] | Mapping[str, Any] | Iterable[Any]) -> list[list[Rule]]:
        """Give the detections that match each event.

        `events` is one event as a dict, or as JSON in text or bytes; an iterable of such, an open file of JSON
        Lines too; or a `pathlib.Path` of a file of JSON Lines. What is no event raises `ParseError` with its
        number as `record`.
        """
        rules = self._all()
        matcher = self._core.matcher()
        return [[rules[number] for number in found] for found in _run(matcher, events)]

    def profile(self, events: str | bytes | os.PathLike[str] | Mapping[str, Any] | Iterable[Any]) -> Profile:
        """Tell what each rule cost and found over some events, given as for `match`, and why some were silent.

        `profile.rules` is a sequence of dataclasses, as `pandas.DataFrame` takes it.
        """
        matcher = self._core.matcher(profile=True)
        for _ in _run(matcher, events):
            pass
        return Profile.from_json(matcher.profile())

    def explain(self, rule: str | Rule, event: str | bytes | Mapping[str, Any]) -> RuleTrace:
        """Tell why a rule, by id, name or title, matches an event, or why it does not; `print` shows it."""
        name = (rule.id or rule.title) if isinstance(rule, Rule) else rule
        return RuleTrace.from_json(self._core.explain(name, _input.event(event)))

    def to_json(self) -> str:
        """Give all rules, by number, as one JSON list."""
        return self._core.to_json()

    def __len__(self) -> int:
        return len(self._core)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> Rule: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Rule, ...]: ...
    def __getitem__(self, index: int | slice) -> Rule | tuple[Rule, ...]:
        return self._all()[index]

    def __copy__(self) -> RuleSet:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> RuleSet:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        raise invalid("a set of rules cannot be pickled: build it again of its files and texts")

    def __repr__(self) -> str:
        wrong = len(self.problems)
        return f"<RuleSet: {len(self):,} rules{f', {wrong:,} problems' if wrong else ''}>"

    def _repr_html_(self) -> str:
        return _html.rules(self._all(), self.problems)


def _run(matcher: _native.Matcher, events: Any) -> Iterator[list[int]]:
    lines = _input.events(events)
    while chunk := list(islice(lines, _CHUNK)):
        yield from matcher.matches(chunk)


def _choice(choice: Mapping[str, Any]) -> str:
    members = {_SNAKE.sub(lambda m: m.group(1).upper(), name): value for name, value in choice.items()}
    return _input.to_json({name: value for name, value in members.items() if value is not None})
