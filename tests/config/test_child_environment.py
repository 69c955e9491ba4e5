"""Programs that trigdash starts by itself are given no key."""

from __future__ import annotations

import ast
import asyncio
import json
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

import trigdash
from trigdash.config.browser import open_in_browser
from trigdash.config.child_environment import without_secrets

KEY = "tr_prod_abcdefghijklmnop"
HELD = {
    "TRIGGER_SECRET_KEY": KEY,
    "TRIGGER_ACCESS_TOKEN": "tr_pat_abcdefghijklmnop",
    "FLOWS_KEY": "anything",
    "DB_PASSWORD": "anything",
    "mine": f"it is {KEY}",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJlbnYifQ.c2ln",
}
NEEDED = {"PATH": "/usr/bin", "HOME": "/h", "DISPLAY": ":0", "NODE_EXTRA_CA_CERTS": "/c.pem"}


def test_names_and_looks_tell_a_secret() -> None:
    assert without_secrets(HELD | NEEDED) == NEEDED


def _text_of(path: Path) -> str:
    """What a program writes, as soon as it has: a slow one is not waited for by its starter."""
    end_s = monotonic() + 20
    while not path.exists() or not path.read_text():
        assert monotonic() < end_s
        sleep(0.01)
    return path.read_text()


async def test_a_browser_is_given_no_key(tmp_path: Path) -> None:
    told, program = tmp_path / "told", tmp_path / "browser"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib\n"
        f"pathlib.Path({str(told)!r}).write_text(json.dumps(dict(os.environ)))\n"
    )
    program.chmod(0o700)
    environ = {"BROWSER": str(program), "PATH": "/usr/bin:/bin", **HELD}
    assert await open_in_browser("https://example.com", environ)
    given = json.loads(await asyncio.to_thread(_text_of, told))
    assert not set(given) & set(HELD)
    assert KEY not in str(given)


STARTERS = {"Popen", "run", "call", "check_output", "create_subprocess_exec", "execvp", "fork"}


def _starts() -> list[tuple[Path, ast.Call]]:
    package = Path(trigdash.__file__).parent
    return [
        (path.relative_to(package), node)
        for path in sorted(package.rglob("*.py"))
        if "subprocess" in path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in STARTERS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("subprocess", "asyncio", "os")
        and not (node.func.value.id == "asyncio" and node.func.attr == "run")
    ]


def test_no_program_is_started_through_a_shell() -> None:
    assert len(_starts()) >= 5
    for path, call in _starts():
        assert not any(keyword.arg == "shell" for keyword in call.keywords), path
    package = Path(trigdash.__file__).parent
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "os.system(" not in text, path
        assert "create_subprocess_shell" not in text, path
        assert "os.popen(" not in text, path


BY_THE_USER = {Path("config/secret_command.py"), Path("commands/watch.py")}
"""Commands that people set themselves run in the environment that trigdash was started in."""


@pytest.mark.parametrize(
    ("path", "given"),
    [
        (path, [ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == "env"])
        for path, call in _starts()
    ],
    ids=str,
)
def test_what_is_started_by_itself_is_given_an_environment_without_secrets(
    path: Path, given: list[str]
) -> None:
    if path in BY_THE_USER:
        assert given in ([], ["dict(environ)"])
    elif path == Path("config/browser.py"):
        assert given == ["environ"], "see test_a_browser_is_given_no_key"
    else:
        assert [words.split("(")[0] for words in given] == ["without_secrets"]
