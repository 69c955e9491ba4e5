"""The values of a run in a filter: a run meets the filter of its value, and not the one without."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from tests.fakes.backend import make_row
from trigdash.model.run_filter import ANY, RunFilter
from trigdash.model.run_row import RunRow
from trigdash.presentation.row_values import value_options
from trigdash.service.filters.description import format_filter
from trigdash.service.filters.fields import LISTS
from trigdash.service.filters.language import parse
from trigdash.service.filters.matching import TextMatch
from trigdash.service.filters.row_values import (
    RowValue,
    can_exclude,
    can_take,
    row_values,
    with_value,
    without_value,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ODD = ("a", "task with blanks", 'quo"te', "back\\slash", "star*", "a,b", "-x", "colon:x", "!no")


def rows(seed: int) -> list[RunRow]:
    """Runs with odd texts and figures of every size."""
    random = Random(seed)
    return [
        make_row(
            number,
            random.choice(("FAILED", "COMPLETED", "QUEUED")),
            created_ms=1_772_000_000_000 + number * 61_001,
            task=random.choice(ODD),
            tags=tuple(random.sample(ODD, 2)),
            version=random.choice((*ODD, None)),
            region=random.choice((*ODD, None)),
            started_ms=1_772_000_000_000,
            finished_ms=1_772_000_000_000 + random.randrange(10**6),
            cost_cents=random.random() * 10 ** random.randrange(-5, 4),
            attempts=random.randrange(4),
            depth=random.randrange(3),
            is_test=random.random() < 0.5,
        )
        for number in range(40)
    ]


def meets(run_filter: RunFilter, row: RunRow) -> bool:
    """Whether a run is among those of a filter, by the server's part and by ours."""
    lists = {"tasks": (row.task,), "versions": (row.version,), "regions": (row.region,)}
    lists |= {"tags": row.tags, "statuses": (row.status_name,)}
    by_list = all(
        set(getattr(run_filter, name)) & set(values)
        for name, values in lists.items()
        if getattr(run_filter, name)
    )
    at = datetime.fromtimestamp(row.created_ms / 1000, UTC)
    is_within = run_filter.since is None or at >= run_filter.since
    is_within = is_within and (run_filter.until is None or at < run_filter.until)
    is_test = run_filter.is_test in (None, row.is_test)
    return by_list and is_within and is_test and TextMatch("", run_filter.conditions).matches(row)


@pytest.mark.parametrize("seed", range(5))
def test_a_run_meets_the_filter_of_its_value_and_not_the_one_without(seed: int) -> None:
    for row in rows(seed):
        for value in row_values(row):
            if can_take(value, ANY):
                assert meets(with_value(RunFilter(), value), row), value
            if can_exclude(value):
                assert not meets(without_value(RunFilter(), value, ANY), row), value


@pytest.mark.parametrize("seed", range(5))
def test_what_a_value_makes_of_a_filter_can_be_typed(seed: int) -> None:
    run_filter = RunFilter()
    for row in rows(seed):
        for value in row_values(row):
            made = [without_value(RunFilter(), value, ANY)] if can_exclude(value) else []
            made += [with_value(run_filter, value)] if can_take(value, ANY) else []
            for each in made:
                assert parse(format_filter(each), NOW) == each, value


def test_a_value_stands_in_the_place_of_the_one_before() -> None:
    slow, fast = RowValue("duration", "900ms"), RowValue("duration", "5ms")
    once = with_value(RunFilter(tasks=("a", "b"), text="x"), RowValue("task", "b"))
    assert once == RunFilter(tasks=("b",), text="x")
    assert with_value(with_value(once, slow), fast).conditions == ("duration:>=5ms",)
    twice = without_value(without_value(once, RowValue("tag", "q"), ANY), RowValue("tag", "q"), ANY)
    assert twice.conditions == ("-tag:q",)


def test_leaving_out_the_only_status_leaves_nothing_and_says_so() -> None:
    failed = RowValue("status", "FAILED")
    with pytest.raises(ValueError, match="no status is left"):
        without_value(RunFilter(statuses=("FAILED",)), failed, ANY)
    assert "FAILED" not in without_value(RunFilter(), failed, ANY).statuses


def test_the_menu_says_each_value_in_words_and_what_a_system_cannot_is_left_out() -> None:
    row = replace(rows(1)[0], status_name="TIMED_OUT", cost_cents=250.0)
    named = {name: words for _, name, words in value_options(row, ANY, takes=True)}
    assert named["status"] == "timed out"
    assert named["cost"] == "$2.5 or more"
    without_tags = replace(ANY, refused=frozenset(LISTS.values()))
    fields = {name for _, name, _ in value_options(row, without_tags, takes=True)}
    assert not fields & set(LISTS)
