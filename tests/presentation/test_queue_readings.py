"""Queues in words: health, outlook, totals, filter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trigdash.model.queue import Queue
from trigdash.presentation.cell import cell_text
from trigdash.presentation.columns import arrange
from trigdash.presentation.queue_columns import live_queues
from trigdash.presentation.queue_filter import (
    QueueFilterError,
    complete_queue_filter,
    parse_queue_filter,
)
from trigdash.presentation.queue_readings import Health, QueueReadings, forecast_label, health
from trigdash.presentation.queues import limit_cell, limit_label, name_cell, totals_cell
from trigdash.service.queues.depth import DepthHistory
from trigdash.service.queues.forecast import Trend
from trigdash.service.queues.query import block_of

START = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)


def queue(queued: int = 0, running: int = 0, limit: int | None = 10, **more: Any) -> Queue:
    facts = {"id": "queue_1", "name": "sync-crm", "queued": queued, "running": running}
    return Queue.model_validate(facts | {"concurrencyLimit": limit} | more)


def watched(
    depths: list[int], *, every_s: float = 2.0, **more: Any
) -> tuple[QueueReadings, Queue, datetime]:
    """A queue that was seen at these depths, one after another."""
    history, now, last = DepthHistory(), START, queue()
    for depth in depths:
        last = queue(depth, 10, **more)
        history.record([last], now)
        now += timedelta(seconds=every_s)
    return QueueReadings(history), last, now - timedelta(seconds=every_s)


@pytest.mark.parametrize(
    ("seen", "trend", "expected"),
    [
        (queue(), Trend.EMPTY, Health.IDLE),
        (queue(0, 3), Trend.EMPTY, Health.ACTIVE),
        (queue(2, 3), Trend.STEADY, Health.ACTIVE),
        (queue(40, 10), Trend.DRAINING, Health.AT_LIMIT),
        (queue(900, 10), Trend.DRAINING, Health.AT_LIMIT),
        (queue(900, 10), Trend.STEADY, Health.BACKLOGGED),
        (queue(5, 3), Trend.GROWING, Health.BACKLOGGED),
        (queue(9, 0), Trend.STALLED, Health.STALLED),
        (queue(9, 0, paused=True), Trend.STALLED, Health.PAUSED),
        (queue(9, 0, limit=0), Trend.UNKNOWN, Health.BLOCKED),
        (queue(0, 0, limit=0), Trend.EMPTY, Health.BLOCKED),
    ],
)
def test_a_queue_has_one_word_for_its_health(seen: Queue, trend: Trend, expected: Health) -> None:
    assert health(seen, trend, block_of(seen, environment_paused=False)) is expected


def test_in_a_paused_environment_every_queue_with_waiting_runs_is_paused() -> None:
    for each, expected in ((queue(9, 2), Health.PAUSED), (queue(0, 2), Health.ACTIVE)):
        block = block_of(each, environment_paused=True)
        assert health(each, Trend.GROWING, block) is expected


def test_the_outlook_of_a_draining_queue_is_right_within_a_fifth() -> None:
    # 120 leave and 40 come each minute: 80 less a minute, 1,024 are left for 12.8 minutes.
    depths = [round(1_424 - 80 * second / 60) for second in range(0, 301, 2)]
    readings, last, now = watched(depths)
    reading = readings.reading_of(last, now)
    assert reading.forecast.kind is Trend.DRAINING
    assert reading.forecast.minutes == pytest.approx(last.queued / 80, rel=0.2)
    assert forecast_label(reading)[0] == "drains in 13 m"


def test_growth_is_said_with_its_rate_and_role() -> None:
    readings, last, now = watched([100 + second for second in range(0, 121, 2)])
    words, role = forecast_label(readings.reading_of(last, now))
    assert words.startswith("growing +")
    assert float(words.removeprefix("growing +").removesuffix("/min")) == pytest.approx(60, rel=0.2)
    assert role == "warn"


def test_a_sparkline_stands_still_between_two_of_its_columns() -> None:
    readings, last, now = watched(list(range(300)))
    later = readings.spark(last.id, now + timedelta(seconds=1), 20)
    assert readings.spark(last.id, now, 20) == later
    assert readings.spark(last.id, now + timedelta(seconds=40), 20) != later


def test_totals_add_up_and_leave_paused_queues_out_of_the_outlook() -> None:
    readings, last, now = watched([round(600 - second) for second in range(0, 121, 2)])
    paused = queue(300, 0, paused=True).model_copy(update={"id": "queue_2"})
    told = cell_text(
        totals_cell([readings.reading_of(last, now), readings.reading_of(paused, now)], 24)
    )
    assert f"queued {last.queued + 300}" in told
    assert "queues 24   paused 1" in told
    assert "drains in ≈ 8 m" in told


def test_totals_say_nothing_of_the_whole_until_most_of_it_was_watched() -> None:
    idle, last, now = watched([0] * 30)
    young = queue(300, 3).model_copy(update={"id": "queue_2"})
    assert "all together" not in cell_text(
        totals_cell([idle.reading_of(last, now), idle.reading_of(young, now)], 24)
    )


def test_a_paused_queue_says_what_still_runs_in_it() -> None:
    readings, last, now = watched([40] * 30)
    paused = last.model_copy(update={"paused": True, "running": 3})
    assert forecast_label(readings.reading_of(paused, now)) == ("paused, 3 running", "dim")
    done = last.model_copy(update={"paused": True, "running": 0})
    assert forecast_label(readings.reading_of(done, now)) == ("paused", "dim")


def test_a_limit_of_zero_is_said_at_once_and_so_is_its_end() -> None:
    readings, last, now = watched([200 - second // 2 for second in range(0, 121, 2)])
    assert forecast_label(readings.reading_of(last, now))[0].startswith("drains in")
    shut = last.model_copy(update={"concurrency_limit": 0})
    assert forecast_label(readings.reading_of(shut, now)) == ("blocked: limit 0", "bad-strong")
    assert readings.reading_of(shut, now).health is Health.BLOCKED
    assert readings.flow(shut, now).out_per_minute in (None, 0)
    empty = shut.model_copy(update={"queued": 0, "running": 0})
    assert forecast_label(readings.reading_of(empty, now)) == ("blocked: limit 0", "dim")


def test_a_paused_environment_is_said_of_each_queue_that_has_work() -> None:
    depths = DepthHistory()
    readings = QueueReadings(depths, lambda: True)
    assert forecast_label(readings.reading_of(queue(4, 1), START))[0] == "environment paused"
    assert forecast_label(readings.reading_of(queue(0, 1), START))[0] == ""


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (76, "queue health queued running outlook"),
        (116, "queue health queued running used depth outlook"),
        (136, "queue health queued running used depth in out outlook"),
    ],
)
def test_what_matters_of_a_queue_is_shown_at_every_usual_width(width: int, shown: str) -> None:
    fields = live_queues(lambda: None, lambda: START).fields
    layout = arrange([field.column() for field in fields if field.is_shown], width)
    assert [place.column.key for place in layout.placed] == shown.split()


def test_who_limits_a_queue_is_said() -> None:
    overridden = queue(5, 3, 3, concurrency={"current": 3, "base": 5, "override": 3})
    assert limit_label(overridden) == "limit 3 (base 5, overridden)"
    assert cell_text(limit_cell(overridden)).endswith("3 / 3*")
    assert limit_label(queue(limit=None)) == "no limit of its own"
    assert cell_text(name_cell(queue(type="custom"), Health.IDLE)) == "sync-crm ◇"


def test_the_filter_says_what_it_does_not_know() -> None:
    wanted = parse_queue_filter("sync health:at-limit,backlogged kind:task")
    assert wanted.matches(queue(), Health.AT_LIMIT)
    assert not wanted.matches(queue(), Health.IDLE)
    with pytest.raises(QueueFilterError, match="health is one of"):
        parse_queue_filter("health:ill")
    with pytest.raises(QueueFilterError, match="queues have no status"):
        parse_queue_filter("status:failed")
    offered = complete_queue_filter("health:back", 11, [])
    assert offered.candidates == ("backlogged",)
    assert complete_queue_filter("sy", 2, ["sync-crm"]).candidates == ("sync-crm",)


def test_what_was_seen_first_is_remembered() -> None:
    readings, last, _now = watched([0, 0, 0, 3, 3, 2, 0])
    assert readings.first_s(last.id) == START.timestamp()
    assert readings.waits_since_s(last.id) == START.timestamp() + 6
    assert readings.first_s("queue_unseen") is None
    assert readings.waits_since_s("queue_unseen") is None
