"""Help, footer and palette: what works here comes first, and everything can be found."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.widgets import Static

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from tests.ui.run_harness import RecordedRun, open_run
from trigdash.presentation.cell import cell_text
from trigdash.ui.dialogs.choice import Entry
from trigdash.ui.input.keys import GROUPS
from trigdash.ui.screens.help import HelpScreen
from trigdash.ui.widgets.line import Footer


def backend_of(*statuses: str) -> FakeBackend:
    backend = FakeBackend()
    backend.add(run_row(number, status) for number, status in enumerate(statuses, 1))
    return backend


def footer_of(harness: Harness) -> str:
    return harness.app.screen.query_one(Footer).plain_text


async def help_of(harness: Harness) -> HelpScreen:
    await harness.press("question_mark")
    await harness.until(lambda: isinstance(harness.app.screen, HelpScreen))
    screen = harness.app.screen
    assert isinstance(screen, HelpScreen)
    return screen


def told(screen: HelpScreen) -> str:
    return str(screen.query_one("#help-lines", Static).render())


async def test_what_is_typed_narrows_the_help_and_escape_shows_all_again() -> None:
    async with open_app(backend_of("COMPLETED")) as harness:
        await harness.until(lambda: harness.ids)
        screen = await help_of(harness)
        everything = told(screen)
        await harness.press(*"polling")
        assert "pause or resume polling" in told(screen)
        assert "mark all" not in told(screen)
        await harness.press(*"zzz")
        assert "nothing here has 'pollingzzz'" in told(screen)
        await harness.press("escape")
        assert (screen.query_one(Entry).value, told(screen)) == ("", everything)
        await harness.press("escape")
        await harness.until(lambda: harness.app.screen is harness.runs)


async def test_the_help_scrolls_while_the_search_has_the_focus() -> None:
    async with open_app(backend_of("COMPLETED"), size=(80, 24)) as harness:
        await harness.until(lambda: harness.ids)
        screen = await help_of(harness)
        frame = screen.query_one(VerticalScroll)
        assert frame.max_scroll_y > 10, (frame.max_scroll_y, frame.size, screen.size)
        await harness.press("pagedown")
        assert frame.scroll_target_y == 10
        await harness.press("question_mark")
        await harness.until(lambda: not isinstance(harness.app.screen, HelpScreen))


async def test_the_help_has_a_legend_of_the_marks_on_screen() -> None:
    async with open_app(backend_of("COMPLETED")) as harness:
        await harness.until(lambda: harness.ids)
        lines = told(await help_of(harness))
        assert "▲3.4×" in lines
        assert "slowed ×2" in lines
        assert "stalled" not in lines, "a mark of another screen"


async def test_the_keys_of_the_open_tab_come_first_and_those_of_others_are_left_out() -> None:
    async with open_run(RecordedRun("runs_get_v3__completed__api_version"), "trace") as harness:
        await harness.press("question_mark")
        screen = harness.app.screen
        assert isinstance(screen, HelpScreen)
        titles = [cell_text(line) for line in screen.lines() if line and line[0][1] == "title"]
        assert titles[0] == "TRACE"
        assert titles.index("INSIDE RUN") < titles.index("EVERYWHERE")
        assert "EVENTS" not in titles


async def test_the_footer_is_right_for_the_row_under_the_cursor() -> None:
    async with open_app(backend_of("DELAYED", "EXECUTING", "COMPLETED")) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        assert ("D reschedule" in footer_of(harness), "C cancel" in footer_of(harness)) == (
            True,
            True,
        )
        await harness.press("j")
        assert ("D reschedule" in footer_of(harness), "C cancel" in footer_of(harness)) == (
            False,
            True,
        )
        await harness.press("j")
        assert ("D reschedule" in footer_of(harness), "C cancel" in footer_of(harness)) == (
            False,
            False,
        )
        await harness.press("k", "space")
        assert "C cancel" in footer_of(harness), "a mark: the action takes what is marked"


async def test_the_palette_has_every_key_column_order_and_command_the_own_first() -> None:
    async with open_app(backend_of("COMPLETED")) as harness:
        await harness.until(lambda: harness.ids)
        screen = harness.app.screen
        names = [name for name, _, _ in harness.app.commands.palette(screen)]
        groups = harness.runs.key_groups()
        keys = [key.help or key.words for group in groups for key in GROUPS[group]]
        assert [words for words in keys if words not in names] == []
        assert "hide the column task" in names
        assert "sort by duration" in names
        assert "the webhooks" in names
        assert names.index("add tags") < names.index("sort by age") < names.index("the queues")


async def test_what_the_palette_finds_is_done_on_the_list() -> None:
    async with open_app(backend_of("COMPLETED", "FAILED")) as harness:
        await harness.until(lambda: len(harness.ids) == 2)
        found = {name: run for name, _, run in harness.app.commands.palette(harness.app.screen)}
        await found["mark all rows shown"]()
        assert len(harness.table.marked) == 2
        found["hide the column task"]()
        assert "task" not in [column.key for column in harness.table.columns]
        found["sort by duration"]()
        assert harness.table.sort is not None
        assert harness.table.sort[0] == "duration"
