"""Signed things: public access tokens (JWT, HS256) and presigned links into the object store.

The secret key of the environment signs both.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from trigdash.simulator.world.runs import EnvironmentBase
from trigdash.simulator.world.texts import read_json

ISSUER = "https://id.trigger.dev"
AUDIENCE = "https://api.trigger.dev"
LINK_LIFETIME_S = 300
_LINK_DATE = "%Y%m%dT%H%M%SZ"


def sign_token(claims: Mapping[str, Any], key: str, now_s: int, lifetime_s: int) -> str:
    """A token with these claims, valid for `lifetime_s` from now."""
    whole = {**claims, "iss": ISSUER, "aud": AUDIENCE, "iat": now_s, "exp": now_s + lifetime_s}
    head = _encode({"alg": "HS256", "typ": "JWT"})
    body = _encode(whole)
    return f"{head}.{body}.{_token_signature(f'{head}.{body}', key)}"


def claims_of(token: str) -> dict[str, Any] | None:
    """The claims of a token, unverified; None when the text is not a token."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = read_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def is_valid_token(token: str, key: str, now_s: float) -> bool:
    """Whether the signature is right and the token has not expired."""
    head_and_body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature, _token_signature(head_and_body, key)):
        return False
    expires = (claims_of(token) or {}).get("exp")
    return isinstance(expires, int | float) and expires > now_s


def allows(scopes: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of the scopes grants one of the wanted, such as `read:runs:run_1`.

    Grammar: `action:type` or `action:type:id`. Without an id it covers every id; `admin` grants
    everything.
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


def _token_signature(text: str, key: str) -> str:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def presigned_link(origin: str, env: EnvironmentBase, path: str, now_ms: int) -> str:
    """A link to a storage path that needs no other credential."""
    date = f"{datetime.fromtimestamp(now_ms // 1000, UTC):{_LINK_DATE}}"
    return (
        f"{origin}/packets/{env.id}/{path}?X-Amz-Expires={LINK_LIFETIME_S}&X-Amz-Date={date}"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host"
        f"&X-Amz-Signature={_link_signature(env, path, date)}"
    )


def is_valid_link(env: EnvironmentBase, path: str, query: Mapping[str, str], now_ms: int) -> bool:
    """Whether this server signed the link for this path and it has not expired."""
    date = query.get("X-Amz-Date", "")
    given = query.get("X-Amz-Signature", "").encode()
    if not hmac.compare_digest(given, _link_signature(env, path, date).encode()):
        return False
    made = datetime.strptime(date, _LINK_DATE).replace(tzinfo=UTC)
    return now_ms <= (made.timestamp() + LINK_LIFETIME_S) * 1000


def _link_signature(env: EnvironmentBase, path: str, date: str) -> str:
    text = f"{date}\n{path}"
    return hmac.new(env.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
