"""Two environments side by side: their counts compared, and the runs that went wrong on one side
only. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

from trigdash.model.run_row import RunRow
from trigdash.model.status import Status, status
from trigdash.presentation.cell import Cell, Piece, cell_width, text_width
from trigdash.presentation.marks import by_urgency, status_mark, status_role
from trigdash.presentation.runs import WENT_WRONG
from trigdash.presentation.units import UNKNOWN, count

DIFFERS: Final[Piece] = ("≠", "warn-strong")
GAP = 2
SURE = 3.0
"""Standard deviations by which two shares differ that are said to: chance does so once in 400."""
MORE = 1.5
"""The least ratio of two shares that is worth a mark."""


@dataclass(frozen=True, slots=True)
class SideCounts:
    """How many runs of one side match, by the word of their status."""

    name: str
    is_production: bool = False
    by_word: Mapping[str, int] = field(default_factory=dict)
    is_known: bool = False
    is_whole: bool = False
    """Whether all that match were counted, and not only those that are loaded."""

    @property
    def total(self) -> int:
        return sum(self.by_word.values())


def words_of(counts: Mapping[str, int]) -> Mapping[str, int]:
    """Counts by the server's statuses as counts by displayed statuses."""
    merged: dict[str, int] = {}
    for name, number in counts.items():
        word = status(name).word
        merged[word] = merged.get(word, 0) + number
    return merged


def has_more(part: int, whole: int, other_part: int, other_whole: int) -> bool:
    """Whether a part of one whole is a larger share than that of another, beyond what chance
    does."""
    if not (part and whole and other_whole):
        return False
    share, other = part / whole, other_part / other_whole
    both = (part + other_part) / (whole + other_whole)
    deviation = sqrt(both * (1 - both) * (1 / whole + 1 / other_whole))
    return share >= MORE * other and share - other > SURE * deviation


def comparison(sides: Sequence[SideCounts], names: Iterable[str], width: int) -> list[Cell]:
    """A line of titles and one for each side; where titles do not fit, marks replace them. `names`
    are the server's names of the statuses that any side counts."""
    listed = sorted({status(name).word: status(name) for name in names}.values(), key=by_urgency)
    for has_words in (True, False):
        lines = _table(sides, listed, has_words=has_words)
        if cell_width(lines[0]) < width:
            break
    return lines


def _table(sides: Sequence[SideCounts], listed: Sequence[Status], *, has_words: bool) -> list[Cell]:
    first = max(text_width(side.name) for side in sides) + 2
    lines: list[list[Piece]] = [[(" " * (first + 2), "text")]]
    for side in sides:
        role = "production" if side.is_production else "strong on selected"
        blank = " " * (first - text_width(side.name) - 1)
        lines.append([(" ", "text"), (f" {side.name} ", role), (blank, "text")])
    _add(lines, (("all", "dim"),), [(_total(side),) for side in sides])
    for each in listed:
        word = f" {each.word}" if has_words else ""
        title = ((status_mark(each), status_role(each)), (word, "dim"))
        cells = [_number(side, other, each) for side, other in zip(sides, sides[::-1], strict=True)]
        _add(lines, title, cells)
    notes = [side.is_known and not side.is_whole for side in sides]
    if any(notes):
        _add(lines, (), [_note(is_of_loaded) for is_of_loaded in notes], to_right=False)
    return [tuple(line) for line in lines]


def _add(
    lines: list[list[Piece]], title: Cell, cells: Sequence[Cell], *, to_right: bool = True
) -> None:
    width = max(map(cell_width, (title, *cells))) + GAP
    for line, cell in zip(lines, (title, *cells), strict=True):
        blank = (" " * (width - cell_width(cell)), "text")
        line += (blank, *cell) if to_right else ((" " * GAP, "text"), *cell)


def _total(side: SideCounts) -> Piece:
    if not side.is_known:
        return (UNKNOWN, "faint")
    return (f"{count(side.total)}{'' if side.is_whole else '+'}", "strong")


def _number(side: SideCounts, other: SideCounts, each: Status) -> Cell:
    if not side.is_known:
        return ((UNKNOWN, "faint"),)
    number, there = side.by_word.get(each.word, 0), other.by_word.get(each.word, 0)
    is_compared = side.is_whole and other.is_whole
    if is_compared and has_more(number, side.total, there, other.total):
        return (DIFFERS, (count(number), "strong"))
    return ((count(number), "text" if number else "faint"),)


def _note(is_of_loaded: bool) -> Cell:
    return (("loaded runs only: not compared", "warn"),) if is_of_loaded else ()


def only_here(
    rows: Collection[RunRow], there: Collection[RunRow], *, is_all_there: bool
) -> set[str]:
    """Ids of the runs that went wrong, while those of their task on the other side did not: some
    are known there, or (`is_all_there`) it is known that there are none."""
    tasks = {row.task for row in there}
    wrong = {row.task for row in there if row.status.kind in WENT_WRONG}
    return {
        row.id
        for row in rows
        if row.status.kind in WENT_WRONG
        and row.task not in wrong
        and (is_all_there or row.task in tasks)
    }
