"""Preview branches: one key, an environment for each branch."""

from __future__ import annotations

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API
from trigdash.simulator.world import deployments
from trigdash.simulator.world.environments import FIRST_BRANCH

GIT = {"commitRef": "new-prices", "commitSha": "0123456789abcdef", "commitMessage": "wip"}


@pytest.fixture
def served() -> Served:
    return Served(runs=200, rate=API)


def on(branch: str) -> dict[str, str]:
    return {"x-trigger-branch": branch}


async def test_a_preview_key_needs_a_branch_that_is_there(served: Served) -> None:
    bare = await served("GET", "/api/v1/runs", who="preview")
    assert (bare.status, bare.body) == (
        401,
        {"error": "x-trigger-branch header required for preview env"},
    )
    wrong = await served("GET", "/api/v1/runs", who="preview", headers=on("nowhere"))
    assert (wrong.status, wrong.body) == (401, {"error": "No matching branch env"})
    for name in (FIRST_BRANCH, f"refs/heads/{FIRST_BRANCH}"):
        page = await served.get("/api/v1/runs", who="preview", headers=on(name))
        assert page["data"]
    ignored = await served("GET", "/api/v1/runs", who="prod", headers=on("nowhere"))
    assert ignored.status == 200


async def test_a_new_branch_is_an_environment_of_its_own(served: Served) -> None:
    base = f"/api/v1/projects/{served.world.project.ref}/branches"
    made = await served.post(
        base, {"env": "preview", "branch": "refs/heads/new-prices", "git": GIT}, who="pat"
    )
    again = await served.post(base, {"env": "preview", "branch": "new-prices"}, who="pat")
    assert again == made
    answer = await served("GET", base, who="pat")
    agrees(answer, "project_branches__two")
    assert [each["name"] for each in answer.body["branches"]] == [FIRST_BRANCH, "new-prices"]
    assert (await served.get("/api/v1/runs", who="preview", headers=on("new-prices")))["data"] == []
    run = await served.post(
        "/api/v1/tasks/send-email/trigger", {"payload": 1}, who="preview", headers=on("new-prices")
    )
    path = f"/api/v3/runs/{run['id']}"
    assert (await served("GET", path, who="preview", headers=on("new-prices"))).status == 200
    assert (await served("GET", path, who="preview", headers=on(FIRST_BRANCH))).status == 404
    archived = await served("POST", f"{base}/archive", body={"branch": "new-prices"}, who="pat")
    agrees(archived, "project_branches_archive__ok")
    again = await served("POST", f"{base}/archive", body={"branch": "new-prices"}, who="pat")
    same_refusal(again, "project_branches_archive__again")
    assert (await served("GET", path, who="preview", headers=on("new-prices"))).status == 401


async def test_the_key_of_a_branch_is_its_parent_s(served: Served) -> None:
    path = f"/api/v1/projects/{served.world.project.ref}/preview"
    known = await served("GET", path, who="pat", headers=on(FIRST_BRANCH))
    agrees(known, "project_env_get__preview_pat")
    assert known.body["apiKey"] == served.world.environments["preview"].secret_key
    missing = await served("GET", path, who="pat", headers=on("nowhere"))
    agrees(missing, "project_env_get__preview_branch_pat")


async def test_a_public_token_of_a_branch_stays_there(served: Served) -> None:
    branch = deployments.make_branch(served.world, "other")
    token = served.state.mint(branch.env, ["read:runs"])
    page = await served.get("/api/v1/runs", who=token)
    assert page["data"] == []


async def test_what_git_would_refuse_is_no_name_of_a_branch(served: Served) -> None:
    name = "project_branches_create__err_bad_name"
    same_refusal(await repeat(served, name), name)
    for name in ("project_branches_create__again", "project_branches_create__dev"):
        agrees(await repeat(served, name), name)


async def test_a_replaced_key_works_for_a_day_more(served: Served) -> None:
    old = served.world.environments["stg"].secret_key
    answer = await repeat(served, "project_env_regenerate_api_key__ok")
    agrees(answer, "project_env_regenerate_api_key__ok")
    new = answer.body["apiKey"]
    assert new != old
    for key in (old, new):
        assert (await served("GET", "/api/v1/runs", who=key)).status == 200
    served.time.pass_seconds(86_401)
    assert (await served("GET", "/api/v1/runs", who=new)).status == 200
    gone = await served("GET", "/api/v1/runs", who=old)
    assert (gone.status, gone.body) == (401, {"error": "Invalid API key"})
