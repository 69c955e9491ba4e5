"""How many of what is loaded stand how: `all 1,284   ● 12 executing   × 37 failed`.

`loaded` stands in the place of `all` while there is more than is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from operator import attrgetter

from typing_extensions import override

from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind, Status, status
from trigdash.presentation.cell import Cell, Piece, cell_width
from trigdash.presentation.marks import status_mark, status_role
from trigdash.presentation.units import count
from trigdash.ui.widgets.line import Line

_ORDER = (
    Kind.RUNNING,
    Kind.QUEUED,
    Kind.WAITING,
    Kind.FAILED,
    Kind.LAPSED,
    Kind.UNKNOWN,
    Kind.CANCELED,
    Kind.SUCCEEDED,
)
"""What is alive, what went wrong, what is done with."""

_STATUS_NAME = attrgetter("status_name")

_QUIET = frozenset({Kind.CANCELED, Kind.SUCCEEDED})


def count_statuses(rows: Iterable[RunRow]) -> Counter[str]:
    """How many rows have each status name."""
    return Counter(map(_STATUS_NAME, rows))


_FORMS = ((3, True), (2, True), (1, True), (2, False))
"""Blanks between counts, and whether they have words: the roomiest first."""

SPARE = 8
"""Columns that a roomier form must leave free before it is taken again: counts change all the time,
and the line must not change its form with them."""


class CountsLine(Line):
    """The counts; the less room there is, the closer they stand."""

    def __init__(self) -> None:
        super().__init__(id="counts")
        self._counts: Counter[str] = Counter()
        self._complete = False
        self._form = 0
        """Index of the form that was drawn last, at `_form_width`."""
        self._form_width = 0

    def count(self, counts: Counter[str], complete: bool, news: Cell) -> None:
        """Show counts by status name; `complete` says that nothing is left to load. `news` stands
        at the right."""
        self._counts, self._complete = counts, complete
        self.show(counts_cell(counts, complete), news)

    @override
    def cells(self, width: int) -> tuple[Cell, Cell]:
        left, right = super().cells(width)
        if not self._counts:
            return left, right
        if width != self._form_width:
            self._form, self._form_width = 0, width
        room = width - cell_width(right)
        forms = [counts_cell(self._counts, self._complete, *form) for form in _FORMS]
        for at, form in enumerate(forms):
            if cell_width(form) < room - (SPARE if at < self._form else 0):
                self._form = at
                return form, right
        self._form = len(forms) - 1
        return forms[-1], right


def counts_cell(counts: Counter[str], complete: bool, gap: int = 3, words: bool = True) -> Cell:
    """The counts in words; unless `complete`, that they are of what is loaded.

    Without words each status keeps its mark, which is its own.
    """
    total = count(counts.total()) + ("" if complete else "+")
    pieces: list[Piece] = [
        (" all " if complete else " loaded ", "strong on selected"),
        (f" {total}", "dim"),
    ]
    known = [(status(name), number) for name, number in counts.items()]
    merged: Counter[str] = Counter()
    for each, number in known:
        merged[each.word] += number
    shown = {each.word: each for each, _ in known}
    for each in sorted(shown.values(), key=_order_index):
        pieces += _count_pieces(each, merged[each.word], gap, words)
    return tuple(pieces)


def _order_index(each: Status) -> tuple[int, str]:
    return _ORDER.index(each.kind), each.word


def _count_pieces(each: Status, number: int, gap: int, words: bool) -> list[Piece]:
    if each.kind in _QUIET:
        role = "dim"
    else:
        role = "strong" if each.kind in (Kind.FAILED, Kind.LAPSED) else "text"
    said = f"{count(number)} {each.word}" if words else count(number)
    return [(f"{' ' * gap}{status_mark(each)} ", status_role(each)), (said, role)]
