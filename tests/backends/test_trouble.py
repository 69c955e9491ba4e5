"""Trouble of the network in words: the same on every system, and never with an address."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from trigdash.backends.base import CannotReach, Unreadable
from trigdash.backends.exchange import Outgoing
from trigdash.backends.http import Access, HttpClient, Request
from trigdash.backends.rate import Governor
from trigdash.backends.target import Secret
from trigdash.backends.transport import Transport
from trigdash.backends.trouble import system_reason, tls_reason


def caused_by(*causes: BaseException) -> Exception:
    """An exception of the HTTP library with what led to it, the outermost first."""
    outer = error = Exception("https://store.test/?X-Amz-Signature=abc")
    for cause in causes:
        error.__cause__ = cause
        error = cause  # type: ignore[assignment]
    return outer


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        # As Linux and as macOS put it: the code is what counts.
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "unknown host"),
        (socket.gaierror(socket.EAI_NONAME, "nodename nor servname provided"), "unknown host"),
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "its name cannot be looked up now",
        ),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), "refused"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "reset by the other side"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "no route to the host"),
        (OSError(errno.ENETUNREACH, "x"), "the network is unreachable"),
        (OSError(errno.EMFILE, "x"), "too many open files"),
        (OSError("All connection attempts failed"), ""),
        (ValueError("x"), ""),
    ],
)
def test_what_the_system_says_is_told_by_its_code(cause: BaseException, words: str) -> None:
    assert system_reason(cause) == words
    assert system_reason(caused_by(OSError("All connection attempts failed"), cause)) == words
    group = ExceptionGroup("attempts", [OSError("x"), cause])  # type: ignore[list-item]
    assert system_reason(caused_by(group)) == words
    assert tls_reason(caused_by(cause)) == ""


def unverified(code: int, message: str = "of the library") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (18, "its certificate is self-signed; to trust it, name its file in SSL_CERT_FILE"),
        (19, "the authority of its certificate is unknown here"),
        (20, "the authority of its certificate is unknown here"),
        (21, "the authority of its certificate is unknown here"),
        (62, "its certificate is for another name"),
        (64, "its certificate is for another name"),
        (10, "its certificate has expired"),
        (9, "its certificate is not valid yet; check this machine's clock"),
        (23, "its certificate was revoked"),
        (79, "its certificate is not trusted: of the library"),
    ],
)
def test_each_fault_of_a_certificate_has_its_own_words(
    code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert tls_reason(caused_by(unverified(code))).startswith(words)


def test_the_librarys_words_are_made_safe() -> None:
    words = tls_reason(unverified(79, "bad \x1b[31m name \u202e" + "x" * 500))
    assert words.isprintable()
    assert len(words) < 200


def test_a_circle_of_causes_ends() -> None:
    error = Exception("a")
    other = Exception("b")
    error.__cause__, other.__cause__ = other, error
    assert system_reason(error) == ""


@pytest.fixture
async def http(server: FakeServer, clock: FakeClock) -> AsyncIterator[HttpClient]:
    client = HttpClient(server.url, clock)
    yield client
    await client.aclose()


READ = Request("GET", "/api/v1/runs")


async def said(http: HttpClient) -> str:
    with pytest.raises(CannotReach) as caught:
        await http.send(READ, Access(Secret("tr_prod_TESTONLYA0000"), Governor(FakeClock())))
    return caught.value.message()


async def test_a_connection_that_breaks_is_said_to(server: FakeServer, http: HttpClient) -> None:
    server.answer("GET", READ.path, Reply(hang_up=True))
    assert await said(http) == "cannot reach the server (the connection broke)"


async def test_a_server_that_is_not_there_is_said_to_refuse(clock: FakeClock) -> None:
    async with FakeServer() as gone:
        url = gone.url
    client = HttpClient(url, clock)
    assert await said(client) == "cannot reach the server (no connection: refused)"
    await client.aclose()


async def test_a_server_that_says_nothing_is_said_to(server: FakeServer) -> None:
    server.answer("GET", "/x", Reply(hangs=True))
    transport = Transport(server.url, httpx.Timeout(5.0, read=0.05))
    with pytest.raises(CannotReach) as caught:
        await transport.exchange(Outgoing("GET", f"{server.url}/x", {}, None, 100, 5))
    assert caught.value.text == "no answer within 30 s"
    assert caught.value.outcome_unknown
    await transport.aclose()


async def test_an_answer_that_is_cut_off_is_told_apart_from_broken_compression(
    server: FakeServer,
) -> None:
    transport = Transport(server.url)
    server.answer("GET", "/cut", Reply(claims_bytes=99, hang_up=False))
    server.answer("GET", "/gzip", Reply(headers={"Content-Encoding": "gzip"}))
    with pytest.raises(Unreadable, match="broken compression"):
        await transport.exchange(Outgoing("GET", f"{server.url}/gzip", {}, None, 100, 5))
    with pytest.raises(CannotReach, match="did not end within"):
        await transport.exchange(Outgoing("GET", f"{server.url}/cut", {}, None, 100, 0.05))
    await transport.aclose()
