"""Functions of many rows that SQLite lacks: quantiles, groups, spread. Nothing counts nothing."""

import json
import math
from collections import Counter
from collections.abc import Sequence

from typing_extensions import override

from trigdash.simulator.trql.scalars import Value, packed


def quantile(values: Sequence[float], level: float) -> float | None:
    """Interpolated between the two nearest of sorted values; nothing of none."""
    if not values:
        return None
    place = (len(values) - 1) * min(max(level, 0.0), 1.0)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def _parameters(text: Value) -> list[float]:
    """The parameters in the first brackets of `quantile(0.5)(x)`, as a JSON list."""
    return [float(value) for value in json.loads(str(text or "[]"))]


class _Numbers:
    """Keeps numbers and their associated values."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.extra: Value = None

    def step(self, value: Value, extra: Value = None) -> None:
        if isinstance(value, int | float):
            self.values.append(value)
        self.extra = extra

    def levels(self) -> list[float]:
        return _parameters(self.extra) or [0.5]


class Quantile(_Numbers):
    """`quantile(level)(x)`: the levels are given as a JSON list."""

    def finalize(self) -> Value:
        return quantile(sorted(self.values), self.levels()[0])


class Quantiles(_Numbers):
    """`quantiles(level, …)(x)`: an array."""

    def finalize(self) -> Value:
        ordered = sorted(self.values)
        return packed([quantile(ordered, level) for level in self.levels()])


class QuantilesMerge(_Numbers):
    """`quantilesMerge(level, …)(state)`: a state is the list of its samples."""

    @override
    def step(self, value: Value, extra: Value = None) -> None:
        if isinstance(value, bytes):
            self.values += json.loads(value)
        self.extra = extra

    def finalize(self) -> Value:
        ordered = sorted(self.values)
        return packed([quantile(ordered, level) for level in self.levels()])


class _Spread(_Numbers):
    def squares(self) -> float:
        middle = sum(self.values) / len(self.values)
        return sum((value - middle) ** 2 for value in self.values)


class VarPop(_Spread):
    def finalize(self) -> Value:
        return self.squares() / len(self.values) if self.values else None


class VarSamp(_Spread):
    def finalize(self) -> Value:
        return self.squares() / (len(self.values) - 1) if len(self.values) > 1 else None


class StddevPop(VarPop):
    @override
    def finalize(self) -> Value:
        found = super().finalize()
        return math.sqrt(found) if isinstance(found, float) else None


class StddevSamp(VarSamp):
    @override
    def finalize(self) -> Value:
        found = super().finalize()
        return math.sqrt(found) if isinstance(found, float) else None


class First:
    """`any(x)`: the first value that is one."""

    def __init__(self) -> None:
        self.value: Value = None

    def step(self, value: Value) -> None:
        if self.value is None:
            self.value = value

    def finalize(self) -> Value:
        return self.value


class Last(First):
    """`anyLast(x)`."""

    @override
    def step(self, value: Value) -> None:
        if value is not None:
            self.value = value


class ArgMin:
    """`argMin(what, of)`: the value at the smallest number."""

    sign = -1

    def __init__(self) -> None:
        self.best: tuple[Value, Value] | None = None

    def step(self, what: Value, of: Value) -> None:
        if of is None:
            return
        if self.best is None or self._beats(of, self.best[1]):
            self.best = what, of

    def _beats(self, one: Value, other: Value) -> bool:
        if isinstance(one, int | float) and isinstance(other, int | float):
            return (one - other) * self.sign > 0
        return (str(one) > str(other)) == (self.sign > 0) and one != other

    def finalize(self) -> Value:
        return self.best[0] if self.best else None


class ArgMax(ArgMin):
    """`argMax(what, of)`: the value at the greatest number."""

    sign = 1


class GroupArray:
    """`groupArray(x)`: the values, in the order of the rows."""

    def __init__(self) -> None:
        self.items: list[object] = []
        self.limit: int | None = None

    def step(self, value: Value, limit: Value) -> None:
        self.limit = next(map(int, _parameters(limit)), None)
        if value is not None:
            self.items.append(json.loads(value) if isinstance(value, bytes) else value)

    def finalize(self) -> Value:
        return packed(self.items[: self.limit])


class GroupUniqArray(GroupArray):
    """`groupUniqArray(x)`: each value once."""

    @override
    def finalize(self) -> Value:
        unique = {json.dumps(item): item for item in self.items}
        return packed(list(unique.values())[: self.limit])


class TopK:
    """`topK(n)(x)`: the most frequent values, most frequent first."""

    def __init__(self) -> None:
        self.counts: Counter[Value] = Counter()
        self.limit = 10

    def step(self, value: Value, limit: Value) -> None:
        self.counts[value] += 1
        self.limit = next(map(int, _parameters(limit)), 10)

    def finalize(self) -> Value:
        return packed([value for value, _ in self.counts.most_common(self.limit)])
