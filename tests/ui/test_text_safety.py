"""No widget is handed data as `str`: Textual would read it as markup, and run what it finds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import trigdash.ui

UI = Path(trigdash.ui.__file__).parent
TEXT_SINKS = {"Static", "Label", "Button", "Collapsible", "Checkbox", "Tab", "ListItem", "Link"}
SAFE_MAKERS = {"Content", "Text", "to_text", "lines"}


def findings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(node)
        if isinstance(node, ast.Assign):
            yield from _title(node)


def _call(node: ast.Call) -> Iterator[str]:
    name = _name(node.func)
    keywords = {each.arg: each.value for each in node.keywords}
    if name == "notify" and not _is_false(keywords.get("markup")):
        yield f"{node.lineno}: notify() without markup=False"
    if name in TEXT_SINKS and not _is_false(keywords.get("markup")):
        shown = node.args[:1] + [v for k, v in keywords.items() if k in ("content", "label")]
        if any(not _is_safe(each) for each in shown):
            yield f"{node.lineno}: {name}() of a str that is not a literal"
    if name == "update" and node.args and not _is_safe(node.args[0]) and _on_widget(node.func):
        yield f"{node.lineno}: update() of something that may be a str"
    if name in ("from_markup", "from_ansi"):
        yield f"{node.lineno}: {name}() interprets data"


def _title(node: ast.Assign) -> Iterator[str]:
    for target in node.targets:
        titled = isinstance(target, ast.Attribute) and target.attr in (
            "border_title",
            "border_subtitle",
        )
        if titled and not _is_safe(node.value):
            yield f"{node.lineno}: a title that may be a str"


def _on_widget(func: ast.expr) -> bool:
    """Whether `.update` is called on something queried from the screen, not on a dict."""
    return isinstance(func, ast.Attribute) and "query_one" in ast.dump(func.value)


def _is_safe(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    return isinstance(node, ast.Call) and _name(node.func) in SAFE_MAKERS | {"assemble"}


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


@pytest.mark.parametrize(
    "bad",
    [
        "self.app.notify(words)",
        "Static(f'{run.id}')",
        "Label(row.task)",
        "self.query_one(Static).update(words)",
        "frame.border_title = task",
        "Text.from_ansi(log)",
    ],
)
def test_the_guard_sees(bad: str) -> None:
    assert list(findings(ast.parse(bad)))


def test_no_widget_takes_data_for_markup() -> None:
    found = [
        f"{path.relative_to(UI)}:{words}"
        for path in sorted(UI.rglob("*.py"))
        for words in findings(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
