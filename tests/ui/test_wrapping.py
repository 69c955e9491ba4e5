"""Any text is cut and wrapped to any width: nothing is lost, nothing is too wide, and it ends."""

from random import Random

import pytest
from rich.cells import cell_len

from trigdash.presentation.cell import (
    MARKS,
    MAX_ROWS,
    cell_text,
    cell_width,
    cut_cell,
    cut_text,
    wrap_cell,
)

PARTS = (
    *("a", "word", " ", "  ", "-", "x" * 30, "é", "漢", "字" * 9, "ก", "ำ", "क्षि", "\u1100\u1161"),
    *("\u0301", "\u0300" * 50, "\u0300" * 700, "\u200d", "\ufe0f", "\xad", "\u0e33"),
    *("👨‍👩‍👧", "🇩🇪", "⚠️", "1️⃣", "\U0001f3fb"),
)
"""Letters of one and two columns, and what takes none: marks, joiners, selectors."""

random = Random("wrapping")


def any_text() -> str:
    return "".join(random.choice(PARTS) for _ in range(random.randint(0, 12)))


TEXTS = [any_text() for _ in range(400)]


def test_wrapping_loses_nothing_and_keeps_to_the_width() -> None:
    for text in TEXTS:
        width = random.randint(1, 40)
        rows = wrap_cell(((text, "text"), (text[::-1], "dim")), width, indent=random.randint(0, 4))
        assert all(cell_width(row) <= width or len(cell_text(row).strip()) == 1 for row in rows)
        if len(rows) < MAX_ROWS:
            told = "".join(map(cell_text, rows)).replace(" ", "")
            assert told == (text + text[::-1]).replace(" ", "")


def test_no_row_is_longer_than_a_terminal_draws() -> None:
    for text in TEXTS:
        for row in wrap_cell(((text, "text"),), 10):
            assert len(cell_text(row)) <= 10 * MARKS


def test_cutting_keeps_to_the_width_and_to_the_beginning() -> None:
    for text in TEXTS:
        width = random.randint(1, 40)
        for cut in (cut_text(text, width), cell_text(cut_cell(((text, "text"),), width))):
            assert cell_len(cut) <= width
            assert len(cut) <= width * MARKS + 1
            assert text.startswith(cut.removesuffix("…").rstrip())


@pytest.mark.parametrize("width", [1, 2, 3, 40])
def test_one_letter_with_hundreds_of_marks_is_drawn(width: int) -> None:
    text = "a" + "\u0301" * (2 * MARKS * width)
    rows = wrap_cell(((text, "text"),), width)
    assert "".join(map(cell_text, rows)).replace(" ", "") == text
    assert cell_text(cut_cell(((text, "text"),), width)).endswith("…")


def test_a_line_that_ends_where_the_row_ends_makes_no_empty_row() -> None:
    cell = (("one", "strong"), (" two", "text"))
    assert [cell_text(row) for row in wrap_cell(cell, 7)] == ["one two"]
    assert [cell_text(row) for row in wrap_cell(cell, 6)] == ["one", "  two"]
