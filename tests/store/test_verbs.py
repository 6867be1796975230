"""Every verb in every state of an errand: what it does where it is allowed, why it is refused."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from shared.errors import RefusedError
from shared.model import (
    AT_COUNTER,
    NOBODY,
    Call,
    CounterId,
    Errand,
    ErrandId,
    State,
    Ticket,
    Undone,
    UnitId,
    Visit,
)
from shared.store import QueueStore
from tests.conftest import HandClock
from tests.store.lobby import (
    ALL,
    HEALTH,
    INFANT,
    LIBRARY,
    ONE,
    SERVICE,
    TWO,
    at,
    errand_of,
    give,
    parked,
    queue,
    views,
)

Act = Callable[[QueueStore, ErrandId], Awaitable[Errand | Call | Undone | Visit | None]]

# About whoever is at counter 1. The table says what becomes of the errand of K 001, "-" that the
# verb is refused. "Here" is counter 1, "there" is counter 2. Behind K 001, A 001 waits too.

AT_THE_COUNTER: dict[str, Act] = {
    "call_next": lambda store, _: store.call_next(ONE, [LIBRARY]),
    "recall": lambda store, _: store.recall(ONE),
    "start": lambda store, _: store.start(ONE),
    "finish": lambda store, _: store.finish(ONE),
    "no_show": lambda store, _: store.no_show(ONE),
    "back": lambda store, _: store.back(ONE),
    "park": lambda store, _: store.park(ONE),
    "transfer": lambda store, _: store.transfer(ONE, SERVICE),
    "undo": lambda store, _: store.undo(ONE),
}

WHAT_THEY_DO = """
               call_next    recall  start    finish  no_show  back     park    transfer     undo
waiting        called       -       -        -       -        -        -       -            -
called here    served       called  serving  served  no_show  waiting  parked  transferred  waiting
serving here   served       -       -        served  -        -        parked  transferred  called
called there   called       -       -        -       -        -        -       -            -
serving there  serving      -       -        -       -        -        -       -            -
served         served       -       -        -       -        -        -       -            called
no-show        no_show      -       -        -       -        -        -       -            called
sent back      waiting      -       -        -       -        -        -       -            called
parked         parked       -       -        -       -        -        -       -            waiting
transferred    transferred  -       -        -       -        -        -       -            waiting
left           left         -       -        -       -        -        -       -            waiting
expired        expired      -       -        -       -        -        -       -            -
undone         undone       -       -        -       -        -        -       -            -
"""

# About the errand of K 001, wherever it is.

CHOSEN: dict[str, Act] = {
    "call it": lambda store, it: store.call(ONE, it),
    "park it": lambda store, it: store.park(ONE, errand=it),
    "resume it": lambda store, it: store.resume(ONE, it),
    "transfer it": lambda store, it: store.transfer(ONE, SERVICE, errand=it),
    "leave": lambda store, it: store.leave(it, counter=ONE),
    "head start": lambda store, it: store.head_start(it, INFANT, counter=ONE),
}

WHAT_THEY_DO_WITH_IT = """
               call it  park it  resume it  transfer it  leave  head start
waiting        called   parked   -          transferred  left   waiting
called here    -        parked   -          transferred  -      -
serving here   -        parked   -          transferred  -      -
called there   -        -        -          -            -      -
serving there  -        -        -          -            -      -
served         -        -        -          -            -      -
no-show        -        -        -          -            -      -
sent back      called   parked   -          transferred  left   waiting
parked         called   -        waiting    transferred  left   parked
transferred    -        -        -          -            -      -
left           -        -        -          -            -      -
expired        -        -        -          -            -      -
undone         -        -        -          -            -      -
"""

# What the resident of K 001 does.

OF_THE_RESIDENT: dict[str, Callable[[QueueStore, str], Awaitable[Visit]]] = {
    "put off": lambda store, token: store.put_off(token, by=timedelta(minutes=5), times=1),
    "give up": lambda store, token: store.give_up(token),
    "rate": lambda store, token: store.rate(token, 4),
}

WHAT_RESIDENTS_DO = """
               put off      give up      rate
