"""No way out of the program shows a key: no command, error, log, process list or crash."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import TRIGDASH, Simulator, Start, start_simulator
from tests.terminal import Terminal
from trigdash.presentation.registry import RESOURCES

SECRETS = ("secret_key", "access_token", "workflow_key", "recoup_key")


@pytest.fixture
def world() -> Iterator[Simulator]:
    running = start_simulator()
    yield running
    running.stop()


@pytest.fixture
def home(world: Simulator, tmp_path: Path) -> dict[str, str]:
    """Every way to give a key: in the file, in a variable, by a command."""
    said, file = world.ready, tmp_path / "config.toml"
    key_file = tmp_path / "key"
    key_file.write_text(said["recoup_key"])
    file.write_text(
        f"""
[profiles.token]
api_url = "{said["url"]}"
access_token = "{said["access_token"]}"
project = "{said["project"]}"
environment = "prod"

[profiles.key]
api_url = "{said["url"]}"
secret_key = "{said["secret_key"]}"

[profiles.flows]
backend = "workflow"
api_url = "{said["workflow_url"]}"
secret_env = "FLOWS_KEY"

[profiles.newest]
backend = "recoup"
api_url = "{said["recoup_url"]}"
secret_command = ["cat", "{key_file}"]
"""
    )
    file.chmod(0o600)
    return {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TRIGDASH_CONFIG": str(file),
        "TRIGGER_ACCESS_TOKEN": said["access_token"],
        "FLOWS_KEY": said["workflow_key"],
    }


def shows_no_secret(shown: bytes | str, world: Simulator) -> None:
    text = shown if isinstance(shown, bytes) else shown.encode()
    for name in SECRETS:
        assert world.ready[name].encode() not in text, name


def run(home: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TRIGGER_")}
    return subprocess.run(
        [*TRIGDASH, *arguments], env=clean | home, capture_output=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("profiles",),
        ("config", "check"),
        *(("doctor", "--profile", name) for name in ("token", "key", "flows", "newest")),
    ],
    ids=" ".join,
)
def test_commands_that_tell_of_profiles_show_no_secret(
    world: Simulator, home: dict[str, str], arguments: tuple[str, ...]
) -> None:
    done = run(home, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout
    shows_no_secret(done.stdout + done.stderr, world)


def test_a_mistake_beside_a_key_is_told_with_its_line_and_without_the_key(
    world: Simulator, home: dict[str, str]
) -> None:
    file = Path(home["TRIGDASH_CONFIG"])
    right = file.read_text()
    for wrong, line, words in (
        (right.replace("secret_key =", "secretkey ="), ":10:", "did you mean 'secret_key'?"),
        (right.replace('secret_env = "FLOWS_KEY"', "secret_env = 3"), ":15:", "must be a text"),
        (right.replace('"workflow"', '"workflows"'), ":13:", "must be one of"),
        (right.replace(f'secret_key = "{world.ready["secret_key"]}"',
                       f'secret_key = "{world.ready["secret_key"]}'), "line 10", ""),
    ):  # fmt: skip
        file.write_text(wrong)
        done = run(home, "config", "check")
        told = done.stderr.decode()
        assert done.returncode == 2
        assert line in told, told
        assert words in told, told
        shows_no_secret(done.stdout + done.stderr, world)


def test_a_file_with_a_key_that_others_may_read_is_refused(
    world: Simulator, home: dict[str, str]
) -> None:
    Path(home["TRIGDASH_CONFIG"]).chmod(0o644)
    done = run(home, "config", "check")
    assert done.returncode == 2
    assert b"chmod 600" in done.stderr
    shows_no_secret(done.stdout + done.stderr, world)


def command_lines(root: int) -> bytes:
    """What `ps` shows of a process and of all that it has started."""
    shown, waiting = b"", [root]
    while waiting:
        pid = waiting.pop()
        try:
            shown += Path(f"/proc/{pid}/cmdline").read_bytes()
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except FileNotFoundError:
            continue
        waiting += map(int, children.split())
    return shown


@pytest.mark.parametrize("profile", ["token", "key", "flows", "newest"])
def test_a_session_shows_its_key_to_nobody_and_leaves_it_nowhere(
    start: Start, world: Simulator, home: dict[str, str], tmp_path: Path, profile: str
) -> None:
    terminal = start("--profile", profile, env=home)
    terminal.wait_for(lambda: "live" in terminal.lines[0])
    shows_no_secret(command_lines(terminal.pid), world)
    terminal.press("ctrl+e")
    terminal.wait_for("go to")
    terminal.press("esc")
    terminal.wait_for(lambda: "go to" not in terminal.text)
    terminal.press(":")
    terminal.wait_for(lambda: " :" in terminal.lines)
    terminal.press(*"save mine", "enter")
    terminal.wait_for(":view mine")
    terminal.press("ctrl+q")
    terminal.wait_for_end()
    shows_no_secret(bytes(terminal.output), world)
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        shows_no_secret(path.read_bytes(), world)


@pytest.mark.slow
def test_no_list_of_any_resource_and_no_file_of_a_session_holds_a_key(
    world: Simulator, home: dict[str, str], tmp_path: Path
) -> None:
    """Every resource there is, a write that is logged, and a search that is cached."""
    words = [(noun, "list", "-o", "json") for noun in ("runs", "queues", "batches", *RESOURCES)]
    words += [
        ("grep", ".", "--limit", "5", "--rate-share", "1"),
        ("queues", "pause", "crm", "--yes", "--env", "prod"),
    ]
    printed = b""
    for profile, arguments in [
        *(("token", each) for each in words),
        ("flows", ("runs", "list")),
        ("newest", ("runs", "list")),
    ]:
        done = run(home, *arguments, "--profile", profile)
        assert done.returncode == 0, (arguments, done.stderr)
        shows_no_secret(done.stdout + done.stderr, world)
        printed += done.stdout
    assert len(printed) > 10_000
    config, key = Path(home["TRIGDASH_CONFIG"]), tmp_path / "key"
    written = [p for p in tmp_path.rglob("*") if p.is_file() and p not in (config, key)]
    assert {path.name for path in written} >= {"actions.jsonl"}
    for path in written:
        shows_no_secret(path.read_bytes(), world)
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_demo_gives_no_key_to_the_process_list(start: Start, world: Simulator) -> None:
    terminal = start("demo")
    terminal.wait_for(lambda: "live" in terminal.lines[0])
    assert b"tr_" not in command_lines(terminal.pid)
    terminal.press("q")
    terminal.wait_for_end()


def test_a_refusal_that_repeats_the_key_is_shown_without_it(
    start: Start, world: Simulator, home: dict[str, str]
) -> None:
    wrong = "wk_this_key_is_wrong_but_still_secret"
    terminal = start("--profile", "flows", env=home | {"FLOWS_KEY": wrong})
    terminal.wait_for("does not accept this key")
    assert wrong.encode() not in terminal.output
    assert wrong.encode() not in command_lines(terminal.pid)


CRASHING = """
import os
import signal
from trigdash.cli import main
from trigdash.ui.screens.runs import RunsScreen

