"""`:grep`: a pattern in the logs of many runs, checked, and found while one looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.model.moment import local
from trigdash.service.filters.description import format_filter, window_text
from trigdash.service.filters.language import FilterError, parse
from trigdash.service.filters.text_pattern import BadPattern, TextPattern
from trigdash.service.runs.log_search import LogSearchQuery, search_words
from trigdash.ui.input.keys import bindings, find, shown
from trigdash.ui.screens.answer import AnswerScreen
from trigdash.ui.screens.runs import RunsScreen

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.run.fields import FieldLine
    from trigdash.service.runs.log_search import Found
    from trigdash.ui.app import TrigdashApp


class LogSearchScreen(AnswerScreen["Found"]):
    """Runs whose logs have a pattern, as they are found; a run opens at its log."""

    PLACE: ClassVar[str] = "runs"
    WHAT: ClassVar[str] = "logs"
    WRAPS: ClassVar[bool] = False
    OVERDUE_S: ClassVar[float] = 7200.0
    FOOTER: ClassVar[tuple[str, ...]] = ("lines.open", "search.more", "app.back", "app.help")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("log search", "lines", "text", "everywhere")
    BINDINGS = bindings("log search")

    def __init__(self, expression: str, run_filter: RunFilter) -> None:
        super().__init__()
        self._expression = expression
        self._run_filter = run_filter

    @override
    def question(self) -> LogSearchQuery:
        connection = self.session.connection
        folder = connection.log_folder if connection is not None else None
        return LogSearchQuery(self._expression, self._run_filter, folder, self.session.clock)

    @override
    def window(self) -> str:
        connection = self.session.connection
        if connection is None:
            return ""
        return window_text(self._run_filter, self.session.clock.now(), connection.backend.reach)

    @override
    def head(self) -> Cell:
        line = format_filter(self._run_filter) or "all runs of the window"
        return (("GREP  ", "dim"), (clean(self._expression), "strong"), (f"   in {line}", "dim"))

    @override
    def headline(self, answer: Found) -> Cell:
        from trigdash.presentation.log_search import search_headline

        key = shown(find("search.more"), self.session.settings.keys)
        return search_headline(answer, key)

    @override
    def lines(self, answer: Found, width: int) -> Sequence[FieldLine]:
        from trigdash.presentation.log_search import search_lines

        return search_lines(answer, self.session.clock.now().timestamp() * 1000, width)

    @override
    def open_target(self, kind: str, name: str) -> None:
        self.trigdash.open_detail("run", name, tab="events")

    def action_search_more(self) -> None:
        """Search as many runs more."""
        query, connection = self.question(), self.session.connection
        answer = self.snapshot.data
        if connection is None or answer is None:
            return
        if answer.rests:
            connection.run_step(query, query.go_on)
        else:
            self.trigdash.toast("it is over" if answer.is_over else "it is still searching")


def search_problem(app: TrigdashApp, argument: str) -> str | None:
    """Why an argument cannot be searched for; None when it can."""
    expression, line = search_words(argument)
    try:
        TextPattern.of_expression(expression)
        _filter_of(app, line)
    except BadPattern as mistake:
        return f"pattern: {mistake}"
    except FilterError as mistake:
        return mistake.words
    return None


def open_search(app: TrigdashApp, argument: str) -> None:
    """Search the runs of the filter that is given, else those of the run list in front."""
    from trigdash.ui.screens.log_search import LogSearchScreen

    expression, line = search_words(argument)
    app.push_screen(LogSearchScreen(expression, _filter_of(app, line or _line_in_front(app))))


def _filter_of(app: TrigdashApp, line: str) -> RunFilter:
    """Raises FilterError."""
    now = local(app.session.clock.now())
    return parse(line, now, app.session.settings.supported_filters)


def _line_in_front(app: TrigdashApp) -> str:
    front = next(
        (each for each in reversed(app.screen_stack) if isinstance(each, RunsScreen)), None
    )
    return " ".join(line.line for line in front.filter_lines()) if front is not None else ""
