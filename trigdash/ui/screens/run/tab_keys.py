"""The tabs of a run, and the keys that each of them has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trigdash.model.run import Run

TABS = ("overview", "trace", "events", "payload", "related")

_TAB_KEYS = {
    "overview": ("run.trace", "run.events", "run.payload", "overview.frames", "run.copy"),
    "trace": (
        "trace.fold", "trace.unfold", "trace.next_error", "trace.find", "app.next_pane",
        "trace.engine", "trace.queue", "trace.closer",
    ),
    "events": (
        "events.find", "events.next_error", "events.time", "events.follow", "events.wrap",
        "events.scope", "events.save",
    ),
    "payload": (
        "document.fold", "document.find", "run.copy", "document.copy_path", "document.save",
    ),
    "related": ("lines.open", "run.copy"),
}  # fmt: skip

TAB_GROUPS = {
    "overview": ("overview", "lines", "text"),
    "trace": ("trace", "steps", "lines"),
    "events": ("events", "lines"),
    "payload": ("document", "lines"),
    "related": ("lines", "text"),
}
"""Groups of the keys of each tab."""


def footer_keys(tab: str, run: Run | None, *, restarts: bool) -> Iterator[str]:
    """Ids of keys; what makes no sense for this run is left to the help."""
    if restarts and tab == "trace":
        yield "run.restart"
    for key in _TAB_KEYS[tab]:
        if key != "overview.frames" or (run is not None and run.error is not None):
            yield key
    if run is not None and run.related_runs.parent is not None:
        yield "run.parent"
    if run is None or not run.status.is_final:
        yield "run.cancel"
    if run is not None and run.status.word == "delayed":
        yield "run.reschedule"
    yield from ("run.replay", "run.next_tab", "app.back", "app.help")


DIGITS_OF = {"trace": "trace", "events": "events", "payload": "document"}
"""The group of keys of each tab in which digits mean something else than a place."""
