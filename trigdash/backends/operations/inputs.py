"""What starts and resumes runs: schedules, waitpoint tokens, sessions, webhooks."""

from __future__ import annotations

from typing import Any

from trigdash.backends.operation import Effect, Operation, cursor_page, nothing, numbered_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.capability import Capability
from trigdash.model.inputs import AgentSession, CreatedToken, Schedule, TimeZones, WaitpointToken
from trigdash.model.listing import Listing, object_parser
from trigdash.model.webhook import Delivery, WebhookEndpoint

_PATH = ("v1", "schedules")
_WRITES = Capability.SCHEDULE_WRITES
_one = object_parser(Schedule)
list_schedules = listed(Capability.SCHEDULES, _PATH, Schedule, numbered_page)
get_schedule = got(Capability.SCHEDULES, _PATH, Schedule)


def create_schedule(
    task: str, cron: str, key: str, timezone: str | None, external_id: str | None
) -> Operation[Schedule]:
    """Create a schedule, or change the one with this deduplication key: sending it twice creates
    one (recorded)."""
    body = {
        "task": task,
        "cron": cron,
        "deduplicationKey": key,
        "timezone": timezone,
        "externalId": external_id,
    }
    return sent(_WRITES, _PATH, body, _one)


def update_schedule(row: Schedule, cron: str, timezone: str | None) -> Operation[Schedule]:
    """Change an imperative schedule. The task is required and stays as it is (recorded)."""
    body = {
        "task": row.task,
        "cron": cron,
        "timezone": timezone or row.timezone,
        "externalId": row.external_id,
    }
    return sent(_WRITES, (*_PATH, row.id), body, _one, method="PUT")


def set_active(schedule_id: str, active: bool) -> Operation[Schedule]:
    """Activate or deactivate a schedule."""
    step = "activate" if active else "deactivate"
    return sent(_WRITES, (*_PATH, schedule_id, step), parser=_one)


def delete_schedule(schedule_id: str) -> Operation[None]:
    """Delete a schedule. A declarative one comes back with the next deployment (recorded)."""
    return sent(_WRITES, (*_PATH, schedule_id), parser=nothing, method="DELETE")


def list_timezones() -> Operation[TimeZones]:
    """The time zones that a schedule can have."""
    return Operation(Capability.SCHEDULES, ("v1", "timezones"), object_parser(TimeZones))


_TOKENS_PATH = ("v1", "waitpoints", "tokens")
list_tokens = listed(Capability.TOKENS, _TOKENS_PATH, WaitpointToken, cursor_page)


def tokens_tagged(tag: str) -> Operation[Listing[WaitpointToken]]:
    """The waiting tokens with a tag."""
    params = (("filter[status]", "WAITING"), ("filter[tags]", tag))
    page = listed(Capability.TOKENS, _TOKENS_PATH, WaitpointToken, cursor_page, params=params)
    return page(None)


get_token = got(Capability.TOKENS, _TOKENS_PATH, WaitpointToken)


def create_token(
    timeout: str | None, tags: list[str] | None, idempotency_key: str | None
) -> Operation[CreatedToken]:
    """Create a token. With an idempotency key, repeating it returns the same token."""
    body = {"timeout": timeout, "tags": tags, "idempotencyKey": idempotency_key}
    effect = Effect.REPEATABLE if idempotency_key else Effect.ONCE
    parser = object_parser(CreatedToken)
    return sent(Capability.TOKEN_WRITES, _TOKENS_PATH, body, parser, effect=effect)


def complete_token(token_id: str, data: Any) -> Operation[None]:
    """Complete a token with JSON data. A second completion changes nothing (recorded)."""
    body = {} if data is None else {"data": data}
    return sent(Capability.TOKEN_WRITES, (*_TOKENS_PATH, token_id, "complete"), body)


_SESSIONS_PATH = ("v1", "sessions")
list_sessions = listed(Capability.SESSIONS, _SESSIONS_PATH, AgentSession, cursor_page)
get_session = got(Capability.SESSIONS, _SESSIONS_PATH, AgentSession)


def close_session(session_id: str, reason: str | None) -> Operation[None]:
    """Close a session; its run ends at its next check."""
    body = {"reason": reason}
    return sent(Capability.SESSION_WRITES, (*_SESSIONS_PATH, session_id, "close"), body)


_ENDPOINTS = ("v1", "webhooks", "endpoints")
_DELIVERIES = ("v1", "webhooks", "deliveries")
list_endpoints = listed(Capability.WEBHOOKS, _ENDPOINTS, WebhookEndpoint)
get_endpoint = got(Capability.WEBHOOKS, _ENDPOINTS, WebhookEndpoint)
list_deliveries = listed(Capability.WEBHOOKS, _DELIVERIES, Delivery, cursor_page)
get_delivery = got(Capability.WEBHOOKS, _DELIVERIES, Delivery)


def enable_endpoint(endpoint_id: str, enabled: bool) -> Operation[None]:
    """Enable or disable an endpoint."""
    step = "enable" if enabled else "disable"
    return sent(Capability.WEBHOOK_WRITES, (*_ENDPOINTS, endpoint_id, step))


def replay_delivery(delivery_id: str) -> Operation[None]:
    """Repeat a delivery: makes a new delivery and new runs. Never sent twice."""
    path = (*_DELIVERIES, delivery_id, "replay")
    return sent(Capability.WEBHOOK_WRITES, path, effect=Effect.ONCE)
