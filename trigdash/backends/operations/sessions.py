"""Sessions of agents."""

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation, cursor_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.session import AgentSession

_PATH = ("v1", "sessions")
list_sessions = listed(Capability.SESSIONS, _PATH, AgentSession, cursor_page)
get_session = got(Capability.SESSIONS, _PATH, AgentSession)


def close_session(session_id: str, reason: str | None) -> Operation[None]:
    """Close a session; its run ends when it next looks."""
    body = {"reason": reason}
    return sent(Capability.SESSION_WRITES, (*_PATH, session_id, "close"), body)
