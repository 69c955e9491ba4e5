"""How fresh the data is, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.clock import START, FakeClock
from trigdash.backends.rate import Governor
from trigdash.model.capability import RateBudget
from trigdash.presentation.cell import EMPTY, cell_text
from trigdash.presentation.freshness import problem_message, rate_cell, retry_label, state_cell
from trigdash.service.cache.store import Problem, Snapshot

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def known(age_s: float, problem: Problem | None = None, *, settled: bool = False) -> Snapshot[str]:
    return Snapshot("data", NOW - timedelta(seconds=age_s), problem, settled)


def problem(kind: str, retry_in_s: float | None = 7) -> Problem:
    retry_at = None if retry_in_s is None else NOW + timedelta(seconds=retry_in_s)
    return Problem("x", NOW, retry_at, kind)


@pytest.mark.parametrize(
    ("snapshot", "paused", "unanswered_s", "words"),
    [
        (known(2), False, 0, "● live · 2 s"),
        (known(2), False, 4, "● live · 2 s"),
        (known(14), False, 12, "◌ no answer for 12 s · 14 s"),
        (known(14), False, 0, "◌ overdue · 14 s"),
        (known(2), True, 0, "‖ paused · 2 s"),
        (known(90, problem("CannotReach", None)), True, 0, "‖ paused, stale · 1 m"),
        (known(90, problem("CannotReach")), False, 0, "◌ reconnecting · 1 m"),
        (known(90, problem("RateHeld")), False, 0, "◌ held · 1 m"),
        (known(90, problem("ServerError")), False, 0, "◌ stale · 1 m"),
        (known(90, settled=True), False, 0, "✓ final · 1 m"),
        (Snapshot(), False, 0, "○ loading"),
        (Snapshot(), False, 12, "○ loading, no answer for 12 s"),
        (Snapshot(problem=problem("BadKey")), False, 0, "× no data"),
    ],
)
def test_the_bar_says_what_is_known_and_what_is_not(
    snapshot: Snapshot[str], paused: bool, unanswered_s: float, words: str
) -> None:
    assert cell_text(state_cell(snapshot, NOW, paused, unanswered_s)) == words


@pytest.mark.parametrize(
    ("retry_in_s", "words"),
    [(None, "ctrl+r tries again"), (7, "next try in 7 s"), (0.4, "trying now"), (-3, "trying now")],
)
def test_the_next_try_is_told_or_who_can_start_it(retry_in_s: float | None, words: str) -> None:
    assert retry_label(problem("CannotReach", retry_in_s), NOW) == words


def test_a_key_that_is_not_accepted_asks_for_another() -> None:
    assert problem_message(known(90, problem("BadKey")), NOW) == (
        "x, showing data of 1 m ago, ctrl+e for another key, next try in 7 s"
    )
    assert "ctrl+e" not in problem_message(known(90, problem("Forbidden")), NOW)


def test_the_rate_figure_is_that_of_the_last_answer_and_says_how_old_that_is() -> None:
    clock = FakeClock()
    governor = Governor(clock)
    assert rate_cell(governor.budget, clock.now()) == EMPTY
    governor.observe(750, 741, None)
    assert cell_text(rate_cell(governor.budget, clock.now())) == "rate 741/750"
    assert cell_text(rate_cell(governor.budget, START + timedelta(seconds=9))) == "rate 741/750"
    later = START + timedelta(minutes=3)
    assert cell_text(rate_cell(governor.budget, later)) == "rate 741/750 · 3 m"


def test_a_rate_that_was_never_dated_has_no_age() -> None:
    budget = RateBudget(limit=750, remaining=300, slowdown=5.0)
    assert cell_text(rate_cell(budget, START)) == "rate 300/750 slowed ×5"
