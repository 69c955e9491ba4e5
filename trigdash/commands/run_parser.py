"""The parser of `trigdash runs`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from trigdash.commands.arguments import per_minute, percent, positive
from trigdash.commands.parser import AddFlags, add_output, asks, limit_of, seconds
from trigdash.commands.resources import DEFAULT_LIMIT

if TYPE_CHECKING:
    from trigdash.service.bulk.plan import WaveRules

_FILTER = "a filter, as in the dashboard: 'status:failed task:send-email since:1h'"


def add_runs(
    parser: argparse.ArgumentParser, add_flags: AddFlags, given: Sequence[str] | None = None
) -> None:
    """Give `runs` its verbs. Fills only the parser of the verb among the `given` words, since each
    imports what it needs; None fills all."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for verb, (help_text, fill) in _VERBS.items():
        made = verbs.add_parser(verb, help=help_text)
        if given is None or verb in given:
            fill(made, add_flags)


def _add_family(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.runs import print_family

    parser.add_argument("run", help="a run's id, or the address of its page")
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: partial(print_family, run=args.run))


def _add_why(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.why import explain_run

    parser.add_argument("run", help="a run's id, or the address of its page")
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: partial(explain_run, run=args.run))


def _add_stuck(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.why import print_stuck

    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: print_stuck)


def _add_diff(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.diff import diff_runs

    parser.add_argument("run", help="a run's id, or the address of its page")
    parser.add_argument("other", nargs="?", help="another run; the last good one unless given")
    parser.add_argument("--with", dest="other_name", metavar="RUN|last-good", help="the same")
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(diff_runs, run=args.run, other=args.other or args.other_name)
    )


def _add_list(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.runs import list_runs

    parser.add_argument("filter", nargs="?", default="", help=_FILTER)
    parser.add_argument("--limit", type=limit_of, default=DEFAULT_LIMIT, metavar="N|all")
    parser.add_argument("--sort", metavar="COL[,-COL]", help="a minus turns a column round")
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(list_runs, line=args.filter, limit=args.limit, sort=args.sort)
    )


