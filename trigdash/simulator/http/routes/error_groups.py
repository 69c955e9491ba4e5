"""Error groups: list, read, resolve, ignore and unresolve."""

from collections.abc import Callable
from typing import Any

from trigdash.simulator.http.listing import page_of, page_size
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import (
    custom_issue,
    invalid,
    json_body,
    query_error,
    type_name,
    want_object,
)
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.world.error_groups import ErrorGroup, decision_on, groups
from trigdash.simulator.world.records import Decision
from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.texts import (
    LONGEST_MS,
    date_ms,
    decode_cursor,
    duration_ms,
    encode_cursor,
    iso,
)

_STATUSES = ("unresolved", "resolved", "ignored")
_DAY_MS = 86_400_000
_ASKED = "filter[status]"
_MOST_REASON = 1_000


def _list(call: Call) -> object:
    """`GET /api/v1/errors`: most frequent first; the last day by default."""
    call.require("read:errors")
    size = page_size(call.query)
    wanted = _statuses(call)
    found = [
        (group, decision_on(call.env, group, call.world.now_ms))
        for group in groups(call.env, _counted(call)).values()
        if group.count and _fits(call, group)
    ]
    found = [pair for pair in found if wanted is None or pair[1].status in wanted]
    found.sort(key=lambda pair: _rank(pair[0]))
    chosen, pagination = page_of(
        found,
        size,
        _beyond(call.query.get("page[after]"), lambda here, there: here > there),
        _beyond(call.query.get("page[before]"), lambda here, there: here < there),
        lambda pair: _cursor(pair[0]),
    )
    data = [_item(group, decision) for group, decision in chosen]
    return {"data": data, "pagination": pagination}


def _statuses(call: Call) -> set[str] | None:
    text = call.query.get(_ASKED)
    if not text:
        return None
    unknown = [name for name in text.split(",") if name not in _STATUSES]
    if unknown:
        raise query_error(
            custom_issue(
                f"Invalid status values: {', '.join(unknown)}. Allowed: {', '.join(_STATUSES)}.",
                _ASKED,
            )
        )
    return set(text.split(","))


def _counted(call: Call) -> Callable[[Run], bool]:
    """A test for the runs that count: those of the window and of the requested versions."""
    now_ms = call.world.now_ms
    length_ms = duration_ms(call.query.get("filter[period]", ""))
    from_ms, to_ms = (date_ms(call.query.get(f"filter[{end}]", "")) for end in ("from", "to"))
    if length_ms is not None or (from_ms is None and to_ms is None):
        from_ms, to_ms = now_ms - (length_ms or _DAY_MS), None
    versions = {name for name in call.query.get("filter[version]", "").split(",") if name}

    def counts(run: Run) -> bool:
        ended_ms = run.updated_ms if run.finished_ms is None else run.finished_ms
        return (
            (from_ms is None or ended_ms >= from_ms)
            and (to_ms is None or ended_ms <= to_ms)
            and (not versions or run.version in versions)
        )

    return counts


def _fits(call: Call, group: ErrorGroup) -> bool:
    tasks = [name for name in call.query.get("filter[taskIdentifier]", "").split(",") if name]
    search = call.query.get("filter[search]", "").lower()
    text = f"{group.kind} {group.message} {group.task_id}".lower()
    return (not tasks or group.task_id in tasks) and search in text


def _rank(group: ErrorGroup) -> tuple[int, str]:
    return -group.count, group.fingerprint


def _cursor(group: ErrorGroup) -> str:
    return encode_cursor(
        {
            "occurrenceCount": group.count,
            "fingerprint": group.fingerprint,
            "taskIdentifier": group.task_id,
        }
    )


def _beyond(
    text: str | None, holds: Callable[[tuple[int, str], tuple[int, str]], bool]
) -> Callable[[tuple[ErrorGroup, Decision]], bool] | None:
    """The test of a cursor; one that cannot be read is ignored (recorded)."""
    parts = decode_cursor(text) if text else None
    if parts is None or "occurrenceCount" not in parts or "fingerprint" not in parts:
        return None
    place = -int(parts["occurrenceCount"]), str(parts["fingerprint"])
    return lambda pair: holds(_rank(pair[0]), place)


