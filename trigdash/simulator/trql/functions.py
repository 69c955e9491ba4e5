"""Which functions a query may call, and their translation for SQLite.

A template holds `{0}`, `{1}` … for arguments, `{all}` for all of them, and for aggregates
`{filter}` for the condition of an `-If` and `{params}` for the parameters in the first brackets.
"""

import math
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trigdash.simulator.trql import aggregates, scalars, times

_MANY = 99


@dataclass(frozen=True, slots=True)
class Function:
    """How a function is written for SQLite, and with how many arguments it may be called."""

    template: str
    least: int
    most: int
    kind: str = ""


def _one(template: str, least: int = 1, most: int | None = None, kind: str = "") -> Function:
    return Function(template, least, least if most is None else most, kind)


_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_STARTS = {
    "tostartofsecond": ("second", 1), "tostartofminute": ("minute", 1),
    "tostartoffiveminutes": ("minute", 5), "tostartoffiveminute": ("minute", 5),
    "tostartoftenminutes": ("minute", 10), "tostartoffifteenminutes": ("minute", 15),
    "tostartofhour": ("hour", 1), "tostartofday": ("day", 1), "tostartofweek": ("week", 1),
    "tomonday": ("week", 1), "tostartofmonth": ("month", 1), "tostartofquarter": ("quarter", 1),
    "tostartofyear": ("year", 1),
}  # fmt: skip
_PARTS = {
    "toyear": "%Y", "tomonth": "%m", "todayofmonth": "%d", "tohour": "%H", "tominute": "%M",
    "tosecond": "%S", "todayofweek": "%u", "todayofyear": "%j", "toyyyymm": "%Y%m",
    "toyyyymmdd": "%Y%m%d",
}  # fmt: skip
_NUMBERS = [f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)]

