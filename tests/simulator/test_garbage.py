"""What no client should send is refused, and leaves nothing behind that breaks later answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator.callers import Served
from trigdash.simulator.world.texts import read_json

TRIGGER = "/api/v1/tasks/send-email/trigger"
READS = (
    "/api/v1/runs?page[size]=100&filter[createdAt][period]=9w", "/api/v1/queues?perPage=100",
    "/api/v1/waitpoints/tokens", "/api/v1/bulk-actions", "/api/v1/schedules",
)  # fmt: skip


@pytest.fixture
def served() -> Served:
    return Served(runs=120)


async def all_lists_answer(served: Served) -> None:
    for path in READS:
        answer = await served("GET", path)
        assert answer.status == 200, (path, answer.text)
        assert "Infinity" not in answer.text
        assert "NaN" not in answer.text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'"\\ud83d\\ude00"', "😀"),
        (b'{"\\ud800": ["\\udc00"]}', {"\N{REPLACEMENT CHARACTER}": ["\N{REPLACEMENT CHARACTER}"]}),
        (b'"\\\\ud800"', "\\ud800"),
        (b"1e999", None),
        (b"[1.5, 2]", [1.5, 2]),
    ],
)
def test_json_is_read_as_the_server_reads_it(text: bytes, value: object) -> None:
    assert read_json(text) == value
    assert read_json(text.decode()) == value


@pytest.mark.parametrize(
    "text", [b"NaN", b'{"a": -Infinity}', b"[" * 5_000, b'{"a":' * 5_000, b"\xff", b"", b"{"]
)
def test_what_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind
        read_json(text)


@pytest.mark.parametrize("content", [b"[" * 5_000, b"NaN", b"\xff\xfe", b'{"payload": Infinity}'])
async def test_a_body_that_is_no_json(served: Served, content: bytes) -> None:
    answer = await served("POST", TRIGGER, content=content)
    assert (answer.status, answer.body) == (400, {"error": "Invalid JSON"})


async def test_half_characters_and_endless_numbers_can_be_read_again(served: Served) -> None:
    content = b'{"payload": {"text": "\\ud800", "n": 1e999}, "options": {"tags": ["\\udfff"]}}'
    run_id = (await served("POST", TRIGGER, content=content)).body["id"]
    body = await served.get(f"/api/v3/runs/{run_id}")
    assert body["payload"] == {"text": "\N{REPLACEMENT CHARACTER}", "n": None}
    assert body["tags"] == ["\N{REPLACEMENT CHARACTER}"]
    inner = {"payload": '{"text": "\\ud800"}', "options": {"payloadType": "application/super+json"}}
    run_id = (await served.post(TRIGGER, inner))["id"]
    text = {"text": "\N{REPLACEMENT CHARACTER}"}
    assert (await served.get(f"/api/v3/runs/{run_id}"))["payload"] == text
    await all_lists_answer(served)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"priority": [1]}, 'Expected number, received array at "options.priority"'),
        ({"queue": "crm"}, 'Expected object, received string at "options.queue"'),
        ({"idempotencyKey": ["a"]}, 'Expected string, received array at "options.idempotencyKey"'),
        ({"maxAttempts": {}}, 'Expected number, received object at "options.maxAttempts"'),
        ({"machine": []}, 'Expected string, received array at "options.machine"'),
        ({"test": "yes"}, 'Expected boolean, received string at "options.test"'),
    ],
)
async def test_options_have_types(served: Served, options: dict[str, Any], said: str) -> None:
    before = len(served.world.env.runs.all)
    answer = await served("POST", TRIGGER, body={"options": options})
    assert (answer.status, answer.body) == (400, {"error": f"Validation error: {said}"})
    items = {"items": [{"task": "send-email"}, {"task": "send-email", "options": options}]}
    for path in ("/api/v1/tasks/batch", "/api/v2/tasks/batch", "/api/v1/tasks/send-email/batch"):
        assert (await served("POST", path, body=items)).status == 400, path
    assert len(served.world.env.runs.all) == before, "none of the other items either"


@pytest.mark.parametrize("far", ["999999999w", "99999999999999999", "9999-12-31T23:59:59Z", "²"])
async def test_times_that_no_date_can_hold_count_as_not_given(served: Served, far: str) -> None:
    options = {"delay": far, "ttl": far, "idempotencyKey": "k", "idempotencyKeyTTL": far}
    run_id = (await served.post(TRIGGER, {"options": options}))["id"]
    assert "delayedUntil" not in await served.get(f"/api/v3/runs/{run_id}")
    token = {"timeout": far, "idempotencyKey": "k", "idempotencyKeyTTL": far}
    await served.post("/api/v1/waitpoints/tokens", token)
    for name in ("from", "to", "period"):
        answer = await served("GET", "/api/v1/runs", query={f"filter[createdAt][{name}]": far})
        assert answer.status in {200, 400}
        body = {"query": "SELECT count() FROM runs", name: far}
        assert (await served("POST", "/api/v1/query", body=body)).status == 200
    await all_lists_answer(served)


@pytest.mark.parametrize("number", [1e300, -1e300, 10**30])
async def test_extreme_numbers(served: Served, number: float) -> None:
    options = {"priority": number, "maxAttempts": number, "maxDuration": number, "ttl": 10**30}
    await served.post(TRIGGER, {"options": options})
    group = (await served.get("/api/v1/errors", query={"filter[period]": "7d"}))["data"][0]["id"]
    answer = await served("POST", f"/api/v1/errors/{group}/ignore", body={"duration": number})
    assert answer.status == (200 if number > 0 else 400)
    served.time.pass_seconds(60)
    assert (await served("GET", f"/api/v1/errors/{group}")).status == 200
    await all_lists_answer(served)


@pytest.mark.parametrize("number", ["inf", "nan", "1e400", "²", "--5", "-1", "9" * 5_000])
async def test_pages_that_are_no_numbers(served: Served, number: str) -> None:
    for path, name in (
        ("/api/v1/runs", "page[size]"), ("/api/v1/queues", "page"), ("/api/v1/queues", "perPage"),
        ("/api/v1/schedules", "page"), ("/api/v1/schedules", "perPage"),
    ):  # fmt: skip
        answer = await served("GET", path, query={name: number})
        assert answer.status == 400, (path, name)


@pytest.mark.parametrize("window", ["101%", "9999999999999%", "25h", "99999999999h", "x"])
async def test_windows_that_no_schedule_can_have(served: Served, window: str) -> None:
    body = {"task": "sync-inventory", "cron": "*/5 * * * *", "deduplicationKey": "k"}
    answer = await served("POST", "/api/v1/schedules", body=body | {"window": window})
    assert (answer.status, answer.body) == (422, {"error": f"Invalid window: {window}"})
    for good in ("100%", "24h", "1.5%", "30m"):
        await served.post("/api/v1/schedules", body | {"window": good})
    for cron in ("9" * 5_000 + " * * * *", " ".join(["1," * 300 + "1"] * 5)):
        answer = await served("POST", "/api/v1/schedules", body=body | {"cron": cron})
        assert answer.status == 422
    await all_lists_answer(served)


@pytest.mark.parametrize(
    "cursor", ["W10", "MQ", "bnVsbA", "eyJjIjoxZTQwMCwiciI6MX0", "eyJjIjpbXX0", "💥"]
)
async def test_cursors_that_lead_nowhere(served: Served, cursor: str) -> None:
    for path in ("/api/v1/runs", "/api/v1/errors", "/api/v1/waitpoints/tokens"):
        for name in ("page[after]", "page[before]"):
            assert (await served("GET", path, query={name: cursor})).status == 200, path


async def test_a_cursor_of_bulk_actions_with_words_for_numbers(served: Served) -> None:
    query = {"page[after]": "eyJjcmVhdGVkQXQiOiJ4IiwiaWQiOjF9"}  # {"createdAt":"x","id":1}
    answer = await served("GET", "/api/v1/bulk-actions", query=query)
    assert (answer.status, answer.body) == (500, {"error": "Internal Server Error"})  # recorded


@pytest.mark.parametrize(
    "body",
    [
        {"action": ["cancel"]},
        {"action": {"cancel": 1}},
        {"action": "cancel", "name": "n" * 256},
        {"action": "cancel", "name": 5},
        {"action": "cancel", "filter": {"queue": {"type": [], "name": "crm"}}},
    ],
)
async def test_a_refused_bulk_action_does_nothing(served: Served, body: dict[str, Any]) -> None:
    waiting = [run for run in served.world.env.runs.all if not run.is_final]
    answer = await served(
        "POST", "/api/v1/bulk-actions", body={"filter": {"status": "QUEUED"}} | body
    )
    assert answer.status == 400
    assert served.world.env.bulk_actions == {}
    served.time.pass_seconds(0.5)
    await all_lists_answer(served)
    assert [run for run in waiting if run.status == "CANCELED"] == []


async def test_items_of_a_batch_that_are_none(served: Served) -> None:
    made = await served.post("/api/v3/batches", {"runCount": 2})
    for item in (
        {"index": -1, "task": "send-email"}, {"index": True, "task": "send-email"},
        {"index": 0.5, "task": "send-email"}, {"index": 0, "task": 5}, {"index": 0},
        {"index": 0, "task": "send-email", "options": []}, [], "x",
    ):  # fmt: skip
        answer = await served(
            "POST", f"/api/v3/batches/{made['id']}/items", content=json.dumps(item).encode(),
            headers={"content-type": "application/x-ndjson"},
        )  # fmt: skip
        assert answer.status == 422, item
    for body in ({"runCount": True}, {"runCount": "2"}, {"runCount": 2, "idempotencyKey": []}):
        assert (await served("POST", "/api/v3/batches", body=body)).status == 400


@pytest.mark.parametrize("action", [["pause"], {"pause": 1}, 1, None, "stop"])
async def test_queues_are_not_paused_by_other_words(served: Served, action: object) -> None:
    queue = served.world.env.queues["crm"]
    answer = await served("POST", f"/api/v1/queues/{queue.id}/pause", body={"action": action})
    assert answer.status == 400
    assert not queue.paused


async def test_a_queue_needs_a_name_that_can_be_one(served: Served) -> None:
    made = await served.post(TRIGGER, {"options": {"queue": {"name": "💥"}}})
    assert served.world.env.runs.by_id[made["id"]].queue.name == "task/send-email"
    assert "" not in served.world.env.queues
