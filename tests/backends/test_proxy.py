"""Proxies of the environment: which one is used, which hosts are reached without, and what is said
of one that cannot be used."""

from __future__ import annotations

import asyncio

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from trigdash.backends.base import CannotReach, Misconfigured
from trigdash.backends.http import Access, HttpClient, Request
from trigdash.backends.proxy import proxy_for
from trigdash.backends.rate import Governor
from trigdash.backends.target import Secret

URL = "https://trigger.example.test:8443"
READ = Request("GET", "/api/v1/runs")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for scheme in ("http", "https", "all", "no"):
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper()):
            monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environ", "used", "variable"),
    [
        ({}, None, ""),
        ({"HTTPS_PROXY": "http://a:1"}, "http://a:1", "HTTPS_PROXY"),
        ({"https_proxy": "http://b:1", "HTTPS_PROXY": "http://a:1"}, "http://b:1", "https_proxy"),
        ({"HTTPS_PROXY": "a:1"}, "http://a:1", "HTTPS_PROXY"),
        ({"HTTPS_PROXY": " http://a:1\r\n"}, "http://a:1", "HTTPS_PROXY"),
        ({"ALL_PROXY": "socks5h://a:1"}, "socks5h://a:1", "ALL_PROXY"),
        ({"ALL_PROXY": "http://a:1", "https_proxy": "http://b:1"}, "http://b:1", "https_proxy"),
        ({"HTTP_PROXY": "http://a:1"}, None, ""),
        # One that is set for other addresses only does not matter here.
        ({"HTTP_PROXY": "foo://", "ALL_PROXY": "http://a:1"}, "http://a:1", "ALL_PROXY"),
        ({"HTTPS_PROXY": "http://a:1", "https_proxy": ""}, None, ""),
        ({"HTTPS_PROXY": "  "}, None, ""),
    ],
)
def test_the_variable_of_the_scheme_wins_small_letters_first(
    environ: dict[str, str], used: str | None, variable: str
) -> None:
    proxy = proxy_for(URL, environ)
    assert (proxy.url if proxy else None) == used
    assert (proxy.variable if proxy else "") == variable


@pytest.mark.parametrize(
    ("exceptions", "url", "direct"),
    [
        ("*", URL, True),
        ("example.test", URL, True),
        (".example.test", URL, True),
        ("*.example.test", URL, True),
        ("TRIGGER.example.TEST", URL, True),
        ("other.test, trigger.example.test", URL, True),
        ("trigger.example.test:8443", URL, True),
        ("https://trigger.example.test", URL, True),
        ("trigger.example.test:9", URL, False),
        ("ample.test", URL, False),
        ("rigger.example.test", URL, False),
        ("", URL, False),
        (",", URL, False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3:3030", True),
        ("fd00::/8", "https://[fd00::1]:3030", True),
        ("[fd00::1]", "https://[fd00::1]:3030", True),
        ("fd00::1", "https://[fd00::2]", False),
        ("10.0.0.0/99", "https://10.1.2.3", False),
        ("http://[", URL, False),
        ("example.test:443", "https://example.test", True),
        ("example.test:80", "http://example.test", True),
    ],
)
def test_hosts_of_no_proxy_are_reached_without(exceptions: str, url: str, direct: bool) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        environ = {"ALL_PROXY": "http://a:1", name: exceptions}
        assert (proxy_for(url, environ) is None) is direct


@pytest.mark.parametrize("url", ["http://127.0.0.1:3030", "http://[::1]", "https://localhost"])
def test_this_machine_is_reached_without_whatever_is_set(url: str) -> None:
    assert proxy_for(url, {"ALL_PROXY": "foo://bar"}) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("foo://bar", "foo://bar is no proxy that is supported"),
        ("socks4://me:secret@bar:1", "socks4://bar:1 is no proxy that is supported"),
        ("http://proxy:notaport", "http://proxy:notaport is not an address"),
        ("http://me:secret@proxy:notaport", "http://proxy:notaport is not an address"),
        ("http://", "http:// is not an address"),
        ("http://[", "http://[ is not an address"),
        ("http://pro xy:1", "http://pro xy:1 is not an address"),
        ("http://proxy:99999", "http://proxy:99999 is not an address"),
        ("http://proxy:0", "http://proxy:0 is not an address"),
        ("http://a..b:1", "http://a..b:1 is not an address"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(value: str, why: str) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "All_Proxy"):
        with pytest.raises(Misconfigured) as caught:
            proxy_for(URL, {name: value})
        assert caught.value.message().startswith(f"{name} cannot be used: {why}")
        assert "secret" not in caught.value.message()


def test_a_proxy_is_shown_without_its_password() -> None:
    proxy = proxy_for(URL, {"HTTPS_PROXY": "http://me:se@cret@proxy:3128"})
    assert proxy is not None
    assert proxy.shown == "http://proxy:3128"


# Through a proxy, in earnest


def access(clock: FakeClock) -> Access:
    return Access(Secret("tr_prod_TESTONLYA00000000000"), Governor(clock))


async def test_requests_go_through_the_proxy_that_is_set(
    server: FakeServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url.replace("://", "://me:pw@"))
    server.answer("GET", READ.path, Reply.of({"through": "proxy"}))
    http = HttpClient("http://trigger.example.test", clock, allow_http=True)
    assert await http.send(READ, access(clock)) == b'{"through": "proxy"}'
    assert server.seen[0].headers["host"] == "trigger.example.test"
    assert server.seen[0].headers["proxy-authorization"].startswith("Basic ")
    await http.aclose()


async def test_requests_go_through_a_socks_proxy(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(3)
        writer.write(b"\x05\x00")
        _, _, _, kind, length = await reader.readexactly(5)
        assert kind == 3, "the proxy looks the name up"
        asked.append(await reader.readexactly(length + 2))
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n{}")
        await reader.read()
        writer.close()

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    monkeypatch.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{port}")
    http = HttpClient("http://trigger.example.test", clock, allow_http=True)
    assert await http.send(READ, access(clock)) == b"{}"
    assert asked == [b"trigger.example.test\x00\x50"]
    await http.aclose()
    proxy.close()


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_not_there_is_named(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    async with FakeServer() as gone:
        proxy = gone.url.replace("http", scheme, 1)
    monkeypatch.setenv("ALL_PROXY", proxy.replace("://", "://me:pw@"))
    http = HttpClient("http://trigger.example.test", clock, allow_http=True)
    with pytest.raises(CannotReach) as caught:
        await http.send(READ, access(clock))
    assert caught.value.text == f"no connection to the proxy {proxy}: refused"
    await http.aclose()


async def test_a_proxy_that_refuses_says_how(
    server: FakeServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    server.answer("CONNECT", "443", Reply(407))
    http = HttpClient("https://trigger.example.test", clock)
    with pytest.raises(CannotReach) as caught:
        await http.send(READ, access(clock))
    assert caught.value.text.startswith(f"the proxy {server.url} refuses: 407")
    await http.aclose()
