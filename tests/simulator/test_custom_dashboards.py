"""Custom dashboards: made, changed with their newest revision, refused where nothing compiles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served

PATH = "/api/v1/query/dashboards"
COUNT = "SELECT count() AS total FROM runs"
NUMBER = {"type": "bignumber", "column": "total", "aggregation": "sum"}


@pytest.fixture
def served() -> Served:
    return Served(runs=60, version="4.8")


async def make(served: Served, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = await served.post(PATH, {"title": "Mine", **more})
    return made


async def test_the_list_tells_built_in_ones_from_custom_ones(served: Served) -> None:
    made = await make(served, widgets=[{"title": "Runs", "query": COUNT, "display": NUMBER}])
    listed = (await served.get(PATH))["dashboards"]
    assert {each["type"] for each in listed[:-1]} == {"builtIn"}
    last = listed[-1]
    assert (last["key"], last["type"], last["title"]) == (made["id"], "custom", "Mine")
    assert last["widgets"][0]["type"] == "bignumber"


async def test_a_late_change_is_a_conflict(served: Served) -> None:
    made = await make(served)
    one = f"{PATH}/{made['id']}"
    body = {"title": "Other", "revision": made["revision"]}
    first = await served("PATCH", one, body=body)
    assert first.body["revision"] != made["revision"]
    assert (await served("PATCH", one, body=body)).status == 409
    assert (await served.get(one))["title"] == "Other"


async def test_widgets_are_placed_below_each_other_and_keep_their_place(served: Served) -> None:
    one = f"{PATH}/{(await make(served))['id']}"
    widget = {"title": "Runs", "query": COUNT, "display": NUMBER}
    for name in ("a", "b"):
        await served.post(f"{one}/widgets", widget | {"id": name})
    places = [each["position"] for each in (await served.get(one))["widgets"]]
    assert places == [{"x": 0, "y": 0, "w": 12, "h": 4}, {"x": 0, "y": 4, "w": 12, "h": 4}]
    moved = {"position": {"x": 6, "y": 9, "w": 6, "h": 2}}
    await served("PATCH", f"{one}/widgets/b", body=moved)
    body = {"widgets": [widget | {"id": "b"}, widget | {"id": "c"}]}
    replaced = (await served("PUT", one, body=body)).body["widgets"]
    assert [each["id"] for each in replaced] == ["b", "c"]
    assert replaced[0]["position"] == moved["position"]
    left = (await served("DELETE", f"{one}/widgets/b")).body
    assert [each["id"] for each in left["widgets"]] == ["c"]
    assert (await served("DELETE", one)).body == {"id": one.rpartition("/")[2]}
    assert (await served("GET", one)).status == 404


@pytest.mark.parametrize(
    "change",
    [
        {"query": "SELECT no_such_column FROM runs"},
        {"query": "SELECT * FROM no_such_table"},
        {"query": ""},
        {"nosuch": 1},
        {"id": "a b"},
        {"position": {"x": 12, "y": 0, "w": 1, "h": 1}},
        {"display": {"type": "pie"}},
        {"display": {"type": "bignumber", "column": "total", "aggregation": "median"}},
        {"display": {"type": "chart"}},
    ],
)
async def test_a_widget_that_is_none_is_refused(served: Served, change: dict[str, Any]) -> None:
    one = f"{PATH}/{(await make(served))['id']}"
    body = {"title": "x", "query": COUNT, "display": NUMBER} | change
    assert (await served("POST", f"{one}/widgets", body=body)).status == 400
    assert (await served.get(one))["widgets"] == []


async def test_a_plan_allows_so_many_and_a_key_may_not_change_built_in_ones(served: Served) -> None:
    for _ in range(5):
        await make(served)
    assert (await served("POST", PATH, body={"title": "one more"})).status == 403
    assert (await served("POST", PATH, body={"title": ""})).status == 400
    assert (await served("PATCH", f"{PATH}/overview", body={"title": "x"})).status == 404
    token = served.state.mint(served.world.env, ["read:query"])
    assert (await served("GET", PATH, who=token)).status == 200
    assert (await served("POST", PATH, who=token, body={"title": "x"})).status == 403
