"""From an action of a resource to what is done: the question, and the deed that was agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trigdash.model.clean import clean
from trigdash.presentation.effect import effect_of
from trigdash.presentation.field import plain
from trigdash.ui.actions.prompt_context import ConfirmedAction
from trigdash.ui.dialogs.action_form import ActionForm
from trigdash.ui.dialogs.confirm import ConfirmDialog
from trigdash.ui.dialogs.dialog import EnvironmentLabel, facts

if TYPE_CHECKING:
    from trigdash.presentation.action import ActionSpec
    from trigdash.presentation.cell import Cell
    from trigdash.presentation.resource import Resource
    from trigdash.ui.actions.prompt_context import PromptContext

FACTS = 6
"""Fields of a row that a question names."""


async def prompt_action(
    context: PromptContext,
    action: ActionSpec[Any],
    resource: Resource[Any],
    row: Any,
    rows: Sequence[Any] = (),
) -> ConfirmedAction | None:
    """Ask for the inputs, or whether to do it; what was agreed to."""
    noun = resource.singular
    title = f"{action.title} {'a' if action.on_list else '1'} {noun}"
    about = [] if row is None else _facts(resource, row)
    place = context.environment_label
    if row is not None and resource.place is not None:
        place = EnvironmentLabel(*resource.place(row))
    if action.inputs:
        values = await context.show(
            ActionForm(
                action,
                row,
                title,
                place,
                about,
                rows=rows,
                opened_by=context.opened_by,
            )
        )
    else:
        said: Cell = ((action.consequence(row, {}), "text"),)
        agreed = await context.show(
            ConfirmDialog(
                title,
                place,
                [*about, (), said],
                safe="leave it",
                act=f"{action.title.lower()} it",
                opened_by=context.opened_by,
            )
        )
        values = {} if agreed else None
    if values is None:
        return None
    if (perform := action.perform) is not None:
        words = f"{action.title.lower()} {noun}"
        return ConfirmedAction(words, lambda actions: perform(actions, values))
    target = resource.key(row) if row is not None else noun
    return ConfirmedAction(
        f"{action.title.lower()} {noun} {target}",
        lambda actions: actions.perform(
            action,
            target,
            action.operation(row, values),
            action.made_by(values),
            effect_of(resource, action, row, values),
        ),
        makes_run=action.makes_run,
    )


def _facts(resource: Resource[Any], row: Any) -> list[Cell]:
    pairs = [(field.heading, clean(plain(field.value(row)))) for field in resource.fields]
    shown = [(heading, value) for heading, value in pairs if value][:FACTS]
    is_named = resource.key(row) in (value for _, value in shown)
    return facts(shown if is_named else [*shown, (resource.singular, resource.key(row))])
