"""Environment variables: whose they are, what is shown of them, and how they are set."""

from __future__ import annotations

import pytest

from tests.simulator.callers import Served
from tests.simulator.replaying import agrees, exchanges, repeat, same_refusal
from trigdash.simulator.http.ratelimit import API

GOOD = exchanges(
    "envvars_list", "envvars_get", "envvars_create", "envvars_update", "envvars_delete",
    "envvars_import", refused=False,
)  # fmt: skip
BAD = exchanges(
    "envvars_list", "envvars_get", "envvars_create", "envvars_update", "envvars_delete",
    "envvars_import", "envvars_all", refused=True,
)  # fmt: skip


@pytest.fixture
async def served() -> Served:
    served = Served(runs=0, rate=API)
    for name in ("TEST_VAR_PROD", "TEST_VAR_PAT"):
        await served.post(base(served), {"name": name, "value": "plain"})
    secret = {"name": "TEST_SECRET_PAT", "value": "not-for-eyes", "isSecret": True}
    await served.post(base(served), secret)
    return served


def base(served: Served, slug: str = "prod") -> str:
    return f"/api/v1/projects/{served.world.project.ref}/envvars/{slug}"


@pytest.mark.parametrize("name", BAD)
async def test_a_recorded_refusal_is_repeated(served: Served, name: str) -> None:
    if "import" in name:
        await served.post(base(served), {"name": "IMP_A", "value": "1"})
    same_refusal(await repeat(served, name), name)


@pytest.mark.parametrize("name", GOOD)
async def test_a_recorded_call_is_answered_in_its_shape(served: Served, name: str) -> None:
    await served.post(base(served), {"name": "IMP_A", "value": "1"})
    operation = name.partition("__")[0]
    agrees(await repeat(served, name), *exchanges(operation, refused=False))


async def test_with_a_secret_key_the_slug_means_nothing(served: Served) -> None:
    own = await served.get(base(served))
    for slug in ("dev", "staging", "stg", "nope"):
        assert await served.get(base(served, slug)) == own
    for slug in ("staging", "stg"):
        names = [each["name"] for each in await served.get(base(served, slug), who="pat")]
        assert "TEST_VAR_PROD" not in names
    assert await served.get(base(served), who="pat") == own


async def test_a_secret_is_never_shown_but_to_a_worker(served: Served) -> None:
    one = await served.get(f"{base(served)}/TEST_SECRET_PAT")
    assert one == {"name": "TEST_SECRET_PAT", "value": "<redacted>", "isSecret": True}
    assert "not-for-eyes" not in str(await served.get(base(served)))
    assert "not-for-eyes" not in repr(served.world.env.variables)
    all_of_them = await served.get(base(served).removesuffix("/prod"))
    assert all_of_them["variables"]["TEST_SECRET_PAT"] == "not-for-eyes"


async def test_creating_overwrites_updating_needs_one(served: Served) -> None:
    path = f"{base(served)}/TEST_VAR_PROD"
    await served.post(base(served), {"name": "TEST_VAR_PROD", "value": "two"})
    assert (await served.get(path))["value"] == "two"
    for method in ("PUT", "POST"):
        assert (await served(method, path, body={"value": method})).body == {"success": True}
        assert (await served.get(path))["value"] == method
    assert (await served("DELETE", path)).body == {"success": True}
    assert (await served("DELETE", path)).status == 404
    assert (await served("PUT", path, body={"value": "x"})).status == 404


async def test_an_import_is_a_map_and_all_or_nothing(served: Served) -> None:
    path = f"{base(served)}/import"
    given = {"TEST_VAR_PROD": "new", "FRESH": "1"}
    refused = await served("POST", path, body={"variables": given})
    assert refused.status == 400
    assert [each["key"] for each in refused.body["variableErrors"]] == ["TEST_VAR_PROD"]
    assert (await served("GET", f"{base(served)}/FRESH")).status == 404
    await served.post(path, {"variables": given, "override": True})
    assert (await served.get(f"{base(served)}/FRESH"))["value"] == "1"
    listed = await served("POST", path, body={"variables": [{"name": "A", "value": "b"}]})
    assert listed.status == 400
