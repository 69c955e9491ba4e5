"""How the soak compares what a server received with what was confirmed, and that it can fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.soak.writes import ROUTES, Match, match
from trigdash.presentation.registry import RESOURCES, load_resource

REPLAY = "/api/v1/runs/run_1/replay"
CANCEL = "/api/v2/runs/run_1/cancel"
BULK = "/api/v1/bulk-actions"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_numbers = count()


def at(minute: float) -> str:
    return (NOON + timedelta(minutes=minute)).isoformat()


def write(
    path: str, minute: float = 0, *, fault: str | None = None, status: int | None = 200, **more: Any
) -> dict[str, Any]:
    """A write that came at a minute; with a status of None the application did not see it."""
    acted = status is not None and status < 400
    told = {"method": "POST", "path": path, "body": "", "at": at(minute), "idempotency_key": None}
    return (
        told | {"number": next(_numbers), "fault": fault, "status": status, "acted": acted} | more
    )


def entry(action: str, target: str = "run_1", minute: float = 1, **more: Any) -> dict[str, Any]:
    """A confirmation that ended at a minute."""
    return {"action": action, "target": target, "at": at(minute), "result": "done"} | more


LOST = {"fault": "lost"}
UNSEEN = {"fault": "reset", "status": None}


@pytest.mark.parametrize(
    ("writes", "entries", "repeats", "unsent"),
    [
        ([], [], 0, 0),
        ([write(REPLAY)], [entry("replay")], 0, 0),
        ([write(CANCEL, **LOST)] * 3 + [write(CANCEL)], [entry("cancel")], 3, 0),
        ([write(CANCEL), write(CANCEL, 2)], [entry("cancel"), entry("cancel", minute=3)], 0, 0),
        (
            [write(CANCEL), write(CANCEL, 1.01)],
            [entry("cancel"), entry("cancel", minute=1.015)], 0, 0,
        ),
        ([write(REPLAY, **UNSEEN)], [entry("replay", result="unknown")], 0, 0),
        ([], [entry("replay", result="refused")], 0, 1),
        ([write(REPLAY, 2)], [entry("replay", minute=1, result="unknown")], 0, 0),
        ([write(CANCEL)], [entry("cancel"), entry("cancel", minute=9)], 0, 1),
        (
            [write(REPLAY, fault="unauthorized", status=None), write(REPLAY)],
            [entry("replay")], 1, 0,
        ),
        (
            [write(REPLAY, body='{"idempotencyKey":"k"}', **LOST)] * 2,
            [entry("replay")], 1, 0,
        ),
        (
            [write(BULK, body='{"action":"cancel","runIds":["run_8"]}')],
            [entry("bulk cancel", "2 runs", run_ids=["run_8", "run_9"])], 0, 0,
        ),
        (
            [write("/api/v1/queues/queue_1/pause", body='{"action":"resume"}')],
            [entry("resume", "queue_1")], 0, 0,
        ),
    ],
)  # fmt: skip
def test_each_received_write_belongs_to_one_confirmation(
    writes: list[dict[str, Any]], entries: list[dict[str, Any]], repeats: int, unsent: int
) -> None:
    found = match(writes, entries)
    assert found.wrong == []
    assert (found.repeats.total(), found.unsent.total()) == (repeats, unsent)
    assert found.received - repeats == found.confirmed - unsent


@pytest.mark.parametrize(
    ("writes", "entries", "says"),
    [
        ([write(REPLAY)], [], "never confirmed"),
        ([write(REPLAY), write(REPLAY, 5)], [entry("replay")], "never confirmed"),
        ([write(REPLAY)], [entry("cancel", result="unknown")], "never confirmed"),
        ([write(REPLAY)], [entry("replay", "run_2", result="unknown")], "never confirmed"),
        ([write("/api/v1/nobody/knows")], [entry("replay", result="unknown")], "never confirmed"),
        ([write(REPLAY, **LOST)] * 2, [entry("replay")], "does harm"),
        ([write(CANCEL)] * 2, [entry("cancel")], "although it was answered"),
        ([write(CANCEL, **LOST)] * 5, [entry("cancel")], "received 5 times"),
        (
            [write(REPLAY, body=f'{{"idempotencyKey":"{key}"}}', **LOST) for key in "ab"],
            [entry("replay")], "another request",
        ),
        (
            [write(CANCEL, idempotency_key=key, **LOST) for key in "ab"],
            [entry("cancel")], "another request",
        ),
        (
            [write("/api/v1/queues/queue_1/pause", body='{"action":"resume"}')],
            [entry("pause", "queue_1", result="unknown")], "never confirmed",
        ),
        ([write(REPLAY, **UNSEEN)], [entry("replay")], "never acted upon"),
        ([], [entry("replay")], "never acted upon"),
    ],
)  # fmt: skip
def test_a_write_that_nothing_explains_is_found(
    writes: list[dict[str, Any]], entries: list[dict[str, Any]], says: str
) -> None:
    assert says in "\n".join(match(writes, entries).wrong)


def test_an_extra_write_among_many_is_found() -> None:
    targets = [f"run_{number}" for number in range(40)]
    writes = [write(f"/api/v2/runs/{target}/cancel") for target in targets]
    entries = [entry("cancel", target) for target in targets]
    assert match(writes, entries).wrong == []
    extra = write("/api/v2/runs/run_17/cancel", 7)
    (wrong,) = match([*writes, extra], entries).wrong
    assert "run_17/cancel" in wrong
    assert "never confirmed" in wrong


def test_every_action_of_every_resource_has_a_route() -> None:
    known = {action for route in ROUTES for action in route.actions}
    declared = {
        action.name
        for name in RESOURCES
        for action in load_resource(name).actions
        if action.perform is None
    }
    assert declared <= known


def test_the_sum_of_writes_is_told() -> None:
    found = Match()
    found.add(match([write(CANCEL, **LOST), write(CANCEL)], [entry("cancel")]))
    found.add(match([], [entry("replay", result="refused")]))
    assert found.text() == (
        "confirmed 2 = 1 received + 1 that never reached the server (refused 1); "
        "received 2 = 1 confirmed + 1 sent again within one confirmation after lost 1; "
        "unexplained 0"
    )
