"""The query endpoint over a world: recorded queries, schema and dashboards."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import body_of, exchanges, recorded_shape, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API

QUERY = "/api/v1/query"
# ClickHouse's own explanation follows there; ours ends with the reason.
OTHER_WORDS = {"query__err_type_mismatch"}
# The recorded server had no rows, so the shape of one is not known.
NO_ROWS = {"query__metrics_table"}


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(runs=1_200, rate=API)


async def ask(served: Served, query: str, **more: Any) -> Any:
    return (await served.post(QUERY, {"query": query, **more}))["results"]


@pytest.mark.parametrize("name", exchanges("query", "query_schema", refused=True))
async def test_a_recorded_refusal_is_repeated(served: Served, name: str) -> None:
    answer = await repeat(served, name)
    if name in OTHER_WORDS:
        assert answer.status == 400
        assert "as Int32: syntax error at begin of string." in body_of(name)["error"]
        assert "as Int32: syntax error at begin of string." in answer.body["error"]
    else:
        same_refusal(answer, name)


@pytest.mark.parametrize("name", exchanges("query", refused=False))
async def test_a_recorded_query_is_answered_in_its_shape(served: Served, name: str) -> None:
    answer = await repeat(served, name)
    assert answer.status == 200, answer.text
    body = answer.body
    if name == "query__runs_rows":
        for row in body["results"]:
            assert all(isinstance(tag, str) for tag in row["tags"])
            row["tags"] = []  # as the recorded runs, which had none
    if name in NO_ROWS:
        assert answer.body["format"] == "json"
        assert answer.body["results"]
    else:
        assert recorded_shape(name).misfits(body) == []


async def test_schema_and_dashboards_are_the_recorded_ones(served: Served) -> None:
    assert await served.get(f"{QUERY}/schema") == body_of("query_schema__ok")
    assert await served.get(f"{QUERY}/dashboards") == body_of("query_dashboards__ok")


async def test_every_query_of_the_dashboards_runs(served: Served) -> None:
    boards = (await served.get(f"{QUERY}/dashboards"))["dashboards"]
    widgets = [widget for board in boards for widget in board["widgets"]]
    assert len(widgets) > 30
    filled = [widget for widget in widgets if await ask(served, widget["query"])]
    assert len(filled) > 25


async def test_rows_agree_with_the_runs_they_are_about(served: Served) -> None:
    run = served.run("COMPLETED_WITH_ERRORS")
    whole = await served.get(f"/api/v3/runs/{run.id}")
    columns = "task_identifier, tags, task_version, attempt_count, error.message AS said, batch_id"
    (row,) = await ask(served, f"SELECT {columns} FROM runs WHERE run_id = '{run.id}'")
    assert row["task_identifier"] == whole["taskIdentifier"]
    assert sorted(row["tags"]) == sorted(whole["tags"])
    assert (row["task_version"], row["attempt_count"]) == (whole["version"], whole["attemptCount"])
    assert row["said"] == whole["error"]["message"]
    assert row["batch_id"] == whole.get("batchId", "")


async def test_batches_are_found_by_a_grouped_query(served: Served) -> None:
    query = "SELECT batch_id, count() AS n FROM runs WHERE batch_id != '' GROUP BY batch_id"
    rows = await ask(served, query)
    assert rows
    for row in rows[:3]:
        batch = served.world.env.batches[row["batch_id"]]
        assert row["n"] == len(batch.runs)


async def test_a_window_bounds_what_is_seen(served: Served) -> None:
    count = "SELECT count() AS n FROM runs"
    hour, week = [(await ask(served, count, period=p))[0]["n"] for p in ("1h", "7d")]
    assert 0 < hour < week
    assert (await ask(served, count))[0]["n"] == week
    none = await ask(served, count, **{"from": "2020-01-01", "to": "2020-01-02"})
    assert none == [{"n": 0}]


async def test_a_project_holds_more_than_its_environment(served: Served) -> None:
    count = "SELECT count() AS n FROM runs"
    own, all_of_them = [
        (await ask(served, count, scope=scope))[0]["n"] for scope in ("environment", "project")
    ]
    assert all_of_them > own


async def test_queues_tell_what_they_went_through(served: Served) -> None:
    (row,) = await ask(
        served,
        "SELECT sum(s) AS started, max(q) AS depth FROM (SELECT queue, "
        "deltaSumTimestampMerge(started_delta) AS s, max(max_queued) AS q FROM queue_metrics "
        "GROUP BY queue)",
        period="1h",
    )
    started = sum(1 for run in served.world.env.runs.all if run.started_ms is not None)
    assert 0 < row["started"] <= 2 * started
    (env,) = await ask(
        served,
        "SELECT max(max_env_running) AS r, max(max_env_limit) AS l FROM env_metrics",
    )
    assert env["r"] > 0
    assert env["l"] == served.world.env.limits.concurrency


async def test_a_public_token_needs_each_table(served: Served) -> None:
    env = served.world.env
    token = served.state.mint(env, ["read:query:runs"])
    body = {"query": "SELECT count() FROM runs"}
    assert (await served("POST", QUERY, who=token, body=body)).status == 200
    other = {"query": "SELECT count() FROM metrics"}
    assert (await served("POST", QUERY, who=token, body=other)).status == 403
    wider = body | {"scope": "project"}
    assert (await served("POST", QUERY, who=token, body=wider)).status == 403


def test_the_parser_is_loaded_by_the_first_query_only() -> None:
    code = (
        "import sys, trigdash.simulator.http.server\n"
        "slow = {'sqlglot', 'cron_descriptor', 'pydantic', 'httpx', 'textual', 'rich'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
