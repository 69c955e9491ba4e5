"""Terminals with few colours, and people who want none."""

import re

import pytest

from tests.end_to_end.conftest import Start

_STYLES = re.compile(rb"\x1b\[([\d;]*)m")
_OF_SIXTEEN = re.compile(rb"(?:^|;)(?:3[0-7]|4[0-7]|9[0-7]|10[0-7])(?:;|$)")


def styles_of(start: Start, env: dict[str, str]) -> set[bytes]:
    terminal = start("demo", env=env, columns=80, rows=24)
    terminal.wait_for(lambda: "live" in terminal.lines[0])
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    return set(_STYLES.findall(bytes(terminal.output)))


def test_no_color_means_no_colour_at_all(start: Start) -> None:
    styles = styles_of(start, {"NO_COLOR": "1"})
    assert len(styles) > 2, "weight and dimness still tell things apart"
    assert not [style for style in styles if b"38;" in style or b"48;" in style]
    assert not [style for style in styles if _OF_SIXTEEN.search(style)]


@pytest.mark.parametrize("term", ["linux", "xterm-16color"])
def test_a_terminal_of_sixteen_colours_gets_no_others(start: Start, term: str) -> None:
    styles = styles_of(start, {"TERM": term, "COLORTERM": ""})
    assert not [style for style in styles if b"38;" in style or b"48;" in style]
    assert [style for style in styles if _OF_SIXTEEN.search(style)]
