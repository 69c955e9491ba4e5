"""Presigned links into the object store, a part that this server plays too."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from trigdash.simulator.environments import Environment

LIVES_S = 300
"""How long a link works."""
_FORM = "%Y%m%dT%H%M%SZ"


def link(origin: str, env: Environment, path: str, now_ms: int) -> str:
    """A link that needs no other credential."""
    date = f"{datetime.fromtimestamp(now_ms // 1000, UTC):{_FORM}}"
    return (
        f"{origin}/packets/{env.id}/{path}?X-Amz-Expires={LIVES_S}&X-Amz-Date={date}"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-SignedHeaders=host"
        f"&X-Amz-Signature={_signature(env, path, date)}"
    )


def is_valid(env: Environment, path: str, query: Mapping[str, str], now_ms: int) -> bool:
    """Whether the link was made here, for this path, and not too long ago."""
    date = query.get("X-Amz-Date", "")
    given = query.get("X-Amz-Signature", "").encode()
    if not hmac.compare_digest(given, _signature(env, path, date).encode()):
        return False
    made = datetime.strptime(date, _FORM).replace(tzinfo=UTC)
    return now_ms <= (made.timestamp() + LIVES_S) * 1000


def _signature(env: Environment, path: str, date: str) -> str:
    text = f"{date}\n{path}"
    return hmac.new(env.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
