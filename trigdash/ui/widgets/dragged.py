"""Panes whose size is set with the mouse, by dragging the line between them and a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from textual import events, on
from textual.widget import Widget

if TYPE_CHECKING:
    from trigdash.config.state import StateFile

Edge = Literal["left", "top"]

LEAST: dict[Edge, int] = {"left": 24, "top": 6}
"""Columns or rows that a pane keeps."""
MOST_PERCENT = 65
"""What it may take of the room for both."""


class DraggedPane(Widget):
    """A pane to the right of a list, or below one, with a line at that edge. Its size is that of
    the styles until the user drags the line. The dragged size is saved for the profile.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    _choices: StateFile | None = None
    _kept_as = ""

    def kept_in(self, choices: StateFile, name: str) -> Self:
        """Keep its size among the choices of a profile, under a name."""
        self._choices, self._kept_as = choices, name
        return self

    def edge(self) -> Edge | None:
        """The edge that can be dragged now; None if nothing is next to the pane."""
        return "left"

    @property
    def _is_held(self) -> bool:
        return self.app.mouse_captured is self

    @on(events.Mount)
    @on(events.Resize)
    def fit(self) -> None:
        """Take the size that was set for the pane's present position."""
        if self._is_held:
            return
        edge = self.edge() if self._choices is not None else None
        kept = self._choices.get(f"{self._kept_as}.{edge}") if self._choices and edge else None
        self._resize_to(edge, kept if type(kept) is int else None)

    def _resize_to(self, edge: Edge | None, size: int | None) -> None:
        styles, least, most = self.styles, LEAST, f"{MOST_PERCENT}%"
        wide, high = (size if edge == each else None for each in ("left", "top"))
        styles.width, styles.height = wide, high
        styles.min_width, styles.max_width = (least["left"], most) if wide else (None, None)
        styles.min_height, styles.max_height = (least["top"], most) if high else (None, None)

    @on(events.MouseDown)
    def _take_hold(self, event: events.MouseDown) -> None:
        edge, place = self.edge(), self.region
        on_line = {"left": event.screen_x == place.x, "top": event.screen_y == place.y}
        if self._choices is not None and edge is not None and on_line[edge]:
            event.stop()
            self.capture_mouse()

    @on(events.MouseMove)
    def _drag(self, event: events.MouseMove) -> None:
        if self._is_held:
            edge = self.edge()
            self._resize_to(edge, self._size_at(edge, event) if edge is not None else None)

    @on(events.MouseUp)
    def _let_go(self, event: events.MouseUp) -> None:
        if not self._is_held:
            return
        self.release_mouse()
        edge = self.edge()
        if self._choices is not None and edge is not None:
            self._choices.save(f"{self._kept_as}.{edge}", self._size_at(edge, event))
            self.fit()

    def _size_at(self, edge: Edge, event: events.MouseEvent) -> int:
        """The width or height of the pane when its line is under the mouse."""
        room = self.parent.size if isinstance(self.parent, Widget) else self.screen.size
        if edge == "left":
            wanted, whole = self.region.right - event.screen_x, room.width
        else:
            wanted, whole = self.region.bottom - event.screen_y, room.height
        return max(min(wanted, whole * MOST_PERCENT // 100), LEAST[edge])
