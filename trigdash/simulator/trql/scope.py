"""What names mean inside one SELECT: columns of its source, aliases of its list, `timeBucket`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from trigdash.simulator.trql.catalog import Column
from trigdash.simulator.trql.refusal import unknown_column


@dataclass(slots=True)
class Reading:
    """Which columns of which tables a query reads; filled while it is translated.

    `subquery` writes a SELECT inside this one.
    """

    bucket: tuple[str, int]
    subquery: Callable[[exp.Expr, "Reading"], str]
    columns: dict[str, list[str]] = field(default_factory=dict)

    def note(self, table: str, column: str | None = None) -> None:
        held = self.columns.setdefault(table, [])
        if column is not None and column not in held:
            held.append(column)


@dataclass(slots=True)
class Source:
    """What a SELECT reads from: a table, or another SELECT (`table` is then empty).

    `names` are what a query may put before a column, `name` is what SQLite knows it as.
    """

    names: tuple[str, ...]
    name: str
    sql: str
    columns: Mapping[str, Column]
    table: str = ""
    time_column: str = ""


@dataclass(slots=True)
class Scope:
    """Names in reach, and whether an alias hides a column of its name (in GROUP BY and after)."""

    source: Source
    reading: Reading
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    alias_first: bool = False
    expanding: frozenset[str] = frozenset()

    def alias(self, name: str) -> exp.Expr | None:
        """The expression behind an alias, unless we are inside that very expression."""
        return None if name in self.expanding else self.aliases.get(name)

    def inside(self, name: str) -> "Scope":
        """The scope in which an alias's own expression is read: columns first."""
        return Scope(
            self.source, self.reading, self.aliases, self.joins, False, self.expanding | {name}
        )

    def column(self, name: str) -> Column:
        """A column of the source, noted as read, or the refusal."""
        found = self.source.columns.get(name)
        if found is None:
            raise unknown_column(name, self.source.columns)
        if self.source.table:
            self.reading.note(self.source.table, name)
        return found

    def unnest(self, array_sql: str) -> str:
        """One row for each item of an array (`arrayJoin`); the same array is joined once."""
        if array_sql not in self.joins:
            self.joins.append(array_sql)
        return f"unnested{self.joins.index(array_sql)}.value"


def parts_of(node: exp.Expr) -> list[str]:
    """`runs.error.name` as its parts."""
    if isinstance(node, exp.Dot):
        return [*parts_of(node.this), *parts_of(node.expression)]
    if isinstance(node, exp.Column):
        return [part.name for part in node.parts]
    return [node.name]
