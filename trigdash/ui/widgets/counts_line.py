"""How many of what is loaded stand how: `all 1,284   ● 12 executing   × 37 failed`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from operator import attrgetter

from typing_extensions import override

from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind, Status, status
from trigdash.ui.cells.cell import Cell, Piece, cell_width
from trigdash.ui.cells.units import count
from trigdash.ui.marks import status_mark, status_role
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


class CountsLine(Line):
    """The counts; the less room there is, the closer they stand."""

    def __init__(self) -> None:
        super().__init__(id="counts")
        self._counts: Counter[str] = Counter()
        self._complete = False

    def count(self, counts: Counter[str], complete: bool, news: Cell) -> None:
        """Show counts by status name; `complete` says that nothing is left to load. `news` stands
        at the right."""
        self._counts, self._complete = counts, complete
        self.show(counts_cell(counts, complete), news)

    @override
    def cells(self, width: int) -> tuple[Cell, Cell]:
        left, right = super().cells(width)
        for gap, words in ((2, True), (1, True), (2, False)):
            if cell_width(left) + cell_width(right) < width or not self._counts:
                break
            left = counts_cell(self._counts, self._complete, gap, words)
        return left, right


def counts_cell(counts: Counter[str], complete: bool, gap: int = 3, words: bool = True) -> Cell:
    """The counts in words; `+` after the total says that more is there than is loaded.

    Without words each status keeps its mark, which is its own.
    """
    total = count(counts.total()) + ("" if complete else "+")
    pieces: list[Piece] = [(" all ", "strong on selected"), (f" {total}", "dim")]
    known = [(status(name), number) for name, number in counts.items()]
    merged: Counter[str] = Counter()
    for each, number in known:
        merged[each.word] += number
    shown = {each.word: each for each, _ in known}
    for each in sorted(shown.values(), key=_place):
        pieces += _count_pieces(each, merged[each.word], gap, words)
    return tuple(pieces)


def _place(each: Status) -> tuple[int, str]:
    return _ORDER.index(each.kind), each.word


def _count_pieces(each: Status, number: int, gap: int, words: bool) -> list[Piece]:
    if each.kind in _QUIET:
        role = "dim"
    else:
        role = "strong" if each.kind in (Kind.FAILED, Kind.LAPSED) else "text"
    said = f"{count(number)} {each.word}" if words else count(number)
    return [(f"{' ' * gap}{status_mark(each)} ", status_role(each)), (said, role)]
