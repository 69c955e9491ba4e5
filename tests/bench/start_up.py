"""B1, B2: from the command to the first painted frame, and to the first rows of real data.

The comparator is the least that any Textual program needs: `import textual.app`.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence

from tests.bench.finding import Finding
from tests.bench.measure import Ratio
from tests.bench.simulated import simulator
from tests.terminal import FRAME_END, Terminal, process_cpu_s

_IMPORT = [sys.executable, "-c", "import textual.app; print('imported', flush=True); input()"]
_DASHBOARD = [sys.executable, "-m", "trigdash"]

Cost = tuple[float, float]
"""Processor milliseconds and wall milliseconds."""


def start_up(rounds: int) -> list[Finding]:
    """Measure both bars in the same rounds: a start shows its first frame, then its first rows."""
    frames: list[Cost] = []
    rows: list[Cost] = []
    imports: list[Cost] = []
    with simulator("--runs", "2000") as served, tempfile.TemporaryDirectory() as folder:
        env = {
            "TRIGGER_API_URL": served["url"],
            "TRIGGER_SECRET_KEY": served["secret_key"],
            "XDG_CONFIG_HOME": folder,
            "XDG_STATE_HOME": folder,
        }
        for _ in range(rounds + 1):
            imports += _costs(_IMPORT, {}, [lambda output: b"imported" in output])
            frame, row = _costs(_DASHBOARD, env, [_framed, lambda output: b"run_" in output])
            frames.append(frame)
            rows.append(row)
    return [
        *_findings("B1", "first painted frame", frames[1:], imports[1:], 1.6, 1.3),
        *_findings("B2", "first rows from a loopback server", rows[1:], imports[1:], 2.8, 2.3),
    ]


def _framed(output: bytearray) -> bool:
    """Whether a whole frame with the footer's last key in it was painted."""
    shown = output.find(b" help")
    return shown >= 0 and output.find(FRAME_END, shown) >= 0


def _costs(
    command: Sequence[str], env: Mapping[str, str], stages: Sequence[Callable[[bytearray], bool]]
) -> list[Cost]:
    """What it cost from the start of a command until each stage was seen on the terminal."""
    start = time.perf_counter()
    costs: list[Cost] = []
    with Terminal(command, columns=120, rows=40, env=env, keep_screen=False) as terminal:
        for harness in stages:
            while not harness(terminal.output):
                terminal.read(0.05)
                if time.perf_counter() - start > 60:
                    raise TimeoutError(f"{command[1:]} did not come up")
            wall_ms = (time.perf_counter() - start) * 1000
            costs.append((process_cpu_s(terminal.pid) * 1000, wall_ms))
    return costs


def _findings(
    bar: str, what: str, ours: list[Cost], theirs: list[Cost], must: float, stretch: float
) -> list[Finding]:
    found = []
    for at, kind in enumerate(("processor", "wall")):
        ratio = Ratio(tuple(cost[at] for cost in ours), tuple(cost[at] for cost in theirs))
        found.append(
            Finding.of(bar, f"{what}, {kind}", "import textual.app", ratio, "ms", must, stretch)
        )
    return found
