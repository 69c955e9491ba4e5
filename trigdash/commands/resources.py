"""`list`, `get` and the actions of any resource, from its declaration."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from trigdash.commands.environment import CommandContext
from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.presentation.columns import COLUMN_ALIASES
from trigdash.service.cache.pages import walk_pages

if TYPE_CHECKING:
    from trigdash.presentation.action import ActionSpec
    from trigdash.presentation.resource import Resource
    from trigdash.service.actions.actions import Actions
    from trigdash.service.actions.outcome import Outcome

Wait = Callable[[CommandContext, str], Awaitable[ExitCode]]
"""Follows a run to its end."""

DEFAULT_LIMIT = 100
"""Rows of a list unless `--limit` says otherwise."""


async def list_rows(
    context: CommandContext,
    resource: Resource[Any],
    line: str,
    limit: int | None,
    sort: str | None,
) -> ExitCode:
    """Print a list, narrowed by a filter line: at most `limit` rows, or all for None."""
    context.require(resource.needs)
    context.output.check(resource)
    check_sort(resource, sort)
    first = FirstRows(_pages(context, resource, line), limit)
    if sort:
        rows = [row async for page, _ in _pages(context, resource, line) for row in page]
        context.output.rows(resource, sort_rows(resource, rows, sort)[:limit])
        first.may_go_on = limit is not None and len(rows) > limit
    else:
        await context.output.stream(resource, first.rows())
    if first.may_go_on:
        context.output.note(f"{limit} rows shown; --limit all prints the rest")
    return ExitCode.WELL


async def get_row(context: CommandContext, resource: Resource[Any], row_id: str) -> ExitCode:
    """Print one thing by its id."""
    context.require(resource.needs)
    row = await _find(context, resource, row_id)
    context.output.row(resource, row)
    context.output.note_unread(row)
    return ExitCode.WELL


async def act(
    context: CommandContext,
    resource: Resource[Any],
    action: ActionSpec[Any],
    row_id: str | None,
    values: Mapping[str, Any],
    agree: Callable[[], bool],
    wait: Wait | None = None,
) -> ExitCode:
    """Perform an action once. Prints what will happen before it calls `agree`. With `wait`, follows
    the new run to its end and returns that run's exit code."""
    from trigdash.presentation.effect import effect_of
    from trigdash.service.actions.outcome import Result

    context.require(action.needs)
    row = None if row_id is None else await _row_of(context, resource, row_id)
    if row is not None and (reason := action.disabled_reason(row)):
        raise CommandFailure(f"{resource.singular} {row_id}: {reason}", ExitCode.FAILED)
    where = context.target.known_environment or "this environment"
    if row is not None and resource.place is not None:
        where, _ = resource.place(row)
    context.output.note(f"{where}: {action.consequence(row, values)}")
    if not agree():
        raise CommandFailure("nothing was sent: add --yes to do it", ExitCode.REFUSED)
    target = row_id or resource.singular
    outcome = await actions_of(context).perform(
        action,
        target,
        action.operation(row, values),
        action.made_by(values),
        effect_of(resource, action, row, values),
    )
    if outcome.result is Result.UNKNOWN:
        raise CommandFailure(f"{target}: {outcome.message}", ExitCode.UNKNOWN)
    if outcome.result is not Result.DONE:
        raise CommandFailure(f"{target}: {outcome.message}", ExitCode.FAILED)
    context.output.note(f"{target}: {outcome.message}")
    if outcome.new_id and wait is not None:
        return await wait(context, outcome.new_id)
    await _tell(context, resource, action, outcome)
    return ExitCode.WELL


async def _tell(
    context: CommandContext, resource: Resource[Any], action: ActionSpec[Any], outcome: Outcome
) -> None:
    """Print the id of what was created. Data formats get the whole row or, where nothing was
    created, how the action ended."""
    output = context.output
    if output.tells_ids:
        if outcome.new_id:
            output.line(outcome.new_id)
    elif outcome.new_id and not action.makes_run:
        output.row(resource, await _find(context, resource, outcome.new_id))
    else:
        told = {"id": outcome.new_id or outcome.target, "_result": outcome.result.value}
        output.record({**told, "_message": outcome.message})


