"""Somebody was just paged: five questions, each answered in at most three keys from the first
screen, and by one command."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.conftest import TRIGDASH, Simulator, Start, start_simulator

MOST_KEYS = 3


@pytest.fixture(scope="module")
def incident() -> Iterator[Simulator]:
    running = start_simulator("--scenario", "incident", "--rate-limit", "0")
    running.hold()
    yield running
    running.stop()


QUESTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "what fails, and since when": (("0", "none before"), ("enter", "after it was promoted")),
    "which task fails most": (("5", "FAILED ▼"),),
    "what was slowest today": (("L", "longest"),),
    "what is stuck, and why": (("0", "does not move.|do not move."), ("s", "Queue crm is paused")),
    "what changed": (("0", "promoted, was"),),
}
"""Question → the keys from the first screen, each with what the screen then says."""


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_is_answered_in_three_keys(
    start: Start, incident: Simulator, question: str
) -> None:
    presses = QUESTIONS[question]
    assert len(presses) <= MOST_KEYS
    terminal = start(env=incident.env)
    terminal.wait_for("live")
    for key, answer in presses:
        terminal.press(key)
        wanted = answer.split("|")
        terminal.wait_for(lambda wanted=wanted: any(each in terminal.text for each in wanted))


def asked(incident: Simulator, *words: str) -> Any:
    """What one command answers, as JSON."""
    done = subprocess.run(
        [*TRIGDASH, *words, "-o", "json"],
        env=os.environ | incident.env,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return json.loads(done.stdout)


def test_each_question_is_answered_by_one_command(incident: Simulator) -> None:
    findings = {
        (each["code"], each["subject"]): each for each in asked(incident, "now")["findings"]
    }
    assert ("failing_more_than_usual", "charge-invoice") in findings
    new = next(each for (code, _), each in findings.items() if code == "error_new_in_deployment")
    assert new["since"]
    assert {"promoted", "overridden"} <= {code for code, _ in findings}, "what changed"

    tasks = asked(incident, "tasks", "list")
    shares = [task["failed"] / task["runs"] if task["runs"] else 0 for task in tasks]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0

    slowest = asked(
        incident, "runs", "list", "since:1d status:completed", "--sort", "-duration", "--limit", "5"
    )
    assert len(slowest) == 5
    took = [each["_durationMs"] for each in slowest]
    assert took == sorted(took, reverse=True)

    stuck = {each["code"] for each in asked(incident, "runs", "stuck")["groups"]}
    assert {"queue_paused", "limit_full", "limit_zero", "pending_version"} <= stuck
