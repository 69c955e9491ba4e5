"""Queue metrics: waiting times, depth and throughput, as the runs themselves tell."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.simulator.callers import START_MS, Served
from tests.simulator.replaying import agrees, exchanges, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API
from trigdash.simulator.world.queue_history import sweep

GOOD = exchanges("queues_metrics", refused=False)


@pytest.fixture
def served() -> Served:
    return Served(runs=600, rate=API)


@pytest.mark.parametrize("name", exchanges("queues_metrics", refused=True))
async def test_a_recorded_refusal_is_repeated(served: Served, name: str) -> None:
    same_refusal(await repeat(served, name), name)


@pytest.mark.parametrize("name", GOOD)
async def test_recorded_metrics_are_answered_in_their_shape(served: Served, name: str) -> None:
    agrees(await repeat(served, name, **{"video-queue": "crm"}), *GOOD)


async def test_steps_are_aligned_and_twelve(served: Served) -> None:
    for period, width_ms in (("15m", 75_000), ("1h", 300_000), ("24h", 7_200_000)):
        body = await served.get("/api/v1/queues/send-email/metrics", query={"period": period})
        assert (body["bucketIntervalMs"], len(body["depthTrend"])) == (width_ms, 12)
        end_ms = datetime.fromisoformat(body["to"]).timestamp() * 1000
        assert end_ms % width_ms == 0
        assert end_ms >= START_MS


async def test_a_held_back_queue_shows_its_backlog_and_the_wait(served: Served) -> None:
    served.world.env.queues["task/send-email"].paused = True
    for _ in range(6):
        await served.post("/api/v1/tasks/send-email/trigger", {"payload": {}})
    served.time.pass_seconds(40)
    path = "/api/v1/queues/send-email/metrics"
    before = await served.get(path, query={"period": "5m"})
    assert before["peakQueued"] >= 6
    assert before["depthTrend"][-1] >= 6
    await served.post("/api/v1/queues/send-email/pause", {"type": "task", "action": "resume"})
    served.time.pass_seconds(5)
    after = await served.get(path, query={"period": "5m"})
    assert after["startedCount"] >= before["startedCount"] + 6
    assert after["waitMs"]["p95"] >= 40_000


def test_a_sweep_counts_peaks_and_what_is_left() -> None:
    changes = [(0, 1, 0, None), (5, 1, 0, None), (10, -1, 1, 10), (70, 0, -1, None)]
    buckets = sweep(changes, 0, 100, 50, limit=1)
    first, second = buckets[0], buckets[50]
    assert (first.peak_queued, first.left_queued, first.peak_running) == (2, 1, 1)
    assert (first.enqueued, first.started, first.wait_ms) == (2, 1, [10])
    assert first.throttled == 1
    assert (second.ended, second.peak_running) == (1, 1)
