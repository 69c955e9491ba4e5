"""The simulator's modules import each other in one direction only, for type checking included."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import trigdash.simulator

ROOT = Path(trigdash.simulator.__file__).parent
PACKAGE = "trigdash.simulator"


def modules() -> dict[str, Path]:
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        found[".".join((PACKAGE, *parts))] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of the simulator that one names, wherever in its text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module in known:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known.keys()
            found |= inner or {node.module}
    return found


def test_there_is_no_import_circle() -> None:
    known = modules()
    assert len(known) > 60
    graph = {name: imports(path, known) - {name} for name, path in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(f"circle: {' -> '.join(error.args[1])}") from None


def test_nothing_is_imported_for_type_checking_alone() -> None:
    assert not [path for path in ROOT.rglob("*.py") if "TYPE_CHECKING" in path.read_text()]


def test_no_file_is_longer_than_320_lines() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in ROOT.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 320} == {}


def test_no_two_classes_share_a_name() -> None:
    homes: dict[str, list[str]] = {}
    for path in ROOT.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(path.name)
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}
