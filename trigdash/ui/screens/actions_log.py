"""Every action that was sent from here: when, where, what, to what, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.service.actions.outcome import entry_of, read_log, stamp_of
from trigdash.service.cache.listing_query import HeldList
from trigdash.service.cache.store import Snapshot
from trigdash.ui.screens.resource import ResourceScreen

if TYPE_CHECKING:
    from trigdash.service.actions.outcome import AuditLog
    from trigdash.service.cache.query import Query

READ_EVERY_S = 3.0
"""Other programs may write to the log too."""


class ActionsScreen(ResourceScreen):
    """The action log. It is read here and not by the poller, which waits for the server."""

    def __init__(self) -> None:
        super().__init__("actions")
        self._stamp: object = None
        """What the log was when it was read."""
        self._problem = ""
        """Why not all of it could be read."""

    @override
    def on_mount(self) -> None:
        self.set_interval(READ_EVERY_S, self._read)
        self._read()

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return ()

    @property
    def _audit(self) -> AuditLog | None:
        connection = self.session.connection
        return connection.actions.audit if connection is not None else None

    def _read(self) -> None:
        """Read the log; without one, what this program has done since it was opened."""
        connection, audit, held = self.session.connection, self._audit, self.snapshot.data
        if connection is None:
            return
        done = connection.actions.outcomes
        stamp = stamp_of(audit.path) if audit is not None else len(done)
        if held is None or stamp != self._stamp:
            self._stamp = stamp
            if audit is not None:
                entries, self._problem = read_log(audit.path)
            else:
                entries = [entry_of(each, self.session.environment_slug) for each in done]
                entries.reverse()
            held = HeldList(tuple(entries))
        self.show_held(Snapshot(held, self.session.clock.now()))

    @override
    def totals_note(self) -> Cell:
        audit = self._audit
        if audit is None:
            return (("kept while trigdash runs ", "warn"),)
        if problem := audit.problem or self._problem:
            return ((f"{problem} ", "bad"),)
        return ((f"{audit.path} ", "faint"),)
