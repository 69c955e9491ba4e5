"""What recorded bodies have in common, and whether another body fits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

OPAQUE = {"payload", "payloadSchema", "output", "metadata", "properties", "ai", "style"}
"""Fields whose content belongs to the customer or to the look of the dashboard."""


class Shape:
    """Keys, types and nullness of some samples of one thing."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.samples = 0
        self.seen: dict[str, int] = {}
        self.fields: dict[str, Shape] = {}
        self.element: Shape | None = None

    def learn(self, value: Any) -> None:
        self.samples += 1
        self.kinds.add(kind_of(value))
        if isinstance(value, dict):
            for key, inner in value.items():
                self.seen[key] = self.seen.get(key, 0) + 1
                self.fields.setdefault(key, Shape()).learn(inner)
        elif isinstance(value, list):
            self.element = self.element or Shape()
            for inner in value:
                self.element.learn(inner)

    def misfits(self, value: Any, path: str = "$") -> list[str]:
        """In what a value differs: unknown or missing keys, other types, nulls where none was."""
        kind = kind_of(value)
        if kind not in self.kinds:
            return [f"{path}: {kind}, recorded {sorted(self.kinds)}"]
        if isinstance(value, dict):
            return self._object_misfits(value, path)
        if isinstance(value, list):
            return self._list_misfits(value, path)
        return []

    def _list_misfits(self, value: list[Any], path: str) -> list[str]:
        if value and (self.element is None or not self.element.samples):
            return [f"{path}: has items, recorded empty"]
        return [
            each
            for n, inner in enumerate(value)
            for each in (self.element.misfits(inner, f"{path}[{n}]") if self.element else ())
        ]

    def _object_misfits(self, value: dict[str, Any], path: str) -> list[str]:
        objects = self.samples if self.kinds == {"object"} else None
        found = [
            f"{path}.{key}: missing"
            for key, seen in self.seen.items()
            if seen == objects and key not in value
        ]
        for key, inner in value.items():
            if key not in self.fields:
                found.append(f"{path}.{key}: never recorded")
            elif key not in OPAQUE:
                found += self.fields[key].misfits(inner, f"{path}.{key}")
        return found


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def shape_of(samples: Sequence[Any]) -> Shape:
    """What some samples have in common."""
    shape = Shape()
    for sample in samples:
        shape.learn(sample)
    return shape
