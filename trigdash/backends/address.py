"""Which addresses a key may be sent to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

NO_ADDRESS = "it is not an address"


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_host(name: str) -> bool:
    """Whether a name can be looked up: no label is empty or too long."""
    try:
        # Names in other letters are turned into these by the HTTP client.
        return bool(name) and (not name.isascii() or bool(name.encode("idna")))
    except UnicodeError:
        return False


def has_blanks(url: str) -> bool:
    """Whether a URL holds a blank, a line end or a control character. `urlsplit` drops some of
    them by itself, the HTTP client none."""
    return not url.isprintable() or any(character.isspace() for character in url)


def why_refused(url: str, *, allow_http: bool = False, is_document: bool = False) -> str | None:
    """Why no request may go to a URL, in words; None when one may. Documents are fetched without
    a key, and their addresses may hold a query."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return NO_ADDRESS
    if has_blanks(url) or (host and not is_host(host)):
        return NO_ADDRESS
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        return "the address must begin with https:// and name a host"
    if parts.username is not None or parts.password is not None:
        return "the address must not hold a user name or a password"
    if not is_document and (parts.query or parts.fragment):
        return "the address must not hold a ? or a #"
    if parts.scheme == "http" and not allow_http and not is_loopback(url):
        return _plain_http(parts, is_document=is_document)
    return None


def _plain_http(parts: SplitResult, *, is_document: bool) -> str:
    if is_document:
        return (
            f"it would come unencrypted over plain http from {parts.hostname}; to permit that, "
            "set allow_http = true in the profile"
        )
    return (
        f"plain http to {parts.hostname} would send the key unencrypted; use https, or set "
        "allow_http = true in the profile"
    )