def _item(group: ErrorGroup, decision: Decision) -> dict[str, Any]:
    return {
        "id": f"error_{group.fingerprint}",
        "fingerprint": group.fingerprint,
        "taskIdentifier": group.task_id,
        "errorType": group.kind,
        "errorMessage": group.message,
        "status": decision.status,
        "count": group.count,
        "firstSeen": iso(group.first_ms),
        "lastSeen": iso(group.last_ms),
        "resolvedAt": _time(decision.resolved_ms),
        "ignoredUntil": _time(decision.ignored_until_ms),
    }


def _time(time_ms: int | None) -> str | None:
    return None if time_ms is None else iso(time_ms)


def _whole(group: ErrorGroup, decision: Decision) -> dict[str, Any]:
    return _item(group, decision) | {
        "affectedVersions": group.versions,
        "resolvedInVersion": decision.resolved_in_version,
        "resolvedBy": None,
        "ignoredAt": _time(decision.ignored_ms),
        "ignoredReason": decision.ignored_reason,
        "ignoredByUserId": None,
        "ignoredUntilOccurrenceRate": decision.occurrence_rate,
        "ignoredUntilTotalOccurrences": decision.total_occurrences,
    }


def _find(call: Call, missing: str, **headers: str) -> ErrorGroup:
    fingerprint = call.params["error"].removeprefix("error_")
    group = groups(call.env).get(fingerprint)
    if group is None:
        raise Refusal(404, missing, **headers)
    return group


def _retrieve(call: Call) -> object:
    call.require("read:errors")
    group = _find(call, "Not found", x_should_retry="false")
    return _whole(group, decision_on(call.env, group, call.world.now_ms))


def _decide(call: Call, decision: Decision) -> object:
    call.require("write:errors")
    group = _find(call, "Resource not found")
    call.env.error_decisions[group.fingerprint] = decision
    return _whole(group, decision)


def _resolve(call: Call) -> object:
    """`POST …/resolve`: a body is required, if only `{}` (recorded)."""
    body = want_object(json_body(call.body))
    version = body.get("resolvedInVersion")
    if version is not None and not isinstance(version, str):
        raise invalid(f"Expected string, received {type_name(version)}", "resolvedInVersion")
    return _decide(call, Decision("resolved", call.world.now_ms, version))


def _ignore(call: Call) -> object:
    """`POST …/ignore`: for a time, up to a rate or up to a count; a body is required."""
    body = want_object(json_body(call.body))
    for name in ("duration", "occurrenceRate", "totalOccurrences"):
        value = body.get(name)
        if value is not None and (type_name(value) != "number" or value <= 0):
            raise invalid("Number must be greater than 0", name)
    reason = body.get("reason")
    if reason is not None and not isinstance(reason, str):
        raise invalid(f"Expected string, received {type_name(reason)}", "reason")
    if len(reason or "") > _MOST_REASON:
        raise invalid(f"String must contain at most {_MOST_REASON} character(s)", "reason")
    now_ms = call.world.now_ms
    length_ms = body.get("duration")
    return _decide(
        call,
        Decision(
            "ignored",
            ignored_ms=now_ms,
            ignored_until_ms=None
            if length_ms is None
            else now_ms + int(min(length_ms, LONGEST_MS)),
            ignored_reason=reason,
            occurrence_rate=body.get("occurrenceRate"),
            total_occurrences=body.get("totalOccurrences"),
        ),
    )


def _unresolve(call: Call) -> object:
    """`POST …/unresolve`: needs no body (recorded)."""
    call.require("write:errors")
    group = _find(call, "Resource not found")
    call.env.error_decisions.pop(group.fingerprint, None)
    return _whole(group, Decision())


_PATH = "/api/v1/errors/{error}"
ROUTES = [
    Route("GET", "/api/v1/errors", _list, auth="public", cors=True),
    Route("GET", _PATH, _retrieve, auth="public", cors=True),
    Route("POST", f"{_PATH}/resolve", _resolve, auth="public", cors=True, wrong_method=400),
    Route("POST", f"{_PATH}/ignore", _ignore, auth="public", cors=True, wrong_method=400),
    Route("POST", f"{_PATH}/unresolve", _unresolve, auth="public", cors=True, wrong_method=400),
]
