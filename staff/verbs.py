"""What a counter can do to its queue: the keys of the console, and commands of their own."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from shared.config import Counter
from shared.errors import N_, RefusedError
from shared.model import Call, Errand
from shared.store import QueueStore


class Verb(StrEnum):
    """The values are the commands' names."""

    NEXT = "next"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"


async def do(verb: Verb, store: QueueStore, counter: Counter) -> Call | Errand:
    """Do it at this counter. Raises what the store raises, and RefusedError when nobody waits."""
    match verb:
        case Verb.NEXT:
            call = await store.call_next(counter.id, counter.units)
            if call is None:
                raise RefusedError(
                    N_("Nobody is waiting"),
                    N_("Nobody waits for counter {counter}."),
                    N_("Call again when someone has taken a number."),
                    counter=counter.id,
                )
            return call
        case Verb.RECALL:
            return await store.recall(counter.id)
        case Verb.START:
            return await store.start(counter.id)
        case Verb.FINISH:
            return await store.finish(counter.id)
        case Verb.NO_SHOW:
            return await store.no_show(counter.id)
        case _:
            assert_never(verb)
