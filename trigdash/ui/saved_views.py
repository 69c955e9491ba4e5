"""Saved views: filter, columns and order of a list under a name, kept per profile.

Views of the settings file are filter lines of the run list; one that was saved on screen under the
same name is the later choice and wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trigdash.ui.routes import ROUTES

if TYPE_CHECKING:
    from trigdash.service.session import Session
    from trigdash.ui.screens.list import ListScreen

KEPT_AS = "views"
MAX_VIEWS = 100
"""More than anybody chooses from; the file of choices is read whole."""
MAX_NAME = 40


@dataclass(frozen=True, slots=True)
class SavedView:
    """What is recalled by one name."""

    place: str = "runs"
    line: str = ""
    columns: tuple[str, ...] | None = None
    """None leaves the columns as they are."""
    sort: tuple[str, bool] | None = None
    """None leaves the order as it is."""


def saved_views(session: Session) -> dict[str, SavedView]:
    """All views of the profile that we are in, by name."""
    views = {name: SavedView(line=line) for name, line in session.settings.views.items()}
    kept = session.choices.get(KEPT_AS)
    for name, told in kept.items() if isinstance(kept, dict) else ():
        view = _read(told)
        if view is not None:
            views[name] = view
    return dict(sorted(views.items()))


def save_view(session: Session, name: str, screen: ListScreen) -> str:
    """Save a list's filter and layout; returns the result as a message."""
    if not name.isprintable() or " " in name or len(name) > MAX_NAME:
        return f"a name is one word of at most {MAX_NAME} letters"
    if screen.PLACE not in ROUTES:
        return "this list has no saved views"
    kept = session.choices.get(KEPT_AS)
    views = dict(kept) if isinstance(kept, dict) else {}
    if name not in views and len(views) >= MAX_VIEWS:
        return f"there are {MAX_VIEWS} views already: forget one first"
    views[name] = {
        "place": screen.PLACE,
        "filter": " ".join(line.line for line in screen.filter_lines()),
        "columns": list(screen.column_choice()),
        "sort": list(screen.table.sort) if screen.table.sort else None,
    }
    if not session.choices.save(KEPT_AS, views):
        return "the view cannot be kept: no file for choices can be written"
    return f"saved: :view {name} recalls it"


def forget_view(session: Session, name: str) -> str:
    """Delete a view; returns the result as a message."""
    kept = session.choices.get(KEPT_AS)
    if not isinstance(kept, dict) or name not in kept:
        return f"{name} is in the settings file: take it out there"
    session.choices.save(KEPT_AS, {key: view for key, view in kept.items() if key != name})
    return f"forgotten: {name}"


def show_view(screen: ListScreen, view: SavedView) -> str:
    """Show a list as it was saved; what is wrong with the view, or nothing."""
    for line in screen.filter_lines():
        problem = line.problem_of(view.line)
        if problem is not None:
            return f"this view's filter cannot be read: {problem}"
        screen.apply_line(view.line)
    if view.columns is not None:
        screen.choose_columns(view.columns)
    if view.sort is not None:
        screen.choose_sort(view.sort)
    return ""


def _read(told: Any) -> SavedView | None:
    """A view from the file of choices; None if it is not valid."""
    if not isinstance(told, Mapping):
        return None
    match told:
        case {"place": str(place), "filter": str(line)} if place in ROUTES:
            return SavedView(place, line, _columns(told.get("columns")), _sort(told.get("sort")))
    return None


def _columns(told: Any) -> tuple[str, ...] | None:
    if isinstance(told, list) and all(isinstance(key, str) for key in told):
        return tuple(told)
    return None


def _sort(told: Any) -> tuple[str, bool] | None:
    match told:
        case [str(column), bool(descending)]:
            return column, descending
    return None
