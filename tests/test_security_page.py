"""Every test that docs/security.md names as a guard exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "Guarded by" not in line]
PROMISES = [row for row in ROWS if "`python -m" not in row and not row.startswith("| What |")]


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_guard_is_there(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = (
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert test in {function.name for function in functions}


def test_every_promise_names_a_guard() -> None:
    assert len(PROMISES) > 20
    assert [row for row in PROMISES if "::test_" not in row] == []
