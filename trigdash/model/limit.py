"""Concurrency limits: what holds runs of V2 queues (from server 4.7 on)."""

from __future__ import annotations

from typing import Annotated

from trigdash.model.wire import Count, Flag, Line, Moment, NullIsDefault, Whole, Wire


class Bound(Wire):
    """One bound of a limit: what holds now, what the code declares, what was overridden."""

    current: Whole | None = None
    base: Whole | None = None
    override: Whole | None = None
    overridden_at: Moment | None = None


class Limit(Wire):
    """One concurrency limit of an environment. `task/<id>` is a task's inline one."""

    id: Line = ""
    name: Line
    per_key: Annotated[Bound, NullIsDefault] = Bound()
    total: Annotated[Bound, NullIsDefault] = Bound()
    running: Count = 0
    queued: Count = 0
    paused: Flag = False

    @property
    def is_overridden(self) -> bool:
        """Whether either bound is."""
        return self.per_key.override is not None or self.total.override is not None

    @property
    def is_full(self) -> bool:
        """Whether the total bound lets nothing more start."""
        return self.total.current is not None and self.running >= self.total.current


class KeyBound(Wire):
    """The bound of one concurrency key."""

    current: Whole | None = None
    base: Whole | None = None
    override: Whole | None = None
    expires_at: Moment | None = None


class KeyLimit(Wire):
    """A limit as one concurrency key sees it (from 4.7.4 on)."""

    name: Line = ""
    concurrency_key: Line = ""
    per_key: Annotated[KeyBound, NullIsDefault] = KeyBound()
    running: Count = 0
    paused: Flag = False
