"""When garbage is looked for: not while modules are imported, and of them never."""

import gc

PYTHONS_OWN = 700
"""New objects after which garbage is looked for, as Python has it. Answers end in small rings that
hold whole pages: a command that reads thousands of pages wants them back soon."""

PYTHONS_OLD = 10


def collect_again(young: int = PYTHONS_OWN, middle: int = 10, old: int = PYTHONS_OLD) -> None:
    """All is imported: what is here now stays, and need not be looked at by any collection. Not
    collected before: that would hold up the screen.

    Garbage is looked for after so many `young` objects; after so many looks among what outlived
    one of them; and after so many of these, at most, among all."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(young, middle, old)
        gc.enable()


def collect_at_rest() -> None:
    """Look through all objects now that nobody waits, if many have come since that was last done.
    Screens that were left are rings of objects: until then their memory is not free."""
    seldom = gc.get_threshold()[2]
    if gc.isenabled() and seldom > PYTHONS_OLD and gc.get_count()[2] >= seldom // 8:
        gc.collect()
