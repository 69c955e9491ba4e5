"""A line of things to choose: the places of the product, and the footer's keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from typing_extensions import override

from trigdash.ui.cells.cell import EMPTY, Cell, Piece, cell_width
from trigdash.ui.widgets.line import Line


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: its key, its words, and the action of the screen that it runs."""

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

    def __init__(self, choices: Sequence[Choice] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choices = tuple(choices)
        self._aside: Cell = EMPTY

    def choose_from(self, choices: Sequence[Choice], aside: Cell = EMPTY) -> None:
        """Offer other choices, with something to say at the right."""
        if (tuple(choices), aside) != (self._choices, self._aside):
            self._choices, self._aside = tuple(choices), aside
            self.refresh()

    @override
    @property
    def words(self) -> str:
        return "   ".join(f"{choice.key} {choice.words}" for choice in self._choices)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be chosen, also where it does not fit."""
        return self._choices

    @property
    def aside(self) -> str:
        """What is said at the right."""
        return "".join(text for text, _ in self._aside)

    def pieces(self, choice: Choice) -> Cell:
        """How one choice is drawn."""
        raise NotImplementedError

    @override
    def cells(self, width: int) -> tuple[Cell, Cell]:
        drawn: list[Piece] = []
        for start, _, choice in self._laid_out(width):
            drawn.append((" " * (start - cell_width(drawn)), "text"))
            drawn.extend(self.pieces(choice))
        return tuple(drawn), self._aside

    def _laid_out(self, width: int) -> list[tuple[int, int, Choice]]:
        """Start, end and choice of what fits; where one is, and the last choice (the help), always
        have their place."""
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
    def pieces(self, choice: Choice) -> Cell:
        key = f" {choice.key}" if choice.key else ""
        if choice.selected:
            return ((f"{key} {choice.words} ", "strong on selected"),)
        role = "dim" if choice.enabled else "faint"
        return ((key, "faint"), (f" {choice.words} ", role))


class Footer(Menu):
    """The most useful keys of this screen."""

    GROUND = "raised"

    @override
    def pieces(self, choice: Choice) -> Cell:
        role = "dim" if choice.enabled else "faint"
        return ((choice.key, "key" if choice.enabled else "faint"), (f" {choice.words}", role))
