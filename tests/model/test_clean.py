"""Text from the wire, made safe: nothing acts on a terminal, and what people write is kept."""

import pytest

from tests.hostile import CORPUS, NEVER, UNSAFE
from trigdash.model.clean import (
    clean,
    clean_lines,
    clean_text,
    encodable,
    is_clean,
    one_line,
    pasteable,
)


@pytest.mark.parametrize("text", UNSAFE)
def test_what_acts_or_hides_is_unclean_and_cleaned(text: str) -> None:
    assert not is_clean(text)
    for cleaned in (clean(text), one_line(text), clean_text(text), *clean_lines(text)):
        assert not NEVER & set(cleaned)
        assert "\x1b" not in cleaned
        cleaned.encode()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[32m✔\x1b[0m ok \x1b[1;38;2;1;2;3mdone\x1b[m", "✔ ok done"),
        ("\x1b]0;title\x07x \x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "x link"),
        ("\x1b(Ba\x1b7b\x1b=c\x1bcd", "abcd"),
        ("\x1bP1;2q#0\x1b\\x\x1b_hidden\x1b\\y", "xy"),
        ("\x9b31mred\x9d0;title\x9c", "red"),
        ("\x1b[2K\x1b[1G3 of 4", "3 of 4"),
    ],
)
def test_known_escape_sequences_are_taken_out_whole(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b", "\ufffd"),
        ("\x1b[12", "\ufffd[12"),
        ("\x1b]52;c;abc", "\ufffd]52;c;abc"),
        ("\x1b\x1b[31m[2J", "\ufffd[2J"),
        ("a\x9bb", "a\ufffdb"),
        ("a\x00b\x7fc", "a\ufffdb\ufffdc"),
        ("\u202etxt.exe", "\ufffdtxt.exe"),
        ("ad\u200dmin", "ad\ufffdmin"),
        ("x\U000e0041", "x\ufffd"),
        ("half \ud83d", "half \ufffd"),
    ],
)
def test_everything_else_that_acts_or_hides_is_shown_as_unknown(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "send-email",
        "für 3 € – „gut“",
        "日本語のログ 葛\U000e0100飾区",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "👨\u200d👩\u200d👧 🧑🏽\u200d💻 🏳\ufe0f\u200d🌈 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ©\ufe0f",
        "\u00a0narrow\u202f space\u3000",
    ],
)
def test_what_people_write_is_kept(text: str) -> None:
    assert clean(text) == text
    assert is_clean(text)


def test_lines_part_at_every_kind_of_line_end_and_tabs_become_blanks() -> None:
    assert clean_lines("a\r\nb\rc\nd\te") == ["a", "b", "c", "d   e"]
    assert clean_lines("\x1b[1ma\tb\x1b[0m") == ["a   b"]
    assert one_line("a\nb") == "a ⏎ b"


@pytest.mark.parametrize("text", CORPUS)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_a_half_of_a_character_can_be_written_and_the_rest_is_as_it_was() -> None:
    assert encodable("half \ud83d\u202e\x1b") == "half \ufffd\u202e\x1b"


def test_a_pasted_text_ends_no_paste_and_types_nothing() -> None:
    hostile = "a\x1b[201~rm -rf ~\r\n\tb\x9b201~\x7f é\u200d"
    assert pasteable(hostile) == "a[201~rm -rf ~\n\tb201~ é\u200d"
    assert pasteable("half \ud83d").encode()
