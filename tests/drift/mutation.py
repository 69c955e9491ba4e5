"""Answers as a broken or newer server might send them: recorded ones with a few values changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, -(10**20), 1e308, 2**53, float("nan"), float("inf")),
    *("", " ", "NaN", "x" * 5_000, "\ud800", "\x1b[2J", "\u202etxt", "7", "true", "=1+1"),
    *([], [None], [[]], [{}], {}, {"a": None}, {"": ""}, {"id": {"id": []}}),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-02-30T00:00:00Z", "2026-11-21"),
    *("2026-11-21T22:00:00", "2026-11-21T22:00:00+23:59", 1_795_301_294_118, "1795301294118"),
)
"""Values that are JSON, or that JSON readers take, and that nobody expects."""

Place = tuple[Any, Any]
"""A container and the key or index of one of its values."""


@dataclass(frozen=True, slots=True)
class Mutated:
    """An answer that was changed."""

    body: bytes
    rows: int
    """How many rows of its list were changed."""


def mutated(body: bytes, random: Random) -> bytes:
    """The answer with one to four of its values replaced, dropped, renamed, wrapped or doubled;
    seldom with its bytes broken."""
    if random.random() < 0.05:
        return _broken(body, random)
    holder = [json.loads(body)]
    for _ in range(random.randint(1, 4)):
        _change(random.choice(_places(holder)), holder, random)
    return json.dumps(holder[0]).encode()


def rows_mutated(body: bytes, under: Sequence[str], random: Random) -> Mutated | None:
    """The answer with values changed within one or two of the rows that lie at a path; None where
    there are fewer than two."""
    answer = json.loads(body)
    rows = answer
    for name in under:
        rows = rows.get(name) if isinstance(rows, dict) else None
    if not isinstance(rows, list) or len(rows) < 2:
        return None
    touched = random.sample(range(len(rows)), random.randint(1, min(2, len(rows) - 1)))
    for index in touched:
        holder = [rows[index]]
        for _ in range(random.randint(1, 3)):
            _change(random.choice(_places(holder)), holder, random)
        rows[index] = holder[0]
    return Mutated(json.dumps(answer).encode(), len(touched))


def paging_mutated(body: bytes, random: Random) -> bytes | None:
    """The answer with values changed in what tells where its list goes on; None where there is no
    such part."""
    answer = json.loads(body)
    if not isinstance(answer, dict) or not isinstance(answer.get("pagination"), dict):
        return None
    holder = [answer["pagination"]]
    _change(random.choice(_places(holder)), holder, random)
    answer["pagination"] = holder[0]
    return json.dumps(answer).encode()


def _change(place: Place, holder: list[Any], random: Random) -> None:
    container, key = place
    change = random.random()
    if change < 0.6:
        container[key] = json.loads(json.dumps(random.choice(STRANGE)))
    elif change < 0.7 and isinstance(container, dict):
        del container[key]
    elif change < 0.76 and isinstance(container, dict):
        container[f"{key}V2"] = container.pop(key)
    elif change < 0.84:
        container[key] = random.choice(([container[key]], {"data": container[key]}))
    elif change < 0.88:
        container[key] = _nested(random)
    elif container is not holder and isinstance(container, list):
        _rearrange(container, key, random)


def _rearrange(items: list[Any], index: int, random: Random) -> None:
    """Double, remove or shuffle what a list holds."""
    how = random.randrange(3)
    if how == 0:
        items.append(json.loads(json.dumps(items[index])))
    elif how == 1:
        del items[index]
    else:
        random.shuffle(items)


def _nested(random: Random) -> Any:
    """A value that nests deeper than anybody means."""
    value: Any = 1
    for _ in range(random.choice((40, 300))):
        value = [value] if random.random() < 0.5 else {"a": value}
    return value


def _broken(body: bytes, random: Random) -> bytes:
    """The bytes cut off, flipped, said twice, or not those of JSON at all."""
    at = random.randrange(len(body))
    flipped = bytes([body[at] ^ (1 << random.randrange(8))])
    return random.choice(
        (
            body[:at],
            body[:at] + flipped + body[at + 1 :],
            body[:at] + b"\xff\xfe" + body[at:],
            b"\xef\xbb\xbf" + body,
            body + body,
            body.decode("utf-8", "replace").encode("utf-16"),
            b"<!doctype html><title>Bad gateway</title>",
            b"[" * 5_000,
            b"",
        )
    )


def _places(holder: list[Any]) -> list[Place]:
    found: list[Place] = []
    waiting: list[Any] = [holder]
    while waiting:
        container = waiting.pop()
        keys = container.keys() if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], dict | list):
                waiting.append(container[key])
    return found
