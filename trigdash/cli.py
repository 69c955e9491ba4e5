"""The command line: arguments, exit codes, and the one place that puts the parts together.

Arguments are read before anything slow is imported: `--help` and `--version` need neither Textual
nor the HTTP client nor the models. Exit codes: 0 well, 1 something does not work, 2 something
cannot be used as it is set.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from trigdash import __version__
from trigdash.backends import BACKENDS
from trigdash.commands import arguments
from trigdash.config.options import THEMES, ConfigError
from trigdash.config.resolve import Flags, Settings, load_settings
from trigdash.config.terminal import Parser, guarded, print_problem

_ABOUT = """\
Watch the runs of a background-job platform in the terminal.

Without a command the dashboard opens on the server that flags, environment variables
(TRIGGER_API_URL, TRIGGER_SECRET_KEY, TRIGGER_ACCESS_TOKEN, TRIGGER_PROJECT_REF,
TRIGGER_PREVIEW_BRANCH), the settings file or a login of the platform's own tool lead to.
TRIGDASH_READ_ONLY=1 forbids every write.
"""
_NO_KEY = """\
A key is never an argument, for other programs could read it: set TRIGGER_SECRET_KEY, or
name a profile."""

SCENARIOS = ("calm", "busy", "incident", "giant")


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    _leave_no_core()
    return guarded(lambda: _run(words))


def _leave_no_core() -> None:
    """Let no crash leave an image of the memory, which holds keys, in a file."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _run(words: Sequence[str] | None) -> int:
    given = _sort_joined(sys.argv[1:] if words is None else list(words))
    if given[:1] == ["simulate"]:
        return _simulate(given[1:])
    args = _parser(given).parse_args(_run_first(given))
    try:
        code: int = args.command(args)
    except ConfigError as problem:
        print_problem(str(problem))
        return 2
    except KeyboardInterrupt:
        return 130
    return code


_VALUE_FLAGS = frozenset(
    {"--run", "--profile", "--api-url", "--project", "--env", "--branch", "--rate-share", "--theme"}
)


def _run_first(words: Sequence[str]) -> list[str]:
    """`trigdash RUN|URL`, with flags of place, opens the dashboard on that run."""
    previous = ""
    for at, word in enumerate(words):
        if previous not in _VALUE_FLAGS and not word.startswith("-"):
            found = re.fullmatch(r"(?:https?://\S+/)?(run_[A-Za-z0-9_-]{1,80})(?:[?#/]\S*)?", word)
            return [*words[:at], f"--run={found[1]}", *words[at + 1 :]] if found else list(words)
        previous = word
    return list(words)


