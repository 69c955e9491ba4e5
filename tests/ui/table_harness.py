"""A stage for the live table: jobs of a few columns, and a table that remembers its repaints."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import Column
from trigdash.ui.theme.paint import THEMES
from trigdash.ui.widgets.row_table import RowTable


@dataclass(frozen=True)
class Job:
    name: str
    born_ms: int
    size: int = 0
    gap: bool = False


def name_cell(job: Job, now_ms: float) -> Cell:
    return ((job.name, "text"),)


def age_cell(job: Job, now_ms: float) -> Cell:
    return ((f"{(now_ms - job.born_ms) / 1000:.0f} s", "dim"),)


def size_cell(job: Job, now_ms: float) -> Cell:
    return ((str(job.size), "dim"),)


def gap_line(job: Job) -> Cell | None:
    return (("… 40 runs not loaded …", "warn"),) if job.gap else None


COLUMNS: list[Column[Job]] = [
    Column("name", "name", name_cell, 12, importance=9, sort_key=lambda job: job.name),
    Column("age", "age", age_cell, 6, "right", 8, live=lambda job: job.size == 0),
    Column("size", "size", size_cell, 6, "right", 7, sort_key=lambda job: job.size),
    Column("note", "note", lambda job, now_ms: (("remark", "dim"),), 30, importance=1),
]
NOW = 100_000.0


def jobs(count: int, size: int = 1) -> list[Job]:
    return [Job(f"job {index:03}", 0, size) for index in range(count)]


class WatchedTable(RowTable[Job]):
    """A table that remembers which of its lines were repainted; -1 stands for all."""

    painted: set[int]

    @override
    def refresh(self, *regions: Region, **options: Any) -> Self:
        lines = {y for region in regions for y in range(region.y, region.bottom)}
        self.painted = getattr(self, "painted", set()) | (lines or {-1})
        return super().refresh(*regions, **options)

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip(" ▐›") for strip in self.render_lines(self.size.region)]


class Stage(App[None]):
    def __init__(self, **options: Any) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "trigdash-dark"
        self.table = WatchedTable(COLUMNS, lambda job: job.name, **options)
        self.told: list[Message] = []

    @override
    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.tick(NOW)
        self.table.focus()

    def _tell(self, message: Message) -> None:
        self.told.append(message)

    on_row_table_cursor_moved = _tell
    on_row_table_row_opened = _tell
    on_row_table_marks_changed = _tell
    on_row_table_sort_changed = _tell
    on_row_table_reached_end = _tell
    on_row_table_header_clicked = _tell
    on_row_table_new_rows_counted = _tell

    def heard(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.told if type(message) is kind]


@asynccontextmanager
async def open_table(
    count: int = 100, size: tuple[int, int] = (60, 12), **options: Any
) -> AsyncIterator[tuple[Stage, WatchedTable, Pilot[None]]]:
    app = Stage(**options)
    async with app.run_test(size=size) as pilot:
        app.table.show(jobs(count))
        await pilot.pause()
        app.table.painted = set()
        app.told.clear()
        yield app, app.table, pilot
