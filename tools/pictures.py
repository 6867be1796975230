"""Make the README's pictures, from the real programs in a lobby on a busy morning."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

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
        save(kiosk, "kiosk")
        staff.press("n")
        display.until(lambda: display.bells)
        save(display, "display")
        staff.press("s")
        save(staff, "staff")
        kiosk.press("2")
        kiosk.until("puhelimella")
        save(kiosk, "ticket")


def save(terminal: Terminal, name: str) -> None:
    """Take the picture of what is on the screen once it stands still."""
    terminal.until_quiet()
    picture = terminal.picture(WIDTH // terminal.columns)
    # Few colours: a palette makes the file a third as large.
    picture.quantize(256).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
