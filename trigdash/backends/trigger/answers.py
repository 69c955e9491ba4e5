"""Parsers of simple answers of Trigger.dev: an id, a message, or rows of any kind."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import TypeAdapter

from trigdash.model.wire import Line, NullIsEmpty, Wire, parse


class _Created(Wire):
    id: Line


class _MessageAnswer(Wire):
    message: Line = ""


class _Rows(Wire):
    results: Annotated[list[Any], NullIsEmpty] = []  # noqa: RUF012 - frozen, copied


_CREATED = TypeAdapter(_Created)
_MESSAGE = TypeAdapter(_MessageAnswer)
_ROWS = TypeAdapter(_Rows)


def parse_id(body: bytes) -> str:
    """The id of what a write created. Raises ValueError without one."""
    return parse(_CREATED, body).id


def parse_message(body: bytes) -> str:
    """The server's message on what it did. Raises ValueError if the answer is not a JSON object."""
    return parse(_MESSAGE, body).message


def parse_rows(body: bytes) -> list[dict[str, Any]]:
    """The rows of a query. Raises ValueError if the answer does not fit. Anything that is not a row
    becomes an empty one, so that it can be counted."""
    return [row if isinstance(row, dict) else {} for row in parse(_ROWS, body).results]
