"""The face's manners: what comes before any route, pages and cursors, limits, tokens and faults."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import pytest

from tests.fakes.clock import FakeClock
from tests.simulator.callers import Served, recording
from tests.simulator.replaying import repeat, same_headers
from tests.simulator.test_world import start
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import API, Rate


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(runs=600)


async def test_nothing_is_told_without_a_key(served: Served) -> None:
    answer = await served("GET", "/api/v1/nonsense", who="none")
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert answer.body["error"] == "No authorization header provided"


async def test_an_unknown_path_is_a_page_and_a_trailing_slash_moves(served: Served) -> None:
    answer = await served("GET", "/api/v1/does-not-exist")
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    moved = await served("GET", "/api/v1/runs/")
    same_headers(moved, "trailing_slash__redirect")
    assert (moved.status, moved.headers["location"]) == (301, "/api/v1/runs")
    kept = await served("GET", "/api//v1/runs/?page[size]=5")
    assert kept.headers["location"] == "/api/v1/runs?page[size]=5"


@pytest.mark.parametrize("name", ["unknown_api_route__404", "unknown_api_route__404_post"])
async def test_unknown_paths_are_pages_as_recorded(name: str) -> None:
    answer = await repeat(Served(runs=0, rate=API), name)
    expected = recording(name)["response"]
    assert answer.status == expected["status"]
    assert answer.headers["content-type"] == expected["headers"]["content-type"]
    same_headers(answer, name)


@pytest.mark.parametrize("name", ["healthcheck", "timezones__exclude_utc"])
async def test_what_needs_no_credential_is_not_limited(name: str) -> None:
    answer = await repeat(Served(runs=0, rate=API), name)
    expected = recording(name)["response"]
    assert answer.status == expected["status"]
    assert answer.headers["content-type"] == expected["headers"]["content-type"]
    same_headers(answer, name)
    if name == "healthcheck":
        assert answer.text == expected["text"]
    else:
        assert "UTC" not in answer.body["timezones"]
        assert set(expected["body"]["timezones"]) <= set(answer.body["timezones"])


@pytest.mark.parametrize(
    "name", ["ratelimit_429__secret_key_runs_list", "ratelimit_429__public_jwt"]
)
async def test_too_many_requests_are_told_as_recorded(name: str) -> None:
    served = Served(runs=0, rate=API)
    served.time.pass_seconds(40.85)
    public = "jwt" in name
    env = served.world.env
    who = served.state.mint(env, ["read:runs"]) if public else env.secret_key
    answers = [await served("GET", "/api/v1/runs", who=who) for _ in range(61 if public else 751)]
    assert {answer.status for answer in answers[:-1]} == {200}
    refused, expected = answers[-1], recording(name)["response"]
    assert refused.status == expected["status"]
    same = {key.lower(): value for key, value in expected["headers"].items()}
    for header in ("content-type", "x-ratelimit-limit", "x-ratelimit-remaining"):
        assert refused.headers[header] == same[header], header
    assert "retry-after" not in refused.headers
    assert "access-control-expose-headers" not in refused.headers
    told, meant = refused.body, expected["body"]
    assert told.keys() == meant.keys()
    for key in ("title", "status", "type", "limit", "remaining"):
        assert told[key] == meant[key], key
    left = f"Rate limit exceeded 0/{meant['limit']} requests remaining. Retry in "
    assert told["detail"] == told["error"] == f"{left}{told['secondsUntilReset']:g} seconds."
    assert meant["detail"].startswith(left)
    assert told["reset"] == int(refused.headers["x-ratelimit-reset"])
    assert told["secondsUntilReset"] == (19.15 if public else 10)


async def test_a_head_has_the_headers_of_a_get(served: Served) -> None:
    head, whole = [await served(method, "/api/v1/runs") for method in ("HEAD", "GET")]
    assert (head.status, head.text) == (200, "")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert (await served("HEAD", "/api/v1/runs", who="bad")).status == 401


async def test_preflights_are_answered(served: Served) -> None:
    answer = await served(
        "OPTIONS", "/api/v1/runs", who="none", headers={"origin": "http://a.test"}
    )
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "http://a.test"
    recorded = recording("options_preflight__runs")["response"]["headers"]
    assert answer.headers["vary"] == recorded["Vary"]


async def test_the_health_check_needs_no_key(served: Served) -> None:
    answer = await served("GET", "/healthcheck", who="none")
    assert (answer.status, answer.text) == (200, "OK")


async def every_id(served: Served, size: int, **query: str) -> list[str]:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await served.get("/api/v1/runs", query={"page[size]": size, **query, **cursor})
        found += [run["id"] for run in page["data"]]
        if "next" not in page["pagination"]:
            return found
        cursor = {"page[after]": page["pagination"]["next"]}


async def test_pages_have_no_gaps_and_no_repeats(served: Served) -> None:
    everything = {"filter[createdAt][period]": "60d"}
    small, large = (
        await every_id(served, 37, **everything),
        await every_id(served, 100, **everything),
    )
    assert small == large
    assert len(small) == len(set(small)) == len(served.world.env.runs)


async def test_a_page_reached_backwards_comes_oldest_first(served: Served) -> None:
    first = await served.get("/api/v1/runs", query={"page[size]": 5})
    second = await served.get(
        "/api/v1/runs", query={"page[size]": 5, "page[after]": first["pagination"]["next"]}
    )
    back = await served.get(
        "/api/v1/runs", query={"page[size]": 5, "page[before]": second["pagination"]["previous"]}
    )
    assert [run["id"] for run in back["data"]] == [run["id"] for run in reversed(first["data"])]
    assert "previous" not in back["pagination"]
    again = await served.get(
        "/api/v1/runs", query={"page[size]": 5, "page[after]": back["pagination"]["next"]}
    )
    assert again["data"] == second["data"]


async def test_a_cursor_that_cannot_be_read_gives_the_first_page(served: Served) -> None:
    first = await served.get("/api/v1/runs", query={"page[size]": 5})
    odd = await served.get("/api/v1/runs", query={"page[size]": 5, "page[after]": "garbage"})
    assert odd["data"] == first["data"]
    assert "previous" in odd["pagination"]
    assert "previous" not in first["pagination"]


async def test_lists_reach_back_seven_days_unless_told_otherwise(served: Served) -> None:
    week = await every_id(served, 100)
    ever = await every_id(served, 100, **{"filter[createdAt][period]": "banana"})
    assert set(week) < set(ever)
    assert len(ever) == len(served.world.env.runs)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"filter[status]": "FAILED,CRASHED"}, lambda run: run["status"] in {"FAILED", "CRASHED"}),
        (
            {"filter[status]": "EXECUTING,QUEUED"},
            lambda run: run["status"] in {"EXECUTING", "QUEUED"},
        ),
        ({"filter[taskIdentifier]": "sync-crm"}, lambda run: run["taskIdentifier"] == "sync-crm"),
        ({"filter[tag]": "media,ai"}, lambda run: {"media", "ai"} & set(run["tags"])),
        ({"filter[region]": "eu-central-1"}, lambda run: run["region"] == "eu-central-1"),
        ({"filter[isTest]": "true"}, lambda run: run["isTest"]),
        (
            {"filter[queue]": "task/send-email,crm", "filter[status]": "COMPLETED"},
            lambda run: run["taskIdentifier"] in {"send-email", "sync-crm"} and run["isSuccess"],
        ),
    ],
)
async def test_a_filter_finds_all_that_fits_and_nothing_else(
    served: Served, query: dict[str, str], fits: Any
) -> None:
    window = {"filter[createdAt][period]": "60d", "page[size]": "100"}
    found = (await served.get("/api/v1/runs", query={**query, **window}))["data"]
    assert found
    assert all(fits(run) for run in found)
    everything: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while len(everything) == 0 or cursor:
        page = await served.get("/api/v1/runs", query={**window, **cursor})
        everything += page["data"]
        after = page["pagination"].get("next")
        cursor = {"page[after]": after} if after else {}
    assert [run["id"] for run in everything if fits(run)][: len(found)] == [r["id"] for r in found]


async def test_both_vocabularies(served: Served) -> None:
    waiting = served.run("WAITING_TO_RESUME")
    path = f"/api/v3/runs/{waiting.id}"
    assert (await served.get(path))["status"] == "WAITING"
    for version in ("", "2099-01-01"):
        assert (await served.get(path, headers={"x-trigger-api-version": version}))[
            "status"
        ] == "FROZEN"


async def test_the_bucket_of_an_environment_runs_empty_and_fills_again() -> None:
    served = Served(runs=0, rate=Rate(6, 2))
    await served("GET", "/api/v1/queues")
    answers = [await served("GET", "/api/v1/queues") for _ in range(7)]
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
    refused = answers[-1]
    assert "retry-after" not in refused.headers
    assert refused.body["remaining"] == -1
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert (
        refused.body["reset"]
        == int(refused.headers["x-ratelimit-reset"])
        == served.time.ms + 10_000
    )
    assert (await served("GET", "/api/v1/queues", who="dev")).status == 200
    served.time.pass_seconds(10)
    assert [(await served("GET", "/api/v1/queues")).status for _ in range(3)] == [200, 200, 429]


def test_the_limit_of_the_api_is_the_recorded_one() -> None:
    assert (API.size, API.refill, API.interval_ms) == (750, 250, 10_000)


async def test_the_token_of_a_trigger_reads_its_own_run_and_no_other(served: Served) -> None:
    made = await served("POST", "/api/v1/tasks/send-email/trigger", body={"payload": 1})
    token, own = made.headers["x-trigger-jwt"], made.body["id"]
    other = served.world.env.runs.all[0].id
    assert (await served("GET", f"/api/v3/runs/{own}", who=token)).status == 200
    assert (await served("GET", f"/api/v3/runs/{other}", who=token)).status == 403
    assert (await served("POST", f"/api/v2/runs/{own}/cancel", who=token)).status == 403
    forged = token[:-4] + "AAAA"
    assert (await served("GET", f"/api/v3/runs/{own}", who=forged)).status == 401
    served.time.pass_seconds(3_700)
    assert (await served("GET", f"/api/v3/runs/{own}", who=token)).status == 401


async def test_an_idempotency_key_gives_the_same_run_until_it_is_reset(served: Served) -> None:
    body = {"payload": 1, "options": {"idempotencyKey": "once", "delay": "1h"}}
    path = "/api/v1/tasks/send-email/trigger"
    first, second = await served.post(path, body), await served.post(path, body)
    assert (second["id"], second["isCached"]) == (first["id"], True)
    reset = await served.post(
        "/api/v1/idempotencyKeys/once/reset", {"taskIdentifier": "send-email"}
    )
    assert reset == {"id": "once"}
    assert (await served.post(path, body))["id"] != first["id"]


async def test_metadata_operations(served: Served) -> None:
    run = start(served.world, seed=77)
    path = f"/api/v1/runs/{run.id}/metadata"
    await served("PUT", path, body={"metadata": {"n": 1, "list": [1], "gone": True}})
    operations = [
        {"type": "increment", "key": "n", "value": 4},
        {"type": "append", "key": "list", "value": 2},
        {"type": "remove", "key": "list", "value": 1},
        {"type": "delete", "key": "gone"},
        {"type": "set", "key": "$.deep.er", "value": "x"},
    ]
    answer = await served("PUT", path, body={"operations": operations})
    assert answer.body == {"metadata": {"n": 5, "list": [2], "deep": {"er": "x"}}}
    assert (await served.get(f"/api/v3/runs/{run.id}"))["metadata"] == answer.body["metadata"]


async def test_payloads_are_read_back_as_they_were_stored(served: Served) -> None:
    path = "/api/v1/tasks/send-email/trigger"
    for payload, kind, shown in (
        ({"a": [1, None]}, "application/json", {"a": [1, None]}),
        ("just text", "text/plain", "just text"),
        ('{"json":{"when":"2026"},"meta":{}}', "application/super+json", {"when": "2026"}),
    ):
        made = await served.post(path, {"payload": payload, "options": {"payloadType": kind}})
        assert (await served.get(f"/api/v3/runs/{made['id']}"))["payload"] == shown


async def test_a_host_serves_over_a_socket_and_packs_what_is_large() -> None:
    async with SimulatorHost(runs=60, clock=FakeClock()) as host, httpx.AsyncClient() as client:
        headers = {"Authorization": f"Bearer {host.secret_key}", "accept-encoding": "gzip"}
        answer = await client.get(f"{host.url}/api/v1/runs", headers=headers)
        assert answer.headers["content-encoding"] == "gzip"
        assert len(answer.json()["data"]) == 25
        async with client.stream("GET", f"{host.url}/api/v1/runs", headers=headers) as raw:
            content = b"".join([part async for part in raw.aiter_raw()])
        assert json.loads(gzip.decompress(content))["data"]


async def test_a_host_follows_the_clock_it_is_given() -> None:
    clock = FakeClock()
    async with SimulatorHost(runs=30, clock=clock) as host:
        before = host.world.now_ms
        await clock.advance(60)
        host.state.catch_up()
        assert host.world.now_ms == before + 60_000


async def test_a_host_misbehaves_when_it_is_told_to() -> None:
    async with SimulatorHost(runs=30, clock=FakeClock()) as host, httpx.AsyncClient() as client:
        headers = {"Authorization": f"Bearer {host.secret_key}"}

        async def ask(method: str = "GET", path: str = "/api/v1/runs") -> httpx.Response:
            return await client.request(method, host.url + path, headers=headers)

        host.faults.answer(503, times=2)
        assert [(await ask()).status_code for _ in range(3)] == [503, 503, 200]
        host.faults.garble()
        with pytest.raises(ValueError, match=r"Expecting|Unterminated|Expected"):
            (await ask()).json()
        host.faults.drop()
        with pytest.raises(httpx.TransportError):
            await ask()
        count = len(host.world.env.runs)
        host.faults.drop(after_acting=True, method="POST")
        with pytest.raises(httpx.TransportError):
            await ask("POST", f"/api/v1/runs/{host.world.env.runs.all[0].id}/replay")
        assert len(host.world.env.runs) == count + 1
        host.faults.revoke(host.secret_key)
        assert (await ask()).status_code == 401
        host.faults.clear()
        assert (await ask()).status_code == 200
