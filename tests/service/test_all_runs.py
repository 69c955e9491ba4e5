"""The runs of all environments: in one order, complete as far back as they are shown."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes.backend import FakeBackend, make_row
from trigdash.backends.base import ServerError
from trigdash.backends.operation import Operation
from trigdash.model.listing import Listing
from trigdash.service.runs.all_runs import AllRunsQuery

SIZE = 10


def environment(slug: str) -> Any:
    return SimpleNamespace(slug=slug)


class Project:
    """Runs of some environments, ten on a page."""

    def __init__(self, seed: int = 1, count: int = 100) -> None:
        rng = random.Random(seed)
        self.runs: dict[str, list[Any]] = {"dev": [], "prod": [], "preview": []}
        for number in range(count):
            name = rng.choice(["prod", "prod", "prod", "dev", "preview"])
            self.runs[name].insert(0, make_row(number, environment=name))
        self.backend = FakeBackend()
        self.backend.answers["environments"] = (
            environment("dev"),
            environment("preview"),
            environment("preview"),  # a branch of it
            environment("prod"),
        )
        self.backend.answers["call"] = self.page

    def page(self, operation: Operation[Any]) -> Any:
        asked = dict(operation.params)
        rows = self.runs[asked["filter[env]"]]
        at = int(asked.get("page[after]", "0"))
        more = str(at + SIZE) if at + SIZE < len(rows) else None
        return Listing(tuple(rows[at : at + SIZE]), more)

    @property
    def ids(self) -> list[str]:
        everything = [row for rows in self.runs.values() for row in rows]
        return [row.id for row in sorted(everything, key=lambda row: -row.created_ms)]


@pytest.mark.parametrize("seed", range(5))
async def test_what_is_shown_is_always_the_newest_of_all_environments(seed: int) -> None:
    project = Project(seed)
    backend: Any = project.backend
    data = await AllRunsQuery().fetch(backend, None)
    while data.next is not None:
        shown = [row.id for row in data.rows]
        assert shown == project.ids[: len(shown)]
        data = await AllRunsQuery().load_more(backend, data)
    assert [row.id for row in data.rows] == project.ids


async def test_a_command_reads_every_run_once() -> None:
    project = Project()
    backend: Any = project.backend
    told = [row.id async for page in AllRunsQuery().pages(backend) for row in page.rows]
    assert told == project.ids


async def test_a_poll_keeps_what_was_loaded_and_brings_what_is_new() -> None:
    project = Project()
    backend: Any = project.backend
    query = AllRunsQuery()
    data = await query.load_more(backend, await query.fetch(backend, None))
    assert await query.fetch(backend, data) is data
    project.runs["dev"].insert(0, make_row(1_000, environment="dev"))
    young = await query.fetch(backend, data)
    assert [row.id for row in young.rows] == ["run_001000", *(row.id for row in data.rows)]
    assert len(project.backend.asked("environments")) == 1


async def test_one_environment_that_cannot_be_read_is_named_and_hides_no_other() -> None:
    project = Project()
    whole = project.page

    def page(operation: Operation[Any]) -> Any:
        is_dev = dict(operation.params)["filter[env]"] == "dev"
        return ServerError("Internal Server Error", status=500) if is_dev else whole(operation)

    project.backend.answers["call"] = page
    data = await AllRunsQuery().fetch(project.backend, None)  # type: ignore[arg-type]
    assert "500" in data.parts["dev"].problem
    assert {row.environment for row in data.rows} == {"prod", "preview"}
