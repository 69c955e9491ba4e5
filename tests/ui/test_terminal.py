"""The terminal's output side: one that vanishes holds nobody up, and each gets what it can show."""

import io
from threading import Thread

import pytest
from rich.cells import cell_len
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from typing_extensions import override

from tests.hostile import CORPUS
from trigdash.config.terminal import lacks_marks, terminal_encoding
from trigdash.model.clean import clean
from trigdash.ui.input.terminal import TerminalOutput

PATIENCE_S = 60.0
TEXTS = (
    "● läuft",
    "送信しました ok",
    "a 👩\u200d👧 b 🧑🏽\u200d💻 ❤\ufe0f 1\ufe0f\u20e3",
    "╭──╮",
    "e\u0301",
)


class Gone(io.BytesIO):
    """The bytes of a terminal that was closed."""

    @override
    def write(self, data: object) -> int:
        raise OSError(5, "Input/output error")


class Closed(io.StringIO):
    """A terminal that was closed."""

    buffer = Gone()


def test_a_terminal_that_is_gone_takes_every_write_and_lets_the_program_end() -> None:
    writer = WriterThread(TerminalOutput(Closed()))  # type: ignore[arg-type]
    writer.start()

    def write_and_stop() -> None:
        for number in range(MAX_QUEUED_WRITES * 3):
            writer.write(f"{number}")
        writer.stop()

    ending = Thread(target=write_and_stop, daemon=True)
    ending.start()
    ending.join(PATIENCE_S)
    assert not ending.is_alive()


def written(text: str, encoding: str, *, is_ascii: bool = False) -> bytes:
    data = io.BytesIO()
    output = TerminalOutput(io.TextIOWrapper(data), encoding, is_ascii=is_ascii)
    output.write(text)
    output.flush()
    return data.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "cp1252", "koi8-r", "shift_jis"])
@pytest.mark.parametrize("text", [*TEXTS, *map(clean, CORPUS)])
def test_columns_stay_in_line_where_the_encoding_lacks_characters(encoding: str, text: str) -> None:
    drawn = written(text, encoding).decode(encoding)
    assert "\\u" not in drawn
    lacking = [each for each in text if not can_write(each, encoding)]
    if lacking:
        assert cell_len(drawn) == cell_len(text)
    else:
        assert drawn == text


def can_write(character: str, encoding: str) -> bool:
    return character.encode(encoding, "ignore") != b""


def test_marks_and_frames_are_drawn_with_ascii() -> None:
    assert written("● ╭─ payload ─╮ 🔎│", "ascii", is_ascii=True) == b"* +- payload -+ > |"
    assert written("✓ 送信", "utf-8", is_ascii=True).decode() == "+ 送信"
    assert written("✓ 送信", "ascii", is_ascii=True) == b"+ ????"


def test_utf_8_is_written_as_it_is() -> None:
    assert written("● 送信 😀", "utf-8").decode() == "● 送信 😀"
    assert written("half \ud83d", "utf-8").decode().startswith("half ")


@pytest.mark.parametrize(
    ("environ", "own", "expected"),
    [
        ({}, "utf-8", "utf-8"),
        ({"LANG": "C"}, "utf-8", "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", "ascii"),
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8", "utf-8"),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, "utf-8", "ascii"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "C"}, "utf-8", "utf-8"),
        ({"LANG": "de_DE.UTF-8"}, "UTF8", "utf-8"),
        ({"LANG": "de_DE"}, "ISO-8859-1", "iso8859-1"),
        ({"LANG": "C", "PYTHONUTF8": "1"}, "utf-8", "utf-8"),
        ({"LANG": "C", "PYTHONIOENCODING": "latin-1"}, "latin-1", "iso8859-1"),
        ({}, "no-such-codec", "utf-8"),
    ],
)
def test_what_the_terminal_takes_is_told_by_the_locale(
    environ: dict[str, str], own: str, expected: str
) -> None:
    class Stream(io.StringIO):
        encoding = own

    assert terminal_encoding(environ, Stream()) == expected
    assert terminal_encoding({}, None) == "utf-8"


def test_the_console_of_linux_and_what_is_not_utf_8_are_drawn_to_in_ascii() -> None:
    class Stream(io.StringIO):
        encoding = "utf-8"

    assert lacks_marks({"TERM": "linux"}, Stream())
    assert lacks_marks({"TERM": "xterm-256color", "LC_ALL": "C"}, Stream())
    assert not lacks_marks({"TERM": "screen", "LANG": "de_DE.UTF-8"}, Stream())
