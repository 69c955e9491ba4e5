"""A world served without a socket, and requests to it as different callers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.http.server import Server
from trigdash.simulator.http.state import ServerState
from trigdash.simulator.scenarios.play import open_world
from trigdash.simulator.world.runs import Run

START_MS = int(datetime(2026, 3, 4, 12, 0, tzinfo=UTC).timestamp() * 1000)
RECORDINGS = Path(__file__).parent.parent / "recordings"
VERSIONED = {"x-trigger-api-version": "2025-07-16"}


class FakeTime:
    """Epoch milliseconds that only a test moves."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.ms = now_ms

    def __call__(self) -> int:
        return self.ms

    def pass_seconds(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: httpx.Headers
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


class Served:
    """A world behind its server, without a socket; of the version that was recorded."""

    def __init__(
        self,
        *,
        runs: int = 400,
        env: str = "prod",
        store: str = "clickhouse",
        rate: Rate | None = None,
        version: str = "4.5",
        **more: Any,
    ) -> None:
        self.time = FakeTime()
        self.world = open_world(self.time.ms, runs=runs, env=env, version=version, **more)
        self.state = ServerState(self.world, self.time, store, rate or Rate(0, 0))
        self.server = Server(self.state)

    def credential(self, who: str) -> str | None:
        """A caller as recordings name it: an environment, `pat`, `bad`, `badpat`, `none`."""
        if who in self.world.environments:
            return self.world.environments[who].secret_key
        known = {
            "pat": self.world.project.access_token,
            "bad": "tr_prod_wrongwrongwrongwrongwron",
            "badpat": "tr_pat_wrongwrongwrongwrongwrongwrongwrongwro",
            "none": None,
        }
        return known.get(who, who)

    async def __call__(
        self, method: str, path: str, *, who: str = "prod", query: Any = None, body: Any = None,
        content: bytes | None = None, headers: dict[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        sent = {**VERSIONED, **(headers or {})}
        credential = self.credential(who)
        if credential is not None:
            sent["Authorization"] = f"Bearer {credential}"
        transport = httpx.ASGITransport(app=self.server)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            response = await client.request(
                method, path, params=query, json=body, content=content, headers=sent
            )
        return Answer(response.status_code, response.headers, response.text)

    async def get(self, path: str, **more: Any) -> Any:
        """The body of a GET that must succeed."""
        answer = await self("GET", path, **more)
        assert answer.status == 200, answer.text
        return answer.body

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """The body of a POST that must succeed."""
        answer = await self("POST", path, body=body, **more)
        assert 200 <= answer.status < 300, answer.text
        return answer.body

    def run(self, status: str, task: str | None = None) -> Run:
        """The newest run of the main environment in one of the server's own statuses."""
        for run in reversed(self.world.env.runs.all):
            if run.status == status and task in {None, run.task_id}:
                return run
        raise LookupError(f"no run is {status}")


def recording(name: str) -> dict[str, Any]:
    """A whole exchange as it was recorded."""
    return json.loads((RECORDINGS / f"{name}.json").read_text())  # type: ignore[no-any-return]


def caller_of(exchange: dict[str, Any]) -> str:
    """Who sent a recorded request; its note says so."""
    note = exchange.get("note") or ""
    if "[auth: " not in note:
        return "none"
    return str(note.rpartition("[auth: ")[2].partition(" ")[0])
