"""The soak: hours of a hostile world on the real program, in minutes.

    python -m tests.soak --minutes 60 --seed 7

Each stretch plays random keys, sizes, stops, switches of the environment and outages on the program
in a pseudo-terminal, against a simulator under chaos. What is played depends on the seed and the
stretch's number alone. A traceback, a wrong exit code, silence, a list that does not recover, or a
write that was not confirmed ends the soak with the fewest steps found that lead there. The figures
so far are told after each stretch, as a table for `docs/reliability.md`; ctrl+c ends it after the
step under way, compares the writes and tells them.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import count, islice
from pathlib import Path
from random import Random
from time import monotonic
from types import FrameType

from tests.soak.commands import trouble_of, write
from tests.soak.minimize import minimized
from tests.soak.player import Player, SoakBroke
from tests.soak.stage import Stage, staged
from tests.soak.steps import Step, steps_of
from tests.soak.tally import Tally

STRETCH_KEYS = 3_000
CHAOS = 0.15
COMMANDS = 6
"""Reads and writes of the command line at the end of each stretch."""


class Soak:
    """Stretches of one seed, and their figures."""

    def __init__(
        self, seed: int, chaos: float = CHAOS, keys: int = STRETCH_KEYS, commands: int = COMMANDS
    ) -> None:
        self.tally = Tally()
        self._seed = seed
        self._chaos = chaos
        self._keys = keys
        self._commands = commands

    def stretch(self, number: int, may_go_on: Callable[[], bool] = lambda: True) -> None:
        """Play one stretch while it may go on. Raises SoakBroke with the steps as `done`."""
        steps = steps_of(Random(f"{self._seed} {number}"), self._keys)
        self.tally.stretches += 1
        self._play(steps, number, self.tally, may_go_on)

    def fewest(self, steps: Sequence[Step], number: int, within_s: float) -> tuple[list[Step], str]:
        """The fewest of some steps that still fail on a fresh stage of a stretch, and how."""
        end_s = monotonic() + within_s
        how = "as above"

        def fails(few: Sequence[Step]) -> bool:
            nonlocal how
            try:
                self._play(few, number, Tally())
            except SoakBroke as broken:
                how = str(broken)
                return True
            return False

        return minimized(steps, fails, lambda: monotonic() < end_s), how

    def _command(self, stage: Stage, luck: Random, tally: Tally) -> None:
        """Let the command line go through the same chaos."""
        for _ in range(self._commands):
            ended, wrong = trouble_of(stage, luck)
            tally.commands[ended] += 1
            if wrong:
                raise SoakBroke(wrong)
            tally.commands[write(stage, luck)] += 1

    def _play(
        self,
        steps: Iterable[Step],
        number: int,
        tally: Tally,
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        began_s = monotonic()
        luck = Random(f"stage {self._seed} {number}")
        with (
            tempfile.TemporaryDirectory() as home,
            contextlib.chdir(home),
            staged(Path(home), luck, number, self._chaos) as stage,
        ):
            player = Player(stage, tally)
            try:
                player.play(steps, may_go_on)
                if may_go_on():
                    self._command(stage, luck, tally)
                player.compare_writes()
            except SoakBroke as broken:
                broken.done = tuple(player.done)
                raise
            finally:
                tally.add_faults(stage.told("faults"))
                tally.seconds += monotonic() - began_s


class Patience:
    """Until when one may go on: some minutes, or the first SIGINT. A second one interrupts."""

    def __init__(self, minutes: float) -> None:
        self._until_s = monotonic() + minutes * 60
        signal.signal(signal.SIGINT, self._stop)

    def __call__(self) -> bool:
        return monotonic() < self._until_s

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._until_s = 0.0
        signal.signal(signal.SIGINT, signal.default_int_handler)


def soak(args: argparse.Namespace) -> int:
    """Play until the time is over; the exit code."""
    played = Soak(args.seed, args.chaos, args.keys)
    may_go_on = Patience(args.minutes)
    for number in islice(count(args.first), args.stretches):
        if not may_go_on():
            break
        try:
            played.stretch(number, may_go_on)
        except SoakBroke as broken:
            played.tally.failures += 1
            _say(f"seed {args.seed}, stretch {number}: {broken}\n{_figures(played.tally)}")
            _say(f"after {len(broken.done)} steps; the fewest that were found:")
            fewest, how = played.fewest(broken.done, number, args.shrink * 60)
            _say("\n".join(step.to_json() for step in fewest))
            _say(f"fails: {how}")
            return 1
        _say(f"after stretch {number} of seed {args.seed}:\n\n{_figures(played.tally)}\n")
    return 0


def _figures(tally: Tally) -> str:
    return f"{tally.text()}\n\n{tally.notes()}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """The command; 1 when the program failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--chaos", type=float, default=CHAOS, help="share of requests at fault")
    parser.add_argument("--keys", type=int, default=STRETCH_KEYS, help="keys of a stretch, about")
    parser.add_argument("--first", type=int, default=0, help="number of the first stretch")
    parser.add_argument("--stretches", type=int, help="how many at most")
    parser.add_argument("--shrink", type=float, default=5.0, help="minutes to look for the fewest")
    return soak(parser.parse_args())


if __name__ == "__main__":
    raise SystemExit(main())
