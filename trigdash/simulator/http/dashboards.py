"""Custom dashboards and their widgets: what is kept, and what is refused of a widget."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from trigdash.simulator import trql
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import invalid, type_name, want_object, want_types
from trigdash.simulator.world.texts import iso

Json = dict[str, Any]
COLUMNS = 12
_WIDGET_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DEFAULT_HEIGHT = 4
_DISPLAYS: Mapping[str, tuple[Json, Json]] = {
    # Required and optional fields: their choices, or their JSON types.
    "title": ({}, {}),
    "table": ({}, {"prettyFormatting": ("boolean",), "sorting": ("array",)}),
    "bignumber": (
        {
            "column": ("string",),
            "aggregation": {"sum", "avg", "count", "min", "max", "first", "last"},
        },
        {
            "sortDirection": {"asc", "desc"}, "abbreviate": ("boolean",), "prefix": ("string",),
            "suffix": ("string",),
        },
    ),
    "chart": (
        {
            "chartType": {"bar", "line"}, "xAxisColumn": ("string", "null"),
            "yAxisColumns": ("array",), "groupByColumn": ("string", "null"),
            "stacked": ("boolean",), "sortByColumn": ("string", "null"),
            "sortDirection": {"asc", "desc"},
            "aggregation": {"sum", "avg", "count", "min", "max"},
        },
        {"seriesColors": ("object",)},
    ),
}  # fmt: skip


@dataclass(slots=True)
class Dashboard:
    """A custom dashboard; each change gives it another revision."""

    id: str
    title: str
    description: str
    created_ms: int
    updated_ms: int
    revisions: int = 1
    widgets: list[Json] = field(default_factory=list)

    @property
    def revision(self) -> str:
        return f"rev_{self.revisions}"

    def view(self) -> Json:
        return {
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "revision": self.revision,
            "createdAt": iso(self.created_ms),
            "updatedAt": iso(self.updated_ms),
            "widgets": self.widgets,
        }


async def read_widget(
    given: Any, others: list[Json], before: Json | None, own_id: str, now_ms: int
) -> Json:
    """A widget that was checked: its display, its position, and whether its query compiles.

    `own_id` is its id when it brings none; `before` is the widget that it replaces.
    """
    body = want_object(given)
    known = ("id", "title", "query", "display", "fillGaps", "position")
    unknown = [name for name in body if name not in known]
    if unknown:
        raise invalid(f"Unrecognized key(s) in object: {', '.join(map(repr, unknown))}")
    want_types(body, {"id": ("string",), "title": ("string",), "query": ("string",)})
    if "title" not in body:
        raise invalid("Required", "title")
    name = body.get("id") or own_id
    if _WIDGET_ID.fullmatch(name) is None:
        raise invalid("Invalid", "id")
    display = _display(want_object(body.get("display"), "display"))
    query = body.get("query", "")
    if display["type"] != "title":
        await compile_query(query, now_ms)
    if "position" in body:
        position = _position(want_object(body["position"], "position"))
    elif before is not None:
        position = before["position"]
    else:
        below = max((each["position"]["y"] + each["position"]["h"] for each in others), default=0)
        position = {"x": 0, "y": below, "w": COLUMNS, "h": _DEFAULT_HEIGHT}
    widget = {"id": name, "title": body["title"], "query": query, "display": display}
    if "fillGaps" in body:
        widget["fillGaps"] = body["fillGaps"]
    return widget | {"position": position}


def _display(display: Json) -> Json:
    kind = str(display.get("type"))
    if kind not in _DISPLAYS:
        raise invalid("Invalid discriminator value", "display", "type")
    required, optional = _DISPLAYS[kind]
    for name in required:
        if name not in display:
            raise invalid("Required", "display", name)
    for name, value in display.items():
        if name == "type":
            continue
        wanted = (required | optional).get(name)
        if wanted is None:
            raise invalid(f"Unrecognized key(s) in object: '{name}'", "display")
        got = value if isinstance(wanted, set) else type_name(value)
        if got not in wanted:
            raise invalid("Invalid input", "display", name)
    if kind == "table":
        return {"prettyFormatting": True, "sorting": []} | display
    return {"abbreviate": False} | display if kind == "bignumber" else display


def _position(position: Json) -> Json:
    bounds = {"x": (0, COLUMNS - 1), "y": (0, None), "w": (1, COLUMNS), "h": (1, None)}
    for name, (least, most) in bounds.items():
        value = position.get(name)
        if type_name(value) != "number" or not isinstance(value, int):
            raise invalid("Expected integer", "position", name)
        if value < least or (most is not None and value > most):
            raise invalid("Number is out of range", "position", name)
    return {name: position[name] for name in bounds}


async def compile_query(query: str, now_ms: int) -> trql.QueryPlan:
    """The plan of a query. Raises a 400 with the reason if it has none."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    try:
        return await asyncio.to_thread(trql.plan, query, trql.window_of(now, "1h", None, None))
    except trql.QueryRefused as problem:
        raise Refusal(400, str(problem)) from None
