"""The marks: one column wide, in the fonts that terminals have, each with an ASCII stand-in."""

from collections.abc import Mapping
from typing import Final

from trigdash.model.status import Kind, Status

STATUS_MARKS: Final[Mapping[str, str]] = {
    "pending version": "◇",
    "delayed": "◷",
    "dequeued": "◔",
    "crashed": "‼",
    "system failure": "‡",
    "timed out": "◴",
    "expired": "◦",
}
"""Marks of statuses with their own mark, by the status that the user reads."""

KIND_MARKS: Final[Mapping[Kind, str]] = {
    Kind.QUEUED: "○",
    Kind.RUNNING: "●",
    Kind.WAITING: "◑",
    Kind.SUCCEEDED: "✓",
    Kind.FAILED: "×",
    Kind.LAPSED: "◴",
    Kind.CANCELED: "–",
    Kind.UNKNOWN: "◇",
}

KIND_ROLES: Final[Mapping[Kind, str]] = {
    Kind.QUEUED: "queued",
    Kind.RUNNING: "running",
    Kind.WAITING: "waiting",
    Kind.SUCCEEDED: "good",
    Kind.FAILED: "bad-strong",
    Kind.LAPSED: "warn-strong",
    Kind.CANCELED: "done",
    Kind.UNKNOWN: "unknown",
}


STATUS_ROLES: Final[Mapping[str, str]] = {"delayed": "later", "pending version": "waiting"}
"""Roles of statuses that wait for something else than a place in a queue."""


_URGENCY: Final = (
    Kind.RUNNING,
    Kind.QUEUED,
    Kind.WAITING,
    Kind.FAILED,
    Kind.LAPSED,
    Kind.UNKNOWN,
    Kind.CANCELED,
    Kind.SUCCEEDED,
)
"""What is alive, what went wrong, what is done with."""


def by_urgency(status: Status) -> tuple[int, str]:
    """The order of statuses where they are counted side by side."""
    return _URGENCY.index(status.kind), status.word


def status_mark(status: Status) -> str:
    """The one-column mark of a status: never color alone."""
    return STATUS_MARKS.get(status.word) or KIND_MARKS[status.kind]


def status_role(status: Status) -> str:
    """The role of a status word; "good" for a success, whose word steps back to "done" in lists."""
    return STATUS_ROLES.get(status.word) or KIND_ROLES[status.kind]


ASCII_MARKS: Final = str.maketrans(
    {
        "●": "*", "○": "o", "◔": "v", "◑": "%", "◷": "@", "◇": "<", "✓": "+", "×": "x", "‼": "!",
        "◴": "T", "◦": ".", "–": "-", "▌": ">", "◆": "#", "▲": "^", "▼": "v", "…": "~", "·": "-",
        "›": ">", "‹": "<", "≈": "~", "¢": "c", "▐": "|", "━": "=", "╺": "-", "╸": "=", "─": "-",
        "│": "|", "└": "+", "┤": "+", "┴": "+", "▁": "_", "▂": "_", "▃": "-", "▄": "-", "▅": "=",
        "▆": "=", "▇": "#", "█": "#", "╌": "-", "▸": ">", "▾": "v", "→": ">", "←": "<", "↑": "^",
        "↓": "v", "├": "+", "┼": "+", "•": "o", "⋮": ":", "µ": "u", "⏎": "|", "‡": "&",
        "≥": ">", "−": "-", "‖": "|", "≠": "/",
    }
)  # fmt: skip
"""What each of our marks becomes where the terminal's font or encoding has ASCII only."""
