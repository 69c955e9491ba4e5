"""How much of each list is read, and whether the server has more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest

from trigdash.backends.base import Backend
from trigdash.model.listing import Listing
from trigdash.service.now.failing import more_than_usual
from trigdash.service.now.readings import _COUNTS, ENOUGH, _failures, read_pages


class ThreePages:
    """A list of three pages with a row each."""

    async def call(self, operation: Listing[int]) -> Listing[int]:
        return operation

    def page(self, page: str | None) -> Any:
        number = int(page or 1)
        return Listing(rows=(number,), next=str(number + 1) if number < 3 else None)


@pytest.mark.parametrize(
    ("most", "rows", "has_more"), [(1, (1,), True), (2, (1, 2), True), (3, (1, 2, 3), False)]
)
async def test_pages_are_read_up_to_a_bound_and_what_is_left_is_told(
    most: int, rows: tuple[int, ...], has_more: bool
) -> None:
    server = ThreePages()
    read = await read_pages(cast(Backend, server), server.page, most)
    assert (read.rows, read.has_more) == (rows, has_more)


@pytest.mark.parametrize("odd", [10**30, -5, 0, "9" * 5_000, None, [], float("inf")])
@pytest.mark.parametrize("name", _COUNTS)
def test_figures_that_cannot_be_are_no_more_than_all_runs(name: str, odd: object) -> None:
    usual = {"recent": 40, "recent_failed": 20, "runs": 900, "failed": 22, "latest": 20}
    row = {"task_identifier": "a", **usual, "latest_failed": 10, name: odd}
    read = _failures(row)
    assert 0 <= read.recent_failed <= read.recent
    assert 0 <= read.before_failed <= read.before
    assert 0 <= read.latest_failed <= read.latest
    assert len(more_than_usual([read])) <= 1


@pytest.mark.parametrize(
    ("told", "works"),
    [(1_500, 1_500), ("2.5", 2.5), (None, None), ("nan", None), (-3, 0), (1e300, None)],
)
def test_lengths_that_cannot_be_are_not_known(told: object, works: float | None) -> None:
    read = _failures({"task_identifier": "a", "runs": 900, "works_ms": told})
    assert read.works == (None if works is None else timedelta(milliseconds=works))


def test_few_waits_do_not_tell_what_is_usual() -> None:
    assert _failures({"runs": ENOUGH - 1, "usual_wait_ms": 9}).usual_wait is None
    assert _failures({"runs": ENOUGH, "usual_wait_ms": 9}).usual_wait is not None
