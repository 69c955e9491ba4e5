"""Certificates: what is trusted, why one is not, and what is said of a setting that cannot be
used."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from trigdash.backends.base import CannotReach, Misconfigured
from trigdash.backends.certificates import described
from trigdash.backends.exchange import Outgoing
from trigdash.backends.http import Access, HttpClient, Request
from trigdash.backends.rate import Governor
from trigdash.backends.target import Secret
from trigdash.backends.transport import Transport

READ = Request("GET", "/api/v1/runs")
LONG_AGO = datetime.now(UTC) - timedelta(days=10)
LATER = datetime.now(UTC) + timedelta(days=10)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def ask(url: str) -> bytes:
    clock = FakeClock()
    http = HttpClient(url, clock)
    try:
        return await http.send(READ, Access(Secret("tr_prod_TESTONLYA0000"), Governor(clock)))
    finally:
        await http.aclose()


async def why(context: ssl.SSLContext) -> str:
    async with FakeServer(context) as server:
        with pytest.raises(CannotReach) as caught:
            await ask(server.url)
    assert not caught.value.outcome_unknown
    return caught.value.text


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"])
async def test_an_authority_that_a_variable_names_is_trusted(
    authority: trustme.CA,
    authority_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, str(authority_file))
    async with FakeServer(serving(authority.issue_cert("localhost"))) as server:
        server.answer("GET", READ.path, Reply.of({}))
        assert await ask(server.url) == b"{}"


async def test_an_unknown_authority_is_said_with_the_way_out(authority: trustme.CA) -> None:
    assert await why(serving(authority.issue_cert("localhost"))) == (
        "the authority of its certificate is unknown here; "
        "to trust the authority, name its file in SSL_CERT_FILE"
    )


async def test_a_certificate_file_without_the_authority_is_named(
    authority: trustme.CA, authority_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    assert await why(serving(trustme.CA().issue_cert("localhost"))) == (
        "the authority of its certificate is unknown here; "
        f"SSL_CERT_FILE ({authority_file}) does not hold the authority"
    )


async def test_a_self_signed_certificate_is_told_apart(
    authority: trustme.CA, tmp_path: Path
) -> None:
    both = tmp_path / "both.pem"
    authority.private_key_pem.write_to_path(str(both))
    authority.cert_pem.write_to_path(str(both), append=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    assert await why(context) == (
        "its certificate is self-signed; to trust it, name its file in SSL_CERT_FILE"
    )


@pytest.mark.parametrize(
    ("name", "begins", "ends", "words"),
    [
        ("other.example.test", LONG_AGO, LATER, "its certificate is for another name"),
        ("localhost", LONG_AGO, LONG_AGO + timedelta(days=1), "its certificate has expired"),
        (
            "localhost",
            LATER - timedelta(days=1),
            LATER,
            "its certificate is not valid yet; check this machine's clock",
        ),
    ],
)
async def test_a_wrong_name_and_a_wrong_time_are_told_apart(
    authority: trustme.CA,
    authority_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    begins: datetime,
    ends: datetime,
    words: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    certificate = authority.issue_cert(name, not_before=begins, not_after=ends)
    assert await why(serving(certificate)) == words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no TLS there; is its address http://?"),
        # A fatal alert: protocol version.
        (b"\x15\x03\x01\x00\x02\x02\x46", "its version of TLS is too old"),
        # A fatal alert: handshake failure.
        (
            b"\x15\x03\x01\x00\x02\x02\x28",
            "the TLS handshake failed: sslv3 alert handshake failure",
        ),
        (b"", "the TLS handshake broke off"),
    ],
)
async def test_a_handshake_that_fails_says_why(answer: bytes, words: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with pytest.raises(CannotReach) as caught:
        await ask(f"https://localhost:{server.sockets[0].getsockname()[1]}")
    server.close()
    assert caught.value.text.startswith(words)


async def test_a_server_that_waits_for_something_else_than_a_handshake_is_said_to(
    server: FakeServer,
) -> None:
    transport = Transport(server.url.replace("http:", "https:"), httpx.Timeout(0.05))
    outgoing = Outgoing("GET", server.url.replace("http:", "https:"), {}, None, 100, 5)
    with pytest.raises(CannotReach) as caught:
        await transport.exchange(outgoing)
    assert caught.value.text == "no TLS handshake within 5 s; is its address http://?"
    assert not caught.value.outcome_unknown
    await transport.aclose()


@pytest.mark.parametrize(
    ("variable", "content", "reason"),
    [
        ("SSL_CERT_FILE", None, "does not exist"),
        ("SSL_CERT_FILE", "junk", "holds no certificate"),
        ("SSL_CERT_FILE", "", "holds no certificate"),
        ("SSL_CERT_FILE", "folder", "is a folder"),
        ("SSL_CERT_DIR", None, "does not exist"),
        ("SSL_CERT_DIR", "junk", "does not exist"),
        ("SSLKEYLOGFILE", "folder", "is a folder"),
        ("SSLKEYLOGFILE", "in no folder", "does not exist"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_value(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: FakeClock,
    variable: str,
    content: str | None,
    reason: str,
) -> None:
    path = tmp_path / "named"
    if content == "folder":
        path.mkdir()
    elif content == "in no folder":
        path = path / "keys"
    elif content is not None:
        path.write_text(content)
    monkeypatch.setenv(variable, str(path))
    with pytest.raises(Misconfigured) as caught:
        HttpClient("https://trigger.example.test", clock)
    assert caught.value.message() == f"{variable} cannot be used: {path} {reason}"


async def test_plain_http_needs_no_certificates(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    server.answer("GET", READ.path, Reply.of({}))
    assert await ask(server.url) == b"{}"


async def test_a_folder_does_not_matter_beside_a_file_and_a_bad_extra_file_is_passed_over(
    authority: trustme.CA, authority_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/nowhere.pem")
    async with FakeServer(serving(authority.issue_cert("localhost"))) as server:
        server.answer("GET", READ.path, Reply.of({}))
        assert await ask(server.url) == b"{}"
    assert list(described()) == [
        ("SSL_CERT_FILE", str(authority_file)),
        ("NODE_EXTRA_CA_CERTS", "/nowhere.pem does not exist: passed over"),
    ]
