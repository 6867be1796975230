"""The pages in a real browser, served by the real program: what people see, hear and do."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import zxingcpp
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from shared.config import Config
from shared.door import door_code
from shared.model import Appointment, Ticket
from shared.store import QueueStore, open_store
from tests.conftest import ROOT, eventually
from tests.web.conftest import DENTAL, FOUR, HEALTH, LIBRARY, SIX, TWO, give, running
from tools.lobby import Lobby
from tools.terminal import Terminal

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE = ViewportSize(width=360, height=740)
LANGUAGES = ("fi", "sv", "en")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """The browser of the machine: none is ever downloaded."""
    path = shutil.which("chromium")
    if path is None:
        told = "There is no Chromium here: apt-get install chromium. No page was looked at."
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@dataclass
class Centre:
    """A centre with its pages served, and its store as another program has it."""

    config: Config
    store: QueueStore
    address: str

    def of(self, ticket: Ticket, language: str | None = None) -> str:
        query = f"?lang={language}" if language else ""
        return f"{self.address}/t/{ticket.token}{query}"


@asynccontextmanager
async def centre_in(folder: Path) -> AsyncIterator[Centre]:
    lobby = Lobby(folder, {("web", "tickets"): "here"})
    with running(lobby.file) as port:
        async with open_store(lobby.config, lobby.config.clock()) as store:
            yield Centre(lobby.config, store, f"http://127.0.0.1:{port}")


@pytest_asyncio.fixture(loop_scope="module")
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre_in(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def phone(chromium: Browser) -> AsyncIterator[Page]:
    """A phone that nobody has used yet. Whatever its browser complains of is a fault."""
    context = await chromium.new_context(viewport=PHONE, locale="en-GB")
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security" in line.text else None,
    )
    yield page
    await context.close()
    assert faults == []


async def turn(page: Page, place: str, within: float = 1) -> None:
    """Wait until the page says that it is somebody's turn, and where."""
    await expect(page.locator(".now")).to_contain_text(place, timeout=within * 1000)


# The turn


async def test_the_turn_shows_within_a_second_in_large_letters_and_in_the_title(
    centre: Centre, phone: Page
) -> None:
    await give(centre.store)
    ticket = await give(centre.store)
    await phone.goto(centre.of(ticket))
    await expect(phone.locator("h1")).to_have_text("1 person ahead of you")

    await centre.store.call_next(TWO, [LIBRARY])
    await expect(phone.locator("h1")).to_have_text("You are next", timeout=1000)
    assert (await phone.title()).startswith("K 002 · You are next")

    await centre.store.call_next(TWO, [LIBRARY])
    await turn(phone, "Counter 2")
    assert (await phone.title()).startswith("Your turn: Counter 2")
    place = phone.locator(".now .place")
    assert await size(place) > 50
    # A screen reader says it as well.
    await expect(phone.locator("#say")).to_have_text("Your turn: Counter 2")

    await centre.store.start(TWO)
    await expect(phone.locator("h1")).to_have_text("You are being served", timeout=1000)
    await centre.store.finish(TWO)
    await expect(phone.locator("h1")).to_have_text("Thank you for your visit", timeout=1000)


async def size(locator: Locator) -> float:
    """Return the size of letters, in CSS pixels."""
    text: str = await locator.evaluate("each => getComputedStyle(each).fontSize")
    return float(text.removesuffix("px"))


LISTEN = """
window.heard = {notes: 0, shakes: 0};
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { heard.notes += 1; return start.call(this, at); };
navigator.vibrate = function () { heard.shakes += 1; return true; };
"""
"""Counts what a phone would sound and shake; the sound itself is really made."""


async def test_the_turn_is_felt_and_once_the_sound_is_on_it_is_heard(
    centre: Centre, phone: Page
) -> None:
    await phone.add_init_script(LISTEN)
    quiet, loud = await give(centre.store), await give(centre.store)

    await phone.goto(centre.of(quiet))
    await expect(phone.locator("h1")).to_have_text("You are next")
    await centre.store.call_next(TWO, [LIBRARY])
    await turn(phone, "Counter 2")
    assert await phone.evaluate("heard") == {"notes": 0, "shakes": 1}

    await phone.goto(centre.of(loud))
    await phone.get_by_role("button", name="Turn the sound on").click()
    tried = await phone.evaluate("heard.notes")
    assert tried > 0  # so one knows what to listen for
    await expect(phone.get_by_role("button", name="Turn the sound off")).to_be_visible()
    await centre.store.call_next(TWO, [LIBRARY])
    await turn(phone, "Counter 2")
    assert await phone.evaluate("heard.notes") > tried
    once = await phone.evaluate("heard")
    await centre.store.recall(TWO)
    await phone.wait_for_function("shakes => heard.shakes > shakes", arg=once["shakes"])
    assert await phone.evaluate("heard.notes") > once["notes"]


