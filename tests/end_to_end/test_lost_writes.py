"""Writes at the command line whose answer is lost: looked up by a read, told done or unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.end_to_end.in_thread import Served, served
from trigdash.commands.exit_codes import ExitCode


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_faults_are_left(world: Served) -> None:
    world.host.faults.clear()


def runs_of(world: Served, task: str) -> list[str]:
    return world.trigdash(
        "runs", "list", f"task:{task}", "-o", "name", "--limit", "all"
    ).out.split()


def test_a_lost_replay_is_found_by_its_key(world: Served) -> None:
    row = world.trigdash("runs", "list", "status:completed", "-o", "json", "--limit", "1").data[0]
    before = runs_of(world, row["taskIdentifier"])
    world.lose("/replay")
    done = world.trigdash("runs", "replay", row["id"], "-o", "json")
    told = json.loads(done.out)
    assert (done.code, told["_result"]) == (ExitCode.WELL, "done")
    # The world goes on meanwhile, and may make more.
    assert told["_newRunId"] in set(runs_of(world, row["taskIdentifier"])) - set(before)


def test_a_replay_that_never_arrived_is_unknown_and_says_what_is_there(world: Served) -> None:
    run = world.first("runs", "list", "status:completed")
    world.lose("/replay", after_acting=False)
    done = world.trigdash("runs", "replay", run)
    assert done.code == ExitCode.UNKNOWN
    assert "no answer came, and no run stands for its idempotency key yet" in done.out


def test_a_lost_trigger_without_a_key_names_the_newest_run_of_its_task(world: Served) -> None:
    world.lose("/trigger")
    done = world.trigdash("tasks", "trigger", "send-email", "--yes")
    assert (done.code, done.out) == (ExitCode.UNKNOWN, "")
    newest = re.search(r"the newest run of send-email is (run_\w+), created at", done.err)
    assert newest is not None
    assert newest[1] in runs_of(world, "send-email")


@pytest.mark.parametrize(
    ("words", "lost", "told"),
    [
        (("queues", "pause", "task/send-email"), "/pause", "the queue shows it"),
        (("errors", "ignore", "{errors}"), "/ignore", "the error shows it"),
        (
            (
                "schedules",
                "create",
                "--task",
                "nightly-rollup",
                "--cron",
                "0 4 * * *",
                "--key",
                "k",
            ),
            "/schedules",
            "is there",
        ),
        (("variables", "create", "--name", "LOST", "--value", "1"), "/envvars", "LOST is there"),
        (("tokens", "create", "--idempotency-key", "k"), "/tokens", "is there"),
    ],
)
def test_other_lost_writes_are_looked_up_too(
    world: Served, words: tuple[str, ...], lost: str, told: str
) -> None:
    given = [world.first("errors", "list") if word == "{errors}" else word for word in words]
    world.lose(lost)
    done = world.trigdash(*given, "--yes")
    assert (done.code, "the answer was lost, but" in done.err) == (ExitCode.WELL, True), done.err
    assert told in done.err


def test_a_delete_is_known_by_what_is_gone(world: Served) -> None:
    world.trigdash("variables", "create", "--name", "GONE", "--value", "1", "--yes")
    world.lose("/envvars", method="DELETE")
    done = world.trigdash("variables", "delete", "GONE", "--yes")
    assert done.code == ExitCode.WELL, done.err


def test_what_was_made_is_printed_by_its_id_and_as_a_row_where_data_is_asked_for(
    world: Served,
) -> None:
    token = world.trigdash("tokens", "create", "--yes", "-o", "json")
    assert token.data["status"] == "WAITING"
    key = ("schedules", "create", "--task", "nightly-rollup", "--cron", "0 5 * * *", "--key", "a")
    schedule = world.trigdash(*key, "--yes")
    assert schedule.out.strip().startswith("sched_")
    again = world.trigdash(*key, "--yes", "-o", "json")
    assert (again.data["id"], again.data["task"]) == (schedule.out.strip(), "nightly-rollup")
    named = world.trigdash("variables", "create", "--name", "MADE", "--value", "1", "--yes")
    assert named.out == "MADE\n"
    run = world.trigdash("tasks", "trigger", "send-email", "--yes", "-o", "json").data
    assert run["id"].startswith("run_")
    limit = ("queues", "limit", "task/send-email", "--to", "3")
    limited = world.trigdash(*limit, "--yes", "-o", "json").data
    assert (limited["id"], limited["_result"]) == ("task/send-email", "done")
