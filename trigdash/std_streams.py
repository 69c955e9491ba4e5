"""Standard output and error of a command: text that every terminal, file and pipe takes.

A locale may lack characters, a reader such as `head` may leave early, a disk may be full: none of
it is a traceback. Data is cleaned, as everywhere.

Light: whoever asks for `--help` waits for it.
"""

from __future__ import annotations

import errno
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, NoReturn

from typing_extensions import override

from trigdash.model.clean import one_line

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

READER_LEFT = 141
"""The exit code when whoever read the output has left, as a shell tells it of other programs."""
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
    """The exit code of a command, whatever becomes of its output."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What the encoding lacks becomes `?`.
            stream.reconfigure(errors="replace")
    try:
        try:
            return command()
        finally:
            # At the end of the program nobody could be told that this fails.
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


def _forget_output() -> None:
    """Let the program end without a second try to write what is left."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
