"""Screens that come and go: they act while all their parts are there, and are left once."""

from __future__ import annotations

from typing import TypeVar

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen
from textual.theme import Theme
from textual.widget import Widget
from typing_extensions import override

T = TypeVar("T")


def is_going(widget: Widget) -> bool:
    """Whether a widget is being removed, alone or because the program ends. Then its parts may be
    missing, in any order; a screen that was left at once never had them."""
    return not widget.is_attached or widget._pruning or widget._closing


class Whole(Widget):
    """A base for widgets that query their parts: they get no event once the parts are being
    removed. Delayed calls must check `is_alive`. Name it last among the bases, since Textual takes
    styles only from the first one.
    """

    @property
    def is_alive(self) -> bool:
        """Whether its parts can be looked for, once it is mounted."""
        return self.is_running and not is_going(self)

    @override
    async def on_event(self, event: events.Event) -> None:
        if self.is_alive or isinstance(event, events.Unmount | events.Callback):
            await super().on_event(event)


class FollowsTheme(Widget):
    """A widget that follows theme changes until it is removed. With a plain subscription, Textual
    would keep it in memory, with everything it shows, until the next change of theme."""

    def take_theme(self) -> None:
        """Draw all in the theme that the app has now."""
        raise NotImplementedError

    @on(events.Mount)
    def _follow_theme(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    @on(events.Unmount)
    def _leave_theme(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)

    def _theme_changed(self, _theme: Theme) -> None:
        self.take_theme()


class LeftOnce(Screen[T], Whole):
    """A screen that gives one answer, however many it is given."""

    is_left = False
    _result: T | None = None

    @override
    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Leave with a result. Only the first one counts."""
        if self.is_left:
            return AwaitComplete()
        self._result = result
        self.is_left = True
        return self._leave_in_front()

    def _leave_in_front(self) -> AwaitComplete:
        """Leave, unless another screen is above: Textual removes the screen in front."""
        return super().dismiss(self._result) if self.is_active else AwaitComplete()

    @on(events.ScreenResume)
    def _leave_late(self) -> None:
        if self.is_left:
            self._leave_in_front()


class Modal(ModalScreen[T], LeftOnce[T]):
    """A question over a screen."""


class FramedModal(Modal[T]):
    """A question in a frame in the middle of the screen: a Vertical, whose border has the title."""

    DEFAULT_CSS = """
    FramedModal { align: center middle; background: $background 60%; }
    FramedModal > Vertical {
        max-width: 96%; height: auto; max-height: 94%; padding: 1 2;
        background: $panel; border: round $border;
        border-title-color: $foreground; border-title-style: bold;
    }
    FramedModal Static { width: 1fr; height: auto; }
    """
