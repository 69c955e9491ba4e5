"""The query for the server's own report on the health of an environment.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.service.cache.query import MODELS_AFTER_S, Query, models_loaded

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.health import HealthReport


@dataclass(frozen=True, slots=True)
class HealthQuery(Query["HealthReport"]):
    """The report on the last hour."""

    period: str = "1h"

    EVERY_S: ClassVar[float] = 60.0

    @override
    async def read(self, backend: Backend) -> HealthReport:
        await models_loaded(MODELS_AFTER_S)
        from trigdash.backends.operations.reports import health_report

        return await backend.call(health_report(self.period))

    @override
    def is_refused_for_good(self) -> bool:
        return True
