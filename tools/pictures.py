"""Make the README's pictures, from the real programs in a lobby on a busy morning."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright

from shared.clock import Clock
from shared.config import Config
from shared.store import open_store
from tools.lobby import ROOT, Lobby
from tools.terminal import Terminal

PICTURES = ROOT / "docs" / "pictures"
WIDTH = 1200
"""Pixels, about: whole ones for each column."""

OPENED = timedelta(minutes=100)
"""How long ago the doors were opened."""

PHONE = ViewportSize(width=360, height=720)

BUSY = {
    "service-point": 5,
    "library": 6,
    "health": 7,
    "maternity": 2,
    "dental": 2,
    "home-care": 1,
    "social": 2,
}
"""How many people come to a unit, compared with the others; one, to a unit not named here."""


def main() -> None:
    """Make all of them."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        changes = {
            ("web", "url"): "https://vuoro.example.org",
            ("centre", "time_zone"): morning(datetime.now(UTC)),
            ("display", "call_seconds"): 60,  # long enough to be photographed
        }
        lobby = Lobby(Path(folder), changes)
        asyncio.run(live_through_the_morning(lobby.config))
        take_pictures(lobby)
        take_pictures_of_a_phone(lobby)


def morning(now: datetime) -> str:
    """Return a time zone in which it is between ten and eleven."""
    east = (10 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-east:+d}"  # whose signs are the other way round


async def live_through_the_morning(config: Config) -> None:
    """Let people come and be called, minute by minute, until now."""
    chance = random.Random(10)  # noqa: S311 – the same morning every time
    end = config.clock().now() - timedelta(minutes=1)
    moment = end - OPENED
    zone = config.clock().zone
    weights = [BUSY.get(unit.id, 1) for unit in config.units]
    async with open_store(config, Clock(zone, lambda: moment)) as store:
        while moment < end:
            if chance.random() < 0.8:
                [unit] = chance.choices(config.units, weights)
                language = chance.choice(config.centre.languages)
                await store.issue([unit.id], series=unit.series, language=language)
            for counter in config.counters:
                if chance.random() < 0.1:
                    await store.call_next(counter.id, counter.units)
            moment += timedelta(minutes=1)


def take_pictures(lobby: Lobby) -> None:
    """Open the programs, and take the picture of each where it has something to show."""
    still = {"TEXTUAL_ANIMATIONS": "none"}
    with (
        lobby.terminal("kiosk") as kiosk,
        lobby.terminal("staff", "--counter", "3") as staff,
        lobby.terminal("display", columns=120, rows=34, env=still) as display,
    ):
        kiosk.until("Servicepunkten")
        staff.until("Tiski 3")
        display.until("K")
        photograph(kiosk, "kiosk")
        staff.press("n")
        display.until(lambda: display.bells)
        photograph(display, "display")
        staff.press("s")
        photograph(staff, "staff")
        kiosk.press("2")
        kiosk.until("Enter Valmis")
        photograph(kiosk, "ticket")


def take_pictures_of_a_phone(lobby: Lobby) -> None:
    """Follow the ticket that was given last on a phone, until it is called."""
    path = shutil.which("chromium")
    if path is None:
        sys.exit("There is no Chromium here: apt-get install chromium. The phone's are as before.")
    [(token, series, number)] = lobby.rows(
        "SELECT token, series, number FROM ticket ORDER BY id DESC LIMIT 1"
    )
    with serving(lobby) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        page = browser.new_page(viewport=PHONE, device_scale_factor=1.5)
        page.goto(f"{address}t/{token}")
        save(Image.open(BytesIO(page.screenshot())), "phone")
        lobby.run("staff", "call", f"{series}{number}", "--counter", "2")
        page.wait_for_selector(".now")
        save(Image.open(BytesIO(page.screenshot())), "turn")
        browser.close()


@contextmanager
def serving(lobby: Lobby) -> Iterator[str]:
    """Serve the pages for phones; yield where."""
    argv = lobby.argv("web", "--port", "0")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None  # noqa: S101 – for mypy
        yield program.stdout.readline().strip()
        program.terminate()


def photograph(terminal: Terminal, name: str) -> None:
    """Take the picture of what is on the screen once it stands still."""
    terminal.until_quiet()
    save(terminal.picture(WIDTH // terminal.columns), name)


def save(picture: Image.Image, name: str) -> None:
    """Write a picture with few colours: a palette makes the file a third as large."""
    picture.convert("RGB").quantize(256).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
