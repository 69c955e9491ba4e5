"""Pausing and resuming, declared in one way for queues, limits and environments."""

from __future__ import annotations

from typing import Any

import pytest

from trigdash.model.environment import EnvironmentRow
from trigdash.model.queue import Limit, Queue
from trigdash.presentation.cell import cell_text
from trigdash.presentation.registry import load_resource

ROWS = {
    "queues": lambda paused: Queue(id="queue_1", name="mail", paused=paused),
    "limits": lambda paused: Limit(name="mail", paused=paused),
    "environments": lambda paused: EnvironmentRow(
        id="env_1", slug="prod", type="PRODUCTION", paused=paused
    ),
}


def actions(name: str) -> dict[str, Any]:
    return {action.name: action for action in load_resource(name).actions}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("paused", [True, False])
def test_what_is_paused_is_resumed_and_the_other_way_round(name: str, paused: bool) -> None:
    row, known = ROWS[name](paused), actions(name)
    taken, refused = ("resume", "pause") if paused else ("pause", "resume")
    assert known[taken].disabled_reason(row) == ""
    assert known[refused].disabled_reason(row).endswith("already")
    assert known[taken].consequence(row, {}).endswith(".")
    operation = known[taken].operation(row, {})
    assert operation.is_write
    assert taken in (operation.body or {}).get("action", operation.path[-1])
    assert known[taken].done(None) == f"{taken}d"


def test_a_branch_takes_neither() -> None:
    row = EnvironmentRow(
        id="env_1", slug="preview", type="PREVIEW", branch_name="new-prices", paused=False
    )
    for name in ("pause", "resume"):
        assert "with its parent" in actions("environments")[name].disabled_reason(row)


def test_a_paused_limit_names_the_key_that_resumes_it() -> None:
    resource = load_resource("limits")
    key = actions("limits")["resume"].key
    told = cell_text(resource.explanation(Limit(name="mail", paused=True), 0.0))
    assert f"{key} resumes it" in told
