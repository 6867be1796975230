"""What every answer tells the browser to keep to, and what no request gets away with."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time

import httpx
import pytest

from shared.model import State
from shared.store import QueueStore
from tests.web.conftest import LIBRARY, TWO, Serve, give, text
from web import server
from web.guard import LARGEST_FORM
from web.limits import REMEMBERED, Allowance

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


async def ask(client: httpx.AsyncClient, request: bytes, within: float = 5) -> bytes:
    """Send bytes as they are; return all that comes until the server closes the connection."""
    async with asyncio.timeout(within):
        reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        try:
            writer.write(request)
            return await reader.read()
        finally:
            writer.transport.abort()


def status(answer: bytes) -> int:
    return int(answer.split(maxsplit=2)[1])


# Headers


async def test_every_answer_tells_the_browser_what_to_keep_to(
    serve: Serve, store: QueueStore
) -> None:
    browser = await serve(web={"tickets": "here"})
    ticket = await give(store)
    here = f"/t/{ticket.token}"
    [style] = re.findall(r'href="(/static/[^"]+\.css)"', (await browser.get("/")).text)
    answers = [
        await browser.get(here),
        await browser.get("/t/unknown"),
        await browser.get("/"),
        await browser.get("/board"),
        await browser.get("/nothing"),
        await browser.get(style),
        await browser.head(here),
        await browser.put(here),
        await browser.post(here + "/leave", headers={"Origin": "https://evil.example"}),
        await browser.post(here + "/rate", data={"score": "9"}),
        await browser.post(here + "/leave"),
        await browser.post("/", data={"once": "x", "unit": "library", "code": "0"}),
    ]
    async with browser.stream("GET", here + "/events") as stream:
        answers.append(stream)

    assert [answer.status_code for answer in answers] == [
        *[200, 404, 200, 200, 404, 200, 200, 405, 403, 400, 303, 409, 200]
    ]
    for answer in answers:
        headers = answer.headers
        assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer, strict-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Robots-Tag"] == "noindex"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert not {"Set-Cookie", "Server", "X-Powered-By"} & set(headers)
        is_static = answer.request.url.path.startswith("/static/")
        assert headers["Cache-Control"] == (
            "public, max-age=31536000, immutable" if is_static else "no-store"
        )


async def test_a_page_names_no_other_site_and_has_no_script_of_its_own(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store)
    for path in (f"/t/{ticket.token}", "/", "/board", "/t/unknown"):
        page = (await browser.get(path)).text
        assert "//" not in page.replace("<!doctype html>", "")
        assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=|javascript:", page)


async def test_files_are_kept_by_browsers_as_long_as_they_are_the_same(
    browser: httpx.AsyncClient,
) -> None:
    files = re.findall(r'"(/static/[^"]+)"', (await browser.get("/")).text)
    assert {file.rpartition(".")[2] for file in files} == {"css", "js", "svg"}
    for file in files:
        answer = await browser.get(file)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].partition(";")[0] in {
            "text/css",
            "text/javascript",
            "image/svg+xml",
        }
        other = re.sub(r"\.\w{12}\.", ".000000000000.", file)
        assert (await browser.get(other)).status_code == 404


async def test_a_whole_page_is_under_fifty_kilobytes(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket = await give(store)
    for path in (f"/t/{ticket.token}", "/", "/board"):
        page = await browser.get(path)
        files = [await browser.get(file) for file in re.findall(r'"(/static/[^"]+)"', page.text)]
        assert sum(len(each.content) for each in [page, *files]) < 50_000


# Paths and methods


@pytest.mark.parametrize(
    "path",
    [
        "/t/../t/TOKEN",
        "/t/./TOKEN",
        "//t/TOKEN",
        "/t//TOKEN",
        "/t/TOKEN/",
        "/t/TOKEN/../TOKEN",
        "/t%2F..%2Ft%2FTOKEN",
        "/t/TOKEN%252Fevents",
        "/T/TOKEN",
        "/t/TOKEN%00",
        "/t/TOKEN%0d%0aX-Evil:%20yes",
        "/t/TOKEN;x",
        "/t/",
        "/t",
        "/static/",
        "/static/../../pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/app.py",
        "/static/vuoro.css",
        "/web/app.py",
        "/.git/config",
        "/favicon.ico",
    ],
)
async def test_no_trick_with_a_path_finds_anything(
    browser: httpx.AsyncClient, store: QueueStore, path: str
) -> None:
    token = (await give(store)).token
    expected = await browser.get("/t/unknown")
    target = path.replace("TOKEN", token)

    answer = await ask(
        browser, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    )

    head, _, body = answer.partition(b"\r\n\r\n")
    assert status(head) == 404
    assert body == expected.content
    assert b"\r\nX-Evil" not in head


async def test_a_request_for_another_host_or_in_absolute_form_finds_only_our_pages(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    token = (await give(store)).token
    for target in (f"http://evil.example/t/{token}", "evil.example:443", "*"):
        answer = await ask(
            browser,
            f"GET {target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode(),
        )
        assert status(answer) in {400, 404}
    shown = await browser.get(f"/t/{token}", headers={"Host": "evil.example"})
    assert "evil.example" not in shown.text
    left = await browser.post(
        f"/t/{token}/leave", headers={"Host": "evil.example", "Sec-Fetch-Site": "same-origin"}
    )
    assert left.headers["Location"] == f"/t/{token}"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X"])
async def test_other_methods_are_refused(
    browser: httpx.AsyncClient, store: QueueStore, method: str
) -> None:
    ticket = await give(store)
    for path in ("/", "/board", f"/t/{ticket.token}", f"/t/{ticket.token}/leave", "/board/events"):
        answer = await browser.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["Allow"]
        assert "Tämä ei onnistunut" in text(answer)


async def test_looking_changes_nothing(browser: httpx.AsyncClient, store: QueueStore) -> None:
    ticket = await give(store)
    for verb in ("leave", "more", "rate"):
        assert (await browser.get(f"/t/{ticket.token}/{verb}")).status_code == 405
    head = await browser.head(f"/t/{ticket.token}")
    assert (head.status_code, head.content) == (200, b"")
    [stop] = (await store.visits([ticket.token]))[ticket.token].stops
    assert (stop.state, stop.put_off) == (State.WAITING, 0)


# Where forms come from


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"Origin": "OWN"}, True),
        ({"Origin": "https://vuoro.example.org"}, True),  # the address that the world knows
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://vuoro.example.org.evil.example"}, False),
        ({"Origin": "http://vuoro.example.org"}, False),
        ({"Origin": "OWN.evil.example"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "OWN"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Referer": "OWN"}, False),
    ],
)
async def test_only_our_own_pages_send_forms(
    serve: Serve, store: QueueStore, headers: dict[str, str], *, is_own: bool
) -> None:
    browser = await serve(web={"url": "https://vuoro.example.org", "tickets": "anywhere"})
    own = browser.headers.pop("Origin")
    ticket = await give(store)
    sent = {name: value.replace("OWN", own) for name, value in headers.items()}

    left = await browser.post(f"/t/{ticket.token}/leave", headers=sent)
    taken = await browser.post("/", data={"once": "x", "unit": "library"}, headers=sent)

    assert (left.status_code, taken.status_code) == ((303, 303) if is_own else (403, 403))
    [stop] = (await store.visits([ticket.token]))[ticket.token].stops
    assert (stop.state is State.LEFT) == is_own
    assert bool(await store.find("K", 2)) == is_own


# Bodies, heads, and how long they take


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (b"score=5&x=" + b"a" * LARGEST_FORM, "application/x-www-form-urlencoded", 413),
        (b"&".join([b"score=5"] * 200), "application/x-www-form-urlencoded", 400),
        (b"score=%FF%FE", "application/x-www-form-urlencoded", 400),
        ("score=vïer".encode(), "application/x-www-form-urlencoded", 400),
        (b'{"score": 5}', "application/json", 415),
        (b"score=5", "text/plain", 415),
        (b"--x\r\n\r\n5\r\n--x--", "multipart/form-data; boundary=x", 415),
        (b"", "application/x-www-form-urlencoded", 400),
        (b"score=5", "application/x-www-form-urlencoded; charset=UTF-8", 303),
    ],
)
async def test_a_form_is_small_and_is_a_form(
    browser: httpx.AsyncClient, store: QueueStore, content: bytes, kind: str, expected: int
) -> None:
    ticket = await give(store)
    await store.call_next(TWO, [LIBRARY])
    await store.finish(TWO)

    answer = await browser.post(
        f"/t/{ticket.token}/rate", content=content, headers={"Content-Type": kind}
    )

    assert answer.status_code == expected
    if expected != 303:
        assert "Tämä ei onnistunut" in text(answer)
    assert ((await store.visits([ticket.token]))[ticket.token].score == 5) == (expected == 303)


async def test_a_body_that_never_ends_is_cut_off(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    here = f"/t/{(await give(store)).token}/leave"
    chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
    head = (
        f"POST {here} HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    answer = await ask(browser, head.encode() + 5 * chunk)

    assert status(answer) == 413
    assert b"connection: close" in answer.lower()


async def test_a_body_that_nobody_reads_is_cut_off_as_well(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REQUEST_WITHIN", 0.3)
    host, port = browser.base_url.host, browser.base_url.port
    _, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /board HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")

    async def send_on() -> None:
        while True:
            writer.write(b"x" * 100)
            await writer.drain()
            await asyncio.sleep(0.02)

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(send_on(), 5)
    writer.transport.abort()


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"GET",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nunit=",
        b"GET /board HTTP/1.1\r\nHost: x\r\n\r\nGET /board HTTP/1.1\r\nHos",  # after a whole one
    ],
)
async def test_who_sends_too_slowly_is_hung_up_on(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, request_: bytes
) -> None:
    monkeypatch.setattr(server, "REQUEST_WITHIN", 0.5)
    browser = await serve(web={"tickets": "anywhere"})
    host, port = browser.base_url.host, browser.base_url.port
    start = time.monotonic()
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(request_)

    async def trickle() -> None:
        while True:  # a byte now and then does not help
            await asyncio.sleep(0.1)
            writer.write(b"a")

    trickling = asyncio.create_task(trickle()) if request_ else None
    async with asyncio.timeout(5):
        while await reader.read(1000):
            pass
    if trickling is not None:
        trickling.cancel()
    writer.transport.abort()
    assert 0.4 < time.monotonic() - start < 3


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /\xe4 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"\r\n\r\n\r\n\r\nhello\r\n\r\n",
    ],
)
async def test_what_is_no_proper_request_is_refused(
    browser: httpx.AsyncClient, request_: bytes
) -> None:
    answer = await ask(browser, request_)
    assert status(answer) in {400, 501}
    assert (await browser.get("/board")).status_code == 200


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("GET /t/{long} HTTP/1.1\r\nHost: x", 414),
        ("GET /board?lang={long} HTTP/1.1\r\nHost: x", 414),
        ("GET /board HTTP/1.1\r\nHost: x\r\nX-Long: {long}", 431),
        ("GET /board HTTP/1.1\r\nHost: x\r\n{many}", 431),
    ],
)
async def test_an_endless_head_is_refused(
    browser: httpx.AsyncClient, request_: str, expected: int
) -> None:
    sent = request_.format(long="a" * 8300, many="X: y\r\n" * 4200)
    answer = await ask(browser, f"{sent}\r\nConnection: close\r\n\r\n".encode())
    assert status(answer) in {expected, 400}  # 400: the rest of it was not waited for

    sent = request_.format(long="a" * 1_000_000, many="X: y\r\n" * 100_000)
    with contextlib.suppress(ConnectionError):  # it hangs up in the middle
        assert status(await ask(browser, sent.encode())) == 400


async def test_what_an_address_says_never_becomes_a_header_or_an_event(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    token = (await give(store)).token
    evil = "%0d%0aX-Evil:%20yes%0d%0a%0d%0aevil"
    for answer in (
        await browser.get(f"/t/{token}?lang={evil}"),
        await browser.get(f"/t/{evil}?lang={evil}"),
        await browser.post(f"/t/{token}/more?lang={evil}"),
    ):
        assert "X-Evil" not in answer.headers
        assert "evil" not in answer.text
    async with browser.stream("GET", f"/t/{token}/events?seen={evil}&lang={evil}") as stream:
        assert "X-Evil" not in stream.headers
        lines = stream.aiter_lines()
        heard = [await anext(lines) for _ in range(6)]
        assert not any("evil" in line for line in heard)


async def test_two_requests_on_one_connection_get_two_answers(
    browser: httpx.AsyncClient,
) -> None:
    answer = await ask(
        browser,
        b"GET /board HTTP/1.1\r\nHost: x\r\n\r\n"
        b"GET /board HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    assert answer.count(b"HTTP/1.1 200") == 2


# How much of one address


async def test_guessing_is_slowed_down_but_open_pages_stay_so(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    ticket, fresh = await give(store), await give(store)
    async with browser.stream("GET", f"/t/{ticket.token}/events") as stream:
        lines = stream.aiter_lines()
        while not (await anext(lines)).startswith("data: {"):
            pass

        statuses = [(await browser.get(f"/t/guess-{n}")).status_code for n in range(33)]

        assert statuses[:30] == [404] * 30
        assert statuses[-2:] == [429] * 2
        assert (await browser.get(f"/t/{fresh.token}")).status_code == 429
        assert (await browser.post(f"/t/{fresh.token}/leave")).status_code == 429
        assert (await browser.get(f"/t/{fresh.token}/events")).status_code == 429
        assert (await browser.get(f"/t/{ticket.token}")).status_code == 200
        elsewhere = {"X-Forwarded-For": "192.0.2.9"}
        assert (await browser.get(f"/t/{fresh.token}", headers=elsewhere)).status_code == 200


async def test_guessing_by_streams_is_guessing(browser: httpx.AsyncClient) -> None:
    await asyncio.gather(*(browser.get(f"/t/guess-{n}/events") for n in range(35)))
    assert (await browser.get("/t/guess/events")).status_code == 429


async def test_one_address_presses_sixty_buttons_at_once_and_then_must_wait(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    token = (await give(store)).token
    statuses = [(await browser.post(f"/t/{token}/rate")).status_code for _ in range(70)]
    assert statuses[:60] == [400] * 60
    assert 429 in statuses[60:]


async def test_a_forwarded_address_counts_only_from_a_proxy_that_is_trusted(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "198.51.100.1")
    browser = await serve()
    statuses = [
        (
            await browser.get(f"/t/guess-{n}", headers={"X-Forwarded-For": f"192.0.2.{n}"})
        ).status_code
        for n in range(33)
    ]
    assert statuses[-1] == 429


def test_an_allowance_comes_back_with_time_and_forgets_nobody_too_soon() -> None:
    now = 0.0
    allowance = Allowance(3, every=10, clock=lambda: now)
    assert [allowance.take("a") for _ in range(5)] == [True, True, True, False, False]
    assert allowance.take("b")
    now = 9.9
    assert not allowance.take("a")
    now = 10.1
    assert [allowance.take("a") for _ in range(2)] == [True, False]
    now = 1000.0
    assert [allowance.take("a") for _ in range(4)] == [True, True, True, False]
    for number in range(REMEMBERED - 1):
        allowance.spend(str(number))
    assert not allowance.take("a")
    allowance.spend("one more")
    assert allowance.take("a")


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
async def test_addresses_that_one_has_together_are_one(
    browser: httpx.AsyncClient, one: str, other: str, *, are_one: bool
) -> None:
    for n in range(31):
        await browser.get(f"/t/guess-{n}", headers={"X-Forwarded-For": one})
    answer = await browser.get("/t/guess", headers={"X-Forwarded-For": other})
    assert answer.status_code == (429 if are_one else 404)
