"""How many runs have each status, and which runs were counted: `all 1,284 ● 12 executing × 37
failed`.

`loaded` replaces `all` if only loaded runs could be counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from operator import attrgetter

from typing_extensions import override

from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind, Status, status
from trigdash.presentation.cell import EMPTY, Cell, Piece, cell_width
from trigdash.presentation.marks import by_urgency, status_mark, status_role
from trigdash.presentation.units import count
from trigdash.ui.widgets.line import Line

_STATUS_NAME = attrgetter("status_name")

_QUIET = frozenset({Kind.CANCELED, Kind.SUCCEEDED})


def count_statuses(rows: Iterable[RunRow]) -> Counter[str]:
    """How many rows have each status name."""
    return Counter(map(_STATUS_NAME, rows))


_FORMS = ((3, True), (2, True), (1, True), (2, False))
"""Blanks between counts, and whether they have labels: the widest form first."""

SPARE = 8
"""Columns that a roomier form must leave free before it is taken again: counts change all the time,
and the line must not change its form with them."""


class CountsLine(Line):
    """The counts, spaced more closely with less room."""

    def __init__(self) -> None:
        super().__init__(id="counts")
        self._counts: Mapping[str, int] = {}
        self._lead: Cell = EMPTY
        self._window = ""
        self._form = 0
        """Index of the form that was drawn last, at `_form_width`."""
        self._form_width = 0

    def count(self, counts: Mapping[str, int], lead: Cell, news: Cell, window: str = "") -> None:
        """Show counts by status name. `lead` says which runs were counted, `window` of what time,
        where there is room for it; `news` is at the right."""
        self._counts, self._lead, self._window = counts, lead, window
        self.show(self._forms()[0], news)

    def show_unknown(self) -> None:
        """Say that nothing is known yet."""
        self._lead = EMPTY
        self.show(((" all ", "strong on selected"), (" –", "faint")))

    def _forms(self) -> list[Cell]:
        forms = [counts_cell(self._counts, self._lead, *form) for form in _FORMS]
        if not self._window:
            return forms
        lead = (*self._lead, (f"  {self._window}", "faint"))
        return [counts_cell(self._counts, lead), *forms]

    @override
    def cells(self, width: int) -> tuple[Cell, Cell]:
        left, right = super().cells(width)
        if not self._lead:
            return left, right
        if width != self._form_width:
            self._form, self._form_width = 0, width
        room = width - cell_width(right)
        forms = self._forms()
        for at, form in enumerate(forms):
            if cell_width(form) < room - (SPARE if at < self._form else 0):
                self._form = at
                return form, right
        self._form = len(forms) - 1
        return forms[-1], right


def counts_cell(counts: Mapping[str, int], lead: Cell, gap: int = 3, words: bool = True) -> Cell:
    """The counts with labels, after the text that says which runs were counted. Without labels,
    each status still has its unique mark.
    """
    pieces: list[Piece] = [*lead]
    known = [(status(name), number) for name, number in counts.items() if number]
    merged: Counter[str] = Counter()
    for each, number in known:
        merged[each.word] += number
    shown = {each.word: each for each, _ in known}
    for each in sorted(shown.values(), key=by_urgency):
        pieces += _count_pieces(each, merged[each.word], gap, words)
    return tuple(pieces)


def _count_pieces(each: Status, number: int, gap: int, words: bool) -> list[Piece]:
    if each.kind in _QUIET:
        role = "dim"
    else:
        role = "strong" if each.kind in (Kind.FAILED, Kind.LAPSED) else "text"
    said = f"{count(number)} {each.word}" if words else count(number)
    return [(f"{' ' * gap}{status_mark(each)} ", status_role(each)), (said, role)]
