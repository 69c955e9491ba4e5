"""Standard streams that take any text, and which characters the terminal takes."""

from __future__ import annotations

import codecs
import errno
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn, TextIO

from typing_extensions import override

from trigdash.model.clean import one_line

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

READER_LEFT = 141
"""The exit code when the reader of the output has left, as a shell reports it for other
programs."""
CANNOT_WRITE = 1

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def print_line(text: str) -> None:
    """Print a line for people, at once."""
    print(one_line(text), flush=True)


def print_problem(text: str) -> None:
    """Say on standard error what cannot be done."""
    print(f"trigdash: {one_line(text)}", file=sys.stderr)


class Parser(ArgumentParser):
    """A parser whose complaints quote nothing that acts on a terminal, and whose help that cannot
    be written is a failure: argparse passes over that."""

    @override
    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        stream = file or sys.stdout
        if stream is not None:
            stream.write(self.format_help())

    @override
    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


def guarded(command: Callable[[], int]) -> int:
    """The exit code of a command, even if its output fails."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What the encoding lacks becomes `?`.
            stream.reconfigure(errors="replace")
    try:
        try:
            return command()
        finally:
            # At the end of the program a failure could not be reported any more.
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return READER_LEFT
    except OSError as problem:
        if problem.errno not in _FULL:
            raise
        _forget_output()
        print_problem(f"cannot write the output: {problem.strerror}")
        return CANNOT_WRITE


def forget_output(fileno: int) -> None:
    """Let what is written to a file go nowhere, also what is left to be written at the end."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, fileno)
        os.close(nowhere)


def _forget_output() -> None:
    """Let the program end without a second try to write what is left."""
    with suppress(OSError, ValueError, AttributeError):
        forget_output(sys.stdout.fileno())


UTF_8 = "utf-8"
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python puts in the place of the C locale (PEP 538)."""


def terminal_encoding(environ: Mapping[str, str], stream: TextIO | None) -> str:
    """Name of the codec for what is drawn: `ascii` in the C locale, which Python itself overlooks.

    Where nothing is set, as in many containers, it is UTF-8, as nearly every terminal is today.
    """
    told = environ.get("PYTHONIOENCODING") or environ.get("PYTHONUTF8") == "1"
    if not told and _locale(environ) in ("C", "POSIX"):
        return "ascii"
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or UTF_8).name
    except LookupError:
        return UTF_8


def lacks_marks(environ: Mapping[str, str], stream: TextIO | None) -> bool:
    """Whether to draw with ASCII alone: the encoding has no more, or it is the console of Linux,
    whose font of at most 512 characters has few of our marks."""
    return terminal_encoding(environ, stream) != UTF_8 or environ.get("TERM") == "linux"


def _locale(environ: Mapping[str, str]) -> str:
    """The locale of characters."""
    characters = environ.get("LC_CTYPE", "")
    if characters in _COERCED and environ.get("LANG"):
        characters = ""
    return environ.get("LC_ALL") or characters or environ.get("LANG", "")