WATCH = """
window.held = 0;
navigator.wakeLock.request = function () {
  held += 1;
  var lock = new EventTarget();
  lock.release = function () {
    held -= 1;
    lock.dispatchEvent(new Event('release'));
    return Promise.resolve();
  };
  return Promise.resolve(lock);
};
"""
"""Counts what keeps the screen on: a browser without a screen gives no such lock."""


async def test_with_the_sound_on_the_screen_stays_on_for_as_long_as_there_is_a_turn_to_come(
    centre: Centre, phone: Page
) -> None:
    await phone.add_init_script(WATCH)
    ticket = await give(centre.store)
    await phone.goto(centre.of(ticket))
    await expect(phone.locator("h1")).to_have_text("You are next")
    assert await phone.evaluate("held") == 0

    for press, held in (("on", 1), ("off", 0), ("on", 1)):
        await phone.get_by_role("button", name=f"Turn the sound {press}").click()
        await phone.wait_for_function("wanted => held === wanted", arg=held)
    await centre.store.call_next(TWO, [LIBRARY])
    await turn(phone, "Counter 2")
    assert await phone.evaluate("held") == 1  # who is called may be called once more
    await centre.store.finish(TWO)
    await expect(phone.locator("h1")).to_have_text("Thank you for your visit")
    await phone.wait_for_function("held === 0")


async def test_a_page_that_is_opened_during_the_turn_does_not_ring_for_it(
    centre: Centre, phone: Page
) -> None:
    await phone.add_init_script(LISTEN)
    ticket = await give(centre.store)
    await centre.store.call_next(TWO, [LIBRARY])
    async with phone.expect_request("**/events*"):
        await phone.goto(centre.of(ticket))
    await turn(phone, "Counter 2")
    assert await phone.evaluate("heard.shakes") == 0


async def test_from_the_code_on_the_kiosk_to_the_counter(
    centre: Centre, phone: Page, tmp_path: Path
) -> None:
    """Somebody scans the kiosk's screen, follows the page, and is called by a command."""
    other = tmp_path / "kiosk"
    other.mkdir()
    lobby = Lobby(
        other,
        {("web", "url"): centre.address, ("store", "url"): centre.config.store.url},
    )
    argv = [sys.executable, "-m", "kiosk", "--config", str(lobby.file)]
    with Terminal(argv, columns=120, rows=45) as kiosk:
        kiosk.until("Servicepunkten")
        kiosk.press("2")
        kiosk.until(lambda: scanned(kiosk), within=20)
        [code] = scanned(kiosk)
    assert re.fullmatch(rf"{centre.address}/t/[\w-]{{16}}", code)

    await phone.goto(code)
    await expect(phone.locator(".number")).to_have_text("K 001")
    argv = [sys.executable, "-m", "staff", "next", "--counter", "2", "--config", str(lobby.file)]
    command = await asyncio.create_subprocess_exec(
        *argv, "--json", cwd=ROOT, stdout=subprocess.PIPE
    )
    seen = await phone.wait_for_function("() => document.querySelector('.now') && Date.now()")
    answer, _ = await command.communicate()
    called = datetime.fromisoformat(json.loads(answer)["at"])
    assert await seen.json_value() / 1000 - called.timestamp() < 1
    await turn(phone, "Tiski 2")


def scanned(terminal: Terminal) -> list[str]:
    """Return what a phone reads off the screen."""
    return [code.text for code in zxingcpp.read_barcodes(terminal.picture(), try_invert=False)]


# What one can do


