"""One story for each resource, in one session at a real terminal: find it, act, see the result, and
ask the API what has become of it.

The program and the simulator are started once, since a start costs more than a story.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import TRIGDASH, Simulator, start_simulator
from tests.terminal import Terminal
from trigdash.presentation.registry import RESOURCES

Json = Any


@dataclass
class Api:
    """The server's API with both credentials."""

    key: httpx.Client
    token: httpx.Client
    project: str

    def get(self, path: str, **query: str) -> Json:
        return self.key.get(f"/api/v1/{path}", params=query).raise_for_status().json()

    def post(self, path: str, body: Json) -> Json:
        return self.key.post(f"/api/v1/{path}", json=body).raise_for_status().json()

    def of_project(self, path: str, **query: str) -> Json:
        where = f"/api/v1/projects/{self.project}/{path}"
        return self.token.get(where, params=query).raise_for_status().json()

    def row(self, path: str, **wanted: object) -> Json:
        """The first of a list that is so."""
        rows = self.get(path)["data"]
        return next(r for r in rows if all(r.get(name) == is_ for name, is_ in wanted.items()))


@dataclass
class Session:
    """The program at work, and the API beside it."""

    terminal: Terminal
    api: Api
    scratch: Path

    def find(self, resource: str, title: str, wanted: str, shown: str = "") -> None:
        """Go to a list, narrow it to a row, and see it."""
        terminal = self.terminal
        self.go(resource, title)
        terminal.press("/", wanted, "enter")
        terminal.wait_for(lambda: any((shown or wanted) in line for line in terminal.lines[5:-4]))

    def go(self, resource: str, title: str) -> None:
        """Go to a list, whose totals begin with a title."""
        self.terminal.press(":", resource, "enter")
        self.terminal.wait_for(lambda: f" {title} " in self.terminal.lines[2])

    def act(self, key: str, asked: str, *answer: str, said: str, begins: str = "") -> None:
        """Press a key, answer its question, and see what is said of the result."""
        self.terminal.press(key)
        self.terminal.wait_for(f" {asked} in ")
        self.terminal.press(*answer)
        words = begins or asked.lower().replace(" 1 ", " ").replace(" a ", " ")
        self.terminal.wait_for(lambda: words in self.terminal.text)
        self.terminal.wait_for(lambda: said in " ".join(self.terminal.text.split()))
        self.terminal.press("esc")


AGREE = ("ctrl+s",)


def errors(session: Session) -> Callable[[], bool]:
    group = session.api.row("errors", status="unresolved")
    session.find("errors", "Errors", group["id"], group["taskIdentifier"][:12])
    session.act("V", "Resolve 1 error", *AGREE, said="resolved")
    return lambda: session.api.get(f"errors/{group['id']}")["status"] == "resolved"


def tasks(session: Session) -> Callable[[], bool]:
    session.find("tasks", "Tasks", "send-email")
    session.act("N", "Trigger 1 task", *AGREE, said="O opens the")
    runs = "runs?filter[taskIdentifier]=send-email&filter[createdAt][period]=5m"
    return lambda: bool(session.api.get(runs)["data"])


def deployments(session: Session) -> Callable[[], bool]:
    current = session.api.get("deployments/current")["version"]
    older = next(
        row["version"]
        for row in session.api.get("deployments")["data"]
        if row["status"] == "DEPLOYED" and row["version"] < current
    )
    session.find("deployments", "Deployments", older)
    session.act("R", "Roll back to 1 deployment", "y", said=f"{older} is the current version now")
    return lambda: session.api.get("deployments/current")["version"] == older


def schedules(session: Session) -> Callable[[], bool]:
    task = session.api.get("schedules")["data"][0]["task"]
    wanted = {"task": task, "cron": "0 9 * * *", "deduplicationKey": "a-story"}
    made = session.api.post("schedules", wanted)
    session.find("schedules", "Schedules", made["id"], task[:12])
    session.act("X", "Deactivate 1 schedule", "y", said="deactivated")
    return lambda: session.api.get(f"schedules/{made['id']}")["active"] is False


def limits(session: Session) -> Callable[[], bool]:
    limit = next(row for row in session.api.get("concurrency-limits")["data"] if not row["paused"])
    session.find("limits", "Limits", limit["name"])
    session.act("P", "Pause 1 limit", "y", said="paused")
    name = limit["name"].replace("/", "%2F")
    return lambda: session.api.get(f"concurrency-limits/{name}")["paused"] is True


def tokens(session: Session) -> Callable[[], bool]:
    made = session.api.post("waitpoints/tokens", {"timeout": "1h", "tags": ["a-story"]})
    # A narrow column cuts the end of an id.
    session.find("tokens", "Tokens", made["id"], made["id"][:24])
    session.act("C", "Complete 1 token", '{"approved": true}', *AGREE, said="completed")
    token = f"waitpoints/tokens/{made['id']}"
    return lambda: "approved" in session.api.get(token).get("output", "")


