"""Over what an error's runs are spread, beside good runs of the same task. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.model.run_row import RunRow

PLACED = ("queue", "machine", "attempt")
"""What only the query endpoint tells of many runs at once."""
_TYPES = {"NoneType": "null", "str": "text", "dict": "object", "bool": "flag"}


def lift_of(failing: int, of_failing: int, good: int, of_good: int) -> float | None:
    """How many times as often something is among failing runs as among good ones; None where no
    good run has it, or none was looked at."""
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
    """The values of one thing that runs share, the most frequent among failing ones first."""

    name: str
    """version, machine, region, queue, tag, attempt, payload shape."""
    values: tuple[SpreadValue, ...]
    of_failing: int
    """Failing runs of the sample of which it is known."""
    of_good: int

    @property
    def is_telling(self) -> bool:
        """Whether failing runs stand out by it: a value of most of them that few good ones have."""
        first = self.values[0]
        is_rare = first.good == 0 if first.lift is None else first.lift >= 2
        return self.of_good > 0 and first.failing * 2 >= self.of_failing and is_rare


Placed = Mapping[str, Mapping[str, str]]
"""Run id → queue, machine and attempt, as far as they are known."""


def spread_over(
    failing: Sequence[RunRow], good: Sequence[RunRow], placed: Placed
) -> tuple[Spread, ...]:
    """What two samples of runs are spread over, as lists and the query endpoint tell it."""
    found = (
        _spread("version", [[row.version] for row in failing], [[row.version] for row in good]),
        *(_spread(name, _of(placed, name, failing), _of(placed, name, good)) for name in PLACED),
        _spread("region", [[row.region] for row in failing], [[row.region] for row in good]),
        _spread("tag", [row.tags for row in failing], [row.tags for row in good], is_many=True),
    )
    return tuple(each for each in found if each is not None)


def spread_of_shapes(failing: Iterable[Run], good: Iterable[Run]) -> Spread | None:
    """The shapes of payloads: their keys and what kinds of values these hold."""
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
    """None where nothing is known of the failing runs. Of what a run has many, one without any
    counts as well."""
    bad = Counter(value for values in failing for value in values if value)
    well = Counter(value for values in good for value in values if value)
    of_bad = len(failing) if is_many else bad.total()
    of_well = len(good) if is_many else well.total()
    if is_many:
        # What one run alone has, such as a customer's id, is no kind of run.
        bad = Counter({value: runs for value, runs in bad.items() if runs > 1})
    values = tuple(
        SpreadValue(value, runs, well[value], lift_of(runs, of_bad, well[value], of_well))
        for value, runs in bad.most_common()
    )
    return Spread(name, values, of_bad, of_well) if values else None
