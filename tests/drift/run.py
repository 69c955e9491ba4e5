"""Mutated answers, read and used; what comes of them counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from tests.drift.mutation import Mutated, mutated, paging_mutated, rows_mutated
from tests.drift.readers import Reader, rows_of
from tests.recorded import Recorded, all_recorded
from trigdash.backends.base import BackendError
from trigdash.backends.error_response import error_from_response
from trigdash.model.wire import mismatch

ROWS_UNDER = ((), ("data",), ("results",), ("alerts",), ("branches",))
NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)

HEADER_VALUES = (
    *("", "0", "-1", "9" * 30, "nan", "²", "Wed, 99 Foo 2026", "Fri, 31 Dec 9999 23:59:59 GMT"),
    *("Thu, 01 Jan 1970 00:00:00 -0000", "1e9", "\x1b[2J", "x" * 5_000, "false", "true"),
)
HEADERS = ("retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "x-should-retry", "date")
STATUSES = (301, 400, 401, 403, 404, 408, 409, 418, 422, 429, 500, 501, 502, 503, 504, 599)


@dataclass
class Tally:
    """What became of the mutated answers."""

    read: int = 0
    """Values that were made, and shown."""
    unreadable: int = 0
    """Refused as unreadable, in words."""
    lists: int = 0
    """Lists with odd rows, whose other rows were all there."""
    refusals: int = 0
    """Answers outside 2xx that became errors in words."""
    faults: Counter[str] = field(default_factory=Counter)
    """Everything else, by reader and kind."""
    examples: dict[str, str] = field(default_factory=dict)
    """One mutation for each fault."""

    @property
    def mutations(self) -> int:
        return self.read + self.unreadable + self.refusals + sum(self.faults.values())

    def fault(self, what: str, example: str) -> None:
        self.faults[what] += 1
        self.examples.setdefault(what, example)


def drift(readers: tuple[Reader, ...], each: int, seed: int) -> Tally:
    """So many mutations for each reader, half of them of a list's rows or of its paging where it
    reads lists; then as many of the recorded refusals."""
    tally = Tally()
    for reader in readers:
        random = Random(f"{seed} {reader.name}")
        for number in range(each):
            where = f"seed {seed}, number {number}"
            if number % 2 or not _list(reader, random, tally, where):
                _anywhere(reader, random, tally, where)
    for number, refusal in enumerate(_refusals(each, seed)):
        _refused(refusal, Random(f"{seed} {number}"), tally)
    return tally


def _anywhere(reader: Reader, random: Random, tally: Tally, where: str) -> None:
    body = mutated(random.choice(reader.bodies), random)
    value = _value(reader, body, tally, where)
    if value is not None:
        tally.read += 1


def _value(reader: Reader, body: bytes, tally: Tally, where: str) -> object:
    """The value of an answer, which was used; None where there is none, which was counted."""
    try:
        value = reader.parser(body)
    except ValueError as problem:
        _words(reader, problem, body, tally, where)
        return None
    except Exception as problem:  # noqa: BLE001 - that there is none is what is looked for
        tally.fault(f"{reader.name}: read: {type(problem).__name__}", _told(where, problem, body))
        return None
    try:
        reader.use(value)
    except Exception as problem:  # noqa: BLE001 - as above
        tally.fault(f"{reader.name}: used: {type(problem).__name__}", _told(where, problem, body))
        return None
    return value if value is not None else ()


def _words(reader: Reader, problem: ValueError, body: bytes, tally: Tally, where: str) -> None:
    """What is said of an unreadable answer: a line, without what it held."""
    words = mismatch(problem, body)
    if words and words.isprintable() and len(words) <= 400:
        tally.unreadable += 1
    else:
        tally.fault(f"{reader.name}: said: {words[:40]!r}", _told(where, problem, body))


def _list(reader: Reader, random: Random, tally: Tally, where: str) -> bool:
    """Change one or two rows of a list, or what tells where it goes on: the other rows are there,
    and what is not is counted. Whether the reader reads lists, and there is one to change."""
    whole = random.choice(reader.bodies)
    before = rows_of(reader.parser(whole))
    if before is None or before.unread or len(before.rows) < 2:
        return False
    changed = _rows_changed(whole, random)
    value = _value(reader, changed.body, tally, where)
    after = rows_of(value)
    if after is None:
        tally.fault(f"{reader.name}: list: all of it is lost", _told(where, "", changed.body))
        return True
    lost = [row for row in before.rows if row not in after.rows]
    is_counted = len(after.rows) + after.unread >= len(before.rows)
    if len(lost) > changed.rows or not is_counted:
        said = f"{len(lost)} lost of {len(before.rows)}, {after.unread} counted"
        tally.fault(f"{reader.name}: list: lost or not counted", _told(where, said, changed.body))
    else:
        tally.lists += 1
        tally.read += 1
    return True


def _rows_changed(whole: bytes, random: Random) -> Mutated:
    paging = paging_mutated(whole, random) if random.random() < 0.3 else None
    if paging is not None:
        return Mutated(paging, 0)
    found = (rows_mutated(whole, under, random) for under in ROWS_UNDER)
    return next(filter(None, found), Mutated(whole, 0))


def _refusals(each: int, seed: int) -> Iterator[Recorded]:
    refused = [answer for answer in all_recorded() if not answer.is_success]
    random = Random(f"{seed} refusals")
    return (random.choice(refused) for _ in range(each))


def _refused(answer: Recorded, random: Random, tally: Tally) -> None:
    """An answer outside 2xx, its status, headers and body changed, becomes an error in words."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for name in random.sample(HEADERS, random.randint(0, 3)):
        headers[name] = random.choice(HEADER_VALUES)
    status = random.choice((answer.status, random.choice(STATUSES)))
    body = mutated(answer.body, random) if answer.data is not None else answer.body
    try:
        error = error_from_response(status, headers, body, is_write=False, now=NOW)
    except Exception as problem:  # noqa: BLE001 - that there is none is what is looked for
        tally.fault(f"refusal: {type(problem).__name__}", _told(answer.name, problem, body))
        return
    words = error.message()
    if isinstance(error, BackendError) and words and words.isprintable():
        tally.refusals += 1
    else:
        tally.fault(f"refusal: said: {words[:40]!r}", _told(answer.name, words, body))


def _told(where: str, problem: object, body: bytes) -> str:
    return f"{where}: {problem!s:.300} in {body[:400]!r}"