def variables(session: Session) -> Callable[[], bool]:
    path = f"projects/{session.api.project}/envvars/prod"
    session.api.post(path, {"name": "A_STORY", "value": "before"})
    session.find("variables", "Variables", "A_STORY")
    session.act("E", "Edit 1 variable", "after", *AGREE, said="changed")
    return lambda: session.api.get(f"{path}/A_STORY")["value"] == "after"


def environments(session: Session) -> Callable[[], bool]:
    session.find("environments", "Environments", "environment:dev", "dev")
    session.act("P", "Pause 1 environment", "y", said="paused")
    return lambda: any(
        row["slug"] == "dev" and row["paused"] for row in session.api.of_project("environments")
    )


def allruns(session: Session) -> Callable[[], bool]:
    session.find("allruns", "All runs", "env:stg", "stg")
    session.terminal.wait_for(
        lambda: all(" stg " in line for line in session.terminal.lines[6:20] if "run_" in line)
    )
    return lambda: True


def alerts(session: Session) -> Callable[[], bool]:
    listed = session.api.of_project("monitoring-alerts", environment="prod")["alerts"]
    alert = next(row for row in listed if row["attention"] == "needs_attention")
    session.find("alerts", "Alerts", alert["id"], alert["name"][:12])
    session.act("V", "Resolve 1 alert", "y", said="resolved")
    one = f"monitoring-alerts/{alert['id']}"
    return lambda: session.api.of_project(one)["alert"]["attention"] == "clear"


def webhooks(session: Session) -> Callable[[], bool]:
    endpoint = session.api.row("webhooks/endpoints", status="active")
    session.find("webhooks", "Webhooks", endpoint["declaredId"])
    session.act("X", "Disable 1 webhook", "y", said="disabled")
    one = f"webhooks/endpoints/{endpoint['id']}"
    return lambda: session.api.get(one)["status"] == "inactive"


def deliveries(session: Session) -> Callable[[], bool]:
    delivery = session.api.row("webhooks/deliveries", status="failed")
    session.find("deliveries", "Deliveries", delivery["id"])
    session.act("R", "Replay 1 delivery", "y", said="delivered again")
    return lambda: session.api.get("webhooks/deliveries")["data"][0]["id"] != delivery["id"]


def sessions(session: Session) -> Callable[[], bool]:
    chat = next(row for row in session.api.get("sessions")["data"] if not row.get("closedAt"))
    session.find("sessions", "Sessions", chat["id"], "active")
    session.act("X", "Close 1 session", *AGREE, said="closed")
    return lambda: bool(session.api.get(f"sessions/{chat['id']}")["closedAt"])


def queues(session: Session) -> Callable[[], bool]:
    queue = next(row for row in session.api.get("queues")["data"] if not row["paused"])
    session.find("queues", "queues", queue["name"])
    session.act("P", "Pause 1 queue", "y", said="paused", begins="pause ")
    return lambda: session.api.get(f"queues/{queue['id']}?type=id")["paused"] is True


def batches(session: Session) -> Callable[[], bool]:
    file = session.scratch / "items.jsonl"
    items = [{"task": "send-email", "payload": {"n": n}} for n in range(120)]
    file.write_text("\n".join(map(json.dumps, items)))
    session.go("batches", "Batches")
    session.act("N", "Trigger a batch", str(file), *AGREE, said="120 items sent")
    statement = (
        "SELECT count() AS runs FROM runs WHERE batch_id != '' AND triggered_at > now() - 60"
    )
    asked = {"query": statement, "period": "1h"}
    return lambda: session.api.post("query", asked)["results"][0]["runs"] >= 120


STORIES = (
    *(errors, tasks, deployments, schedules, limits, tokens, variables, allruns),
    *(alerts, webhooks, deliveries, sessions, queues, batches, environments),
)


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    running = start_simulator("--seed", "11", "--scenario", "incident")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def session(server: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    home = tmp_path_factory.mktemp("home")
    ready = server.ready
    env = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "TRIGGER_API_URL": ready["url"],
        "TRIGGER_ACCESS_TOKEN": ready["access_token"],
        "TRIGGER_PROJECT_REF": ready["project"],
    }
    both = [
        httpx.Client(
            base_url=ready["url"], headers={"authorization": f"Bearer {secret}"}, timeout=30
        )
        for secret in (ready["secret_key"], ready["access_token"])
    ]
    with both[0], both[1], Terminal([*TRIGDASH, "--env", "prod"], columns=150, env=env) as terminal:
        terminal.wait_for("live")
        yield Session(terminal, Api(*both, ready["project"]), home)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_resource_is_found_and_acted_on_and_the_api_says_so(
    session: Session, story: Callable[[Session], Callable[[], bool]]
) -> None:
    is_so = story(session)
    session.terminal.wait_for(is_so)


def test_every_resource_has_a_story() -> None:
    assert {story.__name__ for story in STORIES} >= {*RESOURCES, "queues", "batches"}