async def _row_of(context: CommandContext, resource: Resource[Any], row_id: str) -> Any:
    """The row that an action is about."""
    return resource.by_id(row_id) if resource.by_id else await _find(context, resource, row_id)


def actions_of(context: CommandContext) -> Actions:
    """The sender of a command's writes, which are guarded and logged like those of the
    dashboard."""
    from trigdash.service.actions.actions import Actions
    from trigdash.service.cache.poller import Poller
    from trigdash.service.cache.store import Store

    store = Store()
    return Actions(
        context.backend,
        store,
        Poller(context.backend, store, context.clock),
        context.clock,
        read_only=context.target.read_only,
        audit=context.audit,
        environment=lambda: context.target.known_environment,
    )


async def _pages(
    context: CommandContext, resource: Resource[Any], line: str = ""
) -> AsyncIterator[tuple[list[Any], bool]]:
    """The rows that match a filter line, page by page, and whether another page follows."""
    query = resource.query()
    now_ms = context.clock.now().timestamp() * 1000
    pages = walk_pages(lambda page: query.read_page(context.backend, page))
    async for listing in resource.walk(context.backend) if resource.walk else pages:
        if listing.unreadable:
            context.output.note(f"{listing.unreadable} rows could not be read in full")
        matching = [row for row in listing.rows if resource.matches(row, line, now_ms)]
        yield matching, listing.next is not None
        if listing.is_cut:
            context.output.note("the list could not be read to its end")


async def _find(context: CommandContext, resource: Resource[Any], row_id: str) -> Any:
    if resource.get is not None:
        return await context.backend.call(resource.get(row_id))
    async for rows, _ in _pages(context, resource):
        for row in rows:
            if resource.key(row) == row_id:
                return row
    raise CommandFailure(f"no {resource.singular} {row_id}", ExitCode.NOT_FOUND)


def check_sort(resource: Resource[Any], sort: str | None) -> None:
    """Refuse unknown sort columns, before any request."""
    for name in _sort_names(sort):
        if _sort_key(name) not in resource.by_key:
            known = ", ".join(resource.by_key)
            raise CommandFailure(f"no column {name}: choose from {known}", ExitCode.MISUSED)


def sort_rows(resource: Resource[Any], rows: list[Any], sort: str | None) -> list[Any]:
    """The rows sorted by comma-separated columns; a minus sorts one in descending order. None is
    last in both directions."""
    for name in reversed(_sort_names(sort)):
        value = resource.by_key[_sort_key(name)].value
        known = [row for row in rows if value(row) is not None]
        known.sort(key=value, reverse=name.startswith("-"))
        rows = known + [row for row in rows if value(row) is None]
    return rows


def _sort_names(sort: str | None) -> list[str]:
    return [name for name in (sort or "").split(",") if name.strip("-")]


def _sort_key(name: str) -> str:
    key = name.lstrip("-")
    return COLUMN_ALIASES.get(key, key)


R = TypeVar("R")

Pages = AsyncIterator[tuple[Sequence[R], bool]]
"""The rows of each page, and whether another page follows."""


class FirstRows(Generic[R]):
    """The first rows of pages. Holds only the current page, and requests no page just to find out
    whether there are more rows."""

    def __init__(self, pages: Pages[R], limit: int | None) -> None:
        """At most `limit` rows; None for all."""
        self._pages = pages
        self._limit = limit
        self.may_go_on = False
        """Whether there may be more rows; known once the last row was yielded."""

    async def rows(self) -> AsyncIterator[R]:
        """The rows, one by one."""
        count = 0
        async for page, goes_on in self._pages:
            for row in page:
                if count == self._limit:
                    self.may_go_on = True
                    return
                count += 1
                yield row
            if count == self._limit:
                self.may_go_on = goes_on
                return
