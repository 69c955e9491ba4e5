"""The subject of an action: screens name it, and the action controller finds the prompt.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trigdash.model.queue import Queue
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.presentation.action import ActionSpec
    from trigdash.presentation.resource import Resource


@dataclass(frozen=True, slots=True)
class ChosenRuns:
    """The marked runs, or the highlighted one."""

    rows: Sequence[RunRow]


@dataclass(frozen=True, slots=True)
class RunStep:
    """A step of a run, to restart the run from."""

    run: RunRow
    step: str
    kept: Sequence[str]
    """Names of the steps before it: their results are kept."""
    again: Sequence[str]
    """Names of the steps that run again."""


@dataclass(frozen=True, slots=True)
class MatchingRuns:
    """Every run that a filter matches, loaded or not."""

    run_filter: RunFilter


@dataclass(frozen=True, slots=True)
class BatchRuns:
    """The runs of a batch that a filter matches, or the highlighted one alone."""

    run_filter: RunFilter
    run: RunRow | None


@dataclass(frozen=True, slots=True)
class OneQueue:
    """A queue."""

    queue: Queue


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A row of a resource, or its whole list (`row` is None), and what may be done to it."""

    action: ActionSpec[Any]
    resource: Resource[Any]
    row: Any
    rows: Sequence[Any] = ()
    """Those of the list that are loaded, where the action is about the list."""


@dataclass(frozen=True, slots=True)
class OpenBulks:
    """The bulk action under way, or an interrupted one."""


Subject = ChosenRuns | RunStep | MatchingRuns | BatchRuns | OneQueue | ResourceRow | OpenBulks
