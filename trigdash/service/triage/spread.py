"""The spread of an error's runs over versions, machines and more, compared with good runs of the
same task. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.model.run_row import RunRow

PLACED = ("queue", "machine", "attempt")
"""Attributes that only the query endpoint returns for many runs at once."""
_TYPES = {"NoneType": "null", "str": "text", "dict": "object", "bool": "flag"}


def lift_of(failing: int, of_failing: int, good: int, of_good: int) -> float | None:
    """How many times as frequent something is among failing runs as among good ones; None if no
    good run has it, or none was read."""
    if not good or not of_good or not of_failing:
        return None
    return (failing / of_failing) / (good / of_good)


@dataclass(frozen=True, slots=True)
class SpreadValue:
    """One value, and how many runs of each kind have it."""

    value: str
    failing: int
    good: int
    lift: float | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of one attribute of runs, most frequent among failing ones first."""

    name: str
    """version, machine, region, queue, tag, attempt, payload shape."""
    values: tuple[SpreadValue, ...]
    of_failing: int
    """Failing runs of the sample for which it is known."""
    of_good: int

    @property
    def is_telling(self) -> bool:
        """Whether it sets failing runs apart: most of them share a value that few good ones
        have."""
        first = self.values[0]
        is_rare = first.good == 0 if first.lift is None else first.lift >= 2
        return self.of_good > 0 and first.failing * 2 >= self.of_failing and is_rare


Placed = Mapping[str, Mapping[str, str]]
"""Run id → queue, machine and attempt, as far as they are known."""


def spread_over(
    failing: Sequence[RunRow], good: Sequence[RunRow], placed: Placed
) -> tuple[Spread, ...]:
    """The spreads of two samples of runs, from lists and the query endpoint."""
    found = (
        _spread("version", [[row.version] for row in failing], [[row.version] for row in good]),
        *(_spread(name, _of(placed, name, failing), _of(placed, name, good)) for name in PLACED),
        _spread("region", [[row.region] for row in failing], [[row.region] for row in good]),
        _spread("tag", [row.tags for row in failing], [row.tags for row in good], is_many=True),
    )
    return tuple(each for each in found if each is not None)


def spread_of_shapes(failing: Iterable[Run], good: Iterable[Run]) -> Spread | None:
    """The spread over shapes of payloads: their keys and the types of their values."""
    return _spread(
        "payload shape",
        [[shape_text(run.payload)] for run in failing],
        [[shape_text(run.payload)] for run in good],
    )


def shape_text(payload: Any) -> str:
    """A payload's shape in words: "customer: object, region: null"."""
    if not isinstance(payload, dict):
        return _type(payload)
    return ", ".join(f"{key}: {_type(value)}" for key, value in sorted(payload.items())) or "empty"


def _type(value: object) -> str:
    name = type(value).__name__
    return "number" if name in ("int", "float") else _TYPES.get(name, name)


def _of(placed: Placed, name: str, rows: Iterable[RunRow]) -> list[list[str | None]]:
    return [[placed.get(row.id, {}).get(name)] for row in rows]


def _spread(
    name: str,
    failing: Sequence[Sequence[str | None]],
    good: Sequence[Sequence[str | None]],
    *,
    is_many: bool = False,
) -> Spread | None:
    """None if nothing is known of the failing runs. For attributes with several values, a run
    without any counts as well."""
    bad = Counter(value for values in failing for value in values if value)
    well = Counter(value for values in good for value in values if value)
    of_bad = len(failing) if is_many else bad.total()
    of_well = len(good) if is_many else well.total()
    if is_many:
        # A value that only one run has, such as a customer's id, is not a kind of run.
        bad = Counter({value: runs for value, runs in bad.items() if runs > 1})
    values = tuple(
        SpreadValue(value, runs, well[value], lift_of(runs, of_bad, well[value], of_well))
        for value, runs in bad.most_common()
    )
    return Spread(name, values, of_bad, of_well) if values else None
