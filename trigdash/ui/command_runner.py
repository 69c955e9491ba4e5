"""Runs what the command line and the palette ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from trigdash.config.options import THEMES, Destination
from trigdash.model.capability import Capability
from trigdash.model.moment import local
from trigdash.presentation.columns import COLUMN_ALIASES
from trigdash.presentation.environments import (
    branch_names,
    environment_names,
    read_environment,
    unknown_environment,
)
from trigdash.service.filters.completion import Completion, SeenValues, complete
from trigdash.service.filters.language import FilterError, parse
from trigdash.service.watches import CONDITION_NAMES
from trigdash.ui.input.commands import (
    COMMANDS,
    CommandError,
    ParsedCommand,
    complete_name,
    read,
)
from trigdash.ui.input.keys import GROUPS, Key, shown
from trigdash.ui.routes import DETAIL_ROUTES, ROUTES
from trigdash.ui.saved_views import forget_view, save_view, saved_views, show_view
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.screens.command_line import CommandLine
from trigdash.ui.screens.filtered_runs import FilteredRunsScreen
from trigdash.ui.screens.list import ListScreen
from trigdash.ui.screens.log_search import open_search, search_problem
from trigdash.ui.screens.palette_hits import layout_entries, presser
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.telling import condition_problem

if TYPE_CHECKING:
    from trigdash.presentation.columns import Column
    from trigdash.ui.app import TrigdashApp

MAX_HISTORY = 100
"""Commands remembered while the program runs."""


class CommandRunner:
    """The commands of one app."""

    def __init__(self, app: TrigdashApp) -> None:
        self._app = app
        self._history: list[str] = []

    # Asking

    def open(self, line: str = "") -> None:
        """Open the command line; what is entered is run."""
        screen = CommandLine(line, self.complete, self.check, self._history)
        self._app.push_screen(screen, self._answered)

    async def _answered(self, line: str | None) -> None:
        if line:
            if line not in self._history[-1:]:
                self._history = [*self._history, line][-MAX_HISTORY:]
            await self.run(read(line, COMMANDS))

    def check(self, line: str) -> str | None:
        """What is wrong with a line, before anything is done."""
        if not line.strip():
            return None
        try:
            asked = read(line, COMMANDS)
            if asked.command.takes == "grep":
                return search_problem(self._app, asked.argument)
            if asked.command.takes == "filter":
                parse(asked.argument, self._now(), self._app.session.settings.supported_filters)
        except CommandError as error:
            return str(error)
        except FilterError as error:
            return error.words
        return self._unknown(asked)

    def _unknown(self, asked: ParsedCommand) -> str | None:
        takes, known = asked.command.takes, self._known(asked.command.takes)
        if takes == "condition":
            return condition_problem(self._front().watched(asked.argument))
        if takes == "env":
            return unknown_environment(self._app.session, asked.argument)
        words = words_of(asked.argument) if takes in ("columns", "sort") else [asked.argument]
        wrong = [word for word in words if word not in known and (word or asked.command.required)]
        if takes == "columns" and not wrong and len(set(words)) < len(words):
            twice = next(word for word in words if words.count(word) > 1)
            return f"the column {twice} stands twice"
        if takes not in ("view", "theme", "columns", "sort", "profile") or not wrong:
            return None
        takes = "column" if takes in ("columns", "sort") else takes
        return f"no {takes} {wrong[0]}: {', '.join(known) or 'there are none'}"

    def complete(self, line: str, position: int) -> Completion:
        """Candidates for the next word."""
        available = COMMANDS
        names = complete_name(line, position, available)
        if names is not None:
            return names
        name, _, argument = line[:position].lstrip().partition(" ")
        command = next((each for each in available if each.name == name), None)
        takes = command.takes if command else ""
        if takes == "filter":
            return self._complete_filter(line, position)
        last = re.split(r"[,\s]+", argument)[-1]
        known = (each for each in self._known(takes) if each.startswith(last))
        return Completion(position - len(last), position, tuple(known))

    def _complete_filter(self, line: str, position: int) -> Completion:
        screen = next((s for s in self._app.screen_stack if isinstance(s, RunsScreen)), None)
        start = line.index(" ") + 1
        seen = screen.seen if screen else SeenValues()
        supported_filters = self._app.session.settings.supported_filters
        offered = complete(line[start:], position - start, seen, supported_filters)
        return Completion(offered.start + start, offered.end + start, offered.candidates)

    def _known(self, takes: str) -> tuple[str, ...]:
        settings = self._app.session.settings
        match takes:
            case "profile":
                return settings.profile_names
            case "view":
                return tuple(saved_views(self._app.session))
            case "env":
                session = self._app.session
                return (*environment_names(session), *branch_names(session))
            case "theme":
                return THEMES
            case "condition":
                return CONDITION_NAMES
            case "columns":
                return tuple(self._columns())
            case "sort":
                sortable = (key for key, each in self._columns().items() if each.is_sortable)
                return (*sortable, "asc", "desc")
        return ()

    def _columns(self) -> Mapping[str, Column[Any]]:
        """The columns of the list in front."""
        screen = self._list()
        return screen.all_columns() if screen is not None else {}

    def _list(self) -> ListScreen | None:
        """The list in front, below any line or dialog."""
        screen = self._front()
        return screen if isinstance(screen, ListScreen) else None

    def _front(self) -> LiveScreen:
        """The screen in front, below any line or dialog."""
        return next(
            each for each in reversed(self._app.screen_stack) if isinstance(each, LiveScreen)
        )

    def _now(self) -> datetime:
        return local(self._app.session.clock.now())

    # Running

    async def run(self, asked: ParsedCommand) -> None:
        """Do what a command says."""
        app, argument = self._app, asked.argument
        match asked.command.name:
            case "runs":
                await self.show_runs(argument)
            case "split":
                self._split(argument)
            case route_id if route_id in ROUTES:
                await app.go(route_id)
            case kind if kind in DETAIL_ROUTES:
                app.open_detail(kind, argument)
            case "actions" | "grep" | "bulks" as name:
                self._open(name, argument)
            case "env" | "profile" as kind:
                await app.switch(_destination(kind, argument))
            case "view" | "forget" | "save" as name if argument:
                await self._act_on_view(name, argument)
            case "columns" | "sort" as command:
                self._lay_out(command, argument)
            case "watch":
                self._front().action_watch(argument)
            case "theme":
                app.keep_theme(argument) if argument else app.action_choose_theme()
            case "quit":
                await app.action_quit()
            case name:
                await self._act(name)

    def _open(self, name: str, argument: str) -> None:
        """Open what is no place and no thing."""
        if name == "grep":
            open_search(self._app, argument)
        elif name == "bulks":
            self._app.action_open_bulks()
        else:
            from trigdash.ui.screens.actions_log import ActionsScreen

            self._app.push_screen(ActionsScreen())

    def _split(self, environment: str) -> None:
        """Show the runs of another environment next to the present ones, with the same filter."""
        session, front = self._app.session, self._front()
        there = read_environment(environment)
        if (there.environment, there.branch or "") == (session.environment_slug, session.branch):
            self._app.toast(f"{session.environment_name} is here: name another environment")
            return
        shown = front.run_filter if isinstance(front, FilteredRunsScreen) else None
        self._app.open_detail("split", environment, run_filter=shown)

    def _lay_out(self, command: str, argument: str) -> None:
        """Choose columns or an order of the list in front."""
        screen, words = self._list(), words_of(argument)
        if screen is None:
            self._app.toast(f":{command} is for lists")
        elif command == "columns":
            screen.choose_columns(words) if words else screen.usual_columns()
        else:
            directions = [word == "desc" for word in words if word in ("asc", "desc")]
            columns = [word for word in words if word not in ("asc", "desc")]
            if len(columns) == 1 and len(directions) < 2:
                screen.sort_by(columns[0], directions[0] if directions else None)
            else:
                self._app.toast(":sort takes one column, and asc or desc")

    async def _act(self, name: str) -> None:
        actions = {
            "refresh": "refresh_now",
            "pause": "toggle_polling",
            "save": "save_shown",
            "help": "help",
        }
        await self._app.screen.run_action(actions[name])

    async def show_runs(self, line: str) -> None:
        """Go to the run list, narrowed to a filter line."""
        await self._app.go("runs")
        screen = self._app.screen
        if isinstance(screen, RunsScreen):
            screen.apply_line(line)

    async def _act_on_view(self, action: str, name: str) -> None:
        session, screen = self._app.session, self._app.screen
        if action == "view":
            await self.show_view(name)
        elif action == "forget":
            self._app.toast(forget_view(session, name))
        elif isinstance(screen, ListScreen):
            self._app.toast(save_view(session, name, screen))
        else:
            self._app.toast("only lists have views to save")

    async def show_view(self, name: str) -> None:
        """Go to the list of a saved view, and show it so."""
        view = saved_views(self._app.session)[name]
        await self._app.go(view.place)
        screen = self._app.screen
        problem = show_view(screen, view) if isinstance(screen, ListScreen) else ""
        if problem:
            self._app.toast(problem, "warning")

    # The palette

    def palette(self, screen: Screen[Any]) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        """All that can be done from here, as the palette offers it: the screen's own keys first,
        then columns, orders, views, places and commands."""
        groups = screen.key_groups() if isinstance(screen, LiveScreen) else ()
        for key in screen.own_keys() if isinstance(screen, LiveScreen) else ():
            yield self._key_entry(screen, key)
        for key in (key for group in groups if group != "everywhere" for key in GROUPS[group]):
            yield self._key_entry(screen, key)
        yield from layout_entries(self._list())
        for name in saved_views(self._app.session):
            yield f"view {name}", "saved view", partial(self.show_view, name)
        for key in GROUPS["everywhere"] if groups else ():
            yield self._key_entry(screen, key)
        session = self._app.session
        is_alone = session.disabled_reason(Capability.ENVIRONMENTS)
        for name in () if is_alone else environment_names(session):
            yield f"environment {name}", ":env", partial(self.open, f"env {name}")
        for command in COMMANDS:
            words = f":{command.name} — {command.help}"
            if command.takes:
                yield words, "command", partial(self.open, f"{command.name} ")
            else:
                yield words, "command", partial(self.run, ParsedCommand(command))

    def _key_entry(self, screen: Screen[Any], key: Key) -> tuple[str, str, Callable[[], Any]]:
        written = shown(key, self._app.session.settings.keys)
        return (
            key.help or key.words,
            f"key {written}" if written else "place",
            presser(screen, key),
        )


def _destination(kind: str, argument: str) -> Destination:
    return Destination(profile=argument) if kind == "profile" else read_environment(argument)


def words_of(argument: str) -> list[str]:
    """The words of an argument, separated by blanks or commas."""
    words = (word for word in re.split(r"[,\s]+", argument) if word)
    return [COLUMN_ALIASES.get(word, word) for word in words]
