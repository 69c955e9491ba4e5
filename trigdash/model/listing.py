"""Pages of any list: an unreadable row is dropped and counted, and the others stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from trigdash.model.odd_rows import mended_rows, parse_one
from trigdash.model.wire import Line, NullIsEmpty, Wire, parse

R = TypeVar("R")
W = TypeVar("W", bound=Wire)


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """A page of a list."""

    rows: tuple[R, ...] = ()
    next: str | None = None
    """What asks for the page after it: a cursor, or a page's number. None on the last page."""
    total: int | None = None
    """Rows in all, where the server counts them."""
    unreadable: int = 0
    """Rows that could not be read, or not all of them."""
    is_cut: bool = False
    """Whether the link to the next page could not be read; then `next` means nothing."""


class _Pagination(Wire):
    """Both forms in which the API returns further pages."""

    next: Line | None = None
    current_page: int | None = None
    total_pages: int | None = None
    count: int | None = None

    @property
    def next_page(self) -> str | None:
        if self.next:
            return self.next
        if self.current_page and self.total_pages and self.current_page < self.total_pages:
            return str(self.current_page + 1)
        return None


class _Envelope(Wire):
    data: Annotated[list[Any], NullIsEmpty] = Field(default_factory=list)
    pagination: Any = None
    """A _Pagination, if it fits: the rows matter more than the link to the next page."""


_ENVELOPE = TypeAdapter(_Envelope)
_ROWS = TypeAdapter(list[Any])
_OBJECT = TypeAdapter(dict[str, Any])


@lru_cache(maxsize=256)
def listing_parser(row_type: type[W], key: str = "data") -> Callable[[bytes], Listing[W]]:
    """A parser of pages of `row_type`: an object with the rows under `key` and maybe `pagination`,
    or the rows alone. ValueError when the body is neither."""

    def read(body: bytes) -> Listing[W]:
        if body.lstrip()[:1] == b"[":
            return rows_listing(row_type, parse(_ROWS, body))
        if key == "data":
            page = parse(_ENVELOPE, body)
            listing = rows_listing(row_type, page.data)
            return _paged(listing, page.pagination)
        rows = parse(_OBJECT, body).get(key)
        if not isinstance(rows, list):
            raise ValueError(f"{key}: not a list")
        return rows_listing(row_type, rows)

    return read


def rows_listing(row_type: type[W], rows: list[Any]) -> Listing[W]:
    """A list that is whole, from its raw rows."""
    kept, odd = mended_rows(rows, row_type)
    return Listing(tuple(map(row_type.model_validate, kept)), unreadable=len(odd))


def _paged(listing: Listing[W], raw: object) -> Listing[W]:
    """A page with the pagination of its envelope."""
    try:
        paging = _Pagination.model_validate({} if raw is None else raw)
    except ValidationError:
        return replace(listing, is_cut=True)
    return replace(listing, next=paging.next_page, total=paging.count)


@lru_cache(maxsize=256)
def object_parser(row_type: type[W], key: str | None = None) -> Callable[[bytes], W]:
    """A parser of one `row_type`, itself or under a key. ValueError when it does not fit."""

    def read(body: bytes) -> W:
        return parse_one(row_type, body, key)

    return read
