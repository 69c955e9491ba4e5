"""Commands about this machine: profiles, doctor, settings, completion, and where things are kept.

Imports little at the top, because `--help` waits for this module.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from trigdash.config.options import ConfigError
from trigdash.config.resolve import Settings
from trigdash.config.terminal import Parser, print_line, print_problem

ReadSettings = Callable[[argparse.Namespace], Settings]


def add_local(
    commands: argparse._SubParsersAction[Parser],
    add_flags: Callable[[argparse.ArgumentParser], None],
    settings: ReadSettings,
    whole_parser: Callable[[], argparse.ArgumentParser],
) -> None:
    """Add the commands. `settings` loads the settings that the arguments select; `whole_parser`
    makes the parser of all commands, for completion."""

    def add(name: str, words: str) -> Parser:
        return commands.add_parser(name, help=words, description=words)

    profiles = add("profiles", "list what was found and where")
    add_flags(profiles)
    profiles.set_defaults(command=lambda args: _profiles(settings(args)))
    doctor = add("doctor", "check server, key and endpoints")
    add_flags(doctor)
    doctor.add_argument("-o", "--output", choices=("table", "json"), default="table")
    doctor.add_argument(
        "--bundle", action="store_true",
        help="write an archive for a report of a problem, without secrets, and say what is in it",
    )  # fmt: skip
    doctor.set_defaults(
        command=lambda args: (
            _bundle(settings(args))
            if args.bundle
            else _doctor(settings(args), args.output == "json")
        )
    )
    topic = add("help", "exit codes, and what scripts and agents need")
    topic.add_argument("topic", choices=("exit-codes", "agents"))
    topic.set_defaults(command=_topic)
    completion = add("completion", "a completion script for a shell")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    completion.set_defaults(command=_completion)
    complete = add("complete", "candidates for the last word")
    complete.add_argument("words", nargs=argparse.REMAINDER)
    complete.set_defaults(command=lambda args: _complete(args, whole_parser()))
    cache = add("cache", "drop the log lines that searches keep")
    cache.add_argument("what", choices=("clear",))
    cache.set_defaults(command=_cache)
    locate = add("locate", "where settings, actions and state are kept")
    locate.add_argument("what", choices=("config", "state", "log"))
    locate.set_defaults(command=_locate)
    config = add("config", "where the settings are, and whether they hold")
    config.add_argument("what", choices=("path", "check"))
    config.set_defaults(command=_config)


def _profiles(settings: Settings) -> int:
    from trigdash.commands.profiles import profile_lines

    for line in profile_lines(settings):
        print_line(line)
    return 0


def _topic(args: argparse.Namespace) -> int:
    from trigdash.commands.exit_codes import topics

    sys.stdout.write(topics()[args.topic])
    return 0


def _completion(args: argparse.Namespace) -> int:
    from trigdash.commands.completion import script

    sys.stdout.write(script(args.shell))
    return 0


def _complete(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from trigdash.commands.completion import candidates

    words = args.words[1:] if args.words[:1] == ["--"] else args.words
    for each in candidates(parser, words):
        print_line(each)
    return 0


def _cache(args: argparse.Namespace) -> int:
    from trigdash.commands.environment import cache_of
    from trigdash.config.profile import state_path
    from trigdash.service.runs.event_cache import clear

    folder = cache_of(state_path().parent)
    try:
        count = clear(folder)
    except OSError as problem:
        print_problem(f"cannot clear {folder}: {problem.strerror}")
        return 1
    print_line(f"{count:,} logs dropped from {folder}")
    return 0


def _locate(args: argparse.Namespace) -> int:
    from trigdash.config.profile import config_path, state_path

    state = state_path()
    places = {
        "config": config_path(os.environ),
        "state": state,
        "log": state.parent / "actions.jsonl",
    }
    print_line(str(places[args.what]))
    return 0


def _config(args: argparse.Namespace) -> int:
    from trigdash.commands.config_check import mistakes
    from trigdash.config.profile import config_path

    path = config_path(os.environ)
    if args.what == "path":
        print_line(str(path))
        return 0
    found = list(mistakes(path))
    for mistake in found:
        print_problem(mistake)
    if not found:
        print_line(f"{path}: {'all is well' if path.exists() else 'not there, nothing to check'}")
    return 2 if found else 0


def _doctor(settings: Settings, as_json: bool) -> int:
    import asyncio

    return asyncio.run(_examine(settings, as_json))


def _bundle(settings: Settings) -> int:
    import asyncio

    from trigdash.clock import SystemClock
    from trigdash.commands.bundle import archive_path, contents, write_archive

    clock = SystemClock()
    files = asyncio.run(contents(settings, clock))
    path = archive_path(clock.now())
    write_archive(files, path)
    print_line(f"wrote {path}, which only you may read:")
    for name, text in files.items():
        print_line(f"  {name:<14} {len(text.splitlines())} lines")
    print_line("It holds no key, no payload and no run. Read it before you send it.")
    return 0


async def _examine(settings: Settings, as_json: bool) -> int:
    from trigdash.backends import open_backend
    from trigdash.backends.base import BackendError
    from trigdash.clock import SystemClock
    from trigdash.commands.doctor import examine
    from trigdash.commands.profiles import used_lines
    from trigdash.model.json_text import json_ascii

    used = used_lines(settings)
    for line in () if as_json else used:
        print_line(line)
    target, clock = settings.target(), SystemClock()
    try:
        backend = open_backend(target, clock)
    except BackendError as error:
        raise ConfigError(error.message()) from None
    found = []
    try:
        async for finding in examine(target, backend, clock):
            found.append(finding)
            if not as_json:
                print_line(finding.line())
    finally:
        await backend.aclose()
    code = max(finding.code for finding in found)
    if as_json:
        findings = [finding.record() for finding in found]
        record = {"ok": not code, "used": list(used), "findings": findings}
        sys.stdout.write(json_ascii(record, indent=2) + "\n")
    else:
        print_line("something does not work" if code else "all that is needed works")
    return code
