"""A replay with changes, over real HTTP: sent where it is read, refused where it would be lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fakes.clock import RunningClock
from trigdash.backends import open_backend
from trigdash.backends.base import Backend
from trigdash.backends.target import Secret, Target
from trigdash.commands.exit_codes import CommandFailure
from trigdash.commands.replay import with_part
from trigdash.service.actions.actions import Actions
from trigdash.service.actions.outcome import Result
from trigdash.service.actions.replay import lost_changes, replay_changes
from trigdash.service.cache.poller import Poller
from trigdash.service.cache.store import Store
from trigdash.simulator.http.faults import Faults
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.world.scenario import Scenario

QUIET = Scenario("still", "nothing happens", interval_s=1e9, batch_every_s=1e9)
TASK = "send-email"


@asynccontextmanager
async def server(version: str) -> AsyncIterator[tuple[Backend, Actions, SimulatorHost]]:
    """A simulator of a version, and who acts on it."""
    clock = RunningClock()
    host = SimulatorHost(
        scenario=QUIET, runs=20, speed=1.0, env="prod", clock=clock, rate=Rate(0, 0),
        version=version,
    )  # fmt: skip
    host.state.faults = Faults()
    async with host:
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key))
        backend = open_backend(target, clock)
        store = Store()
        yield backend, Actions(backend, store, Poller(backend, store, clock), clock), host
        await backend.aclose()


async def original(backend: Backend) -> str:
    options = {"delay": "5h", "tags": ["one"], "queue": {"name": "crm"}}
    return (await backend.trigger(TASK, {"a": {"b": 1}}, options)).id


async def test_changes_arrive_and_the_rest_stays() -> None:
    async with server("4.8") as (backend, actions, _):
        run_id = await original(backend)
        changes = {"payload": {"a": 2}, "delay": "1h", "tags": ["two"]}
        outcome = await actions.replay_changed(run_id, changes)
        assert outcome.result is Result.DONE
        assert outcome.new_id
        made = await backend.run(outcome.new_id)
        assert (made.payload, made.raw_tags) == ({"a": 2}, ("two",))
        assert made.delayed_until is not None
        assert outcome.message == f"replayed as {made.id}, with the changes"


async def test_a_server_that_would_drop_the_changes_gets_no_replay() -> None:
    async with server("4.5") as (backend, actions, host):
        run_id = await original(backend)
        before = len(host.state.world.env.runs.by_id)
        outcome = await actions.replay_changed(run_id, {"delay": "1h"})
        assert outcome.result is Result.REFUSED
        assert "drops the changes" in outcome.message
        assert len(host.state.world.env.runs.by_id) == before


async def test_with_a_key_the_same_replay_is_the_same_run() -> None:
    async with server("4.8") as (backend, actions, _):
        run_id = await original(backend)
        changes = {"delay": "1h", "idempotencyKey": "again"}
        first = await actions.replay_changed(run_id, changes)
        second = await actions.replay_changed(run_id, changes)
        assert first.new_id == second.new_id


async def test_what_the_new_run_does_not_show_is_said() -> None:
    async with server("4.8") as (backend, _, _host):
        run = await backend.run(await original(backend))
        assert lost_changes(run, {"delay": "1h"}) == ()
        assert lost_changes(run, {"tags": "two", "payload": 5}) == ("tags", "payload")


async def test_a_form_becomes_the_body_of_a_replay() -> None:
    async with server("4.8") as (backend, _, _host):
        run = await backend.run(await original(backend))
        same = {"tags": ["one"], "queue": {"name": "crm"}, "test": True}
        assert replay_changes(run, {"queue": "crm"}, {"a": {"b": 1}}, same) == {"queue": "crm"}
        assert replay_changes(run, {"queue": "crm"}, None, {}) == {
            "queue": f"task/{TASK}",
            "tags": [],
            "payload": None,
        }
        assert replay_changes(run, {"machine": "large-1x"}, None, {}) is None


@pytest.mark.parametrize(
    ("part", "becomes"),
    [
        ("a.b=7", {"a": {"b": 7}, "l": [1, 2]}),
        ('l.1="x"', {"a": {"b": 1}, "l": [1, "x"]}),
        ("c.d=null", {"a": {"b": 1}, "l": [1, 2], "c": {"d": None}}),
    ],
)
def test_a_part_of_a_payload_is_set(part: str, becomes: Any) -> None:
    payload = {"a": {"b": 1}, "l": [1, 2]}
    assert with_part(payload, part) == becomes
    assert payload == {"a": {"b": 1}, "l": [1, 2]}


@pytest.mark.parametrize("part", ["a", "a=", "a.b.c=1", "l.9=1", "l.-1=1"])
def test_a_part_that_cannot_be_set_is_refused_in_words(part: str) -> None:
    with pytest.raises(CommandFailure, match="--set"):
        with_part({"a": {"b": 1}, "l": [1, 2]}, part)
