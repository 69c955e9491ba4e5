"""A simulator in a process of its own, and the installed command in a terminal of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.terminal import Terminal

TRIGDASH = [sys.executable, "-m", "trigdash"]


@dataclass
class Simulator:
    """A running `trigdash simulate`."""

    process: subprocess.Popen[bytes]
    ready: dict[str, str]

    @property
    def env(self) -> dict[str, str]:
        """What points the dashboard at it."""
        return {
            "TRIGGER_API_URL": self.ready["url"],
            "TRIGGER_SECRET_KEY": self.ready["secret_key"],
        }

    @property
    def port(self) -> int:
        return int(self.ready["url"].rpartition(":")[2])

    def hold(self, held: bool = True) -> None:
        """Keep the world as it is, so that what one command tells is so for the next as well."""
        answer = httpx.post(f"{self.ready['url']}/simulator/world", json={"held": held}, timeout=60)
        answer.raise_for_status()

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Let a world that is held go on meanwhile."""
        self.hold(False)
        try:
            yield
        finally:
            self.hold()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def start_simulator(*options: str) -> Simulator:
    """A simulator that ends with this process."""
    command = [*TRIGDASH, "simulate", "--until-stdin-closes", "--runs", "400", *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return Simulator(process, json.loads(process.stdout.readline()))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    running = start_simulator()
    yield running
    running.stop()


Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start trigdash in a terminal with settings and state of its own."""
    opened: list[Terminal] = []

    def open_terminal(
        *arguments: str, env: dict[str, str] | None = None, columns: int = 120, rows: int = 40
    ) -> Terminal:
        homes = {
            "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        command = [*TRIGDASH, *arguments]
        terminal = Terminal(command, columns=columns, rows=rows, env=homes | (env or {}))
        opened.append(terminal)
        return terminal

    yield open_terminal
    for terminal in opened:
        terminal.close()
