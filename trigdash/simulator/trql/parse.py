"""Text to syntax tree, and literals back to text.

sqlglot reads the ClickHouse dialect; functions keep their names.
"""

from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.clickhouse import ClickHouseParser

from trigdash.simulator.trql import times
from trigdash.simulator.trql.refusal import QueryRefused

_BEGINNINGS = "{SELECT, WITH, '{', '(', '<'}"


class TrqlParser(ClickHouseParser):
    """ClickHouse, without sqlglot's own idea of what a function means."""

    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CAST": ClickHouseParser.FUNCTION_PARSERS["CAST"]}
    NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}


class Trql(ClickHouse):
    """The dialect that uses this parser."""

    Parser = TrqlParser


def parse(query: str) -> exp.Select:
    """The tree of one SELECT, or the refusal of anything else."""
    first = query.split(None, 1)[0] if query.strip() else "<EOF>"
    if first.upper() not in {"SELECT", "WITH"} and not first.upper().startswith(("SELECT(", "(")):
        raise QueryRefused(
            f"Syntax error at line 1:0: mismatched input '{first}' expecting {_BEGINNINGS}"
        )
    try:
        trees = [tree for tree in sqlglot.parse(query, dialect=Trql) if tree is not None]
    except ParseError as problem:
        raise _syntax_error(problem) from None
    except TokenError as problem:
        raise QueryRefused(f"Syntax error: {str(problem).splitlines()[0]}") from None
    if len(trees) != 1:
        raise QueryRefused("Syntax error: one statement at a time, please")
    tree = trees[0]
    while isinstance(tree, exp.Subquery | exp.Paren):
        tree = tree.this
    if not isinstance(tree, exp.Select):
        raise QueryRefused(f"{tree.key.upper()} is not supported by this simulator")
    return tree


def _syntax_error(problem: ParseError) -> QueryRefused:
    first = problem.errors[0]
    near = str(first.get("highlight") or "<EOF>")
    column = max(0, int(first.get("col") or 0) - len(near))
    reason = str(first.get("description") or "").split(" for <class")[0]
    return QueryRefused(
        f"Syntax error at line {first.get('line') or 1}:{column}: "
        f"mismatched input '{near}' ({reason})"
    )


def quoted(text: object) -> str:
    """A text literal."""
    return "'" + str(text).replace("'", "''") + "'"


def moment_like(text: str, kind: str) -> str:
    """A time as columns of its kind print it, so that text compares as time does."""
    return (times.fine if kind == "datetime64" else times.coarse)(times.read(text))


def number_like(text: str) -> str:
    """A number that was written as text."""
    try:
        float(text)
    except ValueError:
        raise QueryRefused(
            f"Cannot parse string '{text}' as a number: syntax error at begin of string"
        ) from None
    return text
