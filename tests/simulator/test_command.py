"""`python -m trigdash.simulator` as a process: one line when ready, and it ends when asked."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Any

import httpx
import pytest

COMMAND = [sys.executable, "-m", "trigdash.simulator", "--runs", "50"]


@contextlib.contextmanager
def running(*more: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a process, which does not outlive the test."""
    command = [*COMMAND, *more]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ready_line(process: subprocess.Popen[bytes]) -> dict[str, str]:
    output: IO[bytes] | None = process.stdout
    assert output is not None
    return json.loads(output.readline())  # type: ignore[no-any-return]


def test_it_prints_where_it_is_and_serves_until_interrupted() -> None:
    with running() as process:
        ready = ready_line(process)
        assert {"url", "secret_key", "access_token", "project", "env"} <= set(ready)
        assert ready["env"] == "prod"
        headers = {"Authorization": f"Bearer {ready['secret_key']}"}
        answer = httpx.get(f"{ready['url']}/api/v1/runs", headers=headers)
        assert answer.status_code == 200
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, b"", b"")


def test_the_key_is_for_the_environment_that_was_asked_for() -> None:
    with running("--env", "dev", "--trace-store", "postgres", "--scenario", "busy") as process:
        ready = ready_line(process)
        assert ready["env"] == "dev"
        assert ready["secret_key"].startswith("tr_dev_")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_it_ends_when_told_to_though_its_standard_input_is_open() -> None:
    with running("--until-stdin-closes", stdin=subprocess.PIPE) as process:
        ready_line(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_it_ends_when_its_standard_input_closes() -> None:
    with running("--until-stdin-closes", stdin=subprocess.PIPE) as process:
        ready_line(process)
        assert process.poll() is None
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_asking_for_its_arguments_imports_neither_the_server_nor_the_world() -> None:
    code = (
        "import sys, argparse; from trigdash.simulator import command;"
        "command.add_arguments(argparse.ArgumentParser());"
        "print([m for m in sys.modules if m.split('.')[0] in {'starlette', 'uvicorn', 'anyio'}"
        " or m == 'trigdash.simulator.world.world'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("wrong", [["--scenario", "nonsense"], ["--runs", "many"]])
def test_it_refuses_what_it_does_not_know(wrong: list[str]) -> None:
    done = subprocess.run([*COMMAND, *wrong], capture_output=True, check=False)
    assert done.returncode == 2
