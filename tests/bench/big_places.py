"""Big places: each opened and scrolled on a large terminal, in processor time of the dashboard."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

import httpx

from tests.bench.finding import Finding
from tests.bench.measure import drain, settled_cpu_ms
from tests.bench.simulated import child
from tests.terminal import Terminal, process_cpu_s

COLUMNS, ROWS = 300, 100
KEYS = (
    *("down",) * 30, *("pagedown",) * 20, *("up",) * 15, *("pageup",) * 10,
    *("end", "up", "up", "home", "down", "down") * 4,
)  # fmt: skip
"""What is pressed in each place, each round."""


@dataclass(frozen=True)
class Place:
    """One place: how to get there, and how it shows that all of it is there."""

    what: str
    keys: tuple[str, ...]
    """What opens it."""
    there: str
    """What is on screen when it is open."""
    whole: str = ""
    """What is on screen when all of it is loaded; `end` is pressed until then."""
    run: str = ""
    """The run that the dashboard is opened on, by its name in the world."""
    before: tuple[tuple[str, str], ...] = ()
    """Steps on the way: what is waited for, and the key that is pressed then."""
    after: tuple[str, ...] = ()
    """Keys between the opening and those that are measured."""


def _command(line: str) -> tuple[str, ...]:
    return (f":{line}", "enter")


PLACES = (
    Place("2,000 queues", _command("queues"), "queues 2,023"),
    Place("500 limits", _command("limits"), "of 504", "Limits  504"),
    Place("10,000 error groups", _command("errors"), "more on the server", "no more are loaded"),
    Place("a batch of 1,000 runs", _command("batch {batch}"), "1,000 of 1,000 runs"),
    Place("a trace of 100,000 spans in 10 pages", ("t",), "Trace 99,9", run="trace"),
    Place(
        "an output of 10 MB", ("enter",), "225,244 items", run="output",
        before=(("export-archive", "p"), ("stored apart", "end")), after=("l",),
    ),
    Place(
        "an attribute of 128 KB", ("end",), "word word", run="attribute",
        before=(("write-report", "t"),), after=("enter",),
    ),
)  # fmt: skip


def big_places(rounds: int) -> list[Finding]:
    """Each place in a dashboard of its own."""
    with child("-m", "tests.bench.big_world") as (_, world):
        _warm(world)
        return [finding for place in PLACES for finding in _measure(place, world, rounds)]


def _warm(world: dict[str, str]) -> None:
    """Let the world make what it keeps, so that the dashboard does not wait for that."""
    headers = {"Authorization": f"Bearer {world['secret_key']}"}
    path, after = f"/api/v1/runs/{world['trace']}/trace", None
    with httpx.Client(
        base_url=world["url"], headers=headers, timeout=60.0, trust_env=False
    ) as client:
        client.get(path)
        while True:
            params = {"page[size]": "10000"} | ({"page[after]": after} if after else {})
            page = client.get(path, params=params).raise_for_status().json()
            after = page["pagination"].get("next")
            if after is None:
                return


@contextmanager
def _dashboard(place: Place, world: dict[str, str]) -> Iterator[Terminal]:
    command = [sys.executable, "-m", "trigdash", "--rate-share", "1"]
    if place.run:
        command += ["--run", world[place.run]]
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "TRIGGER_API_URL": world["url"],
            "TRIGGER_SECRET_KEY": world["secret_key"],
            "XDG_CONFIG_HOME": folder,
            "XDG_STATE_HOME": folder,
        }
        with Terminal(command, columns=COLUMNS, rows=ROWS, env=env) as terminal:
            terminal.wait_for("run_", 60)
            yield terminal


def _measure(place: Place, world: dict[str, str], rounds: int) -> Iterator[Finding]:
    sys.stderr.write(f"  {place.what} …\n")
    with _dashboard(place, world) as terminal:
        for awaited, key in place.before:
            terminal.wait_for(awaited, 60)
            drain(terminal)
            terminal.press(key)
        drain(terminal, 0.3)
        opened_s, opened_cpu_s = _open(terminal, place, world)
        _load(terminal, place)
        for key in place.after:
            terminal.press(key)
            drain(terminal, 0.3)
        terminal.press("home")
        drain(terminal, 0.3)
        took_ms = [settled_cpu_ms(terminal, key) for _ in range(rounds) for key in KEYS]
    p50_ms, p95_ms = median(took_ms), quantiles(took_ms, n=20)[-1]
    yield Finding.alone("", f"{place.what}: open, wall", opened_s, "s", None)
    yield Finding.alone("", "the same, processor", opened_cpu_s, "s", None)
    yield Finding.alone("", "a key there, processor, p50", p50_ms, "ms", None)
    yield Finding.alone("", "the same, p95", p95_ms, "ms", 50.0)


def _open(terminal: Terminal, place: Place, world: dict[str, str]) -> tuple[float, float]:
    """Seconds until the place is there, on the clock and of the processor."""
    cpu_s, began_s = process_cpu_s(terminal.pid), time.perf_counter()
    for key in place.keys:
        terminal.press(key.format(**world))
    terminal.wait_for(place.there, 120)
    return time.perf_counter() - began_s, process_cpu_s(terminal.pid) - cpu_s


def _load(terminal: Terminal, place: Place) -> None:
    """Go to the end until all is loaded."""
    until_s = time.monotonic() + 300
    while place.whole and place.whole not in terminal.text:
        if time.monotonic() > until_s:
            raise TimeoutError(f"not all of {place.what} was loaded\n{terminal.text}")
        terminal.press("end")
        drain(terminal, 0.2)
