"""Concurrency limits: their bounds, how full they are, and overrides."""

from __future__ import annotations

from collections.abc import Callable

from trigdash.backends.operations import queues as calls
from trigdash.model.capability import Capability
from trigdash.model.queue import Bound, Limit
from trigdash.presentation.action import ActionInput, ActionSpec, Values, pause_actions, whole
from trigdash.presentation.cell import Cell
from trigdash.presentation.field import ResourceField, attribute, number, status, text
from trigdash.presentation.resource import Resource

_WRITES = Capability.LIMIT_WRITES


_STATES = {
    "PAUSED": ("‖", "warn-strong"),
    "BLOCKED: 0": ("◆", "bad-strong"),
    "FULL": ("◆", "warn"),
    "OPEN": ("●", "running"),
}


def _bound(name: str, heading: str) -> ResourceField[Limit]:
    read: Callable[[Limit], Bound] = attribute(name)

    def cell(limit: Limit, now_ms: float) -> Cell:
        bound = read(limit)
        if bound.current is None:
            return (("–", "faint"),)
        if bound.override is None:
            return ((f"{bound.current:,}", "text"),)
        return ((f"{bound.current:,}", "strong"), (f" was {bound.base}", "warn"))

    return ResourceField(
        name, heading, lambda row: read(row).current, cell, 14, "right", importance=88
    )


def _explain(limit: Limit, now_ms: float) -> Cell:
    if limit.paused:
        return (("Paused: nothing that holds it starts.   ", "warn"), ("O resumes it", "dim"))
    if limit.state == "blocked: 0":
        return (("A bound of 0 lets nothing start.", "warn"),)
    if limit.is_full and limit.queued:
        return ((f"Full: {limit.queued:,} runs wait until one of {limit.running:,} ends.", "warn"),)
    return ((f"{limit.running:,} running, {limit.queued:,} waiting", "dim"),)


_OVERRIDE = ActionSpec[Limit](
    "override",
    "L",
    "Override",
    _WRITES,
    operation=lambda row, values: (
        calls.override_key(row.name, values["key"], values["per-key"], values.get("ttl"))
        if "key" in values
        else calls.override_limit(row.name, values.get("per-key"), values.get("total"))
    ),
    done=lambda answer: "overridden",
    shows=lambda row, values: _is_overridden(row, values),
    consequence=lambda row, values: _override_consequence(row, values),
    problem=lambda values: _override_problem(values),
    inputs=(
        ActionInput("total", "total at once", whole),
        ActionInput("per-key", "at once for each key", whole),
        ActionInput("key", "only this concurrency key"),
        ActionInput("ttl", "for how long, such as 2h (with a key; 7 d unless given)"),
    ),
)


def _is_overridden(row: Limit, values: Values) -> bool:
    """Whether the given bounds are in force. A limit does not list its keys."""
    bounds = {"total": row.total.override, "per-key": row.per_key.override}
    return "key" not in values and all(
        bounds[name] == values[name] for name in bounds if name in values
    )


def _override_problem(values: Values) -> str:
    if "key" in values and ("per-key" not in values or "total" in values):
        return "a key takes a bound for each key, and no total"
    if "ttl" in values and "key" not in values:
        return "only the override of a key ends by itself"
    if not {"total", "per-key"} & set(values):
        return "give a total, or a bound for each key"
    return ""


def _override_consequence(row: Limit, values: Values) -> str:
    if "key" in values:
        return f"Key {values['key']} of {row.name} may run {values['per-key']} at once."
    if 0 in (values.get("total"), values.get("per-key")):
        return f"Nothing of {row.name} starts until the override is reset."
    return "Holds across deployments until it is reset. Running runs are not stopped."


_RESET = ActionSpec[Limit](
    "reset",
    "U",
    "Reset",
    _WRITES,
    operation=lambda row, values: calls.reset_limit(row.name, values.get("key")),
    done=lambda answer: "the override is gone",
    shows=lambda row, values: "key" not in values and not row.is_overridden,
    consequence=lambda row, values: (
        f"Key {values['key']} has the limit's own bound again."
        if "key" in values
        else f"The bounds that the code declares hold again for {row.name}."
    ),
    inputs=(ActionInput("key", "only this concurrency key"),),
)


_PAUSE: tuple[ActionSpec[Limit], ...] = pause_actions(
    _WRITES,
    lambda row, paused: calls.pause_limit(row.name, paused),
    stops=lambda row: "Nothing that holds this limit starts. Running runs continue.",
    starts=lambda row: f"{row.queued:,} waiting runs may start as the bounds allow.",
)

RESOURCE = Resource[Limit](
    name="limits",
    singular="limit",
    title="Limits",
    needs=Capability.LIMITS,
    fields=(
        text("name", "limit", 20, grow=20, role="strong", importance=99),
        status("_state", "state", _STATES, 13, value=lambda row: row.state, importance=98),
        number("running", "running", importance=95),
        number("queued", "queued", role="queued", importance=94),
        _bound("total", "total"),
        _bound("perKey", "per key"),
        text("id", "id", 30, role="faint", is_shown=False),
    ),
    page=calls.list_limits,
    get=calls.get_limit,
    key=lambda row: row.name,
    actions=(_OVERRIDE, _RESET, *_PAUSE),
    explain=_explain,
    every_s=3.0,
    empty=(
        "No concurrency limits.",
        "A task declares one with concurrency, or with concurrencyLimit() (SDK 4.7 and later).",
    ),
)
