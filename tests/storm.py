"""A storm of keys on the real program: every key, on every screen and dialog, in a terminal that
changes its size.

    python -m tests.storm --minutes 10 --seed 7

The program runs in a pseudo-terminal on the demo's simulator, each stretch on another scenario.
What is typed depends on the seed alone, not on what is on screen. A traceback, a wrong exit code or
silence after a change of size ends the storm with the keys that led there; `--seed S --first N
--stretches 1` types a stretch again.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from time import monotonic

from tests.terminal import FRAME_END, KEYS, Terminal

SCENARIOS = ("calm", "busy", "incident", "giant")
BACKENDS = ("trigger", "trigger", "trigger", "workflow", "recoup")
SIZES = ((80, 24), (120, 40), (200, 60), (60, 12), (20, 5), (3, 2), (300, 100))

LAST_WORDS = (b"Traceback", b"stopped on an error of its own", b"replaced on disk")
ENDS = (None, 0, 130)
"""A ctrl+c that comes when the program has just given the terminal back is a signal."""

PATIENCE_S = 30.0
"""A program that says nothing for this long after a change of size hangs."""

TELLING_TASKS = str(Path(__file__).with_name("telling_tasks.py"))

FIRST_SIZE = (100, 30)

STRETCH = 400
"""Keys until the program is started anew."""

PRINTABLE = [chr(code) for code in range(32, 127)]
NAMED = [name for name in KEYS if name not in ("ctrl+q", "ctrl+z")]
PASTE = "\x1b[200~a\nb\x1b[0m:q\x1b[201~"
ODD = ["й", "Ж", "漢", "e\u0301", "\x1b[1;5C", "\x1bb", PASTE, "\x00", "\x1f"]
MOVING = ["enter", "enter", "esc", "esc", "esc", "down", "up", "tab", "j", "k", "pagedown", "end"]
GOING = [*"12345678tedpr", "]", "[", "ctrl+e", "ctrl+p", "?", ":", "/", "B", "O"]
WRITING = [*"CRTDMXSPLUAyxe", "ctrl+s", "ctrl+r", "ctrl+a", "space"]
COMMANDS = [
    ":runs status:failed\r", ":queues\r", ":batches\r", ":actions\r", ":env stg\r", ":env prod\r",
    ":columns task,status\r", ":theme light\r", ":theme dark\r", ":help\r", ":bulks\r", ":save x\r",
    ":view x\r", ":errors\r", ":tasks\r", ":deployments\r", ":schedules\r", ":tokens\r",
]  # fmt: skip
KINDS = (PRINTABLE, NAMED, ODD, MOVING, GOING, WRITING, COMMANDS, ["q"], ["ctrl+q"])
WEIGHTS = (14, 12, 2, 40, 18, 12, 5, 0.6, 0.1)


@dataclass(frozen=True, slots=True)
class Step:
    """Keys that are typed at once, or another size."""

    keys: tuple[str, ...] = ()
    size: tuple[int, int] | None = None
    pause_s: float = 0.0
    """How long the program may take before the next step."""

    def __str__(self) -> str:
        return f"size {self.size}" if self.size else " ".join(map(repr, self.keys))


class StormBroke(AssertionError):
    """The program failed; says what led there."""


def steps_of(random: Random, number: int) -> Iterator[Step]:
    """What happens in a stretch of about so many keys."""
    typed = 0
    size = FIRST_SIZE
    while typed < number:
        if random.random() < 0.04:
            # The same size again is no change: a still screen draws nothing then.
            size = random.choice([each for each in SIZES if each != size])
            yield Step(size=size)
        burst = random.choice((1, 1, 1, 2, 3, 8))
        kinds = random.choices(KINDS, WEIGHTS, k=burst)
        pause_s = random.choice((0.0, 0.01, 0.05, 0.3))
        yield Step(tuple(random.choice(kind) for kind in kinds), pause_s=pause_s)
        typed += burst


def stretch(seed: int, number: int, home: Path, keys: int = STRETCH) -> int:
    """Type one stretch; how many steps it took. Raises StormBroke."""
    random = Random(f"{seed} {number}")
    told = home / "tasks"
    options = [
        *("--scenario", SCENARIOS[number % len(SCENARIOS)], "--seed", str(random.randrange(99))),
        *("--backend", BACKENDS[number % len(BACKENDS)], "--runs", "300"),
    ]
    command = [sys.executable, TELLING_TASKS, str(told), "demo", *options]
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(home))
    # What is opened outside ends at once: a pager would take the keys that follow.
    outside = dict.fromkeys(("BROWSER", "VISUAL", "EDITOR", "PAGER"), "true")
    environment = {**homes, **outside}
    columns, rows = FIRST_SIZE
    with Terminal(
        command, columns=columns, rows=rows, env=environment, keep_screen=False
    ) as terminal:
        session = Session(terminal, told)
        session.read_until_drawn()
        for step in steps_of(random, keys):
            session.act(step)
            if terminal.exit_code is not None:
                break
        for _ in range(20):
            if not terminal.read(0.1):
                break
        session.check()
    return len(session.done)


@dataclass
class Session:
    """The program in its terminal, and what was done to it."""

    terminal: Terminal
    tasks_file: Path
    done: list[Step] = field(default_factory=list)

    def act(self, step: Step) -> None:
        """Take a step and look at what came of it. Raises StormBroke."""
        self.done.append(step)
        terminal = self.terminal
        if step.size is not None:
            terminal.output.clear()
            terminal.resize(*step.size)
            self.read_until_drawn()
        # The program may have ended meanwhile.
        with contextlib.suppress(OSError):
            for key in step.keys:
                terminal.press(key)
        terminal.read(step.pause_s)
        del terminal.output[:-200_000]
        self.check()

    def read_until_drawn(self) -> None:
        """Read on until a frame is there or the program has ended. Raises StormBroke."""
        terminal = self.terminal
        end = monotonic() + PATIENCE_S
        while FRAME_END not in terminal.output and terminal.exit_code is None:
            terminal.read()
            if monotonic() > end:
                # A child of a program that has ended may hold its terminal open.
                self.check()
                raise self._broke(f"nothing is drawn any more\n{self._tasks()}")

    def check(self) -> None:
        """Raise StormBroke if the program failed."""
        terminal = self.terminal
        if terminal.exit_code is not None:
            while terminal.read(0.05):
                pass
        failed = terminal.exit_code not in ENDS
        if failed or any(words in terminal.output for words in LAST_WORDS):
            raise self._broke(f"exit code {terminal.exit_code}")

    def _tasks(self) -> str:
        """What the program says that it is at."""
        state = Path(f"/proc/{self.terminal.pid}/status").read_text()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.terminal.pid, signal.SIGUSR1)
        self.terminal.read(2.0)
        told = self.tasks_file
        return f"{state}\n{told.read_text() if told.exists() else 'no word of its tasks'}"

    def _broke(self, what: str) -> StormBroke:
        last = bytes(self.terminal.output[-6_000:]).decode(errors="replace")
        steps = "\n".join(map(str, self.done))
        return StormBroke(f"{what}\n{last}\nafter {len(self.done)} steps:\n{steps}")


def storm(seed: int, numbers: Iterator[int], until_s: float, keys: int = STRETCH) -> int:
    """Type stretch after stretch until a monotonic time; how many steps it took."""
    steps = 0
    with tempfile.TemporaryDirectory() as home, contextlib.chdir(home):
        for number in numbers:
            try:
                steps += stretch(seed, number, Path(home), keys)
            except StormBroke as broken:
                raise StormBroke(f"seed {seed}, stretch {number}: {broken}") from None
            if monotonic() > until_s:
                break
    return steps


def main() -> int:
    """The command; 1 when the program failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--first", type=int, default=0, help="number of the first stretch")
    parser.add_argument("--stretches", type=int, help="how many at most")
    args = parser.parse_args()
    stop = None if args.stretches is None else args.first + args.stretches
    numbers = count(args.first) if stop is None else iter(range(args.first, stop))
    try:
        steps = storm(args.seed, numbers, monotonic() + args.minutes * 60)
    except StormBroke as broken:
        sys.stdout.write(f"{broken}\n")
        return 1
    sys.stdout.write(f"{steps} steps, no trouble\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
