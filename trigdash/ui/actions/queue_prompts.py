"""The question before each action on a queue: pause, resume, override the limit, remove that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from trigdash.model.capability import Capability
from trigdash.presentation.cell import Cell
from trigdash.presentation.queues import limit_label
from trigdash.presentation.registry import load_resource
from trigdash.presentation.units import plural
from trigdash.ui.actions.prompt_context import ConfirmedAction
from trigdash.ui.actions.resource_asks import prompt_action
from trigdash.ui.dialogs.confirm import ConfirmDialog
from trigdash.ui.dialogs.dialog import facts
from trigdash.ui.dialogs.one_line import OverrideLimitDialog, limit_facts

if TYPE_CHECKING:
    from trigdash.model.queue import Queue
    from trigdash.ui.actions.prompt_context import PromptContext

QueuePrompt = Callable[["PromptContext", "Queue"], Awaitable[ConfirmedAction | None]]

CAPABILITY: Final = Capability.QUEUE_WRITES


async def prompt_pause(context: PromptContext, queue: Queue) -> ConfirmedAction | None:
    """Pause a queue, or resume a paused one."""
    pausing = not queue.paused
    word = "Pause" if pausing else "Resume"
    dialog = ConfirmDialog(
        f"{word} 1 queue",
        context.environment_label,
        [*_queue_facts(queue), (), *_pause_consequence(queue)],
        safe="leave it",
        act=f"{word.lower()} the queue",
        opened_by=context.opened_by,
    )
    if not await context.show(dialog):
        return None
    return ConfirmedAction(
        f"{queue.filter_name}", lambda actions: actions.pause_queue(queue.id, pausing)
    )


async def prompt_limit(context: PromptContext, queue: Queue) -> ConfirmedAction | None:
    """Another limit, which holds until the override is removed."""
    if queue.is_v2:
        return await _prompt_held(context, queue, "override")
    identity = context.connection.identity
    maximum = identity.concurrency_limit if identity is not None else None
    dialog = OverrideLimitDialog(
        context.environment_label, queue, maximum, opened_by=context.opened_by
    )
    limit = await context.show(dialog)
    if limit is None:
        return None
    return ConfirmedAction(
        queue.filter_name, lambda actions: actions.override_limit(queue.id, limit)
    )


async def prompt_unlimit(context: PromptContext, queue: Queue) -> ConfirmedAction | None:
    """Back to the limit that the code declares."""
    if queue.is_v2:
        return await _prompt_held(context, queue, "reset")
    identity = context.connection.identity
    maximum = identity.concurrency_limit if identity is not None else None
    base = queue.concurrency.base
    back: Cell = (
        (f"{queue.concurrency_limit} → ", "dim"),
        ("the environment's" if base is None else f"{base:,}", "strong"),
    )
    dialog = ConfirmDialog(
        f"Remove the override of {queue.name}",
        context.environment_label,
        [*limit_facts(queue, maximum), (), back],
        safe="leave it",
        act="remove the override",
        opened_by=context.opened_by,
    )
    if not await context.show(dialog):
        return None
    return ConfirmedAction(queue.filter_name, lambda actions: actions.reset_limit(queue.id))


async def _prompt_held(
    context: PromptContext, queue: Queue, action_name: str
) -> ConfirmedAction | None:
    """The same action on the concurrency limit that holds a V2 queue."""
    limit = next(iter(queue.limits or ()))
    resource = load_resource("limits")
    action = next(each for each in resource.actions if each.name == action_name)
    return await prompt_action(context, action, resource, limit)


def queue_disabled_reason(verb: str, queue: Queue) -> str:
    """Why a verb is not possible on a queue, in words; empty when it is."""
    if verb in ("limit", "unlimit") and queue.is_v2 and not queue.limits:
        return f"{queue.name} is V2: named concurrency limits hold it. Press 8 to see them."
    if verb == "unlimit" and queue.limits and queue.limits[0].is_overridden:
        return ""
    if verb == "unlimit" and queue.concurrency.override is None:
        return f"{queue.name}: its limit is not overridden"
    return ""


def _queue_facts(queue: Queue) -> list[Cell]:
    return facts(
        [
            ("queue", queue.name),
            ("kind", queue.kind),
            ("now", f"{queue.running:,} running, {queue.queued:,} queued"),
            ("limit", limit_label(queue)),
        ]
    )


def _pause_consequence(queue: Queue) -> list[Cell]:
    if queue.paused:
        waiting = plural(queue.queued, "waiting run")
        return [((f"Its {waiting} may start at once, within the limit.", "text"),)]
    return [
        (("No new run of it starts until it is resumed.", "text"),),
        (("Running runs continue; new runs wait.", "dim"),),
    ]


QUEUE_PROMPTS: Final[Mapping[str, QueuePrompt]] = {
    "pause": prompt_pause,
    "limit": prompt_limit,
    "unlimit": prompt_unlimit,
}
"""The question of each verb of queues."""
