"""The trace, the events and the spans of a run."""

from typing import Any

from trigdash.simulator.http import traces
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.routes.runs import readable_run
from trigdash.simulator.http.routing import Call, Route


def trace(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/trace`"""
    return traces.trace(readable_run(call), call.world.now_ms, call.state.trace_store)


def events(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/events`"""
    return traces.events(readable_run(call), call.world.now_ms, call.state.trace_store)


def span(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/spans/{span}`"""
    run = readable_run(call)
    found = traces.span_detail(run, call.params["span"], call.world.now_ms, call.state.trace_store)
    if found is None:
        raise Refusal(404, "Span not found")
    return found


ROUTES = [
    Route("GET", "/api/v1/runs/{run}/trace", trace, "public", cors=True),
    Route("GET", "/api/v1/runs/{run}/events", events, "public", cors=True),
    Route("GET", "/api/v1/runs/{run}/spans/{span}", span, "public", cors=True),
]
