"""Incoming webhooks: endpoints, their secrets, deliveries, replays, and runs that wait for one.

Before 4.8 an endpoint has `webhook` where it has `declaredId` now, and a delivery names its run.
"""

from typing import Any

from trigdash.simulator.http.listing import keyed_page, listed, page_size
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
from trigdash.simulator.world import actions, waitpoints
from trigdash.simulator.world.environments import Spawn
from trigdash.simulator.world.ids import friendly, letters, mix
from trigdash.simulator.world.texts import date_ms, duration_ms, iso
from trigdash.simulator.world.webhooks import STATUSES, Delivery, Endpoint, Subscriber, Webhooks

_MOST_OVERLAP_S = 604_800
_MOST_SECRET = 4_096
_MOST_PATHS = 5
_DAY_MS = 86_400_000
_MOST_WAIT_MS = 90 * _DAY_MS


def _webhooks(call: Call) -> Webhooks | None:
    """The endpoints of the caller's environment; only the main one has any."""
    return call.state.webhooks if call.env is call.state.webhooks.env else None


def _list(call: Call) -> object:
    """`GET /api/v1/webhooks/endpoints`"""
    call.require("read:webhooks")
    held = _webhooks(call)
    return {"data": [] if held is None else [_endpoint(call, e) for e in held.endpoints.values()]}


def _endpoint(call: Call, endpoint: Endpoint) -> dict[str, Any]:
    name = "declaredId" if call.knows("4.8") else "webhook"
    return {
        "id": endpoint.id,
        name: endpoint.declared_id,
        "source": endpoint.source,
        "status": endpoint.status,
        "secretProvisioning": "provider",
        "secretSet": True,
        "tenantId": None,
        "externalRef": None,
        "url": f"{call.origin}/webhooks/v1/{endpoint.id}",
        "createdAt": iso(endpoint.created_ms),
        "updatedAt": iso(endpoint.updated_ms),
    }


def _find(call: Call, scope: str) -> Endpoint:
    call.require(scope)
    held = _webhooks(call)
    found = None if held is None else held.find(call.params["endpoint"])
    if found is None:
        missing = {"error": "Webhook endpoint not found", "code": "webhook_endpoint_not_found"}
        raise Refusal(404, missing)
    return found


def _retrieve(call: Call) -> object:
    endpoint = _find(call, "read:webhooks")
    subscribers = [
        {"id": each.id, "type": "task", "taskId": each.task_id, "filter": each.filter}
        for each in endpoint.subscribers
    ]
    prompt = f"Send the events of {endpoint.source} to the url of this endpoint."
    return _endpoint(call, endpoint) | {"subscribers": subscribers, "setupPrompt": prompt}


def _enable(call: Call) -> object:
    return _set_status(call, "active")


def _disable(call: Call) -> object:
    return _set_status(call, "inactive")


def _set_status(call: Call, status: str) -> object:
    endpoint = _find(call, "write:webhooks")
    endpoint.status, endpoint.updated_ms = status, call.world.now_ms
    return _endpoint(call, endpoint)


def _rotate(call: Call) -> object:
    """`POST …/rotate-secret`: the new secret is shown this once."""
    body = want_object(json_body(call.body, None) or {}) if call.body else {}
    endpoint = _find(call, "write:webhooks")
    seed = actions.fresh_seed(call.world, call.env)
    return {**_keep_secret(call, endpoint, f"whsec_{letters(seed, 32)}", body),
            "secret": endpoint.secret}  # fmt: skip


def _set_secret(call: Call) -> object:
    """`PUT …/secret`: the secret of the other system."""
    body = want_object(json_body(call.body))
    secret = body.get("secret")
    if not isinstance(secret, str) or not 1 <= len(secret) <= _MOST_SECRET:
        raise invalid("String must contain at least 1 character(s)", "secret")
    return _keep_secret(call, _find(call, "write:webhooks"), secret, body)


def _keep_secret(
    call: Call, endpoint: Endpoint, secret: str, body: dict[str, Any]
) -> dict[str, Any]:
    overlap_s = body.get("previousSecretTtlSeconds", 0)
    if type_name(overlap_s) != "number" or not 0 <= overlap_s <= _MOST_OVERLAP_S:
        raise invalid("Number is out of range", "previousSecretTtlSeconds")
    endpoint.secret, endpoint.updated_ms = secret, call.world.now_ms
    answer: dict[str, Any] = {"id": endpoint.id, "secretSet": True}
    if overlap_s:
        endpoint.previous_until_ms = call.world.now_ms + int(overlap_s * 1000)
        answer["previousSecretExpiresAt"] = iso(endpoint.previous_until_ms)
    return answer


