"""One SELECT: its list, source, filters, groups and order, written for SQLite."""

import re
from dataclasses import dataclass

from sqlglot import exp

from trigdash.simulator.trql import catalog
from trigdash.simulator.trql.calls import aggregate_of
from trigdash.simulator.trql.expressions import kind_of, sql_of
from trigdash.simulator.trql.refusal import QueryRefused, unsupported
from trigdash.simulator.trql.scope import Reading, Scope, Source, parts_of

MAX_ROWS = 10_000
"""A LIMIT of this size is added, as on the real server."""

_WHOLE = re.compile(r"[0-9]{1,18}")
_REFUSED = ("joins", "windows", "qualify", "prewhere", "settings", "format")
"""Clauses by the parser's names; the rest is refused everywhere."""
_REFUSED_NODES: dict[type[exp.Expr], str] = {
    exp.Window: "A window function (OVER) is",
    exp.Lambda: "A lambda is",
    exp.TableSample: "SAMPLE is",
    exp.LimitOptions: "LIMIT WITH TIES or PERCENT is",
    exp.WithFill: "WITH FILL is",
}


@dataclass(frozen=True, slots=True)
class Output:
    """A column of the answer, and the kind of its values where it is known."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Written:
    """A SELECT in SQLite's dialect."""

    sql: str
    outputs: list[Output]


def write_select(tree: exp.Select, reading: Reading, top: bool = True) -> Written:
    """The SQLite text of a SELECT, or the refusal."""
    _refuse_clauses(tree)
    source = _source(tree, reading)
    scope = Scope(source, reading, aliases=_aliases(tree))
    late = Scope(source, reading, scope.aliases, scope.joins, alias_first=True)
    items = _items(tree, scope)
    columns = [sql_of(item, scope) for item, _ in items]
    where = _clause("WHERE", tree.args.get("where"), scope)
    groups = [sql_of(_positional(key, items), late) for key in _group_keys(tree)]
    having = _clause("HAVING", tree.args.get("having"), late)
    order = _order(tree, items, late)
    _check_groups(tree, items, groups, late)
    outputs = _outputs(items, scope)
    listed = ", ".join(
        f'{sql} AS "{output.name}"' for sql, output in zip(columns, outputs, strict=True)
    )
    distinct = "DISTINCT " if tree.args.get("distinct") else ""
    grouped = f" GROUP BY {', '.join(groups)}" if groups else ""
    # Written last: translating the rest finds out which arrays are unnested.
    origin = _from(source, scope)
    sql = f"SELECT {distinct}{listed}{origin}{where}{grouped}{having}{order}{_limit(tree, top)}"
    return Written(sql, outputs)


def write_subquery(tree: exp.Expr, reading: Reading) -> str:
    """The SQLite text of a SELECT inside another."""
    inner = tree.this if isinstance(tree, exp.Subquery) else tree
    if not isinstance(inner, exp.Select):
        raise unsupported(f"{inner.key.upper()} is")
    return write_select(inner, reading, top=False).sql


def _refuse_clauses(tree: exp.Select) -> None:
    for name in _REFUSED:
        if tree.args.get(name):
            raise unsupported(f"{name.replace('_', ' ').upper().rstrip('S')} is")
    for node in tree.walk():
        if (what := _REFUSED_NODES.get(type(node))) is not None:
            raise unsupported(what)
        if isinstance(node, exp.Star) and (node.args.get("except_") or node.args.get("replace")):
            raise unsupported("A star with EXCEPT or REPLACE is")
        if isinstance(node, exp.Distinct) and node.args.get("on"):
            raise unsupported("DISTINCT ON is")


def _source(tree: exp.Select, reading: Reading) -> Source:
    """What follows FROM; nothing does in `SELECT 1`."""
    clause = tree.args.get("from_")
    if clause is None:
        return Source((), "", "", {})
    origin = clause.this
    if isinstance(origin, exp.Subquery):
        return _inner(origin.this, origin.alias or "inner_select", reading)
    if not isinstance(origin, exp.Table):
        raise unsupported(f"FROM {type(origin).__name__} is")
    if origin.args.get("joins") or isinstance(origin.this, exp.Func):
        raise unsupported("JOIN is")
    for cte in tree.ctes:
        if cte.alias == origin.name:
            return _inner(cte.this, origin.alias or origin.name, reading)
    table = catalog.table(origin.name)
    reading.note(table.name)
    names = tuple({origin.name, origin.alias or origin.name})
    sql = f'"{table.name}"'
    return Source(names, table.name, sql, table.columns, table.name, table.time_column)


def _inner(tree: exp.Expr, name: str, reading: Reading) -> Source:
    if not isinstance(tree, exp.Select):
        raise unsupported(f"{tree.key.upper()} is")
    written = write_select(tree, reading, top=False)
    columns = {
        output.name: catalog.Column(output.name, output.kind, True) for output in written.outputs
    }
    return Source((name,), name, f'({written.sql}) AS "{name}"', columns)


def _from(source: Source, scope: Scope) -> str:
    if not source.sql:
        return ""
    unnested = "".join(
        f", json_each(CAST({sql} AS TEXT)) AS unnested{place}"
        for place, sql in enumerate(scope.joins)
    )
    return f" FROM {source.sql}{unnested}"


def _aliases(tree: exp.Select) -> dict[str, exp.Expr]:
    return {item.alias: item.this for item in tree.expressions if isinstance(item, exp.Alias)}


