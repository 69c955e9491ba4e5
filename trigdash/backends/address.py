"""Which addresses a key may be sent to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def why_refused(url: str, *, allow_http: bool = False) -> str | None:
    """Why no request may go to a URL, in words; None when one may."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is not an address"
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return "the address must begin with https:// and name a host"
    if parts.username or parts.password:
        return "the address must not hold a user name or a password"
    if parts.scheme == "http" and not allow_http and not is_loopback(url):
        return (
            f"plain http to {parts.hostname} would send the key unencrypted; use https, or set "
            "allow_http = true in the profile"
        )
    return None
