"""Why the queue says no, in a person's words."""

from __future__ import annotations

from typing import assert_never

from shared.errors import N_, RefusedError
from shared.model import (
    AT_COUNTER,
    NOBODY,
    OPEN,
    CounterId,
    Errand,
    ErrandId,
    Session,
    State,
    UnitId,
    Visit,
)


def unknown() -> RefusedError:
    """Explain that there is no such errand."""
    return RefusedError(
        N_("There is no such ticket"),
        N_("The queue knows nothing of it."),
        N_("Look for it in the list again."),
    )


def refusal(
    counter: CounterId | None,
    errand: Errand | None,
    *,
    held: Errand | None,
    expected: ErrandId | None,
    to: UnitId | None,
) -> RefusedError:
    """Explain why a verb has changed nothing.

    ``errand`` is the one that it was about, as it is now; ``held`` is the errand of the same
    ticket that is at a counter; ``expected`` is who should have been at the counter; ``to`` is
    where a transfer was to lead.
    """
    if expected == NOBODY and errand is not None:
        return RefusedError(
            N_("Somebody is at the counter by now"),
            N_("{ticket} was called to counter {counter} at {time}."),
            N_("Look who is there now, and call the next one if that is still meant."),
            ticket=errand.label,
            counter=counter,
            time=errand.since,
        )
    if expected is not None and (errand is None or errand.id != expected):
        return RefusedError(
            N_("The ticket is not at the counter any more"),
            N_("Counter {counter} has nobody by now.")
            if errand is None
            else N_("Counter {counter} has {ticket} by now."),
            N_("Look who is there now, and try again if it is still meant."),
            counter=counter,
            ticket=errand and errand.label,
        )
    if errand is None:
        return RefusedError(
            N_("Nobody is at the counter"),
            N_("Nobody has been called to counter {counter}."),
            N_("Call the next one first."),
            counter=counter,
        )
    if errand.state not in OPEN:
        held = to = None  # wherever its ticket is: it is over
    if to is not None and to in {errand.unit, *errand.also}:
        return RefusedError(
            N_("The ticket is in that queue already"),
            N_("{ticket} has an errand there that is not finished."),
            N_("Choose another unit."),
            ticket=errand.label,
        )
    if held is not None and held.counter != counter:
        return RefusedError(
            N_("Another counter has this ticket"),
            N_("{ticket} was called to counter {counter} at {time}."),
            N_("It is free again when that counter has finished."),
            ticket=held.label,
            counter=held.counter,
            time=held.since,
        )
    return in_state(errand if held is None else held, counter)


def in_state(errand: Errand, counter: CounterId | None = None) -> RefusedError:
    """Explain that a verb does not go with the state in which an errand is."""
    title, message, hint = _of_state(errand.state)
    return RefusedError(
        title,
        message,
        hint,
        ticket=errand.label,
        counter=counter if errand.counter is None else errand.counter,
        time=errand.since,
    )


def _of_state(state: State) -> tuple[str, str, str]:
    """Say what cannot be done with an errand in this state, and what can."""
    match state:
        case State.WAITING:
            return (
                N_("The ticket is waiting"),
                N_("{ticket} waits in the queue."),
                N_("Call it first."),
            )
        case State.PARKED:
            return (
                N_("The ticket is parked"),
                N_("{ticket} has been put aside since {time}."),
                N_("Bring it back, or call it."),
            )
        case State.CALLED:
            return (
                N_("The ticket has been called"),
                N_("{ticket} has been called to counter {counter}."),
                N_("Start, finish, or call the next one."),
            )
        case State.SERVING:
            return (
                N_("The service has already begun"),
                N_("{ticket} is being served at counter {counter}."),
                N_("Finish, or call the next one."),
            )
        case State.TRANSFERRED:
            return (
                N_("The ticket was transferred"),
                N_("{ticket} was sent to another unit at {time}."),
                N_("It waits there."),
            )
        case State.SERVED | State.NO_SHOW | State.LEFT | State.EXPIRED | State.UNDONE:
            return (
                N_("The ticket has ended"),
                N_("{ticket} has been over since {time}."),
                N_("A new ticket is needed."),
            )
        case _:
            assert_never(state)


def not_open(counter: CounterId, holder: Session | None) -> RefusedError:
    """Explain that a console has the counter no longer; ``holder`` is the one that has."""
    return RefusedError(
        N_("The counter is no longer open here"),
        N_("Counter {counter} was closed meanwhile.")
        if holder is None
        else N_("Another console has counter {counter}, since {time}."),
        N_("Open it again if that is still meant."),
        counter=counter,
        time=holder and holder.opened_at,
    )


def no_change_of_break(session: Session) -> RefusedError:
    """Explain that the counter has a break already, or has none to end."""
    if session.break_since is None:
        return RefusedError(
            N_("The counter has no break"),
            N_("Counter {counter} is open, and calls people."),
            N_("Call the next one."),
            counter=session.counter,
        )
    return RefusedError(
        N_("The counter has a break already"),
        N_("Counter {counter} has had a break since {time}."),
        N_("End the break, or call the next one."),
        counter=session.counter,
        time=session.break_since,
    )


def no_more_time(visit: Visit) -> RefusedError:
    """Explain to a resident why the ticket is not moved back."""
    if any(stop.state in {State.WAITING, State.CALLED} for stop in visit.stops):
        return _not_now(visit, N_("{ticket} has been moved back as often as that can be done."))
    return _not_now(visit, _how_it_is(visit))


def no_leave(visit: Visit) -> RefusedError:
    """Explain to a resident why the ticket cannot leave its queues."""
    return _not_now(visit, _how_it_is(visit))


def no_rating(visit: Visit) -> RefusedError:
    """Explain to a resident why the visit cannot be rated."""
    if visit.score is not None:
        return _not_now(visit, N_("You have told already how it went."))
    return _not_now(visit, N_("{ticket} is not over yet."))


def _how_it_is(visit: Visit) -> str:
    if visit.is_over:
        return N_("{ticket} is over.")
    if any(stop.state in AT_COUNTER for stop in visit.stops):
        return N_("{ticket} has been called to a counter.")
    return N_("{ticket} has been put aside by the staff.")


def _not_now(visit: Visit, message: str) -> RefusedError:
    return RefusedError(
        N_("This cannot be done now"), message, N_("Look at the page again."), ticket=visit.label
    )
