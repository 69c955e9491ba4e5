"""The page of all keys and marks, from the tables that bind and draw them."""

from __future__ import annotations

from collections.abc import Iterator

from trigdash.presentation.cell import cell_text
from trigdash.presentation.legend import LEGEND
from trigdash.ui.input.keys import GROUPS, display

_ABOUT = """\
# Keys

Made from the program: `make docs` writes this page. Small letters look, capitals write. Each key
has an id, by which the [settings](configuration.md) change it: `"run.cancel" = "K"`. On screen, `?`
shows the keys that work there.
"""


def page() -> str:
    """The page, in Markdown."""
    return "\n".join([_ABOUT, *_groups(), *_marks()])


def _groups() -> Iterator[str]:
    for name, keys in GROUPS.items():
        yield f"## {name.capitalize()}\n\n| Key | What it does | Id |\n|---|---|---|"
        for key in keys:
            written = " ".join(f"`{display(each)}`" for each in key.keys.split(",") if each)
            yield f"| {written or 'none'} | {key.help or key.words} | `{key.id}` |"
        yield ""


def _marks() -> Iterator[str]:
    yield "# Marks and colors\n"
    for name, entries in LEGEND.items():
        yield f"## Marks: {name}\n\n| Mark | Meaning |\n|---|---|"
        for mark, words in entries:
            yield f"| {cell_text(mark).strip()} | {words} |"
        yield ""
