"""B17: a command as a script starts it, beside the least that any HTTP client needs."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from tests.bench.finding import Finding
from tests.bench.measure import Ratio
from tests.bench.simulated import child_environment, simulator

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
