"""Chaos: a fraction of the requests gets a fault, chosen by a seed or by a plan.

Faults are injected around an application, so they apply to every API that is served. The choice
depends on the seed, the method, the path and how often it was requested, not on the order in which
parallel requests arrive.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from trigdash.simulator.http.injectors import KINDS, Exchange
from trigdash.simulator.world.ids import mix, seed_of

_NAMES = list(KINDS)
_WEIGHTS = [weight for weight, _, _ in KINDS.values()]


class BadPlan(ValueError):
    """A chaos plan that cannot be read; the text says why."""


@dataclass(slots=True)
class PlannedFault:
    """A fault of a plan: for requests that fit, after some, and so many times."""

    fault: str
    method: str | None = None
    path: str = ""
    after: int = 0
    times: int = 1
    seconds: float | None = None

    def takes(self, method: str, path: str) -> bool:
        """Whether this request meets it; counts down."""
        if self.method not in (None, method) or self.path not in path or self.times <= 0:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


def read_plan(text: str) -> list[PlannedFault]:
    """A plan from a JSON list of objects, such as `[{"fault": "lost", "method": "POST"}]`."""
    try:
        items = json.loads(text)
        plan = [PlannedFault(**item) for item in items]
    except (ValueError, TypeError) as problem:
        raise BadPlan(f"not a list of faults: {problem}") from None
    for each in plan:
        if each.fault not in KINDS:
            raise BadPlan(f"unknown fault {each.fault!r}: one of {', '.join(KINDS)}")
    return plan


class Chaos:
    """What is injected into which request; `counts` is how often each fault was."""

    def __init__(self, rate: float = 0.0, seed: int = 1, plan: Iterable[PlannedFault] = ()):
        self.rate = rate
        self.seed = seed
        self.plan = list(plan)
        self.weights = _WEIGHTS
        self.counts: Counter[str] = Counter()
        self.requests = 0
        self._asked: Counter[tuple[str, str]] = Counter()

    def choose(self, method: str, path: str) -> tuple[str, float, random.Random] | None:
        """The fault of a request, its seconds and its luck; None for most."""
        self.requests += 1
        self._asked[method, path] += 1
        seed = mix(self.seed, seed_of(f"{method} {path}"), self._asked[method, path])
        luck = random.Random(seed)
        planned = next((each for each in self.plan if each.takes(method, path)), None)
        if planned is not None:
            name, seconds = planned.fault, planned.seconds
        elif luck.random() < self.rate:
            name, seconds = luck.choices(_NAMES, self.weights)[0], None
        else:
            return None
        self.counts[name] += 1
        return name, KINDS[name][1] if seconds is None else seconds, luck

    async def inject(self, name: str, exchange: Exchange) -> None:
        """Let a request meet its fault; what its client does then is its own affair."""
        try:
            await KINDS[name][2](exchange)
        except (ConnectionError, RuntimeError):
            # The client left, or the connection was cut while something was to be sent.
            return
