"""One run on screen: a heading, five tabs, and what is watched for the open one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.binding import BindingType
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.capability import Capability
from trigdash.model.run_filter import RunFilter
from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import MARK, action_label
from trigdash.presentation.run.run_view import RunView
from trigdash.presentation.run_line import run_head
from trigdash.service.cache.store import LOADING, Snapshot, State
from trigdash.service.filters.fields import supports
from trigdash.service.runs.detail import EventsQuery, RunQuery, TraceQuery
from trigdash.service.watches import Watched, watched_runs
from trigdash.ui.input.keys import GROUPS, bindings, shown
from trigdash.ui.screens.run.events import EventsPane
from trigdash.ui.screens.run.overview import OverviewPane
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.screens.run.payload import PayloadPane
from trigdash.ui.screens.run.related import RelatedPane
from trigdash.ui.screens.run.tab_keys import DIGITS_OF, TAB_GROUPS, TABS, footer_keys
from trigdash.ui.screens.run.takes_along import TakesAlong
from trigdash.ui.screens.run.trace import TracePane
from trigdash.ui.subject import ChosenRuns
from trigdash.ui.widgets.line import Line, MenuItem, NavLine

if TYPE_CHECKING:
    from trigdash.presentation.run.fields import Target
    from trigdash.service.cache.query import Query

SHARED: Final[Mapping[str, Callable[[str], RunFilter]]] = {
    "task": lambda task: RunFilter(tasks=(task,)),
    "version": lambda version: RunFilter(versions=(version,)),
    "tag": lambda tag: RunFilter(tags=(tag,)),
}
"""What runs can have in common with this one, and the filter that lists them."""


class RunScreen(TakesAlong):
    """Everything about one run."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("run", "run writes", "inside run")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("inside run", "run", "run writes", "everywhere")
    LEGEND: ClassVar[tuple[str, ...]] = ("run", "runs", "bar", "colors")
    DEFAULT_CSS = """
    RunScreen.-tall #heading { margin: 1 0 0 0; }
    RunScreen.-tall Pane { margin: 1 0 0 0; }
    RunScreen.-short #places { display: none; }
    """

    def __init__(self, run_id: str, tab: str = "overview") -> None:
        super().__init__()
        self.run_id = run_id
        self.tab = tab if tab in TABS else TABS[0]
        self.view = RunView(run_id)
        self._snapshots: dict[str, Snapshot[Any]] = {}

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield Line(id="heading")
        yield NavLine(id="tabs")
        yield OverviewPane(self.view)
        yield TracePane(self.view)
        yield EventsPane(self.view)
        yield PayloadPane(self.view)
        yield RelatedPane(self.view)

    @override
    def on_mount(self) -> None:
        # Textual calls the handlers of all classes, the base class's after this one.
        self._open(self.tab)

    # What is watched

    @override
    def where(self) -> dict[str, str]:
        return {"run": self.run_id, "tab": self.tab}

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return (RunQuery(self.run_id), *self.pane.queries())

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        match query:
            case RunQuery():
                self._snapshots["run"] = snapshot
                self.view.take_run(snapshot.data)
                self._show_frame()
                self.sync_soon()
            case TraceQuery():
                self._snapshots["trace"] = snapshot
                self.view.take_trace(snapshot.data)
            case EventsQuery():
                self._snapshots["events"] = snapshot
                self.view.take_log(snapshot.data)
            case _:
                self.pane.show_snapshot(query, snapshot)
                self._show_tabs()
                return
        self._show_all()

    def sync_soon(self) -> None:
        """What arrived may change what is wanted: watch that once all that is known was shown."""
        self.call_later(self.sync)

    def snapshot_of(self, source: str) -> Snapshot[Any]:
        """What is known of one of the run's sources."""
        return self._snapshots.get(source, LOADING)

    def can(self, capability: Capability) -> bool:
        """Whether the backend has a capability."""
        connection = self.session.connection
        return connection is None or capability in connection.capabilities

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self.snapshot_of(self.pane.SOURCE) if self.is_mounted else LOADING

    @override
    def is_settled(self) -> bool:
        shown = (self.snapshot_of("run"), self.main_snapshot())
        is_over = all(each.is_final and each.problem is None for each in shown)
        return is_over and self.session.identity is not None

    @override
    def window(self) -> str:
        return "one run"

    @override
    def show_time(self, now: datetime) -> None:
        self._show_heading(now)
        self.pane.show_time(now)
        if self.pane.snapshot.state is not State.READY:
            # How long it has been loading, how old it is, when the next try is due.
            self.pane.update(now)

    # What is shown

    @property
    @override
    def pane(self) -> Pane:
        """The open tab."""
        pane = self.query_one(f"#pane-{self.tab}")
        assert isinstance(pane, Pane)
        return pane

    @property
    def panes(self) -> Iterable[Pane]:
        """All tabs, from left to right."""
        return self.query(Pane)

    def _show_all(self) -> None:
        now = self.session.clock.now()
        self._show_heading(now)
        self._show_tabs()
        self.pane.update(now)

    def _show_heading(self, now: datetime) -> None:
        head = run_head(self.view.run, self.run_id, now, self.session.page("runs", self.run_id))
        self.query_one("#heading", Line).show(head, self._aside(now))

    @override
    def show_pending(self, now: datetime) -> None:
        self._show_heading(now)

    @override
    def place_key(self, key: str) -> str:
        group = GROUPS.get(DIGITS_OF.get(self.tab, ""), ())
        changed = self.session.settings.keys
        return "" if any(shown(each, changed) == key for each in group) else key

    def _aside(self, now: datetime) -> Cell:
        """What became of the run, or becomes of it now."""
        connection = self.session.connection
        pending = connection.actions.pending.get(self.run_id) if connection is not None else None
        if pending is None:
            return self._gone()
        since = "" if pending.answered else f" {(now - pending.since).total_seconds():.0f} s"
        return (MARK, (f" {action_label(pending)}{since} ", "warn"))

    def _gone(self) -> Cell:
        problem = self.snapshot_of("run").problem
        if problem is not None and problem.kind == "NotFound":
            said = "no such run here " if self.view.run is None else "deleted since "
            return ((said, "bad-strong"),)
        return ()

    def _show_tabs(self) -> None:
        choices = [
            MenuItem(
                pane.KEY,
                f"{pane.TITLE} {pane.count()}".rstrip(),
                f"open_tab('{pane.TAB}')",
                selected=self.tab == pane.TAB,
            )
            for pane in self.panes
        ]
        self.query_one("#tabs", NavLine).choose_from(choices)

    # Tabs

    def _open(self, tab: str) -> None:
        self.tab = tab
        for pane in self.panes:
            if tab == pane.TAB:
                pane.open()
            else:
                pane.close()
        self.sync()
        self._show_all()
        self._show_frame()

    def action_open_tab(self, tab: str) -> None:
        """Open a tab."""
        if tab in TABS:
            self._open(tab)

    def action_turn_tab(self, step: int) -> None:
        """Open the next or previous tab."""
        self._open(TABS[(TABS.index(self.tab) + step) % len(TABS)])

    @override
    def key_groups(self) -> Sequence[str]:
        return (*TAB_GROUPS[self.tab], *self.KEY_GROUPS)

    @override
    def footer_ids(self) -> Iterable[str]:
        return footer_keys(self.tab, self.view.run, restarts=self.can(Capability.RESTART))

    # Going on from here

    def open_target(self, target: Target) -> None:
        """Open what a field leads to."""
        kind, name = target
        if kind in ("attempt", "span"):
            self._open("trace")
            trace = self.query_one(TracePane)
            trace.select_span(name)
        elif kind == "tab":
            self._open(name)
        elif kind in SHARED:
            self._open_runs(kind, name)
        elif kind in ("schedule", "token"):
            self.trigdash.open_resource(f"{kind}s", name)
        elif kind == "queue":
            # A task's own queue says so in its name.
            self.trigdash.open_detail("queue", name, queue_kind="custom")
        else:
            self.trigdash.open_detail(kind, name)

    def _open_runs(self, field: str, value: str) -> None:
        """List the runs that have something in common with this one."""
        from trigdash.ui.screens.runs import RunsScreen

        supported_filters = self.session.settings.supported_filters
        if not supports(supported_filters, field):
            self.trigdash.toast(f"{supported_filters.system} cannot list runs by {field}")
        else:
            self.app.push_screen(RunsScreen(SHARED[field](value)))

    def action_explain(self) -> None:
        """Say why this run does not move."""
        self.trigdash.open_detail("why", self.run_id)

    def action_compare(self) -> None:
        """Compare this run with the last good one of its task."""
        self.trigdash.open_detail("diff", self.run_id)

    def action_open_token(self) -> None:
        """Open the token that the run waits for."""
        self.query_one(OverviewPane).open_token()

    def action_open_parent(self) -> None:
        """Go up to the parent run."""
        run = self.view.run
        parent = run.related_runs.parent if run is not None else None
        if parent is None:
            self.trigdash.toast("this run has no parent")
        else:
            self.trigdash.open_detail("run", parent.id)

    def selected_span(self) -> str | None:
        """The span that is selected in the trace."""
        return self.query_one(TracePane).spans.selected_id

    @override
    def action_back(self) -> None:
        if not self.pane.clear():
            super().action_back()

    @override
    def watched(self, until: str = "") -> Watched | None:
        run = self.view.run
        return watched_runs([run.row()] if run is not None else [], until)

    def action_write(self, verb: str) -> None:
        """Begin an action on the run."""
        if self.view.run is not None:
            self.trigdash.start_action(verb, ChosenRuns([self.view.run.row()]))
