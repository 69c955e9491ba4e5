"""`:grep`: what it asks for, and what is wrong with that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigdash.model.moment import local
from trigdash.service.filters.language import FilterError, parse
from trigdash.service.filters.text_pattern import BadPattern, TextPattern
from trigdash.service.runs.log_search import search_words
from trigdash.ui.screens.runs import RunsScreen

if TYPE_CHECKING:
    from trigdash.model.run_filter import RunFilter
    from trigdash.ui.app import TrigdashApp


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
