"""The table of keys: every key of the product, by group. Small letters look, capitals write.

To add a screen's keys: add a group here, bind it with `BINDINGS = bindings("queues")`, name the
group in the screen's `KEY_GROUPS`, and its most useful ids in the screen's `FOOTER`.
"""

from dataclasses import dataclass

from trigdash.model.capability import Capability
from trigdash.model.span_event import LEVELS
from trigdash.presentation.registry import RESOURCES


@dataclass(frozen=True, slots=True)
class Key:
    """One key, or several that do the same."""

    id: str
    keys: str
    """Textual key names, comma-separated; the first is the one that is shown."""
    action: str
    words: str
    """What it does, for the footer: one or two words."""
    help: str = ""
    """What it does, for the help, where `words` are too few."""
    needs: Capability | None = None
    """The capability without which it is shown disabled."""
    priority: bool = False
    """Taken before any widget sees it."""


def _digit(tab: int) -> str:
    """The key of a tab by its number: the first eight have one."""
    return str(tab) if tab <= 8 else ""


GROUPS: dict[str, tuple[Key, ...]] = {
    "everywhere": (
        Key("app.now", "0", "go('now')", "now", "what needs somebody now"),
        Key("app.runs", "1", "go('runs')", "runs", "the run list"),
        Key("app.queues", "2", "go('queues')", "queues", "the queues"),
        Key("app.batches", "3", "go('batches')", "batches", "the batches"),
        Key("app.more", "9", "app.choose_place", "more", "every list there is"),
        *(
            Key(f"go.{name}", _digit(at), f"go('{name}')", name, f"the {name}")
            for at, name in enumerate(RESOURCES, start=4)
        ),
        Key("app.command", "colon", "command_line", "command", "the command line"),
        Key("app.palette", "ctrl+p", "app.command_palette", "palette", "find a command"),
        Key("app.help", "question_mark", "help", "help", "this help"),
        Key("app.back", "escape", "back", "back", "clear, then go back"),
        Key(
            "app.environments",
            "ctrl+e",
            "app.choose_environment",
            "environments",
            "go to another environment, project or profile",
        ),
        Key("app.refresh", "ctrl+r", "refresh_now", "refresh", "ask the server now"),
        Key("app.pause", "a", "toggle_polling", "pause", "pause or resume polling"),
        Key("app.next_pane", "tab", "app.focus_next", "next pane"),
        Key("app.previous_pane", "shift+tab", "app.focus_previous", "previous pane"),
        Key(
            "app.result",
            "O",
            "app.open_result",
            "result",
            "open what the last action made, or look for it",
        ),
        Key(
            "app.bulks", "B", "app.open_bulks", "bulk", "the bulk under way, or an interrupted one"
        ),
        Key("app.suspend", "ctrl+z", "app.suspend_process", "suspend", "to the shell; fg returns"),
        Key("app.leave", "q", "leave", "leave", "leave this view; at the top, quit"),
        Key("app.quit", "ctrl+q", "app.quit", "quit"),
    ),
    "table": (
        Key("table.open", "enter", "open", "open"),
        Key("table.up", "k,up", "move(-1)", "up"),
        Key("table.down", "j,down", "move(1)", "down"),
        Key("table.top", "g,home", "top", "top", "to the top, where the list is live"),
        Key("table.bottom", "G,end", "bottom", "bottom"),
        Key("table.half_up", "ctrl+u", "half_page(-1)", "half a page up"),
        Key("table.half_down", "ctrl+d", "half_page(1)", "half a page down"),
        Key("table.page_up", "pageup", "page(-1)", "page up"),
        Key("table.page_down", "pagedown", "page(1)", "page down"),
        Key("table.left", "left", "sideways(-1)", "left"),
        Key("table.right", "right", "sideways(1)", "right"),
        Key("table.mark", "space", "mark", "mark", "mark the row and go to the next"),
        Key("table.mark_all", "ctrl+a", "mark_all", "mark all", "mark all rows shown"),
        Key("table.sort", "s", "sort_next", "sort", "sort by the next column"),
        Key("table.reverse", "S", "reverse_sort", "reverse", "turn the order round"),
    ),
    "list": (
        Key("list.filter", "slash", "filter", "filter", "edit the filter"),
        Key("list.next_match", "n", "next_match", "next match"),
        Key("list.previous_match", "N", "previous_match", "previous match"),
        Key("list.copy", "y", "copy_id", "copy id"),
        Key("list.save", "ctrl+s", "save_shown", "save", "save what is shown to a file"),
        Key("list.columns", "c", "pick_columns", "columns", "choose and order the columns"),
        Key("list.wrap", "w", "toggle_wrap", "wrap", "wrap the explanation below the list"),
    ),
    "run": (
        Key("run.copy_link", "Y", "copy_link", "copy link", "copy the dashboard's address"),
        Key("run.why", "W", "explain", "why", "why the run does not move"),
        Key("run.browser", "o", "open_in_browser", "browser", "open in the browser"),
        Key("run.overview", "d", "open_tab('overview')", "overview"),
        Key("run.trace", "t", "open_tab('trace')", "trace"),
        Key("run.events", "e", "open_tab('events')", "events"),
        Key("run.payload", "p", "open_tab('payload')", "payload"),
        Key("run.related", "r", "open_tab('related')", "related"),
    ),
    "run writes": (
        Key("run.cancel", "C", "write('cancel')", "cancel", needs=Capability.CANCEL),
        Key("run.replay", "R", "write('replay')", "replay", needs=Capability.REPLAY),
        Key("run.tag", "T", "write('tag')", "tag", "add tags", needs=Capability.TAG),
        Key(
            "run.reschedule",
            "D",
            "write('reschedule')",
            "reschedule",
            "move a delayed run",
            needs=Capability.RESCHEDULE,
        ),
        Key(
            "run.metadata",
            "M",
            "write('metadata')",
            "metadata",
            "edit the metadata",
            needs=Capability.METADATA,
        ),
    ),
    "all matches": (
        Key("run.everything", "X", "write_everything", "all that match", "act on every match"),
    ),
    "prompt": (
        Key("prompt.complete", "tab", "complete", "complete", "next completion"),
        Key("prompt.complete_back", "shift+tab", "complete_back", "previous completion"),
        Key("prompt.older", "up", "older", "older line"),
        Key("prompt.newer", "down", "newer", "newer line"),
        Key("prompt.leave", "escape", "leave", "leave as it was"),
    ),
    "lines": (
        Key("lines.open", "enter", "open", "open"),
        Key("lines.up", "k,up", "move(-1)", "up"),
        Key("lines.down", "j,down", "move(1)", "down"),
        Key("lines.top", "g,home", "top", "top"),
        Key("lines.bottom", "G,end", "bottom", "bottom"),
        Key("lines.half_up", "ctrl+u", "half_page(-1)", "half a page up"),
        Key("lines.half_down", "ctrl+d", "half_page(1)", "half a page down"),
        Key("lines.page_up", "pageup", "page(-1)", "page up"),
        Key("lines.page_down", "pagedown,space", "page(1)", "page down"),
    ),
    "inside run": (
        Key("run.next_tab", "right_square_bracket", "turn_tab(1)", "next tab"),
        Key("run.previous_tab", "left_square_bracket", "turn_tab(-1)", "previous tab"),
        Key("run.parent", "u", "open_parent", "parent", "up to the parent run"),
        Key("run.copy", "y", "copy_field", "copy", "copy what is highlighted"),
    ),
    "overview": (
        Key("overview.left", "h,left", "sideways(-1)", "left", "the field to the left"),
        Key("overview.right", "l,right", "sideways(1)", "right", "the field to the right"),
        Key("overview.frames", "x", "toggle_frames", "all frames", "show or fold library frames"),
    ),
    "trace": (
        Key("trace.fold", "h,left", "fold", "fold", "fold, or go to the parent span"),
        Key("trace.unfold", "l,right", "unfold", "unfold", "unfold, or go to the first child"),
        *(
            Key(f"trace.level_{n}", str(n), f"fold_to({n})", "level", f"{n} levels below the root")
            for n in range(10)
        ),
        Key("trace.unfold_all", "asterisk", "unfold_all", "all levels"),
        Key("trace.find", "slash", "find", "find", "find by text"),
        Key("trace.next_match", "n", "next_match(1)", "next match"),
        Key("trace.previous_match", "N", "next_match(-1)", "previous match"),
        Key("trace.next_error", "exclamation_mark", "next_error", "next error"),
        Key(
            "trace.engine",
            "i",
            "toggle_engine",
            "internals",
            "show or hide the lines of the platform itself",
        ),
        Key("trace.queue", "z", "toggle_queue", "queue time", "count queue time in or out"),
        Key("trace.closer", "plus", "zoom(1)", "zoom", "a closer look at the time axis"),
        Key("trace.wider", "minus", "zoom(-1)", "wider", "a wider look at the time axis"),
        Key("trace.fit", "equals_sign", "fit", "fit", "fit the axis to the span; again: the run"),
        Key("trace.save", "ctrl+s", "save_shown", "save", "save the shown spans to a file"),
    ),
    "steps": (
        Key(
            "run.restart",
            "S",
            "restart",
            "restart",
            "restart from this step",
            needs=Capability.RESTART,
        ),
    ),
    "events": (
        *(
            Key(f"events.level_{n}", str(n), f"level({n})", "level", f"{name} and above")
            for n, name in enumerate(LEVELS)
        ),
        Key("events.find", "slash", "find", "filter", "narrow by text or /pattern/"),
        Key("events.next_match", "n", "next_match(1)", "next match"),
        Key("events.previous_match", "N", "next_match(-1)", "previous match"),
        Key("events.next_error", "exclamation_mark", "next_error", "next error"),
        Key("events.time", "z", "next_time_style", "time", "time since start, clock, or delta"),
        Key("events.context", "c", "next_context", "context", "lines shown around matches"),
        Key("events.wrap", "w", "toggle_wrap", "wrap", "continue long lines below"),
        Key("events.follow", "f", "toggle_follow", "follow", "follow the newest lines"),
        Key("events.scope", "s", "toggle_scope", "span only", "only the selected span's lines"),
        Key("events.unfold", "x", "toggle_unfolding", "unfold", "show or fold exceptions"),
        Key("events.save", "ctrl+s", "save_shown", "save", "save what is shown to a file"),
    ),
    "document": (
        Key("document.fold", "h,left", "fold", "fold", "fold, or go to what it is in"),
        Key("document.unfold", "l,right", "unfold", "unfold", "unfold, or go to what is in it"),
        *(
            Key(f"document.level_{n}", str(n), f"fold_to({n})", "level", f"{n} levels deep")
            for n in range(10)
        ),
        Key("document.unfold_all", "asterisk", "unfold_all", "all levels"),
        Key("document.find", "slash", "find", "find", "find a key or a value"),
        Key("document.next_match", "n", "next_match(1)", "next match"),
        Key("document.previous_match", "N", "next_match(-1)", "previous match"),
        Key("document.copy_path", "P", "copy_path", "copy path"),
        Key("document.save", "ctrl+s", "save_shown", "save", "save the value to a file"),
        Key("document.wrap", "w", "toggle_wrap", "wrap", "cut long lines, or continue them below"),
    ),
    "now": (
        Key("now.open", "enter", "open_finding", "open the cause"),
        Key("now.act", "A", "act_on_finding", "do it", "do what the line says can be done"),
    ),
    "queue writes": (
        Key("queue.pause", "P", "write('pause')", "pause/resume", needs=Capability.QUEUE_WRITES),
        Key(
            "queue.limit",
            "L",
            "write('limit')",
            "limit",
            "override the concurrency limit",
            needs=Capability.QUEUE_WRITES,
        ),
        Key(
            "queue.unlimit",
            "U",
            "write('unlimit')",
            "remove override",
            needs=Capability.QUEUE_WRITES,
        ),
    ),
    "question": (
        Key("question.refuse", "escape", "refuse", "leave it", "close with nothing done"),
    ),
    "edit": (Key("question.edit", "e", "edit", "edit first", "replay with changes"),),
    "agree": (Key("question.agree", "y", "agree", "do it", "do what is asked"),),
    "gather": (
        Key("gather.enough", "g", "enough", "go on", "read no more runs, go on with these"),
    ),
    "preview": (
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
    "columns": (
        Key("columns.toggle", "space", "show_or_hide", "show or hide", priority=True),
        Key("columns.down", "J", "carry(1)", "move down", "move the column to the right"),
        Key("columns.up", "K", "carry(-1)", "move up", "move the column to the left"),
        Key("columns.usual", "U", "usual", "usual", "the usual columns again"),
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
"""Groups of keys; the help shows them under these names."""
