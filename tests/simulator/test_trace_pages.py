"""Traces in pages: flat, complete over all pages, and only for the root of a trace."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.callers import Served
from trigdash.simulator.scenarios.definitions import GIANT
from trigdash.simulator.world.runs import Run

Json = dict[str, Any]


@pytest.fixture(scope="module")
def giant() -> Served:
    return Served(runs=300, scenario=GIANT, version="4.8")


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(runs=900, version="4.8")


async def pages_of(served: Served, run: Run, size: int | None = None) -> list[Json]:
    pages: list[Json] = []
    query = {} if size is None else {"page[size]": str(size)}
    query.setdefault("page[size]", "10000")
    while True:
        pages.append(await served.get(f"/api/v1/runs/{run.id}/trace", query=query))
        after = pages[-1]["pagination"].get("next")
        if after is None:
            return pages
        query["page[after]"] = after


def spans(pages: list[Json]) -> list[Json]:
    return [span for page in pages for span in page["data"]]


def finished(pages: list[Json]) -> dict[str, Json]:
    """One form of each span: the finished one where there is one."""
    found: dict[str, Json] = {}
    for span in spans(pages):
        if span["id"] not in found or not span["isPartial"]:
            found[span["id"]] = span
    return found


def nodes(node: Json) -> list[Json]:
    return [node, *(each for child in node["children"] for each in nodes(child))]


async def test_the_pages_hold_what_the_tree_holds(served: Served) -> None:
    for run in [run for run in served.world.env.runs.all if run.parent is None][-60:]:
        tree = (await served.get(f"/api/v1/runs/{run.id}/trace"))["trace"]["rootSpan"]
        paged = finished(await pages_of(served, run))
        known = {node["id"]: node for node in nodes(tree)}
        assert paged.keys() == known.keys()
        for name, span in paged.items():
            data = known[name]["data"]
            for field in ("message", "startTime", "level", "isError", "isPartial", "isCancelled"):
                assert span[field] == data[field], (run.id, field)
            assert span.get("parentId") == known[name].get("parentId")
            assert span.get("attemptNumber") == data.get("attemptNumber")


async def test_eleven_thousand_lines_are_on_pages_where_the_tree_is_cut(giant: Served) -> None:
    run = next(r for r in giant.world.env.runs.all if r.task_id == "backfill-ledger" and r.is_final)
    tree = (await giant.get(f"/api/v1/runs/{run.id}/trace"))["trace"]
    assert tree["isTruncated"]
    assert len(nodes(tree["rootSpan"])) < 5_000
    pages = await pages_of(giant, run)
    assert len(pages[0]["data"]) == 10_000
    assert len(pages) == 2
    lines = [span for span in spans(pages) if span["message"].startswith("Row batch posted")]
    assert len(lines) == 11_000
    small = await pages_of(giant, run, 1)
    assert {len(page["data"]) for page in small[:-1]} == {1_000}, "raised to the least size"
    assert finished(small) == finished(pages)


async def test_the_records_of_a_long_span_are_on_different_pages(giant: Served) -> None:
    run = next(r for r in giant.world.env.runs.all if r.task_id == "backfill-ledger" and r.is_final)
    pages = await pages_of(giant, run, 1_000)
    body = [
        (place, span["isPartial"])
        for place, page in enumerate(pages)
        for span in page["data"]
        if span["message"] == "run()"
    ]
    assert [partial for _, partial in body] == [True, False]
    assert body[0][0] < body[1][0]


async def test_failed_attempts_are_told_beside_the_spans(served: Served) -> None:
    run = next(
        r for r in reversed(served.world.env.runs.all)
        if r.status == "COMPLETED_WITH_ERRORS" and r.parent is None and r.attempt > 1
        and isinstance(r.error, int)
    )  # fmt: skip
    pages = await pages_of(served, run)
    failures = [each for page in pages for each in page["attemptFailures"]]
    assert [each["attemptNumber"] for each in failures] == list(range(1, run.attempt + 1))
    names = {span["id"]: span["message"] for span in spans(pages)}
    assert {names[each["spanId"]][:7] for each in failures} == {"Attempt"}
    assert {each["runId"] for each in failures} == {run.id}


async def test_what_cannot_be_paged_is_refused(served: Served) -> None:
    runs = served.world.env.runs.all
    root = next(run for run in runs if run.parent is None)
    child = next(run for run in runs if run.parent is not None)
    sized = {"page[size]": "1000"}
    answer = await served("GET", f"/api/v1/runs/{child.id}/trace", query=sized)
    assert answer.status == 400
    assert answer.body["error"].startswith("Paging is only supported for runs at the root")
    for query in (
        {"page[size]": "0"}, {"page[size]": "abc"}, {"page[size]": "-5"},
        {"page[after]": "garbage"}, {"page[after]": "eyJ0IjoieCIsInMiOiJ5In0"},
    ):  # fmt: skip
        answer = await served("GET", f"/api/v1/runs/{root.id}/trace", query=query)
        assert answer.status == 400, query
    assert (await served("GET", "/api/v1/runs/run_nosuch/trace", query=sized)).status == 404


async def test_paging_can_be_switched_off_or_lack_its_store() -> None:
    served = Served(runs=60, version="4.8")
    run = served.world.env.runs.all[0]
    path, query = f"/api/v1/runs/{run.id}/trace", {"page[size]": "1000"}
    served.state.pages_traces = False
    assert "trace" in await served.get(path, query=query)
    relational = Served(runs=60, version="4.8", store="postgres")
    answer = await relational("GET", path, query=query)
    assert answer.status == 501
    assert "trace" in await Served(runs=60).get(path, query=query)


async def test_a_list_of_all_times_is_too_wide_where_there_is_too_much(giant: Served) -> None:
    wide = {"filter[createdAt][period]": "all"}
    answer = await giant("GET", "/api/v1/runs", query=wide)
    assert answer.status == 422
    assert "Narrow the time window" in answer.body["error"]
    assert (await giant("GET", "/api/v1/runs")).status == 200
    old = Served(runs=300, scenario=GIANT)
    assert (await old("GET", "/api/v1/runs", query=wide)).status == 200
