"""`trigdash simulate`: serve a simulated project until interrupted."""

import argparse
import asyncio
import contextlib
import gc
import json
import os
import signal
import sys
import threading
from pathlib import Path

from trigdash.commands import arguments

SCENARIO_NAMES = ("calm", "busy", "incident", "giant")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `trigdash simulate`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same world")
    parser.add_argument("--scenario", choices=SCENARIO_NAMES, default="calm")
    parser.add_argument(
        "--speed", type=arguments.speed, default=1.0, help="how much faster than life"
    )
    parser.add_argument(
        "--runs", type=arguments.count, default=2_000, help="runs of history, about"
    )
    parser.add_argument(
        "--server-version", choices=("4.5", "4.8"), default="4.8",
        help="which server to be: 4.5 (August 2026) or 4.8",
    )  # fmt: skip
    parser.add_argument("--trace-store", choices=("clickhouse", "postgres"), default="clickhouse")
    parser.add_argument(
        "--env", choices=("dev", "stg", "preview", "prod"), default="prod",
        help="the environment of the printed key",
    )  # fmt: skip
    parser.add_argument(
        "--rate-limit", type=arguments.count, default=750, metavar="N",
        help="size of the rate limit's bucket, a third of it added each 10 s; 0 for no limit",
    )  # fmt: skip
    parser.add_argument(
        "--chaos", type=arguments.part, default=0.0, metavar="RATE",
        help="the share of requests that meet a fault, 0 to 1",
    )  # fmt: skip
    parser.add_argument("--chaos-seed", type=int, default=1, help="the same seed, the same faults")
    parser.add_argument(
        "--chaos-plan", metavar="FILE", help="faults as a JSON list: docs/simulator.md has the form"
    )
    parser.add_argument(
        "--describe", action="store_true",
        help="print what the scenario holds, at which minutes and ids, and end",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", choices=("text", "json"), default="text",
        help="form of the description; as JSON it lists the causes that the scenario planted",
    )  # fmt: skip
    parser.add_argument(
        "--until-stdin-closes", action="store_true",
        help="end when standard input does, as when the parent process is gone",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Serve; prints one line of JSON when ready. Returns the exit code."""
    if args.describe:
        _describe(args)
        return 0
    # Imported here, so that asking for help stays cheap.
    from trigdash.simulator.http.chaos import BadPlan, read_plan

    plan = "[]"
    try:
        if args.chaos_plan:
            plan = Path(args.chaos_plan).read_text(encoding="utf-8")
            read_plan(plan)
    except (OSError, UnicodeDecodeError, BadPlan) as problem:
        print(f"trigdash simulate: {args.chaos_plan}: {problem}", file=sys.stderr)
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(args, plan))
    return 0


def _describe(args: argparse.Namespace) -> None:
    """Play the history once and print what it holds."""
    from trigdash.simulator.http.state import wall_ms
    from trigdash.simulator.scenarios.definitions import SCENARIOS
    from trigdash.simulator.scenarios.describe import describe, describe_data
    from trigdash.simulator.scenarios.play import open_world

    world = open_world(
        wall_ms(), args.seed, SCENARIOS[args.scenario], args.runs, args.speed, args.env,
        version=args.server_version,
    )  # fmt: skip
    as_json = args.output == "json"
    print(json.dumps(describe_data(world), indent=2) if as_json else describe(world))


async def _serve(args: argparse.Namespace, plan: str) -> None:
    from trigdash.simulator.http.chaos import Chaos, read_plan
    from trigdash.simulator.http.host import SimulatorHost
    from trigdash.simulator.http.ratelimit import Rate
    from trigdash.simulator.scenarios.definitions import SCENARIOS
    from trigdash.simulator.world.environments import FIRST_BRANCH

    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    # A hundred thousand runs are no garbage: the collector need not look through them again.
    gc.disable()
    host = SimulatorHost(
        seed=args.seed, scenario=SCENARIOS[args.scenario], runs=args.runs, speed=args.speed,
        env=args.env, trace_store=args.trace_store, version=args.server_version,
        host=args.host, port=args.port,
        rate=Rate(args.rate_limit, args.rate_limit // 3),
        chaos=Chaos(args.chaos, args.chaos_seed, read_plan(plan)),
    )  # fmt: skip
    gc.freeze()
    gc.enable()
    async with host:
        ready = {
            "url": host.url, "secret_key": host.secret_key, "access_token": host.access_token,
            "project": host.project, "env": host.env,
            "workflow_url": host.workflow_url, "workflow_key": host.workflow.key,
            "recoup_url": host.recoup_url, "recoup_key": host.recoup.key,
        }  # fmt: skip
        if args.env == "preview":
            ready["branch"] = FIRST_BRANCH
        print(json.dumps(ready), flush=True)
        if args.until_stdin_closes:
            # A daemon thread: the loop's executor would wait for it at the end.
            threading.Thread(target=_watch_stdin, args=(loop, over), daemon=True).start()
        await over.wait()


def _watch_stdin(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    # The loop may be closed by then, when the end came from elsewhere.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(over.set)
