"""Whatever a server sends, a parser gives a value or a ValueError; all else ends the program."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest

from tests.model.mutation import mutated
from tests.recorded import successes_of
from trigdash.model.batch import parse_batch
from trigdash.model.bulk import parse_bulk
from trigdash.model.environment import (
    parse_access,
    parse_environments,
    parse_projects,
    parse_whoami_environment,
    parse_whoami_user,
)
from trigdash.model.error_group import parse_error_groups
from trigdash.model.event import parse_events
from trigdash.model.queue import parse_queue, parse_queue_metrics, parse_queues
from trigdash.model.run import parse_run
from trigdash.model.run_page import parse_runs
from trigdash.model.span import parse_span
from trigdash.model.trace import parse_trace

PARSERS: dict[Callable[[bytes], object], tuple[str, ...]] = {
    parse_runs: ("runs_list",),
    parse_run: ("runs_get_v3",),
    parse_trace: ("run_trace", "run_trace_pgstore"),
    parse_events: ("run_events", "run_events_pgstore"),
    parse_span: ("run_span", "run_span_pgstore"),
    parse_batch: ("batches_get_v2",),
    parse_bulk: ("bulk_actions_get",),
    parse_queue: ("queues_get",),
    parse_queues: ("queues_list",),
    parse_queue_metrics: ("queues_metrics",),
    parse_environments: ("project_environments",),
    parse_projects: ("projects_list",),
    parse_access: ("project_env_get",),
    parse_whoami_environment: ("whoami_v1",),
    parse_whoami_user: ("whoami_v2",),
    parse_error_groups: ("errors_list",),
}

TIMES = 600
"""Mutations for each parser: about three seconds for all."""

LONGEST = 60_000
"""Longer answers repeat what shorter ones have, and take their time."""


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
def test_a_mutated_answer_is_a_value_or_a_value_error(parser: Callable[[bytes], object]) -> None:
    bodies = [a.body for a in successes_of(*PARSERS[parser]) if len(a.body) < LONGEST]
    assert bodies
    random = Random(parser.__name__)
    for _ in range(TIMES):
        with suppress(ValueError):
            parser(mutated(random.choice(bodies), random))
