"""Conditions of a filter that no run list answers: `-task:x`, `tag:vip*`, `duration:>5m`.

They narrow the rows that were read, as free text does. A condition is kept as it was typed, so it
is shown, saved and parsed again without a change.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.model.run_row import RunRow

RowTest = Callable[["RunRow"], bool]

EXCLUDED = re.compile(r"-([A-Za-z_]+):(.*)", re.DOTALL)
_NAMED = re.compile(r"(task|tag):(.*)", re.DOTALL)
_COMPARED = re.compile(r"(duration|cost|depth):(<=|>=|<|>|=?)([0-9.]+)(ms|[smhd]?)", re.IGNORECASE)
_VALUE = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^,"])+')
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"?')
_OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "": eq, "=": eq}
_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

COMPARED = {
    "duration": "how long finished runs took: duration:>5m",
    "cost": "dollars: cost:>0.5",
    "depth": "0 is a root run: depth:0",
}
"""Fields that are compared, each with what it takes."""

TEXTS: dict[str, Callable[[RunRow], tuple[str, ...]]] = {
    "task": lambda row: (row.task,),
    "tag": lambda row: row.tags,
    "version": lambda row: (row.version or "",),
    "region": lambda row: (row.region or "",),
}
"""What of a row the fields look at that can be excluded."""


def read_condition(word: str) -> RowTest | None:
    """The test that a typed word means; None when it is no condition. ValueError in words."""
    if excluded := EXCLUDED.fullmatch(word):
        name = excluded[1].lower()
        has = _has(name, excluded[2]) if name in TEXTS else None
        return None if has is None else lambda row: not has(row)
    named = _NAMED.fullmatch(word)
    if named and "*" in _QUOTED.sub("", named[2]):
        return _has(named[1], named[2])
    name = word.partition(":")[0].lower()
    if name not in COMPARED or ":" not in word:
        return None
    return _comparison(name, word)


def _has(name: str, listed: str) -> RowTest:
    """Whether one of a row's texts is among the listed ones, in which `*` stands for anything."""
    patterns = [_pattern(value) for value in _VALUE.findall(listed)]
    if not patterns:
        raise ValueError(f"{name}: needs a value")
    texts = TEXTS[name]
    return lambda row: any(pattern.fullmatch(text) for text in texts(row) for pattern in patterns)


def _pattern(value: str) -> re.Pattern[str]:
    """Each `*` stands for anything, matched without backtracking (`fnmatch`); what stands in
    quotes is meant letter by letter."""
    pieces, at = [], 0
    for quoted in _QUOTED.finditer(value):
        pieces += [_literal(value[at : quoted.start()], "?["), _literal(_bare(quoted[1]), "*?[")]
        at = quoted.end()
    return re.compile(translate("".join([*pieces, _literal(value[at:], "?[")])))


def _literal(text: str, special: str) -> str:
    """A text for `fnmatch` in which some letters mean themselves."""
    return "".join(f"[{letter}]" if letter in special else letter for letter in text)


def _bare(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def _comparison(name: str, word: str) -> RowTest:
    match = _COMPARED.fullmatch(word)
    unit = match[4].lower() if match else ""
    if match is None or match[3].count(".") > 1 or match[3] == ".":
        raise ValueError(f"{name}: takes {COMPARED[name]}")
    if bool(unit) != (name == "duration"):
        raise ValueError(f"{name}: takes {COMPARED[name]}")
    wanted = float(match[3]) * {"duration": _UNITS_MS.get(unit, 1), "cost": 100, "depth": 1}[name]
    holds, figure = _OPERATORS[match[2]], _FIGURES[name]

    def test(row: RunRow) -> bool:
        value = figure(row)
        return value is not None and bool(holds(value, wanted))

    return test


def _took_ms(row: RunRow) -> float | None:
    if row.started_ms is None or row.finished_ms is None:
        return None
    return max(0, row.finished_ms - row.started_ms)


_FIGURES: dict[str, Callable[[RunRow], float | None]] = {
    "duration": _took_ms,
    "cost": lambda row: row.cost_cents,
    "depth": lambda row: row.depth,
}
