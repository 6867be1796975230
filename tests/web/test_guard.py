"""What every answer tells the browser to keep to, and what no request gets away with."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from html import unescape
from itertools import product
from typing import NoReturn

import httpx
import pytest

from shared.config import Config
from shared.model import State
from shared.store import QueueStore
from tests.conftest import ROOT, eventually
from tests.web.conftest import LIBRARY, TWO, Serve, give, opened, text
from web import server
from web.guard import LARGEST_FORM
from web.limits import REMEMBERED, Allowance

STATIC = ROOT / "web" / "static"

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
    serve: Serve, store: QueueStore, config: Config
) -> None:
    browser = await serve(web={"tickets": "here"})
    units = [unit.id for unit in config.units]
    for _ in range(12):  # more calls than the board lists
        await give(store)
        await store.call_next(TWO, [LIBRARY])
    everywhere, waiting = await give(store, *units), await give(store)
    for path in (f"/t/{everywhere.token}", f"/t/{waiting.token}", "/board", "/"):
        page = await browser.get(path)
        paths = set(re.findall(r'"(/static/[^"]+)"', page.text))
        assert {path.rpartition(".")[2] for path in paths} == {"css", "js", "svg"}
        answers = [page, *[await browser.get(path) for path in paths]]
        weight = sum(len(each.content) for each in answers)
        weight += sum(
            len(name) + len(value) for each in answers for name, value in each.headers.raw
        )
        if path != "/":  # what a page hears first, if it shows something else by then
            [events] = re.findall(r'data-events="([^"]+)"', page.text)
            async with opened(browser, unescape(events)) as heard:
                weight += len((await heard.hear()).data.encode())
        assert weight < 50_000, path


async def test_script_and_style_are_for_browsers_of_ten_years_ago() -> None:
    script = re.sub(r"(?m)//.*$", "", (STATIC / "vuoro.js").read_text())
    assert not re.search(r"=>|`|\?\.|\?\?|\.\.\.|\b(let|const|class|async|await)\b", script)
    style = (STATIC / "vuoro.css").read_text()
    assert not re.search(r":(is|where|has)\(|\b(min|max|clamp)\(|\binset\b|\sgap:|@layer", style)


# Paths and methods


async def test_no_trick_with_a_path_finds_anything(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    token = (await give(store)).token
    expected = await browser.get("/t/unknown")
    for path in (
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
    ):
        target = path.replace("TOKEN", token)
        answer = await ask(
            browser, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        head, _, body = answer.partition(b"\r\n\r\n")
        assert status(head) == 404, path
        assert body == expected.content, path
        assert b"\r\nX-Evil" not in head, path


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


async def test_other_methods_are_refused(browser: httpx.AsyncClient, store: QueueStore) -> None:
    here = f"/t/{(await give(store)).token}"
    methods = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X")
    paths = ("/", "/board", here, f"{here}/leave", f"{here}/events", "/board/events")
    for method, path in product(methods, paths):
        answer = await browser.request(method, path)
        assert answer.status_code == 405, (method, path)
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


OWN: tuple[dict[str, str], ...] = (
    {"Origin": "SELF"},
    {"Origin": "https://vuoro.example.org"},  # the address that the world knows
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "none"},
)
FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "https://vuoro.example.org.evil.example"},
    {"Origin": "http://vuoro.example.org"},
    {"Origin": "SELF.evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "SELF"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Referer": "SELF"},
)


async def test_only_our_own_pages_send_forms(serve: Serve, store: QueueStore) -> None:
    browser = await serve(web={"url": "https://vuoro.example.org", "tickets": "anywhere"})
    own = browser.headers.pop("Origin")
    for headers in (*OWN, *FOREIGN):
        ticket = await give(store)
        sent = {name: value.replace("SELF", own) for name, value in headers.items()}

        left = await browser.post(f"/t/{ticket.token}/leave", headers=sent)
        taken = await browser.post("/", data={"once": str(sent), "unit": "library"}, headers=sent)

        expected = 303 if headers in OWN else 403
        assert (left.status_code, taken.status_code) == (expected, expected), headers
        [stop] = (await store.visits([ticket.token]))[ticket.token].stops
        assert (stop.state is State.LEFT) == (headers in OWN), headers
        assert bool(await store.find("K", ticket.number + 1)) == (headers in OWN), headers


async def test_without_an_address_of_the_centre_it_is_the_one_that_was_asked_for(
    browser: httpx.AsyncClient, store: QueueStore
) -> None:
    here = f"/t/{(await give(store)).token}/more"
    for origin in ("://", "null", "http://", "https://vuoro.example.org"):
        assert (await browser.post(here, headers={"Origin": origin})).status_code == 403, origin
    proxied = {"Host": "vuoro.example.org", "X-Forwarded-Proto": "https"}
    answer = await browser.post(here, headers={"Origin": "https://vuoro.example.org", **proxied})
    assert answer.status_code == 303


# Bodies, heads, and how long they take


FORM = "application/x-www-form-urlencoded"


async def test_a_form_is_small_and_is_a_form(browser: httpx.AsyncClient, store: QueueStore) -> None:
    for content, kind, expected in (
        (b"score=5&x=" + b"a" * LARGEST_FORM, FORM, 413),
        (b"&".join([b"score=5"] * 200), FORM, 400),
        (b"score=%FF%FE", FORM, 400),
        ("score=vïer".encode(), FORM, 400),
        (b'{"score": 5}', "application/json", 415),
        (b"score=5", "text/plain", 415),
        (b"--x\r\n\r\n5\r\n--x--", "multipart/form-data; boundary=x", 415),
        (b"", FORM, 400),
        (b"score=5", f"{FORM}; charset=UTF-8", 303),
    ):
        ticket = await give(store)
        await store.call_next(TWO, [LIBRARY])
        await store.finish(TWO)

        answer = await browser.post(
            f"/t/{ticket.token}/rate", content=content, headers={"Content-Type": kind}
        )

        assert answer.status_code == expected, content[:20]
        if expected != 303:
            assert "Tämä ei onnistunut" in text(answer)
        score = (await store.visits([ticket.token]))[ticket.token].score
        assert score == (5 if expected == 303 else None)


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


async def test_who_sends_too_slowly_is_hung_up_on(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REQUEST_WITHIN", 0.5)
    browser = await serve(web={"tickets": "anywhere"})

    async def patience_with(beginning: bytes) -> float:
        """Send the beginning of a request, then a byte now and then; return the seconds."""
        start = time.monotonic()
        host, port = browser.base_url.host, browser.base_url.port
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(beginning)

        async def trickle() -> None:
            while beginning:
                await asyncio.sleep(0.1)
                writer.write(b"a")

        trickling = asyncio.create_task(trickle())
        async with asyncio.timeout(5):
            while await reader.read(1000):
                pass
        trickling.cancel()
        writer.transport.abort()
        return time.monotonic() - start

    seconds = await asyncio.gather(
        patience_with(b""),
        patience_with(b"GET"),
        patience_with(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "),
        patience_with(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nunit="),
        # After a whole one, on the same connection.
        patience_with(b"GET /board HTTP/1.1\r\nHost: x\r\n\r\nGET /board HTTP/1.1\r\nHos"),
    )
    assert all(0.4 < each < 3 for each in seconds), seconds


async def test_what_is_no_proper_request_is_refused(browser: httpx.AsyncClient) -> None:
    for request in (
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
    ):
        assert status(await ask(browser, request)) in {400, 501}, request
        assert (await browser.get("/board")).status_code == 200


async def test_an_endless_head_is_refused(browser: httpx.AsyncClient) -> None:
    for request, expected in {
        "GET /t/{long} HTTP/1.1\r\nHost: x": 414,
        "GET /board?lang={long} HTTP/1.1\r\nHost: x": 414,
        "GET /board HTTP/1.1\r\nHost: x\r\nX-Long: {long}": 431,
        "GET /board HTTP/1.1\r\nHost: x\r\n{many}": 431,
    }.items():
        sent = request.format(long="a" * 8300, many="X: y\r\n" * 4200)
        answer = await ask(browser, f"{sent}\r\nConnection: close\r\n\r\n".encode())
        # 400: the rest of it was not waited for
        assert status(answer) in {expected, 400}, request

        sent = request.format(long="a" * 1_000_000, many="X: y\r\n" * 100_000)
        with contextlib.suppress(ConnectionError):  # it hangs up in the middle
            assert status(await ask(browser, sent.encode())) == 400, request


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


async def test_connections_are_counted_also_those_that_ask_for_nothing(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 5)
    browser = await serve()
    request = b"GET /board HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    host, port = browser.base_url.host, browser.base_url.port
    silent = [(await asyncio.open_connection(host, port))[1] for _ in range(5)]

    async def answers(expected: int) -> bool:
        return status(await ask(browser, request)) == expected

    assert await eventually(lambda: answers(503))
    for each in silent:
        each.transport.abort()
    assert await eventually(lambda: answers(200))


async def test_a_fault_of_the_program_is_told_kindly_and_the_log_has_no_token(
    serve: Serve,
    store: QueueStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = await serve()
    token = (await give(store)).token

    async def broken(_: object) -> NoReturn:
        raise ZeroDivisionError

    with monkeypatch.context() as broken_for_a_while:
        broken_for_a_while.setattr(store, "visits", broken)
        answer = await browser.get(f"/t/{token}?lang=en")

    assert answer.status_code == 500
    assert "Something is wrong with this program, and not with your ticket." in text(answer)
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert "ZeroDivisionError" in caplog.text  # whoever runs it can see why
    assert token not in caplog.text
    assert (await browser.get(f"/t/{token}")).status_code == 200


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


async def test_guessing_is_slowed_down_but_no_ticket_of_a_neighbour_is(
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
        assert (await browser.get("/t/guess/events")).status_code == 429
        assert (await browser.get(f"/t/{ticket.token}")).status_code == 200
        assert (await browser.get(f"/t/{fresh.token}")).status_code == 200
        async with browser.stream("GET", f"/t/{fresh.token}/events") as another:
            assert another.status_code == 200
        assert (await browser.post(f"/t/{fresh.token}/leave")).status_code == 303
        elsewhere = {"X-Forwarded-For": "192.0.2.9"}
        assert (await browser.get("/t/guess", headers=elsewhere)).status_code == 404


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


async def test_addresses_that_one_has_together_are_one(browser: httpx.AsyncClient) -> None:
    for one, other, are_one in (
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:2:2::1", "2001:db8:2:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:198.51.100.1", "198.51.100.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ):
        for n in range(31):
            await browser.get(f"/t/guess-{n}", headers={"X-Forwarded-For": one})
        answer = await browser.get("/t/guess", headers={"X-Forwarded-For": other})
        assert answer.status_code == (429 if are_one else 404), other
