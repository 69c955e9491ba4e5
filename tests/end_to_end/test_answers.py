"""What no run list answers, as processes: the most expensive runs, what is stuck, and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.command_line import CommandLine, command_line


@pytest.fixture(scope="module")
def trigdash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    yield from command_line(tmp_path_factory, "--scenario", "incident")


def test_the_slowest_runs_are_those_of_all_that_match(trigdash: CommandLine) -> None:
    done = trigdash("runs", "list", "--sort=-duration", "--limit", "5", "-o", "json")
    assert "5 shown, " in done.err
    assert "window: last 7 days" in done.err
    every = trigdash("runs", "list", "--limit", "all", "-o", "json").data
    longest = sorted((row["_durationMs"] or 0 for row in every), reverse=True)[:5]
    assert [row["_durationMs"] for row in done.data] == longest


def test_conditions_are_asked_of_the_query_endpoint(trigdash: CommandLine) -> None:
    done = trigdash("runs", "list", "attempts:>1 status:failed", "--limit", "3", "-o", "json")
    assert len(done.data) == 3
    assert all(row["attemptCount"] > 1 and row["status"] == "FAILED" for row in done.data)


def test_what_is_stuck_is_grouped_by_its_reason(trigdash: CommandLine) -> None:
    done = trigdash("runs", "stuck", "-o", "json")
    assert done.code == 1, "something is held"
    groups = {group["code"]: group for group in done.data["groups"]}
    assert groups["queue_paused"]["subject"] == "crm"
    assert groups["queue_paused"]["runs"] > 1
    assert groups["limit_zero"]["act"] == "remove the override"
    assert done.data["notLookedAt"] == []
    since = [group["since"] for group in done.data["groups"]]
    assert since == sorted(since)
    oldest = groups["queue_paused"]["oldest"]
    why = trigdash("runs", "get", oldest, "-o", "json").data["_why"]
    assert (why["code"], why["subject"]) == ("queue_paused", "crm")
    assert why["verdict"].startswith("Queue crm is paused")
    assert why["ahead"] is not None


@pytest.mark.parametrize("no_error", ["", " ", "errors/1"])
def test_triage_of_what_is_no_error_says_where_errors_are_listed(
    trigdash: CommandLine, no_error: str
) -> None:
    done = trigdash("triage", no_error)
    assert done.code == 2
    assert "this is no error" in done.err
    assert "trigdash errors" in done.err
