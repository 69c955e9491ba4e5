"""Public access tokens: JSON Web Tokens (HS256), signed with the environment's secret key."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from trigdash.simulator.json_text import read_json

ISSUER = "https://id.trigger.dev"
AUDIENCE = "https://api.trigger.dev"


def sign(claims: Mapping[str, Any], key: str, now_s: int, lifetime_s: int) -> str:
    """A token with these claims, valid for `lifetime_s` from now."""
    whole = {**claims, "iss": ISSUER, "aud": AUDIENCE, "iat": now_s, "exp": now_s + lifetime_s}
    head = _encode({"alg": "HS256", "typ": "JWT"})
    body = _encode(whole)
    return f"{head}.{body}.{_signature(f'{head}.{body}', key)}"


def claims_of(token: str) -> dict[str, Any] | None:
    """What a token says, unverified; None when it is no token."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = read_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def is_valid(token: str, key: str, now_s: float) -> bool:
    """Whether the signature is right and the token has not expired."""
    head_and_body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature, _signature(head_and_body, key)):
        return False
    expires = (claims_of(token) or {}).get("exp")
    return isinstance(expires, int | float) and expires > now_s


def allows(scopes: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of the scopes grants one of the wanted, such as `read:runs:run_1`.

    Grammar: `action:type` or `action:type:id`; no id means every id; `admin` grants all.
    """
    return any(_grants(scope, want) for scope in scopes for want in wanted)


def _grants(scope: str, want: str) -> bool:
    if scope == "admin":
        return True
    have, need = scope.split(":", 2), want.split(":", 2)
    if len(have) < 2 or have[0] not in {need[0], "*"} or have[1] not in {need[1], "all"}:
        return False
    return len(have) == 2 or have[2:] == need[2:]


def _encode(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _signature(text: str, key: str) -> str:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
