"""The request loop: what is sent, what is sent again, and what never is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from tests.recorded import recorded
from trigdash.backends.base import (
    BackendError,
    BadKey,
    CannotReach,
    Forbidden,
    InvalidRequest,
    LinkRefused,
    Misconfigured,
    NotFound,
    RateLimited,
    ServerError,
    TooManyAtOnce,
    Unreadable,
    Unsupported,
    polling,
    retried_by_caller,
)
from trigdash.backends.http import MAX_RETRIES, RETRY_FOR_S, Access, Effect, HttpClient, Request
from trigdash.backends.rate import Governor
from trigdash.backends.target import Secret

KEY = Secret("tr_prod_TESTONLYA00000000000")
READ = Request("GET", "/api/v1/runs")
CANCEL = Request("POST", "/api/v2/runs/run_1/cancel", effect=Effect.REPEATABLE)
REPLAY = Request("POST", "/api/v1/runs/run_1/replay", effect=Effect.ONCE)
HANG_UP = Reply(hang_up=True)
BROKEN = Reply.of({"error": "Internal Server Error"}, status=500)
DONE = Reply.of({"id": "run_2"})


@pytest.fixture
def access(clock: FakeClock) -> Access:
    return Access(KEY, Governor(clock), headers={"x-trigger-api-version": "2025-07-16"})


@pytest.fixture
async def http(server: FakeServer, clock: FakeClock) -> AsyncIterator[HttpClient]:
    client = HttpClient(server.url, clock)
    yield client
    await client.aclose()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"secret": Secret("tr_prod_…")}, "the key holds a character that cannot be sent"),
        ({"secret": Secret("tr_prod_a\nb")}, "the key holds a character that cannot be sent"),
        (
            {"headers": {"x-trigger-branch": "größe"}},
            "x-trigger-branch holds a character that cannot be sent",
        ),
        ({"header": "x api key"}, "x api key is no name of a header"),
    ],
)
async def test_what_no_header_can_carry_is_said_and_not_sent(
    server: FakeServer, http: HttpClient, access: Access, sent: dict[str, Any], words: str
) -> None:
    error = await refused(http, READ, replace(access, **sent))
    assert error.message() == words
    assert server.seen == []


async def refused(http: HttpClient, request: Request, access: Access) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await http.send(request, access)
    return caught.value


async def test_a_request_says_who_asks_and_which_version_it_speaks(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    server.answer("GET", "/api/v1/runs", Reply.of({"data": []}))
    request = Request("GET", "/api/v1/runs", (("filter[tag]", "a,b"), ("page[size]", "5")))

    assert await http.send(request, access) == b'{"data": []}'

    seen = server.seen[0]
    assert seen.headers["authorization"] == f"Bearer {KEY.reveal()}"
    assert seen.headers["x-trigger-api-version"] == "2025-07-16"
    assert seen.headers["user-agent"].startswith("trigdash/")
    assert seen.params == {"filter[tag]": "a,b", "page[size]": "5"}


async def test_a_twice_encoded_path_arrives_as_it_was_made(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    server.answer("GET", "/api/v1/queues/a%252Fb%20c", Reply.of({}))
    await http.send(Request("GET", "/api/v1/queues/a%252Fb%20c"), access)
    assert server.paths() == ["GET /api/v1/queues/a%252Fb%20c"]


@pytest.mark.parametrize("trouble", [HANG_UP, BROKEN, Reply(503), Reply(408), Reply(502)])
@pytest.mark.parametrize("request_", [READ, CANCEL])
async def test_a_read_and_a_cancel_try_again_and_succeed(
    server: FakeServer, http: HttpClient, access: Access, trouble: Reply, request_: Request
) -> None:
    server.answer(request_.method, request_.path, trouble, trouble, DONE)
    assert await http.send(request_, access) == DONE.body
    assert len(server.seen) == 3


async def test_a_read_gives_up_after_three_retries_with_growing_pauses(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock
) -> None:
    server.answer("GET", READ.path, BROKEN)
    error = await refused(http, READ, access)
    assert isinstance(error, ServerError)
    assert len(server.seen) == 1 + MAX_RETRIES
    assert [pause <= limit for pause, limit in zip(clock.waits, (0.5, 1, 2), strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize("trouble", [HANG_UP, BROKEN, Reply(502), Reply(408), Reply(429)])
async def test_a_replay_is_never_sent_twice(
    server: FakeServer, http: HttpClient, access: Access, trouble: Reply
) -> None:
    server.answer("POST", REPLAY.path, trouble, DONE)
    await refused(http, REPLAY, access)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("trouble", "unknown"),
    [
        (HANG_UP, True),
        (Reply(headers={"Content-Encoding": "gzip"}), True),
        (BROKEN, True),
        (Reply(504), True),
        (Reply(408), True),
        (Reply(503), False),
        (Reply(501), False),
        (Reply(404), False),
        (Reply(429), False),
        (Reply(422), False),
    ],
)
@pytest.mark.parametrize("request_", [REPLAY, CANCEL])
async def test_a_write_says_whether_it_may_have_happened(
    server: FakeServer,
    http: HttpClient,
    access: Access,
    trouble: Reply,
    unknown: bool,
    request_: Request,
) -> None:
    server.answer("POST", request_.path, trouble)
    assert (await refused(http, request_, access)).outcome_unknown is unknown


@pytest.mark.parametrize("trouble", [HANG_UP, BROKEN])
async def test_a_read_never_has_an_unknown_outcome(
    server: FakeServer, http: HttpClient, access: Access, trouble: Reply
) -> None:
    server.answer("GET", READ.path, trouble)
    assert not (await refused(http, READ, access)).outcome_unknown


@pytest.mark.parametrize("last", [Reply(503), Reply(429), Reply.of({"error": "no"}, 422)])
async def test_a_write_may_have_happened_at_an_earlier_try_than_the_last(
    server: FakeServer, http: HttpClient, access: Access, last: Reply
) -> None:
    server.answer("POST", CANCEL.path, HANG_UP, last)
    error = await refused(http, CANCEL, access)
    assert error.status == last.status
    assert error.outcome_unknown


async def test_a_replay_that_never_left_has_surely_not_happened(
    clock: FakeClock, access: Access
) -> None:
    async with FakeServer() as gone:
        url = gone.url
    http = HttpClient(url, clock)
    error = await refused(http, REPLAY, access)
    await http.aclose()
    assert isinstance(error, CannotReach)
    assert not error.outcome_unknown
    assert clock.waits == []


async def test_a_server_may_forbid_a_retry(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    server.answer("GET", READ.path, Reply(500, headers={"x-should-retry": "false"}))
    await refused(http, READ, access)
    assert len(server.seen) == 1


async def test_a_missing_run_is_not_asked_for_again_though_the_server_suggests_it(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    server.answer("GET", READ.path, Reply.of({"error": "Not found"}, 404, x_should_retry="true"))
    assert isinstance(await refused(http, READ, access), NotFound)
    assert len(server.seen) == 1


async def test_a_spent_rate_limit_is_waited_for_as_long_as_the_server_says(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock
) -> None:
    answer = recorded("ratelimit_429__secret_key_runs_list")
    server.answer("GET", READ.path, Reply.of(answer), DONE)
    assert await http.send(READ, access) == DONE.body
    wait_s = answer.data["secondsUntilReset"]
    assert wait_s <= clock.waits[0] <= wait_s + 0.5


async def test_a_spent_rate_limit_without_a_body_goes_by_the_header_in_milliseconds(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock
) -> None:
    reset_ms = int(clock.now().timestamp() * 1000) + 4000
    limited = Reply(429, b"", {"x-ratelimit-reset": str(reset_ms)})
    server.answer("GET", READ.path, limited, DONE)
    await http.send(READ, access)
    assert 4 <= clock.waits[0] <= 4.5


async def test_a_rate_limit_that_resets_too_late_is_reported(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock
) -> None:
    server.answer("GET", READ.path, Reply.of({"secondsUntilReset": 300}, status=429))
    error = await refused(http, READ, access)
    assert isinstance(error, RateLimited)
    assert error.retry_at is not None
    assert (error.retry_at - clock.now()).total_seconds() == 300
    assert clock.waits == []


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("whoami_v1__err_noauth", BadKey, "No authorization header provided"),
        ("runs_list__err_401", BadKey, "Invalid API key"),
        ("batches_get_v2__err_404", NotFound, "Not found"),
        ("unknown_api_route__404", NotFound, ""),
        ("bulk_actions_abort__again", InvalidRequest, "already aborted"),
        ("method_not_allowed__post_runs", InvalidRequest, "Unexpected Server Error"),
        ("ratelimit_429__public_jwt", RateLimited, "Rate limit exceeded"),
        ("runs_list__err_bad_status", InvalidRequest, "filter[status]"),
        ("errors_list__err_status", InvalidRequest, "Invalid status values: nope"),
        ("queues_get__err_404", NotFound, "queue-not-found"),
    ],
)
async def test_every_recorded_refusal_becomes_the_error_of_its_status(
    server: FakeServer,
    http: HttpClient,
    access: Access,
    name: str,
    kind: type[BackendError],
    text: str,
) -> None:
    server.answer("POST", REPLAY.path, Reply.of(recorded(name)))
    error = await refused(http, REPLAY, access)
    assert type(error) is kind
    assert text in error.text
    assert "<" not in error.message()


async def test_a_forbidden_write_says_so(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    body = {"error": "Unauthorized", "code": "unauthorized", "param": "access_token"}
    server.answer("POST", REPLAY.path, Reply.of(body, status=403))
    assert isinstance(await refused(http, REPLAY, access), Forbidden)


async def test_a_servers_text_is_cleaned_capped_and_stripped_of_secrets(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    said = f"\x1b[31mkey {KEY.reveal()} and tr_pat_abcdefgh1234 \u202e" + "x" * 5000
    server.answer("POST", REPLAY.path, Reply.of({"error": said}, status=400))
    error = await refused(http, REPLAY, access)
    assert KEY.reveal() not in error.text
    assert "tr_pat_abc" not in error.text
    assert error.text.isprintable()
    assert len(error.text) <= 300


async def test_a_redirect_is_not_followed(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    server.answer("GET", READ.path, Reply(301, b"", {"Location": f"{server.url}/elsewhere"}))
    error = await refused(http, READ, access)
    assert isinstance(error, Unreadable)
    assert "redirects" in error.message()
    assert len(server.seen) == 1


async def test_a_body_that_claims_to_be_endless_is_not_read(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    server.answer("GET", READ.path, Reply(claims_bytes=10**12))
    assert isinstance(await refused(http, READ, access), Unreadable)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.test",
        "ftp://example.test",
        "https://me:pw@example.test",
        "https://:pw@example.test",
        "banana",
        "",
        "https://",
        "https://exa mple.test",
        "https://example.test/\n/x",
        "https://exa\rmple.test",
        "https://example.test:99999",
        "https://example.test:0",
        "https://[::1",
        "https://a..example.test",
        f"https://{'x' * 64}.test",
        "https://xn--\u200b.test",
        "https://example.test?x=1",
        "https://example.test#x",
    ],
)
def test_a_key_is_not_sent_to_an_unsafe_address(url: str, clock: FakeClock) -> None:
    with pytest.raises(Misconfigured) as caught:
        HttpClient(url, clock)
    assert "pw" not in caught.value.message()


async def test_plain_http_goes_where_the_profile_allows_it(clock: FakeClock) -> None:
    client = HttpClient("http://example.test", clock, allow_http=True)
    await client.aclose()


async def test_a_document_is_fetched_without_the_key(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    server.answer("GET", "/packets/1", Reply(body=b'{"big": true}'))
    assert await http.download(f"{server.url}/packets/1?X-Amz-Signature=abc", 100) == (
        b'{"big": true}'
    )
    assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(body=b"x" * 101), Unreadable),
        (Reply(403, b"<Error>Signature=abc</Error>"), LinkRefused),
        (Reply(302, b"", {"Location": "https://example.test/?Signature=abc"}), Unreadable),
        (HANG_UP, CannotReach),
    ],
)
async def test_a_document_that_cannot_be_had_never_quotes_its_signed_address(
    server: FakeServer, http: HttpClient, reply: Reply, kind: type[BackendError]
) -> None:
    server.answer("GET", "/packets/1", reply)
    with pytest.raises(kind) as caught:
        await http.download(f"{server.url}/packets/1?Signature=abc", 100)
    assert "abc" not in caught.value.message()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "http://example.test/x?X-Amz-Signature=abc",
            "it would come unencrypted over plain http from example.test; to permit that, set "
            "allow_http = true in the profile",
        ),
        ("file:///etc/passwd", "the address must begin with https:// and name a host"),
        ("//x", "the address must begin with https:// and name a host"),
        ("http://[", "it is not an address"),
        ("https://example.test/\x01", "it is not an address"),
        ("https://example..test/", "it is not an address"),
    ],
)
async def test_a_document_is_fetched_from_a_safe_address_only(
    http: HttpClient, url: str, words: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        await http.download(url, 100)
    assert caught.value.message() == f"the document is not fetched: {words}"


async def test_a_document_comes_over_plain_http_where_the_profile_allows_it(
    server: FakeServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)  # to have another machine that answers
    monkeypatch.delenv("http_proxy", raising=False)
    server.answer("GET", "/packets/p.json", Reply(body=b'{"big": true}'))
    client = HttpClient("http://192.0.2.1:3030", clock, allow_http=True)
    url = "http://192.0.2.10:9000/packets/p.json?X-Amz-Signature=abc"
    assert await client.download(url, 100) == b'{"big": true}'
    assert server.seen[0].headers["host"] == "192.0.2.10:9000"
    assert "authorization" not in server.seen[0].headers
    await client.aclose()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(403), "the object store refuses the link (403); it may have expired"),
        (Reply(404), "the object store refuses the link (404); it may have expired"),
        (Reply(503), "the object store fails (503)"),
        (Reply(307), "cannot read the server's answer (the link redirects elsewhere)"),
        (HANG_UP, "cannot reach the object store (the connection broke)"),
        (Reply(body=b"x" * 101), "cannot read the server's answer (longer than 0.0001 MB)"),
    ],
)
async def test_a_refused_link_is_told_as_such(
    server: FakeServer, http: HttpClient, reply: Reply, words: str
) -> None:
    server.answer("GET", "/packets/1", reply)
    with pytest.raises(BackendError) as caught:
        await http.download(f"{server.url}/packets/1?Signature=abc", 100)
    assert caught.value.message() == words


async def test_polls_wait_when_the_share_is_spent_and_what_the_user_opens_does_not(
    server: FakeServer, http: HttpClient, clock: FakeClock
) -> None:
    access = Access(KEY, Governor(clock, share=0.02))
    server.answer(
        "GET", READ.path, Reply.of({}, x_ratelimit_limit="500", x_ratelimit_remaining="499")
    )
    token = polling.set(True)
    for _ in range(8):
        await http.send(READ, access)
    assert clock.waits == []
    polling.reset(token)
    await http.send(READ, access)
    assert clock.waits == []
    token = polling.set(True)
    await http.send(READ, access)
    polling.reset(token)
    assert clock.waits == [60.0]


def test_what_is_not_found_says_so_once() -> None:
    assert NotFound("Not found", status=404).message() == "not found"
    assert NotFound("", status=404).message() == "not found"
    assert NotFound("no such queue", status=404).message() == "not found (no such queue)"


# What a server says of its own load


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_says_how_long_to_wait_is_asked_again_then(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock, status: int
) -> None:
    server.answer("GET", READ.path, Reply(status, b"", {"Retry-After": "7"}), DONE)
    assert await http.send(READ, access) == DONE.body
    assert 7 <= clock.waits[0] <= 7.5


async def test_a_wait_may_be_a_date(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock
) -> None:
    date = format_datetime(clock.now() + timedelta(seconds=9), usegmt=True)
    server.answer("GET", READ.path, Reply(503, b"", {"Retry-After": date}), DONE)
    await http.send(READ, access)
    assert 9 <= clock.waits[0] <= 9.5


@pytest.mark.parametrize("hint", ["soon", "-3", "Sat, 99 Nov 2026", "", "9" * 30])
async def test_a_wait_that_means_nothing_is_passed_over(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock, hint: str
) -> None:
    server.answer("GET", READ.path, Reply(503, b"", {"Retry-After": hint}), DONE)
    await http.send(READ, access)
    assert clock.waits[0] <= 0.5


@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_wait_is_reported_with_its_end_instead_of_waited_for(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock, status: int
) -> None:
    server.answer("GET", READ.path, Reply(status, b"", {"Retry-After": "120"}))
    error = await refused(http, READ, access)
    until = clock.now() + timedelta(seconds=120)
    assert error.retry_at == until
    assert len(server.seen) == 1
    budget = access.governor.budget
    assert (budget.closed_until, budget.closed_because) == (until, error.message())

    server.answer("GET", READ.path, DONE)
    await http.send(READ, access)
    assert access.governor.budget.closed_until is None


async def test_rate_headers_say_nothing_of_a_server_that_fails(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock
) -> None:
    reset_ms = str(int(clock.now().timestamp() * 1000) + 20_000)
    headers = {
        "x-ratelimit-limit": "750",
        "x-ratelimit-remaining": "700",
        "x-ratelimit-reset": reset_ms,
    }
    server.answer("GET", READ.path, Reply(500, b"", headers), DONE)
    await http.send(READ, access)
    assert clock.waits[0] <= 0.5


@pytest.mark.parametrize("body", [b"<html>1015</html>", b"slow", b"{}", b""])
async def test_a_limit_without_a_hint_is_not_tried_again_at_once(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock, body: bytes
) -> None:
    server.answer("GET", READ.path, Reply(429, body))
    error = await refused(http, READ, access)
    assert isinstance(error, RateLimited)
    assert error.message() == "the rate limit is spent (429)"
    assert len(server.seen) == 1
    assert clock.waits == []


async def test_too_many_of_one_thing_is_no_spent_rate_limit(
    server: FakeServer, http: HttpClient, access: Access, clock: FakeClock
) -> None:
    answer = Reply.of(recorded("bulk_actions_create__err_429_fourth_replay"))
    server.answer("POST", REPLAY.path, answer)
    error = await refused(http, REPLAY, access)
    assert isinstance(error, TooManyAtOnce)
    assert error.message() == (
        "the server is busy: You can only run 3 bulk replays at a time in this environment. Wait "
        "for an in-progress replay to finish before starting another."
    )
    assert not error.may_pass
    assert error.retry_at is None
    assert access.governor.budget.closed_until is None


@pytest.mark.parametrize(
    ("reply", "requests"),
    [
        (BROKEN, 2),
        (HANG_UP, 2),
        (Reply(503, b"", {"Retry-After": "2"}), 1),
        (Reply(429, b"", {"Retry-After": "2"}), 1),
    ],
)
async def test_what_the_caller_repeats_is_hardly_repeated_here(
    server: FakeServer,
    http: HttpClient,
    access: Access,
    clock: FakeClock,
    reply: Reply,
    requests: int,
) -> None:
    server.answer("GET", READ.path, reply)
    token = retried_by_caller.set(True)
    await refused(http, READ, access)
    retried_by_caller.reset(token)
    assert len(server.seen) == requests
    assert all(wait_s <= 0.5 for wait_s in clock.waits)


async def test_a_server_that_hangs_is_reported_after_a_quarter_of_a_minute(
    server: FakeServer,
) -> None:
    class Slow(FakeClock):
        """Each look at it takes four seconds, and each try looks twice."""

        def monotonic(self) -> float:
            self._elapsed_s += 4
            return super().monotonic()

    clock = Slow()
    client = HttpClient(server.url, clock)
    server.answer("GET", READ.path, HANG_UP)
    error = await refused(client, READ, Access(KEY, Governor(FakeClock())))
    await client.aclose()
    assert error.message() == "cannot reach the server (the connection broke)"
    assert len(server.seen) == 4, "four seconds each: sixteen"
    assert RETRY_FOR_S == 15


# Nothing private


OWN_KEY = "wf+Live/Key=0123456789"
"""A key that does not look like one."""


@pytest.mark.parametrize(
    "reply",
    [
        Reply.of({"error": f"bad key {OWN_KEY}"}, status=400),
        Reply(400, f"bad key {OWN_KEY}".encode()),
        Reply(400, f"bad key {quote(OWN_KEY, safe='')}".encode()),
        Reply(302, b"", {"Location": f"https://login.test/?key={OWN_KEY}"}),
        Reply(302, b"", {"Location": f"https://login.test/?key={quote(OWN_KEY)}&x=1"}),
        Reply(302, b"", {"Location": f"https://login.test/?key={quote_plus(OWN_KEY)}"}),
        Reply.of({"issues": [{"message": f"no {OWN_KEY}", "path": [OWN_KEY]}]}, status=422),
    ],
)
async def test_a_key_is_redacted_by_its_value_wherever_a_server_quotes_it(
    server: FakeServer, http: HttpClient, clock: FakeClock, reply: Reply
) -> None:
    own = Access(Secret(OWN_KEY), Governor(clock), header="x-api-key", scheme="")
    server.answer("POST", REPLAY.path, reply)
    error = await refused(http, REPLAY, own)
    assert "***" in error.message()
    assert "Live" not in error.message()


async def test_every_secret_that_was_sent_is_redacted_in_every_answer(
    server: FakeServer, http: HttpClient, clock: FakeClock
) -> None:
    token, key = Secret("person-0123456789"), Secret("person-0123456789-environment")
    server.answer("GET", READ.path, Reply.of({"data": []}))
    for secret in (token, key):
        await http.send(READ, Access(secret, Governor(clock)))
    words = f"{token.reveal()} may not use {key.reveal()}"
    server.answer("POST", REPLAY.path, Reply.of({"error": words}, status=403))
    error = await refused(http, REPLAY, Access(token, Governor(clock)))
    assert error.text == "*** may not use ***"


@pytest.mark.parametrize(
    "params", [(("filter[tag]", "half \ud83d"),), (("filter[tag]", "a&b=c d+e%"),)]
)
async def test_any_text_can_be_asked_for(
    server: FakeServer, http: HttpClient, access: Access, params: tuple[tuple[str, str], ...]
) -> None:
    server.answer("GET", READ.path, DONE)
    await http.send(replace(READ, params=params), access)
    assert server.seen[0].params == {"filter[tag]": params[0][1].replace("\ud83d", "?")}


@pytest.mark.parametrize(
    ("date_in_s", "extra", "ahead_s"),
    [
        (0, {}, 0),
        (-1, {}, 0),
        (-120, {}, 120),
        (300, {}, -300),
        (-120, {"Age": "120"}, 0),
        (None, {}, 0),
    ],
)
async def test_a_wrong_clock_is_told_by_the_date_of_an_answer(
    server: FakeServer,
    http: HttpClient,
    access: Access,
    clock: FakeClock,
    date_in_s: int | None,
    extra: dict[str, str],
    ahead_s: float,
) -> None:
    date = "soon"
    if date_in_s is not None:
        date = format_datetime(clock.now() + timedelta(seconds=date_in_s), usegmt=True)
    server.answer("GET", READ.path, Reply(headers={"Date": date, **extra}))
    await http.send(READ, access)
    assert http.clock_ahead_s == ahead_s
