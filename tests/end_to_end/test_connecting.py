"""From nothing set to the first runs, with the real program in a terminal and in a pipe."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.conftest import TRIGDASH, Simulator, Start

NOTHING = dict.fromkeys(("TRIGGER_SECRET_KEY", "TRIGGER_ACCESS_TOKEN", "TRIGDASH_CONFIG"), "")


@pytest.mark.e2e
def test_a_key_typed_into_the_first_screen_opens_its_runs(
    start: Start, simulator: Simulator, tmp_path: Path
) -> None:
    terminal = start("--api-url", simulator.ready["url"], env=NOTHING)
    terminal.wait_for("look at the demo")
    terminal.press("k")
    terminal.write(simulator.ready["secret_key"].encode())
    terminal.press("enter")
    terminal.wait_for("open the dashboard")
    assert simulator.ready["secret_key"] not in terminal.text
    terminal.press("enter")
    terminal.wait_for("STATUS")
    (saved,) = tmp_path.rglob("config.toml")
    assert saved.stat().st_mode & 0o777 == 0o600


@pytest.mark.e2e
def test_login_reads_the_key_from_a_pipe_and_shows_it_nowhere(
    simulator: Simulator, tmp_path: Path
) -> None:
    key = simulator.ready["secret_key"]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("TRIGGER_")}
    environ |= {"TRIGDASH_CONFIG": str(tmp_path / "config.toml"), "HOME": str(tmp_path)}
    command = [*TRIGDASH, "login", "--api-url", simulator.ready["url"], "--name", "mine"]
    done = subprocess.run(
        command, input=f"{key}\n", env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "open the dashboard with: trigdash --profile mine"
    assert key not in done.stdout
    again = subprocess.run(
        command, input=f"{key}\n", env=environ, capture_output=True, text=True, check=False
    )
    assert again.returncode == 2
    assert "choose another name" in again.stdout
