"""What people script with `trigdash`: shells, pipes, cron jobs and deploy scripts as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from typing_extensions import override

from tests.end_to_end.in_thread import Served, served
from trigdash.clock import SystemClock

PATIENCE_S = 120
"""How long a story may take on a busy machine."""


class PastClock(SystemClock):
    """The machine's clock, first set back by two hours."""

    behind = timedelta(hours=2)

    @override
    def now(self) -> datetime:
        return datetime.now(UTC) - self.behind


class Shell:
    """Runs scripts in which `trigdash` is the command, pointed at the simulator."""

    old: str
    """A run that has been queued for two hours."""

    def __init__(self, world: Served, folder: Path) -> None:
        self.trigdash = world.trigdash
        command = folder / "trigdash"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m trigdash "$@"\n')
        command.chmod(0o700)
        path = f"{folder}:{os.environ['PATH']}"
        self.environ: Mapping[str, str] = {**world.trigdash.environ, "PATH": path}

    def __call__(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", script],
            env=self.environ,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=PATIENCE_S,
        )

    def status_of(self, run: str) -> str:
        status: str = self.trigdash("runs", "get", run, "-o", "json").data["status"]
        return status


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    clock = PastClock()
    with served(tmp_path_factory.mktemp("home"), clock) as world:
        opened = Shell(world, tmp_path_factory.mktemp("bin"))
        opened.trigdash("queues", "pause", "task/upload-file", "--yes")
        opened.old = opened.trigdash("tasks", "trigger", "upload-file", "--yes").out.strip()
        clock.behind = timedelta(0)
        yield opened


def test_a_cron_job_cancels_what_has_been_queued_above_an_hour(shell: Shell) -> None:
    young = shell.trigdash("tasks", "trigger", "upload-file", "--yes").out.strip()
    done = shell(
        "trigdash runs cancel --filter 'status:queued task:upload-file to:1h' --yes -o name"
    )
    canceled = done.stdout.split()
    assert (done.returncode, shell.old in canceled, young in canceled) == (0, True, False)
    assert f"cancel {len(canceled)} run" in done.stderr
    assert (shell.status_of(shell.old), shell.status_of(young)) == ("CANCELED", "QUEUED")
    again = shell("trigdash runs list 'status:queued task:upload-file to:1h' -o name --limit all")
    assert (again.returncode, set(again.stdout.split()) & set(canceled)) == (0, set())


def test_a_pipe_replays_what_failed(shell: Shell, tmp_path: Path) -> None:
    failed = "trigdash runs list 'status:failed since:7d' -o name --limit 3"
    kept = tmp_path / "ids"
    done = shell(f"{failed} | tee {kept} | xargs trigdash runs replay --yes -o jsonl")
    ids = kept.read_text().split()
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [(each["runId"], each["_result"]) for each in told] == [(run, "done") for run in ids]
    tasks = {shell.trigdash("runs", "get", each["_newRunId"], "-o", "json").code for each in told}
    assert (len(told), tasks) == (3, {0})


def test_a_deploy_script_ends_with_the_code_of_its_run(shell: Shell) -> None:
    script = """
        set -e
        run=$(trigdash tasks trigger send-email --payload '{"to": 1}' --yes OPTIONS)
        echo "$run"
        trigdash runs watch "$run" --appear 30s --timeout 90s -o jsonl
    """
    done = shell(script.replace("OPTIONS", ""))
    run, *told = done.stdout.splitlines()
    last = json.loads(told[-1])
    assert (last["id"], shell.status_of(run)) == (run, last["status"])
    assert done.returncode == (0 if last["status"] == "COMPLETED" else 1), done.stderr
    shell.trigdash("queues", "pause", "task/send-email", "--yes")
    late = shell(script.replace("OPTIONS", "--ttl 1s"))
    shell.trigdash("queues", "resume", "task/send-email", "--yes")
    assert (late.returncode, json.loads(late.stdout.splitlines()[-1])["status"]) == (1, "EXPIRED")


def test_a_watched_batch_fails_with_its_first_run(shell: Shell, tmp_path: Path) -> None:
    late = {"task": "upload-file", "options": {"ttl": "1s"}}
    waits = {"task": "upload-file", "options": {"ttl": "2h"}}
    (tmp_path / "items").write_text(f"{json.dumps(late)}\n{json.dumps(waits)}\n")
    done = shell(
        f"batch=$(trigdash batches trigger {tmp_path / 'items'} --yes) && trigdash runs watch"
        ' "batch:$batch" --until done --fail-fast --timeout 90s -o jsonl'
    )
    statuses = [json.loads(line)["status"] for line in done.stdout.splitlines()]
    assert (done.returncode, "EXPIRED" in statuses) == (1, True), done.stderr
    assert statuses.count("QUEUED") <= 2


def test_following_the_logs_of_a_task_takes_in_new_runs_until_ctrl_c(shell: Shell) -> None:
    words = ["runs", "logs", "-f", "task:sync-crm since:5m", "-o", "jsonl", "--tail", "1"]
    follower = subprocess.Popen(
        [sys.executable, "-m", "trigdash", *words],
        env=shell.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    trigger = ("tasks", "trigger", "sync-crm", "--yes")
    found: dict[str, Event] = {}

    def read() -> None:
        assert follower.stdout is not None
        for line in follower.stdout:
            found.setdefault(json.loads(line)["runId"], Event()).set()

    reader = Thread(target=read)
    reader.start()
    try:
        # The second one comes while the log of the first is followed.
        for _ in range(2):
            run = shell.trigdash(*trigger).out.strip()
            assert found.setdefault(run, Event()).wait(PATIENCE_S)
        follower.send_signal(signal.SIGINT)
        assert follower.wait(PATIENCE_S) == 130
    finally:
        follower.kill()
        reader.join()
        _, said = follower.communicate()
    assert "Traceback" not in said
