"""One story for each system, in a real terminal: list, filter, open, read, act, see the result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Simulator, Start, start_simulator
from tests.terminal import Terminal

BIG = {"columns": 140, "rows": 40}


@pytest.fixture
def world() -> Iterator[Simulator]:
    running = start_simulator("--seed", "11")
    yield running
    running.stop()


def profiles(world: Simulator, tmp_path: Path) -> dict[str, str]:
    """A settings file with a profile for each system; the variables that lead to it."""
    said, file = world.ready, tmp_path / "config.toml"
    file.write_text(
        f"""
profile = "jobs"

[profiles.jobs]
api_url = "{said["url"]}"
access_token = "{said["access_token"]}"
project = "{said["project"]}"
environment = "prod"

[profiles.flows]
backend = "workflow"
api_url = "{said["workflow_url"]}"
secret_env = "FLOWS_KEY"

[profiles.newest]
backend = "recoup"
api_url = "{said["recoup_url"]}"
secret_command = ["sh", "-c", "echo $NEWEST_KEY"]
"""
    )
    file.chmod(0o600)
    return {
        "TRIGDASH_CONFIG": str(file),
        "FLOWS_KEY": said["workflow_key"],
        "NEWEST_KEY": said["recoup_key"],
    }


def run_ids(terminal: Terminal) -> list[str]:
    return re.findall(r"run_[\w-]{15,}", terminal.text)


def command(terminal: Terminal, line: str) -> None:
    terminal.press(":")
    terminal.wait_for(lambda: " :" in terminal.lines)
    terminal.press(*line, "enter")


def narrow_to(terminal: Terminal, status: str, more: str = "") -> None:
    """Filter by a status, and wait until such a run is under the cursor."""
    line = f"status:{status} {more}".rstrip()
    command(terminal, f"runs {line}")
    terminal.wait_for(f" / {line}")

    def is_there() -> bool:
        row = next((line for line in terminal.lines if line.startswith("▌")), "")
        return f" {status} " in row

    terminal.wait_for(is_there)


def heading(terminal: Terminal) -> str:
    """The line that names the opened run."""
    return next((line for line in terminal.lines if line.startswith(" ‹ ")), "")


def test_trigger_dev_from_list_to_replay_and_on_to_staging(
    start: Start, world: Simulator, tmp_path: Path
) -> None:
    terminal = start(env=profiles(world, tmp_path), **BIG)
    terminal.wait_for(lambda: len(run_ids(terminal)) > 10)
    assert " prod " in terminal.lines[0]
    narrow_to(terminal, "failed")
    terminal.press("t")
    terminal.wait_for(lambda: "failed" in heading(terminal))
    opened = run_ids(terminal)[0]
    terminal.wait_for("attempt")
    terminal.press("R")
    terminal.wait_for("Replay 1 run")
    assert "prod" in terminal.text
    terminal.press("y")
    terminal.wait_for("opens the new run")
    terminal.press("O")
    terminal.wait_for(lambda: bool(heading(terminal)) and opened not in heading(terminal))
    terminal.press("ctrl+e")
    terminal.wait_for("staging")
    terminal.wait_for("here")
    terminal.press("g", "j", "j", "enter")
    terminal.wait_for(lambda: " stg " in terminal.lines[0] and len(run_ids(terminal)) > 5)
    assert " prod " not in terminal.lines[0]
    assert opened not in terminal.text
    terminal.press("q")
    assert terminal.wait_for_end() == 0


def test_workflow_runs_from_list_to_a_restart_from_a_step(
    start: Start, world: Simulator, tmp_path: Path
) -> None:
    terminal = start("--profile", "flows", env=profiles(world, tmp_path), **BIG)
    terminal.wait_for(lambda: len(run_ids(terminal)) > 10)
    assert "all time" in terminal.lines[0]
    narrow_to(terminal, "completed", "task:wf_send_email")  # has several steps
    terminal.press("t")
    terminal.wait_for(lambda: "completed" in heading(terminal))
    opened = heading(terminal)
    terminal.wait_for("wf_")
    terminal.press("j", "j", "S")
    terminal.wait_for("outputs kept")
    terminal.wait_for("run again")
    terminal.press("ctrl+s")
    terminal.wait_for("restart of wf_")
    terminal.wait_for(lambda: bool(heading(terminal)) and heading(terminal)[:60] != opened[:60])
    terminal.press("esc")
    terminal.wait_for(lambda: heading(terminal)[:60] == opened[:60])
    terminal.press("esc")
    terminal.wait_for(lambda: not heading(terminal))
    narrow_to(terminal, "failed")
    terminal.press("R")
    terminal.wait_for("Retry 1 run")
    terminal.press("y")
    terminal.wait_for("retry of wf_")
    terminal.press("e")
    terminal.wait_for("Events")
    terminal.press("ctrl+q")
    assert terminal.wait_for_end() == 0


def test_recoup_from_list_to_the_reason_why_nothing_is_written(
    start: Start, world: Simulator, tmp_path: Path
) -> None:
    terminal = start("--profile", "newest", env=profiles(world, tmp_path), **BIG)
    terminal.wait_for(lambda: len(run_ids(terminal)) > 10)
    assert "newest 100 at most" in terminal.lines[0]
    narrow_to(terminal, "failed")
    terminal.press("C")
    terminal.wait_for("the Recoup API is read-only")
    terminal.press("enter")
    terminal.wait_for(lambda: "failed" in heading(terminal))
    terminal.press("t")
    terminal.wait_for("the Recoup API has no trace")
    terminal.press("ctrl+q")
    assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("system", ["workflow", "recoup"])
def test_the_demo_opens_on_each_system(start: Start, system: str) -> None:
    terminal = start("demo", "--backend", system, columns=80, rows=24)
    terminal.wait_for(lambda: "live" in terminal.lines[0] and terminal.text.count(" ✓ ") > 3)
    assert "7 days" not in terminal.text
    terminal.press("q")
    assert terminal.wait_for_end() == 0