async def test_leaving_asks_first(centre: Centre, phone: Page) -> None:
    ticket = await give(centre.store)
    await phone.goto(centre.of(ticket))
    sure = phone.get_by_role("button", name="Yes, leave the queue")
    await expect(sure).to_be_hidden()

    await phone.get_by_text("Leave the queue", exact=True).click()
    await sure.click()

    await expect(phone.locator("h1")).to_have_text("You have left the queue")
    await phone.get_by_role("link", name="Take a number").click()
    await expect(phone.locator("h1")).to_have_text("Take a number")


async def test_the_question_stays_open_while_the_queue_moves(centre: Centre, phone: Page) -> None:
    others = [await give(centre.store) for _ in range(2)]
    ticket = await give(centre.store)
    await phone.goto(centre.of(ticket))
    await phone.get_by_text("Leave the queue", exact=True).click()
    sure = phone.get_by_role("button", name="Yes, leave the queue")
    await sure.focus()

    await centre.store.give_up(others[0].token)

    await expect(phone.locator("h1")).to_have_text("1 person ahead of you")
    await expect(sure).to_be_visible()
    await expect(sure).to_be_focused()


async def test_more_time_moves_one_back(centre: Centre, phone: Page) -> None:
    ticket = await give(centre.store)
    await give(centre.store)
    await phone.goto(centre.of(ticket))

    await phone.get_by_role("button", name="I need more time").click()
    await expect(phone.locator("h1")).to_have_text("1 person ahead of you")

    await phone.get_by_role("button", name="I need more time").click()
    await expect(phone.locator("h1")).to_have_text("1 person ahead of you")
    await expect(phone.get_by_role("button", name="I need more time")).to_have_count(0)


async def test_how_it_went_is_asked_once(centre: Centre, phone: Page) -> None:
    ticket = await give(centre.store)
    await centre.store.call_next(TWO, [LIBRARY])
    await phone.goto(centre.of(ticket))
    await centre.store.finish(TWO)

    await phone.get_by_role("button", name="5: well").click()

    await expect(phone.get_by_text("Thank you for your answer.")).to_be_visible()
    await expect(phone.get_by_text("How did it go?")).to_have_count(0)
    assert (await centre.store.visits([ticket.token]))[ticket.token].score == 5


async def test_a_ticket_is_taken_with_the_code_on_the_display(
    centre: Centre, phone: Page, tmp_path: Path
) -> None:
    argv = [sys.executable, "-m", "display", "--config", str(tmp_path / "config.toml")]
    with Terminal(argv) as display:
        display.until("Koodi vuoronumeron ottamiseen puhelimella")
        [code] = re.findall(r"(\d{4})  Koodi", "\n".join(display.text))
    await phone.goto(f"{centre.address}/")
    await phone.get_by_label("Library").check()
    await phone.get_by_label("Code from the screen in the lobby").fill("x" + code[1:])
    await phone.get_by_role("button", name="Take a number").click()
    # The browser itself asks for digits; who has none of that is refused by the server.
    await phone.get_by_label("Code from the screen in the lobby").fill(code)
    await phone.get_by_role("button", name="Take a number").dblclick()

    await expect(phone.locator(".number")).to_have_text("K 001")
    assert await centre.store.find("K", 2) == ()


async def test_the_language_is_switched_on_the_spot(centre: Centre, phone: Page) -> None:
    ticket = await give(centre.store, language="fi")
    await phone.goto(centre.of(ticket))
    await expect(phone.locator("h1")).to_have_text("Olet seuraavana")
    await phone.get_by_role("link", name="Svenska").click()
    await expect(phone.locator("h1")).to_have_text("Du är näst på tur")
    await centre.store.call_next(TWO, [LIBRARY])
    await turn(phone, "Disk 2")
    assert await phone.context.cookies() == []
    assert await phone.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_everything_is_done_by_keyboard(centre: Centre, phone: Page) -> None:
    ticket = await give(centre.store)
    await give(centre.store)
    await phone.goto(centre.of(ticket))
    reached = []
    for _ in range(12):
        await phone.keyboard.press("Tab")
        name = await phone.evaluate("document.activeElement.textContent.trim()")
        outline = await phone.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        if name and await phone.evaluate("document.activeElement !== document.body"):
            assert outline != "0px", name  # one sees where one is
            reached.append(name)
        if name == "Leave the queue":
            await phone.keyboard.press("Enter")
        if name == "Yes, leave the queue":
            await phone.keyboard.press("Enter")
            break
    assert reached == [
        "Suomi",
        "Svenska",
        "English",
        "Turn the sound on",
        "I need more time",
        "Leave the queue",
        "Yes, leave the queue",
    ]
    await expect(phone.locator("h1")).to_have_text("You have left the queue")


