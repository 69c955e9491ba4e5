"""Every verb for runs: its key, the capability it needs, the runs it applies to, its texts. Screens
bind the keys of the group "run writes" and pass the verb's name to the app's action controller;
they know nothing more. An unavailable verb is shown disabled with the reason, never hidden.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from trigdash.model.capability import Capability
from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind
from trigdash.presentation.cell import Cell
from trigdash.presentation.runs import duration_ms, ended_ms, queued_since_ms
from trigdash.presentation.units import HOUR_MS, duration, span, until
from trigdash.ui.dialogs.dialog import facts

DisabledReason = Callable[[RunRow, float], str | None]
"""Why a run does not take a verb at `now` (epoch milliseconds); None when it does."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to do to a run."""

    name: str
    capability: Capability
    """What the backend must be able to do."""
    title: str
    """For dialogs and toasts: "Cancel"."""
    doing: str
    """While it is under way: "canceling"."""
    done: str
    """When it has succeeded: "canceled"."""
    disabled_reason: DisabledReason
    many: bool = False
    """Whether it can be done to many runs at once."""

    @property
    def key_id(self) -> str:
        """Id of its key (see `trigdash.ui.input.keys`); a retry stands in for a replay."""
        return f"run.{'replay' if self.name == 'retry' else self.name}"


def _never(row: RunRow, now_ms: float) -> str | None:
    return None


def _ended(row: RunRow, now_ms: float) -> str | None:
    return f"it has ended ({row.status.word})" if row.status.is_final else None


def _not_delayed(row: RunRow, now_ms: float) -> str | None:
    if row.status.word == "delayed":
        return None
    return f"only a delayed run can be rescheduled, this one is {row.status.word}"


def _closed(row: RunRow, now_ms: float) -> str | None:
    """Recorded: metadata of a run that ended more than an hour ago is refused with 422."""
    if row.status.is_final and now_ms - ended_ms(row) > HOUR_MS:
        return "it ended more than an hour ago, its metadata is closed"
    return None


def _not_retried(row: RunRow, now_ms: float) -> str | None:
    """By the table of the workflow API; what a run of unknown status takes, the server says."""
    if row.status.kind in (Kind.FAILED, Kind.LAPSED, Kind.UNKNOWN):
        return None
    return f"only a failed or timed-out run can be retried, this one is {row.status.word}"


def _not_restarted(row: RunRow, now_ms: float) -> str | None:
    """By the table of the workflow API, as above."""
    if row.status.kind in (Kind.SUCCEEDED, Kind.FAILED, Kind.LAPSED, Kind.UNKNOWN):
        return None
    if row.status.is_final:
        return f"a {row.status.word} run cannot be restarted"
    return f"it has not ended: only then can it be restarted, this one is {row.status.word}"


VERBS: Final[Mapping[str, Verb]] = {
    verb.name: verb
    for verb in (
        Verb("cancel", Capability.CANCEL, "Cancel", "canceling", "canceled", _ended, many=True),
        Verb("replay", Capability.REPLAY, "Replay", "replaying", "replayed", _never, many=True),
        Verb("retry", Capability.RETRY, "Retry", "retrying", "retried", _not_retried),
        Verb("restart", Capability.RESTART, "Restart", "restarting", "restarted", _not_restarted),
        Verb("tag", Capability.TAG, "Tag", "tagging", "tagged", _never, many=True),
        Verb(
            "reschedule",
            Capability.RESCHEDULE,
            "Reschedule",
            "rescheduling",
            "rescheduled",
            _not_delayed,
        ),
        Verb("metadata", Capability.METADATA, "Edit metadata of", "saving", "changed", _closed),
    )
}


def run_facts(row: RunRow, now_ms: float) -> list[Cell]:
    """The facts about its run that a dialog shows."""
    return facts(
        [
            ("run", row.id),
            ("task", row.task),
            ("status", f"{row.status.word}{_for_how_long(row, now_ms)}"),
            ("tags", " ".join(row.tags)),
            ("version", row.version or ""),
        ]
    )


def _for_how_long(row: RunRow, now_ms: float) -> str:
    if row.status.word == "delayed" and row.delayed_until_ms is not None:
        return f", starts in {until(row.delayed_until_ms - now_ms)}"
    if row.status.is_final:
        return f" {span(now_ms - ended_ms(row))} ago"
    if row.status.kind is Kind.QUEUED:
        return f" for {span(now_ms - queued_since_ms(row))}"
    took = duration_ms(row, now_ms)
    return f" for {duration(took)}" if took is not None else ""


def cancel_consequence(row: RunRow, *, can_replay: bool = True) -> list[Cell]:
    """What canceling this run will do, where runs can be replayed and where they cannot."""
    if not can_replay:
        words = "A canceled run can be neither retried nor restarted. This cannot be undone."
        return [(), (("It is told to stop.", "text"),), ((words, "dim"),)]
    if row.status.kind in (Kind.RUNNING, Kind.WAITING):
        words = "The worker is told to stop, and its child runs are canceled too."
    else:
        words = "It will not start."
    return [(), ((words, "text"),), (("This cannot be undone. A replay starts it again.", "dim"),)]


def replay_consequence(row: RunRow) -> list[Cell]:
    """What replaying this run will do."""
    still = "" if row.status.is_final else f" It is still {row.status.word} and keeps running."
    return [
        (),
        ((f"A new run of {row.task} is queued at once, on the current version.", "text"),),
        ((f"Payload, tags, queue and machine are taken over.{still}", "dim"),),
    ]
