"""A command that prints a secret: run without a shell, bounded in time and in what it may print.

Imported when a connection is opened and not before.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from threading import Thread
from time import monotonic

from trigdash.config.options import ConfigError

TIMEOUT_S = 60.0
"""A password manager may ask for a fingerprint first."""
MOST_BYTES = 64 * 1024
"""Of what is printed; a secret is one line."""


def first_line(
    command: Sequence[str], environ: Mapping[str, str], timeout_s: float = TIMEOUT_S
) -> str:
    """The first line that a command prints. Raises ConfigError, naming the command, when it cannot
    be run, fails, takes too long or prints without end."""
    name = f"secret_command {command[0]}"
    try:
        # The user's own configured command.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
        )
    except (OSError, ValueError):  # ValueError: a NUL among its words
        raise ConfigError(f"{name}: not run") from None
    try:
        printed = _printed(process, timeout_s)
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{name}: took too long") from None
    finally:
        process.kill()
        process.wait()
    if len(printed) > MOST_BYTES:
        raise ConfigError(f"{name}: prints more than {MOST_BYTES // 1024} KiB")
    if process.returncode != 0:
        raise ConfigError(f"{name} failed ({process.returncode})")
    return printed.decode("utf-8", "replace").strip().split("\n", 1)[0]


def _printed(process: subprocess.Popen[bytes], timeout_s: float) -> bytes:
    """What a process prints until its end, or too much of it. Raises TimeoutExpired."""
    parts: list[bytes] = []

    def read() -> None:
        if process.stdout is not None:
            with process.stdout:
                parts.append(process.stdout.read(MOST_BYTES + 1))

    # Only in a thread can a pipe be read for a limited time on every system. It may outlive us
    # where a child of the command holds the pipe.
    ends_s = monotonic() + timeout_s
    reader = Thread(target=read, name="secret command", daemon=True)
    reader.start()
    reader.join(timeout_s)
    if reader.is_alive():
        raise subprocess.TimeoutExpired(process.args, timeout_s)
    printed = b"".join(parts)
    if len(printed) <= MOST_BYTES:
        process.wait(max(0.0, ends_s - monotonic()))
    return printed
