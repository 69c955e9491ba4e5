"""Counts by status are kept up page by page, and stay what counting anew would give."""

from collections import Counter
from random import Random

from tests.fakes.backend import make_row
from trigdash.service.runs.run_list import RunList


def test_counts_follow_every_change_of_the_list() -> None:
    random, runs = Random(1), RunList()
    for turn in range(200):
        statuses = ("EXECUTING", "FAILED", "COMPLETED")
        page = {
            number: make_row(number, random.choice(statuses), updated_ms=turn * 10**7)
            for number in (random.randrange(500) for _ in range(30))
        }
        drop = [row.id for row in runs.rows if random.random() < 0.05]
        runs = runs.merge(page.values(), drop=drop)
        assert runs.counts() == Counter(row.status_name for row in runs.rows)


def test_an_older_list_still_counts_its_own_rows() -> None:
    older = RunList().merge([make_row(1, "EXECUTING")])
    older.merge([make_row(1, "FAILED", updated_ms=10**7)])
    assert older.counts() == {"EXECUTING": 1}
