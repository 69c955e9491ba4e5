"""Sessions: which conversations are open, and the run that serves each."""

from trigdash.backends.operations import inputs as calls
from trigdash.model.capability import Capability
from trigdash.model.inputs import AgentSession
from trigdash.presentation.action import ActionInput, ActionSpec
from trigdash.presentation.field import moment, status, text
from trigdash.presentation.resource import Resource

_LOOKS = {"ACTIVE": ("●", "running"), "CLOSED": ("✓", "done")}
_CLOSE = ActionSpec[AgentSession](
    "close",
    "X",
    "Close",
    Capability.SESSION_WRITES,
    operation=lambda row, values: calls.close_session(row.id, values.get("reason")),
    done=lambda answer: "closed",
    shows=lambda row, values: row.closed_at is not None,
    consequence=lambda row, values: "Nobody can write to this session any more.",
    inputs=(ActionInput("reason", "reason"),),
    disabled_reason=lambda row: "it is closed already" if row.closed_at else "",
)

RESOURCE = Resource[AgentSession](
    name="sessions",
    singular="session",
    title="Sessions",
    needs=Capability.SESSIONS,
    fields=(
        text(
            "externalId",
            "session",
            22,
            grow=10,
            importance=95,
            value=lambda row: row.external_id or row.id,
        ),
        status("_state", "state", _LOOKS, 9, importance=99, value=lambda row: row.state),
        text("taskIdentifier", "task", 18, importance=93),
        text("type", "type", 12, role="dim", importance=60),
        moment("createdAt", "age", 6, importance=94),
        moment("updatedAt", "changed", 8, importance=80),
        text("currentRunId", "run", 29, role="dim", importance=70),
        text("tags", "tags", 16, grow=10, importance=50),
        text("closedReason", "closed because", 20, role="dim", is_shown=False),
        moment("expiresAt", "expires", 8, is_shown=False),
        text("metadata", "metadata", 30, role="dim", is_shown=False),
        text("id", "id", 34, role="faint", importance=20),
    ),
    page=calls.list_sessions,
    get=calls.get_session,
    key=lambda row: row.id,
    actions=(_CLOSE,),
    empty=("No sessions.", "An agent's task opens one for each conversation."),
)
