"""Every command and every flag of the parser, run against the simulator through the entry point."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from tests.end_to_end.conftest import Simulator, start_simulator
from tests.end_to_end.examples import ELSEWHERE, EXAMPLES, LISTED
from tests.end_to_end.in_process import InProcess
from trigdash.cli import whole_parser
from trigdash.commands.exit_codes import ExitCode
from trigdash.commands.parser_tree import flags, leaves
from trigdash.config.terminal import READER_LEFT
from trigdash.presentation.registry import load_resource

LEAVES = {" ".join(words): parser for words, parser in leaves(whole_parser())}
PLACE = frozenset(
    {
        *("--profile", "--api-url", "--project", "--env", "--branch", "--read-only"),
        *("--rate-share", "--theme", "--ascii", "--no-color"),
    }
)
"""Flags of place and looks: their code is one for all commands; see `tests/test_cli.py`."""
WAITING = frozenset({"tasks trigger", "runs replay", "runs watch"})
"""Commands for whose end something must happen in the world."""
ONE_FOR_ALL = PLACE | {"-h", "--help", "-o", "--output", "--json", "--columns", "--yes"}


TEXTS: Mapping[str, str] = {
    "payload": '{"n": 1}',
    "items": '{"task": "send-email", "payload": {}}\n',
    "dotenv": "EXAMPLE_TOO=1\n",
    "statement": "SELECT status FROM runs LIMIT 3",
}
STATUSES = {"failed": "failed", "live": "executing,queued", "delayed": "delayed"}


class World:
    """A simulator, and a folder for the files that examples read."""

    def __init__(self, served: Simulator, folder: Path) -> None:
        ready = served.ready
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRIGGER_", "TRIGDASH_"))}
        places = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(folder))
        settings = {"TRIGDASH_CONFIG": str(folder / "none.toml"), "BROWSER": "true"}
        token = {
            "TRIGGER_ACCESS_TOKEN": ready["access_token"],
            "TRIGGER_PROJECT_REF": ready["project"],
        }
        self.server = served
        self.trigdash = InProcess(kept | served.env | places | settings | token)
        self.folder = folder
        self.numbers = count()

    def first(self, *words: str, at: int = 0) -> str:
        """An id of a list."""
        done = self.trigdash(*words, "-o", "name")
        assert done.out, (words, done)
        return done.out.split()[at]

    def file(self, text: str) -> str:
        """A file with a text."""
        path = self.folder / f"file-{next(self.numbers)}"
        path.write_text(text)
        return str(path)

    def made(self, noun: str, *flags: str) -> str:
        """The id of a thing that is made for one test alone."""
        done = self.trigdash(noun, "create", *flags, "--yes")
        return re.findall(r"\w+_[a-z0-9]{15,}", done.err)[0]


class Ids:
    """What the names in the examples of one command stand for; each name for the same thing."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, str] = {}

    def words(self, line: str) -> list[str]:
        """The words of an example."""
        return shlex.split(re.sub(r"\{(\w+)\}", lambda found: self._id(found[1]), line))

    def _id(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> str:
        world = self._world
        if name in TEXTS:
            return world.file(TEXTS[name])
        if name in STATUSES:
            return world.first("runs", "list", f"status:{STATUSES[name]}")
        if name.endswith("_sort"):
            return next(iter(load_resource(name.removesuffix("_sort")).by_key))
        match name:
            case "list":
                return world.file(self._row("live") + self._row("failed"))
            case "delayed_list":
                return world.file(self._row("delayed"))
            case "made_schedule":
                key = f"made-{next(world.numbers)}"
                how = ("--task", "nightly-rollup", "--cron", "0 5 * * *", "--key", key)
                return world.made("schedules", *how)
            case "made_token":
                return world.made("tokens")
            case "oldest_deployment":
                return world.first("deployments", "list", "deployed", at=-1)
            case "older_deployment":
                return world.first("deployments", "list", "deployed", at=-2)
        return world.first(name, "list")

    def _row(self, name: str) -> str:
        return json.dumps({"id": self._id(name)}) + "\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    served = start_simulator("--scenario", "incident", "--rate-limit", "0")
    served.hold()
    yield World(served, tmp_path_factory.mktemp("world"))
    served.stop()


def examples_of(name: str) -> tuple[str, ...]:
    """The lines of a command; `list` and `get` of a resource have the same ones each."""
    noun, _, verb = name.partition(" ")
    return EXAMPLES.get(name) or tuple(line.replace("NOUN", noun) for line in LISTED.get(verb, ()))


COMMANDS = [name for name in LEAVES if name not in ELSEWHERE]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_of_a_command_has_an_example(name: str) -> None:
    words = {word for line in examples_of(name) for word in shlex.split(line)}
    missing = [
        action.option_strings[-1]
        for action in flags(LEAVES[name])
        if not words & set(action.option_strings) and not ONE_FOR_ALL & set(action.option_strings)
    ]
    assert examples_of(name)
    assert missing == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_a_command_end_as_they_say(world: World, name: str) -> None:
    ids = Ids(world)
    for example in examples_of(name):
        line, _, code = example.partition(" => ")
        words = ids.words(line)
        with world.server.moving() if name in WAITING else nullcontext():
            done = world.trigdash(*words)
        told = f"{line}: {done.code}\n{done.out[:300]}\n{done.err[:600]}"
        assert str(done.code) in (code or "0").split(" or "), told
        assert "Traceback" not in done.err, told
        assert "\x1b" not in done.out, told


def test_no_example_is_of_a_command_that_is_gone() -> None:
    assert {*EXAMPLES, *ELSEWHERE} <= set(LEAVES)


OFFLINE = frozenset({"profiles", "help", "completion", "complete", "cache", "locate", "config"})
"""Commands that ask no server."""


def first_line(world: World, name: str) -> list[str]:
    """The words of a command's first example."""
    return Ids(world).words(examples_of(name)[0].partition(" => ")[0])


@pytest.mark.parametrize("name", COMMANDS)
def test_a_closed_pipe_is_quiet(world: World, name: str) -> None:
    done = world.trigdash.into_closed_pipe(*first_line(world, name))
    assert "Traceback" not in done.err
    assert "Broken pipe" not in done.err
    assert "Exception" not in done.err
    if name.endswith((" list", " get")) or name in OFFLINE - {"config"}:
        assert done.code == READER_LEFT


class SilentServer:
    """Takes one connection, never answers, and interrupts this process as ctrl+c does."""

    def __enter__(self) -> SilentServer:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = Thread(target=self._interrupt)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._thread.join()
        self._connection.close()
        self._socket.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _interrupt(self) -> None:
        self._connection, _ = self._socket.accept()
        # Asked, and so the command waits for an answer.
        self._connection.recv(1)
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in OFFLINE])
def test_a_command_that_is_interrupted_ends_with_130_and_without_a_word(
    world: World, name: str
) -> None:
    words = first_line(world, name)
    with SilentServer() as server:
        done = world.trigdash(*words, TRIGGER_API_URL=server.url)
    assert done.code == ExitCode.INTERRUPTED
    assert "Traceback" not in done.err
    assert not done.out or name == "doctor"


PRELUDE = """
import json, sys
from trigdash.cli import main
for words in json.load(sys.stdin):
    try:
        main(words)
    except SystemExit:
        pass
print(json.dumps(sorted(sys.modules)))
"""


def test_no_command_loads_textual(world: World) -> None:
    alike = [name for name in COMMANDS if name.endswith((" list", " get"))]
    wanted = [name for name in COMMANDS if name not in alike or name.startswith(("runs", "tasks"))]
    words = [first_line(world, name) for name in wanted if name != "runs watch"]
    lines = [line for line in words if "--yes" not in line]
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE],
        input=json.dumps(lines),
        env=dict(world.trigdash.environ),
        cwd=world.folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert {"trigdash", "httpx", "pydantic"} <= loaded
    assert not loaded & {"textual", "rich", "click", "pygments", "starlette", "uvicorn"}
