"""Measure and print the table: `python -m tests.bench [--rounds N] [NAME …]`."""

import argparse
import sys
from collections.abc import Callable

from tests.bench.big_places import big_places
from tests.bench.commands import commands, streaming
from tests.bench.finding import Finding, markdown
from tests.bench.holding import holding
from tests.bench.live import idle, live
from tests.bench.simulator_load import simulator_load
from tests.bench.slow_line import slow_line
from tests.bench.start_up import start_up
from tests.bench.tables import sorting, tables
from tests.bench.views import logs, traces
from tests.bench.written import written

MEASUREMENTS: dict[str, Callable[[int], list[Finding]]] = {
    "start": start_up,
    "commands": commands,
    "streaming": streaming,
    "tables": tables,
    "sorting": sorting,
    "traces": traces,
    "logs": logs,
    "live": live,
    "idle": idle,
    "written": written,
    "slow": slow_line,
    "holding": holding,
    "big": big_places,
    "simulator": simulator_load,
}
"""By name: what takes a number of rounds and returns lines of the table."""


def main() -> None:
    """Run what was named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--rounds", type=int, default=7, help="pairs of each comparison")
    args = parser.parse_args()
    findings: list[Finding] = []
    for name in args.names or MEASUREMENTS:
        sys.stderr.write(f"measuring {name} …\n")
        findings += MEASUREMENTS[name](args.rounds)
    sys.stdout.write(f"{markdown(findings)}\n")


if __name__ == "__main__":
    main()
