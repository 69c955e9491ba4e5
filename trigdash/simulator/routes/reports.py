"""`GET /api/v1/reports/{key}`: prepared reports, for tokens that are allowed to read them."""

import re

from trigdash.simulator import reports
from trigdash.simulator.durations import duration_ms
from trigdash.simulator.replies import Refusal
from trigdash.simulator.requests import custom_issue, query_error
from trigdash.simulator.routing import FORBIDDEN, Call, Response, Route

_PERIOD = re.compile(r"[1-9]\d*[mhdw]")
_FORMATS = ("markdown", "json", "ansi")


def _report(call: Call) -> object:
    """A plain secret key is refused (recorded); a token needs `read:reports`."""
    if call.scopes is None:
        raise Refusal(403, FORBIDDEN)
    call.require(f"read:reports:{call.params['report']}")
    if call.params["report"] != "health":
        raise Refusal(404, "Not found", x_should_retry="false")
    period, form = call.query.get("period", "1h"), call.query.get("format", "markdown")
    length_ms = duration_ms(period) if _PERIOD.fullmatch(period) else None
    if length_ms is None:
        raise query_error(custom_issue("period must be a shorthand like '30m' or '1h'", "period"))
    if form not in _FORMATS:
        raise query_error(custom_issue(f"Invalid format: {form}", "format"))
    now_ms = call.world.now_ms
    health = reports.measure(call.env, now_ms - length_ms, now_ms)
    if form == "json":
        return reports.view(call.env, health, period, length_ms // 60_000, now_ms)
    told = reports.text(call.env, health, period)
    return Response(told, 200, {"content-type": "text/markdown; charset=utf-8"})


ROUTES = [Route("GET", "/api/v1/reports/{report}", _report, "public")]
