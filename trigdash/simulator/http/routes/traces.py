"""The trace, the events and the spans of a run, and the addresses of its stored packets."""

from typing import Any

from trigdash.simulator.http import trace_pages, traces
from trigdash.simulator.http.credentials import presigned_link
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.routes.runs import readable_run
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.http.views import is_offloaded

_SIZE, _AFTER = "page[size]", "page[after]"
_FIELDS = ("payload", "output")


def trace(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/trace`: the tree, or on request a page (from 4.7.4).

    An organization can switch paging off; then the parameters are ignored.
    """
    run = readable_run(call)
    paged = _SIZE in call.query or _AFTER in call.query
    if paged and call.knows("4.7.4") and call.state.pages_traces:
        if call.state.trace_store == "postgres":
            raise Refusal(501, "Trace paging isn't supported by this deployment's trace store")
        return trace_pages.page(
            run, call.world.now_ms, call.query.get(_SIZE), call.query.get(_AFTER)
        )
    return traces.trace(run, call.world.now_ms, call.state.trace_store)


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


def packet(call: Call) -> Any:
    """`GET /api/v1/runs/{run}/packets/{field}`: 404 for a value that is kept with the run."""
    field = call.params["field"]
    if field not in _FIELDS:
        details = [{"code": "invalid_enum_value", "options": list(_FIELDS), "path": ["field"]}]
        raise Refusal(400, {"error": "Params Error", "details": details})
    run = readable_run(call, x_should_retry="false")
    sent = run.payload if field == "payload" else run.output
    if (
        sent is None
        or not is_offloaded(sent)
        or (field == "output" and run.status != "COMPLETED_SUCCESSFULLY")
    ):
        raise Refusal(404, "Not found")
    path = f"{run.id}/{field}.json"
    return {"presignedUrl": presigned_link(call.origin, run.env, path, call.world.now_ms)}


ROUTES = [
    Route("GET", "/api/v1/runs/{run}/trace", trace, "public", cors=True),
    Route("GET", "/api/v1/runs/{run}/events", events, "public", cors=True),
    Route("GET", "/api/v1/runs/{run}/spans/{span}", span, "public", cors=True),
    Route("GET", "/api/v1/runs/{run}/packets/{field}", packet, "public", cors=True, since="4.6.2"),
]
