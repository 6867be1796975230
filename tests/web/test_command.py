"""``vuoro-web`` as it is started: the real program, in a process of its own."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from shared.store import open_store
from tests.conftest import ROOT
from tests.web.conftest import give, running, text
from tools.lobby import Lobby


@pytest.fixture
def lobby(tmp_path: Path) -> Lobby:
    return Lobby(tmp_path)


async def give_tickets(lobby: Lobby, count: int) -> list[str]:
    """Give tickets; return their tokens."""
    async with open_store(lobby.config, lobby.config.clock()) as store:
        return [(await give(store)).token for _ in range(count)]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "web", *map(str, arguments)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)


def test_it_says_where_it_answers_and_answers_there(lobby: Lobby) -> None:
    with running(lobby.file) as port:
        answer = httpx.get(f"http://127.0.0.1:{port}/board?lang=en")
        assert (answer.status_code, "Waiting" in text(answer)) == (200, True)


@pytest.fixture
def _ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("there is no IPv6 here")
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError as error:
        pytest.skip(f"there is no IPv6 here: {error.strerror}")


@pytest.mark.usefixtures("_ipv6")
def test_it_answers_where_it_is_told_to(lobby: Lobby) -> None:
    with running(lobby.file, "--host", "::1") as port:
        assert httpx.get(f"http://[::1]:{port}/board").status_code == 200


@pytest.mark.usefixtures("_ipv6")
@pytest.mark.parametrize(("host", "proxy"), [("::1", "[::1]"), ("::", "127.0.0.1")])
def test_a_proxy_on_this_machine_is_believed_however_it_comes(
    lobby: Lobby, host: str, proxy: str
) -> None:
    with (
        running(lobby.file, "--host", host) as port,
        httpx.Client(base_url=f"http://{proxy}:{port}") as client,
    ):
        # Each from another address: nobody is told to wait for what the others guess.
        statuses = {
            client.get(f"/t/x{n}", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
            for n in range(40)
        }
        assert statuses == {404}


def test_a_port_that_is_taken_is_told_with_a_way_out(lobby: Lobby) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--config", lobby.file, "--port", port)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"127.0.0.1, port {port}: Address already in use." in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "no-such-host.invalid"],
        ["--host", "203.0.113.1"],  # of somebody else
        ["--port", "65536"],
        ["--port", "-1"],
        ["--port", "http"],
        ["--config", "/nowhere/config.toml"],
    ],
)
def test_what_cannot_be_is_told_with_a_way_out(lobby: Lobby, arguments: list[str]) -> None:
    done = run("--config", lobby.file, "--port", "0", *arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_cannot_be_used_is_told(lobby: Lobby) -> None:
    store = lobby.file.with_name("var")
    store.mkdir()
    (store / "queue.db").write_text("This is not a database, and long enough to be seen as none.")
    done = run("--config", lobby.file, "--port", "0")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_it_ends_within_two_seconds_with_pages_open(lobby: Lobby) -> None:
    tokens = asyncio.run(give_tickets(lobby, 20))
    with ExitStack() as stack:
        with running(lobby.file) as port:
            client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}"))
            paths = ["/board/events", *(f"/t/{token}/events" for token in tokens)]
            streams = [stack.enter_context(client.stream("GET", path)) for path in paths]
            lines = [stream.iter_lines() for stream in streams]
            for each in lines:
                while not next(each).startswith("data: "):
                    pass
            start = time.monotonic()
        assert time.monotonic() - start < 2
        for each in lines:  # they end as they should, and not in the middle
            list(each)


def test_no_log_holds_a_token_whatever_is_asked(lobby: Lobby) -> None:
    [token] = asyncio.run(give_tickets(lobby, 1))
    argv = [sys.executable, "-m", "web", "--config", str(lobby.file), "--port", "0"]
    log = lobby.file.with_name("log")
    with (
        log.open("wb") as output,
        subprocess.Popen(argv, cwd=ROOT, stdout=output, stderr=output) as program,
    ):
        while not (told := re.search(r":(\d+)/", log.read_text())):
            assert program.poll() is None
            time.sleep(0.01)
        port = int(told[1])
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            own = {"Origin": f"http://127.0.0.1:{port}"}
            client.get(f"/t/{token}")
            client.get(f"/t/{token}x")
            client.get(f"/t/{token}", params={"lang": "x" * 2000})
            client.put(f"/t/{token}")
            client.post(f"/t/{token}/more")
            client.post(f"/t/{token}/more", headers=own)
            client.post(f"/t/{token}/rate", headers=own, content=b"x" * 9000)
            with client.stream("GET", f"/t/{token}/events") as stream:
                next(stream.iter_lines())
        for end in (b" HTTP/1.1\r\n\r\n", b" HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(f"GET /t/{token}".encode() + end)
        # The store goes away, which is told, once.
        database = Path(lobby.config.store.url.removeprefix("sqlite:"))
        database.rename(database.with_suffix(".away"))
        assert httpx.get(f"http://127.0.0.1:{port}/t/{token}").status_code == 503
        program.terminate()
    assert token not in log.read_text()
    assert "Traceback" not in log.read_text()


def test_it_loads_nothing_that_only_screens_need() -> None:
    script = "import web.__main__, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split()
    assert "web.server" in loaded
    assert not {"textual", "rich", "PIL", "qrcode"} & {name.partition(".")[0] for name in loaded}
