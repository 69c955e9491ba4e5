"""Checks whether the server is the API at all, and whether its version supports a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trigdash.backends.base import (
    InvalidRequest,
    NotFound,
    Unreadable,
    Unsupported,
    WrongAddress,
)
from trigdash.backends.operation import Operation
from trigdash.backends.target import Target


@contextmanager
def expected_api(target: Target) -> Iterator[None]:
    """Wraps the request for the list of runs, which every server of a system answers. Raises
    WrongAddress if it does not."""
    try:
        yield
    except NotFound as error:
        # An API with this route says more.
        if error.text.lower().rstrip(".") not in ("", "not found"):
            raise
        raise _wrong_address(target, "not found (404)", error.status) from None
    except Unreadable as error:
        from trigdash.model.wire import WEB_PAGE

        if not error.text.startswith(WEB_PAGE):
            raise
        raise _wrong_address(target, f"with {WEB_PAGE}", error.status) from None


@contextmanager
def expected_operation(operation: Operation[Any]) -> Iterator[None]:
    """Wraps the request of an operation that older servers do not have. Raises Unsupported on such
    a server."""
    try:
        yield
    except (NotFound, InvalidRequest) as error:
        # An older server does not have this path, or matches another route (recorded).
        if operation.since and (isinstance(error, NotFound) or error.text == "Invalid Params"):
            what = operation.needs.value
            raise Unsupported(
                f"this server has no {what}: they came with version {operation.since}"
            ) from None
        raise


def _wrong_address(target: Target, answer: str, status: int | None) -> WrongAddress:
    return WrongAddress(
        f"{target.address_origin} is {target.api_url}, which answers {answer}: is this the address "
        "of the API?",
        status=status,
    )
