"""Why a connection failed, in a few words, from the exceptions of the system and of TLS.

Texts of exceptions differ by system and release and may quote an address; types and codes do not.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator

from trigdash.model.clean import clean

_LONGEST_REASON = 120
"""The most characters of a reason that comes from the TLS library."""

_SELF_SIGNED = 18
_EXPIRED = 10
_NOT_YET_VALID = 9
_REVOKED = 23
_UNKNOWN_AUTHORITY = frozenset({2, 19, 20, 21})
_OTHER_NAME = frozenset({62, 63, 64})
"""Codes of X509_verify_cert: see `openssl verify`, section Diagnostics."""

_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
_OTHER_VERSION = frozenset(
    {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"}
)
_WANTS_CERTIFICATE = frozenset(
    {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_CERTIFICATE_REQUIRED"}
)
_BROKEN_OFF = frozenset({"UNEXPECTED_EOF_WHILE_READING"})
"""Reasons of OpenSSL for a failed handshake."""

_ERRNOS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset by the other side",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ENETUNREACH: "the network is unreachable",
    errno.ENETDOWN: "the network is down",
    errno.EACCES: "not permitted by this machine",
    errno.EPERM: "not permitted by this machine",
    errno.EMFILE: "too many open files",
}


def tls_reason(error: BaseException) -> str:
    """Why TLS failed; empty when it did not."""
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return _certificate_reason(one)
        if isinstance(one, ssl.SSLError):
            return _handshake_reason(one)
    return ""


def system_reason(error: BaseException) -> str:
    """The system's reason for a failed connection; empty without one."""
    for one in _chain(error):
        if isinstance(one, socket.gaierror):
            again = one.errno == socket.EAI_AGAIN
            return "its name cannot be looked up now" if again else "unknown host"
        if isinstance(one, OSError) and one.errno in _ERRNOS:
            return _ERRNOS[one.errno]
    return ""


def _certificate_reason(error: ssl.SSLCertVerificationError) -> str:
    code = error.verify_code
    if code == _SELF_SIGNED:
        return f"its certificate is self-signed; {_advice('it')}"
    if code in _UNKNOWN_AUTHORITY:
        return f"the authority of its certificate is unknown here; {_advice('the authority')}"
    if code in _OTHER_NAME:
        return "its certificate is for another name"
    if code == _EXPIRED:
        return "its certificate has expired"
    if code == _NOT_YET_VALID:
        return "its certificate is not valid yet; check this machine's clock"
    if code == _REVOKED:
        return "its certificate was revoked"
    return f"its certificate is not trusted: {_quoted(error.verify_message)}"


def _advice(what: str) -> str:
    named = os.environ.get("SSL_CERT_FILE")
    if named:
        return f"SSL_CERT_FILE ({named}) does not hold {what}"
    return f"to trust {what}, name its file in SSL_CERT_FILE"


def _handshake_reason(error: ssl.SSLError) -> str:
    reason = error.reason or ""
    if reason in _NO_TLS:
        return "no TLS there; is its address http://?"
    if reason in _OTHER_VERSION:
        return "its version of TLS is too old"
    if reason in _WANTS_CERTIFICATE:
        return "it asks for a client certificate, and trigdash sends none"
    # Which of them it is depends on the version of OpenSSL.
    if reason in _BROKEN_OFF or isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "the TLS handshake broke off"
    words = reason.replace("_", " ").lower()
    return f"the TLS handshake failed{f': {_quoted(words)}' if words else ''}"


def _quoted(text: str) -> str:
    return clean(text)[:_LONGEST_REASON]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and its causes, outermost first."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__context__, one.__cause__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
