"""Answers with invalid values: such a value is dropped, or the row of a list that it is in, and
reported.

An optional field is dropped if it does not fit, and shown as absent. If a required field does not
fit, or one whose absence stands for a value (0, not paused), its row is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from trigdash.model.clean import clean
from trigdash.model.odd_row import MAX_KEY, OddRow
from trigdash.model.wire import Wire, patient_value

T = TypeVar("T")
W = TypeVar("W", bound=Wire)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What could be read of an answer."""

    value: T
    odd: tuple[OddRow, ...] = ()
    is_cut: bool = False
    """Whether the link to the next page could not be read."""


def parse_rows(
    adapter: TypeAdapter[T],
    body: bytes,
    row_type: type[BaseModel],
    *path: str,
    paging: str = "pagination",
) -> Read[T]:
    """Validate an answer with its rows at `path`, without those that do not fit. `paging` names the
    pagination, which is dropped if it does not fit. Raises ValueError if the rest does not fit, or
    if there is no list at the path.
    """
    try:
        return Read(adapter.validate_json(body))
    except ValidationError as problem:
        kept = problem
    answer = patient_value(body)
    holder = _holder(answer, path)
    if holder is None or not isinstance(holder.get(path[-1]), list):
        raise kept
    rows, odd = mended_rows(holder[path[-1]], row_type)
    holder[path[-1]] = rows
    try:
        return Read(adapter.validate_python(answer), odd)
    except ValidationError:
        if answer.pop(paging, None) is None:
            raise
    return Read(adapter.validate_python(answer), odd, is_cut=True)


def mended_rows(
    rows: Sequence[object], row_type: type[BaseModel]
) -> tuple[list[object], tuple[OddRow, ...]]:
    """The rows that fit, without their invalid values, and the odd ones among all rows."""
    kept: list[object] = []
    odd: list[OddRow] = []
    nameless = 0
    for row in rows:
        fields = _misfits(row, row_type)
        if fields is None:
            kept.append(row)
            continue
        key = row.get("id") if isinstance(row, dict) else None
        if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
            key = f"?{nameless}"
            nameless += 1
        rest = _without(row, fields, row_type)
        if rest is not None:
            kept.append(rest)
        odd.append(OddRow(clean(key), fields, rest is not None))
    return kept, tuple(odd)


def parse_one(row_type: type[W], body: bytes, key: str | None = None) -> W:
    """One `row_type` from a body, itself or under a key, without the fields that do not fit and may
    be absent; `unread` names them. ValueError when the rest does not fit."""
    if key is None:
        try:
            return row_type.model_validate_json(body)
        except ValidationError:
            value = patient_value(body)
    else:
        value = patient_value(body)
        value = value.get(key) if isinstance(value, dict) else None
    fields = _misfits(value, row_type)
    rest = _without(value, fields or (), row_type)
    one = row_type.model_validate(value if rest is None else rest)
    one._unread = tuple(map(clean, fields or ()))
    return one


def _without(
    row: object, fields: tuple[str, ...], row_type: type[BaseModel]
) -> dict[str, object] | None:
    """A row without some fields; None where what is left would say what is not so."""
    if not fields or not isinstance(row, dict) or not _may_lack(fields, row_type):
        return None
    return {name: value for name, value in row.items() if name not in fields}


def _misfits(row: object, row_type: type[BaseModel]) -> tuple[str, ...] | None:
    """Names of the fields of a row that do not fit; None when all do."""
    try:
        row_type.model_validate(row)
    except ValidationError as problem:
        errors = problem.errors(include_url=False, include_input=False, include_context=False)
        return tuple(dict.fromkeys(str(error["loc"][0]) for error in errors if error["loc"]))
    return None


def _may_lack(fields: tuple[str, ...], row_type: type[BaseModel]) -> bool:
    """Whether a row without these fields says nothing that is not so."""
    by_name = {field.alias or name: field for name, field in row_type.model_fields.items()}
    return all(
        (field := by_name.get(name)) is not None
        and not field.is_required()
        and (field.default in (None, "", ()) or isinstance(field.default, Wire))
        for name in fields
    )


def _holder(answer: Any, path: tuple[str, ...]) -> dict[str, Any] | None:
    for name in path[:-1]:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer if isinstance(answer, dict) else None
