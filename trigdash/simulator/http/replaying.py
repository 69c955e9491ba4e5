"""Replay with options (from 4.7.4): the fields of a strict body replace those of the original."""

from typing import Any

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import MACHINES_TEXT, invalid, type_name, want_types
from trigdash.simulator.http.triggering import KEY_LIFETIME_MS, live_key, read_delay, read_ttl
from trigdash.simulator.world import actions
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.runs import Run, Sent
from trigdash.simulator.world.tasks import PRESETS
from trigdash.simulator.world.texts import duration_ms
from trigdash.simulator.world.world import World

# The JSON types of the fields, the first as the refusal names it. A payload is any JSON.
_FIELDS = {
    "payloadType": ("string",), "metadata": ("object",), "tags": ("string", "array"),
    "queue": ("string",), "concurrencyKey": ("string", "number"), "machine": ("string",),
    "version": ("string",), "region": ("string",), "delay": ("string",),
    "ttl": ("string", "number"), "idempotencyKey": ("string",),
    "idempotencyKeyTTL": ("string",), "maxAttempts": ("number",), "maxDuration": ("number",),
    "priority": ("number",),
}  # fmt: skip
_JSON, _SUPER_JSON = "application/json", "application/super+json"
_MOST_KEY = 2_048
_MOST_TAG = 128


def check(env: Environment, body: dict[str, Any]) -> None:
    """Refuse unknown fields, wrong types, and versions and queues that do not exist."""
    unknown = [name for name in body if name not in _FIELDS and name != "payload"]
    if unknown:
        names = ", ".join(f"'{name}'" for name in unknown)
        raise invalid(f"Unrecognized key(s) in object: {names}")
    want_types(body, _FIELDS)
    kind = body.get("payloadType", _JSON)
    if kind not in (_JSON, _SUPER_JSON):
        choices = f"'{_JSON}' | '{_SUPER_JSON}'"
        raise invalid(f"Invalid enum value. Expected {choices}, received '{kind}'", "payloadType")
    if kind == _SUPER_JSON and not isinstance(body.get("payload"), str):
        raise invalid(f"Expected string, received {type_name(body.get('payload'))}", "payload")
    if "machine" in body and body["machine"] not in PRESETS:
        said = f"Invalid enum value. Expected {MACHINES_TEXT}, received '{body['machine']}'"
        raise invalid(said, "machine")
    if any(not isinstance(tag, str) or len(tag) > _MOST_TAG for tag in _tags(body) or ()):
        raise invalid("String must contain at most 128 character(s)", "tags")
    if len(body.get("idempotencyKey", "")) > _MOST_KEY:
        raise invalid(f"String must contain at most {_MOST_KEY} character(s)", "idempotencyKey")
    for name, least in (("maxAttempts", 1), ("maxDuration", 0)):
        if body.get(name, least) < least:
            raise invalid(f"Number must be greater than or equal to {least}", name)
    _check_names(env, body)


def _check_names(env: Environment, body: dict[str, Any]) -> None:
    version, queue = body.get("version"), body.get("queue")
    if len(_tags(body) or ()) > actions.MOST_TAGS:
        raise Refusal(422, f"Runs can only have {actions.MOST_TAGS} tags")
    if version is not None and all(each.version != version for each in env.deployments):
        raise Refusal(422, f"Version {version} not found")
    if queue is not None and queue not in env.queues and f"task/{queue}" not in env.queues:
        raise Refusal(422, f"Queue {queue} not found")


def _tags(body: dict[str, Any]) -> list[Any] | None:
    tags = body.get("tags")
    return [tags] if isinstance(tags, str) else tags


def replay(world: World, env: Environment, run: Run, body: dict[str, Any]) -> Run:
    """A new run like another, with the fields of a body that was checked.

    The same idempotency key finds the same new run.
    """
    key = body.get("idempotencyKey")
    known = live_key(world, env, run.task_id, key)
    if known is not None:
        return known
    spawn = actions.like(world, run)
    tags, queue = _tags(body), body.get("queue")
    spawn.tags = run.tags if tags is None else tuple(dict.fromkeys(tags))
    if queue is not None:
        spawn.queue = queue if queue in env.queues else f"task/{queue}"
    if "concurrencyKey" in body:
        spawn.concurrency_key = str(body["concurrencyKey"])
    spawn.machine = body.get("machine", spawn.machine)
    spawn.region = body.get("region", spawn.region)
    spawn.version = body.get("version")
    spawn.delay_until_ms = read_delay(world, body.get("delay"))
    spawn.ttl = read_ttl(body.get("ttl"))
    spawn.max_attempts = body.get("maxAttempts")
    spawn.priority_ms = int(max(body.get("priority", 0), 0) * 1000)
    new = actions.trigger(
        world, env, spawn, payload=_payload(run, body),
        metadata=body.get("metadata", run.metadata), idempotency_key=key,
    )  # fmt: skip
    if key:
        lifetime_ms = duration_ms(body.get("idempotencyKeyTTL", "")) or KEY_LIFETIME_MS
        new.idempotency_until_ms = world.now_ms + lifetime_ms
        env.idempotency[run.task_id, key] = new
    return new


def _payload(run: Run, body: dict[str, Any]) -> Sent | None:
    if "payload" not in body:
        return actions.payload_of(run)
    if body.get("payloadType") == _SUPER_JSON:
        return Sent(body["payload"], _SUPER_JSON)
    return Sent(actions.to_json(body["payload"]))
