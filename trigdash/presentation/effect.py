"""Whether an action of a resource took effect, where its answer was lost: its row is read again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from trigdash.backends.base import NotFound
from trigdash.service.actions.outcome import Made
from trigdash.service.actions.verification import Observation
from trigdash.service.cache.pages import walk_pages

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.presentation.action import ActionSpec, Values
    from trigdash.presentation.resource import Resource
    from trigdash.service.actions.verification import Verify

R = TypeVar("R")

PAGES = 10
"""Pages of a list that are looked through."""


def effect_of(
    resource: Resource[R], action: ActionSpec[R], row: R | None, values: Values
) -> Verify | None:
    """Looks whether an action on a row, or on the list for None, took effect; None where nothing
    shows it."""
    if row is not None and action.verify is not None:
        return action.verify(row, values)
    shows, noun = action.shows, resource.singular
    key = "" if row is None else resource.key(row)

    async def is_gone(backend: Backend) -> Observation:
        gone = await _read(backend, resource, key) is None
        return Observation(gone, f"the {noun} is {'gone' if gone else 'still there'}")

    async def is_shown(backend: Backend) -> Observation:
        found = await _read(backend, resource, key)
        shown = found is not None and shows is not None and shows(found, values)
        return Observation(shown, f"the {noun} {'shows' if shown else 'does not show'} it")

    async def is_made(backend: Backend) -> Observation:
        found = await _first(
            backend, resource, lambda each: shows is not None and shows(each, values)
        )
        if found is None:
            return Observation(False, f"no such {noun} is there")
        made = Made(resource.key(found))
        return Observation(True, f"{made.id} is there", made)

    if action.removes:
        return is_gone
    if shows is None:
        return None
    return is_made if action.on_list else is_shown


async def _read(backend: Backend, resource: Resource[R], key: str) -> R | None:
    """Read a row by its key. Data that a single row lacks is read with its list."""
    if resource.get is None or resource.beside is not None:
        return await _first(backend, resource, lambda each: resource.key(each) == key)
    try:
        return await backend.call(resource.get(key))
    except NotFound:
        return None


async def _first(backend: Backend, resource: Resource[R], fits: Callable[[R], bool]) -> R | None:
    """The first row that fits, among those of the first pages."""
    query, pages = resource.query(), 0
    async for page in walk_pages(lambda page: query.read_page(backend, page)):
        for each in page.rows:
            if fits(each):
                return each
        pages += 1
        if pages == PAGES:
            break
    return None
