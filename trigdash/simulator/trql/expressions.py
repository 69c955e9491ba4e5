"""Expressions: from the syntax tree to SQLite's text, with kinds where the dialects differ."""

from sqlglot import exp

from trigdash.simulator.trql import catalog
from trigdash.simulator.trql.calls import call, kind_of_call
from trigdash.simulator.trql.parse import moment_like, number_like, quoted
from trigdash.simulator.trql.refusal import QueryRefused, unsupported
from trigdash.simulator.trql.scope import Scope, parts_of

_INFIX: dict[type[exp.Expr], str] = {
    exp.And: "AND", exp.Or: "OR", exp.Mul: "*", exp.Mod: "%", exp.DPipe: "||",
}  # fmt: skip
_COMPARED: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "!=", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip
_MOMENTS = frozenset({"datetime", "datetime64"})


def sql_of(node: exp.Expr, scope: Scope) -> str:
    """The SQLite text of an expression."""
    kind = type(node)
    if kind in _INFIX:
        left, right = sql_of(node.this, scope), sql_of(node.expression, scope)
        return f"({left} {_INFIX[kind]} {right})"
    if kind in _COMPARED:
        return _comparison(node, _COMPARED[kind], scope)
    if isinstance(node, exp.Column | exp.Dot):
        return _name(node, scope)
    if isinstance(node, exp.Paren):
        return f"({sql_of(node.this, scope)})"
    if isinstance(node, exp.Func) and not isinstance(
        node, exp.Case | exp.Cast | exp.If | exp.Array
    ):
        return call(node, scope, sql_of, kind_of)
    return _plain(node, scope)


def _plain(node: exp.Expr, scope: Scope) -> str:
    """The forms that SQLite writes much alike."""
    match node:
        case exp.Literal():
            return quoted(node.this) if node.is_string else str(node.this)
        case exp.Null():
            return "NULL"
        case exp.Boolean():
            return "1" if node.this else "0"
        case exp.Not():
            return f"(NOT {sql_of(node.this, scope)})"
        case exp.Neg():
            return f"(-{sql_of(node.this, scope)})"
        case exp.Is():
            return f"({sql_of(node.this, scope)} IS {sql_of(node.expression, scope)})"
        case exp.Between():
            return _between(node, scope)
        case exp.In():
            return _membership(node, scope)
        case exp.Like() | exp.ILike():
            caseless = int(isinstance(node, exp.ILike))
            left, right = sql_of(node.this, scope), sql_of(node.expression, scope)
            return f"ch_like({left}, {right}, {caseless})"
        case exp.Add() | exp.Sub():
            return _sum(node, scope)
        case exp.Div():
            return f"({sql_of(node.this, scope)} * 1.0 / {sql_of(node.expression, scope)})"
        case _:
            return _structured(node, scope)


def _structured(node: exp.Expr, scope: Scope) -> str:
    match node:
        case exp.If():
            otherwise = node.args.get("false")
            return (
                f"iif({sql_of(node.this, scope)}, {sql_of(node.args['true'], scope)}, "
                f"{sql_of(otherwise, scope) if otherwise else 'NULL'})"
            )
        case exp.Case():
            return _case(node, scope)
        case exp.Cast():
            return _cast(node, scope)
        case exp.Bracket():
            index = node.expressions[0]
            # The parser counts from 0 where the language counts from 1.
            shift = " + 1" if isinstance(index, exp.Literal) and not index.is_string else ""
            if isinstance(index, exp.Literal) and index.is_string:
                return f"ch_json_path({sql_of(node.this, scope)}, {quoted(index.this)})"
            return f"ch_at({sql_of(node.this, scope)}, {sql_of(index, scope)}{shift})"
        case exp.Array() | exp.Tuple():
            return f"ch_array({', '.join(sql_of(item, scope) for item in node.expressions)})"
        case exp.Alias():
            raise QueryRefused("Aliases are understood in the SELECT list only")
        case _:
            raise unsupported(f"{type(node).__name__} expressions are")


def _name(node: exp.Expr, scope: Scope) -> str:
    """A column, a path into a JSON column, an alias, or the bucket of time."""
    path = parts_of(node)
    if len(path) > 1 and path[0] in scope.source.names:
        path = path[1:]
    elif len(path) == 1 and scope.alias_first:
        behind = scope.alias(path[0])
        if behind is not None:
            return sql_of(behind, scope.inside(path[0]))
    head, inside = path[0], path[1:]
    if head in scope.source.columns:
        scope.column(head)
        sql = f"{_ident(scope.source.name)}.{_ident(head)}"
        return f"ch_json_path({sql}, {quoted('.'.join(inside))})" if inside else sql
    behind = scope.alias(head) if not inside else None
    if behind is not None:
        return sql_of(behind, scope.inside(head))
    if head.lower() == "timebucket":
        return bucket_sql(scope)
    scope.column(head)
    raise AssertionError("a column that is not there was accepted")


def bucket_sql(scope: Scope) -> str:
    """`timeBucket()`: the time column, cut to the width that goes with the window."""
    unit, count = scope.reading.bucket
    column = scope.column(scope.source.time_column or "triggered_at")
    return f"ch_start({_ident(scope.source.name)}.{_ident(column.name)}, '{unit}', {count})"


