"""Schedules: three forms of one object, cron in a time zone, and starts that really happen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.simulator.callers import START_MS, Served
from tests.simulator.replaying import agrees, body_of, exchanges, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API
from trigdash.simulator.world import cron

SCHEDULES = "/api/v1/schedules"
SCHEDULED = "sync-inventory"
# Recorded with a declared schedule's own id; told below.
OF_A_DECLARED_ONE = {"schedules_get__declarative_after_delete", "schedules_update__declarative"}
MADE = exchanges("schedules_create", "schedules_update", refused=False)
READ = exchanges("schedules_get", "schedules_activate", "schedules_deactivate", refused=False)


@pytest.fixture
def served() -> Served:
    return Served(runs=60, rate=API)


async def create(served: Served, **more: Any) -> dict[str, Any]:
    body = {"task": SCHEDULED, "cron": "*/10 * * * *", "deduplicationKey": "one", **more}
    made: dict[str, Any] = await served.post(SCHEDULES, body)
    return made


def declared(served: Served) -> str:
    """A schedule that the code of a task declares."""
    return next(
        each.id for each in served.world.env.schedules.values() if each.kind == "DECLARATIVE"
    )


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in exchanges(
            "schedules_list", "schedules_get", "schedules_create", "schedules_update",
            "schedules_delete", "schedules_activate", "schedules_deactivate", refused=True,
        )
        if name not in OF_A_DECLARED_ONE
    ],
)  # fmt: skip
async def test_a_recorded_refusal_is_repeated(served: Served, name: str) -> None:
    same_refusal(await repeat(served, name, **{"hourly-sync": SCHEDULED}), name)


@pytest.mark.parametrize("name", [*MADE, *exchanges("schedules_list", refused=False)])
async def test_a_recorded_call_is_answered_in_its_shape(served: Served, name: str) -> None:
    await create(served, deduplicationKey="dedup-2", externalId="x")
    ours = {"hourly-sync": SCHEDULED, "sched_ggxu7q4ygdvmp2syzb1xj": "dedup-2"}
    known = exchanges("schedules_list", refused=False) if "list" in name else MADE
    agrees(await repeat(served, name, **ours), *known)


async def test_lists_reads_and_creations_have_forms_of_their_own(served: Served) -> None:
    made = await create(served, externalId="customer-1", timezone="Europe/Paris")
    assert list(made["environments"][0]) == ["id", "shortcode", "type"]
    path = f"{SCHEDULES}/{made['id']}"
    read = await served("GET", path)
    agrees(read, *READ)
    assert list(read.body["environments"][0]) == ["id", "type"]
    (listed,) = [each for each in (await served.get(SCHEDULES))["data"] if each["id"] == made["id"]]
    assert set(listed["environments"][0]) == {"id", "type", "slug"}
    assert (await served.get(f"{SCHEDULES}/one"))["id"] == made["id"]
    newest = (await served.get(SCHEDULES, query={"perPage": "1"}))["data"]
    assert [each["id"] for each in newest] == [made["id"]]
    plain = await create(served, deduplicationKey="two")
    assert "externalId" not in plain
    assert (await served.get(SCHEDULES))["data"][0]["externalId"] is None


async def test_an_inactive_schedule_has_no_next_run_and_starts_nothing(served: Served) -> None:
    made = await create(served, cron="* * * * *")
    off = await served("POST", f"{SCHEDULES}/{made['id']}/deactivate")
    agrees(off, *READ)
    assert (off.body["active"], off.body["nextRun"], off.body["nextRunEffectiveAt"]) == (
        False,
        None,
        None,
    )
    served.time.pass_seconds(300)
    assert await runs_of(served, made["id"]) == []
    assert (await served.post(f"{SCHEDULES}/{made['id']}/activate"))["nextRun"] is not None
    served.time.pass_seconds(300)
    assert len(await runs_of(served, made["id"])) == 5


async def runs_of(served: Served, schedule: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await served.get("/api/v1/runs", query={"filter[schedule]": schedule})
    )["data"]
    return found


async def test_scheduled_runs_start_on_time_with_their_payload(served: Served) -> None:
    made = await create(served, cron="*/2 * * * *", externalId="acme")
    served.time.pass_seconds(361)
    listed = await runs_of(served, made["id"])
    assert [run["createdAt"][11:19] for run in listed] == ["12:06:00", "12:04:00", "12:02:00"]
    assert {run["taskKind"] for run in listed} == {"SCHEDULED"}
    run = await served.get(f"/api/v3/runs/{listed[0]['id']}")
    assert run["schedule"]["deduplicationKey"] == "one"
    payload = run["payload"]
    assert payload["scheduleId"] == made["id"]
    assert (payload["timestamp"][11:16], payload["lastTimestamp"][11:16]) == ("12:06", "12:04")
    assert (payload["externalId"], len(payload["upcoming"])) == ("acme", 10)
    first = await served.get(f"/api/v3/runs/{listed[-1]['id']}")
    assert first["payload"]["lastTimestamp"] is None


async def test_the_same_deduplication_key_updates_the_schedule(served: Served) -> None:
    made = await create(served, cron="* * * * *")
    again = await create(served, cron="0 0 1 1 *", timezone="Asia/Tokyo")
    assert again["id"] == made["id"]
    assert (again["generator"]["expression"], again["timezone"]) == ("0 0 1 1 *", "Asia/Tokyo")
    served.time.pass_seconds(600)
    assert await runs_of(served, made["id"]) == []


async def test_put_changes_a_schedule_but_not_its_task_and_makes_unknown_ones(
    served: Served,
) -> None:
    made = await create(served)
    body = {"task": "cleanup-exports", "cron": "30 8 * * *", "timezone": "Europe/Paris"}
    changed = (await served("PUT", f"{SCHEDULES}/{made['id']}", body=body)).body
    assert (changed["id"], changed["task"]) == (made["id"], SCHEDULED)
    assert changed["nextRun"] == "2026-03-05T07:30:00.000Z"
    fresh = (await served("PUT", f"{SCHEDULES}/sched_unknown", body=body)).body
    assert fresh["id"] not in {made["id"], "sched_unknown"}
    assert "deduplicationKey" not in fresh


async def test_another_environment_s_schedule_is_not_changed(served: Served) -> None:
    made = await create(served)
    body = {"task": SCHEDULED, "cron": "* * * * *"}
    answer = await served("PUT", f"{SCHEDULES}/{made['id']}", who="stg", body=body)
    assert (answer.status, answer.body) == (404, {"error": "Schedule not found"})


async def test_declared_schedules_are_switched_and_deleted_but_not_changed(served: Served) -> None:
    path = f"{SCHEDULES}/{declared(served)}"
    body = {"task": SCHEDULED, "cron": "0 4 * * *"}
    answer = await served("PUT", path, body=body)
    assert (answer.status, answer.body) == (422, body_of("schedules_update__declarative"))
    off = await served("POST", f"{path}/deactivate")
    agrees(off, "schedules_deactivate__declarative")
    agrees(await served("POST", f"{path}/activate"), "schedules_activate__declarative")
    agrees(await served("DELETE", path), "schedules_delete__declarative")
    assert (await served("GET", path)).status == 404


async def test_each_schedule_starts_the_same_fraction_of_a_minute_late(served: Served) -> None:
    made = await create(served, cron="* * * * *")
    late = []
    for _ in range(3):
        body = await served.get(f"{SCHEDULES}/{made['id']}")
        due, real = (
            datetime.fromisoformat(body[name]) for name in ("nextRun", "nextRunEffectiveAt")
        )
        late.append((real - due).total_seconds())
        served.time.pass_seconds(60)
    assert len(set(late)) == 1
    assert 0 <= late[0] < 60


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 3 * * *", "At 03:00 AM"),
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("0 * * * *", "Every hour"),
        ("0 9 * * 1-5", "At 09:00 AM, Monday through Friday"),
        ("30 8 * * *", "At 08:30 AM"),
    ],
)
def test_expressions_are_described_as_recorded(expression: str, words: str) -> None:
    assert cron.describe(expression) == words


def test_a_daily_start_keeps_its_wall_time_when_clocks_change() -> None:
    moment = int(datetime(2026, 3, 6, 12, tzinfo=UTC).timestamp() * 1000)
    zone = ZoneInfo("America/New_York")
    hours = []
    for _ in range(4):
        moment = cron.after("30 6 * * *", "America/New_York", moment)
        hours.append(datetime.fromtimestamp(moment / 1000, zone).strftime("%d %H:%M"))
    assert hours == ["07 06:30", "08 06:30", "09 06:30", "10 06:30"]


def test_before_and_after_are_strict() -> None:
    at = START_MS
    assert cron.after("* * * * *", "UTC", at) == at + 60_000
    assert cron.before("* * * * *", "UTC", at) == at - 60_000
    assert cron.before("* * * * *", "UTC", at + 1) == at


@pytest.mark.parametrize(
    "bad", ["not a cron", "* * * *", "* * * * * *", "60 * * * *", "0 0 31 2 *"]
)
def test_expressions_that_are_none_are_refused(bad: str) -> None:
    with pytest.raises(cron.BadCron):
        cron.check(bad)


async def test_time_zones_need_no_credential(served: Served) -> None:
    answer = await served("GET", "/api/v1/timezones", who="none")
    agrees(answer, "timezones__ok")
    assert "x-ratelimit-limit" not in answer.headers
    names = answer.body["timezones"]
    assert names[0] == "UTC"
    assert len(names) > 400
    without = await served.get("/api/v1/timezones", who="none", query={"excludeUtc": "true"})
    assert without["timezones"] == names[1:]
