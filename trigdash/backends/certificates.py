"""Trusted certificates: what the environment sets, and whether it is usable.

`SSL_CERT_FILE` or else `SSL_CERT_DIR` replace the default authorities. `NODE_EXTRA_CA_CERTS`, which
the platform's own tool reads, adds to them; like that tool, trigdash skips an unusable file.
`SSLKEYLOGFILE` makes Python log the keys of each connection, for people who inspect their own
traffic.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from trigdash.backends.base import Misconfigured

EXTRA = "NODE_EXTRA_CA_CERTS"


def check_certificates(environ: Mapping[str, str] = os.environ) -> None:
    """Raises Misconfigured, naming the variable and its value, when TLS cannot be set up."""
    for name, value in _needed(environ):
        reason = _why_unusable(name, value)
        if reason:
            raise Misconfigured(f"{name} cannot be used: {value} {reason}")


def trust_extra(context: ssl.SSLContext, environ: Mapping[str, str] = os.environ) -> None:
    """Trust the additional authorities of NODE_EXTRA_CA_CERTS."""
    value = environ.get(EXTRA)
    if value and not _why_unusable(EXTRA, value):
        context.load_verify_locations(cafile=value)


def described(environ: Mapping[str, str] = os.environ) -> Iterator[tuple[str, str]]:
    """Each setting that affects trust: its name, and its value or what is wrong with it."""
    for name, value in _needed(environ):
        yield name, f"{value} {_why_unusable(name, value)}".rstrip()
    extra = environ.get(EXTRA)
    if extra:
        reason = _why_unusable(EXTRA, extra)
        yield EXTRA, f"{extra} {reason}: passed over" if reason else extra


def _needed(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    file = environ.get("SSL_CERT_FILE")
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        value = environ.get(name)
        if value and not (name == "SSL_CERT_DIR" and file):
            yield name, value


def _why_unusable(name: str, value: str) -> str:
    """What is wrong with the file or folder that a variable names; empty when nothing is."""
    try:
        _USES[name](ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), value)
    except ssl.SSLError:
        return "holds no certificate"
    except FileNotFoundError:
        return "does not exist"
    except IsADirectoryError:
        return "is a folder"
    except PermissionError:
        return "may not be read" if name != "SSLKEYLOGFILE" else "may not be written"
    except OSError as problem:
        return f"cannot be read ({problem.strerror or type(problem).__name__})"
    return ""


def _load_file(context: ssl.SSLContext, value: str) -> None:
    with Path(value).open("rb"):  # describes the problem better than the TLS library does
        context.load_verify_locations(cafile=value)


def _load_folder(context: ssl.SSLContext, value: str) -> None:
    """OpenSSL accepts several folders, and reads them later: one existing folder is enough."""
    if not any(Path(part).is_dir() for part in value.split(os.pathsep)):
        raise FileNotFoundError
    context.load_verify_locations(capath=value)


def _log_keys(context: ssl.SSLContext, value: str) -> None:
    context.keylog_filename = value


_USES: dict[str, Callable[[ssl.SSLContext, str], None]] = {
    "SSL_CERT_FILE": _load_file,
    "SSL_CERT_DIR": _load_folder,
    EXTRA: _load_file,
    "SSLKEYLOGFILE": _log_keys,
}
