"""The request loop: what is sent, what is sent again, and what never is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.backends.fake_server import FakeClock, FakeServer, Reply
from tests.recorded import recorded
from trigdash.backends.base import (
    BackendError,
    BadKey,
    CannotReach,
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    ServerError,
    Unreadable,
    polling,
)
from trigdash.backends.http import MAX_RETRIES, Access, Effect, HttpClient, Request
from trigdash.backends.rate import Governor
from trigdash.secret import Secret

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
    assert error.sentence() == words
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
        (Reply(claims_bytes=99), True),
        (BROKEN, True),
        (Reply(504), True),
        (Reply(503), False),
        (Reply(404), False),
        (Reply(429), False),
        (Reply(422), False),
    ],
)
async def test_a_replay_says_whether_it_may_have_happened(
    server: FakeServer, http: HttpClient, access: Access, trouble: Reply, unknown: bool
) -> None:
    if trouble.claims_bytes:
        server.answer("POST", REPLAY.path, Reply(headers={"Content-Encoding": "gzip"}))
    else:
        server.answer("POST", REPLAY.path, trouble)
    assert (await refused(http, REPLAY, access)).outcome_unknown is unknown


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
    assert error.resets_at is not None
    assert (error.resets_at - clock.now()).total_seconds() == 300
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
    assert "<" not in error.sentence()


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
    assert "redirects" in error.sentence()
    assert len(server.seen) == 1


async def test_a_body_that_claims_to_be_endless_is_not_read(
    server: FakeServer, http: HttpClient, access: Access
) -> None:
    server.answer("GET", READ.path, Reply(claims_bytes=10**12))
    assert isinstance(await refused(http, READ, access), Unreadable)


@pytest.mark.parametrize(
    "url", ["http://example.test", "ftp://example.test", "https://me:pw@example.test", "banana"]
)
def test_a_key_is_not_sent_to_an_unsafe_address(url: str, clock: FakeClock) -> None:
    with pytest.raises(CannotReach) as caught:
        HttpClient(url, clock)
    assert "pw" not in str(caught.value)


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
        (Reply(403, b"<Error>Signature=abc</Error>"), Forbidden),
        (HANG_UP, CannotReach),
    ],
)
async def test_a_document_that_cannot_be_had_never_quotes_its_signed_address(
    server: FakeServer, http: HttpClient, reply: Reply, kind: type[BackendError]
) -> None:
    server.answer("GET", "/packets/1", reply)
    with pytest.raises(kind) as caught:
        await http.download(f"{server.url}/packets/1?Signature=abc", 100)
    assert "abc" not in caught.value.sentence()


@pytest.mark.parametrize("url", ["http://example.test/x", "file:///etc/passwd", "//x", "http://["])
async def test_a_document_is_fetched_over_https_only(http: HttpClient, url: str) -> None:
    with pytest.raises(CannotReach):
        await http.download(url, 100)


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
    assert NotFound("Not found", status=404).sentence() == "not found"
    assert NotFound("", status=404).sentence() == "not found"
    assert NotFound("no such queue", status=404).sentence() == "not found (no such queue)"
