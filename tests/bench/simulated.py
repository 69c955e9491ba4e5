"""The simulator in a process of its own, for as long as a measurement needs it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def child_environment() -> dict[str, str]:
    """The environment of a program that is measured: with its compiled modules kept."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    return {key: value for key, value in os.environ.items() if key not in unwanted}


@contextmanager
def child(*command: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    """A Python program that prints one line of JSON when ready: the process and what it said."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=child_environment(),
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@contextmanager
def simulator(*options: str) -> Iterator[dict[str, str]]:
    """`trigdash simulate` with these options; what it printed when it was ready."""
    with child("-m", "trigdash", "simulate", *options) as (_, ready):
        yield ready
