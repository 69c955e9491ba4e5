"""The words of `status:`: ways to type a status, and words for several statuses.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from trigdash.model.status import FILTERABLE, Kind, Status, status

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter

_STATUS_ALIASES = {
    "cancelled": "CANCELED",
    "running": "EXECUTING",
    "succeeded": "COMPLETED",
    "success": "COMPLETED",
    "error": "FAILED",
    "timeout": "TIMED_OUT",
}
_GROUPS: dict[str, Callable[[Status], bool]] = {
    "bad": lambda each: each.kind in (Kind.FAILED, Kind.LAPSED),
    "live": lambda each: not each.is_final,
    "with-error": lambda each: each.kind is Kind.FAILED,
}
"""Words for several statuses."""

FAILED = tuple(name for name in FILTERABLE if _GROUPS["bad"](status(name)))
"""The statuses of failed runs."""


def is_of_failures(run_filter: RunFilter) -> bool:
    """Whether a filter is for failed runs alone."""
    wanted = run_filter.statuses
    return bool(run_filter.error) or bool(wanted and set(wanted) <= set(FAILED))


def statuses_of(words: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """The words with `bad` and `live` expanded, unless the system has a status of that name."""
    several = set(_GROUPS) - set(_by_key(known))
    names: list[str] = []
    for word in words:
        names += group(word, known) if word.lower() in several else (word,)
    return tuple(names)


def group(word: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The statuses that a word for several means."""
    return tuple(name for name in known if _GROUPS[word.lower()](status(name)))


def statuses_without(words: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """All statuses except these. Raises ValueError that names an unknown status."""
    left_out = {status_name(word, known) for word in statuses_of(words, known)}
    kept = tuple(name for name in known if name not in left_out)
    if not kept:
        raise ValueError("no status is left")
    return kept


def status_name(value: str, known: tuple[str, ...]) -> str:
    wanted = _status_key(value)
    by_key = _by_key(known)
    if wanted in by_key:
        return by_key[wanted]
    usual = _STATUS_ALIASES.get(value.lower()) or _by_key(FILTERABLE).get(wanted)
    # In a view that was written for Trigger.dev, the words stand for their statuses in this system.
    same = [name for name in known if usual and status(name).kind is status(usual).kind]
    if same:
        return usual if usual in same else same[0]
    from difflib import get_close_matches

    close = get_close_matches(wanted, by_key, n=1, cutoff=0.5)
    names = ", ".join(typed_status(name) for name in known)
    hint = f"do you mean {typed_status(by_key[close[0]])}?" if close else f"one of {names}"
    raise ValueError(f"no status {value}: {hint}")


def _by_key(names: tuple[str, ...]) -> dict[str, str]:
    by_key = {_status_key(name): name for name in names}
    return by_key | {_status_key(status(name).word): name for name in names}


def _status_key(word: str) -> str:
    return re.sub(r"[\s_-]", "", word).lower()


def typed_status(name: str) -> str:
    """A status as it is typed: `timed-out`."""
    return status(name).word.replace(" ", "-")
