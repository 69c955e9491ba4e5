"""The columns of a run list, in their usual order."""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter

from trigdash.config_file import suggestion
from trigdash.model.run_row import RunRow
from trigdash.ui.cells import runs
from trigdash.ui.cells.cell import Cell
from trigdash.ui.widgets.columns import Column

NATURAL_SORT = ("age", True)
"""Newest first, as servers send runs: sorting by it sorts nothing."""

DEFAULT_KEYS = (
    "status",
    "task",
    "run",
    "age",
    "duration",
    "tries",
    "version",
    "tags",
    "cost",
    "test",
    "env",
)
"""Columns shown unless the settings say otherwise."""

# Of 100,000 rows, sorting by these is a third faster than by a function of ours.
_id = attrgetter("id")
_created = attrgetter("created_ms")
_attempts = attrgetter("attempts")
_version = attrgetter("version")
_cost = attrgetter("cost_cents")
_environment = attrgetter("environment")
_region = attrgetter("region")
_kind = attrgetter("kind")


def nothing_is_usual(row: RunRow) -> None:
    """What a run usually takes, while nobody knows."""


def run_columns(usual: runs.Usual = nothing_is_usual) -> dict[str, Column[RunRow]]:
    """Every column of a run list by its key. `usual` tells which durations are outliers."""

    def took(row: RunRow, now_ms: float) -> Cell:
        return runs.slow_cell(row, now_ms, usual(row)) + runs.duration_cell(row, now_ms)

    columns: tuple[Column[RunRow], ...] = (
        Column(
            "status", "status", runs.status_cell, 17, importance=100, sort_key=runs.status_order
        ),
        Column("task", "task", runs.task_cell, 20, importance=99, sort_key=_task, grow=8, least=10),
        Column("run", "run", runs.id_cell, 29, importance=75, sort_key=_id),
        Column("age", "age", runs.age_cell, 5, "right", 98, sort_key=_created, live=runs.always),
        Column(
            "duration",
            "duration",
            took,
            14,
            "right",
            97,
            sort_key_at=runs.duration_order,
            live=runs.is_live,
            least=9,
        ),
        Column("tries", "tries", runs.attempts_cell, 5, "right", 60, sort_key=_attempts),
        Column("version", "version", runs.version_cell, 12, importance=55, sort_key=_version),
        Column("tags", "tags", runs.tags_cell, 16, importance=70, sort_key=_tags, grow=24),
        Column("cost", "cost", runs.cost_cell, 9, "right", 50, sort_key=_cost),
        Column("test", "test", runs.test_cell, 4, importance=45, sort_key=_test),
        Column("env", "env", runs.environment_cell, 8, importance=30, sort_key=_environment),
        Column("region", "region", runs.region_cell, 12, importance=20, sort_key=_region),
        Column("created", "created", runs.created_cell, 15, "right", 25, sort_key=_created),
        Column("kind", "kind", runs.kind_cell, 10, importance=20, sort_key=_kind),
    )
    return {column.key: column for column in columns}


def column_problems(keys: Sequence[str]) -> Iterator[str]:
    """What is wrong with the columns that the settings name: those that do not exist, and those
    that stand twice."""
    known = run_columns()
    for key, times in Counter(keys).items():
        if key not in known:
            yield f"no column {key!r}{suggestion(key, known)}"
        elif times > 1:
            yield f"the column {key!r} stands {times} times"


def _task(row: RunRow) -> str:
    return row.task.lower()


def _tags(row: RunRow) -> tuple[str, ...] | None:
    return row.tags or None


def _test(row: RunRow) -> bool | None:
    return row.is_test or None
