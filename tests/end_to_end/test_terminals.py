"""Terminals with few colors or characters, and people who want none."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Simulator, Start
from tests.end_to_end.test_hostile_text import trigger
from tests.terminal import Terminal

_STYLES = re.compile(rb"\x1b\[([\d;]*)m")
_OF_SIXTEEN = re.compile(rb"(?:^|;)(?:3[0-7]|4[0-7]|9[0-7]|10[0-7])(?:;|$)")


def styles_of(start: Start, env: dict[str, str]) -> set[bytes]:
    terminal = start("demo", env=env, columns=80, rows=24)
    terminal.wait_for(lambda: "live" in terminal.lines[0])
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    return set(_STYLES.findall(bytes(terminal.output)))


def test_no_color_means_no_color_at_all(start: Start) -> None:
    styles = styles_of(start, {"NO_COLOR": "1"})
    assert len(styles) > 2, "weight and dimness still tell things apart"
    assert not [style for style in styles if b"38;" in style or b"48;" in style]
    assert not [style for style in styles if _OF_SIXTEEN.search(style)]


@pytest.mark.parametrize("term", ["linux", "xterm-16color"])
def test_a_terminal_of_sixteen_colors_gets_no_others(start: Start, term: str) -> None:
    styles = styles_of(start, {"TERM": term, "COLORTERM": ""})
    assert not [style for style in styles if b"38;" in style or b"48;" in style]
    assert [style for style in styles if _OF_SIXTEEN.search(style)]


def test_the_title_says_where_one_is_and_is_given_back(start: Start) -> None:
    terminal = start("demo", "--scenario", "incident")
    told = re.compile(rb"\x1b\]2;trigdash prod \xc2\xb7 \d+ failed\x07")
    terminal.wait_for(lambda: bool(told.search(terminal.output)))
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    kept, back = terminal.output.count(b"\x1b[22;2t"), terminal.output.count(b"\x1b[23;2t")
    assert (kept, back) == (1, 1)


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=["C", "POSIX", "named"],
)
def test_a_locale_without_unicode_gets_ascii_in_straight_columns(
    start: Start, simulator: Simulator, locale: dict[str, str]
) -> None:
    trigger(simulator, "送信", ["größe", "👩\u200d👧"], {})
    terminal = start(env=simulator.env | locale, columns=150)
    terminal.wait_for("????")
    # Any run takes tags, whichever has come to the top meanwhile.
    terminal.press("T")
    terminal.wait_for("esc")
    assert not [byte for byte in terminal.output if byte > 126]
    row = next(line for line in terminal.lines if "????" in line)
    title = next(line for line in terminal.lines if "STATUS" in line)
    assert row.index("run_") == title.index("RUN")


def test_output_that_goes_into_a_file_leaves_the_terminal_its_size(tmp_path: Path) -> None:
    file = tmp_path / "output"
    words = shlex.join([sys.executable, "-m", "trigdash", "demo", "--runs", "50"])
    with Terminal(["sh", "-c", f"exec {words} > {file}"], columns=133, rows=44) as terminal:
        terminal.wait_for(lambda: "live" in terminal.lines[0])
        assert len(terminal.lines[0]) > 110
        assert "help" in terminal.lines[43]
    assert file.read_bytes() == b""


def test_what_is_no_terminal_is_named(start: Start, tmp_path: Path) -> None:
    words = shlex.join([sys.executable, "-m", "trigdash", "demo"])
    file = tmp_path / "errors"
    with Terminal(["sh", "-c", f"exec {words} 2> {file}"], columns=80, rows=24) as terminal:
        assert terminal.wait_for_end() == 2
    assert "it draws on standard error, which is none here" in file.read_text()
