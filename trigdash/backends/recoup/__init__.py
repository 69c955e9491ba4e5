"""Recoup's `GET /api/tasks/runs`: the newest runs of an account, read-only.

Based on its published description alone, without a running server. There is no cursor and no
filter, so a list holds the newest 100 at most; the runs are raw Trigger.dev objects of either
status vocabulary, and every field beyond id, status, task and the two times may be missing. The
description speaks of an authenticated account and names no header: both the header's name and its
scheme are settings (`auth_header`, `auth_scheme`).
"""

from trigdash.model.capability import Reach
from trigdash.model.run_filter import SupportedFilters

NEWEST = 100
"""The most runs that the API returns; older runs cannot be read."""

REACH = Reach(newest=NEWEST)

SUPPORTED_FILTERS = SupportedFilters(
    refused=frozenset({"queues", "machines", "batch", "schedule", "bulk_action", "error"}),
    system="the Recoup API",
)
"""Missing filters need fields that no row has."""
