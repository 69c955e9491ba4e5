"""Packets: links that lead to large payloads and outputs without another credential."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees
from trigdash.simulator.world.runs import Sent

LARGE = {"text": "x" * 600_000}


@pytest.fixture
def served() -> Served:
    return Served(runs=30)


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1")


async def test_a_large_payload_is_offered_as_a_link(served: Served) -> None:
    body = {"payload": LARGE, "options": {"delay": "1h"}}
    made = await served.post("/api/v1/tasks/send-email/trigger", body)
    run = await served.get(f"/api/v3/runs/{made['id']}")
    assert "payload" not in run
    link = path_of(run["payloadPresignedUrl"])
    assert await served.get(link, who="none") == LARGE
    other = link.replace("payload.json", "output.json")
    assert (await served("GET", other, who="none")).status == 403
    served.time.pass_seconds(301)
    assert (await served("GET", link, who="none")).status == 403


async def test_a_ten_megabyte_output_comes_by_link(served: Served) -> None:
    run = served.run("COMPLETED_SUCCESSFULLY")
    run.output = Sent('{"rows":"' + "y" * 10_000_000 + '"}')
    shown = await served.get(f"/api/v3/runs/{run.id}")
    assert "output" not in shown
    answer = await served("GET", path_of(shown["outputPresignedUrl"]), who="none")
    assert len(answer.text) > 10_000_000


async def test_a_client_uploads_before_it_triggers(served: Served) -> None:
    answer = await served("PUT", "/api/v2/packets/upload/one.json")
    agrees(answer, "packets_v2_put__presign")
    assert "x-ratelimit-limit" not in answer.headers
    link: dict[str, Any] = answer.body
    stored = await served(
        "PUT", path_of(link["presignedUrl"]), who="none", content=b'{"from":"the store"}'
    )
    assert stored.status == 200
    body = {
        "payload": link["storagePath"],
        "options": {"payloadType": "application/store", "delay": "1h"},
    }
    made = await served.post("/api/v1/tasks/send-email/trigger", body)
    run = await served.get(f"/api/v3/runs/{made['id']}")
    got = await served.get(path_of(run["payloadPresignedUrl"]), who="none")
    assert got == {"from": "the store"}
    read = await served("GET", "/api/v1/packets/upload/one.json")
    agrees(read, "packets_v1_get__presign")
    assert await served.get(path_of(read.body["presignedUrl"]), who="none") == got


async def test_links_are_signed(served: Served) -> None:
    made = await served("GET", "/api/v1/packets/a/b.json")
    link = path_of(made.body["presignedUrl"])
    assert (await served("GET", link, who="none")).status == 404
    for wrong in (link[:-1], link.partition("?")[0], link.replace("/a/", "/c/")):
        assert (await served("GET", wrong, who="none")).status == 403
