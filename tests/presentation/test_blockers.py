"""What holds a queued run back, in words, from what is known of its surroundings."""

from __future__ import annotations

from typing import Any

import pytest

from trigdash.model.environment import Identity
from trigdash.model.queue import Limit, Queue
from trigdash.presentation.cell import cell_text
from trigdash.presentation.run.blockers import QueueBlockers, blocker_lines, placement_facts
from trigdash.service.runs.placement import Capacity, RunPlacement


def queue(running: int, limit: int | None, queued: int = 3, **more: Any) -> Queue:
    told = {"id": "queue_1", "name": "crm", "type": "custom", **more}
    return Queue.model_validate(
        {**told, "running": running, "queued": queued, "concurrencyLimit": limit}
    )


def held(
    running_here: int, total: int | None = None, per_key: int | None = None, **more: Any
) -> Queue:
    """A V2 queue of a task, and the limit that holds it."""
    bounds = {"total": {"current": total}, "perKey": {"current": per_key}}
    limit = Limit.model_validate({"name": "task/crm", **bounds, **more})
    return queue(running_here, None, type="task", version="V2").held_by((limit,))


def identity(limit: int | None = 10, **more: Any) -> Identity:
    return Identity(concurrency_limit=limit, **more)


KEYED = RunPlacement("crm", concurrency_key="user:12")


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (
            QueueBlockers(queue=queue(2, 2), identity=identity(paused=True)),
            "the environment is paused",
        ),
        (QueueBlockers(queue=queue(0, 2, paused=True)), "its queue crm is paused"),
        (QueueBlockers(queue=queue(0, 0)), "its queue crm has a limit of 0"),
        (QueueBlockers(queue=queue(2, 2)), "its queue crm is full: 2 of 2 running"),
        (QueueBlockers(queue=queue(1, 2), room=Capacity(9, 0), identity=identity()), ""),
        (
            QueueBlockers(queue=queue(1, 2), room=Capacity(10, 0), identity=identity()),
            "the environment is at its limit: 10 of 10 running",
        ),
        # A limit holds for each key apart, so that a queue of many keys may run more than it says.
        (QueueBlockers(KEYED, queue(9, 2), Capacity(9, 1), identity()), ""),
        (
            QueueBlockers(KEYED, queue(9, 2), Capacity(9, 2), identity()),
            "its concurrency key user:12 is full: 2 of 2 running",
        ),
        (QueueBlockers(queue=queue(500, None)), ""),
        (
            QueueBlockers(queue=queue(10, None), identity=identity()),
            "its queue crm is full: 10 of 10 running",
        ),
        (
            QueueBlockers(queue=queue(10, 50), identity=identity()),
            "its queue crm is full: 10 of 10 running",
        ),
        (QueueBlockers(room=Capacity(500, 0), identity=identity(limit=None)), ""),
        # V2: the task's limit counts runs of every queue, and is what is named.
        (
            QueueBlockers(queue=held(8, running=25, total=25)),
            "the limit task/crm is full: 25 of 25 running",
        ),
        (QueueBlockers(queue=held(8, running=8, total=0)), "the limit task/crm is 0"),
        (QueueBlockers(queue=held(8, paused=True, total=9)), "the limit task/crm is paused"),
        (
            QueueBlockers(KEYED, held(8, per_key=2), Capacity(9, 2), identity()),
            "its concurrency key user:12 is full: 2 of 2 running",
        ),
        (QueueBlockers(), ""),
    ],
)
def test_what_holds_a_run_back(standing: QueueBlockers, words: str) -> None:
    assert standing.blocked_by == words


@pytest.mark.parametrize(
    ("standing", "needed"),
    [
        (QueueBlockers(identity=identity()), False),
        (QueueBlockers(queue=queue(1, 2)), False),
        (QueueBlockers(queue=queue(1, 2), identity=identity(limit=None)), False),
        (QueueBlockers(queue=queue(1, 2), identity=identity()), True),
        (QueueBlockers(queue=queue(2, 2), identity=identity()), False),
        (QueueBlockers(KEYED, queue(2, 2)), True),
        (QueueBlockers(KEYED, queue(2, 2, paused=True)), False),
    ],
)
def test_the_places_taken_are_asked_for_only_where_they_may_tell(
    standing: QueueBlockers, needed: bool
) -> None:
    assert standing.needs_capacity is needed


def test_the_line_says_how_many_wait_and_leads_to_the_queue() -> None:
    full = QueueBlockers(RunPlacement("crm"), queue(2, 2, 840), outlook="drains in 15 m")
    (line,) = blocker_lines(full)
    told = "its queue crm is full: 2 of 2 running   840 queued   drains in 15 m"
    assert cell_text(line.cell).strip() == told
    assert line.fields[0].opens == ("queue", "crm")
    (line,) = blocker_lines(QueueBlockers(RunPlacement("crm"), queue(1, 2, 1)))
    assert cell_text(line.cell).strip() == "1 queued in crm"
    assert blocker_lines(QueueBlockers(RunPlacement("crm"), queue(1, 2, 0))) == []


def test_facts_that_are_not_told_are_left_out() -> None:
    assert placement_facts(QueueBlockers()) == []
    assert [field.label for field in placement_facts(QueueBlockers(RunPlacement("crm")))] == [
        "queue"
    ]
    unlimited = RunPlacement("crm", max_duration_s=2_147_483_647)
    assert [field.label for field in placement_facts(QueueBlockers(unlimited))] == ["queue"]
    whole = placement_facts(QueueBlockers(RunPlacement("crm", "small-1x", "user:12", 300)))
    assert [(field.label, field.copied) for field in whole] == [
        ("queue", "crm"),
        ("concurrency", "user:12"),
        ("machine", "small-1x"),
        ("time limit", "5 m 00 s"),
    ]