def _ident(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def kind_of(node: exp.Expr, scope: Scope) -> str:
    """The kind of an expression's values, where it is known; else an empty text."""
    if isinstance(node, exp.Paren | exp.Alias):
        return kind_of(node.this, scope)
    if isinstance(node, exp.Column):
        path = [part for part in parts_of(node) if part not in scope.source.names]
        behind = scope.alias(path[0]) if len(path) == 1 else None
        if behind is not None and (scope.alias_first or path[0] not in scope.source.columns):
            return kind_of(behind, scope.inside(path[0]))
        if len(path) == 1 and path[0] in scope.source.columns:
            return scope.source.columns[path[0]].kind
        return "datetime" if path[:1] and path[0].lower() == "timebucket" else ""
    if isinstance(node, exp.Func):
        return kind_of_call(node, scope, kind_of)
    if isinstance(node, exp.Add | exp.Sub) and _interval(node.expression):
        return kind_of(node.this, scope)
    return ""


def _comparison(node: exp.Expr, sign: str, scope: Scope) -> str:
    left, right = node.this, node.expression
    for one, other in ((left, right), (right, left)):
        if isinstance(other, exp.Null):
            return _null_comparison(one, sign, scope)
        if sign in {"=", "!="} and _literal(other) and kind_of(one, scope) == "status":
            names = catalog.own_statuses(other.this)
            return _listed(sql_of(one, scope), names, sign == "!=")
    texts = [_against(left, right, scope), _against(right, left, scope)]
    return f"({texts[0]} {sign} {texts[1]})"


def _literal(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _against(node: exp.Expr, other: exp.Expr, scope: Scope) -> str:
    """A side of a comparison; a text literal takes the form of what it is compared with."""
    if not _literal(node):
        return sql_of(node, scope)
    kind = kind_of(other, scope)
    if kind in _MOMENTS:
        return quoted(moment_like(node.this, kind))
    if kind in {"number", "flag"}:
        return number_like(node.this)
    return quoted(node.this)


def _null_comparison(node: exp.Expr, sign: str, scope: Scope) -> str:
    """`= NULL` tests for null; an empty JSON column is an empty text (recorded)."""
    sql = sql_of(node, scope)
    if kind_of(node, scope) == "json" and len(parts_of(node)) <= 2:
        return f"({sql} {sign} '')"
    return f"({sql} IS {'NOT ' if sign == '!=' else ''}NULL)"


def _listed(sql: str, values: list[str], negated: bool) -> str:
    return f"({sql} {'NOT ' if negated else ''}IN ({', '.join(map(quoted, values))}))"


def _membership(node: exp.In, scope: Scope) -> str:
    query = node.args.get("query")
    if query is not None:
        return f"({sql_of(node.this, scope)} IN ({scope.reading.subquery(query, scope.reading)}))"
    items = node.expressions
    if kind_of(node.this, scope) == "status":
        texts = [item.this for item in items if _literal(item)]
        names = [name for text in texts for name in catalog.own_statuses(text)]
        return _listed(sql_of(node.this, scope), names, negated=False)
    listed = ", ".join(_against(item, node.this, scope) for item in items)
    return f"({sql_of(node.this, scope)} IN ({listed}))"


def _between(node: exp.Between, scope: Scope) -> str:
    low, high = (_against(node.args[side], node.this, scope) for side in ("low", "high"))
    return f"({sql_of(node.this, scope)} BETWEEN {low} AND {high})"


def _sum(node: exp.Expr, scope: Scope) -> str:
    """Numbers, a time and an interval, or two times."""
    sign = "-" if isinstance(node, exp.Sub) else "+"
    interval = _interval(node.expression)
    if interval:
        count, unit = interval
        return f"ch_moved({sql_of(node.this, scope)}, {sign}({sql_of(count, scope)}), {unit})"
    left, right = sql_of(node.this, scope), sql_of(node.expression, scope)
    kinds = {kind_of(node.this, scope), kind_of(node.expression, scope)}
    if sign == "-" and kinds <= _MOMENTS:
        return f"ch_seconds_between({left}, {right})"
    return f"({left} {sign} {right})"


def _interval(node: exp.Expr) -> tuple[exp.Expr, str] | None:
    """Count and unit of `INTERVAL 5 MINUTE` or `toIntervalMinute(5)`."""
    if isinstance(node, exp.Interval):
        count = node.this
        number = exp.Literal.number(count.this) if isinstance(count, exp.Literal) else count
        return number, quoted(str(node.args["unit"]).lower())
    if isinstance(node, exp.Anonymous) and node.name.lower().startswith("tointerval"):
        if len(node.expressions) != 1:
            raise QueryRefused(f"Number of arguments for function {node.name} doesn't match")
        return node.expressions[0], quoted(node.name.lower().removeprefix("tointerval"))
    return None


def _case(node: exp.Case, scope: Scope) -> str:
    subject = node.args.get("this")
    parts = ["CASE", sql_of(subject, scope) if subject else ""]
    parts += [
        f"WHEN {sql_of(branch.this, scope)} THEN {sql_of(branch.args['true'], scope)}"
        for branch in node.args["ifs"]
    ]
    default = node.args.get("default")
    if default:
        parts.append(f"ELSE {sql_of(default, scope)}")
    return f"({' '.join(parts)} END)"


def _cast(node: exp.Cast, scope: Scope) -> str:
    sql = sql_of(node.this, scope)
    target = node.to.sql(dialect="clickhouse").removeprefix("Nullable(").rstrip(")")
    name = target.lower()
    if "int" in name:
        return f"ch_to_integer({sql}, {quoted(target)})"
    if name.startswith(("float", "decimal")):
        return f"ch_to_float({sql}, {quoted(target)})"
    if name.startswith("datetime"):
        return f"ch_moment({sql}, {int(name.startswith('datetime64'))})"
    if name.startswith("date"):
        return f"ch_date({sql})"
    if name.endswith("string"):
        return f"ch_text({sql})"
    raise unsupported(f"A cast to {target} is")
