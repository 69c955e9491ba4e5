"""The time window that a list says it used (from 4.8.9 on).

Its form is not published: a period, or ends as ISO times or milliseconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from trigdash.model.moment import datetime_of, moment_ns
from trigdash.model.run_filter import RunFilter

_PERIOD = re.compile(r"[1-9]\d{0,3}[smhdw]")


def applied_window(told: object) -> RunFilter | None:
    """The window in `appliedFilters`; None where nothing of it can be read."""
    window = told.get("createdAt") if isinstance(told, dict) else None
    if not isinstance(window, dict):
        return None
    period = window.get("period")
    if isinstance(period, str) and _PERIOD.fullmatch(period):
        return RunFilter(period=period)
    since, until = (_end(window.get(name)) for name in ("from", "to"))
    if since is None and until is None:
        return None
    return RunFilter(since=since, until=until)


def _end(told: object) -> datetime | None:
    try:
        if isinstance(told, str):
            return datetime_of(moment_ns(told))
        return datetime.fromtimestamp(told / 1000, UTC) if isinstance(told, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None
