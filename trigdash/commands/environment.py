"""Opens the environment of a command, and closes it afterwards."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import urlsplit

from trigdash.backends.base import BackendError
from trigdash.backends.waits import on_wait
from trigdash.clock import Clock, SystemClock
from trigdash.commands.exit_codes import CommandFailure, ExitCode, failure_of
from trigdash.config.collector import collect_again
from trigdash.model.clean import clean

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.backends.target import Target
    from trigdash.commands.output import Output
    from trigdash.config.resolve import Settings
    from trigdash.model.capability import Capability
    from trigdash.service.actions.outcome import AuditLog


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What a command works with."""

    backend: Backend
    target: Target
    clock: Clock
    output: Output
    state_folder: Path | None = None
    """Where actions are logged and other state is kept; None where that is not known."""
    profile: str = ""

    @property
    def audit(self) -> AuditLog | None:
        """The action log."""
        from trigdash.service.actions.outcome import AuditLog

        folder = self.state_folder
        return AuditLog(folder / "actions.jsonl", self.profile) if folder else None

    @property
    def cache_folder(self) -> Path | None:
        """Where log lines of finished runs are kept."""
        return log_folder(self.state_folder, self.target.api_url)

    def require(self, capability: Capability) -> None:
        """Raise CommandFailure when the system or the profile does not support something."""
        if capability in self.backend.capabilities:
            return
        reason = self.backend.disabled_reason(capability)
        code = ExitCode.REFUSED if self.target.read_only else ExitCode.MISUSED
        raise CommandFailure(reason, code)


def cache_of(state_folder: Path) -> Path:
    """The cache of log lines of the command's server."""
    return state_folder / "events"


def log_folder(state_folder: Path | None, api_url: str) -> Path | None:
    """The folder with the log lines of one server; None where nothing is cached."""
    return cache_of(state_folder) / urlsplit(api_url).netloc if state_folder else None


Work = Callable[[CommandContext], Awaitable[ExitCode]]


def run_in_environment(settings: Settings, output: Callable[[Clock], Output], work: Work) -> int:
    """Open the environment, do the work, close it; the exit code. Raises CommandFailure."""
    return asyncio.run(_run(settings, output, work))


async def _run(settings: Settings, output: Callable[[Clock], Output], work: Work) -> int:
    from trigdash.backends import open_backend

    target, clock = settings.target(), SystemClock()
    folder = settings.state_file.parent if settings.state_file else None
    name = settings.start_profile() or ""
    try:
        backend = open_backend(target, clock)
    except BackendError as error:
        raise CommandFailure(error.message(), ExitCode.MISUSED) from None
    collect_again()
    on_wait.set(WaitNotes())
    try:
        return await work(CommandContext(backend, target, clock, output(clock), folder, name))
    except BackendError as error:
        raise failure_of(error, target) from None
    finally:
        await backend.aclose()


SHOWN_S = 1.0
"""Shorter waits are not shown on a terminal."""
NOTED_S = 5.0
"""Seconds of waiting before the first note."""
AGAIN_S = 60.0
"""Seconds of waiting between notes."""


class WaitNotes:
    """A listener for waits; see `trigdash.backends.waits`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._waited_s = 0.0
        self._noted_at_s = NOTED_S
        self._is_shown = False

    def __call__(self, seconds: float, why: str) -> None:
        self._waited_s += seconds
        if self._stream.isatty():
            self._show(seconds, why)
        elif self._waited_s >= self._noted_at_s:
            self._noted_at_s = self._waited_s + AGAIN_S
            print(clean(f"waiting {seconds:.0f} s: {why}"), file=self._stream)

    def _show(self, seconds: float, why: str) -> None:
        if self._is_shown:
            self._stream.write("\r\x1b[K")
        self._is_shown = seconds >= SHOWN_S
        if self._is_shown:
            line = clean(f"waiting {seconds:.0f} s: {why}")
            self._stream.write(line[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()
