"""How a change of a run's metadata is written: as operations, which leave other keys alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trigdash.backends.base import Json, Unsupported
from trigdash.model.clean import clean

_PATH = "$."
"""What makes the server read a key as a path into the metadata (reference)."""


def metadata_operations(
    changed: Mapping[str, Json], removed: Sequence[str]
) -> list[dict[str, Json]]:
    """The operations of `PUT /api/v1/runs/{run}/metadata` (recorded). Raises Unsupported for a key
    that the server would read as a path: it would write to another place."""
    for key in (*changed, *removed):
        if key.startswith(_PATH):
            raise Unsupported(f"the server reads the key {clean(key)} as a path: not sent")
    sets: list[dict[str, Json]] = [
        {"type": "set", "key": key, "value": value} for key, value in changed.items()
    ]
    return sets + [{"type": "delete", "key": key} for key in removed]
