"""Requests that a real server refused are refused here with the same status, words and headers."""

from __future__ import annotations

import pytest

from tests.simulator.callers import RECORDINGS, Served, caller_of, recording
from tests.simulator.replaying import same_headers
from trigdash.simulator.http.ratelimit import API

OPERATIONS = (
    "runs_list", "runs_get_v3", "runs_get_v1", "run_trace", "run_events", "run_span", "run_cancel",
    "run_replay", "run_reschedule", "run_tags_post", "run_tags_get", "run_metadata_put",
    "run_result", "task_trigger", "tasks_batch_v1", "tasks_batch_v2", "batches_v3_create",
    "batches_v3_items", "batches_get_v1", "batches_get_v2", "batch_results",
    "idempotency_key_reset",
    "queues_list", "queues_get", "queues_pause", "queues_override", "queues_reset", "whoami_v1",
    "whoami_v2", "projects_list", "projects_get", "project_env_get", "project_environments",
    "project_runs_list", "method_not_allowed",
)  # fmt: skip
# The recorded server's own ids and limits stand in the texts, and of a preview key without its
# branch it says on one route that the branch is missing, on the other that the key is.
OTHER_WORDS = {
    "run_tags_post__err_too_many", "queues_override__above_env_limit", "runs_get_v1__legacy",
    "whoami_v1__preview_no_branch",
}  # fmt: skip
# Refused there for the state of the recorded run; what is refused here is told by other tests.
NEEDS_STATE = {"run_reschedule__err_executing", "run_reschedule__err_bad_delay"}


def refusals() -> list[str]:
    names = [
        path.stem for operation in OPERATIONS for path in sorted(RECORDINGS.glob(f"{operation}__*"))
        if path.suffix == ".json"
    ]  # fmt: skip
    return [
        name
        for name in names
        if recording(name)["response"]["status"] >= 400
        and name not in NEEDS_STATE
        and "jwt" not in name
    ]


@pytest.fixture(scope="module")
def served() -> Served:
    """A world with the environment limit of the recorded server."""
    return Served(runs=120, rate=API)


def adapted_path(served: Served, path: str) -> str:
    """The recorded path with this world's own project, runs, queues and batches."""
    env = served.world.env
    known = {
        "proj_testacmejobs0000000000": served.world.project.ref,
        "run_cm": env.runs.all[0].id,
        "queue_9o": env.queues["task/send-email"].id,
    }
    parts = path.split("/")
    for start, own in known.items():
        parts = [own if part.startswith(start) else part for part in parts]
    return "/".join(parts).replace("video-queue", "crm").replace("shared-queue", "crm")


@pytest.mark.parametrize("name", refusals())
async def test_a_recorded_refusal_is_repeated(name: str, served: Served) -> None:
    exchange = recording(name)
    request, expected = exchange["request"], exchange["response"]
    sent = request.get("body")
    who = caller_of(exchange)
    text = sent if isinstance(sent, str) else None
    kept = {
        key: value
        for key, value in request["headers"].items()
        if key.lower() in {"content-type", "x-trigger-branch"}
    }
    if "trigger-api-version" not in str(request["headers"]):
        kept["x-trigger-api-version"] = ""
    path = adapted_path(served, request["path"])
    if name in {"runs_get_v3__err_other_env_key", "runs_get_v3__err_other_project_key"}:
        who = "stg"
    answer = await served(
        request["method"], path, who=who, query=request.get("query"),
        body=None if text is not None else sent, headers=kept,
        content=text.encode() if text else None,
    )  # fmt: skip

    assert answer.status == expected["status"]
    recorded_headers = {key.lower(): value for key, value in expected["headers"].items()}
    assert answer.headers["content-type"] == recorded_headers["content-type"]
    same_headers(answer, name)
    if "body" in expected and name not in OTHER_WORDS:
        assert answer.body == expected["body"]
