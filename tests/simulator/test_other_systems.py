"""The two related APIs over the same world."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulator.callers import Served
from trigdash.simulator.http.workflow import Workflow


class Workflows:
    """Requests to the workflow API without a socket."""

    def __init__(self) -> None:
        self.served = Served(runs=400)
        self.api = Workflow(self.served.state)

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        transport = httpx.ASGITransport(app=self.api.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.request(
                method, f"/api/v1{path}", json=body, headers={"x-api-key": self.api.key}
            )
        return answer.json()


@pytest.fixture
def workflows() -> Workflows:
    return Workflows()


async def test_a_retry_is_linked_to_the_run_that_it_repeats(workflows: Workflows) -> None:
    old = (await workflows("GET", "/runs?status=failed&limit=1"))["data"][0]
    assert "restartedFromRunId" not in old
    made = (await workflows("POST", f"/runs/{old['id']}/retry"))["data"]
    new = (await workflows("GET", f"/runs/{made['newRunId']}"))["data"]
    assert new["restartedFromRunId"] == old["id"] == made["originalRunId"]
    listed = (await workflows("GET", "/runs?limit=1"))["data"][0]
    assert (listed["id"], listed["restartedFromRunId"]) == (new["id"], old["id"])


async def test_a_restart_from_a_step_is_linked_too(workflows: Workflows) -> None:
    old = (await workflows("GET", "/runs?status=completed&limit=1"))["data"][0]
    steps = (await workflows("GET", f"/runs/{old['id']}"))["data"]["stepResults"]
    body = {"fromStepId": steps[0]["stepId"]}
    made = (await workflows("POST", f"/runs/{old['id']}/restart", body))["data"]
    new = (await workflows("GET", f"/runs/{made['newRunId']}"))["data"]
    assert new["restartedFromRunId"] == old["id"]
