"""A key as the tables of keys name it, and the keys of dialogs."""

from dataclasses import dataclass

from trigdash.model.capability import Capability


@dataclass(frozen=True, slots=True)
class Key:
    """One key, or several that do the same."""

    id: str
    keys: str
    """Textual key names, comma-separated; the first is the one that is shown."""
    action: str
    words: str
    """Its label in the footer: one or two words."""
    help: str = ""
    """Its label in the help, if `words` are too short."""
    needs: Capability | None = None
    """The capability without which it is shown disabled."""
    priority: bool = False
    """Taken before any widget sees it."""


DIALOG_GROUPS: dict[str, tuple[Key, ...]] = {
    "question": (
        Key("question.refuse", "escape", "refuse", "leave it", "close with nothing done"),
    ),
    "edit": (Key("question.edit", "e", "edit", "edit first", "replay with changes"),),
    "agree": (Key("question.agree", "y", "agree", "do it", "do what is asked"),),
    "gather": (
        Key("gather.enough", "g", "enough", "go on", "read no more runs, go on with these"),
    ),
    "preview": (
        Key(
            "preview.waves",
            "w",
            "agree_in_waves",
            "in waves",
            "a few runs first, and no further than they go well",
            priority=True,
        ),
        Key("preview.everything", "a", "agree_to_all", "all that match", "not only those listed"),
        Key(
            "preview.export",
            "e",
            "export",
            "export the list",
            "save the runs of a bulk to a file before it is agreed to",
            priority=True,
        ),
    ),
    "answers": (
        Key("answers.previous", "left", "app.focus_previous", "previous answer"),
        Key("answers.next", "right", "app.focus_next", "next answer"),
    ),
    "picker": (
        Key("picker.up", "up", "app.focus_previous", "up", "the one above"),
        Key("picker.down", "down", "app.focus_next", "down", "the one below"),
    ),
    "answer": (Key("answer.choose", "enter,space", "choose", "give this answer"),),
    "bulk": (
        Key("bulk.abort", "x", "abort", "abort", "stop it; what was done stays done"),
        Key("bulk.retry", "r", "retry", "retry", "try the failures again"),
        Key("bulk.up", "k,up", "scroll_list(-1)", "up", "scroll what failed"),
        Key("bulk.down", "j,down", "scroll_list(1)", "down", "scroll what failed"),
        Key("bulk.page_up", "pageup", "scroll_list(-10)", "page up"),
        Key("bulk.page_down", "pagedown", "scroll_list(10)", "page down"),
    ),
    "editor": (
        Key("editor.save", "ctrl+s", "save", "save", "use what was typed", priority=True),
        Key("editor.reset", "ctrl+r", "start_over", "start over", priority=True),
    ),
    "dialog": (Key("dialog.close", "escape,q,question_mark", "close", "close"),),
    "menu": (Key("menu.close", "escape,q", "close", "leave", "leave all as it was"),),
    "sort menu": (
        Key("sort.next", "s", "take_next", "next", "sort by the next column"),
        Key("sort.reverse", "S", "turn_round", "reverse", "turn the order round"),
    ),
    "theme menu": (Key("theme.ascii", "a", "toggle_ascii", "ASCII", "ASCII marks on or off"),),
    "columns": (
        Key("columns.toggle", "space", "show_or_hide", "show or hide", priority=True),
        Key("columns.down", "J", "carry(1)", "move down", "move the column to the right"),
        Key("columns.up", "K", "carry(-1)", "move up", "move the column to the left"),
        Key("columns.narrower", "less_than_sign", "widen(-1)", "narrower", "a narrower column"),
        Key("columns.wider", "greater_than_sign", "widen(1)", "wider", "a wider column"),
        Key("columns.usual", "U", "usual", "usual", "the usual columns and widths again"),
        Key("columns.close", "escape,q,c", "close", "leave", "leave all as it was"),
    ),
    "help": (
        Key("help.close", "question_mark", "close", "close", priority=True),
        Key("help.clear", "escape", "clear_or_close", "clear", "show all again, or close"),
        Key("help.up", "up", "scroll(-1)", "up"),
        Key("help.down", "down", "scroll(1)", "down"),
        Key("help.page_up", "pageup", "scroll(-10)", "page up"),
        Key("help.page_down", "pagedown", "scroll(10)", "page down"),
        Key("help.top", "ctrl+home", "scroll(-1000)", "top"),
        Key("help.bottom", "ctrl+end", "scroll(1000)", "bottom"),
    ),
    "connect": (
        Key("connect.demo", "d", "demo", "demo", "look at the demo instead"),
        Key("connect.form", "k", "form", "enter a key", "go to the form"),
        Key("connect.leave", "escape,q,ctrl+q,ctrl+c", "leave", "leave"),
    ),
    "form": (Key("form.close", "escape", "close", "leave"),),
}
"""Groups of keys that work in dialogs."""
