"""The kiosk in a terminal of its own: keys and taps as they come, not one by one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shared.model import Appointment, UnitId
from shared.store import open_store
from tests.large_print import large
from tools.lobby import Lobby

AT_REST = "Servicepunkten"
"""On the kiosk's first tile: at rest, it speaks Finnish first."""


@pytest.fixture
def lobby(tmp_path: Path) -> Lobby:
    lobby = Lobby(tmp_path, {("kiosk", "ticket_seconds"): 3})

    async def book() -> None:
        clock = lobby.config.clock()
        async with open_store(lobby.config, clock) as store:
            await store.import_appointments(
                [Appointment(code="AAB11", unit=UnitId("dental"), at=clock.now())]
            )

    asyncio.run(book())
    return lobby


def test_a_code_typed_in_a_rush_is_all_there(lobby: Lobby) -> None:
    with lobby.terminal("kiosk") as kiosk:
        kiosk.until(AT_REST)
        kiosk.press("f6")
        kiosk.until("koodi")
        kiosk.press(*"aab11", "enter")
        kiosk.until(lambda: large(kiosk, "C 001"))
        kiosk.until(AT_REST)
        assert lobby.rows("SELECT appointment FROM ticket") == [("AAB11",)]
        assert kiosk.terminate() == 0


def test_several_units_struck_in_a_rush_are_one_ticket(lobby: Lobby) -> None:
    with lobby.terminal("kiosk") as kiosk:
        kiosk.until(AT_REST)
        kiosk.press("f5", "2", "3", "7", "enter")
        kiosk.until(lambda: large(kiosk, "K 001"))
        assert lobby.rows("SELECT ticket, unit FROM errand ORDER BY id") == [
            (1, "library"),
            (1, "health"),
            (1, "social"),
        ]
        kiosk.until(AT_REST)
        assert kiosk.terminate() == 0


def test_a_key_that_leads_on_and_stays_down_types_nothing_and_takes_nothing(lobby: Lobby) -> None:
    with lobby.terminal("kiosk") as kiosk:
        kiosk.until(AT_REST)
        kiosk.press("f5", "2")
        kiosk.hold("enter", 2)
        kiosk.until(lambda: large(kiosk, "K 001"))
        kiosk.until(AT_REST)
        kiosk.hold("f6", 2)
        kiosk.until("koodi")
        kiosk.press("escape")
        kiosk.until(AT_REST)
        assert lobby.rows("SELECT count(*) FROM ticket") == [(1,)]
        assert kiosk.terminate() == 0
