"""The application around the screens: commands, places, environments, keys, and how it ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from textual.command import CommandList

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import FakeClock
from tests.ui.harness import PROD, Harness, open_app, run_row
from trigdash.config.options import UiSettings
from trigdash.service.connection import Connection
from trigdash.ui.app import TrigdashApp
from trigdash.ui.input.commands import CommandError, read
from trigdash.ui.input.keys import GROUPS, bindings, clashes, display, is_key, keymap
from trigdash.ui.routes import DETAIL_ROUTES, ROUTES, DetailRoute, Route
from trigdash.ui.screens.actions_log import ActionsScreen
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.screens.batch import BatchScreen
from trigdash.ui.screens.command_line import ActionPalette, CommandLine
from trigdash.ui.screens.help import HelpScreen
from trigdash.ui.screens.queue import QueueScreen
from trigdash.ui.screens.queues import QueuesScreen
from trigdash.ui.screens.resource import ResourceScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.line import Footer, Line, StatusBar
from trigdash.ui.widgets.prompt import Prompt


def backend_of(environment: str, *rows: object) -> FakeBackend:
    backend = FakeBackend(name=environment)
    backend.add(rows)  # type: ignore[arg-type]
    kind = "PRODUCTION" if environment == "prod" else "STAGING"
    backend.answers["identity"] = PROD.model_copy(
        update={"environment": environment, "environment_type": kind}
    )
    return backend


async def command(stage: Harness, line: str) -> None:
    await stage.press("colon")
    await stage.until(lambda: isinstance(stage.app.screen, CommandLine))
    stage.app.screen.query_one(Prompt).insert_text_at_cursor(line)
    await stage.press("enter")


# The command line


async def test_a_command_narrows_the_run_list() -> None:
    backend = backend_of("prod", run_row(1), run_row(2, "FAILED"))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 2)
        await command(harness, "runs status:failed")
        await harness.until(lambda: harness.ids == ["run_0002"])


async def test_a_wrong_command_is_explained_and_the_line_stays() -> None:
    async with open_app(backend_of("prod", run_row(1))) as harness:
        await harness.until(lambda: harness.ids)
        await command(harness, "rums")
        hint = harness.app.screen.query_one("#command-hint", Line)
        await harness.until(lambda: "do you mean :runs?" in hint.plain_text)
        await harness.press("escape")
        await harness.until(lambda: not isinstance(harness.app.screen, CommandLine))


async def test_the_list_stays_live_below_the_command_line() -> None:
    backend = backend_of("prod", run_row(1))
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("colon")
        backend.add([run_row(0)])
        await harness.poll()
        await harness.until(lambda: len(harness.ids) == 2)


async def test_history_brings_back_what_was_typed() -> None:
    async with open_app(backend_of("prod", run_row(1))) as harness:
        await harness.until(lambda: harness.ids)
        await command(harness, "runs status:failed")
        await harness.until(lambda: not isinstance(harness.app.screen, CommandLine))
        await harness.press("colon", "up")
        assert harness.app.screen.query_one(Prompt).value == "runs status:failed"
        await harness.press("down")
        assert harness.app.screen.query_one(Prompt).value == ""


async def test_the_palette_finds_a_command_by_its_name() -> None:
    async with open_app(backend_of("prod", run_row(1))) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("ctrl+p")
        await harness.until(lambda: isinstance(harness.app.screen, ActionPalette))
        await harness.press(*"actions")
        found = harness.app.screen.query_one(CommandList)
        await harness.until(lambda: found.option_count and found.highlighted is not None)
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, ActionsScreen))


async def test_columns_of_the_settings_are_drawn_once_and_what_is_odd_is_said() -> None:
    settings = UiSettings(columns=("task", "task", "status", "tsak"))
    async with open_app(backend_of("prod", run_row(1)), settings=settings) as harness:
        await harness.until(lambda: harness.ids)
        shown = [column.key for column in harness.app.screen.table.columns]
        assert shown == ["task", "status"]
        said = [note.message for note in harness.app._notifications]
        assert "settings: the column 'task' stands 2 times" in said
        assert any("no column 'tsak'" in words for words in said)


async def test_the_palette_takes_no_name_for_markup() -> None:
    views = {"[/x] [@click=app.quit]end[/]": "status:failed", "plain": "status:queued"}
    async with open_app(
        backend_of("prod", run_row(1)), settings=UiSettings(views=views)
    ) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("ctrl+p")
        await harness.until(lambda: isinstance(harness.app.screen, ActionPalette))
        await harness.press(*"view x")
        found = harness.app.screen.query_one(CommandList)
        await harness.until(lambda: found.option_count and found.highlighted is not None)
        shown = str(found.get_option_at_index(0).prompt)
        assert shown == "view [/x] [@click=app.quit]end[/]\nsaved view"


async def test_the_palette_bears_a_terminal_without_room_for_it() -> None:
    async with open_app(backend_of("prod", run_row(1)), size=(10, 3)) as harness:
        await harness.press("ctrl+p")
        await harness.until(lambda: isinstance(harness.app.screen, ActionPalette))
        found = harness.app.screen.query_one(CommandList)
        await harness.until(lambda: found.option_count)
        await harness.press("down", "pageup", "pagedown", "escape")
        await harness.until(lambda: not isinstance(harness.app.screen, ActionPalette))


async def test_quit_closes_the_backend() -> None:
    backend = backend_of("prod", run_row(1))
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        await command(harness, "quit")
        await harness.until(lambda: not harness.app.is_running)
    assert backend.closed


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rums", "do you mean :runs?"),
        ("quit now", ":quit takes nothing"),
        ("run", ":run needs a run"),
        ("", "tab lists the commands"),
    ],
)
def test_wrong_commands_are_explained(line: str, words: str) -> None:
    with pytest.raises(CommandError, match=words.replace("?", r"\?")):
        read(line)


def test_a_pasted_id_opens_what_it_names() -> None:
    asked = read("run_abc123")
    assert (asked.command.name, asked.argument) == ("run", "run_abc123")
    assert read(":q").command.name == "quit"


# Environments


async def test_nothing_of_the_old_environment_appears_after_a_switch() -> None:
    old, new = backend_of("prod", run_row(1)), backend_of("stg", run_row(2))
    clock = FakeClock()

    async def opening(profile: str | None, environment: str | None) -> Connection:
        return Connection(new if environment == "stg" else old, clock)  # type: ignore[arg-type]

    async with open_app(opening=opening) as harness:
        await harness.until(lambda: harness.ids == ["run_0001"])
        old.gate = asyncio.Event()
        old.stubborn = True
        harness.app.refresh_now()
        await clock.settle()
        await command(harness, "env stg")
        old.gate.set()
        await harness.until(lambda: harness.ids == ["run_0002"])
        await harness.until(lambda: " stg " in harness.bar)
        assert old.closed
        asked = len(old.log)
        await clock.advance(30)
        assert len(old.log) == asked
        assert harness.ids == ["run_0002"]
        assert "prod" not in harness.bar


async def test_production_is_framed_from_the_first_frame_on() -> None:
    async with open_app(settings=UiSettings(environment="prod")) as harness:
        assert harness.app.session.is_production
        assert " prod " in harness.bar


# Keys


def test_no_two_keys_of_the_run_list_mean_different_things() -> None:
    assert clashes({}, ("run", "run writes", "all matches", "list", "table", "everywhere")) == []
    clash = clashes({"run.cancel": "R"}, ("run", "run writes"))
    assert clash == [("run.cancel", "R is both run.cancel and run.replay")]


def test_keys_of_the_settings_are_taken_as_people_write_them() -> None:
    changed = {"run.cancel": ".", "run.tag": "ctrl+?, esc", "run.replay": ",", "list.copy": "+"}
    assert keymap(changed) == {
        "run.cancel": "full_stop",
        "run.tag": "ctrl+question_mark,escape",
        "run.replay": "comma",
        "list.copy": "plus",
    }
    assert all(map(is_key, (".", "?", "esc", "ctrl+k", "f5", "K", "space", "é")))
    assert not any(map(is_key, ("", "ctl+k", "banana", "ctrl+banana")))


async def test_a_character_of_the_settings_is_a_key() -> None:
    settings = UiSettings(keys={"app.help": "."})
    async with open_app(settings=settings) as harness:
        await harness.press(".")
        await harness.until(lambda: isinstance(harness.app.screen, HelpScreen))


def test_every_key_has_an_id_of_its_own() -> None:
    ids = [key.id for group in GROUPS.values() for key in group]
    assert len(ids) == len(set(ids))
    assert len(bindings("table")) == len(GROUPS["table"])


def test_keys_are_written_as_people_know_them() -> None:
    assert [display(keys) for keys in ("colon", "ctrl+p", "question_mark", "C", "escape,q")] == [
        ":",
        "ctrl+p",
        "?",
        "C",
        "esc",
    ]


async def test_a_key_from_the_settings_replaces_the_usual_one() -> None:
    settings = UiSettings(keys={"app.pause": "f5"})
    async with open_app(backend_of("prod", run_row(1)), settings) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("a")
        assert "paused" not in harness.bar
        await harness.press("f5")
        assert "paused" in harness.bar


async def test_the_help_lists_every_key_of_the_screen_as_it_is_bound() -> None:
    settings = UiSettings(keys={"app.pause": "f5"})
    async with open_app(settings=settings) as harness:
        await harness.press("question_mark")
        await harness.until(lambda: isinstance(harness.app.screen, HelpScreen))
        screen = harness.app.screen
        assert isinstance(screen, HelpScreen)
        lines = ["".join(text for text, _ in line) for line in screen.lines()]
        assert any("f5" in line and "pause or resume" in line for line in lines)
        assert any("ctrl+a" in line and "mark all" in line for line in lines)
        assert any("since:" in line for line in lines)
        assert any(":quit" in line for line in lines)


# The end


CRASH = """
import asyncio
from trigdash.ui.app import TrigdashApp
from trigdash.config.options import UiSettings

