"""Conditions of a filter that the run list does not support: `-task:x`, `tag:vip*`, `duration:>5m`.

The query endpoint supports them, and they narrow the loaded rows, as free text does. A condition is
kept as it was typed, so it is shown, saved and parsed again unchanged. This module is imported
before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow

EXCLUDED = re.compile(r"-([A-Za-z_]+):(.*)", re.DOTALL)
_NAMED = re.compile(r"(task|tag|kind):(.+)", re.DOTALL)
_COMPARED = re.compile(
    r"(duration|cost|attempts|depth):(<=|>=|<|>|=?)([0-9.]+)(ms|[smhd]?)", re.IGNORECASE
)
_VALUE = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^,"])+')
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"?')
_OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq}
_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

COMPARED = {
    "duration": "how long finished runs took: duration:>5m",
    "cost": "dollars: cost:>0.5",
    "attempts": "attempts made: attempts:>1",
    "depth": "0 is a root run: depth:0",
    "kind": "what kind of task it is, or what started it: kind:scheduled",
}
"""Fields that can be compared, each with its values in words."""

TEXTS: dict[str, Callable[[RunRow], tuple[str, ...]]] = {
    "task": lambda row: (row.task,),
    "tag": lambda row: row.tags,
    "version": lambda row: (row.version or "",),
    "region": lambda row: (row.region or "",),
    "kind": lambda row: (row.kind or "", (row.kind or "").lower()),
}
"""The texts of a row that a field of an exclusion is matched with."""


@dataclass(frozen=True)
class TextCondition:
    """One of a row's texts matches a pattern; or, negated, none does."""

    field: str
    patterns: tuple[tuple[str, ...], ...]
    """Each pattern as the literal texts between its wildcards: `("vip", "")` for `vip*`."""
    is_excluding: bool = False

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], ...]:
        # `fnmatch` matches without backtracking.
        wholes = ("*".join(map(_literal, pattern)) for pattern in self.patterns)
        return tuple(re.compile(translate(whole)) for whole in wholes)

    def holds(self, row: RunRow) -> bool:
        """Whether a row meets the condition."""
        texts = TEXTS[self.field](row)
        found = any(pattern.fullmatch(text) for text in texts for pattern in self._compiled)
        return found is not self.is_excluding


@dataclass(frozen=True)
class FigureCondition:
    """Compares a figure of a row with a number."""

    field: str
    operator: str
    """`<`, `<=`, `>`, `>=` or `=`."""
    wanted: float
    """Milliseconds, cents, or a count."""

    def holds(self, row: RunRow) -> bool:
        """Whether a row meets the condition; a row without the figure does not."""
        value = _FIGURES[self.field](row)
        return value is not None and bool(_OPERATORS[self.operator](value, self.wanted))


Condition = TextCondition | FigureCondition


def read_condition(word: str) -> Condition | None:
    """The condition that a typed word stands for; None when it is not one. Raises ValueError with a
    message."""
    if excluded := EXCLUDED.fullmatch(word):
        name = excluded[1].lower()
        return _text(name, excluded[2], is_excluding=True) if name in TEXTS else None
    named = _NAMED.fullmatch(word)
    if named and (named[1] == "kind" or "*" in _QUOTED.sub("", named[2])):
        return _text(named[1], named[2])
    name = word.partition(":")[0].lower()
    if name not in COMPARED or ":" not in word:
        return None
    return _comparison(name, word)


def read_conditions(words: Iterable[str]) -> tuple[Condition, ...]:
    """The conditions that words stand for, as a filter holds them."""
    return tuple(each for word in words if (each := read_condition(word)) is not None)


def needs_query(words: Iterable[str]) -> bool:
    """Whether a condition needs a field that run lists do not have."""
    return any(each.field == "attempts" for each in read_conditions(words))


def _text(name: str, listed: str, *, is_excluding: bool = False) -> TextCondition:
    patterns = tuple(_pieces(value) for value in _VALUE.findall(listed))
    if not patterns:
        raise ValueError(f"{name}: needs a value")
    return TextCondition(name, patterns, is_excluding)


def _pieces(value: str) -> tuple[str, ...]:
    """The literal texts between the wildcards; quoted text is literal."""
    pieces, at = [""], 0
    for quoted in _QUOTED.finditer(value):
        first, *others = value[at : quoted.start()].split("*")
        pieces = [*pieces[:-1], pieces[-1] + first, *others]
        pieces[-1] += re.sub(r"\\(.)", r"\1", quoted[1])
        at = quoted.end()
    first, *others = value[at:].split("*")
    return (*pieces[:-1], pieces[-1] + first, *others)


def _literal(text: str) -> str:
    """A pattern for `fnmatch` in which every character is literal."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _comparison(name: str, word: str) -> FigureCondition:
    match = _COMPARED.fullmatch(word)
    unit = match[4].lower() if match else ""
    if match is None or match[3].count(".") > 1 or match[3] == ".":
        raise ValueError(f"{name}: takes {COMPARED[name]}")
    if bool(unit) != (name == "duration"):
        raise ValueError(f"{name}: takes {COMPARED[name]}")
    scale = {"duration": _UNITS_MS.get(unit, 1), "cost": 100}.get(name, 1)
    return FigureCondition(name, match[2] or "=", float(match[3]) * scale)


def _took_ms(row: RunRow) -> float | None:
    if row.started_ms is None or row.finished_ms is None:
        return None
    return max(0, row.finished_ms - row.started_ms)


_FIGURES: dict[str, Callable[[RunRow], float | None]] = {
    "duration": _took_ms,
    "cost": lambda row: row.cost_cents,
    "attempts": lambda row: row.attempts,
    "depth": lambda row: row.depth,
}
