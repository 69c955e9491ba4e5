"""Calls: scalar functions, aggregates with parameters and conditions, and a few special forms."""

import re
from collections.abc import Callable

from sqlglot import exp

from trigdash.simulator.trql.functions import AGGREGATES, SCALARS, Function
from trigdash.simulator.trql.parse import quoted
from trigdash.simulator.trql.refusal import QueryRefused, unknown_function, unsupported
from trigdash.simulator.trql.scope import Scope

Writer = Callable[[exp.Expr, Scope], str]
_PARAMETRIC = (exp.ParameterizedAgg, exp.CombinedParameterizedAgg)


def parts_of_call(node: exp.Expr) -> tuple[str, list[exp.Expr], list[exp.Expr]]:
    """Name, arguments, and the parameters of an aggregate that has some."""
    if isinstance(node, _PARAMETRIC):
        return str(node.this), list(node.args["params"]), list(node.expressions)
    return str(node.this), list(node.expressions), []


def aggregate_of(node: exp.Expr) -> tuple[Function, bool] | None:
    """The aggregate that is called, and whether its last argument is a condition."""
    if not isinstance(node, exp.Func):
        return None
    name = parts_of_call(node)[0].lower()
    if name in AGGREGATES:
        return AGGREGATES[name], False
    if name.endswith("if") and name[:-2] in AGGREGATES:
        return AGGREGATES[name[:-2]], True
    return None


def call(node: exp.Expr, scope: Scope, write: Writer, kind: Writer) -> str:
    """The SQLite text of a call."""
    name, arguments, params = parts_of_call(node)
    special = _SPECIAL.get(name.lower())
    if special is not None:
        return special(arguments, scope, write)
    found = aggregate_of(node)
    if found is not None:
        return _aggregate(name, found, arguments, params, scope, write)
    function = SCALARS.get(name.lower())
    if function is None:
        raise unknown_function(name)
    _check_count(name, function, len(arguments))
    return _filled(function.template, [write(item, scope) for item in arguments])


def _filled(template: str, texts: list[str], filtered: str = "", params: str = "") -> str:
    def part(found: re.Match[str]) -> str:
        name = found[1]
        if name.isdigit():
            return texts[int(name)]
        return {"all": ", ".join(texts), "filter": filtered, "params": params}[name]

    return re.sub(r"\{(\w+)\}", part, template)


def _check_count(name: str, function: Function, count: int) -> None:
    if not function.least <= count <= function.most:
        raise QueryRefused(
            f"Number of arguments for function {name} doesn't match: passed {count}, should be "
            + (
                f"{function.least}"
                if function.least == function.most
                else f"{function.least} or more"
            )
        )


def _aggregate(
    name: str,
    found: tuple[Function, bool],
    arguments: list[exp.Expr],
    params: list[exp.Expr],
    scope: Scope,
    write: Writer,
) -> str:
    function, conditional = found
    condition = ""
    if conditional:
        if not arguments:
            raise QueryRefused(f"Aggregate function {name} requires at least one argument")
        condition = f" FILTER (WHERE {write(arguments[-1], scope)})"
        arguments = arguments[:-1]
    texts = [_argument(item, scope, write) for item in arguments]
    _check_count(name, function, len(texts))
    if name.lower().startswith("count") and not texts:
        texts = ["*"]
    levels = quoted(f"[{', '.join(str(item.this) for item in params)}]") if params else "'[]'"
    return _filled(function.template, texts, condition, levels)


def _argument(node: exp.Expr, scope: Scope, write: Writer) -> str:
    if isinstance(node, exp.Distinct):
        return f"DISTINCT {write(node.expressions[0], scope)}"
    return "*" if isinstance(node, exp.Star) else write(node, scope)


def _bucket(arguments: list[exp.Expr], scope: Scope, write: Writer) -> str:
    return write(exp.column("timeBucket"), scope)


def _unnested(arguments: list[exp.Expr], scope: Scope, write: Writer) -> str:
    if len(arguments) != 1:
        raise QueryRefused("Number of arguments for function arrayJoin doesn't match: 1 expected")
    return scope.unnest(write(arguments[0], scope))


def _branches(arguments: list[exp.Expr], scope: Scope, write: Writer) -> str:
    if len(arguments) < 3 or len(arguments) % 2 == 0:
        raise QueryRefused("Invalid number of arguments for function multiIf")
    texts = [write(item, scope) for item in arguments]
    pairs = zip(texts[:-1:2], texts[1:-1:2], strict=True)
    cases = " ".join(f"WHEN {condition} THEN {value}" for condition, value in pairs)
    return f"(CASE {cases} ELSE {texts[-1]} END)"


def _interval_start(arguments: list[exp.Expr], scope: Scope, write: Writer) -> str:
    if len(arguments) < 2 or not isinstance(arguments[1], exp.Interval):
        raise unsupported("toStartOfInterval without INTERVAL is")
    interval = arguments[1]
    count, unit = str(interval.name), str(interval.args.get("unit")).lower()
    if not count.isdecimal() or not int(count):
        raise QueryRefused("The interval of toStartOfInterval must be a whole number above 0")
    return f"ch_start({write(arguments[0], scope)}, {quoted(unit)}, {int(count)})"


_SPECIAL: dict[str, Callable[[list[exp.Expr], Scope, Writer], str]] = {
    "timebucket": _bucket,
    "arrayjoin": _unnested,
    "multiif": _branches,
    "tostartofinterval": _interval_start,
}


def kind_of_call(node: exp.Expr, scope: Scope, kind: Writer) -> str:
    """The kind of a call's values, where it is known."""
    name, arguments, _ = parts_of_call(node)
    if name.lower() in {"timebucket", "tostartofinterval"}:
        return "datetime"
    found = aggregate_of(node)
    function = found[0] if found else SCALARS.get(name.lower())
    if function is None:
        return ""
    return kind(arguments[0], scope) if function.kind == "same" and arguments else function.kind
