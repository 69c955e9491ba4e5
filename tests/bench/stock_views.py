"""Stock Tree and Log with as much to show: `python -m tests.bench.stock_views trace|log COUNT`.

The keys are those of `tests.bench.span_views`.
"""

import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Header, Log, Tree
from typing_extensions import override

from tests.bench.spans import FAMILY, message


class StockApp(App[None]):
    """One view below a header."""

    BINDINGS: ClassVar = [("f5", "load", "Load")]

    def __init__(self) -> None:
        super().__init__()
        self.animation_level = "none"

    def on_ready(self) -> None:
        """Say that keys may come."""
        self.sub_title = "ready"


class StockTree(StockApp):
    """A Tree of the same spans."""

    BINDINGS: ClassVar = [("f6", "unfold_all", "All"), ("f7", "fold_branch", "Fold")]

    def __init__(self, count: int) -> None:
        super().__init__()
        self._messages = [message(row) for row in range(count)]
        self._tree: Tree[None] = Tree(self._messages[0])
        self._tree.auto_expand = False

    @override
    def compose(self) -> ComposeResult:
        yield Header()
        yield self._tree

    def action_load(self) -> None:
        """Add every span, branches folded."""
        root = self._tree.root
        root.expand()
        for head in range(1, len(self._messages), FAMILY):
            branch = root.add(self._messages[head])
            for text in self._messages[head + 1 : head + FAMILY]:
                branch.add_leaf(text)
        self._tree.focus()

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        self._tree.root.expand_all()

    def action_fold_branch(self) -> None:
        """Fold or unfold the highlighted branch."""
        if self._tree.cursor_node is not None:
            self._tree.cursor_node.toggle()


class StockLog(StockApp):
    """A Log of the same messages."""

    BINDINGS: ClassVar = [("f8", "grow", "Grow")]

    def __init__(self, count: int) -> None:
        super().__init__()
        self._messages = [message(number) for number in range(count)]
        self._next = count
        self._lines = Log()

    @override
    def compose(self) -> ComposeResult:
        yield Header()
        yield self._lines

    def action_load(self) -> None:
        """Write every line."""
        self._lines.write_lines(self._messages)
        self._lines.focus()

    def action_grow(self) -> None:
        """A hundred lines each second."""
        self.sub_title = "updating"
        self.set_interval(1.0, self._show_next)

    def _show_next(self) -> None:
        self._lines.write_lines([message(number) for number in range(self._next, self._next + 100)])
        self._next += 100


if __name__ == "__main__":
    {"trace": StockTree, "log": StockLog}[sys.argv[1]](int(sys.argv[2])).run()
