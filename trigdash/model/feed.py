"""Realtime feeds: changes of runs that the server sends as soon as they happen.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

MOST_FEEDS = 4
"""Feeds listened to at a time: servers limit the connections that are held open for them."""

Columns = Mapping[str, str | None]
"""The columns of a row as the wire has them: texts or null."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What is listened to. One of the three is given."""

    run_id: str = ""
    tag: str = ""
    """The runs of the last 24 hours that have this tag."""
    batch_id: str = ""


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """The position of a listener in a feed. Made and read by the backend only."""

    offset: str
    handle: str
    cursor: str = ""
    is_current: bool = False
    """Whether the listener is up to date; only then the server waits for the next change."""
    rows: Mapping[str, Columns] = field(default_factory=dict)
    """Everything received so far, by the key of the row, since a message may have only the
    changes."""


@dataclass(frozen=True, slots=True)
class RunChange:
    """The reliable fields of a run in a feed, which are fewer than a run has."""

    run_id: str
    status_name: str
    """The status in the API's words; empty if the feed's word has no counterpart."""
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    delayed_until: datetime | None = None
    expired_at: datetime | None = None
    compute_ms: int = 0
    cost_cents: float = 0.0
    base_cost_cents: float = 0.0


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """One answer of a feed."""

    position: FeedPosition
    changes: tuple[RunChange, ...] = ()
    is_current: bool = False
    """Whether nothing more had happened when the server answered."""
