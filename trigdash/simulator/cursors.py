"""Cursors of lists: opaque to clients, base64url JSON to us."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from trigdash.simulator.json_text import read_json

Item = TypeVar("Item")


def encode(parts: Mapping[str, object]) -> str:
    """A cursor from the values that name a place."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str) -> dict[str, Any] | None:
    """The values in a cursor; None for one that cannot be read."""
    try:
        found = read_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def page(
    items: Sequence[Item],
    size: int,
    after: Callable[[Item], bool] | None,
    before: Callable[[Item], bool] | None,
    cursor: Callable[[Item], str],
) -> tuple[Sequence[Item], dict[str, str]]:
    """A page of a list, and its `pagination`.

    `after` tells the items beyond a cursor, `before` those ahead of one; the list keeps its order
    in both directions. `next` and `previous` are there only where they lead somewhere.
    """
    if before is not None:
        fitting = [item for item in items if before(item)]
        chosen = fitting[-size:]
        more_behind, more_ahead = bool(chosen), len(fitting) > size
    else:
        fitting = [item for item in items if after is None or after(item)]
        chosen = fitting[:size]
        more_behind, more_ahead = len(fitting) > size, after is not None
    pagination = {}
    if chosen and more_behind:
        pagination["next"] = cursor(chosen[-1])
    if chosen and more_ahead:
        pagination["previous"] = cursor(chosen[0])
    return chosen, pagination
