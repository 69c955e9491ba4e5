"""What a stretch plays on: a simulator under chaos, and a home that points the program at it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

SCENARIOS = ("busy", "incident", "calm", "giant")
TRIGDASH = [sys.executable, "-m", "trigdash"]
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Stage:
    """A running simulator, its control, and the home of the program that is played with."""

    home: Path
    ready: Mapping[str, str]
    control: httpx.Client
    chaos: float

    @property
    def environ(self) -> dict[str, str]:
        """What the program finds: settings and state of its own, and nothing of this machine's."""
        unwanted = ("TRIGGER_", "TRIGDASH_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
        homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(self.home))
        # What is opened outside ends at once: a pager would take the keys of the steps that follow.
        outside = dict.fromkeys(("BROWSER", "VISUAL", "EDITOR", "PAGER"), "true")
        own = {"TRIGDASH_CONFIG": str(self.settings), "PYTHONPATH": str(ROOT)}
        return {**kept, **homes, **outside, **own}

    @property
    def settings(self) -> Path:
        return self.home / "config.toml"

    @property
    def action_log(self) -> Path:
        return self.home / "trigdash" / "actions.jsonl"

    def told(self, name: str) -> Any:
        """What the simulator tells of itself: `faults`, `writes`."""
        return self.control.get(f"/simulator/{name}").json()

    def set_chaos(self, rate: float, plan: Sequence[Mapping[str, Any]] = ()) -> None:
        """Another share of requests that meet a fault, and faults by name."""
        body = {"rate": rate, "plan": list(plan)}
        self.control.post("/simulator/chaos", json=body).raise_for_status()


@contextmanager
def staged(home: Path, random: Random, number: int, chaos: float) -> Iterator[Stage]:
    """A simulator for a stretch: its scenario by the stretch's number, the rest by its luck."""
    command = [
        *TRIGDASH, "simulate", "--until-stdin-closes", "--runs", "1000",
        "--scenario", SCENARIOS[number % len(SCENARIOS)],
        "--seed", str(random.randrange(99)), "--speed", "3", "--rate-limit", "6000",
        "--chaos-seed", str(random.randrange(10_000)),
    ]  # fmt: skip
    # In a session of its own: a ctrl+c is for the soak, which asks the simulator before it ends it.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        try:
            # One of the faults takes no connection for a while, and others end those that are open.
            kept = httpx.Limits(max_keepalive_connections=0)
            way = httpx.HTTPTransport(retries=8, limits=kept)
            with httpx.Client(base_url=ready["url"], timeout=30, transport=way) as control:
                stage = Stage(home, ready, control, chaos)
                _write_settings(stage)
                stage.set_chaos(chaos)
                yield stage
        finally:
            process.terminate()


def _write_settings(stage: Stage) -> None:
    ready = stage.ready
    text = f"""\
profile = "cloud"
rate_share = 0.5

[profiles.cloud]
api_url = "{ready["url"]}"
access_token = "{ready["access_token"]}"
project = "{ready["project"]}"
environment = "prod"

[profiles.flows]
backend = "workflow"
api_url = "{ready["workflow_url"]}"
secret_key = "{ready["workflow_key"]}"

[profiles.newest]
backend = "recoup"
api_url = "{ready["recoup_url"]}"
secret_key = "{ready["recoup_key"]}"
"""
    stage.settings.write_text(text)
    stage.settings.chmod(0o600)
