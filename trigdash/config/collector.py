"""When garbage is looked for: not while modules are imported, and seldom after that."""

import gc

YOUNG_OBJECTS = 20_000
"""New objects after which garbage is looked for. A poll makes and drops a few thousand, so with
Python's 700 each poll looked three times, each time through the new tuple of all rows held: with
100,000 rows that was a sixth of all the work of a live dashboard."""


def collect_again() -> None:
    """All is imported: what is here now stays, and need not be looked at by any collection. Not
    collected before: that would hold up the screen."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)
        gc.enable()
