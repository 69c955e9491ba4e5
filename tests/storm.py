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
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from time import monotonic

from tests.terminal import KEYS, Terminal

SCENARIOS = ("calm", "busy", "incident", "giant")
BACKENDS = ("trigger", "trigger", "trigger", "workflow", "recoup")
SIZES = ((80, 24), (120, 40), (200, 60), (60, 12), (20, 5), (3, 2), (300, 100))

LAST_WORDS = (b"Traceback", b"stopped on an error of its own")
ENDS = (None, 0, 130)
"""A ctrl+c that comes when the program has just given the terminal back is a signal."""

PATIENCE_S = 30.0
"""A program that says nothing for this long after a change of size hangs."""

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
    while typed < number:
        if random.random() < 0.04:
            yield Step(size=random.choice(SIZES))
        burst = random.choice((1, 1, 1, 2, 3, 8))
        kinds = random.choices(KINDS, WEIGHTS, k=burst)
        pause_s = random.choice((0.0, 0.01, 0.05, 0.3))
        yield Step(tuple(random.choice(kind) for kind in kinds), pause_s=pause_s)
        typed += burst


def stretch(seed: int, number: int, home: str, keys: int = STRETCH) -> int:
    """Type one stretch; how many steps it took. Raises StormBroke."""
    random = Random(f"{seed} {number}")
    options = [
        "--scenario",
        SCENARIOS[number % len(SCENARIOS)],
        "--seed",
        str(random.randrange(99)),
    ]
    options += ["--backend", BACKENDS[number % len(BACKENDS)], "--runs", "300"]
    command = [sys.executable, "-m", "trigdash", "demo", *options]
    homes = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "BROWSER": "true"}
    done: list[Step] = []
    with Terminal(command, columns=100, rows=30, env=homes, keep_screen=False) as terminal:
        _read_until(terminal, b"\x1b[?2026l", done)
        for step in steps_of(random, keys):
            done.append(step)
            _act(terminal, step, done)
            if terminal.exit_code is not None:
                break
        for _ in range(20):
            if not terminal.read(0.1):
                break
        _check(terminal, done)
    return len(done)


def _act(terminal: Terminal, step: Step, done: Sequence[Step]) -> None:
    if step.size is not None:
        before = len(terminal.output)
        terminal.resize(*step.size)
        _read_on(terminal, lambda: len(terminal.output) > before, done)
    # The program may have ended meanwhile.
    with contextlib.suppress(OSError):
        for key in step.keys:
            terminal.press(key)
    terminal.read(step.pause_s)
    del terminal.output[:-200_000]
    _check(terminal, done)


def _read_until(terminal: Terminal, wanted: bytes, done: Sequence[Step]) -> None:
    _read_on(terminal, lambda: wanted in terminal.output, done)


def _read_on(terminal: Terminal, holds: object, done: Sequence[Step]) -> None:
    assert callable(holds)
    end = monotonic() + PATIENCE_S
    while not holds() and terminal.exit_code is None:
        terminal.read()
        if monotonic() > end:
            # A child of a program that has ended may hold its terminal open: look at what it said.
            _check(terminal, done)
            last = bytes(terminal.output[-2_000:]).decode(errors="replace")
            raise StormBroke(_told(f"nothing is drawn any more\n{last!r}", done))


def _check(terminal: Terminal, done: Sequence[Step]) -> None:
    if terminal.exit_code is not None:
        while terminal.read(0.05):
            pass
    failed = terminal.exit_code not in ENDS
    if failed or any(words in terminal.output for words in LAST_WORDS):
        end = bytes(terminal.output[-6_000:]).decode(errors="replace")
        raise StormBroke(_told(f"exit code {terminal.exit_code}\n{end}", done))


def _told(what: str, done: Sequence[Step]) -> str:
    return f"{what}\nafter {len(done)} steps:\n" + "\n".join(map(str, done))


def storm(seed: int, numbers: Iterator[int], until_s: float, keys: int = STRETCH) -> int:
    """Type stretch after stretch until a monotonic time; how many steps it took."""
    steps = 0
    with tempfile.TemporaryDirectory() as home, contextlib.chdir(home):
        for number in numbers:
            try:
                steps += stretch(seed, number, home, keys)
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
