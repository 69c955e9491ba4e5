"""What holds a run, in a few words: in the column, below the list and in the overview."""

from __future__ import annotations

import pytest

from tests.fakes.backend import make_row
from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import cell_text
from trigdash.presentation.run.blockers import QueueBlockers, blocker_lines, verdict_line
from trigdash.presentation.run_columns import run_columns
from trigdash.presentation.run_line import explain, held_text
from trigdash.service.why.check import Check, Finding
from trigdash.service.why.verdict import Why

NOW_MS = 10_000_000.0
PAUSED = Check("queue_paused", Finding.HOLDS, "Queue crm is paused: 36 wait.", "crm")


def row(status: str, **facts: object) -> RunRow:
    return make_row(1, status, created_ms=int(NOW_MS) - 600_000, **facts)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (row("COMPLETED"), ""),
        (row("EXECUTING"), ""),
        (row("WAITING"), ""),
        (row("QUEUED"), ""),
        (row("PENDING_VERSION"), "no deployed version has its task"),
        (row("DELAYED", delayed_until_ms=int(NOW_MS) + 90_000), "delayed, due in 2 m"),
        (row("DELAYED", delayed_until_ms=int(NOW_MS) - 1), "its delay is over"),
        (row("DELAYED"), ""),
        (row("DEQUEUED", updated_ms=int(NOW_MS) - 10_000), ""),
        (row("DEQUEUED", updated_ms=int(NOW_MS) - 90_000), "taken 1 m ago, not started"),
        (row("QUEUED", ttl="15m"), "expires in 5 m"),
        (row("QUEUED", ttl="10h"), ""),
        (row("QUEUED", ttl="1m"), ""),
    ],
)
def test_a_row_tells_what_holds_its_run_as_far_as_it_can(run: RunRow, told: str) -> None:
    assert held_text(run, NOW_MS) == told
    assert cell_text(run_columns()["why"].cell(run, NOW_MS)) == told


def test_a_paused_environment_holds_what_is_queued_and_nothing_else() -> None:
    for status in ("QUEUED", "DEQUEUED"):
        assert held_text(row(status), NOW_MS, environment_paused=True) == (
            "the environment is paused"
        )
    assert held_text(row("EXECUTING"), NOW_MS, environment_paused=True) == ""


def test_the_last_verdict_is_told_as_long_as_the_run_stands_as_it_did() -> None:
    why = Why("run_000001", "QUEUED", (PAUSED,), ahead=12, wait_s=240.0)
    queued, started = row("QUEUED"), row("EXECUTING")
    assert held_text(queued, NOW_MS, why=why) == PAUSED.evidence
    assert PAUSED.evidence in cell_text(explain(queued, NOW_MS, why=why))
    assert held_text(started, NOW_MS, why=why) == ""
    assert PAUSED.evidence not in cell_text(explain(started, NOW_MS, why=why))


def test_the_overview_tells_the_verdict_and_how_many_are_ahead() -> None:
    why = Why("run_1", "QUEUED", (PAUSED,), ahead=12, wait_s=240.0)
    (line,) = blocker_lines(QueueBlockers(why=why))
    told = cell_text(line.cell)
    assert told.strip().startswith(PAUSED.evidence)
    assert "12 runs are ahead; about 4 m 00 s" in told
    silent = Check("silent", Finding.HOLDS, "It has said nothing for 5 m 00 s.")
    (started,) = verdict_line(QueueBlockers(why=Why("run_1", "EXECUTING", (silent,))))
    assert "has said nothing" in cell_text(started.cell)
    assert "W" in cell_text(started.cell)


def test_no_verdict_is_told_where_nothing_is_known_to_hold_the_run() -> None:
    unknown = Check("limit_full", Finding.UNKNOWN, "not told")
    for checks in ((), (unknown,)):
        assert verdict_line(QueueBlockers(why=Why("run_1", "EXECUTING", checks))) == []
    assert verdict_line(QueueBlockers()) == []
