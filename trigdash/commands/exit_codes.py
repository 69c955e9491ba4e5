"""Exit codes: what a script is told by a number."""

from __future__ import annotations

from enum import IntEnum

from trigdash.backends.base import (
    BackendError,
    BadKey,
    CannotReach,
    Forbidden,
    Misconfigured,
    NotFound,
    RateLimited,
    ServerError,
    Unreadable,
    Unsupported,
    WrongAddress,
)


class ExitCode(IntEnum):
    """What became of a command."""

    WELL = 0
    FAILED = 1
    MISUSED = 2
    NOT_FOUND = 3
    KEY_REFUSED = 4
    CANNOT_REACH = 5
    UNKNOWN = 6
    REFUSED = 7
    TIMED_OUT = 124
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.WELL: "All went well.",
    ExitCode.FAILED: "What was watched or checked failed, or the server refused the request.",
    ExitCode.MISUSED: "The command or the settings are wrong. Nothing was sent.",
    ExitCode.NOT_FOUND: "What was named does not exist in this environment.",
    ExitCode.KEY_REFUSED: "The server does not accept the key, or the key may not do that.",
    ExitCode.CANNOT_REACH: "The server cannot be reached, is failing, or its answer is unreadable.",
    ExitCode.UNKNOWN: "A write was sent and its answer was lost: it may have happened.",
    ExitCode.REFUSED: "trigdash refused to write: read-only, or --yes is missing.",
    ExitCode.TIMED_OUT: "--timeout passed before the end.",
    ExitCode.INTERRUPTED: "Interrupted with ctrl+c.",
}
"""One sentence for each code, for `trigdash help exit-codes`."""


class CommandFailure(Exception):
    """A command that ends early, with a sentence for standard error."""

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


def failure_of(error: BackendError) -> CommandFailure:
    """A failed request as the end of a command."""
    return CommandFailure(error.sentence(), _code_of(error))


def _code_of(error: BackendError) -> ExitCode:
    if error.outcome_unknown:
        return ExitCode.UNKNOWN
    match error:
        case WrongAddress():
            return ExitCode.MISUSED
        case NotFound():
            return ExitCode.NOT_FOUND
        case BadKey() | Forbidden():
            return ExitCode.KEY_REFUSED
        case CannotReach() | ServerError() | RateLimited() | Unreadable():
            return ExitCode.CANNOT_REACH
        case Unsupported() | Misconfigured():
            return ExitCode.MISUSED
    return ExitCode.FAILED
