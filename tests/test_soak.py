"""The parts of the soak: its steps, how writes are compared, and the search for the fewest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from random import Random
from typing import Any

import pytest

from tests.soak.minimize import minimized
from tests.soak.steps import NARROWEST, WIDEST, Kind, Step, steps_of
from tests.soak.tally import Tally, course_of


def test_a_stretch_depends_on_its_seed_alone() -> None:
    first, again, other = (list(steps_of(Random(seed), 2_000)) for seed in (1, 1, 2))
    assert first == again != other
    assert {step.kind for step in first} == set(Kind)
    sizes = [step.size for step in first if step.kind is Kind.SIZE]
    assert {NARROWEST, WIDEST} <= set(sizes)
    assert all(20 <= columns <= 300 and 6 <= rows <= 100 for columns, rows in sizes)
    assert [Step.from_json(step.to_json()) for step in first] == first


def needs(*wanted: int) -> Any:
    return lambda steps: set(wanted) <= set(steps)


@pytest.mark.parametrize("wanted", [(99,), (97, 99), (0, 99), (10, 50, 99), (3, 4, 5, 60, 99)])
def test_the_fewest_steps_are_those_that_the_failure_needs(wanted: tuple[int, ...]) -> None:
    assert minimized(range(100), needs(*wanted), lambda: True) == list(wanted)


def test_a_search_that_may_not_go_on_gives_what_it_has() -> None:
    tries = count()

    def fails(steps: Sequence[int]) -> bool:
        return needs(10, 99)(steps)

    found = minimized(range(100), fails, lambda: next(tries) < 8)
    assert fails(found)
    assert len(found) < 100


def test_the_figures_say_how_many_samples_they_have() -> None:
    tally = Tally()
    assert "too few" in tally.text()
    for ms in range(100):
        tally.add_latency(ms, ms / 2, "x")
    assert "p95 95 ms, p99 99 ms of 100" in tally.text()


def test_the_course_of_the_memory_is_told_in_tenths() -> None:
    assert course_of([*range(100)]) == tuple(4.5 + 10 * part for part in range(10))
