"""B12, B13, B14: a live dashboard, the key pressed meanwhile, and standing still."""

import sys
import tempfile
import time
from statistics import median, quantiles

from tests.bench.finding import Finding
from tests.bench.measure import Ratio, drain, frame_after, settled_cpu_ms
from tests.bench.simulated import child
from tests.terminal import Terminal, process_cpu_s

HELD = 100_000
STOCK_HELD = 1_000
KEY_PAUSE_S = 0.08
"""Between keys: faster than reading, slower than the repeat of a keyboard."""


def live(rounds: int) -> list[Finding]:
    """Both dashboards live side by side, each on a server of its own."""
    with (
        child("-m", "tests.bench.server", str(HELD)) as (_, ours_at),
        child("-m", "tests.bench.server", str(STOCK_HELD)) as (_, theirs_at),
        tempfile.TemporaryDirectory() as folder,
    ):
        env = {
            "TRIGGER_API_URL": ours_at["url"],
            "TRIGGER_SECRET_KEY": "tr_prod_" + "b" * 24,
            "XDG_CONFIG_HOME": folder,
            "XDG_STATE_HOME": folder,
        }
        ours_command = [sys.executable, "-m", "tests.bench.dashboard", str(HELD)]
        theirs_command = [
            *(sys.executable, "-m", "tests.bench.stock_live"),
            *(str(STOCK_HELD), theirs_at["url"]),
        ]
        with (
            _screen(ours_command, env) as ours,
            _screen(theirs_command, {}) as theirs,
        ):
            _until_held(ours, theirs)
            return [
                *_load(ours, theirs, 6.0 * rounds),
                *_keys(ours, theirs, 20 * rounds),
                _sort(ours, 2 * rounds),
            ]


def idle(rounds: int) -> list[Finding]:
    """The dashboard on a server where nothing happens, polled every two seconds."""
    with (
        child("-m", "tests.bench.server", "0") as (_, at),
        tempfile.TemporaryDirectory() as folder,
    ):
        env = {
            "TRIGGER_API_URL": at["url"],
            "TRIGGER_SECRET_KEY": "tr_prod_" + "b" * 24,
            "XDG_CONFIG_HOME": folder,
            "XDG_STATE_HOME": folder,
        }
        with _screen([sys.executable, "-m", "trigdash"], env) as terminal:
            _watch([terminal], 4.0)
            terminal.press("a")  # polling pauses
            _watch([terminal], 1.0)
            paused = _watch([terminal], 4.0 * rounds)[0]
            terminal.press("a")
            _watch([terminal], 1.0)
            polling = _watch([terminal], 4.0 * rounds)[0]
    return [
        Finding.alone("B14", "idle, polling paused", paused[0] / 10, "% of a core", 0.5, 0.3),
        Finding.alone("B14", "idle, empty list polled", polling[0] / 10, "% of a core", None),
    ]


def _screen(command: list[str], env: dict[str, str]) -> Terminal:
    return Terminal(command, columns=160, rows=45, env=env, keep_screen=False)


def _until_held(*terminals: Terminal) -> None:
    deadline = time.monotonic() + 180
    while not all(b"held" in terminal.output for terminal in terminals):
        for terminal in terminals:
            terminal.read(0.01)
            if terminal.exit_code is not None:
                raise RuntimeError(terminal.output[-3000:].decode("utf-8", "replace"))
        if time.monotonic() > deadline:
            raise TimeoutError("the rows did not load")
    _watch(list(terminals), 3.0)


def _watch(terminals: list[Terminal], seconds: float) -> list[tuple[float, float]]:
    """For each terminal, processor milliseconds and bytes a second while nobody touches it."""
    before = [(process_cpu_s(each.pid), len(each.output)) for each in terminals]
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        for terminal in terminals:
            terminal.read(0.02)
    took_s = time.perf_counter() - start
    return [
        ((process_cpu_s(each.pid) - cpu_s) * 1000 / took_s, (len(each.output) - size) / took_s)
        for each, (cpu_s, size) in zip(terminals, before, strict=True)
    ]


def _load(ours: Terminal, theirs: Terminal, seconds: float) -> list[Finding]:
    (cpu, size), (stock_cpu, stock_size) = _watch([ours, theirs], seconds)
    sizes = Ratio((size / 1024,), (stock_size / 1024,))
    stock = f"DataTable, {STOCK_HELD:,} rows"
    return [
        Finding.alone("B12", f"live, {HELD:,} rows", cpu / 10, "% of a core", 2.0, 1.0),
        Finding.of("B12", "the same", stock, Ratio((cpu,), (stock_cpu,)), "ms/s", None),
        Finding.of("B12", "written to the terminal", stock, sizes, "KB/s", None),
    ]


def _keys(ours: Terminal, theirs: Terminal, times: int) -> list[Finding]:
    """Both sides answer the same keys, one press in turn."""
    waits: tuple[list[float], list[float]] = ([], [])
    for number in range(times):
        key = "down" if number % 40 < 30 else "up"
        for terminal, wait in zip((ours, theirs), waits, strict=True):
            wait.append(frame_after(terminal, key))
            _watch([ours, theirs], KEY_PAUSE_S / 2)
    found = []
    for name, at, bars in (
        ("p50", median, (None, None)),
        ("p95", lambda each: quantiles(each, n=20)[-1], (0.6, 0.35)),
    ):
        ratio = Ratio((at(waits[0]),), (at(waits[1]),))
        what = f"key to frame meanwhile, {name}"
        stock = f"DataTable, {STOCK_HELD:,} rows"
        found.append(Finding.of("B13", what, stock, ratio, "ms", *bars))
    drain(ours)
    return found


def _sort(ours: Terminal, times: int) -> Finding:
    """`:sort cost` by turns down and up, with the poll that may fall into it."""
    took_ms = []
    for _ in range(times):
        ours.press(":sort cost")
        drain(ours)
        took_ms.append(settled_cpu_ms(ours, "enter"))
    return Finding.alone("", f":sort cost of {HELD:,} rows", median(took_ms), "ms", None, 60.0)
