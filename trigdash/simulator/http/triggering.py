"""Triggering as the API takes it: options read and checked, keys honoured, runs made."""

import re
from collections.abc import Mapping
from typing import Any

from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import MACHINES_TEXT, invalid, type_name, want_types
from trigdash.simulator.world import actions, content
from trigdash.simulator.world.environments import Environment, Spawn
from trigdash.simulator.world.runs import Batch, Run, Sent
from trigdash.simulator.world.statuses import ENDED_BADLY
from trigdash.simulator.world.tasks import PRESETS
from trigdash.simulator.world.texts import date_ms, duration_ms
from trigdash.simulator.world.world import World

KEY_LIFETIME_MS = 30 * 86_400_000
# The JSON types of options, the first as the refusal names it.
_OPTIONS = {
    "concurrencyKey": ("string", "number"), "debounce": ("object",), "delay": ("string",),
    "externalDeploymentId": ("string", "null"), "idempotencyKey": ("string",),
    "idempotencyKeyOptions": ("object",),
    "idempotencyKeyTTL": ("string",), "lockToVersion": ("string",), "machine": ("string",),
    "maxAttempts": ("number",), "maxDuration": ("number",), "parentRunId": ("string",),
    "payloadType": ("string",), "priority": ("number",), "queue": ("object",),
    "region": ("string",), "resumeParentOnCompletion": ("boolean",), "tags": ("string", "array"),
    "test": ("boolean",), "ttl": ("string", "number"),
}  # fmt: skip
# No run waits longer than its time to live may be, so that no head start is worth more.
_MOST_PRIORITY_S = 14 * 86_400
_MOST_LIMITS = 2
_LIMIT_NAME = re.compile(r"[a-zA-Z0-9_-]{1,122}")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/")


def trigger_item(
    world: World, env: Environment, task_id: str, item: Mapping[str, Any],
    headers: Mapping[str, str], batch: Batch | None = None, function: str = "trigger",
) -> tuple[Run, bool]:  # fmt: skip
    """One run from `{payload, options}`; with True when an idempotency key found it instead."""
    check_item(env, item)
    options = item.get("options") or {}
    key = headers.get("idempotency-key") or options.get("idempotencyKey")
    known = live_key(world, env, task_id, key)
    if known is not None:
        return known, True
    spawn = _spawn(world, env, task_id, options, batch, function)
    metadata = options.get("metadata")
    if isinstance(metadata, str):
        metadata = content.read_packet(metadata, "application/json")
    user = options.get("idempotencyKeyOptions", {}).get("key")
    run = actions.trigger(
        world, env, spawn, payload=_packet(item, batch),
        metadata=metadata if isinstance(metadata, dict) else None,
        idempotency_key=key, user_key=user,
    )  # fmt: skip
    if key:
        run.idempotency_until_ms = world.now_ms + _lifetime_ms(options, headers)
        env.idempotency[task_id, key] = run
    return run, False


def live_key(world: World, env: Environment, task_id: str, key: str | None) -> Run | None:
    """The run that a task-level idempotency key still refers to."""
    if not key:
        return None
    run = env.idempotency.get((task_id, key))
    if run is None or run.idempotency_until_ms <= world.now_ms or run.status in ENDED_BADLY:
        env.idempotency.pop((task_id, key), None)
        return None
    return run


def _lifetime_ms(options: Mapping[str, Any], headers: Mapping[str, str]) -> int:
    text = headers.get("idempotency-key-ttl") or options.get("idempotencyKeyTTL")
    return (duration_ms(text) if isinstance(text, str) else None) or KEY_LIFETIME_MS


def check_item(env: Environment, item: Mapping[str, Any]) -> None:
    """Refuse what the server refuses of `{payload, options}`."""
    options = item.get("options") or {}
    if not isinstance(options, dict):
        raise invalid(f"Expected object, received {type_name(options)}", "options")
    want_types(options, _OPTIONS, "options")
    machine = options.get("machine")
    if machine is not None and machine not in PRESETS:
        raise invalid(
            f"Invalid enum value. Expected {MACHINES_TEXT}, received '{machine}'",
            "options",
            "machine",
        )
    tags = _tags(options)
    if any(len(tag) > 128 for tag in tags):
        raise invalid("String must contain at most 128 character(s)", "options", "tags")
    if len(tags) > actions.MOST_TAGS:
        raise Refusal(422, f"Runs can only have 10 tags, you're trying to set {len(tags)}.")
    if env.v2_queues:
        _check_limits(options.get("concurrency", []))
    version = options.get("lockToVersion")
    if version is not None and all(each.version != version for each in env.deployments):
        raise Refusal(500, "Something went wrong")