async def test_a_ticket_is_taken_by_keyboard(centre: Centre, phone: Page) -> None:
    code = door_code(await centre.store.door_secret(), centre.config.clock().now())
    await phone.goto(f"{centre.address}/")
    library = phone.get_by_label("Library")
    for _ in range(20):
        await phone.keyboard.press("Tab")
        if await library.evaluate("each => each === document.activeElement"):
            break
    await phone.keyboard.press("Space")
    await expect(library).to_be_checked()
    while not await phone.get_by_label("Code").evaluate("each => each === document.activeElement"):
        await phone.keyboard.press("Tab")
    await phone.keyboard.type(code)
    await phone.keyboard.press("Enter")
    await expect(phone.locator(".number")).to_have_text("K 001")


async def test_without_its_script_a_page_works_by_being_loaded_anew(
    centre: Centre, chromium: Browser
) -> None:
    context = await chromium.new_context(
        viewport=PHONE,
        java_script_enabled=False,
        locale="en-GB",
    )
    page = await context.new_page()
    ticket = await give(centre.store)
    await give(centre.store)
    await page.goto(centre.of(ticket))
    assert '<meta http-equiv="refresh" content="30">' in await page.content()
    await expect(page.get_by_role("button", name="Turn the sound on")).to_be_hidden()
    await page.get_by_role("button", name="I need more time").click()
    await expect(page.locator("h1")).to_have_text("1 person ahead of you")
    await centre.store.call_next(TWO, [LIBRARY])
    await centre.store.call_next(TWO, [LIBRARY])
    await page.get_by_role("link", name="Load the page anew").click()
    await turn(page, "Counter 2", within=5)
    await centre.store.back(TWO)
    await page.reload()
    await page.get_by_text("Leave the queue", exact=True).click()
    await page.get_by_role("button", name="Yes, leave the queue").click()
    await expect(page.locator("h1")).to_have_text("You have left the queue")
    await context.close()


# Losing the network, and coming back


async def test_a_phone_that_was_out_of_reach_says_how_old_it_is_and_catches_up(
    centre: Centre, phone: Page
) -> None:
    await phone.add_init_script(LISTEN)
    ticket = await give(centre.store)
    await phone.goto(centre.of(ticket))
    await expect(phone.locator("h1")).to_have_text("You are next")
    shown = await phone.locator("#as-of").text_content()
    assert shown is not None
    moment = shown.removeprefix("As of ")

    await phone.context.set_offline(offline=True)
    await expect(phone.locator("#lost")).to_have_text(f"Connection lost. As of {moment}.")
    await centre.store.call_next(TWO, [LIBRARY])

    await phone.context.set_offline(offline=False)
    await turn(phone, "Counter 2", within=5)
    await expect(phone.locator("#lost")).to_be_hidden()
    assert await phone.evaluate("heard.shakes") == 1


async def test_pages_outlive_the_program_that_serves_them(
    chromium: Browser, tmp_path: Path
) -> None:
    lobby = Lobby(tmp_path)
    context = await chromium.new_context(viewport=PHONE, locale="en-GB")
    page = await context.new_page()
    async with open_store(lobby.config, lobby.config.clock()) as store:
        ticket = await give(store)
        with ExitStack() as first:
            port = first.enter_context(running(lobby.file))
            await page.goto(f"http://127.0.0.1:{port}/t/{ticket.token}")
            await expect(page.locator("h1")).to_have_text("You are next")
        await expect(page.locator("#lost")).to_contain_text("Connection lost. As of")
        await store.call_next(TWO, [LIBRARY])
        with running(lobby.file, "--port", str(port)):
            await turn(page, "Counter 2", within=20)
            await expect(page.locator("#lost")).to_be_hidden()
            await context.close()