async def opening(*where):
    secret_key = "tr_prod_" + "0123456789" + "abcdef"
    raise ZeroDivisionError("in opening") if WHERE == "worker" else await asyncio.Event().wait()

class Failing(TrigdashApp):
    def on_ready(self):
        secret_key = "tr_prod_" + "0123456789" + "abcdef"
        if WHERE == "handler":
            raise ZeroDivisionError("in a handler")

Failing(opening, UiSettings()).run(headless=True)
"""


@pytest.mark.parametrize("where", ["handler", "worker"])
def test_a_crash_shows_where_and_never_with_what(where: str) -> None:
    code = CRASH.replace("WHERE", repr(where))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert "ZeroDivisionError: in" in done.stderr
    assert "trigdash stopped on an error of its own" in done.stderr
    assert "0123456789abcdef" not in done.stderr + done.stdout


UPDATED = """
import sys
from pathlib import Path
from types import ModuleType

file = Path(FILE)
late = sys.modules["trigdash.late"] = ModuleType("trigdash.late")
late.__file__ = str(file)
if WRITTEN:
    file.write_text("")
"""


@pytest.mark.parametrize("written", [True, False], ids=["written", "removed"])
def test_a_crash_after_an_update_says_that_it_is_to_be_started_again(
    tmp_path: Path, written: bool
) -> None:
    updated = UPDATED.replace("FILE", repr(str(tmp_path / "late.py")))
    code = CRASH.replace("WHERE", "'handler'").replace(
        "Failing(opening", f"{updated.replace('WRITTEN', repr(written))}\nFailing(opening"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert "trigdash was replaced on disk while it ran" in done.stderr
    assert "an error of its own" not in done.stderr


async def test_a_bug_in_polling_ends_the_program_instead_of_going_silent() -> None:
    backend = backend_of("prod", run_row(1))

    def broken(*_arguments: object) -> object:
        raise LookupError("a bug")

    async def poll_with_a_bug() -> None:
        async with open_app(backend) as harness:
            await harness.until(lambda: harness.ids)
            backend.answers["identity"] = broken
            harness.app.refresh_now()
            await harness.until(lambda: not harness.app.is_running)

    with pytest.raises(LookupError):
        await poll_with_a_bug()


FIRST_FRAME = """
import sys
from textual.pilot import Pilot
import asyncio
from trigdash.ui.app import TrigdashApp
from trigdash.config.options import UiSettings

