"""Colors are legible, marks are one column wide, and nothing depends on color alone."""

import itertools
import math

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


@pytest.mark.parametrize(
    ("palette", "least"), [("dark", 4.5), ("light", 4.5), ("safe", 4.5), ("contrast", 7.0)]
)
def test_every_text_is_legible_on_every_ground(palette: str, least: float) -> None:
    colors = paint(palette)
    for role, ground in itertools.product(ROLES, GROUNDS):
        if role not in _DECORATION:
            assert contrast(colors.style(role, ground)) >= least, (role, ground)


_LACKS = {
    "red": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)),
    "green": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
    "blue": ((1.2555, -0.0767, -0.1788), (-0.0784, 0.9308, 0.1476), (0.0047, 0.6914, 0.3039)),
}
"""What eyes that lack a cone make of linear red, green and blue (Machado and others, 2009)."""


def seen(style: Style, lacks: str) -> tuple[float, float, float]:
    """A color as such eyes see it, in CIE L*a*b*."""
    assert style.color is not None
    assert style.color.triplet is not None
    linear = [_light(channel) for channel in style.color.triplet]
    r, g, b = (
        min(max(sum(m * c for m, c in zip(row, linear, strict=True)), 0.0), 1.0)
        for row in _LACKS[lacks]
    )
    x, y, z = (
        (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116)
        for value in (
            (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
            0.2126 * r + 0.7152 * g + 0.0722 * b,
            (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("lacks", sorted(_LACKS))
def test_the_color_blind_tell_statuses_apart_by_the_safe_colors(lacks: str) -> None:
    colors = paint("safe")
    roles = ("running", "queued", "waiting", "good", "bad", "warn")
    for one, other in itertools.combinations(roles, 2):
        pair = [seen(colors.style(role), lacks) for role in (one, other)]
        distance = math.dist(*pair)
        assert distance >= (35 if {one, other} == {"good", "bad"} else 16), (one, other, distance)


def test_a_style_is_the_same_object_each_time() -> None:
    assert paint("dark").style("bad", "cursor") is paint("dark").style("bad", "cursor")


def test_text_leads_to_a_page_in_full_color_only() -> None:
    role = "dim to https://jobs.example.com/runs/run_1"
    for name in ("dark", "light", "contrast", "safe"):
        style = paint(name).style(role)
        assert style.link == "https://jobs.example.com/runs/run_1"
        assert style.color == paint(name).style("dim").color
        assert style is paint(name).style(role)
    for name in ("sixteen", "plain"):
        assert paint(name).style(role) is paint(name).style("dim")


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
    assert theme_name("trigdash-light", None, no_color=False) == "trigdash-terminal"
    assert theme_name("trigdash-dark", "truecolor", no_color=True) == "trigdash-terminal"
