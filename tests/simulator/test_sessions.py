"""Sessions: an identity that outlives the runs that serve it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees, body_of, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API

SESSIONS = "/api/v1/sessions"
BODY = {"type": "chat.agent", "taskIdentifier": "send-email", "triggerConfig": {"basePayload": 1}}


@pytest.fixture
def served() -> Served:
    return Served(runs=60, rate=API)


async def start(served: Served, name: str, **more: Any) -> dict[str, Any]:
    body = {**BODY, "externalId": name, "metadata": {"x": 1}, **more}
    made: dict[str, Any] = await served.post(SESSIONS, body)
    return made


async def test_what_was_recorded_is_answered_alike(served: Served) -> None:
    agrees(await repeat(served, "sessions_list__empty"), "sessions_list__empty")
    agrees(await repeat(served, "sessions_create__ok"), "sessions_create__ok")
    again = await repeat(served, "sessions_create__again_same_external_id")
    agrees(again, "sessions_create__again_same_external_id")
    assert again.body["isCached"] is True
    agrees(await repeat(served, "sessions_list__ok"), "sessions_list__ok")
    ours = {"session_cmwr0gtjj0003z07dmi88eee4": again.body["id"]}
    for name in ("sessions_get__ok", "sessions_update__ok", "sessions_close__ok"):
        agrees(await repeat(served, name, **ours), name)
    same_refusal(await repeat(served, "sessions_get__err_404"), "sessions_get__err_404")
    assert (await repeat(served, "prompts_list__empty")).body == body_of("prompts_list__empty")


async def test_a_session_starts_its_first_run(served: Served) -> None:
    made = await start(served, "chat-1")
    run = await served.get(f"/api/v3/runs/{made['runId']}")
    assert (run["taskIdentifier"], run["payload"]) == ("send-email", 1)
    assert made["currentRunId"] == made["runId"]
    token = made["publicAccessToken"]
    assert (await served("GET", f"/api/v3/runs/{made['runId']}", who=token)).status == 200
    assert (await served.get(f"{SESSIONS}/chat-1"))["id"] == made["id"]


async def test_a_closed_session_stays_closed(served: Served) -> None:
    made = await start(served, "chat-1")
    path = f"{SESSIONS}/{made['id']}/close"
    first = await served.post(path, {"reason": "done"})
    served.time.pass_seconds(5)
    assert await served.post(path, {"reason": "again"}) == first
    answer = await served("POST", SESSIONS, body={**BODY, "externalId": "chat-1"})
    assert answer.status == 409


async def test_lists_filter_and_page_by_id(served: Served) -> None:
    made = []
    for n in range(4):
        made.append((await start(served, f"chat-{n}", tags=[f"t{n % 2}"]))["id"])
        served.time.pass_seconds(1)
    first = await served.get(SESSIONS, query={"page[size]": "3"})
    rest = await served.get(SESSIONS, query={"page[after]": first["pagination"]["next"]})
    assert [each["id"] for each in [*first["data"], *rest["data"]]] == made[::-1]
    await served.post(f"{SESSIONS}/{made[0]}/close")
    for query, count in (
        ({"filter[status]": "CLOSED"}, 1),
        ({"filter[tags]": "t1"}, 2),
        ({"filter[externalId]": "chat-2"}, 1),
        ({"filter[type]": "other"}, 0),
    ):
        assert len((await served.get(SESSIONS, query=query))["data"]) == count
    assert (await served("GET", SESSIONS, query={"filter[status]": "NOPE"})).status == 400


async def test_tags_and_metadata_change_but_not_the_external_id(served: Served) -> None:
    path = f"{SESSIONS}/{(await start(served, 'chat-1'))['id']}"
    changed = await served("PATCH", path, body={"tags": ["vip"], "metadata": None})
    assert (changed.body["tags"], changed.body["metadata"]) == (["vip"], None)
    assert (await served("PATCH", path, body={"externalId": "other"})).status == 422
    assert (await served("PATCH", path, body={"externalId": "chat-1"})).status == 200


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"tags": True}, 'Expected array, received boolean at "tags"'),
        ({"triggerConfig": "x"}, 'Expected object, received string at "triggerConfig"'),
        ({"type": []}, 'Expected string, received array at "type"'),
        ({"externalId": 5}, 'Expected string, received number at "externalId"'),
    ],
)
async def test_a_session_of_other_types_is_refused(field: dict[str, object], said: str) -> None:
    served = Served(runs=0)
    body = {"type": "chat.agent", "taskIdentifier": "send-email", "triggerConfig": {}} | field
    answer = await served("POST", "/api/v1/sessions", body=body)
    assert (answer.status, answer.body) == (400, {"error": f"Validation error: {said}"})
    assert (await served.get("/api/v1/sessions"))["data"] == []
