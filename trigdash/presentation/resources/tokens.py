"""Waitpoint tokens: which run waits for which token, and completing them."""

from trigdash.backends.operations import inputs as calls
from trigdash.model.capability import Capability
from trigdash.model.inputs import WaitpointToken
from trigdash.model.tag_text import split_tags
from trigdash.presentation.action import ActionInput, ActionSpec, json_text
from trigdash.presentation.field import moment, status, text
from trigdash.presentation.resource import Resource
from trigdash.service.actions.outcome import Made

_LOOKS = {
    "WAITING": ("◑", "warn-strong"),
    "COMPLETED": ("✓", "good"),
    "TIMED_OUT": ("×", "bad"),
}
_COMPLETE = ActionSpec[WaitpointToken](
    "complete",
    "C",
    "Complete",
    Capability.TOKEN_WRITES,
    operation=lambda row, values: calls.complete_token(row.id, values.get("data")),
    done=lambda answer: "completed",
    shows=lambda row, values: row.status == "COMPLETED",
    consequence=lambda row, values: (
        "The run that waits goes on with this data."
        if "data" in values
        else "The run that waits goes on without data."
    ),
    inputs=(ActionInput("data", "data as JSON", json_text, is_long=True),),
    disabled_reason=lambda row: (
        "" if row.status == "WAITING" else f"it is {row.status.lower().replace('_', ' ')} already"
    ),
)
_CREATE = ActionSpec[WaitpointToken](
    "create",
    "N",
    "Create",
    Capability.TOKEN_WRITES,
    operation=lambda row, values: calls.create_token(
        values.get("timeout"), values.get("tags"), values.get("idempotency-key")
    ),
    done=lambda answer: (
        f"this key was used before: {answer.id}" if answer.is_cached else f"created {answer.id}"
    ),
    made=lambda answer, values: Made(answer.id, is_new=not answer.is_cached),
    shows=lambda row, values: (
        row.idempotency_key is not None and row.idempotency_key == values.get("idempotency-key")
    ),
    consequence=lambda row, values: "Creates a token that a run can wait for.",
    inputs=(
        ActionInput("timeout", "timeout, such as 24h or 2026-12-01T09:00:00Z"),
        ActionInput("tags", "tags, with commas between", split_tags),
        ActionInput("idempotency-key", "idempotency key"),
    ),
    on_list=True,
)


def _run(row: WaitpointToken) -> str | None:
    """The run named in its tags, which is the only link in the API."""
    return next((tag for tag in row.tags if tag.startswith("run_")), None)


RESOURCE = Resource[WaitpointToken](
    name="tokens",
    singular="token",
    title="Tokens",
    needs=Capability.TOKENS,
    fields=(
        text("id", "token", 20, grow=16, importance=90),
        status("status", "status", _LOOKS, 12, importance=99),
        text("tags", "tags", 16, grow=24, importance=86),
        text("_run", "run", 31, role="link", importance=75, value=_run),
        moment("createdAt", "age", 6, importance=95),
        moment("timeoutAt", "times out", 9, importance=85),
        moment("completedAt", "completed", 9, importance=60),
        text("idempotencyKey", "key", 20, role="dim", importance=30),
        text("output", "output", 30, is_shown=False),
        text("url", "callback url", 40, role="faint", is_shown=False),
    ),
    page=calls.list_tokens,
    get=calls.get_token,
    key=lambda row: row.id,
    actions=(_COMPLETE, _CREATE),
    empty=("No waitpoint tokens.", "wait.createToken() makes one; so does N."),
)
