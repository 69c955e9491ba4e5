"""Lines made when they are drawn: moving, wrapping, and what reaches the terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult

from tests.ui.run_harness import text_of
from trigdash.presentation.cell import MAX_ROWS, Cell, cell_text, cell_width, wrap_cell
from trigdash.ui.theme.paint import THEMES
from trigdash.ui.widgets.line_list import LineList


class Numbers:
    """A million lines, none of which exists before it is drawn."""

    def __init__(self, count: int = 1_000_000, tail: str = "") -> None:
        self._count = count
        self._tail = tail
        self.drawn: list[int] = []

    def __len__(self) -> int:
        return self._count

    def line(self, index: int, width: int) -> Cell:
        assert 0 <= index < self._count, "a line that is not there"
        self.drawn.append(index)
        return ((f"line {index}{self._tail}", "text"),)


class Host(App[None]):
    """A bare app around one list."""

    def __init__(self, lines: LineList) -> None:
        super().__init__()
        self.lines = lines
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "trigdash-dark"

    def compose(self) -> ComposeResult:
        yield self.lines


@asynccontextmanager
async def shown(source: Numbers, *, wraps: bool = False) -> AsyncIterator[LineList]:
    lines = LineList(wraps=wraps)
    async with Host(lines).run_test(size=(60, 10)) as pilot:
        lines.focus()
        lines.show(source)
        await pilot.pause()
        yield lines


async def test_only_what_is_on_screen_is_made() -> None:
    source = Numbers()
    async with shown(source) as lines:
        lines.action_bottom()
        assert "line 999999" in text_of(lines)
        assert len(set(source.drawn)) < 50
        lines.action_top()
        assert text_of(lines).startswith("▌ line 0")


async def test_keys_move_the_cursor_and_the_view_follows() -> None:
    async with shown(Numbers(100)) as lines:
        lines.action_page(1)
        assert (lines.top, lines.cursor) == (9, 9)
        lines.action_half_page(-1)
        assert lines.cursor == 4
        lines.action_move(-99)
        assert lines.cursor == 0
        lines.scroll_lines(50)
        assert (lines.top, lines.cursor) == (50, 0)
        lines.action_move(1)
        assert lines.top == 1


async def test_heads_stay_on_top_and_lines_begin_below_them() -> None:
    async with shown(Numbers(100)) as lines:
        lines.set_heads((((("head"), "faint"),),))
        lines.action_bottom()
        rows = text_of(lines).splitlines()
        assert rows[0].strip() == "head"
        assert "line 99" in rows[-1]


@pytest.mark.parametrize("wraps", [False, True])
async def test_a_list_may_become_empty_while_it_is_shown(wraps: bool) -> None:
    async with shown(Numbers(30), wraps=wraps) as lines:
        lines.move_to(20)
        lines.show(Numbers(0))
        lines.move_to(0)
        lines.action_bottom()
        assert text_of(lines).strip() == ""
        lines.show(Numbers(3))
        assert "line 2" in text_of(lines)


async def test_wrapped_lines_keep_the_cursors_line_whole_on_screen() -> None:
    async with shown(Numbers(30, tail=" word" * 30), wraps=True) as lines:
        for _ in range(29):
            lines.action_move(1)
        text = text_of(lines)
        assert "line 29" in text
        assert text.rstrip().endswith("word")
        lines.action_top()
        assert "line 0" in text_of(lines)


async def test_nothing_that_a_line_says_controls_the_terminal() -> None:
    hostile = "\x1b]52;c;eA==\x07\x9b2J\u202e[/][@click=app.quit]x"
    async with shown(Numbers(3, tail=hostile)) as lines:
        text = text_of(lines)
        assert text.replace("\n", "").isprintable()
        assert "[/][@click=app.quit]x" in text


async def test_an_empty_list_and_a_list_that_shrinks_are_no_trouble() -> None:
    async with shown(Numbers(0)) as lines:
        lines.action_move(1)
        lines.action_open()
        assert lines.cursor == 0
        lines.show(Numbers(50))
        lines.action_bottom()
        lines.show(Numbers(5))
        assert lines.cursor == 4
        assert "line 4" in text_of(lines)


@pytest.mark.parametrize("width", [1, 2, 3, 7, 20, 200])
@pytest.mark.parametrize("text", ["", "word " * 30, "x" * 99, "日本語" * 20, "a é 日 " * 9])
def test_a_wrapped_line_fits_and_loses_nothing(text: str, width: int) -> None:
    rows = wrap_cell(((text, "text"),), width, indent=1)
    assert len(rows) <= MAX_ROWS + 1
    if width > 2:
        assert max(map(cell_width, rows)) <= width
        joined = "".join(map(cell_text, rows))
        assert joined.replace(" ", "") == text.replace(" ", "")