async def test_a_page_that_is_told_to_go_is_loaded_anew(centre: Centre, phone: Page) -> None:
    """That is how yesterday's pages end: what they load is the kind answer."""
    ticket = await give(centre.store)
    loads = 0

    def count(_: Page) -> None:
        nonlocal loads
        loads += 1

    phone.on("load", count)
    await phone.route(
        "**/events*",
        lambda route: route.fulfill(
            content_type="text/event-stream", body="event: gone\ndata: -\n\n"
        ),
        times=1,
    )
    await phone.goto(centre.of(ticket))

    async def is_loaded_again() -> bool:
        return loads == 2

    assert await eventually(is_loaded_again)


# For everyone


async def called(centre: Centre) -> str:
    ticket = await give(centre.store, HEALTH, series="A")
    [errand] = await centre.store.find("A", ticket.number)
    await centre.store.call(FOUR, errand.id)
    return f"/t/{ticket.token}"


async def serving(centre: Centre) -> str:
    path = await called(centre)
    await centre.store.start(FOUR)
    return path


async def parked(centre: Centre) -> str:
    path = await called(centre)
    await centre.store.park(FOUR)
    return path


async def served(centre: Centre) -> str:
    path = await called(centre)
    await centre.store.finish(FOUR)
    return path


async def rated(centre: Centre) -> str:
    path = await served(centre)
    await centre.store.rate(path.rpartition("/")[2], 3)
    return path


async def no_show(centre: Centre) -> str:
    path = await called(centre)
    await centre.store.no_show(FOUR)
    return path


async def left(centre: Centre) -> str:
    ticket = await give(centre.store, HEALTH, series="A")
    await centre.store.give_up(ticket.token)
    return f"/t/{ticket.token}"


async def waiting(centre: Centre) -> str:
    await give(centre.store)
    return f"/t/{(await give(centre.store)).token}"


async def put_off(centre: Centre) -> str:
    path = await waiting(centre)
    await centre.store.put_off(path.rpartition("/")[2], by=timedelta(minutes=5), times=2)
    return path


async def booked(centre: Centre) -> str:
    soon = centre.config.clock().now()
    appointment = Appointment(code="AB123", unit=HEALTH, at=soon)
    await centre.store.import_appointments([appointment])
    ticket = await centre.store.check_in(appointment, series="A", language="en")
    return f"/t/{ticket.token}"


async def several(centre: Centre) -> str:
    ticket = await give(centre.store, LIBRARY, HEALTH, DENTAL)
    await centre.store.call_next(SIX, [DENTAL])
    await centre.store.finish(SIX)
    return f"/t/{ticket.token}"


async def unknown(_: Centre) -> str:
    return "/t/AAAAAAAAAAAAAAAA"


async def front(_: Centre) -> str:
    return "/"


async def empty_board(_: Centre) -> str:
    return "/board"


async def board(_: Centre) -> str:
    return "/board"


STATES: tuple[Callable[[Centre], Awaitable[str]], ...] = (
    empty_board,
    called,
    serving,
    parked,
    served,
    rated,
    no_show,
    left,
    waiting,
    put_off,
    booked,
    several,
    unknown,
    front,
    board,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def long_day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """A centre in which one thing comes after the other."""
    async with centre_in(tmp_path_factory.mktemp("centre")) as made:
        yield made


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=STATES, ids=lambda state: state.__name__
)
async def address(request: pytest.FixtureRequest, long_day: Centre) -> str:
    """Where a page is, in every state in turn."""
    state: Callable[[Centre], Awaitable[str]] = request.param
    return long_day.address + await state(long_day)


async def open_in_full(page: Page, address: str, language: str) -> None:
    """Open a page in a language, and what is folded away on it."""
    await page.goto(f"{address}?lang={language}")
    for summary in await page.locator("summary").all():
        await summary.click()


