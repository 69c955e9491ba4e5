"""Whatever a server answers, a backend raises BackendError or gives a value: all else is a bug."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from random import Random

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from tests.backends.test_recoup_backend import PATH, WHOLE
from tests.backends.test_workflow_backend import COMPLETED, DETAIL, FAILED, LIST, RUN, STEPS
from tests.drift.mutation import mutated
from trigdash.backends import open_backend
from trigdash.backends.base import Backend, BackendError
from trigdash.backends.operations.groups import list_batches
from trigdash.backends.target import Secret, Target
from trigdash.model.run_filter import RunFilter

TIMES = 120

Ask = Callable[[Backend], Awaitable[object]]

NARROWED = RunFilter(statuses=("FAILED",), tags=("account:5df987",))
BATCHES = [
    {"batch_id": f"batch_{n}", "succeeded": n, "runs": n, "last_at": "2026-11-21 22:00:01"}
    for n in range(3)
]
SYSTEMS: Mapping[str, tuple[Mapping[tuple[str, str], object], tuple[Ask, ...]]] = {
    "trigger": (
        {("POST", "/api/v1/query"): {"format": "json", "results": BATCHES}},
        (lambda backend: backend.call(list_batches()),),
    ),
    "workflow": (
        {
            ("GET", LIST): {"success": True, "data": [COMPLETED, FAILED], "meta": {"cursor": "c"}},
            ("GET", f"{LIST}/{RUN}"): {"success": True, "data": DETAIL},
            ("GET", f"{LIST}/{RUN}/logs"): {"success": True, "data": {"runId": RUN, "logs": STEPS}},
        },
        (
            lambda backend: backend.runs(RunFilter()),
            lambda backend: backend.runs(RunFilter(statuses=("FAILED",))),
            lambda backend: backend.run(RUN),
            lambda backend: backend.trace(RUN),
            lambda backend: backend.events(RUN),
        ),
    ),
    "recoup": (
        {("GET", PATH): {"status": "success", "runs": [WHOLE, WHOLE | {"id": "run_2"}]}},
        (
            lambda backend: backend.runs(RunFilter()),
            lambda backend: backend.runs(NARROWED),
            lambda backend: backend.run("run_2"),
        ),
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
async def test_mutated_answers_are_values_or_errors_in_words(
    system: str, server: FakeServer
) -> None:
    answers, questions = SYSTEMS[system]
    target = Target(backend=system, api_url=server.url, secret_key=Secret("a_key"), rate_share=1.0)
    backend = open_backend(target, FakeClock())
    random = Random(system)
    for _ in range(TIMES):
        for (method, path), whole in answers.items():
            body = mutated(json.dumps(whole).encode(), random)
            server.answer(method, path, Reply(body=body))
        for ask in questions:
            with suppress(BackendError):
                await ask(backend)
    await backend.aclose()
