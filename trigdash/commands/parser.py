"""The parsers of the headless commands. The parser of a noun is built only when that noun is
used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from trigdash.commands.environment import Work
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.output import FORMATS, OutputOptions
from trigdash.commands.resources import DEFAULT_LIMIT, Wait, act, get_row, list_rows
from trigdash.presentation.registry import load_resource

if TYPE_CHECKING:
    from trigdash.presentation.action import ActionSpec
    from trigdash.presentation.resource import Resource

APPEAR_S = 30.0
"""How long a new run may take to become readable, in seconds."""

AddFlags = Callable[[argparse.ArgumentParser], None]
"""Adds the flags that select an environment, which may come before or after a command."""


def add_resource(parser: argparse.ArgumentParser, name: str, add_flags: AddFlags) -> None:
    """Give a noun its verbs: list, get, and the actions of its resource."""
    resource = load_resource(name)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listing = verbs.add_parser("list", help=f"list the {resource.title.lower()}")
    listing.add_argument("filter", nargs="?", default="", help="words, or column:value")
    listing.add_argument("--limit", type=limit_of, default=DEFAULT_LIMIT, metavar="N|all")
    listing.add_argument("--sort", metavar="COL[,-COL]", help="a minus turns a column round")
    add_output(listing, add_flags)
    listing.set_defaults(
        work=lambda args: partial(
            list_rows, resource=resource, line=args.filter, limit=args.limit, sort=args.sort
        )
    )
    getting = verbs.add_parser("get", help=f"show one {resource.singular}")
    getting.add_argument("id")
    add_output(getting, add_flags)
    getting.set_defaults(work=lambda args: partial(get_row, resource=resource, row_id=args.id))
    if name == "batches":
        _add_batch_verbs(verbs, add_flags)
    if name == "schedules":
        _add_timezones(verbs, add_flags)
    if name == "variables":
        _add_import(verbs, add_flags)
        _add_compare(verbs, add_flags)
    if name in ("queues", "batches"):
        _add_watch(verbs, name, add_flags)
    for action in filter(lambda action: action.is_verb, resource.actions):
        _add_action(
            verbs.add_parser(action.name, help=action.title.lower()), resource, action, add_flags
        )


def _add_batch_verbs(verbs: Any, add_flags: AddFlags) -> None:
    """Give batches `trigger`, `items` and `results`."""
    from trigdash.commands.batches import print_items, print_results, trigger_batch

    trigger = verbs.add_parser("trigger", help="trigger many runs from a file, streamed")
    trigger.add_argument("file", metavar="FILE|-", help="lines of JSON: task, payload, options")
    trigger.add_argument("--yes", action="store_true", help="do it without asking")
    add_output(trigger, add_flags)
    trigger.set_defaults(
        work=lambda args: partial(trigger_batch, source=args.file, agree=_agreeing(args))
    )
    for verb, work, told in (
        ("items", print_items, "its runs, and the items that did not become runs"),
        ("results", print_results, "how its runs ended, if the server keeps that"),
    ):
        parser = verbs.add_parser(verb, help=told)
        parser.add_argument("id", help="of the batch")
        add_output(parser, add_flags)
        parser.set_defaults(work=lambda args, work=work: partial(work, batch_id=args.id))


def _add_timezones(verbs: Any, add_flags: AddFlags) -> None:
    """Give schedules the list of their time zones."""
    from trigdash.commands.schedules import print_timezones

    parser = verbs.add_parser("timezones", help="the time zones that this server takes")
    parser.add_argument("part", nargs="?", default="", help="a part of the name, such as york")
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: partial(print_timezones, part=args.part))


def _add_import(verbs: Any, add_flags: AddFlags) -> None:
    """Give variables the import of a dotenv file."""
    from trigdash.commands.variables import import_file

    parser = verbs.add_parser("import", help="import a dotenv file, after showing the changes")
    parser.add_argument("file", metavar="FILE|-", help="lines of NAME=value")
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(import_file, source=args.file, agree=_agreeing(args))
    )


def _add_compare(verbs: Any, add_flags: AddFlags) -> None:
    """Give variables the comparison with another environment."""
    from trigdash.commands.variables import compare_with

    parser = verbs.add_parser("compare", help="how another environment differs; no values")
    parser.add_argument("environment", help="dev, staging, prod or preview")
    add_output(parser, add_flags)
    parser.set_defaults(work=lambda args: partial(compare_with, environment=args.environment))


def _agreeing(args: argparse.Namespace) -> Callable[[str], bool]:
    """Asks for confirmation on a terminal, unless a flag gave it."""
    return lambda question: args.yes or asks(question)


def _add_watch(verbs: Any, name: str, add_flags: AddFlags) -> None:
    """Give queues and batches `watch`."""
    from trigdash.commands.watch import WatchOptions, watch_batch, watch_queue
    from trigdash.service.queues.watch import QUEUE_CONDITIONS
    from trigdash.service.runs.watch import CONDITIONS

    is_queue = name == "queues"
    parser = verbs.add_parser("watch", help="wait until it is over, and tell how")
    parser.add_argument("id", help="its name, such as task/send-email" if is_queue else "its id")
    parser.add_argument(
        "--until",
        default="drained" if is_queue else "done",
        metavar="COND",
        help=QUEUE_CONDITIONS if is_queue else CONDITIONS,
    )
    if not is_queue:
        parser.add_argument("--fail-fast", action="store_true", help="end when a run fails")
    parser.add_argument("--timeout", type=seconds, metavar="30m", help="end with 124 after this")
    parser.add_argument("--notify", action="store_true", help="ring the bell at the end")
    add_output(parser, add_flags)

    def work(args: argparse.Namespace) -> Work:
        options = WatchOptions(
            args.until,
            fail_fast=not is_queue and args.fail_fast,
            timeout_s=args.timeout,
            notify=args.notify,
        )
        if is_queue:
            return partial(watch_queue, name=args.id, options=options)
        return partial(watch_batch, batch_id=args.id, options=options)

    parser.set_defaults(work=work)


def _add_action(
    parser: argparse.ArgumentParser,
    resource: Resource[Any],
    action: ActionSpec[Any],
    add_flags: AddFlags,
) -> None:
    if not action.on_list:
        parser.add_argument("id", help=f"of the {resource.singular}")
    for each in action.inputs:
        metavar = "FILE|-|JSON" if each.is_long else "TEXT"
        parser.add_argument(
            f"--{each.name}", help=each.label, required=each.is_required, metavar=metavar
        )
    if action.makes_run:
        parser.add_argument("--wait", action="store_true", help="follow the run to its end")
        parser.add_argument(
            "--timeout", type=seconds, metavar="30m", help="with --wait: end with 124 after this"
        )
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    add_output(parser, add_flags)
    parser.set_defaults(
        work=lambda args: partial(
            act,
            resource=resource,
            action=action,
            row_id=None if action.on_list else args.id,
            values=_values(action, args),
            agree=lambda: args.yes or asks(action.title),
            wait=_waiting(args.timeout) if action.makes_run and args.wait else None,
        )
    )


def _waiting(timeout_s: float | None) -> Wait:
    """Follows a new run, which may not be readable yet."""
    from trigdash.commands.watch import WatchOptions, watch_runs

    options = WatchOptions(timeout_s=timeout_s, appear_s=APPEAR_S)
    return lambda context, run: watch_runs(context, [run], options)


def _values(action: ActionSpec[Any], args: argparse.Namespace) -> dict[str, Any]:
    from trigdash.presentation.action import read_input, text_of

    values = {}
    for each in action.inputs:
        given = getattr(args, each.name.replace("-", "_"))
        try:
            if given is not None and each.is_long:
                given = text_of(given, sys.stdin.read)
            value = read_input(each, given) if given is not None else None
        except ValueError as mistake:
            raise CommandFailure(f"--{each.name}: {mistake}", ExitCode.MISUSED) from None
        if value is not None:
            values[each.name] = value
    if problem := action.problem(values):
        raise CommandFailure(problem, ExitCode.MISUSED)
    return values


def asks(question: str) -> bool:
    """Ask on a terminal; without one the answer is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(f"{question}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def add_output(
    parser: argparse.ArgumentParser, add_flags: AddFlags, *, long_flag: bool = True
) -> None:
    """Give a command the output flags, without `--output` where that means something else."""
    out = parser.add_argument_group("output")
    names = ("-o", "--output") if long_flag else ("-o",)
    out.add_argument(*names, dest="output", choices=FORMATS, default="table", help="the format")
    out.add_argument(
        "--json", nargs="?", const="", metavar="KEY,…", help="as JSON; these keys alone"
    )
    out.add_argument("--columns", default="", metavar="COL,…", help="columns of a table")
    add_flags(parser)


def output_options(args: argparse.Namespace) -> OutputOptions:
    """The values of the output flags."""
    keys = tuple(key for key in (args.json or "").split(",") if key)
    columns = tuple(name for name in args.columns.split(",") if name)
    return OutputOptions("json" if args.json is not None else args.output, keys, columns)


def seconds(text: str) -> float:
    """The seconds of a duration such as 90s, 30m or 2h."""
    from trigdash.model.moment import duration_ms

    try:
        return duration_ms(text) / 1000
    except ValueError as mistake:
        raise argparse.ArgumentTypeError(str(mistake)) from None


def limit_of(text: str) -> int | None:
    """A number of rows; None for all."""
    if text == "all":
        return None
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError("a number above 0, or all")
