"""The proxy for a server, from environment variables.

`HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` in upper or lower case, where lower case wins;
`NO_PROXY` names hosts without a proxy. The system settings of macOS and Windows apply when no
variable is set. Loopback addresses never use a proxy.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from trigdash.backends.base import Misconfigured
from trigdash.backends.target import has_blanks, is_host, is_loopback

_SCHEMES = ("http", "https", "socks5", "socks5h")
_SYSTEM = "the proxy of the system's settings"
_PORTS = {"http": 80, "https": 443}
_LONGEST_PORT = 5


@dataclass(frozen=True, slots=True)
class Proxy:
    """A usable proxy."""

    url: str
    """The URL as it was set, including a password."""
    variable: str
    """The name of the setting, for messages."""

    @property
    def shown(self) -> str:
        """Its address without user name and password."""
        return _shown(self.url)


def proxy_for(url: str, environ: Mapping[str, str] = os.environ) -> Proxy | None:
    """The proxy for a URL; None without one. Raises Misconfigured for an unusable proxy, naming the
    variable and the value without its password."""
    if is_loopback(url):
        return None
    target = urlsplit(url)
    proxies = _variables(environ)
    if not proxies:
        return _system_proxy(target)
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if proxy is None or _is_excepted(target, environ):
        return None
    return _checked(proxy)


def _variables(environ: Mapping[str, str]) -> dict[str, Proxy]:
    """Scheme → proxy. Lower case overrides upper case, and an empty value removes a proxy."""
    found: dict[str, Proxy] = {}
    for name, value in sorted(environ.items()):
        scheme, _, suffix = name.lower().rpartition("_")
        if suffix != "proxy" or scheme not in ("http", "https", "all"):
            continue
        found.pop(scheme, None)
        if value.strip():
            found[scheme] = Proxy(_with_scheme(value.strip()), name)
    return found


def _with_scheme(value: str) -> str:
    return value if "://" in value else f"http://{value}"


def _system_proxy(target: SplitResult, platform: str = sys.platform) -> Proxy | None:
    if platform not in ("darwin", "win32"):
        return None
    from urllib.request import getproxies, proxy_bypass  # slow, needed only on these two

    set_there = getproxies()
    value = set_there.get(target.scheme) or set_there.get("all")
    if not value or proxy_bypass(target.netloc):
        return None
    return _checked(Proxy(_with_scheme(value), _SYSTEM))


def _checked(proxy: Proxy) -> Proxy:
    try:
        parts = urlsplit(proxy.url)
        usable = is_host(parts.hostname or "") and parts.port != 0 and not has_blanks(proxy.url)
    except ValueError:
        usable = False
    if not usable:
        raise Misconfigured(f"{proxy.variable} cannot be used: {proxy.shown} is not an address")
    if parts.scheme not in _SCHEMES:
        raise Misconfigured(
            f"{proxy.variable} cannot be used: {proxy.shown} is no proxy that is supported "
            f"({', '.join(f'{scheme}://' for scheme in _SCHEMES)})"
        )
    return proxy


def _shown(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return scheme + separator + rest.rpartition("@")[2]


# Hosts without a proxy


def _is_excepted(target: SplitResult, environ: Mapping[str, str]) -> bool:
    value = environ.get("no_proxy", environ.get("NO_PROXY", ""))
    host = (target.hostname or "").rstrip(".")
    port = target.port or _PORTS.get(target.scheme)
    return any(_covers(entry.strip().lower(), host, port) for entry in value.split(","))


def _covers(entry: str, host: str, port: int | None) -> bool:
    """Whether an entry of NO_PROXY covers a host: `*`, a domain with all below it, an address, a
    network such as 10.0.0.0/8; each with or without a port."""
    if entry in ("", "*"):
        return entry == "*"
    if _is_within(entry, host):
        return True
    name, colon, number = entry.rpartition(":")
    if colon and number.isdecimal() and len(number) <= _LONGEST_PORT:
        return int(number) == port and _covers(name, host, None)
    domain = entry.partition("://")[2] or entry
    domain = domain.removeprefix("*").strip(".[]")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _is_within(entry: str, host: str) -> bool:
    try:
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False
