"""The run list on screen: what it says, and that it never loses one's place."""

from __future__ import annotations

from tests.fakes.backend import FakeBackend
from tests.ui.stage import on_stage, run_row


def backend_with(*rows: object) -> FakeBackend:
    backend = FakeBackend()
    backend.add(rows)  # type: ignore[arg-type]
    return backend


async def test_the_first_frame_is_a_designed_loading_state() -> None:
    async with on_stage() as stage:
        assert "trigdash" in stage.bar
        assert "last 7 days" in stage.bar
        assert "connecting" in stage.bar
        assert "loading the runs of the last 7 days from 127.0.0.1" in stage.state


async def test_runs_appear_with_counts_and_where_they_are_from() -> None:
    backend = backend_with(run_row(1, "EXECUTING"), run_row(2, "FAILED"), run_row(3))
    async with on_stage(backend) as stage:
        await stage.until(lambda: stage.ids == ["run_0001", "run_0002", "run_0003"])
        await stage.until(lambda: "acme-jobs" in stage.bar)
        assert " prod " in stage.bar
        assert "live" in stage.bar
        assert "all  3 " in stage.counts
        assert "1 executing" in stage.counts
        assert "1 failed" in stage.counts
