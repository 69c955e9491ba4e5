"""One word, one meaning: no two classes of the package share a name. And no file is too long."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "trigdash"
SIMULATOR = PACKAGE / "simulator"


def test_no_two_classes_of_the_package_share_a_name() -> None:
    """Messages are named within their widget, as Textual names their handlers: `TraceView.Changed`.

    The simulator speaks for itself: it shares nothing with the client.
    """
    homes = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        if not path.is_relative_to(SIMULATOR):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    homes[node.name].append(str(path.relative_to(PACKAGE)))

    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


MOST_LINES = 320
"""More than that is more than one thing."""


def test_no_file_of_the_package_is_longer_than_320_lines() -> None:
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }

    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}
