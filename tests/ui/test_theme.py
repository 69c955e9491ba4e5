"""Colors are legible, marks are one column wide, and nothing depends on color alone."""

import itertools

import pytest
from rich.cells import cell_len
from rich.style import Style

from trigdash.model.status import FILTERABLE, status
from trigdash.presentation import marks
from trigdash.ui.theme.paint import paint, status_mark, theme_name
from trigdash.ui.theme.palette import GROUNDS, ROLES

_DECORATION = {"hairline", "fill"}
"""Lines and areas, no text."""


def _light(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4


def contrast(style: Style) -> float:
    """Contrast of text and ground as WCAG counts it."""
    assert style.color is not None
    assert style.color.triplet is not None
    assert style.bgcolor is not None
    assert style.bgcolor.triplet is not None
    levels = sorted(
        0.2126 * _light(red) + 0.7152 * _light(green) + 0.0722 * _light(blue)
        for red, green, blue in (style.color.triplet, style.bgcolor.triplet)
    )
    return (levels[1] + 0.05) / (levels[0] + 0.05)


@pytest.mark.parametrize("palette", ["dark", "light"])
def test_every_text_is_legible_on_every_ground(palette: str) -> None:
    colors = paint(palette)
    for role, ground in itertools.product(ROLES, GROUNDS):
        if role in _DECORATION:
            continue
        # "faint" says nothing that matters; a selected tab is never faint.
        least = 4.5 if role != "faint" or ground in {"plain", "cursor"} else 3.2
        assert contrast(colors.style(role, ground)) >= least, (role, ground)


def test_a_style_is_the_same_object_each_time() -> None:
    assert paint("dark").style("bad", "cursor") is paint("dark").style("bad", "cursor")


def test_an_unknown_role_is_drawn_as_text() -> None:
    assert paint("dark").style("no such role") == paint("dark").style("text")


def test_without_color_no_style_has_one_and_the_hierarchy_stays() -> None:
    plain = paint("plain")
    for role, ground in itertools.product(ROLES, GROUNDS):
        style = plain.style(role, ground)
        assert style.color is None
        assert style.bgcolor is None
    assert plain.style("bad-strong").bold
    assert plain.style("dim").dim
    assert plain.style("text", "cursor").reverse
    assert plain.style("production").reverse


def test_marks_take_one_column_and_are_told_apart_even_in_ascii() -> None:
    words = {status(name).word: status(name) for name in FILTERABLE}
    shown = {word: status_mark(value) for word, value in words.items()}
    assert all(cell_len(mark) == 1 for mark in shown.values())
    ascii_marks = {word: mark.translate(marks.ASCII_MARKS) for word, mark in shown.items()}
    assert all(mark.isascii() for mark in ascii_marks.values())
    assert len(set(shown.values())) == len(shown)
    assert len(set(ascii_marks.values())) == len(shown)


def test_ascii_terminals_get_ascii_only() -> None:
    assert paint("dark", ascii_marks=True).text("● executing ▌…▐") == "* executing >~|"
    assert paint("dark").text("● executing") == "● executing"


def test_the_theme_fits_the_terminal() -> None:
    assert theme_name("trigdash-light", "truecolor", no_color=False) == "trigdash-light"
    assert theme_name("trigdash-light", "standard", no_color=False) == "trigdash-terminal"
    assert theme_name("trigdash-dark", "truecolor", no_color=True) == "trigdash-terminal"