def _items(tree: exp.Select, scope: Scope) -> list[tuple[exp.Expr, str]]:
    """Expression and name of each column; a star is the core columns (recorded)."""
    found: list[tuple[exp.Expr, str]] = []
    for item in tree.expressions:
        bare = item.this if isinstance(item, exp.Alias) else item
        if isinstance(bare, exp.Star) or (isinstance(bare, exp.Column) and bare.is_star):
            core = [name for name, column in scope.source.columns.items() if column.core]
            found += [(exp.column(name), name) for name in core]
        else:
            found.append((bare, item.alias if isinstance(item, exp.Alias) else _named(bare)))
    return found


def _named(node: exp.Expr) -> str:
    """The name of a column without an alias: a function's name in lower case (recorded)."""
    if isinstance(node, exp.Column | exp.Dot):
        name = parts_of(node)[-1]
        return name.lower() if name.lower() == "timebucket" else name
    if isinstance(node, exp.If):
        return "if"
    if isinstance(node, exp.Func) and isinstance(node.this, str):
        return node.this.lower()
    return node.sql(dialect="clickhouse")


def _outputs(items: list[tuple[exp.Expr, str]], scope: Scope) -> list[Output]:
    found: list[Output] = []
    for node, name in items:
        same = sum(1 for other in found if other.name.split("\0")[0] == name)
        unique = f"{name}_{same + 1}" if same else name
        found.append(Output(unique.replace('"', "'"), kind_of(node, scope)))
    return found


def _clause(word: str, clause: exp.Expr | None, scope: Scope) -> str:
    return f" {word} {sql_of(clause.this, scope)}" if clause is not None else ""


def _group_keys(tree: exp.Select) -> list[exp.Expr]:
    group = tree.args.get("group")
    if group is None:
        return []
    if any(group.args.get(name) for name in ("all", "cube", "rollup", "grouping_sets", "totals")):
        raise unsupported("GROUP BY ALL, CUBE, ROLLUP and TOTALS are")
    return list(group.expressions)


def _positional(key: exp.Expr, items: list[tuple[exp.Expr, str]]) -> exp.Expr:
    """`GROUP BY 1` and `ORDER BY 2` mean columns of the list."""
    if isinstance(key, exp.Literal) and not key.is_string and _WHOLE.fullmatch(str(key.this)):
        place = int(key.this)
        if not 1 <= place <= len(items):
            raise QueryRefused(f"Positional argument out of bounds: {place}")
        return items[place - 1][0]
    return key


def _order(tree: exp.Select, items: list[tuple[exp.Expr, str]], scope: Scope) -> str:
    clause = tree.args.get("order")
    if clause is None:
        return ""
    keys = []
    for ordered in clause.expressions:
        key = sql_of(_positional(ordered.this, items), scope)
        first = "NULLS FIRST" if ordered.args.get("nulls_first") else "NULLS LAST"
        keys.append(f"{key} {'DESC' if ordered.args.get('desc') else 'ASC'} {first}")
    return f" ORDER BY {', '.join(keys)}"


def _limit(tree: exp.Select, top: bool) -> str:
    limit = tree.args.get("limit")
    if limit is not None and limit.expressions:
        raise unsupported("LIMIT BY is")
    asked = _whole(limit.expression) if limit is not None else None
    offset = tree.args.get("offset")
    if top:
        asked = MAX_ROWS if asked is None else min(asked, MAX_ROWS)
    skipped = f" OFFSET {_whole(offset.expression)}" if offset is not None else ""
    if asked is None:
        return f" LIMIT -1{skipped}" if skipped else ""
    return f" LIMIT {asked}{skipped}"


def _whole(node: exp.Expr) -> int:
    if not isinstance(node, exp.Literal) or node.is_string or not _WHOLE.fullmatch(str(node.this)):
        raise QueryRefused("The LIMIT and OFFSET must be whole numbers")
    return int(node.this)


def _check_groups(
    tree: exp.Select, items: list[tuple[exp.Expr, str]], groups: list[str], scope: Scope
) -> None:
    """A column next to an aggregate must be in GROUP BY; SQLite would take any row's value."""
    plain = Scope(scope.source, scope.reading, scope.aliases, scope.joins)
    nodes = [(node, plain) for node, _ in items]
    nodes += [(tree.args[part].this, scope) for part in ("having",) if tree.args.get(part)]
    order = tree.args.get("order")
    nodes += [(_positional(key.this, items), scope) for key in (order.expressions if order else [])]
    if groups or any(_aggregates(node, within) for node, within in nodes):
        for node, within in nodes:
            _require_grouped(node, within, groups)


def _behind(node: exp.Expr, scope: Scope) -> tuple[exp.Expr, Scope] | None:
    """The expression behind an alias."""
    if not isinstance(node, exp.Column) or len(node.parts) != 1:
        return None
    found = scope.alias(node.name)
    if found is None or (node.name in scope.source.columns and not scope.alias_first):
        return None
    return found, scope.inside(node.name)


def _aggregates(node: exp.Expr, scope: Scope) -> bool:
    behind = _behind(node, scope)
    if behind:
        return _aggregates(*behind)
    if aggregate_of(node):
        return True
    return any(_aggregates(child, scope) for child in node.iter_expressions())


def _require_grouped(node: exp.Expr, scope: Scope, groups: list[str]) -> None:
    if aggregate_of(node) or isinstance(node, exp.Identifier | exp.Interval | exp.DataType):
        return
    behind = _behind(node, scope)
    if sql_of(node, scope) in groups:
        return
    if behind:
        _require_grouped(behind[0], behind[1], groups)
    elif isinstance(node, exp.Column):
        raise QueryRefused(
            f"Column '{parts_of(node)[-1]}' is not under aggregate function "
            "and not in GROUP BY keys"
        )
    else:
        for child in node.iter_expressions():
            if not isinstance(child, exp.Var):
                _require_grouped(child, scope, groups)
