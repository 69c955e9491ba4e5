"""Answers of Trigger.dev that are no more than a word or rows of any kind."""

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
    """The id of what a write made; ValueError when there is none."""
    return parse(_CREATED, body).id


def parse_message(body: bytes) -> str:
    """The server's own words on what it did; ValueError when it is no JSON object."""
    return parse(_MESSAGE, body).message


def parse_rows(body: bytes) -> list[dict[str, Any]]:
    """The rows of a query; ValueError when it does not fit. Whatever is no row becomes an empty
    one, so that a reader can count it."""
    return [row if isinstance(row, dict) else {} for row in parse(_ROWS, body).results]
