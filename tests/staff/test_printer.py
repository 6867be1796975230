"""The kiosk's printer at the console: what is wrong with it, and tickets that are printed again."""

from __future__ import annotations

import msgspec
import pytest

from shared.config import Config
from shared.config.shape import NetworkPrinter
from shared.model import CounterId, UnitId
from shared.store import QueueStore
from staff.counter import CounterView
from staff.queue import Queue
from tests.conftest import HandClock
from tests.staff.conftest import OpenConsole, give, speaking

OUT_OF_PAPER = "The printer is out of paper"
SIZES = [(60, 16), (80, 24), (160, 45)]


@pytest.fixture
def config(config: Config) -> Config:
    """A centre whose kiosk has a printer."""
    return msgspec.structs.replace(config, printer=NetworkPrinter(host="127.0.0.1"))


async def printouts(store: QueueStore) -> list[str]:
    """Take all tickets that shall be printed again."""
    found = []
    while (visit := await store.take_printout()) is not None:
        found.append(visit.label)
    return found


# A fault


@pytest.mark.parametrize("size", SIZES)
async def test_a_fault_is_shown_in_every_view_until_it_is_mended(
    console: OpenConsole, store: QueueStore, config: Config, size: tuple[int, int]
) -> None:
    await give(store, config, *["library"] * 5)
    async with console(size=size) as at:
        await at.shows("5 people are waiting")
        before = at.app.query_one(Queue).region
        await store.report_printer(OUT_OF_PAPER)
        await at.shows(f"⚠ {OUT_OF_PAPER}")
        assert at.app.query_one(Queue).region == before  # it takes no room from the work
        await at.press("w")
        await at.shows(f"⚠ {OUT_OF_PAPER}", "The whole centre")
        await at.press("2")
        await at.shows(f"⚠ {OUT_OF_PAPER}", "Enter Call")
        await at.press("escape", "escape")
        await at.shows(f"⚠ {OUT_OF_PAPER}", "Nobody is at the counter")
        await store.report_printer("The printer's cover is open")
        await at.shows("⚠ The printer's cover is open")
        await store.report_printer(None)
        await at.hides("⚠")
        await at.shows("Service point · Library")  # as before


async def test_where_there_is_room_it_is_said_since_when(
    console: OpenConsole, store: QueueStore, clock: HandClock
) -> None:
    await store.report_printer(OUT_OF_PAPER)
    clock.advance(minutes=5)
    async with console(size=(80, 24)) as at:
        await at.shows(f"⚠ {OUT_OF_PAPER} · since 10:42")
        await at.pilot.resize_terminal(60, 16)
        await at.hides("since 10:42")
        await at.shows(f"⚠ {OUT_OF_PAPER}")


@pytest.mark.parametrize(
    ("language", "says"),
    [("fi", "Tulostimen paperi on loppu"), ("sv", "Skrivaren har slut på papper")],
)
async def test_a_fault_is_told_in_the_staffs_language(
    console: OpenConsole, store: QueueStore, config: Config, language: str, says: str
) -> None:
    await store.report_printer(OUT_OF_PAPER)
    async with console(config=speaking(language, config)) as at:
        await at.shows(f"⚠ {says}")


# Printing again


async def test_a_prints_the_newest_ticket_where_nobody_is_at_the_counter(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "dental")
    async with console() as at:
        await at.shows("1 person is waiting", "a Print again")
        await at.press("a")
        await at.shows("C 001 is printed again.")
        assert await printouts(store) == ["C 001"]


async def test_a_prints_the_ticket_at_the_counter_or_rather_the_chosen_one(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library", "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await at.press("a")
        await at.shows("K 001 is printed again.")
        await at.press("down", "a")
        await at.shows("K 002 is printed again.")
        await at.press("a")  # it is still the chosen one
        await at.until(lambda: not at.app.query_one(CounterView).station.busy)
        await at.press("w", "2")
        await at.shows("Enter Call", "K  003")
        await at.press("end", "a")
        await at.shows("K 003 is printed again.")
        assert await printouts(store) == ["K 001", "K 002", "K 002", "K 003"]


async def test_printing_is_no_step_that_is_undone(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await at.press("a")
        await at.shows("K 001 is printed again.")
        await at.press("u")
        await at.shows("Undone: K 001 was called")


async def test_a_chosen_ticket_that_has_gone_is_not_mistaken_for_another(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.shows("2 people are waiting")
        await at.press("down")
        await store.call_next(CounterId("2"), [UnitId("library")])
        await at.shows("K 001 is not in this queue any more.")
        await at.press("escape", "down", "up", "a")
        await at.shows("K 002 is printed again.")
        await store.call_next(CounterId("2"), [UnitId("library")])
        await at.shows("K 002 is not in this queue any more.")
        await at.press("a")
        await at.shows("K 002 is not in this queue any more.")
        assert await printouts(store) == ["K 002"]


async def test_with_a_fault_it_is_said_what_keeps_the_ticket(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    await store.report_printer(OUT_OF_PAPER)
    async with console() as at:
        await at.shows("⚠")
        await at.press("a")
        await at.shows(f"K 001 goes to the printer. {OUT_OF_PAPER}.")
        assert await printouts(store) == ["K 001"]


async def test_a_day_without_tickets_has_nothing_to_print(console: OpenConsole) -> None:
    async with console() as at:
        await at.press("a")
        await at.shows(
            "No ticket has been given today. Print again when somebody has taken a number."
        )


async def test_the_help_knows_the_key(console: OpenConsole) -> None:
    async with console() as at:
        await at.press("question_mark")
        await at.shows("Print the chosen ticket again", "Any key closes this page.")


async def test_a_centre_without_a_printer_has_no_such_key(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    await store.report_printer(OUT_OF_PAPER)  # from before it was taken away
    async with console(config=msgspec.structs.replace(config, printer=None)) as at:
        await at.shows("1 person is waiting")
        await at.press("a")
        assert "Print again" not in at.text
        assert "⚠" not in at.text
        await at.press("question_mark")
        await at.shows("The keys")
        assert "Print the chosen" not in at.text
        assert await printouts(store) == []
