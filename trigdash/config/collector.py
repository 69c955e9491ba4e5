"""When garbage is looked for: not while modules are imported, and of them never."""

import gc

PYTHONS_OWN = 700
"""New objects after which garbage is looked for, as Python has it. Answers end in small rings that
hold whole pages: a command that reads thousands of pages wants them back soon."""


def collect_again(young_objects: int = PYTHONS_OWN) -> None:
    """All is imported: what is here now stays, and need not be looked at by any collection. Not
    collected before: that would hold up the screen."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(young_objects)
        gc.enable()
