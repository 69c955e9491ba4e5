"""Maps unsuccessful answers to errors, without secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from trigdash.backends.base import (
    BackendError,
    BadKey,
    Forbidden,
    InvalidRequest,
    LinkRefused,
    NotFound,
    RateLimited,
    Refused,
    ServerError,
    TooManyAtOnce,
    Unreadable,
)
from trigdash.backends.target import Secret
from trigdash.model.clean import clean

_LOOKS_SECRET = re.compile(
    r"\btr_[a-z]+_[A-Za-z0-9_.\-]{6,}"  # keys and tokens of Trigger.dev
    r"|\bpk_[a-z]+_[A-Za-z0-9]{6,}"
    # JSON web tokens, searched once in each word: a text may have millions of possible starts.
    r"|(?<![\w\-])(?=[\w\-]*+\.[\w\-]{8})[\w\-]*?\beyJ[\w\-]{8,}\.[\w\-]{8,}(?:\.[\w\-]*)?"
    r"|(?i:(?<=bearer )[\w.~+/=\-]{8,})"
    r"|(?i:(?:x-amz-signature|x-amz-credential|signature)=)[^&\s\"']+"
)
_SHORTEST = 6
"""Shorter secrets are not redacted, since they would blank parts of ordinary words."""


def redact(text: str, secrets: Iterable[Secret] = ()) -> str:
    """The text with the given secrets, and anything that looks like one, replaced by stars. Secrets
    are found verbatim and percent-encoded."""
    values = (secret.reveal() for secret in secrets)
    # Longest first, since one may be a part of another.
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST:
            text = re.sub("".join(map(_either_form, value)), "***", text)
    return _LOOKS_SECRET.sub("***", text)


def _either_form(character: str) -> str:
    """A pattern for a character as it is and percent-encoded. Secrets are ASCII."""
    return f"(?:{re.escape(character)}|(?i:%{ord(character):02x}))"


LONGEST_TEXT = 300
"""Characters of a server's text that are kept: it is shown in one line."""

_KINDS: dict[int, type[Refused]] = {401: BadKey, 403: Forbidden, 404: NotFound, 429: RateLimited}
_RETRYABLE = frozenset({408, 429})
_SURELY_UNDONE = frozenset({501, 503})
"""5xx statuses that mean that nothing was started."""
_MILLISECONDS_FROM = 100_000_000_000
"""Reset times above this are in milliseconds; one limiter sends seconds."""
_LONGEST_S = 86_400
"""The longest wait that is believed, in seconds: a day."""


def error_from_response(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    is_write: bool,
    now: datetime,
    secrets: Iterable[Secret] = (),
) -> BackendError:
    """The error for an answer outside 2xx. When a server fails during a write, its outcome is
    unknown. No text contains any of the `secrets`."""
    data = _json(body)
    if 300 <= status < 400:
        return _redirect(status, headers, secrets)
    text = _shown(_text(data, headers, body), secrets)
    kind = _KINDS.get(status) or (ServerError if status >= 500 else InvalidRequest)
    if kind is RateLimited and _has_budget_left(headers, data):
        kind = TooManyAtOnce
    unknown = is_write and (status == 408 or (status >= 500 and status not in _SURELY_UNDONE))
    error = kind(text, status=status, outcome_unknown=unknown)
    if isinstance(error, RateLimited):
        error.retry_at = reset_time(headers, data, now)
    elif isinstance(error, ServerError | TooManyAtOnce):
        # Rate headers come with every answer and say nothing about this limit.
        error.retry_at = _retry_after(headers, now)
    retryable = status in _RETRYABLE or status >= 500
    error.may_pass = retryable and headers.get("x-should-retry") != "false"
    return error


def link_refusal(status: int) -> BackendError:
    """The error for a presigned link whose answer is outside 2xx. Neither its headers nor its body
    are shown: they may quote the signed address."""
    if 300 <= status < 400:
        return Unreadable("the link redirects elsewhere", status=status)
    error = LinkRefused(status=status)
    error.may_pass = True
    return error


