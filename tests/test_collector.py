"""When garbage is looked for: young objects often, all of them while nobody waits."""

from __future__ import annotations

import subprocess
import sys

RINGS = """
import gc, weakref
from trigdash.commands.dashboard import COLLECTING
from trigdash.config.collector import collect_again, collect_at_rest

class Ring:
    def __init__(self):
        self.me = self

gc.disable()
collect_again(*COLLECTING)
assert gc.get_threshold() == COLLECTING
ring = Ring()
gone = weakref.ref(ring)
kept = [ring]
gc.collect(0)
gc.collect(1)  # it is old now
del ring
collect_at_rest(kept.clear)
assert gone() is not None, "too few looks since the last one through all objects"
for _ in range(COLLECTING[2] // 20):
    gc.collect(1)
collect_at_rest(kept.clear)
assert gone() is None
"""


def test_what_was_left_is_found_at_rest_once_there_is_much() -> None:
    subprocess.run([sys.executable, "-c", RINGS], check=True, timeout=60)
