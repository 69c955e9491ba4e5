"""Dashboards of the query endpoint: built-in, and custom (from 4.7.5)."""

from typing import Any

from trigdash.simulator.http.dashboards import Dashboard, read_widget
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import invalid, json_body, want_object, want_types
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.trql import catalog
from trigdash.simulator.world.actions import fresh_seed
from trigdash.simulator.world.ids import friendly, letters, mix

Json = dict[str, Any]
# What the plan allows.
_MOST_DASHBOARDS, _MOST_WIDGETS = 5, 20
_MOST_TITLE, _MOST_DESCRIPTION = 200, 2_000


def _held(call: Call) -> dict[str, Dashboard]:
    return call.state.dashboards


def _list(call: Call) -> object:
    """`GET /api/v1/query/dashboards`: with their type from 4.7.5 on."""
    call.require("read:query")
    built_in: Any = catalog.dashboards()["dashboards"]
    if not call.knows("4.7.5"):
        return {"dashboards": built_in}
    custom = [
        {
            "key": each.id,
            "title": each.title,
            "type": "custom",
            "description": each.description,
            "widgets": [
                {name: widget[name] for name in ("id", "title", "query")}
                | {"type": widget["display"]["type"]}
                for widget in each.widgets
            ],
        }
        for each in _held(call).values()
    ]
    return {"dashboards": [each | {"type": "builtIn"} for each in built_in] + custom}


def _find(call: Call, body: Json | None = None) -> Dashboard:
    """The dashboard of the path; 409 when the caller knows an older revision."""
    found = _held(call).get(call.params["dashboard"])
    if found is None:
        raise Refusal(404, "Dashboard not found")
    revision = (body or {}).get("revision")
    if revision is not None and revision != found.revision:
        raise Refusal(409, "The dashboard was changed since this revision")
    return found


def _body(call: Call, *known: str) -> Json:
    call.require("write:query")
    body = want_object(json_body(call.body))
    unknown = [name for name in body if name not in known]
    if unknown:
        raise invalid(f"Unrecognized key(s) in object: {', '.join(map(repr, unknown))}")
    texts = {"title", "description", "revision", "query"} & set(known)
    want_types(body, dict.fromkeys(texts, ("string",)))
    if "title" in body and not 1 <= len(body["title"]) <= _MOST_TITLE:
        raise invalid("String must contain at least 1 character(s)", "title")
    if len(body.get("description", "")) > _MOST_DESCRIPTION:
        raise invalid(
            f"String must contain at most {_MOST_DESCRIPTION} character(s)", "description"
        )
    return body


async def _create(call: Call) -> object:
    body = _body(call, "title", "description", "widgets")
    if "title" not in body:
        raise invalid("Required", "title")
    if len(_held(call)) >= _MOST_DASHBOARDS:
        raise Refusal(403, "Your plan does not allow more dashboards")
    now_ms, seed = call.world.now_ms, fresh_seed(call.world, call.env)
    made = Dashboard(
        f"dashboard_{friendly(seed)}", body["title"], body.get("description", ""), now_ms, now_ms
    )
    await _replace_widgets(call, made, body.get("widgets") or [])
    _held(call)[made.id] = made
    return made.view()


def _retrieve(call: Call) -> object:
    call.require("read:query")
    return _find(call).view()


def _touch(call: Call, dashboard: Dashboard) -> Json:
    dashboard.revisions += 1
    dashboard.updated_ms = call.world.now_ms
    return dashboard.view()


def _update(call: Call) -> object:
    """`PATCH …/{dashboard}`"""
    body = _body(call, "title", "description", "revision")
    found = _find(call, body)
    found.title = body.get("title", found.title)
    found.description = body.get("description", found.description)
    return _touch(call, found)


async def _replace(call: Call) -> object:
    """`PUT …/{dashboard}`: all widgets at once; known ids keep their position."""
    body = _body(call, "title", "description", "widgets", "revision")
    found = _find(call, body)
    if not isinstance(body.get("widgets"), list):
        raise invalid("Required", "widgets")
    await _replace_widgets(call, found, body["widgets"])
    found.title = body.get("title", found.title)
    found.description = body.get("description", found.description)
    return _touch(call, found)


async def _replace_widgets(call: Call, dashboard: Dashboard, given: list[Any]) -> None:
    if len(given) > _MOST_WIDGETS:
        raise Refusal(403, "Your plan does not allow more widgets")
    known = {widget["id"]: widget for widget in dashboard.widgets}
    made: list[Json] = []
    for each in given:
        before = known.get(each.get("id")) if isinstance(each, dict) else None
        made.append(await _widget(call, each, made, before))
    dashboard.widgets = made


async def _widget(call: Call, given: Any, others: list[Json], before: Json | None) -> Json:
    seed = mix(call.env.seed, 93, fresh_seed(call.world, call.env))
    return await read_widget(given, others, before, letters(seed, 8), call.world.now_ms)


def _delete(call: Call) -> object:
    call.require("write:query")
    return {"id": _held(call).pop(_find(call).id).id}


async def _add_widget(call: Call) -> object:
    call.require("write:query")
    body = want_object(json_body(call.body))
    found = _find(call, body)
    if len(found.widgets) >= _MOST_WIDGETS:
        raise Refusal(403, "Your plan does not allow more widgets")
    given = {name: value for name, value in body.items() if name != "revision"}
    widget = await _widget(call, given, found.widgets, None)
    if any(each["id"] == widget["id"] for each in found.widgets):
        raise invalid("There is a widget of this id", "id")
    found.widgets.append(widget)
    return {"widgetId": widget["id"], "dashboard": _touch(call, found)}


def _place_of(call: Call, dashboard: Dashboard) -> int:
    name = call.params["widget"]
    for place, each in enumerate(dashboard.widgets):
        if each["id"] == name:
            return place
    raise Refusal(404, "Widget not found")


async def _update_widget(call: Call) -> object:
    body = _body(call, "title", "query", "display", "fillGaps", "position", "revision")
    found = _find(call, body)
    place = _place_of(call, found)
    given = {name: value for name, value in body.items() if name != "revision"}
    found.widgets[place] = await _widget(
        call, found.widgets[place] | given, found.widgets, found.widgets[place]
    )
    return _touch(call, found)


def _delete_widget(call: Call) -> object:
    call.require("write:query")
    found = _find(call, {"revision": call.query.get("revision")})
    del found.widgets[_place_of(call, found)]
    return _touch(call, found)


_BASE = "/api/v1/query/dashboards"
_ONE = f"{_BASE}/{{dashboard}}"
_WIDGETS = f"{_ONE}/widgets"
_WIDGET = f"{_WIDGETS}/{{widget}}"
_SINCE = "4.7.5"
ROUTES = [
    Route("GET", _BASE, _list, "public", cors=True),
    Route("POST", _BASE, _create, "public", cors=True, since=_SINCE),
    Route("GET", _ONE, _retrieve, "public", cors=True, since=_SINCE),
    Route("PATCH", _ONE, _update, "public", cors=True, since=_SINCE),
    Route("PUT", _ONE, _replace, "public", cors=True, since=_SINCE),
    Route("DELETE", _ONE, _delete, "public", cors=True, since=_SINCE),
    Route("POST", _WIDGETS, _add_widget, "public", cors=True, since=_SINCE),
    Route("PATCH", _WIDGET, _update_widget, "public", cors=True, since=_SINCE),
    Route("DELETE", _WIDGET, _delete_widget, "public", cors=True, since=_SINCE),
]
