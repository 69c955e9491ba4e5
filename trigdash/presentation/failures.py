"""Exceptions as people read them: the message, then the frames, libraries folded away. Pure."""

import re
from collections.abc import Sequence
from itertools import groupby

from trigdash.model.span_event import Failure
from trigdash.presentation.cell import Cell, Piece

_FRAME = re.compile(r"\s*at (?:(?P<what>.+?) \()?(?P<place>[^()]+?)\)?$")
_PLACE = re.compile(r"(?:file://)?(?P<file>.+?)(?P<line>(?::\d+){0,2})$")


def is_library_frame(line: str) -> bool:
    """Whether a frame is of a dependency or of the runtime itself."""
    return "node_modules" in line or "node:" in line or "<anonymous>" in line


def frame_cell(line: str, indent: int = 2) -> Cell:
    """One line of a stack: function and file are emphasized, the rest is dim."""
    found = _FRAME.match(line)
    if found is None:
        return ((" " * indent, "text"), (line.strip(), "dim"))
    place = _PLACE.match(found["place"])
    what = f"{found['what']} " if found["what"] else ""
    path, at = (place["file"], place["line"]) if place else (found["place"], "")
    role = "dim" if is_library_frame(line) else "link"
    pieces: list[Piece] = [(" " * indent, "text"), ("at ", "dim")]
    if what:
        pieces.append((what, "dim" if is_library_frame(line) else "text"))
    return (*pieces, (path, role), (at, "dim"))


def stack_cells(stack: Sequence[str], *, all_frames: bool = False, indent: int = 2) -> list[Cell]:
    """The frames of a stack; runs of library frames become one line unless all are wanted."""
    if all_frames or not any(not is_library_frame(line) for line in stack):
        return [frame_cell(line, indent) for line in stack]
    cells: list[Cell] = []
    for is_library, lines in groupby(stack, key=is_library_frame):
        frames = list(lines)
        if not is_library:
            cells += [frame_cell(line, indent) for line in frames]
        else:
            word = "frame" if len(frames) == 1 else "frames"
            hidden = f"… {len(frames)} {word} in libraries"
            cells.append(((" " * indent, "text"), (hidden, "faint")))
    return cells


def headline_cell(failure: Failure) -> Cell:
    """Type and message."""
    if failure.type and failure.message:
        return ((failure.type, "bad-strong"), (f"  {failure.message}", "strong"))
    return ((failure.headline, "bad-strong"),)


def meaning_of(failure: Failure) -> str:
    """What one of the platform's own error codes means; empty for an error of the user's code.
    Recorded: the API returns such a code in brackets, without a type, a stack or advice.
    """
    return _MEANINGS.get(internal_code(failure.message), "")


def internal_code(message: str) -> str:
    """The platform's own error code in a message; empty without one."""
    told = _INTERNAL.search(message)
    return told[1] if told else ""


_INTERNAL = re.compile(r"^trigger\.dev internal error \((\w+)\)")
_KILLED = "its process ran out of memory and was killed: a larger machine may help"
_SILENT = "its worker stopped sending heartbeats: it hung, was blocked, or was lost"
_MEANINGS = {
    "TASK_PROCESS_OOM_KILLED": _KILLED,
    "TASK_PROCESS_MAYBE_OOM_KILLED": "its process was killed, perhaps because it ran out of memory",
    "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE": "its process ended with an error code of its own",
    "TASK_PROCESS_SIGSEGV": "its process crashed on a bad memory access, often in a native module",
    "TASK_PROCESS_SIGTERM": "its process was told to stop",
    "TASK_PROCESS_SIGKILL_TIMEOUT": "its process did not stop in time and was killed",
    "GRACEFUL_EXIT_TIMEOUT": "its process did not stop in time",
    "MAX_DURATION_EXCEEDED": "it ran longer than its maxDuration and was stopped",
    "TASK_EXECUTION_ABORTED": "its execution was aborted by the platform or with its worker",
    "TASK_EXECUTION_FAILED": "the worker could not execute it",
    "TASK_RUN_CRASHED": "its process crashed",
    "TASK_RUN_HEARTBEAT_TIMEOUT": _SILENT,
    "TASK_RUN_STALLED_EXECUTING": _SILENT,
    "TASK_RUN_STALLED_EXECUTING_WITH_WAITPOINTS": _SILENT,
    "TASK_RUN_DEQUEUED_MAX_RETRIES": "workers took it from its queue again and again, none began",
    "COULD_NOT_FIND_TASK": "its version does not have this task",
    "COULD_NOT_FIND_EXECUTOR": "its version does not have this task",
    "COULD_NOT_IMPORT_TASK": "the file of the task could not be imported",
    "CONFIGURED_INCORRECTLY": "the configuration of the project is wrong",
    "TASK_INPUT_ERROR": "its payload could not be read",
    "TASK_OUTPUT_ERROR": "its output could not be written down",
    "DISK_SPACE_EXCEEDED": "its machine ran out of disk space",
    "POD_EVICTED": "its machine was taken away",
    "OUTDATED_SDK_VERSION": "its SDK is too old for this server",
    "TASK_DID_CONCURRENT_WAIT": "it waited on several things at once, which is not supported",
    "RECURSIVE_WAIT_DEADLOCK": "it waits on a run that waits for its own place in the queue",
    "BATCH_ITEM_COULD_NOT_TRIGGER": "this item of the batch could not be triggered",
}
"""Descriptions of the platform's codes. Others are self-explanatory or unknown."""