def _check_limits(names: object) -> None:
    """Older servers drop the option."""
    if not isinstance(names, list):
        raise invalid(f"Expected array, received {type_name(names)}", "options", "concurrency")
    if len(names) > _MOST_LIMITS or not all(
        isinstance(name, str) and _LIMIT_NAME.fullmatch(name) for name in names
    ):
        raise invalid("Invalid concurrency limits", "options", "concurrency")


def _tags(options: Mapping[str, Any]) -> list[str]:
    tags = options.get("tags")
    if isinstance(tags, str):
        return [tags]
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _spawn(
    world: World, env: Environment, task_id: str, options: Mapping[str, Any],
    batch: Batch | None, function: str,
) -> Spawn:  # fmt: skip
    spawn = Spawn(task_id, actions.fresh_seed(world, env), batch=batch, trigger_function=function)
    spawn.tags = tuple(dict.fromkeys(_tags(options)))
    queue = options.get("queue")
    if queue is not None:
        name = str(queue.get("name", ""))
        spawn.queue = "".join(letter for letter in name if letter in _NAME)[:128] or None
    key = options.get("concurrencyKey")
    spawn.concurrency_key = None if key is None else str(key)
    spawn.delay_until_ms = read_delay(world, options.get("delay"))
    spawn.ttl = read_ttl(options.get("ttl"))
    spawn.priority_ms = int(min(max(options.get("priority", 0), 0), _MOST_PRIORITY_S) * 1000)
    spawn.max_attempts = options.get("maxAttempts")
    spawn.machine = options.get("machine")
    spawn.region = options.get("region")
    spawn.is_test = options.get("test") is True
    spawn.version = options.get("lockToVersion")
    spawn.external_deployment = (options.get("externalDeploymentId") or "").strip() or None
    if env.v2_queues and options.get("concurrency") is not None:
        spawn.concurrency = tuple(options["concurrency"])
    parent = env.runs.by_id.get(str(options.get("parentRunId")))
    if parent is not None:
        spawn.parent = parent
        if options.get("resumeParentOnCompletion"):
            spawn.trigger_function = f"{function}AndWait"
    return spawn


def read_delay(world: World, value: object) -> int | None:
    """When to start; what cannot be read or is past counts as no delay (recorded)."""
    if not isinstance(value, str):
        return None
    length_ms = duration_ms(value)
    until_ms = date_ms(value) if length_ms is None else world.now_ms + length_ms
    return until_ms if until_ms is not None and until_ms > world.now_ms else None


def read_ttl(value: object) -> str | None:
    """A time to live as text; numbers are seconds."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value}s"
    return value if isinstance(value, str) else None


def _packet(item: Mapping[str, Any], batch: Batch | None) -> Sent | None:
    """A payload as it is stored: JSON-encoded by the server, or a text of another type.

    Items of a streamed batch come encoded already, and stay as they are (recorded).
    """
    kind = (item.get("options") or {}).get("payloadType") or "application/json"
    payload = item.get("payload")
    streamed = batch is not None and batch.style == "v3"
    if kind == "application/json" and not (streamed and isinstance(payload, str)):
        return Sent(actions.to_json(payload), kind)
    return Sent(payload, kind) if isinstance(payload, str) else None


def fail_item(world: World, env: Environment, batch: Batch, item: Mapping[str, Any]) -> None:
    """The run of an item that no run could be made of."""
    spawn = Spawn(
        item["task"], actions.fresh_seed(world, env), batch=batch, trigger_function="batchTrigger"
    )
    run = world.engine.create_failed(env, spawn, "BATCH_ITEM_COULD_NOT_TRIGGER")
    run.payload = _packet({"payload": item.get("payload")}, batch)


def make_batch(world: World, env: Environment, style: str, run_count: int) -> Batch:
    """An empty batch for a client."""
    return world.new_batch(env, style, run_count, actions.fresh_seed(world, env))
