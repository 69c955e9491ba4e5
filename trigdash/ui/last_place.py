"""Where one was when the program ended: the next start comes back there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from textual.app import App
from typing_extensions import override

from trigdash.ui.routes import ROUTES

if TYPE_CHECKING:
    from trigdash.service.session import Session
    from trigdash.ui.app import TrigdashApp

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