async def violations(page: Page, **options: object) -> list[str]:
    """Let axe-core look at the page as it is now."""
    found = await Axe().run(page, options={"resultTypes": ["violations"], **options})
    return [
        f"{each['id']}: {node['html']}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]


async def test_everyone_can_use_every_page_in_every_language(phone: Page, address: str) -> None:
    for language in LANGUAGES:
        await open_in_full(phone, address, language)
        assert await phone.locator("html").get_attribute("lang") == language
        assert await violations(phone) == [], language


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_use_what_tells_them_that_something_is_wrong(
    centre: Centre, phone: Page, language: str
) -> None:
    # A form that is not right.
    await phone.goto(f"{centre.address}/?lang={language}")
    await phone.get_by_role("checkbox").first.check()
    await phone.locator("#code").fill("x")
    await phone.locator("form").evaluate("form => { form.noValidate = true; }")
    await phone.locator("button.main").click()
    await expect(phone.get_by_role("alert")).to_be_visible()
    assert await violations(phone) == []

    # What cannot be done any more.
    ticket = await give(centre.store)
    await phone.goto(centre.of(ticket, language))
    await phone.route("**/events*", lambda route: route.abort())  # it does not hear of the call
    await phone.reload()
    await expect(phone.locator("#lost")).to_be_visible()
    assert await violations(phone) == []
    await centre.store.call_next(TWO, [LIBRARY])
    await phone.locator("summary").click()
    await phone.locator("button.grave").click()
    await expect(phone.locator("main.plain")).to_be_visible()
    assert await violations(phone) == []
    await phone.unroute("**/events*")

    # A network from which too much came.
    for _ in range(2):
        await asyncio.gather(
            *(phone.request.get(f"{centre.address}/t/guess-{n}") for n in range(20))
        )
    answer = await phone.goto(f"{centre.address}/t/guess?lang={language}")
    assert answer is not None
    assert answer.status == 429
    assert await violations(phone) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_use_the_front_page_where_phones_take_no_tickets(
    chromium: Browser, tmp_path: Path, language: str
) -> None:
    context = await chromium.new_context(viewport=PHONE)
    page = await context.new_page()
    with running(Lobby(tmp_path).file) as port:
        await page.goto(f"http://127.0.0.1:{port}/?lang={language}")
        await expect(page.locator("form")).to_have_count(0)
        assert await violations(page) == []
        await context.close()


async def test_every_page_is_readable_in_the_dark_and_with_high_contrast(
    phone: Page, address: str
) -> None:
    await open_in_full(phone, address, "fi")
    await phone.emulate_media(color_scheme="dark")
    assert await violations(phone, runOnly=["color-contrast"]) == []
    await phone.emulate_media(contrast="more")
    assert await violations(phone, runOnly=["color-contrast"]) == []


async def test_nothing_runs_over_the_edge_of_a_small_screen_at_200_percent(
    phone: Page, address: str
) -> None:
    for language in LANGUAGES:
        await open_in_full(phone, address, language)
        # At 200 %, a screen of 320 pixels has 160 of the page's own.
        for width, height in ((320, 568), (160, 284), (640, 360), (1280, 800)):
            await phone.set_viewport_size(ViewportSize(width=width, height=height))
            over = await phone.evaluate(
                """() => [...document.querySelectorAll('body *')]
                .filter(each => !each.closest('.unseen') && !each.closest('svg'))
                .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
                .map(each => each.outerHTML)"""
            )
            assert over == [], (width, language)
            assert await phone.evaluate("document.documentElement.scrollWidth") <= width


async def test_what_is_touched_is_large_enough(phone: Page, address: str) -> None:
    await phone.goto(f"{address}?lang=en")
    small = await phone.evaluate(
        """() => [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')]
        .map(each => each.closest('label') || each)
        .filter(each => each.offsetParent && each.getBoundingClientRect().height < 44)
        .map(each => each.outerHTML)"""
    )
    assert small == []


async def test_a_page_is_small_and_asks_nobody_else(
    phone: Page, long_day: Centre, address: str
) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    sizes: list[float] = []
    network = await phone.context.new_cdp_session(phone)
    await network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))

    await phone.goto(address, wait_until="load")

    assert all(url.startswith(f"{long_day.address}/") for url in asked)
    assert len(sizes) >= 3  # the page, its style and its script, with their headers
    assert sum(sizes) < 50_000
    assert await phone.context.cookies() == []


async def test_the_boards_calls_are_said_aloud_as_they_come(centre: Centre, phone: Page) -> None:
    await give(centre.store)
    await phone.goto(f"{centre.address}/board")
    await expect(phone.locator("h1")).to_have_text("Nobody has been called today")
    await expect(phone.locator("#say")).to_have_attribute("role", "status")
    await expect(phone.locator("#say")).to_have_text("")

    await centre.store.call_next(TWO, [LIBRARY])

    await expect(phone.locator("#say")).to_have_text("K 001: Counter 2", timeout=1000)
    await expect(phone.locator(".card")).to_contain_text("K 001")
