"""The table of keys: every key of the product, by group. Small letters look, capitals write.

To add a screen's keys: add a group here, bind it with `BINDINGS = bindings("queues")`, name the
group in the screen's `KEY_GROUPS`, and its most useful ids in the screen's `FOOTER`.
"""

from trigdash.model.capability import Capability
from trigdash.model.span_event import LEVELS
from trigdash.presentation.registry import RESOURCES
from trigdash.ui.input.key import DIALOG_GROUPS, Key


def _digit(tab: int) -> str:
    """The key of a tab by its number: the first eight have one."""
    return str(tab) if tab <= 8 else ""


GROUPS: dict[str, tuple[Key, ...]] = {
    "everywhere": (
        Key("app.now", "0", "go('now')", "now", "what needs attention now"),
        Key("app.runs", "1", "go('runs')", "runs", "the run list"),
        Key("app.queues", "2", "go('queues')", "queues", "the queues"),
        Key("app.batches", "3", "go('batches')", "batches", "the batches"),
        Key("app.health", "", "go('health')", "health", "the server's own report on health"),
        Key("app.stuck", "", "go('stuck')", "stuck", "all runs that do not move, by reason"),
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
        Key("app.watch", "b", "watch", "watch", "tell when it is over, wherever you are then"),
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
        Key("app.theme", "", "app.choose_theme", "theme", "choose the colors, each shown at once"),
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
        Key("table.page_up", "pageup,ctrl+b", "page(-1)", "page up"),
        Key("table.page_down", "pagedown,ctrl+f", "page(1)", "page down"),
        Key("table.left", "h,left", "sideways(-1)", "left"),
        Key("table.right", "l,right", "sideways(1)", "right"),
        Key("table.first", "circumflex_accent", "sideways(-100)", "first column"),
        Key("table.last", "dollar_sign", "sideways(100)", "last column"),
        Key("table.mark", "space", "mark", "mark", "mark the row and go to the next"),
        Key("table.mark_all", "ctrl+a", "mark_all", "mark all", "mark all rows shown"),
        Key("table.sort", "s", "pick_sort", "sort", "choose the order; again: by the next column"),
        Key("table.reverse", "S", "reverse_sort", "reverse", "turn the order round"),
    ),
    "list": (
        Key("list.filter", "slash", "filter", "filter", "edit the filter"),
        Key("list.next_match", "n", "next_match", "next match"),
        Key("list.previous_match", "N", "previous_match", "previous match"),
        Key("list.copy", "y", "copy_id", "copy id"),
        Key("list.save", "ctrl+s", "save_shown", "save", "save what is shown to a file"),
        Key("list.columns", "c", "pick_columns", "columns", "choose, order and size the columns"),
        Key("list.wrap", "w", "toggle_wrap", "wrap", "wrap the explanation below the list"),
    ),
    "run": (
        Key("run.copy_link", "Y", "copy_link", "copy link", "copy the dashboard's address"),
        Key("run.why", "W", "explain", "why", "why the run does not move"),
        Key("run.compare", "equals_sign", "compare", "compare", "beside the last good run"),
        Key("run.browser", "o", "open_in_browser", "browser", "open in the browser"),
        Key("run.overview", "d", "open_tab('overview')", "overview"),
        Key("run.trace", "t", "open_tab('trace')", "trace"),
        Key("run.events", "e", "open_tab('events')", "events"),
        Key("run.payload", "p", "open_tab('payload')", "payload"),
        Key("run.related", "r", "open_tab('related')", "related"),
    ),
    "values": (
        Key("run.take", "f", "take_value", "only these", "only runs with a value of this row"),
        Key("run.exclude", "F", "exclude_value", "not these", "leave out runs with such a value"),
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
        Key("run.window", "z", "pick_window", "time window", "choose how far back the list goes"),
        Key("run.slowest", "L", "show_slowest", "slowest", "the slowest of the last day"),
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
        Key("lines.page_up", "pageup,ctrl+b", "page(-1)", "page up"),
        Key("lines.page_down", "pagedown,space,ctrl+f", "page(1)", "page down"),
    ),
    "text": (Key("text.save", "ctrl+s", "save_shown", "save", "save what is shown to a file"),),
    "inside run": (
        Key("run.next_tab", "right_square_bracket", "turn_tab(1)", "next tab"),
        Key("run.previous_tab", "left_square_bracket", "turn_tab(-1)", "previous tab"),
        Key("run.parent", "u", "open_parent", "parent", "up to the parent run"),
        Key("run.token", "i", "open_token", "token", "the token that a waiting run waits for"),
        Key("run.copy", "y", "copy_field", "copy", "copy what is highlighted"),
        Key(
            "run.editor",
            "E",
            "open_in_editor",
            "editor",
            "open the error, the log or the value in $EDITOR or $PAGER",
        ),
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
        Key("trace.fit", "f", "fit", "fit", "fit the axis to the span; again: the run"),
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
        Key("now.stuck", "s", "go('stuck')", "stuck", "all runs that do not move, by reason"),
        Key("now.act", "A", "act_on_finding", "do it", "do what the line says can be done"),
    ),
    "log search": (Key("search.more", "m", "search_more", "go on", "search as many runs more"),),
    "triage": (
        Key(
            "triage.replay",
            "R",
            "replay_these",
            "replay these",
            "replay exactly the runs with this error",
            needs=Capability.REPLAY,
        ),
        Key(
            "triage.compare",
            "equals_sign",
            "compare",
            "compare",
            "compare a run with the last good one of its task",
        ),
    ),
    "stuck": (
        Key("stuck.why", "W", "explain_oldest", "why", "what holds the oldest run of the line"),
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
    **DIALOG_GROUPS,
}
"""Groups of keys; the help shows them under these names."""
