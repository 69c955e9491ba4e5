"""The health report of an environment."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation
from trigdash.model.health import HealthReport
from trigdash.model.wire import parse

_OBJECT = TypeAdapter(dict[str, Any])


def health_report(period: str) -> Operation[HealthReport]:
    """The report over a period such as `1h`; 403 where a key may not read what it is made of."""
    params = (("period", period), ("format", "json"))
    return Operation(
        Capability.HEALTH, ("v1", "reports", "health"), _read, params=params, since="4.5.9"
    )


def _read(body: bytes) -> HealthReport:
    raw = parse(_OBJECT, body)
    return HealthReport.model_validate(raw | {"raw": raw})
