"""Realtime feeds: all rows first, then what changed, and a request that waits for it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.simulator.callers import Answer, Served
from tests.simulator.replaying import body_of, recorded_shape, recording, same_refusal
from trigdash.simulator.http.ratelimit import API

TODAY = {"x-trigger-electric-version": "1.0.0-beta.1"}
RECORDED = ("realtime__run_initial", "realtime__batch_initial", "realtime__runs_by_tag_initial")
UP_TO_DATE = {"headers": {"control": "up-to-date"}}


@pytest.fixture
def served() -> Served:
    return Served(runs=300, rate=API)


async def delayed(served: Served, *tags: str) -> str:
    body = {"payload": {"n": 1}, "options": {"delay": "1h", "tags": list(tags)}}
    return str((await served.post("/api/v1/tasks/send-email/trigger", body))["id"])


async def look(served: Served, path: str, **query: str) -> Answer:
    return await served("GET", f"/realtime/v1/{path}", query=query, headers=TODAY)


def rows(answer: Answer) -> list[dict[str, Any]]:
    return [message["value"] for message in answer.body if "value" in message]


async def test_the_first_answer_has_the_recorded_shape_and_headers(served: Served) -> None:
    shape = recorded_shape(*RECORDED)
    batch = next(batch for batch in served.world.env.batches.values() if batch.runs)
    run = served.run("COMPLETED_SUCCESSFULLY")
    for path in (f"runs/{run.id}", f"batches/{batch.id}", "runs"):
        query = {"tags": run.tags[0]} if path == "runs" and run.tags else {}
        answer = await served("GET", f"/realtime/v1/{path}", query={"offset": "-1", **query})
        assert answer.status == 200
        assert shape.misfits(answer.body) == []
        assert answer.body[-1] == UP_TO_DATE
        wanted = recording(RECORDED[0])["response"]["headers"]
        for header in ("electric-chunk-last-offset", "electric-schema", "electric-shape-id"):
            assert header in answer.headers
        assert answer.headers["electric-schema"] == wanted["electric-schema"]
        assert answer.headers["cache-control"] == "no-store"
        assert "x-ratelimit-limit" not in answer.headers


async def test_rows_are_texts_with_times_that_have_no_zone(served: Served) -> None:
    run = served.run("COMPLETED_WITH_ERRORS")
    (row,) = rows(await look(served, f"runs/{run.id}", offset="-1"))
    assert all(value is None or isinstance(value, str) for value in row.values())
    assert row["friendlyId"] == run.id == f"run_{row['id']}"
    assert not row["createdAt"].endswith("Z")
    assert row["status"] == "COMPLETED_WITH_ERRORS"
    assert row["isTest"] in {"t", "f"}
    assert row["runTags"].startswith("{")
    assert json.loads(row["error"])["type"] in {"BUILT_IN_ERROR", "STRING_ERROR", "CUSTOM_ERROR"}
    assert set(row) == set(rows_of(body_of("realtime__run_initial"))[0])


def rows_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message["value"] for message in messages if "value" in message]


async def test_columns_can_be_left_out_but_not_all(served: Served) -> None:
    run = served.run("COMPLETED_SUCCESSFULLY")
    answer = await look(served, f"runs/{run.id}", offset="-1", skipColumns="payload,output,status")
    (row,) = rows(answer)
    assert "payload" not in row
    assert "output" not in row
    assert "status" in row


async def test_what_is_not_there_is_a_404(served: Served) -> None:
    answer = await served("GET", "/realtime/v1/runs/run_doesnotexist0000000000?offset=-1")
    same_refusal(answer, "realtime__run_404_initial")
    assert (await look(served, "batches/batch_none", offset="-1")).status == 404


async def test_a_client_that_comes_back_is_told_what_changed(served: Served) -> None:
    run = await delayed(served)
    first = await look(served, f"runs/{run}", offset="-1")
    place = {
        "offset": first.headers["electric-offset"],
        "handle": first.headers["electric-handle"],
    }
    nothing = await look(served, f"runs/{run}", **place)
    assert nothing.body == [UP_TO_DATE]
    await served.post(f"/api/v2/runs/{run}/cancel")
    changed = await look(served, f"runs/{run}", **place)
    assert changed.body[0]["headers"] == {"operation": "update"}
    assert rows(changed)[0]["status"] == "CANCELED"
    assert changed.headers["electric-offset"] != place["offset"]
    # An answer that was lost is given again.
    assert rows(await look(served, f"runs/{run}", **place))[0]["status"] == "CANCELED"


async def test_a_live_request_waits_for_a_change(served: Served) -> None:
    run = await delayed(served)
    first = await look(served, f"runs/{run}", offset="-1")
    waiting = asyncio.create_task(
        look(
            served,
            f"runs/{run}",
            offset=first.headers["electric-offset"],
            handle=first.headers["electric-handle"],
            live="true",
        )
    )
    await asyncio.wait({waiting}, timeout=0.15)
    assert not waiting.done()
    await served.post(f"/api/v2/runs/{run}/cancel")
    answer = await asyncio.wait_for(waiting, 5)
    assert rows(answer)[0]["status"] == "CANCELED"
    assert "electric-cursor" in answer.headers


async def test_a_live_request_gives_up_after_twenty_seconds(served: Served) -> None:
    run = await delayed(served)
    first = await look(served, f"runs/{run}", offset="-1")
    waiting = asyncio.create_task(
        look(
            served,
            f"runs/{run}",
            offset=first.headers["electric-offset"],
            handle=first.headers["electric-handle"],
            live="true",
        )
    )
    await asyncio.wait({waiting}, timeout=0.15)
    served.time.pass_seconds(21)
    assert (await asyncio.wait_for(waiting, 5)).body == [UP_TO_DATE]


async def test_an_unknown_offset_gives_all_rows_again(served: Served) -> None:
    run = await delayed(served)
    for live, operation in (("false", "insert"), ("true", "update")):
        place = {"offset": "17_3", "handle": "run-other"}
        answer = await look(served, f"runs/{run}", live=live, **place)
        assert answer.status == 200
        assert [row["friendlyId"] for row in rows(answer)] == [run]
        assert answer.body[0]["headers"] == {"operation": operation}
        assert answer.headers["electric-handle"] == "run-other"


async def test_a_feed_by_tags_wants_every_tag_unlike_lists(served: Served) -> None:
    both = await delayed(served, "red", "blue")
    await delayed(served, "red")
    answer = await look(served, "runs", tags="red,blue", offset="-1")
    assert [row["friendlyId"] for row in rows(answer)] == [both]
    listed = await served.get("/api/v1/runs", query={"filter[tag]": "red,blue"})
    assert len(listed["data"]) == 2
    assert (await look(served, "runs", tags="a'b", offset="-1")).status == 400
    more = await delayed(served, "blue", "red", "green")
    place = {
        "offset": answer.headers["electric-offset"],
        "handle": answer.headers["electric-handle"],
    }
    later = await look(served, "runs", tags="red,blue", **place)
    assert later.body[0]["headers"] == {"operation": "insert"}
    assert [row["friendlyId"] for row in rows(later)] == [more]


async def test_without_the_api_version_dequeued_reads_executing(served: Served) -> None:
    made = await served.post("/api/v1/tasks/send-email/trigger", {"payload": {}})
    run = served.world.env.runs.by_id[made["id"]]
    assert run.status == "DEQUEUED"
    new = await served("GET", f"/realtime/v1/runs/{run.id}?offset=-1")
    old = await served(
        "GET", f"/realtime/v1/runs/{run.id}?offset=-1", headers={"x-trigger-api-version": ""}
    )
    assert (rows(new)[0]["status"], rows(old)[0]["status"]) == ("DEQUEUED", "EXECUTING")


async def test_a_public_token_sees_its_own_run_only(served: Served) -> None:
    body = {"payload": {}, "options": {"delay": "1h"}}
    handle = await served("POST", "/api/v1/tasks/send-email/trigger", body=body)
    token, other = handle.headers["x-trigger-jwt"], await delayed(served)
    for run, status in ((handle.body["id"], 200), (other, 403)):
        answer = await served("GET", f"/realtime/v1/runs/{run}?offset=-1", who=token)
        assert answer.status == status
