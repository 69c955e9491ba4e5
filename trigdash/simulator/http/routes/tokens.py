"""Public access tokens, for browsers and other clients that must not hold the secret key."""

from typing import Any

from trigdash.simulator.http.credentials import sign_token
from trigdash.simulator.http.replies import Refusal
from trigdash.simulator.http.requests import json_body, type_name
from trigdash.simulator.http.routing import INVALID_PAT, Call, Route
from trigdash.simulator.world.texts import duration_ms

_DAY_S = 86_400
_MOST_S = 30 * _DAY_S
_MOST_ACTOR_S = 604_800
_DEFAULT_S = 15 * 60
_KEY = "Invalid or Missing API key"


def _claims(call: Call) -> object:
    """`POST /api/v1/auth/jwt/claims`: what a client puts into a token that it signs itself."""
    return {"sub": call.env.id, "pub": True}


def _token(call: Call) -> object:
    """`POST /api/v1/auth/jwt`: valid for an hour by default."""
    body = _body(call)
    claims = body.get("claims")
    scopes = claims.get("scopes") if isinstance(claims, dict) else None
    return {"token": _signed(call, scopes or [], body, 3600)}


def _public_token(call: Call) -> object:
    """`POST /api/v1/auth/public-tokens`: valid for fifteen minutes by default, a month at most."""
    body = _body(call)
    scopes = body.get("scopes")
    if not isinstance(scopes, list):
        received = type_name(scopes) if "scopes" in body else "undefined"
        said = "Required" if "scopes" not in body else f"Expected array, received {received}"
        issue = {"code": "invalid_type", "expected": "array", "received": received}
        details = [issue | {"path": ["scopes"], "message": said}]
        raise Refusal(400, {"error": "Invalid request body", "issues": details})
    if not scopes:
        raise Refusal(400, "Invalid request body")
    return {"token": _signed(call, scopes, body, _DEFAULT_S)}


def _user_actor_token(call: Call) -> object:
    """`POST /api/v1/auth/user-actor-token`: acts for the owner of a personal access token."""
    body = _body(call)
    lifetime_s = body.get("ttlSeconds", 3_600)
    if type_name(lifetime_s) != "number" or not 0 < lifetime_s <= _MOST_ACTOR_S:
        raise Refusal(400, "Invalid request body")
    project = call.world.project
    claims = {"sub": project.user_id, "scopes": body.get("cap") or ["read:all"]}
    now_s = call.state.now_ms() // 1000
    token = sign_token(claims, project.access_token, now_s, int(lifetime_s))
    return {"token": f"tr_uat_{token}", "expiresInSeconds": int(lifetime_s)}


def _body(call: Call) -> dict[str, Any]:
    body = json_body(call.body, None) if call.body else {}
    return body if isinstance(body, dict) else {}


def _signed(call: Call, scopes: list[Any], body: dict[str, Any], default_s: int) -> str:
    now_s = call.state.now_ms() // 1000
    lifetime_s = _lifetime(body.get("expirationTime"), now_s, default_s)
    claims: dict[str, Any] = {"sub": call.env.id, "pub": True, "scopes": [str(s) for s in scopes]}
    if body.get("realtime"):
        claims["realtime"] = body["realtime"]
    return sign_token(claims, call.env.secret_key, now_s, lifetime_s)


def _lifetime(value: object, now_s: int, default_s: int) -> int:
    """Seconds from a duration, or from an absolute number of seconds since the epoch."""
    if value is None:
        return default_s
    if isinstance(value, int | float) and not isinstance(value, bool):
        lifetime_s = int(value) - now_s
    else:
        length_ms = duration_ms(str(value))
        if length_ms is None:
            raise Refusal(400, "Invalid expiration time")
        lifetime_s = length_ms // 1000
    if lifetime_s <= 0:
        raise Refusal(400, "Expiration time must be in the future")
    if lifetime_s > _MOST_S:
        raise Refusal(400, "Expiration time cannot exceed 30 days")
    return lifetime_s


ROUTES = [
    Route("POST", "/api/v1/auth/jwt", _token, "key", _KEY, wrong_method=400),
    Route(
        "POST",
        "/api/v1/auth/user-actor-token",
        _user_actor_token,
        "pat",
        INVALID_PAT,
        wrong_method=400,
    ),
    Route("POST", "/api/v1/auth/public-tokens", _public_token, "key", _KEY, wrong_method=400),
    Route("POST", "/api/v1/auth/jwt/claims", _claims, "key", _KEY, rate=None, wrong_method=400),
]