def _has_budget_left(headers: Mapping[str, str], data: object) -> bool:
    """Whether a 429 has another cause than the rate limit: requests are left, and its body has no
    reset (recorded for the fourth simultaneous bulk replay)."""
    remaining = whole_number(headers.get("x-ratelimit-remaining"))
    tells_reset = isinstance(data, dict) and "secondsUntilReset" in data
    return remaining is not None and remaining > 0 and not tells_reset


def reset_time(headers: Mapping[str, str], data: object, now: datetime) -> datetime | None:
    """When a rate limit resets: the body's seconds from now (independent of clocks), else the
    header's epoch milliseconds, else `Retry-After`."""
    left = data.get("secondsUntilReset") if isinstance(data, dict) else None
    if isinstance(left, int | float) and 0 <= left < _LONGEST_S:
        return now + timedelta(seconds=left)
    header = whole_number(headers.get("x-ratelimit-reset"))
    if header:
        seconds = header / 1000 if header >= _MILLISECONDS_FROM else float(header)
        return _moment(seconds)
    return _retry_after(headers, now)


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The moment of a `Retry-After`: seconds from now, or a date (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after")
    seconds = whole_number(text)
    if seconds is None and text:
        seconds = _seconds_until(text, now)
    if seconds is None or seconds < 0:
        return None
    return now + timedelta(seconds=min(seconds, _LONGEST_S))


def clock_ahead_s(headers: Mapping[str, str], sent_at: datetime, got_at: datetime) -> float:
    """The least number of seconds by which our clock is ahead of a server's, from the `Date` of an
    answer and the times when its request was sent and its body complete; negative when it is
    behind."""
    told = headers.get("date")
    since_sent_s = _seconds_until(told, sent_at) if told else None
    since_got_s = _seconds_until(told, got_at) if told else None
    # A cache may return an older date, and says so.
    if since_sent_s is None or since_got_s is None or headers.get("age"):
        return 0.0
    if since_sent_s < -1:  # dates have whole seconds
        return float(-since_sent_s)
    return float(-since_got_s) if since_got_s > 0 else 0.0


def _seconds_until(text: str, now: datetime) -> int | None:
    try:
        moment = parsedate_to_datetime(text)
        # A zone is missing where it is written as -0000.
        return round((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None


def whole_number(text: str | None) -> int | None:
    """The number in a header; None if there is none."""
    try:
        return int(text) if text is not None and len(text) < 20 else None
    except ValueError:
        return None


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _shown(text: str, secrets: Iterable[Secret]) -> str:
    """Cleaned first: removed characters may be inside a secret."""
    return redact(clean(text), secrets)[:LONGEST_TEXT]


def _redirect(status: int, headers: Mapping[str, str], secrets: Iterable[Secret]) -> BackendError:
    target = _shown(headers.get("location", ""), secrets)
    return Unreadable(f"it redirects to {target or 'nowhere'}", status=status)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _text(data: object, headers: Mapping[str, str], body: bytes) -> str:
    if isinstance(data, dict):
        said = _first_text(data, "error", "message", "detail", "title")
        hint = _first_issue(data)
        return f"{said}: {hint}" if said and hint else said or hint
    if "html" in headers.get("content-type", "") or body.lstrip()[:1] == b"<":
        return ""
    return body[: 4 * LONGEST_TEXT].decode("utf-8", "replace").strip()


def _first_text(data: Mapping[str, object], *keys: str) -> str:
    for key in keys:
        value = data.get(key)
        if isinstance(value, dict):
            value = value.get("message")
        if isinstance(value, str) and value:
            return value
    return ""


def _first_issue(data: Mapping[str, object]) -> str:
    """The first of the validation issues: what is wrong, and where."""
    for key in ("details", "issues"):
        issues = data.get(key)
        if not isinstance(issues, list) or not issues or not isinstance(issues[0], dict):
            continue
        message, path = issues[0].get("message"), issues[0].get("path")
        where = ".".join(str(step) for step in path) if isinstance(path, list) else ""
        if isinstance(message, str):
            return f"{message} ({where})" if where else message
    return ""
