"""What is loaded before the first frame: the first frame is quick because little is.

Time is not asserted anywhere, it depends on the machine; what is imported does not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

SLOW = frozenset(
    {
        # The client and the models: as slow as Textual itself.
        *("httpx", "httpcore", "anyio", "pydantic", "pydantic_core"),
        # What only the simulator needs.
        *("starlette", "uvicorn", "sqlglot", "cronsim", "cron_descriptor", "trigdash.simulator"),
        # What httpx and rich would bring along.
        *("click", "pygments", "rich.progress", "rich.traceback", "rich.markdown"),
        # Heavy widgets, each loaded by the screen that wants it.
        *("textual.widgets._markdown", "textual.widgets._text_area", "textual.widgets._data_table"),
        # Other screens, dialogs with editors, and everything that needs a connection.
        *("trigdash.backends.http", "trigdash.service.connection", "trigdash.service.bulk.bulk"),
        *(
            "trigdash.ui.command_runner",
            "trigdash.ui.screens.help",
            "trigdash.ui.dialogs.json_form",
        ),
        # What the first rows are asked with, and all that is asked beside them.
        *(
            "trigdash.service.runs.query",
            "trigdash.service.runs.counts",
            "trigdash.service.runs.ranked",
            "trigdash.service.runs.statements",
            "trigdash.service.runs.run_errors",
            "trigdash.service.runs.diff",
            "trigdash.service.why.query",
            "trigdash.service.watches",
            "trigdash.ui.screens.run_asks",
            "trigdash.ui.subject",
        ),
        # What reads a typed filter.
        *("trigdash.service.filters.language", "trigdash.service.filters.conditions"),
        # Only for who has such a file, and for who looks for something.
        *("tomllib", "regex"),
    }
)
"""Modules that must not be there when the first frame is painted."""

MOST_OWN = 108
"""Modules of our own before the first frame, packages included: each costs about 0.4 ms."""

_FIRST_FRAME = """
import json, os, sys
from trigdash import cli
from trigdash.commands import dashboard as launch
from trigdash.config.resolve import Flags, load_settings

settings = load_settings(Flags(), os.environ)
from trigdash.ui.app import TrigdashApp

class FirstFrame(TrigdashApp):
    def on_ready(self):
        self.loaded = sorted(sys.modules)
        self.exit()

async def never(where):
    raise AssertionError("opened before the first frame")

app = FirstFrame(never, settings.ui())
app.run(headless=True)
print(json.dumps(app.loaded))
"""

_COMMAND = """
import json, sys
from trigdash.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)))
"""


def _loaded(program: str, folder: Path, *arguments: str) -> set[str]:
    """The modules that a program says it has loaded, with what they are part of."""
    environment = {
        **os.environ,
        "TRIGGER_API_URL": "http://127.0.0.1:9",
        "TRIGGER_SECRET_KEY": "tr_dev_" + "x" * 24,
        "XDG_CONFIG_HOME": str(folder),
        "XDG_STATE_HOME": str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return set(modules)


def test_nothing_slow_is_loaded_before_the_first_frame(tmp_path: Path) -> None:
    loaded = _loaded(_FIRST_FRAME, tmp_path)
    commands = {"trigdash.commands.local", "trigdash.commands.nouns"}

    assert "trigdash.ui.screens.runs" in loaded
    assert loaded & (SLOW | commands) == set()
    assert len([name for name in loaded if name.startswith("trigdash")]) <= MOST_OWN


def test_help_and_version_need_neither_screen_nor_client(tmp_path: Path) -> None:
    for argument in ("--help", "--version"):
        loaded = _loaded(_COMMAND, tmp_path, argument)

        assert "trigdash.cli" in loaded
        assert loaded & (SLOW | {"textual", "rich", "asyncio"}) == set()


def test_the_client_leaves_its_own_command_line_alone(tmp_path: Path) -> None:
    """With click installed, httpx would load it and half of Rich, and never use them."""
    program = """
import asyncio, json, os, sys
from trigdash.clock import SystemClock
from trigdash.config.options import Destination
from trigdash.commands.dashboard import opener
from trigdash.config.resolve import Flags, load_settings

settings = load_settings(Flags(), os.environ)

async def open_and_close():
    connection = await opener(lambda: settings, SystemClock())(Destination())
    await connection.close()

asyncio.run(open_and_close())
print(json.dumps(sorted(name for name in sys.modules if sys.modules[name] is not None)))
"""
    loaded = _loaded(program, tmp_path)

    assert {"httpx", "trigdash.backends.trigger.backend"} <= loaded
    # A page of runs is read without it: the first rows come before it is loaded.
    assert "pydantic" not in loaded
    assert loaded & {"click", "pygments", "rich.progress", "httpx._main"} == set()
    # Models of what is opened later wait until it is.
    assert loaded & {"trigdash.model.span", "trigdash.model.batch", "trigdash.model.bulk"} == set()
