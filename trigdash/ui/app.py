"""The application: wires session, places, keys and commands together, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from textual import constants, work
from textual.app import SystemCommand
from textual.screen import Screen
from typing_extensions import override

from trigdash.clock import Clock, SystemClock
from trigdash.model.capability import Capability
from trigdash.presentation.registry import RESOURCES
from trigdash.presentation.run_columns import column_problems
from trigdash.service.session import Session
from trigdash.ui.app_base import BeginsActions, CollectsAtRest, QuietCrash, TakingAlong
from trigdash.ui.input.keys import keymap, unknown_ids
from trigdash.ui.input.safe_output import SafeOutput
from trigdash.ui.last_place import AsksToLeave, ReturnsToPlace
from trigdash.ui.outside import OpensEditor
from trigdash.ui.routes import DETAIL_ROUTES, ROUTES
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.telling import KeepsWatches
from trigdash.ui.theme.paint import THEMES, variable_defaults
from trigdash.ui.theming import ChoosesThemes

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.notifications import SeverityLevel

    from trigdash.config.options import Destination, OpenConnection, UiSettings
    from trigdash.ui.command_runner import CommandRunner

FIRST_FRAME_S = 0.03
"""Opening starts this long after the first frame was requested: without the delay, it competed with
the paint, and the first frame took a quarter longer."""

TOAST_S = 4.0


class TrigdashApp(
    BeginsActions,
    ReturnsToPlace,
    KeepsWatches,
    OpensEditor,
    AsksToLeave,
    SafeOutput,
    TakingAlong,
    ChoosesThemes,
    CollectsAtRest,
    QuietCrash,
):
    """The dashboard."""

    TITLE = "trigdash"
    CSS = """
    Toast { background: $panel; color: $foreground; padding: 0 2; width: 64; max-width: 96%; }
    ToastRack { align: right bottom; margin-bottom: 1; }
    Dialog ToastRack, CommandLine ToastRack { dock: top; align: right top; margin: 0; }
    """
    DEFAULT_MODE: ClassVar[str] = "runs:0"
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self, open_connection: OpenConnection, settings: UiSettings, clock: Clock | None = None
    ) -> None:
        self.session = Session(open_connection, settings, clock or SystemClock())
        start = self.start_place()
        # Textual reads where to start while it is made.
        self.DEFAULT_MODE = f"{start}:0"  # type: ignore[misc]
        # With NO_COLOR the terminal's own colors are kept as they are, which then are none.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.ascii_marks = self.wants_ascii()
        self.animation_level = "none"
        self._modes_made = {self.DEFAULT_MODE}
        self.add_mode(self.DEFAULT_MODE, ROUTES[start].make)
        self.set_keymap(keymap(settings.keys))
        self.start_in(self.wanted_theme(), THEMES)

    def on_load(self) -> None:
        """Let tasks begin in the next turn of the loop, as the tests see them on every Python:
        from 3.12 on, Textual has them begin at once in a terminal, and nowhere else."""
        asyncio.get_running_loop().set_task_factory(None)

    def on_mount(self) -> None:
        """The terminal is known: take a theme that it can show."""
        self.choose_theme(self.theme)
        self.app_resume_signal.subscribe(self, self._repaint)

    def _repaint(self, _app: object) -> None:
        """Draw everything: back from `ctrl+z` the terminal is blank, and Textual draws only what
        has changed since."""
        self.screen.refresh()
        self.forget_title()

    @override
    def get_driver_class(self) -> type[Driver]:
        """The terminal, read so that no input ends the program; elsewhere what Textual has, and
        first of all what `TEXTUAL_DRIVER` names."""
        usual = super().get_driver_class()
        if constants.DRIVER or usual.__name__ != "LinuxDriver":
            return usual
        from trigdash.ui.input.terminal import TerminalDriver

        return TerminalDriver

    @override
    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell, which brings the program back with `fg`."""
        if self._driver is None or not self._driver.can_suspend:
            self.toast("there is no shell here to come back from")
            return
        self.app_suspend_signal.publish(self)
        # Like the terminal's own ctrl+z, the signal also goes to the program that started this one
        # and waits for it.
        os.kill(0, signal.SIGTSTP)

    @override
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def on_ready(self) -> None:
        """The first frame is painted: now everything that takes time may begin."""
        self._say_odd_settings()
        if self.session.settings.run:
            self.open_detail("run", self.session.settings.run)
        self.return_to_place()
        self.set_timer(FIRST_FRAME_S, self.connect)

    def _say_odd_settings(self) -> None:
        """What means nothing in the settings, and is passed over."""
        settings = self.session.settings
        for key_id in unknown_ids(settings.keys):
            self.toast(f"settings: no key is called {key_id}", "warning")
        for problem in column_problems(settings.columns):
            self.toast(f"settings: {problem}", "warning")

    @cached_property
    def commands(self) -> CommandRunner:
        """What `:` and the palette understand; made when first wanted."""
        from trigdash.ui.command_runner import CommandRunner

        return CommandRunner(self)

    # The connection

    @work(exclusive=True, group="connect")
    async def connect(self) -> None:
        """Open what the session asks for, again and again while the server is away. A connection
        keeps the context that it is opened in, so screens let the app call this."""
        if not await self.session.keep_opening(self._session_changed):
            return
        connection = self.session.connection
        if connection is not None:
            connection.on_crash = self.stop_on_bug
            self.tell_by_rule(connection)
            self.hear_watches(connection)
            if connection.interrupted_bulks():
                self.toast(
                    "a bulk action was interrupted. Press B to resume or discard it", "warning"
                )
        self._session_changed()

    def stop_on_bug(self, error: BaseException) -> None:
        """Polling failed on an error of our own: end with a traceback, not in silence."""
        if isinstance(error, Exception):
            self._handle_exception(error)

    def _session_changed(self) -> None:
        for screen in self.live_screens():
            screen.session_changed()

    def live_screens(self) -> Sequence[LiveScreen]:
        """The screens over live data that are whole now, the lowest first."""
        return [s for s in self.screen_stack if isinstance(s, LiveScreen) and s.is_intact]

    async def switch(self, where: Destination) -> None:
        """Leave this environment for another, after asking if something is under way here."""
        await self.leave_after_asking("switch", partial(self._switch, where))

    async def _switch(self, where: Destination) -> None:
        """Screens and messages of the old environment are gone before the new one is opened."""
        self.session.switch(where)
        self.writer = None
        self.clear_notifications()
        if where.profile is not None:
            self.set_keymap(keymap(self.session.settings.keys))
            self.choose_theme(self.wanted_theme())
            self._say_odd_settings()
        old, self._modes_made = self._modes_made, set()
        await self.go(self.session.settings.start)
        for mode in old:
            await self.remove_mode(mode)
        self.call_later(self.connect)

    async def open_run_in(self, environment: str, run_id: str, branch: str | None = None) -> None:
        """Open a run of any environment, by its slug: that one is gone to first."""
        from trigdash.config.options import Destination
        from trigdash.presentation.environments import wants_branch

        where = Destination(environment=environment, branch=branch)
        if environment in ("", self.session.environment_slug) and not branch:
            self.open_detail("run", run_id)
        elif wants_branch(where):
            self.toast(f"the list does not tell the branch of {run_id}: name it to go there")
            self.open_command_line(f"env {environment} ")
        else:
            await self.leave_after_asking("switch", partial(self._switch_to_run, where, run_id))

    async def _switch_to_run(self, where: Destination, run_id: str) -> None:
        await self._switch(where)
        self.open_detail("run", run_id)

    def action_choose_place(self) -> None:
        """Ask which list to go to, of all there are."""
        from trigdash.ui.dialogs.dialog import EnvironmentLabel
        from trigdash.ui.dialogs.resource_picker import Offered, ResourcePicker

        offered = [
            Offered(entry, self.disabled_reason(entry.needs)) for entry in RESOURCES.values()
        ]
        place = EnvironmentLabel(self.session.environment_slug, self.session.is_production)
        self.push_screen(ResourcePicker(place, offered, opened_by="9"), self._go_to_place)

    async def _go_to_place(self, name: str | None) -> None:
        if name is not None:
            await self.go(name)

    def action_choose_environment(self) -> None:
        """Ask for another environment, project or profile."""
        from trigdash.ui.screens.environments import EnvironmentsScreen

        self.push_screen(EnvironmentsScreen(self.session), self._go_to_chosen)

    async def _go_to_chosen(self, where: Destination | None) -> None:
        from trigdash.presentation.environments import wants_branch

        if where is not None and wants_branch(where):
            self.open_command_line(f"env {where.environment} ")
        elif where is not None:
            await self.switch(where)
            self.hints.done("environment")

    def refresh_now(self) -> None:
        """Ask the server now, or try again to connect."""
        connection = self.session.connection
        if connection is None:
            self.call_later(self.connect)
        else:
            connection.refresh()

    # Going about

    async def go(self, route_id: str) -> None:
        """Show a place, as it was left."""
        there = ROUTES[route_id]
        if reason := self.disabled_reason(there.capability):
            self.toast(reason)
            return
        mode = f"{route_id}:{self.session.generation}"
        if mode not in self._modes_made:
            self._modes_made.add(mode)
            if mode != self.DEFAULT_MODE:
                self.add_mode(mode, there.make)
        await self.switch_mode(mode)
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    def open_detail(self, kind: str, thing_id: str, **options: object) -> None:
        """Open one thing by its kind and id."""
        screen = DETAIL_ROUTES[kind]
        if reason := self.disabled_reason(screen.capability):
            self.toast(reason)
        else:
            self.push_screen(screen.make(thing_id, **options))

    def open_resource(self, name: str, thing_id: str) -> None:
        """Open one thing of a resource."""
        from trigdash.ui.screens.resource_detail import ResourceDetail

        self.push_screen(ResourceDetail(thing_id, resource=name))

    def disabled_reason(self, capability: Capability | None) -> str:
        """Why something cannot be done here; empty when it can, or when that is not known yet."""
        connection = self.session.connection
        if capability is None or connection is None:
            return ""
        return self.session.disabled_reason(capability)

    def open_command_line(self, line: str = "") -> None:
        """Ask for a command and run it."""
        self.commands.open(line)

    @override
    def action_command_palette(self) -> None:
        """Find a command by its name."""
        from trigdash.ui.screens.command_line import ActionPalette
        from trigdash.ui.screens.palette_hits import PlainHits

        if isinstance(self.screen, LiveScreen):
            self.push_screen(ActionPalette([PlainHits], id="--command-palette"))

    @override
    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        for name, words, run in self.commands.palette(screen):
            yield SystemCommand(name, words, run)

    # Saying

    @override
    def toast(self, words: str, severity: SeverityLevel = "information") -> None:
        """A short word in passing; data in it is never markup."""
        self.notify(words, severity=severity, timeout=TOAST_S, markup=False)
