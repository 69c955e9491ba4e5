"""Every action that was sent from here: when, where, what, to what, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Vertical
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.presentation.action_log import NATURAL_SORT, SAVED_FIELDS, action_columns
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.presentation.units import count, plural
from trigdash.service.actions.outcome import AuditEntry, read_log, stamp_of
from trigdash.service.cache.store import Snapshot
from trigdash.ui.screens.whole_list import WholeListScreen, no_completion
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Line
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.text_panes import Explanation, StateView

if TYPE_CHECKING:
    from trigdash.presentation.columns import Column
    from trigdash.service.actions.outcome import Outcome

KEPT_S = 3.0
"""How often the log is read anew: others may write to it too."""


class ActionsScreen(WholeListScreen):
    """The action log; `enter` opens the run that an action was about, or that it made, and the
    runs of a bulk action."""

    WHAT = "actions"
    NOTHING = ((("nothing was done from here yet", "text"),),)
    FOOTER: ClassVar[tuple[str, ...]] = (
        "table.open",
        "list.filter",
        "table.sort",
        "list.copy",
        "list.save",
        "app.back",
        "app.help",
    )

    def __init__(self) -> None:
        super().__init__()
        self._stamp: object = None
        """What the log was when it was read."""
        self._trouble = ""
        """Why not all of it could be read."""

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield Line(id="counts")
        yield FilterLine(no_completion, lambda line: None, "any word")
        with Vertical(classes="list"):
            yield RowTable(self.chosen_columns(), _key, natural_sort=NATURAL_SORT)
            yield StateView(id="state")
        yield Explanation(id="explanation")

    @override
    def all_columns(self) -> Mapping[str, Column[Any]]:
        return {column.key: column for column in action_columns()}

    @override
    def on_mount(self) -> None:
        self.set_interval(KEPT_S, self._read)
        self._read()

    @override
    def state_key(self) -> str:
        return "actions"

    def _read(self) -> None:
        """Read the log; without one, what this program has done since it was opened."""
        connection = self.session.connection
        if connection is None:
            return
        audit, done = connection.actions.audit, connection.actions.outcomes
        stamp = stamp_of(audit.path) if audit is not None else len(done)
        entries = self.snapshot.data or []
        if stamp != self._stamp or self.snapshot.data is None:
            place = self.session.environment_slug
            self._stamp = stamp
            if audit is not None:
                entries, self._trouble = read_log(audit.path)
            else:
                entries = [_entry(each, place) for each in reversed(done)]
        self.snapshot = Snapshot(entries, self.session.clock.now())
        self.show_rows()

    @override
    def matching_rows(self) -> Sequence[AuditEntry]:
        return [entry for entry in self.snapshot.data or () if self._matches(entry)]

    def _matches(self, entry: AuditEntry) -> bool:
        words = (entry.action, entry.target, entry.result, entry.environment, entry.sentence)
        return self.has_words(" ".join((*words, entry.chosen_by, entry.filter, *entry.run_ids)))

    @override
    def totals(self, now: datetime) -> Cell:
        return _totals(self.table.rows)

    @override
    def totals_note(self) -> Cell:
        connection = self.session.connection
        audit = connection.actions.audit if connection is not None else None
        if audit is None:
            return (("kept while trigdash runs ", "warn"),)
        if problem := audit.problem or self._trouble:
            return ((f"{problem} ", "bad"),)
        return ((f"{audit.path} ", "faint"),)

    @override
    def show_cursor(self) -> None:
        entry = self.table.cursor_row
        said: Cell = EMPTY
        if isinstance(entry, AuditEntry):
            said = ((clean(entry.sentence) or "no more is known", "text"), *_more(entry))
        self.query_one(Explanation).show_text(said)

    @override
    def open_row(self, key: object) -> None:
        entry = self.table.cursor_row
        wanted = (entry.new_id or entry.target) if isinstance(entry, AuditEntry) else ""
        if wanted.startswith("run_"):
            self.trigdash.open_detail("run", wanted)
        elif wanted.startswith("bulk_"):
            self.app.run_worker(self.trigdash.commands.show_runs(f"bulk:{wanted}"))
        elif isinstance(entry, AuditEntry):
            self.trigdash.toast(f"{wanted} is no run")

    @override
    def key_of(self, row: Any) -> object:
        return _key(row)

    @override
    def copied_text(self, row: Any) -> str:
        return str(row.new_id or row.target)

    @override
    def saved_fields(self) -> Mapping[str, Callable[[Any], object]]:
        return {name: attrgetter(name) for name in SAVED_FIELDS}


def _key(entry: AuditEntry) -> tuple[str, str, str]:
    return entry.at.isoformat(), entry.action, entry.target


def _more(entry: AuditEntry) -> Cell:
    """What an action made, and what a bulk was about."""
    runs = plural(len(entry.run_ids), "run") if entry.run_ids else ""
    told = (
        ("made", entry.new_id or ""),
        ("chosen by", entry.chosen_by),
        ("filter", entry.filter),
        ("on", runs),
    )
    pieces = (((f"   {name} ", "dim"), (clean(value), "text")) for name, value in told if value)
    return tuple(piece for pair in pieces for piece in pair)


def _entry(outcome: Outcome, environment: str) -> AuditEntry:
    details = outcome.details
    run_ids = details.get("run_ids")
    return AuditEntry(
        outcome.at,
        "",
        environment,
        outcome.verb,
        outcome.target,
        outcome.result.value,
        outcome.message,
        outcome.new_id,
        chosen_by=str(details.get("chosen_by", "")),
        filter=str(details.get("filter", "")),
        run_ids=tuple(map(str, run_ids)) if isinstance(run_ids, list) else (),
    )


def _totals(rows: Sequence[AuditEntry]) -> Cell:
    unknown = sum(entry.result == "unknown" for entry in rows)
    refused = sum(entry.result == "refused" for entry in rows)
    said: Cell = ((" all ", "strong on selected"), (f" {count(len(rows))}", "dim"))
    if refused:
        said = (*said, (f"   × {count(refused)} refused", "bad"))
    if unknown:
        said = (*said, (f"   ? {count(unknown)} unknown", "warn"))
    return said
