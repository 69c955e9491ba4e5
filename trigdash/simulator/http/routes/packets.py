"""Packets: presigned links for payloads and outputs that are too large, and what they lead to."""

from trigdash.simulator.http.credentials import is_valid_link, presigned_link
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.routing import Call, Response, Route
from trigdash.simulator.world import content
from trigdash.simulator.world.actions import to_json
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.runs import Run

_MOST_SEGMENTS = 6


def _path(call: Call) -> str:
    """The storage path, slashes included."""
    return "/".join(
        call.params[f"part{n}"] for n in range(_MOST_SEGMENTS) if f"part{n}" in call.params
    )


def _link(call: Call) -> str:
    return presigned_link(call.origin, call.env, _path(call), call.state.now_ms())


def _for_reading(call: Call) -> object:
    """`GET /api/v1/packets/{path}`"""
    return {"presignedUrl": _link(call)}


def _for_writing(call: Call) -> object:
    """`PUT /api/v1/packets/{path}`"""
    return {"presignedUrl": _link(call)}


def _for_writing_v2(call: Call) -> object:
    """`PUT /api/v2/packets/{path}`: also answers the path to trigger with."""
    return {"presignedUrl": _link(call), "storagePath": _path(call)}


def _environment(call: Call) -> Environment:
    """The environment of a presigned link; what is not signed, or no longer, is refused."""
    known = {env.id: env for env in call.world.every_environment()}
    env = known.get(call.params["env"])
    if env is None or not is_valid_link(env, _path(call), call.query, call.state.now_ms()):
        raise Refusal(403, "AccessDenied")
    return env


def _download(call: Call) -> object:
    """The packet itself: raw text, mostly JSON."""
    env, path = _environment(call), _path(call)
    text = call.state.packets.get(f"{env.id}/{path}")
    if text is None:
        run_id, _, name = path.partition("/")
        run = env.runs.by_id.get(run_id)
        text = _packet(call, run, name) if run is not None else None
    if text is None:
        raise Refusal(404, "NoSuchKey")
    return Response(text, 200, {"content-type": "application/json"})


def _packet(call: Call, run: Run, name: str) -> bytes | None:
    """`payload.json` and `output.json` of a run."""
    if name not in {"payload.json", "output.json"}:
        return None
    sent = run.payload if name == "payload.json" else run.output
    if sent is not None and sent.kind == "application/store":
        return call.state.packets.get(f"{run.env.id}/{sent.text}")
    if sent is not None:
        return sent.text.encode()
    value = content.payload(run) if name == "payload.json" else content.output(run)
    return None if value is content.ABSENT else to_json(value).encode()


def _upload(call: Call) -> object:
    call.state.packets[f"{_environment(call).id}/{_path(call)}"] = call.body
    return Response(b"", 200)


def _paths(base: str) -> list[str]:
    """Storage paths have slashes in them; the router takes one segment at a time."""
    return [
        base + "".join(f"/{{part{n}}}" for n in range(count))
        for count in range(1, _MOST_SEGMENTS + 1)
    ]


_V1, _V2, _STORE = "/api/v1/packets", "/api/v2/packets", "/packets/{env}"
ROUTES = [
    *(Route("GET", path, _for_reading, "public", cors=True, rate=None) for path in _paths(_V1)),
    *(Route("PUT", path, _for_writing, rate=None) for path in _paths(_V1)),
    *(Route("PUT", path, _for_writing_v2, rate=None) for path in _paths(_V2)),
    *(Route("GET", path, _download, "none", rate=None) for path in _paths(_STORE)),
    *(Route("PUT", path, _upload, "none", rate=None) for path in _paths(_STORE)),
]
