"""Answers as a broken or newer server might send them: recorded ones with a few values changed."""

from __future__ import annotations

import json
from random import Random
from typing import Any

STRANGE: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, -(10**20), 1e308, float("nan"), float("inf")),
    *("", "NaN", "x" * 5_000, "\ud800", "\x1b[2J", [], [None], [[]], {}, {"a": None}, {"": ""}),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-02-30T00:00:00Z"),
)
"""Values that are JSON, or that JSON readers take, and that nobody expects."""

Place = tuple[Any, str | int]
"""A container and the key or index of one of its values."""


def mutated(body: bytes, random: Random) -> bytes:
    """The answer with one to four of its values replaced, dropped or doubled."""
    holder = [json.loads(body)]
    for _ in range(random.randint(1, 4)):
        container, key = random.choice(_places(holder))
        change = random.random()
        if change < 0.7:
            container[key] = json.loads(json.dumps(random.choice(STRANGE)))
        elif change < 0.85 and isinstance(container, dict):
            del container[key]
        elif container is not holder and isinstance(container, list):
            container.append(json.loads(json.dumps(container[key])))  # type: ignore[index]
    return json.dumps(holder[0]).encode()


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
