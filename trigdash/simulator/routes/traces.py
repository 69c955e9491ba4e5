"""The trace, the events and the spans of a run."""

from typing import Any

from trigdash.simulator import traceviews
from trigdash.simulator.replies import Refusal
from trigdash.simulator.routes.runs import readable_run
from trigdash.simulator.routing import Call, Route


def trace(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/trace`"""
    return traceviews.trace(readable_run(call), call.world.now_ms, call.face.trace_store)


def events(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/events`"""
    return traceviews.events(readable_run(call), call.world.now_ms, call.face.trace_store)


def span(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/spans/{span}`"""
    run = readable_run(call)
    found = traceviews.span_detail(
        run, call.params["span"], call.world.now_ms, call.face.trace_store
    )
    if found is None:
        raise Refusal(404, "Span not found")
    return found


ROUTES = [
    Route("GET", "/api/v1/runs/{run}/trace", trace, "public", cors=True),
    Route("GET", "/api/v1/runs/{run}/events", events, "public", cors=True),
    Route("GET", "/api/v1/runs/{run}/spans/{span}", span, "public", cors=True),
]