SCALARS: dict[str, Function] = {
    "if": _one("iif({0}, {1}, {2})", 3),
    "ifnull": _one("ifnull({0}, {1})", 2),
    "nullif": _one("nullif({0}, {1})", 2),
    "coalesce": _one("coalesce({all})", 2, _MANY),
    "isnull": _one("({0} IS NULL)"),
    "isnotnull": _one("({0} IS NOT NULL)"),
    "assumenotnull": _one("{0}"),
    "tonullable": _one("{0}"),
    "prettyformat": _one("{0}", 2),
    "not": _one("(NOT {0})"),
    "and": _one("({0} AND {1})", 2),
    "or": _one("({0} OR {1})", 2),
    "equals": _one("({0} = {1})", 2),
    "notequals": _one("({0} != {1})", 2),
    "greater": _one("({0} > {1})", 2),
    "less": _one("({0} < {1})", 2),
    "plus": _one("({0} + {1})", 2),
    "minus": _one("({0} - {1})", 2),
    "multiply": _one("({0} * {1})", 2),
    "divide": _one("({0} * 1.0 / {1})", 2),
    "intdiv": _one("CAST({0} / {1} AS INTEGER)", 2),
    "modulo": _one("({0} % {1})", 2),
    "negate": _one("(-{0})"),
    "abs": _one("abs({0})"),
    "round": _one("ch_round({all})", 1, 2),
    "floor": _one("ch_floor({0})"),
    "ceil": _one("ch_ceil({0})"),
    "ceiling": _one("ch_ceil({0})"),
    "sqrt": _one("ch_sqrt({0})"),
    "pow": _one("ch_power({0}, {1})", 2),
    "power": _one("ch_power({0}, {1})", 2),
    "log": _one(f"ch_log({{0}}, {math.e!r})"),
    "log2": _one("ch_log({0}, 2.0)"),
    "log10": _one("ch_log({0}, 10.0)"),
    "greatest": _one("max({all})", 2, _MANY),
    "least": _one("min({all})", 2, _MANY),
    "lower": _one("lower({0})"),
    "upper": _one("upper({0})"),
    "trim": _one("trim({0})"),
    "trimleft": _one("ltrim({0})"),
    "trimright": _one("rtrim({0})"),
    "length": _one("ch_length({0})"),
    "empty": _one("(ch_length({0}) = 0)"),
    "notempty": _one("(ch_length({0}) > 0)"),
    "concat": _one("ch_concat({all})", 1, _MANY),
    "tostring": _one("ch_text({0})"),
    "substring": _one("substr({all})", 2, 3),
    "substr": _one("substr({all})", 2, 3),
    "left": _one("substr({0}, 1, {1})", 2),
    "right": _one("substr({0}, -({1}))", 2),
    "position": _one("instr({0}, {1})", 2),
    "positioncaseinsensitive": _one("instr(lower({0}), lower({1}))", 2),
    "replaceall": _one("replace({0}, {1}, {2})", 3),
    "replace": _one("replace({0}, {1}, {2})", 3),
    "replaceregexpall": _one("ch_replace_regexp({0}, {1}, {2})", 3),
    "startswith": _one("(substr({0}, 1, length({1})) = {1})", 2),
    "endswith": _one("(substr({0}, -length({1})) = {1})", 2),
    "like": _one("ch_like({0}, {1}, 0)", 2),
    "ilike": _one("ch_like({0}, {1}, 1)", 2),
    "match": _one("ch_match({0}, {1})", 2),
    "extract": _one("ch_extract({0}, {1})", 2),
    "splitbychar": _one("ch_split({0}, {1})", 2),
    "splitbystring": _one("ch_split({0}, {1})", 2),
    "array": _one("ch_array({all})", 0, _MANY),
    "has": _one("ch_has({0}, {1})", 2),
    "hasany": _one("ch_has_any({0}, {1})", 2),
    "hasall": _one("ch_has_all({0}, {1})", 2),
    "arrayelement": _one("ch_at({0}, {1})", 2),
    "arraystringconcat": _one("ch_array_text({all})", 1, 2),
    "arraysort": _one("ch_array_sort({0})"),
    "arraydistinct": _one("ch_array_distinct({0})"),
    "jsonhas": _one("ch_json('has', {all})", 2, _MANY),
    "jsonextractstring": _one("ch_json('string', {all})", 1, _MANY),
    "jsonextractint": _one("ch_json('number', {all})", 1, _MANY),
    "jsonextractuint": _one("ch_json('number', {all})", 1, _MANY),
    "jsonextractfloat": _one("ch_json('number', {all})", 1, _MANY),
    "jsonextractbool": _one("ch_json('bool', {all})", 1, _MANY),
    "jsonextractraw": _one("ch_json('raw', {all})", 1, _MANY),
    "jsonextractarrayraw": _one("ch_json('array', {all})", 1, _MANY),
    "now": _one("ch_now()", 0, kind="datetime"),
    "now64": _one("ch_now64()", 0, 1, kind="datetime64"),
    "today": _one("substr(ch_now(), 1, 10)", 0, kind="datetime"),
    "yesterday": _one("substr(ch_moved(ch_now(), -1, 'day'), 1, 10)", 0, kind="datetime"),
    "todate": _one("ch_date({0})", kind="datetime"),
    "todatetime": _one("ch_moment({0}, 0)", 1, 2, kind="datetime"),
    "todatetime64": _one("ch_moment({0}, 1)", 1, 3, kind="datetime64"),
    "parsedatetimebesteffort": _one("ch_moment({0}, 0)", kind="datetime"),
    "fromunixtimestamp64milli": _one("ch_from_epoch_ms({0})", kind="datetime64"),
    "tounixtimestamp": _one("ch_epoch_s({0})"),
    "tounixtimestamp64milli": _one("ch_epoch_ms({0})"),
    "formatdatetime": _one("ch_format_moment({0}, {1})", 2),
    "datediff": _one("ch_crossings({0}, {1}, {2})", 3),
    "date_diff": _one("ch_crossings({0}, {1}, {2})", 3),
    "age": _one("ch_crossings({0}, {1}, {2})", 3),
    "datetrunc": _one("ch_start({1}, {0}, 1)", 2, kind="datetime"),
    "date_trunc": _one("ch_start({1}, {0}, 1)", 2, kind="datetime"),
    **{
        name: _one(f"ch_start({{0}}, '{unit}', {count})", 1, 2, kind="datetime")
        for name, (unit, count) in _STARTS.items()
    },
    **{name: _one(f"ch_part({{0}}, '{letter}')") for name, letter in _PARTS.items()},
    **{
        f"add{unit}s": _one(f"ch_moved({{0}}, {{1}}, '{unit}')", 2, kind="datetime")
        for unit in _UNITS
    },
    **{
        f"subtract{unit}s": _one(f"ch_moved({{0}}, -({{1}}), '{unit}')", 2, kind="datetime")
        for unit in _UNITS
    },
    **{f"to{name.lower()}": _one(f"ch_to_integer({{0}}, '{name}')") for name in _NUMBERS},
    **{f"to{name.lower()}orzero": _one("ch_number_or({0}, 0)") for name in _NUMBERS},
    **{f"to{name.lower()}ornull": _one("ch_number_or({0}, NULL)") for name in _NUMBERS},
    **{f"tofloat{bits}": _one(f"ch_to_float({{0}}, 'Float{bits}')") for bits in (32, 64)},
    **{f"tofloat{bits}orzero": _one("ch_number_or({0}, 0)") for bits in (32, 64)},
    **{f"tofloat{bits}ornull": _one("ch_number_or({0}, NULL)") for bits in (32, 64)},
}