waiting        waiting      left         -
called here    waiting      -            -
serving here   -            -            -
called there   waiting      -            -
serving there  -            -            -
served         -            -            served
no-show        -            -            no_show
sent back      waiting      left         -
parked         -            left         -
transferred    transferred  transferred  -
left           -            -            left
expired        -            -            -
undone         -            -            undone
"""

# About whoever is at counter 1, if it is K 001: as without that where it is, refused elsewhere.

IF_IT_IS_THERE: dict[str, Act] = {
    "call_next": lambda store, it: store.call_next(ONE, [LIBRARY], errand=it),
    "recall": lambda store, it: store.recall(ONE, errand=it),
    "start": lambda store, it: store.start(ONE, errand=it),
    "finish": lambda store, it: store.finish(ONE, errand=it),
    "no_show": lambda store, it: store.no_show(ONE, errand=it),
    "back": lambda store, it: store.back(ONE, errand=it),
}

HERE = re.compile("(called|serving) here")

Cell = tuple[str, str, State | None]
"""A verb, where the errand was, and what becomes of it."""


def cells(table: str) -> list[Cell]:
    head, *rows = [re.split(r"  +", line.strip()) for line in table.strip().splitlines()]
    return [
        (verb, where, None if state == "-" else State(state))
        for where, *states in rows
        for verb, state in zip(head, states, strict=True)
    ]


def name(cell: object) -> str:
    return str(cell) if cell else "refused"


WAYS: dict[str, list[Act]] = {
    "waiting": [],
    "called here": [CHOSEN["call it"]],
    "serving here": [CHOSEN["call it"], AT_THE_COUNTER["start"]],
    "called there": [lambda store, it: store.call(TWO, it)],
    "serving there": [lambda store, it: store.call(TWO, it), lambda store, _: store.start(TWO)],
    "served": [CHOSEN["call it"], AT_THE_COUNTER["finish"]],
    "no-show": [CHOSEN["call it"], AT_THE_COUNTER["no_show"]],
    "sent back": [CHOSEN["call it"], AT_THE_COUNTER["back"]],
    "parked": [CHOSEN["park it"]],
    "transferred": [lambda store, it: store.transfer(ONE, HEALTH, errand=it)],
    "left": [CHOSEN["leave"]],
    "expired": [],
    "undone": [],
}
"""How an errand that waits gets to where the tables have it."""


async def bring(store: QueueStore, clock: HandClock, where: str) -> ErrandId:
    """Bring the errand of K 001 to where it shall be; A 001 waits behind it."""
    return (await bring_ticket(store, clock, where))[0]


async def bring_ticket(store: QueueStore, clock: HandClock, where: str) -> tuple[ErrandId, Ticket]:
    ticket = await give(store)
    it = (await errand_of(store, ticket)).id
    await give(store, series="A")
    clock.advance(minutes=1)
    for act in WAYS[where]:
        await act(store, it)
    if where == "undone":
        before, it = it, (await store.transfer(ONE, HEALTH, errand=it)).id
        await store.undo(ONE)
        await store.leave(before)
    if where == "expired":
        clock.advance(days=1)
        await give(store, series="A")
    clock.advance(minutes=1)
    return it, ticket


async def refusal(store: QueueStore, act: Act, it: ErrandId) -> RefusedError:
    """Return why a verb is refused: it says so in full, and has changed nothing at all."""

    async def everything() -> object:
        found = [await store.find(series, 1) for series in "KAP"]
        return await views(store), found, await store.calls(None, limit=100)

    before = await everything()
    with pytest.raises(RefusedError) as refused:
        await act(store, it)
    assert await everything() == before
    assert all(refused.value.told())
    return refused.value


def told(verb: str, where: str) -> list[tuple[str, CounterId, bool]]:
    """Return what the lobby is told: a new call, or one that does not hold any more."""
    match verb, where:
        case ("call it" | "recall", _) | ("call_next", "waiting"):
            return [("K 001", ONE, False)]
        case ("call_next", _):
            return [("A 001", ONE, False)]
        case "undo", "sent back":
            return [("K 001", ONE, False)]
        case ("back", _) | ("undo", "called here"):
            return [("K 001", ONE, True)]
        case _:
            return []


@pytest.mark.parametrize(
    ("verb", "where", "state"), cells(WHAT_THEY_DO) + cells(WHAT_THEY_DO_WITH_IT), ids=name
)
async def test_every_verb_in_every_state(
    store: QueueStore, clock: HandClock, verb: str, where: str, state: State | None
) -> None:
    it = await bring(store, clock, where)
    if state is None:
        refused = await refusal(store, (AT_THE_COUNTER | CHOSEN)[verb], it)
        chosen = verb in CHOSEN
        assert ("K 001" if chosen or HERE.match(where) else "ounter 1") in refused.message
        if chosen and where.endswith(" there"):
            assert "counter 2 at 10:43" in refused.message
        return

    known = await store.calls(None, limit=100)
    answer = await (AT_THE_COUNTER | CHOSEN)[verb](store, it)
    calls = await store.calls(None, limit=100)
    fresh = calls[: len(calls) - len(known)]
    assert [(call.label, call.counter, call.withdrawn) for call in fresh] == told(verb, where)
    assert calls[len(fresh) :] == known
    match answer:
        case Errand() if verb.startswith("transfer"):
            assert (answer.label, answer.unit, answer.state) == ("K 001", SERVICE, State.WAITING)
        case Errand():
            assert (answer.id, answer.state) == (it, state)
        case Undone():
            assert (answer.errand.id, answer.errand.state) == (it, state)
        case _:
            assert (answer,) == fresh

    # K 001, and A 001 behind it, are where they should be and nowhere else.
    follows = ("A 001", ONE, False) in told(verb, where)
    at_one, at_two = [(await store.desk(counter, ALL)).current for counter in (ONE, TWO)]
    held = state in AT_COUNTER
    there = where.endswith(" there")
    assert [at_one and at_one.label, at_two and at_two.label] == [
        "A 001" if follows else "K 001" if held and not there else None,
        "K 001" if held and there else None,
    ]
    waits, behind = ["K 001"] * (state is State.WAITING), ["A 001"] * (not follows)
    assert await queue(store, LIBRARY) == (behind + waits if verb == "back" else waits + behind)
    assert await queue(store, SERVICE) == ["K 001"] * verb.startswith("transfer")
    assert await parked(store) == ["K 001"] * (state is State.PARKED)

    # And the errand itself tells the same.
    if where == "expired":
        clock.advance(days=-1)
    [errand] = [each for each in await store.find("K", 1) if each.id == it]
    made = [call.counter for call in calls if call.errand == it and not call.withdrawn]
    match verb, where:
        case "undo", "called here":
            made = []
        case "undo", "sent back":
            made = [ONE]  # the lobby hears of that call twice
    assert (errand.state, errand.calls) == (state, len(made))
    assert errand.counter == (made[0] if made else None)
    if verb not in {"call_next", "undo", "head start"}:
        assert errand.since == clock.now()


@pytest.mark.parametrize(("verb", "where", "state"), cells(WHAT_RESIDENTS_DO), ids=name)
async def test_every_verb_of_a_resident_in_every_state(
    store: QueueStore, clock: HandClock, verb: str, where: str, state: State | None
) -> None:
    it, ticket = await bring_ticket(store, clock, where)
    visits = await store.visits([ticket.token])
    act = OF_THE_RESIDENT[verb]
    if state is None:
        refused = await refusal(store, lambda store, _: act(store, ticket.token), it)
        assert where == "expired" or "K 001" in refused.message
        assert await store.visits([ticket.token]) == visits
        return

    known = await store.calls(None, limit=100)
    visit = await act(store, ticket.token)
    assert await store.visits([ticket.token]) == {ticket.token: visit}
    assert visit.score == (4 if verb == "rate" else None)
    # The lobby is told that who was called does not come.
    calls = await store.calls(None, limit=100)
    fresh = calls[: len(calls) - len(known)]
    called = verb == "put off" and where.startswith("called")
    counter = TWO if where.endswith(" there") else ONE
    assert [(call.label, call.counter, call.withdrawn) for call in fresh] == (
        [("K 001", counter, True)] if called else []
    )
    assert await at(store, ONE) is await at(store, TWO) is None

    # What waits does so behind the next one, or not at all; nothing else has changed.
    [errand] = [each for each in await store.find("K", 1) if each.id == it]
    assert errand.state == state
    waits = ["K 001"] if state is State.WAITING else []
    assert await queue(store, LIBRARY) == ["A 001", *waits]
    goes_on = where == "transferred" and verb != "give up"
    assert await queue(store, HEALTH) == ["K 001"] * goes_on
    assert [stop.state for stop in visit.stops] == (
        [State.WAITING if goes_on else State.LEFT]
        if where in {"transferred", "undone"}
        else [state]
    )
    assert await parked(store) == []


@pytest.mark.parametrize(
    ("verb", "where", "state"),
    [cell for cell in cells(WHAT_THEY_DO_WITH_IT) if not HERE.match(cell[1])],
    ids=name,
)
async def test_every_verb_about_a_chosen_one_while_somebody_else_is_at_the_counter(
    store: QueueStore, clock: HandClock, verb: str, where: str, state: State | None
) -> None:
    it = await bring(store, clock, where)
    await give(store, SERVICE, series="P")
    await store.call_next(ONE, [SERVICE])
    if state is None:
        assert "K 001" in (await refusal(store, CHOSEN[verb], it)).message
    else:
        await CHOSEN[verb](store, it)
        [errand] = [each for each in await store.find("K", 1) if each.id == it]
        assert errand.state == state
    calls_it = verb == "call it" and state is not None
    assert await at(store, ONE) == ("K 001" if calls_it else "P 001", State.CALLED)


@pytest.mark.parametrize(
    ("verb", "where", "state"),
    [cell for cell in cells(WHAT_THEY_DO) if cell[0] in IF_IT_IS_THERE],
    ids=name,
)
async def test_no_verb_that_is_meant_for_one_person_falls_on_another(
    store: QueueStore, clock: HandClock, verb: str, where: str, state: State | None
) -> None:
    it = await bring(store, clock, where)
    act = IF_IT_IS_THERE[verb]
    if HERE.match(where) and state:
        await act(store, it)
        [errand] = await store.find("K", 1)
        assert errand.state == state
        return
    # Nobody is at the counter, or the one who is there cannot have this done.
    assert "1" in (await refusal(store, act, it)).message
    if not HERE.match(where):
        await give(store, SERVICE, series="P")
        await store.call_next(ONE, [SERVICE])
        refused = await refusal(store, act, it)
        assert refused.title == "The ticket is not at the counter any more"
        assert "ounter 1" in refused.message


async def test_an_errand_that_never_was_is_refused(store: QueueStore, clock: HandClock) -> None:
    await bring(store, clock, "waiting")
    for act in [*CHOSEN.values(), *IF_IT_IS_THERE.values()]:
        await refusal(store, act, ErrandId(99))
    refused = await refusal(store, lambda store, it: store.leave(it), ErrandId(99))
    assert refused.title == "There is no such ticket"


async def test_who_is_to_be_called_to_an_empty_counter_is_not_called_to_another(
    store: QueueStore, clock: HandClock
) -> None:
    await bring(store, clock, "waiting")

    async def press(store: QueueStore, _: ErrandId) -> Call | None:
        return await store.call_next(ONE, [LIBRARY], errand=NOBODY)

    call = await press(store, NOBODY)
    assert call
    assert call.label == "K 001"
    # The second press of two that were one.
    refused = await refusal(store, press, NOBODY)
    assert refused.title == "Somebody is at the counter by now"
    assert refused.message == "K 001 was called to counter 1 at 10:44."
    await store.finish(ONE)
    assert await press(store, NOBODY)
    await store.finish(ONE)
    assert await press(store, NOBODY) is None


async def test_a_transfer_to_where_the_ticket_waits_says_so_whoever_has_it(
    store: QueueStore,
) -> None:
    """Not that another counter has it: it could be transferred to elsewhere all the same."""
    library = await errand_of(store, await give(store, LIBRARY, SERVICE, HEALTH), LIBRARY)
    await store.call_next(TWO, [HEALTH])

    async def transfer(store: QueueStore, it: ErrandId) -> Errand:
        return await store.transfer(ONE, SERVICE, errand=it)

    refused = await refusal(store, transfer, library.id)
    assert refused.title == "The ticket is in that queue already"
    # Of what is over, it is said that it is.
    await store.transfer(ONE, UnitId("social"), errand=library.id)
    refused = await refusal(
        store, lambda store, it: store.transfer(ONE, LIBRARY, errand=it), library.id
    )
    assert refused.title == "The ticket was transferred"
