"""The live table in use: what its keys, mouse and data do, and what it tells."""

from tests.ui.table_harness import (
    NOW,
    Job,
    WatchedTable,
    age_cell,
    gap_line,
    jobs,
    name_cell,
    open_table,
)
from trigdash.presentation.columns import Column
from trigdash.ui.widgets.row_table import RowTable


async def test_new_rows_above_are_counted_and_move_nothing() -> None:
    async with open_table() as (app, table, pilot):
        table.move(2)
        table.painted.clear()
        table.show([Job("newer", 0, 1), *jobs(100)])
        await pilot.pause()
        assert table.cursor_key == "job 002"
        assert table.painted == set()
        assert table.new_above == 1
        table.home()
        await pilot.pause()
        assert (table.cursor_key, table.new_above) == ("newer", 0)
        assert [message.count for message in app.heard(RowTable.NewRowsCounted)] == [1, 0]


async def test_at_the_top_new_rows_show_at_once() -> None:
    async with open_table() as (_, table, _pilot):
        table.show([Job("newer", 0, 1), *jobs(100)])
        assert "newer" in table.lines[1]
        assert table.cursor_key == "newer"


async def test_marks_stand_in_the_gutter_and_survive_new_data() -> None:
    async with open_table() as (app, table, pilot):
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
    async with open_table() as (_, table, _pilot):
        table.set_flags({"job 002": ("…", "accent")})
        assert table.painted == {3}
        assert table.lines[3].startswith(" … job 002")
        table.set_flags({})
        assert table.lines[3].startswith("   job 002")


async def test_sorting_marks_the_header_and_keeps_the_highlighted_row() -> None:
    async with open_table(natural_sort=("age", True)) as (app, table, pilot):
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
    async with open_table() as (_, table, _pilot):
        seen = []
        for _ in range(3):
            table.sort_next()
            seen.append(table.sort)
        assert seen == [("name", False), ("size", True), ("name", False)]


async def test_a_column_that_cannot_be_sorted_is_not() -> None:
    async with open_table() as (_, table, _pilot):
        table.sort_by("note")
        assert table.sort is None


async def test_the_end_is_told_once_per_length() -> None:
    async with open_table(100) as (app, table, pilot):
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


async def test_rows_that_arrive_at_the_end_are_no_wish_for_more() -> None:
    async with open_table(100) as (app, table, pilot):
        table.sort = ("size", True)
        table.end()
        for count in (110, 120, 130):
            table.show([Job(f"small {n}", 0, 2) for n in range(count - 100)] + jobs(100))
            await pilot.pause()
        assert table.cursor_key == "job 099"
        assert [message.wished for message in app.heard(RowTable.ReachedEnd)] == [True]
        table.move(1)
        await pilot.pause()
        assert len(app.heard(RowTable.ReachedEnd)) == 2


async def test_rows_that_do_not_fill_the_table_ask_for_more_by_themselves() -> None:
    async with open_table(4) as (app, table, pilot):
        for count in (4, 5, 5, 30):
            table.show(jobs(count))
            await pilot.pause()
        assert [message.wished for message in app.heard(RowTable.ReachedEnd)] == [False]
        table.forget_end()
        table.show(jobs(5))
        await pilot.pause()
        assert len(app.heard(RowTable.ReachedEnd)) == 2


async def test_a_banner_is_neither_marked_nor_among_the_records() -> None:
    rows = [*jobs(2), Job("gap", 0, gap=True), *jobs(4)[2:]]
    async with open_table(0, banner=gap_line) as (_, table, _pilot):
        table.show(rows)
        table.mark_all()
        assert table.marked == {job.name for job in jobs(4)}
        table.clear_marks()
        table.move(2)
        assert table.cursor_key == "gap"
        table.toggle_mark()
        assert table.marked == frozenset()
        assert table.records == jobs(4)
        table.sort_by("name")
        assert table.rows == jobs(4)
        assert table.cursor_key == "job 002"


async def test_an_order_by_what_time_changes_follows_the_time() -> None:
    columns: list[Column[Job]] = [
        Column("name", "name", name_cell, 12),
        Column("took", "took", age_cell, 6, sort_key_at=_took),
    ]
    async with open_table(0) as (_, table, _pilot):
        table.columns = columns
        table.show([Job("done", 0, 101), Job("runs", 0, 0), Job("short", 0, 7)])
        table.sort = ("took", True)
        assert [job.name for job in table.rows] == ["done", "runs", "short"]
        table.tick(NOW + 2000)
        assert [job.name for job in table.rows] == ["runs", "done", "short"]


def _took(job: Job, now_ms: float) -> float:
    return job.size * 1000 if job.size else now_ms - job.born_ms


async def test_without_rows_the_table_says_why() -> None:
    async with open_table(0, empty=[(("no runs match", "dim"),)]) as (app, table, pilot):
        assert table.lines[1] == "   no runs match"
        assert (table.cursor_key, table.cursor_row) == (None, None)
        table.open_row()
        table.toggle_mark()
        table.page(1)
        table.set_empty([(("nothing yet", "dim"),)])
        await pilot.pause()
        assert app.told == []
        assert table.lines[1] == "   nothing yet"


async def test_keys_of_vanished_rows_do_not_break_the_highlight() -> None:
    async with open_table() as (app, table, pilot):
        assert table.select_key("job 050")
        assert not table.select_key("nobody")
        table.show(jobs(20))
        await pilot.pause()
        assert table.cursor_key == "job 019"
        assert app.heard(RowTable.CursorMoved)[-1].key == "job 019"


async def test_the_mouse_selects_opens_sorts_and_scrolls() -> None:
    async with open_table() as (app, table, pilot):
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
