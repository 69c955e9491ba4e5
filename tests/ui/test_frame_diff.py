"""Frames without what the terminal shows already: fewer bytes, and the same screen."""

from __future__ import annotations

import re
import sys
from random import Random

import pyte
import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from trigdash.ui import frame_diff
from trigdash.ui.frame_diff import HEAL_S, FrameDiff

COLUMNS, LINES = 40, 6
STYLES = (
    *("1", "2", "38;2;152;160;171;48;2;28;31;39", "1;38;2;152;160;171;48;2;28;31;39"),
    *("38;2;1;2;3;48;2;28;31;39", "38;5;9", "31;44", "7", "1;91;100", "48;2;28;31;39", "4;3;39;49"),
)
NARROW = ("a", "word", "  ", "x" * 9, "●", "✓ done", "é", "▐", "\u00a0", "e\u0301")
WIDE = (*NARROW, "漢字", "日本語", "漢")


def random_piece(random: Random) -> str:
    """A move and some pieces of text, as Textual writes them. Where there are wide characters it is
    a whole line: the terminal that they are drawn on here does not cut them in halves."""
    is_wide = random.random() < 0.5
    x = 0 if is_wide else random.randrange(COLUMNS - 4)
    y = random.randrange(LINES // 2) + (LINES // 2 if is_wide else 0)
    room, written = COLUMNS - x, ""
    while room > 0:
        text = random.choice(WIDE if is_wide else NARROW)
        if cell_len(text) >= room:
            # A mark in the last column makes this terminal go to the next line.
            text = " " * room
        room -= cell_len(text)
        written += f"\x1b[{random.choice(STYLES)}m{text}\x1b[0m" if random.random() < 0.9 else text
        if not is_wide and random.random() < 0.2:
            break
    return f"\x1b[{y + 1};{x + 1}H{written}"


def screen() -> tuple[pyte.Screen, pyte.Stream]:
    made = pyte.Screen(COLUMNS, LINES)
    return made, pyte.Stream(made)


def shown(terminal: pyte.Screen) -> list[list[tuple[object, ...]]]:
    return [[tuple(terminal.buffer[y][x]) for x in range(COLUMNS)] for y in range(LINES)]


@pytest.mark.parametrize("seed", range(40))
def test_the_terminal_shows_the_same(seed: int) -> None:
    random = Random(seed)
    (plain, plain_stream), (slim, slim_stream) = screen(), screen()
    diff, raw_bytes, slim_bytes = FrameDiff(), 0, 0
    kept: list[str] = []
    for number in range(60):
        pieces = [random_piece(random) for _ in range(random.randint(1, 8))]
        pieces += random.sample(kept, min(len(kept), 6))
        kept = pieces
        frame = "\n".join(pieces) + random.choice(("", "\x1b[3;4H"))
        if random.random() < 0.05:
            diff.forget()
        plain_stream.feed(frame.replace("\n", ""))
        written = diff.slim(frame, float(number))
        slim_stream.feed(written)
        raw_bytes += len(frame)
        slim_bytes += len(written)
        assert shown(slim) == shown(plain), f"frame {number}"
        if frame.endswith("\x1b[3;4H"):
            assert (slim.cursor.y, slim.cursor.x) == (2, 3)
    assert slim_bytes < raw_bytes * 0.8


LINE = "\x1b[2;1H\x1b[1;38;2;1;2;3;48;2;9;9;9mone\x1b[0m\x1b[38;2;1;2;3;48;2;9;9;9m  12 s\x1b[0m"


def test_a_line_that_says_the_same_costs_nothing() -> None:
    diff = FrameDiff()
    assert diff.slim(LINE, 0.0) == (
        "\x1b[2;1H\x1b[1;38;2;1;2;3;48;2;9;9;9mone\x1b[0;38;2;1;2;3;48;2;9;9;9m  12 s\x1b[m"
    )
    assert diff.slim(LINE, 1.0) == ""


def test_of_an_age_that_ticks_its_last_digit_is_written() -> None:
    diff = FrameDiff()
    diff.slim(LINE, 0.0)
    later = LINE.replace("12 s", "13 s")
    assert diff.slim(later, 1.0) == "\x1b[2;7H\x1b[38;2;1;2;3;48;2;9;9;9m3\x1b[m"


def test_of_lines_that_tick_each_style_is_set_once_for_a_few_of_them() -> None:
    diff, styles = FrameDiff(), ("38;2;1;2;3", "38;2;4;5;6", "38;2;7;8;9")
    lines = range(1, LINES + 1)
    assert LINES <= frame_diff.BAND

    def frame(second: int) -> str:
        texts = (f"{second:3} s ", f"{second * 7 % 100:3}× ", f"{second:4}.8 s")
        said = "".join(f"\x1b[{style}m{text}" for style, text in zip(styles, texts, strict=True))
        return "".join(f"\x1b[{y};3H{said}\x1b[0m" for y in lines)

    diff.slim(frame(1), 0.0)
    written = diff.slim(frame(2), 1.0)
    assert [written.count(f"\x1b[{style}m") for style in styles] == [1, 1, 1]
    (plain, plain_stream), (slim, slim_stream) = screen(), screen()
    for stream, later in ((plain_stream, frame(2)), (slim_stream, written)):
        stream.feed(frame(1))
        stream.feed(later)
    assert shown(slim) == shown(plain)


def test_a_line_is_written_whole_now_and_then() -> None:
    diff = FrameDiff()
    whole = diff.slim(LINE, 0.0)
    assert diff.slim(LINE, HEAL_S - 1) == ""
    assert diff.slim(LINE, HEAL_S) == whole
    assert diff.slim(LINE, HEAL_S + 1) == ""


@pytest.mark.parametrize(
    "other",
    ["\x1b[2J", "\x1b[?1049h", "text", "\x1b[1;1Ha\tb", "\x1b[1;1H\x1b]2;x\x1b\\y", "\x1b[L"],
)
def test_what_is_no_frame_is_written_as_it_is_and_ends_what_was_known(other: str) -> None:
    diff = FrameDiff()
    whole = diff.slim(LINE, 0.0)
    assert diff.slim(other, 0.0) == other
    assert diff.slim(LINE, 0.0) == whole


@pytest.mark.parametrize(
    "harmless", ["", "\x1b[?2026h", "\x1b[?2026l", "\x1b]52;c;aGk=\x07", "\x07", "\x1b[?25l"]
)
def test_what_paints_nothing_leaves_what_is_known(harmless: str) -> None:
    diff = FrameDiff()
    diff.slim(LINE, 0.0)
    assert diff.slim(harmless, 0.0) == harmless
    assert diff.slim(LINE, 0.0) == ""


def test_a_link_is_opened_and_closed_around_its_text_and_costs_nothing_again() -> None:
    strip = Strip(
        [Segment("run ", Style()), Segment("run_1", Style(dim=True, link="https://x.test/1"))]
    )
    frame = f"\x1b[2;1H{strip.render(Console())}"
    diff = FrameDiff()
    opened, closed = "\x1b]8;;https://x.test/1\x1b\\", "\x1b]8;;\x1b\\"
    assert diff.slim(frame, 0.0) == f"\x1b[2;1Hrun {opened}\x1b[2mrun_1{closed}\x1b[m"
    again = re.sub(r"id=[^;]+", "id=other", frame)
    assert again != frame
    assert diff.slim(again, 1.0) == ""
    elsewhere = frame.replace("x.test/1", "x.test/2")
    assert "https://x.test/2" in diff.slim(elsewhere, 2.0)


def test_what_counts_as_narrow_takes_one_column_alone_and_beside_others() -> None:
    is_narrow = re.compile(frame_diff.NARROW).fullmatch
    found = [chr(code) for code in range(sys.maxunicode + 1) if is_narrow(chr(code))]
    assert len(found) > 1000
    assert {cell_len(character) for character in found} == {1}
    assert {cell_len(f"a{character}a") for character in found} == {3}
    assert set("━╺▁█⠿│▌●") <= set(found)
