"""Lines of clean text: the bar, the menu of places, the footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from trigdash.presentation.cell import (
    EMPTY,
    Cell,
    Piece,
    cell_text,
    cell_width,
    clean_cell,
    cut_cell,
)
from trigdash.ui.theme.paint import paint_of


class Line(Widget, can_focus=False):
    """Draws a cell at the left and one at the right; repaints only when they change. The role of a
    piece may name its own ground: `("runs", "strong on selected")`.
    """

    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; }
    """

    GROUND = "plain"
    """The ground of the line, see `trigdash.ui.theme.paint.GROUNDS`."""

    def __init__(self, left: Cell = EMPTY, right: Cell = EMPTY, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left = left
        self._right = right

    def show(self, left: Cell, right: Cell = EMPTY) -> None:
        """Say something else. When both do not fit, the left one is cut."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    @property
    def plain_text(self) -> str:
        """What the line says, without roles and before it is cut."""
        return " ".join(filter(None, (cell_text(self._left), cell_text(self._right))))

    def cells(self, width: int) -> tuple[Cell, Cell]:
        """What to draw at a width; for lines that say less when there is less room."""
        return self._left, self._right

    @override
    def render_line(self, y: int) -> Strip:
        width = self.size.width
        left, right = map(clean_cell, self.cells(width))
        right = cut_cell(right, width)
        room = width - cell_width(right)
        left = cut_cell(left, room - 1 if right else room)
        gap = room - cell_width(left)
        pieces = (*left, (" " * gap, "text"), *right) if gap > 0 else (*left, *right)
        return Strip([self._segment(text, role) for text, role in pieces], width)

    def _segment(self, text: str, role: str) -> Segment:
        name, _, ground = role.partition(" on ")
        paint = paint_of(self.app)
        return Segment(paint.text(text), paint.style(name, ground or self.GROUND))

    @override
    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One choice: its key, its label, and the action of the screen that it runs."""

    key: str
    words: str
    action: str
    selected: bool = False
    enabled: bool = True


class Menu(Line):
    """Choices from left to right, by key or by mouse; those that do not fit are left out."""

    GAP = 3
    START = 1
    """Blank columns before the first choice."""

    def __init__(self, choices: Sequence[MenuItem] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choices = tuple(choices)
        self._aside: Cell = EMPTY

    def choose_from(self, choices: Sequence[MenuItem], aside: Cell = EMPTY) -> None:
        """Offer other choices, with something to say at the right."""
        if (tuple(choices), aside) != (self._choices, self._aside):
            self._choices, self._aside = tuple(choices), aside
            self.refresh()

    @override
    @property
    def plain_text(self) -> str:
        return "   ".join(f"{choice.key} {choice.words}" for choice in self._choices)

    @property
    def choices(self) -> tuple[MenuItem, ...]:
        """What can be chosen, also where it does not fit."""
        return self._choices

    @property
    def aside(self) -> str:
        """What is said at the right."""
        return "".join(text for text, _ in self._aside)

    def pieces(self, choice: MenuItem) -> Cell:
        """How one choice is drawn."""
        raise NotImplementedError

    @override
    def cells(self, width: int) -> tuple[Cell, Cell]:
        drawn: list[Piece] = []
        for start, _, choice in self._laid_out(width):
            drawn.append((" " * (start - cell_width(drawn)), "text"))
            drawn.extend(self.pieces(choice))
        return tuple(drawn), self._aside

    def _laid_out(self, width: int) -> list[tuple[int, int, MenuItem]]:
        """Start, end and choice of the items that fit next to the text at the right; the current
        item and the last one (the help) are always shown."""
        width -= cell_width(self._aside)
        widths = [cell_width(self.pieces(choice)) for choice in self._choices]
        kept = list(zip(widths, self._choices, strict=True))
        while len(kept) > 1 and sum(w for w, _ in kept) + self.GAP * len(kept) > width:
            others = [at for at, (_, choice) in enumerate(kept[:-1]) if not choice.selected]
            del kept[others[-1] if others else -1]
        placed = []
        position = self.START
        for choice_width, choice in kept:
            placed.append((position, position + choice_width, choice))
            position += choice_width + self.GAP
        return placed

    @override
    async def _on_click(self, event: events.Click) -> None:
        for start, end, choice in self._laid_out(self.size.width):
            if start <= event.x < end:
                event.stop()
                await self.screen.run_action(choice.action)


class NavLine(Menu):
    """`1 Runs   2 Queues   3 Batches`, with the last problem in words at the right."""

    GAP = 1
    START = 0

    @override
    def pieces(self, choice: MenuItem) -> Cell:
        key = f" {choice.key}" if choice.key else ""
        if choice.selected:
            return ((f"{key} {choice.words} ", "strong on selected"),)
        role = "dim" if choice.enabled else "faint"
        return ((key, "faint"), (f" {choice.words} ", role))


class Footer(Menu):
    """The most useful keys of this screen."""

    GROUND = "raised"

    @override
    def pieces(self, choice: MenuItem) -> Cell:
        role = "dim" if choice.enabled else "faint"
        return ((choice.key, "key" if choice.enabled else "faint"), (f" {choice.words}", role))


@dataclass(frozen=True, slots=True)
class Bar:
    """What the bar says now."""

    project: str = ""
    environment: str = ""
    is_production: bool = False
    is_environment_paused: bool = False
    """Nothing starts: said at every width."""
    is_unencrypted: bool = False
    """Keys and data travel as plain http: said in red at every width."""
    window: str = ""
    note: str = ""
    """A condition worth a word at all times: read-only."""
    state: Cell = EMPTY
    rate: Cell = EMPTY
    health: Cell = EMPTY
    """What the server says of the environment's health, where that is not well. Its first piece is
    a mark that stays at every width."""


class StatusBar(Line):
    """Draws a Bar. Environment and state stay at every width; the rest goes by importance."""

    GROUND = "raised"

    def __init__(self, bar: Bar | None = None) -> None:
        super().__init__()
        self._bar = bar or Bar()

    def show_bar(self, bar: Bar) -> None:
        """Say something else."""
        if bar != self._bar:
            self._bar = bar
            self.refresh()

    @override
    @property
    def plain_text(self) -> str:
        left, right = self._sides(frozenset())
        return f"{cell_text(left)} {cell_text(right)}".strip()

    @override
    def cells(self, width: int) -> tuple[Cell, Cell]:
        without: set[str] = set()
        left, right = self._sides(frozenset())
        for part in ("health", "rate", "project", "brand", "note", "window"):
            if cell_width(left) + cell_width(right) + 2 <= width:
                break
            without.add(part)
            left, right = self._sides(frozenset(without))
        return left, right

    def _sides(self, without: frozenset[str]) -> tuple[Cell, Cell]:
        bar = self._bar
        left: list[tuple[str, str]] = []
        if "brand" not in without:
            left.append((" trigdash ", "brand"))
        if bar.project and "project" not in without:
            left.append((f"  {bar.project}", "dim"))
            if bar.environment:
                left.append((" /", "faint"))
        if bar.environment:
            role = "production" if bar.is_production else "strong on selected"
            left += [(" ", "dim"), (f" {bar.environment} ", role)]
        if bar.is_unencrypted:
            left.append(("  NOT ENCRYPTED", "bad-strong"))
        if bar.is_environment_paused:
            left.append(("  environment paused", "warn-strong"))
        if bar.window and "window" not in without:
            left.append((f"   {bar.window}", "dim"))
        if bar.note and "note" not in without:
            left.append((f"   {bar.note}", "warn"))
        if bar.health:
            words = bar.health[:1] if "health" in without else bar.health
            left += [("   ", "dim"), *words]
        rate = (("   ", "dim"), *bar.rate) if bar.rate and "rate" not in without else EMPTY
        return tuple(left), (*bar.state, *rate, (" ", "dim"))
