"""What was read of a real server is read here with the same status, kind and headers."""

from __future__ import annotations

import re

import pytest

from tests.simulator.callers import RECORDINGS, Served, caller_of, recording
from tests.simulator.replaying import repeat, same_headers
from trigdash.simulator.http.ratelimit import API, Limiter
from trigdash.simulator.world.runs import Run

# Read from things that only the recorded server had; the tests of these operations make their own.
ELSEWHERE = (
    "deployments_latest__ok", "envvars_get", "errors_get", "packets", "prompts_get",
    "realtime__runs_by_tag_live", "run_result",
    "run_span", "schedules_get", "sessions_get", "waitpoint_tokens_get",
)  # fmt: skip
OWN_STATUS = {
    "COMPLETED": "COMPLETED_SUCCESSFULLY", "FAILED": "COMPLETED_WITH_ERRORS", "QUEUED": "PENDING",
    "REATTEMPTING": "EXECUTING", "FROZEN": "WAITING_TO_RESUME", "WAITING": "WAITING_TO_RESUME",
}  # fmt: skip
ID = re.compile(r"\b(run|batch|queue|deployment|bulk)_[0-9a-z]{15,}")


def reads() -> list[str]:
    """The names of recorded successes of GET whose caller the recording tells."""
    found = []
    for path in sorted(RECORDINGS.glob("*.json")):
        exchange = recording(path.stem)
        if (
            exchange["request"]["method"] == "GET"
            and exchange["response"]["status"] == 200
            and caller_of(exchange) in {"prod", "stg", "dev", "pat", "none"}
            and not path.stem.startswith(ELSEWHERE)
        ):
            found.append(path.stem)
    return found


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(runs=1_500, rate=API)


def own_ids(served: Served, name: str) -> dict[str, str]:
    """Ids of ours for the recorded ones in a request: a run of the same status where it tells."""
    exchange = recording(name)
    env = served.world.env
    theirs = served.world.environments.get(caller_of(exchange), env)
    body = exchange["response"].get("body")
    status = body.get("status") if isinstance(body, dict) else None
    runs: list[Run] = [
        run for run in theirs.runs.all if run.status == OWN_STATUS.get(str(status), status)
    ]
    own = {
        "run": (runs or theirs.runs.all)[-1].id, "batch": next(iter(theirs.batches or env.batches)),
        "queue": env.queues["crm"].id, "deployment": env.releases[-1].id,
        "bulk": next(iter(env.bulk_actions), ""),
    }  # fmt: skip
    asked = f"{exchange['request']['path']} {exchange['request'].get('query')}"
    return {
        found[0]: own[found[1]] for found in ID.finditer(asked) if "doesnotexist" not in found[0]
    }


async def test_there_are_hundreds_of_reads_to_compare() -> None:
    assert len(reads()) > 250


@pytest.mark.parametrize("name", reads())
async def test_a_recorded_read_is_answered_with_its_status_and_headers(
    name: str, served: Served
) -> None:
    served.state.limiter = Limiter(API)
    if name.startswith("bulk_actions_get") and not served.world.env.bulk_actions:
        ids = [served.world.env.runs.all[0].id]
        await served.post("/api/v1/bulk-actions", {"action": "cancel", "runIds": ids})
    answer = await repeat(served, name, **own_ids(served, name))
    expected = recording(name)["response"]
    assert answer.status == 200, answer.text
    kind = next(
        value for key, value in expected["headers"].items() if key.lower() == "content-type"
    )
    assert answer.headers["content-type"] == kind
    same_headers(answer, name)
