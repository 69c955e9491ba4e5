"""Leaving an environment or the program, with a question while something is in progress, and
returning at the next start to where the user was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from textual.app import App
from typing_extensions import override

from trigdash.ui.routes import ROUTES
from trigdash.ui.typed_keys import TypedKeys

if TYPE_CHECKING:
    from trigdash.service.session import Session
    from trigdash.ui.app import TrigdashApp


class AsksToLeave(TypedKeys):
    """An app that cuts nothing short without a question."""

    session: Session
    _is_hasty = False
    """Whether the user does not wait for answers that are on their way."""

    @override
    async def action_quit(self) -> None:
        """Leave the program."""

        async def leave() -> None:
            self.exit()

        await self.leave_after_asking("quit", leave)

    async def leave_after_asking(self, act: str, leave: Callable[[], Awaitable[None]]) -> None:
        """Do `leave`, called `act`, at once or when it is agreed to."""
        from trigdash.ui.dialogs.dialog import EnvironmentLabel
        from trigdash.ui.dialogs.leave import AskToLeave, is_busy

        connection = self.session.connection
        if connection is None or not is_busy(connection):
            await leave()
            return
        if isinstance(self.screen, AskToLeave):
            return

        async def answered(agreed: bool | None) -> None:
            self._is_hasty = bool(agreed)
            if agreed:
                await leave()

        place = EnvironmentLabel(self.session.environment_slug, self.session.is_production)
        dialog = AskToLeave(act, place, connection, opened_by=self.last_key or None)
        self.push_screen(dialog, answered)

    def on_exit_app(self) -> None:
        """The end has begun: a driver may say so itself."""
        if not self.is_leaving:
            self.exit()

    async def on_unmount(self) -> None:
        await self.session.close(0.0 if self._is_hasty else None)


KEPT_AS = "last"


class ReturnsToPlace(App[int]):
    """An app that opens where it was left: the same list, narrowed alike, on the same row; and the
    run that was open. Columns and order are kept by the lists themselves."""

    session: Session

    def start_place(self) -> str:
        """The place to begin with."""
        place = self._kept().get("place")
        return place if place in ROUTES else self.session.settings.start

    def return_to_place(self) -> None:
        """Narrow the first list as it was, and go to its row; open the run that was open."""
        from trigdash.ui.screens.list import ListScreen

        kept, screen = self._kept(), self.screen
        if isinstance(screen, ListScreen) and kept.get("place") == screen.PLACE:
            screen.return_to(_text(kept, "line"), _text(kept, "row"))
        if run := _text(kept, "run"):
            cast("TrigdashApp", self).open_detail("run", run, tab=_text(kept, "tab"))

    def _kept(self) -> Mapping[str, Any]:
        settings = self.session.settings
        kept = self.session.choices.get(KEPT_AS) if settings.restore and not settings.run else None
        return kept if isinstance(kept, dict) else {}

    @override
    def exit(self, *arguments: Any, **options: Any) -> None:
        if self.session.settings.restore and self.screen_stack:
            self.session.choices.save(KEPT_AS, self._place_now())
        super().exit(*arguments, **options)

    def _place_now(self) -> Mapping[str, str]:
        screens, first = cast("TrigdashApp", self).live_screens(), self.screen_stack[0]
        place = {"place": self.current_mode.partition(":")[0]}
        for screen in screens:
            where = screen.where()
            if screen is first or "run" in where:
                place |= where
        return place


def _text(kept: Mapping[str, Any], key: str) -> str:
    value = kept.get(key)
    return value if isinstance(value, str) else ""
