"""Pages for contributors name paths and commands; each of them is there."""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from trigdash.cli import main

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if page.name != "CHANGELOG.md"
)
FOR_CONTRIBUTORS = [page for page in PAGES if page.name != "configuration.md"]
"""Settings and state of a user, which that page names, are no paths of the project."""

PATTERN = "x.py"
"""The name of a file that a recipe leaves to the reader."""

MADE = ("build/", "dist/", ".venv/")
"""What a build puts there; not part of the project."""

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|yaml|cfg)")
_COMMAND = re.compile(r"^(?:\.venv/bin/)?(make|trigdash) ([a-z][a-z-]+)", re.MULTILINE)
"""At the start of a piece of code, or of a line of one."""

_MODULE = re.compile(r"python3? -m ((?:tests|trigdash)[\w.]*)")


def code_of(page: Path) -> list[str]:
    """What a page says in code that one may type: spans, and blocks for a shell."""
    text = page.read_text(encoding="utf-8")
    blocks = [code for language, code in _BLOCK.findall(text) if language == "sh"]
    return [*blocks, *_SPAN.findall(_BLOCK.sub("", text))]


def is_there(path: str, page: Path) -> bool:
    """Whether a path exists, seen from the project, the package, or the page itself."""
    return any((base / path).exists() for base in (ROOT, ROOT / "trigdash", page.parent))


def paths_in(code: str) -> list[str]:
    """The parts of a piece of code that are paths of this project by their first folder."""
    tops = {entry.name for entry in (*ROOT.iterdir(), *(ROOT / "trigdash").iterdir())}
    words = [word.strip(".,;:'\"()") for word in code.split()]
    found = [word for word in words if _PATH.fullmatch(word)]
    ours = [path for path in found if path.split("/")[0] in tops and not path.startswith(MADE)]
    return [path for path in ours if not path.endswith("/" + PATTERN)]


@pytest.mark.parametrize("page", FOR_CONTRIBUTORS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_on_a_page_exists(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    named = [path for code in code_of(page) for path in paths_in(code)]

    assert [path for path in (*links, *named) if not is_there(path, page)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_on_a_page_exists(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = {match for code in code_of(page) for match in _COMMAND.findall(code)}

    assert {name for tool, name in named if tool == "make"} <= make_targets()
    for name in sorted(name for tool, name in named if tool == "trigdash"):
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0, f"trigdash {name}: {capsys.readouterr().err}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_that_is_run_on_a_page_exists(page: Path) -> None:
    named = {name for code in code_of(page) for name in _MODULE.findall(code)}

    assert [name for name in named if find_spec(name) is None] == []


def make_targets() -> set[str]:
    return set(
        re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_every_target_of_make_is_declared_and_explained() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)

    assert declared is not None
    assert set(shlex.split(declared[1])) == make_targets()
    assert len(re.findall(r"^[a-z]+:.*## \S", makefile, re.MULTILINE)) == len(make_targets())


def test_marks_that_pages_name_are_registered() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    marks = {line.split(":")[0] for line in settings["tool"]["pytest"]["ini_options"]["markers"]}
    named = {
        mark
        for page in PAGES
        for code in code_of(page)
        for condition in re.findall(r"-m '([^']+)'", code)
        for mark in re.findall(r"\b(?!not\b|and\b|or\b)[a-z0-9]+", condition)
    }

    assert named
    assert named <= marks


def test_the_codebase_guide_names_every_folder_of_the_package() -> None:
    guide = (ROOT / "docs" / "codebase-guide.md").read_text(encoding="utf-8")
    folders = {f"{init.parent.relative_to(ROOT)}/" for init in ROOT.glob("trigdash/**/__init__.py")}

    assert {folder for folder in folders if f"| `{folder}` |" not in guide} == set()
