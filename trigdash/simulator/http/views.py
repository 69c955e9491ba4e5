"""Runs as the API shows them: items of lists, relatives, and the whole run."""

from typing import Any

from trigdash.simulator.http.credentials import presigned_link
from trigdash.simulator.world import content
from trigdash.simulator.world.runs import Run, Sent
from trigdash.simulator.world.statuses import flags, shown
from trigdash.simulator.world.texts import iso

_SORTS_FIRST = {mark: place for place, mark in enumerate("_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$ ")}


def sorted_tags(tags: tuple[str, ...]) -> list[str]:
    """Tags in the order of a locale-aware comparison: marks, digits, letters without case."""
    return sorted(tags, key=_collation)


def _collation(text: str) -> tuple[list[tuple[int, int]], str]:
    keys = []
    for letter in text:
        place = _SORTS_FIRST.get(letter)
        keys.append((0, place) if place is not None else (1, ord(letter.lower())))
    return keys, text.swapcase()


def list_item(run: Run, versioned: bool, now_ms: int) -> dict[str, Any]:
    """One item of a list; absent fields are left out, never null."""
    status = shown(run.status, versioned)
    item: dict[str, Any] = {"id": run.id, "status": status, "taskIdentifier": run.task_id}
    if run.idempotency_key is not None:
        item["idempotencyKey"] = run.idempotency_key
    if run.version is not None:
        item["version"] = run.version
    item["createdAt"] = iso(run.created_ms)
    item["updatedAt"] = iso(max(run.updated_ms, run.created_ms))
    if run.started_ms is not None:
        item["startedAt"] = iso(run.started_ms)
    if run.is_final:
        item["finishedAt"] = iso(run.updated_ms if run.finished_ms is None else run.finished_ms)
    if run.delayed_ms is not None:
        item["delayedUntil"] = iso(run.delayed_ms)
    if run.expired_ms is not None:
        item["expiredAt"] = iso(run.expired_ms)
    item["isTest"] = run.is_test
    if run.ttl is not None:
        item["ttl"] = run.ttl
    item["env"] = _environment(run)
    item["tags"] = sorted_tags(run.tags)
    item["costInCents"] = run.cost_cents
    item["baseCostInCents"] = run.base_cost_cents
    item["durationMs"] = run.active_ms
    item["depth"] = run.depth
    metadata = content.metadata(run, now_ms)
    if metadata is not None:
        item["metadata"] = {
            key: value for key, value in metadata.items() if not key.startswith("$$")
        }
    item["taskKind"] = run.task.source if run.task else "STANDARD"
    if run.region is not None:
        item["region"] = run.region
    item.update(flags(status))
    return item


def _environment(run: Run) -> dict[str, str]:
    env = {"id": run.env.id, "name": run.env.slug}
    if run.env.type == "DEVELOPMENT":
        env["user"] = run.env.user_name
    return env


def relative(run: Run, versioned: bool, now_ms: int) -> dict[str, Any]:
    """The fields that a run shares with its relatives."""
    status = shown(run.status, versioned)
    body: dict[str, Any] = {"id": run.id, "taskIdentifier": run.task_id}
    if run.idempotency_key is not None:
        body["idempotencyKey"] = run.user_key or run.idempotency_key
    if run.version is not None:
        body["version"] = run.version
    body["status"] = status
    body["createdAt"] = iso(run.created_ms)
    for name, time_ms in (
        ("startedAt", run.started_ms),
        ("updatedAt", max(run.updated_ms, run.created_ms)),
        ("finishedAt", run.finished_ms),
        ("expiredAt", run.expired_ms),
        ("delayedUntil", run.delayed_ms),
    ):
        if time_ms is not None:
            body[name] = iso(time_ms)
    if run.ttl is not None:
        body["ttl"] = run.ttl
    body["costInCents"] = run.cost_cents
    body["baseCostInCents"] = run.base_cost_cents
    body["durationMs"] = run.active_ms
    body["isTest"] = run.is_test
    body["depth"] = run.depth
    body["tags"] = sorted_tags(run.tags)
    body.update(flags(status))
    body["triggerFunction"] = run.trigger_function
    if run.batch is not None:
        body["batchId"] = run.batch.id
    metadata = content.metadata(run, now_ms)
    if metadata is not None:
        body["metadata"] = metadata
    if run.region is not None:
        body["region"] = run.region
    return body


# Packets above this live in the object store; runs show a presigned link instead.
OFFLOAD_BYTES = 524_288


def run_detail(
    run: Run, versioned: bool, now_ms: int, origin: str, with_causes: bool = False
) -> dict[str, Any]:
    """What retrieve answers; `attempts` is always empty (recorded).

    Servers from 4.6.3 on add the causes of an error.
    """
    body = relative(run, versioned, now_ms)
    for name, sent, value in (
        ("payload", run.payload, content.payload),
        ("output", run.output, content.output),
    ):
        if sent is not None and is_offloaded(sent):
            if name == "payload" or run.status == "COMPLETED_SUCCESSFULLY":
                body[f"{name}PresignedUrl"] = presigned_link(
                    origin, run.env, f"{run.id}/{name}.json", now_ms
                )
        elif (shown_value := value(run)) is not content.ABSENT:
            body[name] = shown_value
    if (error := content.error(run)) is not None:
        body["error"] = error | content.causes(run) if with_causes else error
    if run.schedule is not None:
        body["schedule"] = _schedule(run)
    body["attemptCount"] = run.attempt
    body["attempts"] = []
    related: dict[str, Any] = {}
    if run.parent is not None:
        related["root"] = relative(run.root, versioned, now_ms)
        related["parent"] = relative(run.parent, versioned, now_ms)
    related["children"] = [relative(child, versioned, now_ms) for child in run.children or ()]
    body["relatedRuns"] = related
    return body


def is_offloaded(sent: Sent) -> bool:
    """Whether a packet lies in the object store."""
    return sent.kind == "application/store" or len(sent.text) > OFFLOAD_BYTES


def _schedule(run: Run) -> dict[str, Any]:
    schedule = run.schedule
    assert schedule is not None
    body: dict[str, Any] = {"id": schedule.id}
    if schedule.external_id is not None:
        body["externalId"] = schedule.external_id
    if schedule.deduplication_key is not None:
        body["deduplicationKey"] = schedule.deduplication_key
    body["generator"] = {
        "type": "CRON", "expression": schedule.cron, "description": schedule.description,
    }  # fmt: skip
    return body
