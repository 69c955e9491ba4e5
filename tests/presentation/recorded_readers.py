"""What reads each recorded answer in the program, and how its value is shown on both faces.

A recording is named after its operation: `queues_list__page`. LISTS and ONES are read by a
resource, VIEWS have lines of their own, DONE says no more than that something was done, and
NOT_READ is what trigdash does not ask for, with the reason.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from trigdash.backends.operations import groups, inputs, project, reports, runs
from trigdash.backends.operations.environments import dev_status
from trigdash.backends.trigger import parsers
from trigdash.commands.output import FORMATS, Output, OutputOptions
from trigdash.model.run import Run
from trigdash.model.span_times import SpanTimes
from trigdash.presentation.cell import cell_text
from trigdash.presentation.field import json_value
from trigdash.presentation.queues import metrics_cell
from trigdash.presentation.registry import load_resource
from trigdash.presentation.resource import Resource, detail_lines
from trigdash.presentation.run.event_lines import EventLines
from trigdash.presentation.run.overview import overview_lines
from trigdash.presentation.run.run_view import RunView
from trigdash.presentation.run.trace_lines import TraceLines
from trigdash.presentation.run.trace_rows import TraceRows
from trigdash.service.cache.store import Snapshot

NOW_MS = 1_795_400_000_000.0
NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)
NOW_NS = int(NOW_MS) * 1_000_000
WIDTH = 100

Parser = Callable[[bytes], Any]
Lines = Callable[[Any], Iterable[str]]

LISTS: Mapping[str, tuple[str, Parser]] = {
    name: (resource, load_resource(resource).page(page).parser)
    for name, resource, page in (
        ("queues_list", "queues", None),
        ("schedules_list", "schedules", None),
        ("deployments_list", "deployments", None),
        ("errors_list", "errors", None),
        ("waitpoint_tokens_list", "tokens", None),
        ("envvars_list", "variables", None),
        ("sessions_list", "sessions", None),
        ("project_environments", "environments", None),
        ("project_branches", "environments", "branches"),
        ("project_runs_list", "allruns", None),
        ("webhooks_endpoints_list", "webhooks", None),
        ("webhooks_deliveries_list", "deliveries", None),
    )
} | dict.fromkeys(("runs_list", "ratelimit_headers"), ("runs", parsers.parse_runs))


def _parser_of_one(resource: str) -> Parser:
    get = load_resource(resource).get
    assert get is not None
    parser: Parser = get("any").parser
    return parser


def _run_row(body: bytes) -> object:
    return parsers.parse_run(body).row()


ONES: Mapping[str, tuple[str, Parser]] = {
    "schedules_get": ("schedules", _parser_of_one("schedules")),
    "schedules_create": ("schedules", inputs.create_schedule("a", "b", "c", None, None).parser),
    "schedules_update": ("schedules", _parser_of_one("schedules")),
    "schedules_activate": ("schedules", inputs.set_active("a", active=True).parser),
    "schedules_deactivate": ("schedules", inputs.set_active("a", active=False).parser),
    "deployments_get": ("deployments", project.get_deployment("any").parser),
    "deployments_latest": ("deployments", project.get_deployment("latest").parser),
    "errors_get": ("errors", groups.get_error("any").parser),
    "errors_resolve": ("errors", groups.resolve("any", None).parser),
    "errors_ignore": ("errors", groups.ignore("any", None, None, None, None).parser),
    "errors_unresolve": ("errors", groups.unresolve("any").parser),
    "waitpoint_tokens_get": ("tokens", _parser_of_one("tokens")),
    "envvars_get": ("variables", project.get_variable("any").parser),
    "sessions_get": ("sessions", _parser_of_one("sessions")),
    "runs_get_v3": ("runs", _run_row),
    "run_reschedule": ("runs", _run_row),
    **{
        f"queues_{name}": ("queues", parsers.parse_queue)
        for name in ("get", "pause", "resume", "override", "reset")
    },
}


# Views of their own


def overview(run: Run) -> Iterator[str]:
    """A run's first tab."""
    view = RunView(run.id)
    view.take_run(run)
    return (cell_text(line.cell) for line in overview_lines(view, NOW, WIDTH))


