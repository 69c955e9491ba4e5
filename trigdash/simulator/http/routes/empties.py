"""Resources that the simulated project does not have; their lists are empty."""

from trigdash.simulator.http.requests import custom_issue, query_error
from trigdash.simulator.http.routing import Call, Route

_DELIVERY_STATUSES = ("pending", "processing", "succeeded", "failed", "filtered")


def _prompts(call: Call) -> object:
    call.require("read:prompts")
    return {"data": []}


def _endpoints(call: Call) -> object:
    call.require("read:webhooks")
    return {"data": []}


def _deliveries(call: Call) -> object:
    """`GET /api/v1/webhooks/deliveries`: an unknown status is a 400."""
    call.require("read:webhooks")
    name = "filter[status]"
    given = [part for part in call.query.get(name, "").split(",") if part]
    unknown = [part for part in given if part not in _DELIVERY_STATUSES]
    if unknown:
        raise query_error(custom_issue(f"Invalid status values: {', '.join(unknown)}", name))
    return {"data": [], "pagination": {}}


ROUTES = [
    Route("GET", "/api/v1/prompts", _prompts, "public", cors=True),
    Route("GET", "/api/v1/webhooks/endpoints", _endpoints, "public", cors=True),
    Route("GET", "/api/v1/webhooks/deliveries", _deliveries, "public", cors=True),
]
