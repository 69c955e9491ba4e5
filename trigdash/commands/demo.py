"""The demo: a simulator in a child process, and settings that lead to it.

The child is started before anything slow is imported, so that both start at once. It ends when its
standard input closes, which the system does however this process ends.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from trigdash.backends.target import Secret
from trigdash.config.child_environment import without_secrets
from trigdash.config.file import ConfigFile
from trigdash.config.official_cli import OfficialCli
from trigdash.config.options import ConfigError
from trigdash.config.profile import Profile, SecretSource
from trigdash.config.resolve import Flags, Settings

CLOSE_S = 3.0
"""Seconds that the child gets to end before it is killed."""

PROFILE = "demo"


class DemoServer:
    """The simulator in a child process: start it, wait until it is ready, and close it."""

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str], backend: str = "trigger"
    ) -> None:
        self._backend = backend
        self._words: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._child = subprocess.Popen(
            [
                *(sys.executable, "-m", "trigdash.simulator"),
                *("--host", "127.0.0.1", "--port", "0", "--until-stdin-closes"),
                *arguments,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            # In its own process group, so that ctrl+c in the terminal does not reach it.
            start_new_session=True,
            env=without_secrets(environ),
        )
        self._profile: Profile | None = None

    @property
    def expected_profile(self) -> Profile:
        """What is known of the profile before the simulator is ready: enough for the first
        frame."""
        environment = "prod" if self._backend == "trigger" else None
        url = "http://127.0.0.1"
        return Profile(PROFILE, "the simulator", self._backend, url, environment=environment)

    @property
    def pid(self) -> int:
        return self._child.pid

    def profile(self) -> Profile:
        """The profile that connects to it. Blocks until it is ready; raises ConfigError when it
        does not start."""
        if self._profile is None:
            self._profile = self._wait_ready()
        return self._profile

    def close(self) -> None:
        """End it: ask by closing its input, then insist."""
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self._child.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._words.close()

    def _wait_ready(self) -> Profile:
        assert self._child.stdout is not None, "it was asked for"
        line = self._child.stdout.readline()
        try:
            return _profile(json.loads(line), self._backend)
        except (ValueError, KeyError, TypeError):
            raise ConfigError(f"the simulator did not start: {self._last_words()}") from None

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(CLOSE_S)
        self._words.seek(0)
        lines = self._words.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def _profile(said: Mapping[str, str], backend: str) -> Profile:
    """The profile of one of the simulator's systems, from the line that the simulator prints."""
    if backend != "trigger":
        return Profile(
            name=PROFILE,
            origin="the simulator",
            backend=backend,
            api_url=said[f"{backend}_url"],
            secret=SecretSource("value", value=Secret(said[f"{backend}_key"])),
        )
    return Profile(
        name=PROFILE,
        origin="the simulator",
        api_url=said["url"],
        secret=SecretSource("value", value=Secret(said["secret_key"])),
        access_token=SecretSource("value", value=Secret(said["access_token"])),
        project=said["project"],
        environment=said["env"],
    )


def demo_settings(flags: Flags, environ: Mapping[str, str], profile: Profile) -> Settings:
    """Settings of the demo alone. They read no file and no environment variable, so no real key is
    sent to the simulator, and its key to no real server."""
    quiet = {name: value for name, value in environ.items() if not name.startswith("TRIGGER_")}
    nowhere = Path(os.devnull)
    return Settings(
        replace(flags, profile=None, api_url=None, project=None),
        quiet,
        ConfigFile(nowhere),
        OfficialCli(nowhere),
        extra={PROFILE: profile},
    )
