"""The fewest steps that still lead to a failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def minimized(
    steps: Sequence[T], fails: Callable[[Sequence[T]], bool], may_go_on: Callable[[], bool]
) -> list[T]:
    """Steps without those that the failure does not need: first the shortest tail that fails, then
    without one part after another, in ever smaller parts. `fails` plays some steps anew."""
    kept = _tail(steps, fails, may_go_on)
    size = len(kept) // 2
    while size:
        start = 0
        while start < len(kept) and may_go_on():
            fewer = [*kept[:start], *kept[start + size :]]
            if fewer and fails(fewer):
                kept = fewer
            else:
                start += size
        size //= 2
    return kept


def _tail(
    steps: Sequence[T], fails: Callable[[Sequence[T]], bool], may_go_on: Callable[[], bool]
) -> list[T]:
    length = 1
    while length < len(steps) and may_go_on():
        if fails(steps[-length:]):
            return list(steps[-length:])
        length *= 4
    return list(steps)
