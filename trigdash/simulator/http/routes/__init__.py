"""The routes of the API, a module for each noun. To add one, list it here."""

from collections.abc import Iterator

from trigdash.simulator.http.routes import (
    alerts,
    batches,
    branches,
    builds,
    bulk_actions,
    dashboards,
    deployments,
    error_groups,
    limits,
    packets,
    projects,
    prompts,
    query,
    queue_metrics,
    queues,
    realtime,
    reports,
    runs,
    schedules,
    sessions,
    tokens,
    traces,
    triggers,
    variables,
    waitpoints,
    webhooks,
)
from trigdash.simulator.http.routing import Route

NOUNS = (
    alerts,
    runs,
    traces,
    triggers,
    batches,
    bulk_actions,
    error_groups,
    queues,
    limits,
    schedules,
    waitpoints,
    deployments,
    builds,
    variables,
    packets,
    tokens,
    sessions,
    prompts,
    webhooks,
    query,
    dashboards,
    queue_metrics,
    realtime,
    reports,
    branches,
    projects,
)


def all_routes() -> Iterator[Route]:
    """Every route, the fixed paths of all nouns included."""
    for noun in NOUNS:
        yield from noun.ROUTES
