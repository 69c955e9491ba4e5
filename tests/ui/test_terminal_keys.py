"""Escapes as terminals send them: alone, before another key, and at the head of a sequence."""

import pytest

from trigdash.ui.input.terminal import held_back, lone_escapes


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("\x1bg", ["", "g"]),
        ("x\x1b:runs\r", ["x", ":runs\r"]),
        ("\x1b\r", ["", "\r"]),
        ("\x1b", ["", ""]),
        ("\x1bj\x1bk", ["", "j", "k"]),
        ("\x1b\x1b[A", ["", "\x1b[A"]),
        ("\x1b\x1b1", ["", "", "1"]),
    ],
)
def test_an_escape_before_another_key_is_a_key_of_its_own(text: str, pieces: list[str]) -> None:
    assert lone_escapes(text) == pieces


@pytest.mark.parametrize(
    "text",
    [
        *("\x1b[A", "\x1bOA", "\x1b[1;3A", "\x1b[<0;1;1M", "\x1b[200~pasted\x1b[201~"),
        *("\x1bb", "\x1bf", "\x1b\x7f", "\x1b\t", "\x1b]11;rgb:00/00/00\x1b\\", "jk"),
    ],
)
def test_sequences_stay_whole(text: str) -> None:
    assert lone_escapes(text) == [text]


def test_an_escape_at_the_end_waits_for_what_comes() -> None:
    assert held_back("j\x1b") == ("j", "\x1b")
    assert held_back("j") == ("j", "")