def _add_get(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.runs import get_run

    parser.add_argument("run", help="a run's id, or the address of its page")
    parser.add_argument("--attempts", action="store_true", help="with its attempts")
    parser.add_argument("--payload", action="store_true", help="its payload alone")
    parser.add_argument("--output", action="store_true", dest="run_output", help="its output alone")
    add_output(parser, add_flags, long_flag=False)
    parser.set_defaults(
        work=lambda args: partial(
            get_run,
            run=args.run,
            attempts=args.attempts,
            payload=args.payload,
            output=args.run_output,
        )
    )


def _add_logs(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.logs import LogOptions, print_logs
    from trigdash.model.span_event import LEVELS

    parser.add_argument("targets", nargs="+", metavar="RUN|FILTER", help=f"run ids, or {_FILTER}")
    parser.add_argument("-f", "--follow", action="store_true", help="print new lines as they come")
    parser.add_argument("--level", default="trace", choices=[name.lower() for name in LEVELS])
    parser.add_argument("--grep", default="", metavar="RE", help="only lines that match")
    parser.add_argument("-C", "--context", type=int, default=0, metavar="N", help="lines around")
    parser.add_argument("--since", type=seconds, metavar="5m", help="only lines since")
    parser.add_argument("--tail", type=int, metavar="N", help="the last lines of each run")
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(
            print_logs,
            targets=args.targets,
            options=LogOptions(
                args.level.upper(), args.grep, args.context, args.since, args.tail, args.follow
            ),
        )
    )


def _add_trace(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.runs import print_trace

    parser.add_argument("run", help="a run's id, or the address of its page")
    parser.add_argument("--errors", action="store_true", help="failed spans and what is above them")
    parser.add_argument("--depth", type=int, metavar="N", help="levels below the root")
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(print_trace, run=args.run, errors=args.errors, depth=args.depth)
    )


def _add_watch(parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.watch import WatchOptions, watch_runs
    from trigdash.service.runs.watch import CONDITIONS

    parser.add_argument("targets", nargs="+", metavar="RUN|FILTER", help=f"run ids, or {_FILTER}")
    parser.add_argument("--until", default="done", metavar="COND", help=CONDITIONS)
    parser.add_argument("--fail-fast", action="store_true", help="end when the first run fails")
    parser.add_argument("--timeout", type=seconds, metavar="30m", help="end with 124 after this")
    parser.add_argument(
        "--appear",
        type=seconds,
        default=0.0,
        metavar="1m",
        help="wait for a run that does not exist yet",
    )
    parser.add_argument("--follow", action="store_true", help="take in runs that come to match")
    parser.add_argument("--notify", action="store_true", help="ring the bell at the end")
    parser.add_argument(
        "--exec",
        default="",
        dest="execute",
        metavar="CMD",
        help="run for each run that ends, with the run as JSON on its input",
    )
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(
            watch_runs,
            targets=args.targets,
            options=WatchOptions(
                args.until,
                args.fail_fast,
                args.timeout,
                args.appear,
                args.follow,
                args.notify,
                args.execute,
            ),
        )
    )


def _add_write(verb: str, parser: argparse.ArgumentParser, add_flags: AddFlags) -> None:
    from trigdash.commands.run_writes import DEFAULT_MAX

    parser.add_argument("runs", nargs="*", metavar="RUN", help="run ids, or addresses")
    parser.add_argument("--filter", help=_FILTER)
    parser.add_argument("--from", dest="from_file", metavar="LIST", help="a list in JSON lines")
    parser.add_argument("--dry-run", action="store_true", help="print the list, send nothing")
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    parser.add_argument("--max", type=int, default=DEFAULT_MAX, metavar="N", dest="most")
    if verb in ("cancel", "replay"):
        _add_waves(parser)
    if verb == "tag":
        parser.add_argument("--tag", action="append", required=True, help="a tag; repeatable")
    if verb == "replay":
        from trigdash.commands.replay import add_changes

        add_changes(parser)
    if verb == "reschedule":
        parser.add_argument("--delay", required=True, help="10m from now, or a time")
    add_output(parser, add_flags)
    parser.set_defaults(work=partial(_write, verb))


def _add_waves(parser: argparse.ArgumentParser) -> None:
    waves = parser.add_argument_group("in waves")
    waves.add_argument(
        "--canary", type=positive, metavar="N", help="N runs first, then 10, then the rest"
    )
    waves.add_argument(
        "--rate", type=per_minute, default=60.0, metavar="60/m", help="of the rest: 60/m, 5/s"
    )
    waves.add_argument(
        "--stop-at", type=percent, default=0.2, metavar="20%", help="share of a wave that may fail"
    )
    waves.add_argument(
        "--after", default="", metavar="RUN", help="continue after this run of the same list"
    )


def _wave_rules(args: argparse.Namespace) -> WaveRules | None:
    from trigdash.service.bulk.plan import WaveRules

    return WaveRules(args.canary, args.rate, args.stop_at) if args.canary else None


def _write(verb: str, args: argparse.Namespace) -> Any:
    from trigdash.commands.run_writes import WriteOptions, write_runs

    options = WriteOptions(
        tuple(args.runs),
        args.filter,
        args.from_file,
        args.dry_run,
        args.most,
        lambda question: args.yes or asks(question),
        _wave_rules(args) if verb in ("cancel", "replay") else None,
        getattr(args, "after", ""),
    )
    if verb == "replay":
        from trigdash.commands.replay import changes_of, replay_runs

        return partial(replay_runs, changes=changes_of(args), options=options)
    acts = {
        "cancel": lambda actions, run_id: actions.cancel(run_id),
        "tag": lambda actions, run_id: actions.add_tags(run_id, args.tag),
        "reschedule": lambda actions, run_id: actions.reschedule(run_id, args.delay),
    }
    return partial(write_runs, verb=verb, act=acts[verb], options=options)


_VERBS: dict[str, tuple[str, Callable[[argparse.ArgumentParser, AddFlags], None]]] = {
    "list": ("list the runs of a filter", _add_list),
    "get": ("show one run", _add_get),
    "logs": ("print log lines, and follow them", _add_logs),
    "trace": ("print a trace as a tree", _add_trace),
    "family": ("print every run below a run's root", _add_family),
    "why": ("why a run does not move", _add_why),
    "stuck": ("all runs that do not move, by what holds them", _add_stuck),
    "diff": ("what is different from another run", _add_diff),
    "watch": ("wait until runs are over, and tell how", _add_watch),
    "cancel": ("cancel runs", partial(_add_write, "cancel")),
    "replay": ("start runs again", partial(_add_write, "replay")),
    "tag": ("add tags to runs", partial(_add_write, "tag")),
    "reschedule": ("move delayed runs", partial(_add_write, "reschedule")),
}
"""Each verb: its help, and the function that fills its parser."""
