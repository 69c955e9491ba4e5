"""Addresses that may be handed to a browser."""

from urllib.parse import urlsplit


def is_web_link(link: str) -> bool:
    """Whether a link is an http or https address with a host: a browser runs other schemes."""
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host)
