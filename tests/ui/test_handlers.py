"""Textual calls a message's handlers of all classes of a widget, the base class's last: one that
calls its base class's as well has it run twice, for two timers a screen or two layouts a resize."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import trigdash.ui

UI = Path(trigdash.ui.__file__).parent
NOT_HANDLERS = {"on_event"}
"""Methods of Textual's own that are called as methods are."""


def called_twice(tree: ast.AST) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            name = function.name
            is_handler = name.lstrip("_").startswith("on_") and name not in NOT_HANDLERS
            if is_handler and f"super().{name}(" in ast.unparse(function):
                yield f"{function.lineno}: {name}"


@pytest.mark.parametrize("name", ["on_mount", "_on_click"])
def test_the_guard_sees(name: str) -> None:
    assert list(called_twice(ast.parse(f"def {name}(self):\n    super().{name}()")))
    assert not list(called_twice(ast.parse(f"def {name}(self):\n    super().show()")))


def test_no_handler_calls_the_one_that_textual_calls_anyway() -> None:
    found = [
        f"{path.relative_to(UI)}:{words}"
        for path in sorted(UI.rglob("*.py"))
        for words in called_twice(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
