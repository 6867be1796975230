"""The keys about any ticket of a queue: transfer, park, call, head start, leave; and undo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import pytest

from shared.config import Config
from shared.model import Appointment, CounterId, Desk, State, UnitId
from shared.store import QueueStore
from staff.queue import Queue
from staff.transfer import TransferSheet
from tests.conftest import HandClock
from tests.staff.conftest import Console, OpenConsole, give, give_one, speaking

TWO, THREE, FOUR = CounterId("2"), CounterId("3"), CounterId("4")
LIBRARY, HEALTH = UnitId("library"), UnitId("health")


async def desk(store: QueueStore, config: Config, counter: str = "3") -> Desk:
    at = config.counter(counter)
    return await store.desk(at.id, at.units)


def labels(desk: Desk) -> tuple[list[str], list[str]]:
    """Return who waits and who is parked."""
    return [each.label for each in desk.waiting], [each.label for each in desk.parked]


def chosen(at: Console) -> str | None:
    errand = at.app.query_one(Queue).errand
    return errand.label if errand else None


# Transfer


async def test_transfer_in_three_keystrokes(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t")
        await at.shows("Transfer K 001 to …", "3    Health centre", "Esc Cancel")
        await at.press("3")
        await at.shows("K 001 to Health centre: why?", "0    No reason", "1    Wrong queue")
        await at.press("enter")
        await at.shows(
            "Nobody is at the counter",
            "K 001 waits for Health centre now, where no counter is open.",
        )
    [_, moved] = await store.find("K", 1)
    assert (moved.unit, moved.state, moved.origin) == (HEALTH, State.WAITING, LIBRARY)
    assert (moved.reason, moved.back_to) == (None, None)


@pytest.mark.parametrize("keys", [["4"], ["down", "down", "down", "down", "enter"]])
async def test_transfer_with_a_reason_that_the_next_colleague_sees(
    console: OpenConsole, store: QueueStore, config: Config, keys: Sequence[str]
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t")
        await at.press("down", "enter")  # the first is the service point, then the health centre
        await at.shows("K 001 to Health centre: why?")
        await at.press(*keys)
        await at.shows("K 001 waits for Health centre now, where no counter is open.")
    async with console("4") as there:
        await there.shows("K 001", "from Library: A document is missing")
        await there.press("n")
        await there.shows("Called once", "from Library: A document is missing")


async def test_transfer_and_return(console: OpenConsole, store: QueueStore, config: Config) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t")
        await at.shows("c ○ Comes back afterwards")
        await at.press("c")
        await at.shows("c ● Comes back afterwards")
        await at.press("3")
        await at.shows("why?", "c ● Comes back afterwards")
        await at.press("enter")
        await at.shows("Nobody is waiting")
        async with console("4") as there:
            await there.shows("from Library · then back")
            await there.press("n")
            await there.shows("Called")
            await there.press("s")
            await there.shows("Being served")
            await there.press("f")
            await there.shows("Nobody is at the counter")
        await at.shows("1 person is waiting", "K 001", "from Health centre")


async def test_the_toggle_can_be_taken_back(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t", "c")
        await at.shows("● Comes back")
        await at.press("3", "c")
        await at.shows("○ Comes back")
        await at.press("2")
        await at.shows("Nobody is at the counter")
    assert (await store.find("K", 1))[1].back_to is None


@pytest.mark.parametrize("keys", [["escape"], ["3", "escape"]])
async def test_a_transfer_that_is_cancelled_changes_nothing(
    console: OpenConsole, store: QueueStore, config: Config, keys: Sequence[str]
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t", *keys)
        await at.shows("Called once")
    assert [each.state for each in await store.find("K", 1)] == [State.CALLED]


async def test_a_unit_keeps_its_digit_whoever_is_transferred(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give_one(store, config, "library", "health")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t")
        await at.shows("1    Service point", "4    Maternity", "7    Social services")
        assert "Library" not in at.text  # it is there
        assert "Health centre" not in at.text  # it stands in that queue already
        await at.press("2")
        assert isinstance(at.app.screen, TransferSheet)


async def test_without_reasons_a_transfer_is_one_digit(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console(config=msgspec.structs.replace(config, reasons=())) as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t", "3")
        await at.shows("K 001 waits for Health centre now, where no counter is open.")


async def test_a_chosen_ticket_is_transferred_and_not_the_one_at_the_counter(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 4)
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("down", "down", "t")
        await at.shows("Transfer K 003 to …")
        await at.press("3", "enter")
        await at.shows(
            "K 003 waits for Health centre now, where no counter is open.",
            "2 people are waiting",
            "Called",
        )
        assert chosen(at) is None
        await at.press("t")
        await at.shows("Transfer K 001 to …")


async def test_a_ticket_that_another_counter_calls_while_its_transfer_is_asked(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.shows("2 people are waiting")
        await at.press("down", "t")
        await at.shows("Transfer K 001 to …")
        await store.call_next(TWO, [LIBRARY])
        await at.press("3", "enter")
        await at.shows("K 001 was called to counter 2 at 10:42. It is free again when")
    assert [each.unit for each in await store.find("K", 1)] == [LIBRARY]


async def test_a_transfer_is_asked_while_the_counter_is_taken_over(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t")
        await at.shows("Transfer K 001 to …")
        await store.open_counter(THREE, take_over=True)
        await at.until(lambda: not at.app.screen_stack[0].query("CounterView"))
        await at.press("3", "enter")
        await at.shows("Choose your counter", "taken over by another console")
    assert [each.state for each in await store.find("K", 1)] == [State.CALLED]


# Park


async def test_park_the_one_at_the_counter_and_bring_it_back(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await give(store, config, "library", "library", "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called", "p Park")
        clock.advance(minutes=1)
        await at.press("p")
        await at.shows("Nobody is at the counter", "parked since 10:43", "2 people are waiting")
        assert labels(await desk(store, config)) == (["K 002", "K 003"], ["K 001"])
        await at.press("end")
        await at.shows("p Bring back")
        await at.press("p")
        await at.shows("3 people are waiting", "p Park")
        await at.hides("parked since")
        assert labels(await desk(store, config)) == (["K 001", "K 002", "K 003"], [])


async def test_park_a_chosen_one(console: OpenConsole, store: QueueStore, config: Config) -> None:
    await give(store, config, *["library"] * 3)
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("down", "p")
        await at.shows("parked since 10:42", "1 person is waiting", "Called")
        assert labels(await desk(store, config)) == (["K 003"], ["K 002"])
        assert chosen(at) is None


async def test_the_parked_stand_apart_and_the_cursor_passes_over_the_gap(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 4)
    parked = await store.call_next(THREE, [LIBRARY])
    assert parked is not None
    await store.park(THREE)
    async with console() as at:
        await at.shows("K  003", "K  004", "parked since")
        queue = at.app.query_one(Queue)
        assert [row and row.errand.label for row in queue.rows] == [
            "K 002",
            "K 003",
            "K 004",
            None,
            "K 001",
        ]
        await at.press("down", "down", "down", "down")
        assert chosen(at) == "K 001"
        await at.press("up")
        assert chosen(at) == "K 004"
        await at.press("end")
        assert chosen(at) == "K 001"


async def test_only_parked_ones(console: OpenConsole, store: QueueStore, config: Config) -> None:
    await give(store, config, "library", "library")
    for _ in range(2):
        await store.call_next(THREE, [LIBRARY])
        await store.park(THREE)
    async with console() as at:
        await at.shows("Nobody is waiting", "K  001", "K  002")
        await at.press("down", "down", "enter")
        await at.shows("Called", "K 002")
        assert labels(await desk(store, config)) == ([], ["K 001"])


# Call a chosen one


async def test_enter_calls_the_chosen_one_and_ends_the_current(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 4)
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("down", "down", "enter")
        await at.shows("K 003", "2 people are waiting")
        current = (await desk(store, config)).current
        assert current
        assert (current.label, current.state) == ("K 003", State.CALLED)
        assert [each.state for each in await store.find("K", 1)] == [State.SERVED]
        assert chosen(at) is None


async def test_two_counters_call_the_same_one_and_the_second_is_told_who_has_it(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    async with console() as at:
        await at.shows("2 people are waiting")
        await at.press("down")
        at.freeze()
        await store.call_next(TWO, [LIBRARY])
        await at.press("enter")
        await at.shows("K 001 was called to counter 2 at 10:42.")
        assert (await desk(store, config)).current is None


@pytest.mark.parametrize("key", ["t", "p", "enter", "h", "l"])
async def test_a_chosen_one_that_goes_is_told_and_no_other_is_hit_instead(
    console: OpenConsole, store: QueueStore, config: Config, key: str
) -> None:
    await give(store, config, *["library"] * 4)
    async with console() as at:
        await at.press("n")
        await at.shows("3 people are waiting")
        await at.press("down")
        assert chosen(at) == "K 002"
        await store.call_next(TWO, [LIBRARY])
        await at.shows("2 people are waiting", "K 002 is not in this queue any more.")
        assert chosen(at) is None
        await at.press(key)
        await at.shows("K 002 is not in this queue any more.", "Called once")
        assert labels(await desk(store, config)) == (["K 003", "K 004"], [])
        assert (await desk(store, config)).current is not None


async def test_after_a_move_of_the_cursor_the_lost_one_is_forgotten(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 4)
    async with console() as at:
        await at.shows("4 people are waiting")
        await at.press("down")
        await store.call_next(TWO, [LIBRARY])
        await at.shows("K 001 is not in this queue any more.")
        await at.press("down", "p")
        await at.shows("parked since", "2 people are waiting")
        assert labels(await desk(store, config)) == (["K 003", "K 004"], ["K 002"])


async def test_without_a_chosen_ticket_a_key_says_so(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.shows("1 person is waiting")
        for key in ("t", "p", "enter", "h", "l"):
            await at.press(key)
            await at.shows("Choose a ticket in the queue first, with ↑ ↓.")
            assert labels(await desk(store, config)) == (["K 001"], [])
            await at.press("escape")
            await at.hides("Choose a ticket")


# Head start


async def test_a_head_start_is_given_and_taken_back(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await give(store, config, "library", "library")
    clock.advance(minutes=5)
    await give(store, config, "library")
    async with console() as at:
        await at.shows("3 people are waiting")
        await at.press("end", "h")
        await at.shows(
            "Head start of K 003",
            "0  ● No head start",
            "1    With an infant",
            "15 min",
        )
        await at.press("1")
        await at.shows("▲ With an infant", "K 003")
        assert labels(await desk(store, config))[0] == ["K 003", "K 001", "K 002"]
        await at.press("down", "h")
        await at.shows("0    No head start", "1  ● With an infant")
        await at.press("enter")  # as it is
        await at.shows("3 people are waiting")
        await at.press("h", "0")
        await at.hides("With an infant", "Head start of")
        assert labels(await desk(store, config))[0] == ["K 001", "K 002", "K 003"]


async def test_a_head_start_shows_its_sign_in_the_list(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    await give(store, config, "social")
    clock.advance(minutes=20)
    await give(store, config, "library")
    async with console() as at:
        await at.shows("E 001", "K  001   Library")
        await at.press("end", "h", "1")
        await at.shows("K  001 ▲ Library", "E 001")


async def test_a_centre_without_classes_has_no_head_starts(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console(config=msgspec.structs.replace(config, priorities=())) as at:
        await at.shows("1 person is waiting")
        assert "Head start" not in at.text
        await at.press("down", "h")
        assert chosen(at) == "K 001"


# Leave


@pytest.mark.parametrize(("answer", "ends"), [("enter", False), ("escape", False), ("y", True)])
async def test_giving_up_asks_and_ends_all_that_the_ticket_waits_for(
    console: OpenConsole, store: QueueStore, config: Config, answer: str, *, ends: bool
) -> None:
    await give_one(store, config, "library", "health")
    async with console() as at:
        await at.shows("1 person is waiting")
        await at.press("down", "l")
        await at.shows(
            "K 001 does not want to wait any longer?",
            "All that it waits for ends: Library · Health centre.",
            "n  Keep it",
        )
        await at.press(answer)
        await at.shows("K 001 has given up its place." if ends else "1 person is waiting")
    states = {each.state for each in await store.find("K", 1)}
    assert states == {State.LEFT if ends else State.WAITING}


async def test_somebody_who_is_called_elsewhere_meanwhile_has_not_given_up(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give_one(store, config, "library", "health")
    async with console() as at:
        await at.shows("1 person is waiting")
        await at.press("down", "l")
        await at.shows("does not want to wait any longer?")
        await store.call_next(FOUR, [HEALTH])
        await at.press("y")
        await at.shows("K 001 was called to counter 4 at 10:42.")
    assert {each.state for each in await store.find("K", 1)} == {State.WAITING, State.CALLED}


@pytest.mark.parametrize(
    ("language", "yes", "no"), [("fi", "k", "e"), ("sv", "j", "n"), ("en", "y", "n")]
)
async def test_questions_are_answered_in_the_staffs_language_or_in_english(
    console: OpenConsole, store: QueueStore, config: Config, language: str, yes: str, no: str
) -> None:
    await give(store, config, "library", "library")
    async with console(config=speaking(language, config)) as at:
        queue = at.app.query_one(Queue)
        await at.until(lambda: len(queue.rows) == 2)
        await at.press("down", "l")
        await at.shows(f"\n{no}  ", f"\n{yes}  ")
        await at.press(no, "l", "n", "l", yes)
        await at.until(lambda: len(queue.rows) == 1)
        await at.press("down", "l", "y")
        await at.until(lambda: not queue.rows)


# Undo


async def test_undo_says_what_it_undid(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, *["library"] * 3)
    async with console() as at:
        await at.press("u")
        await at.shows("Counter 3 has done nothing since that could be taken back.")
        steps: list[tuple[Sequence[str], str, str]] = [
            (["n"], "Called once", "Undone: K 001 was called"),
            (["down", "enter"], "Called once", "Undone: K 001 was called"),
            (["down", "p"], "parked since", "Undone: K 001 was parked"),
            (["down", "t", "3", "enter"], "now, where", "Undone: K 001 was transferred"),
            (["down", "h", "1"], "▲", "Undone: the head start of K 001 was changed"),
            (["down", "l", "y"], "has given up", "Undone: K 001 gave up waiting"),
        ]
        for keys, done, undone in steps:
            await at.press("escape")
            await at.press(*keys)
            await at.shows(done)
            await at.press("u")
            await at.shows(undone, "3 people are waiting")
            assert labels(await desk(store, config)) == (["K 001", "K 002", "K 003"], [])


async def test_undo_of_what_was_done_at_the_counter(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called once")
        steps: list[tuple[Sequence[str], str, str]] = [
            (["r"], "Called 2 times", "Undone: K 001 was called again"),
            (["s"], "Being served", "Undone: the service of K 001 began"),
            (["f", "y"], "Nobody is at the counter", "Undone: K 001 was finished"),
            (["x", "y"], "Nobody is at the counter", "Undone: K 001 was ended as a no-show"),
            (["k"], "behind the others", "Undone: K 001 went to the back of the queue"),
            (["p"], "parked since", "Undone: K 001 was parked"),
        ]
        for keys, done, undone in steps:
            await at.press(*keys)
            await at.shows(done)
            await at.press("u")
            await at.shows(undone, "Called once")
        await at.press("p")
        await at.shows("parked since")
        await at.press("down", "p")
        await at.shows("1 person is waiting")
        await at.press("u")
        await at.shows("Undone: K 001 was brought back", "parked since")


async def test_undo_is_refused_when_another_counter_has_gone_on_with_the_ticket(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library")
    async with console() as at:
        await at.press("n")
        await at.shows("Called")
        await at.press("t", "3", "enter")
        await at.shows("K 001 waits for Health centre now, where no counter is open.")
        await store.call_next(FOUR, [HEALTH])
        await at.press("u")
        await at.shows("K 001 has gone on since the last step of counter 3.")


# What is shown of a ticket


async def test_an_appointment_shows_its_time(
    console: OpenConsole, store: QueueStore, config: Config, clock: HandClock
) -> None:
    booked = Appointment(
        code="AB1",
        unit=UnitId("social"),
        at=datetime(2026, 11, 24, 10, 30, tzinfo=clock.zone),
    )
    await store.import_appointments([booked])
    await store.check_in(booked, series="E", language="fi")
    await give(store, config, "library")
    async with console() as at:
        await at.shows("E 001", "booked for 10:30")
        await at.press("n")
        await at.shows("Called", "booked for 10:30")


async def test_who_asked_for_more_time_is_marked(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give(store, config, "library", "library")
    late = await give_one(store, config, "library")
    async with console() as at:
        await at.shows("3 people are waiting")
        assert "more time" not in at.text
        await store.put_off(late.token, by=timedelta(minutes=5), times=2)
        await at.shows("Library   asked for more time")
        await store.put_off(late.token, by=timedelta(minutes=5), times=2)
        await at.shows("Library   asked 2 times for more time")
        await at.press("end", "enter")
        await at.shows("Called once", "asked 2 times for more time", "2 people are waiting")


async def test_names_that_the_configuration_has_lost_are_shown_by_their_ids(
    console: OpenConsole, store: QueueStore, config: Config
) -> None:
    await give_one(store, config, "library", "health")
    await store.call_next(TWO, [LIBRARY])
    await store.transfer(TWO, UnitId("social"), reason="document")
    errand = (await store.find("K", 1))[-1]
    await store.head_start(errand.id, config.priorities[0])
    poorer = msgspec.structs.replace(
        config,
        reasons=(),
        priorities=(),
        units=tuple(each for each in config.units if each.id not in {"library", "health"}),
        counters=(msgspec.structs.replace(config.counters[0], id=THREE, units=("social",)),),
    )
    async with console(config=poorer) as at:
        await at.shows("▲ infant · from library: document · also: health")