AGGREGATES: dict[str, Function] = {
    "count": _one("count({all}){filter}", 0, 1),
    "sum": _one("coalesce(sum({0}){filter}, 0)"),
    "avg": _one("avg({0}){filter}"),
    "min": _one("min({0}){filter}", kind="same"),
    "max": _one("max({0}){filter}", kind="same"),
    **{
        name: _one("count(DISTINCT {0}){filter}", 1, 1)
        for name in ("uniq", "uniqexact", "uniqcombined", "uniqcombined64", "uniqhll12")
    },
    "any": _one("ch_any({0}){filter}", kind="same"),
    "first_value": _one("ch_any({0}){filter}", kind="same"),
    "anylast": _one("ch_any_last({0}){filter}", kind="same"),
    "last_value": _one("ch_any_last({0}){filter}", kind="same"),
    "argmin": _one("ch_arg_min({0}, {1}){filter}", 2, kind="same"),
    "argmax": _one("ch_arg_max({0}, {1}){filter}", 2, kind="same"),
    "grouparray": _one("ch_group_array({0}, {params}){filter}"),
    "groupuniqarray": _one("ch_group_uniq_array({0}, {params}){filter}"),
    "median": _one("ch_quantile({0}, '[0.5]'){filter}"),
    **{
        name: _one("ch_quantile({0}, {params}){filter}")
        for name in ("quantile", "quantileexact", "quantiletdigest", "quantiletiming")
    },
    **{
        name: _one("ch_quantiles({0}, {params}){filter}")
        for name in ("quantiles", "quantilesexact", "quantilestdigest", "quantilestiming")
    },
    "quantilemerge": _one("ch_at(ch_quantiles_merge({0}, {params}){filter}, 1)"),
    "quantiletdigestmerge": _one("ch_at(ch_quantiles_merge({0}, {params}){filter}, 1)"),
    "quantilesmerge": _one("ch_quantiles_merge({0}, {params}){filter}"),
    "quantilestdigestmerge": _one("ch_quantiles_merge({0}, {params}){filter}"),
    "deltasumtimestampmerge": _one("coalesce(sum({0}){filter}, 0)"),
    "topk": _one("ch_top_k({0}, {params}){filter}"),
    "varpop": _one("ch_var_pop({0}){filter}"),
    "varsamp": _one("ch_var_samp({0}){filter}"),
    "stddevpop": _one("ch_stddev_pop({0}){filter}"),
    "stddevsamp": _one("ch_stddev_samp({0}){filter}"),
}

_SCALAR_CODE: dict[str, tuple[Callable[..., Any], int]] = {
    "round": (scalars.rounded, -1),
    "floor": (lambda x: None if x is None else math.floor(x), 1),
    "ceil": (lambda x: None if x is None else math.ceil(x), 1),
    "sqrt": (scalars.square_root, 1),
    "power": (scalars.power, 2),
    "log": (scalars.logarithm, 2),
    "length": (scalars.length, 1),
    "concat": (scalars.concat, -1),
    "text": (scalars.text_of, 1),
    "replace_regexp": (scalars.replace_regexp, 3),
    "like": (scalars.like, 3),
    "match": (scalars.match, 2),
    "extract": (scalars.extract, 2),
    "split": (scalars.split, 2),
    "array": (scalars.array, -1),
    "has": (scalars.has, 2),
    "has_any": (scalars.has_any, 2),
    "has_all": (scalars.has_all, 2),
    "at": (scalars.at, 2),
    "array_text": (scalars.array_join_text, -1),
    "array_sort": (scalars.array_sort, 1),
    "array_distinct": (scalars.array_distinct, 1),
    "json": (scalars.json_extract, -1),
    "json_path": (scalars.json_path, 2),
    "date": (scalars.to_date, 1),
    "moment": (scalars.to_moment, 2),
    "from_epoch_ms": (scalars.from_epoch_ms, 1),
    "epoch_s": (scalars.epoch_s, 1),
    "epoch_ms": (scalars.epoch_ms, 1),
    "format_moment": (scalars.format_moment, 2),
    "crossings": (times.crossings, 3),
    "start": (times.start_of, 3),
    "moved": (times.moved, 3),
    "part": (scalars.part_of, 2),
    "seconds_between": (scalars.seconds_between, 2),
    "to_integer": (scalars.to_integer, 2),
    "to_float": (scalars.to_float, 2),
    "number_or": (scalars.to_number_or, 2),
}
_AGGREGATE_CODE: dict[str, tuple[type[Any], int]] = {
    "any": (aggregates.First, 1),
    "any_last": (aggregates.Last, 1),
    "arg_min": (aggregates.ArgMin, 2),
    "arg_max": (aggregates.ArgMax, 2),
    "group_array": (aggregates.GroupArray, 2),
    "group_uniq_array": (aggregates.GroupUniqArray, 2),
    "quantile": (aggregates.Quantile, 2),
    "quantiles": (aggregates.Quantiles, 2),
    "quantiles_merge": (aggregates.QuantilesMerge, 2),
    "top_k": (aggregates.TopK, 2),
    "var_pop": (aggregates.VarPop, 1),
    "var_samp": (aggregates.VarSamp, 1),
    "stddev_pop": (aggregates.StddevPop, 1),
    "stddev_samp": (aggregates.StddevSamp, 1),
}


def install(
    database: sqlite3.Connection,
    now: str,
    noted: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> None:
    """Teach a database all of these. `noted` wraps each so that its refusals are not lost."""
    for name, (code, arguments) in _SCALAR_CODE.items():
        database.create_function(f"ch_{name}", arguments, noted(code), deterministic=True)
    for name, (kind, arguments) in _AGGREGATE_CODE.items():
        database.create_aggregate(f"ch_{name}", arguments, kind)
    database.create_function("ch_now", 0, lambda: now[:19], deterministic=True)
    database.create_function("ch_now64", 0, lambda: now, deterministic=True)
