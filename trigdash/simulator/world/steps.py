"""What a task does while it runs: steps as data. Traces and logs are generated from them.

A body is a sequence of steps. Working steps take their share of the compute time; waiting steps
(a timer, a token, child runs) take none of it and stop the run until what they wait for is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from trigdash.simulator.world.ids import mix

Attributes = Mapping[str, object]
STOPS = frozenset({"wait", "token", "child", "batch", "fire"})


@dataclass(frozen=True, slots=True)
class Step:
    """One line or span of a body. `weight` is its share of the compute time; logs take none."""

    kind: str
    text: str
    weight: float = 1.0
    level: str = "TRACE"
    attributes: Attributes = field(default_factory=dict)
    inner: tuple["Step", ...] = ()
    task: str = ""
    low: float = 0
    high: float = 0


def log(text: str, level: str = "INFO", **attributes: object) -> Step:
    """A log line."""
    return Step("log", text, 0, level, attributes)


def span(text: str, *inner: Step, weight: float = 1.0, **attributes: object) -> Step:
    """A `logger.trace` span with steps inside it."""
    return Step("span", text, weight, attributes=attributes, inner=inner)


def http(method: str, url: str, weight: float = 1.0) -> Step:
    """An instrumented HTTP call."""
    attributes = {
        "http": {"request": {"method": method}, "response": {"status_code": 200}},
        "url": {"full": url},
    }
    return Step("http", f"{method} {url}", weight, attributes=attributes)


def db(statement: str, weight: float = 0.4) -> Step:
    """An instrumented database call."""
    attributes = {"db": {"statement": statement, "system": "postgresql"}}
    return Step("db", " ".join(statement.split()[:4]), weight, attributes=attributes)


def ai(model: str, weight: float = 3.0) -> Step:
    """A call of a language model."""
    return Step("ai", "ai.generateText.doGenerate", weight, attributes={"model": model})


def wait(low_s: float, high_s: float) -> Step:
    """A `wait.for()` of some seconds."""
    return Step("wait", "wait.for()", 0, low=low_s, high=high_s)


def token(low_s: float, high_s: float) -> Step:
    """A wait for a token that is completed after some seconds."""
    return Step("token", "wait.forToken()", 0, low=low_s, high=high_s)


def child(task: str) -> Step:
    """Trigger one run and wait for it."""
    return Step("child", f"{task} triggerAndWait()", 0, task=task, low=1, high=1)


def batch(task: str, low: int, high: int) -> Step:
    """Trigger several runs and wait for all."""
    return Step("batch", f"{task} batchTriggerAndWait()", 0, task=task, low=low, high=high)


def fire(task: str) -> Step:
    """Trigger a run without waiting; it gets its own trace."""
    return Step("fire", f"{task} trigger()", 0, task=task, low=1, high=1)


def lines(text: str, count: int) -> Step:
    """Very many log lines, numbered."""
    return Step("lines", text, 4, "INFO", low=count)


@dataclass(slots=True)
class Placed:
    """A step at its place: milliseconds of compute time since the attempt began."""

    index: int
    step: Step
    start_ms: int
    end_ms: int
    inside: int | None
    failed: bool = False
    # Of one line among many of a step.
    number: int | None = None


def lay_out(
    steps: tuple[Step, ...], seed: int, attempt: int, total_ms: int, broken: int | None
) -> list[Placed]:
    """Spread a body over `total_ms` of compute time; the same seed gives the same places.

    An attempt that fails comes no further than the step that broke.
    """
    rng = Random(mix(seed, attempt, 7))
    placed: list[Placed] = []
    _place(steps if broken is None else steps[: broken + 1], 0, total_ms, None, rng, placed)
    if broken is not None:
        _fail_last(placed)
    return placed


def _place(
    steps: tuple[Step, ...],
    start: int,
    end: int,
    inside: int | None,
    rng: Random,
    out: list[Placed],
) -> None:
    weights = [step.weight * rng.uniform(0.6, 1.4) for step in steps]
    total = sum(weights) or 1.0
    cursor = float(start)
    for step, weight in zip(steps, weights, strict=True):
        length = (end - start) * weight / total
        if step.kind == "lines":
            count = int(step.low)
            for n in range(count):
                at = int(cursor + length * n / count)
                out.append(Placed(len(out), step, at, at, inside, number=n + 1))
            cursor += length
            continue
        placed = Placed(len(out), step, int(cursor), int(cursor + length), inside)
        out.append(placed)
        if step.inner:
            _place(step.inner, placed.start_ms, placed.end_ms, placed.index, rng, out)
        cursor += length


def _fail_last(placed: list[Placed]) -> None:
    for item in reversed(placed):
        if item.step.weight:
            item.failed = True
            if item.inside is not None:
                placed[item.inside].failed = True
            return


class AttemptPlan:
    """The rest of an attempt: how much compute it needs, where it stops, and how it ends.

    `whole_ms` is what its body would have taken, had nothing ended it before its time.
    """

    __slots__ = ("done_ms", "ends", "error", "resumed_ms", "stops", "total_ms", "whole_ms")

    def __init__(
        self, total_ms: int, ends: str, error: int | None = None, whole_ms: int | None = None
    ):
        self.total_ms = total_ms
        self.whole_ms = total_ms if whole_ms is None else whole_ms
        self.ends = ends
        self.error = error
        self.stops: list[Placed] = []
        self.done_ms = 0
        self.resumed_ms = 0

    def hasten(self, speed: float) -> None:
        """Let what is left of it take so much less time."""
        self.total_ms = self._sooner(self.total_ms, speed)
        self.whole_ms = self._sooner(self.whole_ms, speed)
        for placed in self.stops:
            placed.start_ms = self._sooner(placed.start_ms, speed)

    def _sooner(self, at_ms: int, speed: float) -> int:
        return self.done_ms + round((at_ms - self.done_ms) / speed)
