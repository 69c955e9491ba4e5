"""Two environments compared: what is told apart from chance, and what is not compared."""

from __future__ import annotations

import pytest

from tests.ui.harness import run_row
from trigdash.presentation.cell import cell_text, cell_width
from trigdash.presentation.split import SideCounts, comparison, has_more, only_here, words_of

NAMES = ("COMPLETED", "FAILED", "EXECUTING")


def side(name: str, *, whole: bool = True, **counts: int) -> SideCounts:
    return SideCounts(name, name == "prod", counts, is_known=True, is_whole=whole)


def lines_of(*sides: SideCounts, width: int = 120) -> list[str]:
    return [cell_text(line).rstrip() for line in comparison(sides, NAMES, width)]


@pytest.mark.parametrize(
    ("part", "whole", "other_part", "other_whole", "expected"),
    [
        (94, 2209, 23, 616, False),
        (195, 2209, 8, 616, True),
        (40, 100, 0, 100, True),
        (2, 10, 0, 10, False),
        (0, 10, 10, 10, False),
        (10, 10, 10, 10, False),
        (5, 5, 0, 0, False),
        (140_000, 1_000_000, 100_000, 1_000_000, False),
    ],
)
def test_a_larger_share_is_more_than_chance_makes(
    part: int, whole: int, other_part: int, other_whole: int, expected: bool
) -> None:
    assert has_more(part, whole, other_part, other_whole) is expected


def test_counts_stand_below_their_status_with_a_mark_where_one_is_more() -> None:
    titles, prod, stg = lines_of(
        side("prod", completed=1000, failed=200, executing=9), side("stg", completed=500, failed=5)
    )
    assert titles.split() == ["all", "●", "executing", "×", "failed", "✓", "completed"]
    assert prod.split() == ["prod", "1,209", "9", "≠200", "1,000"]
    assert stg.split() == ["stg", "505", "0", "5", "500"]
    assert len(titles) == len(prod) == len(stg)


def test_what_is_only_loaded_is_not_compared_and_says_so() -> None:
    _, prod, stg = lines_of(
        side("prod", whole=False, completed=50, failed=50), side("stg", completed=500, failed=5)
    )
    assert prod.split("  ")[-1] == "loaded runs only: not compared"
    assert "100+" in prod
    assert "≠" not in prod + stg


def test_a_side_that_is_not_known_has_no_numbers() -> None:
    _, _, stg = lines_of(side("prod", completed=1), SideCounts("stg"))
    assert set(stg.split()) == {"stg", "–"}


@pytest.mark.parametrize("width", [24, 40, 60, 200])
def test_marks_stand_for_words_where_there_is_no_room(width: int) -> None:
    titles, *_ = comparison((side("prod", failed=1), side("stg", failed=1)), NAMES, width)
    assert ("executing" in cell_text(titles)) == (width > 42)
    assert cell_width(titles) < max(width, 30)


def test_statuses_of_one_word_are_counted_together() -> None:
    assert words_of({"EXECUTING": 2, "REATTEMPTING": 1, "odd": 3}) == {"executing": 3, "odd": 3}


def test_a_run_is_marked_where_its_task_went_wrong_on_this_side_only() -> None:
    failed = run_row(1, "FAILED", task="charge")
    fine = run_row(2, task="charge")
    late = run_row(3, "EXPIRED", task="charge")
    other = run_row(4, "FAILED", task="send")
    rows = (failed, fine, late, other)
    assert only_here(rows, (run_row(5, task="charge"),), is_all_there=False) == {
        failed.id,
        late.id,
    }
    assert only_here(rows, (), is_all_there=False) == set()
    assert only_here(rows, (), is_all_there=True) == {failed.id, late.id, other.id}
    assert only_here(rows, (run_row(6, "CRASHED", task="charge"),), is_all_there=True) == {other.id}
