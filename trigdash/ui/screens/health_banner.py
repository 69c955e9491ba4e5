"""What the server says of the environment's health, beside the run list, where that is not well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from trigdash.model.capability import Capability
from trigdash.service.environments import IdentityQuery
from trigdash.service.health import HealthQuery

if TYPE_CHECKING:
    from trigdash.presentation.cell import Cell
    from trigdash.service.cache.query import Query
    from trigdash.service.cache.store import Snapshot
    from trigdash.service.session import Session


class HealthBanner:
    """Watches the report. A key that may not read it is asked no more, and nothing is said."""

    BESIDE = (IdentityQuery, HealthQuery)
    """Queries whose answers nobody waits for."""

    def __init__(self) -> None:
        self.cell: Cell = ()

    def queries(self, session: Session) -> Iterable[Query[Any]]:
        """What is watched, where the system has such a report."""
        return () if session.disabled_reason(Capability.HEALTH) else (HealthQuery(),)

    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        """The report arrived, or could not be read."""
        if isinstance(query, HealthQuery):
            from trigdash.presentation.health import health_banner

            self.cell = health_banner(snapshot.data)
