"""Runs `trigdash` through its entry point in this process: real arguments, streams, exit codes and
HTTP, without the half second that a process takes to start."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import BinaryIO

from tests.end_to_end.command_line import Ended
from trigdash.cli import main


@dataclass(frozen=True)
class InProcess:
    """Runs `trigdash` with an environment of its own, and in its home."""

    environ: Mapping[str, str]

    def __call__(self, *words: str, stdin: str = "", **environ: str) -> Ended:
        out = BytesIO()
        code, err = self._run(words, out, stdin, environ)
        return Ended(code, out.getvalue().decode(), err)

    def into_closed_pipe(self, *words: str) -> Ended:
        """The same where whoever reads the output has left."""
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, "wb", buffering=0) as out:
            code, err = self._run(words, out, "", {})
        return Ended(code, "", err)

    def _run(
        self, words: tuple[str, ...], out: BinaryIO, stdin: str, environ: Mapping[str, str]
    ) -> tuple[int, str]:
        err = BytesIO()
        with _streams(BytesIO(stdin.encode()), out, err), _environment(self.environ | environ):
            code = exit_code_of(words)
            sys.stdout.flush()
            sys.stderr.flush()
        return code, err.getvalue().decode()


def exit_code_of(words: tuple[str, ...]) -> int:
    """What the process would end with."""
    try:
        return main(words)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1


@contextmanager
def _streams(stdin: BinaryIO, out: BinaryIO, err: BinaryIO) -> Iterator[None]:
    kept = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = (TextIOWrapper(each, "utf-8") for each in (stdin, out, err))
    try:
        yield
    finally:
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            stream.detach()
        sys.stdin, sys.stdout, sys.stderr = kept


@contextmanager
def _environment(environ: Mapping[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        with chdir(environ["HOME"]):
            yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
