"""B17, B18: a command as a script starts it, and how much memory a long list takes.

The comparator of the start is the least that any HTTP client needs: `import httpx`.
"""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from tests.bench.finding import Finding
from tests.bench.measure import Ratio
from tests.bench.simulated import child, child_environment, simulator

_IMPORT = [sys.executable, "-c", "import httpx"]
_COMMANDS = {
    "runs list": ("runs", "list"),
    "queues list": ("queues", "list"),
    "runs list --help": ("runs", "list", "--help"),
}


def commands(rounds: int) -> list[Finding]:
    """Measure each command in turn with the import, each as a whole process."""
    ours: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    theirs: list[float] = []
    with simulator("--runs", "2000") as served, tempfile.TemporaryDirectory() as folder:
        env = {
            **child_environment(),
            "TRIGGER_API_URL": served["url"],
            "TRIGGER_SECRET_KEY": served["secret_key"],
            "XDG_CONFIG_HOME": folder,
            "XDG_STATE_HOME": folder,
        }
        for _ in range(rounds + 1):
            theirs.append(_processor_ms(_IMPORT, env))
            for name, words in _COMMANDS.items():
                ours[name].append(_processor_ms([sys.executable, "-m", "trigdash", *words], env))
    return [
        Finding.of(
            "B17", f"{name}, processor", "import httpx", _ratio(ours[name], theirs), "ms", 2.2, 1.6
        )
        for name in _COMMANDS
    ]


FEW, MANY = 1_000, 100_000


def streaming(rounds: int) -> list[Finding]:
    """The most memory that a list of many runs takes, beside a list of few."""
    return [_memory(form) for form in ("table", "csv", "json", "jsonl")]


def _memory(form: str) -> Finding:
    few, many = (_most_mib(count, form) for count in (FEW, MANY))
    return Finding.of(
        "B18", f"{MANY:,} runs as {form}", f"{FEW:,} runs", Ratio((many,), (few,)), "MiB", 1.25, 1.1
    )


def _most_mib(count: int, form: str) -> float:
    """Resident memory at its most, of a process that lists all runs of a server."""
    words = ("runs", "list", "--limit", "all", "-o", form)
    with (
        child("-m", "tests.bench.server", str(count)) as (_, ready),
        tempfile.TemporaryDirectory() as folder,
    ):
        env = {
            **child_environment(),
            "TRIGGER_API_URL": ready["url"],
            "TRIGGER_SECRET_KEY": "tr_dev_" + "x" * 24,
            "XDG_CONFIG_HOME": folder,
            "XDG_STATE_HOME": folder,
        }
        done = subprocess.run(
            [sys.executable, "-c", _AND_ITS_MEMORY, *words],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
        )
    return int(done.stderr.split()[-1]) / 1024


_AND_ITS_MEMORY = """
import re, sys
from trigdash.__main__ import run
code = run()
with open("/proc/self/status") as status:
    sys.exit(code or print(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1], file=sys.stderr))
"""
"""A command, and the most memory that it had resident, in KiB. What the system tells of a child
that has ended is at least what its parent had."""


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Without the first round, which compiles."""
    return Ratio(tuple(ours[1:]), tuple(theirs[1:]))


def _processor_ms(command: Sequence[str], env: Mapping[str, str]) -> float:
    """User and system milliseconds of a whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent_s = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return spent_s * 1000
