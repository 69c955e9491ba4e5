"""Drift: recorded answers, mutated, read by every parser and shown on every screen.

    python -m tests.drift --mutations 50000 --shown 500 --seed 7

Prints what became of them. Whatever is neither a value nor the error for an unreadable answer, and
each list that loses more than its odd rows, is a fault: exit code 1, with a mutation that leads
there.
"""

import argparse
import asyncio
import sys
from time import monotonic

from tests.drift.readers import readers
from tests.drift.run import drift
from tests.drift.screens import through_screens

LONGEST = 60_000
"""Longer answers repeat what shorter ones have, and take their time."""


def main() -> int:
    """The command; 1 when there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.drift", description=__doc__)
    parser.add_argument("--mutations", type=int, default=50_000, help="in all")
    parser.add_argument("--shown", type=int, default=500, help="through the screens")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    began_s = monotonic()
    found = readers(LONGEST)
    tally = drift(found, -(-args.mutations // (len(found) + 1)), args.seed)
    say = sys.stdout.write
    say(
        f"{tally.mutations} mutations of {sum(len(each.bodies) for each in found)} answers for "
        f"{len(found)} readers in {monotonic() - began_s:.0f} s: {tally.read} read, "
        f"{tally.unreadable} unreadable in words, {tally.refusals} refusals in words, "
        f"{tally.lists} lists kept their other rows\n"
    )
    for fault, times in tally.faults.most_common():
        say(f"FAULT {times}x {fault}\n    {tally.examples[fault]}\n")
    if args.shown:
        began_s = monotonic()
        shown = asyncio.run(through_screens(args.shown, args.seed))
        say(f"{shown.total()} through the screens in {monotonic() - began_s:.0f} s, of ")
        say(f"{len(shown)} kinds\n")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
