"""Which payload field tells failing runs from good ones. Pure; counted over a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.service.triage.spread import lift_of

if TYPE_CHECKING:
    from trigdash.model.run import Run

LEAST = 3
"""With fewer failing or good runs than this, nothing is compared."""
DEPTH = 4
"""Levels of a payload that are compared."""
LEAST_SHARE = 0.9
"""The least fraction of failing runs that have the separating values."""
LEAST_LIFT = 4.0
"""The least factor by which they are more frequent than among good runs."""


@dataclass(frozen=True, slots=True)
class Separator:
    """A payload field whose values tell failing runs from good ones."""

    field: str
    values: tuple[str, ...]
    failing: int
    """Failing runs of the sample with one of the values."""
    of_failing: int
    good: int
    of_good: int

    @property
    def lift(self) -> float | None:
        """How many times as often failing runs have it; None if no good run has it."""
        return lift_of(self.failing, self.of_failing, self.good, self.of_good)


def tell_apart(failing: Iterable[Run], good: Iterable[Run]) -> Separator | None:
    """The payload field with values that almost only failing runs have; None if there is none."""
    bad_values = [dict(_values(run.payload)) for run in failing]
    good_values = [dict(_values(run.payload)) for run in good]
    if min(len(bad_values), len(good_values)) < LEAST:
        return None
    found = (
        _separator(name, bad_values, good_values)
        for name in sorted({name for values in bad_values for name in values})
    )
    return min(
        (each for each in found if each is not None),
        key=lambda each: (each.good, -each.failing, len(each.values), each.field),
        default=None,
    )


def _separator(
    name: str, bad: list[dict[str, str]], good: list[dict[str, str]]
) -> Separator | None:
    values = Counter(each[name] for each in bad if name in each)
    # A field with a different value in each run is an id, and separates nothing.
    if not values or len(values) > max(1, len(bad) // 2):
        return None
    among_bad, among_good = sum(values.values()), sum(each.get(name) in values for each in good)
    lift = lift_of(among_bad, len(bad), among_good, len(good))
    if among_bad < LEAST_SHARE * len(bad) or (lift is not None and lift < LEAST_LIFT):
        return None
    return Separator(name, tuple(sorted(values)), among_bad, len(bad), among_good, len(good))


def _values(payload: object, path: str = "", depth: int = DEPTH) -> Iterator[tuple[str, str]]:
    """The scalars of a payload by their paths: ("customer.country", "AT")."""
    if isinstance(payload, dict) and depth:
        for key, value in payload.items():
            yield from _values(value, f"{path}.{key}" if path else str(key), depth - 1)
    elif path and (payload is None or isinstance(payload, str | int | float | bool)):
        yield path, "null" if payload is None else str(payload)
