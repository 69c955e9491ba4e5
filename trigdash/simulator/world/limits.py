"""Concurrency limits (servers from 4.7 on): what holds runs of V2 queues.

A limit is named and shared by tasks, or inline: then it belongs to one task and is named
`task/<id>`. A run starts when each of its limits has room in both bounds.
"""

from dataclasses import dataclass

from trigdash.simulator.world.ids import friendly, mix, seed_of
from trigdash.simulator.world.queues import Places


@dataclass(slots=True)
class Limits:
    """How many runs an environment executes at once; bursts may exceed the plain limit."""

    concurrency: int
    burst_factor: float = 2.0


MOST = 100_000
"""The highest bound."""


@dataclass(frozen=True, slots=True)
class LimitDeclaration:
    """A limit as code declares it: for each concurrency key, in total, or both."""

    name: str
    per_key: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Concurrency:
    """The limits that a task declares: its inline bounds and up to two named limits."""

    per_key: int | None = None
    total: int | None = None
    limits: tuple[LimitDeclaration, ...] = ()


@dataclass(slots=True)
class Bound:
    """One bound of a limit; an override keeps the declared value."""

    base: int | None
    override: int | None = None
    overridden_ms: int | None = None

    @property
    def stored(self) -> int | None:
        return self.base if self.override is None else self.override

    def current(self, most: int) -> int | None:
        """What is enforced: never more than the environment's limit."""
        stored = self.stored
        return None if stored is None else min(stored, most)


class ConcurrencyLimit(Places):
    """One limit of an environment, with the runs that hold it and those that wait for it."""

    __slots__ = ("id", "key_overrides", "name", "paused", "per_key", "total", "waiting")

    def __init__(self, declaration: LimitDeclaration, seed: int):
        super().__init__()
        self.name = declaration.name
        self.id = f"climit_{friendly(mix(seed, seed_of(self.stored_name)))}"
        self.per_key = Bound(declaration.per_key)
        self.total = Bound(declaration.total)
        self.paused = False
        self.waiting = 0
        # By concurrency key: the bound and when it lapses.
        self.key_overrides: dict[str, tuple[int, int]] = {}

    @property
    def stored_name(self) -> str:
        """The name that lists are sorted by: named limits come before inline ones."""
        return self.name if self.name.startswith("task/") else f"limit/{self.name}"

    @property
    def is_overridden(self) -> bool:
        return self.per_key.override is not None or self.total.override is not None

    def key_override(self, key: str | None, now_ms: int) -> tuple[int, int] | None:
        """The override of one key and its expiry, unless it lapsed."""
        found = self.key_overrides.get(key) if key is not None else None
        return found if found is not None and found[1] > now_ms else None

    def has_room(self, key: str | None, now_ms: int, most: int) -> bool:
        """Whether one more run with this key may start; `most` is the environment's limit."""
        if self.paused:
            return False
        total = self.total.current(most)
        if total is not None and self.running >= total:
            return False
        override = self.key_override(key, now_ms)
        per_key = self.per_key.current(most) if override is None else min(override[0], most)
        return per_key is None or self.key_running.get(key, 0) < per_key


Known = dict[str, ConcurrencyLimit]


def declare(known: Known, task_id: str, concurrency: Concurrency, seed: int) -> None:
    """Add the limits that a task declares to those of an environment."""
    inline = LimitDeclaration(f"task/{task_id}", concurrency.per_key, concurrency.total)
    for each in (inline, *concurrency.limits):
        if each.per_key is not None or each.total is not None:
            known.setdefault(each.name, ConcurrencyLimit(each, seed))


def held_by(
    known: Known, task_id: str, concurrency: Concurrency | None, named: tuple[str, ...] | None
) -> tuple[ConcurrencyLimit, ...]:
    """The limits that a run holds: its task's inline one, and named ones.

    `named` replaces the named limits that the task declares.
    """
    if named is None:
        named = tuple(each.name for each in concurrency.limits) if concurrency else ()
    return tuple(known[name] for name in (f"task/{task_id}", *named) if name in known)
