"""The server's own figures of a queue, and what is said where it measures nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.clock import START
from tests.recorded import recorded
from trigdash.model.queue import QueueMetrics, parse_queue_metrics
from trigdash.presentation.cell import cell_text
from trigdash.presentation.queues import metrics_cell
from trigdash.service.cache.store import Snapshot

ZEROS = {"period": "1h", "waitMs": {"p50": None, "p95": None}, "depthTrend": [0] * 12}
NOW_S = START.timestamp()


def said(metrics: QueueMetrics, waits_since_s: float | None) -> str:
    return cell_text(metrics_cell(Snapshot(data=metrics), waits_since_s, START)).strip()


def made(**figures: Any) -> QueueMetrics:
    return QueueMetrics.model_validate(ZEROS | figures)


def test_zeros_beside_a_queue_that_was_seen_waiting_are_no_measurement() -> None:
    metrics = parse_queue_metrics(recorded("queues_metrics__unknown_queue").body)
    long_ago = (START - timedelta(minutes=5)).timestamp()
    assert said(metrics, long_ago) == "server metrics: not measured by this server"
    assert said(metrics, NOW_S - 30) == "server metrics: not measured yet"


def test_zeros_of_a_queue_in_which_nothing_waited_are_believed() -> None:
    assert "started 0, 0.0/min  peak 0" in said(made(), None)


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"peakQueued": 7}, "peak 7"),
        ({"startedCount": 6, "startedPerMin": 0.1}, "started 6, 0.1/min"),
        ({"throttledCount": 73}, "throttled 73"),
        ({"waitMs": {"p50": 854, "p95": 960}}, "wait p50 854 ms  p95 960 ms"),
        ({"depthTrend": [0, 0, 4]}, "peak 0"),
    ],
)
def test_any_figure_above_zero_is_a_measurement(figures: dict[str, Any], words: str) -> None:
    assert words in said(made(**figures), NOW_S - 3600)
