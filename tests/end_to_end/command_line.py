"""Runs `trigdash` as a process against a simulator, as a script does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.end_to_end.conftest import TRIGDASH, Simulator, start_simulator


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """Runs `trigdash` with an environment of its own, pointed at a world that stands still but for
    its writes."""

    environ: Mapping[str, str]
    server: Simulator

    def __call__(self, *words: str, **environ: str) -> Ended:
        done = subprocess.run(
            [*TRIGDASH, *words],
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=120,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


def command_line(tmp_path_factory: pytest.TempPathFactory, *options: str) -> Iterator[CommandLine]:
    """The command, pointed at a simulator of its own, with a home of its own."""
    home = str(tmp_path_factory.mktemp("home"))
    running = start_simulator("--rate-limit", "0", *options)
    running.hold()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRIGGER_", "TRIGDASH_"))}
    places = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), home)
    yield CommandLine(
        {**kept, **running.env, **places, "TRIGDASH_CONFIG": f"{home}/none.toml"}, running
    )
    running.stop()