def _trace(trace: Any) -> Iterator[str]:
    rows = TraceRows(trace)
    rows.toggle_engine()
    lines = TraceLines(rows, SpanTimes(trace), NOW_NS)
    assert len(lines) == len(trace), "each span has a line"
    return (cell_text(lines.line(at, WIDTH)) for at in range(len(lines)))


def _events(log: Any) -> Iterator[str]:
    lines = EventLines(log)
    return map(lines.text, lines.shown)


def _metrics(metrics: Any) -> Iterator[str]:
    yield cell_text(metrics_cell(Snapshot(metrics, NOW), None, NOW))


def _table(rows: list[dict[str, Any]]) -> Iterator[str]:
    for form in FORMATS:
        stream = io.StringIO()
        Output(OutputOptions(form), lambda: NOW_MS, stream).table(rows)
        yield from stream.getvalue().splitlines()


def _results(results: Any) -> Iterator[str]:
    """How the runs of a batch ended."""
    return _table([json_value(row) for row in results.rows])


def _record(value: Any) -> Iterator[str]:
    """A value that one line tells: its words."""
    yield str(value)


VIEWS: Mapping[str, tuple[Parser, Lines]] = {
    "run_trace": (parsers.parse_trace, _trace),
    "run_trace_pgstore": (parsers.parse_trace, _trace),
    "run_events": (parsers.parse_events, _events),
    "run_events_pgstore": (parsers.parse_events, _events),
    "run_span": (parsers.parse_span, _record),
    "run_span_pgstore": (parsers.parse_span, _record),
    "batches_get": (parsers.parse_batch, _record),
    "batches_get_v1": (parsers.parse_batch, _record),
    "batches_get_v2": (groups.get_batch("any").parser, _record),
    "batch_results": (groups.batch_results("any").parser, _results),
    "timezones": (inputs.list_timezones().parser, _record),
    "queues_metrics": (parsers.parse_queue_metrics, _metrics),
    "bulk_actions_get": (parsers.parse_bulk, _record),
    "bulk_actions_list": (parsers.parse_bulks, _record),
    "deployments_current": (project.current_deployment().parser, _record),
    "project_workers_current": (project.current_worker().parser, _record),
    "project_dev_status": (dev_status().parser, _record),
    "project_env_get": (parsers.parse_access, _record),
    "projects_list": (parsers.parse_projects, _record),
    "whoami_v1": (parsers.parse_whoami_environment, _record),
    "whoami_v2": (parsers.parse_whoami_user, _record),
    "query": (reports.raw_rows("").parser, _table),
    "query_dashboards": (runs.takes_replay_changes().parser, _record),
    "packets_v1_get": (runs.packet_address("any", "output").parser, _record),
    "task_trigger": (project.trigger_task("any", None, {}).parser, _record),
    "run_replay": (runs.replay_run("any", {}).parser, _record),
    "run_tags_post": (parsers.parse_message, _record),
    "bulk_actions_create": (parsers.parse_id, _record),
    "batches_v3_create": (groups.create_batch(1).parser, _record),
    "deployments_promote": (project.promote("any").parser, _record),
    "waitpoint_tokens_create": (inputs.create_token(None, None, None).parser, _record),
}

DONE = frozenset(
    {
        *("run_cancel", "run_metadata_put", "bulk_actions_abort", "batches_v3_items"),
        *("envvars_create", "envvars_update", "envvars_delete", "envvars_import"),
        *("schedules_delete", "waitpoint_tokens_complete", "sessions_close"),
        *("project_env_pause", "project_env_resume", "project_branches_archive"),
    }
)
"""Writes whose success says all: the list that is read anew tells what has become of it."""

