"""Realtime feeds: what the server tells of runs by itself, as soon as it changes.

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
    """Where a listener stands. Made by a backend, which alone looks into it."""

    offset: str
    handle: str
    cursor: str = ""
    is_current: bool = False
    """Whether all that had happened was told; only then the server waits for what comes."""
    rows: Mapping[str, Columns] = field(default_factory=dict)
    """All that was told, by the key of the row: a message may tell only what changed."""


@dataclass(frozen=True, slots=True)
class RunChange:
    """What a feed truly tells of a run. It tells less than a run has."""

    run_id: str
    status_name: str
    """In the words of the API; empty where the feed's own word has no such."""
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
