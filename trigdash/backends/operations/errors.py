"""Error groups: failures that look alike."""

from __future__ import annotations

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation, cursor_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.error_group import ErrorGroup
from trigdash.model.listing import object_parser

_PATH = ("v1", "errors")
_one = object_parser(ErrorGroup)
list_errors = listed(
    Capability.ERRORS, _PATH, ErrorGroup, cursor_page, params=(("filter[period]", "7d"),)
)
get_error = got(Capability.ERRORS, _PATH, ErrorGroup)


def resolve(error_id: str, version: str | None) -> Operation[ErrorGroup]:
    """Mark a group as resolved, in a version where one is named."""
    return _write(error_id, "resolve", {"resolvedInVersion": version})


def ignore(
    error_id: str,
    duration_ms: int | None,
    rate: float | None,
    total: int | None,
    reason: str | None,
) -> Operation[ErrorGroup]:
    """Ignore a group until a time, a rate per minute or a number of new occurrences."""
    return _write(
        error_id,
        "ignore",
        {
            "duration": duration_ms,
            "occurrenceRate": rate,
            "totalOccurrences": total,
            "reason": reason,
        },
    )


def unresolve(error_id: str) -> Operation[ErrorGroup]:
    """Take a resolution or an ignore back."""
    return _write(error_id, "unresolve", {})


def _write(error_id: str, step: str, body: dict[str, object]) -> Operation[ErrorGroup]:
    # A body is required, an empty object will do (recorded).
    return sent(Capability.ERROR_WRITES, (*_PATH, error_id, step), body, _one)
