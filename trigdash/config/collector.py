"""When garbage is collected: not during imports, and never among imported modules."""

import gc
from collections.abc import Callable

PYTHONS_OWN = 700
"""New objects between collections, as is Python's default. Parsed answers form small reference
cycles that hold whole pages, so a command that reads thousands of pages needs them collected
soon."""

PYTHONS_OLD = 10


def collect_again(young: int = PYTHONS_OWN, middle: int = 10, old: int = PYTHONS_OLD) -> None:
    """Start collecting, now that everything is imported: the present objects stay, and no
    collection needs to visit them. Nothing is collected before this, since that would delay the
    screen.

    A collection runs after `young` new objects; every `middle` of these, one of the next
    generation; and at most every `old` of those, a full one."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(young, middle, old)
        gc.enable()


def collect_at_rest(forget: Callable[[], object]) -> None:
    """Run a full collection while nobody waits, if there are many new objects since the last one.
    Closed screens are reference cycles, so their memory is not free until then. `forget` is called
    first, to empty caches that would keep them."""
    seldom = gc.get_threshold()[2]
    if gc.isenabled() and seldom > PYTHONS_OLD and gc.get_count()[2] >= seldom // 20:
        forget()
        gc.collect()
