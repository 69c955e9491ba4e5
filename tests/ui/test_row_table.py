"""The live table: what it draws, and what it repaints."""

from dataclasses import replace

import pytest

from tests.ui.table_harness import COLUMNS, NOW, Job, Stage, gap_line, jobs, name_cell, open_table
from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import Column
from trigdash.ui.theme.paint import THEMES
from trigdash.ui.widgets.row_table import RowTable


async def test_titles_words_and_numbers_stand_in_line() -> None:
    async with open_table(3) as (_, table, _pilot):
        assert table.lines[0] == "   NAME             AGE    SIZE"
        assert table.lines[1] == "▌  job 000        100 s       1"
        assert table.lines[2] == "   job 001        100 s       1"
        assert table.lines[4] == ""


async def test_moving_the_highlight_repaints_two_lines() -> None:
    async with open_table() as (app, table, pilot):
        table.move(3)
        assert table.painted == {1, 4}
        await pilot.pause()
        assert [message.key for message in app.heard(RowTable.CursorMoved)] == ["job 003"]
        assert table.cursor_row == jobs(4)[3]


async def test_new_data_repaints_only_lines_that_say_something_else() -> None:
    async with open_table() as (_, table, _pilot):
        rows = jobs(100)
        rows[2] = replace(rows[2], size=5)
        rows[4] = replace(rows[4])
        rows[90] = replace(rows[90], size=7)
        table.show(rows)
        assert table.painted == {3}


async def test_time_repaints_only_live_lines() -> None:
    async with open_table() as (_, table, _pilot):
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
    async with open_table() as (_, table, _pilot):
        before = table.render_lines(table.size.region)
        table.move(1)
        table.move(-1)
        table.show(jobs(100))
        after = table.render_lines(table.size.region)
        assert all(old is new for old, new in zip(before, after, strict=True))


async def test_each_word_is_highlighted_whatever_its_case_and_place() -> None:
    async with open_table() as (_, table, _pilot):
        plain = {segment.style for segment in table.render_line(2)}

        def highlighted() -> list[str]:
            return [each.text for each in table.render_line(2) if each.style not in plain]

        table.set_highlight("00 JOB ob")
        assert highlighted() == ["job", "00", "00"]
        table.set_highlight("(.")
        assert highlighted() == []
        table.set_highlight("")
        assert highlighted() == []


async def test_the_least_important_columns_give_way_and_can_be_scrolled_to() -> None:
    async with open_table(size=(40, 8)) as (_, table, _pilot):
        assert table.lines[0].split() == ["NAME", "AGE", "SIZE"]
        assert table.render_line(0).text.endswith("›")
        table.scroll_columns(9)
        assert table.lines[0].split() == ["NAME", "NOTE"]
        table.scroll_columns(-9)
        assert table.lines[0].split() == ["NAME", "AGE", "SIZE"]


async def test_columns_can_be_changed_while_running() -> None:
    async with open_table() as (_, table, _pilot):
        table.columns = [COLUMNS[2], COLUMNS[0]]
        assert table.lines[0].split() == ["SIZE", "NAME"]


async def test_a_gap_in_the_data_is_a_line_across() -> None:
    async with open_table(banner=gap_line) as (_, table, _pilot):
        rows = jobs(10)
        rows[1] = Job("gap", 0, gap=True)
        table.show(rows)
        table.tick(NOW + 5000)
        assert table.lines[2] == "   … 40 runs not loaded …"


async def test_the_mark_of_the_order_is_shown_in_the_narrowest_title() -> None:
    narrow = [replace(COLUMNS[0], width=3), replace(COLUMNS[2], width=4, title="sizes")]
    async with open_table() as (_, table, _pilot):
        table.columns = narrow
        table.sort_by("size")
        assert table.lines[0].split() == ["NAM", "SIZ▼"] or table.lines[0].endswith("▼")
        table.sort_by("name")
        assert "▲" in table.lines[0]
        for line in (table.lines[0],):
            assert line.count("▲") + line.count("▼") == 1


async def test_below_the_last_row_is_said_what_ends_the_list() -> None:
    tail = [(("no older jobs", "dim"),)]
    async with open_table(30) as (_, table, _pilot):
        table.set_tail(tail)
        assert "no older jobs" not in table.lines
        table.end()
        assert table.lines[-1] == "   no older jobs"
        assert table.lines[-2].startswith("▌  job 029")
        table.move(-20)
        assert not any("no older" in line for line in table.lines)
        table.show(jobs(3))
        assert table.lines[4] == "   no older jobs"
        table.set_tail([])
        assert table.lines[4] == ""
        table.set_tail(tail)
        table.show([])
        assert not any("no older" in line for line in table.lines)


@pytest.mark.parametrize(
    "text",
    ["\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "a\u202eb", "\u200bzero", "[@click=app.quit]x[/]"],
)
async def test_hostile_text_is_drawn_as_harmless_text(text: str) -> None:
    async with open_table(0) as (_, table, _pilot):
        table.show([Job(text, 0)])
        drawn = table.render_line(1)
        assert drawn.text.isprintable()
        assert drawn.cell_length == table.size.width
        assert all(not segment.style.meta for segment in drawn if segment.style is not None)


async def test_wide_characters_keep_the_columns_in_line() -> None:
    async with open_table(0) as (_, table, _pilot):
        table.show([Job("日本語のとても長い名前です", 0, 7), Job("short", 0, 8)])
        for line in (table.render_line(1), table.render_line(2)):
            assert line.cell_length == 60
            assert line.crop(28, 34).text.strip() in {"7", "8"}


async def test_the_scroll_bar_shows_where_the_view_is() -> None:
    async with open_table() as (_, table, _pilot):

        def thumb() -> list[int]:
            return [y for y in range(12) if table.render_line(y).text.endswith("▐")]

        assert thumb() == [1]
        table.end()
        assert thumb() == [11]
        table.show(jobs(5))
        assert thumb() == []


async def test_a_table_without_focus_steps_its_cursor_back() -> None:
    async with open_table() as (app, table, pilot):
        focused = next(iter(table.render_line(1))).style
        app.set_focus(None)
        await pilot.pause()
        assert next(iter(table.render_line(1))).style != focused


async def test_resizing_and_another_theme_draw_everything_anew() -> None:
    async with open_table() as (app, table, pilot):
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

    async with open_table(0) as (_, table, _pilot):
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