# Deliveries


def _deliveries(call: Call) -> object:
    """`GET /api/v1/webhooks/deliveries`: newest first; an unknown status is a 400."""
    call.require("read:webhooks")
    size = page_size(call.query)
    known = STATUSES if call.knows("4.8") else STATUSES[:-1]
    statuses = listed(call.query, "filter[status]")
    unknown = [each for each in statuses if each not in known]
    if unknown:
        issue = custom_issue(f"Invalid status values: {', '.join(unknown)}", "filter[status]")
        raise query_error(issue)
    names = listed(call.query, "filter[endpoint]" if call.knows("4.8") else "filter[webhook]")
    from_ms, to_ms = _window(call)
    held = _webhooks(call)
    found = [
        each
        for each in (held.deliveries(call.world.now_ms) if held else [])
        if (not statuses or each.status in statuses)
        and (not names or each.endpoint.id in names or each.endpoint.declared_id in names)
        and (from_ms is None or each.created_ms >= from_ms)
        and (to_ms is None or each.created_ms <= to_ms)
        and each.status in known
    ]
    by_id = {each.id: each for each in found}
    chosen, pagination = keyed_page(call.query, found, size, by_id.get, lambda each: each.id)
    return {"data": [_delivery(call, each) for each in chosen], "pagination": pagination}


def _window(call: Call) -> tuple[int | None, int | None]:
    length_ms = duration_ms(call.query.get("filter[period]", ""))
    if length_ms is not None:
        return call.world.now_ms - length_ms, None
    from_ms, to_ms = (date_ms(call.query.get(f"filter[{end}]", "")) for end in ("from", "to"))
    return from_ms, to_ms


def _delivery(call: Call, delivery: Delivery) -> dict[str, Any]:
    endpoint = delivery.endpoint
    body: dict[str, Any] = {"id": delivery.id}
    if call.knows("4.8"):
        body["endpoint"] = {"id": endpoint.id, "declaredId": endpoint.declared_id}
    else:
        body["webhook"] = endpoint.declared_id
        body["runId"] = delivery.runs[0].id if delivery.runs else None
    body |= {
        "status": delivery.status,
        "externalDeliveryId": f"evt_{letters(delivery.seed, 24)}",
        "createdAt": iso(delivery.created_ms),
        "processedAt": None if delivery.processed_ms is None else iso(delivery.processed_ms),
    }
    return body | ({"isTest": delivery.is_test} if call.knows("4.8") else {})


def _find_delivery(call: Call, scope: str) -> Delivery:
    call.require(scope)
    held, name = _webhooks(call), call.params["delivery"]
    for each in held.deliveries(call.world.now_ms) if held else []:
        if each.id == name:
            return each
    raise Refusal(404, "Webhook delivery not found")


def _retrieve_delivery(call: Call) -> object:
    delivery = _find_delivery(call, "read:webhooks")
    body = _delivery(call, delivery)
    failed = delivery.status == "failed"
    kind = "invoice.paid" if delivery.runs else "customer.created"
    body |= {
        "idempotencyKey": body["externalDeliveryId"],
        "event": {"id": body["externalDeliveryId"], "type": kind},
        "headers": {"content-type": "application/json", "user-agent": delivery.endpoint.source},
        "rawBodyHash": f"{mix(delivery.seed, 5):016x}",
        "error": "The task could not be triggered" if failed else None,
        "filterReason": "No filter matched" if delivery.status == "filtered" else None,
        "updatedAt": body["processedAt"] or body["createdAt"],
    }
    if call.knows("4.8"):
        body["targets"] = [
            _target(delivery, place, each)
            for place, each in enumerate(delivery.endpoint.subscribers)
            if delivery.status != "unmatched"
        ]
    return body


def _target(delivery: Delivery, place: int, subscriber: Subscriber) -> dict[str, Any]:
    run = next((run for run in delivery.runs if run.task_id == subscriber.task_id), None)
    status = "succeeded" if run else "failed" if delivery.status == "failed" else "filtered"
    return {
        "id": f"{delivery.id}_{place + 1}",
        "type": "task",
        "status": status,
        "reason": "The filter did not match" if status == "filtered" else None,
        "error": "The task could not be triggered" if status == "failed" else None,
        "runId": run.id if run else None,
        "sessionId": None,
        "waiters": None,
    }