async def opening(*where):
    await asyncio.Event().wait()

async def main():
    async with TrigdashApp(opening, UiSettings()).run_test():
        heavy = ("pydantic", "httpx", "starlette", "uvicorn", "click", "trigdash.model.run",
                 "trigdash.simulator", "trigdash.backends.http", "textual.widgets._data_table",
                 "textual.widgets._text_area", "textual.widgets._markdown", "pygments.lexers")
        print(sorted(name for name in heavy if name in sys.modules))

asyncio.run(main())
"""


def test_nothing_heavy_is_imported_before_the_first_frame() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


async def test_read_only_dims_every_write_and_says_why_nothing_happens() -> None:
    settings = UiSettings(read_only=True)
    async with open_app(backend_of("prod", run_row(1)), settings) as harness:
        footer = harness.app.screen.query_one(Footer)
        by_words = {choice.words: choice.enabled for choice in footer.choices}
        assert "read-only" in harness.bar
        assert not by_words["cancel"]
        assert by_words["filter"]


async def test_what_a_backend_cannot_do_is_shown_disabled() -> None:
    backend = backend_of("prod", run_row(1))
    backend.capabilities = frozenset()
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.ids)
        footer = harness.app.screen.query_one(Footer)
        assert not {c.words: c.enabled for c in footer.choices}["replay"]
        await harness.press("2")
        await harness.until(lambda: "the fake does not know queues" in harness.toasts())


@pytest.mark.parametrize("there", [*ROUTES.values(), *DETAIL_ROUTES.values()])
def test_every_place_and_every_detail_leads_to_a_screen(there: Route | DetailRoute) -> None:
    screen = getattr(import_module(there.module), there.screen)
    assert issubclass(screen, LiveScreen)


@pytest.mark.parametrize(
    "screen", [RunsScreen, QueuesScreen, QueueScreen, ResourceScreen, BatchScreen, ActionsScreen]
)
def test_every_key_that_the_help_of_a_list_names_does_something(screen: type[LiveScreen]) -> None:
    dead = []
    for group in screen.KEY_GROUPS:
        for key in GROUPS[group]:
            name = key.action.partition("(")[0]
            owner = TrigdashApp if name.startswith("app.") else screen
            if not hasattr(owner, f"action_{name.removeprefix('app.')}"):
                dead.append(key.id)
    assert dead == []


@pytest.mark.parametrize("size", [(140, 30), (60, 12)])
async def test_an_unencrypted_connection_is_marked_in_red_at_every_width(
    size: tuple[int, int],
) -> None:
    settings = UiSettings(server="jobs.example.com", is_unencrypted=True)
    async with open_app(settings=settings, size=size) as harness:
        await harness.until(lambda: harness.app.session.connection is not None)
        left, _ = harness.app.screen.query_one(StatusBar).cells(size[0])
        assert ("  NOT ENCRYPTED", "bad-strong") in left
    async with open_app(settings=UiSettings(server="jobs.example.com"), size=size) as harness:
        assert "NOT ENCRYPTED" not in harness.bar
