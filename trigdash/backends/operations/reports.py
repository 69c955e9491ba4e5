"""The query endpoint's rows, and the health report of an environment."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from trigdash.backends.operation import Operation
from trigdash.model.capability import Capability
from trigdash.model.health import HealthReport
from trigdash.model.listing import Listing, rows_listing
from trigdash.model.wire import Wire, parse

W = TypeVar("W", bound=Wire)
_ANSWER = TypeAdapter(dict[str, Any])


def query_rows(
    statement: str, row_type: type[W], period: str | None = None, scope: str = "environment"
) -> Operation[Listing[W]]:
    """The rows of a statement, each as a `row_type`. `scope` is `environment` or `project`."""
    body = {"query": statement, "scope": scope} | ({"period": period} if period else {})
    return Operation(Capability.QUERY, ("v1", "query"), _rows_of(row_type), "POST", body=body)


def raw_rows(
    statement: str, period: str | None = None, scope: str = "environment"
) -> Operation[list[dict[str, Any]]]:
    """The rows of a statement as the server returns them."""
    body = {"query": statement, "scope": scope} | ({"period": period} if period else {})
    return Operation(Capability.QUERY, ("v1", "query"), _raw, "POST", body=body)


def _raw(body: bytes) -> list[dict[str, Any]]:
    rows = parse(_ANSWER, body).get("results")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


@lru_cache(maxsize=64)
def _rows_of(row_type: type[W]) -> Callable[[bytes], Listing[W]]:
    def read(body: bytes) -> Listing[W]:
        rows = parse(_ANSWER, body).get("results")
        return rows_listing(row_type, rows if isinstance(rows, list) else [])

    return read


_OBJECT = TypeAdapter(dict[str, Any])


def health_report(period: str) -> Operation[HealthReport]:
    """The report over a period such as `1h`; 403 if the key may not read its parts."""
    params = (("period", period), ("format", "json"))
    return Operation(
        Capability.HEALTH, ("v1", "reports", "health"), _read, params=params, since="4.5.9"
    )


def _read(body: bytes) -> HealthReport:
    raw = parse(_OBJECT, body)
    return HealthReport.model_validate(raw | {"raw": raw})