def _replay(call: Call) -> object:
    """`POST …/{delivery}/replay`: to all subscribers, or past the filter of `targetId`'s one."""
    delivery = _find_delivery(call, "write:webhooks")
    subscribers = list(delivery.endpoint.subscribers[:1])
    target = call.query.get("targetId")
    if target is not None:
        ids = [f"{delivery.id}_{n + 1}" for n in range(len(delivery.endpoint.subscribers))]
        if target not in ids:
            raise Refusal(404, "Webhook delivery target not found")
        subscribers = [delivery.endpoint.subscribers[ids.index(target)]]
    for each in subscribers:
        call.require(f"trigger:tasks:{each.task_id}")
    world, env = call.world, call.env
    seed = actions.fresh_seed(world, env)
    runs = [
        actions.trigger(world, env, Spawn(each.task_id, actions.fresh_seed(world, env)))
        for each in subscribers
    ]
    made = Delivery(
        f"whd_{friendly(seed)}", delivery.endpoint, "succeeded", world.now_ms, seed, runs,
        delivery.is_test, delivery.id,
    )  # fmt: skip
    call.state.webhooks.made.append(made)
    return {"deliveryId": made.id, "replayedFrom": delivery.id}


# Waiters


def _wait(call: Call) -> object:
    """`POST …/waiters`: a waitpoint that the next matching delivery completes."""
    endpoint = _find(call, "write:webhooks")
    body = want_object(json_body(call.body)) if call.body else {}
    match = body.get("match", {})
    if not isinstance(match, dict) or len(match) > _MOST_PATHS:
        raise _waiter_refused("invalid_request")
    timeout = body.get("timeout", "24h")
    length_ms = duration_ms(timeout) if isinstance(timeout, str) else None
    if length_ms is None:
        raise _waiter_refused("invalid_request")
    if length_ms > _MOST_WAIT_MS:
        raise _waiter_refused("webhook_waiter_limit", reason="timeout_too_long")
    until_ms = call.world.now_ms + length_ms
    seed = actions.fresh_seed(call.world, call.env)
    made = waitpoints.make(call.world, call.env.waitpoints, seed, until_ms)
    made.tags = (f"webhook:{endpoint.id}", *map(str, body.get("tags") or ()))
    return {"id": made.id, "expiresAt": iso(until_ms), "isCached": False}


def _waiter_refused(code: str, **more: str) -> Refusal:
    return Refusal(400, {"error": "The waiter was refused", "code": code, **more})


def _stop_waiting(call: Call) -> object:
    """`POST /api/v1/webhooks/waiters/{waiter}/cancel`"""
    call.require("write:webhooks")
    found = call.env.waitpoints.get(call.params["waiter"])
    if found is None:
        raise Refusal(404, "Waiter not found")
    if found.status != "WAITING":
        return {"cancelled": False, "reason": "too_late"}
    waitpoints.complete(call.world, found, None, "application/json")
    return {"cancelled": True}


_BASE = "/api/v1/webhooks"
_ONE = f"{_BASE}/endpoints/{{endpoint}}"
_DELIVERY = f"{_BASE}/deliveries/{{delivery}}"
ROUTES = [
    Route("GET", f"{_BASE}/endpoints", _list, "public", cors=True),
    Route("GET", _ONE, _retrieve, "public", cors=True),
    Route("POST", f"{_ONE}/enable", _enable, "public", cors=True, wrong_method=400),
    Route("POST", f"{_ONE}/disable", _disable, "public", cors=True, wrong_method=400),
    Route("POST", f"{_ONE}/rotate-secret", _rotate, "public", cors=True, wrong_method=400),
    Route("PUT", f"{_ONE}/secret", _set_secret, "public", cors=True, since="4.8"),
    Route("POST", f"{_ONE}/waiters", _wait, "public", cors=True, since="4.8"),
    Route("GET", f"{_BASE}/deliveries", _deliveries, "public", cors=True),
    Route("GET", _DELIVERY, _retrieve_delivery, "public", cors=True),
    Route("POST", f"{_DELIVERY}/replay", _replay, "public", cors=True, wrong_method=400),
    Route("POST", f"{_BASE}/waiters/{{waiter}}/cancel", _stop_waiting, "public", since="4.8"),
]
