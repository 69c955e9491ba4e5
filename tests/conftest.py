"""What holds for all tests: their marks, and names that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

_LONGEST_ID = 60
_END_TO_END = Path(__file__).parent / "end_to_end"


@pytest.fixture(autouse=True)
def _outside_of_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts that tests copy are not put into the buffers of whoever runs them in tmux."""
    monkeypatch.delenv("TMUX", raising=False)


def pytest_make_parametrize_id(val: object) -> str | None:
    """A parameter of many characters appears in a test's name by its beginning and its length."""
    if isinstance(val, str) and len(val) > _LONGEST_ID:
        return f"{val[:40]!a}+{len(val) - 40}"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories in a pseudo-terminal carry the mark `e2e`."""
    for item in items:
        if item.path.is_relative_to(_END_TO_END):
            item.add_marker(pytest.mark.e2e)
