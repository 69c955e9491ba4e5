"""The operations that every resource has: a page of its list, and one thing by its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation, Paging
from trigdash.model.listing import Listing, listing_parser, object_parser
from trigdash.model.wire import Wire

W = TypeVar("W", bound=Wire)


def listed(
    needs: Capability,
    path: tuple[str, ...],
    row_type: type[W],
    paging: Paging,
    *,
    rows_under: str = "data",
) -> Callable[[str | None], Operation[Listing[W]]]:
    """A function from a page to the operation that reads it."""
    parser = listing_parser(row_type, rows_under)
    return lambda page: Operation(needs, path, parser, params=paging(page))


def got(
    needs: Capability, path: tuple[str, ...], row_type: type[W]
) -> Callable[[str], Operation[W]]:
    """A function from an id to the operation that reads that thing, at `path/<id>`."""
    parser = object_parser(row_type)
    return lambda row_id: Operation(needs, (*path, row_id), parser)
