"""The live table: what it draws, what it repaints, and what it tells."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from typing_extensions import override

from trigdash.ui.cells.cell import Cell
from trigdash.ui.theme import THEMES
from trigdash.ui.widgets.columns import Column
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


Show = Callable[..., Any]


@asynccontextmanager
async def staged(
    count: int = 100, size: tuple[int, int] = (60, 12), **options: Any
) -> AsyncIterator[tuple[Stage, WatchedTable, Pilot[None]]]:
    app = Stage(**options)
    async with app.run_test(size=size) as pilot:
        app.table.show(jobs(count))
        await pilot.pause()
        app.table.painted = set()
        app.told.clear()
        yield app, app.table, pilot


async def test_titles_words_and_numbers_stand_in_line() -> None:
    async with staged(3) as (_, table, _pilot):
        assert table.lines[0] == "   NAME             AGE    SIZE"
        assert table.lines[1] == "▌  job 000        100 s       1"
        assert table.lines[2] == "   job 001        100 s       1"
        assert table.lines[4] == ""


async def test_moving_the_highlight_repaints_two_lines() -> None:
    async with staged() as (app, table, pilot):
        table.move(3)
        assert table.painted == {1, 4}
        await pilot.pause()
        assert [message.key for message in app.heard(RowTable.CursorMoved)] == ["job 003"]
        assert table.cursor_row == jobs(4)[3]


async def test_new_data_repaints_only_lines_that_say_something_else() -> None:
    async with staged() as (_, table, _pilot):
        rows = jobs(100)
        rows[2] = replace(rows[2], size=5)
        rows[4] = replace(rows[4])
        rows[90] = replace(rows[90], size=7)
        table.show(rows)
        assert table.painted == {3}


async def test_time_repaints_only_live_lines() -> None:
    async with staged() as (_, table, _pilot):
        rows = jobs(100)
        rows[3] = replace(rows[3], size=0)
        table.show(rows)
        table.painted.clear()
        table.tick(NOW + 300)
        assert table.painted == set()
        table.tick(NOW + 1000)
        assert table.painted == {4}
        assert "101 s" in table.lines[4]


async def test_the_same_strips_are_handed_back_frame_after_frame() -> None:
    async with staged() as (_, table, _pilot):
        before = table.render_lines(table.size.region)
        table.move(1)
        table.move(-1)
        table.show(jobs(100))
        after = table.render_lines(table.size.region)
        assert all(old is new for old, new in zip(before, after, strict=True))


async def test_new_rows_above_are_counted_and_move_nothing() -> None:
    async with staged() as (app, table, pilot):
        table.move(2)
        table.painted.clear()
        table.show([Job("newer", 0, 1), *jobs(100)])
        await pilot.pause()
        assert table.cursor_key == "job 002"
        assert table.painted == set()
        assert table.new_above == 1
        table.go_top()
        await pilot.pause()
        assert (table.cursor_key, table.new_above) == ("newer", 0)
        assert [message.count for message in app.heard(RowTable.NewRowsCounted)] == [1, 0]


async def test_at_the_top_new_rows_show_at_once() -> None:
    async with staged() as (_, table, _pilot):
        table.show([Job("newer", 0, 1), *jobs(100)])
        assert "newer" in table.lines[1]
        assert table.cursor_key == "newer"


async def test_marks_stand_in_the_gutter_and_survive_new_data() -> None:
    async with staged() as (app, table, pilot):
        table.toggle_mark()
        table.move(1)
        table.show(jobs(50))
        await pilot.pause()
        assert table.marked == {"job 000"}
        assert table.lines[1].startswith(" ◆ job 000")
        assert len(app.heard(RowTable.MarksChanged)) == 1
        table.mark_all()
        assert len(table.marked) == 50
        table.clear_marks()
        assert table.marked == frozenset()


async def test_an_action_under_way_shows_on_its_row() -> None:
    async with staged() as (_, table, _pilot):
        table.set_flags({"job 002": ("…", "accent")})
        assert table.painted == {3}
        assert table.lines[3].startswith(" … job 002")
        table.set_flags({})
        assert table.lines[3].startswith("   job 002")


async def test_matches_are_highlighted_whatever_their_case() -> None:
    async with staged() as (_, table, _pilot):
        table.set_highlight("JOB 00")
        segments = [segment for segment in table.render_line(2) if segment.text == "job 00"]
        assert len(segments) == 1
        assert segments[0].style is not None
        assert segments[0].style.bgcolor is not None
        table.set_highlight("")
        assert not any(segment.text == "job 00" for segment in table.render_line(2))


async def test_sorting_marks_the_header_and_keeps_the_highlighted_row() -> None:
    async with staged(natural_sort=("age", True)) as (app, table, pilot):
        assert "AGE ▼" in table.lines[0]
        table.move(1)
        table.sort_by("name")
        table.sort_by("name")
        await pilot.pause()
        assert "NAME ▼" in table.lines[0]
        assert table.row_at(0) == jobs(100)[99]
        assert table.cursor_key == "job 001"
        table.sort = ("age", True)
        await pilot.pause()
        assert table.row_at(0) == jobs(1)[0]
        sorts = [message.sort for message in app.heard(RowTable.SortChanged)]
        assert sorts == [("name", False), ("name", True), ("age", True)]


async def test_sorting_goes_from_column_to_column() -> None:
    async with staged() as (_, table, _pilot):
        seen = []
        for _ in range(3):
            table.sort_next()
            seen.append(table.sort)
        assert seen == [("name", False), ("size", True), ("name", False)]


async def test_a_column_that_cannot_be_sorted_is_not() -> None:
    async with staged() as (_, table, _pilot):
        table.sort_by("note")
        assert table.sort is None


async def test_the_least_important_columns_give_way_and_can_be_scrolled_to() -> None:
    async with staged(size=(40, 8)) as (_, table, _pilot):
        assert table.lines[0].split() == ["NAME", "AGE", "SIZE"]
        assert table.render_line(0).text.endswith("›")
        table.scroll_columns(9)
        assert table.lines[0].split() == ["NAME", "NOTE"]
        table.scroll_columns(-9)
        assert table.lines[0].split() == ["NAME", "AGE", "SIZE"]


async def test_columns_can_be_changed_while_running() -> None:
    async with staged() as (_, table, _pilot):
        table.columns = [COLUMNS[2], COLUMNS[0]]
        assert table.lines[0].split() == ["SIZE", "NAME"]


async def test_the_end_is_told_once_per_length() -> None:
    async with staged(100) as (app, table, pilot):
        table.end()
        table.move(-1)
        await pilot.pause()
        assert len(app.heard(RowTable.ReachedEnd)) == 1
        table.show(jobs(200))
        await pilot.pause()
        assert len(app.heard(RowTable.ReachedEnd)) == 1
        table.end()
        await pilot.pause()
        assert len(app.heard(RowTable.ReachedEnd)) == 2


async def test_without_rows_the_table_says_why() -> None:
    async with staged(0, empty=[(("no runs match", "dim"),)]) as (app, table, pilot):
        assert table.lines[1] == "   no runs match"
        assert (table.cursor_key, table.cursor_row) == (None, None)
        table.open_row()
        table.toggle_mark()
        table.page(1)
        table.set_empty([(("nothing yet", "dim"),)])
        await pilot.pause()
        assert app.told == []
        assert table.lines[1] == "   nothing yet"


async def test_a_gap_in_the_data_is_a_line_across() -> None:
    async with staged(banner=gap_line) as (_, table, _pilot):
        rows = jobs(10)
        rows[1] = Job("gap", 0, gap=True)
        table.show(rows)
        table.tick(NOW + 5000)
        assert table.lines[2] == "   … 40 runs not loaded …"


@pytest.mark.parametrize(
    "text",
    ["\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "a\u202eb", "\u200bzero", "[@click=app.quit]x[/]"],
)
async def test_hostile_text_is_drawn_as_harmless_text(text: str) -> None:
    async with staged(0) as (_, table, _pilot):
        table.show([Job(text, 0)])
        drawn = table.render_line(1)
        assert drawn.text.isprintable()
        assert drawn.cell_length == table.size.width
        assert all(not segment.style.meta for segment in drawn if segment.style is not None)


async def test_wide_characters_keep_the_columns_in_line() -> None:
    async with staged(0) as (_, table, _pilot):
        table.show([Job("日本語のとても長い名前です", 0, 7), Job("short", 0, 8)])
        for line in (table.render_line(1), table.render_line(2)):
            assert line.cell_length == 60
            assert line.crop(28, 34).text.strip() in {"7", "8"}


async def test_keys_of_vanished_rows_do_not_break_the_highlight() -> None:
    async with staged() as (app, table, pilot):
        assert table.select_key("job 050")
        assert not table.select_key("nobody")
        table.show(jobs(20))
        await pilot.pause()
        assert table.cursor_key == "job 019"
        assert app.heard(RowTable.CursorMoved)[-1].key == "job 019"


async def test_the_mouse_selects_opens_sorts_and_scrolls() -> None:
    async with staged() as (app, table, pilot):
        await pilot.click(WatchedTable, offset=(10, 3))
        assert table.cursor_key == "job 002"
        await pilot.click(WatchedTable, offset=(10, 4), times=2)
        assert [message.key for message in app.heard(RowTable.RowOpened)] == ["job 003"]
        await pilot.click(WatchedTable, offset=(5, 0))
        assert table.sort == ("name", False)
        assert [message.column for message in app.heard(RowTable.HeaderClicked)] == ["name"]
        await pilot.mouse_down(WatchedTable, offset=(59, 11))
        await pilot.mouse_up(WatchedTable, offset=(59, 11))
        assert table.top == 89
        assert table.cursor_key == "job 003"


async def test_the_scroll_bar_shows_where_the_view_is() -> None:
    async with staged() as (_, table, _pilot):

        def thumb() -> list[int]:
            return [y for y in range(12) if table.render_line(y).text.endswith("▐")]

        assert thumb() == [1]
        table.end()
        assert thumb() == [11]
        table.show(jobs(5))
        assert thumb() == []


async def test_a_table_without_focus_steps_its_cursor_back() -> None:
    async with staged() as (app, table, pilot):
        focused = next(iter(table.render_line(1))).style
        app.set_focus(None)
        await pilot.pause()
        assert next(iter(table.render_line(1))).style != focused


async def test_resizing_and_another_theme_draw_everything_anew() -> None:
    async with staged() as (app, table, pilot):
        table.move(8)
        before = table.render_line(2)
        await pilot.resize_terminal(80, 6)
        await pilot.pause()
        assert table.lines[0].split() == ["NAME", "AGE", "SIZE", "NOTE"]
        assert any(line.startswith("▌") for line in table.lines)
        app.theme = "trigdash-light"
        await pilot.pause()
        assert table.render_line(2) != before


async def test_a_hundred_thousand_rows_draw_only_what_is_seen() -> None:
    drawn: list[str] = []

    def counted(job: Job, now_ms: float) -> Cell:
        drawn.append(job.name)
        return name_cell(job, now_ms)

    async with staged(0) as (_, table, _pilot):
        table.columns = [Column("name", "name", counted, 12)]
        table.show(jobs(100_000))
        table.end()
        assert len(drawn) == 22
        assert table.cursor_key == "job 99999"


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_the_table_can_be_drawn_in_every_theme(theme: str) -> None:
    app = Stage()
    app.theme = theme
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.show(jobs(30))
        await pilot.pause()
        assert "job 000" in app.table.lines[1]
        assert app.table.lines[1].startswith("▌")