def _sort_joined(words: Sequence[str]) -> list[str]:
    """`--sort -age` as `--sort=-age`: argparse takes a value with a minus for another flag."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--sort":
            joined[-1] = f"--sort={word}"
        else:
            joined.append(word)
    return joined


def _parser(given: Sequence[str] | None) -> argparse.ArgumentParser:
    parser = Parser(
        prog="trigdash",
        description=_ABOUT,
        epilog=_NO_KEY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"trigdash {__version__}")
    parser.add_argument("--run", default="", metavar="RUN", help="open the dashboard on this run")
    parser.set_defaults(command=_dashboard)
    _add_flags(parser, defaults=True)
    if given == []:
        # Only the dashboard: without arguments no error message needs to list the commands.
        return parser
    from trigdash.commands.local import add_local
    from trigdash.commands.nouns import NOUNS

    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    _add_demo(commands.add_parser("demo", help="the dashboard on a simulated project"))
    commands.add_parser("simulate", help="serve a simulated project over HTTP", add_help=False)
    add_local(commands, partial(_add_flags, defaults=False), _settings, whole_parser)
    _add_login(commands.add_parser("login", help="check a key and save it as a profile"))
    for noun in NOUNS:
        command = commands.add_parser(noun.name, help=noun.help, description=noun.help)
        if given is None or noun.name in given:
            noun.add(command, partial(_add_flags, defaults=False), given)
            command.set_defaults(command=_headless)
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """The parser with every command in it: for completion and the reference."""
    return _parser(None)


def _add_flags(parser: argparse.ArgumentParser, *, defaults: bool) -> None:
    """The common flags. After a command they must not overwrite what was said before it."""
    quiet = None if defaults else argparse.SUPPRESS
    where = parser.add_argument_group("where to look")
    where.add_argument("--profile", metavar="NAME", default=quiet, help="a profile, see: profiles")
    where.add_argument("--api-url", metavar="URL", default=quiet, help="address of the API")
    where.add_argument("--project", metavar="REF", default=quiet, help="proj_…, with a token")
    where.add_argument("--env", metavar="NAME", default=quiet, help="dev, stg, prod or preview")
    where.add_argument("--branch", metavar="NAME", default=quiet, help="of a preview environment")
    how = parser.add_argument_group("how to look")
    how.add_argument("--read-only", action="store_true", default=quiet, help="never write")
    how.add_argument(
        "--rate-share", type=arguments.part, metavar="PART", default=quiet,
        help="part of the server's rate limit to use a minute, 0.1 unless set",
    )  # fmt: skip
    how.add_argument("--theme", choices=THEMES, default=quiet)
    how.add_argument("--ascii", action="store_true", default=quiet, help="draw with ASCII only")
    how.add_argument("--no-color", action="store_true", default=quiet)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", choices=SCENARIOS, default="busy")
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same world")
    parser.add_argument(
        "--speed", type=arguments.speed, default=1.0, help="how much faster than life"
    )
    parser.add_argument("--runs", type=arguments.count, default=2000, help="runs of history, about")
    parser.add_argument("--backend", choices=tuple(BACKENDS), default="trigger")
    _add_flags(parser, defaults=False)
    parser.set_defaults(command=_demo)


def _add_login(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Check an address and a key, and save them as a profile that only you may read. The key is "
        "asked for without showing it; without a terminal it is the first line of standard input."
    )
    parser.add_argument("--name", help="what to call the profile; else the key's environment")
    parser.add_argument(
        "--allow-http", action="store_true", help="send the key over plain http to this server"
    )
    _add_flags(parser, defaults=False)
    parser.set_defaults(command=_login)


def _flags(args: argparse.Namespace) -> Flags:
    return Flags(
        api_url=args.api_url,
        profile=args.profile,
        project=args.project,
        environment=args.env,
        branch=args.branch,
        read_only=args.read_only,
        rate_share=args.rate_share,
        theme=args.theme,
        ascii=args.ascii,
        color=not args.no_color,
    )


def _settings(args: argparse.Namespace) -> Settings:
    return load_settings(_flags(args), os.environ)


def _check_terminal() -> None:
    """The dashboard reads keys from standard input and draws on standard error, so that output
    may go elsewhere. Raises ConfigError where either is no terminal: it would wait forever.
    `TEXTUAL_DRIVER` names another way in and out, such as the browser of textual-serve."""
    if os.environ.get("TEXTUAL_DRIVER"):
        return
    for stream, use, name in (
        (sys.stdin, "reads keys from standard input", "<"),
        (sys.stderr, "draws on standard error", "2>"),
    ):
        if stream is None or not stream.isatty():
            raise ConfigError(
                f"the dashboard needs a terminal: it {use}, which is none here (is there a {name}"
                " or a pipe?); trigdash doctor and profiles need none"
            )


def _dashboard(args: argparse.Namespace) -> int:
    settings = _settings(args)
    if "credential" not in settings.resolve():
        return _connect(args, settings)
    settings.check_way()
    _check_terminal()
    ui = replace(settings.ui(), run=args.run)
    from trigdash.commands.dashboard import run_dashboard

    return run_dashboard(lambda: settings, ui)


def _connect(args: argparse.Namespace, settings: Settings) -> int:
    """Ask how to continue without a key; without a terminal that is an error."""
    try:
        settings.target()
    except ConfigError as problem:
        try:
            _check_terminal()
        except ConfigError:
            raise problem from None
        from trigdash.commands.login import ask_the_way

        way = ask_the_way(settings, str(problem))
    if way.kind == "demo":
        return _demo(_parser(["demo"]).parse_args(["demo"], namespace=args))
    if way.kind == "leave":
        return 0
    args.profile, args.api_url = way.name, None
    return _dashboard(args)


def _login(args: argparse.Namespace) -> int:
    import asyncio

    from trigdash.commands.login import login

    return asyncio.run(login(args, _settings(args)))


def _demo(args: argparse.Namespace) -> int:
    from trigdash.commands.demo import DemoServer, demo_settings

    options = [
        *("--scenario", args.scenario, "--seed", str(args.seed)),
        *("--speed", str(args.speed), "--runs", str(args.runs)),
    ]
    flags = _flags(args)
    _check_terminal()
    server = DemoServer(options, os.environ, args.backend)
    try:
        from trigdash.commands.dashboard import run_dashboard

        return run_dashboard(
            lambda: demo_settings(flags, os.environ, server.profile()),
            demo_settings(flags, os.environ, server.expected_profile).ui(),
        )
    finally:
        server.close()


def _simulate(given: Sequence[str]) -> int:
    from trigdash.simulator import command

    parser = Parser(prog="trigdash simulate", description=command.__doc__)
    command.add_arguments(parser)
    return command.run(parser.parse_args(given))


def _headless(args: argparse.Namespace) -> int:
    from trigdash.commands.environment import run_in_environment
    from trigdash.commands.exit_codes import CommandFailure
    from trigdash.commands.output import Output
    from trigdash.commands.parser import output_options

    settings = _settings(args)
    options = output_options(args)
    try:
        return run_in_environment(
            settings,
            lambda clock: Output(options, lambda: clock.now().timestamp() * 1000),
            args.work(args),
        )
    except CommandFailure as failure:
        print_problem(str(failure))
        return failure.code
