"""The errors that a backend may raise. Other layers import them from `backends.base`.

    BackendError
    ├── CannotReach        no answer: refused, timed out, cut off, TLS
    ├── Unsupported        nothing was sent: this backend or this profile does not do that
    ├── Misconfigured      nothing can be sent: a setting of this machine cannot be used
    ├── Unreadable         an answer that is not what the API promises
    └── Refused            the server answered and said no (carries a status)
        ├── BadKey             401
        ├── Forbidden          403
        ├── NotFound           404
        │   └── WrongAddress       not the API that was meant
        ├── InvalidRequest     400, 409, 413, 422 …
        │   └── TooWide            422 of a list: too much to look through
        ├── LinkRefused        an object store does not give what a link names
        ├── RateLimited        429: too many requests
        ├── TooManyAtOnce      429 while the rate limit is not spent
        └── ServerError        5xx

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

from datetime import datetime

from typing_extensions import override


class BackendError(Exception):
    """A failed request. `str()` is the server's own text, if any."""

    status: int | None = None
    """HTTP status, if there was an answer."""
    outcome_unknown = False
    """True when a write may have happened although no answer came: it must not be sent again."""
    may_pass = False
    """True when the same request may succeed a little later: no answer, 408, 429, 5xx."""
    retry_at: datetime | None = None
    """When the server wants the next try: `Retry-After`, or the reset of a rate limit."""

    def __init__(
        self, text: str = "", *, status: int | None = None, outcome_unknown: bool = False
    ) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.outcome_unknown = outcome_unknown

    def message(self) -> str:
        """The message for the user: short, lower case, without jargon or secrets."""
        return "something went wrong"


class CannotReach(BackendError):
    """No answer: connection refused, timed out, cut off, name or certificate error."""

    may_pass = True
    what = "the server"

    @override
    def message(self) -> str:
        return f"cannot reach {self.what}{f' ({self.text})' if self.text else ''}"


class Unsupported(BackendError):
    """Nothing was sent: this backend does not support it, or the profile is read-only."""

    @override
    def message(self) -> str:
        return self.text or "not available here"


class Misconfigured(BackendError):
    """Nothing can be sent: an address, a proxy or a certificate file in the settings of this
    machine is unusable. The text names the setting and its value."""

    @override
    def message(self) -> str:
        return self.text


class Unreadable(BackendError):
    """A success status with a body that is not what the API promises."""

    @override
    def message(self) -> str:
        return f"cannot read the server's answer{f' ({self.text})' if self.text else ''}"


class Refused(BackendError):
    """The server answered and said no."""

    @override
    def message(self) -> str:
        return f"server says {self.status}{f': {self.text}' if self.text else ''}"


class BadKey(Refused):
    """401: the key is wrong, revoked, or of another kind."""

    @override
    def message(self) -> str:
        # A preview key without its branch is refused as if it were wrong.
        why = f": {self.text}" if "branch" in self.text.lower() else ""
        return f"the server does not accept this key (401{why})"


class Forbidden(Refused):
    """403: the key is valid and lacks the permission."""

    @override
    def message(self) -> str:
        return f"this key may not do that (403{f': {self.text}' if self.text else ''})"


class NotFound(Refused):
    """404: it does not exist, or not in this environment, or not on this server."""

    @override
    def message(self) -> str:
        # Recorded: the server often says only this.
        says_more = self.text.lower().rstrip(".") not in ("", "not found")
        return f"not found{f' ({self.text})' if says_more else ''}"


class WrongAddress(NotFound):
    """The server that answers is not the API. The text names the setting of the address."""

    @override
    def message(self) -> str:
        return self.text


class InvalidRequest(Refused):
    """400, 409, 413, 422: the server understood and refused."""

    @override
    def message(self) -> str:
        return f"the server refused: {self.text or self.status}"


class TooWide(InvalidRequest):
    """422 of a list: the server would have to search too much. A narrower window helps."""

    @override
    def message(self) -> str:
        return "too much to look through (422): narrow the time window, such as since:1h"


class RateLimited(Refused):
    """429: the server accepts no more requests for now."""

    @override
    def message(self) -> str:
        return "the rate limit is spent (429)"


class TooManyAtOnce(Refused):
    """429 although the rate limit is not used up: the server runs only a few of a kind at a time
    (recorded: three bulk replays)."""

    @override
    def message(self) -> str:
        return f"the server is busy: {self.text or 'too many of this kind at a time (429)'}"


class ServerError(Refused):
    """5xx."""


class LinkRefused(Refused):
    """A presigned link that does not work. Links are valid for minutes, and a new one may work."""

    @override
    def message(self) -> str:
        if self.status is not None and self.status >= 500:
            return f"the object store fails ({self.status})"
        return f"the object store refuses the link ({self.status}); it may have expired"
