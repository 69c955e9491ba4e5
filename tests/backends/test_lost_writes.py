"""A write whose answer is cut off, from the wire to what is told and logged of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from tests.recorded import recorded
from trigdash.backends.base import Backend
from trigdash.service.actions.actions import Actions
from trigdash.service.actions.outcome import AuditLog, Outcome, read_audit
from trigdash.service.connection import Connection

CUT = Reply(hang_up=True)
RUN = "run_1"
QUEUE = "queue_1"
RETRIEVED = f"/api/v3/runs/{RUN}"
QUEUE_PATH = f"/api/v1/queues/{QUEUE}"

Act = Callable[[Actions], Awaitable[Outcome]]


def run(**fields: Any) -> Reply:
    return Reply.of(recorded("runs_get_v3__executing").data | {"id": RUN} | fields)


def queue(**fields: Any) -> Reply:
    plain = recorded("queues_get__by_id").data | {"id": QUEUE, "paused": False}
    return Reply.of(plain | fields)


def overridden(limit: int | None) -> Reply:
    return queue(concurrency={"current": limit, "base": None, "override": limit})


def no_longer(name: str) -> Reply:
    """What a second try is answered when the first one took effect."""
    return Reply.of(recorded(name))


CASES: list[tuple[str, Act, tuple[str, str], tuple[Reply, ...], str, Reply, str]] = [
    (
        "cancel",
        lambda actions: actions.cancel(RUN),
        ("POST", f"/api/v2/runs/{RUN}/cancel"),
        (CUT,),
        RETRIEVED,
        run(status="CANCELED"),
        "the run is canceled",
    ),
    (
        "tag",
        lambda actions: actions.add_tags(RUN, ["a"]),
        ("POST", f"/api/v1/runs/{RUN}/tags"),
        (CUT,),
        RETRIEVED,
        run(tags=["x", "a"]),
        "the run has the tags",
    ),
    (
        "metadata",
        lambda actions: actions.edit_metadata(RUN, {"a": 1.0}, ["b"]),
        ("PUT", f"/api/v1/runs/{RUN}/metadata"),
        (CUT,),
        RETRIEVED,
        run(metadata={"a": 1, "c": 2}),
        "the metadata hold the changes",
    ),
    (
        "pause",
        lambda actions: actions.pause_queue(QUEUE, paused=True),
        ("POST", f"{QUEUE_PATH}/pause"),
        (CUT,),
        QUEUE_PATH,
        queue(paused=True),
        "the queue is paused",
    ),
    (
        "limit",
        lambda actions: actions.override_limit(QUEUE, 7),
        ("POST", f"{QUEUE_PATH}/concurrency/override"),
        (CUT,),
        QUEUE_PATH,
        overridden(7),
        "the limit is 7",
    ),
    (
        "reset limit",
        lambda actions: actions.reset_limit(QUEUE),
        ("POST", f"{QUEUE_PATH}/concurrency/reset"),
        (CUT, no_longer("queues_reset__err_not_overridden")),
        QUEUE_PATH,
        overridden(None),
        "the limit is not overridden",
    ),
    (
        "abort bulk",
        lambda actions: actions.abort_bulk("bulk_1"),
        ("POST", "/api/v1/bulk-actions/bulk_1/abort"),
        (CUT, no_longer("bulk_actions_abort__again")),
        "/api/v1/bulk-actions/bulk_1",
        Reply.of(recorded("bulk_actions_get__aborted_at_once")),
        "the bulk action is aborted",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
async def test_a_write_that_happened_though_its_answer_was_cut_off_is_told_as_done(
    server: FakeServer, backend: Backend, clock: FakeClock, tmp_path: Path, case: Any
) -> None:
    name, act, (method, path), replies, read, shown, words = case
    log = AuditLog(tmp_path / "actions.jsonl")
    connection = Connection(backend, clock, audit=log)
    server.answer(method, path, *replies)
    server.answer("GET", read, shown)
    outcome = await act(connection.actions)
    assert (outcome.done, outcome.message) == (True, f"the answer was lost, but {words}")
    [entry] = read_audit(log.path)
    assert (entry.action, entry.result) == (name, "done")
    sent = [one for one in server.paths() if one == f"{method} {path}"]
    assert len(sent) == (4 if len(replies) == 1 else 2)


async def test_a_write_that_did_not_arrive_is_told_as_unknown_with_what_is_so(
    server: FakeServer, backend: Backend, clock: FakeClock
) -> None:
    connection = Connection(backend, clock)
    server.answer("POST", f"/api/v2/runs/{RUN}/cancel", CUT)
    server.answer("GET", RETRIEVED, run())
    outcome = await connection.actions.cancel(RUN)
    assert (outcome.result.value, outcome.message) == (
        "unknown",
        "no answer came, and the run is executing",
    )
