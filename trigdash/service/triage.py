"""What went wrong with an error group: where its runs are, and what tells them from good ones.

Everything is counted over a sample, and the sample is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.backends.base import NotFound
from trigdash.model.run_filter import RunFilter

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.run import Run

SAMPLE = 12
"""Runs of each kind whose payloads are read: a request each."""
LEAST = 3
"""Of fewer runs of either kind nothing is told apart."""
DEPTH = 4
"""Levels of a payload that are looked at."""


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


@dataclass(frozen=True, slots=True)
class Triage:
    """What a sample of an error's runs tells."""

    error: ErrorGroup
    failing: int
    good: int
    spread: dict[str, dict[str, int]]
    """What is shared: version, region … → value → failing runs of the sample."""
    separator: Separator | None = None


async def triage(backend: Backend, error_id: str) -> Triage:
    """Look at an error's newest runs and at good ones of its task. Raises BackendError."""
    from trigdash.backends.operations.groups import get_error  # loads models

    error = await backend.call(get_error(error_id))
    failing = await _sample(backend, RunFilter(error=error.id))
    # Of the same versions: code from before may have been good with the same payload.
    versions = tuple(sorted({run.version for run in failing if run.version}))
    tasks = (error.task_identifier,)
    good = await _sample(
        backend, RunFilter(tasks=tasks, statuses=("COMPLETED",), versions=versions)
    )
    spread = {
        name: dict(Counter(str(value) for value in values if value).most_common())
        for name, values in (
            ("version", [run.version for run in failing]),
            ("region", [run.region for run in failing]),
            ("attempts", [run.attempt_count for run in failing]),
        )
    }
    return Triage(error, len(failing), len(good), spread, tell_apart(failing, good))


async def _sample(backend: Backend, narrowed: RunFilter) -> list[Run]:
    page = await backend.runs(narrowed, size=SAMPLE)
    found = []
    for row in page.rows[:SAMPLE]:
        try:
            found.append(await backend.run(row.id))
        except NotFound:
            continue
    return found


def tell_apart(failing: Iterable[Run], good: Iterable[Run]) -> Separator | None:
    """The payload field whose values are those of failing runs alone; None where none is."""
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
        key=lambda each: (-each.failing, len(each.values), each.field),
        default=None,
    )


def _separator(
    name: str, bad: list[dict[str, str]], good: list[dict[str, str]]
) -> Separator | None:
    values = Counter(each[name] for each in bad if name in each)
    # A value of its own for each run is an id: it tells no two kinds apart.
    if not values or len(values) > max(1, len(bad) // 2):
        return None
    among_good = sum(each.get(name) in values for each in good)
    if sum(values.values()) < len(bad) or among_good:
        return None
    shown = tuple(sorted(values))
    return Separator(name, shown, len(bad), len(bad), among_good, len(good))


def _values(payload: object, path: str = "", depth: int = DEPTH) -> Iterator[tuple[str, str]]:
    """The scalars of a payload by their paths: ("customer.country", "AT")."""
    if isinstance(payload, dict) and depth:
        for key, value in payload.items():
            yield from _values(value, f"{path}.{key}" if path else str(key), depth - 1)
    elif path and (payload is None or isinstance(payload, str | int | float | bool)):
        yield path, "null" if payload is None else str(payload)
