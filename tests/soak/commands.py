"""The command line under chaos: a right exit code, valid JSON to the end, no row lost."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from random import Random
from typing import Any

from tests.soak.stage import TRIGDASH, Stage

READS = (
    ("runs", "list", "--limit", "all"), ("runs", "list", "status:failed", "--limit", "all"),
    ("queues", "list", "--limit", "all"), ("schedules", "list"), ("deployments", "list"),
    ("errors", "list"), ("tasks", "list"), ("batches", "list"), ("environments", "list"),
    ("limits", "list"), ("tokens", "list"), ("webhooks", "list"), ("alerts", "list"),
)  # fmt: skip
FORMATS = ("json", "jsonl")
COMMAND_S = 120.0
GOOD = 0
TROUBLE = frozenset({1, 3, 4, 5, 6})
"""Exit codes that a hostile server may lead to: see `trigdash help exit-codes`."""
MISTAKE, ELSEWHERE = 2, "is this the address of the API?"
"""A server that knows none of the API's paths looks like a mistake in the settings."""


def trouble_of(stage: Stage, random: Random) -> tuple[str, str]:
    """Run a command under chaos, between two calm runs of the same: how it ended in a word, and
    what is wrong with it, if anything."""
    words = random.choice(READS)
    kind = random.choice(FORMATS)
    stage.set_chaos(0.0)
    before = _run(stage, [*words, "-o", kind])
    stage.set_chaos(stage.chaos)
    done = _run(stage, [*words, "-o", kind])
    stage.set_chaos(0.0)
    after = _run(stage, [*words, "-o", kind])
    stage.set_chaos(stage.chaos)
    steady = _ids(before.stdout, kind) & _ids(after.stdout, kind)
    wrong = _wrong(done, kind, steady) or _wrong(before, kind, set())
    return f"exit {done.returncode}", f"trigdash {' '.join(words)}: {wrong}" if wrong else ""


def write(stage: Stage, random: Random) -> str:
    """Act under chaos, with `--yes`: how it ended in a word. What was sent is compared later."""
    words = ["tasks", "trigger", "send-email", "--payload", "{}"]
    if random.random() < 0.5:
        schedules = _run(stage, ["schedules", "list", "-o", "name"]).stdout.split()
        words = ["schedules", "deactivate", random.choice(schedules)] if schedules else words
    return f"write exit {_run(stage, [*words, '--yes', '-o', 'json']).returncode}"


def _run(stage: Stage, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TRIGDASH, *words],
        env=stage.environ,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=COMMAND_S,
    )


def _wrong(done: subprocess.CompletedProcess[str], kind: str, steady: set[str]) -> str:
    """What is wrong with an end; empty when nothing is. `steady` are the rows that it must have."""
    code = done.returncode
    is_elsewhere = code == MISTAKE and ELSEWHERE in done.stderr
    if "Traceback" in done.stderr or not (code in {GOOD, *TROUBLE} or is_elsewhere):
        return f"exit code {code}\n{done.stderr[-2000:]}"
    try:
        found = _ids(done.stdout, kind)
    except ValueError as problem:
        return f"exit code {code} and no valid {kind}: {problem}\n{done.stdout[-300:]!r}"
    if code != GOOD:
        return "" if done.stderr.strip() else f"exit code {code} without a word"
    lost = steady - found
    return f"exit code 0, and {len(lost)} of {len(steady)} rows lost\n{done.stderr}" if lost else ""


def _ids(text: str, kind: str) -> set[str]:
    """What tells the rows apart. Raises ValueError where it is no JSON."""
    rows = [json.loads(line) for line in text.splitlines()] if kind == "jsonl" else _rows(text)
    return {str(row.get("id") or row.get("slug") or row.get("name")) for row in rows}


def _rows(text: str) -> list[dict[str, Any]]:
    """The rows of a document. A command that failed has written none, or leaves the list open, so
    that no reader takes a part for all."""
    whole = text.rstrip().endswith("]")
    rows = json.loads(text if whole else f"{text}]" if text.strip() else "[]")
    if not isinstance(rows, list):
        raise ValueError("no list")
    return rows
