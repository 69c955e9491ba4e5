"""What happens in a stretch, from its seed alone: keys, sizes, stops, switches, outages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random

from tests.storm import KINDS, MOVING, WEIGHTS
from trigdash.simulator.http.injectors import KINDS as FAULTS

NARROWEST, WIDEST = (20, 6), (300, 100)
USUAL = ((80, 24), (120, 40), (200, 60), NARROWEST, WIDEST)

SWITCHES = (
    ":env stg\r", ":env prod\r", ":env dev\r", ":env preview\r",
    ":profile flows\r", ":profile newest\r", ":profile cloud\r",
)  # fmt: skip

VISITS = (
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
    *(f":{noun}\r" for noun in (
        "tokens", "variables", "environments", "alerts", "webhooks", "deliveries", "sessions",
        "actions", "bulks", "runs", "runs status:failed", "runs status:executing",
    )),
)  # fmt: skip

OPEN_A_RUN = (("1",), ("enter",), tuple("depr"), tuple("tW"))

PROBE = "?"
"""Draws wherever one is: it opens the help, or is typed."""

RUNS = ("esc", "esc", "esc", "1", "down")
WRITES = (
    (*RUNS, "R", "y"), (*RUNS, "C", "y"), (*RUNS, "T", "soak", "enter"), (*RUNS, "R", "enter"),
    (*RUNS, "space", "space", "space", "C", "y"), (*RUNS, "space", "space", "R", "y"),
    (*RUNS, "D", "1h", "enter"), (*RUNS, "C", "n"), ("esc", "esc", "2", "down", "P", "y"),
    ("esc", "esc", "2", "down", "P", "y", "P", "y"), ("esc", "esc", "2", "L", "3", "enter", "y"),
    ("esc", "esc", "7", "down", "x", "y"), ("esc", ":tokens\r", "x", "y"), ("R", "y"), ("C", "y"),
)  # fmt: skip
"""Keys that confirm an action where there is one to confirm, and some that do not."""

REFUSALS = frozenset({"unauthorized", "forbidden"})
"""Faults after which the program waits for its user: it cannot recover by itself."""


class Kind(StrEnum):
    """What a step does."""

    KEYS = "keys"
    SIZE = "size"
    STOP = "stop"
    """The process is stopped for a while and goes on, as a lid that closes."""
    SWITCH = "switch"
    PROBE = "probe"
    """One key whose answer is waited for: its latency counts."""
    OUTAGE = "outage"
    """Every request meets one fault for a while; then the run list must be live by itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done to the program."""

    kind: Kind
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (0, 0)
    pause_s: float = 0.0
    """How long the program may take before the next step."""
    fault: str = ""
    gap_s: float = 0.0
    """Between keys: a dialog takes no key that was typed before it was seen."""

    def to_json(self) -> str:
        """One line, for a file of steps."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> Step:
        """The step of a line."""
        raw = json.loads(line)
        listed = {"kind": Kind(raw["kind"]), "keys": tuple(raw["keys"]), "size": tuple(raw["size"])}
        return cls(**(raw | listed))


PAUSES_S = (0.0, 0.01, 0.05, 0.3, 0.3, 1.0)


def steps_of(random: Random, keys: int) -> Iterator[Step]:
    """What happens in a stretch of about so many keys."""
    typed = 0
    while typed < keys:
        step = _step(random)
        typed += len(step.keys) or 1
        yield step


def _step(random: Random) -> Step:
    luck = random.random()
    pause_s = random.choice(PAUSES_S)
    if luck < 0.05:
        return Step(Kind.SIZE, size=_size(random), pause_s=pause_s)
    if luck < 0.062:
        return Step(Kind.STOP, pause_s=random.uniform(0.2, 4.0))
    if luck < 0.075:
        return Step(Kind.SWITCH, (random.choice(SWITCHES),), pause_s=1.0)
    if luck < 0.20:
        return Step(Kind.PROBE, (PROBE,))
    if luck < 0.21:
        kinds = sorted(FAULTS.keys() - REFUSALS)
        return Step(Kind.OUTAGE, fault=random.choice(kinds), pause_s=random.uniform(2.0, 6.0))
    if luck < 0.26:
        return Step(Kind.KEYS, random.choice(WRITES), pause_s=0.3, gap_s=0.3)
    if luck < 0.34:
        return Step(Kind.KEYS, ("esc", random.choice(VISITS)), pause_s=0.3)
    if luck < 0.38:
        return Step(Kind.KEYS, random.choice(OPEN_A_RUN), pause_s=0.3)
    if luck < 0.5:
        return Step(Kind.KEYS, (random.choice(MOVING),), pause_s=pause_s)
    burst = random.choice((1, 1, 1, 2, 3, 8))
    chosen = random.choices(KINDS, WEIGHTS, k=burst)
    return Step(Kind.KEYS, tuple(random.choice(kind) for kind in chosen), pause_s=pause_s)


def _size(random: Random) -> tuple[int, int]:
    if random.random() < 0.5:
        return random.choice(USUAL)
    (least_x, least_y), (most_x, most_y) = NARROWEST, WIDEST
    return random.randint(least_x, most_x), random.randint(least_y, most_y)
