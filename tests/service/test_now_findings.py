"""What the readings of a moment amount to: each finding holds on its figures, and not on fewer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trigdash.model.deployment import Deployment
from trigdash.model.environment import Identity
from trigdash.model.error_group import ErrorGroup
from trigdash.model.inputs import Schedule
from trigdash.model.queue import Queue
from trigdash.service.now.failing import more_than_usual
from trigdash.service.now.finding import Section
from trigdash.service.now.query import now_of
from trigdash.service.now.readings import Readings, TaskFailures, Waiting

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def codes(readings: Readings) -> list[str]:
    return [each.code for each in now_of(readings).findings]


@pytest.mark.parametrize(
    ("recent", "failed", "is_more"),
    [(100, 5, False), (100, 9, False), (100, 30, True), (4, 4, True), (2, 2, False), (0, 0, False)],
)
def test_failures_count_against_what_is_usual_of_the_task(
    recent: int, failed: int, is_more: bool
) -> None:
    task = TaskFailures("task", recent, failed, before=2_000, before_failed=100)
    assert bool(more_than_usual([task])) is is_more


def test_a_task_that_always_fails_fails_as_usual() -> None:
    assert more_than_usual([TaskFailures("task", 50, 40, before=1_000, before_failed=800)]) == []


def test_a_week_of_few_runs_without_a_failure_makes_no_alarm_of_some() -> None:
    assert more_than_usual([TaskFailures("task", 131, 10, before=71, before_failed=0)]) == []


def test_what_has_just_begun_to_fail_is_found_in_the_shorter_window() -> None:
    task = TaskFailures("task", 200, 12, 2_000, 100, latest=12, latest_failed=12)
    assert more_than_usual([task]) == [task]


def error(first: timedelta, count: int = 5, status: str = "unresolved") -> ErrorGroup:
    return ErrorGroup(
        id="error_1", first_seen=AT - first, last_seen=AT, count=count, status_name=status
    )


def deployed(before: timedelta) -> Deployment:
    return Deployment(id="d", version="20260304.1", deployed_at=AT - before)


@pytest.mark.parametrize(
    ("group", "is_new"),
    [
        (error(timedelta(minutes=20)), True),
        (error(timedelta(minutes=40)), False),
        (error(timedelta(days=9)), False),
        (error(timedelta(minutes=20), count=2), False),
        (error(timedelta(minutes=20), status="ignored"), False),
    ],
)
def test_an_error_is_new_in_the_version_that_it_first_happened_after(
    group: ErrorGroup, is_new: bool
) -> None:
    seen = Readings(AT, errors=(group,), deployments=(deployed(timedelta(minutes=30)),))
    assert ("error_new_in_deployment" in codes(seen)) is is_new


def queue(**facts: object) -> Queue:
    return Queue.model_validate({"id": "q", "name": "crm", "type": "custom"} | facts)


@pytest.mark.parametrize(
    ("facts", "code", "section"),
    [
        ({"paused": True, "queued": 9}, "paused", Section.NOT_MOVING),
        ({"paused": True}, "paused", Section.CHANGED),
        ({"concurrencyLimit": 0, "queued": 1}, "queue_blocked", Section.NOT_MOVING),
        ({"concurrencyLimit": 2, "running": 2, "queued": 9}, "near_limit", Section.NEAR_LIMIT),
    ],
)
def test_a_queue_that_holds_runs_says_how(
    facts: dict[str, object], code: str, section: Section
) -> None:
    waits = Waiting("Queued", "crm", "sync", 9, AT - timedelta(minutes=10))
    found = now_of(Readings(AT, queues=(queue(**facts),), waiting=(waits,))).findings
    assert [(each.code, each.section) for each in found] == [(code, section)]


def test_a_full_queue_whose_runs_just_came_is_on_its_way() -> None:
    full = queue(concurrencyLimit=2, running=2, queued=9)
    assert codes(Readings(AT, queues=(full,), waiting=())) == []


def full(
    works: timedelta | None, usual_wait: timedelta | None, oldest: timedelta, queued: int = 9
) -> Readings:
    """A queue of two places, full, whose runs work for so long and usually wait for so long."""
    waits = Waiting("Queued", "crm", "sync", 9, AT - oldest)
    task = TaskFailures("sync", before=900, works=works, usual_wait=usual_wait)
    queues = (queue(concurrencyLimit=2, running=2, queued=queued),)
    return Readings(AT, queues=queues, waiting=(waits,), tasks=(task,))


MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("readings", "is_found"),
    [
        (full(None, None, 3 * MINUTE), False),  # busy
        (full(None, None, 5 * MINUTE), True),  # for long
        (full(10 * SECOND, SECOND, 3 * MINUTE), False),  # clears within a minute
        (full(10 * SECOND, SECOND, 3 * MINUTE, 90), True),  # needs more than seven
        (full(10 * SECOND, 6 * MINUTE, 11 * MINUTE), False),  # it usually waits
        (full(10 * SECOND, 6 * MINUTE, 13 * MINUTE), True),  # but not for so long
        (full(MINUTE, SECOND, 11 * MINUTE), False),  # long runs wait for long
        (full(MINUTE, SECOND, 13 * MINUTE), True),
    ],
)
def test_a_full_queue_is_told_once_its_runs_wait_for_longer_than_chance(
    readings: Readings, is_found: bool
) -> None:
    assert codes(readings) == (["near_limit"] if is_found else [])


def test_a_full_queue_says_when_it_clears() -> None:
    finding = now_of(full(10 * SECOND, SECOND, 3 * MINUTE, 90)).findings[0]
    assert finding.evidence == (
        "2 of 2 at work, 90 wait, oldest 3 m 00 s; clears in about 7 m 30 s"
    )


def test_a_paused_environment_needs_somebody_at_once() -> None:
    now = now_of(Readings(AT, identity=Identity(environment="prod", paused=True)))
    assert now.is_critical


def test_what_could_not_be_looked_at_is_said_with_its_reason() -> None:
    now = now_of(Readings(AT, refused={"limits": "this key may not read it"}))
    limits = next(each for each in now.looked_at if each.what == "limits")
    assert (limits.is_known, limits.said) == (False, "this key may not read it")


def test_a_part_that_was_read_in_part_is_not_counted_as_the_whole() -> None:
    queues = (queue(), queue())
    said = {
        cut: next(each.said for each in now_of(readings).looked_at if each.what == "queues")
        for cut, readings in (
            (False, Readings(AT, queues=queues)),
            (True, Readings(AT, queues=queues, cut=frozenset({"queues"}))),
        )
    }
    assert said == {False: "2 queues", True: "the first 2 queues; the server has more"}


def test_a_schedule_whose_task_fails_tells_the_window_of_its_figures() -> None:
    task = TaskFailures("task", 100, 60, before=2_000, before_failed=100)
    schedule = Schedule(id="sched_1", task="task", active=True)
    findings = now_of(Readings(AT, tasks=(task,), schedules=(schedule,))).findings
    said = next(each.evidence for each in findings if each.code == "schedule_failed")
    assert said == "task: 60 of 100 failed in 1 h; usual 100 of 2,000 in 7 d"