_OF_BUILDS = "the platform's own command line builds and deploys; trigdash promotes what is built"
_OF_STREAMS = "the realtime streams need Electric's protocol; trigdash polls within its rate share"
_OF_PROMPTS = "prompts are no part of the published operations, and have no list"
_OF_KEYS = "makes a credential: trigdash uses the one that it has"
NOT_READ: Mapping[str, str] = {
    "auth_jwt": _OF_KEYS,
    "auth_jwt_claims": _OF_KEYS,
    "auth_public_token": _OF_KEYS,
    "project_env_jwt": _OF_KEYS,
    "project_env_regenerate_api_key": _OF_KEYS,
    "run_result": "a part of the run's own answer; missing for most runs that ended (recorded)",
    "run_metadata_get": "a part of the run's own answer, which trigdash reads",
    "batches_list": "no such route (recorded): batches are found among recent runs",
    "runs_get_v1": "no such route (recorded)",
    "run_tags_get": "no such route (recorded): tags come with the run",
    "deployment_background_worker": _OF_BUILDS,
    "deployment_finalize": _OF_BUILDS,
    "deployments_create": _OF_BUILDS,
    "deployments_cancel": _OF_BUILDS,
    "deployments_fail": _OF_BUILDS,
    "envvars_all": "the route of one environment is asked for each",
    "idempotency_key_reset": "an operation of tasks, for their own keys",
    "healthcheck": "says that a server is up; every answer does",
    "method_not_allowed": "a request that trigdash never sends",
    "options_preflight": "a request of browsers",
    "org_projects": "the list of all projects is asked for",
    "orgs_list": "the list of all projects names the organization of each",
    "projects_get": "the list of all projects has the same of each",
    "packets_v2_put": "stores a payload apart before a trigger; trigdash sends payloads inline",
    "project_branches_create": "branches are made by the platform's own command line",
    "prompts_get": _OF_PROMPTS,
    "prompts_list": _OF_PROMPTS,
    "prompts_resolve": _OF_PROMPTS,
    "prompts_versions": _OF_PROMPTS,
    "query_schema": "statements are fixed, or the user's own",
    "ratelimit_429": "a refusal, which is told for every operation",
    "realtime": _OF_STREAMS,
    "reports": "recorded as Markdown; trigdash asks for JSON, see test_platform_live",
    "sessions_create": "an operation of agents; trigdash closes sessions",
    "sessions_update": "an operation of agents; trigdash closes sessions",
    "tasks_batch_by_id": "batches are triggered by the streamed form (v3)",
    "tasks_batch_v1": "batches are triggered by the streamed form (v3)",
    "tasks_batch_v2": "batches are triggered by the streamed form (v3)",
    "trailing_slash": "a redirect, which is a refusal",
    "unknown_api_route": "a refusal",
    "waitpoint_tokens_callback": "the address is copied for who calls back",
}


# Both faces


def row_text(resource: Resource[Any], row: Any) -> Iterator[str]:
    """A row of a list, a line of its explanation, and its detail."""
    yield from (cell_text(field.column().cell(row, NOW_MS)) for field in resource.fields)
    yield cell_text(resource.explanation(row, NOW_MS))
    lines = detail_lines(resource, row, NOW_MS, lambda field: False)
    yield from (cell_text(line.cell) for line in lines)


def printed(resource: Resource[Any], rows: list[Any], form: str) -> str:
    """What `list` prints in a format."""
    stream = io.StringIO()
    Output(OutputOptions(form), lambda: NOW_MS, stream).rows(resource, rows)
    return stream.getvalue()


def printed_one(resource: Resource[Any], row: Any) -> str:
    """What `get` prints."""
    stream = io.StringIO()
    Output(OutputOptions(), lambda: NOW_MS, stream).row(resource, row)
    return stream.getvalue()
