"""An edit of a run's metadata, reduced to the changes and merged into the run's present metadata.

A task may write its metadata while the user edits them. Unchanged values are not sent, so nothing
that the task wrote meanwhile is lost. Where both changed the same value, both versions are shown.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from trigdash.model.json_walk import same_json

if TYPE_CHECKING:
    from trigdash.backends.base import Json

DEEPEST = 20
"""Objects down to this level are merged key by key; deeper ones count as one value."""


class Absent:
    """Marks a missing key."""


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that the user and somebody else changed differently."""

    path: tuple[str, ...]
    """Keys from the top."""
    theirs: object
    """The present value; ABSENT when it was removed."""
    mine: object
    """The typed value; ABSENT when it was removed."""


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """What to send. Keys of the top level only, since every server supports these."""

    changed: Mapping[str, Json] = field(default_factory=dict)
    """Key → its new value."""
    removed: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    """Values that sending would overwrite."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the top level that would be written."""
        return (*self.changed, *self.removed)


def change_of(
    before: Mapping[str, Json], after: Mapping[str, Json], now: Mapping[str, Json]
) -> MetadataChange:
    """The change that turns the run's present metadata (`now`) into the typed ones (`after`), for
    an editor that started with `before`. Empty when there is nothing to send."""
    conflicts: list[Conflict] = []
    merged = _merge_objects(before, after, now, (), conflicts)
    changed = {
        key: value
        for key, value in merged.items()
        if key not in now or not same_json(now[key], value)
    }
    removed = tuple(key for key in now if key not in merged)
    return MetadataChange(changed, removed, tuple(conflicts))


def counts(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[int, int, int]:
    """How many keys of the top level were added, changed and removed."""
    change = change_of(before, after, before)
    added = sum(key not in before for key in change.changed)
    return added, len(change.changed) - added, len(change.removed)


def _merge_objects(
    before: Mapping[str, object],
    mine: Mapping[str, object],
    theirs: Mapping[str, object],
    path: tuple[str, ...],
    conflicts: list[Conflict],
) -> dict[str, object]:
    """Their object with my changes, in their key order, new keys last."""
    merged = {
        key: _merge(
            before.get(key, ABSENT),
            mine.get(key, ABSENT),
            theirs.get(key, ABSENT),
            (*path, key),
            conflicts,
        )
        for key in _keys(theirs, mine)
    }
    return {key: value for key, value in merged.items() if value is not ABSENT}


def _merge(
    before: object,
    mine: object,
    theirs: object,
    path: tuple[str, ...],
    conflicts: list[Conflict],
) -> object:
    if same_json(mine, before):
        return theirs
    if same_json(theirs, before) or same_json(theirs, mine):
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict) and len(path) < DEEPEST:
        base = before if isinstance(before, dict) else {}
        return _merge_objects(base, mine, theirs, path, conflicts)
    conflicts.append(Conflict(path, theirs, mine))
    return mine


def _keys(*objects: Mapping[str, object]) -> Iterator[str]:
    return iter(dict.fromkeys(key for each in objects for key in each))
