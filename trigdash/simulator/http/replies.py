"""Answers and refusals, in the forms that the real server was recorded to use."""

import json
import re
import zlib
from collections.abc import Mapping

from starlette.responses import Response

_STANDING = {
    "Strict-Transport-Security": "max-age=3153600000",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Encoding",
}
_UNAUTHORIZED = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/401"
_TOO_MANY = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/429"
# Smaller bodies are not worth the work of packing them.
_GZIP_FROM_BYTES = 1_024


class Refusal(Exception):
    """An error answer; raised anywhere below a route."""

    def __init__(self, status: int, body: object, **headers: str):
        super().__init__(status)
        self.status = status
        self.body = {"error": body} if isinstance(body, str) else body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Reply:
    """A JSON answer with another status than 200, with headers, or without the limiter's."""

    __slots__ = ("body", "headers", "status", "tells_limits")

    def __init__(
        self, body: object, status: int = 200, headers: Mapping[str, str] | None = None,
        tells_limits: bool = True,
    ):  # fmt: skip
        self.body = body
        self.status = status
        self.headers = dict(headers or {})
        self.tells_limits = tells_limits


def json_response(body: object, status: int, headers: Mapping[str, str], gzip: bool) -> Response:
    """JSON as the server writes it; packed when the client takes gzip."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return text_response(text, "application/json; charset=utf-8", status, headers, gzip)


def text_response(
    content: bytes, kind: str, status: int, headers: Mapping[str, str], gzip: bool
) -> Response:
    """Any text, with the headers that every answer carries."""
    whole = {**_STANDING, **headers, "content-type": kind}
    if gzip and len(content) >= _GZIP_FROM_BYTES:
        packer = zlib.compressobj(1, wbits=31)
        content = packer.compress(content) + packer.flush()
        whole["Content-Encoding"] = "gzip"
    return Response(content, status, whole)


def completed(response: Response, headers: Mapping[str, str]) -> Response:
    """An answer that is no JSON, with the headers that every answer carries."""
    for name, value in {**_STANDING, **headers}.items():
        if response.body or name != "Vary":
            response.headers.setdefault(name, value)
    return response


def no_credential() -> Response:
    """401 before anything else: the limiter finds no Authorization header (recorded)."""
    detail = "No authorization header provided"
    body = {
        "title": "Unauthorized",
        "status": 401,
        "type": _UNAUTHORIZED,
        "detail": detail,
        "error": detail,
    }
    return _problem(body, 401, {})


def too_many(
    limit: int, remaining: int, reset_ms: int, now_ms: int, headers: Mapping[str, str]
) -> Response:
    """429: when the next tokens come is in the body and in `x-ratelimit-reset`."""
    wait_s = max(0, reset_ms - now_ms) / 1000
    left = f"{max(0, remaining)}/{limit} requests remaining"
    detail = f"Rate limit exceeded {left}. Retry in {wait_s:g} seconds."
    body = {
        "title": "Rate Limit Exceeded",
        "status": 429,
        "type": _TOO_MANY,
        "detail": detail,
        "reset": reset_ms,
        "limit": limit,
        "remaining": remaining,
        "secondsUntilReset": wait_s,
        "error": detail,
    }
    return _problem(body, 429, headers)


def _problem(body: object, status: int, headers: Mapping[str, str]) -> Response:
    text = json.dumps(body, indent=2).encode()
    return text_response(text, "application/problem+json; charset=utf-8", status, headers, False)


def moved(path: str, query: str) -> Response:
    """301 to the path without its trailing slash, the query kept."""
    there = re.sub("/+", "/", path.rstrip("/")) or "/"
    where = f"{there}?{query}" if query else there
    return Response(b"", 301, {**_STANDING, "Location": where, "Vary": "Accept"})


def unknown_path(headers: Mapping[str, str], gzip: bool) -> Response:
    """An HTML page, not JSON, for paths that do not exist (recorded)."""
    page = (
        b'<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/>'
        b"<title>404</title></head><body><h1>404</h1><p>Page not found</p></body></html>"
    )
    kept = {**headers, "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    return text_response(page, "text/html; charset=utf-8", 404, kept, gzip)


def wrong_method(status: int, headers: Mapping[str, str], gzip: bool) -> Response:
    """`{"message"}`, not `{"error"}` (recorded)."""
    body = {"message": "Unexpected Server Error"}
    return json_response(body, status, {**headers, "x-remix-error": "yes"}, gzip)
