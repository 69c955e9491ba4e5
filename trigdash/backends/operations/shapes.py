"""The common shapes of operations: a page of a list, one object by its id, a write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from trigdash.backends.operation import Credential, Effect, Operation, Paging, nothing, unpaged
from trigdash.model.capability import Capability
from trigdash.model.listing import Listing, listing_parser, object_parser
from trigdash.model.wire import Wire

T = TypeVar("T")
W = TypeVar("W", bound=Wire)


def listed(
    needs: Capability,
    path: tuple[str, ...],
    row_type: type[W],
    paging: Paging = unpaged,
    *,
    rows_under: str = "data",
    params: tuple[tuple[str, str], ...] = (),
    credential: Credential = Credential.ENVIRONMENT,
    since: str = "",
) -> Callable[[str | None], Operation[Listing[W]]]:
    """Makes a function from a page to the operation that reads it."""
    parser = listing_parser(row_type, rows_under)
    return lambda page: Operation(
        needs,
        path,
        parser,
        params=(*params, *paging(page)),
        credential=credential,
        since=since,
    )


def got(
    needs: Capability,
    path: tuple[str, ...],
    row_type: type[W],
    *,
    under: str | None = None,
    credential: Credential = Credential.ENVIRONMENT,
) -> Callable[[str], Operation[W]]:
    """Makes a function from an id to the operation that reads that object, at `path/<id>`."""
    parser = object_parser(row_type, under)
    return lambda row_id: Operation(needs, (*path, row_id), parser, credential=credential)


def sent(
    needs: Capability,
    path: tuple[str, ...],
    body: Mapping[str, Any] | None = None,
    parser: Callable[[bytes], T] = nothing,  # type: ignore[assignment]  # T is None then
    *,
    method: str = "POST",
    effect: Effect = Effect.REPEATABLE,
    params: tuple[tuple[str, str], ...] = (),
    credential: Credential = Credential.ENVIRONMENT,
) -> Operation[T]:
    """A write. Parts of the body that are None are omitted."""
    given = None if body is None else {k: v for k, v in body.items() if v is not None}
    return Operation(
        needs,
        path,
        parser,
        method,
        params=params,
        body=given,
        effect=effect,
        credential=credential,
    )
