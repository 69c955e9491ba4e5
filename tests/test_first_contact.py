"""The first minutes: what was set and cannot work is told with its name and the next step, the
same on the command line and on screen."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trigdash.cli import main
from trigdash.clock import SystemClock
from trigdash.commands.dashboard import opener
from trigdash.commands.demo import DemoServer
from trigdash.config.resolve import Flags, load_settings
from trigdash.ui.app import TrigdashApp
from trigdash.ui.widgets.text_panes import StateView

TOKEN = "tr_pat_testonly0000000000000000000000000000000"
KEY = "tr_prod_TESTONLYA00000000000"
PATIENCE = 2_400
"""Turns of the loop, 25 ms each, that a sentence may take to appear on a busy machine."""

NEEDS_PROJECT = ("is an access token", "set TRIGGER_PROJECT_REF or --project", "ctrl+e lists")
UNFINISHED = ("the login default", "was not finished", "npx trigger.dev@latest login")
OFFLINE = [
    ({"TRIGGER_SECRET_KEY": TOKEN}, ("TRIGGER_SECRET_KEY is", *NEEDS_PROJECT)),
    ({"TRIGGER_ACCESS_TOKEN": TOKEN}, ("TRIGGER_ACCESS_TOKEN is", *NEEDS_PROJECT)),
    (
        {"TRIGGER_SECRET_KEY": KEY, "TRIGGER_API_URL": "http://trigger.example.test"},
        ("TRIGGER_API_URL (http://trigger.example.test)", "unencrypted", "use https"),
    ),
    (
        {"TRIGGER_SECRET_KEY": KEY, "TRIGGER_API_URL": "trigger.example.test"},
        ("TRIGGER_API_URL (trigger.example.test)", "write https://trigger.example.test"),
    ),
    (
        {"TRIGGER_SECRET_KEY": KEY, "TRIGGER_API_URL": "localhost:3030"},
        ("TRIGGER_API_URL (localhost:3030)", "write http://localhost:3030"),
    ),
]
ids = [" ".join(name for name in environ) + f" {n}" for n, (environ, _) in enumerate(OFFLINE)]


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without settings; this process gets it too."""
    for name in [name for name in os.environ if name.startswith(("TRIGGER_", "TRIGDASH_"))]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("TRIGDASH_CONFIG", str(tmp_path / "config.toml"))
    return dict(os.environ)


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    running = DemoServer(["--runs", "20"], os.environ)
    yield running
    running.close()


def log_in_halfway(home: Path) -> None:
    (home / "trigger").mkdir()
    stored = {"currentProfile": "default", "profiles": {"default": {"apiUrl": "https://a.test"}}}
    (home / "trigger" / "config.json").write_text(json.dumps(stored))


def told(output: str, words: tuple[str, ...]) -> bool:
    """Whether all of it stands in an output, however its lines were broken."""
    flat = " ".join(output.split())
    return all(each in flat for each in words)


@pytest.mark.parametrize("command", [["doctor"], ["runs", "list"]], ids=" ".join)
@pytest.mark.parametrize(("variables", "words"), OFFLINE, ids=ids)
def test_a_command_names_the_variable_and_the_next_step(
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    variables: dict[str, str],
    words: tuple[str, ...],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(command) == 2
    output = "".join(capsys.readouterr())
    assert told(output, words), output
    assert TOKEN not in output


@pytest.mark.parametrize("command", [["doctor"], ["runs", "list"], []], ids=" ".join)
def test_a_login_that_was_not_finished_is_told(
    environ: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    log_in_halfway(tmp_path)
    assert main(command) == 2
    assert told(capsys.readouterr().err, UNFINISHED)
    assert main(["--profile", "default", *command]) == 2
    assert told(capsys.readouterr().err, UNFINISHED)
    assert main(["profiles"]) == 0
    assert "default: a login that was not finished" in capsys.readouterr().out


def test_a_flag_is_named_as_a_flag(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIGGER_SECRET_KEY", KEY)
    assert main(["--api-url", "trigger.example.test", "doctor"]) == 2
    assert "--api-url (trigger.example.test) cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["doctor"], ["runs", "list"]], ids=" ".join)
def test_an_address_where_the_api_is_not_is_named(
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    server: DemoServer,
    command: list[str],
) -> None:
    url = f"{server.profile().api_url}/wrong"
    monkeypatch.setenv("TRIGGER_SECRET_KEY", KEY)
    monkeypatch.setenv("TRIGGER_API_URL", url)
    assert main(command) == 2
    output = "".join(capsys.readouterr())
    assert f"TRIGGER_API_URL is {url}, which answers not found (404)" in output
    assert "is this the address of the API?" in output


async def on_screen(environ: dict[str, str], words: tuple[str, ...]) -> None:
    """Start the dashboard and wait until the words stand in the list's place."""
    settings = load_settings(Flags(), environ)
    app = TrigdashApp(opener(lambda: settings, SystemClock()), settings.ui())
    async with app.run_test(size=(80, 24)):
        for _ in range(PATIENCE):
            views = app.screen.query(StateView)
            if views and told(views.first().plain_text, words):
                return
            await asyncio.sleep(0.025)
        raise AssertionError(views.first().plain_text if views else "no list")


@pytest.mark.parametrize(("variables", "words"), OFFLINE, ids=ids)
async def test_the_dashboard_says_the_same(
    environ: dict[str, str], variables: dict[str, str], words: tuple[str, ...]
) -> None:
    await on_screen(environ | variables, words)


async def test_the_dashboard_says_where_the_api_is_not(
    environ: dict[str, str], server: DemoServer
) -> None:
    url = f"{server.profile().api_url}/wrong"
    words = (f"TRIGGER_API_URL is {url}", "is this the address of the API?")
    await on_screen(environ | {"TRIGGER_SECRET_KEY": KEY, "TRIGGER_API_URL": url}, words)


async def test_a_token_without_a_project_asks_the_server_nothing_in_vain(
    environ: dict[str, str], server: DemoServer
) -> None:
    profile = server.profile()
    assert profile.api_url is not None
    assert profile.access_token is not None
    token = profile.access_token.find({}).reveal()
    variables = {"TRIGGER_SECRET_KEY": token, "TRIGGER_API_URL": profile.api_url}
    settings = load_settings(Flags(), environ | variables)
    app = TrigdashApp(opener(lambda: settings, SystemClock()), settings.ui())
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(PATIENCE):
            if "needs a project" in app.screen.query_one(StateView).plain_text:
                break
            await asyncio.sleep(0.025)
        assert "ctrl+r tries again" in app.screen.query_one(StateView).plain_text
        await pilot.press("ctrl+e")
        for _ in range(PATIENCE):
            if app.session.directory.projects:
                break
            await asyncio.sleep(0.025)
        assert app.session.directory.projects


def test_a_start_without_a_terminal_is_no_first_contact(environ: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trigdash"],
        env=environ | {"TRIGGER_SECRET_KEY": KEY},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "reads keys from standard input, which is none here" in done.stderr
