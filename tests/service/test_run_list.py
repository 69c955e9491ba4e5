"""The run list by itself: where gaps stay, and what a merge keeps of a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.backend import make_row, make_rows
from trigdash.service.runs import run_list
from trigdash.service.runs.run_list import Gap, RunList


def gap_below(number: int) -> Gap:
    """A gap between a run and the ones 500 below it."""
    return Gap(f"run_{number:06d}", number * 1000, (number - 500) * 1000, f"cursor of {number}")


def with_gaps(rows: Iterable[int], *gaps: Gap) -> RunList:
    return replace(RunList().merge(make_rows(sorted(rows, reverse=True))), gaps=gaps)


def test_a_gap_stays_where_it_was_when_the_run_above_it_leaves() -> None:
    runs = with_gaps([*range(900, 905), *range(100)], gap_below(900))
    later = runs.merge((), drop=["run_000900"])
    assert later.gaps == (replace(gap_below(900), after="run_000901", above_ms=901_000),)
    much_later = later.merge((), drop=["run_000901", "run_000902"])
    assert [gap.after for gap in much_later.gaps] == ["run_000903"]
    again = much_later.merge([make_row(902)])
    assert [gap.after for gap in again.gaps] == ["run_000903"], "it stands above what came back"


def test_a_gap_above_all_runs_or_below_them_is_none() -> None:
    above = with_gaps([900, *range(100)], gap_below(900))
    assert above.merge((), drop=["run_000900"]).gaps == ()
    below = with_gaps([900, 901], gap_below(900))
    assert below.merge((), drop=["run_000900"]).gaps == ()


def test_of_several_gaps_those_whose_run_stays_are_left_alone() -> None:
    first, second = gap_below(2000), gap_below(1000)
    runs = with_gaps([2000, 2001, 1000, 1001, *range(100)], first, second)
    later = runs.merge((), drop=["run_001000"])
    assert later.gaps == (first, replace(second, after="run_001001", above_ms=1_001_000))


def test_a_full_list_lets_go_of_the_gaps_below_its_last_run(monkeypatch: Any) -> None:
    runs = with_gaps([900, *range(100)], gap_below(900))
    monkeypatch.setattr(run_list, "MAX_ROWS", 100)
    later = runs.merge(make_rows(range(1000, 1110)))
    assert later.full
    assert later.gaps == ()


def test_a_gap_is_not_hung_on_the_run_just_below_it() -> None:
    gap = Gap("run_000900", 900_000, 899_999, "cursor")
    runs = RunList().merge([make_row(901), make_row(900), make_row(1, created_ms=899_999)])
    later = replace(runs, gaps=(gap,)).merge((), drop=["run_000900"])
    assert [each.after for each in later.gaps] == ["run_000901"]


TOLD = {"attempts": 2, "error": "it broke", "environment": "prod", "kind": "STANDARD"}


@pytest.mark.parametrize("name", TOLD)
def test_what_one_kind_of_answer_alone_tells_survives_the_other(name: str) -> None:
    whole = make_row(1, **TOLD)
    lacking: Any = replace(whole, **{name: None})
    runs = RunList().merge([whole])
    assert runs.merge([lacking]) is runs, "nothing differs but what it does not tell"
    changed = replace(lacking, status_name="FAILED", updated_ms=whole.updated_ms + 1)
    assert getattr(runs.merge([changed]).rows[0], name) == TOLD[name]
    younger: Any = replace(whole, **{name: type(TOLD[name])(3)}, updated_ms=whole.updated_ms + 1)
    assert getattr(runs.merge([younger]).rows[0], name) == getattr(younger, name)


def test_a_run_that_was_moved_in_time_is_there_once() -> None:
    runs = RunList().merge(make_rows(range(10)))
    moved = runs.merge([make_row(3, created_ms=20_000, updated_ms=20_000)])
    assert [row.id for row in moved].count("run_000003") == 1
    assert moved.rows[0].id == "run_000003"
    assert len(moved) == 10


def test_a_list_whose_successor_was_thrown_away_knows_its_unfinished_runs() -> None:
    first = RunList().merge([make_row(1, "QUEUED"), make_row(2)])
    first.merge([make_row(3)])
    index = first.row_index()
    assert index.unfinished == {"run_000001"}
    assert first.counts() == {"QUEUED": 1, "COMPLETED": 1}
