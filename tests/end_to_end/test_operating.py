"""Someone steers runs, queues and batches from a real terminal, on a server of their own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.end_to_end.conftest import Simulator, Start, start_simulator
from tests.end_to_end.cutting_proxy import CuttingProxy
from tests.terminal import Terminal


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    """One simulator for all stories: each makes runs of its own and looks at those alone."""
    running = start_simulator("--speed", "10")
    yield running
    running.stop()


@pytest.fixture
def api(server: Simulator) -> Iterator[httpx.Client]:
    key = {"authorization": f"Bearer {server.ready['secret_key']}"}
    with httpx.Client(base_url=server.ready["url"], headers=key, timeout=30) as client:
        yield client


def trigger(api: httpx.Client, tag: str, number: int = 1, **options: object) -> None:
    """Runs that carry a tag and, unless told otherwise, wait for an hour."""
    wanted = {"delay": "1h", "tags": [tag]} | options

    def one(n: int) -> None:
        body = {"payload": {"n": n}, "options": wanted}
        api.post("/api/v1/tasks/send-email/trigger", json=body).raise_for_status()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(number)))


def tagged(api: httpx.Client, tag: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    query = {"filter[tag]": tag, "page[size]": "100"}
    while True:
        page = api.get("/api/v1/runs", params=query).json()
        found += page["data"]
        if "next" not in page["pagination"]:
            return found
        query["page[after]"] = page["pagination"]["next"]


def opened(start: Start, server: Simulator, filter_line: str) -> Terminal:
    """The run list, narrowed to a tag of a story, without a row of the list before it."""
    terminal = start(env=server.env)
    terminal.wait_for("live")
    terminal.press(":", f"runs {filter_line}", "enter")
    terminal.wait_for(f"/ {filter_line}")

    def is_narrowed() -> bool:
        rows = [line for line in terminal.lines if " run_" in line]
        # A narrow column may cut a tag.
        return bool(rows) and all(" story-" in row for row in rows)

    terminal.wait_for(is_narrowed)
    return terminal


def test_a_run_is_cancelled(start: Start, server: Simulator, api: httpx.Client) -> None:
    trigger(api, "story-cancel")
    terminal = opened(start, server, "tag:story-cancel")
    terminal.press("C")
    terminal.wait_for("Cancel 1 run in prod")
    terminal.press("y")
    terminal.wait_for("canceled")
    assert [run["status"] for run in tagged(api, "story-cancel")] == ["CANCELED"]


def test_a_run_is_replayed_once_however_long_the_keys_are_held(
    start: Start, server: Simulator, api: httpx.Client
) -> None:
    trigger(api, "story-replay")
    terminal = opened(start, server, "tag:story-replay")
    terminal.press(*"RRRRRRRRRRRRRRRR")
    terminal.wait_for("Replay 1 run in prod")
    terminal.press(*"yyyyyyyyyyyyyyyy")
    terminal.wait_for("opens the new run")
    assert len(tagged(api, "story-replay")) == 2


def test_a_replay_whose_answer_is_lost_is_unknown_and_sent_once(
    start: Start, server: Simulator, api: httpx.Client
) -> None:
    trigger(api, "story-lost")
    with CuttingProxy(server.ready["url"], cut="/replay") as proxy:
        terminal = start(env=server.env | {"TRIGGER_API_URL": proxy.url})
        terminal.wait_for("live")
        terminal.press(":", "runs tag:story-lost", "enter")
        terminal.wait_for("/ tag:story-lost")
        terminal.wait_for("1 delayed")
        terminal.press("R")
        terminal.wait_for("Replay 1 run in prod")
        terminal.press("y")
        terminal.wait_for("unknown. no answer came")
        terminal.press("O")
        terminal.wait_for("/ task:send-email tag:story-lost from:20")
        terminal.press("R", "esc")
        assert sum(path.endswith("/replay") for path in proxy.writes) == 1
        terminal.close()
    assert len(tagged(api, "story-lost")) == 2


def test_a_run_is_tagged(start: Start, server: Simulator, api: httpx.Client) -> None:
    trigger(api, "story-tag")
    terminal = opened(start, server, "tag:story-tag")
    terminal.press("T")
    terminal.wait_for("Tag 1 run in prod")
    terminal.press("seen,checked,")
    terminal.wait_for("+checked")
    terminal.press("enter")
    terminal.wait_for("set 2 new tags")
    assert tagged(api, "story-tag")[0]["tags"] == ["checked", "seen", "story-tag"]


def test_a_run_is_rescheduled(start: Start, server: Simulator, api: httpx.Client) -> None:
    trigger(api, "story-later")
    before = tagged(api, "story-later")[0]["delayedUntil"]
    terminal = opened(start, server, "tag:story-later")
    terminal.press("D")
    terminal.wait_for("start it")
    terminal.press("tomorrow 9:00")
    terminal.wait_for("utc  ")
    terminal.press("enter")
    terminal.wait_for("rescheduled")
    assert str(tagged(api, "story-later")[0]["delayedUntil"]) > str(before)


def test_three_hundred_runs_are_canceled_by_filter(
    start: Start, server: Simulator, api: httpx.Client
) -> None:
    trigger(api, "story-many", 300)
    terminal = opened(start, server, "tag:story-many")
    terminal.press("X")
    terminal.wait_for("Everything that matches in prod")
    terminal.press("right", "enter")
    terminal.wait_for("Type 300 to confirm")
    terminal.press("30", "enter")
    terminal.press("0", "enter")
    terminal.wait_for("300 done", timeout_s=60)
    assert {run["status"] for run in tagged(api, "story-many")} == {"CANCELED"}


def test_a_bulk_that_is_interrupted_by_leaving_is_resumed(
    start: Start, server: Simulator, api: httpx.Client
) -> None:
    trigger(api, "story-rest", 9)
    terminal = opened(start, server, "tag:story-rest")
    terminal.wait_for("9 delayed")
    terminal.press("ctrl+a", "T")
    terminal.wait_for("Tag 9 runs in prod")
    terminal.press("resumed,")
    terminal.wait_for("+resumed")
    terminal.press("enter")
    terminal.wait_for("Type 9 to confirm")
    terminal.press("9", "enter")
    terminal.wait_for("leave it running")
    terminal.press("esc")
    terminal.wait_for(lambda: "leave it running" not in terminal.text)
    terminal.press("q")
    terminal.wait_for("Quit with unfinished actions")
    terminal.press("y")
    assert terminal.wait_for_end() == 0
    done_before = sum("resumed" in run["tags"] for run in tagged(api, "story-rest"))
    assert done_before < 9
    terminal = opened(start, server, "tag:story-rest")
    terminal.wait_for("a bulk action was interrupted")
    terminal.press("B")
    terminal.wait_for("Resume an interrupted bulk tag")
    terminal.press("right", "enter")
    terminal.wait_for("9 done", timeout_s=60)
    assert all("resumed" in run["tags"] for run in tagged(api, "story-rest"))


def queue_named(api: httpx.Client, name: str) -> dict[str, object]:
    found = api.get(f"/api/v1/queues/{name}", params={"type": "task"})
    return dict(found.raise_for_status().json())


def at_queue(start: Start, server: Simulator, name: str) -> Terminal:
    terminal = start(env=server.env)
    terminal.wait_for("live")
    terminal.press(":", f"queue {name}", "enter")
    terminal.wait_for("server, last")
    return terminal


def test_a_queue_is_paused_and_resumed(start: Start, server: Simulator, api: httpx.Client) -> None:
    terminal = at_queue(start, server, "generate-report")
    terminal.press("P")
    terminal.wait_for("Pause 1 queue in prod")
    terminal.press("y")
    terminal.wait_for("task/generate-report: paused")
    assert queue_named(api, "generate-report")["paused"] is True
    terminal.press("P")
    terminal.wait_for("Resume 1 queue in prod")
    terminal.press("y")
    terminal.wait_for("task/generate-report: resumed")
    assert queue_named(api, "generate-report")["paused"] is False


def test_a_limit_is_overridden_and_taken_back(
    start: Start, server: Simulator, api: httpx.Client
) -> None:
    before = queue_named(api, "resize-image")["concurrencyLimit"]
    terminal = at_queue(start, server, "resize-image")
    terminal.press("L")
    terminal.wait_for("allowed maximum")
    terminal.press("2", "enter")
    terminal.wait_for("overridden)")
    assert queue_named(api, "resize-image")["concurrencyLimit"] == 2
    terminal.press("U")
    terminal.wait_for("Remove the override of resize-image in prod")
    terminal.press("y")
    terminal.wait_for("(no override)")
    assert queue_named(api, "resize-image")["concurrencyLimit"] == before


def test_the_failures_of_a_batch_are_replayed(
    start: Start, server: Simulator, api: httpx.Client
) -> None:
    item = {"task": "charge-invoice", "options": {"ttl": "1s", "delay": "1s", "tags": ["story-b"]}}
    api.post("/api/v1/queues/billing/pause", json={"type": "custom", "action": "pause"})
    made = api.post("/api/v1/tasks/batch", json={"items": [item, item]}).json()
    terminal = start(env=server.env)
    terminal.wait_for("live")
    terminal.press(":", f"batch {made['id']}", "enter")
    terminal.wait_for("2 of 2 runs ended   2 failed", timeout_s=60)
    terminal.wait_for("still calls it pending")
    terminal.press("R")
    terminal.wait_for("its failures")
    terminal.press("right", "enter")
    terminal.wait_for("Type 2 to confirm")
    terminal.press("2", "enter")
    terminal.wait_for("2 done", timeout_s=60)
    assert len(tagged(api, "story-b")) == 4
