"""What README and guides tell people to type is run as it is written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.command_line import CommandLine, command_line

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = ("pip install", "--until done")
"""Blocks that install, and commands that wait for a run to end."""


def typed(page: Path) -> list[str]:
    """The commands of a page that end by themselves."""
    lines = [
        line for block in _BLOCK.findall(page.read_text("utf-8")) for line in block.split("\n")
    ]
    return [line for line in lines if line and not any(words in line for words in LEFT_OUT)]


@pytest.fixture(scope="module")
def trigdash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    yield from command_line(tmp_path_factory, "--scenario", "incident")


@pytest.mark.e2e
def test_what_people_are_told_to_type_works(trigdash: CommandLine, tmp_path: Path) -> None:
    run = trigdash("runs", "list", "status:failed", "--limit", "1", "-o", "name").out.strip()
    (tmp_path / "trigdash").write_text(f'#!/bin/sh\nexec {sys.executable} -m trigdash "$@"\n')
    (tmp_path / "trigdash").chmod(0o755)
    error = trigdash("errors", "list", "--limit", "1", "-o", "name").out.strip()
    path = f"{tmp_path}:{os.environ['PATH']}"
    environ = {**trigdash.environ, "PATH": path, "RUN": run, "ERROR": error}
    commands = dict.fromkeys(line for page in PAGES for line in typed(page))
    assert len(commands) > 12
    failed = {}
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", command], env=environ, capture_output=True, text=True, check=False
        )
        # `now` and `diff` say by their code that they found something.
        if done.returncode not in (0, 1) or not done.stdout:
            failed[command] = (done.returncode, done.stderr)
    assert failed == {}
