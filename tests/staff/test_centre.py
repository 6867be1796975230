"""The whole centre in one look, and the queue of any unit from any counter."""

from __future__ import annotations

import msgspec
import pytest

from shared.config import Config
from shared.model import CounterId, State, UnitId
from shared.store import QueueStore
from staff.centre import CentreView, Standings
from staff.queue import Queue
from staff.unit import UnitView
from tests.conftest import HandClock
from tests.staff.conftest import Console, OpenConsole, give, give_one, kept_waiting

TWO, THREE, FOUR = CounterId("2"), CounterId("3"), CounterId("4")
LIBRARY = UnitId("library")

OLD, GONE = UnitId("old-unit"), CounterId("9")
"""What the configuration does not have any more."""


def line(at: Console, name: str) -> str:
    """Return the line of the unit of this name, with single spaces."""
    for text in at.text.splitlines():
        if name in text:
            return " ".join(text.split())
    return ""


async def test_every_unit_in_one_look(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await store.open_counter(TWO)
    await give(store, config, "health", "library")
    clock.advance(minutes=9)
    await give(store, config, "library")
    clock.advance(minutes=3)
    async with console() as at:
        await at.shows("2 people are waiting")
        await at.press("w")
        await at.shows("The whole centre", "Waiting", "Longest/target", "Open now", "Esc Back")
        await at.until(lambda: line(at, "Library") == "2 K Library 2 ! 12/10 min 2 3")
        assert line(at, "Health") == "3 A Health centre 1 12/30 min –"
        assert line(at, "Home care") == "6 D Home care – 3"
        assert line(at, "Dental") == "5 C Dental clinic – –"


async def test_a_wait_above_the_target_is_marked_as_it_happens(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await give(store, config, "library")
    clock.advance(minutes=10, seconds=59.9)
    async with console() as at:
        await at.shows("1 person is waiting")
        await at.press("w")
        await at.until(lambda: line(at, "Library") == "2 K Library 1 10/10 min 3")
        clock.advance(seconds=0.1)
        await at.until(lambda: line(at, "Library") == "2 K Library 1 ! 11/10 min 3")


async def test_it_is_live(console: OpenConsole, store: QueueStore, config: Config) -> None:
    async with console() as at:
        await at.shows("Nobody is waiting")
        await at.press("w")
        await at.until(lambda: line(at, "Dental") == "5 C Dental clinic – –")
        await give(store, config, "dental")
        await at.until(lambda: line(at, "Dental") == "5 C Dental clinic 1 0/30 min –")
        session = await store.open_counter(CounterId("6"))
        assert session is not None
        await at.until(lambda: line(at, "Dental") == "5 C Dental clinic 1 0/30 min 6")
        await store.pause_counter(session, paused=True)
        await at.until(lambda: line(at, "Dental") == "5 C Dental clinic 1 0/30 min –")


@pytest.mark.parametrize("key", ["escape", "w"])
async def test_there_and_back(
    console: OpenConsole, store: QueueStore, config: Config, key: str
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await at.press("down", "w")
        await at.shows("The whole centre")
        await at.press("3")
        await at.shows("Counter 3", "Health centre", "Nobody is waiting", "Enter Call")
        await at.press(key)
        await at.shows("The whole centre")
        assert not at.app.query(UnitView)
        await at.press(key)
        await at.shows("Called once", "1 person is waiting")
        assert not at.app.query(CentreView)
        errand = at.app.query_one(Queue).errand
        assert errand
        assert errand.label == "K 002"  # the cursor is where it was
        await at.press("n")
        await at.shows("Nobody is waiting", "K 002")


async def test_what_happened_meanwhile_is_shown_on_the_way_back(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    async with console() as at:
        await at.shows("Nobody is waiting")
        await at.press("w")
        await at.shows("The whole centre")
        await give(store, config, "library")
        await at.until(lambda: "0/10 min" in line(at, "Library"))
        await at.press("w")
        await at.shows("1 person is waiting")


async def test_a_ticket_of_a_unit_that_the_counter_does_not_serve_is_called_to_it(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "dental", "dental")
    async with console() as at:
        await at.shows("Nobody is waiting")
        await at.press("w", "5")
        await at.shows("Dental clinic", "2 people are waiting", "C  001", "Enter Call")
        await at.press("down", "enter")
        await at.shows("Called once", "Dental clinic", "C 002")
        assert not at.app.query(CentreView)
        assert [each.counter for each in await store.find("C", 2)] == [THREE]


async def test_the_keys_of_the_queue_work_there_too(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "dental", "dental", "dental")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await at.press("w", "5")
        await at.shows("3 people are waiting")
        await at.press("p")  # the cursor is on the first one
        await at.shows("2 people are waiting", "parked since 10:42")
        await at.press("u")
        await at.shows("Undone: C 001 was parked", "3 people are waiting")
        await at.press("down", "t", "3", "enter")
        await at.shows(
            "C 001 waits for Health centre now, where no counter is open.", "2 people are waiting"
        )
        await at.press("down", "l", "y")
        await at.shows("C 002 has given up its place.", "1 person is waiting")
        await at.press("down", "h", "1")
        await at.shows("▲")
        await at.press("p")  # nobody is chosen: it is not about who is at the counter
        await at.shows("Choose a ticket in the queue first")
        await at.press("escape")
        await at.shows("The whole centre")
        await at.press("escape")
        await at.shows("Called once", "K 001")


async def test_calling_from_there_ends_a_break(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "dental")
    async with console() as at:
        await at.press("b", "1")
        await at.shows("On break since 10:42")
        await at.press("w", "5")
        await at.shows("1 person is waiting")
        await at.press("enter")
        await at.shows("Called once")
        await at.hides("On break")
        session = await store.session(THREE)
        assert session
        assert session.break_since is None


async def test_being_taken_over_behind_the_centre(console: OpenConsole, store: QueueStore) -> None:
    async with console() as at:
        await at.shows("Nobody is waiting")
        await at.press("w", "3")
        await at.shows("Health centre", "Enter Call")
        await store.open_counter(THREE, take_over=True)
        await at.shows("Choose your counter", "taken over by another console")
        await at.press("2")
        await at.shows("Counter 2", "Nobody is at the counter")


async def test_leaving_from_there_asks_as_well(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        await at.press("w")
        await at.shows("The whole centre")
        await at.press("q")
        await at.shows("K 001 is still at the counter.")
        await at.press("y")
        await at.ended()
    assert await store.session(THREE) is None


async def test_the_eleventh_unit_is_reached_by_the_arrows(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    units = [
        msgspec.structs.replace(config.units[0], id=UnitId(f"u{n}"), name={"en": f"Unit {n}"})
        for n in range(1, 12)
    ]
    many = msgspec.structs.replace(config, units=(*units, *config.units))
    await store.issue([UnitId("u11")], series="P", language="fi")
    async with console(config=many, size=(60, 16)) as at:
        await at.press("w")
        await at.shows("9 ", "Unit 9")
        await at.press(*["down"] * 10)
        await at.shows("Unit 11")
        await at.press("enter")
        await at.shows("Unit 11", "1 person is waiting", "P  001")


async def test_more_counters_than_there_is_room_for(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    counters = [
        msgspec.structs.replace(config.counters[1], id=CounterId(str(number)))
        for number in range(10, 30)
    ]
    for counter in counters:
        await store.open_counter(counter.id)
    many = msgspec.structs.replace(config, counters=(*counters, config.counter("3")))
    async with console(None, config=many, size=(60, 16)) as at:
        await at.press("end", "enter")
        await at.shows("Nobody is at the counter")
        await at.press("w")
        await at.until(lambda: "…" in line(at, "Library"))
        [library] = [text for text in at.text.splitlines() if "Library" in text]
        [social] = [text for text in at.text.splitlines() if "Social" in text]
        assert library.index("–") == social.index("–")


# A slow store: what came of a key is told also where one has gone meanwhile


async def test_a_refusal_is_told_after_the_queue_was_left(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("w", "2")
        await at.shows("1 person is waiting")
        at.freeze()
        await store.call_next(TWO, [LIBRARY])
        with kept_waiting(config):
            await at.press("p", "escape")
            await at.until(lambda: not at.app.query(UnitView))
        await at.shows("K 001 was called to counter 2 at 10:42.", "The whole centre")
        await at.press("escape", "n")  # the next key is not kept waiting
        await at.shows("Nobody is waiting. Call again when someone has taken a number.")


async def test_what_was_done_is_told_after_the_queue_was_left(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "dental")
    async with console() as at:
        await at.press("w", "5")
        await at.shows("1 person is waiting")
        with kept_waiting(config):
            await at.press("l", "y", "escape", "escape")
            await at.until(lambda: not at.app.query(CentreView))
        await at.shows("C 001 has given up its place.", "Nobody is at the counter", "u Undo")


async def test_a_refusal_is_told_after_the_counter_was_closed(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.shows("1 person is waiting")
        at.freeze()
        await store.call_next(TWO, [LIBRARY])
        with kept_waiting(config):
            await at.press("down", "p", "b", "2")
            await at.shows("Choose your counter")
        await at.shows("K 001 was called to counter 2 at 10:42.", "Choose your counter")


async def test_whoever_was_called_is_shown_after_the_queue_was_left(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "dental")
    async with console() as at:
        await at.press("w", "5")
        await at.shows("1 person is waiting")
        with kept_waiting(config):
            await at.press("enter", "escape")
            await at.shows("The whole centre")
        await at.shows("Called once", "C 001")
        assert not at.app.query(CentreView)


async def test_whoever_has_left_the_centre_is_not_taken_from_where_they_are(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    await store.call_next(GONE, [LIBRARY])
    async with console() as at:
        await at.press("w")
        await at.shows("at counter 9")
        with kept_waiting(config):
            await at.press("8", "y", "escape")
            await at.until(lambda: not at.app.query(CentreView))
        await at.shows("K 001 is parked now.", "Nobody is at the counter")
        assert not at.app.query(UnitView)


# Units that the configuration has lost


async def test_people_of_a_lost_unit_are_announced_shown_called_and_transferred(
    console: OpenConsole, store: QueueStore
) -> None:
    for _ in range(3):
        await store.issue([OLD], series="O", language="fi")
    async with console() as at:
        await at.shows(
            "People wait for “old-unit” (3): not in the configuration any more. Press w."
        )
        await at.press("w")
        await at.hides("Press w.")
        await at.until(lambda: line(at, "old-unit") == "8 ? old-unit 3 0 min removed")
        await at.press("8")
        await at.shows("old-unit", "3 people are waiting")
        await at.press("t", "3", "enter")
        await at.shows(
            "O 001 waits for Health centre now, where no counter is open.", "2 people are waiting"
        )
        await at.press("down", "enter")
        await at.shows("Called once", "O 002", "old-unit")
        await at.press("s")
        await at.shows("Being served")
        await at.press("f")
        await at.shows("Nobody is at the counter")
    assert [each.state for each in await store.find("O", 2)] == [State.SERVED]
    [_, moved] = await store.find("O", 1)
    assert (moved.unit, moved.state) == (UnitId("health"), State.WAITING)


async def test_who_is_parked_at_a_lost_unit_is_not_lost(
    console: OpenConsole, store: QueueStore
) -> None:
    for _ in range(2):
        await store.issue([OLD], series="O", language="fi")
        await store.call_next(FOUR, [OLD])
        await store.park(FOUR)
    async with console() as at:
        await at.shows("People wait for “old-unit” (2): not in the configuration any more.")
        await at.press("w")
        await at.until(lambda: line(at, "old-unit") == "8 ? old-unit – 2 parked removed")
        await at.press("8")
        await at.shows("old-unit", "Nobody is waiting", "O  001", "O  002", "p Bring back")
        await at.press("t", "3", "enter")
        await at.shows("O 001 waits for Health centre now.")
        await at.hides("O  001")
        await at.press("end", "enter")
        await at.shows("Called 2 times", "O 002", "old-unit")
        await at.press("w")
        await at.hides("old-unit")


async def test_a_ticket_at_a_lost_counter_is_announced_and_can_be_taken_from_it(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await give(store, config, "library", "library")
    await store.call_next(GONE, [LIBRARY])
    clock.advance(minutes=4)
    async with console() as at:
        await at.shows("K 001 is at counter 9: not in the configuration any more. Press w.")
        await at.press("w")
        await at.until(lambda: line(at, "at counter 9") == "8 K 001 at counter 9 – 4 min removed")
        await at.press("8")
        await at.shows("Take K 001 from counter 9?")
        await at.press("enter")  # the safe answer
        await at.hides("Take K 001")
        assert [each.state for each in await store.find("K", 1)] == [State.CALLED]
        await at.press("8", "y")
        await at.shows(
            "K 001 is parked now.", "Library", "parked since 10:46", "1 person is waiting"
        )
        await at.press("enter")  # the cursor is on it
        await at.shows("Called 2 times", "K 001")
        assert [each.counter for each in await store.find("K", 1)] == [THREE]
        await at.press("w")
        await at.hides("at counter 9")


async def test_somebody_who_is_called_from_a_lost_counter_meanwhile_is_not_taken_from_there(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    await store.call_next(GONE, [LIBRARY])
    async with console() as at:
        await at.press("w")
        await at.shows("at counter 9")
        at.freeze()
        await store.back(GONE)
        await store.call_next(TWO, [LIBRARY])
        await at.press("8", "y")
        await at.shows("K 001 was called to counter 2 at 10:42.", "The whole centre")
    assert [each.state for each in await store.find("K", 1)] == [State.CALLED]


async def test_a_counter_that_its_own_console_still_knows_is_not_lost(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    session = await store.open_counter(GONE)
    assert session is not None
    await give(store, config, "library")
    await store.call_next(GONE, [LIBRARY])
    async with console() as at:
        await at.press("w")
        await at.shows("The whole centre")
        assert "at counter 9" not in at.text
        await store.close_counter(session)
        await at.shows("at counter 9")


async def test_a_lost_unit_goes_from_the_list_once_nobody_waits_for_it(
    console: OpenConsole, store: QueueStore
) -> None:
    await store.issue([OLD], series="O", language="fi")
    async with console() as at:
        await at.press("w")
        await at.until(lambda: line(at, "old-unit"))
        await at.press("end")
        await store.call_next(FOUR, [OLD])
        await at.hides("old-unit")
        standings = at.app.query_one(Standings)
        assert standings.cursor == 0
        await at.press("3")
        await at.shows("Health centre", "Nobody is waiting")


async def test_nothing_is_announced_while_all_units_are_known(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give_one(store, config, "dental", "health")
    async with console() as at:
        await at.shows("Nobody is waiting")
        assert "configuration" not in at.text


async def test_who_is_at_another_counter_is_counted_here_too_and_told_apart(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give_one(store, config, "service-point", "library", "social")
    await give(store, config, "library")
    await store.call_next(CounterId("1"), [UnitId("service-point")])
    async with console() as at:
        await at.shows("2 people are waiting · 1 at another counter", "K 001")
        await at.press("w")
        await at.until(lambda: line(at, "Library").startswith("2 K Library 2 "))
        await at.press("2")
        await at.shows("Library", "2 people are waiting · 1 at another counter")
        await at.press("escape", "escape", "n")
        await at.shows("1 person is waiting · 1 at another counter", "Nobody can be called now")
        await at.press("n")
        await at.shows("Nobody can be called now. Call again when someone has taken a number.")
        await store.finish(CounterId("1"))
        await at.shows("1 person is waiting", "P  001")
        assert "at another counter" not in at.text


async def test_who_is_put_aside_does_not_wait_though_they_are_at_another_counter(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give_one(store, config, "service-point", "library")
    [here, library] = await store.find("P", 1)
    await store.park(THREE, errand=library.id)
    await store.call(CounterId("1"), here.id)
    async with console() as at:
        await at.shows("Nobody is waiting")
