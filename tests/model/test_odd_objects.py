"""One odd value in an opened run, queue or batch costs itself, and is named."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.model.test_odd_rows import ODD
from tests.recorded import recorded
from trigdash.model.batch import parse_batch
from trigdash.model.queue import parse_queue
from trigdash.model.run import parse_run
from trigdash.model.wire import Wire

OPENED: dict[str, tuple[str, Callable[[bytes], Wire], set[str]]] = {
    "run": (
        "runs_get_v3__parent__api_version",
        parse_run,
        {
            *("id", "status", "taskIdentifier", "createdAt", "updatedAt", "costInCents"),
            *("baseCostInCents", "durationMs", "isTest", "depth", "attemptCount"),
        },
    ),
    "queue": (
        "queues_get__by_id",
        parse_queue,
        {"id", "name", "type", "running", "queued", "paused"},
    ),
    "batch": (
        "batches_get_v2__partial_failed_done",
        parse_batch,
        {"id", "status", "createdAt", "updatedAt", "runCount"},
    ),
}
"""A recording, how it is read, and the fields whose absence would say what is not so."""


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", OPENED)
def test_an_odd_value_is_named_and_all_else_is_as_it_was(name: str, odd: str) -> None:
    recording, parse, needed = OPENED[name]
    answer = json.loads(recorded(recording).body)
    usual = parse(json.dumps(answer).encode())
    for field in answer:
        rest = {key: value for key, value in answer.items() if key != field}
        body = json.dumps(rest)[:-1] + f', "{field}": {ODD[odd]}}}'
        try:
            found = parse(body.encode())
        except ValueError:
            assert field in needed, f"{field} cost the whole {name}"
            continue
        assert found.unread in ((), (field,))
        if found.unread:
            assert same_but(field, found, usual)


def same_but(field: str, found: Wire, usual: Wire) -> bool:
    """Whether two agree in all fields that another field of the answer is read into."""
    others = [
        name for name, told in type(usual).model_fields.items() if (told.alias or name) != field
    ]
    return all(getattr(found, name) == getattr(usual, name) for name in others)
