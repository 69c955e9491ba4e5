"""Leaving an environment, or the program: asked first while something is under way there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from typing_extensions import override

from trigdash.ui.typed_keys import TypedKeys

if TYPE_CHECKING:
    from trigdash.service.session import Session


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