def fail(self, now):
    key = os.environ["TRIGGER_ACCESS_TOKEN"]
    raise RuntimeError("a screen that fails")

signal.signal(signal.SIGUSR1, lambda *_: setattr(RunsScreen, "show_time", fail))
raise SystemExit(main())
"""
"""The program; on SIGUSR1 its screen fails with a key in its hands."""

IN_FOLDER = 'cd "$0" && ulimit -Sc "$(ulimit -Hc)" && exec "$@"'
"""Where the system lets a crash leave an image of the memory, beside what was begun there."""


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGABRT, signal.SIGKILL])
def test_no_file_that_a_crash_leaves_holds_a_key(
    world: Simulator, home: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    words = ["sh", "-c", IN_FOLDER, str(folder), sys.executable, "-c", CRASHING]
    env = home | {"TMPDIR": str(folder)}
    with Terminal([*words, "--profile", "token"], env=env) as terminal:
        terminal.wait_for(lambda: "live" in terminal.lines[0])
        terminal.press(":")
        terminal.wait_for(lambda: " :" in terminal.lines)
        terminal.press(*"save mine", "enter")
        terminal.wait_for(":view mine")
        os.kill(terminal.pid, number)
        assert terminal.wait_for_end() != 0
        shows_no_secret(bytes(terminal.output), world)
    config, key = Path(home["TRIGDASH_CONFIG"]), tmp_path / "key"
    left = [p for p in tmp_path.rglob("*") if p.is_file() and p not in (config, key)]
    assert left, "the view that was saved"
    for path in left:
        shows_no_secret(path.read_bytes(), world)


CRASH = """
import asyncio
import os
from trigdash.config.options import UiSettings
from trigdash.ui.app import TrigdashApp
from trigdash.ui.screens.runs import RunsScreen

class Broken(RunsScreen):
    def show_time(self, now):
        key = os.environ["THE_KEY"]
        headers = {"Authorization": f"Bearer {key}"}
        raise RuntimeError("a screen that fails")

class App(TrigdashApp):
    def on_ready(self):
        self.push_screen(Broken())

async def opening(where):
    await asyncio.Event().wait()

App(opening, UiSettings()).run()
"""


def test_a_screen_that_fails_with_a_key_in_its_hands_shows_where_and_not_the_key(
    tmp_path: Path, world: Simulator
) -> None:
    key = world.ready["secret_key"]
    command = [sys.executable, "-c", CRASH]
    with Terminal(command, env={"HOME": str(tmp_path), "THE_KEY": key}) as terminal:
        terminal.wait_for_end()
        said = re.sub(rb"\x1b\[[\d;?]*[a-zA-Z]", b"", bytes(terminal.output))
        assert b"RuntimeError: a screen that fails" in said
        assert b"show_time" in said
        shows_no_secret(bytes(terminal.output), world)
