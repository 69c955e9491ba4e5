"""A key is checked by asking the server, and saved only when the server takes it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trigdash.commands.login import ProfileTrial
from trigdash.config.file import ConfigFile, read_config
from trigdash.config.login import Answers
from trigdash.config.official_cli import OfficialCli
from trigdash.config.options import ConfigError
from trigdash.config.resolve import Flags, Settings
from trigdash.simulator.http.chaos import PlannedFault
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.scenarios.definitions import SCENARIOS


@pytest.fixture
async def server() -> AsyncIterator[SimulatorHost]:
    async with SimulatorHost(scenario=SCENARIOS["calm"], runs=20) as host:
        yield host


def trial(path: Path, answers: Answers) -> ProfileTrial:
    nothing = OfficialCli(path.parent / "none.json")
    return ProfileTrial(answers, Settings(Flags(), {}, ConfigFile(path), nothing))


async def outcome(one: ProfileTrial) -> list[tuple[str, str]]:
    return [line async for line in one.findings()]


async def test_a_key_that_the_server_takes_is_saved(server: SimulatorHost, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    one = trial(path, Answers(server.url, server.secret_key))
    found = await outcome(one)
    assert ("ok", "key: accepted: Acme Jobs / prod, production") in found
    assert not path.exists()
    assert one.save() == (
        f"saved the address and the key as profile prod in {path}, which only you may read"
    )
    assert read_config(path).profiles["prod"].api_url == server.url
    assert server.secret_key not in repr(one.answers)


async def test_a_token_finds_its_only_project(server: SimulatorHost, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    one = trial(path, Answers(server.url, server.access_token, "me"))
    await outcome(one)
    one.save()
    assert read_config(path).profiles["me"].project == server.project


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": "tr_prod_TESTONLYA00000000000"}, "copy it again from the page API keys"),
        ({"address": "/elsewhere"}, "is this the address of the API?"),
        ({"project": "proj_other"}, "not to proj_other: paste that project's key"),
        ({"key": "proj_a"}, "not a key"),
    ],
)
async def test_nothing_is_saved_of_what_the_server_refuses(
    server: SimulatorHost, tmp_path: Path, change: dict[str, str], words: str
) -> None:
    path = tmp_path / "config.toml"
    one = trial(
        path,
        Answers(
            server.url + change.get("address", ""),
            change.get("key", server.secret_key),
            project=change.get("project", ""),
        ),
    )
    mark, said = (await outcome(one))[-1]
    assert (mark, one.holds) == ("FAILED", False)
    assert words in said
    with pytest.raises(ConfigError, match="nothing was saved"):
        one.save()
    assert not path.exists()


async def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    one = trial(tmp_path / "config.toml", Answers("http://127.0.0.1:9", "tr_prod_TESTONLYA"))
    assert (await outcome(one))[-1] == (
        "FAILED",
        "reach: cannot reach the server (no connection: refused)",
    )


async def test_a_server_without_some_endpoints_is_taken_and_they_are_named(
    server: SimulatorHost, tmp_path: Path
) -> None:
    absent = ("/api/v1/errors", "/api/v1/queues")
    server.chaos.plan = [PlannedFault("unknown_path", path=path, times=9) for path in absent]
    one = trial(tmp_path / "config.toml", Answers(server.url, server.secret_key))
    found = await outcome(one)
    assert [words for mark, words in found if mark == "--"] == [
        "queues: not found",
        "error groups: not found",
    ]
    assert one.holds
    assert "as profile prod" in one.save()
